//! AUTH: a SASL mechanism, and the lines of its exchange (RFC 5034 §4). What the data means is the mechanism's business.

use alloc::vec::Vec;

use mail_wire::{
    MechanismName, SaslFault, Secret, decode_sasl, encode_sasl, parse_initial_response, write_initial_response,
};

use crate::{Expected, SyntaxError};

/// The arguments of AUTH.
///
/// ```text
/// auth-command     = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF "*"] CRLF
/// initial-response = base64 / "="
/// ```
///
/// ```
/// # use pop3_proto::{Authenticate, Command};
/// let Ok(Command::Auth(Some(auth))) = Command::parse(b"AUTH plain AGJvYgBodW5ncnk=") else { panic!() };
/// assert_eq!(auth.mechanism.as_str(), "PLAIN");
/// assert_eq!(auth.initial_response.unwrap().expose(), b"\0bob\0hungry");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticate {
    /// Which mechanism.
    pub mechanism: MechanismName,
    /// The response to the empty challenge, decoded; an empty one is `=` on the wire.
    pub initial_response: Option<Secret>,
}

impl Authenticate {
    /// Appends what stands behind `AUTH `.
    pub(crate) fn encode(&self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(self.mechanism.as_str().as_bytes());
        if let Some(response) = &self.initial_response {
            wire.push(b' ');
            write_initial_response(response.expose(), wire);
        }
    }

    /// Octets of the whole command with its CRLF: no more than 255 may be sent (RFC 5034 §4), so that a longer initial
    /// response has to wait for the empty challenge.
    pub(crate) fn length(&self) -> usize {
        let response = self.initial_response.as_ref().map_or(0, |response| {
            let octets = response.expose().len();
            1 + (octets.div_ceil(3) * 4).max(1)
        });
        "AUTH \r\n".len() + self.mechanism.as_str().len() + response
    }
}

pub(crate) fn mechanism(octets: &[u8]) -> Result<MechanismName, SyntaxError> {
    let name =
        core::str::from_utf8(octets).map_err(|error| SyntaxError::new(error.valid_up_to(), Expected::Mechanism))?;
    name.parse().map_err(located)
}

pub(crate) fn initial_response(octets: &[u8]) -> Result<Secret, SyntaxError> {
    parse_initial_response(octets).map_err(located)
}

/// The data of a server's challenge: `"+" SP [base64]`. Nothing at all behind the `+` is an empty challenge, too, as
/// servers have been seen to send it.
pub(crate) fn challenge(line: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let rest = line
        .strip_prefix(b"+")
        .ok_or(SyntaxError::new(0, Expected::Challenge))?;
    let base64 = match rest {
        [] => rest,
        [b' ', base64 @ ..] => base64,
        _ => return Err(SyntaxError::new(1, Expected::Challenge)),
    };
    match decode_sasl(base64) {
        Ok(data) => Ok(data.expose().to_vec()),
        Err(fault) => Err(SyntaxError::new(located(fault).offset + 2, Expected::Challenge)),
    }
}

/// Appends a challenge's line.
pub(crate) fn encode_challenge(data: &[u8], wire: &mut Vec<u8>) {
    wire.extend_from_slice(b"+ ");
    encode_sasl(data, wire);
    wire.extend_from_slice(b"\r\n");
}

pub(crate) fn located(fault: SaslFault) -> SyntaxError {
    match fault {
        SaslFault::Mechanism { offset } => SyntaxError::new(offset, Expected::Mechanism),
        SaslFault::Base64 { offset } => SyntaxError::new(offset, Expected::Base64),
        _ => SyntaxError::new(0, Expected::Base64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn challenges() {
        assert_eq!(challenge(b"+ "), Ok(vec![]));
        assert_eq!(challenge(b"+"), Ok(vec![]));
        assert_eq!(challenge(b"+ d2hvPw=="), Ok(b"who?".to_vec()));
        for (junk, offset) in [
            (&b"+OK"[..], 1),
            (b"-ERR", 0),
            (b"", 0),
            (b"+ go ahead", 4),
            (b"+  ", 2),
            (b"+ ====", 2),
            (b"+ d2hvPw", 8),
        ] {
            let expected = Err(SyntaxError::new(offset, Expected::Challenge));
            assert_eq!(challenge(junk), expected, "{:?}", mail_wire::Escaped(junk));
        }
    }

    #[test]
    fn the_length_is_that_of_the_line() {
        for octets in 0..40 {
            let auth = Authenticate {
                mechanism: mechanism(b"PLAIN").unwrap(),
                initial_response: Some(Secret::from(vec![b'x'; octets].as_slice())),
            };
            let mut wire = Vec::new();
            crate::Command::Auth(Some(auth.clone())).encode(&mut wire);
            assert_eq!(auth.length(), wire.len());
        }
    }
}
