//! What an RFC to come may add where the grammar leaves room: a name, and a value in one of two shapes.

use bounded_static::ToStatic;

use crate::syntax::class::is_atom_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, InvalidValue, Tokens};

/// `tagged-ext-label [SP tagged-ext-val]` (RFC 9051 §9): an option, parameter or piece of data that this crate does not know. It is
/// written back as it came.
///
/// A name that this crate does know is read back as what it is.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Extension<'a> {
    name: Atom<'a>,
    value: Option<Tokens<'a>>,
}

impl<'a> Extension<'a> {
    /// An option without a value.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when the name begins as values do: with a digit, `$`, or a minus sign and a digit.
    pub fn new(name: Atom<'a>) -> Result<Self, InvalidValue> {
        if begins_a_value(name.as_str().as_bytes()) {
            return Err(InvalidValue::new(0, NAME));
        }
        Ok(Self { name, value: None })
    }

    /// With a value: one set, number, string or list.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when there is more or less than one of them.
    pub fn with_value(mut self, value: Tokens<'a>) -> Result<Self, InvalidValue> {
        let wire = value.as_bytes();
        let mut reader = Reader::new(wire, crate::Reading::STRICT);
        let is_one = begins_a_value(wire) && Tokens::read(&mut reader).is_ok() && reader.is_at_end();
        if !is_one {
            return Err(InvalidValue::new(
                reader.offset(),
                "a set, a number, a string or a list",
            ));
        }
        self.value = Some(value);
        Ok(self)
    }

    /// The name.
    pub const fn name(&self) -> &Atom<'a> {
        &self.name
    }

    /// The value.
    pub const fn value(&self) -> Option<&Tokens<'a>> {
        self.value.as_ref()
    }

    /// ```text
    /// tagged-ext-label  = tagged-label-fchar *tagged-label-char
    /// tagged-ext-val    = tagged-ext-simple / "(" [tagged-ext-comp] ")"
    /// tagged-ext-simple = sequence-set / number / number64
    /// tagged-ext-simple =/ partial-range-last
    /// ```
    /// (RFC 9051 §9, RFC 9394 §4.) A string is taken as a value, too: it can be nothing else, and entry names are such.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if begins_a_value(reader.rest()) {
            return reader.expected(NAME);
        }
        let name = Atom::checked(reader.run1(is_atom_char, NAME)?);
        let behind = reader.offset();
        if reader.accept_space() && begins_a_value(reader.rest()) {
            let value = Tokens::read(reader)?;
            return Ok(Self {
                name,
                value: Some(value),
            });
        }
        reader.rewind(behind);
        Ok(Self { name, value: None })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.raw(self.name.as_bytes());
        if let Some(value) = &self.value {
            writer.space();
            value.write(writer);
        }
    }
}

/// Whether it is no name but the value of the one before.
fn begins_a_value(octets: &[u8]) -> bool {
    match octets {
        [b'(' | b'"' | b'{' | b'~' | b'*' | b'$' | b'0'..=b'9', ..] => true,
        [b'-', next, ..] => next.is_ascii_digit(),
        _ => false,
    }
}

const NAME: &str = "a name that begins with a letter, \"-\", \"_\" or \".\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_item() {
        let name = || Extension::new(Atom::fixed("X-NEW")).unwrap();
        for good in ["1:4,*", "-1:-100", "()", "(a (\"b\" c))", "\"a b\"", "$"] {
            assert!(
                name().with_value(Tokens::new(good.as_bytes()).unwrap()).is_ok(),
                "{good:?}"
            );
        }
        for bad in ["", "a", "1 2", "(a) b", "-x", "() "] {
            let Ok(tokens) = Tokens::new(bad.as_bytes()) else {
                continue;
            };
            assert!(name().with_value(tokens).is_err(), "{bad:?}");
        }
        for bad in ["5a", "-5", "$a"] {
            assert!(Extension::new(Atom::new(bad).unwrap()).is_err(), "{bad:?}");
        }
    }
}
