//! The ESEARCH response (RFC 4466 §2.6.2, RFC 4731, RFC 9051 §7.3.4).

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use bounded_static::ToStatic;

use crate::searching::correlator::Correlator;
use crate::syntax::extension::Extension;
use crate::syntax::number_set::NumberSet;
use crate::syntax::one_or_more::OneOrMore;
use crate::syntax::partial_range::PartialRange;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Found, InvalidValue, Numbering, ReturnOption, SyntaxError, Tag, Tokens};

/// ESEARCH: what a search found, or how what it found has changed.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Esearch<'a> {
    /// Which command's result it is, and of which mailbox.
    pub correlator: Correlator<'a>,
    /// What the numbers are.
    pub numbering: Numbering,
    /// What is told.
    pub items: Vec<SearchItem<'a>>,
}

/// `search-return-data` (RFC 9051 §9 and the extensions)
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum SearchItem<'a> {
    /// MIN: the lowest number, or the first of a SORT. Missing where nothing was found.
    Min(NonZeroU32),
    /// MAX: the highest, or the last of a SORT. Missing where nothing was found.
    Max(NonZeroU32),
    /// ALL: what was found. Missing where nothing was.
    All(NumberSet),
    /// COUNT: how many were found.
    Count(u32),
    /// MODSEQ: the highest modification sequence among them (RFC 4731 §3.2).
    ModSequence(NonZeroU64),
    /// RELEVANCY: a score for each message, in the same order (RFC 6203 §4).
    Relevancy(Vec<Score>),
    /// PARTIAL: a window on what was found (RFC 9394 §3.1).
    Partial {
        /// The window.
        range: PartialRange,
        /// What is in it; `None` when there is nothing.
        results: Option<NumberSet>,
    },
    /// ADDTO: these are in the result now (RFC 5267 §4.3.3).
    AddTo(OneOrMore<ResultUpdate>),
    /// REMOVEFROM: these are no longer in the result (RFC 5267 §4.3.4).
    RemoveFrom(OneOrMore<ResultUpdate>),
    /// Data that this crate does not know.
    Other(Extension<'a>),
    /// Data that cannot be understood.
    Invalid {
        /// As it came.
        raw: Tokens<'a>,
        /// What is wrong with it.
        why: SyntaxError,
    },
}

/// Messages that came into a search result, or left it.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct ResultUpdate {
    /// Where in the result, counted from 1; 0 where the order of the mailbox tells.
    pub position: u32,
    /// The messages.
    pub messages: NumberSet,
}

/// How well a message matches, from 1 to 100 (RFC 6203 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToStatic)]
pub struct Score(u8);

impl Score {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is not from 1 to 100.
    pub const fn new(score: u8) -> Result<Self, InvalidValue> {
        if score == 0 || score > 100 {
            return Err(InvalidValue::new(0, SCORE));
        }
        Ok(Self(score))
    }

    /// From 1 to 100.
    pub const fn get(self) -> u8 {
        self.0
    }

    fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        let score = u8::try_from(reader.number()?).unwrap_or(0);
        Self::new(score).map_err(|_| SyntaxError::new(start, SCORE))
    }
}

impl<'a> Esearch<'a> {
    /// What a search found, as its return options ask for it (RFC 4731 §3.1); `None` where they ask for nothing but to be saved
    /// (RFC 5182 §2.1). What extensions add to the answer is not computed here.
    pub fn of(tag: Tag<'a>, numbering: Numbering, options: &[ReturnOption<'_>], found: &Found) -> Option<Self> {
        let asked = |option: &ReturnOption<'_>| options.contains(option);
        if !options.is_empty() && options.iter().all(|option| *option == ReturnOption::Save) {
            return None;
        }
        let numbers = found.numbers();
        let mut items = Vec::new();
        if asked(&ReturnOption::Min) {
            items.extend(numbers.iter().min().copied().map(SearchItem::Min));
        }
        if asked(&ReturnOption::Max) {
            items.extend(numbers.iter().max().copied().map(SearchItem::Max));
        }
        if options.is_empty() || asked(&ReturnOption::All) {
            items.extend(NumberSet::from_numbers(numbers.iter().copied()).map(SearchItem::All));
        }
        if asked(&ReturnOption::Count) {
            items.push(SearchItem::Count(u32::try_from(numbers.len()).unwrap_or(u32::MAX)));
        }
        items.extend(found.highest_mod_sequence().map(SearchItem::ModSequence));
        Some(Self {
            correlator: Correlator::from(tag),
            numbering,
            items,
        })
    }

    /// What follows `ESEARCH`.
    ///
    /// ```text
    /// esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
    ///                    *(SP search-return-data)
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let correlator = Correlator::read(reader)?;
        let behind = reader.offset();
        let numbering = if reader.accept_space() && reader.accept_word("UID") {
            Numbering::Uid
        } else {
            reader.rewind(behind);
            Numbering::Sequence
        };
        let mut items = Vec::new();
        while reader.accept_separator() {
            items.push(SearchItem::read_or_keep(reader)?);
        }
        Ok(Self {
            correlator,
            numbering,
            items,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("ESEARCH");
        self.correlator.write(writer);
        if self.numbering == Numbering::Uid {
            writer.text(" UID");
        }
        for item in &self.items {
            writer.space();
            item.write(writer);
        }
    }
}

impl<'a> SearchItem<'a> {
    /// An item; what cannot be understood is kept.
    fn read_or_keep(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        match Self::read(reader) {
            Ok(item) if matches!(reader.peek(), None | Some(b' ' | b'\r')) => return Ok(item),
            Ok(_) => Err(SyntaxError::new(reader.offset(), "a space or the end of the line")),
            Err(why) => Err(why),
        }
        .or_else(|why| {
            reader.rewind(start);
            // A name and its value, or a value where a name should be.
            if Extension::read(reader).is_err() {
                reader.rewind(start);
                Tokens::read(reader)?;
            }
            let raw = Tokens::checked(reader.since(start));
            Ok(Self::Invalid { raw, why })
        })
    }

    /// ```text
    /// search-return-data  = "MIN" SP nz-number / "MAX" SP nz-number /
    ///                       "ALL" SP sequence-set / "COUNT" SP number /
    ///                       search-ret-data-ext
    /// search-return-data  =/ "MODSEQ" SP mod-sequence-value
    /// search-return-data  =/ "RELEVANCY" SP score-list
    /// search-return-data  =/ ret-data-partial / ret-data-addto / ret-data-removefrom
    /// search-ret-data-ext = search-modifier-name SP search-return-value
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        let read: fn(&mut Reader<'a>) -> Parse<Self> = match reader.keyword().as_slice() {
            b"MIN" => |reader| reader.nz_number().map(Self::Min),
            b"MAX" => |reader| reader.nz_number().map(Self::Max),
            b"ALL" => |reader| NumberSet::read(reader).map(Self::All),
            b"COUNT" => |reader| reader.number().map(Self::Count),
            b"MODSEQ" => |reader| reader.nz_unsigned64().map(Self::ModSequence),
            b"RELEVANCY" => |reader| reader.list(Score::read).map(Self::Relevancy),
            b"PARTIAL" => Self::read_partial,
            b"ADDTO" => |reader| ResultUpdate::read_list(reader).map(Self::AddTo),
            b"REMOVEFROM" => |reader| ResultUpdate::read_list(reader).map(Self::RemoveFrom),
            _ => {
                reader.rewind(start);
                return Extension::read(reader).map(Self::Other);
            }
        };
        reader.space()?;
        read(reader)
    }

    /// ```text
    /// ret-data-partial = "PARTIAL" SP "(" partial-range SP partial-results ")"
    /// partial-results  = sequence-set / "NIL"
    /// ```
    fn read_partial(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.open()?;
        let range = PartialRange::read(reader)?;
        reader.space()?;
        let results = match reader.accept_nil() {
            true => None,
            false => Some(NumberSet::read(reader)?),
        };
        reader.close()?;
        Ok(Self::Partial { range, results })
    }

    fn write(&self, writer: &mut Writer<'_>) {
        let (name, number) = match self {
            Self::Min(number) => ("MIN ", u64::from(number.get())),
            Self::Max(number) => ("MAX ", u64::from(number.get())),
            Self::Count(number) => ("COUNT ", u64::from(*number)),
            Self::ModSequence(number) => ("MODSEQ ", number.get()),
            Self::Other(extension) => return extension.write(writer),
            Self::Invalid { raw, .. } => return raw.write(writer),
            _ => return self.write_list(writer),
        };
        writer.text(name);
        writer.number(number);
    }

    /// Items that have more than a number.
    fn write_list(&self, writer: &mut Writer<'_>) {
        match self {
            Self::All(set) => {
                writer.text("ALL ");
                set.write(writer);
            }
            Self::Relevancy(scores) => {
                writer.text("RELEVANCY ");
                writer.list(scores, |writer, score| writer.number(score.get()));
            }
            Self::Partial { range, results } => {
                writer.text("PARTIAL (");
                range.write(writer);
                writer.space();
                match results {
                    Some(set) => set.write(writer),
                    None => writer.text("NIL"),
                }
                writer.text(")");
            }
            Self::AddTo(updates) => ResultUpdate::write_list("ADDTO ", updates, writer),
            Self::RemoveFrom(updates) => ResultUpdate::write_list("REMOVEFROM ", updates, writer),
            _ => {}
        }
    }
}

impl ResultUpdate {
    /// ```text
    /// ret-data-addto = "ADDTO" SP "(" context-position SP sequence-set
    ///                  *(SP context-position SP sequence-set) ")"
    /// ```
    fn read_list(reader: &mut Reader<'_>) -> Parse<OneOrMore<Self>> {
        let updates = reader.list1(|reader| {
            let position = reader.number()?;
            reader.space()?;
            let messages = NumberSet::read(reader)?;
            Ok(Self { position, messages })
        })?;
        Ok(OneOrMore::checked(updates))
    }

    fn write_list(name: &str, updates: &[Self], writer: &mut Writer<'_>) {
        writer.text(name);
        writer.list(updates, |writer, update| {
            writer.number(update.position);
            writer.space();
            update.messages.write(writer);
        });
    }
}

const SCORE: &str = "a score from 1 to 100";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trips::{canonical_data, data, data_returns, respelled_data};
    use crate::{Atom, Data, Mailbox, NumberRange, Reading, Tag};
    use proptest::prelude::*;

    #[test]
    fn responses_are_written_as_they_came() {
        for text in [
            "ESEARCH",
            "ESEARCH (TAG \"A284\")",
            "ESEARCH UID",
            "ESEARCH COUNT 0",
            "ESEARCH (TAG \"A282\") MIN 2 COUNT 3",
            "ESEARCH (TAG \"A283\") ALL 2,10:11",
            "ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800",
            "ESEARCH (TAG \"a4\") MIN 2 COUNT 10 MODSEQ 917162500",
            "ESEARCH (TAG \"t1\" MAILBOX folder2/banana UIDVALIDITY 503) UID ALL 3002,4004",
            "ESEARCH (TAG \"C2\") ALL 5,10,1 RELEVANCY (99 42 4)",
            "ESEARCH (TAG \"C2\") RELEVANCY ()",
            "ESEARCH (TAG \"A01\") UID PARTIAL (-1:-100 7:9,12)",
            "ESEARCH (TAG \"A04\") UID PARTIAL (24000:24500 NIL)",
            "ESEARCH (TAG \"B01\") UID ADDTO (0 32768:32769)",
            "ESEARCH (TAG \"C01\") UID ADDTO (1 2733 1 2732) REMOVEFROM (0 4) ADDTO (1 2731)",
            "ESEARCH (TAG \"D\") X-NEW (a \"b c\") X-COUNT 7 X-BARE COUNT 1",
        ] {
            canonical_data(text);
        }
        respelled_data(
            "esearch (uidvalidity 3 tag A1) uid all 5 partial (1:2 nil)",
            "ESEARCH (TAG \"A1\" UIDVALIDITY 3) UID ALL 5 PARTIAL (1:2 NIL)",
        );
    }

    /// What cannot be understood stands beside what can.
    #[test]
    fn one_bad_item_costs_one_item() {
        let items = |text: &str| match data(text, Reading::STRICT) {
            Ok(Data::Esearch(esearch)) => esearch.items,
            other => panic!("{text:?}: {other:?}"),
        };
        for (bad, offset) in [
            ("MIN 0", 24),
            ("ALL $", 24),
            ("ALL 1:*", 26),
            ("ALL 1,", 26),
            ("ALL (1)", 24),
            ("ALL \"1\"", 24),
            ("COUNT -1", 26),
            ("COUNT", 26),
            ("COUNT 5x", 27),
            ("MODSEQ 0", 27),
            ("RELEVANCY (0)", 31),
            ("RELEVANCY (101)", 31),
            ("PARTIAL (1 2)", 30),
            ("PARTIAL (1:2)", 32),
            ("ADDTO ()", 27),
            ("ADDTO (1)", 28),
            ("ADDTO (x (y))", 27),
            ("(COUNT 17)", 20),
        ] {
            let text = alloc::format!("ESEARCH (TAG \"a\") {bad} MAX 9");
            let read = items(&text);
            let [SearchItem::Invalid { raw, why }, SearchItem::Max(_)] = &read[..] else {
                panic!("{bad}: {read:?}");
            };
            assert_eq!((raw.as_bytes(), why.offset), (bad.as_bytes(), offset), "{bad}");
            canonical_data(&text);
        }
    }

    #[test]
    fn what_no_item_is_costs_the_response() {
        for (bad, offset) in [
            ("ESEARCH (TAG)", 14),
            ("ESEARCH (TAG \"a\" TAG \"b\")", 19),
            ("ESEARCH (TAG \"a\" X 1)", 19),
            ("ESEARCH (TAG \"a+\")", 15),
            ("ESEARCH (TAG \"a\" UIDVALIDITY 0)", 31),
            ("ESEARCH (TAG \"a\") )", 20),
            ("ESEARCH (TAG \"a\") MIN 1 ", 26),
            ("ESEARCH (TAG \"a\") ALL (1", 26),
            ("ESEARCH (TAG \"a\")UID", 19),
            ("ESEARCHUID", 10),
        ] {
            let read = data(bad, Reading::STRICT);
            if bad == "ESEARCHUID" {
                assert!(matches!(read, Ok(Data::Other { .. })));
                continue;
            }
            assert_eq!(read.map_err(|error| error.offset), Err(offset), "{bad:?}");
        }
    }

    fn number() -> impl Strategy<Value = NonZeroU32> {
        (1u32..).prop_map(|number| NonZeroU32::new(number).unwrap())
    }

    fn set() -> impl Strategy<Value = NumberSet> {
        let range = (number(), number()).prop_map(|(first, last)| NumberRange { first, last });
        proptest::collection::vec(range, 1..4).prop_map(|ranges| NumberSet::new(ranges).unwrap())
    }

    fn range() -> impl Strategy<Value = PartialRange> {
        prop_oneof![
            (number(), number()).prop_map(|(a, b)| PartialRange::First(a, b)),
            (number(), number()).prop_map(|(a, b)| PartialRange::Last(a, b)),
        ]
    }

    fn updates() -> impl Strategy<Value = OneOrMore<ResultUpdate>> {
        let update = (any::<u32>(), set()).prop_map(|(position, messages)| ResultUpdate { position, messages });
        proptest::collection::vec(update, 1..4).prop_map(|updates| OneOrMore::new(updates).unwrap())
    }

    fn extension() -> impl Strategy<Value = Extension<'static>> {
        let value = prop_oneof![
            Just("7"),
            Just("1:*,4"),
            Just("-1:-4"),
            Just("()"),
            Just("(a (b) \"c d\")"),
            Just("\"x\"")
        ];
        ("X-[A-Z]{1,4}", proptest::option::of(value)).prop_map(|(name, value)| {
            let extension = Extension::new(Atom::new(name).unwrap()).unwrap();
            match value {
                Some(value) => extension.with_value(Tokens::new(value.as_bytes()).unwrap()).unwrap(),
                None => extension,
            }
        })
    }

    fn item() -> impl Strategy<Value = SearchItem<'static>> {
        prop_oneof![
            number().prop_map(SearchItem::Min),
            number().prop_map(SearchItem::Max),
            set().prop_map(SearchItem::All),
            any::<u32>().prop_map(SearchItem::Count),
            (1u64..).prop_map(|number| SearchItem::ModSequence(NonZeroU64::new(number).unwrap())),
            proptest::collection::vec((1u8..=100).prop_map(Score), 0..4).prop_map(SearchItem::Relevancy),
            (range(), proptest::option::of(set())).prop_map(|(range, results)| SearchItem::Partial { range, results }),
            updates().prop_map(SearchItem::AddTo),
            updates().prop_map(SearchItem::RemoveFrom),
            extension().prop_map(SearchItem::Other),
        ]
    }

    proptest! {
        #[test]
        fn each_response_returns(
            tag in proptest::option::of("[A-Z]{1,3}]?"),
            mailbox in proptest::option::of("[a-zA-Zäß& \"]{0,4}"),
            uid_validity in proptest::option::of(number()),
            is_uid in any::<bool>(),
            items in proptest::collection::vec(item(), 0..5),
        ) {
            let correlator = Correlator {
                tag: tag.map(|tag| Tag::new(tag).unwrap()),
                mailbox: mailbox.map(|name| Mailbox::new(&name).unwrap()),
                uid_validity,
            };
            let numbering = if is_uid { Numbering::Uid } else { Numbering::Sequence };
            data_returns(&Data::Esearch(Esearch { correlator, numbering, items }))?;
        }
    }
}
