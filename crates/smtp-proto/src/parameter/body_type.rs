//! `BODY=` (RFC 6152 §3, RFC 3030 §3).

use core::fmt;
use core::str::FromStr;

use crate::{Expected, SyntaxError};

/// What octets a message consists of (RFC 6152 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyType {
    /// `7BIT`: US-ASCII alone.
    SevenBit,
    /// `8BITMIME`: octets of 128 and above as well.
    EightBitMime,
    /// `BINARYMIME`: any octets, lines or not; goes with BDAT alone (RFC 3030 §3).
    BinaryMime,
}

impl BodyType {
    /// The value of `BODY=`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::SevenBit => "7BIT",
            Self::EightBitMime => "8BITMIME",
            Self::BinaryMime => "BINARYMIME",
        }
    }
}

impl FromStr for BodyType {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let known = [Self::SevenBit, Self::EightBitMime, Self::BinaryMime];
        let mut types = known.into_iter();
        types
            .find(|body| body.keyword().eq_ignore_ascii_case(text))
            .ok_or(SyntaxError::new(0, Expected::BodyType))
    }
}

impl fmt::Display for BodyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}
