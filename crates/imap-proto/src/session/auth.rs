//! LOGIN and AUTHENTICATE (RFC 9051 §6.2).

use alloc::vec::Vec;

use bounded_static::{IntoBoundedStatic, ToBoundedStatic, ToStatic};
use mail_wire::{SaslFault, Secret, decode_sasl, encode_sasl, write_initial_response};

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{AString, Atom, InvalidValue, SyntaxError};

/// What proves who the client is: never printed, overwritten when dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential(Secret);

/// LOGIN: `login = "LOGIN" SP userid SP password`
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Login<'a> {
    /// The user's name.
    pub user: AString<'a>,
    /// The password: an astring without NUL, CR and LF.
    pub password: Credential,
}

/// AUTHENTICATE: a SASL mechanism and, with SASL-IR (RFC 4959), the first response.
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct Authenticate<'a> {
    /// The mechanism's name, such as `PLAIN`.
    pub mechanism: Atom<'a>,
    /// The response to the empty challenge, decoded; empty is `=` on the wire.
    pub initial_response: Option<Credential>,
}

/// A client's line in an AUTHENTICATE exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslResponse {
    /// A response, decoded.
    Data(Credential),
    /// `*`: the client gives up.
    Cancel,
}

impl Credential {
    /// A password for LOGIN.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] where there is a NUL, CR or LF.
    pub fn password(secret: Secret) -> Result<Self, InvalidValue> {
        match secret
            .expose()
            .iter()
            .position(|octet| matches!(octet, 0 | b'\r' | b'\n'))
        {
            Some(offset) => Err(InvalidValue::new(offset, "a password without NUL, CR and LF")),
            None => Ok(Self(secret)),
        }
    }

    /// Data of a SASL mechanism: any octets.
    pub const fn sasl(secret: Secret) -> Self {
        Self(secret)
    }

    /// The secret.
    pub const fn secret(&self) -> &Secret {
        &self.0
    }
}

impl ToBoundedStatic for Credential {
    type Static = Self;

    fn to_static(&self) -> Self {
        self.clone()
    }
}

impl IntoBoundedStatic for Credential {
    type Static = Self;

    fn into_static(self) -> Self {
        self
    }
}

impl<'a> Login<'a> {
    /// What follows `LOGIN`.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let user = reader.astring()?;
        reader.space()?;
        let password = reader.astring()?;
        Ok(Self {
            user,
            password: Credential(Secret::from(password.as_bytes())),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("LOGIN ");
        writer.astring(&self.user);
        writer.space();
        // The checked door is `password`; data of a mechanism that came through the other door cannot leave the line.
        match AString::new(self.password.0.expose()) {
            Ok(password) => writer.astring(&password),
            Err(_) => writer.text("\"\""),
        }
    }
}

impl<'a> Authenticate<'a> {
    /// ```text
    /// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)
    /// initial-resp = (base64 / "=")
    /// base64       = *(4base64-char) [base64-terminal]
    /// ```
    /// The lines behind it are [`SaslResponse`]s. Base64 of nothing is nothing, so that a space in front of CRLF is an empty response, too,
    /// though clients have to send `=` (RFC 9051 §6.2.2).
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mechanism = reader.atom()?;
        let initial_response = match reader.accept_space() {
            true if reader.accept(b'=') || reader.peek() == Some(b'\r') => Some(Credential(Secret::from(""))),
            true => Some(base64(reader)?),
            false => None,
        };
        Ok(Self {
            mechanism,
            initial_response,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text("AUTHENTICATE ");
        writer.text(self.mechanism.as_str());
        if let Some(response) = &self.initial_response {
            let mut base64 = Vec::new();
            write_initial_response(response.0.expose(), &mut base64);
            writer.space();
            writer.raw(&base64);
        }
    }
}

impl SaslResponse {
    /// A whole line with its CRLF.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] when it is neither base64 nor `*`.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let content = line.strip_suffix(b"\r\n").ok_or(SyntaxError::new(line.len(), "CRLF"))?;
        match content {
            b"*" => Ok(Self::Cancel),
            _ => decode(content, 0).map(Self::Data),
        }
    }

    /// The line with its CRLF.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Data(data) => encode_sasl(data.0.expose(), out),
            Self::Cancel => out.push(b'*'),
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn base64(reader: &mut Reader<'_>) -> Parse<Credential> {
    let start = reader.offset();
    let run = reader.run1(
        |octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'='),
        "base64 or \"=\"",
    )?;
    decode(run, start)
}

pub(crate) fn decode(base64: &[u8], offset: usize) -> Parse<Credential> {
    decode_sasl(base64).map(Credential).map_err(|fault| {
        let inside = match fault {
            SaslFault::Base64 { offset } => offset,
            _ => 0,
        };
        SyntaxError::new(offset + inside, "base64")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Command;
    use crate::trips::{canonical_command, respelled_command};

    fn response(command: &Command<'_>) -> Option<Vec<u8>> {
        let Command::Authenticate(authenticate) = command else {
            panic!("{command:?}")
        };
        let response = authenticate.initial_response.as_ref();
        response.map(|response| response.secret().expose().to_vec())
    }

    #[test]
    fn no_initial_response_is_not_an_empty_one() {
        assert_eq!(response(&canonical_command("AUTHENTICATE EXTERNAL")), None);
        assert_eq!(
            response(&canonical_command("AUTHENTICATE EXTERNAL =")),
            Some(Vec::new())
        );
        let spelled = respelled_command("AUTHENTICATE EXTERNAL ", "AUTHENTICATE EXTERNAL =");
        assert_eq!(response(&spelled), Some(Vec::new()));
        let filled = canonical_command("AUTHENTICATE PLAIN AGEAYg==");
        assert_eq!(response(&filled), Some(b"\0a\0b".to_vec()));
    }
}
