//! How IMAP URLs are signed (RFC 4467).

use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, InvalidValue, Octets, SyntaxError};

/// How URLs are signed (RFC 4467 §9): letters, digits, `-` and `.`. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct UrlMechanism<'a>(Atom<'a>);

/// A mechanism with its key, as the URLMECH response code has it (RFC 4467 §9).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct UrlKey<'a> {
    /// The mechanism.
    pub mechanism: UrlMechanism<'a>,
    /// What the client needs to sign URLs by itself.
    pub key: Option<Octets<'a>>,
}

impl<'a> UrlMechanism<'a> {
    /// `INTERNAL`: the server signs, with a key of its own.
    pub const INTERNAL: UrlMechanism<'static> = UrlMechanism(Atom::fixed("INTERNAL"));

    /// # Errors
    ///
    /// [`InvalidValue`] when it is none.
    pub fn new(name: &'a str) -> Result<Self, InvalidValue> {
        match name.bytes().position(|octet| !is_mechanism_char(octet)) {
            Some(offset) => Err(InvalidValue::new(offset, MECHANISM)),
            None => Atom::new(name).map(Self),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// `mechanism = "INTERNAL" / 1*(ALPHA / DIGIT / "-" / ".")`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.run1(is_mechanism_char, MECHANISM)?;
        Ok(Self(Atom::checked(name)))
    }
}

const fn is_mechanism_char(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.')
}

impl<'a> UrlKey<'a> {
    /// `resp-text-code =/ "URLMECH" SP "INTERNAL" *(SP mechanism ["=" base64])`, behind the first space.
    pub(crate) fn read_many(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        if !reader.accept_word(UrlMechanism::INTERNAL.as_str()) {
            return reader.expected("INTERNAL");
        }
        let mut keys = Vec::new();
        while reader.accept_separator() {
            keys.push(Self::read(reader)?);
        }
        Ok(keys)
    }

    pub(crate) fn write_many(keys: &[Self], writer: &mut Writer<'_>) {
        writer.text(UrlMechanism::INTERNAL.as_str());
        for key in keys {
            writer.space();
            key.write(writer);
        }
    }

    /// `mechanism ["=" base64]`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let mechanism = UrlMechanism::read(reader)?;
        let mut key = None;
        if reader.accept(b'=') {
            let start = reader.offset();
            let base64 = reader.run(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'='));
            let octets = STANDARD.decode(base64).map_err(|_| SyntaxError::new(start, "base64"))?;
            key = Some(Octets::from(octets));
        }
        Ok(Self { mechanism, key })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.mechanism.as_str());
        if let Some(key) = &self.key {
            writer.text("=");
            writer.text(&STANDARD.encode(key.as_bytes()));
        }
    }
}

const MECHANISM: &str = "a mechanism: letters, digits, \"-\" and \".\"";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mechanism_is_a_word() {
        assert_eq!(UrlMechanism::new("Internal"), Ok(UrlMechanism::INTERNAL));
        for (bad, offset) in [("", 0), ("A=B", 1), ("A_B", 1), ("\u{e9}", 0)] {
            assert_eq!(UrlMechanism::new(bad).unwrap_err().offset, offset, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn keys_come_back(key in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..5)), count in 0usize..3) {
            let key = UrlKey { mechanism: UrlMechanism::new("X-1").unwrap(), key: key.map(Octets::from) };
            crate::trips::code_returns(&crate::Code::UrlMech(alloc::vec![key; count]))?;
        }
    }
}
