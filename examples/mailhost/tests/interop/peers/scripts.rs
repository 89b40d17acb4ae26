//! Our Python scripts.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use mail_testing::peers::script;

use super::Folder;

/// Runs a script of the `python` folder, which checks what it sees by itself.
#[track_caller]
pub(crate) fn python(name: &str, arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/python");
    script(folder.join(name), arguments);
}

/// Takes all messages out of a maildrop by Python's poplib.
#[track_caller]
pub(crate) fn fetch(server: SocketAddr, user: &str, password: &str) -> Vec<Vec<u8>> {
    let folder = Folder::new();
    python("fetch.py", &[&server.to_string(), user, password, folder.name()]);
    let files = (1..).map(|number| folder.path().join(number.to_string()));
    files.map_while(|file| fs::read(file).ok()).collect()
}
