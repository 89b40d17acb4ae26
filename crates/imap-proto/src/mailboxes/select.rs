//! SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3) with their parameters (RFC 4466 §2.1, RFC 7162).

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::syntax::extension::Extension;
use crate::syntax::number_set::NumberSet;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, Mailbox};

/// The arguments of SELECT and EXAMINE.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Select<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// Parameters.
    pub parameters: Vec<SelectParameter<'a>>,
}

/// `select-param` (RFC 4466 §3 and the extensions)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum SelectParameter<'a> {
    /// CONDSTORE: tell modification sequences (RFC 7162 §3.1.8).
    CondStore,
    /// QRESYNC: tell what has changed since (RFC 7162 §3.2.5).
    QResync(QResync),
    /// ANNOTATE: tell changes of annotations (RFC 5257 §4.2).
    Annotate,
    /// A parameter that this crate does not know.
    Other(Extension<'a>),
}

/// What a client knows of a mailbox that it selects again (RFC 7162 §3.2.5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct QResync {
    /// The UIDVALIDITY that the client knows.
    pub uid_validity: NonZeroU32,
    /// The highest modification sequence that the client knows.
    pub mod_sequence: NonZeroU64,
    /// The unique identifiers that the client knows; all up to UIDNEXT by default.
    pub known_uids: Option<NumberSet>,
    /// Some messages' numbers and unique identifiers, which tell a server without a memory of what is gone where to begin.
    pub sequence_match: Option<SequenceMatch>,
}

/// `seq-match-data` (RFC 7162 §3.2.5.2): the first number of one set belongs to the first of the other, and so on.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct SequenceMatch {
    /// Sequence numbers, upwards.
    pub numbers: NumberSet,
    /// Unique identifiers, upwards.
    pub uids: NumberSet,
}

impl<'a> Select<'a> {
    /// ```text
    /// select        = "SELECT" SP mailbox [select-params]
    /// examine       = "EXAMINE" SP mailbox [select-params]
    /// select-params = SP "(" select-param *(SP select-param) ")"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        let parameters = match reader.accept_separator() {
            true => reader.list1(SelectParameter::read)?,
            false => Vec::new(),
        };
        Ok(Self { mailbox, parameters })
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        writer.text(name);
        writer.space();
        self.mailbox.write(writer);
        if !self.parameters.is_empty() {
            writer.space();
            writer.list(&self.parameters, |writer, parameter| parameter.write(writer));
        }
    }
}

/// Without parameters.
impl<'a> From<Mailbox<'a>> for Select<'a> {
    fn from(mailbox: Mailbox<'a>) -> Self {
        Self {
            mailbox,
            parameters: Vec::new(),
        }
    }
}

/// The name of a mailbox, as people read it, without parameters.
impl TryFrom<&str> for Select<'static> {
    type Error = InvalidValue;

    fn try_from(name: &str) -> Result<Self, InvalidValue> {
        Mailbox::new(name).map(Self::from)
    }
}

impl<'a> SelectParameter<'a> {
    /// `select-param = select-param-name [SP select-param-value]`
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"CONDSTORE" => Self::CondStore,
            b"QRESYNC" => {
                reader.space()?;
                Self::QResync(QResync::read(reader)?)
            }
            b"ANNOTATE" => Self::Annotate,
            _ => {
                reader.rewind(start);
                Self::Other(Extension::read(reader)?)
            }
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::CondStore => writer.text("CONDSTORE"),
            Self::QResync(known) => known.write(writer),
            Self::Annotate => writer.text("ANNOTATE"),
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl QResync {
    /// ```text
    /// select-param   =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value
    ///                   [SP known-uids] [SP seq-match-data] ")"
    /// seq-match-data =  "(" known-sequence-set SP known-uid-set ")"
    /// ```
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        reader.open()?;
        let uid_validity = reader.nz_number()?;
        reader.space()?;
        let mod_sequence = reader.nz_unsigned64()?;
        let (mut known_uids, mut sequence_match) = (None, None);
        while sequence_match.is_none() && reader.accept_separator() {
            if reader.peek() == Some(b'(') {
                sequence_match = Some(SequenceMatch::read(reader)?);
            } else if known_uids.is_none() {
                known_uids = Some(NumberSet::read(reader)?);
            } else {
                return reader.expected("\"(\"");
            }
        }
        reader.close()?;
        Ok(Self {
            uid_validity,
            mod_sequence,
            known_uids,
            sequence_match,
        })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.text("QRESYNC (");
        writer.number(self.uid_validity.get());
        writer.space();
        writer.number(self.mod_sequence.get());
        if let Some(uids) = &self.known_uids {
            writer.space();
            uids.write(writer);
        }
        if let Some(SequenceMatch { numbers, uids }) = &self.sequence_match {
            writer.text(" (");
            numbers.write(writer);
            writer.space();
            uids.write(writer);
            writer.text(")");
        }
        writer.text(")");
    }
}

impl SequenceMatch {
    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        reader.open()?;
        let numbers = NumberSet::read(reader)?;
        reader.space()?;
        let uids = NumberSet::read(reader)?;
        reader.close()?;
        Ok(Self { numbers, uids })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use crate::trips::{canonical_command, command, command_returns, respelled_command};
    use proptest::prelude::*;

    #[test]
    fn commands_are_written_as_they_came() {
        for text in [
            "SELECT INBOX",
            "EXAMINE \"two words\"",
            "SELECT INBOX (CONDSTORE)",
            "SELECT INBOX (ANNOTATE CONDSTORE X-NEW X-VALUE (a 1) X-SET 1:4)",
            "SELECT INBOX (QRESYNC (67890007 20050715194045000))",
            "SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))",
            "SELECT INBOX (QRESYNC (67890007 9 1:29997 (5000,7500,9000 15000,22500,27000)) CONDSTORE)",
            "EXAMINE x (QRESYNC (1 5 (1,3,6 1,3,6)))",
        ] {
            canonical_command(text);
        }
        respelled_command("select \"inbox\" (Qresync (1 1))", "SELECT INBOX (QRESYNC (1 1))");
        respelled_command("SELECT {5}\r\nINBOX", "SELECT INBOX");
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("SELECT", 8),
            ("SELECT ", 9),
            ("SELECT a ", 11),
            ("SELECT a b", 11),
            ("SELECT a ()", 12),
            ("SELECT a (CONDSTORE", 21),
            ("SELECT a (CONDSTORE )", 22),
            ("SELECT a (QRESYNC)", 19),
            ("SELECT a (QRESYNC 1 0)", 20),
            ("SELECT a (QRESYNC (1 0))", 23),
            ("SELECT a (QRESYNC (0 1))", 21),
            ("SELECT a (QRESYNC (1))", 22),
            ("SELECT a (QRESYNC (1 1 1:*))", 27),
            ("SELECT a (QRESYNC (1 1 1:6 1:6))", 29),
            ("SELECT a (QRESYNC (1 1 (1:6)))", 29),
            ("SELECT a (QRESYNC (1 1 (1 1) 1:6))", 30),
            ("SELECT a (CONDSTORE 5)", 22),
            ("SELECT a\0b", 10),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn each_command_returns(
            name in "[a-zA-Zé& \"~]{0,5}",
            (uid_validity, mod_sequence) in (1u32.., 1u64..),
            known in proptest::option::of(1u32..),
            sequence_match in proptest::option::of((1u32.., 1u32..)),
        ) {
            let set = |number| NumberSet::from(NonZeroU32::new(number).unwrap());
            let known = QResync {
                uid_validity: NonZeroU32::new(uid_validity).unwrap(),
                mod_sequence: NonZeroU64::new(mod_sequence).unwrap(),
                known_uids: known.map(set),
                sequence_match: sequence_match.map(|(a, b)| SequenceMatch { numbers: set(a), uids: set(b) }),
            };
            let mut select = Select::from(Mailbox::new(&name).unwrap());
            command_returns(&Command::Select(select.clone()))?;
            select.parameters = alloc::vec![SelectParameter::QResync(known), SelectParameter::CondStore];
            command_returns(&Command::Examine(select))?;
        }
    }
}
