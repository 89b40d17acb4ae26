//! Listings: what STAT, LIST and UIDL say about a maildrop and its messages.

use alloc::vec::Vec;
use core::fmt;

use crate::number::decimal;
use crate::{Expected, MessageNumber, SyntaxError, UniqueId};

/// A drop listing, the text of the answer to STAT: `nn mm` (RFC 1939 §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropListing {
    /// Messages that are not marked as deleted.
    pub messages: u32,
    /// Their octets.
    pub octets: u64,
}

/// A scan listing, one line of the answer to LIST: `n size` (RFC 1939 §5).
///
/// ```
/// # use pop3_proto::ScanListing;
/// let listing = ScanListing::parse(b"2 200 and more")?;
/// assert_eq!((listing.number.as_u32(), listing.octets), (2, 200));
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanListing {
    /// Which message.
    pub number: MessageNumber,
    /// Its octets, each line end counted as two, no dot counted twice (RFC 1939 §11).
    pub octets: u64,
}

/// A unique-id listing, one line of the answer to UIDL: `n uid` (RFC 1939 §7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueIdListing {
    /// Which message.
    pub number: MessageNumber,
    /// What names it across sessions.
    pub id: UniqueId,
}

impl DropListing {
    /// Reads the text behind `+OK `. RFC 1939 §5 leaves open what follows the size: it is ignored.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] where a number should have stood.
    pub fn parse(text: &[u8]) -> Result<Self, SyntaxError> {
        let (first, second, at) = two_words(text)?;
        let messages = decimal(first, Expected::Number)?;
        let messages = u32::try_from(messages).map_err(|_| SyntaxError::new(0, Expected::Number))?;
        let octets = decimal(second, Expected::Number).map_err(|error| error.behind(at))?;
        Ok(Self { messages, octets })
    }

    /// Appends `nn mm`.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(alloc::format!("{self}").as_bytes());
    }
}

impl ScanListing {
    /// Reads a line without its CRLF. RFC 1939 §5 leaves open what follows the size: it is ignored.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] where a number should have stood.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let (first, second, at) = two_words(line)?;
        Ok(Self {
            number: MessageNumber::parse(first)?,
            octets: decimal(second, Expected::Number).map_err(|error| error.behind(at))?,
        })
    }

    /// Appends `n size`.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(alloc::format!("{self}").as_bytes());
    }
}

impl UniqueIdListing {
    /// Reads a line without its CRLF. Nothing may follow the unique-id (RFC 1939 §7).
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] where the message-number or the unique-id should have stood.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let (first, _, at) = two_words(line)?;
        Ok(Self {
            number: MessageNumber::parse(first)?,
            id: UniqueId::parse(&line[at..]).map_err(|error| error.behind(at))?,
        })
    }

    /// Appends `n uid`.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(alloc::format!("{self}").as_bytes());
    }
}

impl fmt::Display for DropListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.messages, self.octets)
    }
}

impl fmt::Display for ScanListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.octets)
    }
}

impl fmt::Display for UniqueIdListing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.id)
    }
}

/// The first two words, one space apart, and where the second begins.
fn two_words(line: &[u8]) -> Result<(&[u8], &[u8], usize), SyntaxError> {
    let mut words = line.split(|&octet| octet == b' ');
    let first = words.next().unwrap_or_default();
    let second = words.next().ok_or(SyntaxError::new(line.len(), Expected::Argument))?;
    Ok((first, second, first.len() + 1))
}
