//! STATUS: what can be told of a mailbox that is not selected.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::syntax::class::is_atom_char;
use crate::syntax::extension_value::ExtensionValue;
use crate::syntax::object_id::ObjectId;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, Mailbox, OneOrMore, SyntaxError, Tokens};

/// The STATUS command (RFC 9051 §6.3.11).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct StatusQuery<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// What is asked.
    pub items: OneOrMore<StatusItem<'a>>,
}

/// What STATUS can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
#[non_exhaustive]
pub enum StatusItem<'a> {
    /// MESSAGES: how many there are.
    Messages,
    /// RECENT: how many have `\Recent` (RFC 3501 §6.3.10).
    Recent,
    /// UIDNEXT: the next UID.
    UidNext,
    /// UIDVALIDITY
    UidValidity,
    /// UNSEEN: how many lack `\Seen`.
    Unseen,
    /// DELETED: how many have `\Deleted`.
    Deleted,
    /// SIZE: their octets (RFC 8438).
    Size,
    /// HIGHESTMODSEQ: the highest modification sequence (RFC 7162 §3.1.7).
    HighestModSeq,
    /// APPENDLIMIT: octets of the largest message that it takes (RFC 7889 §3.1).
    AppendLimit,
    /// MAILBOXID (RFC 8474 §4.3)
    MailboxId,
    /// DELETED-STORAGE: what expunging would free, in units of 1024 octets (RFC 9208 §4.1.4).
    DeletedStorage,
    /// Another one.
    Other(Atom<'a>),
}

/// The STATUS response (RFC 9051 §7.3.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct MailboxStatus<'a> {
    /// The mailbox.
    pub mailbox: Mailbox<'a>,
    /// What is told of it.
    pub values: Vec<StatusValue<'a>>,
}

/// What STATUS tells, [`StatusItem`] by item.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum StatusValue<'a> {
    /// MESSAGES
    Messages(u32),
    /// RECENT
    Recent(u32),
    /// UIDNEXT
    UidNext(NonZeroU32),
    /// UIDVALIDITY
    UidValidity(NonZeroU32),
    /// UNSEEN
    Unseen(u32),
    /// DELETED
    Deleted(u32),
    /// SIZE, in octets; more than 2^63-1 is written as that.
    Size(u64),
    /// HIGHESTMODSEQ; 0 where the mailbox keeps none.
    HighestModSeq(u64),
    /// APPENDLIMIT, in octets; none where there is no limit.
    AppendLimit(Option<u32>),
    /// MAILBOXID
    MailboxId(ObjectId<'a>),
    /// DELETED-STORAGE, in units of 1024 octets; more than 2^63-1 is written as that.
    DeletedStorage(u64),
    /// An item that this crate does not know.
    Other {
        /// Its name.
        name: Atom<'a>,
        /// Its value.
        value: ExtensionValue<'a>,
    },
    /// An item that cannot be read.
    Invalid {
        /// Its name and value.
        raw: Tokens<'a>,
        /// What is wrong with it.
        why: SyntaxError,
    },
}

impl<'a> StatusQuery<'a> {
    /// `status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mailbox = Mailbox::read(reader)?;
        reader.space()?;
        let items = OneOrMore::checked(reader.list1(StatusItem::read)?);
        Ok(Self { mailbox, items })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("STATUS ");
        self.mailbox.write(writer);
        writer.space();
        writer.list(&self.items, |writer, item| item.write(writer));
    }
}

impl<'a> StatusItem<'a> {
    /// ```text
    /// status-att =  "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" /
    ///               "UNSEEN" / "DELETED" / "SIZE"
    /// status-att =/ "RECENT" / "HIGHESTMODSEQ" / "APPENDLIMIT" / "MAILBOXID" / "DELETED-STORAGE"
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        Ok(match reader.keyword().as_slice() {
            b"MESSAGES" => Self::Messages,
            b"RECENT" => Self::Recent,
            b"UIDNEXT" => Self::UidNext,
            b"UIDVALIDITY" => Self::UidValidity,
            b"UNSEEN" => Self::Unseen,
            b"DELETED" => Self::Deleted,
            b"SIZE" => Self::Size,
            b"HIGHESTMODSEQ" => Self::HighestModSeq,
            b"APPENDLIMIT" => Self::AppendLimit,
            b"MAILBOXID" => Self::MailboxId,
            b"DELETED-STORAGE" => Self::DeletedStorage,
            _ => {
                reader.rewind(start);
                Self::Other(reader.atom()?)
            }
        })
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Messages => "MESSAGES",
            Self::Recent => "RECENT",
            Self::UidNext => "UIDNEXT",
            Self::UidValidity => "UIDVALIDITY",
            Self::Unseen => "UNSEEN",
            Self::Deleted => "DELETED",
            Self::Size => "SIZE",
            Self::HighestModSeq => "HIGHESTMODSEQ",
            Self::AppendLimit => "APPENDLIMIT",
            Self::MailboxId => "MAILBOXID",
            Self::DeletedStorage => "DELETED-STORAGE",
            Self::Other(name) => name.as_str(),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.as_str());
    }
}

impl<'a> MailboxStatus<'a> {
    /// `"STATUS" SP mailbox SP "(" [status-att-list] ")"`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let start = reader.offset();
        let read = Self::read_behind(Mailbox::read, reader);
        if !reader.leniency().unquoted_names || read.is_ok() && reader.clone().end().is_ok() {
            return read;
        }
        reader.rewind(start);
        Self::read_behind(unquoted_name, reader)
    }

    fn read_behind(name: impl FnOnce(&mut Reader<'a>) -> Parse<Mailbox<'a>>, reader: &mut Reader<'a>) -> Parse<Self> {
        let mailbox = name(reader)?;
        reader.space()?;
        let values = reader.list(StatusValue::read)?;
        Ok(Self { mailbox, values })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("STATUS ");
        self.mailbox.write(writer);
        writer.space();
        writer.list(&self.values, |writer, value| value.write(writer));
    }
}

impl<'a> StatusValue<'a> {
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match Self::read_valid(reader) {
            Ok(value) => Ok(value),
            Err(why) => {
                reader.rewind(start);
                let raw = skip_pair(reader)?;
                Ok(Self::Invalid { raw, why })
            }
        }
    }

    /// ```text
    /// status-att-val =  ("MESSAGES" SP number) / ("UIDNEXT" SP nz-number) /
    ///                   ("UIDVALIDITY" SP nz-number) / ("UNSEEN" SP number) /
    ///                   ("DELETED" SP number) / ("SIZE" SP number64)
    /// status-att-val =/ "RECENT" SP number
    /// status-att-val =/ "HIGHESTMODSEQ" SP mod-sequence-valzer
    /// status-att-val =/ "APPENDLIMIT" SP (number / nil)
    /// status-att-val =/ "MAILBOXID" SP "(" objectid ")"
    /// status-att-val =/ "DELETED-STORAGE" SP number64
    /// ```
    fn read_valid(reader: &mut Reader<'a>) -> Parse<Self> {
        let item = StatusItem::read(reader)?;
        reader.space()?;
        let value = match item {
            StatusItem::Messages => Self::Messages(reader.number()?),
            StatusItem::Recent => Self::Recent(reader.number()?),
            StatusItem::UidNext => Self::UidNext(reader.nz_number()?),
            StatusItem::UidValidity => Self::UidValidity(reader.nz_number()?),
            StatusItem::Unseen => Self::Unseen(reader.number()?),
            StatusItem::Deleted => Self::Deleted(reader.number()?),
            StatusItem::Size => Self::Size(reader.number64()?),
            StatusItem::HighestModSeq => Self::HighestModSeq(reader.unsigned64()?),
            StatusItem::AppendLimit if reader.accept_nil() => Self::AppendLimit(None),
            StatusItem::AppendLimit => Self::AppendLimit(Some(reader.number()?)),
            StatusItem::MailboxId => Self::MailboxId(in_parentheses(reader)?),
            StatusItem::DeletedStorage => Self::DeletedStorage(reader.number64()?),
            StatusItem::Other(name) => Self::Other {
                name,
                value: ExtensionValue::read(reader)?,
            },
        };
        match reader.peek() {
            Some(b' ' | b')') => Ok(value),
            _ => reader.expected("a space or \")\""),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        let mut number = |name: &str, number: u64| {
            writer.text(name);
            writer.space();
            writer.number(number);
        };
        match self {
            Self::Messages(count) => number("MESSAGES", (*count).into()),
            Self::Recent(count) => number("RECENT", (*count).into()),
            Self::UidNext(uid) => number("UIDNEXT", uid.get().into()),
            Self::UidValidity(validity) => number("UIDVALIDITY", validity.get().into()),
            Self::Unseen(count) => number("UNSEEN", (*count).into()),
            Self::Deleted(count) => number("DELETED", (*count).into()),
            Self::Size(octets) => {
                writer.text("SIZE ");
                writer.number64(*octets);
            }
            Self::HighestModSeq(sequence) => number("HIGHESTMODSEQ", *sequence),
            Self::AppendLimit(Some(octets)) => number("APPENDLIMIT", (*octets).into()),
            Self::AppendLimit(None) => writer.text("APPENDLIMIT NIL"),
            Self::DeletedStorage(units) => {
                writer.text("DELETED-STORAGE ");
                writer.number64(*units);
            }
            Self::MailboxId(id) => {
                writer.text("MAILBOXID (");
                id.write(writer);
                writer.text(")");
            }
            Self::Other { name, value } => {
                writer.text(name.as_str());
                writer.space();
                value.write(writer);
            }
            Self::Invalid { raw, .. } => raw.write(writer),
        }
    }
}

/// A name that is not spelled as it should be: up to the last list on the line.
fn unquoted_name<'a>(reader: &mut Reader<'a>) -> Parse<Mailbox<'a>> {
    let start = reader.offset();
    let line = reader.line();
    reader.rewind(start);
    match line.windows(2).rposition(|pair| pair == b" (") {
        Some(len) => {
            reader.skip(len);
            Ok(Mailbox::from_line(line[..len].into(), reader))
        }
        None => reader.expected("a mailbox and a list"),
    }
}

/// `"(" objectid ")"`
pub(crate) fn in_parentheses<'a>(reader: &mut Reader<'a>) -> Parse<ObjectId<'a>> {
    reader.open()?;
    let id = ObjectId::read(reader)?;
    reader.close()?;
    Ok(id)
}

/// A name with what looks like its value.
fn skip_pair<'a>(reader: &mut Reader<'a>) -> Parse<Tokens<'a>> {
    let start = reader.offset();
    let name = Tokens::read(reader)?;
    let behind = reader.offset();
    if !reader.accept_space() || begins_name(reader) {
        reader.rewind(behind);
        return Ok(name);
    }
    if Tokens::read(reader).is_err() {
        reader.rewind(behind);
        return Ok(name);
    }
    Ok(Tokens::checked(reader.since(start)))
}

/// Whether a word stands here that is no value: `NIL` is one.
fn begins_name(reader: &Reader<'_>) -> bool {
    let mut ahead = reader.clone();
    let is_letter = ahead.peek().is_some_and(|octet| octet.is_ascii_alphabetic());
    is_letter && !ahead.accept_nil() && ahead.run(is_atom_char).len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};
    use crate::{Command, Data, Leniency, Reading};
    use proptest::prelude::*;

    #[test]
    fn questions_and_answers() {
        for canonical in [
            "STATUS INBOX (MESSAGES)",
            "STATUS \"a b\" (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE)",
            "STATUS x (HIGHESTMODSEQ APPENDLIMIT MAILBOXID DELETED-STORAGE X-GUID)",
        ] {
            canonical_command(canonical);
        }
        respelled_command("status inbox (messages unseen)", "STATUS INBOX (MESSAGES UNSEEN)");
        for canonical in [
            "STATUS INBOX ()",
            "STATUS INBOX (MESSAGES 231 UIDNEXT 44292)",
            "STATUS x (RECENT 0 UIDVALIDITY 4294967295 UNSEEN 0 DELETED 1)",
            "STATUS x (SIZE 9223372036854775807 HIGHESTMODSEQ 0 DELETED-STORAGE 8)",
            "STATUS x (APPENDLIMIT NIL MAILBOXID (F2212ea87-6097-4256_9d51))",
            "STATUS x (APPENDLIMIT 35651584 X-GUID 5f X-LIST (a (b)) X-NIL NIL)",
        ] {
            canonical_data(canonical);
        }
        respelled_data("status \"INBOX\" (messages 3)", "STATUS INBOX (MESSAGES 3)");
    }

    #[test]
    fn one_bad_item_costs_one_item() {
        for (bad, raws) in [
            ("MESSAGES 4294967296", alloc::vec!["MESSAGES 4294967296"]),
            ("UIDNEXT 0", alloc::vec!["UIDNEXT 0"]),
            ("SIZE (3)", alloc::vec!["SIZE (3)"]),
            ("MESSAGES -1", alloc::vec!["MESSAGES -1"]),
            ("MESSAGES \"3\"", alloc::vec!["MESSAGES \"3\""]),
            ("MESSAGES NIL", alloc::vec!["MESSAGES NIL"]),
            ("MESSAGES 3x", alloc::vec!["MESSAGES 3x"]),
            ("MAILBOXID (a b)", alloc::vec!["MAILBOXID (a b)"]),
            ("MAILBOXID ()", alloc::vec!["MAILBOXID ()"]),
            ("MESSAGES", alloc::vec!["MESSAGES"]),
            ("(MESSAGES) 5", alloc::vec!["(MESSAGES) 5"]),
        ] {
            let text = alloc::format!("STATUS x (UNSEEN 1 {bad} DELETED 2)");
            let Data::MailboxStatus(status) = canonical_data(&text) else {
                panic!("{text}")
            };
            assert_eq!(status.values.first(), Some(&StatusValue::Unseen(1)), "{text}");
            assert_eq!(status.values.last(), Some(&StatusValue::Deleted(2)), "{text}");
            let invalid = status.values.iter().filter_map(|value| match value {
                StatusValue::Invalid { raw, why } => {
                    assert!(why.offset > 20, "{text}: {why}");
                    Some(raw.as_bytes())
                }
                _ => None,
            });
            assert!(invalid.eq(raws.iter().map(|raw| raw.as_bytes())), "{text}: {status:?}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_is() {
        for (bad, offset) in [
            ("STATUS x", 10),
            ("STATUS x MESSAGES", 11),
            ("STATUS x ()", 12),
            ("STATUS x (MESSAGES", 20),
            ("STATUS x (MESSAGES 1\"", 22),
            ("STATUS (x) (MESSAGES)", 9),
        ] {
            let error = command(bad).unwrap_err();
            assert_eq!(error.offset, offset, "{bad:?}: {error}");
        }
        assert!(data("STATUS x (MESSAGES 1", Reading::STRICT).is_err());
        assert!(data("STATUS x (MESSAGES (1)", Reading::STRICT).is_err());
    }

    #[test]
    fn unquoted_names_run_to_the_list() {
        let lenient = Reading {
            leniency: Leniency {
                unquoted_names: true,
                ..Leniency::STRICT
            },
            ..Reading::STRICT
        };
        for name in ["Sent Items", "a\tb", "a (b)", "folder(S)C", "\"x"] {
            let text = alloc::format!("STATUS {name} (MESSAGES 1)");
            let Ok(Data::MailboxStatus(status)) = data(&text, lenient) else {
                panic!("{text}")
            };
            assert_eq!((status.mailbox.as_wire(), status.values.len()), (name.as_bytes(), 1));
            assert!(data(&text, Reading::STRICT).is_err(), "{text}");
        }
    }

    #[test]
    fn raw_backslashes_stand_for_themselves() {
        let lenient = Reading {
            leniency: Leniency {
                raw_backslashes: true,
                ..Leniency::STRICT
            },
            ..Reading::STRICT
        };
        for (spelled, name) in [("a\\b", "a\\b"), ("\\a\\\\b\\\"\\c", "\\a\\b\"\\c")] {
            let text = alloc::format!("STATUS \"{spelled}\" (MESSAGES 1)");
            let Ok(Data::MailboxStatus(status)) = data(&text, lenient) else {
                panic!("{text}")
            };
            assert_eq!(status.mailbox.as_wire(), name.as_bytes());
            assert!(data(&text, Reading::STRICT).is_err(), "{text}");
        }
        assert!(data("STATUS \"a\\\r\n\" (MESSAGES 1)", lenient).is_err());
    }

    fn value() -> impl Strategy<Value = StatusValue<'static>> {
        let other = ("X-[A-Z]{0,3}", crate::syntax::extension_value::strategies::value());
        prop_oneof![
            any::<u32>().prop_map(StatusValue::Messages),
            any::<NonZeroU32>().prop_map(StatusValue::UidNext),
            any::<NonZeroU32>().prop_map(StatusValue::UidValidity),
            any::<u32>().prop_map(StatusValue::Unseen),
            (0..1u64 << 63).prop_map(StatusValue::Size),
            any::<u64>().prop_map(StatusValue::HighestModSeq),
            any::<Option<u32>>().prop_map(StatusValue::AppendLimit),
            "[A-Za-z0-9_-]{1,9}".prop_map(|id| StatusValue::MailboxId(ObjectId::new(id).unwrap())),
            other.prop_map(|(name, value)| StatusValue::Other {
                name: Atom::new(name).unwrap(),
                value
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(name in "\\PC{0,6}", values in proptest::collection::vec(value(), 0..4)) {
            let mailbox = Mailbox::new(&name).unwrap();
            crate::trips::data_returns(&Data::MailboxStatus(MailboxStatus { mailbox, values }))?;
        }

        #[test]
        fn queries_are_read(name in "\\PC{0,6}", item in "[A-Z]{1,4}") {
            let mailbox = Mailbox::new(&name).unwrap();
            let mut items = OneOrMore::from(StatusItem::DeletedStorage);
            items.push(StatusItem::Other(Atom::new(item).unwrap()));
            crate::trips::command_returns(&Command::Status(StatusQuery { mailbox, items }))?;
        }
    }
}
