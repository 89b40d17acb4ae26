//! Names of character sets in SEARCH, SORT and THREAD.

use alloc::borrow::Cow;
use alloc::string::String;

use bounded_static::ToStatic;

use crate::syntax::class::is_atom_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, SyntaxError};

/// The name of a character set: printable ASCII, compared without regard to case.
#[derive(Clone, Debug, Eq, ToStatic)]
pub struct Charset<'a>(Cow<'a, str>);

impl<'a> Charset<'a> {
    /// UTF-8, which each server must know (RFC 9051 §6.4.4).
    pub const UTF_8: Charset<'static> = Charset(Cow::Borrowed("UTF-8"));
    /// US-ASCII, which each server must know (RFC 9051 §6.4.4).
    pub const US_ASCII: Charset<'static> = Charset(Cow::Borrowed("US-ASCII"));

    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, longer than 255 octets, or not printable ASCII.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let name = name.into();
        let fault = name.bytes().position(|octet| !matches!(octet, b' '..=b'~'));
        let fault = fault.or((name.is_empty()).then_some(0));
        match fault.or((name.len() > Self::LONGEST).then_some(Self::LONGEST)) {
            Some(offset) => Err(InvalidValue::new(offset, NAME)),
            None => Ok(Self(name)),
        }
    }

    /// Octets of the longest name: more than six times of what IANA registers.
    const LONGEST: usize = 255;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `charset = atom / quoted`; RFC 3501 §9 has `astring`, and so a literal is read, too.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let name = match reader.astring()?.into_inner() {
            Cow::Borrowed(octets) => core::str::from_utf8(octets).ok().map(Cow::Borrowed),
            Cow::Owned(octets) => String::from_utf8(octets).ok().map(Cow::Owned),
        };
        name.and_then(|name| Self::new(name).ok())
            .ok_or(SyntaxError::new(start, NAME))
    }

    /// In a response code, where a `]` without quotes is the code's end.
    pub(crate) fn read_in_code(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let is_word = !matches!(reader.peek(), Some(b'"' | b'{'));
        let charset = Self::read(reader)?;
        match is_word && charset.0.contains(']') {
            true => Err(SyntaxError::new(start, NAME)),
            false => Ok(charset),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let is_atom = self.0.bytes().all(is_atom_char) && !self.0.eq_ignore_ascii_case("NIL");
        if is_atom {
            return writer.text(&self.0);
        }
        writer.quoted(self.0.as_bytes());
    }
}

impl PartialEq for Charset<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

const NAME: &str = "a character set's name";
