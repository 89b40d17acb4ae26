//! The mailbox that a session has selected.

use imap_mailbox::{Changes, Uids, View};
use imap_proto::{Code, Data, Numbering, SequenceSet};

use super::access::Cached;
use super::failure::Failure;
use super::keywords::Keywords;
use super::news::Fresh;
use super::search::context::Contexts;
use super::select::untagged;
use crate::store::{Delta, Mailbox, ModSeq, ObjectId, UidValidity};

/// What a session knows of its mailbox.
pub(super) struct Selected {
    pub(super) mailbox: Mailbox,
    /// By which it is found when it is renamed.
    pub(super) id: ObjectId,
    pub(super) uid_validity: UidValidity,
    pub(super) view: View,
    pub(super) access: Access,
    /// Those that the client knows of.
    pub(super) keywords: Keywords,
    pub(super) cached: Cached,
    /// All up to this modification sequence the client has been told of.
    pub(super) told: u64,
    /// Whether it has been told of one that knew of modification sequences.
    pub(super) is_condstore: bool,
    /// Whether the mailbox is no more. Its messages count as expunged.
    pub(super) is_gone: bool,
    /// Messages of which the client was told a surrogate, and not yet that it was one.
    pub(super) surrogates: Uids,
    /// Searches that go on.
    pub(super) contexts: Contexts,
    /// What they have to be asked about.
    pub(super) fresh: Fresh,
}

/// What a session may change in its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It was selected by EXAMINE.
    ReadOnly,
    ReadWrite,
}

impl Selected {
    /// The messages that a set stands for.
    pub(super) fn resolve(&self, numbering: Numbering, set: &SequenceSet) -> Result<Uids, Failure> {
        Ok(self.view.resolve(numbering, set)?)
    }

    /// Whether messages may be changed.
    pub(super) fn writable(&self) -> Result<(), Failure> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(Failure::no("the mailbox is selected read-only", Code::NoPerm)),
        }
    }

    /// PERMANENTFLAGS: what the client may change (RFC 4314 §5.1.1).
    pub(super) fn permanent_flags(&self) -> Data<'static> {
        let flags = match self.access {
            Access::ReadOnly => Vec::new(),
            Access::ReadWrite => self.keywords.permanent(self.cached.rights),
        };
        untagged(Code::PermanentFlags(flags), "flags that can be changed for good")
    }

    /// The state up to which the view is.
    pub(super) const fn mod_seq(&self) -> ModSeq {
        ModSeq(self.view.mod_sequence())
    }

    /// Takes in what has changed in the store; `recent` are new messages that this session is the first to hear of.
    pub(super) fn fold(&mut self, delta: &Delta, recent: &Uids) {
        self.view.fold(changes(delta, recent));
    }

    /// The mailbox is no more.
    pub(super) fn vanish(&mut self) {
        self.is_gone = true;
        self.view.fold(Changes {
            mod_sequence: self.view.mod_sequence(),
            messages: Vec::new(),
            expunged: self.view.messages().clone(),
        });
    }
}

/// What changed in the store, as the view has it.
pub(super) fn changes(delta: &Delta, recent: &Uids) -> Changes {
    let messages = delta.messages.iter().map(|changed| imap_mailbox::MessageChange {
        recent: recent.contains(changed.uid),
        ..super::values::message_change(changed)
    });
    Changes {
        mod_sequence: delta.mod_seq.0,
        messages: messages.collect(),
        expunged: delta.expunged.clone(),
    }
}
