//! Errors by whose fault they are, and the one place that turns the peer's faults into a response.
//!
//! | whose | type |
//! |---|---|
//! | the peer's octets | [`SyntaxError`], [`LineFault`] |
//! | the peer's order | [`OutOfSequence`] |
//! | a limit | [`server::Error`](crate::server::Error), [`client::Error`](crate::client::Error) |
//! | the application's refusal | [`Refusal`](crate::server::Refusal) |
//! | the caller | [`Misuse`](mail_wire::Misuse) |

use alloc::format;

use mail_wire::LineFault;

use crate::{Keyword, MessageNumber, Phase, Response, Text};

/// Octets that do not follow the grammar: where, and what should have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at octet {offset}")]
pub struct SyntaxError {
    /// Octets of the line (or of the value) in front of the fault.
    pub offset: usize,
    /// What should have stood there.
    pub expected: Expected,
}

/// What the grammar wants at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Expected {
    /// A command that this crate knows.
    #[error("a known command")]
    Keyword,
    /// One space and the command's argument.
    #[error("a space and an argument")]
    Argument,
    /// Nothing more.
    #[error("the end of the line")]
    End,
    /// A message-number: decimal digits, 1 or more.
    #[error("a message-number from 1")]
    MessageNumber,
    /// A decimal number.
    #[error("a decimal number")]
    Number,
    /// A mailbox name: printable ASCII without space.
    #[error("a name of printable ASCII without spaces")]
    Name,
    /// A password: at least one octet, no control characters.
    #[error("a password without control characters")]
    Password,
    /// 32 lower-case hexadecimal digits.
    #[error("a digest of 32 lower-case hexadecimal digits")]
    Digest,
    /// A timestamp in the form of a message id.
    #[error("a timestamp <left@right> of printable ASCII")]
    Timestamp,
    /// A unique-id: 1 to 70 octets of printable ASCII without space.
    #[error("a unique-id of 1 to 70 printable ASCII characters")]
    UniqueId,
    /// `+OK` or `-ERR`.
    #[error("+OK or -ERR")]
    Status,
    /// A response code such as `IN-USE` or `SYS/TEMP`.
    #[error("a response code")]
    ResponseCode,
    /// A capability's tag and parameters.
    #[error("a capability")]
    Capability,
    /// Text without NUL, CR and LF.
    #[error("text without NUL, CR and LF")]
    Text,
    /// Text without `<`, which in a greeting begins a timestamp.
    #[error("a greeting without \"<\"")]
    GreetingText,
}

impl SyntaxError {
    /// `expected` should have stood at `offset`.
    pub const fn new(offset: usize, expected: Expected) -> Self {
        Self { offset, expected }
    }

    /// The same fault, seen from `octets` further to the left.
    pub(crate) const fn behind(self, octets: usize) -> Self {
        Self::new(self.offset + octets, self.expected)
    }
}

/// A step that the dialogue's phase does not allow (RFC 1939 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not allowed in the {phase} state")]
pub struct OutOfSequence {
    /// The phase in which it was tried.
    pub phase: Phase,
}

/// What a client did wrong that its server answers without asking the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Line(LineFault),
    Syntax(SyntaxError),
    OutOfSequence(Keyword, OutOfSequence),
    NotOffered(Keyword),
    NoSuchMessage { messages: u32 },
    Deleted(MessageNumber),
}

impl Fault {
    /// The response that tells the client what was expected of it.
    pub(crate) fn response(self) -> Response {
        let text = match self {
            Self::Line(fault) => format!("{fault}"),
            Self::Syntax(error) => format!("{error}"),
            Self::OutOfSequence(keyword, error) => format!("{keyword} is {error}"),
            Self::NotOffered(keyword) => format!("{keyword} is not offered here"),
            Self::NoSuchMessage { messages } => format!("no such message, maildrop has {messages}"),
            Self::Deleted(number) => format!("message {number} already deleted"),
        };
        Response::err(Text::harmless(text))
    }

    /// Whether it counts towards the limit of errors: what a working client never sends.
    pub(crate) const fn is_strike(self) -> bool {
        !matches!(self, Self::NoSuchMessage { .. } | Self::Deleted(_))
    }
}

impl From<LineFault> for Fault {
    fn from(fault: LineFault) -> Self {
        Self::Line(fault)
    }
}

impl From<SyntaxError> for Fault {
    fn from(error: SyntaxError) -> Self {
        Self::Syntax(error)
    }
}
