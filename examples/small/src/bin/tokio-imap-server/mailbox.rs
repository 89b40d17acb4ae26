//! The messages, and what a session has been told of them.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imap_proto::{Data, Flag};
use tokio::sync::watch;

pub(crate) const UID_VALIDITY: NonZeroU32 = NonZeroU32::MIN;

#[derive(Clone)]
pub(crate) struct Message {
    pub uid: NonZeroU32,
    pub flags: Vec<Flag<'static>>,
    pub octets: Arc<[u8]>,
}

/// All messages in the order of their UIDs.
#[derive(Default)]
pub(crate) struct Inbox {
    messages: Mutex<Vec<Message>>,
    /// The UID that was given last.
    last: watch::Sender<u32>,
}

impl Inbox {
    /// Adds a message and returns its UID.
    pub(crate) fn add(&self, octets: Vec<u8>, flags: Vec<Flag<'static>>) -> NonZeroU32 {
        let mut messages = self.messages();
        let uid = NonZeroU32::MIN.saturating_add(*self.last.borrow());
        messages.push(Message {
            uid,
            flags,
            octets: octets.into(),
        });
        self.last.send_replace(uid.get());
        uid
    }

    pub(crate) fn expunge(&self) {
        self.messages()
            .retain(|message| !message.flags.contains(&Flag::Deleted));
        self.last.send_modify(|_| ());
    }

    pub(crate) fn messages(&self) -> MutexGuard<'_, Vec<Message>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn uid_next(&self) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(*self.last.borrow())
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u32> {
        self.last.subscribe()
    }
}

/// What a client thinks the mailbox holds: a message's number is its place here. A message that is gone keeps its place
/// until the client has been told.
pub(crate) struct View {
    pub uids: Vec<NonZeroU32>,
    pub is_read_only: bool,
}

impl View {
    pub(crate) fn new(inbox: &Inbox, is_read_only: bool) -> Self {
        let uids = inbox.messages().iter().map(|message| message.uid).collect();
        Self { uids, is_read_only }
    }

    /// What the client must be told. Numbers may not change while it might use the old ones (RFC 9051 §7.5.1).
    pub(crate) fn update(&mut self, inbox: &Inbox, may_renumber: bool) -> Vec<Data<'static>> {
        let messages = inbox.messages();
        let is_there = |uid: &NonZeroU32| messages.binary_search_by_key(uid, |message| message.uid).is_ok();
        let mut changes = Vec::new();
        let mut number = 1;
        self.uids.retain(|uid| {
            let stays = is_there(uid) || !may_renumber;
            match NonZeroU32::new(number) {
                Some(gone) if !stays => changes.push(Data::Expunge(gone)),
                _ => number += 1,
            }
            stays
        });
        let last = self.uids.last().copied();
        let known = self.uids.len();
        let new = messages
            .iter()
            .map(|message| message.uid)
            .filter(|uid| Some(*uid) > last);
        self.uids.extend(new);
        if self.uids.len() > known {
            changes.push(Data::Exists(self.uids.len() as u32));
        }
        changes
    }
}
