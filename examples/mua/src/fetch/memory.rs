//! Which messages of a maildrop are here already: their unique-ids (RFC 1939 §7), a line each, in a file that outlives
//! a crash.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config;
use crate::failure::Failure;

/// The unique-ids of one maildrop.
pub(crate) struct Memory {
    path: PathBuf,
    file: File,
    ids: HashSet<String>,
}

impl Memory {
    /// Opens that of a user at a server, under `$XDG_STATE_HOME/mua` or `~/.local/state/mua`.
    pub(crate) fn open(user: &str, server: &str) -> Result<Self, Failure> {
        let folder = config::folder("XDG_STATE_HOME", ".local/state").ok_or_else(|| {
            Failure::usage("there is no place to remember what was fetched").hint("set HOME or XDG_STATE_HOME")
        })?;
        let path = folder.join(format!("pop3-{}.uidl", file_name(&format!("{user}@{server}"))));
        Self::at(&folder, path.clone()).map_err(|error| Failure::from(error).at(path.display()))
    }

    fn at(folder: &Path, path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        // A line without its end was being written when something broke: its message was on disk and is merely fetched
        // again.
        let whole = text.iter().rposition(|&octet| octet == b'\n').map_or(0, |end| end + 1);
        let ids = String::from_utf8_lossy(&text[..whole])
            .lines()
            .map(str::to_owned)
            .collect();
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        if whole < text.len() {
            file.set_len(whole as u64)?;
        }
        sync_folder(folder)?;
        Ok(Self { path, file, ids })
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Remembers one: when this returns, a crash does not forget it.
    pub(crate) fn add(&mut self, id: &str) -> io::Result<()> {
        self.file.write_all(format!("{id}\n").as_bytes())?;
        self.file.sync_data()?;
        self.ids.insert(id.to_owned());
        Ok(())
    }

    /// Forgets the others. The file is replaced as a whole, so that there is always one.
    pub(crate) fn keep(&mut self, mut wanted: impl FnMut(&str) -> bool) -> io::Result<()> {
        let before = self.ids.len();
        self.ids.retain(|id| wanted(id));
        if self.ids.len() == before {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for id in &self.ids {
            writeln!(file, "{id}")?;
        }
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        sync_folder(folder)
    }
}

/// What stands in a folder outlives a crash only when the folder was flushed, too.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Any text as a name of a file; two texts never share one.
pub(crate) fn file_name(text: &str) -> String {
    let mut name = String::new();
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'@' => name.push(char::from(octet)),
            // No name begins with a dot.
            b'.' if !name.is_empty() => name.push('.'),
            octet => name.push_str(&format!("%{octet:02X}")),
        }
    }
    name
}
