//! User names and authorization identities.

use std::fmt;

use mail_wire::Escaped;
use thiserror::Error;

use crate::{PrepError, Purpose, limits, saslprep};

/// A user name, or the name of whom a user acts for: 1 to [`limits::NAME`] octets of UTF-8 without control characters, so
/// that it can neither end a line nor a field of a message.
///
/// ```
/// use mail_sasl::UserName;
///
/// assert!(UserName::new("alice@example.org").is_ok());
/// assert!(UserName::new("alice\r\nRCPT TO:<x>").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(Box<str>);

/// Why a text is no [`UserName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// There is no octet in it.
    #[error("the name is empty")]
    Empty,
    /// It has more than [`limits::NAME`] octets.
    #[error("the name has more than {} octets", limits::NAME)]
    TooLong,
    /// It holds NUL, CR, LF or another control character.
    #[error("the name holds a control character")]
    Control,
}

impl UserName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// When it is empty, too long or holds control characters.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        if name.is_empty() {
            return Err(InvalidName::Empty);
        }
        if name.len() > limits::NAME {
            return Err(InvalidName::TooLong);
        }
        if name.contains(char::is_control) {
            return Err(InvalidName::Control);
        }
        Ok(Self(name.into()))
    }

    /// The name, unescaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which it is compared with others (RFC 4013).
    ///
    /// # Errors
    ///
    /// When RFC 4013 does not allow it.
    pub fn prepared(&self) -> Result<Self, PrepError> {
        saslprep(&self.0, Purpose::Query).map(|prepared| Self(prepared.into()))
    }
}

impl TryFrom<&str> for UserName {
    type Error = InvalidName;

    fn try_from(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl AsRef<str> for UserName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Escaped: the name may come from a peer.
impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.0.as_bytes()))
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Escaped(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/threats.md row 7, row 21
    #[test]
    fn no_control_character_is_in_a_name() {
        for c in ('\0'..=' ').chain('\u{7f}'..='\u{a0}') {
            let name = UserName::new(&format!("a{c}b"));
            let expected = if c.is_control() {
                Err(InvalidName::Control)
            } else {
                Ok(())
            };
            assert_eq!(name.map(drop), expected, "{c:?}");
        }
    }

    #[test]
    fn lengths() {
        assert_eq!(UserName::new(""), Err(InvalidName::Empty));
        assert!(UserName::new(&"a".repeat(limits::NAME)).is_ok());
        assert_eq!(UserName::new(&"a".repeat(limits::NAME + 1)), Err(InvalidName::TooLong));
    }
}
