//! What a message is searched by: one criterion that has no others inside. How they are put together is
//! [`SearchProgram`](crate::SearchProgram)'s matter.

use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::messages::annotation_key::AnnotationSearch;
use crate::searching::filter_name::FilterName;
use crate::searching::mod_sequence_key::ModSequenceSearch;
use crate::syntax::object_id::ObjectId;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, Date, SequenceSet};

/// A `search-key` (RFC 9051 §6.4.4 and the extensions) other than NOT, OR, FUZZY and groups.
///
/// Strings are in the character set that the command names; a string is sought in any case and anywhere in the text.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum SearchKey<'a> {
    /// Messages with these sequence numbers.
    Sequence(SequenceSet),
    /// UID: messages with these unique identifiers.
    Uid(SequenceSet),
    /// ALL: each message.
    All,

    /// ANSWERED
    Answered,
    /// DELETED
    Deleted,
    /// DRAFT
    Draft,
    /// FLAGGED
    Flagged,
    /// SEEN
    Seen,
    /// UNANSWERED
    Unanswered,
    /// UNDELETED
    Undeleted,
    /// UNDRAFT
    Undraft,
    /// UNFLAGGED
    Unflagged,
    /// UNSEEN
    Unseen,
    /// NEW: `\Recent` and not `\Seen` (RFC 3501 §6.4.4).
    New,
    /// OLD: not `\Recent` (RFC 3501 §6.4.4).
    Old,
    /// RECENT: `\Recent` (RFC 3501 §6.4.4).
    Recent,
    /// KEYWORD: the flag is set.
    Keyword(Atom<'a>),
    /// UNKEYWORD: the flag is not set.
    Unkeyword(Atom<'a>),

    /// BCC
    Bcc(AString<'a>),
    /// CC
    Cc(AString<'a>),
    /// FROM
    From(AString<'a>),
    /// SUBJECT
    Subject(AString<'a>),
    /// TO
    To(AString<'a>),
    /// BODY
    Body(AString<'a>),
    /// TEXT: header or body.
    Text(AString<'a>),
    /// HEADER: a field; an empty value asks whether there is such a field.
    Header {
        /// The field's name.
        name: AString<'a>,
        /// What its value has in it.
        value: AString<'a>,
    },

    /// BEFORE: the internal date is earlier.
    Before(Date),
    /// ON
    On(Date),
    /// SINCE: the internal date is this or later.
    Since(Date),
    /// SENTBEFORE: the message's own Date is earlier.
    SentBefore(Date),
    /// SENTON
    SentOn(Date),
    /// SENTSINCE
    SentSince(Date),
    /// SAVEDBEFORE: it was put into the mailbox earlier (RFC 8514 §4.3).
    SavedBefore(Date),
    /// SAVEDON (RFC 8514 §4.3)
    SavedOn(Date),
    /// SAVEDSINCE (RFC 8514 §4.3)
    SavedSince(Date),
    /// SAVEDATESUPPORTED: each message of a mailbox that keeps save dates (RFC 8514 §4.3).
    SaveDateSupported,
    /// OLDER: so many seconds or more have passed since the internal date (RFC 5032 §2).
    Older(NonZeroU32),
    /// YOUNGER: no more than so many seconds have passed since the internal date (RFC 5032 §2).
    Younger(NonZeroU32),

    /// LARGER: more octets.
    Larger(u64),
    /// SMALLER: fewer octets.
    Smaller(u64),

    /// MODSEQ (RFC 7162 §3.1.5)
    ModSequence(ModSequenceSearch<'a>),
    /// ANNOTATION (RFC 5257 §4.8)
    Annotation(AnnotationSearch<'a>),
    /// FILTER: what a search that the server keeps finds (RFC 5466 §3.1).
    Filter(FilterName<'a>),
    /// EMAILID (RFC 8474 §6)
    EmailId(ObjectId<'a>),
    /// THREADID (RFC 8474 §6)
    ThreadId(ObjectId<'a>),
    /// UIDAFTER: a higher unique identifier (RFC 9738 §3.2).
    UidAfter(NonZeroU32),
    /// UIDBEFORE: a lower unique identifier (RFC 9738 §3.2).
    UidBefore(NonZeroU32),

    /// X-GM-RAW: Gmail's own search language.
    GmailRaw(AString<'a>),
    /// X-GM-MSGID
    GmailMessageId(u64),
    /// X-GM-THRID
    GmailThreadId(u64),
    /// X-GM-LABELS
    GmailLabels(AString<'a>),
}

impl<'a> SearchKey<'a> {
    /// One key, which is neither NOT, OR, FUZZY nor a group.
    ///
    /// ```text
    /// search-key = "ALL" / "ANSWERED" / "BCC" SP astring / … / sequence-set
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if matches!(reader.peek(), Some(b'0'..=b'9' | b'*' | b'$')) {
            return SequenceSet::read(reader).map(Self::Sequence);
        }
        let start = reader.offset();
        let name = reader.keyword();
        let name = name.as_slice();
        if let Some(key) = Self::word(name) {
            return Ok(key);
        }
        if let Some(make) = Self::of_string(name) {
            reader.space()?;
            return reader.astring().map(make);
        }
        if let Some(make) = Self::of_date(name) {
            reader.space()?;
            return Date::read(reader).map(make);
        }
        match Self::read_other(name, reader)? {
            Some(key) => Ok(key),
            None => {
                reader.rewind(start);
                reader.expected("a search key")
            }
        }
    }

    /// Keys without an argument.
    fn word(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"ALL" => Self::All,
            b"ANSWERED" => Self::Answered,
            b"DELETED" => Self::Deleted,
            b"DRAFT" => Self::Draft,
            b"FLAGGED" => Self::Flagged,
            b"NEW" => Self::New,
            b"OLD" => Self::Old,
            b"RECENT" => Self::Recent,
            b"SAVEDATESUPPORTED" => Self::SaveDateSupported,
            b"SEEN" => Self::Seen,
            b"UNANSWERED" => Self::Unanswered,
            b"UNDELETED" => Self::Undeleted,
            b"UNDRAFT" => Self::Undraft,
            b"UNFLAGGED" => Self::Unflagged,
            b"UNSEEN" => Self::Unseen,
            _ => return None,
        })
    }

    /// Keys with a string.
    fn of_string(name: &[u8]) -> Option<fn(AString<'a>) -> Self> {
        Some(match name {
            b"BCC" => Self::Bcc,
            b"BODY" => Self::Body,
            b"CC" => Self::Cc,
            b"FROM" => Self::From,
            b"SUBJECT" => Self::Subject,
            b"TEXT" => Self::Text,
            b"TO" => Self::To,
            b"X-GM-LABELS" => Self::GmailLabels,
            b"X-GM-RAW" => Self::GmailRaw,
            _ => return None,
        })
    }

    /// Keys with a day.
    fn of_date(name: &[u8]) -> Option<fn(Date) -> Self> {
        Some(match name {
            b"BEFORE" => Self::Before,
            b"ON" => Self::On,
            b"SAVEDBEFORE" => Self::SavedBefore,
            b"SAVEDON" => Self::SavedOn,
            b"SAVEDSINCE" => Self::SavedSince,
            b"SENTBEFORE" => Self::SentBefore,
            b"SENTON" => Self::SentOn,
            b"SENTSINCE" => Self::SentSince,
            b"SINCE" => Self::Since,
            _ => return None,
        })
    }

    /// Keys with another argument; `None` where the name is none.
    ///
    /// Sizes are read in all 64 bits, where RFC 9051 §9 has 63 of them; Gmail's identifiers need all.
    fn read_other(name: &[u8], reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        let read: fn(&mut Reader<'a>) -> Parse<Self> = match name {
            b"ANNOTATION" => |reader| AnnotationSearch::read(reader).map(Self::Annotation),
            b"EMAILID" => |reader| ObjectId::read(reader).map(Self::EmailId),
            b"FILTER" => |reader| FilterName::read(reader).map(Self::Filter),
            b"HEADER" => Self::read_header,
            b"KEYWORD" => |reader| reader.atom().map(Self::Keyword),
            b"LARGER" => |reader| reader.unsigned64().map(Self::Larger),
            b"MODSEQ" => |reader| ModSequenceSearch::read(reader).map(Self::ModSequence),
            b"OLDER" => |reader| reader.nz_number().map(Self::Older),
            b"SMALLER" => |reader| reader.unsigned64().map(Self::Smaller),
            b"THREADID" => |reader| ObjectId::read(reader).map(Self::ThreadId),
            b"UID" => |reader| SequenceSet::read(reader).map(Self::Uid),
            b"UIDAFTER" => |reader| reader.nz_number().map(Self::UidAfter),
            b"UIDBEFORE" => |reader| reader.nz_number().map(Self::UidBefore),
            b"UNKEYWORD" => |reader| reader.atom().map(Self::Unkeyword),
            b"X-GM-MSGID" => |reader| reader.unsigned64().map(Self::GmailMessageId),
            b"X-GM-THRID" => |reader| reader.unsigned64().map(Self::GmailThreadId),
            b"YOUNGER" => |reader| reader.nz_number().map(Self::Younger),
            _ => return Ok(None),
        };
        reader.space()?;
        read(reader).map(Some)
    }

    /// `"HEADER" SP header-fld-name SP astring`
    fn read_header(reader: &mut Reader<'a>) -> Parse<Self> {
        let name = reader.astring()?;
        reader.space()?;
        let value = reader.astring()?;
        Ok(Self::Header { name, value })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Sequence(set) => return set.write(writer),
            Self::ModSequence(key) => return key.write(writer),
            Self::Annotation(key) => return key.write(writer),
            _ => writer.text(self.name()),
        }
        let argument = Argument::of(self);
        if !matches!(argument, Argument::None) {
            writer.space();
        }
        argument.write(writer);
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Sequence(_) | Self::ModSequence(_) | Self::Annotation(_) => "",
            Self::Uid(_) => "UID",
            Self::All => "ALL",
            Self::Answered => "ANSWERED",
            Self::Deleted => "DELETED",
            Self::Draft => "DRAFT",
            Self::Flagged => "FLAGGED",
            Self::Seen => "SEEN",
            Self::Unanswered => "UNANSWERED",
            Self::Undeleted => "UNDELETED",
            Self::Undraft => "UNDRAFT",
            Self::Unflagged => "UNFLAGGED",
            Self::Unseen => "UNSEEN",
            Self::New => "NEW",
            Self::Old => "OLD",
            Self::Recent => "RECENT",
            Self::Keyword(_) => "KEYWORD",
            Self::Unkeyword(_) => "UNKEYWORD",
            Self::Bcc(_) => "BCC",
            Self::Cc(_) => "CC",
            Self::From(_) => "FROM",
            Self::Subject(_) => "SUBJECT",
            Self::To(_) => "TO",
            Self::Body(_) => "BODY",
            Self::Text(_) => "TEXT",
            Self::Header { .. } => "HEADER",
            Self::Before(_) => "BEFORE",
            Self::On(_) => "ON",
            Self::Since(_) => "SINCE",
            Self::SentBefore(_) => "SENTBEFORE",
            Self::SentOn(_) => "SENTON",
            Self::SentSince(_) => "SENTSINCE",
            Self::SavedBefore(_) => "SAVEDBEFORE",
            Self::SavedOn(_) => "SAVEDON",
            Self::SavedSince(_) => "SAVEDSINCE",
            Self::SaveDateSupported => "SAVEDATESUPPORTED",
            Self::Older(_) => "OLDER",
            Self::Younger(_) => "YOUNGER",
            Self::Larger(_) => "LARGER",
            Self::Smaller(_) => "SMALLER",
            Self::Filter(_) => "FILTER",
            Self::EmailId(_) => "EMAILID",
            Self::ThreadId(_) => "THREADID",
            Self::UidAfter(_) => "UIDAFTER",
            Self::UidBefore(_) => "UIDBEFORE",
            Self::GmailRaw(_) => "X-GM-RAW",
            Self::GmailMessageId(_) => "X-GM-MSGID",
            Self::GmailThreadId(_) => "X-GM-THRID",
            Self::GmailLabels(_) => "X-GM-LABELS",
        }
    }
}

/// What stands behind a key's name.
enum Argument<'k, 'a> {
    None,
    Strings(Option<&'k AString<'a>>, &'k AString<'a>),
    Word(&'k str),
    Date(Date),
    Number(u64),
    Set(&'k SequenceSet),
}

impl SearchKey<'_> {
    /// Whether the string that is looked for, if there is one, is ASCII.
    pub(crate) fn is_ascii(&self) -> bool {
        match Argument::of(self) {
            Argument::Strings(_, string) => string.as_bytes().is_ascii(),
            _ => true,
        }
    }
}

impl<'k, 'a> Argument<'k, 'a> {
    fn of(key: &'k SearchKey<'a>) -> Self {
        match key {
            SearchKey::Bcc(string)
            | SearchKey::Cc(string)
            | SearchKey::From(string)
            | SearchKey::Subject(string)
            | SearchKey::To(string)
            | SearchKey::Body(string)
            | SearchKey::Text(string)
            | SearchKey::GmailRaw(string)
            | SearchKey::GmailLabels(string) => Self::Strings(None, string),
            SearchKey::Header { name, value } => Self::Strings(Some(name), value),
            SearchKey::Keyword(word) | SearchKey::Unkeyword(word) => Self::Word(word.as_str()),
            SearchKey::Filter(name) => Self::Word(name.as_str()),
            SearchKey::EmailId(id) | SearchKey::ThreadId(id) => Self::Word(id.as_str()),
            SearchKey::Before(date)
            | SearchKey::On(date)
            | SearchKey::Since(date)
            | SearchKey::SentBefore(date)
            | SearchKey::SentOn(date)
            | SearchKey::SentSince(date)
            | SearchKey::SavedBefore(date)
            | SearchKey::SavedOn(date)
            | SearchKey::SavedSince(date) => Self::Date(*date),
            SearchKey::Older(number)
            | SearchKey::Younger(number)
            | SearchKey::UidAfter(number)
            | SearchKey::UidBefore(number) => Self::Number(u64::from(number.get())),
            SearchKey::Larger(number)
            | SearchKey::Smaller(number)
            | SearchKey::GmailMessageId(number)
            | SearchKey::GmailThreadId(number) => Self::Number(*number),
            SearchKey::Uid(set) => Self::Set(set),
            _ => Self::None,
        }
    }

    fn write(self, writer: &mut Writer<'_>) {
        match self {
            Self::None => {}
            Self::Strings(first, second) => {
                if let Some(first) = first {
                    writer.astring(first);
                    writer.space();
                }
                writer.astring(second);
            }
            Self::Word(word) => writer.text(word),
            Self::Date(date) => date.write(writer),
            Self::Number(number) => writer.number(number),
            Self::Set(set) => set.write(writer),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::trips::{canonical_command, command, command_returns, respelled_command};
    use crate::{
        AnnotationScope, AnnotationValue, Command, EntryScope, Flag, ModSequenceEntry, Numbering, Octets, Search,
        SequenceNumber, SequenceRange,
    };
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn each_key_is_written_as_it_came() {
        for key in [
            "ALL",
            "ANSWERED",
            "DELETED",
            "DRAFT",
            "FLAGGED",
            "NEW",
            "OLD",
            "RECENT",
            "SAVEDATESUPPORTED",
            "SEEN",
            "UNANSWERED",
            "UNDELETED",
            "UNDRAFT",
            "UNFLAGGED",
            "UNSEEN",
            "BCC a",
            "BODY \"two words\"",
            "CC \"\"",
            "FROM a@b",
            "SUBJECT \"\\\"q\\\"\"",
            "TEXT \"NIL\"",
            "TO x]",
            "HEADER Message-ID <a@b>",
            "HEADER X-Spam \"\"",
            "BEFORE 1-Feb-1994",
            "ON 31-Dec-2024",
            "SINCE 29-Feb-2000",
            "SENTBEFORE 1-Jan-1970",
            "SENTON 9-Sep-1999",
            "SENTSINCE 10-Oct-2010",
            "SAVEDBEFORE 1-Jan-2015",
            "SAVEDON 28-Dec-2014",
            "SAVEDSINCE 28-Dec-2014",
            "KEYWORD $Junk",
            "UNKEYWORD custom1",
            "LARGER 0",
            "SMALLER 18446744073709551615",
            "OLDER 60",
            "YOUNGER 259200",
            "UID 5,7:*",
            "UID $",
            "1",
            "1:4,*",
            "$",
            "*:1",
            "MODSEQ 0",
            "MODSEQ 620162338",
            "MODSEQ \"/flags/\\\\Draft\" all 620162338",
            "MODSEQ \"/flags/$Forwarded\" priv 1",
            "MODSEQ \"/flags/\\\\X\" shared 1",
            "ANNOTATION /comment value \"IMAP4\"",
            "ANNOTATION * value.priv NIL",
            "ANNOTATION \"/a b\" value.shared \"x y\"",
            "EMAILID M6d99ac3275bb4e",
            "THREADID T64b478a75b7ea9",
            "FILTER on-the-road",
            "UIDAFTER 25000",
            "UIDBEFORE 4294967295",
            "X-GM-RAW \"has:attachment in:unread\"",
            "X-GM-MSGID 18446744073709551615",
            "X-GM-THRID 1266894439832287888",
            "X-GM-LABELS Important",
        ] {
            canonical_command(&alloc::format!("SEARCH {key}"));
            let shouted = key.to_ascii_uppercase();
            assert!(command(&alloc::format!("search {shouted}")).is_ok(), "{shouted}");
        }
        respelled_command("search since \"5-MAR-2000\"", "SEARCH SINCE 5-Mar-2000");
        respelled_command("search since 05-mar-2000", "SEARCH SINCE 5-Mar-2000");
        respelled_command(
            "search modseq \"/FLAGS/\\\\SEEN\" All 1",
            "SEARCH MODSEQ \"/flags/\\\\Seen\" all 1",
        );
    }

    #[test]
    fn keys_that_are_none_are_told_where() {
        for (bad, offset) in [
            ("SEARCH FOO", 9),
            ("SEARCH ALLX", 9),
            ("SEARCH SEEN5", 9),
            ("SEARCH FROM", 13),
            ("SEARCH FROM ", 14),
            ("SEARCH FROM (a)", 14),
            ("SEARCH HEADER a", 17),
            ("SEARCH BEFORE 31-Feb-2000", 18),
            ("SEARCH BEFORE \"1-Jan-2000", 27),
            ("SEARCH KEYWORD \\Seen", 17),
            ("SEARCH LARGER -1", 16),
            ("SEARCH LARGER 18446744073709551616", 16),
            ("SEARCH OLDER 0", 15),
            ("SEARCH OLDER 4294967296", 15),
            ("SEARCH MODSEQ", 15),
            ("SEARCH MODSEQ \"/flags/\\\\Recent\" all 1", 16),
            ("SEARCH MODSEQ \"/other/x\" all 1", 16),
            ("SEARCH MODSEQ \"/flags/x\" none 1", 27),
            ("SEARCH MODSEQ \"/flags/x\" all", 30),
            ("SEARCH ANNOTATION /c size \"x\"", 23),
            ("SEARCH ANNOTATION /c value x", 29),
            ("SEARCH EMAILID M(1)", 18),
            ("SEARCH FILTER a/b", 17),
            ("SEARCH UID 0", 13),
            ("SEARCH UIDAFTER 0", 18),
            ("SEARCH 1:", 11),
            ("SEARCH 1,", 11),
            ("SEARCH 1x", 10),
            ("SEARCH X-GM-RAW", 17),
        ] {
            assert_eq!(command(bad).map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }

    fn string() -> impl Strategy<Value = AString<'static>> {
        let octets = prop_oneof![
            "[a-zA-Z0-9\"\\\\ \\](){}%*~+]{0,6}".prop_map(alloc::string::String::into_bytes),
            "[äß€a]{1,3}".prop_map(alloc::string::String::into_bytes),
            Just(b"NIL".to_vec()),
            proptest::collection::vec((1u8..).prop_filter("one line", |octet| !b"\r\n".contains(octet)), 0..6),
        ];
        octets.prop_map(|octets| AString::new(octets).unwrap())
    }

    fn number() -> impl Strategy<Value = NonZeroU32> {
        (1u32..).prop_map(|number| NonZeroU32::new(number).unwrap())
    }

    fn set() -> impl Strategy<Value = SequenceSet> {
        let end = || prop_oneof![number().prop_map(SequenceNumber::Number), Just(SequenceNumber::Largest)];
        let range = (end(), end()).prop_map(|(first, last)| SequenceRange { first, last });
        prop_oneof![
            proptest::collection::vec(range, 1..4)
                .prop_map(|ranges| SequenceSet::Ranges(crate::OneOrMore::checked(ranges))),
            Just(SequenceSet::SavedResult),
        ]
    }

    fn date() -> impl Strategy<Value = Date> {
        (0u16..=9999, 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
    }

    fn mod_sequence() -> impl Strategy<Value = ModSequenceSearch<'static>> {
        let flag = prop_oneof![
            Just("\\Seen"),
            Just("\\Deleted"),
            Just("$Junk"),
            Just("\\Mine"),
            Just("a'b")
        ];
        let scope = prop_oneof![
            Just(EntryScope::All),
            Just(EntryScope::Private),
            Just(EntryScope::Shared)
        ];
        let entry =
            (flag, scope).prop_map(|(flag, scope)| ModSequenceEntry::new(Flag::new(flag).unwrap(), scope).unwrap());
        (proptest::option::of(entry), any::<u64>()).prop_map(|(entry, since)| ModSequenceSearch { entry, since })
    }

    fn annotation() -> impl Strategy<Value = AnnotationSearch<'static>> {
        let attribute = prop_oneof![
            Just(AnnotationValue::Any),
            Just(AnnotationValue::Of(AnnotationScope::Private)),
            Just(AnnotationValue::Of(AnnotationScope::Shared)),
        ];
        let value = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..5).prop_map(Octets::from));
        (string(), attribute, value).prop_map(|(entry, attribute, value)| AnnotationSearch {
            entry,
            attribute,
            value,
        })
    }

    pub(crate) fn key() -> impl Strategy<Value = SearchKey<'static>> {
        let words: Vec<SearchKey<'static>> = [
            &b"ALL"[..],
            b"ANSWERED",
            b"DELETED",
            b"DRAFT",
            b"FLAGGED",
            b"NEW",
            b"OLD",
            b"RECENT",
            b"SAVEDATESUPPORTED",
            b"SEEN",
            b"UNANSWERED",
            b"UNDELETED",
            b"UNDRAFT",
            b"UNFLAGGED",
            b"UNSEEN",
        ]
        .into_iter()
        .filter_map(SearchKey::word)
        .collect();
        let of_string: Vec<fn(AString<'static>) -> SearchKey<'static>> = alloc::vec![
            SearchKey::Bcc,
            SearchKey::Cc,
            SearchKey::From,
            SearchKey::Subject,
            SearchKey::To,
            SearchKey::Body,
            SearchKey::Text,
            SearchKey::GmailRaw,
            SearchKey::GmailLabels,
        ];
        let of_date: Vec<fn(Date) -> SearchKey<'static>> = alloc::vec![
            SearchKey::Before,
            SearchKey::On,
            SearchKey::Since,
            SearchKey::SentBefore,
            SearchKey::SentOn,
            SearchKey::SentSince,
            SearchKey::SavedBefore,
            SearchKey::SavedOn,
            SearchKey::SavedSince,
        ];
        let of_number: Vec<fn(NonZeroU32) -> SearchKey<'static>> = alloc::vec![
            SearchKey::Older,
            SearchKey::Younger,
            SearchKey::UidAfter,
            SearchKey::UidBefore,
        ];
        let of_u64: Vec<fn(u64) -> SearchKey<'static>> = alloc::vec![
            SearchKey::Larger,
            SearchKey::Smaller,
            SearchKey::GmailMessageId,
            SearchKey::GmailThreadId,
        ];
        let of_set: Vec<fn(SequenceSet) -> SearchKey<'static>> = alloc::vec![SearchKey::Sequence, SearchKey::Uid];
        let of_atom: Vec<fn(Atom<'static>) -> SearchKey<'static>> =
            alloc::vec![SearchKey::Keyword, SearchKey::Unkeyword];
        let of_id: Vec<fn(ObjectId<'static>) -> SearchKey<'static>> =
            alloc::vec![SearchKey::EmailId, SearchKey::ThreadId];
        prop_oneof![
            proptest::sample::select(words),
            (proptest::sample::select(of_string), string()).prop_map(|(make, string)| make(string)),
            (string(), string()).prop_map(|(name, value)| SearchKey::Header { name, value }),
            (proptest::sample::select(of_date), date()).prop_map(|(make, date)| make(date)),
            (proptest::sample::select(of_number), number()).prop_map(|(make, number)| make(number)),
            (proptest::sample::select(of_u64), any::<u64>()).prop_map(|(make, number)| make(number)),
            (proptest::sample::select(of_set), set()).prop_map(|(make, set)| make(set)),
            (proptest::sample::select(of_atom), "[a-z$/\\[]{1,4}")
                .prop_map(|(make, word)| make(Atom::new(word).unwrap())),
            (proptest::sample::select(of_id), "[A-Za-z0-9_-]{1,9}")
                .prop_map(|(make, id)| make(ObjectId::new(id).unwrap())),
            "[a-z.-]{1,5}".prop_map(|name| SearchKey::Filter(FilterName::new(name).unwrap())),
            mod_sequence().prop_map(SearchKey::ModSequence),
            annotation().prop_map(SearchKey::Annotation),
        ]
    }

    proptest! {
        #[test]
        fn each_key_returns(key in key()) {
            command_returns(&Command::Search(Search::new(Numbering::Sequence, key)))?;
        }
    }
}
