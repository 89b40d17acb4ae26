//! Mailboxes: `local-part@domain` (RFC 5321 §4.1.2).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use mail_wire::octets::{is_atext, is_qtext_smtp, is_quoted_pair_smtp, is_utf8_non_ascii};

use crate::domain::{self, hash_ignoring_case};
use crate::scan::{self, Charset, Scanned};
use crate::{Domain, Expected, Host, SyntaxError};

/// An address as SMTP knows it: a local part of at most 64 octets, and at most 254 in all (RFC 5321 §4.5.3.1).
///
/// Two mailboxes are equal when their local parts are, quoting aside and case regarded, and their domains without regard
/// to case. It is written with the least quoting that its local part needs.
///
/// ```
/// # use smtp_proto::Mailbox;
/// let mailbox: Mailbox = r#""joe\,smith"@Example.org"#.parse().unwrap();
/// assert_eq!(mailbox.local_part(), "joe,smith");
/// assert_eq!(mailbox.domain(), "Example.org");
/// assert_eq!(mailbox.to_string(), r#""joe,smith"@Example.org"#);
/// assert_eq!(mailbox, Mailbox::new("joe,smith", "example.ORG").unwrap());
/// ```
pub struct Mailbox {
    /// Holds the mailbox, and perhaps the path and the parameters around it: a MAIL or RCPT argument is one allocation.
    pub(crate) text: Box<str>,
    pub(crate) span: Span,
}

/// Where in a text a mailbox stands. `at == end` where there is none (a null path, a bare postmaster).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Span {
    pub(crate) start: u16,
    pub(crate) at: u16,
    pub(crate) end: u16,
}

impl Mailbox {
    /// Parses a mailbox that may hold UTF-8 on both sides of the `@`, as SMTPUTF8 has it (RFC 6531 §3.3). Whether it does,
    /// [`is_ascii`](Self::is_ascii) says.
    ///
    /// ```
    /// # use smtp_proto::Mailbox;
    /// let mailbox = Mailbox::parse_utf8("jürgen@bücher.example").unwrap();
    /// assert!(!mailbox.is_ascii() && "jürgen@bücher.example".parse::<Mailbox>().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// The first octet that is wrong, and what was expected.
    pub fn parse_utf8(text: &str) -> Result<Self, SyntaxError> {
        Self::parse_in(text, Charset::Utf8)
    }

    fn parse_in(text: &str, charset: Charset) -> Result<Self, SyntaxError> {
        let span = mailbox(text.as_bytes(), 0, Length::Rfc, charset)?;
        scan::end(text.as_bytes(), usize::from(span.end))?;
        Ok(Self::within(text.into(), span))
    }

    /// Whether it can do without SMTPUTF8.
    pub fn is_ascii(&self) -> bool {
        self.as_written().is_ascii()
    }

    /// From a local part as it is meant, not as it is written: it is quoted here if it needs to be.
    ///
    /// # Errors
    ///
    /// Characters that are not printable US-ASCII, and what is too long.
    pub fn new(local_part: &str, domain: &str) -> Result<Self, SyntaxError> {
        format!("{}@{domain}", Quoted(local_part)).parse()
    }

    /// The local part as it is meant: without quotes and backslashes.
    pub fn local_part(&self) -> Cow<'_, str> {
        let written = self.local_part_as_written();
        let Some(quoted) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
            return Cow::Borrowed(written);
        };
        if !quoted.contains('\\') {
            return Cow::Borrowed(quoted);
        }
        Cow::Owned(unescape(quoted))
    }

    /// The local part as it was written, quotes included.
    pub fn local_part_as_written(&self) -> &str {
        &self.text[usize::from(self.span.start)..usize::from(self.span.at)]
    }

    /// The domain, or the address literal with its brackets, as it was written. Compare without regard to case.
    pub fn domain(&self) -> &str {
        &self.text[usize::from(self.span.at) + 1..usize::from(self.span.end)]
    }

    /// The domain or address literal, parsed. A domain that is not US-ASCII keeps its U-labels.
    pub fn host(&self) -> Host {
        if !self.domain().is_ascii() {
            return Host::Domain(Domain::scanned(self.domain()));
        }
        let host = self.domain().parse();
        host.expect("a mailbox's domain was scanned by the same grammar")
    }

    /// The whole text of which `span` is the mailbox.
    pub(crate) fn within(text: Box<str>, span: Span) -> Self {
        Self { text, span }
    }

    fn as_written(&self) -> &str {
        &self.text[usize::from(self.span.start)..usize::from(self.span.end)]
    }
}

impl FromStr for Mailbox {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse_in(text, Charset::Ascii)
    }
}

impl TryFrom<&str> for Mailbox {
    type Error = SyntaxError;

    fn try_from(text: &str) -> Result<Self, SyntaxError> {
        text.parse()
    }
}

/// Copies the mailbox alone, not what may stand around it.
impl Clone for Mailbox {
    fn clone(&self) -> Self {
        let Span { start, at, end } = self.span;
        let span = Span {
            start: 0,
            at: at - start,
            end: end - start,
        };
        Self::within(self.as_written().into(), span)
    }
}

impl PartialEq for Mailbox {
    fn eq(&self, other: &Self) -> bool {
        self.domain().eq_ignore_ascii_case(other.domain()) && self.local_part() == other.local_part()
    }
}

impl Eq for Mailbox {}

impl Hash for Mailbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.local_part().hash(state);
        hash_ignoring_case(self.domain(), state);
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", Quoted(&self.local_part()), self.domain())
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_written(), f)
    }
}

/// Whether RFC 5321 §4.5.3.1 limits the length of local part and path, or the line alone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Rfc,
    Any,
}

/// `Mailbox = Local-part "@" ( Domain / address-literal )` (RFC 5321 §4.1.2)
pub(crate) fn mailbox(line: &[u8], start: usize, length: Length, charset: Charset) -> Result<Span, SyntaxError> {
    let at = local_part(line, start, charset)?;
    if at - start > MAX_LOCAL_PART && length == Length::Rfc {
        return Err(SyntaxError::too_long(start, MAX_LOCAL_PART));
    }
    let behind = scan::octet(line, at, b'@', Expected::Octet(b'@'))?;
    let end = domain::host_in(line, behind, charset)?;
    if end - start > MAX_MAILBOX && length == Length::Rfc {
        return Err(SyntaxError::too_long(start, MAX_MAILBOX));
    }
    let short = |position: usize| u16::try_from(position).map_err(|_| SyntaxError::too_long(start, u16::MAX.into()));
    Ok(Span {
        start: short(start)?,
        at: short(at)?,
        end: short(end)?,
    })
}

/// `Local-part = Dot-string / Quoted-string`
fn local_part(line: &[u8], at: usize, charset: Charset) -> Scanned {
    match line.get(at) {
        Some(b'"') => quoted_string(line, at, charset),
        _ => dot_string(line, at, charset),
    }
}

/// ```text
/// Dot-string = Atom *("."  Atom)
/// Atom       = 1*atext
/// atext     =/ UTF8-non-ascii               (RFC 6531 §3.3)
/// ```
fn dot_string(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let international = charset == Charset::Utf8;
    let mut at = start;
    loop {
        let end = scan::run(line, at, |octet| {
            is_atext(octet) || (international && is_utf8_non_ascii(octet))
        });
        if end == at {
            let expected = Expected::LocalPart;
            return Err(SyntaxError { offset: at, expected });
        }
        if line.get(end) != Some(&b'.') {
            return Ok(end);
        }
        at = end + 1;
    }
}

/// ```text
/// Quoted-string   = DQUOTE *QcontentSMTP DQUOTE
/// QcontentSMTP    = qtextSMTP / quoted-pairSMTP
/// quoted-pairSMTP = %d92 %d32-126
/// qtextSMTP      =/ UTF8-non-ascii          (RFC 6531 §3.3)
/// ```
pub(crate) fn quoted_string(line: &[u8], start: usize, charset: Charset) -> Scanned {
    let international = charset == Charset::Utf8;
    let mut at = scan::octet(line, start, b'"', Expected::Octet(b'"'))?;
    loop {
        at = scan::run(line, at, |octet| {
            is_qtext_smtp(octet) || (international && is_utf8_non_ascii(octet))
        });
        match (line.get(at), line.get(at + 1)) {
            (Some(b'"'), _) => return Ok(at + 1),
            (Some(b'\\'), Some(&escaped)) if is_quoted_pair_smtp(escaped) => at += 2,
            _ => {
                let expected = Expected::QuotedString;
                return Err(SyntaxError { offset: at, expected });
            }
        }
    }
}

/// Drops the backslash of each quoted pair.
pub(crate) fn unescape(quoted: &str) -> String {
    let mut escaped = false;
    quoted
        .chars()
        .filter(|&c| {
            escaped = c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

/// A local part with the least quoting: none for a dot-string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if dot_string(self.0.as_bytes(), 0, Charset::Utf8) == Ok(self.0.len()) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_str("\\")?;
            }
            write!(f, "{c}")?;
        }
        f.write_str("\"")
    }
}

/// RFC 5321 §4.5.3.1.1
const MAX_LOCAL_PART: usize = 64;
/// What RFC 5321 §4.5.3.1.3 leaves of a path's 256 octets beside the brackets. A source route does not count, as if it had
/// not been given.
const MAX_MAILBOX: usize = 254;
