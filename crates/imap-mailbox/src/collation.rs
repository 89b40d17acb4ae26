//! When two strings are the same, and which comes first: i;unicode-casemap (RFC 5051), as RFC 5256 §7 and RFC 5255 §4.2 ask for, and
//! i;ascii-casemap (RFC 4790).

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

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
                Self::UnicodeCasemap => ascii_blocks(rest.as_bytes()),
            };
            let start = folded.len();
            folded.extend_from_slice(&rest.as_bytes()[..ascii]);
            folded[start..].make_ascii_uppercase();
            rest = &rest[ascii..];
            // As much as may end in front of the next block.
            let mut end = rest.len().min(BLOCK);
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            rest[..end].chars().for_each(|c| fold_char(c, folded));
            rest = &rest[end..];
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

/// How many octets in front are ASCII, in whole blocks, of which long texts consist.
fn ascii_blocks(octets: &[u8]) -> usize {
    let blocks = octets.chunks_exact(BLOCK).take_while(|block| block.is_ascii());
    blocks.count() * BLOCK
}

/// `i;unicode-casemap` of a character.
fn fold_char(c: char, folded: &mut Vec<u8>) {
    match u32::from(c) {
        code @ ..SHORT => match &SHORT_TABLE[code as usize] {
            (octets, len @ 1..) => folded.extend_from_slice(&octets[..usize::from(*len)]),
            _ => map(c, |c| push(c, folded)),
        },
        // Ideographs have neither case nor parts.
        0x3400..=0x9fff => push(c, folded),
        _ => map(c, |c| push(c, folded)),
    }
}

fn map(c: char, emit: impl FnMut(char)) {
    decompose_compatible(title_case(c), emit);
}

fn push(c: char, folded: &mut Vec<u8>) {
    folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// What becomes of the characters of one or two octets, and how long it is; a length of 0 for what is too long. Most letters that are not
/// ASCII are here, and looking them up in all of Unicode takes some 50 times as long.
static SHORT_TABLE: LazyLock<Vec<([u8; 7], u8)>> = LazyLock::new(|| {
    let entry = |code: u32| {
        let mut folded = Vec::new();
        map(char::from_u32(code).unwrap_or_default(), |c| push(c, &mut folded));
        let mut octets = [0; 7];
        match octets.get_mut(..folded.len()) {
            Some(room) => room.copy_from_slice(&folded),
            None => return (octets, 0),
        }
        (octets, folded.len() as u8)
    };
    (0..SHORT).map(entry).collect()
});

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

/// Characters below have one or two octets.
const SHORT: u32 = 0x800;
const BLOCK: usize = 16;

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
    fn shortcuts_change_nothing() {
        for c in '\0'..=char::MAX {
            let (mut short, mut long) = (Vec::new(), Vec::new());
            fold_char(c, &mut short);
            map(c, |c| push(c, &mut long));
            assert_eq!(short, long, "{c:?}");
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
