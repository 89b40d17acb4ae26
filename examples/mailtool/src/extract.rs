//! What is attached to a message, as files.

mod folder;
mod tnef;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use mail_wire::Escaped;
use mime_codec::{Message, Part, safe_file_name};

use crate::message::read;
use folder::Folder;

#[derive(Args)]
pub(crate) struct Options {
    /// The message; - is standard input.
    file: PathBuf,
    /// Where to; made if it is missing.
    dir: PathBuf,
    /// Every part that is not made of parts, not the attachments alone.
    #[arg(long)]
    all: bool,
    /// Octets of the longest message.
    #[arg(long, default_value_t = 256 << 20)]
    limit: usize,
}

/// Writes the parts, each into a file of its own that was not there, and tells which. Names are the sender's wish, made harmless;
/// none leads out of the folder.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> io::Result<()> {
    let octets = match read(&options.file, options.limit).map_err(|error| about(&options.file, error))? {
        Ok(octets) => octets,
        Err(refused) => return Err(about(&options.file, io::Error::other(refused.error))),
    };
    let message = Message::parse(octets);
    let mut folder = Folder::new(&options.dir).map_err(|error| about(&options.dir, error))?;
    match options.all {
        true => {
            let mut leaves = message.parts().filter(Part::is_leaf);
            leaves.try_for_each(|part| extract(&part, true, &mut folder, out))?;
        }
        false => message
            .attachments()
            .try_for_each(|part| extract(&part, false, &mut folder, out))?,
    }
    if folder.is_untouched() {
        let hint = if options.all { "" } else { "; --all writes every part" };
        writeln!(out, "nothing is attached{hint}")?;
    }
    Ok(())
}

fn extract(part: &Part<'_>, all: bool, folder: &mut Folder, out: &mut impl Write) -> io::Result<()> {
    let octets = part.decode();
    if tnef::is_named(part) && tnef::extract(&octets, all, folder, out)? {
        return Ok(());
    }
    put(
        part.file_name().as_deref(),
        &part.safe_file_name(),
        &octets,
        folder,
        out,
    )
}

/// Writes one file and tells about it. `called` is the sender's name for it.
fn put(called: Option<&str>, name: &str, octets: &[u8], folder: &mut Folder, out: &mut impl Write) -> io::Result<()> {
    let path = folder.write(name, octets)?;
    let shown = path.to_string_lossy();
    write!(out, "{} ({} octets)", Escaped(shown.as_bytes()), octets.len())?;
    let is_other = |called: &&str| path.file_name().is_none_or(|name| name != *called);
    match called.filter(is_other) {
        Some(called) => {
            let end = called.floor_char_boundary(LONGEST_SHOWN);
            writeln!(out, ", called \"{}\" by the sender", Escaped(&called.as_bytes()[..end]))
        }
        None => writeln!(out),
    }
}

/// Writes one file under a name that is the sender's alone.
fn put_called(called: &str, octets: &[u8], folder: &mut Folder, out: &mut impl Write) -> io::Result<()> {
    put(Some(called), &safe_file_name(called), octets, folder, out)
}

fn about(path: &std::path::Path, error: io::Error) -> io::Error {
    let path = path.to_string_lossy();
    io::Error::new(error.kind(), format!("{}: {error}", Escaped(path.as_bytes())))
}

/// Octets of the sender's name for a file that are shown.
const LONGEST_SHOWN: usize = 200;
