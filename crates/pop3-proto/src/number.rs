//! Decimal numbers, and the number by which a session knows a message.

use core::fmt;
use core::num::NonZeroU32;

use crate::{Expected, SyntaxError};

/// The number of a message in this session's maildrop, counted from 1 (RFC 1939 §4).
///
/// ```
/// # use pop3_proto::MessageNumber;
/// let first = MessageNumber::new(1).unwrap();
/// assert_eq!(first.to_string(), "1");
/// assert_eq!(first.index(), 0);
/// assert_eq!(MessageNumber::new(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageNumber(NonZeroU32);

impl MessageNumber {
    /// The number `n`, unless it is 0.
    pub const fn new(n: u32) -> Option<Self> {
        match NonZeroU32::new(n) {
            Some(n) => Some(Self(n)),
            None => None,
        }
    }

    /// The number of the message at `index`, counted from 0, of a listing.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::new(u32::try_from(index).ok()?.checked_add(1)?)
    }

    /// The number.
    pub const fn as_u32(self) -> u32 {
        self.0.get()
    }

    /// Where the message stands in a listing, counted from 0.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    pub(crate) fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        u32::try_from(decimal(octets, Expected::MessageNumber)?)
            .ok()
            .and_then(Self::new)
            .ok_or(SyntaxError::new(0, Expected::MessageNumber))
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `1*DIGIT`, up to the largest `u64`. RFC 1939 §4 says base 10 and no more, so leading zeros count for nothing.
pub(crate) fn decimal(octets: &[u8], expected: Expected) -> Result<u64, SyntaxError> {
    if octets.is_empty() {
        return Err(SyntaxError::new(0, expected));
    }
    octets.iter().enumerate().try_fold(0u64, |value, (offset, &octet)| {
        let digit = octet.is_ascii_digit().then(|| u64::from(octet - b'0'));
        digit
            .and_then(|digit| value.checked_mul(10)?.checked_add(digit))
            .ok_or(SyntaxError::new(offset, expected))
    })
}
