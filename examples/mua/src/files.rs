//! Files that are made, never written over.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes a new file in a folder. If there is one of that name, `menu.pdf` becomes `menu (2).pdf`, and so on. Whatever
/// is there already, a link among them, stays as it is.
pub(crate) fn write_new(folder: &Path, name: &str, octets: &[u8]) -> io::Result<PathBuf> {
    let (mut file, path) = create_new(folder, name)?;
    file.write_all(octets)?;
    Ok(path)
}

fn create_new(folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    let (stem, ending) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    for number in 1..=TRIES {
        let path = match number {
            1 => folder.join(name),
            _ => folder.join(format!("{stem} ({number}){ending}")),
        };
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

const TRIES: u32 = 1000;
