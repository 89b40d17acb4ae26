//! Keeping a greylist over a restart.
//!
//! The file is written beside itself and moved into place, so that a crash leaves the old one or the new one. It holds nothing
//! that mail depends on: when it is damaged, strangers are asked to come back once more.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::greylist::{Entry, Greylist};

/// A file of entries: a line that says what it is, the number of entries (u32), 36 octets for each (key, first, last,
/// passed), and the CRC-32 of all of that; numbers with the high octet first.
#[derive(Clone, Debug)]
pub struct GreylistFile {
    path: PathBuf,
}

/// Why a file could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system says no.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// It is not what was written. Nothing of it is used; strangers will have to come back once more.
    #[error("{path}: damaged; the greylist begins anew, and known senders are delayed once")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl GreylistFile {
    /// The file at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What was written last; nothing if there is no file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn load(&self) -> Result<Vec<Entry>, FileError> {
        match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Ok(metadata) if metadata.len() > LONGEST => return Err(self.damaged()),
            _ => {}
        }
        let octets = fs::read(&self.path).map_err(|error| self.io(error))?;
        decode(&octets).ok_or_else(|| self.damaged())
    }

    /// Replaces what was written.
    ///
    /// # Errors
    ///
    /// The old file is still there.
    pub fn save(&self, entries: &[Entry]) -> Result<(), FileError> {
        let fresh = self.path.with_extension("new");
        let written = write(&fresh, &encode(entries)).and_then(|()| fs::rename(&fresh, &self.path));
        written.map_err(|error| self.io(error))
    }

    fn io(&self, error: io::Error) -> FileError {
        let path = self.path.clone();
        FileError::Io { path, error }
    }

    fn damaged(&self) -> FileError {
        let path = self.path.clone();
        FileError::Damaged { path }
    }
}

fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

fn encode(entries: &[Entry]) -> Vec<u8> {
    let entries = &entries[..entries.len().min(Greylist::MOST)];
    let mut octets = MAGIC.to_vec();
    octets.extend((entries.len() as u32).to_be_bytes());
    for entry in entries {
        octets.extend(entry.key);
        octets.extend(entry.first.to_be_bytes());
        octets.extend(entry.last.to_be_bytes());
        octets.extend(entry.passed.to_be_bytes());
    }
    let check = crc32fast::hash(&octets);
    octets.extend(check.to_be_bytes());
    octets
}

fn decode(octets: &[u8]) -> Option<Vec<Entry>> {
    let (content, check) = octets.split_last_chunk::<4>()?;
    if crc32fast::hash(content) != u32::from_be_bytes(*check) {
        return None;
    }
    let (count, entries) = content.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
    let entries: Vec<Entry> = entries.chunks(ENTRY).map(entry).collect::<Option<_>>()?;
    (entries.len() == u32::from_be_bytes(*count) as usize).then_some(entries)
}

fn entry(octets: &[u8]) -> Option<Entry> {
    let (key, octets) = octets.split_first_chunk::<16>()?;
    let (first, octets) = octets.split_first_chunk::<8>()?;
    let (last, octets) = octets.split_first_chunk::<8>()?;
    let (passed, rest) = octets.split_first_chunk::<4>()?;
    rest.is_empty().then_some(Entry {
        key: *key,
        first: u64::from_be_bytes(*first),
        last: u64::from_be_bytes(*last),
        passed: u32::from_be_bytes(*passed),
    })
}

const MAGIC: &[u8] = b"mailhost greylist 1\n";

/// Octets.
const ENTRY: usize = 36;

/// Octets of a full file.
const LONGEST: u64 = (MAGIC.len() + 8 + ENTRY * Greylist::MOST) as u64;

#[cfg(test)]
mod tests {
    use super::*;

    fn some(count: u8) -> Vec<Entry> {
        let entry = |number: u8| Entry {
            key: [number; 16],
            first: u64::from(number) * 1000,
            last: u64::MAX - u64::from(number),
            passed: u32::from(number),
        };
        (0..count).map(entry).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = GreylistFile::new(folder.path().join("greylist"));
        assert_eq!(file.load().expect("no file yet"), []);
        for count in [0, 1, 7] {
            file.save(&some(count)).expect("saved");
            assert_eq!(file.load().expect("loaded"), some(count));
        }
    }

    /// docs/threats.md row 32
    #[test]
    fn damage_is_reported_with_its_path() {
        let whole = encode(&some(2));
        for cut in 0..whole.len() {
            assert_eq!(decode(&whole[..cut]), None, "cut at {cut}");
        }
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 1;
            assert_eq!(decode(&spoilt), None, "spoilt at {at}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("greylist");
        fs::write(&path, &whole[1..]).expect("written");
        let error = GreylistFile::new(&path).load().expect_err("damaged");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
        assert!(matches!(error, FileError::Damaged { .. }));
    }

    /// docs/threats.md row 32: a right checksum over wrong content.
    #[test]
    fn a_count_that_lies_is_damage() {
        for (count, entries) in [(1u32, 0usize), (0, 1), (u32::MAX, 1)] {
            let mut octets = [MAGIC, &count.to_be_bytes(), &vec![0; ENTRY * entries]].concat();
            octets.extend(crc32fast::hash(&octets).to_be_bytes());
            assert_eq!(decode(&octets), None);
        }
    }
}
