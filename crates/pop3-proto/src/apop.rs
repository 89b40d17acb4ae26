//! APOP (RFC 1939 §7): a greeting's timestamp and the digest that proves a shared secret.
//!
//! MD5 protects little today, and a man in the middle who chooses the timestamp learns the first characters of the
//! secret (CVE-2007-1558). So both machines leave APOP off until it is asked for, and only a timestamp that is a message
//! id of ASCII characters is taken for one.

use alloc::boxed::Box;
use core::fmt;

use mail_wire::{Secret, octets};
use md5::{Digest as _, Md5};

use crate::{Expected, SyntaxError};

/// A greeting's timestamp: a message id, with its angle brackets.
///
/// A server makes a new one for each connection; where the randomness comes from is the caller's business.
///
/// ```text
/// msg-id        = "<" id-left "@" id-right ">"   ; RFC 5322 §3.6.4
/// id-left       = dot-atom-text
/// id-right      = dot-atom-text / no-fold-literal
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Timestamp(Box<str>);

impl Timestamp {
    /// Reads `<left@right>`.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it is no message id of ASCII characters.
    pub fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let error = SyntaxError::new(0, Expected::Timestamp);
        let inner = octets
            .strip_prefix(b"<")
            .and_then(|rest| rest.strip_suffix(b">"))
            .ok_or(error)?;
        let at = inner.iter().position(|&octet| octet == b'@').ok_or(error)?;
        let (left, right) = (&inner[..at], &inner[at + 1..]);
        if !is_dot_atom_text(left) || !(is_dot_atom_text(right) || is_no_fold_literal(right)) {
            return Err(error);
        }
        core::str::from_utf8(octets)
            .map(|text| Self(text.into()))
            .map_err(|_| error)
    }

    /// With its angle brackets, as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digest that whoever knows `secret` answers with.
    pub fn digest(&self, secret: &Secret) -> Digest {
        let mut md5 = Md5::new();
        md5.update(self.0.as_bytes());
        md5.update(secret.expose());
        Digest(md5.finalize().into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// The 16 octets of an MD5 digest, sent as 32 lower-case hexadecimal digits.
///
/// Secrets can be guessed from it offline, so it is not printed. It has no `==` other than the one that takes the same
/// time wherever the difference lies.
#[derive(Clone, Copy, Eq)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Reads 32 lower-case hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] at the first octet that is none, or where there are too few or too many.
    pub fn parse(octets: &[u8]) -> Result<Self, SyntaxError> {
        let mut digest = [0; 16];
        let good = octets
            .iter()
            .take(32)
            .take_while(|&&octet| nibble(octet).is_some())
            .count();
        if good < 32 || octets.len() > 32 {
            return Err(SyntaxError::new(good, Expected::Digest));
        }
        for (octet, pair) in digest.iter_mut().zip(octets.chunks_exact(2)) {
            *octet = (nibble(pair[0]).unwrap_or(0) << 4) | nibble(pair[1]).unwrap_or(0);
        }
        Ok(Self(digest))
    }

    /// As it is sent.
    pub fn to_hex(&self) -> [u8; 32] {
        let mut hex = [0; 32];
        for (pair, octet) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = HEX[usize::from(octet >> 4)];
            pair[1] = HEX[usize::from(octet & 15)];
        }
        hex
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        Secret::from(self.0.as_slice()).matches(&other.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A digest together with the timestamp that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    timestamp: Timestamp,
    digest: Digest,
}

impl Proof {
    /// `digest` as the answer to `timestamp`.
    pub const fn new(timestamp: Timestamp, digest: Digest) -> Self {
        Self { timestamp, digest }
    }

    /// Whether whoever made it knows `secret`. The comparison takes the same time wherever the difference lies.
    #[must_use = "whether the client is who it says"]
    pub fn verify(&self, secret: &Secret) -> bool {
        self.timestamp.digest(secret) == self.digest
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn nibble(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    }
}

/// `dot-atom-text = 1*atext *("." 1*atext)` (RFC 5322 §3.2.3)
fn is_dot_atom_text(text: &[u8]) -> bool {
    text.split(|&octet| octet == b'.')
        .all(|atom| !atom.is_empty() && atom.iter().all(|&octet| octets::is_atext(octet)))
}

/// `no-fold-literal = "[" *dtext "]"` (RFC 5322 §3.6.4)
fn is_no_fold_literal(text: &[u8]) -> bool {
    text.strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"))
        .is_some_and(|inner| inner.iter().all(|&octet| octets::is_dtext(octet)))
}
