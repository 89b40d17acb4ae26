//! What no concept file knows: kept as it came, written back unchanged, read as a tree without recursion.

use alloc::borrow::Cow;
use core::fmt;

use bounded_static::ToStatic;
use mail_wire::Escaped;

use crate::syntax::class::is_atom_char;
use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Reading, SyntaxError};

/// A value that this crate does not know: a well-formed run of atoms, strings and lists, in the peer's spelling.
///
/// Two are equal when they are spelled alike. [`iter`](Self::iter) reads the tree.
#[derive(Clone, PartialEq, Eq, Hash, Default, ToStatic)]
pub struct Tokens<'a>(Cow<'a, [u8]>);

/// A piece of [`Tokens`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token<'a> {
    /// `(` or `[`
    Open(u8),
    /// `)` or `]`
    Close(u8),
    /// A word without brackets, spaces and quotes; also numbers, sets, flags and `NIL`.
    Word(&'a [u8]),
    /// A quoted string or literal, unquoted.
    String(Cow<'a, [u8]>),
}

impl<'a> Tokens<'a> {
    /// Tokens in the spelling of the wire, for what this crate has no type for.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when brackets do not match, a string has no end, or there is a CR or LF outside of literals.
    pub fn new(wire: impl Into<Cow<'a, [u8]>>) -> Result<Self, SyntaxError> {
        let wire = wire.into();
        let mut reader = Reader::new(&wire, Reading::STRICT);
        skip_items(&mut reader)?;
        if !reader.is_at_end() {
            return reader.expected("a word, a string or a list");
        }
        Ok(Self(wire))
    }

    /// In the spelling of the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tree, flat.
    pub fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        let mut reader = Reader::new(&self.0, Reading::LENIENT);
        core::iter::from_fn(move || {
            while reader.accept(b' ') {}
            next(&mut reader).ok().flatten()
        })
    }

    /// For octets that were read as such.
    pub(crate) const fn checked(wire: &'a [u8]) -> Self {
        Self(Cow::Borrowed(wire))
    }

    /// As one word, string or list: NIL where there is none, a list where there are several.
    pub(crate) fn write_one(&self, writer: &mut Writer<'_>) {
        let mut reader = Reader::new(&self.0, Reading::LENIENT);
        let is_one = skip_item(&mut reader).is_ok() && reader.is_at_end();
        match self.is_empty() {
            true => writer.text("NIL"),
            false if is_one => self.write(writer),
            false => {
                writer.text("(");
                self.write(writer);
                writer.text(")");
            }
        }
    }

    /// One word, string or list.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        skip_item(reader)?;
        Ok(Self(Cow::Borrowed(reader.since(start))))
    }

    /// All words, strings and lists up to CRLF or a bracket that closes something further out.
    pub(crate) fn read_all(reader: &mut Reader<'a>) -> Parse<Self> {
        let start = reader.offset();
        skip_items(reader)?;
        Ok(Self(Cow::Borrowed(reader.since(start))))
    }

    /// As it came; literals in the form that the peer takes.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        if memchr::memchr(b'{', &self.0).is_none() {
            return writer.raw(&self.0);
        }
        let mut reader = Reader::new(&self.0, Reading::LENIENT);
        while let Some(octet) = reader.peek() {
            let start = reader.offset();
            match (octet, next(&mut reader)) {
                (b'{', Ok(Some(Token::String(octets)))) => writer.same_literal(&octets),
                (b'~', Ok(Some(Token::String(octets)))) => writer.literal8(&octets),
                (_, Ok(Some(_))) => writer.raw(reader.since(start)),
                // A space: it is no token.
                _ => {
                    writer.raw(&[octet]);
                    reader.rewind(start + 1);
                }
            }
        }
    }
}

/// One item; with `None` the position is at the end of the items.
fn next<'a>(reader: &mut Reader<'a>) -> Parse<Option<Token<'a>>> {
    let Some(octet) = reader.peek() else { return Ok(None) };
    Ok(Some(match octet {
        b'(' | b'[' => {
            reader.skip(1);
            Token::Open(octet)
        }
        b')' | b']' => {
            reader.skip(1);
            Token::Close(octet)
        }
        b'"' => Token::String(reader.quoted()?),
        b'{' => Token::String(Cow::Borrowed(reader.literal()?)),
        b'~' if reader.peek_at(1) == Some(b'{') => {
            reader.skip(1);
            Token::String(Cow::Borrowed(reader.literal()?))
        }
        _ => Token::Word(reader.run1(is_word_char, "a word, a string or a list")?),
    }))
}

/// What words are made of: more than atoms, since flags have a backslash and sets a star.
const fn is_word_char(octet: u8) -> bool {
    is_atom_char(octet) && octet != b'[' || matches!(octet, b'\\' | b'*' | b'%') || octet >= 0x80
}

fn skip_item(reader: &mut Reader<'_>) -> Parse<()> {
    let mut open = 0usize;
    loop {
        match next(reader)? {
            Some(Token::Open(_)) => {
                open += 1;
                while reader.accept(b' ') {}
            }
            Some(Token::Close(_)) if open == 0 => {
                reader.rewind(reader.offset() - 1);
                return reader.expected("a word, a string or a list");
            }
            Some(Token::Close(_)) => open -= 1,
            Some(_) => {}
            None => return reader.expected("a word, a string or a list"),
        }
        if open == 0 {
            // `BODY[TEXT]<0>` and `KEY=(...)` are one item: what touches belongs together.
            if reader
                .peek()
                .is_some_and(|octet| is_word_char(octet) || matches!(octet, b'(' | b'['))
            {
                continue;
            }
            return Ok(());
        }
        while reader.accept(b' ') {}
    }
}

fn skip_items(reader: &mut Reader<'_>) -> Parse<()> {
    loop {
        if matches!(reader.peek(), None | Some(b')' | b']' | b'\r')) {
            return Ok(());
        }
        skip_item(reader)?;
        let behind = reader.offset();
        if !reader.accept(b' ') {
            return Ok(());
        }
        if matches!(reader.peek(), None | Some(b')' | b']' | b'\r')) {
            reader.rewind(behind);
            return Ok(());
        }
    }
}

impl fmt::Debug for Tokens<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", Escaped(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_tree_is_read_flat() {
        let tokens = Tokens::new(b"(a \"b\\\"\" (NIL {3}\r\nx\r\n)) BODY[TEXT]<0> \\Seen 1:*".as_slice()).unwrap();
        let read: Vec<_> = tokens.iter().collect();
        assert_eq!(read.len(), 15, "{read:?}");
        assert_eq!(read[2], Token::String(Cow::Borrowed(b"b\"".as_slice())));
        assert_eq!(read[5], Token::String(Cow::Borrowed(b"x\r\n".as_slice())));
    }

    #[test]
    fn what_is_not_balanced_is_refused() {
        for bad in ["(", "a)", "(a", "\"a", "{5}\r\nabc", "a\r\nb", "a \0"] {
            assert!(Tokens::new(bad.as_bytes()).is_err(), "{bad:?}");
        }
        for good in ["", "a", "()", "( )", "(a (b) c) d"] {
            assert!(Tokens::new(good.as_bytes()).is_ok(), "{good:?}");
        }
    }

    /// docs/threats.md row 13
    #[test]
    fn depth_costs_nothing() {
        let mut deep = alloc::vec![b'('; 1_000_000];
        deep.extend_from_slice(&[b')'; 1_000_000]);
        let tokens = Tokens::new(deep).unwrap();
        assert_eq!(tokens.iter().count(), 2_000_000);
    }
}
