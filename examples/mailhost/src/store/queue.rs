//! The queue of mail that waits to go on to another host.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{MessageReader, Result};

/// The half of a store that relays mail.
///
/// An entry is one message for one next hop. A worker [claims](Queue::claim_due) it, [opens](Queue::open_queued) its
/// message, talks to the next hop, and [settles](Queue::settle) what came of it. A claim is a lease: if the worker
/// dies, the entry is due again when the lease ends, or when the store is next opened if the process died.
///
/// Mail is sent *at least once*: a crash between the next hop's `250` and the settling sends it again.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Claims up to `limit` entries that are due at `now`, the longest due first; before `until` no other claim gets
    /// them. Counts an attempt for each. Claims and counts are durable.
    ///
    /// # Errors
    ///
    /// [`Damaged`](super::StoreError::Damaged), or a temporary cause; then nothing was claimed.
    async fn claim_due(&self, now: SystemTime, until: SystemTime, limit: usize) -> Result<Vec<QueueEntry>>;

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
    /// [`NotFound`](super::StoreError::NotFound) when the claim is no longer held: it was settled, or its lease ended and another
    /// worker has claimed the entry, or the entry has no recipient of that number. Then nothing was recorded.
    async fn settle(&self, claim: Claim, verdicts: &[Verdict], next: Next) -> Result<()>;
}

/// Where a relayed message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The domain whose host takes the message.
    pub next_hop: String,
    /// The reverse-path without its angle brackets; empty for the null one.
    pub reverse_path: String,
    /// The forward-paths without their angle brackets: this entry's recipients, numbered from 0.
    pub forward_paths: Vec<String>,
}

/// The number of a queue entry, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u64);

/// The right to settle an entry, valid for one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub id: QueueId,
    /// Which attempt this is, from 1. It also tells a worker whose lease ran out from the one that came after it.
    pub attempt: u32,
}

/// A claimed entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueEntry {
    /// What [`Queue::settle`] wants to see.
    pub claim: Claim,
    /// The domain whose host takes the message.
    pub next_hop: String,
    /// The reverse-path without its angle brackets; empty for the null one.
    pub reverse_path: String,
    /// All recipients, those included that were settled by earlier attempts.
    pub recipients: Vec<Recipient>,
    /// When the message was committed; whole milliseconds.
    pub arrival: SystemTime,
    /// Why the attempt before this one put the entry off.
    pub last_error: Option<String>,
    /// Octets of the message, prefix included.
    pub size: u64,
}

impl QueueEntry {
    /// The recipients that still want the message, with their numbers.
    pub fn pending(&self) -> impl Iterator<Item = (usize, &Recipient)> {
        self.recipients
            .iter()
            .enumerate()
            .filter(|(_, r)| r.status == RecipientStatus::Pending)
    }
}

/// One recipient of a queue entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The forward-path without its angle brackets.
    pub forward_path: String,
    /// How far it is.
    pub status: RecipientStatus,
}

/// How far one recipient of a queue entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientStatus {
    /// The message is still to be sent.
    Pending,
    /// The next hop has taken responsibility.
    Delivered,
    /// It never will; the text says why.
    Failed(String),
}

/// What an attempt found out about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The recipient's number in [`QueueEntry::recipients`].
    pub recipient: usize,
    /// Its status from now on.
    pub status: RecipientStatus,
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
    },
    /// None: the entry goes, and with it the content that nobody else shares.
    Remove,
}
