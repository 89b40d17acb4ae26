//! When a message is to go and to arrive: `BY=` (RFC 2852), `HOLDFOR=` and `HOLDUNTIL=` (RFC 4865).

use core::fmt;
use core::str::FromStr;

use super::Timestamp;
use crate::{Expected, SyntaxError};

/// `BY=`: deliver within this time (RFC 2852 §4).
///
/// ```
/// # use smtp_proto::{DeliverBy, TooLate};
/// let by: DeliverBy = "+120;rt".parse().unwrap();
/// assert_eq!(by, DeliverBy { seconds: 120, otherwise: TooLate::Return, trace: true });
/// assert_eq!(by.to_string(), "120;RT");
/// assert!("-5;R".parse::<DeliverBy>().is_err(), "what is to be returned needs time");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeliverBy {
    /// Seconds from now, at most nine digits; negative when the time is over already, which only `N` allows.
    pub seconds: i32,
    /// What happens when it is over.
    pub otherwise: TooLate,
    /// `T`: every relay reports, too.
    pub trace: bool,
}

/// What happens to a message whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TooLate {
    /// `N`: the sender is told, and delivery goes on.
    Notify,
    /// `R`: the message is returned.
    Return,
}

impl FromStr for DeliverBy {
    type Err = SyntaxError;

    /// ```text
    /// by-value = by-time ";" by-mode [by-trace]
    /// by-time  = ["-" / "+"] 1*9digit      ; a negative or zero value is not allowed with mode "R"
    /// by-mode  = "N" / "R"
    /// by-trace = "T"                                                       (RFC 2852 §4)
    /// ```
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let error = SyntaxError::new(0, Expected::DeliverBy);
        let (time, mode) = text.split_once(';').ok_or(error)?;
        let digits = time.strip_prefix(['-', '+']).unwrap_or(time);
        let magnitude = seconds(digits)
            .and_then(|number| i32::try_from(number).ok())
            .ok_or(error)?;
        let seconds = if time.starts_with('-') { -magnitude } else { magnitude };
        let (mode, trace) = match mode.as_bytes() {
            [mode] => (mode, false),
            [mode, b'T' | b't'] => (mode, true),
            _ => return Err(error),
        };
        let otherwise = match mode {
            b'N' | b'n' => TooLate::Notify,
            b'R' | b'r' if seconds > 0 => TooLate::Return,
            _ => return Err(error),
        };
        Ok(Self {
            seconds,
            otherwise,
            trace,
        })
    }
}

impl fmt::Display for DeliverBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.otherwise {
            TooLate::Notify => "N",
            TooLate::Return => "R",
        };
        let trace = if self.trace { "T" } else { "" };
        write!(f, "{};{mode}{trace}", self.seconds.clamp(-MOST, MOST))
    }
}

/// `HOLDFOR=` or `HOLDUNTIL=`: not to be sent on before (RFC 4865 §4).
///
/// ```
/// # use smtp_proto::{Command, Hold};
/// let Ok(Command::Mail(mail)) = Command::parse(b"MAIL FROM:<> HOLDFOR=86400") else { panic!() };
/// assert_eq!(mail.hold(), Some(Hold::For(86_400)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Seconds from now, at most nine digits.
    For(u32),
    /// A time in UTC.
    Until(Timestamp),
}

impl Hold {
    /// `future-release-integer = %x31-39 *8DIGIT`, and zero as some clients send it
    pub(crate) fn parse_for(text: &str) -> Result<Self, SyntaxError> {
        seconds(text)
            .map(Self::For)
            .ok_or(SyntaxError::new(0, Expected::HoldFor))
    }

    /// `future-release-date-time = Internet-style-date-time-UTC`
    pub(crate) fn parse_until(text: &str) -> Result<Self, SyntaxError> {
        let time: Timestamp = text.parse()?;
        match time.is_utc() {
            true => Ok(Self::Until(time)),
            false => Err(SyntaxError::new(0, Expected::Timestamp)),
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(seconds) => write!(f, "{}", (*seconds).min(MOST.unsigned_abs())),
            Self::Until(time) => time.fmt(f),
        }
    }
}

/// `1*9DIGIT`
fn seconds(digits: &str) -> Option<u32> {
    let well_formed = matches!(digits.len(), 1..=9) && digits.bytes().all(|octet| octet.is_ascii_digit());
    digits.parse().ok().filter(|_| well_formed)
}

/// Nine digits.
const MOST: i32 = 999_999_999;
