//! Errors by whose fault they are, and the one place that turns the peer's faults into words.
//!
//! | whose | type |
//! |---|---|
//! | the peer's octets | [`SyntaxError`], [`LineFault`] |
//! | the peer's order | [`OutOfSequence`] |
//! | a limit | [`server::Error`](crate::server::Error), [`client::Error`](crate::client::Error) |
//! | the application's refusal | [`Refusal`](crate::server::Refusal) |
//! | the caller | [`Misuse`](mail_wire::Misuse) |

use mail_wire::LineFault;

use crate::server::Phrase;
use crate::{Keyword, MessageNumber, Phase};

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
    /// A mailbox name in UTF-8, where the server takes them (RFC 6856 §2.2).
    #[error("a name in UTF-8 without spaces")]
    Utf8Name,
    /// A password in UTF-8, where the server takes them (RFC 6856 §2.2).
    #[error("a password in UTF-8")]
    Utf8Password,
    /// The name of a SASL mechanism.
    #[error("the name of a SASL mechanism")]
    Mechanism,
    /// Base64; for an empty initial response `=`.
    #[error("base64")]
    Base64,
    /// `+` and base64: a server's challenge.
    #[error("a challenge in base64")]
    Challenge,
    /// A language range: subtags of letters and digits, or `*`.
    #[error("a language range")]
    LanguageRange,
    /// A language tag: subtags of letters and digits.
    #[error("a language tag")]
    LanguageTag,
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
    NeedsTls(Keyword),
    AlreadySecured,
    TlsBehindUtf8,
    UnknownMechanism,
    UnknownLanguage,
    NoSuchMessage { messages: u32 },
    Deleted(MessageNumber),
}

impl Fault {
    /// The words that tell the client what was expected of it.
    pub(crate) const fn phrase(self) -> Phrase {
        match self {
            Self::Line(fault) => Phrase::BadLine(fault),
            Self::Syntax(error) => Phrase::BadSyntax(error),
            Self::OutOfSequence(keyword, error) => Phrase::Misplaced(keyword, error),
            Self::NotOffered(keyword) => Phrase::NotOffered(keyword),
            Self::NeedsTls(keyword) => Phrase::NeedsTls(keyword),
            Self::AlreadySecured => Phrase::AlreadySecured,
            Self::TlsBehindUtf8 => Phrase::TlsBehindUtf8,
            Self::UnknownMechanism => Phrase::UnknownMechanism,
            Self::UnknownLanguage => Phrase::UnknownLanguage,
            Self::NoSuchMessage { messages } => Phrase::NoSuchMessage { messages },
            Self::Deleted(number) => Phrase::AlreadyDeleted(number),
        }
    }

    /// Whether it counts towards the limit of errors: what a working client never sends.
    pub(crate) const fn is_strike(self) -> bool {
        !matches!(
            self,
            Self::NoSuchMessage { .. } | Self::Deleted(_) | Self::UnknownLanguage
        )
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
