//! Commands: verb and argument (RFC 5321 §4.1.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use mail_wire::octets::is_wsp;

use crate::argument::printable;
use crate::domain;
use crate::envelope::{mail, rcpt};
use crate::scan;
use crate::{
    Argument, Atrn, Attributes, Auth, Bdat, Burl, ClientName, Etrn, Expected, Inquiry, Leniency, MailFrom, RcptTo,
    SyntaxError, Verb,
};

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
    Vrfy(Inquiry),
    /// `EXPN list`
    Expn(Inquiry),
    /// `HELP topic`
    Help(Option<Argument>),
    /// `NOOP ignored`
    Noop(Option<Argument>),
    /// `QUIT`
    Quit,
    /// `LHLO client`: LMTP's EHLO (RFC 2033 §4.1)
    Lhlo(ClientName),
    /// `STARTTLS` (RFC 3207)
    StartTls,
    /// `AUTH mechanism initial-response` (RFC 4954)
    Auth(Auth),
    /// `BDAT size LAST` (RFC 3030)
    Bdat(Bdat),
    /// `BURL uri LAST` (RFC 4468)
    Burl(Burl),
    /// `ETRN node` (RFC 1985)
    Etrn(Etrn),
    /// `ATRN domains` (RFC 2645)
    Atrn(Atrn),
    /// `XCLIENT attributes`: what a trusted proxy says that its client is to be taken for
    XClient(Attributes),
    /// `XFORWARD attributes`: where a trusted relay has the next message from
    XForward(Attributes),
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
            Verb::Bdat => Bdat::parse(line).map(Self::Bdat),
            Verb::Helo => hello(line, leniency).map(Self::Helo),
            Verb::Ehlo => hello(line, leniency).map(Self::Ehlo),
            Verb::Lhlo => hello(line, leniency).map(Self::Lhlo),
            Verb::Vrfy => Inquiry::parse(line).map(Self::Vrfy),
            Verb::Expn => Inquiry::parse(line).map(Self::Expn),
            Verb::Help => optional_argument(line).map(Self::Help),
            Verb::Noop => optional_argument(line).map(Self::Noop),
            Verb::Data => scan::end(line, VERB).map(|_| Self::Data),
            Verb::Rset => scan::end(line, VERB).map(|_| Self::Rset),
            Verb::Quit => scan::end(line, VERB).map(|_| Self::Quit),
            Verb::StartTls => scan::end(line, verb.as_str().len()).map(|_| Self::StartTls),
            Verb::Auth => Auth::parse(line).map(Self::Auth),
            Verb::Burl => Burl::parse(line).map(Self::Burl),
            Verb::Etrn => Etrn::parse(line).map(Self::Etrn),
            Verb::Atrn => Atrn::parse(line).map(Self::Atrn),
            Verb::XClient => Attributes::parse(line, verb).map(Self::XClient),
            Verb::XForward => Attributes::parse(line, verb).map(Self::XForward),
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
            Self::Lhlo(_) => Verb::Lhlo,
            Self::StartTls => Verb::StartTls,
            Self::Auth(_) => Verb::Auth,
            Self::Bdat(_) => Verb::Bdat,
            Self::Burl(_) => Verb::Burl,
            Self::Etrn(_) => Verb::Etrn,
            Self::Atrn(_) => Verb::Atrn,
            Self::XClient(_) => Verb::XClient,
            Self::XForward(_) => Verb::XForward,
        }
    }

    /// Appends the wire form, with CRLF. It is one line, whatever the command holds.
    pub fn write(&self, out: &mut Vec<u8>) {
        if let Self::Auth(auth) = self {
            out.extend_from_slice(b"AUTH ");
            auth.write(out);
            return out.extend_from_slice(b"\r\n");
        }
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{self}\r\n");
        out.extend_from_slice(text.as_bytes());
    }
}

/// The wire form without CRLF, but for the initial response of AUTH, which is not shown.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb().as_str())?;
        match self {
            Self::Helo(name) | Self::Ehlo(name) | Self::Lhlo(name) => write!(f, " {name}"),
            Self::Mail(mail) => write!(f, " FROM:{mail}"),
            Self::Rcpt(rcpt) => write!(f, " TO:{rcpt}"),
            Self::Vrfy(inquiry) | Self::Expn(inquiry) => write!(f, " {inquiry}"),
            Self::Help(Some(argument)) | Self::Noop(Some(argument)) => write!(f, " {argument}"),
            Self::Auth(auth) => write!(f, " {auth}"),
            Self::Bdat(bdat) => write!(f, " {bdat}"),
            Self::Burl(burl) => write!(f, " {burl}"),
            Self::Etrn(etrn) => write!(f, " {etrn}"),
            Self::Atrn(atrn) if !atrn.domains.is_empty() => write!(f, " {atrn}"),
            Self::XClient(attributes) | Self::XForward(attributes) => write!(f, " {attributes}"),
            Self::Atrn(_) | Self::Help(None) | Self::Noop(None) => Ok(()),
            Self::Data | Self::Rset | Self::Quit | Self::StartTls => Ok(()),
        }
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

/// Octets of most verbs.
pub(crate) const VERB: usize = 4;
