//! Composing messages: header fields and a tree of parts in, octets out, fit for the transport that they are meant for.

mod assembly;
mod choice;
#[cfg(feature = "clock")]
mod clock;
mod composed;
mod composer;
mod edit;
#[cfg(feature = "files")]
mod file;
mod part;

#[cfg(feature = "clock")]
pub use clock::{now, unique_id};
pub use composed::Composed;
pub use composer::{Composer, Recipient};
pub use edit::{Edit, EditError};
#[cfg(feature = "files")]
pub use file::media_type;
pub use part::PartBuilder;

use crate::ParameterError;
use rfc5322::FieldError;

/// What the way to the reader can carry: the extensions that the server has offered.
///
/// ```
/// # use mime_codec::compose::Transport;
/// let offered = ["8BITMIME", "SMTPUTF8"];
/// let mut transport = Transport::SEVEN_BIT;
/// if offered.contains(&"8BITMIME") {
///     transport = Transport::EIGHT_BIT;
/// }
/// transport = transport.with_utf8_header(offered.contains(&"SMTPUTF8"));
/// # assert_ne!(transport, Transport::SEVEN_BIT);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transport {
    body: BodyKind,
    utf8_header: bool,
}

/// What bodies may hold (RFC 2045 §2.7 to §2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum BodyKind {
    SevenBit,
    EightBit,
    Binary,
}

impl Transport {
    /// Lines of ASCII: any server (RFC 5321 §2.4).
    pub const SEVEN_BIT: Self = Self::of(BodyKind::SevenBit);
    /// Lines of octets: servers that offer 8BITMIME (RFC 6152 §3).
    pub const EIGHT_BIT: Self = Self::of(BodyKind::EightBit);
    /// Any octets: servers that offer BINARYMIME (RFC 3030 §3).
    pub const BINARY: Self = Self::of(BodyKind::Binary);

    const fn of(body: BodyKind) -> Self {
        Self {
            body,
            utf8_header: false,
        }
    }

    /// Whether header fields may hold UTF-8: servers that offer SMTPUTF8 (RFC 6531 §3.2).
    #[must_use]
    pub const fn with_utf8_header(mut self, allowed: bool) -> Self {
        self.utf8_header = allowed;
        self
    }
}

/// Why a message cannot be composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// `From` is missing, which a message must have (RFC 5322 §3.6).
    #[error("a message needs a From field")]
    MissingFrom,
    /// Several authors and not one sender, or several senders: whose act it was must be said (RFC 5322 §3.6.2).
    #[error("several authors need one Sender")]
    OneSender,
    /// An address that is none, or that is not ASCII while the transport has ASCII header fields alone.
    #[error("not an address: {0}")]
    Address(rfc5322::SyntaxError),
    /// A header field that cannot be written.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A type, a disposition or a file name that cannot be written.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A message inside the message holds octets above 127, or lines longer than 998 octets, and the transport does not: its own
    /// parts would have to be encoded anew, for it must not be encoded as a whole (RFC 2046 §5.2.1).
    #[error("a message inside the message needs another transport")]
    MessageNeedsTransport,
    /// A part that cannot be read.
    #[error("a part cannot be read: {0}")]
    Read(std::io::ErrorKind),
    /// A multipart without parts (RFC 2046 §5.1.1).
    #[error("a multipart needs a part")]
    EmptyMultipart,
}
