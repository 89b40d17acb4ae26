//! A reader over the octets of one field body: what the parsers of dates, message ids and trace fields share.

use mail_wire::octets::{is_atext, is_wsp};

use crate::{Expected, SyntaxError};

/// A position in a field body. Moves forwards only, so whatever is built on it is linear.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    input: &'a [u8],
    position: usize,
    /// Whether octets of 128 and above are text (RFC 6532 §3.2). Then the input is UTF-8.
    is_utf8: bool,
}

/// How a run of CFWS ended; some places want white space right before what follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cfws {
    Empty,
    EndsInComment,
    EndsInSpace,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            position: 0,
            is_utf8: false,
        }
    }

    /// A cursor over text that may hold characters outside ASCII.
    pub(crate) fn utf8(input: &'a str) -> Self {
        Self {
            is_utf8: true,
            ..Self::new(input.as_bytes())
        }
    }

    /// Octets of a class of ASCII, and whatever the cursor takes besides.
    pub(crate) fn take_text(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let is_utf8 = self.is_utf8;
        self.take_while(|octet| class(octet) || is_utf8 && octet >= 0x80)
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.input[self.position..]
    }

    /// What was read since `start`, a former position.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.input[start..self.position]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.input.get(self.position).copied()
    }

    pub(crate) fn bump(&mut self) {
        self.position = self.input.len().min(self.position + 1);
    }

    pub(crate) fn take_while(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&octet| !class(octet));
        let taken = &rest[..length.unwrap_or(rest.len())];
        self.position += taken.len();
        taken
    }

    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        let found = self.peek() == Some(octet);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn require(&mut self, octet: u8, expected: Expected) -> Result<(), SyntaxError> {
        if self.eat(octet) {
            return Ok(());
        }
        Err(self.expected(expected))
    }

    pub(crate) fn require_end(&self) -> Result<(), SyntaxError> {
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(self.expected(Expected::End))
    }

    pub(crate) fn expected(&self, expected: Expected) -> SyntaxError {
        SyntaxError {
            offset: self.position,
            expected,
        }
    }

    /// Skips folding white space and says whether there was any. A fold may be a bare LF, as in messages stored with
    /// LF line ends, and one line end may close the input, as in a raw header field.
    ///
    /// ```text
    /// FWS     = ([*WSP CRLF] 1*WSP) / obs-FWS      ; RFC 5322 §3.2.2
    /// obs-FWS = 1*WSP *(CRLF 1*WSP)                ; RFC 5322 §4.2
    /// ```
    pub(crate) fn skip_fws(&mut self) -> bool {
        let start = self.position;
        loop {
            self.take_while(is_wsp);
            let fold = match self.rest() {
                [b'\r', b'\n', rest @ ..] if is_fold(rest) => 2,
                [b'\n', rest @ ..] if is_fold(rest) => 1,
                _ => break,
            };
            self.position += fold;
        }
        self.position > start
    }

    /// Skips comments and folding white space. Comments nest to any depth at no cost but a counter.
    ///
    /// ```text
    /// CFWS = (1*([FWS] comment) [FWS]) / FWS       ; RFC 5322 §3.2.2
    /// ```
    pub(crate) fn skip_cfws(&mut self) -> Result<Cfws, SyntaxError> {
        let mut seen = Cfws::Empty;
        loop {
            if self.skip_fws() {
                seen = Cfws::EndsInSpace;
            }
            if self.peek() != Some(b'(') {
                return Ok(seen);
            }
            self.comment()?;
            seen = Cfws::EndsInComment;
        }
    }

    /// Reads a comment, which the next octet opens, and returns what stands between the outer parentheses.
    /// Octets of 128 and above are text (RFC 6532 §3.1).
    ///
    /// ```text
    /// comment  = "(" *([FWS] ccontent) [FWS] ")"   ; RFC 5322 §3.2.2
    /// ccontent = ctext / quoted-pair / comment
    /// ```
    pub(crate) fn comment(&mut self) -> Result<&'a [u8], SyntaxError> {
        let start = self.position + 1;
        let mut depth = 0usize;
        loop {
            self.skip_fws();
            match self.peek() {
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                Some(b'\\') => self.bump(),
                None | Some(0 | b'\r' | b'\n') => {
                    return Err(self.expected(Expected::ClosingParenthesis));
                }
                Some(_) => {}
            }
            self.bump();
            if depth == 0 {
                return Ok(&self.input[start..self.position - 1]);
            }
        }
    }

    /// ```text
    /// dot-atom-text = 1*atext *("." 1*atext)       ; RFC 5322 §3.2.3
    /// ```
    pub(crate) fn dot_atom_text(&mut self, expected: Expected) -> Result<&'a [u8], SyntaxError> {
        let start = self.position;
        loop {
            if self.take_text(is_atext).is_empty() {
                return Err(self.expected(expected));
            }
            if !self.eat(b'.') {
                return Ok(self.since(start));
            }
        }
    }
}

/// Whether a line end that stands before `rest` is part of the field: white space or nothing follows.
fn is_fold(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&octet| is_wsp(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_nest_without_recursion() {
        let mut deep = b"(".repeat(1_000_000);
        deep.extend(b")".repeat(1_000_000));
        let mut cursor = Cursor::new(&deep);
        assert!(cursor.skip_cfws().is_ok());
        assert!(cursor.rest().is_empty());

        let mut cursor = Cursor::new(&deep[..deep.len() - 1]);
        assert!(cursor.skip_cfws().is_err());
    }

    #[test]
    fn cfws_says_how_it_ends() {
        for (input, ends, left) in [
            (&b"x"[..], Cfws::Empty, 1),
            (b" \r\n x", Cfws::EndsInSpace, 1),
            (b" (a \\) b)x", Cfws::EndsInComment, 1),
            (b"(a)(b)\t", Cfws::EndsInSpace, 0),
            (b" \r\n", Cfws::EndsInSpace, 0),
            (b" \r\nx", Cfws::EndsInSpace, 3),
        ] {
            let mut cursor = Cursor::new(input);
            assert!(cursor.skip_cfws() == Ok(ends), "{input:?}");
            assert_eq!(cursor.rest().len(), left, "{input:?}");
        }
    }
}
