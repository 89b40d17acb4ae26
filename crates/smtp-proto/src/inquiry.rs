//! What VRFY and EXPN ask (RFC 5321 §3.5).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::argument::without_quotes;
use crate::command::VERB;
use crate::scan;
use crate::{Expected, SyntaxError};

/// Whom VRFY or EXPN asks about, and whether the answer may be in UTF-8.
///
/// ```
/// # use smtp_proto::{Command, Inquiry};
/// let Ok(Command::Vrfy(inquiry)) = Command::parse("VRFY Jürgen SMTPUTF8".as_bytes()) else { panic!() };
/// assert_eq!(inquiry.as_str(), "Jürgen");
/// assert!(inquiry.smtp_utf8());
/// assert_eq!(inquiry, "Jürgen".parse::<Inquiry>()?.with_smtp_utf8());
/// # Ok::<(), smtp_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inquiry {
    subject: Box<str>,
    smtp_utf8: bool,
}

impl Inquiry {
    /// Whom it is about, as it was written.
    pub fn as_str(&self) -> &str {
        &self.subject
    }

    /// The same without quotes and backslashes, when all of it is one quoted string.
    pub fn unquoted(&self) -> String {
        without_quotes(&self.subject)
    }

    /// Whether the reply may hold UTF-8 (RFC 6531 §3.7.4.2).
    pub const fn smtp_utf8(&self) -> bool {
        self.smtp_utf8
    }

    /// The same, and the reply may hold UTF-8.
    #[must_use]
    pub fn with_smtp_utf8(mut self) -> Self {
        self.smtp_utf8 = true;
        self
    }

    /// Whether it needs a server that offers SMTPUTF8.
    pub fn needs_smtp_utf8(&self) -> bool {
        self.smtp_utf8 || !self.subject.is_ascii()
    }

    /// ```text
    /// vrfy = "VRFY" SP String [ SP "SMTPUTF8" ] CRLF
    /// expn = "EXPN" SP String [ SP "SMTPUTF8" ] CRLF          ; String may include non-ASCII (RFC 6531 §3.7.4.2)
    /// ```
    ///
    /// Of `String`, as in [`Argument`](crate::Argument), all printable text is taken.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let at = scan::octet(line, VERB, b' ', Expected::Space)?;
        let end = line.len();
        let keyword = end.saturating_sub(SMTP_UTF8.len());
        let smtp_utf8 = keyword > at && line[keyword..].eq_ignore_ascii_case(SMTP_UTF8);
        let subject = if smtp_utf8 { &line[..keyword] } else { line };
        let subject = printable(subject, at)?.into();
        Ok(Self { subject, smtp_utf8 })
    }
}

impl FromStr for Inquiry {
    type Err = SyntaxError;

    /// Reads what stands behind the verb.
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let behind = |error: SyntaxError| SyntaxError::new(error.offset.saturating_sub(VERB + 1), error.expected);
        Self::parse(&[b"VRFY ", text.as_bytes()].concat()).map_err(behind)
    }
}

/// What stands behind the verb.
impl fmt::Display for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)?;
        if self.smtp_utf8 {
            f.write_str(" SMTPUTF8")
        } else {
            Ok(())
        }
    }
}

/// Printable text from `at`, without spaces around it.
fn printable(line: &[u8], at: usize) -> Result<&str, SyntaxError> {
    let end = scan::run(line, at, |octet| matches!(octet, b' '..=b'~' | 0x80..));
    if end < line.len() {
        return Err(SyntaxError::new(end, Expected::PrintableAscii));
    }
    match &line[at..] {
        [] | [b' ', ..] | [.., b' '] => Err(SyntaxError::new(at, Expected::Argument)),
        text => scan::text(text).map_err(|error| SyntaxError::new(at + error.offset, error.expected)),
    }
}

const SMTP_UTF8: &[u8] = b" SMTPUTF8";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_keyword_stands_behind_whom_it_is_about() {
        let cases = [
            ("Smith", "Smith", false),
            ("Smith SMTPUTF8", "Smith", true),
            ("Smith smtputf8", "Smith", true),
            ("SMTPUTF8", "SMTPUTF8", false),
            ("SMTPUTF8 SMTPUTF8", "SMTPUTF8", true),
            ("\"SMTPUTF8 SMTPUTF8\"", "\"SMTPUTF8 SMTPUTF8\"", false),
            ("SmithSMTPUTF8", "SmithSMTPUTF8", false),
            ("M\u{fc}ller", "M\u{fc}ller", false),
        ];
        for (text, subject, smtp_utf8) in cases {
            let inquiry: Inquiry = text.parse().expect(text);
            assert_eq!((inquiry.as_str(), inquiry.smtp_utf8()), (subject, smtp_utf8));
            assert_eq!(inquiry.to_string().parse(), Ok(inquiry));
        }
    }

    #[test]
    fn what_is_none() {
        let fault =
            |text: &[u8]| Inquiry::parse(&[b"EXPN", text].concat()).map_err(|error| (error.offset, error.expected));
        assert_eq!(fault(b""), Err((4, Expected::Space)));
        assert_eq!(fault(b" "), Err((5, Expected::Argument)));
        assert_eq!(fault(b"  a"), Err((5, Expected::Argument)));
        assert_eq!(fault(b" a  SMTPUTF8"), Err((5, Expected::Argument)));
        assert_eq!(fault(b" a\tb"), Err((6, Expected::PrintableAscii)));
        assert_eq!(fault(b" ab\xff SMTPUTF8"), Err((7, Expected::Utf8)));
    }
}
