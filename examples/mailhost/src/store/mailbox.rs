//! Mailboxes and the numbers of their messages (RFC 9051 §2.3.1).

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::SystemTime;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{Result, StoreError};

/// The name of a mailbox: an account, and one of the account's folders. Cheap to clone.
///
/// Both halves are canonical: the account in lower case (ASCII letters only), `INBOX` in upper case however it was
/// spelled, and all names in NFC, so that no two of them look alike (RFC 9051 §5.1). What an account may be called is for the server's user table to decide.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mailbox {
    account: Arc<str>,
    name: Arc<str>,
}

impl Mailbox {
    /// A folder of an account such as `alice@example.org`.
    pub fn new(account: &str, name: &str) -> Self {
        Self {
            account: account.to_ascii_lowercase().into(),
            name: canonical_name(name).into(),
        }
    }

    /// The folder into which mail is delivered, which is also POP3's maildrop.
    pub fn inbox(account: &str) -> Self {
        Self::new(account, INBOX)
    }

    /// The account, in lower case.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the folder that each account has.
    pub fn is_inbox(&self) -> bool {
        &*self.name == INBOX
    }

    /// Whether it is below another one, at whatever depth: `Work/2026/June` is below `Work`.
    pub fn is_below(&self, other: &Self) -> bool {
        let rest = self.name.strip_prefix(&*other.name);
        self.account == other.account && rest.is_some_and(|rest| rest.starts_with(SEPARATOR))
    }

    /// What it is called when one above it, or it itself, is renamed.
    pub(super) fn renamed(&self, from: &Self, to: &Self) -> Self {
        let rest = self.name.strip_prefix(&*from.name).unwrap_or_default();
        Self::new(&self.account, &format!("{}{rest}", to.name))
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{:?}", self.account, self.name)
    }
}

/// A message's number in its mailbox: ascending from 1 in the order of arrival, never used twice (RFC 9051 §2.3.1.1).
pub type Uid = NonZeroU32;

/// The highest one that a message gets: what comes next must have a number, too (UIDNEXT).
pub(super) const LAST_UID: u32 = u32::MAX - 1;

/// From a number that was one; none is 0.
pub(super) fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap_or(Uid::MIN)
}

/// The one behind the last one, which is 0 where there is none yet.
pub(super) const fn uid_after(last: u32) -> Uid {
    Uid::MIN.saturating_add(last)
}

/// The last uid after so many more messages.
pub(super) fn room_for(last: u32, messages: u32) -> Result<u32> {
    let after = last.checked_add(messages).filter(|&after| after <= LAST_UID);
    after.ok_or(StoreError::Full)
}

/// Tells the uids of a mailbox from those of an earlier mailbox of the same name (RFC 9051 §2.3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UidValidity(pub u32);

/// The state of a mailbox: each change to it has a higher one than the change before (RFC 7162 §3.1). 1 is the state
/// of a mailbox to which nothing ever came: clients know no 0, and what comes must have a higher one than they were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModSeq(pub u64);

/// The messages of a mailbox at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// Constant for as long as the mailbox exists.
    pub uid_validity: UidValidity,
    /// The uid of the next message to come.
    pub uid_next: Uid,
    /// The state that this listing shows.
    pub mod_seq: ModSeq,
    /// The messages by ascending uid.
    pub entries: Vec<Entry>,
}

impl Listing {
    /// POP3's unique-id of a message: stable across restarts, never used for another message, at most 21 digits
    /// and dots (RFC 1939 §7, UIDL).
    pub fn unique_id(&self, uid: Uid) -> String {
        format!("{}.{}", self.uid_validity.0, uid)
    }
}

/// What a listing tells about one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The message's number.
    pub uid: Uid,
    /// The mailbox's state that brought the message, or changed it last.
    pub mod_seq: ModSeq,
    /// Octets of the whole message, prefix included, as [`open`](super::Store::open) reads them: what POP3 calls the
    /// size (RFC 1939 §11), and IMAP RFC822.SIZE.
    pub size: u64,
    /// When the message was committed, or what its delivery said instead (RFC 9051 §2.3.3); whole milliseconds.
    pub internal_date: SystemTime,
}

/// Stands between the name of a folder and what is below it.
pub const SEPARATOR: char = '/';

/// The name in NFC (RFC 5198 §2). Names below INBOX begin with it as it is written here, too: else a client that lists
/// `INBOX/%` would miss some.
pub(crate) fn canonical_name(name: &str) -> Cow<'_, str> {
    let name = match is_nfc_quick(name.chars()) {
        IsNormalized::Yes => Cow::Borrowed(name),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(name.nfc().collect()),
    };
    let (first, rest) = name.split_at(name.find(SEPARATOR).unwrap_or(name.len()));
    match first.eq_ignore_ascii_case(INBOX) && first != INBOX {
        true => format!("{INBOX}{rest}").into(),
        false => name,
    }
}

const INBOX: &str = "INBOX";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical() {
        assert_eq!(
            Mailbox::inbox("Alice@Example.ORG"),
            Mailbox::new("alice@example.org", "inBox")
        );
        let below = Mailbox::new("alice@example.org", "Inbox/Sub");
        assert_eq!(below.name(), "INBOX/Sub");
        assert_eq!(Mailbox::new("alice@example.org", "Inboxes/x").name(), "Inboxes/x");
        assert_ne!(
            Mailbox::new("alice@example.org", "Sent"),
            Mailbox::new("alice@example.org", "sent")
        );
        assert_eq!(
            Mailbox::new("alice@example.org", "Entwu\u{308}rfe/A\u{30a}").name(),
            "Entw\u{fc}rfe/\u{c5}"
        );
        assert_eq!(Mailbox::inbox("Ärger@example.org").account(), "Ärger@example.org");
    }

    #[test]
    fn the_longest_unique_id_is_a_legal_one() {
        let listing = Listing {
            uid_validity: UidValidity(u32::MAX),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(0),
            entries: Vec::new(),
        };
        assert_eq!(listing.unique_id(Uid::MAX), "4294967295.4294967295");
    }
}
