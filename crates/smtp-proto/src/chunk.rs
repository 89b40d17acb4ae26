//! Messages in chunks: BDAT (RFC 3030 §2) and BURL (RFC 4468 §3).

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use mail_wire::octets::is_digit;

use crate::scan::{self, Scanned};
use crate::{Expected, SyntaxError, Verb};

/// BDAT: this many octets follow the command's CRLF.
///
/// ```
/// # use smtp_proto::{Bdat, Command};
/// assert_eq!(Command::parse(b"bdat 86 last"), Ok(Command::Bdat(Bdat { size: 86, last: true })));
/// assert!(Command::parse(b"BDAT 18446744073709551616").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bdat {
    /// Octets of the chunk.
    pub size: u64,
    /// Whether the message ends with it.
    pub last: bool,
}

impl Bdat {
    /// ```text
    /// bdat-cmd    ::= "BDAT" SP chunk-size [ SP end-marker ] CR LF
    /// chunk-size  ::= 1*DIGIT
    /// end-marker  ::= "LAST"                                     (RFC 3030 §2)
    /// ```
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let at = scan::octet(line, Verb::Bdat.as_str().len(), b' ', Expected::Space)?;
        let end = scan::run(line, at, is_digit);
        let digits = scan::ascii(&line[at..end])?;
        let size = digits.parse().map_err(|_| SyntaxError::new(at, Expected::ChunkSize))?;
        let last = end_marker(line, end)?;
        Ok(Self { size, last })
    }
}

impl fmt::Display for Bdat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.size, written_marker(self.last))
    }
}

/// BURL: the octets that this URL refers to are the next chunk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Burl {
    /// Where they are.
    pub url: AbsoluteUri,
    /// Whether the message ends with them.
    pub last: bool,
}

impl Burl {
    /// `burl-cmd = "BURL" SP absolute-URI [SP end-marker] CRLF` (RFC 4468 §3.1)
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let at = scan::octet(line, Verb::Burl.as_str().len(), b' ', Expected::Space)?;
        let end = absolute_uri(line, at)?;
        Ok(Self {
            url: AbsoluteUri(scan::ascii(&line[at..end])?.into()),
            last: end_marker(line, end)?,
        })
    }
}

impl fmt::Display for Burl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.url, written_marker(self.last))
    }
}

/// A URI with its scheme (RFC 3986), by its octets alone.
///
/// ```
/// # use smtp_proto::AbsoluteUri;
/// let uri: AbsoluteUri = "imap://bob@imap.hamburger.example/Drafts;UIDVALIDITY=1/;UID=7".parse().unwrap();
/// assert_eq!(uri.scheme(), "imap");
/// assert!("no scheme".parse::<AbsoluteUri>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AbsoluteUri(Box<str>);

impl AbsoluteUri {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in front of the first colon.
    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl FromStr for AbsoluteUri {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        scan::end(text.as_bytes(), absolute_uri(text.as_bytes(), 0)?)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for AbsoluteUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `absolute-URI = scheme ":" hier-part [ "?" query ]`, the part behind the colon being printable.
fn absolute_uri(line: &[u8], start: usize) -> Scanned {
    let is_scheme = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.');
    let colon = scan::run(line, start, is_scheme);
    if !line.get(start).is_some_and(u8::is_ascii_alphabetic) {
        return Err(SyntaxError::new(start, Expected::Uri));
    }
    let behind = scan::octet(line, colon, b':', Expected::Uri)?;
    Ok(scan::run(line, behind, |octet| octet.is_ascii_graphic()))
}

fn end_marker(line: &[u8], at: usize) -> Result<bool, SyntaxError> {
    let rest = line.get(at..).unwrap_or_default();
    match rest {
        [] => Ok(false),
        [b' ', word @ ..] if word.eq_ignore_ascii_case(b"LAST") => Ok(true),
        [b' ', ..] => Err(SyntaxError::new(at + 1, Expected::Last)),
        _ => Err(SyntaxError::new(at, Expected::Space)),
    }
}

const fn written_marker(last: bool) -> &'static str {
    if last { " LAST" } else { "" }
}
