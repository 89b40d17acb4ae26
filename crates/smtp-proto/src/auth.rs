//! AUTH (RFC 4954 §4).

use alloc::vec::Vec;
use core::fmt;

use mail_wire::{MechanismName, SaslFault, Secret, parse_initial_response, write_initial_response};

use crate::scan;
use crate::{Expected, SyntaxError, Verb};

/// AUTH: a SASL mechanism and, perhaps, the response to its empty first challenge.
///
/// ```
/// # use smtp_proto::Command;
/// let Ok(Command::Auth(auth)) = Command::parse(b"AUTH plain AGJvYgBodW5ncnk=") else { panic!() };
/// assert_eq!(auth.mechanism.as_str(), "PLAIN");
/// assert_eq!(auth.initial_response.as_ref().unwrap().expose(), b"\0bob\0hungry");
/// assert_eq!(auth.to_string(), "PLAIN [redacted]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// The mechanism.
    pub mechanism: MechanismName,
    /// The initial response, decoded; an empty one is `=` on the wire.
    pub initial_response: Option<Secret>,
}

impl Auth {
    /// ```text
    /// auth-command     = "AUTH" SP sasl-mech [SP initial-response] *(CRLF [base64]) [CRLF cancel-response] CRLF
    /// initial-response = base64 / "="                                                         (RFC 4954 §8)
    /// ```
    /// The lines behind it are [`SaslResponse`](mail_wire::SaslResponse)s.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let at = scan::octet(line, Verb::Auth.as_str().len(), b' ', Expected::Space)?;
        let end = scan::run(line, at, |octet| octet != b' ');
        let misplaced = |offset, fault| match fault {
            SaslFault::Mechanism { offset: at } => SyntaxError::new(offset + at, Expected::Mechanism),
            SaslFault::Base64 { offset: at } => SyntaxError::new(offset + at, Expected::Base64),
            _ => SyntaxError::new(offset, Expected::Argument),
        };
        let name = core::str::from_utf8(&line[at..end]).map_err(|_| SyntaxError::new(at, Expected::Mechanism))?;
        let initial_response = match line.get(end + 1..) {
            None => None,
            Some(text) => Some(parse_initial_response(text).map_err(|fault| misplaced(end + 1, fault))?),
        };
        Ok(Self {
            mechanism: name.parse().map_err(|fault| misplaced(at, fault))?,
            initial_response,
        })
    }

    /// Appends what follows the verb, the secret too.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.mechanism.as_str().as_bytes());
        if let Some(response) = &self.initial_response {
            out.push(b' ');
            write_initial_response(response.expose(), out);
        }
    }
}

/// For people: the response is not shown. [`Command::write`](crate::Command::write) sends it.
impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mechanism)?;
        match &self.initial_response {
            Some(response) => write!(f, " {response}"),
            None => Ok(()),
        }
    }
}
