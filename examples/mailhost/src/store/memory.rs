//! A store in memory: for tests, and for trying things out.

mod queue;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast;

use self::queue::Waiting;
use super::millis::{now, to_millis};
use super::{
    CHANGES, CHUNK, Change, Delivered, Delivery, Destination, Entry, Listing, Mailbox, MessageReader, ModSeq, QueueId,
    Receipt, Result, Spool, Store, StoreError, Uid, UidValidity,
};

/// Keeps mail until the process ends. Nothing is durable; all else is as the traits say.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    // None once the store is closed.
    state: Arc<Mutex<Option<State>>>,
    changes: broadcast::Sender<Change>,
}

#[derive(Debug)]
struct State {
    uid_validity: UidValidity,
    maildrops: HashMap<Mailbox, Maildrop>,
    queue: BTreeMap<QueueId, Waiting>,
    last_queued: u64,
}

#[derive(Debug, Default)]
struct Maildrop {
    last_uid: u32,
    mod_seq: u64,
    messages: BTreeMap<Uid, Stored>,
}

#[derive(Debug, Clone)]
struct Stored {
    mod_seq: ModSeq,
    internal_date: SystemTime,
    message: Message,
}

/// A prefix and the content that it shares with other recipients.
#[derive(Debug, Clone)]
struct Message {
    prefix: Bytes,
    content: Arc<[Bytes]>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        let state = State {
            // The second of the start: another one than the process before had.
            uid_validity: UidValidity((to_millis(now()) / 1000) as u32),
            maildrops: HashMap::new(),
            queue: BTreeMap::new(),
            last_queued: 0,
        };
        Self {
            state: Arc::new(Mutex::new(Some(state))),
            changes: broadcast::Sender::new(CHANGES),
        }
    }

    /// Runs one transaction.
    fn with<T>(&self, work: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        work(self.lock().as_mut().ok_or(StoreError::Closed)?)
    }

    // A panic inside a transaction cannot leave a state that later ones must fear: each checks before it changes.
    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, change: Change) {
        // It fails when nobody listens.
        let _ = self.changes.send(change);
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn spool(&self) -> Box<dyn Spool> {
        Box::new(MemorySpool {
            store: self.clone(),
            chunks: Vec::new(),
            last: Vec::new(),
        })
    }

    async fn list(&self, mailbox: &Mailbox) -> Result<Listing> {
        self.with(|state| {
            let empty = Maildrop::default();
            let maildrop = state.maildrops.get(mailbox).unwrap_or(&empty);
            Ok(Listing {
                uid_validity: state.uid_validity,
                uid_next: Uid(maildrop.last_uid.saturating_add(1)),
                mod_seq: ModSeq(maildrop.mod_seq),
                entries: maildrop
                    .messages
                    .iter()
                    .map(|(&uid, stored)| stored.entry(uid))
                    .collect(),
            })
        })
    }

    async fn open(&self, mailbox: &Mailbox, uid: Uid) -> Result<Box<dyn MessageReader>> {
        self.with(|state| {
            let stored = state
                .maildrops
                .get(mailbox)
                .and_then(|maildrop| maildrop.messages.get(&uid));
            Ok(stored.ok_or(StoreError::NotFound)?.message.reader())
        })
    }

    async fn expunge(&self, mailbox: &Mailbox, uids: &[Uid]) -> Result<Vec<Uid>> {
        let (removed, mod_seq) = self.with(|state| {
            let Some(maildrop) = state.maildrops.get_mut(mailbox) else {
                return Ok((Vec::new(), ModSeq(0)));
            };
            let mut removed: Vec<Uid> = uids
                .iter()
                .copied()
                .filter(|uid| maildrop.messages.remove(uid).is_some())
                .collect();
            removed.sort_unstable();
            maildrop.mod_seq += u64::from(!removed.is_empty());
            Ok((removed, ModSeq(maildrop.mod_seq)))
        })?;
        if !removed.is_empty() {
            self.announce(Change::Mailbox(mailbox.clone(), mod_seq));
        }
        Ok(removed)
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    async fn close(&self) {
        self.lock().take();
    }
}

struct MemorySpool {
    store: MemoryStore,
    chunks: Vec<Bytes>,
    last: Vec<u8>,
}

#[async_trait]
impl Spool for MemorySpool {
    async fn write(&mut self, mut octets: &[u8]) -> Result<()> {
        while !octets.is_empty() {
            if self.last.len() == CHUNK {
                self.chunks.push(std::mem::take(&mut self.last).into());
            }
            let (now, later) = octets.split_at(octets.len().min(CHUNK - self.last.len()));
            self.last.extend_from_slice(now);
            octets = later;
        }
        Ok(())
    }

    async fn commit(mut self: Box<Self>, deliveries: Vec<Delivery>) -> Result<Receipt> {
        if !self.last.is_empty() {
            self.chunks.push(self.last.into());
        }
        let content: Arc<[Bytes]> = self.chunks.into();
        let mut changes = Vec::with_capacity(deliveries.len());
        let receipt = self.store.with(|state| {
            state.check_uids(&deliveries)?;
            let deliver = |delivery| state.deliver(delivery, Arc::clone(&content), &mut changes);
            Ok(Receipt {
                deliveries: deliveries.into_iter().map(deliver).collect(),
            })
        })?;
        for change in changes {
            self.store.announce(change);
        }
        Ok(receipt)
    }
}

impl State {
    /// Looks for what could stop a commit halfway, before it starts.
    fn check_uids(&self, deliveries: &[Delivery]) -> Result<()> {
        let room = u32::try_from(deliveries.len()).map_err(|_| StoreError::Full)?;
        for delivery in deliveries {
            let Destination::Mailbox(mailbox) = &delivery.to else {
                continue;
            };
            let last_uid = self.maildrops.get(mailbox).map_or(0, |maildrop| maildrop.last_uid);
            last_uid.checked_add(room).ok_or(StoreError::Full)?;
        }
        Ok(())
    }

    fn deliver(&mut self, delivery: Delivery, content: Arc<[Bytes]>, changes: &mut Vec<Change>) -> Delivered {
        let message = Message {
            prefix: delivery.prefix.into(),
            content,
        };
        match delivery.to {
            Destination::Mailbox(mailbox) => {
                let maildrop = self.maildrops.entry(mailbox.clone()).or_default();
                let uid = maildrop.append(message);
                changes.push(Change::Mailbox(mailbox, ModSeq(maildrop.mod_seq)));
                Delivered::Mailbox(self.uid_validity, uid)
            }
            Destination::Relay(envelope) => {
                self.last_queued += 1;
                let id = QueueId(self.last_queued);
                self.queue.insert(id, Waiting::new(id, envelope, message));
                changes.push(Change::Queue);
                Delivered::Queued(id)
            }
        }
    }
}

impl Maildrop {
    fn append(&mut self, message: Message) -> Uid {
        self.last_uid += 1;
        self.mod_seq += 1;
        let stored = Stored {
            mod_seq: ModSeq(self.mod_seq),
            internal_date: now(),
            message,
        };
        self.messages.insert(Uid(self.last_uid), stored);
        Uid(self.last_uid)
    }
}

impl Stored {
    fn entry(&self, uid: Uid) -> Entry {
        Entry {
            uid,
            mod_seq: self.mod_seq,
            size: self.message.size(),
            internal_date: self.internal_date,
        }
    }
}

impl Message {
    fn size(&self) -> u64 {
        self.chunks().map(|chunk| chunk.len() as u64).sum()
    }

    /// The chunks stay alive with their reader: a message that is removed meanwhile is read to its end.
    fn reader(&self) -> Box<dyn MessageReader> {
        Box::new(MemoryReader {
            size: self.size(),
            chunks: self.chunks().cloned().collect(),
        })
    }

    fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        std::iter::once(&self.prefix)
            .filter(|prefix| !prefix.is_empty())
            .chain(self.content.iter())
    }
}

struct MemoryReader {
    size: u64,
    chunks: VecDeque<Bytes>,
}

#[async_trait]
impl MessageReader for MemoryReader {
    fn size(&self) -> u64 {
        self.size
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        Ok(self.chunks.pop_front())
    }
}
