//! What is known of a message without its text.

use std::num::{NonZeroU32, NonZeroU64};

use imap_proto::{DateTime, Flag, Numbering};

/// What a store knows of a message without opening it: all that most searches ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MessageFacts<'m> {
    /// Its sequence number, as this client counts.
    pub sequence: NonZeroU32,
    /// Its unique identifier.
    pub uid: NonZeroU32,
    /// Its flags and keywords. Whether `\Recent` is among them makes no difference.
    pub flags: &'m [Flag<'m>],
    /// Whether it is `\Recent` in this session (RFC 3501 §2.3.2).
    pub is_recent: bool,
    /// INTERNALDATE.
    pub internal_date: DateTime,
    /// RFC822.SIZE, in octets.
    pub size: u64,
    /// MODSEQ; 0 where the mailbox keeps none.
    pub mod_sequence: u64,
    /// SAVEDATE; without one the internal date counts (RFC 8514 §4.3).
    pub save_date: Option<DateTime>,
    /// EMAILID (RFC 8474 §5.1).
    pub email_id: Option<&'m str>,
    /// THREADID (RFC 8474 §5.2).
    pub thread_id: Option<&'m str>,
}

impl<'m> MessageFacts<'m> {
    /// A message that has what each has; the rest is set field by field.
    pub const fn new(sequence: NonZeroU32, uid: NonZeroU32, internal_date: DateTime, size: u64) -> Self {
        Self {
            sequence,
            uid,
            flags: &[],
            is_recent: false,
            internal_date,
            size,
            mod_sequence: 0,
            save_date: None,
            email_id: None,
            thread_id: None,
        }
    }

    /// The same with flags.
    #[must_use]
    pub const fn with_flags(mut self, flags: &'m [Flag<'m>]) -> Self {
        self.flags = flags;
        self
    }

    /// The message as one that was found.
    pub const fn hit(&self) -> Hit {
        Hit {
            sequence: self.sequence,
            uid: self.uid,
            mod_sequence: NonZeroU64::new(self.mod_sequence),
        }
    }
}

/// A message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hit {
    /// Its sequence number.
    pub sequence: NonZeroU32,
    /// Its unique identifier.
    pub uid: NonZeroU32,
    /// Its modification sequence, where the mailbox keeps them.
    pub mod_sequence: Option<NonZeroU64>,
}

impl Hit {
    /// Its number, of the kind that was asked for.
    pub const fn number(&self, numbering: Numbering) -> NonZeroU32 {
        match numbering {
            Numbering::Sequence => self.sequence,
            Numbering::Uid => self.uid,
        }
    }
}
