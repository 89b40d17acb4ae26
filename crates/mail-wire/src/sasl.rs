//! SASL on the wire (RFC 4422): names of mechanisms, and the base64 lines that SMTP (RFC 4954 §4), POP3 (RFC 5034 §4)
//! and IMAP (RFC 9051 §6.2.2) have in common. What the data means is the mechanism's business.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::Secret;

/// The name of a mechanism, in upper case.
///
/// ```
/// # use mail_wire::MechanismName;
/// let name: MechanismName = "scram-sha-256-plus".parse().unwrap();
/// assert_eq!(name.as_str(), "SCRAM-SHA-256-PLUS");
/// assert!("PLAIN\r\nQUIT".parse::<MechanismName>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MechanismName(Box<str>);

impl MechanismName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// ```text
/// sasl-mech  = 1*20mech-char
/// mech-char  = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE     (RFC 4422 §3.1)
/// ```
/// Small letters are taken for large ones, as protocols whose commands know no case do.
impl FromStr for MechanismName {
    type Err = SaslFault;

    fn from_str(text: &str) -> Result<Self, SaslFault> {
        let is_mech_char = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        match text.bytes().position(|octet| !is_mech_char(octet)) {
            Some(offset) => Err(SaslFault::Mechanism { offset }),
            None if text.is_empty() || text.len() > LONGEST_NAME => Err(SaslFault::Mechanism {
                offset: text.len().min(LONGEST_NAME),
            }),
            None => Ok(Self(text.to_ascii_uppercase().into())),
        }
    }
}

impl fmt::Display for MechanismName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client's line in an exchange, without CRLF.
///
/// ```
/// # use mail_wire::{SaslResponse, Secret};
/// assert_eq!(SaslResponse::parse(b"AGJvYgBodW5ncnk="), Ok(SaslResponse::Data(Secret::from("\0bob\0hungry"))));
/// assert_eq!(SaslResponse::parse(b"*"), Ok(SaslResponse::Cancel));
/// assert!(SaslResponse::parse(b"A").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslResponse {
    /// A response, decoded.
    Data(Secret),
    /// `*`: the client gives up.
    Cancel,
}

impl SaslResponse {
    /// Parses a line without its CRLF. An empty line is an empty response.
    ///
    /// # Errors
    ///
    /// [`SaslFault::Base64`] when it is neither base64 nor `*`.
    pub fn parse(line: &[u8]) -> Result<Self, SaslFault> {
        match line {
            b"*" => Ok(Self::Cancel),
            _ => decode_sasl(line).map(Self::Data),
        }
    }

    /// Appends the line, without CRLF.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Data(data) => encode_sasl(data.expose(), out),
            Self::Cancel => out.push(b'*'),
        }
    }
}

/// Reads the initial response behind a mechanism's name: `=` is the empty one (RFC 4954 §4, RFC 5034 §4).
///
/// # Errors
///
/// [`SaslFault::Base64`] for what is neither `=` nor base64; nothing at all is neither.
pub fn parse_initial_response(text: &[u8]) -> Result<Secret, SaslFault> {
    match text {
        b"=" => Ok(Secret::from("")),
        b"" => Err(SaslFault::Base64 { offset: 0 }),
        _ => decode_sasl(text),
    }
}

/// Appends an initial response as it stands behind a mechanism's name.
pub fn write_initial_response(response: &[u8], out: &mut Vec<u8>) {
    match response {
        [] => out.push(b'='),
        _ => encode_sasl(response, out),
    }
}

/// Decodes base64 as SASL has it: the usual alphabet, padded, canonical, nothing between (RFC 4648 §4). Nothing decodes
/// to nothing.
///
/// # Errors
///
/// [`SaslFault::Base64`] with the first octet that is wrong.
pub fn decode_sasl(base64: &[u8]) -> Result<Secret, SaslFault> {
    let mut octets = Zeroizing::new(Vec::new());
    match STANDARD.decode_vec(base64, &mut octets) {
        Ok(()) => Ok(Secret::from(octets.as_slice())),
        Err(error) => Err(SaslFault::Base64 {
            offset: match error {
                base64::DecodeError::InvalidByte(offset, _) | base64::DecodeError::InvalidLastSymbol { offset, .. } => {
                    offset
                }
                _ => base64.len(),
            },
        }),
    }
}

/// Appends `octets` in base64.
pub fn encode_sasl(octets: &[u8], out: &mut Vec<u8>) {
    let mut text = Zeroizing::new(String::with_capacity(octets.len().div_ceil(3) * 4));
    STANDARD.encode_string(octets, &mut text);
    out.extend_from_slice(text.as_bytes());
}

/// Octets that are no SASL. The value is never shown: it may be a password that was mistyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SaslFault {
    /// No name of a mechanism.
    #[error("octet {offset}: expected the name of a SASL mechanism")]
    Mechanism {
        /// Octets in front of the one that is wrong.
        offset: usize,
    },
    /// No base64.
    #[error("octet {offset}: expected base64")]
    Base64 {
        /// Octets in front of the one that is wrong.
        offset: usize,
    },
}

/// Octets of a mechanism's name at most.
const LONGEST_NAME: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn names() {
        for name in ["X", "SCRAM-SHA-256-PLUS", "9_-", "ABCDEFGHIJKLMNOPQRST"] {
            assert_eq!(name.parse::<MechanismName>().unwrap().as_str(), name);
        }
        for (name, offset) in [
            ("", 0),
            ("ABCDEFGHIJKLMNOPQRSTU", 20),
            ("A B", 1),
            ("PLAIN\0", 5),
            ("É", 0),
        ] {
            assert_eq!(
                name.parse::<MechanismName>(),
                Err(SaslFault::Mechanism { offset }),
                "{name}"
            );
        }
    }

    /// docs/threats.md row 20
    #[test]
    fn an_empty_response_is_not_a_missing_one() {
        assert_eq!(parse_initial_response(b"="), Ok(Secret::from("")));
        assert_eq!(parse_initial_response(b""), Err(SaslFault::Base64 { offset: 0 }));
        assert_eq!(SaslResponse::parse(b""), Ok(SaslResponse::Data(Secret::from(""))));
        assert!(SaslResponse::parse(b"=").is_err());
        let mut out = vec![];
        write_initial_response(b"", &mut out);
        assert_eq!(out, b"=");
    }

    /// docs/threats.md row 20
    #[test]
    fn junk_is_located() {
        for (junk, offset) in [
            (&b"AGJ v"[..], 3),
            (b"A", 1),
            (b"AA=", 3),
            (b"AB==", 1),
            (b"****", 0),
            (b"AA==AA==", 2),
            (b"AA-_", 2),
        ] {
            let expected = Err(SaslFault::Base64 { offset });
            assert_eq!(decode_sasl(junk), expected, "{:?}", crate::Escaped(junk));
        }
    }

    #[test]
    fn reads_what_it_writes() {
        for length in 0..64u8 {
            let octets: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            let mut out = vec![];
            let response = SaslResponse::Data(Secret::from(octets.as_slice()));
            response.write(&mut out);
            assert_eq!(SaslResponse::parse(&out), Ok(response));
            out.clear();
            write_initial_response(&octets, &mut out);
            assert_eq!(parse_initial_response(&out), Ok(Secret::from(octets.as_slice())));
        }
    }
}
