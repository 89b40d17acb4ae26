//! SORT (RFC 5256 §3) and SORT=DISPLAY (RFC 5957).

use std::cmp::Ordering;

use imap_proto::{DateTime, SortCriterion, SortDirection, SortKey};
use mime_codec::rfc5322::{Address, AddressList, Mailbox};
use mime_codec::{base_subject, decode_phrase, decode_text};

use crate::message::{KeptField, KeptHeader};
use crate::search::error::SearchError;
use crate::{Collation, CollationKey, sent_date};

/// What messages are sorted by. A store can keep it beside the message: it never changes.
///
/// ```
/// use imap_mailbox::{SortFacts, SortOrder};
/// use imap_proto::{Date, DateTime, OneOrMore, SortKey};
///
/// let arrival = DateTime::new(Date::new(2003, 7, 1)?, 10, 52, 37, 120)?;
/// let facts = |header: &[u8]| SortFacts::of(header, arrival, 1000);
/// let mut messages = [
///     (1, facts(b"Subject: Re: ketchup\r\nDate: 2 Jul 2003 10:00:00 +0000\r\n\r\n")),
///     (2, facts(b"Subject: Crepes\r\n\r\n")),
///     (3, facts(b"Subject: Ketchup\r\nDate: 1 Jul 2003 23:00:00 -0500\r\n\r\n")),
/// ];
/// let order = SortOrder::new(&[SortKey::Subject.ascending(), SortKey::Date.reverse()])?;
/// order.sort(&mut messages, |(_, facts)| facts);
/// assert_eq!(messages.map(|(number, _)| number), [2, 1, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SortFacts {
    /// The internal date, in seconds since 1970-01-01T00:00:00Z.
    pub arrival: i64,
    /// The sent date (RFC 5256 §2.2): that of the Date field, or else the internal date.
    pub sent: i64,
    /// RFC822.SIZE, in octets.
    pub size: u64,
    /// The base subject (RFC 5256 §2.1).
    pub subject: CollationKey,
    /// `addr-mailbox` of the first address of From.
    pub from: CollationKey,
    /// `addr-mailbox` of the first address of To.
    pub to: CollationKey,
    /// `addr-mailbox` of the first address of Cc.
    pub cc: CollationKey,
    /// What the first address of From is called (RFC 5957 §3).
    pub display_from: CollationKey,
    /// What the first address of To is called (RFC 5957 §3).
    pub display_to: CollationKey,
}

impl SortFacts {
    /// What there is without the header: enough for [`SortOrder`]s that do not [need it](SortOrder::needs_header).
    pub fn without_header(internal_date: DateTime, size: u64) -> Self {
        let arrival = internal_date.unix_seconds();
        Self {
            arrival,
            sent: arrival,
            size,
            ..Self::default()
        }
    }

    /// From the header section of a message; what stands behind it is not looked at.
    pub fn of(header: &[u8], internal_date: DateTime, size: u64) -> Self {
        Self::collated(Collation::UnicodeCasemap, header, internal_date, size)
    }

    /// The same with another collation.
    pub fn collated(collation: Collation, header: &[u8], internal_date: DateTime, size: u64) -> Self {
        let mut facts = Self::without_header(internal_date, size);
        facts.note(KeptField::in_header(header), &FIELDS, collation);
        facts
    }

    /// Takes note of the fields that are wanted.
    fn note<'v>(
        &mut self,
        fields: impl Iterator<Item = (KeptField, &'v [u8])>,
        wanted: &[KeptField],
        collation: Collation,
    ) {
        let mut is_seen = [false; FIELDS.len()];
        for (field, value) in fields {
            let Some(at) = FIELDS
                .iter()
                .position(|known| *known == field && wanted.contains(known))
            else {
                continue;
            };
            // The first field of a name counts; of addresses, the first that has one.
            if std::mem::replace(&mut is_seen[at], true) {
                continue;
            }
            match field {
                KeptField::Date => self.sent = sent_date::unix_seconds(value).unwrap_or(self.arrival),
                KeptField::Subject => self.subject = collation.key(&base_subject(&decode_text(value).text).text),
                _ => is_seen[at] = self.note_address(field, value, collation),
            }
        }
    }

    /// Whether there is an address.
    fn note_address(&mut self, field: KeptField, value: &[u8], collation: Collation) -> bool {
        let list = AddressList::parse(value);
        let Some(first) = list.iter().next() else { return false };
        let name = FirstAddress::of(&first);
        let mailbox = collation.key(&name.mailbox);
        match field {
            KeptField::From => (self.from, self.display_from) = (mailbox, collation.key(&name.display)),
            KeptField::To => (self.to, self.display_to) = (mailbox, collation.key(&name.display)),
            _ => self.cc = mailbox,
        }
        true
    }
}

/// The fields that messages are sorted by.
const FIELDS: [KeptField; 5] = [
    KeptField::Date,
    KeptField::Subject,
    KeptField::From,
    KeptField::To,
    KeptField::Cc,
];

/// The first address of a field, as ENVELOPE has it.
struct FirstAddress {
    mailbox: String,
    display: String,
}

impl FirstAddress {
    fn of(address: &Address<'_>) -> Self {
        match address {
            Address::Mailbox(mailbox) => Self::of_mailbox(mailbox),
            // ENVELOPE tells a group as an address without a host, whose mailbox is the group's name.
            Address::Group(group) => {
                let mailbox = decode_phrase(&group.name()).text.into_owned();
                let display = mailbox.clone();
                Self { mailbox, display }
            }
        }
    }

    fn of_mailbox(mailbox: &Mailbox<'_>) -> Self {
        let name = mime_codec::display_name(mailbox).filter(|name| !name.is_empty());
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Self {
            mailbox: text(&mailbox.local_part()),
            display: name.map_or_else(|| text(&mailbox.address()), std::borrow::Cow::into_owned),
        }
    }
}

/// The order that a SORT asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortOrder(Vec<(Fact, SortDirection)>);

/// A sort key that facts answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Arrival,
    Cc,
    Date,
    From,
    Size,
    Subject,
    To,
    DisplayFrom,
    DisplayTo,
}

impl SortOrder {
    /// The order of these criteria, the first of which counts most.
    ///
    /// # Errors
    ///
    /// [`SearchError::UnsupportedSort`] for RELEVANCY and ANNOTATION.
    pub fn new(criteria: &[SortCriterion<'_>]) -> Result<Self, SearchError> {
        let fact = |criterion: &SortCriterion<'_>| {
            let fact = match criterion.key {
                SortKey::Arrival => Fact::Arrival,
                SortKey::Cc => Fact::Cc,
                SortKey::Date => Fact::Date,
                SortKey::From => Fact::From,
                SortKey::Size => Fact::Size,
                SortKey::Subject => Fact::Subject,
                SortKey::To => Fact::To,
                SortKey::DisplayFrom => Fact::DisplayFrom,
                SortKey::DisplayTo => Fact::DisplayTo,
                _ => return Err(SearchError::UnsupportedSort),
            };
            Ok((fact, criterion.direction))
        };
        let mut facts = Vec::<(Fact, SortDirection)>::new();
        for criterion in criteria {
            let (fact, direction) = fact(criterion)?;
            // A second time the same says nothing: so there are few, however many are asked for.
            if facts.iter().all(|(known, _)| *known != fact) {
                facts.push((fact, direction));
            }
        }
        Ok(Self(facts))
    }

    /// Whether [`SortFacts::without_header`] is too little.
    pub fn needs_header(&self) -> bool {
        self.0
            .iter()
            .any(|(fact, _)| !matches!(fact, Fact::Arrival | Fact::Size))
    }

    /// What this order needs of a message, and no more, from the header fields that were kept: facts of many messages are small.
    pub fn facts(&self, header: KeptHeader<'_>, internal_date: DateTime, size: u64) -> SortFacts {
        let mut facts = SortFacts::without_header(internal_date, size);
        let wanted: Vec<_> = self.0.iter().filter_map(|(fact, _)| fact.field()).collect();
        facts.note(header.fields(), &wanted, Collation::UnicodeCasemap);
        facts
    }

    /// Which of two messages comes first; `Equal` where the sequence number decides.
    pub fn compare(&self, one: &SortFacts, other: &SortFacts) -> Ordering {
        let orders = self.0.iter().map(|(fact, direction)| {
            let order = fact.compare(one, other);
            match direction {
                SortDirection::Ascending => order,
                SortDirection::Reverse => order.reverse(),
            }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    }

    /// Sorts messages that are in the order of the mailbox; equal ones stay in it.
    pub fn sort<T>(&self, messages: &mut [T], facts: impl Fn(&T) -> &SortFacts) {
        messages.sort_by(|one, other| self.compare(facts(one), facts(other)));
    }
}

impl Fact {
    const fn field(self) -> Option<KeptField> {
        Some(match self {
            Self::Arrival | Self::Size => return None,
            Self::Cc => KeptField::Cc,
            Self::Date => KeptField::Date,
            Self::From | Self::DisplayFrom => KeptField::From,
            Self::Subject => KeptField::Subject,
            Self::To | Self::DisplayTo => KeptField::To,
        })
    }

    fn compare(self, one: &SortFacts, other: &SortFacts) -> Ordering {
        match self {
            Self::Arrival => one.arrival.cmp(&other.arrival),
            Self::Cc => one.cc.cmp(&other.cc),
            Self::Date => one.sent.cmp(&other.sent),
            Self::From => one.from.cmp(&other.from),
            Self::Size => one.size.cmp(&other.size),
            Self::Subject => one.subject.cmp(&other.subject),
            Self::To => one.to.cmp(&other.to),
            Self::DisplayFrom => one.display_from.cmp(&other.display_from),
            Self::DisplayTo => one.display_to.cmp(&other.display_to),
        }
    }
}
