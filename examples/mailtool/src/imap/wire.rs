//! Data in the spelling of the wire, as nested lists. It reads what imap-proto has written, which is well-formed, and takes anything.

use std::borrow::Cow;
use std::io;

use crate::pen::Pen;

/// Words, strings and lists, one after the other.
pub(crate) struct Wire<'a> {
    rest: &'a [u8],
    /// No `]` is left that closes: a `[` is not looked behind again.
    has_no_close: bool,
}

/// What stands at the front.
pub(crate) enum Piece<'a> {
    Open,
    Close,
    /// With the brackets that touch it: `BODY[1.2]<0>`.
    Word(&'a [u8]),
    String(Cow<'a, [u8]>),
}

impl<'a> Wire<'a> {
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            has_no_close: false,
        }
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        without_spaces(self.rest)
    }

    /// The next word; empty where there is none.
    pub(crate) fn word(&mut self) -> &'a [u8] {
        self.rest = self.rest();
        match self.rest.first() {
            None | Some(b'(' | b')' | b'"') => b"",
            Some(_) => self.take_word(),
        }
    }

    pub(crate) fn next(&mut self) -> Option<Piece<'a>> {
        self.rest = self.rest();
        let first = *self.rest.first()?;
        Some(match first {
            b'(' => self.bracket(Piece::Open),
            b')' => self.bracket(Piece::Close),
            b'"' => Piece::String(self.quoted()),
            b'{' | b'~' => match self.literal() {
                Some(octets) => Piece::String(Cow::Borrowed(octets)),
                None => Piece::Word(self.take_word()),
            },
            _ => Piece::Word(self.take_word()),
        })
    }

    /// All that is left, as the values of a list.
    pub(crate) fn write(&mut self, pen: &mut Pen<'_>) -> io::Result<()> {
        while self.write_one(pen, 1)? {}
        Ok(())
    }

    /// The next value, or nothing behind the last.
    pub(crate) fn write_value(&mut self, pen: &mut Pen<'_>) -> io::Result<()> {
        match self.write_one(pen, 1)? {
            true => Ok(()),
            false => pen.none(),
        }
    }

    /// `false` at the end of the list.
    fn write_one(&mut self, pen: &mut Pen<'_>, depth: usize) -> io::Result<bool> {
        let before = self.rest();
        let Some(piece) = self.next() else { return Ok(false) };
        match piece {
            Piece::Close => return Ok(false),
            Piece::Open if depth < DEEPEST => pen.list(|pen| {
                while self.write_one(pen, depth + 1)? {}
                Ok(())
            })?,
            Piece::Open => {
                self.skip_list();
                pen.text(&before[..before.len() - self.rest.len()])?;
            }
            Piece::Word(word) if word.eq_ignore_ascii_case(b"NIL") => pen.none()?,
            Piece::Word(word) => pen.text(word)?,
            Piece::String(string) => pen.text(string)?,
        }
        Ok(true)
    }

    /// Up to the bracket that closes the one that was read.
    fn skip_list(&mut self) {
        let mut open = 1usize;
        while open > 0 {
            match self.next() {
                Some(Piece::Open) => open += 1,
                Some(Piece::Close) => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn bracket(&mut self, piece: Piece<'a>) -> Piece<'a> {
        self.take(1);
        piece
    }

    fn take(&mut self, octets: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(octets.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn take_word(&mut self) -> &'a [u8] {
        let mut len = 0;
        while let Some(octet) = self.rest.get(len) {
            match octet {
                b' ' | b'(' | b')' | b'"' | b'\r' | b'\n' if len > 0 => break,
                b'[' => len += self.bracketed(len),
                _ => len += 1,
            }
        }
        self.take(len)
    }

    /// Octets from the `[` at `start` to its `]`; 1 where there is none.
    fn bracketed(&mut self, start: usize) -> usize {
        if self.has_no_close {
            return 1;
        }
        // `]` may stand in the names of header fields.
        let (mut is_quoted, mut open) = (false, 0usize);
        for (at, octet) in self.rest[start..].iter().enumerate() {
            match octet {
                b'"' => is_quoted = !is_quoted,
                b'(' if !is_quoted => open += 1,
                b')' if !is_quoted => open = open.saturating_sub(1),
                b']' if !is_quoted && open == 0 => return at + 1,
                _ => {}
            }
        }
        self.has_no_close = true;
        1
    }

    fn quoted(&mut self) -> Cow<'a, [u8]> {
        self.take(1);
        let is_plain = |octet: &u8| !matches!(octet, b'"' | b'\\');
        let plain = self
            .rest
            .iter()
            .position(|octet| !is_plain(octet))
            .unwrap_or(self.rest.len());
        if self.rest.get(plain) != Some(&b'\\') {
            let text = self.take(plain);
            self.take(1);
            return Cow::Borrowed(text);
        }
        let mut text = Vec::new();
        let mut octets = self.rest.iter().enumerate();
        let mut len = self.rest.len();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'"' => {
                    len = at + 1;
                    break;
                }
                b'\\' => text.extend(octets.next().map(|(_, octet)| *octet)),
                _ => text.push(*octet),
            }
        }
        self.take(len);
        Cow::Owned(text)
    }

    fn literal(&mut self) -> Option<&'a [u8]> {
        let head = self.rest.strip_prefix(b"~").unwrap_or(self.rest).strip_prefix(b"{")?;
        let digits = head.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let len: usize = str::from_utf8(&head[..digits]).ok()?.parse().ok()?;
        let octets = head[digits..].strip_prefix(b"}\r\n")?.get(..len)?;
        self.rest = &head[digits + b"}\r\n".len() + len..];
        Some(octets)
    }
}

fn without_spaces(octets: &[u8]) -> &[u8] {
    let spaces = octets.iter().take_while(|octet| **octet == b' ').count();
    &octets[spaces..]
}

/// Lists within lists, beyond which they are shown in the spelling of the wire: readers of JSON have limits of their own, and the
/// stack has one.
const DEEPEST: usize = 100;
