//! STORE and EXPUNGE (RFC 9051 §6.4.3, §6.4.6; RFC 7162 §3.1.3).

use core::num::NonZeroU64;
use std::collections::HashMap;

use imap_mailbox::{Release, Uids};
use imap_proto::server::Completion;
use imap_proto::{
    Code, Fetch, FetchItem, Flag, NumberSet, Numbering, OneOrMore, Right, SequenceSet, Store, StoreAction, StoreChange,
    StoreEcho,
};

use super::ImapDialogue;
use super::access::{flag_rights, not_permitted, permitted_flags, replaced_flags};
use super::execute::Outcome;
use super::failure::Failure;
use super::fetch::{FACTS, slice};
use super::values::{flags, stored_flags};
use crate::store::{FlagAction, FlagChange, Flags, MessageInfo, ModSeq, Stored, Uid};

impl ImapDialogue {
    pub(super) async fn store(&mut self, command: &Store<'_>) -> Outcome {
        let StoreChange::Flags { action, echo, flags } = &command.change else {
            return Err(Failure::bad("only flags are stored here"));
        };
        if !command.modifiers.is_empty() {
            return Err(Failure::bad("no such modifier"));
        }
        let change = FlagChange {
            action: match action {
                StoreAction::Replace => FlagAction::Replace,
                StoreAction::Add => FlagAction::Add,
                StoreAction::Remove => FlagAction::Remove,
            },
            flags: stored_flags(flags)?,
            unchanged_since: command.unchanged_since.map(ModSeq),
        };
        self.selected()?.writable()?;
        if *echo == StoreEcho::Silent {
            // The client knows what it does to what it knows: so it hears first what others did.
            self.news(Release::NumbersStand).await?;
        }
        let condstore = self.session.machine().enabled().condstore;
        let selected = self.selected()?;
        let uids = selected.resolve(command.numbering, &command.set)?;
        if change.action != FlagAction::Remove {
            let mailbox = selected.mailbox.clone();
            self.has_keyword_room(&mailbox, change.flags.keywords()).await?;
        }
        let stored = self.store_permitted(&uids, change).await?;
        let selected = self.selected()?;
        for changed in &stored.changed {
            selected.view.changed_silently(changed.uid, changed.mod_seq.0);
        }
        let done = uids.difference(&stored.failed);
        let found = match echo {
            StoreEcho::Fetch => self.echo(command.numbering, &done, Echo::Flags).await?,
            // RFC 7162 §3.1.3: the modification sequences are told all the same.
            StoreEcho::Silent if condstore => {
                let changed: Uids = stored.changed.iter().map(|changed| changed.uid).collect();
                self.echo(command.numbering, &changed, Echo::ModSequence).await?;
                done.len()
            }
            StoreEcho::Silent => done.len(),
        };
        if let Some(modified) = self.in_client_numbers(command.numbering, &stored.failed) {
            let code = Code::Modified(SequenceSet::from(&modified));
            return Ok(Completion::with_code(code));
        }
        if found < done.len() && command.numbering == Numbering::Sequence {
            // RFC 2180 §4.2.1
            return Err(Failure::no(
                "some of the messages have been deleted",
                Code::ExpungeIssued,
            ));
        }
        Ok(Completion::default())
    }

    /// Changes those flags that the client may change, and leaves the others as they are. It is refused where there is none
    /// (RFC 4314 §4).
    async fn store_permitted(&mut self, uids: &Uids, change: FlagChange) -> Result<Stored, Failure> {
        let rights = self.selected_rights().await?;
        let store = self.host.store.clone();
        let mailbox = self.selected()?.mailbox.clone();
        if rights.contains_all(flag_rights()) {
            return Ok(store.store_flags(&mailbox, uids, change).await?);
        }
        let flags = permitted_flags(&change.flags, rights);
        let may_none = !flag_rights().iter().any(|right| rights.contains(right));
        if may_none || flags.is_empty() && !change.flags.is_empty() {
            return Err(not_permitted());
        }
        if change.action != FlagAction::Replace {
            return Ok(store
                .store_flags(&mailbox, uids, FlagChange { flags, ..change })
                .await?);
        }
        // What stays is another set for some of the messages.
        let mut all = Stored::default();
        let mut alike: HashMap<Flags, Vec<Uid>> = HashMap::new();
        for message in store.messages(&mailbox, uids).await? {
            let flags = replaced_flags(&message.flags, &change.flags, rights);
            alike.entry(flags).or_default().push(message.uid);
        }
        for (flags, uids) in alike {
            let replaced = FlagChange {
                flags,
                ..change.clone()
            };
            let stored = store
                .store_flags(&mailbox, &uids.into_iter().collect(), replaced)
                .await?;
            all.changed.extend(stored.changed);
            all.failed = all.failed.union(&stored.failed);
        }
        all.changed.sort_by_key(|changed| changed.uid);
        Ok(all)
    }

    /// Tells messages' flags as they are now. Returns how many of them there are.
    async fn echo(&mut self, numbering: Numbering, uids: &Uids, echo: Echo) -> Result<u32, Failure> {
        let store = self.host.store.clone();
        let mut found = 0;
        for start in (0..uids.len() as usize).step_by(FACTS) {
            let batch = slice(uids, start, start + FACTS);
            let mailbox = self.selected()?.mailbox.clone();
            for message in store.messages(&mailbox, &batch).await? {
                found += 1;
                if let Some(fetch) = self.echoed(numbering, &message, echo)? {
                    self.send_fetch(fetch).await?;
                }
            }
        }
        Ok(found)
    }

    fn echoed(
        &mut self,
        numbering: Numbering,
        message: &MessageInfo,
        echo: Echo,
    ) -> Result<Option<Fetch<'static>>, Failure> {
        let enabled = self.session.machine().enabled();
        let selected = self.selected()?;
        let mut items = Vec::new();
        if enabled.tells_uids() || numbering == Numbering::Uid && !enabled.uid_only {
            items.push(FetchItem::Uid(message.uid));
        }
        if echo == Echo::Flags {
            let mut flags = flags(&message.flags);
            if selected.view.recent().contains(message.uid) {
                flags.push(Flag::Recent);
            }
            items.push(FetchItem::Flags(flags));
            selected.view.knows(message.uid, message.mod_seq.0);
        }
        if let Some(mod_sequence) = NonZeroU64::new(message.mod_seq.0).filter(|_| enabled.condstore) {
            items.push(FetchItem::ModSeq(mod_sequence));
        }
        let (numbering, number) = match enabled.uid_only {
            true => (Numbering::Uid, Some(message.uid)),
            false => (Numbering::Sequence, selected.view.sequence(message.uid)),
        };
        let items = OneOrMore::new(items).ok();
        Ok(number
            .zip(items)
            .map(|(number, items)| Fetch::new(numbering, number, items)))
    }

    /// A set as the client counts.
    fn in_client_numbers(&self, numbering: Numbering, uids: &Uids) -> Option<NumberSet> {
        let selected = self.selected.as_ref()?;
        match numbering {
            Numbering::Uid => uids.to_number_set(),
            Numbering::Sequence => NumberSet::from_numbers(uids.iter().filter_map(|uid| selected.view.sequence(uid))),
        }
    }

    /// EXPUNGE, and UID EXPUNGE of a set (RFC 4315 §2.1). What goes is told with the news.
    pub(super) async fn expunge(&mut self, set: Option<&SequenceSet>) -> Outcome {
        let store = self.host.store.clone();
        self.may(&[Right::EXPUNGE]).await?;
        let selected = self.selected()?;
        let uids = match set {
            Some(set) => selected.resolve(Numbering::Uid, set)?,
            None => selected.view.messages().clone(),
        };
        store.expunge_deleted(&selected.mailbox, &uids).await?;
        Ok(Completion::default())
    }
}

/// What is told of a message that STORE has changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    Flags,
    ModSequence,
}
