//! Files as parts.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use mail_wire::Escaped;
use mime_codec::Charset;
use mime_codec::compose::{Composer, PartBuilder};

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
    let (type_, subtype) = media_type(path);
    let composer = composer.inline(id, (&type_, &subtype), octets);
    composer.map_err(|error| format!("--inline {id}: {error}").into())
}

/// An attachment, read while the message is written. Messages are read at once: they must not be encoded (RFC 2046 §5.2.1), so
/// what they are made of has to be known.
pub(super) fn attach(composer: Composer<'static>, path: &Path) -> Result<Composer<'static>, Box<dyn Error>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (type_, subtype) = media_type(path);
    if (&*type_, &*subtype) == ("message", "rfc822") {
        let octets = fs::read(path).map_err(|error| about(path, error))?;
        return Ok(composer.attach_part(PartBuilder::message(octets).attached_as(&name)));
    }
    let mut file = File::open(path).map_err(|error| about(path, error))?;
    if type_ != "text" {
        // A folder opens, too.
        if file.metadata().is_ok_and(|found| found.is_dir()) {
            return Err(about(path, io::ErrorKind::IsADirectory.into()).into());
        }
        return Ok(composer.attach_reader(&name, (&type_, &subtype), file)?);
    }
    // Of a text the reader must know the charset; what is none that we know goes as octets.
    let part = match is_utf8(&mut file).map_err(|error| about(path, error))? {
        true => PartBuilder::reader(&type_, &subtype, file)?.with_param("charset", "utf-8")?,
        false => PartBuilder::reader("application", "octet-stream", file)?,
    };
    Ok(composer.attach_part(part.attached_as(&name)))
}

/// Whether a file is all UTF-8. Leaves it at its beginning.
fn is_utf8(file: &mut File) -> io::Result<bool> {
    let mut decoder = Charset::UTF_8.decoder();
    let mut piece = vec![0; 64 * 1024];
    let mut text = String::new();
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            break;
        }
        text.clear();
        decoder.decode(&piece[..n], &mut text);
    }
    decoder.finish(&mut text);
    file.rewind()?;
    Ok(decoder.replaced() == 0)
}

/// By the ending of the name.
fn media_type(path: &Path) -> (String, String) {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    match (guess.type_().as_str(), guess.subtype().as_str()) {
        ("message", "rfc822") => ("message".to_owned(), "rfc822".to_owned()),
        // What is made of parts would have to be taken apart.
        ("message" | "multipart", _) => ("application".to_owned(), "octet-stream".to_owned()),
        (type_, _) => {
            let essence = guess.essence_str();
            (type_.to_owned(), essence[type_.len() + 1..].to_owned())
        }
    }
}

fn about(path: &Path, error: io::Error) -> io::Error {
    let path = path.to_string_lossy();
    io::Error::new(error.kind(), format!("{}: {error}", Escaped(path.as_bytes())))
}
