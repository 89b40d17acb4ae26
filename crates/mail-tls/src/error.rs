//! What can be wrong with a configuration, and what can end a channel.

use std::io;
use std::path::PathBuf;

use rustls::{AlertDescription, CertificateError};

/// Why a configuration cannot be used. Nothing was sent yet.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A file cannot be read.
    #[error("{}: {kind}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        kind: io::ErrorKind,
    },
    /// A PEM text (RFC 7468) is damaged.
    #[error("not a PEM text")]
    Pem,
    /// A PEM text holds no certificate.
    #[error("no certificate in the PEM text")]
    NoCertificate,
    /// A PEM text holds no private key.
    #[error("no private key in the PEM text")]
    NoKey,
    /// The key is not the certificate's, or of a kind that is not supported.
    #[error("the private key does not fit the certificate")]
    KeyMismatch,
    /// A server without a certificate.
    #[error("no certificate is configured")]
    NoIdentity,
    /// The system trusts no roots, or they cannot be found.
    #[error("the system has no root certificates")]
    NoRoots,
    /// A host that is no DNS name and no IP address.
    #[error("not a host name or IP address")]
    Host,
    /// What rustls does not take.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

impl From<SetupError> for io::Error {
    fn from(error: SetupError) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}

/// Why a channel could not be made, or broke.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The peer's certificate is not trusted: expired, for another name, of an unknown authority.
    #[error("the peer's certificate is not trusted: {0}")]
    Certificate(CertificateError),
    /// The peer ended the channel and says why. To a server, clients say here that they do not trust its certificate.
    #[error("the peer refused: {0:?}")]
    Refused(AlertDescription),
    /// What the peer sent is no TLS, or not as the protocol wants it.
    #[error("TLS failed: {0}")]
    Protocol(rustls::Error),
    /// The peer closed the connection in the handshake.
    #[error("the peer closed the connection in the TLS handshake")]
    Closed,
    /// The handshake took too long.
    #[error("the TLS handshake took too long")]
    Timeout,
    /// The configuration cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// TLS is required, and the server does not offer it. Nothing that is secret was written.
    #[error("TLS is required, and the server does not offer it")]
    NotOffered,
    /// TLS inside TLS, or inside DEFLATE: the caller's mistake.
    #[error("there is a layer already")]
    Twice,
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(why) => Self::Certificate(why),
            rustls::Error::AlertReceived(alert) => Self::Refused(alert),
            other => Self::Protocol(other),
        }
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        let kind = match error {
            TlsError::Closed => io::ErrorKind::UnexpectedEof,
            TlsError::Timeout => io::ErrorKind::TimedOut,
            TlsError::Setup(_) => io::ErrorKind::InvalidInput,
            TlsError::NotOffered => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

impl TlsError {
    /// The error that an [`io::Error`] carries, or the same `io::Error`.
    ///
    /// # Errors
    ///
    /// An error of something else.
    pub fn from_io(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }
}
