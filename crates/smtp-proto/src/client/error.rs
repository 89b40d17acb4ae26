//! Why a client's dialogue is over before its end.

use mail_wire::LineFault;

use crate::{Limit, Reply, SyntaxError, Verb};

/// Fatal: each later [`poll`](mail_wire::Machine::poll) returns it again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer's octets: a line of a reply is no line.
    #[error("the server's reply: {0}")]
    Line(#[from] LineFault),
    /// The peer's octets: a line is no line of a reply, or its code differs from the first line's.
    #[error("the server's reply: {0}")]
    Syntax(#[from] SyntaxError),
    /// A limit.
    #[error("the server's reply: {0}")]
    Limit(#[from] Limit),
    /// The peer's order: a refusal in the middle of a message.
    #[error("the server did not wait for the message's end: {0}")]
    Unsolicited(Reply),
    /// The peer's order: a reply of a class that the command cannot have.
    #[error("the server's reply to {to} is of the wrong class: {reply}")]
    WrongClass {
        /// What it answers.
        to: Awaiting,
        /// The reply.
        reply: Reply,
    },
    /// The peer's octets: some stood behind the go-ahead of STARTTLS. Somebody tries to slip replies into the secured session.
    #[error("octets behind the go-ahead of STARTTLS")]
    Injection,
    /// The peer's refusal: 421, at any time. What was in flight has no answer.
    #[error("the server closes the connection: {0}")]
    ServiceClosing(Reply),
    /// The peer's order: it closed the connection without 421 or an answer to QUIT.
    #[error("the server closed the connection")]
    EndOfInput,
    /// The peer was too slow.
    #[error("timeout: waited for {what}")]
    Timeout {
        /// What was waited for.
        what: &'static str,
    },
    /// The caller's message cannot be sent: it has a bare CR or LF, and these are refused. The session was broken off
    /// without the final dot, so that no part of the message is delivered.
    #[error("bare CR or LF at octet {offset} of the message")]
    BareLineEnd {
        /// Octets of the message in front of it.
        offset: u64,
    },
}

/// What a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Awaiting {
    /// Nothing: it is the greeting.
    Greeting,
    /// A command.
    Command(Verb),
    /// A message's end.
    Message,
}

impl core::fmt::Display for Awaiting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Greeting => f.write_str("the connection"),
            Self::Command(verb) => verb.fmt(f),
            Self::Message => f.write_str("the message"),
        }
    }
}
