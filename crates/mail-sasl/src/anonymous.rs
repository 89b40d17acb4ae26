//! ANONYMOUS (RFC 4505).

use std::fmt;

use mail_wire::Escaped;
use stringprep::tables;

use crate::syntax::{self, Syntax};

/// What an anonymous client tells about itself: at most 255 characters, none of them a control character.
///
/// ```abnf
/// message = [ email / token ]
/// token   = 1*255TCHAR
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Trace(Box<str>);

impl Trace {
    /// Checks a text, which may be empty.
    pub fn new(text: &str) -> Option<Self> {
        let legal = text.chars().count() <= 255 && !text.chars().any(prohibited);
        legal.then(|| Self(text.into()))
    }

    /// The text, unescaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse(message: &[u8]) -> Result<Self, Syntax> {
        let text = syntax::text(message)?;
        Self::new(text).ok_or(Syntax::new(0, "an address or at most 255 characters"))
    }
}

/// RFC 4505 §3
fn prohibited(c: char) -> bool {
    tables::ascii_control_character(c)
        || tables::non_ascii_control_character(c)
        || tables::private_use(c)
        || tables::non_character_code_point(c)
        || tables::surrogate_code(c)
        || tables::inappropriate_for_plain_text(c)
        || tables::change_display_properties_or_deprecated(c)
        || tables::tagging_character(c)
}

/// Escaped: it comes from anybody.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.0.as_bytes()))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Escaped(self.0.as_bytes()))
    }
}
