//! `phrase` (RFC 5322 §3.2.5): display names, group names, keywords.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;

use crate::comments::Comments;
use crate::lexis::{is_space, pass_comment, pass_quoted, remove_quoting};

/// A phrase as it stands in a field's value: words with comments and white space between them.
///
/// Borrowed, undecoded octets. Of the words some may be encoded words (RFC 2047), which mime-codec decodes: only those of
/// [`WordKind::Atom`], as RFC 2047 §5 has it.
///
/// ```text
/// phrase     = 1*word / obs-phrase             ; RFC 5322 §3.2.5
/// obs-phrase = word *(word / "." / CFWS)       ; RFC 5322 §4.1
/// word       = atom / quoted-string
/// ```
///
/// Tolerant: whatever is no quoted string, comment or white space belongs to an atom.
///
/// ```
/// # use rfc5322::{Phrase, WordKind};
/// let phrase = Phrase::new(br#"Joe (the \"spoon\") "Q. Public" "#, 0);
/// let words: Vec<_> = phrase.words().map(|word| (word.kind, word.raw, word.offset)).collect();
/// assert_eq!(words, [(WordKind::Atom, &b"Joe"[..], 0), (WordKind::Quoted, b"Q. Public", 21)]);
/// assert_eq!(*phrase.comments().next().unwrap().unquoted(), *br#"the "spoon""#);
/// assert_eq!(phrase.unquoted(), b"Joe Q. Public");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Phrase<'a> {
    raw: &'a [u8],
    offset: usize,
}

impl<'a> Phrase<'a> {
    /// The phrase that stands in `raw`, which has `offset` octets of the field's value before it.
    pub const fn new(raw: &'a [u8], offset: usize) -> Self {
        Self { raw, offset }
    }

    /// The octets as they stand in the field, folds, quotes and comments included.
    pub const fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Octets of the field's value before the phrase.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The words, in order. Linear.
    pub const fn words(&self) -> Words<'a> {
        Words {
            phrase: *self,
            position: 0,
        }
    }

    /// The comments between the words, in order; not those inside of comments.
    pub const fn comments(&self) -> Comments<'a> {
        Comments::new(self.raw, self.offset)
    }

    /// The words without their quotes, with one space where white space or comments stand between two. Encoded words
    /// stay encoded.
    pub fn unquoted(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.raw.len());
        for word in self.words() {
            if word.spaced {
                text.push(b' ');
            }
            text.extend_from_slice(&word.unquoted());
        }
        text
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phrase")
            .field("raw", &Escaped(self.raw))
            .field("offset", &self.offset)
            .finish()
    }
}

/// A word of a [`Phrase`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word<'a> {
    /// What it is.
    pub kind: WordKind,
    /// The octets as they stand in the field, without the quotes.
    pub raw: &'a [u8],
    /// Octets of the field's value before `raw`.
    pub offset: usize,
    /// Whether white space or a comment stands between this word and the one before it.
    pub spaced: bool,
}

/// What a [`Word`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordKind {
    /// An atom, or several with dots between, or octets that the grammar does not have there.
    Atom,
    /// A quoted string.
    Quoted,
}

impl<'a> Word<'a> {
    /// The octets that are meant: a quoted string without its backslashes and folds (RFC 5322 §3.2.4), an atom as it is.
    pub fn unquoted(&self) -> Cow<'a, [u8]> {
        match self.kind {
            WordKind::Atom => Cow::Borrowed(self.raw),
            WordKind::Quoted => remove_quoting(self.raw),
        }
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Word")
            .field("kind", &self.kind)
            .field("raw", &Escaped(self.raw))
            .field("offset", &self.offset)
            .field("spaced", &self.spaced)
            .finish()
    }
}

/// The words of a [`Phrase`]; made by [`Phrase::words`].
#[derive(Debug, Clone)]
pub struct Words<'a> {
    phrase: Phrase<'a>,
    position: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = self.phrase.raw;
        let before = self.position;
        let start = pass_cfws(raw, before);
        let (kind, word) = match raw.get(start)? {
            b'"' => {
                let (end, closed) = pass_quoted(raw, start);
                self.position = end;
                (WordKind::Quoted, start + 1..end - usize::from(closed))
            }
            _ => {
                self.position = pass_atom(raw, start);
                (WordKind::Atom, start..self.position)
            }
        };
        Some(Word {
            kind,
            raw: &raw[word.clone()],
            offset: self.phrase.offset + word.start,
            spaced: before > 0 && start > before,
        })
    }
}

/// The first octet from `start` on that is neither white space nor in a comment.
fn pass_cfws(raw: &[u8], start: usize) -> usize {
    let mut position = start;
    loop {
        match raw.get(position) {
            Some(&octet) if is_space(octet) => position += 1,
            Some(b'(') => position = pass_comment(raw, position).0,
            _ => return position,
        }
    }
}

/// The end of the atom that begins at `start`: it goes on up to what begins something else. A backslash, which has no
/// business there, takes the octet behind it along, so that a quote that was meant to be quoted opens nothing.
fn pass_atom(raw: &[u8], start: usize) -> usize {
    let mut position = start;
    while let Some(&octet) = raw.get(position) {
        match octet {
            b'"' | b'(' => break,
            octet if is_space(octet) => break,
            b'\\' if raw.get(position + 1).is_some_and(|&next| !is_space(next)) => position += 2,
            _ => position += 1,
        }
    }
    position
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn words(raw: &[u8]) -> Vec<(WordKind, &[u8], bool)> {
        Phrase::new(raw, 0)
            .words()
            .map(|word| (word.kind, word.raw, word.spaced))
            .collect()
    }

    #[test]
    fn words_and_what_stands_between() {
        use WordKind::{Atom, Quoted};
        assert_eq!(
            words(b"John Q. Public"),
            vec![
                (Atom, &b"John"[..], false),
                (Atom, b"Q.", true),
                (Atom, b"Public", true)
            ]
        );
        assert_eq!(
            words(b"a\"b\"c(d)e"),
            vec![
                (Atom, &b"a"[..], false),
                (Quoted, b"b", false),
                (Atom, b"c", false),
                (Atom, b"e", true)
            ]
        );
        assert_eq!(words(b" \r\n x"), vec![(Atom, &b"x"[..], false)]);
        assert_eq!(words(b"\"open (end"), vec![(Quoted, &b"open (end"[..], false)]);
        assert_eq!(words(b"x (open \"end"), vec![(Atom, &b"x"[..], false)]);
        assert_eq!(
            words(br#"a \"b\" c"#),
            vec![(Atom, &b"a"[..], false), (Atom, br#"\"b\""#, true), (Atom, b"c", true)]
        );
        assert_eq!(words(b"\"\""), vec![(Quoted, &b""[..], false)]);
        assert_eq!(words(b"\"\\"), vec![(Quoted, &b"\\"[..], false)]);
        assert_eq!(words(b""), vec![]);
    }

    #[test]
    fn quoting_and_folds_are_removed() {
        let unquoted = |raw| Phrase::new(raw, 0).unquoted();
        assert_eq!(unquoted(b"\"a\\\"b\\\\\r\n c\""), b"a\"b\\ c");
        assert_eq!(unquoted(b"(x) a (y)\r\n\t\"b  c\" "), b"a b  c");
    }

    /// threats.md row 13: comments nest to any depth at no cost but a counter.
    #[test]
    fn a_million_parentheses_are_one_comment() {
        let mut raw = b"(".repeat(1_000_000);
        raw.extend_from_slice(b"x");
        assert_eq!(words(&raw), vec![]);
        assert_eq!(Phrase::new(&raw, 0).comments().count(), 1);
    }

    /// Every octet of every string over a small alphabet is in a word, in a comment, a quote or white space, in order.
    #[test]
    fn nothing_is_lost() {
        let alphabet = b"a. \"(\\)";
        for length in 0..=6u32 {
            for number in 0..alphabet.len().pow(length) {
                let raw: Vec<u8> = (0..length)
                    .map(|digit| alphabet[number / alphabet.len().pow(digit) % alphabet.len()])
                    .collect();
                let phrase = Phrase::new(&raw, 7);
                let mut pieces: Vec<(usize, usize)> = phrase
                    .words()
                    .map(|word| (word.offset - 7, word.raw.len()))
                    .chain(phrase.comments().map(|comment| (comment.offset - 7, comment.raw.len())))
                    .collect();
                pieces.sort_unstable();
                let mut covered = 0;
                for (offset, length) in pieces {
                    assert!(offset >= covered, "{raw:?}");
                    assert!(
                        raw[covered..offset].iter().all(|octet| b"\"() ".contains(octet)),
                        "{raw:?}"
                    );
                    covered = offset + length;
                }
                assert!(raw[covered..].iter().all(|octet| b"\"() ".contains(octet)), "{raw:?}");
            }
        }
    }
}
