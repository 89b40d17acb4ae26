//! What is marked on a message: flags and keywords (RFC 9051 §2.3.2).

use std::fmt;
use std::sync::Arc;

/// The flags and keywords of one message. `\Recent` is none of them: a session has it, not the message
/// ([`claim_recent`](super::Folders::claim_recent)).
///
/// Keywords differ by more than their case (ASCII letters only); the spelling that came first stays. A message has at
/// most [`Flags::KEYWORDS`] of them. Cheap to clone.
///
/// ```
/// use mailhost::store::{Flag, Flags, Keyword};
///
/// let mut flags = Flags::from(Flag::Seen);
/// flags.insert(Flag::Flagged);
/// flags.add_keyword(Keyword::new("$Forwarded")?);
/// assert!(flags.has(Flag::Seen) && flags.has_keyword("$FORWARDED") && !flags.has(Flag::Draft));
/// # Ok::<(), mailhost::store::KeywordError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    system: u8,
    keywords: Keywords,
}

/// Ascending by their lower case, none twice. An empty list is `None`, and nothing else.
pub(super) type Keywords = Option<Arc<Vec<Keyword>>>;

/// A flag that each message can have; `\Recent` aside, all that RFC 9051 §2.3.2 names with a backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// `\Answered`
    Answered = 1,
    /// `\Flagged`
    Flagged = 2,
    /// `\Deleted`: to be removed by the next EXPUNGE.
    Deleted = 4,
    /// `\Draft`
    Draft = 8,
    /// `\Seen`
    Seen = 16,
}

impl Flag {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Answered, Self::Flagged, Self::Deleted, Self::Draft, Self::Seen];
}

/// Some of the flags that there can be: those that somebody may give.
///
/// ```
/// use mailhost::store::{Flag, FlagMask, Flags, Keyword};
///
/// let mut flags = Flags::from(Flag::Seen);
/// flags.add_keyword(Keyword::new("$Forwarded")?);
/// assert_eq!(FlagMask::new([Flag::Seen, Flag::Draft], false).of(&flags), Flags::from(Flag::Seen));
/// assert_eq!(FlagMask::ALL.of(&flags), flags);
/// # Ok::<(), mailhost::store::KeywordError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagMask {
    system: u8,
    keywords: bool,
}

impl FlagMask {
    /// All of them.
    pub const ALL: Self = Self {
        system: u8::MAX,
        keywords: true,
    };

    /// These flags, and all keywords or none.
    pub fn new(flags: impl IntoIterator<Item = Flag>, keywords: bool) -> Self {
        let system = flags.into_iter().fold(0, |system, flag| system | flag as u8);
        Self { system, keywords }
    }

    /// Those of `flags` that are among them.
    #[must_use]
    pub fn of(self, flags: &Flags) -> Flags {
        Flags {
            system: flags.system & self.system,
            keywords: flags.keywords.clone().filter(|_| self.keywords),
        }
    }

    /// As [`Flags::bits`].
    pub(super) const fn bits(self) -> u8 {
        self.system
    }

    pub(super) const fn has_keywords(self) -> bool {
        self.keywords
    }
}

/// A flag that a client made up, or that is registered without a backslash: an atom of at most
/// [`Keyword::LONGEST`] octets.
///
/// Equal to another whatever the case of its letters.
#[derive(Clone)]
pub struct Keyword(Box<str>);

/// Why something is no keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeywordError {
    /// It has no octets.
    #[error("a keyword has at least one letter")]
    Empty,
    /// It is longer than [`Keyword::LONGEST`].
    #[error("the keyword is too long")]
    TooLong,
    /// It has an octet that no atom has (RFC 9051 §9, `ATOM-CHAR`).
    #[error("a keyword is an atom")]
    NotAnAtom,
}

impl Flags {
    /// Keywords that one message has at most.
    pub const KEYWORDS: usize = 64;

    /// None.
    pub const fn new() -> Self {
        Self {
            system: 0,
            keywords: None,
        }
    }

    /// Whether there is none at all.
    pub const fn is_empty(&self) -> bool {
        self.system == 0 && self.keywords.is_none()
    }

    /// Whether this flag is among them.
    pub const fn has(&self, flag: Flag) -> bool {
        self.system & flag as u8 != 0
    }

    /// Whether this keyword is among them, however its letters are written.
    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.keywords().iter().any(|ours| ours.0.eq_ignore_ascii_case(keyword))
    }

    /// Adds a flag.
    pub const fn insert(&mut self, flag: Flag) {
        self.system |= flag as u8;
    }

    /// Adds a keyword. Returns whether there was room for it, or it was there.
    pub fn add_keyword(&mut self, keyword: Keyword) -> bool {
        match self.keywords().binary_search(&keyword) {
            Ok(_) => true,
            Err(_) if self.keywords().len() >= Self::KEYWORDS => false,
            Err(at) => {
                Arc::make_mut(self.keywords.get_or_insert_default()).insert(at, keyword);
                true
            }
        }
    }

    /// The flags, without the keywords.
    pub fn system(&self) -> impl Iterator<Item = Flag> + '_ {
        Flag::ALL.into_iter().filter(|&flag| self.has(flag))
    }

    /// The keywords, in the order of their letters.
    pub fn keywords(&self) -> &[Keyword] {
        self.keywords.as_deref().map_or(&[], Vec::as_slice)
    }

    /// What becomes of them by an action, or `None` where a message would have too many keywords.
    #[must_use]
    pub fn after(&self, action: FlagAction, flags: &Self) -> Option<Self> {
        let mut after = self.clone();
        match action {
            FlagAction::Replace => after = flags.clone(),
            FlagAction::Add => {
                after.system |= flags.system;
                let fits = |keyword: &Keyword| after.add_keyword(keyword.clone());
                if !flags.keywords().iter().all(fits) {
                    return None;
                }
            }
            FlagAction::Remove => {
                after.system &= !flags.system;
                let stays = |keyword: &&Keyword| !flags.has_keyword(keyword.as_str());
                if flags.keywords.is_some() {
                    let kept: Vec<Keyword> = self.keywords().iter().filter(stays).cloned().collect();
                    after.keywords = Some(kept).filter(|kept| !kept.is_empty()).map(Arc::new);
                }
            }
        }
        Some(after)
    }

    /// The flags as a number: a bit each, as [`Flag`] numbers them.
    pub(super) const fn bits(&self) -> u8 {
        self.system
    }

    /// The keywords, with a space between each two.
    pub(super) fn words(&self) -> String {
        let words: Vec<&str> = self.keywords().iter().map(Keyword::as_str).collect();
        words.join(" ")
    }

    /// The keywords, to be shared.
    pub(super) fn into_keywords(self) -> Keywords {
        self.keywords
    }

    /// From [`bits`](Self::bits) and keywords that are shared.
    pub(super) const fn from_parts(bits: u8, keywords: Keywords) -> Self {
        Self {
            system: bits & ALL_BITS,
            keywords,
        }
    }

    /// From [`bits`](Self::bits) and [`words`](Self::words); what is no flag or keyword is left out.
    pub(super) fn from_stored(bits: u8, words: &str) -> Self {
        let mut flags = Self::new();
        flags.system = bits & ALL_BITS;
        let keywords = words.split(' ').filter_map(|word| Keyword::new(word).ok());
        keywords.for_each(|keyword| {
            flags.add_keyword(keyword);
        });
        flags
    }
}

/// How flags are changed (RFC 9051 §6.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagAction {
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
    /// `FLAGS`: all others go.
    Replace,
}

impl Keyword {
    /// Octets of the longest one.
    pub const LONGEST: usize = 128;

    /// A keyword that is spelled so.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn new(name: &str) -> Result<Self, KeywordError> {
        match name.len() {
            0 => Err(KeywordError::Empty),
            1..=Self::LONGEST if name.bytes().all(is_atom_char) => Ok(Self(name.into())),
            1..=Self::LONGEST => Err(KeywordError::NotAnAtom),
            _ => Err(KeywordError::TooLong),
        }
    }

    /// As it was spelled.
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|octet| octet.to_ascii_lowercase())
    }
}

/// `ATOM-CHAR = <any CHAR except atom-specials>` (RFC 9051 §9).
const fn is_atom_char(octet: u8) -> bool {
    matches!(octet, b'!'..=b'~') && !matches!(octet, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

impl std::hash::Hash for Keyword {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded().for_each(|octet| state.write_u8(octet));
    }
}

impl PartialOrd for Keyword {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyword {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As IMAP writes them: `(\Seen $Forwarded)`.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = self.system().map(|flag| format!("\\{flag:?}"));
        let keywords = self.keywords().iter().map(|keyword| keyword.as_str().to_owned());
        let names: Vec<String> = system.chain(keywords).collect();
        write!(f, "({})", names.join(" "))
    }
}

impl From<Flag> for Flags {
    fn from(flag: Flag) -> Self {
        let mut flags = Self::new();
        flags.insert(flag);
        flags
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<T: IntoIterator<Item = Flag>>(all: T) -> Self {
        let mut flags = Self::new();
        all.into_iter().for_each(|flag| flags.insert(flag));
        flags
    }
}

const ALL_BITS: u8 = 31;

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(name: &str) -> Keyword {
        Keyword::new(name).unwrap()
    }

    #[test]
    fn what_is_a_keyword() {
        for octet in 0..=255u8 {
            let text = String::from_utf8_lossy(&[octet]).into_owned();
            let expected = octet.is_ascii_graphic() && !b"(){%*\"\\]".contains(&octet);
            assert_eq!(Keyword::new(&text).is_ok(), expected, "{octet}");
        }
        assert_eq!(Keyword::new(""), Err(KeywordError::Empty));
        assert!(Keyword::new(&"x".repeat(Keyword::LONGEST)).is_ok());
        assert_eq!(
            Keyword::new(&"x".repeat(Keyword::LONGEST + 1)),
            Err(KeywordError::TooLong)
        );
    }

    #[test]
    fn actions_and_what_is_kept() {
        let mut before: Flags = [Flag::Seen, Flag::Draft].into_iter().collect();
        assert!(before.add_keyword(keyword("$Junk")) && before.add_keyword(keyword("$JUNK")));
        assert_eq!(format!("{before:?}"), "(\\Draft \\Seen $Junk)");
        let mut change = Flags::from(Flag::Draft);
        change.add_keyword(keyword("$junk"));
        let removed = before.after(FlagAction::Remove, &change).unwrap();
        assert_eq!(removed, Flags::from(Flag::Seen));
        assert_eq!(before.after(FlagAction::Add, &change).unwrap(), before);
        assert_eq!(before.after(FlagAction::Replace, &change).unwrap(), change);
        assert_eq!(Flags::from_stored(before.bits(), &before.words()), before);
        assert_eq!(Flags::from_stored(255, " x  \u{e9} y"), {
            let mut flags: Flags = Flag::ALL.into_iter().collect();
            flags.add_keyword(keyword("y"));
            flags.add_keyword(keyword("X"));
            flags
        });
    }

    #[test]
    fn keywords_are_bounded() {
        let mut many = Flags::new();
        for number in 0..Flags::KEYWORDS {
            assert!(many.add_keyword(keyword(&format!("k{number}"))));
        }
        assert!(!many.add_keyword(keyword("one-more")) && many.add_keyword(keyword("K7")));
        let mut other = Flags::new();
        other.add_keyword(keyword("one-more"));
        assert_eq!(many.after(FlagAction::Add, &other), None);
    }
}
