//! Why a command failed.

use std::io;

use mail_sasl::NoMechanism;
use mail_tls::TlsError;
use mail_wire::Misuse;
use pop3_proto::client::InvalidLine;
use pop3_proto::{Response, SyntaxError};

use crate::{Error, LoginError};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server said no. The session goes on.
    #[error("the server refused: {0}")]
    Refused(Response),
    /// A name or password that POP3 cannot carry. Nothing was sent.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The server's answer cannot be read. The session goes on.
    #[error(transparent)]
    Invalid(#[from] InvalidLine),
    /// No mechanism could be used, or the server did not keep to it.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The session is over, or was misused.
    #[error(transparent)]
    Session(#[from] Error<pop3_proto::client::Error>),
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

impl From<NoMechanism> for ClientError {
    fn from(error: NoMechanism) -> Self {
        Self::Login(error.into())
    }
}

impl From<mail_sasl::ClientError> for ClientError {
    fn from(error: mail_sasl::ClientError) -> Self {
        Self::Login(error.into())
    }
}
