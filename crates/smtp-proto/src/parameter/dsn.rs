//! What a sender wants to hear of its message: RET, ENVID, NOTIFY (RFC 3461 §4).

use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

use crate::xtext;
use crate::{Expected, SyntaxError};

/// `RET=`: how much of the message comes back with word of its failure (RFC 3461 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ret {
    /// `FULL`: all of it.
    Full,
    /// `HDRS`: the header alone.
    Headers,
}

impl FromStr for Ret {
    type Err = SyntaxError;

    /// `ret-value = "FULL" / "HDRS"`
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        match text {
            _ if text.eq_ignore_ascii_case("FULL") => Ok(Self::Full),
            _ if text.eq_ignore_ascii_case("HDRS") => Ok(Self::Headers),
            _ => Err(SyntaxError::new(0, Expected::Ret)),
        }
    }
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "FULL",
            Self::Headers => "HDRS",
        })
    }
}

/// `ENVID=`: what the sender calls this message, so that it knows what a report is about (RFC 3461 §4.4). Printable
/// US-ASCII and white space, at most 100 octets; xtext on the wire.
///
/// ```
/// # use smtp_proto::EnvelopeId;
/// let id = EnvelopeId::new("QQ=314 159").unwrap();
/// assert_eq!(id.to_string(), "QQ+3D314+20159");
/// assert_eq!("QQ+3D314+20159".parse(), Ok(id));
/// assert!(EnvelopeId::new("a\r\nQUIT").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnvelopeId(Box<str>);

impl EnvelopeId {
    /// From the identifier as it is meant.
    ///
    /// # Errors
    ///
    /// What is empty or too long, and control characters.
    pub fn new(id: &str) -> Result<Self, SyntaxError> {
        if let Some(at) = id.bytes().position(|octet| !matches!(octet, b' '..=b'~' | b'\t')) {
            return Err(SyntaxError::new(at, Expected::PrintableAscii));
        }
        match id.len() {
            0 => Err(SyntaxError::new(0, Expected::ParameterValue)),
            1..=MAX_ID => Ok(Self(id.into())),
            _ => Err(SyntaxError::too_long(0, MAX_ID)),
        }
    }

    /// The identifier, decoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvelopeId {
    type Err = SyntaxError;

    /// `envid-value = xtext`
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let decoded = xtext::decode_text(text)?;
        Self::new(&decoded).map_err(|error| SyntaxError::new(0, error.expected))
    }
}

impl fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&xtext::encode(self.0.as_bytes()))
    }
}

/// `NOTIFY=`: what the sender wants to be told of a recipient (RFC 3461 §4.1). None of the three is `NEVER`.
///
/// ```
/// # use smtp_proto::Notify;
/// let notify: Notify = "success,Delay".parse().unwrap();
/// assert!(notify.success && notify.delay && !notify.failure);
/// assert_eq!(notify.to_string(), "SUCCESS,DELAY");
/// assert_eq!("NEVER".parse(), Ok(Notify::NEVER));
/// assert!("NEVER,DELAY".parse::<Notify>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notify {
    /// That the message arrived.
    pub success: bool,
    /// That it will not arrive.
    pub failure: bool,
    /// That it has not arrived yet.
    pub delay: bool,
}

impl Notify {
    /// Nothing.
    pub const NEVER: Self = Self {
        success: false,
        failure: false,
        delay: false,
    };

    /// What RFC 3461 §4.1 leaves to the server without NOTIFY, as most servers take it: failure and delay.
    pub const USUAL: Self = Self {
        success: false,
        failure: true,
        delay: true,
    };
}

impl FromStr for Notify {
    type Err = SyntaxError;

    /// ```text
    /// notify-esmtp-value  = "NEVER" / 1#notify-list-element
    /// notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
    /// ```
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut notify = Self::NEVER;
        if text.eq_ignore_ascii_case("NEVER") {
            return Ok(notify);
        }
        for word in text.split(',') {
            match word {
                _ if word.eq_ignore_ascii_case("SUCCESS") => notify.success = true,
                _ if word.eq_ignore_ascii_case("FAILURE") => notify.failure = true,
                _ if word.eq_ignore_ascii_case("DELAY") => notify.delay = true,
                _ => return Err(SyntaxError::new(0, Expected::Notify)),
            }
        }
        Ok(notify)
    }
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER {
            return f.write_str("NEVER");
        }
        let words = [
            (self.success, "SUCCESS"),
            (self.failure, "FAILURE"),
            (self.delay, "DELAY"),
        ];
        let mut separator = "";
        for (_, word) in words.iter().filter(|(wanted, _)| *wanted) {
            write!(f, "{separator}{word}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// RFC 3461 §4.4
const MAX_ID: usize = 100;
