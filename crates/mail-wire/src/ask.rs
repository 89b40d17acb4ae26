//! A decision that a machine waits for, and what happens when a caller gets the order wrong.

use core::fmt;
use core::marker::PhantomData;

/// An open question of the kind `Q`: whoever holds it owes the machine an answer.
///
/// It cannot be copied, so it is answered once; a stale or foreign one is [`Misuse::StaleAsk`]. It is 8 octets and
/// `Send`, and may be kept while the answer is looked up elsewhere.
#[must_use = "the machine waits until this is answered"]
pub struct Ask<Q> {
    ticket: u64,
    question: PhantomData<fn() -> Q>,
}

impl<Q> Ask<Q> {
    /// The ticket's number, unique within one machine.
    pub const fn ticket(&self) -> u64 {
        self.ticket
    }
}

impl<Q> fmt::Debug for Ask<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({})", self.ticket)
    }
}

/// For those who write machines: issues asks, and knows which one is open.
///
/// ```
/// use mail_wire::{Ask, Asking, Misuse};
///
/// enum Login {} // the name of a question
/// let mut asking = Asking::default();
/// let first: Ask<Login> = asking.open(); // goes to the application with an event
/// let second: Ask<Login> = asking.open(); // the dialogue went on
/// assert_eq!(asking.close(first), Err(Misuse::StaleAsk));
/// assert_eq!(asking.close(second), Ok(()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Asking {
    last: u64,
    open: bool,
}

impl Asking {
    /// Opens an ask. One that was open before becomes stale.
    pub const fn open<Q>(&mut self) -> Ask<Q> {
        self.last += 1;
        self.open = true;
        Ask {
            ticket: self.last,
            question: PhantomData,
        }
    }

    /// Closes `ask`.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleAsk`] when it is not the open one.
    pub fn close<Q>(&mut self, ask: Ask<Q>) -> Result<(), Misuse> {
        if !self.open || ask.ticket != self.last {
            return Err(Misuse::StaleAsk);
        }
        self.open = false;
        Ok(())
    }

    /// Makes an open ask stale: the dialogue has gone on without its answer (end of input, a timeout).
    pub const fn revoke(&mut self) {
        self.open = false;
    }

    /// Whether an answer is owed.
    pub const fn is_open(&self) -> bool {
        self.open
    }
}

/// The caller's mistakes: never the peer's doing, and the machine is as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The dialogue was to go on while an ask was open.
    #[error("an ask is open: accept or refuse it first")]
    AskOpen,
    /// The answer was to a question that is not open: it belongs to another machine, or was overtaken.
    #[error("this ask is not open (any more)")]
    StaleAsk,
    /// The dialogue was to go on while an incoming body was unread.
    #[error("the incoming body is unread: read it to its end first")]
    BodyUnread,
    /// The dialogue was to go on while an outgoing body was unfinished.
    #[error("the outgoing body is unfinished: write and finish it first")]
    BodyUnfinished,
    /// A piece of a body where none is open.
    #[error("no body is expected now")]
    NoBodyExpected,
    /// The body's length is not the announced one.
    #[error("the body has {written} octets where {announced} were announced")]
    BodyLength {
        /// Octets announced.
        announced: u64,
        /// Octets written until the difference was certain.
        written: u64,
    },
    /// The body holds a bare CR or LF where these are to be refused.
    #[error("bare CR or LF at octet {offset} of the body")]
    BareLineEnd {
        /// Where, counted from the body's first octet.
        offset: u64,
    },
    /// A command that the phase of the dialogue does not allow.
    #[error("{command} is not allowed in this phase of the dialogue")]
    OutOfSequence {
        /// The command's name.
        command: &'static str,
    },
    /// A command whose result could not be told from, or would be changed by, that of a command in progress.
    #[error("{command} would race with a command in progress")]
    Ambiguous {
        /// The command's name.
        command: &'static str,
    },
    /// A command that needs an extension which the peer did not offer.
    #[error("the peer did not offer {extension}")]
    NotOffered {
        /// The extension's keyword.
        extension: &'static str,
    },
    /// A command that needs TLS, by the caller's own configuration or the command's nature, and TLS is not on.
    #[error("{command} needs TLS, which is not on")]
    Insecure {
        /// The command's, or the parameter's, name.
        command: &'static str,
    },
    /// A message that is larger than the peer takes.
    #[error("the message has {size} octets where the peer takes {limit}")]
    TooLarge {
        /// Octets of the message.
        size: u64,
        /// Octets that the peer takes.
        limit: u64,
    },
    /// More of something than the peer has said that it takes.
    #[error("the peer's {what} is {limit}")]
    PeerLimit {
        /// The limit, in the protocol's word.
        what: &'static str,
        /// Its value.
        limit: u64,
    },
    /// A line that is longer than the protocol allows.
    #[error("a line of more than {limit} octets")]
    LineTooLong {
        /// Octets with the line end.
        limit: usize,
    },
    /// The dialogue is over.
    #[error("the dialogue is over")]
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Question {}

    #[test]
    fn an_ask_is_answered_once_and_by_its_own_machine() {
        let (mut one, mut other) = (Asking::default(), Asking::default());
        let ask = one.open::<Question>();
        assert_eq!(other.close(ask), Err(Misuse::StaleAsk));
        assert!(one.is_open());
        let (stale, ask) = (one.open::<Question>(), one.open::<Question>());
        assert_eq!(one.close(stale), Err(Misuse::StaleAsk));
        assert_eq!(one.close(ask), Ok(()));
        let overtaken = one.open::<Question>();
        one.revoke();
        assert_eq!(one.close(overtaken), Err(Misuse::StaleAsk));
    }

    #[test]
    fn an_ask_is_small_and_send() {
        const fn send<T: Send>() -> usize {
            size_of::<T>()
        }
        assert_eq!(send::<Ask<Question>>(), 8);
    }
}
