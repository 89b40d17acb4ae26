//! CANCELUPDATE (RFC 5267 §4.3.5).

use bounded_static::ToStatic;

use crate::Tag;
use crate::searching::correlator::{read_tag, write_tag};
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;

/// CANCELUPDATE: no more news of these searches.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct CancelUpdate<'a> {
    /// The tags of the commands that asked for them, with [`ReturnOption::Update`](crate::ReturnOption::Update).
    pub searches: OneOrMore<Tag<'a>>,
}

impl<'a> CancelUpdate<'a> {
    /// `command-select =/ "CANCELUPDATE" 1*(SP quoted)`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let searches = OneOrMore::checked(reader.separated(|reader| match reader.peek() {
            Some(b'"') => read_tag(reader),
            _ => reader.expected("a tag in quotes"),
        })?);
        Ok(Self { searches })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("CANCELUPDATE");
        for tag in &self.searches {
            writer.space();
            write_tag(tag, writer);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::trips::{canonical_command, command};

    #[test]
    fn tags_are_quoted() {
        canonical_command("CANCELUPDATE \"B01\"");
        canonical_command("CANCELUPDATE \"B01\" \"B02\" \"x]\"");
        for (bad, offset) in [
            ("CANCELUPDATE", 14),
            ("CANCELUPDATE B01", 15),
            ("CANCELUPDATE \"\"", 15),
            ("CANCELUPDATE \"a+\"", 15),
            ("CANCELUPDATE \"a\" ", 19),
            ("CANCELUPDATE (\"a\")", 15),
        ] {
            assert_eq!(command(bad).unwrap_err().offset, offset, "{bad:?}");
        }
    }
}
