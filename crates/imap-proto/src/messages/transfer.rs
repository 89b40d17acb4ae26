//! COPY and MOVE (RFC 9051 §6.4.7, §6.4.8, RFC 6851).

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Mailbox, Numbering, SequenceSet};

/// The arguments of COPY, MOVE and their UID forms.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Transfer<'a> {
    /// What the numbers are; [`Uid`](Numbering::Uid) makes it UID COPY or UID MOVE.
    pub numbering: Numbering,
    /// Which messages of the selected mailbox.
    pub messages: SequenceSet,
    /// Where to.
    pub target: Mailbox<'a>,
}

impl<'a> Transfer<'a> {
    /// ```text
    /// copy = "COPY" SP sequence-set SP mailbox
    /// move = "MOVE" SP sequence-set SP mailbox
    /// ```
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let messages = SequenceSet::read(reader)?;
        reader.space()?;
        let target = Mailbox::read(reader)?;
        Ok(Self {
            numbering,
            messages,
            target,
        })
    }

    pub(crate) fn write(&self, name: &str, writer: &mut Writer<'_>) {
        self.numbering.write_prefix(writer);
        writer.text(name);
        writer.space();
        self.messages.write(writer);
        writer.space();
        self.target.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{Command, Numbering};

    #[test]
    fn copies_and_moves_are_written_as_they_came() {
        for text in [
            "COPY 2:4 Archive",
            "COPY $ INBOX",
            "UID COPY 1,4:*,*:7 \"two words\"",
            "MOVE 1 INBOX",
            "UID MOVE 42:69 foo",
        ] {
            canonical_command(text);
        }
        respelled_command("uid move 42:69 \"foo\"", "UID MOVE 42:69 foo");
        let Command::Move(transfer) = respelled_command("move *,1 inbox", "MOVE *,1 INBOX") else {
            panic!();
        };
        assert_eq!(transfer.numbering, Numbering::Sequence);
    }

    #[test]
    fn what_is_missing_is_told() {
        for (bad, offset) in [
            ("COPY", 6),
            ("COPY 1", 8),
            ("COPY 0 x", 7),
            ("COPY 1  x", 9),
            ("COPY 1 x y", 10),
            ("UID MOVE a b", 11),
            ("UID COPY", 10),
            ("UID", 5),
            ("UID NOOP", 6),
        ] {
            assert_eq!(command(bad).unwrap_err().offset, offset, "{bad:?}");
        }
    }
}
