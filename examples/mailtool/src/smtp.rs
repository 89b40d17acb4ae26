//! SMTP and LMTP: commands and replies.

mod extension;
mod parameter;

use std::io;

use smtp_proto::{Command, Leniency, Parameters, Reply, SyntaxError};

use crate::output::{self, Accepted, Refused, line};
use crate::pen::Pen;
use extension::Extended;

/// Which of the two protocols is spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Smtp,
    Lmtp,
}

/// A command line. Those of extensions are told by name and words; without `strict` those that nobody knows, too.
pub(crate) fn command(octets: &[u8], strict: bool, dialect: Dialect) -> Result<Accepted<'_>, Refused> {
    let line = line(octets, strict)?;
    if let Some(extended) = Extended::parse(line, strict, dialect)? {
        return Ok(Box::new(move |pen| extended.describe(pen)));
    }
    let (command, is_binary) = parse(line, strict).map_err(refused)?;
    if strict {
        parameter::check(&command, line.trim_ascii_end().len())?;
    }
    Ok(Box::new(move |pen| describe(&command, is_binary, pen)))
}

/// A command of RFC 5321, and whether it has the body type of RFC 3030, which the crate's machines do not offer and its parser
/// therefore refuses.
fn parse(line: &[u8], strict: bool) -> Result<(Command, bool), SyntaxError> {
    let error = match Command::parse_with(line, leniency(strict)) {
        Ok(command) => return Ok((command, false)),
        Err(error) => error,
    };
    let (before, found) = line.split_at(error.offset.min(line.len()));
    match found.split_at_checked(BINARY.len()) {
        Some((word, behind)) if word.eq_ignore_ascii_case(BINARY) && matches!(behind.first(), None | Some(b' ')) => {
            let rest = [before, behind.trim_ascii_start()].concat();
            Command::parse_with(&rest, leniency(strict)).map(|command| (command, true))
        }
        _ => Err(error),
    }
}

/// One reply with all its lines.
pub(crate) fn reply(octets: &[u8]) -> Result<Accepted<'_>, Refused> {
    let reply = Reply::parse(octets).map_err(refused)?;
    Ok(Box::new(move |pen| {
        pen.object(|pen| {
            match pen.is_json() {
                true => {
                    pen.key("code")?;
                    pen.number(reply.code().number().into())?;
                }
                false => pen.kind(reply.code().to_string())?,
            }
            pen.key("enhanced")?;
            let enhanced = reply.enhanced().map(|code| code.to_string());
            match &enhanced {
                Some(code) => pen.text(code)?,
                None => pen.none()?,
            }
            pen.texts("lines", reply.lines().map(|line| behind(line, enhanced.as_deref())))
        })
    }))
}

/// The text behind the enhanced code, which every line repeats (RFC 2034 §4).
fn behind<'l>(line: &'l [u8], code: Option<&str>) -> &'l [u8] {
    let rest = code.and_then(|code| line.strip_prefix(code.as_bytes()));
    match rest {
        Some([b' ', text @ ..]) => text,
        Some([]) => b"",
        _ => line,
    }
}

fn describe(command: &Command, is_binary: bool, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        pen.heading("verb", command.verb().as_str())?;
        match command {
            Command::Helo(name) | Command::Ehlo(name) => pen.fact("client", name.as_str()),
            Command::Mail(mail) => {
                pen.fact("reverse_path", mailbox(mail.reverse_path()))?;
                parameters(mail.parameters(), is_binary, pen)
            }
            Command::Rcpt(rcpt) => {
                pen.fact("forward_path", mailbox(rcpt.forward_path()))?;
                parameters(rcpt.parameters(), false, pen)
            }
            Command::Vrfy(argument) | Command::Expn(argument) => pen.fact("argument", argument.as_str()),
            Command::Help(Some(argument)) | Command::Noop(Some(argument)) => pen.fact("argument", argument.as_str()),
            _ => Ok(()),
        }
    })
}

/// Without the angle brackets; the null reverse-path is empty.
fn mailbox(path: &impl ToString) -> String {
    let path = path.to_string();
    let inner = path.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner.map_or(path.clone(), str::to_owned)
}

fn parameters(parameters: Parameters<'_>, is_binary: bool, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.key("params")?;
    pen.entries(|pen| {
        parameters.into_iter().try_for_each(|parameter| {
            pen.entry(parameter.keyword.as_bytes(), |pen| match parameter.value {
                Some(value) => pen.text(value),
                None => pen.none(),
            })
        })?;
        if is_binary {
            pen.entry(b"BODY", |pen| pen.text("BINARYMIME"))?;
        }
        Ok(())
    })
}

/// What servers may tolerate, by default.
fn leniency(strict: bool) -> Leniency {
    let mut leniency = Leniency::default();
    if !strict {
        leniency.space_after_colon = true;
        leniency.missing_brackets = true;
        leniency.any_hello_name = true;
        leniency.long_paths = true;
    }
    leniency
}

fn refused(error: SyntaxError) -> Refused {
    output::refused(&error.expected.to_string(), error.offset)
}

const BINARY: &[u8] = b"BODY=BINARYMIME";
