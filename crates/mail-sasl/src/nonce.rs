//! Octets that are used once.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use thiserror::Error;

/// The octets that make an exchange different from any other: printable characters without a comma (RFC 5802 §5.1).
///
/// Only tests need to make one by themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(Box<str>);

/// The operating system gave no random octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random octets")]
pub struct NoRandomness;

impl Nonce {
    /// A new one of 144 random bits.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random octets.
    pub fn random() -> Result<Self, NoRandomness> {
        Ok(Self(STANDARD_NO_PAD.encode(random::<18>()?).into()))
    }

    /// A given one, if it has the characters that one may have.
    pub fn fixed(text: &str) -> Option<Self> {
        is_printable(text).then(|| Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({} octets)", self.0.len())
    }
}

/// ```abnf
/// printable = %x21-2B / %x2D-7E
/// ```
pub(crate) fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| matches!(octet, 0x21..=0x2b | 0x2d..=0x7e))
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).map_err(|_| NoRandomness)?;
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable() {
        for octet in 0..=0x7fu8 {
            let text = char::from(octet).to_string();
            let expected = (0x21..=0x7e).contains(&octet) && octet != b',';
            assert_eq!(is_printable(&text), expected, "{text:?}");
        }
        assert!(!is_printable("") && !is_printable("ü"));
        let (one, other) = (Nonce::random().unwrap(), Nonce::random().unwrap());
        assert!(one != other && is_printable(one.as_str()));
    }
}
