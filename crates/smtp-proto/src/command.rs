//! Commands: verb and argument (RFC 5321 §4.1.1).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::str::FromStr;

use mail_wire::octets::is_wsp;

use crate::domain;
use crate::envelope::{mail, rcpt};
use crate::mailbox::{self, unescape};
use crate::scan;
use crate::{Expected, Host, Leniency, MailFrom, RcptTo, SyntaxError};

/// A command of the client.
///
/// ```
/// # use smtp_proto::{Command, Expected, SyntaxError};
/// let command = Command::parse(b"rcpt to:<bob@hamburger.example>").unwrap();
/// assert_eq!(command.to_string(), "RCPT TO:<bob@hamburger.example>");
/// assert_eq!(
///     Command::parse(b"RCPT TO:bob"),
///     Err(SyntaxError { offset: 8, expected: Expected::Octet(b'<') })
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// `HELO client`
    Helo(ClientName),
    /// `EHLO client`
    Ehlo(ClientName),
    /// `MAIL FROM:<reverse-path> parameters`
    Mail(MailFrom),
    /// `RCPT TO:<forward-path> parameters`
    Rcpt(RcptTo),
    /// `DATA`
    Data,
    /// `RSET`
    Rset,
    /// `VRFY user`
    Vrfy(Argument),
    /// `EXPN list`
    Expn(Argument),
    /// `HELP topic`
    Help(Option<Argument>),
    /// `NOOP ignored`
    Noop(Option<Argument>),
    /// `QUIT`
    Quit,
}

impl Command {
    /// Parses a line without its CRLF, by the RFC's grammar alone. Trailing white space is tolerated, as RFC 5321 §4.1.1
    /// asks.
    ///
    /// # Errors
    ///
    /// The first octet that is wrong, and what was expected.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        Self::parse_with(line, Leniency::default())
    }

    /// Parses a line without its CRLF, with some departures from the grammar.
    ///
    /// # Errors
    ///
    /// As [`Command::parse`].
    pub fn parse_with(line: &[u8], leniency: Leniency) -> Result<Self, SyntaxError> {
        let end = line
            .iter()
            .rposition(|&octet| !is_wsp(octet))
            .map_or(0, |last| last + 1);
        let line = &line[..end];
        let verb = Verb::parse(line)?;
        match verb {
            Verb::Mail => mail(line, leniency).map(Self::Mail),
            Verb::Rcpt => rcpt(line, leniency).map(Self::Rcpt),
            Verb::Helo => hello(line, leniency).map(Self::Helo),
            Verb::Ehlo => hello(line, leniency).map(Self::Ehlo),
            Verb::Vrfy => argument(line).map(Self::Vrfy),
            Verb::Expn => argument(line).map(Self::Expn),
            Verb::Help => optional_argument(line).map(Self::Help),
            Verb::Noop => optional_argument(line).map(Self::Noop),
            Verb::Data => scan::end(line, VERB).map(|_| Self::Data),
            Verb::Rset => scan::end(line, VERB).map(|_| Self::Rset),
            Verb::Quit => scan::end(line, VERB).map(|_| Self::Quit),
        }
    }

    /// The command's name.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Helo(_) => Verb::Helo,
            Self::Ehlo(_) => Verb::Ehlo,
            Self::Mail(_) => Verb::Mail,
            Self::Rcpt(_) => Verb::Rcpt,
            Self::Data => Verb::Data,
            Self::Rset => Verb::Rset,
            Self::Vrfy(_) => Verb::Vrfy,
            Self::Expn(_) => Verb::Expn,
            Self::Help(_) => Verb::Help,
            Self::Noop(_) => Verb::Noop,
            Self::Quit => Verb::Quit,
        }
    }

    /// Appends the wire form, with CRLF. It is one line, whatever the command holds.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{self}\r\n");
        out.extend_from_slice(text.as_bytes());
    }
}

/// The wire form without CRLF.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb().as_str())?;
        match self {
            Self::Helo(name) | Self::Ehlo(name) => write!(f, " {name}"),
            Self::Mail(mail) => write!(f, " FROM:{mail}"),
            Self::Rcpt(rcpt) => write!(f, " TO:{rcpt}"),
            Self::Vrfy(argument) | Self::Expn(argument) => write!(f, " {argument}"),
            Self::Help(Some(argument)) | Self::Noop(Some(argument)) => write!(f, " {argument}"),
            Self::Help(None) | Self::Noop(None) | Self::Data | Self::Rset | Self::Quit => Ok(()),
        }
    }
}

/// A command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Verb {
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Rset,
    Vrfy,
    Expn,
    Help,
    Noop,
    Quit,
}

impl Verb {
    /// The name in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Helo => "HELO",
            Self::Ehlo => "EHLO",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Rset => "RSET",
            Self::Vrfy => "VRFY",
            Self::Expn => "EXPN",
            Self::Help => "HELP",
            Self::Noop => "NOOP",
            Self::Quit => "QUIT",
        }
    }

    /// Whether a client must wait for the reply before it sends more (RFC 2920 §3.1). HELO and HELP are not named there;
    /// HELO is EHLO's older form, and of HELP nothing says that it may be followed.
    pub const fn is_last_in_group(self) -> bool {
        !matches!(self, Self::Rset | Self::Mail | Self::Rcpt)
    }

    fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let error = |expected| Err(SyntaxError::new(0, expected));
        let Some(&(mut word)) = line.first_chunk::<VERB>() else {
            return error(Expected::Command);
        };
        word.make_ascii_uppercase();
        if line.get(VERB).is_some_and(|&octet| octet != b' ') {
            return error(Expected::Command);
        }
        Ok(match &word {
            b"MAIL" => Self::Mail,
            b"RCPT" => Self::Rcpt,
            b"DATA" => Self::Data,
            b"RSET" => Self::Rset,
            b"QUIT" => Self::Quit,
            b"EHLO" => Self::Ehlo,
            b"HELO" => Self::Helo,
            b"NOOP" => Self::Noop,
            b"VRFY" => Self::Vrfy,
            b"EXPN" => Self::Expn,
            b"HELP" => Self::Help,
            // RFC 5321 §F.1, §F.6: gone, but known.
            b"TURN" | b"SEND" | b"SOML" | b"SAML" => return error(Expected::CommandInUse),
            _ => return error(Expected::Command),
        })
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name by which a client introduces itself.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientName(Box<str>);

impl ClientName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain or address literal, which it is unless [`Leniency::any_hello_name`] let another pass.
    pub fn host(&self) -> Option<Host> {
        self.0.parse().ok()
    }
}

impl From<&Host> for ClientName {
    fn from(host: &Host) -> Self {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{host}");
        Self(text.into())
    }
}

impl FromStr for ClientName {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        text.parse::<Host>().map(|_| Self(text.into()))
    }
}

/// The argument of VRFY, EXPN, HELP and NOOP: printable US-ASCII, spaces inside.
///
/// RFC 5321 §4.1.1.6 says `String`, an atom or a quoted string; §3.5.1 wants `user@host` as well, and people ask for help
/// with `MAIL FROM`. All printable text is taken, and [`unquoted`](Self::unquoted) reads the RFC's form.
///
/// ```
/// # use smtp_proto::Argument;
/// let argument: Argument = r#""Jane Smith""#.parse().unwrap();
/// assert_eq!(argument.unquoted(), "Jane Smith");
/// assert!("a\r\nQUIT".parse::<Argument>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Argument(Box<str>);

impl Argument {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without quotes and backslashes, when all of it is one quoted string.
    pub fn unquoted(&self) -> String {
        if mailbox::quoted_string(self.0.as_bytes(), 0) == Ok(self.0.len()) {
            return unescape(&self.0[1..self.0.len() - 1]);
        }
        String::from(&*self.0)
    }
}

impl FromStr for Argument {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        printable(text.as_bytes(), 0).map(|text| Self(text.into()))
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// ```text
/// ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
/// helo = "HELO" SP Domain CRLF                            (RFC 5321 §4.1.1.1)
/// ```
///
/// HELO with an address literal is what clients without a name send; §4.1.4 tells them to, without regard to the verb.
fn hello(line: &[u8], leniency: Leniency) -> Result<ClientName, SyntaxError> {
    let at = scan::octet(line, VERB, b' ', Expected::Space)?;
    if leniency.any_hello_name {
        return printable(line, at).map(|name| ClientName(name.into()));
    }
    scan::end(line, domain::host(line, at)?)?;
    Ok(ClientName(scan::ascii(&line[at..])?.into()))
}

fn argument(line: &[u8]) -> Result<Argument, SyntaxError> {
    let at = scan::octet(line, VERB, b' ', Expected::Space)?;
    printable(line, at).map(|text| Argument(text.into()))
}

fn optional_argument(line: &[u8]) -> Result<Option<Argument>, SyntaxError> {
    match line.len() {
        VERB => Ok(None),
        _ => argument(line).map(Some),
    }
}

/// Printable text up to the end of the line, without spaces around it.
fn printable(line: &[u8], at: usize) -> Result<&str, SyntaxError> {
    let end = scan::run(line, at, |octet| matches!(octet, b' '..=b'~'));
    if end < line.len() {
        return Err(SyntaxError::new(end, Expected::PrintableAscii));
    }
    match line.get(at..) {
        None | Some([] | [b' ', ..] | [.., b' ']) => Err(SyntaxError::new(at, Expected::Argument)),
        Some(text) => scan::ascii(text),
    }
}

/// Octets of a verb.
pub(crate) const VERB: usize = 4;
