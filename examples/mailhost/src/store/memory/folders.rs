//! The half on which IMAP stands.

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;

use super::maildrop::{Kept, Maildrop};
use super::{MemoryStore, Message, State};
use crate::store::content::Held;
use crate::store::mailbox::{room_for, uid_after};
use crate::store::millis::now;
use crate::store::{
    Appended, Change, Content, Copied, Delta, Filing, Flag, FlagChange, Folders, Keyword, LONGEST_SUMMARY, Mailbox,
    MailboxInfo, MessageInfo, MessageReader, ModSeq, ObjectId, Originals, Result, Roster, SpecialUse, Status,
    StoreError, Stored, Transfer, Uid, Usage,
};

impl MemoryStore {
    /// Does something to a mailbox that must be there, and announces it if that changed its state.
    fn on<T>(&self, mailbox: &Mailbox, work: impl FnOnce(&mut Maildrop) -> Result<T>) -> Result<T> {
        let (done, before, after) = self.with(|state| {
            let maildrop = state.existing(mailbox)?;
            let before = maildrop.mod_seq;
            Ok((work(maildrop)?, before, maildrop.mod_seq))
        })?;
        if before != after {
            self.announce(Change::Mailbox(mailbox.clone(), after));
        }
        Ok(done)
    }

    pub(super) fn announcing<T>(&self, work: impl FnOnce(&mut State, &mut Vec<Change>) -> Result<T>) -> Result<T> {
        let mut changes = Vec::new();
        let done = self.with(|state| work(state, &mut changes))?;
        changes.into_iter().for_each(|change| self.announce(change));
        Ok(done)
    }
}

impl State {
    /// A mailbox that must be there; makes INBOX if need be.
    pub(super) fn existing(&mut self, mailbox: &Mailbox) -> Result<&mut Maildrop> {
        match self.maildrops.contains_key(mailbox) || mailbox.is_inbox() {
            true => Ok(self.maildrop(mailbox)),
            false => Err(StoreError::NoMailbox),
        }
    }

    fn append(
        &mut self,
        mailbox: &Mailbox,
        messages: Vec<(Content, Filing)>,
        replaced: Option<(Mailbox, Uid)>,
        changes: &mut Vec<Change>,
    ) -> Result<Appended> {
        let last_uid = self.existing(mailbox)?.last_uid;
        let count = u32::try_from(messages.len()).map_err(|_| StoreError::Full)?;
        room_for(last_uid, count)?;
        let mut more = Usage::messages(
            u64::from(count),
            messages.iter().map(|(content, _)| content.size()).sum(),
        );
        if let Some((from, uid)) = &replaced {
            let source = self.maildrops.get(from).ok_or(StoreError::NotFound)?;
            let old = source.messages.get(uid).ok_or(StoreError::NotFound)?;
            if from.account() == mailbox.account() {
                more.messages = more.messages.saturating_sub(1);
                more.octets = more.octets.saturating_sub(old.message.size());
            }
        }
        self.make_room(mailbox.account(), more)?;
        let appended: Result<Vec<Kept>> = messages
            .into_iter()
            .map(|(content, filing)| self.appended(mailbox, content, filing))
            .collect();
        let target = self.existing(mailbox)?;
        target.take(appended?);
        changes.push(Change::Mailbox(mailbox.clone(), target.mod_seq));
        let appended = Appended {
            uid_validity: target.uid_validity,
            uids: (0..count).map(|at| uid_after(last_uid + at)).collect(),
        };
        if let Some((from, uid)) = replaced {
            let source = self.existing(&from)?;
            source.remove(&Uids::between(uid, uid), |_| true);
            changes.push(Change::Mailbox(from, source.mod_seq));
        }
        Ok(appended)
    }

    fn appended(&mut self, mailbox: &Mailbox, content: Content, filing: Filing) -> Result<Kept> {
        let (content, summary) = content.take(|held| match held {
            Held::Memory(content) => Some(content),
            Held::Sqlite(_) | Held::Discarded => None,
        })?;
        let prefix = Bytes::new();
        let ids = self.new_ids(mailbox, &content);
        let kept = Kept::new(filing, ids, Message { prefix, content });
        Ok(Kept { summary, ..kept })
    }

    fn copy(&mut self, transfer: &Transfer, changes: &mut Vec<Change>) -> Result<Copied> {
        let Transfer { from, uids, to, .. } = transfer;
        let is_move = transfer.originals == Originals::Go;
        let copies: Vec<(Uid, Kept)> = self
            .existing(from)?
            .among(uids)
            .map(|(uid, kept)| (uid, kept.clone()))
            .collect();
        self.existing(to)?;
        let octets = copies.iter().map(|(_, kept)| kept.message.size()).sum();
        let more = Usage::messages(copies.len() as u64, octets);
        if !is_move || from.account() != to.account() {
            self.make_room(to.account(), more)?;
        }
        let target = self.existing(to)?;
        let last_uid = target.last_uid;
        let count = u32::try_from(copies.len()).map_err(|_| StoreError::Full)?;
        room_for(last_uid, count)?;
        let (old, mut copies): (Vec<Uid>, Vec<Kept>) = copies.into_iter().unzip();
        for kept in &mut copies {
            kept.save_date = now();
            kept.flags = transfer.flags.of(&kept.flags);
        }
        if !copies.is_empty() {
            target.take(copies);
            changes.push(Change::Mailbox(to.clone(), target.mod_seq));
        }
        let pair = |(at, old)| (old, uid_after(last_uid + at));
        Ok(Copied {
            uid_validity: target.uid_validity,
            uids: (0..).zip(old).map(pair).collect(),
        })
    }

    fn transfer(&mut self, transfer: &Transfer, changes: &mut Vec<Change>) -> Result<Copied> {
        let copied = self.copy(transfer, changes)?;
        if transfer.originals == Originals::Stay {
            return Ok(copied);
        }
        let old: Uids = copied.uids.iter().map(|&(old, _)| old).collect();
        let source = self.existing(&transfer.from)?;
        if !source.remove(&old, |_| true).is_empty() {
            changes.push(Change::Mailbox(transfer.from.clone(), source.mod_seq));
        }
        Ok(copied)
    }

    fn create(&mut self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<ObjectId> {
        if mailbox.is_inbox() || self.maildrops.contains_key(mailbox) {
            return Err(StoreError::Exists);
        }
        self.make_room(mailbox.account(), Usage::MAILBOX)?;
        let maildrop = self.maildrop(mailbox);
        maildrop.special_use = special_use;
        Ok(maildrop.id)
    }

    fn rename(&mut self, mailbox: &Mailbox, to: &Mailbox, changes: &mut Vec<Change>) -> Result<()> {
        if to.is_below(mailbox) {
            return Err(StoreError::BelowItself);
        }
        let concerned = |other: &&Mailbox| *other == mailbox || other.is_below(mailbox);
        let mut concerned: Vec<Mailbox> = self.maildrops.keys().filter(concerned).cloned().collect();
        concerned.sort();
        if concerned.is_empty() {
            return Err(StoreError::NoMailbox);
        }
        let renamed = |old: &Mailbox| old.renamed(mailbox, to);
        let mut new = concerned.iter().map(renamed);
        if new.any(|new| new.is_inbox() || self.maildrops.contains_key(&new)) {
            return Err(StoreError::Exists);
        }
        let departed = self.departed;
        for from in concerned {
            let to = renamed(&from);
            let Some(mut maildrop) = self.maildrops.remove(&from) else {
                continue;
            };
            // Neither it nor the next mailbox of its old name begins below the state of those that were called so.
            maildrop.mod_seq = maildrop.mod_seq.max(self.mod_seq);
            self.mod_seq = maildrop.mod_seq;
            self.departed = self.departed.max(maildrop.uid_validity);
            if maildrop.uid_validity < departed {
                // A name's UIDVALIDITY never falls (RFC 9051 §2.3.1.1).
                maildrop.uid_validity = self.new_validity();
            }
            self.maildrops.insert(to.clone(), maildrop);
            changes.push(Change::Renamed { from, to });
        }
        Ok(())
    }

    /// INBOX's messages go, and INBOX stays.
    fn empty_inbox(&mut self, inbox: &Mailbox, to: &Mailbox, changes: &mut Vec<Change>) -> Result<()> {
        let from = self.existing(inbox)?.id;
        let id = self.create(to, None)?;
        self.extras.copy_annotations(from, id);
        changes.push(Change::Created(to.clone()));
        let all = Uids::between(Uid::MIN, Uid::MAX);
        self.transfer(&Transfer::new(inbox, &all, to, Originals::Go), changes)
            .map(drop)
    }
}

#[async_trait]
impl Folders for MemoryStore {
    async fn roster(&self, mailbox: &Mailbox) -> Result<Roster> {
        self.on(mailbox, |maildrop| Ok(maildrop.roster()))
    }

    async fn status(&self, mailbox: &Mailbox) -> Result<Status> {
        self.on(mailbox, |maildrop| Ok(maildrop.status()))
    }

    async fn changes_since(&self, mailbox: &Mailbox, mod_seq: ModSeq) -> Result<Delta> {
        self.on(mailbox, |maildrop| Ok(maildrop.changes_since(mod_seq)))
    }

    async fn messages(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<MessageInfo>> {
        let info = |(uid, kept): (Uid, &Kept)| kept.info(uid);
        self.on(mailbox, |maildrop| Ok(maildrop.among(uids).map(info).collect()))
    }

    async fn open_at(&self, mailbox: &Mailbox, uid: Uid, offset: u64) -> Result<Box<dyn MessageReader>> {
        self.with(|state| {
            let kept = state
                .maildrops
                .get(mailbox)
                .and_then(|maildrop| maildrop.messages.get(&uid));
            Ok(kept.ok_or(StoreError::NotFound)?.message.reader(offset))
        })
    }

    async fn store_flags(&self, mailbox: &Mailbox, uids: &Uids, change: FlagChange) -> Result<Stored> {
        self.on(mailbox, |maildrop| maildrop.store_flags(uids, &change))
    }

    async fn append(
        &self,
        mailbox: &Mailbox,
        messages: Vec<(Content, Filing)>,
        replaced: Option<(Mailbox, Uid)>,
    ) -> Result<Appended> {
        self.announcing(|state, changes| state.append(mailbox, messages, replaced, changes))
    }

    async fn transfer(&self, transfer: Transfer) -> Result<Copied> {
        self.announcing(|state, changes| state.transfer(&transfer, changes))
    }

    async fn expunge_deleted(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Uids> {
        let goes = |kept: &Kept| kept.flags.has(Flag::Deleted);
        self.on(mailbox, |maildrop| Ok(maildrop.remove(uids, goes)))
    }

    async fn claim_recent(&self, mailbox: &Mailbox) -> Result<Uids> {
        self.on(mailbox, |maildrop| Ok(maildrop.claim_recent()))
    }

    async fn mailboxes(&self, account: &str) -> Result<Vec<MailboxInfo>> {
        let inbox = Mailbox::inbox(account);
        self.with(|state| {
            state.existing(&inbox)?;
            let ours = state
                .maildrops
                .iter()
                .filter(|(mailbox, _)| mailbox.account() == inbox.account());
            let info = |(mailbox, maildrop): (&Mailbox, &Maildrop)| MailboxInfo {
                mailbox: mailbox.clone(),
                id: maildrop.id,
                special_use: maildrop.special_use,
            };
            let mut mailboxes: Vec<MailboxInfo> = ours.map(info).collect();
            mailboxes.sort_by(|one, other| one.mailbox.cmp(&other.mailbox));
            Ok(mailboxes)
        })
    }

    async fn create(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<ObjectId> {
        self.announcing(|state, changes| {
            let id = state.create(mailbox, special_use)?;
            changes.push(Change::Created(mailbox.clone()));
            Ok(id)
        })
    }

    async fn delete(&self, mailbox: &Mailbox) -> Result<()> {
        self.announcing(|state, changes| {
            if mailbox.is_inbox() {
                return Err(StoreError::InboxStays);
            }
            let maildrop = state.maildrops.remove(mailbox).ok_or(StoreError::NoMailbox)?;
            state.extras.forget(maildrop.id);
            state.mod_seq = state.mod_seq.max(maildrop.mod_seq);
            state.departed = state.departed.max(maildrop.uid_validity);
            changes.push(Change::Deleted(mailbox.clone()));
            Ok(())
        })
    }

    async fn rename(&self, mailbox: &Mailbox, to: &str) -> Result<()> {
        let to = Mailbox::new(mailbox.account(), to);
        self.announcing(|state, changes| match mailbox.is_inbox() {
            true => state.empty_inbox(mailbox, &to, changes),
            false => state.rename(mailbox, &to, changes),
        })
    }

    async fn subscribe(&self, mailbox: &Mailbox, subscribed: bool) -> Result<()> {
        self.announcing(|state, changes| {
            let changed = match subscribed {
                true => state.subscriptions.insert(mailbox.clone()),
                false => state.subscriptions.remove(mailbox),
            };
            if changed {
                changes.push(Change::Subscription(mailbox.clone()));
            }
            Ok(())
        })
    }

    async fn subscriptions(&self, account: &str) -> Result<Vec<Mailbox>> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let ours = state
                .subscriptions
                .iter()
                .filter(|mailbox| mailbox.account() == account);
            Ok(ours.cloned().collect())
        })
    }

    async fn keywords(&self, mailbox: &Mailbox) -> Result<Vec<Keyword>> {
        self.on(mailbox, |maildrop| {
            let mut all: Vec<Keyword> = Vec::new();
            for kept in maildrop.messages.values() {
                let new = kept.flags.keywords().iter().filter(|keyword| !all.contains(keyword));
                let new: Vec<_> = new.cloned().collect();
                all.extend(new);
            }
            Ok(all)
        })
    }

    async fn summaries(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<(Uid, Bytes)>> {
        let summary = |(uid, kept): (Uid, &Kept)| kept.summary.clone().map(|octets| (uid, octets));
        self.on(mailbox, |maildrop| {
            Ok(maildrop.among(uids).filter_map(summary).collect())
        })
    }

    async fn keep_summaries(&self, mailbox: &Mailbox, summaries: Vec<(Uid, Bytes)>) -> Result<()> {
        self.on(mailbox, |maildrop| {
            for (uid, octets) in summaries {
                if let Some(kept) = maildrop.messages.get_mut(&uid)
                    && octets.len() <= LONGEST_SUMMARY
                {
                    kept.summary = Some(octets);
                }
            }
            Ok(())
        })
    }
}
