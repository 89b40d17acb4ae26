//! Keys as they are evaluated: those that facts answer, and those that need the message's text.

use imap_proto::{Atom, Date, Flag, SearchKey, SequenceSet};

use super::context::SearchContext;
use super::error::SearchError;
use super::facts::MessageFacts;
use super::ranges::Ranges;

/// A key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Fact(FactKey),
    Text(TextKey),
}

/// A key that is answered without the message's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FactKey {
    Constant(bool),
    Sequence(Ranges),
    Uid(Ranges),
    Flag(Flag<'static>, bool),
    Recent(bool),
    New,
    /// The day of the internal or the save date.
    Day(DateOf, When, Date),
    /// So many seconds or more have passed.
    Older(u32),
    /// So many seconds or fewer have passed.
    Younger(u32),
    Larger(u64),
    Smaller(u64),
    ModSequence(u64),
    EmailId(Box<str>),
    ThreadId(Box<str>),
}

/// A key that needs the message's text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TextKey {
    pub(crate) place: Place,
    /// What is sought there, decoded.
    pub(crate) sought: Sought,
}

/// Where a [`TextKey`] looks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The text of fields of that name, in lower case.
    Field(Box<str>),
    /// Addresses in fields of that name, in lower case.
    Addresses(&'static str),
    /// The body.
    Body,
    /// The header and the body.
    Text,
}

/// What a [`TextKey`] looks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Sought {
    /// That there is such a field.
    Presence,
    String(Box<str>),
    /// The day of the Date field.
    Sent(When, Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOf {
    Arrival,
    Saving,
}

/// How a day relates to the one that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum When {
    Before,
    On,
    Since,
}

impl When {
    pub(crate) fn matches(self, day: Date, named: Date) -> bool {
        match self {
            Self::Before => day < named,
            Self::On => day == named,
            Self::Since => day >= named,
        }
    }
}

impl TextKey {
    /// Whether the header alone answers it.
    pub(crate) const fn is_of_header(&self) -> bool {
        matches!(self.place, Place::Field(_) | Place::Addresses(_))
    }
}

impl Key {
    /// What a key means in a context; `decode` reads its string.
    pub(crate) fn of(
        key: &SearchKey<'_>,
        context: &SearchContext<'_>,
        decode: impl Fn(&[u8]) -> Result<Box<str>, SearchError>,
    ) -> Result<Self, SearchError> {
        if let Some(fact) = FactKey::of_word(key).or_else(|| FactKey::of_argument(key, context)) {
            return Ok(Self::Fact(fact));
        }
        if let Some((_, uids)) = context.answered.iter().find(|(answered, _)| answered == key) {
            let uids = uids.as_ref().map(Ranges::of_number_set);
            return Ok(Self::Fact(FactKey::Uid(uids.unwrap_or_default())));
        }
        let (place, string) = match key {
            SearchKey::Bcc(string) => (Place::Addresses("bcc"), string),
            SearchKey::Cc(string) => (Place::Addresses("cc"), string),
            SearchKey::From(string) => (Place::Addresses("from"), string),
            SearchKey::To(string) => (Place::Addresses("to"), string),
            SearchKey::Subject(string) => (Place::Field("subject".into()), string),
            SearchKey::Body(string) => (Place::Body, string),
            SearchKey::Text(string) => (Place::Text, string),
            SearchKey::Header { name, value } => {
                let name = String::from_utf8_lossy(name.as_bytes()).to_ascii_lowercase();
                (Place::Field(name.into()), value)
            }
            SearchKey::SentBefore(date) => return Ok(Self::sent(When::Before, *date)),
            SearchKey::SentOn(date) => return Ok(Self::sent(When::On, *date)),
            SearchKey::SentSince(date) => return Ok(Self::sent(When::Since, *date)),
            _ => return Err(SearchError::UnsupportedKey),
        };
        let string = decode(string.as_bytes())?;
        let sought = match (&place, string.is_empty()) {
            // Each text has an empty string in it.
            (Place::Body | Place::Text, true) => return Ok(Self::Fact(FactKey::Constant(true))),
            (_, true) => Sought::Presence,
            _ => Sought::String(string),
        };
        Ok(Self::Text(TextKey { place, sought }))
    }

    fn sent(when: When, date: Date) -> Self {
        let place = Place::Field("date".into());
        let sought = Sought::Sent(when, date);
        Self::Text(TextKey { place, sought })
    }
}

impl FactKey {
    /// Keys without an argument.
    fn of_word(key: &SearchKey<'_>) -> Option<Self> {
        Some(match key {
            SearchKey::All => Self::Constant(true),
            SearchKey::Answered => Self::Flag(Flag::Answered, true),
            SearchKey::Deleted => Self::Flag(Flag::Deleted, true),
            SearchKey::Draft => Self::Flag(Flag::Draft, true),
            SearchKey::Flagged => Self::Flag(Flag::Flagged, true),
            SearchKey::Seen => Self::Flag(Flag::Seen, true),
            SearchKey::Unanswered => Self::Flag(Flag::Answered, false),
            SearchKey::Undeleted => Self::Flag(Flag::Deleted, false),
            SearchKey::Undraft => Self::Flag(Flag::Draft, false),
            SearchKey::Unflagged => Self::Flag(Flag::Flagged, false),
            SearchKey::Unseen => Self::Flag(Flag::Seen, false),
            SearchKey::New => Self::New,
            SearchKey::Old => Self::Recent(false),
            SearchKey::Recent => Self::Recent(true),
            _ => return None,
        })
    }

    /// Keys with an argument that facts answer.
    fn of_argument(key: &SearchKey<'_>, context: &SearchContext<'_>) -> Option<Self> {
        let day = |of, when, date: &Date| Self::Day(of, when, *date);
        Some(match key {
            SearchKey::Sequence(set) => Self::of_set(set, false, context),
            SearchKey::Uid(set) => Self::of_set(set, true, context),
            SearchKey::Keyword(keyword) => Self::Flag(flag(keyword), true),
            SearchKey::Unkeyword(keyword) => Self::Flag(flag(keyword), false),
            SearchKey::Before(date) => day(DateOf::Arrival, When::Before, date),
            SearchKey::On(date) => day(DateOf::Arrival, When::On, date),
            SearchKey::Since(date) => day(DateOf::Arrival, When::Since, date),
            SearchKey::SavedBefore(date) => day(DateOf::Saving, When::Before, date),
            SearchKey::SavedOn(date) => day(DateOf::Saving, When::On, date),
            SearchKey::SavedSince(date) => day(DateOf::Saving, When::Since, date),
            SearchKey::SaveDateSupported => Self::Constant(context.has_save_dates),
            SearchKey::Older(seconds) => Self::Older(seconds.get()),
            SearchKey::Younger(seconds) => Self::Younger(seconds.get()),
            SearchKey::Larger(octets) => Self::Larger(*octets),
            SearchKey::Smaller(octets) => Self::Smaller(*octets),
            // Where flags have no sequences of their own, the entry is to be ignored (RFC 7162 §3.1.5).
            SearchKey::ModSequence(key) => Self::ModSequence(key.since),
            SearchKey::EmailId(id) => Self::EmailId(id.as_str().into()),
            SearchKey::ThreadId(id) => Self::ThreadId(id.as_str().into()),
            SearchKey::UidAfter(uid) => Self::Uid(Ranges::above(*uid)),
            SearchKey::UidBefore(uid) => Self::Uid(Ranges::below(*uid)),
            _ => return None,
        })
    }

    /// `$` names the same messages by either number (RFC 5182 §2.1).
    fn of_set(set: &SequenceSet, is_uid: bool, context: &SearchContext<'_>) -> Self {
        if *set == SequenceSet::SavedResult {
            return Self::Uid(context.saved.map(Ranges::of_number_set).unwrap_or_default());
        }
        match is_uid {
            true => Self::Uid(Ranges::of_sequence_set(set, context.highest_uid)),
            false => {
                let messages = std::num::NonZeroU32::new(context.messages);
                Self::Sequence(Ranges::of_sequence_set(set, messages))
            }
        }
    }

    pub(crate) fn matches(&self, facts: &MessageFacts<'_>, now: i64) -> bool {
        let age = || now.saturating_sub(facts.internal_date.unix_seconds());
        match self {
            Self::Constant(value) => *value,
            Self::Sequence(ranges) => ranges.contains(facts.sequence),
            Self::Uid(ranges) => ranges.contains(facts.uid),
            Self::Flag(flag, is_set) => facts.flags.contains(flag) == *is_set,
            Self::Recent(is_recent) => facts.is_recent == *is_recent,
            Self::New => facts.is_recent && !facts.flags.contains(&Flag::Seen),
            Self::Day(DateOf::Arrival, when, date) => when.matches(facts.internal_date.date(), *date),
            Self::Day(DateOf::Saving, when, date) => {
                let saved = facts.save_date.unwrap_or(facts.internal_date);
                when.matches(saved.date(), *date)
            }
            Self::Older(seconds) => age() >= i64::from(*seconds),
            Self::Younger(seconds) => age() <= i64::from(*seconds),
            Self::Larger(octets) => facts.size > *octets,
            Self::Smaller(octets) => facts.size < *octets,
            Self::ModSequence(since) => facts.mod_sequence >= *since,
            Self::EmailId(id) => facts.email_id == Some(id),
            Self::ThreadId(id) => facts.thread_id == Some(id),
        }
    }
}

/// KEYWORD names any flag, the old system flags with a backslash excepted, which no atom can hold.
fn flag(keyword: &Atom<'_>) -> Flag<'static> {
    use imap_proto::IntoBoundedStatic;
    Flag::Keyword(keyword.clone().into_static())
}
