//! COPY and MOVE (RFC 9051 §6.4.7, §6.4.8).

use imap_proto::server::{Completion, Refusal};
use imap_proto::{Code, NumberSet, Transfer};

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::select::untagged;
use super::values::validity;
use crate::store::{Copied, StoreError};

impl ImapDialogue {
    pub(super) async fn copy(&mut self, transfer: &Transfer<'_>) -> Outcome {
        let (store, target) = (self.host.store.clone(), self.mailbox(&transfer.target)?);
        let selected = self.selected()?;
        let uids = selected.resolve(transfer.numbering, &transfer.messages)?;
        let copied = store.copy(&selected.mailbox, &uids, &target).await;
        Ok(match copy_uid(&copied.map_err(into_nowhere)?) {
            Some(code) => Completion::with_code(code),
            None => Completion::default(),
        })
    }

    pub(super) async fn move_to(&mut self, transfer: &Transfer<'_>) -> Outcome {
        let (store, target) = (self.host.store.clone(), self.mailbox(&transfer.target)?);
        let selected = self.selected()?;
        let uids = selected.resolve(transfer.numbering, &transfer.messages)?;
        selected.writable()?;
        let moved = store.move_to(&selected.mailbox, &uids, &target).await;
        if let Some(code) = copy_uid(&moved.map_err(into_nowhere)?) {
            // In front of the EXPUNGE responses, which take the identifiers away (RFC 6851 §4.3).
            self.session.send(untagged(code, "moved")).await?;
        }
        Ok(Completion::default())
    }
}

/// `COPYUID`; none for no messages (RFC 4315 §3).
fn copy_uid(copied: &Copied) -> Option<Code<'static>> {
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
