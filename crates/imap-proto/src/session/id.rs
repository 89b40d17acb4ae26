//! ID: what program one talks to.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, InvalidValue};

/// The ID command and response (RFC 2971 §3): fields that describe a program. Without any it is `NIL` on the wire.
///
/// ```
/// # use imap_proto::{AString, Id};
/// let name = (AString::try_from("name")?, Some(AString::try_from("Example Mail")?));
/// let id = Id::new(vec![name])?;
/// assert_eq!(id.field("NAME").map(AString::as_bytes), Some(b"Example Mail".as_slice()));
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, ToStatic)]
pub struct Id<'a>(Vec<(AString<'a>, Option<AString<'a>>)>);

impl<'a> Id<'a> {
    /// Names with their values. What a peer sends may have more and longer ones.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] with the field's number, when there are more than 30, a name is longer than 30 octets, or a value longer than
    /// 1024 (RFC 2971 §3.3).
    pub fn new(fields: Vec<(AString<'a>, Option<AString<'a>>)>) -> Result<Self, InvalidValue> {
        let too_long = fields.iter().position(|(name, value)| {
            let value = value.as_ref().map_or(0, |value| value.as_bytes().len());
            name.as_bytes().len() > LONGEST_NAME || value > LONGEST_VALUE
        });
        match too_long.or((fields.len() > MOST_FIELDS).then_some(MOST_FIELDS)) {
            Some(offset) => Err(InvalidValue::new(offset, "at most 30 fields of 30 and 1024 octets")),
            None => Ok(Self(fields)),
        }
    }

    /// The value of a field, whose name is compared without regard to case.
    pub fn field(&self, name: &str) -> Option<&AString<'a>> {
        let found = self
            .0
            .iter()
            .find(|(own, _)| own.as_bytes().eq_ignore_ascii_case(name.as_bytes()));
        found.and_then(|(_, value)| value.as_ref())
    }

    /// All fields.
    pub fn iter(&self) -> impl Iterator<Item = (&AString<'a>, Option<&AString<'a>>)> {
        self.0.iter().map(|(name, value)| (name, value.as_ref()))
    }

    /// ```text
    /// id             ::= "ID" SPACE id_params_list
    /// id_response    ::= "ID" SPACE id_params_list
    /// id_params_list ::= "(" #(string SPACE nstring) ")" / nil
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        if reader.accept_nil() {
            return Ok(Self::default());
        }
        reader.list(Self::read_field).map(Self)
    }

    fn read_field(reader: &mut Reader<'a>) -> Parse<(AString<'a>, Option<AString<'a>>)> {
        let name = reader.line_string()?;
        reader.space()?;
        let value = match reader.accept_nil() {
            true => None,
            false => Some(reader.line_string()?),
        };
        Ok((name, value))
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if self.0.is_empty() {
            return writer.text("ID NIL");
        }
        writer.text("ID ");
        writer.list(&self.0, |writer, (name, value)| {
            writer.string(name.as_bytes());
            writer.space();
            match value {
                Some(value) => writer.string(value.as_bytes()),
                None => writer.text("NIL"),
            }
        });
    }
}

const MOST_FIELDS: usize = 30;
const LONGEST_NAME: usize = 30;
const LONGEST_VALUE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, respelled_command};
    use crate::{Command, Data};
    use proptest::prelude::*;

    #[test]
    fn programs_introduce_themselves() {
        for canonical in [
            "ID NIL",
            "ID (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" NIL)",
            "ID (\"\" \"\")",
        ] {
            canonical_command(canonical);
            canonical_data(canonical);
        }
        respelled_command("id ()", "ID NIL");
        respelled_command("id ({4}\r\nname nil)", "ID (\"name\" NIL)");
        for (bad, offset) in [
            ("ID", 4),
            ("ID (name \"x\")", 6),
            ("ID (\"name\")", 12),
            ("ID (\"a\" b)", 10),
            ("ID (\"a\" \"b\" \"c\")", 17),
            ("ID (\"a\" {2}\r\n\r\n)", 10),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
    }

    #[test]
    fn what_programs_send_is_limited() {
        let field = |name: usize, value: usize| {
            let text = |len| AString::try_from("x".repeat(len)).unwrap();
            (text(name), Some(text(value)))
        };
        assert!(Id::new(alloc::vec![field(30, 1024); 30]).is_ok());
        assert_eq!(Id::new(alloc::vec![field(1, 1); 31]).unwrap_err().offset, 30);
        assert_eq!(Id::new(alloc::vec![field(1, 1), field(31, 1)]).unwrap_err().offset, 1);
        assert!(Id::new(alloc::vec![field(1, 1025)]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(fields in proptest::collection::vec(("\\PC{0,6}", proptest::option::of("\\PC{0,6}")), 0..4)) {
            let text = |text: String| AString::try_from(text).unwrap();
            let fields = fields.into_iter().map(|(name, value)| (text(name), value.map(text))).collect();
            let id = Id::new(fields).unwrap();
            crate::trips::command_returns(&Command::Id(id.clone()))?;
            crate::trips::data_returns(&Data::Id(id))?;
        }
    }

    use alloc::string::String;
}
