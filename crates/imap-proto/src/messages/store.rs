//! STORE: changes of flags, labels and annotations.

use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Annotation, Extension, Flag, GmailLabel, Numbering, OneOrMore, SequenceSet, SyntaxError};

/// STORE and UID STORE (RFC 9051 §6.4.6).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Store<'a> {
    /// What the set holds.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// `UNCHANGEDSINCE`: only messages whose mod-sequence is not higher (RFC 7162 §3.1.3).
    pub unchanged_since: Option<u64>,
    /// Modifiers that this crate does not know (RFC 4466 §2.5).
    pub modifiers: Vec<Extension<'a>>,
    /// What changes.
    pub change: StoreChange<'a>,
}

/// What a [`Store`] changes.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum StoreChange<'a> {
    /// `FLAGS`
    Flags {
        /// How.
        action: StoreAction,
        /// Whether the server tells the outcome.
        echo: StoreEcho,
        /// Which flags. [`Flag::Recent`] and [`Flag::AnyKeyword`], which a client cannot set, are not written.
        flags: Vec<Flag<'a>>,
    },
    /// `X-GM-LABELS`, of Gmail.
    GmailLabels {
        /// How.
        action: StoreAction,
        /// Whether the server tells the outcome.
        echo: StoreEcho,
        /// Which labels.
        labels: Vec<GmailLabel<'a>>,
    },
    /// `ANNOTATION` (RFC 5257 §4.5)
    Annotation(OneOrMore<Annotation<'a>>),
}

/// How a [`Store`] changes flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum StoreAction {
    /// These and no others.
    Replace,
    /// `+`: these, too.
    Add,
    /// `-`: these no longer.
    Remove,
}

/// Whether the server tells the new flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToStatic)]
pub enum StoreEcho {
    /// In a FETCH response.
    Fetch,
    /// `.SILENT`: only if they are others than the client must think.
    Silent,
}

impl<'a> Store<'a> {
    /// Messages and the change, without modifiers.
    pub const fn new(numbering: Numbering, set: SequenceSet, change: StoreChange<'a>) -> Self {
        Self {
            numbering,
            set,
            unchanged_since: None,
            modifiers: Vec::new(),
            change,
        }
    }

    /// What follows `STORE`.
    ///
    /// ```text
    /// store           = "STORE" SP sequence-set [store-modifiers] SP store-att-flags
    /// store-modifiers = SP "(" store-modifier *(SP store-modifier) ")"
    /// ```
    /// (RFC 4466 §3.)
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let set = SequenceSet::read(reader)?;
        reader.space()?;
        let (mut unchanged_since, mut modifiers) = (None, Vec::new());
        if reader.peek() == Some(b'(') {
            reader.list1(|reader| read_modifier(&mut unchanged_since, &mut modifiers, reader))?;
            reader.space()?;
        }
        Ok(Self {
            numbering,
            set,
            unchanged_since,
            modifiers,
            change: StoreChange::read(reader)?,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if self.numbering == Numbering::Uid {
            writer.text("UID ");
        }
        writer.text("STORE ");
        self.set.write(writer);
        writer.space();
        if self.unchanged_since.is_some() || !self.modifiers.is_empty() {
            self.write_modifiers(writer);
        }
        self.change.write(writer);
    }

    fn write_modifiers(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        if let Some(number) = self.unchanged_since {
            writer.text("UNCHANGEDSINCE ");
            writer.number64(number);
            if !self.modifiers.is_empty() {
                writer.space();
            }
        }
        writer.separated(&self.modifiers, |writer, modifier| modifier.write(writer));
        writer.text(") ");
    }
}

/// `store-modifier =/ "UNCHANGEDSINCE" SP mod-sequence-valzer ; Only a single "UNCHANGEDSINCE" may be specified` (RFC 7162 §7)
fn read_modifier<'a>(
    unchanged_since: &mut Option<u64>,
    modifiers: &mut Vec<Extension<'a>>,
    reader: &mut Reader<'a>,
) -> Parse<()> {
    let start = reader.offset();
    if !reader.accept_word("UNCHANGEDSINCE") {
        modifiers.push(Extension::read(reader)?);
        return Ok(());
    }
    if unchanged_since.is_some() {
        return Err(SyntaxError::new(start, "only one UNCHANGEDSINCE"));
    }
    reader.space()?;
    *unchanged_since = Some(reader.number64()?);
    Ok(())
}

impl<'a> StoreChange<'a> {
    /// ```text
    /// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP
    ///                   (flag-list / (flag *(SP flag)))
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let action = match reader.peek() {
            Some(b'+') => StoreAction::Add,
            Some(b'-') => StoreAction::Remove,
            _ => StoreAction::Replace,
        };
        reader.skip(usize::from(action != StoreAction::Replace));
        let name = reader.keyword();
        let (name, echo) = match name.as_slice().strip_suffix(b".SILENT") {
            Some(name) => (name, StoreEcho::Silent),
            None => (name.as_slice(), StoreEcho::Fetch),
        };
        match (name, action, echo) {
            (b"FLAGS", ..) => {
                reader.space()?;
                let flags = list_or_bare(reader, settable)?;
                Ok(Self::Flags { action, echo, flags })
            }
            (b"X-GM-LABELS", ..) => {
                reader.space()?;
                let labels = list_or_bare(reader, |labels, reader| {
                    labels.push(GmailLabel::read(reader)?);
                    Ok(())
                })?;
                Ok(Self::GmailLabels { action, echo, labels })
            }
            (b"ANNOTATION", StoreAction::Replace, StoreEcho::Fetch) => {
                reader.space()?;
                Annotation::read_list(reader).map(Self::Annotation)
            }
            _ => Err(SyntaxError::new(start, "FLAGS, +FLAGS or -FLAGS")),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Flags { action, echo, flags } => {
                write_name(*action, "FLAGS", *echo, writer);
                let flags = flags
                    .iter()
                    .filter(|flag| !matches!(flag, Flag::Recent | Flag::AnyKeyword));
                writer.list(flags, |writer, flag| flag.write(writer));
            }
            Self::GmailLabels { action, echo, labels } => {
                write_name(*action, "X-GM-LABELS", *echo, writer);
                writer.list(labels, |writer, label| label.write(writer));
            }
            Self::Annotation(annotations) => {
                writer.text("ANNOTATION ");
                Annotation::write_list(annotations, writer);
            }
        }
    }
}

/// With or without parentheses; the list may be empty, the bare form not.
fn list_or_bare<'a, T>(
    reader: &mut Reader<'a>,
    item: impl FnMut(&mut Vec<T>, &mut Reader<'a>) -> Parse<()>,
) -> Parse<Vec<T>> {
    let mut items = Vec::new();
    if reader.peek() != Some(b'(') {
        reader.separated_onto(&mut items, item)?;
        return Ok(items);
    }
    reader.open()?;
    if !reader.accept(b')') {
        reader.separated_onto(&mut items, item)?;
        reader.close()?;
    }
    Ok(items)
}

/// `flag`, which "does not include "\Recent"".
fn settable<'a>(flags: &mut Vec<Flag<'a>>, reader: &mut Reader<'a>) -> Parse<()> {
    let start = reader.offset();
    Flag::read(flags, reader)?;
    match flags.last() {
        Some(Flag::Recent | Flag::AnyKeyword) => Err(SyntaxError::new(start, "a flag that clients may set")),
        _ => Ok(()),
    }
}

fn write_name(action: StoreAction, name: &str, echo: StoreEcho, writer: &mut Writer<'_>) {
    writer.text(match action {
        StoreAction::Replace => "",
        StoreAction::Add => "+",
        StoreAction::Remove => "-",
    });
    writer.text(name);
    writer.text(match echo {
        StoreEcho::Fetch => " ",
        StoreEcho::Silent => ".SILENT ",
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, command, respelled_command};
    use crate::{Spelling, Tag, TaggedCommand};
    use core::num::NonZeroU32;

    #[test]
    fn commands_are_written_as_they_came() {
        for text in [
            "STORE 1 FLAGS ()",
            "STORE 2:4 +FLAGS (\\Deleted $Junk)",
            "UID STORE $ -FLAGS.SILENT (\\Seen)",
            "STORE 1 FLAGS.SILENT (NIL)",
            "STORE 7 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\\Deleted)",
            "STORE 7 (UNCHANGEDSINCE 320162338 X-NEW (a b)) FLAGS (a)",
            "STORE 7 (X-NEW) FLAGS (a)",
            "STORE 1 X-GM-LABELS (\\Inbox foo \"a b\")",
            "UID STORE 1:* +X-GM-LABELS.SILENT (foo)",
            "STORE 1 -X-GM-LABELS ()",
            "STORE 1 ANNOTATION (/comment (value.priv \"My comment\" value.shared NIL))",
        ] {
            canonical_command(text);
        }
        for (text, canonical) in [
            ("store 1 +flags \\seen \\deleted", "STORE 1 +FLAGS (\\Seen \\Deleted)"),
            ("uid store 1 -Flags.Silent x", "UID STORE 1 -FLAGS.SILENT (x)"),
            ("store 1 +flags NIL", "STORE 1 +FLAGS (NIL)"),
            ("store 1 x-gm-labels foo", "STORE 1 X-GM-LABELS (foo)"),
        ] {
            respelled_command(text, canonical);
        }
    }

    #[test]
    fn bad_commands_are_refused_where_they_go_wrong() {
        for (text, offset) in [
            ("STORE 1", 9),
            ("STORE 1 -", 10),
            ("STORE 1 FLAGS", 15),
            ("STORE 1 FLAGS ", 16),
            ("STORE 1 FLAGS (\\Seen", 22),
            ("STORE 1 FLAGS (\\Recent)", 17),
            ("STORE 1 +FLAGS \\*", 17),
            ("STORE 1 FLAGS.LOUD (a)", 10),
            ("STORE 1 +ANNOTATION (/a (b NIL))", 10),
            ("STORE 1 ANNOTATION ()", 22),
            ("STORE 1 () FLAGS (a)", 11),
            ("STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 2) FLAGS (a)", 28),
            ("STORE 1 (UNCHANGEDSINCE) FLAGS (a)", 25),
            ("STORE 0 FLAGS (a)", 8),
        ] {
            assert_eq!(command(text).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn what_no_client_may_set_is_not_written() {
        let flags = alloc::vec![Flag::Recent, Flag::Seen, Flag::AnyKeyword];
        let (action, echo) = (StoreAction::Replace, StoreEcho::Fetch);
        let change = StoreChange::Flags { action, echo, flags };
        let store = Store::new(Numbering::Sequence, NonZeroU32::MIN.into(), change);
        let tagged = TaggedCommand {
            tag: Tag::new("a").unwrap(),
            command: crate::Command::Store(store),
        };
        let mut out = Vec::new();
        tagged.encode(Spelling::CLIENT, &mut out);
        assert_eq!(out, b"a STORE 1 FLAGS (\\Seen)\r\n");
    }
}
