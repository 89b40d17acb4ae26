//! The workspace's programs, as they are built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::page::root;

/// The folder that cargo puts programs in.
pub(crate) fn folder() -> PathBuf {
    let own = Path::new(env!("CARGO_BIN_EXE_mail-book"));
    own.parent().expect("a program is in a folder").to_owned()
}

/// Sees to it that a package's programs are there and not older than their sources. `cargo test --workspace` has built
/// them all; a test of this package alone has not.
pub(crate) fn build(package: &str, program: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = folder().join(program);
    if is_fresh(&file) {
        return;
    }
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "-p",
            package,
            "--bins",
            "--profile",
            profile,
            "--target-dir",
        ])
        .arg(folder().parent().expect("it is in the target folder"))
        .current_dir(root())
        .status()
        .expect("cargo runs");
    assert!(built.success() && file.exists(), "{package} has no program {program}");
}

/// Cargo writes beside each program which files it was made of.
fn is_fresh(program: &Path) -> bool {
    let modified = |file: &Path| fs::metadata(file).and_then(|about| about.modified()).ok();
    let (Some(built), Ok(sources)) = (modified(program), fs::read_to_string(program.with_extension("d"))) else {
        return false;
    };
    let sources = sources.split_once(": ").map_or("", |(_, files)| files);
    sources
        .split_whitespace()
        .all(|source| modified(Path::new(source)).is_some_and(|changed| changed <= built))
}
