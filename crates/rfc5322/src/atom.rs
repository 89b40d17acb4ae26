//! `atom` (RFC 5322 §3.2.3).

use alloc::string::String;
use core::fmt;

use mail_wire::octets::is_atext;

use crate::{Expected, MAX_TOKEN, SyntaxError};

/// One or more `atext`, at most [`MAX_TOKEN`]: a queue id, the name of a protocol or a link.
///
/// ```
/// # use rfc5322::Atom;
/// assert_eq!(Atom::new("4bXq1Z0kRz")?.as_str(), "4bXq1Z0kRz");
/// assert_eq!(Atom::new("4bX for").unwrap_err().offset, 3);
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Atom(String);

impl Atom {
    /// Takes text that is an atom already; no comments around it.
    ///
    /// ```text
    /// atom = [CFWS] 1*atext [CFWS]     ; RFC 5322 §3.2.3
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that is no `atext`.
    pub fn new(text: &str) -> Result<Self, SyntaxError> {
        let length = text.bytes().position(|octet| !is_atext(octet)).unwrap_or(text.len());
        if length == 0 || length < text.len() {
            let expected = if length == 0 { Expected::Atom } else { Expected::End };
            return Err(SyntaxError {
                offset: length,
                expected,
            });
        }
        if length > MAX_TOKEN {
            let expected = Expected::AtMost(MAX_TOKEN);
            return Err(SyntaxError {
                offset: MAX_TOKEN,
                expected,
            });
        }
        Ok(Self(text.into()))
    }

    /// The atom's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
