//! What can end a dialogue, or a call.

use std::fmt::{Debug, Display};
use std::io;

use mail_tls::TlsError;
use mail_wire::{Layer, Misuse};

/// Why a call failed; `E` is the machine's error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: Debug + Display> {
    /// The transport failed.
    #[error(transparent)]
    Io(io::Error),
    /// TLS failed: a certificate that is not trusted, a peer that does not trust ours, no offer of TLS. The dialogue is over.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The protocol failed: the peer's octets, the peer's order, a limit or a timeout. The dialogue is over.
    #[error("{0}")]
    Protocol(E),
    /// The caller's mistake; the dialogue is as it was before.
    #[error("misuse: {0}")]
    Misuse(#[from] Misuse),
    /// The peer closed the dialogue although an answer was due.
    #[error("the peer closed the connection")]
    Closed,
    /// The machine asks for a layer that this transport cannot put in.
    #[error("the transport cannot add {0:?}")]
    Layer(Layer),
}

/// The layers' errors come through calls that know of [`io::Error`] only.
impl<E: Debug + Display> From<io::Error> for Error<E> {
    fn from(error: io::Error) -> Self {
        TlsError::from_io(error).map_or_else(Self::Io, Self::Tls)
    }
}

impl<E: Debug + Display + Send + Sync + 'static> From<Error<E>> for io::Error {
    fn from(error: Error<E>) -> Self {
        match error {
            Error::Io(error) => error,
            Error::Tls(error) => error.into(),
            Error::Closed => Self::new(io::ErrorKind::UnexpectedEof, Error::<E>::Closed.to_string()),
            other => Self::other(other.to_string()),
        }
    }
}
