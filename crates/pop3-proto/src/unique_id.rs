//! What names a message across sessions.

use alloc::boxed::Box;
use core::fmt;

use mail_wire::octets;

use crate::{Expected, SyntaxError};

/// A unique-id: 1 to 70 octets of printable ASCII without space (RFC 1939 §7).
///
/// It names the same message in every session; two messages may share one when they are identical.
///
/// ```
/// # use pop3_proto::UniqueId;
/// assert_eq!(UniqueId::new("1700000000.M42P7")?.as_str(), "1700000000.M42P7");
/// assert!(UniqueId::new("two words").is_err());
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(Box<str>);

impl UniqueId {
    /// The longest one, in octets.
    pub const MAX: usize = 70;

    /// Checks `id` and keeps it.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that no unique-id can hold, at 70 when it is longer, at 0 when it is empty.
    pub fn new(id: &str) -> Result<Self, SyntaxError> {
        Self::parse(id.as_bytes())
    }

    /// The unique-id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let end = octets.len().min(Self::MAX);
        let good = octets[..end]
            .iter()
            .take_while(|&&octet| octets::is_vchar(octet))
            .count();
        match core::str::from_utf8(octets) {
            Ok(id) if good == octets.len() && good > 0 => Ok(Self(id.into())),
            _ => Err(SyntaxError::new(good, Expected::UniqueId)),
        }
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}
