//! A folder that files are added to and nothing else.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where files go.
pub(super) struct Folder {
    path: PathBuf,
    /// How often each name was asked for, so that ten thousand parts of one name are not ten thousand searches.
    taken: HashMap<String, u32>,
}

impl Folder {
    /// Makes it if it is missing.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self {
            path: path.to_owned(),
            taken: HashMap::new(),
        })
    }

    /// Whether nothing was written.
    pub(super) fn is_untouched(&self) -> bool {
        self.taken.is_empty()
    }

    /// Writes a file that was not there; one that was, or a link of that name, stays as it is and the new one gets a number.
    /// `name` is a harmless one.
    pub(super) fn write(&mut self, name: &str, octets: &[u8]) -> io::Result<PathBuf> {
        debug_assert!(!name.contains(['/', '\\', '\0']) && name != "..");
        loop {
            let count = self.taken.entry(name.to_owned()).or_default();
            *count += 1;
            let path = self.path.join(numbered(name, *count));
            // Creates, or fails: symbolic links are not followed, not even those that lead nowhere.
            let created = OpenOptions::new().write(true).create_new(true).open(&path);
            let written = match created {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => Err(error),
                Ok(mut file) => file.write_all(octets),
            };
            return match written {
                Ok(()) => Ok(path),
                Err(error) => Err(super::about(&path, error)),
            };
        }
    }
}

/// `menu.pdf`, `menu-2.pdf`, …
fn numbered(name: &str, count: u32) -> String {
    if count == 1 {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|&dot| dot > 0).unwrap_or(name.len());
    format!("{}-{count}{}", &name[..dot], &name[dot..])
}
