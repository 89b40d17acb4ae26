//! POP3 commands and responses.

use std::io;

use pop3_proto::{Command, Greeting, Response, SyntaxError};

use crate::output::{self, Accepted, HIDDEN, Refused, line};
use crate::pen::Pen;
use crate::sasl::{is_initial_response, is_mechanism};

/// A command line.
pub(crate) fn command(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let line = line(octets, strict)?;
    if let Some(authentication) = Authentication::parse(line)? {
        return Ok(Box::new(move |pen| authentication.describe(pen)));
    }
    let command = Command::parse(line).map_err(refused)?;
    Ok(Box::new(move |pen| describe(&command, pen)))
}

/// The line that answers a command, or greets.
pub(crate) fn response(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let line = line(octets, strict)?;
    // Only a greeting may have text right behind its status (RFC 2449 §3).
    let response = match Response::parse(line) {
        Ok(response) => response,
        Err(error) => Greeting::parse(line).map_err(|_| refused(error))?.to_response(),
    };
    Ok(Box::new(move |pen| {
        pen.object(|pen| {
            pen.heading("status", response.status().as_str())?;
            pen.key("code")?;
            match response.code() {
                Some(code) => pen.text(code.as_bytes())?,
                None => pen.none()?,
            }
            pen.fact("text", response.text().as_bytes())
        })
    }))
}

/// What proves who somebody is stays hidden.
fn describe(command: &Command, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        pen.heading("verb", command.keyword().as_str())?;
        match command {
            Command::User(name) => pen.fact("name", name.as_str())?,
            Command::Pass(_) => pen.fact("password", HIDDEN)?,
            Command::Apop(name, _) => {
                pen.fact("name", name.as_str())?;
                pen.fact("digest", HIDDEN)?;
            }
            _ => {}
        }
        if let Some(number) = command.message() {
            pen.key("message")?;
            pen.number(number.as_u32().into())?;
        }
        match command {
            Command::Top(_, lines) => {
                pen.key("lines")?;
                pen.number((*lines).into())
            }
            _ => Ok(()),
        }
    })
}

/// `AUTH` and `STLS`, which the crate does not speak yet.
enum Authentication<'a> {
    /// `AUTH [mechanism [initial-response]]` (RFC 5034)
    Auth {
        mechanism: Option<&'a [u8]>,
        has_initial_response: bool,
    },
    /// `STLS` (RFC 2595)
    Stls,
}

impl<'a> Authentication<'a> {
    fn parse(line: &'a [u8]) -> Result<Option<Self>, Refused> {
        let mut words = line.split(|&octet| octet == b' ');
        let verb = words.next().unwrap_or_default();
        let mechanism = words.next();
        let initial_response = words.next();
        if verb.eq_ignore_ascii_case(b"STLS") {
            return if mechanism.is_none() {
                Ok(Some(Self::Stls))
            } else {
                Err(output::refused("the end of the line", verb.len()))
            };
        }
        if !verb.eq_ignore_ascii_case(b"AUTH") {
            return Ok(None);
        }
        let is_right = mechanism.is_none_or(is_mechanism) && initial_response.is_none_or(is_initial_response);
        match words.next() {
            None if is_right => Ok(Some(Self::Auth {
                mechanism,
                has_initial_response: initial_response.is_some(),
            })),
            _ => Err(output::refused("a mechanism and base64", verb.len())),
        }
    }

    fn describe(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        pen.object(|pen| match self {
            Self::Stls => pen.heading("verb", "STLS"),
            Self::Auth {
                mechanism,
                has_initial_response,
            } => {
                pen.heading("verb", "AUTH")?;
                if let Some(mechanism) = mechanism {
                    pen.fact("mechanism", mechanism)?;
                }
                match has_initial_response {
                    true => pen.fact("initial_response", HIDDEN),
                    false => Ok(()),
                }
            }
        })
    }
}

fn refused(error: SyntaxError) -> Refused {
    output::refused(&error.expected.to_string(), error.offset)
}
