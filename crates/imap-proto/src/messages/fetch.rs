//! FETCH: the command, and the response that tells of one message.

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::messages::fetch_item::mod_sequence;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{
    Extension, FetchAttribute, FetchItem, Flag, IntoBoundedStatic, InvalidValue, Numbering, OneOrMore, PartialRange,
    Reading, SequenceSet, SyntaxError,
};

/// FETCH and UID FETCH: what the client wants to know of messages (RFC 9051 §6.4.5).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct FetchCommand<'a> {
    /// What the set holds.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// What of them.
    pub selection: FetchSelection<'a>,
    /// Which of them, and how (RFC 4466 §2.4).
    pub modifiers: Vec<FetchModifier<'a>>,
}

/// What a [`FetchCommand`] asks for.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub enum FetchSelection<'a> {
    /// `ALL`: FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE
    All,
    /// `FAST`: FLAGS, INTERNALDATE, RFC822.SIZE
    Fast,
    /// `FULL`: FLAGS, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY
    Full,
    /// These.
    Attributes(OneOrMore<FetchAttribute<'a>>),
}

/// A modifier of a [`FetchCommand`].
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum FetchModifier<'a> {
    /// `CHANGEDSINCE`: only messages with a higher mod-sequence (RFC 7162 §3.1.4.1).
    ChangedSince(NonZeroU64),
    /// `VANISHED`: also which messages are gone since; with CHANGEDSINCE and UID FETCH only (RFC 7162 §3.2.6).
    Vanished,
    /// `PARTIAL`: only these of them (RFC 9394 §3.3).
    Partial(PartialRange),
    /// A modifier that this crate does not know.
    Other(Extension<'a>),
}

/// FETCH and UIDFETCH: what a message is (RFC 9051 §7.5.2, RFC 9586 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Fetch<'a> {
    /// Whether the number is a sequence number (`FETCH`) or a UID (`UIDFETCH`).
    pub numbering: Numbering,
    /// The message.
    pub number: NonZeroU32,
    /// Empty only where a server sent `()`.
    items: Vec<FetchItem<'a>>,
}

impl<'a> FetchCommand<'a> {
    /// What follows `FETCH`.
    ///
    /// ```text
    /// fetch           = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
    ///                   "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
    /// fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")"
    /// ```
    /// (RFC 4466 §3.)
    pub(crate) fn read(numbering: Numbering, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let set = SequenceSet::read(reader)?;
        reader.space()?;
        let selection = FetchSelection::read(reader)?;
        let modifiers = match reader.rest() {
            [b' ', b'(', ..] => {
                reader.space()?;
                reader.list1(FetchModifier::read)?
            }
            _ => Vec::new(),
        };
        Ok(Self {
            numbering,
            set,
            selection,
            modifiers,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if self.numbering == Numbering::Uid {
            writer.text("UID ");
        }
        writer.text("FETCH ");
        self.set.write(writer);
        writer.space();
        self.selection.write(writer);
        if !self.modifiers.is_empty() {
            writer.space();
            writer.list(&self.modifiers, |writer, modifier| modifier.write(writer));
        }
    }
}

impl<'a> FetchSelection<'a> {
    /// A selection in the spelling of the wire.
    ///
    /// ```
    /// # use imap_proto::{FetchAttribute, FetchSelection};
    /// let selection = FetchSelection::parse(b"(UID FLAGS)")?;
    /// assert_eq!(Ok(selection), [FetchAttribute::Uid, FetchAttribute::Flags].try_into());
    /// # Ok::<(), imap_proto::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it is none.
    pub fn parse(wire: &'a [u8]) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(wire, Reading::STRICT);
        let selection = Self::read(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("the end of the attributes");
        }
        Ok(selection)
    }

    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        if reader.accept_word("ALL") {
            return Ok(Self::All);
        }
        if reader.accept_word("FAST") {
            return Ok(Self::Fast);
        }
        if reader.accept_word("FULL") {
            return Ok(Self::Full);
        }
        let attributes = match reader.peek() {
            Some(b'(') => FetchAttribute::read_list(reader)?,
            _ => OneOrMore::from(FetchAttribute::read_alone(reader)?),
        };
        Ok(Self::Attributes(attributes))
    }

    /// One attribute goes without parentheses, unless it ends with some.
    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::All => writer.text("ALL"),
            Self::Fast => writer.text("FAST"),
            Self::Full => writer.text("FULL"),
            Self::Attributes(attributes) => match &**attributes {
                [attribute] if !attribute.ends_with_list() => attribute.write(writer),
                attributes => FetchAttribute::write_list(attributes, writer),
            },
        }
    }
}

impl<'a, T: Into<OneOrMore<FetchAttribute<'a>>>> From<T> for FetchSelection<'a> {
    fn from(attributes: T) -> Self {
        Self::Attributes(attributes.into())
    }
}

impl<'a> TryFrom<Vec<FetchAttribute<'a>>> for FetchSelection<'a> {
    type Error = InvalidValue;

    fn try_from(attributes: Vec<FetchAttribute<'a>>) -> Result<Self, InvalidValue> {
        OneOrMore::new(attributes).map(Self::Attributes)
    }
}

impl<'a, const N: usize> TryFrom<[FetchAttribute<'a>; N]> for FetchSelection<'a> {
    type Error = InvalidValue;

    fn try_from(attributes: [FetchAttribute<'a>; N]) -> Result<Self, InvalidValue> {
        OneOrMore::try_from(attributes).map(Self::Attributes)
    }
}

impl TryFrom<&str> for FetchSelection<'static> {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        FetchSelection::parse(text.as_bytes()).map(IntoBoundedStatic::into_static)
    }
}

impl<'a> FetchModifier<'a> {
    /// ```text
    /// fetch-modifier      = fetch-modifier-name [SP fetch-modif-params]
    /// chgsince-fetch-mod  = "CHANGEDSINCE" SP mod-sequence-value
    /// rexpunges-fetch-mod = "VANISHED"
    /// modifier-partial    = "PARTIAL" SP partial-range
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"CHANGEDSINCE" => {
                reader.space()?;
                mod_sequence(reader).map(Self::ChangedSince)
            }
            b"VANISHED" => Ok(Self::Vanished),
            b"PARTIAL" => {
                reader.space()?;
                PartialRange::read(reader).map(Self::Partial)
            }
            _ => {
                reader.rewind(start);
                Extension::read(reader).map(Self::Other)
            }
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::ChangedSince(number) => {
                writer.text("CHANGEDSINCE ");
                writer.number64(number.get());
            }
            Self::Vanished => writer.text("VANISHED"),
            Self::Partial(range) => {
                writer.text("PARTIAL ");
                range.write(writer);
            }
            Self::Other(extension) => extension.write(writer),
        }
    }
}

impl<'a> Fetch<'a> {
    /// What is known of a message.
    pub fn new(numbering: Numbering, number: NonZeroU32, items: OneOrMore<FetchItem<'a>>) -> Self {
        Self {
            numbering,
            number,
            items: items.into_vec(),
        }
    }

    /// The items, in order; none only where a server sent `()`.
    pub fn items(&self) -> &[FetchItem<'a>] {
        &self.items
    }

    /// The items.
    pub fn into_items(self) -> Vec<FetchItem<'a>> {
        self.items
    }

    /// The UID, whether it is the number or an item.
    pub fn uid(&self) -> Option<NonZeroU32> {
        if self.numbering == Numbering::Uid {
            return Some(self.number);
        }
        self.items.iter().find_map(|item| match item {
            FetchItem::Uid(uid) => Some(*uid),
            _ => None,
        })
    }

    /// What follows `FETCH` or `UIDFETCH`.
    ///
    /// ```text
    /// message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
    /// uidfetch-resp = uniqueid SP "UIDFETCH" SP msg-att
    /// msg-att      = "(" (msg-att-dynamic / msg-att-static)
    ///                 *(SP (msg-att-dynamic / msg-att-static)) ")"
    /// ```
    pub(crate) fn read(numbering: Numbering, number: NonZeroU32, reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        reader.open()?;
        // With an envelope or a structure there are a few others, too.
        let mut items = Vec::with_capacity(if reader.rest().len() < 256 { 4 } else { 8 });
        if !(reader.leniency().empty_lists && reader.accept(b')')) {
            reader.separated_onto(&mut items, FetchItem::read)?;
            reader.close()?;
        }
        Ok(Self {
            numbering,
            number,
            items,
        })
    }

    /// Nothing yet of a message: for those who collect items as they come.
    pub const fn empty(numbering: Numbering, number: NonZeroU32) -> Self {
        Self {
            numbering,
            number,
            items: Vec::new(),
        }
    }

    /// One item more.
    pub fn push(&mut self, item: FetchItem<'a>) {
        self.items.push(item);
    }

    pub(crate) fn for_each_flags(&mut self, mut change: impl FnMut(&mut Vec<Flag<'a>>)) {
        for item in &mut self.items {
            if let FetchItem::Flags(flags) = item {
                change(flags);
            }
        }
    }

    /// `"*" SP` and [`read_begin`](Self::read_begin).
    pub(crate) fn read_untagged(reader: &mut Reader<'_>) -> Parse<(Numbering, NonZeroU32)> {
        if !reader.accept_text("* ") {
            return reader.expected("\"*\"");
        }
        Self::read_begin(reader)
    }

    /// `nz-number SP ("FETCH" / "UIDFETCH") SP "("`: what stands in front of the items when they are read one at a time.
    pub(crate) fn read_begin(reader: &mut Reader<'_>) -> Parse<(Numbering, NonZeroU32)> {
        // As where a response is read whole: zeros in front do not matter.
        let start = reader.offset();
        let number = NonZeroU32::new(reader.number()?).ok_or(SyntaxError::new(start, "a number from 1"))?;
        reader.space()?;
        let numbering = if reader.accept_word("FETCH") {
            Numbering::Sequence
        } else if reader.accept_word("UIDFETCH") {
            Numbering::Uid
        } else {
            return reader.expected("FETCH");
        };
        reader.space()?;
        reader.open()?;
        Ok((numbering, number))
    }

    /// The counterpart of [`read_begin`](Self::read_begin).
    pub(crate) fn write_begin(numbering: Numbering, number: NonZeroU32, writer: &mut Writer<'_>) {
        writer.number(number.get());
        writer.text(match numbering {
            Numbering::Sequence => " FETCH (",
            Numbering::Uid => " UIDFETCH (",
        });
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        Self::write_begin(self.numbering, self.number, writer);
        writer.separated(&self.items, |writer, item| item.write(writer));
        writer.text(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_command, canonical_data, command, data, respelled_command, respelled_data};
    use crate::{Data, Reading, Spelling};

    #[test]
    fn commands_are_written_as_they_came() {
        for text in [
            "FETCH 1 ALL",
            "FETCH 2:* FAST",
            "UID FETCH 4,7:9 FULL",
            "FETCH $ UID",
            "FETCH 1 (ENVELOPE FLAGS INTERNALDATE RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE BODY BODYSTRUCTURE UID)",
            "FETCH 1 BODY[]",
            "FETCH 1 BODY.PEEK[1.2.HEADER.FIELDS (To \"a b\")]<0.512>",
            "UID FETCH 1:100 (BODY[HEADER] BODY[3.MIME] BODY.PEEK[TEXT]<7.1>)",
            "FETCH 1 (BINARY[] BINARY.PEEK[2]<5.9223372036854775807> BINARY.SIZE[1.1])",
            "FETCH 1 (MODSEQ SAVEDATE EMAILID THREADID X-GM-MSGID X-GM-THRID X-GM-LABELS PREVIEW)",
            "FETCH 1 (PREVIEW (LAZY) FLAGS)",
            "FETCH 1 (PREVIEW (LAZY X-NEW))",
            "FETCH 1 PREVIEW",
            "FETCH 1 ANNOTATION (/comment value)",
            "FETCH 1 (ANNOTATION ((/comment \"/a/*\") (value.priv value.shared)) UID)",
            "UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)",
            "UID FETCH 1:* (FLAGS UID) (PARTIAL -1:-100)",
            "FETCH 1:* PREVIEW (CHANGEDSINCE 7)",
            "FETCH 1 UID (X-MODIFIER X-VALUED 1:5 X-LIST (a \"b\"))",
            "FETCH 1 X-NEW",
            "FETCH 1 (X-NEW (A B) X-PART[1.2]<0.5> X-LAST)",
        ] {
            canonical_command(text);
        }
        for (text, canonical) in [
            ("fetch 1 (uid)", "FETCH 1 UID"),
            ("uid fetch 1 body.peek[header]", "UID FETCH 1 BODY.PEEK[HEADER]"),
            ("fetch 1 preview (lazy)", "FETCH 1 (PREVIEW (LAZY))"),
            (
                "fetch 1 preview (lazy) (changedsince 5)",
                "FETCH 1 (PREVIEW (LAZY)) (CHANGEDSINCE 5)",
            ),
            (
                "Fetch 1 (Annotation ((\"/c\") ({5}\r\nvalue)))",
                "FETCH 1 ANNOTATION (/c value)",
            ),
            ("FETCH 1 X-PART[1]", "FETCH 1 (X-PART[1])"),
        ] {
            respelled_command(text, canonical);
        }
    }

    #[test]
    fn bad_commands_are_refused_where_they_go_wrong() {
        for (text, offset) in [
            ("FETCH", 7),
            ("FETCH ", 8),
            ("FETCH 1", 9),
            ("FETCH 0 UID", 8),
            ("FETCH 1 ()", 11),
            ("FETCH 1 (UID", 14),
            ("FETCH 1 (UID )", 15),
            ("FETCH 1 UID FLAGS", 13),
            ("FETCH 1 (ALL)", 11),
            ("FETCH 1 BODY[", 15),
            ("FETCH 1 BODY[]<1.0>", 19),
            ("FETCH 1 BODY[]<1..1>", 19),
            ("FETCH 1 BODY[]<9223372036854775808.1>", 17),
            ("FETCH 1 BODY.PEEK", 19),
            ("FETCH 1 BINARY", 16),
            ("FETCH 1 BINARY[TEXT]", 17),
            ("FETCH 1 BODY[HEADER.FIELDS.NOT ()]", 34),
            ("FETCH 1 UID ()", 15),
            ("FETCH 1 UID (CHANGEDSINCE 0)", 28),
            ("FETCH 1 UID (CHANGEDSINCE)", 27),
            ("FETCH 1 UID (PARTIAL 0:1)", 23),
            ("FETCH 1 ANNOTATION (a)", 23),
            ("FETCH 1 X-BAD[1", 17),
        ] {
            assert_eq!(command(text).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn responses_are_written_as_they_came() {
        for text in [
            "12 FETCH (FLAGS () UID 4 RFC822.SIZE 9223372036854775807)",
            "25996 UIDFETCH (FLAGS (\\Seen \\Recent \\* $Junk \\X-New))",
            "1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" MODSEQ (624140003))",
            "1 FETCH (BODY[] {5}\r\nab\r\nc BODY[1.HEADER.FIELDS (To)]<0> {0}\r\n BODY[9] NIL)",
            "1 FETCH (RFC822 {2}\r\nhi RFC822.HEADER {2}\r\nhi RFC822.TEXT NIL)",
            "1 FETCH (BINARY[1]<7> ~{3}\r\na\0b BINARY[2.1] NIL BINARY.SIZE[1] 42)",
            "1 FETCH (PREVIEW \"Hello\" SAVEDATE NIL EMAILID (M1_-) THREADID NIL)",
            "1 FETCH (PREVIEW NIL SAVEDATE \" 1-Jan-2020 00:00:00 +0000\" THREADID (T9))",
            "1 FETCH (ANNOTATION (/comment (value.priv \"x\" value.shared NIL) /flags (value.priv \"1\")))",
            "1 FETCH (ANNOTATION (/comment /flags))",
            "1 FETCH (X-GM-MSGID 18446744073709551615 X-GM-THRID 0 X-GM-LABELS (\\Inbox Travel \"a b\" Entw&APw-rfe))",
            "1 FETCH (X-NEW 5 X-OLD[1.2]<0> (a (b)) X-TEXT {3}\r\nabc UID 5)",
            "1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))",
        ] {
            let Data::Fetch(fetch) = canonical_data(text) else {
                panic!("{text}")
            };
            assert!(
                fetch
                    .items()
                    .iter()
                    .all(|item| !matches!(item, FetchItem::Invalid { .. })),
                "{text}"
            );
        }
        for (text, canonical) in [
            ("1 fetch (flags (\\seen) uid 5)", "1 FETCH (FLAGS (\\Seen) UID 5)"),
            ("1 FETCH (BODY[] \"hi\")", "1 FETCH (BODY[] {2}\r\nhi)"),
            ("1 FETCH (BODY[] ~{3}\r\na\0b)", "1 FETCH (BODY[] ~{3}\r\na\0b)"),
            (
                "1 FETCH (X-GM-LABELS (\"\\\\Inbox\" {1}\r\na))",
                "1 FETCH (X-GM-LABELS (\\Inbox a))",
            ),
        ] {
            respelled_data(text, canonical);
        }
    }

    #[test]
    fn one_bad_item_costs_one_item() {
        for bad in [
            "FLAGS \\Seen",
            "UID 0",
            "UID 5x",
            "UID (5)",
            "MODSEQ 5",
            "MODSEQ (0)",
            "INTERNALDATE NIL",
            "INTERNALDATE \"00-Jan-0000 00:00:00 +0000\"",
            "RFC822.SIZE -1",
            "RFC822.SIZE 9223372036854775808",
            "ENVELOPE NIL",
            "ENVELOPE (NIL)",
            "ENVELOPE (NIL NIL (NIL) NIL NIL NIL NIL NIL NIL NIL)",
            "BODY ()",
            "BODY (\"TEXT\" \"PLAIN\")",
            "BODYSTRUCTURE (((((",
            "BODY[0] {1}\r\na",
            "BODY[MIME] NIL",
            "BINARY 5",
            "EMAILID M1",
            "THREADID (a b)",
            "X-GM-MSGID 18446744073709551616",
            "X-GM-LABELS NIL",
            "(ENVELOPE NIL)",
            "UID",
        ] {
            let text = alloc::format!("7 FETCH (FLAGS (\\Seen) {bad} UID 9)");
            let Ok(read) = data(&text, Reading::STRICT) else {
                assert!(bad.contains("((("), "{bad}");
                continue;
            };
            let Data::Fetch(fetch) = read.clone() else {
                panic!("{text}")
            };
            let [FetchItem::Flags(_), FetchItem::Invalid { raw, why }, FetchItem::Uid(_)] = fetch.items() else {
                // `UID` takes what follows for its value.
                assert_eq!(bad, "UID");
                continue;
            };
            assert_eq!(raw.as_bytes(), bad.as_bytes());
            assert!((24..24 + bad.len()).contains(&(why.offset - 1)), "{bad}: {why}");
            let mut wire = Vec::new();
            crate::Response::Untagged(read).encode(Spelling::SERVER, &mut wire);
            assert_eq!(wire, [b"* ", text.as_bytes(), b"\r\n"].concat());
        }
    }

    #[test]
    fn bad_responses_are_refused_where_they_go_wrong() {
        for (text, offset) in [
            ("0 FETCH (UID 5)", 2),
            ("1 FETCH", 9),
            ("1 FETCH UID 5", 10),
            ("1 FETCH ()", 11),
            ("1 FETCH (UID 5", 16),
            ("1 FETCH (UID 5) x", 17),
            ("1 FETCH (UID 5 )", 17),
            ("FLAGS", 7),
            ("FLAGS \\Seen", 8),
        ] {
            assert_eq!(data(text, Reading::STRICT).unwrap_err().offset, offset, "{text}");
        }
        canonical_data("FLAGS (\\Answered \\Seen $Forwarded)");
        canonical_data("FLAGS ()");
    }

    #[test]
    fn an_empty_response_is_let_through_when_asked_for() {
        assert!(data("1 FETCH ()", Reading::STRICT).is_err());
        let Ok(Data::Fetch(fetch)) = data("1 FETCH ()", Reading::LENIENT) else {
            panic!()
        };
        assert!(fetch.items().is_empty());
    }

    /// As a machine reads them that streams the literals.
    #[test]
    fn items_are_read_one_at_a_time() {
        let mut reader = Reader::new(b"5 FETCH (UID 7 BODY[] {70000}\r\n", Reading::STRICT);
        assert_eq!(
            Fetch::read_begin(&mut reader),
            Ok((Numbering::Sequence, NonZeroU32::new(5).unwrap()))
        );
        let mut items = Vec::new();
        FetchItem::read(&mut items, &mut reader).unwrap();
        reader.space().unwrap();
        let section = crate::Section::Whole;
        let item = FetchItem::BodySection {
            section,
            origin: None,
            data: Some(crate::Payload::Announced(70000)),
        };
        FetchItem::read(&mut items, &mut reader).unwrap();
        assert_eq!(items, [FetchItem::Uid(NonZeroU32::new(7).unwrap()), item.clone()]);
        assert!(reader.is_at_end());
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, Spelling::SERVER);
        item.write(&mut writer);
        let pauses = writer.finish();
        assert_eq!(out, b"BODY[] {70000}\r\n");
        assert_eq!(pauses.len(), 1);
    }

    #[test]
    fn the_uid_is_found_wherever_it_is() {
        let uid = |text| match data(text, Reading::STRICT) {
            Ok(Data::Fetch(fetch)) => fetch.uid().map(NonZeroU32::get),
            other => panic!("{other:?}"),
        };
        assert_eq!(uid("5 FETCH (FLAGS () UID 7)"), Some(7));
        assert_eq!(uid("5 UIDFETCH (FLAGS ())"), Some(5));
        assert_eq!(uid("5 FETCH (FLAGS ())"), None);
    }
}
