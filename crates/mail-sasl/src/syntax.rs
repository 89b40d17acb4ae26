//! Reading messages that are made of fields.

use thiserror::Error;

/// What a message should have held, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {expected} at octet {offset}")]
pub struct Syntax {
    /// Where, in octets from the beginning of the message.
    pub offset: usize,
    /// What.
    pub expected: &'static str,
}

impl Syntax {
    pub(crate) const fn new(offset: usize, expected: &'static str) -> Self {
        Self { offset, expected }
    }
}

/// The text of a message, or where it stops to be UTF-8.
pub(crate) fn text(octets: &[u8]) -> Result<&str, Syntax> {
    str::from_utf8(octets).map_err(|error| Syntax::new(error.valid_up_to(), "UTF-8"))
}

/// Takes a message apart at its separators, from left to right.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    at: Option<usize>,
    separator: char,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(text: &'a str, separator: char) -> Self {
        Self {
            text,
            at: Some(0),
            separator,
        }
    }

    /// Where the next field begins; the end if there is none.
    pub(crate) fn offset(&self) -> usize {
        self.at.unwrap_or(self.text.len())
    }

    /// All that was not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.offset()..]
    }

    pub(crate) fn next(&mut self, expected: &'static str) -> Result<&'a str, Syntax> {
        let Some(at) = self.at else {
            return Err(Syntax::new(self.text.len(), expected));
        };
        let rest = &self.text[at..];
        let (field, next) = match rest.find(self.separator) {
            Some(end) => (&rest[..end], Some(at + end + self.separator.len_utf8())),
            None => (rest, None),
        };
        self.at = next;
        Ok(field)
    }

    /// The value of the next field, which must begin with `name` and an equals sign.
    pub(crate) fn value(&mut self, name: &'static str, expected: &'static str) -> Result<&'a str, Syntax> {
        let offset = self.offset();
        let field = self.next(expected)?;
        let value = field.strip_prefix(name).and_then(|field| field.strip_prefix('='));
        value.ok_or(Syntax::new(offset, expected))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at.is_none()
    }
}
