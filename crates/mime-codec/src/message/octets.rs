//! The octets of a message, however they are held.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;

/// The octets that a [`Message`](crate::Message) is read from: borrowed, owned, or shared with others.
#[derive(Clone)]
pub enum Octets<'a> {
    /// Somebody else's.
    Borrowed(&'a [u8]),
    /// The message's own.
    Owned(Vec<u8>),
    /// Shared: kept alive by the message, copied by nobody.
    Shared(Bytes),
}

impl Octets<'_> {
    /// Copies octets that are borrowed.
    pub fn into_owned(self) -> Octets<'static> {
        match self {
            Self::Borrowed(octets) => Octets::Owned(octets.to_vec()),
            Self::Owned(octets) => Octets::Owned(octets),
            Self::Shared(octets) => Octets::Shared(octets),
        }
    }
}

impl Deref for Octets<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(octets) => octets,
            Self::Owned(octets) => octets,
            Self::Shared(octets) => octets,
        }
    }
}

impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.len())
    }
}

impl<'a> From<&'a [u8]> for Octets<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self::Borrowed(octets)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Octets<'a> {
    fn from(octets: &'a [u8; N]) -> Self {
        Self::Borrowed(octets)
    }
}

impl<'a> From<&'a Vec<u8>> for Octets<'a> {
    fn from(octets: &'a Vec<u8>) -> Self {
        Self::Borrowed(octets)
    }
}

impl<'a> From<&'a str> for Octets<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl From<Vec<u8>> for Octets<'_> {
    fn from(octets: Vec<u8>) -> Self {
        Self::Owned(octets)
    }
}

impl From<Bytes> for Octets<'_> {
    fn from(octets: Bytes) -> Self {
        Self::Shared(octets)
    }
}
