//! Replies: code, enhanced code, lines of text (RFC 5321 §4.2, RFC 2034 §4).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::text::is_textstring;
use crate::{EnhancedCode, Expected, ReplyText, SyntaxError};
use mail_wire::Escaped;

/// What the server answered: a code and the text of one or more lines.
///
/// The text is the peer's: octets without control characters but the tab, and not always ASCII. Its `Display` form is safe for a terminal.
///
/// ```
/// # use smtp_proto::{Class, Reply};
/// let reply = Reply::parse(b"550-5.1.1 No such user\r\n550 5.1.1 Ask postmaster\r\n").unwrap();
/// assert_eq!(reply.code().class(), Class::Permanent);
/// assert_eq!(reply.enhanced().unwrap().to_string(), "5.1.1");
/// assert_eq!(reply.lines().count(), 2);
/// assert_eq!(reply.to_string(), r"550 5.1.1 No such user / 5.1.1 Ask postmaster");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    /// The lines' texts with LF between them.
    text: Box<[u8]>,
    code: ReplyCode,
}

impl Reply {
    /// A reply with this text. For servers and tests.
    pub fn new(code: ReplyCode, text: &ReplyText) -> Self {
        Self::from_parts(code, text.as_str().as_bytes().into())
    }

    /// Parses one whole reply, its last CRLF included and nothing behind it.
    ///
    /// # Errors
    ///
    /// The first octet that RFC 5321 §4.2 does not allow, or a code that differs from the first line's.
    pub fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let mut assembly = Assembly::default();
        let mut offset = 0;
        while let Some(lf) = octets[offset..].iter().position(|&octet| octet == b'\n') {
            let line = &octets[offset..offset + lf];
            let Some(content) = line.strip_suffix(b"\r") else {
                return Err(SyntaxError::new(offset + lf, Expected::Octet(b'\r')));
            };
            let end = assembly.line(content).map_err(|e| e.shifted(offset))?;
            offset += lf + 1;
            match (end, offset == octets.len()) {
                (LineOf::Last, true) => return assembly.finish(),
                (LineOf::Last, false) => return Err(SyntaxError::new(offset, Expected::EndOfLine)),
                (LineOf::More, _) => {}
            }
        }
        Err(SyntaxError::new(octets.len(), Expected::ReplyLine))
    }

    /// The code.
    pub const fn code(&self) -> ReplyCode {
        self.code
    }

    /// The enhanced code at the front of the text, if there is one that agrees with the reply's code (RFC 2034 §4).
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        let first = self.lines().next()?;
        let word = first.split(|&octet| octet == b' ').next()?;
        let code: EnhancedCode = core::str::from_utf8(word).ok()?.parse().ok()?;
        (code.class() == self.code.class()).then_some(code)
    }

    /// The text of each line, without code and CRLF. At least one.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|&octet| octet == b'\n')
    }

    /// Whether the code is 2yz.
    pub fn is_positive(&self) -> bool {
        self.code.class() == Class::Positive
    }

    /// Appends the wire form.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_lines(out, self.code, None, &self.text);
    }

    fn from_parts(code: ReplyCode, text: Box<[u8]>) -> Self {
        Self { text, code }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)?;
        for (i, line) in self.lines().enumerate() {
            let separator = if i == 0 { " " } else { " / " };
            write!(f, "{separator}{}", Escaped(line))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({self})")
    }
}

/// A reply's code: three digits, the first 2 to 5, the second 0 to 5 (RFC 5321 §4.2).
///
/// ```
/// # use smtp_proto::{Class, ReplyCode};
/// assert_eq!(ReplyCode::try_from(451).unwrap().class(), Class::Transient);
/// assert!(ReplyCode::try_from(199).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// What the first digit says: a client acts by it alone (RFC 5321 §4.2).
    pub const fn class(self) -> Class {
        match self.0 / 100 {
            2 => Class::Positive,
            3 => Class::Intermediate,
            4 => Class::Transient,
            _ => Class::Permanent,
        }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    pub(crate) const fn known(number: u16) -> Self {
        assert!(is_code(number), "not a reply code");
        Self(number)
    }
}

const fn is_code(number: u16) -> bool {
    matches!(number, 200..=599) && number % 100 < 60
}

impl TryFrom<u16> for ReplyCode {
    type Error = SyntaxError;

    fn try_from(number: u16) -> Result<Self, SyntaxError> {
        is_code(number)
            .then_some(Self(number))
            .ok_or(SyntaxError::new(0, Expected::ReplyCode))
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The severity of a reply (RFC 5321 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// 2yz: done.
    Positive,
    /// 3yz: go on.
    Intermediate,
    /// 4yz: refused for now; the same may succeed later.
    Transient,
    /// 5yz: refused.
    Permanent,
}

/// A reply whose lines come one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assembly {
    code: Option<ReplyCode>,
    text: Vec<u8>,
    lines: usize,
}

/// Whether a reply goes on behind a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineOf {
    More,
    Last,
}

impl Assembly {
    /// Takes the next line, without its CRLF.
    ///
    /// ```text
    /// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
    /// Reply-code = %x32-35 %x30-35 %x30-39                              (RFC 5321 §4.2)
    /// ```
    ///
    /// Octets beyond US-ASCII are taken as they are: servers write whole languages there, SMTPUTF8 or not, and no decision
    /// rests on them.
    pub(crate) fn line(&mut self, line: &[u8]) -> Result<LineOf, SyntaxError> {
        let code = reply_code(line)?;
        if self.code.is_some_and(|first| first != code) {
            return Err(SyntaxError::new(0, Expected::SameReplyCode));
        }
        let (end, text) = match line.get(3) {
            None => (LineOf::Last, &line[3..]),
            Some(b' ') => (LineOf::Last, &line[4..]),
            Some(b'-') => (LineOf::More, &line[4..]),
            Some(_) => return Err(SyntaxError::new(3, Expected::Space)),
        };
        if let Some(at) = text.iter().position(|&octet| octet < 0x80 && !is_textstring(octet)) {
            return Err(SyntaxError::new(at + 4, Expected::ReplyText));
        }
        if self.lines > 0 {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(text);
        self.code = Some(code);
        self.lines += 1;
        Ok(end)
    }

    /// Octets kept so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.lines
    }

    /// The reply, behind its last line. The assembly is empty again.
    pub(crate) fn finish(&mut self) -> Result<Reply, SyntaxError> {
        let Self { code, text, .. } = core::mem::take(self);
        let code = code.ok_or(SyntaxError::new(0, Expected::ReplyLine))?;
        Ok(Reply::from_parts(code, text.into()))
    }
}

fn reply_code(line: &[u8]) -> Result<ReplyCode, SyntaxError> {
    let error = SyntaxError::new(0, Expected::ReplyCode);
    let Some(&[a, b, c]) = line.first_chunk::<3>() else {
        return Err(error);
    };
    if !matches!((a, b, c), (b'2'..=b'5', b'0'..=b'5', b'0'..=b'9')) {
        return Err(error);
    }
    let digit = |octet: u8| u16::from(octet - b'0');
    ReplyCode::try_from(digit(a) * 100 + digit(b) * 10 + digit(c))
}

/// Appends a reply: each line of `text` gets the code, and the enhanced code too (RFC 2034 §4).
pub(crate) fn write_lines(out: &mut Vec<u8>, code: ReplyCode, enhanced: Option<EnhancedCode>, text: &[u8]) {
    let mut lines = text.split(|&octet| octet == b'\n').peekable();
    while let Some(line) = lines.next() {
        let separator = if lines.peek().is_some() { '-' } else { ' ' };
        write_front(out, code, separator, enhanced);
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
}

fn write_front(out: &mut Vec<u8>, code: ReplyCode, separator: char, enhanced: Option<EnhancedCode>) {
    let number = code.number();
    let digit = |value: u16| b'0' + (value % 10) as u8;
    out.extend_from_slice(&[digit(number / 100), digit(number / 10), digit(number), separator as u8]);
    let Some(enhanced) = enhanced else { return };
    let class = digit(number / 100);
    out.extend_from_slice(&[class, b'.']);
    write_number(out, enhanced.subject());
    out.push(b'.');
    write_number(out, enhanced.detail());
    out.push(b' ');
}

/// A number of at most three digits.
fn write_number(out: &mut Vec<u8>, number: u16) {
    let digit = |value: u16| b'0' + (value % 10) as u8;
    if number >= 100 {
        out.push(digit(number / 100));
    }
    if number >= 10 {
        out.push(digit(number / 10));
    }
    out.push(digit(number));
}
