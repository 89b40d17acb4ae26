//! What LIST matches names with: patterns, their wildcards, and the delimiter that one of them stops at.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::mailboxes::mailbox::{agreed_from_wire, agreed_to_wire};
use crate::mailboxes::mutf7;
use crate::syntax::class::is_list_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, Mailbox};

/// A mailbox name with wildcards (RFC 9051 §6.3.9): `*` is any run of characters, `%` any run without the hierarchy delimiter.
///
/// Like names, patterns are held in modified UTF-7. There is no way to take a wildcard literally.
///
/// ```
/// # use imap_proto::{Delimiter, ListPattern, Mailbox};
/// let slash = Delimiter::new(b'/').ok();
/// let top = ListPattern::new("Entwürfe%")?;
/// assert!(top.matches(&Mailbox::new("Entwürfe 2")?, slash));
/// assert!(!top.matches(&Mailbox::new("Entwürfe/alt")?, slash));
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, ToStatic)]
pub struct ListPattern<'a>(Cow<'a, [u8]>);

/// The character between the levels of a hierarchy of mailboxes (RFC 9051 §5.1.1): an ASCII character but NUL, CR, LF.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ToStatic)]
pub struct Delimiter(u8);

impl<'a> ListPattern<'a> {
    /// A pattern that people read; names in it are turned into modified UTF-7.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn new(pattern: &str) -> Result<ListPattern<'static>, InvalidValue> {
        if let Some(offset) = pattern.find(['\0', '\r', '\n']) {
            return Err(InvalidValue::new(offset, PATTERN));
        }
        ListPattern::from_wire(mutf7::encode(pattern).into_bytes())
    }

    /// A pattern in the spelling of the wire.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn from_wire(octets: impl Into<Cow<'a, [u8]>>) -> Result<Self, InvalidValue> {
        let octets = octets.into();
        match octets.iter().position(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            Some(offset) => Err(InvalidValue::new(offset, PATTERN)),
            None => Ok(Self(octets)),
        }
    }

    /// In the spelling of the wire.
    pub fn as_wire(&self) -> &[u8] {
        &self.0
    }

    /// For people, as [`Mailbox::to_text`].
    pub fn to_text(&self) -> Cow<'_, str> {
        mutf7::decode(&self.0).unwrap_or_else(|_| String::from_utf8_lossy(&self.0))
    }

    /// Whether there is a `*` or `%`.
    pub fn has_wildcard(&self) -> bool {
        memchr::memchr2(b'*', b'%', &self.0).is_some()
    }

    /// Whether `mailbox` is one of those that the pattern stands for. INBOX is matched in any case, also where it is the first level
    /// of a name; what the reference of the LIST command means is the server's matter (RFC 9051 §6.3.9), so the pattern is the whole name.
    ///
    /// It takes time in proportion to the pattern's length times the name's.
    pub fn matches(&self, mailbox: &Mailbox<'_>, delimiter: Option<Delimiter>) -> bool {
        // As text, since modified UTF-7 writes a letter in different ways depending on its neighbours.
        let pattern: Vec<char> = self.to_text().chars().collect();
        let delimiter = delimiter.map(|delimiter| char::from(delimiter.0));
        let name = mailbox.to_text();
        let first = delimiter
            .and_then(|delimiter| name.find(delimiter))
            .unwrap_or(name.len());
        let any_case = if name[..first].eq_ignore_ascii_case("INBOX") {
            first
        } else {
            0
        };
        let mut reached = alloc::vec![false; pattern.len() + 1];
        reached[0] = true;
        pass_wildcards(&pattern, &mut reached);
        for (position, octet) in name.char_indices() {
            let any_case = position < any_case;
            let mut next = alloc::vec![false; reached.len()];
            for (at, &wanted) in pattern.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match wanted {
                    '*' => next[at] = true,
                    '%' => next[at] |= Some(octet) != delimiter,
                    _ => next[at + 1] |= wanted == octet || any_case && wanted.eq_ignore_ascii_case(&octet),
                }
            }
            pass_wildcards(&pattern, &mut next);
            reached = next;
        }
        reached.last() == Some(&true)
    }

    /// ```text
    /// list-mailbox = 1*list-char / string
    /// list-char    = ATOM-CHAR / list-wildcards / resp-specials
    /// ```
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let octets = match reader.run(is_list_char) {
            [] => reader.line_string()?.into_inner(),
            run => Cow::Borrowed(run),
        };
        Ok(Self(agreed_from_wire(octets, reader)))
    }

    /// In quotes where there is a wildcard, as clients do.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let pattern = agreed_to_wire(&self.0, writer);
        writer.astring(&pattern);
    }
}

/// A wildcard may stand for nothing.
fn pass_wildcards(pattern: &[char], reached: &mut [bool]) {
    for (at, wanted) in pattern.iter().enumerate() {
        reached[at + 1] |= reached[at] && matches!(wanted, '*' | '%');
    }
}

impl Delimiter {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is none.
    pub const fn new(character: u8) -> Result<Self, InvalidValue> {
        match character {
            0 | b'\r' | b'\n' | 0x80.. => Err(InvalidValue::new(0, "a hierarchy delimiter")),
            character => Ok(Self(character)),
        }
    }

    /// The character.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// `(DQUOTE QUOTED-CHAR DQUOTE / nil)`
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Option<Self>> {
        if reader.accept_nil() {
            return Ok(None);
        }
        let start = reader.offset();
        match *reader.quoted()? {
            [character] if character < 0x80 => Ok(Some(Self(character))),
            _ => {
                reader.rewind(start);
                reader.expected("a quoted hierarchy delimiter or NIL")
            }
        }
    }

    pub(crate) fn write(delimiter: Option<Self>, writer: &mut Writer<'_>) {
        match delimiter {
            Some(delimiter) => writer.quoted(&[delimiter.0]),
            None => writer.text("NIL"),
        }
    }
}

impl fmt::Debug for ListPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&self.0))
    }
}

impl fmt::Debug for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", Escaped(&[self.0]))
    }
}

impl fmt::Display for ListPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Escaped(self.to_text().as_bytes()))
    }
}

impl TryFrom<&str> for ListPattern<'static> {
    type Error = InvalidValue;

    fn try_from(pattern: &str) -> Result<Self, InvalidValue> {
        ListPattern::new(pattern)
    }
}

const PATTERN: &str = "a pattern without NUL, CR and LF";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// What the definition says, one character at a time.
    fn naive(pattern: &[u8], name: &[u8]) -> bool {
        match pattern {
            [] => name.is_empty(),
            [wildcard @ (b'*' | b'%'), rest @ ..] => {
                let most = match wildcard {
                    b'%' => name.iter().position(|&o| o == b'/').unwrap_or(name.len()),
                    _ => name.len(),
                };
                (0..=most).any(|n| naive(rest, &name[n..]))
            }
            [octet, rest @ ..] => name.first() == Some(octet) && naive(rest, &name[1..]),
        }
    }

    fn strings(alphabet: &str, most: usize) -> Vec<String> {
        let mut all = alloc::vec![String::new()];
        let mut from = 0;
        for _ in 0..most {
            let to = all.len();
            for i in from..to {
                all.extend(
                    alphabet
                        .chars()
                        .map(|c| all[i].clone() + &c.to_string())
                        .collect::<Vec<_>>(),
                );
            }
            from = to;
        }
        all
    }

    #[test]
    fn wildcards_match_as_defined() {
        let slash = Delimiter::new(b'/').ok();
        let names = strings("a/b", 4);
        for pattern in strings("a/*%", 4) {
            let matcher = ListPattern::new(&pattern).unwrap();
            for name in &names {
                let expected = naive(pattern.as_bytes(), name.as_bytes());
                let mailbox = Mailbox::new(name).unwrap();
                assert_eq!(matcher.matches(&mailbox, slash), expected, "{pattern:?} {name:?}");
            }
        }
    }

    #[test]
    fn letters_match_however_utf7_joins_them() {
        let matches = |pattern, name| {
            let mailbox = Mailbox::new(name).unwrap();
            ListPattern::new(pattern).unwrap().matches(&mailbox, None)
        };
        assert!(matches("é%", "éü") && matches("%ü", "éü") && matches("*&*", "a&b"));
        assert!(matches("inb%", "Inbox") && !matches("a", "A"));
        let below = |pattern, name| {
            let mailbox = Mailbox::new(name).unwrap();
            ListPattern::new(pattern)
                .unwrap()
                .matches(&mailbox, Delimiter::new(b'/').ok())
        };
        assert!(below("inbox/%", "INBOX/a") && below("*", "Inbox/a") && below("INBOX/a", "inbox/a"));
        assert!(!below("inbox/A", "INBOX/a") && !below("inboxe/a", "INBOXE/a"));
    }

    #[test]
    fn a_long_pattern_costs_its_length_times_the_names() {
        let pattern = ListPattern::new(&"%a".repeat(500)).unwrap();
        assert!(!pattern.matches(&Mailbox::new(&"a".repeat(499)).unwrap(), None));
        assert!(pattern.matches(&Mailbox::new(&"a".repeat(500)).unwrap(), None));
    }

    #[test]
    fn a_delimiter_is_one_character() {
        for bad in [0, b'\r', b'\n', 0x80, 0xff] {
            assert!(Delimiter::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Delimiter::new(b'\\').map(Delimiter::get), Ok(b'\\'));
    }
}
