//! Parameters of MAIL and RCPT (RFC 5321 §4.1.2), and the typed ones: `SIZE` (RFC 1870) and `BODY` (RFC 6152).

use alloc::string::String;
use core::fmt::{self, Write};
use core::str::FromStr;

use mail_wire::octets::{is_digit, is_let_dig};

pub(crate) use crate::capabilities::SIZE;
use crate::scan::{self, Scanned};
use crate::{Expected, SyntaxError};

/// One `KEYWORD` or `KEYWORD=value`, borrowed from the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// As it was written; compare without regard to case.
    pub keyword: &'a str,
    /// What stands behind the `=`; never empty.
    pub value: Option<&'a str>,
}

/// The parameters of a command in their order, the unknown ones too.
///
/// ```
/// # use smtp_proto::{Command, BodyType};
/// let Ok(Command::Mail(mail)) = Command::parse(b"MAIL FROM:<> SIZE=4711 BODY=8BITMIME X-NEW") else { panic!() };
/// assert_eq!(mail.parameters().map(|p| p.keyword).collect::<Vec<_>>(), ["SIZE", "BODY", "X-NEW"]);
/// assert_eq!((mail.size(), mail.body()), (Some(4711), Some(BodyType::EightBitMime)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(pub(crate) &'a str);

impl<'a> Parameters<'a> {
    /// The value of the first parameter of this name, if it has one.
    pub fn value(mut self, keyword: &str) -> Option<&'a str> {
        self.find(|parameter| parameter.keyword.eq_ignore_ascii_case(keyword))?
            .value
    }

    pub(crate) fn size(self) -> Option<u64> {
        // A number that is too large for u64 is still a size, and larger than any limit.
        self.value(SIZE).map(|digits| digits.parse().unwrap_or(u64::MAX))
    }

    pub(crate) fn body(self) -> Option<BodyType> {
        self.value(BODY).and_then(BodyType::from_keyword)
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        let (word, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        self.0 = rest;
        let (keyword, value) = match word.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (word, None),
        };
        (!word.is_empty()).then_some(Parameter { keyword, value })
    }
}

/// Parameters to send with MAIL or RCPT.
///
/// ```
/// # use smtp_proto::{BodyType, ParameterList};
/// let mut parameters = ParameterList::new();
/// parameters.push_size(4711).push_body(BodyType::EightBitMime);
/// parameters.push("X-NEW", None).unwrap();
/// assert_eq!(parameters.to_string(), "SIZE=4711 BODY=8BITMIME X-NEW");
/// assert!(parameters.push("X", Some("1\r\nQUIT")).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterList(String);

impl ParameterList {
    /// None.
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Appends one of any extension.
    ///
    /// # Errors
    ///
    /// What is no `esmtp-keyword` or no `esmtp-value`.
    pub fn push(&mut self, keyword: &str, value: Option<&str>) -> Result<&mut Self, SyntaxError> {
        scan::end(keyword.as_bytes(), esmtp_keyword(keyword.as_bytes(), 0)?)?;
        if let Some(value) = value {
            scan::end(value.as_bytes(), esmtp_value(value.as_bytes(), 0)?)?;
        }
        Ok(self.push_checked(keyword, value))
    }

    /// Appends `SIZE=octets` (RFC 1870 §3).
    pub fn push_size(&mut self, octets: u64) -> &mut Self {
        let mut digits = String::new();
        // Writing to a String does not fail.
        let _ = write!(digits, "{octets}");
        self.push_checked(SIZE, Some(&digits))
    }

    /// Appends `BODY=…` (RFC 6152 §3).
    pub fn push_body(&mut self, body: BodyType) -> &mut Self {
        self.push_checked(BODY, Some(body.keyword()))
    }

    /// The parameters in their order.
    pub fn iter(&self) -> Parameters<'_> {
        Parameters(&self.0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was scanned already.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn push_checked(&mut self, keyword: &str, value: Option<&str>) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(keyword);
        if let Some(value) = value {
            self.0.push('=');
            self.0.push_str(value);
        }
        self
    }
}

impl fmt::Display for ParameterList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What octets a message consists of (RFC 6152 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyType {
    /// `7BIT`: US-ASCII alone.
    SevenBit,
    /// `8BITMIME`: octets of 128 and above as well.
    EightBitMime,
    /// `BINARYMIME`: any octets, lines or not (RFC 3030 §3).
    BinaryMime,
}

impl BodyType {
    /// The value of `BODY=`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::SevenBit => "7BIT",
            Self::EightBitMime => "8BITMIME",
            Self::BinaryMime => "BINARYMIME",
        }
    }

    fn from_keyword(text: &str) -> Option<Self> {
        [Self::SevenBit, Self::EightBitMime, Self::BinaryMime]
            .into_iter()
            .find(|body| body.keyword().eq_ignore_ascii_case(text))
    }
}

/// The name of a parameter or of an extension. Compared without regard to case.
///
/// ```
/// # use smtp_proto::Keyword;
/// assert_eq!("x-new".parse::<Keyword>().unwrap(), "X-NEW".parse().unwrap());
/// assert!("X NEW".parse::<Keyword>().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Keyword(String);

impl Keyword {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Keyword {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        scan::end(text.as_bytes(), esmtp_keyword(text.as_bytes(), 0)?)?;
        Ok(Self(text.into()))
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

/// Whose parameters: what the typed ones must look like depends on the command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Mail,
    Rcpt,
}

/// `Mail-parameters = esmtp-param *(SP esmtp-param)` up to the end of the line, which may be at `at` already.
pub(crate) fn parameters(line: &[u8], at: usize, of: Of) -> Result<(), SyntaxError> {
    let mut at = at;
    let mut seen = Seen::default();
    while at < line.len() {
        at = scan::octet(line, at, b' ', Expected::Space)?;
        let start = at;
        at = esmtp_param(line, at)?;
        if of == Of::Mail {
            seen.check(line, start, at)?;
        }
    }
    Ok(())
}

/// The typed parameters seen so far: neither may come twice.
#[derive(Default)]
struct Seen {
    size: bool,
    body: bool,
}

impl Seen {
    fn check(&mut self, line: &[u8], start: usize, end: usize) -> Result<(), SyntaxError> {
        let word = scan::ascii(&line[start..end])?;
        let (keyword, value) = word.split_once('=').unwrap_or((word, ""));
        let (twice, valid, expected) = if keyword.eq_ignore_ascii_case(SIZE) {
            let twice = core::mem::replace(&mut self.size, true);
            // size-value ::= 1*20DIGIT (RFC 1870 §3)
            let valid = matches!(value.len(), 1..=20) && value.bytes().all(is_digit);
            (twice, valid, Expected::Size)
        } else if keyword.eq_ignore_ascii_case(BODY) {
            let twice = core::mem::replace(&mut self.body, true);
            (twice, BodyType::from_keyword(value).is_some(), Expected::BodyType)
        } else {
            return Ok(());
        };
        let offset = start;
        match (twice, valid) {
            (true, _) => Err(SyntaxError {
                offset,
                expected: Expected::ParameterOnce,
            }),
            (false, false) => Err(SyntaxError { offset, expected }),
            (false, true) => Ok(()),
        }
    }
}

/// `esmtp-param = esmtp-keyword ["=" esmtp-value]`
fn esmtp_param(line: &[u8], at: usize) -> Scanned {
    let at = esmtp_keyword(line, at)?;
    match line.get(at) {
        Some(b'=') => esmtp_value(line, at + 1),
        _ => Ok(at),
    }
}

/// `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`
pub(crate) fn esmtp_keyword(line: &[u8], start: usize) -> Scanned {
    let end = scan::run(line, start, |octet| is_let_dig(octet) || octet == b'-');
    if end == start || line[start] == b'-' {
        let expected = Expected::Keyword;
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(end)
}

/// `esmtp-value = 1*(%d33-60 / %d62-126)`
fn esmtp_value(line: &[u8], start: usize) -> Scanned {
    let end = scan::run(line, start, |octet| matches!(octet, 33..=60 | 62..=126));
    if end == start {
        let expected = Expected::ParameterValue;
        return Err(SyntaxError {
            offset: start,
            expected,
        });
    }
    Ok(end)
}

/// RFC 6152 §2
pub(crate) const BODY: &str = "BODY";
