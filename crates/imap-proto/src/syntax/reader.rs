//! The cursor that all of the grammar reads with: a position in one whole command or response, literals in place.
//!
//! Octets are framed before they get here (see [`frame`](crate::syntax::frame)), so the end of the input is always a syntax error. One exception:
//! in a fragment that ends with the announcement of a literal which streams, [`Reader::payload`] yields
//! [`Payload::Announced`].

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use crate::syntax::class::{is_astring_char, is_atom_char, is_name_char, is_quoted_char, is_text_char};
use crate::syntax::decimal;
use crate::syntax::scan;
use crate::{AString, Atom, Leniency, Octets, Payload, Reading, SyntaxError};

pub(crate) type Parse<T> = Result<T, SyntaxError>;

/// A position in one command or response.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    reading: Reading,
}

/// A keyword in upper case, for `match`.
pub(crate) struct Keyword<'a> {
    word: &'a [u8],
    /// The word again, where it was not in upper case.
    turned: [u8; LONGEST_KEYWORD],
    is_turned: bool,
}

impl<'a> Keyword<'a> {
    #[inline]
    pub(crate) fn new(word: &'a [u8]) -> Self {
        let mut keyword = Self {
            word: if word.len() <= LONGEST_KEYWORD { word } else { &[] },
            turned: [0; LONGEST_KEYWORD],
            is_turned: word.iter().any(u8::is_ascii_lowercase),
        };
        if keyword.is_turned {
            keyword.turn();
        }
        keyword
    }

    fn turn(&mut self) {
        for (to, octet) in self.turned.iter_mut().zip(self.word) {
            *to = octet.to_ascii_uppercase();
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self.is_turned {
            true => &self.turned[..self.word.len()],
            false => self.word,
        }
    }
}

/// Longer words are no keyword; they come out empty.
const LONGEST_KEYWORD: usize = 32;

/// Moving about.
impl<'a> Reader<'a> {
    pub(crate) const fn new(input: &'a [u8], reading: Reading) -> Self {
        Self { input, at: 0, reading }
    }

    /// Octets in front of the position.
    #[inline]
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// Back to a position that [`offset`](Self::offset) told.
    #[inline]
    pub(crate) const fn rewind(&mut self, offset: usize) {
        self.at = offset;
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
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.input[self.at..]
    }

    /// The input from `start` to the position.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.input[start..self.at]
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.at == self.input.len()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    /// The octet `n` behind the next one.
    #[inline]
    pub(crate) fn peek_at(&self, n: usize) -> Option<u8> {
        self.input.get(self.at + n).copied()
    }

    /// Fails here.
    pub(crate) const fn expected<T>(&self, expected: &'static str) -> Parse<T> {
        Err(SyntaxError::new(self.at, expected))
    }

    #[inline]
    pub(crate) fn skip(&mut self, octets: usize) {
        self.at = (self.at + octets).min(self.input.len());
    }

    /// Takes `octet` if it is next.
    #[inline]
    pub(crate) fn accept(&mut self, octet: u8) -> bool {
        let is_next = self.peek() == Some(octet);
        self.at += usize::from(is_next);
        is_next
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
        let is_next = (self.rest().get(..text.len())).is_some_and(|next| next.eq_ignore_ascii_case(text.as_bytes()));
        if is_next {
            self.at += text.len();
        }
        is_next
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
        self.require(b' ', "a space")?;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        Ok(())
    }

    /// Takes the space if one is next.
    #[inline]
    pub(crate) fn accept_space(&mut self) -> bool {
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
            self.at += 2;
            return Ok(());
        }
        self.expected("the end of the line")
    }

    /// As many octets as are of `class`.
    #[inline]
    pub(crate) fn run(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let len = rest.iter().position(|&octet| !class(octet)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
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

/// Lists and words.
impl<'a> Reader<'a> {
    /// `"(" item *(SP item) ")"`; with `extra_spaces` also spaces next to the brackets.
    pub(crate) fn list1<T>(&mut self, item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.open()?;
        let items = self.separated(item)?;
        self.close()?;
        Ok(items)
    }

    /// `"(" [item *(SP item)] ")"`
    pub(crate) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        self.open()?;
        if self.accept(b')') {
            return Ok(Vec::new());
        }
        let items = self.separated(item)?;
        self.close()?;
        Ok(items)
    }

    /// `item *(SP item)`
    pub(crate) fn separated<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        // As many as a list that grows has room for at first.
        let mut items = Vec::with_capacity(4);
        loop {
            items.push(item(self)?);
            if !self.accept_separator() {
                return Ok(items);
            }
        }
    }

    /// The space between two items: not the one that a lenient peer puts before `)` or CRLF.
    #[inline]
    pub(crate) fn accept_separator(&mut self) -> bool {
        match self.rest() {
            [b' ', b' ' | b')' | b']' | b'\r', ..] => self.accept_odd_separator(),
            [b' ', ..] => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    #[cold]
    fn accept_odd_separator(&mut self) -> bool {
        let start = self.at;
        if !self.accept_space() {
            return false;
        }
        if self.reading.leniency.extra_spaces && matches!(self.peek(), Some(b')' | b']' | b'\r')) {
            self.at = start;
            return false;
        }
        true
    }

    /// `"("`
    #[inline]
    pub(crate) fn open(&mut self) -> Parse<()> {
        self.require(b'(', "\"(\"")?;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        Ok(())
    }

    /// `")"`
    #[inline]
    pub(crate) fn close(&mut self) -> Parse<()> {
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        self.require(b')', "\")\"")
    }

    /// Takes `")"` if it is next.
    #[inline]
    pub(crate) fn accept_close(&mut self) -> bool {
        let start = self.at;
        if self.reading.leniency.extra_spaces {
            self.spaces();
        }
        let is_next = self.accept(b')');
        if !is_next {
            self.at = start;
        }
        is_next
    }

    /// A word of ATOM-CHARs but `[`, in upper case; empty where there is none. What is matched by it is not taken back when no
    /// arm fits: remember [`offset`](Self::offset).
    #[inline]
    pub(crate) fn keyword(&mut self) -> Keyword<'a> {
        Keyword::new(self.run(is_name_char))
    }

    /// The same where no `[` may touch a word: `NOOP[` is another atom than `NOOP`.
    pub(crate) fn whole_keyword(&mut self) -> Keyword<'a> {
        let keyword = self.keyword();
        match self.peek() {
            Some(b'[') => Keyword::new(b""),
            _ => keyword,
        }
    }

    /// `atom = 1*ATOM-CHAR`
    pub(crate) fn atom(&mut self) -> Parse<Atom<'a>> {
        let word = self.run1(is_atom_char, "an atom")?;
        Ok(Atom::checked(word))
    }
}

/// Numbers.
impl Reader<'_> {
    /// `number = 1*DIGIT ; Unsigned 32-bit integer`
    pub(crate) fn number(&mut self) -> Parse<u32> {
        let start = self.at;
        let number = self.digits()?;
        u32::try_from(number).map_err(|_| SyntaxError::new(start, "a number below 4294967296"))
    }

    /// `nz-number = digit-nz *DIGIT`
    #[inline]
    pub(crate) fn nz_number(&mut self) -> Parse<NonZeroU32> {
        if let Some((number, len)) = decimal::leading(self.rest()) {
            self.at += len;
            return Ok(number);
        }
        let start = self.at;
        // `0` may not lead either.
        if self.peek() == Some(b'0') {
            return self.expected("a number from 1");
        }
        let number = self.number()?;
        NonZeroU32::new(number).ok_or(SyntaxError::new(start, "a number from 1"))
    }

    /// `number64 = 1*DIGIT ; Unsigned 63-bit integer`
    pub(crate) fn number64(&mut self) -> Parse<u64> {
        let start = self.at;
        let number = self.digits()?;
        if number > i64::MAX as u64 {
            return Err(SyntaxError::new(start, "a number below 9223372036854775808"));
        }
        Ok(number)
    }

    /// A number of all 64 bits: mod-sequences were such once (RFC 4551 §4), and Gmail's identifiers are.
    pub(crate) fn unsigned64(&mut self) -> Parse<u64> {
        let start = self.at;
        let digits = self.run(|octet| octet.is_ascii_digit());
        if digits.is_empty() {
            return self.expected("a number");
        }
        let number = digits.iter().try_fold(0u64, |number, digit| {
            number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        });
        number.ok_or(SyntaxError::new(start, "a number below 18446744073709551616"))
    }

    /// The same, from 1: `mod-sequence-value = 1*DIGIT` (RFC 7162 §7)
    pub(crate) fn nz_unsigned64(&mut self) -> Parse<NonZeroU64> {
        let start = self.at;
        let number = self.unsigned64()?;
        NonZeroU64::new(number).ok_or(SyntaxError::new(start, "a number from 1"))
    }

    /// `*(SP nz-number)`: a long list of numbers, of which a mailbox may have a hundred thousand.
    pub(crate) fn numbers(&mut self) -> Parse<Vec<NonZeroU32>> {
        let rest = self.rest();
        // Each has at least two octets: this is no more than twice of what is there.
        let mut numbers = Vec::with_capacity(memchr::memchr_iter(b' ', rest).count());
        self.at += decimal::read_each(rest, &mut numbers);
        loop {
            let behind = self.at;
            if !self.accept_separator() || !self.peek().is_some_and(|octet| octet.is_ascii_digit()) {
                self.at = behind;
                return Ok(numbers);
            }
            numbers.push(self.nz_number()?);
        }
    }

    fn digits(&mut self) -> Parse<u64> {
        let start = self.at;
        let mut number = 0u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == start {
            return self.expected("a number");
        }
        Ok(number)
    }
}

/// Strings, however they are spelled.
impl<'a> Reader<'a> {
    /// `astring = 1*ASTRING-CHAR / string`, on one line: CR, LF and NUL in a literal are refused, since this is where names and
    /// search strings stand.
    pub(crate) fn astring(&mut self) -> Parse<AString<'a>> {
        if self.peek().is_some_and(is_astring_char) {
            return Ok(AString::checked(Cow::Borrowed(self.run(is_astring_char))));
        }
        self.string_on_a_line("an atom, a quoted string or a literal")
    }

    /// `string = quoted / literal`, on one line, as [`astring`](Self::astring).
    pub(crate) fn line_string(&mut self) -> Parse<AString<'a>> {
        self.string_on_a_line("a quoted string or a literal")
    }

    fn string_on_a_line(&mut self, expected: &'static str) -> Parse<AString<'a>> {
        let start = self.at;
        let octets = self.string_octets(expected)?;
        AString::new(octets).map_err(|_| SyntaxError::new(start, "a string without NUL, CR and LF"))
    }

    /// `string = quoted / literal`
    #[inline]
    pub(crate) fn string(&mut self) -> Parse<Octets<'a>> {
        self.string_octets("a quoted string or a literal").map(Octets::from)
    }

    /// `nstring = string / nil`
    pub(crate) fn nstring(&mut self) -> Parse<Option<Octets<'a>>> {
        if self.accept_nil() {
            return Ok(None);
        }
        self.string_octets("a quoted string, a literal or NIL")
            .map(Octets::from)
            .map(Some)
    }

    /// `nil = "NIL"`, in any case and no longer word.
    #[inline]
    pub(crate) fn accept_nil(&mut self) -> bool {
        let is_next = match self.rest() {
            [b'N' | b'n', b'I' | b'i', b'L' | b'l', behind @ ..] => !behind.first().copied().is_some_and(is_atom_char),
            _ => false,
        };
        if is_next {
            self.at += 3;
        }
        is_next
    }

    fn string_octets(&mut self, expected: &'static str) -> Parse<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            // literal8, which servers send for nstring as well (RFC 3516 §4.1 has it in BINARY only)
            Some(b'~') if self.peek_at(1) == Some(b'{') => {
                self.at += 1;
                self.literal().map(Cow::Borrowed)
            }
            _ => self.expected(expected),
        }
    }

    /// ```text
    /// quoted      = DQUOTE *QUOTED-CHAR DQUOTE
    /// QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> /
    ///               "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
    /// ```
    /// UTF-8 came with RFC 6855 and RFC 9051; where it was not enabled, it is let through all the same.
    pub(crate) fn quoted(&mut self) -> Parse<Cow<'a, [u8]>> {
        if let Some(plain) = self.plain_quoted() {
            return Ok(Cow::Borrowed(plain));
        }
        let start = self.at;
        self.require(b'"', "a quoted string")?;
        let plain = self.run(|octet| is_quoted_char(octet) || octet >= 0x80);
        let octets = match self.peek() {
            Some(b'\\') => Cow::Owned(self.escaped(plain)?),
            _ => Cow::Borrowed(plain),
        };
        self.require(b'"', "a quoted string's end")?;
        if !octets.is_ascii() && !self.reading.leniency.raw_octets {
            let valid = core::str::from_utf8(&octets).map(drop);
            valid.map_err(|fault| SyntaxError::new(start + 1 + fault.valid_up_to(), "UTF-8"))?;
        }
        Ok(octets)
    }

    /// A quoted string of nothing but printable ASCII, as most are.
    #[inline]
    pub(crate) fn plain_quoted(&mut self) -> Option<&'a [u8]> {
        let [b'"', rest @ ..] = self.rest() else { return None };
        let (plain, behind) = rest.split_at_checked(scan::plain(rest))?;
        if behind.first() != Some(&b'"') {
            return None;
        }
        self.at += plain.len() + 2;
        Some(plain)
    }

    /// Takes the space of another field of a list, and nothing where there might be another space or the list's end.
    #[inline]
    pub(crate) fn accept_plain_space(&mut self) -> bool {
        let is_next = matches!(self.rest(), [b' ', next, ..] if !matches!(next, b' ' | b')'));
        self.at += usize::from(is_next);
        is_next
    }

    /// The rest of a quoted string that has a backslash behind `plain`.
    fn escaped(&mut self, plain: &[u8]) -> Parse<Vec<u8>> {
        let mut octets = plain.to_vec();
        while self.accept(b'\\') {
            match self.peek() {
                Some(octet @ (b'"' | b'\\')) => octets.push(octet),
                Some(_) if self.reading.leniency.raw_backslashes => {
                    octets.push(b'\\');
                    octets.extend_from_slice(self.run(|octet| is_quoted_char(octet) || octet >= 0x80));
                    continue;
                }
                _ => return self.expected("\\\" or \\\\"),
            }
            self.at += 1;
            octets.extend_from_slice(self.run(|octet| is_quoted_char(octet) || octet >= 0x80));
        }
        Ok(octets)
    }

    /// `literal = "{" number64 ["+"] "}" CRLF *CHAR8`
    pub(crate) fn literal(&mut self) -> Parse<&'a [u8]> {
        let start = self.at;
        let len = self.literal_head()?;
        let len = usize::try_from(len).ok().filter(|&len| len <= self.rest().len());
        let Some(len) = len else {
            return Err(SyntaxError::new(start, "a literal of a length that is held"));
        };
        let octets = &self.rest()[..len];
        self.at += len;
        Ok(octets)
    }

    /// The announcement, to its CRLF.
    fn literal_head(&mut self) -> Parse<u64> {
        self.require(b'{', "a literal")?;
        let len = self.number64()?;
        if self.peek() == Some(b'+') {
            self.at += 1;
        }
        self.require(b'}', "a literal's \"}\"")?;
        if !self.accept_text("\r\n") {
            return self.expected("CRLF");
        }
        Ok(len)
    }

    /// A literal (or literal8) that may stream: [`Payload::Announced`] when it is the last of the fragment and not there.
    pub(crate) fn payload(&mut self) -> Parse<Payload<'a>> {
        let start = self.at;
        self.accept(b'~');
        let head = self.literal_head();
        match head {
            Ok(len) if len > 0 && self.is_at_end() => Ok(Payload::Announced(len)),
            Ok(_) => {
                self.at = start;
                self.accept(b'~');
                self.literal().map(|octets| Payload::Held(Cow::Borrowed(octets)))
            }
            Err(error) => Err(error),
        }
    }

    /// A string that may stream, as a FETCH response has it: quoted, literal or literal8.
    pub(crate) fn payload_string(&mut self) -> Parse<Payload<'a>> {
        match self.peek() {
            Some(b'"') => self.quoted().map(Payload::Held),
            Some(b'{' | b'~') => self.payload(),
            _ => self.expected("a quoted string or a literal"),
        }
    }
}
