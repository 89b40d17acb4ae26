//! SMTP and LMTP: commands and replies.

mod unknown;

use std::io;

use smtp_proto::{Command, Expected, Leniency, Parameters, Reply, SyntaxError, Verb};

use crate::output::{self, Accepted, HIDDEN, Refused, line};
use crate::pen::Pen;
use unknown::Unknown;

/// Which of the two protocols is spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Smtp,
    Lmtp,
}

/// A command line. Without `strict` those that nobody knows are told by their words, too.
pub(crate) fn command(octets: &[u8], strict: bool, dialect: Dialect) -> Result<Accepted<'_>, Refused> {
    let line = line(octets, strict)?;
    let error = match Command::parse_with(line, leniency(strict)) {
        Ok(command) => {
            // RFC 2033 §4.1: LHLO stands in the place of the other two, and only in LMTP.
            match (dialect, command.verb()) {
                (Dialect::Lmtp, Verb::Helo | Verb::Ehlo) => return Err(output::refused("LHLO", 0)),
                (Dialect::Smtp, Verb::Lhlo) => return Err(output::refused("a command", 0)),
                _ => {}
            }
            if strict {
                unknown::check_parameters(&command, line.trim_ascii_end().len())?;
            }
            return Ok(Box::new(move |pen| describe(&command, pen)));
        }
        Err(error) => error,
    };
    match Unknown::parse(line, strict) {
        Some(unknown) if error.expected == Expected::Command => Ok(Box::new(move |pen| unknown.describe(pen))),
        _ => Err(refused(error)),
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

fn describe(command: &Command, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.object(|pen| {
        pen.heading("verb", command.verb().as_str())?;
        match command {
            Command::Helo(name) | Command::Ehlo(name) | Command::Lhlo(name) => pen.fact("client", name.as_str()),
            Command::Mail(mail) => {
                pen.fact("reverse_path", mailbox(mail.reverse_path()))?;
                parameters(mail.parameters(), pen)
            }
            Command::Rcpt(rcpt) => {
                pen.fact("forward_path", mailbox(rcpt.forward_path()))?;
                parameters(rcpt.parameters(), pen)
            }
            Command::Vrfy(inquiry) | Command::Expn(inquiry) => pen.fact("argument", inquiry.as_str()),
            Command::Help(Some(argument)) | Command::Noop(Some(argument)) => pen.fact("argument", argument.as_str()),
            // What proves who somebody is stays hidden.
            Command::Auth(auth) => {
                pen.fact("mechanism", auth.mechanism.as_str())?;
                match auth.initial_response {
                    Some(_) => pen.fact("initial_response", HIDDEN),
                    None => Ok(()),
                }
            }
            Command::XClient(attributes) | Command::XForward(attributes) => parameters(attributes.iter(), pen),
            _ => {
                let written = command.to_string();
                let arguments: Vec<_> = written.split(' ').skip(1).map(str::as_bytes).collect();
                match &*arguments {
                    [] => Ok(()),
                    arguments => pen.texts("arguments", arguments),
                }
            }
        }
    })
}

/// Without the angle brackets; the null reverse-path is empty.
fn mailbox(path: &impl ToString) -> String {
    let path = path.to_string();
    let inner = path.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner.map_or(path.clone(), str::to_owned)
}

fn parameters(parameters: Parameters<'_>, pen: &mut Pen<'_>) -> io::Result<()> {
    pen.key("params")?;
    pen.entries(|pen| {
        parameters.into_iter().try_for_each(|parameter| {
            pen.entry(parameter.keyword.as_bytes(), |pen| match parameter.value {
                Some(value) => pen.text(value),
                None => pen.none(),
            })
        })
    })
}

/// What servers may tolerate, by default.
fn leniency(strict: bool) -> Leniency {
    let mut leniency = Leniency::default();
    // What MAIL said is not known here.
    leniency.smtp_utf8 = true;
    if !strict {
        leniency.space_after_colon = true;
        leniency.missing_brackets = true;
        leniency.any_hello_name = true;
        leniency.long_paths = true;
        leniency.any_parameter_value = true;
    }
    leniency
}

fn refused(error: SyntaxError) -> Refused {
    output::refused(&error.expected.to_string(), error.offset)
}
