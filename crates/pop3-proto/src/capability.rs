//! Capabilities: what a server says that it offers (RFC 2449 §5).

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::{MechanismName, octets};

use crate::auth;
use crate::number::decimal;
use crate::{Expected, SyntaxError, Text, Utf8};

/// One line of the answer to CAPA.
///
/// A known tag with parameters that do not fit it is an [`Other`](Self::Other): one bad capability costs nothing else.
///
/// ```
/// # use pop3_proto::{Capability, Expire, Retention, Scope};
/// let expire = Expire { retention: Retention::Days(5), scope: Scope::PerUser };
/// assert_eq!(Capability::parse(b"expire 5 user"), Ok(Capability::Expire(expire)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// `TOP`: the command TOP (RFC 2449 §6.1).
    Top,
    /// `USER`: the commands USER and PASS (RFC 2449 §6.2).
    User,
    /// `UIDL`: the command UIDL (RFC 2449 §6.8).
    Uidl,
    /// `RESP-CODES`: text in brackets is a response code (RFC 2449 §6.4).
    RespCodes,
    /// `AUTH-RESP-CODE`: bad credentials are always answered with `[AUTH]` (RFC 3206 §6).
    AuthRespCode,
    /// `PIPELINING`: commands may be sent without waiting (RFC 2449 §6.6).
    Pipelining,
    /// `LOGIN-DELAY` (RFC 2449 §6.5)
    LoginDelay(LoginDelay),
    /// `EXPIRE` (RFC 2449 §6.7)
    Expire(Expire),
    /// `IMPLEMENTATION`: what the server is; not to be acted upon (RFC 2449 §6.9).
    Implementation(Text),
    /// `SASL`: the command AUTH with these mechanisms (RFC 5034 §3).
    Sasl(Vec<MechanismName>),
    /// `STLS`: the command STLS is allowed now (RFC 2595 §4).
    Stls,
    /// `UTF8`: the command UTF8 (RFC 6856 §2).
    Utf8(Utf8),
    /// `LANG`: the command LANG (RFC 6856 §3).
    Lang,
    /// Anything else.
    Other(RawCapability),
}

/// How many seconds must pass between logins (RFC 2449 §6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginDelay {
    /// Seconds.
    pub seconds: u32,
    /// Whom it holds for.
    pub scope: Scope,
}

/// How long messages are kept (RFC 2449 §6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expire {
    /// How long at least.
    pub retention: Retention,
    /// Whom it holds for.
    pub scope: Scope,
}

/// For how long a server keeps messages at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For ever.
    Never,
    /// So many days; with 0, messages may not be left on the server.
    Days(u32),
}

/// Whom a value holds for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everyone, or the user who is logged in.
    #[default]
    Everyone,
    /// `USER`: it is the worst of all users' values; the user's own is told after login.
    PerUser,
}

impl Capability {
    /// The tag in upper case as it is sent, for the capabilities that this crate knows; of others, as it came.
    pub fn tag(&self) -> &[u8] {
        match self {
            Self::Top => b"TOP",
            Self::User => b"USER",
            Self::Uidl => b"UIDL",
            Self::RespCodes => b"RESP-CODES",
            Self::AuthRespCode => b"AUTH-RESP-CODE",
            Self::Pipelining => b"PIPELINING",
            Self::LoginDelay(_) => b"LOGIN-DELAY",
            Self::Expire(_) => b"EXPIRE",
            Self::Implementation(_) => b"IMPLEMENTATION",
            Self::Sasl(_) => b"SASL",
            Self::Stls => b"STLS",
            Self::Utf8(_) => b"UTF8",
            Self::Lang => b"LANG",
            Self::Other(raw) => raw.tag(),
        }
    }

    /// Reads a capability's line without its CRLF. Tags are read in any case (RFC 2449 §5).
    ///
    /// ```text
    /// capability = capa-tag *(SP param) CRLF   ;512 octets maximum
    /// capa-tag   = 1*cchar
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it has no tag, or holds what neither a tag nor a parameter can.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let raw = RawCapability::parse(line)?;
        let tag = raw.tag().to_ascii_uppercase();
        let known = match (tag.as_slice(), raw.parameters()) {
            (b"TOP", b"") => Some(Self::Top),
            (b"USER", b"") => Some(Self::User),
            (b"UIDL", b"") => Some(Self::Uidl),
            (b"RESP-CODES", b"") => Some(Self::RespCodes),
            (b"AUTH-RESP-CODE", b"") => Some(Self::AuthRespCode),
            (b"PIPELINING", b"") => Some(Self::Pipelining),
            (b"LOGIN-DELAY", parameters) => login_delay(parameters).map(Self::LoginDelay),
            (b"EXPIRE", parameters) => expire(parameters).map(Self::Expire),
            (b"IMPLEMENTATION", parameters) if !parameters.is_empty() => {
                Some(Self::Implementation(Text::part(parameters)))
            }
            (b"SASL", parameters) => mechanisms(parameters).map(Self::Sasl),
            (b"STLS", b"") => Some(Self::Stls),
            (b"UTF8", b"") => Some(Self::Utf8(Utf8::Messages)),
            (b"UTF8", parameters) if parameters.eq_ignore_ascii_case(b"USER") => {
                Some(Self::Utf8(Utf8::MessagesAndNames))
            }
            (b"LANG", b"") => Some(Self::Lang),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Other(raw)))
    }

    /// Appends the capability's line and its CRLF: at most 512 octets, parameters that do not fit are cut.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        let start = wire.len();
        match self {
            Self::Other(raw) => wire.extend_from_slice(raw.as_bytes()),
            _ => wire.extend_from_slice(self.tag()),
        }
        match self {
            Self::LoginDelay(delay) => wire.extend_from_slice(format!(" {}{}", delay.seconds, delay.scope).as_bytes()),
            Self::Expire(expire) => wire.extend_from_slice(format!(" {}{}", expire.retention, expire.scope).as_bytes()),
            Self::Implementation(text) => {
                wire.push(b' ');
                wire.extend_from_slice(text.as_bytes());
            }
            Self::Sasl(mechanisms) => {
                // Half a name would be another mechanism.
                for mechanism in mechanisms {
                    if wire.len() - start + 1 + mechanism.as_str().len() <= RawCapability::MAX {
                        wire.extend_from_slice(format!(" {mechanism}").as_bytes());
                    }
                }
            }
            Self::Utf8(Utf8::MessagesAndNames) => wire.extend_from_slice(b" USER"),
            _ => {}
        }
        wire.truncate(start + RawCapability::MAX);
        wire.extend_from_slice(b"\r\n");
    }
}

/// `seconds [SP "USER"]`
fn login_delay(parameters: &[u8]) -> Option<LoginDelay> {
    let (seconds, scope) = scoped(parameters)?;
    let seconds = u32::try_from(decimal(seconds, Expected::Number).ok()?).ok()?;
    Some(LoginDelay { seconds, scope })
}

/// `*(mechanism SP) mechanism`, or nothing.
fn mechanisms(parameters: &[u8]) -> Option<Vec<MechanismName>> {
    if parameters.is_empty() {
        return Some(Vec::new());
    }
    let words = parameters.split(|&octet| octet == b' ');
    words.map(|word| auth::mechanism(word).ok()).collect()
}

/// `(days / "NEVER") [SP "USER"]`
fn expire(parameters: &[u8]) -> Option<Expire> {
    let (value, scope) = scoped(parameters)?;
    let retention = if value.eq_ignore_ascii_case(b"NEVER") {
        Retention::Never
    } else {
        Retention::Days(u32::try_from(decimal(value, Expected::Number).ok()?).ok()?)
    };
    Some(Expire { retention, scope })
}

fn scoped(parameters: &[u8]) -> Option<(&[u8], Scope)> {
    let mut words = parameters.split(|&octet| octet == b' ');
    let value = words.next()?;
    match (words.next(), words.next()) {
        (None, _) => Some((value, Scope::Everyone)),
        (Some(word), None) if word.eq_ignore_ascii_case(b"USER") => Some((value, Scope::PerUser)),
        _ => None,
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("NEVER"),
            Self::Days(days) => days.fmt(f),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => Ok(()),
            Self::PerUser => f.write_str(" USER"),
        }
    }
}

/// A capability's line as it came: a tag and parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawCapability(Text);

impl RawCapability {
    /// The longest one, in octets without its CRLF (RFC 2449 §5).
    pub const MAX: usize = 510;

    /// Checks a line, given without its CRLF.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that does not fit, or where it is longer than [`Self::MAX`].
    pub fn new(line: &str) -> Result<Self, SyntaxError> {
        Self::parse(line.as_bytes())
    }

    /// The whole line.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What stands in front of the first space.
    pub fn tag(&self) -> &[u8] {
        self.as_bytes().split(|&octet| octet == b' ').next().unwrap_or_default()
    }

    /// What stands behind the first space.
    pub fn parameters(&self) -> &[u8] {
        let rest = &self.as_bytes()[self.tag().len()..];
        rest.strip_prefix(b" ").unwrap_or(rest)
    }

    fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let mut words = line.split(|&octet| octet == b' ');
        let tag = words.next().unwrap_or_default();
        let good = tag.iter().take_while(|&&octet| is_cchar(octet)).count();
        if good < tag.len() || tag.is_empty() {
            return Err(SyntaxError::new(good, Expected::Capability));
        }
        let bad = line.iter().position(|&octet| octet != b' ' && !is_parameter(octet));
        match bad {
            Some(offset) => Err(SyntaxError::new(offset, Expected::Capability)),
            None if line.len() > Self::MAX => Err(SyntaxError::new(Self::MAX, Expected::End)),
            None => Ok(Self(Text::part(line.trim_ascii_end()))),
        }
    }
}

/// `cchar = %x21-2D / %x2F-7F`, printable ASCII without the dot (RFC 2449 §3)
const fn is_cchar(octet: u8) -> bool {
    matches!(octet, 0x21..=0x2d | 0x2f..=0x7f)
}

/// `VCHAR`, and what servers put into IMPLEMENTATION in spite of the grammar.
const fn is_parameter(octet: u8) -> bool {
    octets::is_vchar(octet) || octets::is_utf8_non_ascii(octet)
}
