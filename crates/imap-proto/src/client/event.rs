//! What a client machine tells.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

use mail_wire::{Escaped, Misuse};

use crate::{Data, FetchItem, Numbering, Status, SyntaxError};

/// What a server said. Data belongs to the session and comes in its order; no event but [`Done`](Self::Done) and what names a [`CommandId`] belongs to a
/// command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting.
    Greeting(Box<Status<'static>>),
    /// Untagged data but FETCH. Long SEARCH, SORT and VANISHED responses come in several pieces, each as if it were a response of its own.
    Data(Box<Data<'static>>),
    /// A FETCH (or UIDFETCH) response begins: the message's number.
    FetchBegan(Numbering, NonZeroU32),
    /// An item of it. One that could not be read is [`FetchItem::Invalid`].
    FetchItem(Box<FetchItem<'static>>),
    /// An item whose literal is longer than [`ClientLimits::literal`](crate::ClientLimits): its octets follow as a body.
    FetchLiteral(Box<FetchItem<'static>>),
    /// The response is over.
    FetchEnded,
    /// A response that could not be read; the session goes on behind it.
    Invalid(Box<InvalidResponse>),
    /// The server idles with us: what happens to the mailbox comes at once. Told once, also when IDLE is renewed.
    Idling(CommandId),
    /// A challenge of AUTHENTICATE, decoded: [`respond`](crate::Client::respond) to it.
    Challenge(CommandId, Vec<u8>),
    /// A command is done: OK, NO or BAD.
    Done(CommandId, Box<Status<'static>>),
    /// A command was not sent: when its turn came it was not legal any more, or the server turned out not to offer what it needs.
    NotSent(CommandId, Misuse),
}

/// Which command an event is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(super) u64);

/// A response that does not follow the grammar.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidResponse {
    /// Its first octets, 1024 at most.
    pub raw: Vec<u8>,
    /// What is wrong with it.
    pub why: SyntaxError,
}

impl InvalidResponse {
    pub(super) fn new(raw: &[u8], why: SyntaxError) -> Self {
        Self {
            raw: raw[..raw.len().min(Self::MAX)].to_vec(),
            why,
        }
    }

    /// Octets that are kept.
    pub const MAX: usize = 1024;
}

impl fmt::Debug for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", Escaped(&self.raw), self.why)
    }
}
