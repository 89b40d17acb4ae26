//! `ORCPT=` (RFC 3461 §4.2, RFC 6533 §3).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write};
use core::str::FromStr;

use mail_wire::octets::is_atext;

use crate::xtext;
use crate::{Expected, SyntaxError};

/// The recipient as the sender named it: a type of address, and the address in xtext; in the encodings of RFC 6533 where
/// the type is `utf-8`.
///
/// ```
/// # use smtp_proto::OriginalRecipient;
/// let plain: OriginalRecipient = "rfc822;bob+2Blists@hamburger.example".parse().unwrap();
/// assert_eq!((plain.address_type(), plain.address()), ("rfc822", "bob+lists@hamburger.example"));
/// assert_eq!(plain.to_string(), "rfc822;bob+2Blists@hamburger.example");
///
/// let utf8: OriginalRecipient = r"utf-8;j\x{FC}rgen@beispiel.example".parse().unwrap();
/// assert_eq!(utf8.address(), "jürgen@beispiel.example");
/// assert_eq!(utf8, "utf-8;jürgen@beispiel.example".parse().unwrap());
/// assert_eq!(utf8.to_string(), r"utf-8;j\x{FC}rgen@beispiel.example");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OriginalRecipient {
    address_type: Box<str>,
    address: Box<str>,
}

impl OriginalRecipient {
    /// From a type (`rfc822`, `utf-8`, …) and an address as it is meant.
    ///
    /// # Errors
    ///
    /// A type that is no atom; an address that is empty, too long, has control characters, or is not US-ASCII where the
    /// type is not `utf-8`.
    pub fn new(address_type: &str, address: &str) -> Result<Self, SyntaxError> {
        if address_type.is_empty() || !address_type.bytes().all(is_atext) {
            return Err(SyntaxError::new(0, Expected::AddressType));
        }
        let international = is_utf8(address_type);
        let allowed = |c: char| !c.is_control() && (international || c.is_ascii());
        if let Some((at, _)) = address.char_indices().find(|&(_, c)| !allowed(c)) {
            return Err(SyntaxError::new(at, Expected::PrintableAscii));
        }
        match address.len() {
            0 => Err(SyntaxError::new(0, Expected::ParameterValue)),
            1..=MAX_ADDRESS => Ok(Self {
                address_type: address_type.into(),
                address: address.into(),
            }),
            _ => Err(SyntaxError::too_long(0, MAX_ADDRESS)),
        }
    }

    /// The type of address; compare without regard to case.
    pub fn address_type(&self) -> &str {
        &self.address_type
    }

    /// The address, decoded.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl FromStr for OriginalRecipient {
    type Err = SyntaxError;

    /// `original-recipient-address = addr-type ";" xtext` (RFC 3461 §4.2)
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let (kind, encoded) = text.split_once(';').ok_or(SyntaxError::new(0, Expected::AddressType))?;
        let decoded = match is_utf8(kind) {
            true => decode_utf8(encoded),
            false => xtext::decode_text(encoded),
        };
        let behind = kind.len() + 1;
        let address = decoded.map_err(|error| error.shifted(behind))?;
        Self::new(kind, &address).map_err(|error| SyntaxError::new(0, error.expected))
    }
}

impl fmt::Display for OriginalRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.address_type)?;
        match is_utf8(&self.address_type) {
            true => self.address.chars().try_for_each(|c| write_utf8(f, c)),
            false => f.write_str(&xtext::encode(self.address.as_bytes())),
        }
    }
}

fn is_utf8(address_type: &str) -> bool {
    address_type.eq_ignore_ascii_case("utf-8")
}

/// The 7-bit form, which goes everywhere.
fn write_utf8(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        ' '..='~' if !matches!(c, ' ' | '+' | '=' | '\\') => f.write_char(c),
        _ => write!(f, "\\x{{{:02X}}}", u32::from(c)),
    }
}

/// ```text
/// utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)
/// utf-8-addr-unitext  = 1*(QUCHAR / EmbeddedUnicodeChar)
/// EmbeddedUnicodeChar = "\x{" HEXPOINT "}"                       (RFC 6533 §3)
/// ```
/// `+` with two digits is taken too: senders encode the whole as xtext, as every ORCPT was before.
fn decode_utf8(text: &str) -> Result<String, SyntaxError> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let offset = text.len() - rest.len();
        let error = SyntaxError::new(offset, Expected::Utf8Address);
        let (found, len) = match c {
            '\\' => embedded(rest).ok_or(error)?,
            '+' => {
                let pair = rest.get(..3).ok_or(error)?;
                let octet = xtext::decode(pair).map_err(|_| error)?;
                (
                    octet
                        .first()
                        .copied()
                        .filter(u8::is_ascii)
                        .map(char::from)
                        .ok_or(error)?,
                    3,
                )
            }
            '=' | '\0'..=' ' | '\x7f' => return Err(error),
            _ => (c, c.len_utf8()),
        };
        decoded.push(found);
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(decoded)
}

/// `HEXPOINT`: two to six upper case digits of a code point that cannot stand for itself in 7 bits.
fn embedded(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix("\\x{")?;
    let (digits, _) = inner.split_at_checked(inner.bytes().take(7).position(|octet| octet == b'}')?)?;
    let upper = digits.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'A'..=b'F'));
    let canonical = matches!(digits.len(), 2..=6) && (digits.len() == 2 || !digits.starts_with('0'));
    let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    let special = !c.is_ascii() || c.is_ascii_control() || matches!(c, ' ' | '+' | '=' | '\\');
    (upper && canonical && special).then_some((c, "\\x{}".len() + digits.len()))
}

/// RFC 3461 §4.2
const MAX_ADDRESS: usize = 500;
