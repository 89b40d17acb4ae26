//! The name of a mailbox, and its password.

use alloc::boxed::Box;
use core::fmt;

use mail_wire::{Escaped, Secret, octets};

use crate::{Expected, SyntaxError};

/// The name of a mailbox, the argument of USER and APOP: printable, without space, at least one octet.
///
/// ```text
/// param = 1*VCHAR                  ; RFC 2449 §3
/// ```
///
/// UTF-8 is let in as well, for servers that offer it (`UTF8 USER`, RFC 6856 §2.2): the machines refuse it elsewhere. Who
/// compares names in UTF-8 prepares them first (RFC 4013, as a query); control characters and white space are in none.
///
/// ```
/// # use pop3_proto::Name;
/// assert_eq!(Name::new("bob@hamburger.edu")?.as_str(), "bob@hamburger.edu");
/// assert!(Name::new("bob\r\nDELE 1").is_err());
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Box<str>);

impl Name {
    /// Checks `name` and keeps it.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that no name can hold, or at 0 when there is none.
    pub fn new(name: &str) -> Result<Self, SyntaxError> {
        Self::parse(name.as_bytes())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let name =
            core::str::from_utf8(octets).map_err(|error| SyntaxError::new(error.valid_up_to(), Expected::Name))?;
        match name.find(|letter: char| letter.is_control() || letter.is_whitespace()) {
            None if !name.is_empty() => Ok(Self(name.into())),
            bad => Err(SyntaxError::new(bad.unwrap_or(0), Expected::Name)),
        }
    }

    /// Where the first octet stands that is not ASCII.
    pub(crate) fn beyond_ascii(&self) -> Option<usize> {
        self.0.bytes().position(|octet| !octet.is_ascii())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(self.0.as_bytes()).fmt(f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Escaped(self.0.as_bytes()), f)
    }
}

/// A password as PASS can carry it: at least one octet, no control characters. Never printed, overwritten when dropped.
///
/// Spaces belong to it (RFC 1939 §7). That section wants ASCII; RFC 6856 §2.2 adds UTF-8, and which encoding a peer used
/// cannot be seen, so octets of 128 and above pass as they are.
///
/// ```
/// # use pop3_proto::Password;
/// let password = Password::new("hungry".into())?;
/// assert_eq!(format!("{password:?}"), "[redacted]");
/// assert!(Password::new("hungry\r\nQUIT".into()).is_err());
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Secret);

impl Password {
    /// Checks `secret` and keeps it.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first control character, or at 0 when it is empty.
    pub fn new(secret: Secret) -> Result<Self, SyntaxError> {
        let octets = secret.expose();
        match octets.iter().position(|&octet| octets::is_control(octet)) {
            None if !octets.is_empty() => Ok(Self(secret)),
            bad => Err(SyntaxError::new(bad.unwrap_or(0), Expected::Password)),
        }
    }

    /// The secret itself.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }

    /// The secret itself.
    pub fn into_secret(self) -> Secret {
        self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
