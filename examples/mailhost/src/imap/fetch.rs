//! FETCH (RFC 9051 §6.4.5, RFC 7162 §3.1.4, RFC 9394 §3.4).

mod attributes;
mod items;

use core::num::NonZeroU32;

use imap_mailbox::{Since, Uids};
use imap_proto::server::Completion;
use imap_proto::{
    Code, Data, Fetch, FetchAttribute, FetchCommand, FetchItem, FetchModifier, Numbering, OneOrMore, PartialRange,
    Right,
};
use mail_tokio::imap::ServerError;

use self::attributes::Attributes;
use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::select::untagged;
use super::selected::changes;
use crate::store::{Flag, FlagAction, FlagChange, Flags, MessageInfo, ModSeq};

/// What FETCH asks for beside attributes.
#[derive(Default)]
struct Modifiers {
    changed_since: Option<ModSeq>,
    vanished: bool,
    partial: Option<PartialRange>,
}

impl Modifiers {
    fn of(command: &FetchCommand<'_>, is_qresync: bool) -> Result<Self, Failure> {
        let mut modifiers = Self::default();
        for modifier in &command.modifiers {
            match modifier {
                FetchModifier::ChangedSince(since) => modifiers.changed_since = Some(ModSeq(since.get())),
                FetchModifier::Vanished => modifiers.vanished = true,
                FetchModifier::Partial(range) => modifiers.partial = Some(*range),
                _ => return Err(Failure::bad("no such modifier")),
            }
        }
        // RFC 7162 §3.2.6
        let fits = is_qresync && command.numbering == Numbering::Uid && modifiers.changed_since.is_some();
        if modifiers.vanished && !fits {
            return Err(Failure::bad(
                "VANISHED needs ENABLE QRESYNC, UID FETCH and CHANGEDSINCE",
            ));
        }
        Ok(modifiers)
    }
}

impl ImapDialogue {
    pub(super) async fn fetch(&mut self, command: &FetchCommand<'_>) -> Outcome {
        let modifiers = Modifiers::of(command, self.session.machine().enabled().qresync)?;
        let attributes = Attributes::of(command, modifiers.changed_since.is_some())?;
        let selected = self.selected()?;
        let mut uids = selected.resolve(command.numbering, &command.set)?;
        if let Some(range) = modifiers.partial {
            let window = range.indexes(uids.len() as usize);
            uids = slice(&uids, window.start, window.end);
        }
        if modifiers.vanished {
            self.tell_vanished(command, modifiers.changed_since.unwrap_or(ModSeq(0)))
                .await?;
        }
        if attributes.is_number_only() && command.numbering == Numbering::Sequence && modifiers.changed_since.is_none()
        {
            self.send_numbers(&uids).await?;
            return Ok(Completion::default());
        }
        let mut found = 0;
        let at_once = match attributes.from_message {
            true => BATCH,
            false => FACTS,
        };
        for start in (0..uids.len() as usize).step_by(at_once) {
            let batch = slice(&uids, start, start + at_once);
            found += self.fetch_batch(&attributes, &modifiers, &batch).await?;
        }
        self.tell_surrogates().await?;
        let mut completion = Completion::default();
        if found < uids.len() && command.numbering == Numbering::Sequence {
            // RFC 5530 §3: the client should ask what is new.
            completion.code = Some(Code::ExpungeIssued);
        }
        Ok(completion)
    }

    /// Tells of which messages the client was told a surrogate, since it knows no UTF-8 in headers (RFC 6858 §3).
    async fn tell_surrogates(&mut self) -> Result<(), Failure> {
        let surrogates = core::mem::take(&mut self.selected()?.surrogates);
        if let Some(uids) = surrogates.to_number_set() {
            let status = untagged(Code::Downgraded(uids), "their headers are not in ASCII");
            self.session.send(status).await?;
        }
        Ok(())
    }

    /// The unique identifiers, which the client's numbers stand for until it is told otherwise, whether the messages went or not.
    async fn send_numbers(&mut self, uids: &Uids) -> Result<(), Failure> {
        for uid in uids.iter() {
            let items = OneOrMore::from(FetchItem::Uid(uid));
            if let Some(number) = self.selected()?.view.sequence(uid) {
                self.send_fetch(Fetch::new(Numbering::Sequence, number, items)).await?;
            }
        }
        Ok(())
    }

    /// Fetches some messages; returns how many there were.
    async fn fetch_batch(
        &mut self,
        attributes: &Attributes<'_>,
        modifiers: &Modifiers,
        uids: &Uids,
    ) -> Result<u32, Failure> {
        let store = self.host.store.clone();
        let mailbox = self.selected()?.mailbox.clone();
        let mut messages = store.messages(&mailbox, uids).await?;
        let found = messages.len() as u32;
        if let Some(since) = modifiers.changed_since {
            messages.retain(|message| message.mod_seq > since);
        }
        let marked = match attributes.mark_seen {
            true => self.mark_seen(&mut messages).await?,
            false => Uids::new(),
        };
        self.send_messages(attributes, &messages, &marked).await?;
        Ok(found)
    }

    /// Tells attributes of messages that have come, which marks none as seen.
    pub(super) async fn fetch_new(
        &mut self,
        uids: &Uids,
        attributes: OneOrMore<FetchAttribute<'static>>,
    ) -> Result<(), ServerError> {
        match self.try_fetch_new(uids, attributes).await {
            Err(Failure::Broken(error)) => Err(error),
            // They went before they were told of.
            Ok(()) | Err(Failure::Refused(_)) => Ok(()),
        }
    }

    async fn try_fetch_new(
        &mut self,
        uids: &Uids,
        attributes: OneOrMore<FetchAttribute<'static>>,
    ) -> Result<(), Failure> {
        let attributes = Attributes::listed(attributes.into_vec())?;
        let store = self.host.store.clone();
        let mailbox = self.selected()?.mailbox.clone();
        let messages = store.messages(&mailbox, uids).await?;
        self.send_messages(&attributes, &messages, &Uids::new()).await
    }

    /// Marks messages whose text is fetched as seen; returns those that were not.
    async fn mark_seen(&mut self, messages: &mut [MessageInfo]) -> Result<Uids, Failure> {
        let store = self.host.store.clone();
        let may_see = self.can(Right::SEEN).await?;
        let selected = self.selected()?;
        let unseen = messages.iter().filter(|message| !message.flags.has(Flag::Seen));
        let unseen: Uids = unseen.map(|message| message.uid).collect();
        if !may_see || unseen.is_empty() {
            return Ok(Uids::new());
        }
        let change = FlagChange {
            action: FlagAction::Add,
            flags: Flags::from(Flag::Seen),
            unchanged_since: None,
        };
        let stored = store.store_flags(&selected.mailbox, &unseen, change).await?;
        let mut changed = stored.changed.into_iter().peekable();
        for message in messages {
            if let Some(after) = changed.next_if(|after| after.uid == message.uid) {
                (message.mod_seq, message.flags) = (after.mod_seq, after.flags);
            }
        }
        Ok(unseen)
    }

    /// `VANISHED (EARLIER)` (RFC 7162 §3.2.6)
    async fn tell_vanished(&mut self, command: &FetchCommand<'_>, since: ModSeq) -> Result<(), Failure> {
        let store = self.host.store.clone();
        let selected = self.selected()?;
        let highest = selected.view.messages().last();
        let delta = store.changes_since(&selected.mailbox, since).await?;
        let news = changes(&delta, &Uids::new());
        let asked = asked(command, highest.unwrap_or(NonZeroU32::MIN));
        let since = Since {
            changes: &news,
            memory: delta.memory,
            highest: delta.uid_next.get() - 1,
        };
        if let Some(vanished) = selected.view.vanished_since(&asked, since) {
            self.session.send(Data::Vanished(vanished)).await?;
        }
        Ok(())
    }
}

/// Whether each of these can be told.
pub(super) fn known(attributes: Vec<FetchAttribute<'_>>) -> Result<(), Failure> {
    Attributes::listed(attributes).map(drop)
}

/// The unique identifiers that a command names, whether there are such messages or not.
fn asked(command: &FetchCommand<'_>, highest: NonZeroU32) -> Uids {
    match &command.set {
        imap_proto::SequenceSet::SavedResult => Uids::new(),
        imap_proto::SequenceSet::Ranges(ranges) => {
            let ranges = ranges.iter().map(|range| range.resolve(highest));
            ranges.fold(Uids::new(), |all, (low, high)| all.union(&Uids::between(low, high)))
        }
    }
}

/// Those from an index on, up to another.
pub(super) fn slice(uids: &Uids, start: usize, end: usize) -> Uids {
    let number = |at: usize| u32::try_from(at).ok().and_then(NonZeroU32::new);
    match (number(start + 1), number(end.min(uids.len() as usize))) {
        (Some(first), Some(last)) if first <= last => uids.at_each(first, last),
        _ => Uids::new(),
    }
}

/// Messages that are looked up at once.
const BATCH: usize = 500;

/// The same, where what the store knows is all that is asked for.
pub(super) const FACTS: usize = 4096;
