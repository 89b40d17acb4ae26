//! A store that accepts all mail and keeps none: for measuring what stands before a store.

mod extras;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast;

use imap_mailbox::{Memory, Uids};

use super::content::Held;
use super::{
    Appended, Change, Claim, Content, Copied, Delivery, Delta, Filing, FlagChange, Folders, Keyword, Listing, Mailbox,
    MailboxInfo, MessageInfo, MessageReader, ModSeq, Next, ObjectId, Order, Queue, QueueEntry, QueueId, Receipt,
    Result, Roster, SpecialUse, Spool, Status, Store, StoreError, Stored, Transfer, Uid, UidValidity, Verdict, Which,
};

/// Takes any number of messages, counts them, and forgets them. Its mailboxes and its queue are always empty.
#[derive(Debug)]
pub struct DiscardStore {
    counters: Arc<Counters>,
    // Never sends; its receivers wait as those of any other store do.
    changes: broadcast::Sender<Change>,
}

#[derive(Debug, Default)]
struct Counters {
    messages: AtomicU64,
    octets: AtomicU64,
}

impl Counters {
    fn count(&self, octets: u64) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.octets.fetch_add(octets, Ordering::Relaxed);
    }
}

impl DiscardStore {
    /// A store that has seen nothing.
    pub fn new() -> Self {
        Self {
            counters: Arc::default(),
            changes: broadcast::Sender::new(1),
        }
    }

    /// Messages that were committed.
    pub fn messages(&self) -> u64 {
        self.counters.messages.load(Ordering::Relaxed)
    }

    /// Octets of their contents.
    pub fn octets(&self) -> u64 {
        self.counters.octets.load(Ordering::Relaxed)
    }
}

impl Default for DiscardStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for DiscardStore {
    fn spool(&self) -> Box<dyn Spool> {
        Box::new(DiscardSpool {
            counters: Arc::clone(&self.counters),
            octets: 0,
        })
    }

    async fn list(&self, _: &Mailbox) -> Result<Listing> {
        Ok(Listing {
            uid_validity: UidValidity(1),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(0),
            entries: Vec::new(),
        })
    }

    async fn open(&self, _: &Mailbox, _: Uid) -> Result<Box<dyn MessageReader>> {
        Err(StoreError::NotFound)
    }

    async fn expunge(&self, _: &Mailbox, _: &[Uid]) -> Result<Vec<Uid>> {
        Ok(Vec::new())
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    async fn close(&self) {}
}

#[async_trait]
impl Folders for DiscardStore {
    async fn roster(&self, _: &Mailbox) -> Result<Roster> {
        Ok(Roster {
            uid_validity: UidValidity(1),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(0),
            uids: Uids::new(),
            first_unseen: None,
        })
    }

    async fn status(&self, _: &Mailbox) -> Result<Status> {
        Ok(Status {
            uid_validity: UidValidity(1),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(0),
            id: ObjectId(1),
            messages: 0,
            unseen: 0,
            deleted: 0,
            recent: 0,
            size: 0,
        })
    }

    async fn changes_since(&self, _: &Mailbox, _: ModSeq) -> Result<Delta> {
        Ok(Delta {
            uid_validity: UidValidity(1),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(0),
            messages: Vec::new(),
            expunged: Uids::new(),
            memory: Memory::Complete,
        })
    }

    async fn messages(&self, _: &Mailbox, _: &Uids) -> Result<Vec<MessageInfo>> {
        Ok(Vec::new())
    }

    async fn open_at(&self, _: &Mailbox, _: Uid, _: u64) -> Result<Box<dyn MessageReader>> {
        Err(StoreError::NotFound)
    }

    async fn store_flags(&self, _: &Mailbox, _: &Uids, _: FlagChange) -> Result<Stored> {
        Ok(Stored::default())
    }

    async fn append(
        &self,
        _: &Mailbox,
        messages: Vec<(Content, Filing)>,
        _: Option<(Mailbox, Uid)>,
    ) -> Result<Appended> {
        messages
            .iter()
            .for_each(|(content, _)| self.counters.count(content.size()));
        Ok(Appended {
            uid_validity: UidValidity(1),
            uids: Uids::new(),
        })
    }

    async fn transfer(&self, _: Transfer) -> Result<Copied> {
        Ok(Copied {
            uid_validity: UidValidity(1),
            uids: Vec::new(),
        })
    }

    async fn expunge_deleted(&self, _: &Mailbox, _: &Uids) -> Result<Uids> {
        Ok(Uids::new())
    }

    async fn claim_recent(&self, _: &Mailbox) -> Result<Uids> {
        Ok(Uids::new())
    }

    async fn mailboxes(&self, account: &str) -> Result<Vec<MailboxInfo>> {
        Ok(vec![MailboxInfo {
            mailbox: Mailbox::inbox(account),
            id: ObjectId(1),
            special_use: None,
        }])
    }

    async fn create(&self, _: &Mailbox, _: Option<SpecialUse>) -> Result<ObjectId> {
        Err(StoreError::Full)
    }

    async fn delete(&self, _: &Mailbox) -> Result<()> {
        Err(StoreError::NoMailbox)
    }

    async fn rename(&self, _: &Mailbox, _: &str) -> Result<()> {
        Err(StoreError::NoMailbox)
    }

    async fn subscribe(&self, _: &Mailbox, _: bool) -> Result<()> {
        Ok(())
    }

    async fn subscriptions(&self, _: &str) -> Result<Vec<Mailbox>> {
        Ok(Vec::new())
    }

    async fn keywords(&self, _: &Mailbox) -> Result<Vec<Keyword>> {
        Ok(Vec::new())
    }

    async fn summaries(&self, _: &Mailbox, _: &Uids) -> Result<Vec<(Uid, Bytes)>> {
        Ok(Vec::new())
    }

    async fn keep_summaries(&self, _: &Mailbox, _: Vec<(Uid, Bytes)>) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Queue for DiscardStore {
    async fn claim_due(&self, _: SystemTime, _: SystemTime, _: usize, _: &[String]) -> Result<Vec<QueueEntry>> {
        Ok(Vec::new())
    }

    async fn next_due(&self) -> Result<Option<SystemTime>> {
        Ok(None)
    }

    async fn open_queued(&self, _: QueueId) -> Result<Box<dyn MessageReader>> {
        Err(StoreError::NotFound)
    }

    async fn renew(&self, _: Claim, _: SystemTime) -> Result<()> {
        Err(StoreError::NotFound)
    }

    async fn settle(&self, _: Claim, _: &[Verdict], _: Next) -> Result<()> {
        Err(StoreError::NotFound)
    }

    async fn put_off(&self, _: &str, _: SystemTime, _: &str) -> Result<u64> {
        Ok(0)
    }

    async fn queued(&self, _: QueueId, _: usize) -> Result<Vec<QueueEntry>> {
        Ok(Vec::new())
    }

    async fn administer(&self, _: Order, _: &Which) -> Result<u64> {
        Ok(0)
    }
}

struct DiscardSpool {
    counters: Arc<Counters>,
    octets: u64,
}

#[async_trait]
impl Spool for DiscardSpool {
    async fn write(&mut self, octets: &[u8]) -> Result<()> {
        self.octets += octets.len() as u64;
        Ok(())
    }

    async fn commit(self: Box<Self>, _: Vec<Delivery>) -> Result<Receipt> {
        self.counters.count(self.octets);
        Ok(Receipt::default())
    }

    async fn finish(self: Box<Self>) -> Result<Content> {
        Ok(Content::new(Held::Discarded, self.octets))
    }
}
