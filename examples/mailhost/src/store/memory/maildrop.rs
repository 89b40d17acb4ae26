//! A mailbox in memory: its messages, and what it remembers of those that went.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use imap_mailbox::{Memory, Uids};

use super::Message;
use crate::store::folders::REMEMBERED;
use crate::store::mailbox::{uid, uid_after};
use crate::store::millis::{from_millis, now, to_millis};
use crate::store::{
    Changed, Delta, Entry, Filing, Flag, FlagChange, Flags, MessageInfo, ModSeq, ObjectId, Result, Roster, SpecialUse,
    Status, Stored, Uid, UidValidity,
};

#[derive(Debug)]
pub(super) struct Maildrop {
    pub(super) uid_validity: UidValidity,
    pub(super) id: ObjectId,
    pub(super) special_use: Option<SpecialUse>,
    pub(super) last_uid: u32,
    pub(super) mod_seq: ModSeq,
    pub(super) messages: BTreeMap<Uid, Kept>,
    /// Up to here those that came are somebody's recent ones.
    recent_uid: u32,
    /// What went, by the changes that took it, ascending.
    expunged: Vec<(ModSeq, Uids)>,
    forgotten: ModSeq,
}

#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) mod_seq: ModSeq,
    pub(super) flags: Flags,
    pub(super) internal_date: SystemTime,
    pub(super) zone: i16,
    pub(super) save_date: SystemTime,
    pub(super) email_id: ObjectId,
    pub(super) thread_id: Arc<ObjectId>,
    pub(super) summary: Option<Bytes>,
    pub(super) message: Message,
}

impl Maildrop {
    pub(super) fn new(uid_validity: UidValidity, id: ObjectId, mod_seq: ModSeq) -> Self {
        Self {
            uid_validity,
            id,
            special_use: None,
            last_uid: 0,
            mod_seq,
            messages: BTreeMap::new(),
            recent_uid: 0,
            expunged: Vec::new(),
            forgotten: ModSeq(0),
        }
    }

    pub(super) fn uid_next(&self) -> Uid {
        uid_after(self.last_uid)
    }

    fn advance(&mut self) -> ModSeq {
        self.mod_seq.0 += 1;
        self.mod_seq
    }

    /// Adds messages as one change; there are uids for them.
    pub(super) fn take(&mut self, messages: Vec<Kept>) {
        let mod_seq = self.advance();
        for message in messages {
            self.last_uid += 1;
            self.messages.insert(uid(self.last_uid), Kept { mod_seq, ..message });
        }
    }

    /// Those that are there.
    pub(super) fn among<'a>(&'a self, uids: &'a Uids) -> impl Iterator<Item = (Uid, &'a Kept)> {
        let ranges = uids.ranges().map(|(first, last)| self.messages.range(first..=last));
        ranges.flatten().map(|(&uid, kept)| (uid, kept))
    }

    /// Removes those that are there, and of which `goes` is true, as one change.
    pub(super) fn remove(&mut self, uids: &Uids, goes: impl Fn(&Kept) -> bool) -> Uids {
        let removed: Uids = self
            .among(uids)
            .filter(|(_, kept)| goes(kept))
            .map(|(uid, _)| uid)
            .collect();
        if removed.is_empty() {
            return removed;
        }
        removed.iter().for_each(|uid| {
            self.messages.remove(&uid);
        });
        let mod_seq = self.advance();
        self.expunged.push((mod_seq, removed.clone()));
        if self.remembered() >= 2 * REMEMBERED {
            self.forget();
        }
        removed
    }

    fn remembered(&self) -> usize {
        self.expunged.iter().map(|(_, uids)| uids.ranges().len()).sum()
    }

    fn forget(&mut self) {
        let mut runs = 0;
        let newest = self.expunged.iter().rev().take_while(|(_, uids)| {
            let before = runs;
            runs += uids.ranges().len();
            before < REMEMBERED
        });
        let oldest_kept = self.expunged.len() - newest.count();
        if let Some((mod_seq, _)) = self.expunged.drain(..oldest_kept).next_back() {
            self.forgotten = mod_seq;
        }
    }

    pub(super) fn store_flags(&mut self, uids: &Uids, change: &FlagChange) -> Result<Stored> {
        let before = self.among(uids).map(|(uid, kept)| kept.changed(uid)).collect();
        let mut stored = change.plan(before)?;
        if stored.changed.is_empty() {
            return Ok(stored);
        }
        let mod_seq = self.advance();
        for message in &mut stored.changed {
            message.mod_seq = mod_seq;
            if let Some(kept) = self.messages.get_mut(&message.uid) {
                kept.mod_seq = mod_seq;
                kept.flags = message.flags.clone();
            }
        }
        Ok(stored)
    }

    pub(super) fn claim_recent(&mut self) -> Uids {
        let recent = Uids::between(uid_after(self.recent_uid), Uid::MAX);
        let claimed = self.among(&recent).map(|(uid, _)| uid).collect();
        self.recent_uid = self.last_uid;
        claimed
    }

    pub(super) fn roster(&self) -> Roster {
        let unseen = |(_, kept): &(&Uid, &Kept)| !kept.flags.has(Flag::Seen);
        Roster {
            uid_validity: self.uid_validity,
            uid_next: self.uid_next(),
            mod_seq: self.mod_seq,
            uids: self.messages.keys().copied().collect(),
            first_unseen: self.messages.iter().find(unseen).map(|(&uid, _)| uid),
        }
    }

    pub(super) fn status(&self) -> Status {
        let count = |wanted: &dyn Fn(&Kept) -> bool| self.messages.values().filter(|kept| wanted(kept)).count() as u32;
        Status {
            uid_validity: self.uid_validity,
            uid_next: self.uid_next(),
            mod_seq: self.mod_seq,
            id: self.id,
            messages: self.messages.len() as u32,
            unseen: count(&|kept| !kept.flags.has(Flag::Seen)),
            deleted: count(&|kept| kept.flags.has(Flag::Deleted)),
            recent: self.messages.keys().filter(|&&uid| uid.get() > self.recent_uid).count() as u32,
            size: self.messages.values().map(|kept| kept.message.size()).sum(),
        }
    }

    pub(super) fn changes_since(&self, since: ModSeq) -> Delta {
        let changed = self.messages.iter().filter(|(_, kept)| kept.mod_seq > since);
        let went = self.expunged.iter().filter(|(mod_seq, _)| *mod_seq > since);
        Delta {
            uid_validity: self.uid_validity,
            uid_next: self.uid_next(),
            mod_seq: self.mod_seq,
            messages: changed.map(|(&uid, kept)| kept.changed(uid)).collect(),
            expunged: Uids::from_ranges(went.flat_map(|(_, uids)| uids.ranges())),
            memory: match since >= self.forgotten {
                true => Memory::Complete,
                false => Memory::Forgotten,
            },
        }
    }
}

impl Kept {
    /// One that came just now; its state is the mailbox's to give.
    pub(super) fn new(filing: Filing, (email_id, thread_id): (ObjectId, Arc<ObjectId>), message: Message) -> Self {
        let saved = now();
        Self {
            mod_seq: ModSeq(0),
            flags: filing.flags,
            internal_date: filing.internal_date.map_or(saved, |date| from_millis(to_millis(date))),
            zone: filing.zone,
            save_date: saved,
            email_id,
            thread_id,
            summary: None,
            message,
        }
    }

    pub(super) fn entry(&self, uid: Uid) -> Entry {
        Entry {
            uid,
            mod_seq: self.mod_seq,
            size: self.message.size(),
            internal_date: self.internal_date,
        }
    }

    fn changed(&self, uid: Uid) -> Changed {
        Changed {
            uid,
            mod_seq: self.mod_seq,
            flags: self.flags.clone(),
        }
    }

    pub(super) fn info(&self, uid: Uid) -> MessageInfo {
        MessageInfo {
            uid,
            mod_seq: self.mod_seq,
            flags: self.flags.clone(),
            size: self.message.size(),
            internal_date: self.internal_date,
            zone: self.zone,
            save_date: self.save_date,
            email_id: self.email_id,
            thread_id: *self.thread_id,
        }
    }
}
