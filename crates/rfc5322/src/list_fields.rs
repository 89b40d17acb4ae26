//! What mailing lists say of themselves: `List-Unsubscribe` and its like (RFC 2369), `List-Id` (RFC 2919).

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;

use crate::Phrase;
use crate::angle::{Angles, Token};
use crate::lexis::is_space;

/// The URLs of a `List-Help`, `List-Unsubscribe`, `List-Subscribe`, `List-Post`, `List-Owner` or `List-Archive` field
/// (RFC 2369), the most preferred one first. Linear.
///
/// Tolerant, as RFC 2369 §2 asks: white space inside of the angle brackets is ignored, what stands outside of them is
/// passed over, and whatever follows something else than a comma or a comment there.
///
/// ```
/// # use rfc5322::ListUrls;
/// let urls = ListUrls::parse(b" <mailto:list@host.example?subject=off>,\r\n <https://host.example/\r\n off> (the quick way)");
/// let text: Vec<_> = urls.iter().map(|url| String::from_utf8_lossy(&url.text()).into_owned()).collect();
/// assert_eq!(text, ["mailto:list@host.example?subject=off", "https://host.example/off"]);
/// assert!(ListUrls::parse(b" NO (posting is for members)").is_no());
/// ```
#[derive(Debug, Clone)]
pub struct ListUrls<'a> {
    urls: Vec<RawUrl<'a>>,
    is_no: bool,
}

impl<'a> ListUrls<'a> {
    /// Reads a value.
    pub fn parse(value: &'a [u8]) -> Self {
        let mut urls = Vec::new();
        let mut is_no = false;
        let mut angles = Angles::new(value);
        let mut passed_over = Vec::new();
        while let Some(token) = angles.take(&mut passed_over) {
            match token {
                Token::Angle { start, end } => urls.push(RawUrl {
                    raw: Cow::Borrowed(&value[start..end]),
                    offset: start,
                }),
                Token::Word { start, end } if urls.is_empty() => {
                    is_no |= value[start..end].eq_ignore_ascii_case(b"NO");
                }
                _ => {}
            }
        }
        is_no &= urls.is_empty();
        Self { urls, is_no }
    }

    /// The URLs, in order.
    pub fn iter(&self) -> core::slice::Iter<'_, RawUrl<'a>> {
        self.urls.iter()
    }

    /// Whether there is the word `NO` in place of URLs: in `List-Post`, that nobody may post (RFC 2369 §3.4).
    pub const fn is_no(&self) -> bool {
        self.is_no
    }

    /// Copies the URLs, so that they can be kept.
    pub fn into_owned(self) -> ListUrls<'static> {
        let owned = |url: RawUrl<'_>| RawUrl {
            raw: Cow::Owned(url.raw.into_owned()),
            offset: url.offset,
        };
        ListUrls {
            urls: self.urls.into_iter().map(owned).collect(),
            is_no: self.is_no,
        }
    }
}

/// A URL as it stands between angle brackets.
#[derive(Clone, PartialEq, Eq)]
pub struct RawUrl<'a> {
    raw: Cow<'a, [u8]>,
    offset: usize,
}

impl RawUrl<'_> {
    /// The octets as they stand in the field, between the angle brackets.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Octets of the field's value before [`raw`](Self::raw).
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The URL: `raw` without white space (RFC 2369 §2).
    pub fn text(&self) -> Cow<'_, [u8]> {
        without_space(&self.raw)
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for RawUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawUrl({:?} at {})", Escaped(&self.raw), self.offset)
    }
}

/// The value of `List-Id`: what a list is, wherever it is hosted (RFC 2919 §3).
///
/// ```text
/// list-id-header = "List-ID:" [phrase] "<" list-id ">" CRLF
/// list-id        = list-label "." list-id-namespace
/// ```
///
/// ```
/// # use rfc5322::ListId;
/// let list = ListId::parse(b" Lovers of ketchup <ketchup.hamburger.edu>").unwrap();
/// assert_eq!(*list.id(), *b"ketchup.hamburger.edu");
/// assert_eq!(list.description().unwrap().unquoted(), b"Lovers of ketchup");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ListId<'a> {
    description: Option<Phrase<'a>>,
    id: &'a [u8],
}

impl<'a> ListId<'a> {
    /// Reads a value. Without angle brackets, which some software leaves out, it is its first word. `None` if it is
    /// empty.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut angles = Angles::new(value);
        let (mut passed_over, mut word) = (Vec::new(), None);
        let mut phrase: Option<(usize, usize)> = None;
        while let Some(token) = angles.take(&mut passed_over) {
            let (start, end) = match token {
                Token::Angle { start, end } => {
                    let description = phrase.map(|(start, end)| Phrase::new(&value[start..end], start));
                    let id = &value[start..end];
                    return Some(Self { description, id });
                }
                Token::Word { start, end } => {
                    word = word.or(Some((start, end)));
                    (start, end)
                }
                Token::Quoted { start, end } => (start, end),
                Token::Comma(offset) => (offset, offset + 1),
            };
            phrase = Some((phrase.map_or(start, |(first, _)| first), end));
        }
        let (start, end) = word?;
        let id = &value[start..end];
        Some(Self { description: None, id })
    }

    /// The identifier, without white space. Compared without regard to the case of ASCII letters (RFC 2919 §6).
    pub fn id(&self) -> Cow<'a, [u8]> {
        without_space(self.id)
    }

    /// What the list is called, for people.
    pub const fn description(&self) -> Option<Phrase<'a>> {
        self.description
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for ListId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListId")
            .field("description", &self.description)
            .field("id", &Escaped(self.id))
            .finish()
    }
}

fn without_space(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.iter().copied().any(is_space) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().copied().filter(|&octet| !is_space(octet)).collect())
}
