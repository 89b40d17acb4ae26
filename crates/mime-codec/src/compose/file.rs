//! Files as attachments.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use super::PartBuilder;
use crate::Charset;

impl PartBuilder<'static> {
    /// A file, attached under its name. Its type is guessed from the name's ending; a text that is not all UTF-8 goes as octets, since
    /// nobody could say in which charset it is. It is read while the message is written, messages at once: those
    /// must not be encoded (RFC 2046 §5.2.1), so what they are made of has to be known.
    ///
    /// ```no_run
    /// use mime_codec::compose::{Composer, PartBuilder};
    ///
    /// let message = Composer::new().from("alice@crepes.fr").text("Here it is.").attach_part(PartBuilder::file("menu.pdf")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is a folder.
    pub fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let mut file = File::open(path)?;
        // A folder opens, too.
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let part = match media_type(path) {
            ("message", "rfc822") => Self::message(fs::read(path)?),
            ("text", subtype) if is_utf8(&mut file)? => {
                let part = Self::reader("text", subtype, file);
                part.and_then(|part| part.with_param("charset", "utf-8"))
                    .map_err(io::Error::other)?
            }
            ("text", _) => Self::reader("application", "octet-stream", file).map_err(io::Error::other)?,
            (type_, subtype) => Self::reader(type_, subtype, file).map_err(io::Error::other)?,
        };
        Ok(part.attached_as(&path.file_name().unwrap_or_default().to_string_lossy()))
    }
}

/// Type and subtype, by the ending of a file's name: `application/octet-stream` for what is not known, and for other messages and
/// multiparts than `message/rfc822`, which would have to be taken apart.
///
/// ```
/// use mime_codec::compose::media_type;
///
/// assert_eq!(media_type("menu.PDF"), ("application", "pdf"));
/// assert_eq!(media_type("menu"), ("application", "octet-stream"));
/// ```
pub fn media_type(path: impl AsRef<Path>) -> (&'static str, &'static str) {
    let guess = mime_guess::from_path(path).first_raw();
    match guess.and_then(|guess| guess.split_once('/')) {
        Some(("message", "rfc822")) => ("message", "rfc822"),
        None | Some(("message" | "multipart", _)) => ("application", "octet-stream"),
        Some(guess) => guess,
    }
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
