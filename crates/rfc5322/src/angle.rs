//! What stands in angle brackets, and between them: the tokens of identifier lists and List-* fields.

use alloc::vec::Vec;

use crate::lexis::{is_space, pass_comment, pass_quoted};
use crate::{Defect, DefectKind};

/// A position in a value.
pub(crate) struct Angles<'a> {
    input: &'a [u8],
    position: usize,
    /// No quote behind this one is closed.
    is_quote_open: bool,
}

/// A piece of a value. Comments and white space are none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// What stands between the brackets.
    Angle { start: usize, end: usize },
    /// Octets up to white space or another token.
    Word { start: usize, end: usize },
    /// A quoted string, quotes included.
    Quoted { start: usize, end: usize },
    /// A comma, at this offset.
    Comma(usize),
}

impl<'a> Angles<'a> {
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            position: 0,
            is_quote_open: false,
        }
    }

    /// The next token. Each octet is looked at a bounded number of times.
    pub(crate) fn take(&mut self, defects: &mut Vec<Defect>) -> Option<Token> {
        loop {
            let start = self.position;
            match *self.input.get(start)? {
                octet if is_space(octet) => self.position += 1,
                b'(' => {
                    let (end, is_closed) = pass_comment(self.input, start);
                    if !is_closed {
                        let kind = DefectKind::UnclosedComment;
                        defects.push(Defect { offset: start, kind });
                    }
                    self.position = end;
                }
                b',' => {
                    self.position += 1;
                    return Some(Token::Comma(start));
                }
                b'<' => return Some(self.angle(defects)),
                b'"' if self.quoted(start, defects) => {
                    let end = self.position;
                    return Some(Token::Quoted { start, end });
                }
                _ => return Some(self.word()),
            }
        }
    }

    fn quoted(&mut self, start: usize, defects: &mut Vec<Defect>) -> bool {
        if self.is_quote_open {
            return false;
        }
        let (end, is_closed) = pass_quoted(self.input, start);
        if is_closed {
            self.position = end;
            return true;
        }
        self.is_quote_open = true;
        let kind = DefectKind::UnclosedQuote;
        defects.push(Defect { offset: start, kind });
        false
    }

    fn word(&mut self) -> Token {
        let start = self.position;
        let rest = &self.input[start + 1..];
        let ends = |&octet: &u8| is_space(octet) || matches!(octet, b'(' | b',' | b'<' | b'"');
        let end = start + 1 + rest.iter().position(ends).unwrap_or(rest.len());
        self.position = end;
        Token::Word { start, end }
    }

    /// From a `<` to the `>`, which may stand in quotes. If it is missing, up to white space or another `<`.
    fn angle(&mut self, defects: &mut Vec<Defect>) -> Token {
        let start = self.position + 1;
        self.position = start;
        let mut space = None;
        loop {
            let end = self.position;
            match self.input.get(end) {
                Some(b'>') => {
                    self.position += 1;
                    return Token::Angle { start, end };
                }
                Some(b'"') if self.quoted(end, defects) => {}
                Some(b'<') | None => break,
                Some(&octet) => {
                    if is_space(octet) || octet == b',' {
                        space = space.or(Some(end));
                    }
                    self.position += 1;
                }
            }
        }
        let end = space.unwrap_or(self.position).max(start);
        self.position = end;
        let (offset, kind) = (start - 1, DefectKind::UnclosedAngle);
        defects.push(Defect { offset, kind });
        Token::Angle { start, end }
    }
}
