//! Names that a server gives once and for all to mailboxes, messages and threads (RFC 8474).

use alloc::borrow::Cow;
use core::fmt;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, SyntaxError};

/// An object identifier: 1 to 255 letters, digits, `_` and `-`; case matters (RFC 8474 §7).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ToStatic)]
pub struct ObjectId<'a>(Cow<'a, str>);

impl<'a> ObjectId<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty, too long or has what an identifier may not have.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let text = text.into();
        let fault = text.bytes().position(|octet| !is_object_id_char(octet));
        let fault = fault.or((text.is_empty()).then_some(0));
        match fault.or((text.len() > Self::LONGEST).then_some(Self::LONGEST)) {
            Some(offset) => Err(InvalidValue::new(offset, "an object identifier")),
            None => Ok(Self(text)),
        }
    }

    /// Octets of the longest identifier.
    const LONGEST: usize = 255;

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `objectid = 1*255(ALPHA / DIGIT / "_" / "-")`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let run = reader.run1(is_object_id_char, "an object identifier")?;
        let text = core::str::from_utf8(run).unwrap_or_default();
        Self::new(text).map_err(|_| SyntaxError::new(start, "an object identifier of at most 255 octets"))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(&self.0);
    }
}

/// `ALPHA / DIGIT / "_" / "-"`
const fn is_object_id_char(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-')
}

impl fmt::Debug for ObjectId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ObjectId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters_and_length_is_limited() {
        assert_ne!(ObjectId::new("Ma").unwrap(), ObjectId::new("MA").unwrap());
        assert!(ObjectId::new("x".repeat(255)).is_ok());
        assert_eq!(ObjectId::new("x".repeat(256)).unwrap_err().offset, 255);
        for (bad, offset) in [("", 0), ("a b", 1), ("M(1)", 1), ("é", 0)] {
            assert_eq!(ObjectId::new(bad).unwrap_err().offset, offset, "{bad:?}");
        }
        for octet in 0..=255u8 {
            let is_one = octet.is_ascii_alphanumeric() || octet == b'_' || octet == b'-';
            assert_eq!(is_object_id_char(octet), is_one, "{octet:#04x}");
        }
    }
}
