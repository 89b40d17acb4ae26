//! Temporary folders for daemons that give up root.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A temporary folder, removed when dropped. Every user may look into it.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// # Panics
    ///
    /// The system's temporary folder cannot be written.
    #[expect(clippy::new_without_default, reason = "a default does nothing to the file system")]
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("interop-").expect("a temporary folder can be made");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
        Self(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Its path, as an argument of a program.
    pub fn name(&self) -> &str {
        self.path()
            .to_str()
            .expect("the path of the system's temporary folder is text")
    }

    /// Writes a file into it; its path, as an argument of a program.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path().join(name), content).expect("it is ours");
        format!("{}/{name}", self.name())
    }

    /// Makes a folder in it.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(&path).expect("it is ours");
        path
    }
}

/// The messages in a maildir that no reader has seen.
pub fn new_mail(maildir: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(maildir.join("new")) else {
        return Vec::new();
    };
    entries
        .map(|entry| fs::read(entry.expect("it is readable").path()).expect("it is readable"))
        .collect()
}
