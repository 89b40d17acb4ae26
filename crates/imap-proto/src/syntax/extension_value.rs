//! Values of data that extensions add, where a value must be there.

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Reading, SyntaxError, Tokens};

/// One value: a word, number, set, string or list, kept as it came.
///
/// ```text
/// tagged-ext-val = tagged-ext-simple / "(" [tagged-ext-comp] ")"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct ExtensionValue<'a>(Tokens<'a>);

impl<'a> ExtensionValue<'a> {
    /// # Errors
    ///
    /// [`SyntaxError`] when it is not exactly one value.
    pub fn new(tokens: Tokens<'a>) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(tokens.as_bytes(), Reading::STRICT);
        Tokens::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("the end of the value");
        }
        Ok(Self(tokens))
    }

    /// The value in the spelling of the wire.
    pub const fn tokens(&self) -> &Tokens<'a> {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        Tokens::read(reader).map(Self)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }
}

#[cfg(test)]
pub(crate) mod strategies {
    use super::*;
    use crate::{Atom, Extension};
    use proptest::prelude::*;

    /// Without literals, which are spelled in another way by each kind of client.
    pub(crate) fn value() -> impl Strategy<Value = ExtensionValue<'static>> {
        let forms = [
            "5",
            "1:*,7",
            "()",
            "(a (b \"c)\") NIL)",
            "\"x\\\"y\"",
            "(\\Seen (%* [x] a=b) c:d)",
            "($ ())",
        ];
        proptest::sample::select(forms.to_vec()).prop_map(|form| {
            let tokens = Tokens::new(form.as_bytes()).unwrap();
            ExtensionValue::new(tokens).unwrap()
        })
    }

    pub(crate) fn extension() -> impl Strategy<Value = Extension<'static>> {
        ("X-[A-Z]{1,4}", proptest::option::of(value())).prop_map(|(name, value)| {
            let extension = Extension::new(Atom::new(name).unwrap()).unwrap();
            match value {
                Some(value) => extension.with_value(value.tokens().clone()).unwrap(),
                None => extension,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one() {
        let value = |text: &'static str| ExtensionValue::new(Tokens::new(text.as_bytes()).unwrap());
        for good in ["1", "a", "(a b)", "\"a b\"", "1:3,$", "()"] {
            assert!(value(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "() ()", "\"a\" b"] {
            assert!(value(bad).is_err(), "{bad}");
        }
    }
}
