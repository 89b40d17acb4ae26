//! Messages in files.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes messages into one folder, under names that nothing on the wire has a say in, and never over a file.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    written: u32,
}

impl Folder {
    /// This folder; it is made if it is not there.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn new(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self {
            path: path.to_owned(),
            written: 0,
        })
    }

    /// Writes a message, and tells its file.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn save(&mut self, stream: u32, complete: bool, octets: &[u8]) -> io::Result<PathBuf> {
        let state = if complete { "" } else { "-incomplete" };
        loop {
            self.written += 1;
            let path = self.path.join(format!("{:04}-stream{stream}{state}.eml", self.written));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    file.write_all(octets)?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && self.written < MOST => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Files that are tried.
const MOST: u32 = 1_000_000;
