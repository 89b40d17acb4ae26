//! COPY and MOVE (RFC 9051 §6.4.7, §6.4.8).

use imap_mailbox::Uids;
use imap_proto::server::{Completion, Refusal};
use imap_proto::{Code, Mailbox, NumberSet, Right, Rights, Transfer};

use super::ImapDialogue;
use super::access::flag_mask;
use super::execute::Outcome;
use super::failure::Failure;
use super::select::untagged;
use super::values::validity;
use crate::store::{self, Copied, Originals, StoreError};

impl ImapDialogue {
    /// The mailbox to which messages are to come, and what the client may do with it (RFC 4314 §4).
    pub(super) async fn target(&mut self, name: &Mailbox<'_>) -> Result<(store::Mailbox, Rights), Failure> {
        match self.permitted(name, Right::INSERT).await {
            // Nobody else's mailbox could be created.
            Err(failure) if failure.is_nonexistent() && self.account()? == self.mailbox(name)?.account() => {
                Err(Refusal::try_create().into())
            }
            found => found,
        }
    }

    pub(super) async fn copy(&mut self, transfer: &Transfer<'_>) -> Outcome {
        let (target, rights) = self.target(&transfer.target).await?;
        self.bring_keywords(&target).await?;
        let store = self.host.store.clone();
        let selected = self.selected()?;
        let uids = selected.resolve(transfer.numbering, &transfer.messages)?;
        let transfer = permitted(&selected.mailbox, &uids, &target, rights, Originals::Stay);
        let copied = store.transfer(transfer).await.map_err(into_nowhere)?;
        self.note_own_messages(&target, copied.uids.iter().map(|&(_, uid)| uid));
        Ok(match copy_uid(&copied, rights) {
            Some(code) => Completion::with_code(code),
            None => Completion::default(),
        })
    }

    pub(super) async fn move_to(&mut self, transfer: &Transfer<'_>) -> Outcome {
        // What goes needs the rights of STORE and EXPUNGE (RFC 6851 §4.2).
        self.may(&[Right::DELETE_MESSAGES, Right::EXPUNGE]).await?;
        let (target, rights) = self.target(&transfer.target).await?;
        self.bring_keywords(&target).await?;
        let store = self.host.store.clone();
        let selected = self.selected()?;
        let uids = selected.resolve(transfer.numbering, &transfer.messages)?;
        let transfer = permitted(&selected.mailbox, &uids, &target, rights, Originals::Go);
        let moved = store.transfer(transfer).await.map_err(into_nowhere)?;
        self.note_own_messages(&target, moved.uids.iter().map(|&(_, uid)| uid));
        if let Some(code) = copy_uid(&moved, rights) {
            // In front of the EXPUNGE responses, which take the identifiers away (RFC 6851 §4.3).
            self.session.send(untagged(code, "moved")).await?;
        }
        Ok(Completion::default())
    }
}

impl ImapDialogue {
    /// Whether the keywords of the selected mailbox have room in another one. Those of all its messages count, since a set of messages
    /// says nothing of theirs.
    async fn bring_keywords(&mut self, target: &store::Mailbox) -> Result<(), Failure> {
        let selected = self.selected()?;
        if selected.keywords.is_empty() || selected.mailbox == *target {
            return Ok(());
        }
        let mailbox = selected.mailbox.clone();
        let keywords = self.host.store.keywords(&mailbox).await?;
        self.has_keyword_room(target, &keywords).await
    }
}

/// Messages with the flags that one may give them where they come. COPY does not fail for others (RFC 4314 §4).
fn permitted(
    from: &store::Mailbox,
    uids: &Uids,
    to: &store::Mailbox,
    rights: Rights,
    originals: Originals,
) -> store::Transfer {
    store::Transfer {
        flags: flag_mask(rights),
        ..store::Transfer::new(from, uids, to, originals)
    }
}

/// `COPYUID`; none for no messages (RFC 4315 §3), nor for who may put messages there and not look at them (RFC 9051 §6.4.7).
fn copy_uid(copied: &Copied, rights: Rights) -> Option<Code<'static>> {
    if !rights.contains(Right::READ) {
        return None;
    }
    Some(Code::CopyUid {
        validity: validity(copied.uid_validity),
        source: NumberSet::from_numbers(copied.uids.iter().map(|&(source, _)| source))?,
        destination: NumberSet::from_numbers(copied.uids.iter().map(|&(_, destination)| destination))?,
    })
}

/// RFC 9051 §6.4.7: a mailbox that could be created.
pub(super) fn into_nowhere(error: StoreError) -> Failure {
    match error {
        StoreError::NoMailbox => Refusal::try_create().into(),
        other => other.into(),
    }
}
