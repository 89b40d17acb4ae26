//! Languages of responses (RFC 6856 §3).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::{Expected, SyntaxError, Text};

/// The tag of a language, such as `en` or `zh-Hant` (RFC 5646 §2.1), in the case it was given in; case does not matter.
///
/// ```text
/// tag = 1*8ALPHA *("-" 1*8alphanum)
/// ```
///
/// ```
/// # use pop3_proto::LanguageTag;
/// assert_eq!(LanguageTag::new("sv")?.as_str(), "sv");
/// assert!(LanguageTag::new("sv\r\nQUIT").is_err());
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone)]
pub struct LanguageTag(Box<str>);

/// Which languages LANG asks for: a basic language range (RFC 4647 §2.1).
///
/// ```text
/// language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*"
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LanguageRange {
    /// `*`: the one that the server's administrator prefers.
    Preferred,
    /// This language, or one that begins like it.
    Tag(LanguageTag),
}

/// One line of the answer to LANG without an argument: a language that the server speaks.
///
/// ```text
/// language-listing = tag [SP description]
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageListing {
    /// Its tag.
    pub tag: LanguageTag,
    /// What it is called in itself, in UTF-8; empty when the server does not say.
    pub description: Text,
}

impl LanguageTag {
    /// Octets of the longest one.
    pub const MAX: usize = 64;

    /// Checks `tag` and keeps it.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it is not made of subtags, or is longer than [`Self::MAX`].
    pub fn new(tag: &str) -> Result<Self, SyntaxError> {
        Self::parse(tag.as_bytes())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `range`, or begins with it and a hyphen (RFC 4647 §3.3.1).
    pub fn is_within(&self, range: &Self) -> bool {
        let (tag, range) = (self.0.as_bytes(), range.0.as_bytes());
        match tag.split_at_checked(range.len()) {
            Some((front, rest)) => front.eq_ignore_ascii_case(range) && matches!(rest, [] | [b'-', ..]),
            None => false,
        }
    }

    pub(crate) fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let error = SyntaxError::new(0, Expected::LanguageTag);
        let subtags = octets.split(|&octet| octet == b'-').enumerate();
        for (at, subtag) in subtags {
            let good = match at {
                0 => subtag.iter().all(u8::is_ascii_alphabetic),
                _ => subtag.iter().all(u8::is_ascii_alphanumeric),
            };
            if !good || !(1..=8).contains(&subtag.len()) {
                return Err(error);
            }
        }
        match core::str::from_utf8(octets) {
            Ok(tag) if tag.len() <= Self::MAX => Ok(Self(tag.into())),
            _ => Err(error),
        }
    }
}

impl LanguageRange {
    pub(crate) fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        match octets {
            b"*" => Ok(Self::Preferred),
            _ => LanguageTag::parse(octets)
                .map(Self::Tag)
                .map_err(|error| SyntaxError::new(error.offset, Expected::LanguageRange)),
        }
    }
}

impl LanguageListing {
    /// Reads a line without its CRLF.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it does not begin with a tag and a space, or holds what no text can.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let end = line.iter().position(|&octet| octet == b' ').unwrap_or(line.len());
        let tag = LanguageTag::parse(&line[..end])?;
        let description = line.get(end + 1..).unwrap_or_default();
        let description = Text::new(description).map_err(|error| error.behind(end + 1))?;
        Ok(Self { tag, description })
    }

    /// Appends `tag description`: no more than 510 octets, a longer description is cut.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        let start = wire.len();
        wire.extend_from_slice(self.tag.as_str().as_bytes());
        if !self.description.is_empty() {
            wire.push(b' ');
            wire.extend_from_slice(self.description.as_bytes());
        }
        wire.truncate(start + Self::MAX);
    }

    /// The longest line, in octets without its CRLF.
    const MAX: usize = 510;
}

impl PartialEq for LanguageTag {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for LanguageTag {}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for LanguageRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preferred => f.write_str("*"),
            Self::Tag(tag) => tag.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_takes_in_what_begins_like_it() {
        let tag = |tag| LanguageTag::new(tag).unwrap();
        assert!(tag("de").is_within(&tag("DE")));
        assert!(tag("de-CH-1996").is_within(&tag("de-ch")));
        assert!(!tag("den").is_within(&tag("de")));
        assert!(!tag("de").is_within(&tag("de-CH")));
    }

    #[test]
    fn tags() {
        for bad in [
            "",
            "-",
            "de-",
            "-de",
            "d\u{e9}",
            "1",
            "toolongtag",
            "de ",
            "*",
            "a-123456789",
        ] {
            assert!(LanguageTag::new(bad).is_err(), "{bad}");
        }
        for good in ["i-default", "x-klingon", "en-boont", "abcdefgh", "zh-Hant-TW"] {
            assert_eq!(LanguageTag::new(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn listings() {
        let listing = LanguageListing::parse("es Espa\u{f1}ol de M\u{e9}xico".as_bytes()).unwrap();
        assert_eq!(listing.description.as_bytes(), "Espa\u{f1}ol de M\u{e9}xico".as_bytes());
        let bare = LanguageListing::parse(b"es").unwrap();
        assert!(bare.description.is_empty());
        assert!(LanguageListing::parse(b" es").is_err());
        assert!(LanguageListing::parse(b"es a\0").is_err());
    }
}
