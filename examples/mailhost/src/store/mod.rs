//! The message store: where accepted mail lives, and the queue of mail that goes on to other hosts.
//!
//! A message passes through the store in three steps:
//!
//! 1. [`Store::spool`] opens a [`Spool`], and the message streams into it while it arrives.
//! 2. [`Spool::commit`] makes it durable for all its recipients at once. Only then may the server say `250`.
//! 3. [`Store::open`] streams it out again, and [`Store::expunge`] removes it. What is bound for another host
//!    waits in the [`Queue`] instead, until a worker has [settled](Queue::settle) it.
//!
//! That is all that SMTP and POP3 need. What IMAP does to mailboxes, and what it asks of them, is in [`Folders`]; who may do what is
//! in [`Access`], and what is known beside messages in [`Annotations`], [`Quotas`] and [`UrlKeys`].
//!
//! The content of a message is stored once however many recipients it has. What differs for each recipient
//! (Return-Path, Delivered-To, Received) is a *prefix*: octets that are stored with the delivery and read in
//! front of the content.
//!
//! There are three stores with one conduct, which `tests/store.rs` checks: [`SqliteStore`] keeps mail in a file,
//! [`MemoryStore`] until the process ends, [`DiscardStore`] not at all.
//!
//! ```
//! use mailhost::store::{Delivery, Mailbox, MemoryStore, Store, StoreError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), StoreError> {
//! let store = MemoryStore::new();
//! let bob = Mailbox::inbox("bob@hamburger.edu");
//!
//! let mut spool = store.spool();
//! spool.write(b"Subject: lunch\r\n\r\n").await?;
//! spool.write(b"At noon?\r\n").await?;
//! let prefix = b"Return-Path: <alice@crepes.fr>\r\n".to_vec();
//! spool.commit(vec![Delivery::mailbox(bob.clone(), prefix)]).await?;
//!
//! let listing = store.list(&bob).await?;
//! let mut message = store.open(&bob, listing.entries[0].uid).await?;
//! let mut octets = Vec::new();
//! while let Some(chunk) = message.next_chunk().await? {
//!     octets.extend_from_slice(&chunk);
//! }
//! assert_eq!(octets.len() as u64, listing.entries[0].size);
//! assert!(octets.starts_with(b"Return-Path: <alice@crepes.fr>\r\nSubject: lunch\r\n"));
//! # Ok(())
//! # }
//! ```

mod access;
mod annotations;
mod content;
mod discard;
mod envelope;
mod error;
mod flags;
mod folders;
mod links;
mod mailbox;
mod memory;
mod millis;
mod queue;
mod quotas;
mod sqlite;
mod url_keys;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast;

pub use access::{Access, Acl, AclEntry, Identifier, Who};
pub use annotations::{ANNOTATIONS, Annotated, Annotations, Depth, EntryName, LONGEST_ANNOTATION};
pub use content::Content;
pub use discard::DiscardStore;
pub use envelope::{Addressee, ByMode, ContentKind, DeliverBy, Envelope, Notify, Returned, Terms};
pub use error::{Damage, StoreError};
pub use flags::{Flag, FlagAction, FlagMask, Flags, Keyword, KeywordError};
pub use folders::{
    Appended, Changed, Copied, Delta, Filing, FlagChange, Folders, LONGEST_SUMMARY, MailboxInfo, MessageInfo, ObjectId,
    Originals, Roster, SMALL, SpecialUse, Status, Stored, Transfer,
};
pub(crate) use mailbox::canonical_name;
pub use mailbox::{Entry, Listing, Mailbox, ModSeq, SEPARATOR, Uid, UidValidity};
pub use memory::MemoryStore;
pub use queue::{
    Claim, Diagnosis, EntryState, Next, Order, Queue, QueueEntry, QueueId, Recipient, RecipientStatus, Verdict, Warned,
    Which,
};
pub use quotas::{Limits, Quota, Quotas, Usage};
pub use sqlite::{QueueTool, SqliteStore};

pub use url_keys::UrlKeys;

/// What a method of the store returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A place that keeps mail; shared by all tasks of a server as `Arc<dyn Store>`.
///
/// *Durable*, below, means: on disk and flushed there (fsync), for a store that has a disk. Each method that
/// changes something is one transaction: when it returns `Ok`, the whole change is durable and everyone sees it;
/// when it returns an error, nothing of it happened. When its future is dropped before it returns, either may be
/// the case.
#[async_trait]
pub trait Store: Queue + Folders + Access + Annotations + Quotas + UrlKeys {
    /// Opens a spool for one arriving message. It costs nothing until octets are written, and cannot fail.
    fn spool(&self) -> Box<dyn Spool>;

    /// All messages of a mailbox by ascending [`Uid`], as one consistent moment.
    ///
    /// A mailbox that does not exist is an empty one, not an error, and already has the UIDVALIDITY with which its first
    /// message will come; unless it is no INBOX, and another mailbox is made before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`], or a temporary cause.
    async fn list(&self, mailbox: &Mailbox) -> Result<Listing>;

    /// Opens a message for reading.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when the mailbox has no such message (any more).
    async fn open(&self, mailbox: &Mailbox, uid: Uid) -> Result<Box<dyn MessageReader>>;

    /// Removes messages from a mailbox: all of them durably, or none. Content that no other recipient shares is
    /// removed with them.
    ///
    /// Returns those that were there, ascending. A uid that is there no longer, because another session was
    /// quicker, is no error: what the caller wanted is the case. A removed uid is never given to another message.
    ///
    /// # Errors
    ///
    /// Any but [`StoreError::NotFound`]; then nothing was removed.
    async fn expunge(&self, mailbox: &Mailbox, uids: &[Uid]) -> Result<Vec<Uid>>;

    /// Subscribes to what changes from now on. Subscribe first, look second: then nothing falls in between.
    ///
    /// A change is announced after it is durable. A receiver that falls too far behind gets
    /// [`RecvError::Lagged`](broadcast::error::RecvError::Lagged): it missed changes, and looks at everything that
    /// concerns it once more. Changes are hints that tell where to look, and carry no state that is not in the store.
    fn changes(&self) -> broadcast::Receiver<Change>;

    /// Finishes the requests that are under way, then closes the store and lets go of its files. Later requests
    /// give [`StoreError::Closed`]. Nothing durable depends on it: a store that is not closed loses nothing.
    async fn close(&self);
}

/// One message on its way in.
///
/// Dropping a spool, or the future of its [`commit`](Spool::commit) before that took effect, leaves nothing
/// behind: what it stored so far is nobody's and is removed, at the latest when the store is next opened.
#[async_trait]
pub trait Spool: Send {
    /// Appends octets to the content, as they are, in pieces of any size.
    ///
    /// Holds at most 256 KiB (of each spool) in memory where the store has a disk; nothing is durable yet.
    /// Waiting is the backpressure of a slow disk. When the future is dropped, the octets were added or not, and
    /// the spool is as after an error.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], or another temporary cause. After an error, every further call gives
    /// [`StoreError::Aborted`].
    async fn write(&mut self, octets: &[u8]) -> Result<()>;

    /// Makes the message durable for all its recipients in one transaction: all deliveries, or none.
    ///
    /// Without a delivery nothing is stored. Two deliveries to one mailbox are two messages.
    ///
    /// # Errors
    ///
    /// Any but [`StoreError::NotFound`]; then no recipient has the message.
    async fn commit(self: Box<Self>, deliveries: Vec<Delivery>) -> Result<Receipt>;

    /// Ends the message, for [`Folders::append`] to file it, perhaps together with others. Nothing is durable yet.
    ///
    /// Of all messages that wait so, a store with a disk holds 16 MiB in memory and puts down the rest.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    async fn finish(self: Box<Self>) -> Result<Content>;
}

/// One message on its way out: its prefix, then its content.
#[async_trait]
pub trait MessageReader: Send {
    /// Octets of the whole message, prefix included: the sum of all chunks.
    fn size(&self) -> u64;

    /// The next octets, at most 256 KiB (the prefix comes in one chunk of its own), or `None` at the end of the
    /// message. Cancel-safe: no octet is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] when the message was removed meanwhile, and [`StoreError::Damaged`] when octets are
    /// missing or wrong. `None` comes only after exactly [`size`](MessageReader::size) octets.
    async fn next_chunk(&mut self) -> Result<Option<Bytes>>;
}

/// One recipient's share of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where it goes.
    pub to: Destination,
    /// Header fields for this recipient alone, each ended by CRLF; read in front of the content.
    pub prefix: Vec<u8>,
}

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Into a mailbox here, which comes into being with its first message.
    Mailbox(Mailbox),
    /// Into the queue, and on to another host.
    Relay(Envelope),
}

impl Delivery {
    /// A delivery to a mailbox here. It is stored beyond a quota, too: whoever accepted the recipient has asked before.
    pub fn mailbox(mailbox: Mailbox, prefix: Vec<u8>) -> Self {
        Self {
            to: Destination::Mailbox(mailbox),
            prefix,
        }
    }

    /// A delivery to the queue. Its first attempt is due at once, or when its [terms](Terms::hold_until) let it go.
    pub fn relay(envelope: Envelope, prefix: Vec<u8>) -> Self {
        Self {
            to: Destination::Relay(envelope),
            prefix,
        }
    }
}

/// What became of a committed message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// One for each [`Delivery`], in their order. Empty from a store that keeps nothing.
    pub deliveries: Vec<Delivered>,
}

/// What became of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It is a message of its mailbox (what IMAP's APPENDUID tells, RFC 4315 §3).
    Mailbox(UidValidity, Uid),
    /// It waits in the queue.
    Queued(QueueId),
}

/// What changed in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Messages came into a mailbox, left it, or have other flags; this is its state since.
    Mailbox(Mailbox, ModSeq),
    /// There is a new mailbox, empty or with what was moved there.
    Created(Mailbox),
    /// A mailbox is no more.
    Deleted(Mailbox),
    /// A mailbox has another name, perhaps one that it got together with a mailbox above it.
    Renamed {
        /// What it was called.
        from: Mailbox,
        /// What it is called now.
        to: Mailbox,
    },
    /// An account's subscription to this name began or ended.
    Subscription(Mailbox),
    /// A mailbox's list of rights is another one.
    Acl(Mailbox),
    /// Annotations have other values, or are gone.
    Annotated {
        /// What they are about.
        of: Annotated,
        /// Who changed them; private ones are this account's alone.
        account: Arc<str>,
        /// Their names.
        entries: Arc<[EntryName]>,
    },
    /// Entries came into the queue, or were given a new time: look when the next one is due.
    Queue,
}

impl Change {
    fn annotated(of: &Annotated, account: &str, entries: Vec<EntryName>) -> Self {
        Self::Annotated {
            of: of.clone(),
            account: account.into(),
            entries: entries.into(),
        }
    }

    /// Whether anybody's rights may be others since.
    const fn concerns_access(&self) -> bool {
        matches!(
            self,
            Self::Created(_) | Self::Deleted(_) | Self::Renamed { .. } | Self::Acl(_)
        )
    }
}

/// Octets that a spool holds, a reader hands out, and a row keeps at most: 256 KiB.
const CHUNK: usize = 256 * 1024;

/// How many changes a receiver may be behind before it lags.
const CHANGES: usize = 1024;
