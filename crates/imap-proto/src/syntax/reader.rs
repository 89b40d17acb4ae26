//! The cursor that all of the grammar reads with: a position in one whole command or response, literals in place.
//!
//! Octets are framed before they get here (see [`frame`](crate::syntax::frame)), so the end of the input is always a syntax error. One exception:
//! in a fragment that ends with the announcement of a literal which streams, [`Reader::payload`] yields
//! [`Payload::Announced`].

mod keyword;
mod numbers;
mod strings;
mod words;

pub(crate) use keyword::Keyword;

use crate::syntax::class::{is_atom_char, is_text_char};
use crate::{Leniency, Reading, SyntaxError};

pub(crate) type Parse<T> = Result<T, SyntaxError>;

/// A position in one command or response.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    /// The end of `input`, from the position on.
    rest: &'a [u8],
    reading: Reading,
}

/// Moving about.
impl<'a> Reader<'a> {
    pub(crate) const fn new(input: &'a [u8], reading: Reading) -> Self {
        Self {
            input,
            rest: input,
            reading,
        }
    }

    /// Octets in front of the position.
    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.input.len() - self.rest.len()
    }

    /// Back to a position that [`offset`](Self::offset) told.
    #[inline]
    pub(crate) fn rewind(&mut self, offset: usize) {
        self.rest = &self.input[offset..];
    }

    #[inline]
    pub(crate) const fn reading(&self) -> Reading {
        self.reading
    }

    #[inline]
    pub(crate) const fn leniency(&self) -> Leniency {
        self.reading.leniency
    }

    #[inline]
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The input from `start` to the position.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.input[start..self.offset()]
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The octet `n` behind the next one.
    #[inline]
    pub(crate) fn peek_at(&self, n: usize) -> Option<u8> {
        self.rest.get(n).copied()
    }

    /// Fails here.
    pub(crate) const fn expected<T>(&self, expected: &'static str) -> Parse<T> {
        Err(SyntaxError::new(self.offset(), expected))
    }

    #[inline]
    pub(crate) fn skip(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    /// Takes `octet` if it is next.
    #[inline]
    pub(crate) fn accept(&mut self, octet: u8) -> bool {
        match self.rest {
            [next, behind @ ..] if *next == octet => {
                self.rest = behind;
                true
            }
            _ => false,
        }
    }

    /// Takes `octet`, which must be next.
    #[inline]
    pub(crate) fn require(&mut self, octet: u8, expected: &'static str) -> Parse<()> {
        if self.accept(octet) {
            return Ok(());
        }
        self.expected(expected)
    }

    /// Takes `text` in any case if it is next.
    #[inline]
    pub(crate) fn accept_text(&mut self, text: &str) -> bool {
        match self.rest.split_at_checked(text.len()) {
            Some((next, behind)) if next.eq_ignore_ascii_case(text.as_bytes()) => {
                self.rest = behind;
                true
            }
            _ => false,
        }
    }

    /// Takes `word` in any case if it is next and no longer word.
    #[inline]
    pub(crate) fn accept_word(&mut self, word: &str) -> bool {
        let is_word = self.rest().len() < word.len() || !self.peek_at(word.len()).is_some_and(is_atom_char);
        is_word && self.accept_text(word)
    }

    /// `SP`
    #[inline]
    pub(crate) fn space(&mut self) -> Parse<()> {
        match self.accept_plain_space() {
            true => Ok(()),
            false => self.rare_space(),
        }
    }

    #[cold]
    fn rare_space(&mut self) -> Parse<()> {
        self.require(b' ', "a space")?;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        Ok(())
    }

    /// Takes the space if one is next.
    #[inline]
    pub(crate) fn accept_space(&mut self) -> bool {
        self.accept_plain_space() || self.accept_rare_space()
    }

    fn accept_rare_space(&mut self) -> bool {
        let is_next = self.accept(b' ');
        if is_next && self.reading.leniency.extra_spaces {
            self.spaces();
        }
        is_next
    }

    fn spaces(&mut self) {
        while self.accept(b' ') {}
    }

    /// CRLF, and nothing behind it.
    pub(crate) fn end(&mut self) -> Parse<()> {
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        if self.rest() == b"\r\n" {
            self.rest = &[];
            return Ok(());
        }
        self.expected("the end of the line")
    }

    /// As many octets as are of `class`.
    #[inline]
    pub(crate) fn run(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let len = self.rest.iter().position(|&octet| !class(octet));
        let (run, behind) = self.rest.split_at(len.unwrap_or(self.rest.len()));
        self.rest = behind;
        run
    }

    /// At least one octet of `class`.
    pub(crate) fn run1(&mut self, class: impl Fn(u8) -> bool, expected: &'static str) -> Parse<&'a [u8]> {
        let run = self.run(class);
        if run.is_empty() {
            return self.expected(expected);
        }
        Ok(run)
    }

    /// `*TEXT-CHAR`, and UTF-8: everything up to CRLF, which stays.
    pub(crate) fn line(&mut self) -> &'a [u8] {
        self.run(|octet| is_text_char(octet) || octet >= 0x80)
    }
}
