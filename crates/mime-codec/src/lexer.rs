//! The words of a structured MIME field: tokens, quoted strings, comments.

use crate::sink::Sink;
use crate::{Defect, DefectKind};

/// A place in a value.
pub(crate) struct Lexer<'a, 'd> {
    pub(crate) input: &'a [u8],
    pub(crate) at: usize,
    pub(crate) defects: Sink<'d>,
    /// A comment from here on has no end: parentheses are text.
    comments_end: bool,
}

/// A value as it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw<'a> {
    /// Without the quotes, with the backslashes and line ends.
    pub(crate) octets: &'a [u8],
    pub(crate) is_quoted: bool,
    /// Octets of the whole value in front of `octets`.
    pub(crate) offset: usize,
}

impl Raw<'_> {
    /// Whether this is a quoted `C:\menu.pdf` as old mail programs write it, whose backslashes were not meant to quote.
    pub(crate) fn is_path(&self) -> bool {
        let [drive, b':', b'\\', next, ..] = self.octets else {
            return false;
        };
        self.is_quoted && drive.is_ascii_alphabetic() && !matches!(next, b'\\' | b'"')
    }
}

impl<'a, 'd> Lexer<'a, 'd> {
    pub(crate) fn new(input: &'a [u8], at: usize, defects: Sink<'d>) -> Self {
        Self {
            input,
            at,
            defects,
            comments_end: false,
        }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    pub(crate) fn report(&mut self, offset: usize, kind: DefectKind) {
        self.defects.report(offset, kind);
    }

    /// Skips white space, line ends and comments.
    ///
    /// ```text
    /// CFWS = (1*([FWS] comment) [FWS]) / FWS     ; RFC 5322 §3.2.2
    /// ```
    #[inline]
    pub(crate) fn skip_cfws(&mut self) {
        // There is none in most places.
        if matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n' | b'(')) {
            self.skip_some_cfws();
        }
    }

    fn skip_some_cfws(&mut self) {
        loop {
            self.skip(is_space);
            if self.peek() != Some(b'(') {
                return;
            }
            let Some(end) = self.comment_end() else { return };
            self.at = end;
        }
    }

    /// Skips octets of a class, and answers them.
    pub(crate) fn skip(&mut self, class: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.input[self.at..];
        let length = rest.iter().position(|&octet| !class(octet)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// ```text
    /// token = 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>     ; RFC 2045 §5.1
    /// ```
    pub(crate) fn token(&mut self) -> Option<&'a [u8]> {
        Some(self.skip(is_token)).filter(|token| !token.is_empty())
    }

    /// Whether `token=` stands here, which is taken for a parameter where a semicolon is missing.
    pub(crate) fn is_at_parameter(&self) -> bool {
        let rest = &self.input[self.at..];
        let token = rest.iter().take_while(|&&octet| is_token(octet)).count();
        token > 0 && rest.get(token) == Some(&b'=')
    }

    /// Skips what cannot be read, up to a semicolon.
    pub(crate) fn skip_junk(&mut self) {
        let rest = &self.input[self.at..];
        self.at += memchr::memchr(b';', rest).unwrap_or(rest.len());
    }

    /// Behind a value: only white space, comments and the next parameter may follow.
    pub(crate) fn end_value(&mut self) {
        self.skip_cfws();
        if self.peek() == Some(b'(') {
            let unclosed: Defect = rfc5322::Defect {
                offset: self.at,
                kind: rfc5322::DefectKind::UnclosedComment,
            }
            .into();
            self.report(unclosed.offset, unclosed.kind);
            self.skip_junk();
        }
        if !matches!(self.peek(), None | Some(b';')) && !self.is_at_parameter() {
            self.report(self.at, DefectKind::JunkAfterValue);
            self.skip_junk();
        }
    }

    /// The value behind `=`.
    ///
    /// ```text
    /// value = token / quoted-string     ; RFC 2045 §5.1
    /// ```
    pub(crate) fn value(&mut self) -> Raw<'a> {
        match self.peek() {
            Some(b'"') => {
                let raw = self.quoted();
                if raw.is_path() {
                    self.report(raw.offset, DefectKind::UnescapedBackslash);
                }
                self.end_value();
                raw
            }
            _ => self.unquoted(),
        }
    }

    /// From the quote on. Without a second one, the rest of the input.
    pub(crate) fn quoted(&mut self) -> Raw<'a> {
        let start = self.at + 1;
        let mut at = start;
        while let Some(step) = memchr::memchr2(b'"', b'\\', &self.input[at.min(self.input.len())..]) {
            at += step;
            if self.input[at] == b'"' {
                self.at = at + 1;
                return self.raw(start, at, true);
            }
            at += 2;
        }
        let unclosed = DefectKind::Header(rfc5322::DefectKind::UnclosedQuote);
        self.report(start - 1, unclosed);
        self.at = self.input.len();
        self.raw(start, self.input.len(), true)
    }

    /// A token, or all that reaches up to a semicolon or to what looks like a parameter.
    fn unquoted(&mut self) -> Raw<'a> {
        let start = self.at;
        self.skip(is_token);
        let mut end = self.at;
        if !matches!(self.peek(), None | Some(b';')) {
            end = self.beyond_token(start);
        }
        if end == start {
            self.report(start, DefectKind::EmptyParameterValue);
        }
        self.raw(start, end, false)
    }

    /// Goes on behind the token that began at `start`; answers where the value ends.
    fn beyond_token(&mut self, start: usize) -> usize {
        let mut end = self.at;
        let mut is_defect = false;
        while let Some(octet) = self.peek() {
            if octet == b';' {
                break;
            }
            if is_space(octet) || octet == b'(' {
                self.skip_cfws();
                let ends = matches!(self.peek(), None | Some(b';')) || (end > start && self.is_at_parameter());
                if ends {
                    break;
                }
            }
            // Whatever stands here belongs to the value, a comment in the middle of it included.
            is_defect = true;
            self.at += usize::from(self.peek().is_some());
            self.skip(is_token);
            end = self.at;
        }
        if is_defect {
            self.report(start, DefectKind::UnquotedParameterValue);
        }
        end
    }

    fn raw(&self, start: usize, end: usize, is_quoted: bool) -> Raw<'a> {
        Raw {
            octets: &self.input[start.min(end)..end],
            is_quoted,
            offset: start,
        }
    }

    /// Where the comment that begins here ends. An endless one is looked for once.
    fn comment_end(&mut self) -> Option<usize> {
        if self.comments_end {
            return None;
        }
        let mut depth = 0_usize;
        let mut at = self.at;
        while let Some(&octet) = self.input.get(at) {
            at += 1;
            match octet {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        self.comments_end = true;
        None
    }
}

/// White space and line ends: RFC 5322 §3.2.2 folds, and what stray CR and LF there are.
pub(crate) const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// ```text
/// tspecials = "(" / ")" / "<" / ">" / "@" / "," / ";" / ":" / "\" / <"> / "/" / "[" / "]" / "?" / "="     ; RFC 2045 §5.1
/// ```
pub(crate) const fn is_token(octet: u8) -> bool {
    TOKEN[octet as usize]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < table.len() {
        table[octet] = in_token(octet as u8);
        octet += 1;
    }
    table
};

const fn in_token(octet: u8) -> bool {
    let is_tspecial = matches!(
        octet,
        b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"' | b'/' | b'[' | b']' | b'?' | b'='
    );
    octet.is_ascii_graphic() && !is_tspecial
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn every_octet_is_in_its_class() {
        let tokens: String = (0..=u8::MAX).filter(|&octet| is_token(octet)).map(char::from).collect();
        let expected = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~";
        assert_eq!(tokens, expected);
    }
}
