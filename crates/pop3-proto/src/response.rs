//! Responses: the one line that answers a command, and the codes in it.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;

use crate::{Expected, SyntaxError, Text};

/// The line that answers a command: `+OK` or `-ERR`, perhaps a response code, perhaps text.
///
/// ```
/// # use pop3_proto::{Meaning, Response, Status};
/// let response = Response::parse(b"-ERR [IN-USE] another client has this maildrop")?;
/// assert_eq!(response.status(), Status::Err);
/// assert_eq!(response.meaning(), Some(Meaning::InUse));
/// assert_eq!(response.text().to_string(), "another client has this maildrop");
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: Status,
    code: Option<ResponseCode>,
    text: Text,
}

/// The status indicator (RFC 1939 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// `+OK`
    Ok,
    /// `-ERR`
    Err,
}

impl Response {
    /// The longest one, in octets with its CRLF (RFC 1939 §3).
    pub const MAX: usize = 512;

    /// `+OK`. A response code at the front of `text` becomes the response's code.
    pub fn ok(text: Text) -> Self {
        Self::from_text(Status::Ok, text)
    }

    /// `-ERR`. A response code at the front of `text` becomes the response's code.
    pub fn err(text: Text) -> Self {
        Self::from_text(Status::Err, text)
    }

    /// The same response with `code` (RFC 2449 §8).
    #[must_use]
    pub fn with_code(self, code: ResponseCode) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Whether it is positive.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The response code, if there is one.
    pub const fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// What the response code says, if there is one.
    pub fn meaning(&self) -> Option<Meaning> {
        self.code.as_ref().map(ResponseCode::meaning)
    }

    /// The text behind the code.
    pub const fn text(&self) -> &Text {
        &self.text
    }

    /// Reads a response line without its CRLF (RFC 2449 §3). What looks like a response code and is none is text.
    ///
    /// ```text
    /// single-line = status [SP text] CRLF             ;512 octets maximum
    /// status      = "+OK" / "-ERR"
    /// text        = *schar / resp-code *CHAR
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it does not begin with a status, or its text holds NUL, CR or LF.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let (status, rest) = Status::split(line).ok_or(SyntaxError::new(0, Expected::Status))?;
        let offset = line.len() - rest.len();
        let text = match rest {
            [] => b"".as_slice(),
            [b' ', text @ ..] => text,
            _ => return Err(SyntaxError::new(offset, Expected::Status)),
        };
        let text = Text::new(text).map_err(|error| error.behind(offset + 1))?;
        Ok(Self::from_text(status, text))
    }

    /// Appends the response and its CRLF: one line of at most 512 octets. Text that does not fit is cut.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        let start = wire.len();
        wire.extend_from_slice(self.status.as_str().as_bytes());
        if let Some(code) = &self.code {
            wire.extend_from_slice(b" [");
            wire.extend_from_slice(code.as_bytes());
            wire.push(b']');
        }
        if !self.text.is_empty() {
            wire.push(b' ');
            wire.extend_from_slice(self.text.as_bytes());
        }
        wire.truncate(start + Self::MAX - 2);
        wire.extend_from_slice(b"\r\n");
    }

    /// With text in which nothing is looked for.
    pub(crate) const fn new(status: Status, text: Text) -> Self {
        Self {
            status,
            code: None,
            text,
        }
    }

    fn from_text(status: Status, text: Text) -> Self {
        let (code, text) = match ResponseCode::split(text.as_bytes()) {
            Some((code, rest)) => (Some(code), Text::part(rest.strip_prefix(b" ").unwrap_or(rest))),
            None => (None, text),
        };
        Self { status, code, text }
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status.as_str())?;
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

impl Status {
    /// As it is sent; servers must use upper case (RFC 1939 §3).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "+OK",
            Self::Err => "-ERR",
        }
    }

    /// The status at the front of `line`, and what follows it.
    pub(crate) fn split(line: &[u8]) -> Option<(Self, &[u8])> {
        [Self::Ok, Self::Err]
            .into_iter()
            .find_map(|status| Some((status, line.strip_prefix(status.as_str().as_bytes())?)))
    }
}

/// A response code without its brackets (RFC 2449 §8), kept as it came. At most [`ResponseCode::MAX`] octets.
///
/// ```
/// # use pop3_proto::{Meaning, ResponseCode};
/// let code = ResponseCode::new("sys/temp/disk")?;
/// assert_eq!(code.meaning(), Meaning::SysTemp);
/// # Ok::<(), pop3_proto::SyntaxError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResponseCode(Cow<'static, [u8]>);

/// What a response code says. Detail that is not known is ignored, as RFC 2449 §8 wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// `IN-USE`: the credentials were good, another session has the maildrop (RFC 2449 §8.1.2).
    InUse,
    /// `LOGIN-DELAY`: too soon after the last login (RFC 2449 §8.1.1).
    LoginDelay,
    /// `AUTH`: the credentials are the problem (RFC 3206 §5).
    Auth,
    /// `SYS/TEMP`: a failure of the system that may pass (RFC 3206 §4).
    SysTemp,
    /// `SYS/PERM`: a failure of the system that needs a person (RFC 3206 §4).
    SysPerm,
    /// `SYS` with a detail that is not known.
    Sys,
    /// `UTF8`: the message needs the UTF-8 mode (RFC 6856 §5).
    Utf8,
    /// A code that is not known.
    Other,
}

impl ResponseCode {
    /// The longest one that is kept, in octets: it leaves room for text in a line of 512.
    pub const MAX: usize = 128;
    /// `IN-USE` (RFC 2449 §8.1.2)
    pub const IN_USE: Self = Self(Cow::Borrowed(b"IN-USE"));
    /// `LOGIN-DELAY` (RFC 2449 §8.1.1)
    pub const LOGIN_DELAY: Self = Self(Cow::Borrowed(b"LOGIN-DELAY"));
    /// `AUTH` (RFC 3206 §5)
    pub const AUTH: Self = Self(Cow::Borrowed(b"AUTH"));
    /// `SYS/TEMP` (RFC 3206 §4)
    pub const SYS_TEMP: Self = Self(Cow::Borrowed(b"SYS/TEMP"));
    /// `SYS/PERM` (RFC 3206 §4)
    pub const SYS_PERM: Self = Self(Cow::Borrowed(b"SYS/PERM"));
    /// `UTF8` (RFC 6856 §5)
    pub const UTF8: Self = Self(Cow::Borrowed(b"UTF8"));

    /// Checks a code, given without its brackets.
    ///
    /// ```text
    /// resp-code  = "[" resp-level *("/" resp-level) "]"
    /// resp-level = 1*rchar
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when a level is empty, holds an octet that none can, or the code is too long.
    pub fn new(code: &str) -> Result<Self, SyntaxError> {
        Self::parse(code.as_bytes()).ok_or(SyntaxError::new(0, Expected::ResponseCode))
    }

    /// The code.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What it says, in any case.
    pub fn meaning(&self) -> Meaning {
        let mut levels = self.0.split(|&octet| octet == b'/');
        let mut next_is = |word: &str| {
            let mut ahead = levels.clone();
            let found = ahead
                .next()
                .is_some_and(|level| level.eq_ignore_ascii_case(word.as_bytes()));
            if found {
                levels = ahead;
            }
            found
        };
        if next_is("SYS") {
            return match (next_is("TEMP"), next_is("PERM")) {
                (true, _) => Meaning::SysTemp,
                (_, true) => Meaning::SysPerm,
                _ => Meaning::Sys,
            };
        }
        let known = [
            ("IN-USE", Meaning::InUse),
            ("LOGIN-DELAY", Meaning::LoginDelay),
            ("AUTH", Meaning::Auth),
            ("UTF8", Meaning::Utf8),
        ];
        let found = known.into_iter().find(|(word, _)| next_is(word));
        found.map_or(Meaning::Other, |(_, meaning)| meaning)
    }

    fn parse(octets: &[u8]) -> Option<Self> {
        let mut levels = octets.split(|&octet| octet == b'/');
        let good = levels.all(|level| !level.is_empty() && level.iter().all(|&octet| is_rchar(octet)));
        (good && octets.len() <= Self::MAX).then(|| Self(Cow::Owned(octets.to_vec())))
    }

    /// The code in brackets at the front of `text`, and what follows it.
    fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        let inner = text.strip_prefix(b"[")?;
        let end = inner.iter().position(|&octet| octet == b']')?;
        Some((Self::parse(&inner[..end])?, &inner[end + 1..]))
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped(&self.0).fmt(f)
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Escaped(&self.0), f)
    }
}

/// `rchar = %x21-2E / %x30-5C / %x5E-7F` (RFC 2449 §3)
const fn is_rchar(octet: u8) -> bool {
    matches!(octet, 0x21..=0x2e | 0x30..=0x5c | 0x5e..=0x7f)
}
