//! Strings, however they are spelled.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::{Parse, Reader};
use crate::syntax::class::{is_astring_char, is_atom_char, is_quoted_char};
use crate::syntax::scan;
use crate::{AString, Octets, Payload, SyntaxError};

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
    #[inline(always)]
    pub(crate) fn accept_nil(&mut self) -> bool {
        match self.rest {
            [b'N', b'I', b'L', behind @ ..] if matches!(behind, [b' ' | b')', ..]) => {
                self.rest = behind;
                true
            }
            [b'N' | b'n', ..] => self.accept_rare_nil(),
            _ => false,
        }
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

    pub(super) fn string_octets(&mut self, expected: &'static str) -> Parse<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            // literal8, which servers send for nstring as well (RFC 3516 §4.1 has it in BINARY only)
            Some(b'~') if self.peek_at(1) == Some(b'{') => {
                self.skip(1);
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
        let start = self.offset();
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
    #[inline(always)]
    pub(crate) fn plain_quoted(&mut self) -> Option<&'a [u8]> {
        let [b'"', rest @ ..] = self.rest else { return None };
        let (plain, [b'"', behind @ ..]) = rest.split_at_checked(scan::plain(rest))? else {
            return None;
        };
        self.rest = behind;
        Some(plain)
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

    /// The rest of a quoted string that has a backslash behind `plain`.
    pub(super) fn escaped(&mut self, plain: &[u8]) -> Parse<Vec<u8>> {
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
            self.skip(1);
            octets.extend_from_slice(self.run(|octet| is_quoted_char(octet) || octet >= 0x80));
        }
        Ok(octets)
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
