//! Parts of a message: what stands in the brackets behind BODY and BINARY, and the window behind them.

use alloc::vec::Vec;
use core::fmt;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, OneOrMore, Reading, SyntaxError};

/// `section-part` (RFC 9051 §6.4.5.1): the way to a body part, such as `1.2`, the second part of the first part.
///
/// ```
/// # use imap_proto::PartPath;
/// let path: PartPath = "4.2".parse()?;
/// assert_eq!(path.numbers().len(), 2);
/// assert_eq!(path.to_string(), "4.2");
/// # Ok::<(), imap_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ToStatic)]
pub struct PartPath(Vec<NonZeroU32>);

/// What of a message is asked for or sent (RFC 9051 §6.4.5.1): `[]`, `[1.2]`, `[HEADER]` and so on.
///
/// Where a path is optional, `None` means the message itself, and `Some` a part that is a message or, for [`Section::Mime`], any part.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum Section<'a> {
    /// `[]`: the whole message.
    Whole,
    /// `[1.2]`: the content of a part, its transfer encoding in place.
    Part(PartPath),
    /// `[HEADER]`: the header with the empty line behind it.
    Header(Option<PartPath>),
    /// `[HEADER.FIELDS (…)]`: these header fields and an empty line.
    HeaderFields(Option<PartPath>, OneOrMore<AString<'a>>),
    /// `[HEADER.FIELDS.NOT (…)]`: all header fields but these, and an empty line.
    HeaderFieldsNot(Option<PartPath>, OneOrMore<AString<'a>>),
    /// `[TEXT]`: what follows the header.
    Text(Option<PartPath>),
    /// `[1.2.MIME]`: the part's own header.
    Mime(PartPath),
}

/// `partial = "<" number64 "." nz-number64 ">"` (RFC 9051 §6.4.5.1): a window on a section's octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct Partial {
    /// Octets in front of it; what exceeds 63 bits is written as 2^63-1.
    pub offset: u64,
    /// Its length in octets; what exceeds 63 bits is written as 2^63-1.
    pub length: NonZeroU64,
}

impl PartPath {
    /// The way to a part, the outermost number first.
    pub fn new(numbers: OneOrMore<NonZeroU32>) -> Self {
        Self(numbers.into_vec())
    }

    /// The numbers, at least one, the outermost first.
    pub fn numbers(&self) -> &[NonZeroU32] {
        &self.0
    }

    /// The part with this number inside of this part.
    #[must_use]
    pub fn child(&self, number: NonZeroU32) -> Self {
        Self(self.0.iter().copied().chain([number]).collect())
    }

    /// For numbers of which there is one.
    pub(crate) const fn checked(numbers: Vec<NonZeroU32>) -> Self {
        Self(numbers)
    }

    /// `section-part = nz-number *("." nz-number)`; a dot with something else behind it stays.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let mut numbers = Vec::with_capacity(1);
        loop {
            numbers.push(reader.nz_number()?);
            if reader.peek() != Some(b'.') || !matches!(reader.peek_at(1), Some(b'0'..=b'9')) {
                return Ok(Self(numbers));
            }
            reader.skip(1);
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        for (i, number) in self.0.iter().enumerate() {
            if i > 0 {
                writer.text(".");
            }
            writer.number(number.get());
        }
    }

    /// `section-binary = "[" [section-part] "]"` (RFC 3516 §7)
    pub(crate) fn read_binary(reader: &mut Reader<'_>) -> Parse<Option<Self>> {
        reader.require(b'[', "\"[\"")?;
        let path = match reader.peek() {
            Some(b']') => None,
            _ => Some(Self::read(reader)?),
        };
        reader.require(b']', "\"]\"")?;
        Ok(path)
    }

    /// The counterpart of [`read_binary`](Self::read_binary).
    pub(crate) fn write_binary(path: Option<&Self>, writer: &mut Writer<'_>) {
        writer.text("[");
        if let Some(path) = path {
            path.write(writer);
        }
        writer.text("]");
    }
}

impl<'a> Section<'a> {
    /// ```text
    /// section      = "[" [section-spec] "]"
    /// section-spec = section-msgtext / (section-part ["." section-text])
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.require(b'[', "\"[\"")?;
        let section = match reader.peek() {
            Some(b']') => Self::Whole,
            Some(b'0'..=b'9') => {
                let path = PartPath::read(reader)?;
                match reader.accept(b'.') {
                    true => Self::read_text(Some(path), reader)?,
                    false => Self::Part(path),
                }
            }
            _ => Self::read_text(None, reader)?,
        };
        reader.require(b']', "\"]\"")?;
        Ok(section)
    }

    /// ```text
    /// section-text    = section-msgtext / "MIME"
    /// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
    ///                     ; top-level or MESSAGE/RFC822 or MESSAGE/GLOBAL part
    /// ```
    fn read_text(path: Option<PartPath>, reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match (reader.keyword().as_slice(), path) {
            (b"HEADER", path) => Self::Header(path),
            (b"HEADER.FIELDS", path) => Self::HeaderFields(path, header_list(reader)?),
            (b"HEADER.FIELDS.NOT", path) => Self::HeaderFieldsNot(path, header_list(reader)?),
            (b"TEXT", path) => Self::Text(path),
            (b"MIME", Some(path)) => Self::Mime(path),
            _ => {
                return Err(SyntaxError::new(
                    start,
                    "HEADER, HEADER.FIELDS, TEXT, or MIME behind a part number",
                ));
            }
        })
    }

    /// The part that is named, or the message.
    pub const fn path(&self) -> Option<&PartPath> {
        match self {
            Self::Whole => None,
            Self::Part(path) | Self::Mime(path) => Some(path),
            Self::Header(path) | Self::Text(path) => path.as_ref(),
            Self::HeaderFields(path, _) | Self::HeaderFieldsNot(path, _) => path.as_ref(),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("[");
        if let Some(path) = self.path() {
            path.write(writer);
        }
        if self.path().is_some() && !matches!(self, Self::Part(_)) {
            writer.text(".");
        }
        match self {
            Self::Whole | Self::Part(_) => {}
            Self::Header(_) => writer.text("HEADER"),
            Self::Text(_) => writer.text("TEXT"),
            Self::Mime(_) => writer.text("MIME"),
            Self::HeaderFields(_, names) => {
                writer.text("HEADER.FIELDS ");
                writer.list(names, |writer, name| writer.astring(name));
            }
            Self::HeaderFieldsNot(_, names) => {
                writer.text("HEADER.FIELDS.NOT ");
                writer.list(names, |writer, name| writer.astring(name));
            }
        }
        writer.text("]");
    }
}

/// `header-list = "(" header-fld-name *(SP header-fld-name) ")"`
fn header_list<'a>(reader: &mut Reader<'a>) -> Parse<OneOrMore<AString<'a>>> {
    reader.space()?;
    reader.list1(Reader::astring).map(OneOrMore::checked)
}

impl Partial {
    /// Nothing where no `<` is next.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Option<Self>> {
        if !reader.accept(b'<') {
            return Ok(None);
        }
        let offset = reader.number64()?;
        reader.require(b'.', "\".\" and a length")?;
        let start = reader.offset();
        let length = NonZeroU64::new(reader.number64()?).ok_or(SyntaxError::new(start, "a length from 1"))?;
        reader.require(b'>', "\">\"")?;
        Ok(Some(Self { offset, length }))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        writer.text("<");
        writer.number64(self.offset);
        writer.text(".");
        writer.number64(self.length.get());
        writer.text(">");
    }
}

/// `["<" number ">"]`: where what is sent begins (RFC 9051 §7.5.2 `BODY[<section>]<<origin octet>>`).
pub(crate) fn read_origin(reader: &mut Reader<'_>) -> Parse<Option<u64>> {
    if !reader.accept(b'<') {
        return Ok(None);
    }
    let origin = reader.number64()?;
    reader.require(b'>', "\">\"")?;
    Ok(Some(origin))
}

pub(crate) fn write_origin(origin: Option<u64>, writer: &mut Writer<'_>) {
    if let Some(origin) = origin {
        writer.text("<");
        writer.number64(origin);
        writer.text(">");
    }
}

impl core::str::FromStr for PartPath {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(text.as_bytes(), Reading::STRICT);
        let path = Self::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("\".\" and a number");
        }
        Ok(path)
    }
}

impl From<NonZeroU32> for PartPath {
    fn from(number: NonZeroU32) -> Self {
        Self(alloc::vec![number])
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if i > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn rewritten(text: &str) -> Result<String, SyntaxError> {
        let mut reader = Reader::new(text.as_bytes(), Reading::STRICT);
        let section = Section::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("the end");
        }
        let mut out = Vec::new();
        section.write(&mut Writer::new(&mut out, crate::Spelling::SERVER));
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn sections_are_written_as_they_came() {
        for text in [
            "[]",
            "[1]",
            "[3.14.1]",
            "[HEADER]",
            "[7.HEADER]",
            "[TEXT]",
            "[2.1.TEXT]",
            "[2.MIME]",
            "[HEADER.FIELDS (To)]",
            "[1.HEADER.FIELDS.NOT (To \"odd name\" Cc)]",
        ] {
            assert_eq!(rewritten(text).as_deref(), Ok(text));
        }
        assert_eq!(
            rewritten("[1.header.fields (\"to\")]").unwrap(),
            "[1.HEADER.FIELDS (to)]"
        );
    }

    #[test]
    fn what_is_no_section_is_refused_where_it_goes_wrong() {
        for (text, offset) in [
            ("", 0),
            ("[", 1),
            ("[0]", 1),
            ("[1.0]", 3),
            ("[1.]", 3),
            ("[1..2]", 3),
            ("[MIME]", 1),
            ("[BODY]", 1),
            ("[HEADER.FIELDS]", 14),
            ("[HEADER.FIELDS ()]", 16),
            ("[HEADER.FIELDS (a]", 18),
            ("[1", 2),
            ("[4294967296]", 1),
            ("[1 ]", 2),
        ] {
            assert_eq!(rewritten(text).unwrap_err().offset, offset, "{text:?}");
        }
    }

    #[test]
    fn a_path_is_its_numbers() {
        let path: PartPath = "1.20".parse().unwrap();
        assert_eq!(path.child(NonZeroU32::MIN).to_string(), "1.20.1");
        for bad in ["", "1.", ".1", "1.x", "01", "1.2 "] {
            assert!(bad.parse::<PartPath>().is_err(), "{bad:?}");
        }
    }
}
