//! The text of replies.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::{Expected, SyntaxError};

/// Text that a reply can carry: tabs, spaces and printable US-ASCII (RFC 5321 §4.2), in one or more lines that are
/// separated by LF here and become reply lines of their own. No line is longer than [`ReplyText::MAX_LINE`] octets.
///
/// ```
/// # use smtp_proto::ReplyText;
/// assert!("queued as 17".parse::<ReplyText>().is_ok());
/// assert!("ok\r\n250 ok".parse::<ReplyText>().is_err());
/// assert_eq!(ReplyText::lossy("naïve\r\n").as_str(), "na?ve??");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReplyText(Cow<'static, str>);

impl ReplyText {
    /// Octets of a line: what RFC 5321 §4.5.3.1.5 leaves of 512 beside the code, the longest enhanced code and CRLF.
    pub const MAX_LINE: usize = 480;

    /// Text known when the program is compiled.
    ///
    /// # Panics
    ///
    /// When it is not valid. In a `const` that is an error of compilation.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(first_fault(text.as_bytes()).is_none(), "not the text of a reply");
        Self(Cow::Borrowed(text))
    }

    /// Makes valid text of any: what cannot be sent becomes `?`, line ends too, and what is too long is cut. For texts
    /// that come from elsewhere, such as an error's message.
    pub fn lossy(text: &str) -> Self {
        let fitting = text.chars().take(Self::MAX_LINE);
        let text = fitting.map(|c| if c == '\t' || matches!(c, ' '..='~') { c } else { '?' });
        Self(Cow::Owned(text.collect()))
    }

    /// The text, its lines separated by LF.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReplyText {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        String::from(text).try_into()
    }
}

impl TryFrom<String> for ReplyText {
    type Error = SyntaxError;

    fn try_from(text: String) -> Result<Self, SyntaxError> {
        match first_fault(text.as_bytes()) {
            Some(offset) => Err(SyntaxError {
                offset,
                expected: Expected::ReplyText,
            }),
            None => Ok(Self(Cow::Owned(text))),
        }
    }
}

impl fmt::Display for ReplyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ReplyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// `textstring = 1*(%d09 / %d32-126)` (RFC 5321 §4.2)
pub(crate) const fn is_textstring(octet: u8) -> bool {
    matches!(octet, 9 | 32..=126)
}

const fn first_fault(text: &[u8]) -> Option<usize> {
    let (mut at, mut column) = (0, 0);
    while at < text.len() {
        if text[at] == b'\n' {
            column = 0;
        } else if !is_textstring(text[at]) || column == ReplyText::MAX_LINE {
            return Some(at);
        } else {
            column += 1;
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn textstring_is_the_rfcs_list() {
        for octet in 0..=255u8 {
            assert_eq!(is_textstring(octet), octet == 9 || (32..=126).contains(&octet));
        }
    }

    /// docs/threats.md row 7.
    #[test]
    fn no_octet_slips_into_a_reply() {
        for octet in (0..=255u8).filter(|&octet| !is_textstring(octet) && octet != b'\n') {
            let text: String = [char::from(octet)].iter().collect();
            assert!(text.parse::<ReplyText>().is_err(), "{octet:#x}");
            assert_eq!(ReplyText::lossy(&text).as_str(), "?", "{octet:#x}");
        }
        assert!("x".repeat(ReplyText::MAX_LINE).parse::<ReplyText>().is_ok());
        assert!("x".repeat(ReplyText::MAX_LINE + 1).parse::<ReplyText>().is_err());
    }
}
