//! Strings of IMAP by what they may hold. How one is spelled on the wire (atom, quoted, literal) is the writer's choice and no part of
//! the value.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::InvalidValue;
use crate::syntax::class::{is_atom_char, is_tag_char};

/// Any octets: what `string` and `nstring` hold in responses, and literals everywhere.
#[derive(Clone, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct Octets<'a>(Cow<'a, [u8]>);

impl<'a> Octets<'a> {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets as text; what is not UTF-8 becomes U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The octets, without a copy where they are borrowed.
    pub fn into_inner(self) -> Cow<'a, [u8]> {
        self.0
    }
}

impl Octets<'_> {
    /// Octets of the program's own.
    pub(crate) const fn fixed(octets: &'static [u8]) -> Octets<'static> {
        Octets(Cow::Borrowed(octets))
    }
}

impl<'a> From<Cow<'a, [u8]>> for Octets<'a> {
    fn from(octets: Cow<'a, [u8]>) -> Self {
        Self(octets)
    }
}

impl<'a> From<&'a [u8]> for Octets<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self(Cow::Borrowed(octets))
    }
}

impl<'a> From<&'a str> for Octets<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }
}

impl From<Vec<u8>> for Octets<'_> {
    fn from(octets: Vec<u8>) -> Self {
        Self(Cow::Owned(octets))
    }
}

/// A string on one line: any octets but NUL, CR and LF. What `astring` holds in commands: user names, search strings, names.
///
/// ```
/// use imap_proto::AString;
/// let name = AString::new(&b"bob"[..])?;
/// assert_eq!(name.to_text(), "bob");
/// assert!(AString::new(&b"two\r\nlines"[..]).is_err(), "of no use in any argument");
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct AString<'a>(Cow<'a, [u8]>);

impl<'a> AString<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn new(octets: impl Into<Cow<'a, [u8]>>) -> Result<Self, InvalidValue> {
        let octets = octets.into();
        match octets.iter().position(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            Some(offset) => Err(InvalidValue::new(offset, "a string without NUL, CR and LF")),
            None => Ok(Self(octets)),
        }
    }

    /// For octets that are known to be on one line.
    pub(crate) const fn checked(octets: Cow<'a, [u8]>) -> Self {
        Self(octets)
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets as text; what is not UTF-8 becomes U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The octets, without a copy where they are borrowed.
    pub fn into_inner(self) -> Cow<'a, [u8]> {
        self.0
    }
}

impl<'a> TryFrom<&'a str> for AString<'a> {
    type Error = InvalidValue;

    fn try_from(text: &'a str) -> Result<Self, InvalidValue> {
        Self::new(text.as_bytes())
    }
}

impl TryFrom<String> for AString<'_> {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        Self::new(text.into_bytes())
    }
}

/// `atom = 1*ATOM-CHAR` (RFC 9051 §9): a word such as a keyword's name. Compared without regard to case.
///
/// ```
/// # use imap_proto::Atom;
/// assert_eq!(Atom::new("PLAIN")?, Atom::fixed("plain"));
/// assert!(Atom::new("two words").is_err());
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Eq, ToStatic)]
pub struct Atom<'a>(Word<'a>);

impl<'a> Atom<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty or has what an atom may not have.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        Word::new(text.into(), is_atom_char, "an atom").map(Self)
    }

    /// For a run of ATOM-CHARs.
    pub(crate) const fn checked(word: &'a [u8]) -> Self {
        Self(Word::checked(word))
    }

    /// An atom of the program's own; checked when it is compiled, used in a `const`.
    pub const fn fixed(text: &'static str) -> Atom<'static> {
        let mut at = 0;
        while at < text.len() {
            assert!(is_atom_char(text.as_bytes()[at]), "not an atom");
            at += 1;
        }
        assert!(!text.is_empty(), "an atom is not empty");
        Atom(Word::checked(text.as_bytes()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The word.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.0
    }
}

impl PartialEq for Atom<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes().eq_ignore_ascii_case(other.as_bytes())
    }
}

impl core::hash::Hash for Atom<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for octet in self.as_bytes() {
            state.write_u8(octet.to_ascii_uppercase());
        }
    }
}

/// `tag = 1*<any ASTRING-CHAR except "+">` (RFC 9051 §9)
///
/// ```
/// # use imap_proto::Tag;
/// assert!(Tag::new("A1").is_ok() && Tag::new("A+1").is_err() && Tag::new("").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct Tag<'a>(Word<'a>);

impl<'a> Tag<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is empty or has what a tag may not have.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        Word::new(text.into(), is_tag_char, "a tag").map(Self)
    }

    /// For a run of tag characters.
    pub(crate) const fn checked(word: &'a [u8]) -> Self {
        Self(Word::checked(word))
    }

    /// `A1`, `A2` and so on.
    pub(crate) fn numbered(number: u64) -> Tag<'static> {
        Tag(Word(Cow::Owned(alloc::format!("A{number}").into_bytes())))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The tag.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.0
    }
}

/// `text = 1*TEXT-CHAR` for people (RFC 9051 §7.1): one line without NUL; it may be empty, which RFC 3501 servers send, too.
#[derive(Clone, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct Text<'a>(Cow<'a, [u8]>);

impl<'a> Text<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let octets = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        };
        match octets.iter().position(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            Some(offset) => Err(InvalidValue::new(offset, "text without NUL, CR and LF")),
            None => Ok(Self(octets)),
        }
    }

    /// For octets that are known to be on one line.
    pub(crate) const fn checked(octets: &'a [u8]) -> Self {
        Self(Cow::Borrowed(octets))
    }

    /// Words of the program's own; checked when it is compiled, used in a `const`.
    pub const fn fixed(text: &'static str) -> Text<'static> {
        let mut at = 0;
        while at < text.len() {
            assert!(!matches!(text.as_bytes()[at], 0 | b'\r' | b'\n'), "text is one line");
            at += 1;
        }
        Text(Cow::Borrowed(text.as_bytes()))
    }

    /// The octets as they came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text; what is not UTF-8 becomes U+FFFD.
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

/// ASCII. Octets, since text would have to be checked for UTF-8 as well when it is read.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
struct Word<'a>(Cow<'a, [u8]>);

impl<'a> Word<'a> {
    const fn checked(word: &'a [u8]) -> Self {
        Self(Cow::Borrowed(word))
    }

    fn new(text: Cow<'a, str>, class: fn(u8) -> bool, expected: &'static str) -> Result<Self, InvalidValue> {
        let fault = text.bytes().position(|octet| !class(octet));
        match (fault.or(text.is_empty().then_some(0)), text) {
            (Some(offset), _) => Err(InvalidValue::new(offset, expected)),
            (None, Cow::Borrowed(text)) => Ok(Self::checked(text.as_bytes())),
            (None, Cow::Owned(text)) => Ok(Self(Cow::Owned(text.into_bytes()))),
        }
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A literal's octets, or only their number where they stream past.
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub enum Payload<'a> {
    /// The octets.
    Held(Cow<'a, [u8]>),
    /// So many octets, 1 or more, that come or go separately.
    Announced(u64),
}

impl Payload<'_> {
    /// Octets.
    pub fn len(&self) -> u64 {
        match self {
            Self::Held(octets) => octets.len() as u64,
            Self::Announced(len) => *len,
        }
    }

    /// Whether there is no octet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The octets that are held; none of a literal that streams.
    pub fn held(&self) -> Option<&[u8]> {
        match self {
            Self::Held(octets) => Some(octets),
            Self::Announced(_) => None,
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(octets) => write!(f, "\"{}\"", Escaped(octets)),
            Self::Announced(len) => write!(f, "{{{len}}}"),
        }
    }
}

impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&self.0))
    }
}

impl fmt::Debug for AString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&self.0))
    }
}

impl fmt::Display for AString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(&self.0))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&self.0))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(&self.0))
    }
}

impl fmt::Debug for Atom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Atom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
