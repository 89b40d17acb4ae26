//! Files as parts.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use mail_wire::Escaped;
use mime_codec::compose::{Composer, PartBuilder, media_type};

/// A text in UTF-8.
pub(super) fn text(path: &Path) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().read_to_string(&mut text),
        false => File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| about(path, error))?;
    Ok(text)
}

/// What the HTML shows.
pub(super) fn inline(composer: Composer<'static>, id: &str, path: &Path) -> Result<Composer<'static>, Box<dyn Error>> {
    let octets = fs::read(path).map_err(|error| about(path, error))?;
    let composer = composer.inline(id, media_type(path), octets);
    composer.map_err(|error| format!("--inline {id}: {error}").into())
}

pub(super) fn attach(composer: Composer<'static>, path: &Path) -> Result<Composer<'static>, Box<dyn Error>> {
    let part = PartBuilder::file(path).map_err(|error| about(path, error))?;
    Ok(composer.attach_part(part))
}

fn about(path: &Path, error: io::Error) -> io::Error {
    let path = path.to_string_lossy();
    io::Error::new(error.kind(), format!("{}: {error}", Escaped(path.as_bytes())))
}
