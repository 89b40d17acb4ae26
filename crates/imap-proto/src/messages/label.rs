//! Gmail's labels (X-GM-EXT-1): what its mailboxes are made of.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use bounded_static::ToStatic;

use crate::mailboxes::mutf7;
use crate::syntax::class::is_atom_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, InvalidValue};

/// A label, as on the wire: a name in modified UTF-7, or one that begins with a backslash, such as `\Inbox` or `\Important`.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct GmailLabel<'a>(AString<'a>);

impl<'a> GmailLabel<'a> {
    /// A label that people read, such as `Entwürfe`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn new(text: &str) -> Result<GmailLabel<'static>, InvalidValue> {
        if let Some(offset) = text.find(['\0', '\r', '\n']) {
            return Err(InvalidValue::new(offset, "a label without NUL, CR and LF"));
        }
        AString::new(mutf7::encode(text).into_bytes()).map(GmailLabel)
    }

    /// As on the wire.
    pub fn as_wire(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// For people; what is not modified UTF-7 is shown as it stands on the wire.
    pub fn to_text(&self) -> Cow<'_, str> {
        mutf7::decode(self.as_wire()).unwrap_or_else(|_| self.0.to_text())
    }

    /// Whether it is one of Gmail's own, such as `\Inbox`.
    pub fn is_system(&self) -> bool {
        self.as_wire().first() == Some(&b'\\')
    }

    /// `gm-label = "\" atom / astring`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.peek() != Some(b'\\') {
            return reader.astring().map(Self);
        }
        let start = reader.offset();
        reader.skip(1);
        reader.run1(is_atom_char, "a label's name")?;
        Ok(Self(AString::checked(Cow::Borrowed(reader.since(start)))))
    }

    /// `"(" [gm-label *(SP gm-label)] ")"`
    pub(crate) fn read_list(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        if reader.leniency().empty_lists && reader.accept_nil() {
            return Ok(Vec::new());
        }
        reader.list(Self::read)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self.as_wire() {
            [b'\\', name @ ..] if !name.is_empty() && name.iter().copied().all(is_atom_char) => {
                writer.raw(self.as_wire());
            }
            _ => writer.astring(&self.0),
        }
    }
}

impl fmt::Debug for GmailLabel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_what_is_encoded_on_the_wire() {
        let label = GmailLabel::new("Entwürfe").unwrap();
        assert_eq!(label.as_wire(), b"Entw&APw-rfe");
        assert_eq!(label.to_text(), "Entwürfe");
        assert!(GmailLabel::new("\\Inbox").unwrap().is_system());
        assert!(GmailLabel::new("a\nb").is_err());
    }
}
