//! What stands in response codes where the grammar is loose: text up to the bracket.

use alloc::borrow::Cow;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::syntax::class::is_text_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, InvalidValue};

/// `1*<any TEXT-CHAR except "]">` (RFC 9051 §9): one line, not empty, without `]`. UTF-8 is let through.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct CodeText<'a>(Cow<'a, str>);

/// A URL as REFERRAL has it (RFC 2221 §3): a [`CodeText`] without spaces.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct CodeUrl<'a>(Cow<'a, str>);

/// A response code whose arguments are no words, strings and lists, such as one with a lone quotation mark.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct LooseCode<'a> {
    name: Atom<'a>,
    text: CodeText<'a>,
}

impl<'a> CodeText<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, or has a NUL, CR, LF or `]`.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        checked(text.into(), is_code_char, TEXT).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        read(reader, is_code_char, TEXT).map(Self)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(&self.0);
    }
}

impl<'a> CodeUrl<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, or has a space, NUL, CR, LF or `]`.
    pub fn new(url: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        checked(url.into(), is_url_char, URL).map(Self)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        read(reader, is_url_char, URL).map(Self)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(&self.0);
    }
}

impl<'a> LooseCode<'a> {
    /// Its name.
    pub const fn name(&self) -> &Atom<'a> {
        &self.name
    }

    /// What follows the name.
    pub const fn text(&self) -> &CodeText<'a> {
        &self.text
    }

    /// `atom [SP 1*<any TEXT-CHAR except "]">]`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.atom()?;
        reader.space()?;
        let text = CodeText::read(reader)?;
        Ok(Self { name, text })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.raw(self.name.as_bytes());
        writer.space();
        self.text.write(writer);
    }
}

/// Lines end in `{n}` only where a literal follows; inside a code, text never does, since `]` follows it.
const fn is_code_char(octet: u8) -> bool {
    (is_text_char(octet) || octet >= 0x80) && octet != b']'
}

const fn is_url_char(octet: u8) -> bool {
    is_code_char(octet) && octet > b' '
}

fn checked<'a>(
    text: Cow<'a, str>,
    class: fn(u8) -> bool,
    expected: &'static str,
) -> Result<Cow<'a, str>, InvalidValue> {
    let fault = text.bytes().position(|octet| !class(octet));
    match fault.or(text.is_empty().then_some(0)) {
        Some(offset) => Err(InvalidValue::new(offset, expected)),
        None => Ok(text),
    }
}

fn read<'a>(reader: &mut Reader<'a>, class: fn(u8) -> bool, expected: &'static str) -> Parse<Cow<'a, str>> {
    let start = reader.offset();
    let run = reader.run1(class, expected)?;
    match core::str::from_utf8(run) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => {
            reader.rewind(start);
            reader.expected(expected)
        }
    }
}

impl fmt::Debug for CodeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(self.0.as_bytes()))
    }
}

impl fmt::Debug for CodeUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(self.0.as_bytes()))
    }
}

impl fmt::Display for CodeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.0.as_bytes()))
    }
}

impl fmt::Display for CodeUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.0.as_bytes()))
    }
}

const TEXT: &str = "text without \"]\"";
const URL: &str = "a URL without \"]\" and spaces";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bracket_ends_it() {
        assert!(CodeText::new("a b [\"(é").is_ok() && CodeUrl::new("imap://x/;a=b*").is_ok());
        for bad in ["", "a]b", "a\r\nb", "a\0"] {
            assert!(CodeText::new(bad).is_err() && CodeUrl::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(CodeUrl::new("a b").unwrap_err().offset, 1);
    }
}
