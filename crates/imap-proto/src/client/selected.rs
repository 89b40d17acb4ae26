//! What SELECT and EXAMINE tell of the mailbox that they open.

use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use crate::{Code, Condition, Data, Flag, ObjectId};

/// What a mailbox is like as it is opened (RFC 9051 §6.3.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selected {
    /// How many messages there are.
    pub exists: u32,
    /// How many are new since somebody else looked; IMAP4rev2 does not say.
    pub recent: Option<u32>,
    /// The flags that the mailbox knows.
    pub flags: Vec<Flag<'static>>,
    /// The flags that outlast the session; without a word about it, all of them.
    pub permanent_flags: Option<Vec<Flag<'static>>>,
    /// Whether messages and flags can be changed.
    pub access: Access,
    /// As long as it is the same, UIDs are.
    pub uid_validity: Option<NonZeroU32>,
    /// The UID that the next message will have, or a greater one.
    pub uid_next: Option<NonZeroU32>,
    /// The first message that was not seen.
    pub unseen: Option<NonZeroU32>,
    /// The highest modification sequence (RFC 7162 §3.1.2).
    pub highest_mod_sequence: Option<NonZeroU64>,
    /// What the mailbox is known by when its name changes (RFC 8474 §4.2).
    pub mailbox_id: Option<ObjectId<'static>>,
    /// What has changed since the state that QRESYNC named: FETCH and VANISHED responses (RFC 7162 §3.2.5).
    pub changes: Vec<Data<'static>>,
}

/// Whether a mailbox can be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It can.
    #[default]
    ReadWrite,
    /// It cannot.
    ReadOnly,
}

impl Selected {
    /// What is not about the mailbox is given back.
    pub fn learn(&mut self, data: Data<'static>) -> Option<Data<'static>> {
        match data {
            // What is said before belongs to the mailbox that was open until now (RFC 9051 §7.1).
            Data::Status(status) if status.code == Some(Code::Closed) => *self = Self::default(),
            Data::Exists(number) => self.exists = number,
            Data::Recent(number) => self.recent = Some(number),
            Data::Flags(flags) => self.flags = flags,
            Data::Fetch(_) | Data::Vanished(_) => self.changes.push(data),
            Data::Status(status) if status.condition == Condition::Ok => {
                let code = status.code.clone();
                let is_known = code.is_some_and(|code| self.learn_code(code));
                return (!is_known).then_some(Data::Status(status));
            }
            other => return Some(other),
        }
        None
    }

    /// A code of the result, or of an untagged OK; `false`: it is not about the mailbox.
    pub fn learn_code(&mut self, code: Code<'static>) -> bool {
        match code {
            Code::PermanentFlags(flags) => self.permanent_flags = Some(flags),
            Code::UidValidity(validity) => self.uid_validity = Some(validity),
            Code::UidNext(next) => self.uid_next = Some(next),
            Code::Unseen(number) => self.unseen = Some(number),
            Code::HighestModSeq(highest) => self.highest_mod_sequence = Some(highest),
            Code::NoModSeq => self.highest_mod_sequence = None,
            Code::MailboxId(id) => self.mailbox_id = Some(id),
            Code::ReadOnly => self.access = Access::ReadOnly,
            Code::ReadWrite => self.access = Access::ReadWrite,
            _ => return false,
        }
        true
    }
}
