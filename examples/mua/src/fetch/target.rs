//! Where downloaded messages are kept: a folder of files, a Maildir, an mbox. Each way, a message is there as a whole
//! and flushed to the disk before it counts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mime_codec::Message;
use mime_codec::maildir::{MaildirName, Unique};
use mime_codec::mbox::{FromLine, Variant, Writer};
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::memory::{file_name, sync_folder};
use crate::cli::Format;
use crate::failure::{Exit, Failure};

/// A place for messages.
pub(crate) struct Target {
    path: PathBuf,
    format: Format,
    /// Messages that this process has stored.
    deliveries: u64,
}

impl Target {
    /// What is there already says what it is; otherwise `format` is made.
    pub(crate) fn open(path: &Path, format: Format) -> Result<Self, Failure> {
        let at = |error: io::Error| Failure::from(error).at(path.display());
        let is_maildir = ["new", "cur", "tmp"].iter().all(|folder| path.join(folder).is_dir());
        let format = match (is_maildir, path.is_dir(), path.exists()) {
            (true, ..) => Format::Maildir,
            (_, true, _) if format == Format::Maildir => Format::Maildir,
            (_, true, _) => Format::Eml,
            (_, false, true) => Format::Mbox,
            (_, false, false) => format,
        };
        match format {
            Format::Eml => fs::create_dir_all(path).map_err(at)?,
            Format::Maildir => ["new", "cur", "tmp"]
                .iter()
                .try_for_each(|folder| fs::create_dir_all(path.join(folder)))
                .map_err(at)?,
            Format::Mbox => {}
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            deliveries: 0,
        })
    }

    /// Keeps a message as it arrives. When this returns, it is on the disk; when it fails, nothing of it is left.
    /// Returns where, and its size.
    pub(crate) async fn store(
        &mut self,
        body: &mut (impl AsyncRead + Unpin),
        id: Option<&str>,
    ) -> Result<(PathBuf, u64), Failure> {
        let folder = match self.format {
            Format::Eml => self.path.clone(),
            Format::Maildir => self.path.join("tmp"),
            // Beside the mbox: what does not fit there would not fit behind it.
            Format::Mbox => self
                .path
                .parent()
                .filter(|path| !path.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
                .to_owned(),
        };
        let at = |error: io::Error| Failure::from(error).at(self.path.display());
        let mut spool = tempfile::Builder::new()
            .prefix(".mua-")
            .tempfile_in(&folder)
            .map_err(at)?;
        let size = download(body, spool.as_file_mut()).await?;
        self.deliveries += 1;
        let path = match self.format {
            Format::Eml => self.keep_file(spool, id),
            Format::Maildir => self.keep_in_maildir(spool),
            Format::Mbox => append(&self.path, spool).map(|()| self.path.clone()),
        };
        Ok((path.map_err(at)?, size))
    }

    fn keep_file(&self, mut spool: NamedTempFile, id: Option<&str>) -> io::Result<PathBuf> {
        spool.as_file().sync_all()?;
        let stem = id.map_or_else(|| unique(self.deliveries), file_name);
        for number in 1..=TRIES {
            let path = match number {
                1 => self.path.join(format!("{stem}.eml")),
                _ => self.path.join(format!("{stem} ({number}).eml")),
            };
            match spool.persist_noclobber(&path) {
                Ok(_) => return sync_folder(&self.path).map(|()| path),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => spool = error.file,
                Err(error) => return Err(error.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn keep_in_maildir(&self, spool: NamedTempFile) -> io::Result<PathBuf> {
        spool.as_file().sync_all()?;
        let path = self.path.join("new").join(unique(self.deliveries));
        spool.persist_noclobber(&path).map_err(|error| error.error)?;
        sync_folder(&self.path.join("new"))?;
        Ok(path)
    }
}

/// Everything that the server sends; a message that is broken off is an error.
async fn download(body: &mut (impl AsyncRead + Unpin), file: &mut File) -> Result<u64, Failure> {
    let mut piece = vec![0; PIECE];
    let mut size = 0;
    loop {
        let broken = |error: io::Error| Failure::new(Exit::Unreachable, format!("the message breaks off: {error}"));
        match body.read(&mut piece).await.map_err(broken)? {
            0 => return Ok(size),
            read => {
                file.write_all(&piece[..read])?;
                size += read as u64;
            }
        }
    }
}

/// Appends to an mbox, which nobody else who locks it writes to meanwhile. What fails half-way is taken back.
fn append(path: &Path, mut spool: NamedTempFile) -> io::Result<()> {
    let is_new = !path.exists();
    let mut mbox = OpenOptions::new().append(true).create(true).open(path)?;
    mbox.lock()?;
    let before = mbox.seek(SeekFrom::End(0))?;
    let written = copy(spool.as_file_mut(), &mut mbox).and_then(|()| mbox.sync_all());
    if let Err(error) = written {
        mbox.set_len(before)?;
        return Err(error);
    }
    match is_new {
        true => sync_folder(
            path.parent()
                .filter(|path| !path.as_os_str().is_empty())
                .unwrap_or(Path::new(".")),
        ),
        false => Ok(()),
    }
}

fn copy(spool: &mut File, mbox: &mut File) -> io::Result<()> {
    spool.seek(SeekFrom::Start(0))?;
    let mut piece = vec![0; PIECE];
    let mut read = spool.read(&mut piece)?;
    let sender = sender(&piece[..read]);
    let (mut writer, mut out) = (Writer::new(Variant::Mboxrd).crlf(), Vec::new());
    writer.start(&FromLine::new(sender.as_bytes(), mime_codec::compose::now()), &mut out);
    while read > 0 {
        writer.write(&piece[..read], &mut out);
        mbox.write_all(&out)?;
        out.clear();
        read = spool.read(&mut piece)?;
    }
    writer.end(&mut out);
    mbox.write_all(&out)
}

/// The envelope's sender, as far as the message says it.
fn sender(front: &[u8]) -> String {
    let message = Message::parse(front);
    let path = message.header().text("Return-Path").unwrap_or_default();
    path.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

/// A name that no other message of this machine has.
fn unique(deliveries: u64) -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let host = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() {
        "localhost"
    } else {
        host.trim()
    };
    let unique = Unique::new(since.as_secs(), std::process::id(), host)
        .microseconds(since.subsec_micros())
        .deliveries(deliveries);
    String::from_utf8_lossy(&MaildirName::new(&unique).to_bytes()).into_owned()
}

const PIECE: usize = 64 * 1024;

const TRIES: u32 = 1000;
