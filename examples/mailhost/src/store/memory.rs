//! A store in memory: for tests, and for trying things out.

mod extras;
mod folders;
mod maildrop;
mod queue;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;
use tokio::sync::broadcast;

use self::extras::Extras;
use self::maildrop::{Kept, Maildrop};
use self::queue::Waiting;
use super::content::Held;
use super::links::Links;
use super::mailbox::{room_for, uid};
use super::millis::{now, to_millis};
use super::{
    CHANGES, CHUNK, Change, Content, Delivered, Delivery, Destination, Filing, Folders, Listing, Mailbox,
    MessageReader, ModSeq, ObjectId, QueueId, Receipt, Result, Spool, Store, StoreError, Uid, UidValidity,
};

/// Keeps mail until the process ends. Nothing is durable; all else is as the traits say.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    // None once the store is closed.
    state: Arc<Mutex<Option<State>>>,
    changes: broadcast::Sender<Change>,
    access: Arc<AtomicU64>,
}

#[derive(Debug)]
struct State {
    /// Of each INBOX: it never comes anew.
    inbox: UidValidity,
    /// Of the next mailbox that is none.
    uid_validity: UidValidity,
    /// Of the next mailbox or message.
    next_object: ObjectId,
    /// With which the next mailbox begins.
    mod_seq: ModSeq,
    /// The highest that some name had and has no longer.
    departed: UidValidity,
    maildrops: HashMap<Mailbox, Maildrop>,
    subscriptions: BTreeSet<Mailbox>,
    /// The conversations to which an account's message identifiers belong. Their messages hold them.
    threads: HashMap<(String, i64), Weak<ObjectId>>,
    queue: BTreeMap<QueueId, Waiting>,
    last_queued: u64,
    extras: Extras,
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
        // Another one than the process before had.
        let second_of_start = (to_millis(now()) / 1000) as u32;
        let state = State {
            inbox: UidValidity(second_of_start),
            uid_validity: UidValidity(second_of_start + 1),
            next_object: ObjectId(u64::from(second_of_start) << 24),
            mod_seq: ModSeq(1),
            departed: UidValidity(0),
            maildrops: HashMap::new(),
            subscriptions: BTreeSet::new(),
            threads: HashMap::new(),
            queue: BTreeMap::new(),
            last_queued: 0,
            extras: Extras::default(),
        };
        Self {
            state: Arc::new(Mutex::new(Some(state))),
            changes: broadcast::Sender::new(CHANGES),
            access: Arc::default(),
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
        if change.concerns_access() {
            self.access.fetch_add(1, Ordering::Release);
        }
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
            let uid_validity = if mailbox.is_inbox() {
                state.inbox
            } else {
                state.uid_validity
            };
            let absent = Maildrop::new(uid_validity, state.next_object, state.mod_seq);
            let maildrop = state.maildrops.get(mailbox).unwrap_or(&absent);
            let entries = maildrop.messages.iter().map(|(&uid, kept)| kept.entry(uid));
            Ok(Listing {
                uid_validity: maildrop.uid_validity,
                uid_next: maildrop.uid_next(),
                mod_seq: maildrop.mod_seq,
                entries: entries.collect(),
            })
        })
    }

    async fn open(&self, mailbox: &Mailbox, uid: Uid) -> Result<Box<dyn MessageReader>> {
        Folders::open_at(self, mailbox, uid, 0).await
    }

    async fn expunge(&self, mailbox: &Mailbox, uids: &[Uid]) -> Result<Vec<Uid>> {
        let uids: Uids = uids.iter().copied().collect();
        let (removed, mod_seq) = self.with(|state| {
            let Some(maildrop) = state.maildrops.get_mut(mailbox) else {
                return Ok((Uids::new(), ModSeq(0)));
            };
            Ok((maildrop.remove(&uids, |_| true), maildrop.mod_seq))
        })?;
        if !removed.is_empty() {
            self.announce(Change::Mailbox(mailbox.clone(), mod_seq));
        }
        Ok(removed.iter().collect())
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
        let content = self.content();
        let mut changes = Vec::with_capacity(deliveries.len());
        let receipt = self.store.with(|state| {
            state.check(&deliveries)?;
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

    async fn finish(mut self: Box<Self>) -> Result<Content> {
        let content = self.content();
        let size = octets(&content);
        Ok(Content::new(Held::Memory(content), size))
    }
}

fn octets(content: &[Bytes]) -> u64 {
    content.iter().map(|chunk| chunk.len() as u64).sum()
}

impl MemorySpool {
    fn content(&mut self) -> Arc<[Bytes]> {
        let last = std::mem::take(&mut self.last);
        if !last.is_empty() {
            self.chunks.push(last.into());
        }
        std::mem::take(&mut self.chunks).into()
    }
}

impl State {
    /// Looks for what could stop a commit halfway, before it starts.
    fn check(&self, deliveries: &[Delivery]) -> Result<()> {
        let room = u32::try_from(deliveries.len()).map_err(|_| StoreError::Full)?;
        for delivery in deliveries {
            let Destination::Mailbox(mailbox) = &delivery.to else {
                continue;
            };
            let last_uid = self.maildrops.get(mailbox).map_or(0, |maildrop| maildrop.last_uid);
            room_for(last_uid, room)?;
        }
        Ok(())
    }

    fn new_object(&mut self) -> ObjectId {
        let id = self.next_object;
        self.next_object.0 += 1;
        id
    }

    /// For a message of an account: its own one, and its conversation's.
    fn new_ids(&mut self, mailbox: &Mailbox, content: &[Bytes]) -> (ObjectId, Arc<ObjectId>) {
        let email_id = self.new_object();
        let links = Links::of(content.first().map_or(&[], |first| first));
        let key = |link: &i64| (mailbox.account().to_owned(), *link);
        let known = |link| self.threads.get(&key(link)).and_then(Weak::upgrade);
        let thread_id = links.numbers().iter().find_map(known);
        let thread_id = thread_id.unwrap_or_else(|| Arc::new(email_id));
        if self.threads.len() == self.threads.capacity() {
            self.threads.retain(|_, thread| thread.strong_count() > 0);
        }
        for link in links.numbers() {
            let thread = self.threads.entry(key(link)).or_default();
            if thread.strong_count() == 0 {
                *thread = Arc::downgrade(&thread_id);
            }
        }
        (email_id, thread_id)
    }

    fn new_validity(&mut self) -> UidValidity {
        let new = self.uid_validity;
        self.uid_validity.0 = self.uid_validity.0.wrapping_add(1);
        new
    }

    /// The mailbox, which is made if need be.
    fn maildrop(&mut self, mailbox: &Mailbox) -> &mut Maildrop {
        if !self.maildrops.contains_key(mailbox) {
            let id = self.new_object();
            let uid_validity = if mailbox.is_inbox() {
                self.inbox
            } else {
                self.new_validity()
            };
            let maildrop = Maildrop::new(uid_validity, id, self.mod_seq);
            self.maildrops.insert(mailbox.clone(), maildrop);
            self.inherit(mailbox);
        }
        self.maildrops.get_mut(mailbox).expect("it was there, or made just now")
    }

    fn deliver(&mut self, delivery: Delivery, content: Arc<[Bytes]>, changes: &mut Vec<Change>) -> Delivered {
        let message = Message {
            prefix: delivery.prefix.into(),
            content,
        };
        match delivery.to {
            Destination::Mailbox(mailbox) => {
                if !mailbox.is_inbox() && !self.maildrops.contains_key(&mailbox) {
                    changes.push(Change::Created(mailbox.clone()));
                }
                self.maildrop(&mailbox);
                let ids = self.new_ids(&mailbox, &message.content);
                let maildrop = self.maildrop(&mailbox);
                maildrop.take(vec![Kept::new(Filing::default(), ids, message)]);
                changes.push(Change::Mailbox(mailbox, maildrop.mod_seq));
                Delivered::Mailbox(maildrop.uid_validity, uid(maildrop.last_uid))
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

impl Message {
    fn size(&self) -> u64 {
        self.chunks().map(|chunk| chunk.len() as u64).sum()
    }

    /// The chunks stay alive with their reader: a message that is removed meanwhile is read to its end.
    fn reader(&self, offset: u64) -> Box<dyn MessageReader> {
        let mut skip = offset;
        let behind = |chunk: &Bytes| {
            let here = skip.min(chunk.len() as u64);
            skip -= here;
            Some(chunk.slice(here as usize..)).filter(|rest| !rest.is_empty())
        };
        Box::new(MemoryReader {
            size: self.size(),
            chunks: self.chunks().filter_map(behind).collect(),
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
