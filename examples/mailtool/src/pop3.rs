//! POP3 commands and responses.

use std::io;

use pop3_proto::{Command, Greeting, Response, SyntaxError};

use crate::output::{self, Accepted, HIDDEN, Refused, line};
use crate::pen::Pen;

/// A command line.
pub(crate) fn command(octets: &[u8], strict: bool) -> Result<Accepted<'_>, Refused> {
    let line = line(octets, strict)?;
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
            Command::Auth(Some(auth)) => {
                pen.fact("mechanism", auth.mechanism.as_str())?;
                if auth.initial_response.is_some() {
                    pen.fact("initial_response", HIDDEN)?;
                }
            }
            Command::Lang(Some(range)) => pen.fact("language", range.to_string())?,
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

fn refused(error: SyntaxError) -> Refused {
    output::refused(&error.expected.to_string(), error.offset)
}
