//! The FETCH attributes that NOTIFY and UPDATE ask for with each new message.

use alloc::borrow::Cow;

use bounded_static::ToStatic;

use crate::reader::{Parse, Reader};
use crate::writer::Writer;
use crate::{SyntaxError, Tokens};

/// `"(" fetch-att *(SP fetch-att) ")"` (RFC 5465 §8): what a FETCH of each new message would ask for, in the spelling of the wire.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct FetchAttributes<'a>(Tokens<'a>);

impl<'a> FetchAttributes<'a> {
    /// Attributes in the spelling of the wire, without the parentheses around them, such as `UID BODY.PEEK[HEADER]`.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when there is none, or brackets do not match.
    pub fn new(wire: impl Into<Cow<'a, [u8]>>) -> Result<Self, SyntaxError> {
        let wire = wire.into();
        if wire.first().is_none_or(|octet| *octet == b' ') {
            return Err(SyntaxError::new(0, EXPECTED));
        }
        Tokens::new(wire).map(Self)
    }

    /// In the spelling of the wire, without the parentheses.
    pub const fn tokens(&self) -> &Tokens<'a> {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let attributes = Tokens::read_all(reader)?;
        if attributes.is_empty() {
            return reader.expected(EXPECTED);
        }
        reader.close()?;
        Ok(Self(attributes))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        self.0.write(writer);
        writer.text(")");
    }
}

const EXPECTED: &str = "a FETCH attribute";
