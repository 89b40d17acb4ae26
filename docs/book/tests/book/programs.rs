//! The workspace's programs, as they are built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

use crate::page::root;

/// The folder that cargo puts programs in.
pub(crate) fn folder() -> PathBuf {
    let own = Path::new(env!("CARGO_BIN_EXE_mail-book"));
    own.parent().expect("a program is in a folder").to_owned()
}

/// Sees to it that a package's programs are there and not older than what stands in its own folder. `cargo test --workspace` has built
/// them all; a test of this package alone has not.
pub(crate) fn build(package: &str, program: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = folder().join(program);
    if is_fresh(&file, package) {
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

/// Other packages' sources do not count: cargo leaves a program as it is where these did not change it, and to build one package
/// is to build its dependencies again, with the features that it alone asks for.
fn is_fresh(program: &Path, package: &str) -> bool {
    let changed = newest(&own_folder(package));
    modified(program).is_some_and(|built| changed.is_some_and(|changed| changed <= built))
}

fn own_folder(package: &str) -> PathBuf {
    let name = format!("name = \"{package}\"");
    let examples = fs::read_dir(root().join("examples")).expect("examples");
    let folders = examples.flatten().map(|entry| entry.path());
    let is_it = |folder: &PathBuf| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line == name)
    };
    let found = folders.chain([root().join("docs/book")]).find(is_it);
    let folder = found.unwrap_or_else(|| panic!("there is no package {package}"));
    ["src", "code"]
        .map(|name| folder.join(name))
        .into_iter()
        .find(|folder| folder.exists())
        .expect("sources")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// When a file in a folder was last changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let changes = entries.filter_map(|path| match path.is_dir() {
        true => newest(&path),
        false => modified(&path),
    });
    changes.max()
}
