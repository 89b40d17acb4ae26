//! The listing of an open maildrop, and the marks of deletion in it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{DropListing, Expire, LoginDelay, MessageNumber, UniqueId};

/// What a server machine knows of the maildrop that it opened: for each message, in the order of message-numbers, its
/// size and its unique-id.
///
/// Sizes are the application's numbers, and STAT, LIST and RETR repeat them as they are. RFC 1939 §11 wants each line end
/// counted as two octets and no dot counted twice: the length of the message as it will be sent, with CRLF at each line's
/// end and at the message's end. A message stored with CRLF only has that size already.
///
/// A message costs 16 octets, those of its unique-id, and one bit once something is deleted.
///
/// ```
/// # use pop3_proto::{UniqueId, server::Maildrop};
/// let maildrop: Maildrop = [(120, UniqueId::new("a1")?), (200, UniqueId::new("b2")?)].into_iter().collect();
/// assert_eq!(maildrop.listing().to_string(), "2 320");
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Maildrop {
    messages: Vec<Entry>,
    /// The unique-ids one behind the other.
    ids: String,
    listing: DropListing,
    deletions: Deletions,
    pub(super) expire: Option<Expire>,
    pub(super) login_delay: Option<LoginDelay>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    octets: u64,
    /// Where its unique-id ends in `ids`.
    end: usize,
}

/// What is known of a message by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Its size.
    Present(u64),
    Deleted,
    Unknown,
}

impl Maildrop {
    /// One without messages.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message behind the last one. A maildrop shows 4,294,967,295 messages; more are left out.
    pub fn push(&mut self, octets: u64, id: &UniqueId) {
        if self.listing.messages == u32::MAX {
            return;
        }
        self.ids.push_str(id.as_str());
        self.messages.push(Entry {
            octets,
            end: self.ids.len(),
        });
        self.listing.messages += 1;
        self.listing.octets = self.listing.octets.saturating_add(octets);
    }

    /// What CAPA says about this user's messages (RFC 2449 §6.7).
    #[must_use]
    pub fn expire(mut self, expire: Expire) -> Self {
        self.expire = Some(expire);
        self
    }

    /// What CAPA says about this user's logins (RFC 2449 §6.5).
    #[must_use]
    pub fn login_delay(mut self, delay: LoginDelay) -> Self {
        self.login_delay = Some(delay);
        self
    }

    /// How many messages and octets there are that are not marked as deleted.
    pub const fn listing(&self) -> DropListing {
        self.listing
    }

    /// All messages, the deleted ones included.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn lookup(&self, number: MessageNumber) -> Lookup {
        match self.messages.get(number.index()) {
            None => Lookup::Unknown,
            Some(_) if self.deletions.contains(number) => Lookup::Deleted,
            Some(entry) => Lookup::Present(entry.octets),
        }
    }

    /// The size of a message that is present.
    pub(super) fn size(&self, number: MessageNumber) -> Option<u64> {
        match self.lookup(number) {
            Lookup::Present(octets) => Some(octets),
            Lookup::Deleted | Lookup::Unknown => None,
        }
    }

    /// Its unique-id; empty when there is no such message.
    pub(super) fn id(&self, number: MessageNumber) -> &str {
        let index = number.index();
        let start = index.checked_sub(1).and_then(|before| self.messages.get(before));
        let end = self.messages.get(index).map_or(0, |entry| entry.end);
        self.ids
            .get(start.map_or(0, |entry| entry.end)..end)
            .unwrap_or_default()
    }

    /// Marks a message that is present.
    pub(super) fn delete(&mut self, number: MessageNumber) {
        let Lookup::Present(octets) = self.lookup(number) else {
            return;
        };
        self.deletions.insert(number, self.messages.len());
        self.listing.messages -= 1;
        self.listing.octets = self.listing.octets.saturating_sub(octets);
    }

    /// Takes all marks away.
    pub(super) fn reset(&mut self) {
        self.deletions = Deletions::default();
        self.listing = DropListing {
            messages: self.len(),
            octets: self
                .messages
                .iter()
                .fold(0, |sum, entry| sum.saturating_add(entry.octets)),
        };
    }

    /// The marks, which it has no more.
    pub(super) fn take_deletions(&mut self) -> Deletions {
        core::mem::take(&mut self.deletions)
    }
}

impl FromIterator<(u64, UniqueId)> for Maildrop {
    fn from_iter<I: IntoIterator<Item = (u64, UniqueId)>>(messages: I) -> Self {
        let mut maildrop = Self::new();
        for (octets, id) in messages {
            maildrop.push(octets, &id);
        }
        maildrop
    }
}

/// The messages that are to be removed, in the order of their numbers. One bit for each message of the maildrop.
///
/// ```
/// # use pop3_proto::server::Deletions;
/// fn remove(deletions: &Deletions) {
///     for number in deletions.iter() {
///         println!("remove message {number}, the one at index {} of the listing", number.index());
///     }
/// }
/// # remove(&Deletions::default());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    bits: Vec<u64>,
}

impl Deletions {
    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = MessageNumber> + '_ {
        self.bits.iter().enumerate().flat_map(|(word, &bits)| {
            (0..64)
                .filter(move |bit| bits >> bit & 1 == 1)
                .filter_map(move |bit| MessageNumber::from_index(word * 64 + bit))
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `number` is one of them.
    pub fn contains(&self, number: MessageNumber) -> bool {
        let bits = self.bits.get(number.index() / 64);
        bits.is_some_and(|bits| bits >> (number.index() % 64) & 1 == 1)
    }

    fn insert(&mut self, number: MessageNumber, messages: usize) {
        if self.bits.is_empty() {
            self.bits.resize(messages.div_ceil(64), 0);
        }
        if let Some(bits) = self.bits.get_mut(number.index() / 64) {
            *bits |= 1 << (number.index() % 64);
        }
    }
}
