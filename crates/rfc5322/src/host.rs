//! The name of a host or domain, or a literal in its place.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::IpAddr;

use mail_wire::octets::{is_atext, is_dtext};

use crate::cursor::Cursor;
use crate::{Expected, SyntaxError};

/// A domain or a domain literal, at most [`Host::MAX`] octets without white space: ASCII, unless it comes from an address
/// in UTF-8.
///
/// The syntax is RFC 5322 §3.4.1's, which is wider than the `Domain` of RFC 5321 §4.1.2: hosts do greet with
/// underscores in their names. Compared without regard to case.
///
/// ```
/// # use rfc5322::Host;
/// assert_eq!(Host::new("Crepes.FR")?, Host::new("crepes.fr")?);
/// assert_eq!(Host::literal("2001:db8::7".parse().unwrap()).as_str(), "[IPv6:2001:db8::7]");
/// assert_eq!(Host::lossy(b"evil\r\nBcc: mallory").as_str(), "evil??Bcc??mallory");
/// # Ok::<(), rfc5322::SyntaxError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Host(String);

impl Host {
    /// The most octets of a domain (RFC 5321 §4.5.3.1.2): 255.
    pub const MAX: usize = 255;

    /// Takes a domain or a literal in its brackets.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that cannot stand there.
    pub fn new(text: &str) -> Result<Self, SyntaxError> {
        let mut cursor = Cursor::new(text.as_bytes());
        domain(&mut cursor)?;
        cursor.require_end()?;
        Self::checked(text.as_bytes())
    }

    /// The address literal of an IP address (RFC 5321 §4.1.3). An IPv4 address that came in on an IPv6 socket
    /// (`::ffff:192.0.2.7`) is written as the IPv4 address it is.
    pub fn literal(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        })
    }

    /// What a peer called itself, in a form that can be written: octets that cannot stand in a domain become `?`, a
    /// missing label too, and what is beyond [`MAX`](Self::MAX) octets is cut off.
    pub fn lossy(name: &[u8]) -> Self {
        let name = &name[..name.len().min(Self::MAX)];
        if let Ok(host) = core::str::from_utf8(name).map_or_else(|_| Self::new(""), Self::new) {
            return host;
        }
        let mut safe = String::with_capacity(name.len());
        for &octet in name {
            match octet {
                b'.' if !safe.is_empty() && !safe.ends_with('.') => safe.push('.'),
                octet if is_atext(octet) => safe.push(char::from(octet)),
                _ => safe.push('?'),
            }
        }
        if safe.ends_with('.') {
            safe.pop();
        }
        if safe.is_empty() {
            safe.push('?');
        }
        Self(safe)
    }

    /// The domain, or the literal in its brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes octets that [`domain`] has accepted.
    pub(crate) fn checked(octets: &[u8]) -> Result<Self, SyntaxError> {
        if octets.len() > Self::MAX {
            let expected = Expected::AtMost(Self::MAX);
            return Err(SyntaxError {
                offset: Self::MAX,
                expected,
            });
        }
        Ok(Self(String::from_utf8_lossy(octets).into_owned()))
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Host {}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ```text
/// domain         = dot-atom / domain-literal / obs-domain     ; RFC 5322 §3.4.1
/// domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
/// ```
pub(crate) fn domain(cursor: &mut Cursor<'_>) -> Result<(), SyntaxError> {
    if !cursor.eat(b'[') {
        return cursor.dot_atom_text(Expected::Domain).map(drop);
    }
    cursor.take_text(is_dtext);
    cursor.require(b']', Expected::ClosingBracket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn an_ipv4_address_on_an_ipv6_socket_is_ipv4() {
        let mapped: IpAddr = "::ffff:192.0.2.7".parse().unwrap();
        assert_eq!(Host::literal(mapped).to_string(), "[192.0.2.7]");
    }

    #[test]
    fn lossy_is_always_a_host() {
        let alphabet = b"a.[]\r? ";
        for number in 0..alphabet.len().pow(5) {
            let name: std::vec::Vec<u8> = (0..5u32)
                .map(|digit| alphabet[number / alphabet.len().pow(digit) % alphabet.len()])
                .collect();
            for length in 0..=5 {
                let host = Host::lossy(&name[..length]);
                assert_eq!(Host::new(host.as_str()).as_ref(), Ok(&host));
            }
        }
        assert_eq!(Host::lossy(&[b'a'; 1000]).as_str().len(), Host::MAX);
    }

    #[test]
    fn what_is_a_host_stays_as_it_is() {
        for name in ["crepes.fr", "my_pc", "[192.0.2.7]", "[IPv6:::1]", "[]"] {
            assert_eq!(Host::lossy(name.as_bytes()).as_str(), name);
        }
    }
}
