//! The queue of mail that waits to go on to another host.

use std::time::SystemTime;

use async_trait::async_trait;
use mime_codec::report::{StatusCode, Typed};

use super::{Addressee, MessageReader, Notify, Result, Terms};

/// The half of a store that relays mail.
///
/// An entry is one message for one next hop. A worker [claims](Queue::claim_due) it, [opens](Queue::open_queued) its
/// message, talks to the next hop, and [settles](Queue::settle) what came of it. A claim is a lease: if the worker
/// dies, the entry is due again when the lease ends, or when the store is next opened if the process died.
///
/// Mail is sent *at least once*: a crash between the next hop's `250` and the settling sends it again.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Claims up to `limit` entries that are due at `now`: those of the highest priority first, and among them the
    /// longest due; none for a next hop of `except`, none that a person [holds](Order::Hold). Before `until` no other
    /// claim gets them. Counts an attempt for each. Claims and counts are durable.
    ///
    /// # Errors
    ///
    /// [`Damaged`](super::StoreError::Damaged), or a temporary cause; then nothing was claimed.
    async fn claim_due(
        &self,
        now: SystemTime,
        until: SystemTime,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<QueueEntry>>;

    /// When the next entry becomes due or its lease ends, if there is one: until when a worker may sleep, unless a
    /// [`Change::Queue`](super::Change::Queue) wakes it.
    ///
    /// # Errors
    ///
    /// [`Damaged`](super::StoreError::Damaged), or a temporary cause.
    async fn next_due(&self) -> Result<Option<SystemTime>>;

    /// Opens the message of an entry.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when the queue has no such entry (any more).
    async fn open_queued(&self, id: QueueId) -> Result<Box<dyn MessageReader>>;

    /// Lets a claim last until `until`, for a dialogue that takes longer than was thought.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when the claim is no longer held, as in [`settle`](Queue::settle).
    async fn renew(&self, claim: Claim, until: SystemTime) -> Result<()>;

    /// Ends a claim: records the verdicts on recipients and what happens next, in one transaction.
    ///
    /// To return a message to its sender, commit the report first and settle second: a crash in between gives a
    /// second report, and never none.
    ///
    /// # Errors
    ///
    /// [`NotFound`](super::StoreError::NotFound) when the claim is no longer held: it was settled, a person deleted the
    /// entry, its lease ended and another worker has claimed it, or it has no recipient of that number. Then nothing
    /// was recorded.
    async fn settle(&self, claim: Claim, verdicts: &[Verdict], next: Next) -> Result<()>;

    /// Puts off all entries for a next hop that are due before `at` and not claimed: its host does not answer, and one
    /// attempt speaks for all. Returns how many.
    ///
    /// # Errors
    ///
    /// A temporary cause; then none was put off.
    async fn put_off(&self, next_hop: &str, at: SystemTime, error: &str) -> Result<u64>;

    /// Up to `limit` entries with numbers above `after`, ascending: the queue, page by page.
    ///
    /// # Errors
    ///
    /// [`Damaged`](super::StoreError::Damaged), or a temporary cause.
    async fn queued(&self, after: QueueId, limit: usize) -> Result<Vec<QueueEntry>>;

    /// Does to entries what a person orders; says how many were concerned. A worker that has one of them claimed goes on
    /// with its attempt.
    ///
    /// # Errors
    ///
    /// A temporary cause; then nothing was changed.
    async fn administer(&self, order: Order, which: &Which) -> Result<u64>;
}

/// What a person can do to queue entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Try them now, those included that wait for their release; those that are held stay so.
    Flush,
    /// Do not try them until they are released.
    Hold,
    /// Hold them no longer: they are due at once.
    Release,
    /// Remove them without a word to their senders.
    Delete,
}

/// Which entries a person means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Each.
    All,
    /// Those of these numbers, as far as they exist.
    Ids(Vec<QueueId>),
    /// Those for a next hop.
    NextHop(String),
}

/// The number of a queue entry, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u64);

/// The right to settle an entry, valid for one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The entry.
    pub id: QueueId,
    /// Which attempt this is, from 1. It also tells a worker whose lease ran out from the one that came after it.
    pub attempt: u32,
}

/// A queue entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueEntry {
    /// What [`Queue::settle`] wants to see. Of an entry that was not claimed: the number of attempts so far.
    pub claim: Claim,
    /// The domain whose host takes the message.
    pub next_hop: String,
    /// The reverse-path without its angle brackets; empty for the null one.
    pub reverse_path: String,
    /// What the sender asked for.
    pub terms: Terms,
    /// All recipients, those included that were settled by earlier attempts.
    pub recipients: Vec<Recipient>,
    /// When the message was committed; whole milliseconds.
    pub arrival: SystemTime,
    /// When it is tried next, or its lease ends.
    pub due: SystemTime,
    /// What it waits for.
    pub state: EntryState,
    /// Which word about its delay the sender had.
    pub warned: Warned,
    /// Why the attempt before this one put the entry off.
    pub last_error: Option<String>,
    /// Octets of the message, prefix included.
    pub size: u64,
}

/// What an entry waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Its time.
    Waiting,
    /// The end of an attempt.
    Active,
    /// A person's word.
    Held,
}

/// Which word about its delay the sender of an entry had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Warned {
    /// None.
    #[default]
    Never,
    /// That it is late.
    OfDelay,
    /// That it missed the time that the sender set, and goes on.
    OfDeadline,
}

impl QueueEntry {
    /// The recipients that still want the message, with their numbers.
    pub fn pending(&self) -> impl Iterator<Item = (usize, &Recipient)> {
        self.recipients
            .iter()
            .enumerate()
            .filter(|(_, r)| r.status == RecipientStatus::Pending)
    }

    /// From when on the message is tried.
    pub fn released(&self) -> SystemTime {
        self.terms.hold_until.unwrap_or(self.arrival).max(self.arrival)
    }
}

/// One recipient of a queue entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The forward-path without its angle brackets.
    pub forward_path: String,
    /// What the sender wants to hear (RFC 3461 §4.1); `None`: not said.
    pub notify: Option<Notify>,
    /// The recipient as the sender named it: type, semicolon, address (RFC 3461 §4.2).
    pub original: Option<String>,
    /// How far it is.
    pub status: RecipientStatus,
    /// What the last attempt at it was told.
    pub diagnosis: Option<Diagnosis>,
}

impl From<Addressee> for Recipient {
    fn from(addressee: Addressee) -> Self {
        Self {
            forward_path: addressee.forward_path,
            notify: addressee.notify,
            original: addressee.original,
            status: RecipientStatus::Pending,
            diagnosis: None,
        }
    }
}

/// How far one recipient of a queue entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientStatus {
    /// The message is still to be sent.
    Pending,
    /// The next hop has taken responsibility, for reports too.
    Delivered,
    /// The next hop has taken responsibility for the message, and knows nothing of reports (RFC 3461 §5.2.2).
    Relayed,
    /// It never will; the diagnosis says why.
    Failed,
    /// It was tried for as long as one tries, or as the sender wanted.
    Expired,
}

/// Why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The reason, as a number.
    pub code: StatusCode,
    /// The reason in words: of type `smtp` what the other host said, or else what this one found.
    pub text: Typed,
    /// The host that was tried.
    pub remote: Option<String>,
}

impl Diagnosis {
    /// What another host said, or what went wrong on the way to it.
    pub fn remote(code: StatusCode, host: &str, text: Typed) -> Self {
        Self {
            code,
            text,
            remote: Some(host.to_owned()),
        }
    }

    /// What this host found.
    pub fn local(code: StatusCode, text: &str) -> Self {
        Self {
            code,
            text: Typed::new(LOCAL, text),
            remote: None,
        }
    }
}

/// The type of diagnoses that no other host gave (RFC 3464 §2.3.6 leaves `x-` types to private use).
const LOCAL: &str = "x-mailhost";

/// What an attempt found out about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The recipient's number in [`QueueEntry::recipients`].
    pub recipient: usize,
    /// Its status from now on.
    pub status: RecipientStatus,
    /// Why.
    pub diagnosis: Option<Diagnosis>,
}

/// What happens with an entry after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Another attempt.
    Retry {
        /// When it is due.
        at: SystemTime,
        /// Why this one did not do, for [`QueueEntry::last_error`].
        error: String,
        /// Which word about the delay the sender has had by now.
        warned: Warned,
    },
    /// None: the entry goes, and with it the content that nobody else shares.
    Remove,
}
