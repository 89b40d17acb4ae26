//! When two strings are the same, and which comes first: i;unicode-casemap (RFC 5051), as RFC 5256 §7 and RFC 5255 §4.2 ask for, and
//! i;ascii-casemap (RFC 4790).

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::char::decompose_compatible;

/// A way to compare strings. Both are defined by a mapping to octets, which are compared as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Collation {
    /// `i;unicode-casemap`: each character in title case, then decomposed.
    ///
    /// Only the mappings of single characters are applied, those of UnicodeData.txt: `ß` stays what it is. Hangul syllables are decomposed
    /// too, so that both spellings of them match.
    #[default]
    UnicodeCasemap,
    /// `i;ascii-casemap`: ASCII letters in upper case.
    AsciiCasemap,
}

/// A string as a [`Collation`] maps it: equal strings have equal keys, and keys are in the order of the strings. A store may keep it.
///
/// ```
/// use imap_mailbox::Collation;
///
/// let key = |text| Collation::UnicodeCasemap.key(text);
/// assert_eq!(key("Crêpes"), key("CRE\u{302}PES"));
/// assert!(key("apple") < key("Banana"));
/// assert!(key("") < key("a"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CollationKey(Box<[u8]>);

impl Collation {
    /// As in the COMPARATOR response (RFC 5255 §4.7).
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnicodeCasemap => "i;unicode-casemap",
            Self::AsciiCasemap => "i;ascii-casemap",
        }
    }

    /// What a string is compared by. Linear; at most 18 times as long, for one character of Arabic.
    pub fn key(self, text: &str) -> CollationKey {
        let mut key = Vec::with_capacity(text.len());
        self.fold(text, &mut key);
        CollationKey(key.into())
    }

    /// Appends what the mapping makes of a text. Each character is mapped by itself, so that a text may come in pieces.
    pub(crate) fn fold(self, text: &str, folded: &mut Vec<u8>) {
        let mut rest = text;
        while !rest.is_empty() {
            let ascii = match self {
                Self::AsciiCasemap => rest.len(),
                Self::UnicodeCasemap => ascii_prefix(rest.as_bytes()),
            };
            let start = folded.len();
            folded.extend_from_slice(&rest.as_bytes()[..ascii]);
            folded[start..].make_ascii_uppercase();
            rest = &rest[ascii..];
            let others = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
            for c in rest[..others].chars() {
                decompose_compatible(title_case(c), |c| push(c, folded));
            }
            rest = &rest[others..];
        }
    }

    /// Octets that may be no text; those that are none become U+FFFD.
    pub(crate) fn fold_octets(self, octets: &[u8], folded: &mut Vec<u8>) {
        match String::from_utf8_lossy(octets) {
            Cow::Borrowed(text) => self.fold(text, folded),
            Cow::Owned(text) => self.fold(&text, folded),
        }
    }
}

impl CollationKey {
    /// The octets that are compared.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A key whose octets were kept.
    pub fn from_bytes(octets: impl Into<Box<[u8]>>) -> Self {
        Self(octets.into())
    }

    /// Whether it is the key of the empty string.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Shows the octets, escaped.
impl fmt::Debug for CollationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// How many octets in front are ASCII.
fn ascii_prefix(octets: &[u8]) -> usize {
    // Long runs, which bodies consist of, are told by whole blocks.
    let mut at = 0;
    while let Some(block) = octets.get(at..at + BLOCK)
        && block.is_ascii()
    {
        at += BLOCK;
    }
    let rest = octets[at..].iter().position(|octet| !octet.is_ascii());
    rest.map_or(octets.len(), |rest| at + rest)
}

fn push(c: char, folded: &mut Vec<u8>) {
    folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `Simple_Titlecase_Mapping` of UnicodeData.txt, which the standard library does not have by itself: upper case, but for digraphs,
/// Georgian, Greek with an iota below, and those whose upper case is more than one character.
fn title_case(c: char) -> char {
    let shifted = |by: u32| char::from_u32(u32::from(c) + by).unwrap_or(c);
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        '\u{10d0}'..='\u{10ff}' => c,
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(9),
        _ => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => upper,
                _ => c,
            }
        }
    }
}

const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        String::from_utf8(Collation::UnicodeCasemap.key(text).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn characters_are_mapped_one_by_one() {
        let cases = [
            ("Kitchen 42!", "KITCHEN 42!"),
            ("é", "E\u{301}"),
            ("e\u{301}", "E\u{301}"),
            ("straße", "STRAßE"),
            (
                "ǆ",
                "D\u{17e}".replace('\u{17e}', "z\u{30c}").as_str().to_owned().leak(),
            ),
            ("ა", "ა"),
            ("ﬁ", "fi"),
            ("ᾳ", "Α\u{345}"),
            ("я", "Я"),
            ("й", "И\u{306}"),
            ("한", "\u{1112}\u{1161}\u{11ab}"),
            ("Ａ", "A"),
            ("ﬆ", "st"),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text), expected, "{text}");
        }
        assert_eq!(Collation::AsciiCasemap.key("aé").as_bytes(), "Aé".as_bytes());
    }

    #[test]
    fn blocks_and_pieces_make_no_difference() {
        for before in 0..130 {
            let text = format!("{}é{}", "a".repeat(before), "b".repeat(130 - before));
            assert_eq!(
                folded(&text),
                format!("{}E\u{301}{}", "A".repeat(before), "B".repeat(130 - before))
            );
        }
    }

    #[test]
    fn no_character_grows_beyond_what_is_said() {
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let key = Collation::UnicodeCasemap.key(&text);
            assert!(
                key.as_bytes().len() <= 18 * text.len(),
                "{c:?}: {}",
                key.as_bytes().len()
            );
        }
    }
}
