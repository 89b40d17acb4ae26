//! Why a call of the client failed.

use std::convert::Infallible;
use std::io;

use imap_proto::client::InvalidResponse;
use imap_proto::{InvalidValue, Status, SyntaxError};
use mail_tls::TlsError;
use mail_wire::Misuse;

use crate::Error;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server said NO or BAD. The session goes on.
    #[error("the server refused: {} {}", .0.condition.as_str(), .0.text)]
    Refused(Box<Status<'static>>),
    /// A value that IMAP cannot carry. Nothing was sent.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// The server's answer lacks what was asked for. The session goes on.
    #[error("the server's answer has no {what}")]
    Missing {
        /// What was asked for.
        what: &'static str,
    },
    /// What was asked for came in a form that cannot be read. The session goes on.
    #[error("bad response: {0:?}")]
    Invalid(Box<InvalidResponse>),
    /// The session is over, or was misused.
    #[error(transparent)]
    Session(#[from] Error<imap_proto::client::Error>),
}

impl From<Misuse> for ClientError {
    fn from(misuse: Misuse) -> Self {
        Self::Session(misuse.into())
    }
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        Self::Session(error.into())
    }
}

impl From<TlsError> for ClientError {
    fn from(error: TlsError) -> Self {
        Self::Session(error.into())
    }
}

/// Of a set, search keys or attributes that were given as text.
impl From<SyntaxError> for ClientError {
    fn from(error: SyntaxError) -> Self {
        Self::Value(InvalidValue::new(error.offset, error.expected))
    }
}

impl From<Infallible> for ClientError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
