//! Strings as they are spelled.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::Octets;

/// What is between a string's quotes, or a literal's octets. Nothing of it is copied or has to be freed: it is passed on for nothing, and
/// [`Octets`] are made of it where they stay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spelled<'a> {
    octets: &'a [u8],
    /// Whether a backslash stands in front of another octet.
    has_escapes: bool,
}

impl<'a> Spelled<'a> {
    /// Octets that mean themselves.
    #[inline]
    pub(crate) const fn plain(octets: &'a [u8]) -> Self {
        Self {
            octets,
            has_escapes: false,
        }
    }

    /// What was read between quotes, with backslashes in front of some octets.
    pub(crate) const fn escaped(octets: &'a [u8]) -> Self {
        Self {
            octets,
            has_escapes: true,
        }
    }
}

impl<'a> From<Spelled<'a>> for Cow<'a, [u8]> {
    #[inline]
    fn from(spelled: Spelled<'a>) -> Self {
        match spelled.has_escapes {
            true => Self::Owned(unescaped(spelled.octets)),
            false => Self::Borrowed(spelled.octets),
        }
    }
}

impl<'a> From<Spelled<'a>> for Octets<'a> {
    #[inline]
    fn from(spelled: Spelled<'a>) -> Self {
        Self::from(Cow::from(spelled))
    }
}

/// A backslash that escapes nothing, which only the lenient let through, means itself.
#[cold]
fn unescaped(mut octets: &[u8]) -> Vec<u8> {
    let mut meant = Vec::with_capacity(octets.len());
    while let Some(at) = memchr::memchr(b'\\', octets) {
        meant.extend_from_slice(&octets[..at]);
        let (kept, behind) = match octets[at..] {
            [_, octet @ (b'"' | b'\\'), ..] => (octet, at + 2),
            _ => (b'\\', at + 1),
        };
        meant.push(kept);
        octets = &octets[behind..];
    }
    meant.extend_from_slice(octets);
    meant
}
