//! Why a client's command failed.

use std::io;

use mail_sasl::NoMechanism;
use mail_tls::TlsError;
use mail_wire::Misuse;
use smtp_proto::Reply;

use crate::Error;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server said no. The session goes on, unless it was the greeting.
    #[error("the server refused: {0}")]
    Refused(Reply),
    /// The server offers no mechanism that may be used. Nothing was sent, and the session goes on.
    #[error(transparent)]
    NoMechanism(#[from] NoMechanism),
    /// The exchange failed: the server does not know what it should, or says why it refuses a token. Where the server had
    /// already said yes, it is not to be believed: drop the session.
    #[error(transparent)]
    Sasl(#[from] mail_sasl::ClientError),
    /// The session is over, or was misused.
    #[error(transparent)]
    Session(#[from] Error<smtp_proto::client::Error>),
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
