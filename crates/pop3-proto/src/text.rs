//! The human-readable text of a response.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;

use crate::{Expected, SyntaxError};

/// Text for a person: any octets but NUL, CR and LF.
///
/// RFC 2449 §3 wants ASCII, and peers send more than that, so what arrives is kept as it is. `Display` and `Debug` escape
/// whatever a terminal would act upon.
///
/// ```
/// # use pop3_proto::Text;
/// assert_eq!(Text::new("ready")?.as_bytes(), b"ready");
/// assert!(Text::new("ready\r\n+OK").is_err());
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(Cow<'static, [u8]>);

impl Text {
    /// Checks `octets` and keeps them.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first NUL, CR or LF.
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, SyntaxError> {
        let octets = octets.into();
        match octets.iter().position(|&octet| is_forbidden(octet)) {
            Some(offset) => Err(SyntaxError::new(offset, Expected::Text)),
            None => Ok(Self(Cow::Owned(octets))),
        }
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A constant; one with a forbidden octet does not compile where it is evaluated in a constant.
    pub(crate) const fn fixed(text: &'static str) -> Self {
        let octets = text.as_bytes();
        let mut at = 0;
        while at < octets.len() {
            assert!(!is_forbidden(octets[at]));
            at += 1;
        }
        Self(Cow::Borrowed(octets))
    }

    /// Text of our own making, in which a forbidden octet would be replaced.
    pub(crate) fn harmless(text: String) -> Self {
        let octets = text.into_bytes().into_iter();
        Self(
            octets
                .map(|octet| if is_forbidden(octet) { b'?' } else { octet })
                .collect(),
        )
    }

    /// A part of text that has been checked as a whole.
    pub(crate) fn part(octets: &[u8]) -> Self {
        Self(Cow::Owned(octets.to_vec()))
    }

    /// Any line of a peer, kept to be shown: only ever read, never sent as it is.
    pub(crate) fn lossy(octets: &[u8]) -> Self {
        Self(
            octets
                .iter()
                .map(|&octet| if is_forbidden(octet) { b'?' } else { octet })
                .collect(),
        )
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.0).fmt(f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Escaped(&self.0), f)
    }
}

impl TryFrom<&str> for Text {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        Self::new(text)
    }
}

const fn is_forbidden(octet: u8) -> bool {
    matches!(octet, 0 | b'\r' | b'\n')
}
