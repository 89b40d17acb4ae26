//! Strings, however they are spelled.

use alloc::borrow::Cow;

use super::{Parse, Reader};
use crate::syntax::class::{is_astring_char, is_atom_char, is_quoted_char};
use crate::syntax::scan;
use crate::syntax::spelled::Spelled;
use crate::{AString, Payload, SyntaxError};

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

    pub(super) fn string_on_a_line(&mut self, expected: &'static str) -> Parse<AString<'a>> {
        let start = self.offset();
        let octets = self.spelled_string(expected)?;
        AString::new(octets).map_err(|_| SyntaxError::new(start, "a string without NUL, CR and LF"))
    }

    /// `string = quoted / literal`
    #[inline]
    pub(crate) fn string(&mut self) -> Parse<Spelled<'a>> {
        self.spelled_string("a quoted string or a literal")
    }

    /// `nstring = string / nil`
    pub(crate) fn nstring(&mut self) -> Parse<Option<Spelled<'a>>> {
        if self.accept_nil() {
            return Ok(None);
        }
        self.spelled_string("a quoted string, a literal or NIL").map(Some)
    }

    /// `nil = "NIL"`, in any case and no longer word.
    #[inline(always)]
    pub(crate) fn accept_nil(&mut self) -> bool {
        if is_plain_nil(self.rest) {
            self.skip(3);
            return true;
        }
        matches!(self.rest, [b'N' | b'n', ..]) && self.accept_rare_nil()
    }

    /// `SP nil` as most are; `false` says nothing of others.
    #[inline(always)]
    pub(crate) fn accept_next_nil(&mut self) -> bool {
        let is_next = matches!(self.rest, [b' ', behind @ ..] if is_plain_nil(behind));
        if is_next {
            self.skip(4);
        }
        is_next
    }

    #[cold]
    fn accept_rare_nil(&mut self) -> bool {
        match self.rest {
            [b'N' | b'n', b'I' | b'i', b'L' | b'l', behind @ ..] if !matches!(behind, [next, ..] if is_atom_char(*next)) =>
            {
                self.rest = behind;
                true
            }
            _ => false,
        }
    }

    pub(super) fn spelled_string(&mut self, expected: &'static str) -> Parse<Spelled<'a>> {
        match self.peek() {
            Some(b'"') => self.spelled_quoted(),
            Some(b'{') => self.literal().map(Spelled::plain),
            // literal8, which servers send for nstring as well (RFC 3516 §4.1 has it in BINARY only)
            Some(b'~') if self.peek_at(1) == Some(b'{') => {
                self.skip(1);
                self.literal().map(Spelled::plain)
            }
            _ => self.expected(expected),
        }
    }

    pub(crate) fn quoted(&mut self) -> Parse<Cow<'a, [u8]>> {
        self.spelled_quoted().map(Cow::from)
    }

    /// ```text
    /// quoted      = DQUOTE *QUOTED-CHAR DQUOTE
    /// QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> /
    ///               "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
    /// ```
    /// UTF-8 came with RFC 6855 and RFC 9051; where it was not enabled, it is let through all the same.
    fn spelled_quoted(&mut self) -> Parse<Spelled<'a>> {
        if let Some(plain) = self.plain_quoted() {
            return Ok(plain);
        }
        let start = self.offset();
        self.require(b'"', "a quoted string")?;
        self.run(is_unescaped_char);
        let mut has_escapes = false;
        while self.accept(b'\\') {
            has_escapes = true;
            match self.peek() {
                Some(b'"' | b'\\') => self.skip(1),
                Some(_) if self.reading.leniency.raw_backslashes => {}
                _ => return self.expected("\\\" or \\\\"),
            }
            self.run(is_unescaped_char);
        }
        let octets = self.since(start + 1);
        self.require(b'"', "a quoted string's end")?;
        if !octets.is_ascii() && !self.reading.leniency.raw_octets {
            let valid = core::str::from_utf8(octets).map(drop);
            valid.map_err(|fault| SyntaxError::new(start + 1 + fault.valid_up_to(), "UTF-8"))?;
        }
        Ok(match has_escapes {
            true => Spelled::escaped(octets),
            false => Spelled::plain(octets),
        })
    }

    /// A quoted string of nothing but printable ASCII, as most are.
    #[inline(always)]
    pub(crate) fn plain_quoted(&mut self) -> Option<Spelled<'a>> {
        self.plain_quoted_in(self.rest)
    }

    /// The same behind a space.
    #[inline(always)]
    pub(crate) fn next_plain_quoted(&mut self) -> Option<Spelled<'a>> {
        let [b' ', rest @ ..] = self.rest else { return None };
        self.plain_quoted_in(rest)
    }

    /// The same at the front of `rest`.
    #[inline(always)]
    fn plain_quoted_in(&mut self, rest: &'a [u8]) -> Option<Spelled<'a>> {
        let [b'"', rest @ ..] = rest else { return None };
        let (plain, [b'"', behind @ ..]) = rest.split_at_checked(scan::plain(rest))? else {
            return None;
        };
        self.rest = behind;
        Some(Spelled::plain(plain))
    }

    /// Takes the space of another field of a list, and nothing where there might be another space or the list's end.
    #[inline]
    pub(crate) fn accept_plain_space(&mut self) -> bool {
        match self.rest {
            [b' ', behind @ ..] if !matches!(behind, [] | [b' ' | b')', ..]) => {
                self.rest = behind;
                true
            }
            _ => false,
        }
    }

    /// `literal = "{" number64 ["+"] "}" CRLF *CHAR8`
    pub(crate) fn literal(&mut self) -> Parse<&'a [u8]> {
        let start = self.offset();
        let len = self.literal_head()?;
        let split = usize::try_from(len)
            .ok()
            .and_then(|len| self.rest.split_at_checked(len));
        let Some((octets, behind)) = split else {
            return Err(SyntaxError::new(start, "a literal of a length that is held"));
        };
        self.rest = behind;
        Ok(octets)
    }

    /// The announcement, to its CRLF.
    pub(super) fn literal_head(&mut self) -> Parse<u64> {
        self.require(b'{', "a literal")?;
        let len = self.number64()?;
        self.accept(b'+');
        self.require(b'}', "a literal's \"}\"")?;
        if !self.accept_text("\r\n") {
            return self.expected("CRLF");
        }
        Ok(len)
    }

    /// A literal (or literal8) that may stream: [`Payload::Announced`] when it is the last of the fragment and not there.
    pub(crate) fn payload(&mut self) -> Parse<Payload<'a>> {
        let start = self.offset();
        self.accept(b'~');
        let head = self.literal_head();
        match head {
            Ok(len) if len > 0 && self.is_at_end() => Ok(Payload::Announced(len)),
            Ok(_) => {
                self.rewind(start);
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

/// Whether NIL is at the front as servers spell it, and another field or the end of a list behind it.
#[inline(always)]
fn is_plain_nil(octets: &[u8]) -> bool {
    octets
        .first_chunk()
        .is_some_and(|next| next == b"NIL " || next == b"NIL)")
}

/// A QUOTED-CHAR that needs no backslash.
const fn is_unescaped_char(octet: u8) -> bool {
    is_quoted_char(octet) || octet >= 0x80
}
