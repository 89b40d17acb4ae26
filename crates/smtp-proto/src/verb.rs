//! The names of commands.

use core::fmt;

use crate::{Expected, SyntaxError};

/// A command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Verb {
    Mail,
    Rcpt,
    Data,
    Rset,
    Quit,
    Ehlo,
    Helo,
    /// LMTP's EHLO (RFC 2033 §4.1).
    Lhlo,
    Noop,
    Vrfy,
    Expn,
    Help,
    /// RFC 3207
    StartTls,
    /// RFC 4954
    Auth,
    /// RFC 3030
    Bdat,
    /// RFC 4468
    Burl,
    /// RFC 1985
    Etrn,
    /// RFC 2645
    Atrn,
    /// Postfix's XCLIENT_README
    XClient,
    /// Postfix's XFORWARD_README
    XForward,
}

impl Verb {
    /// All of them, the frequent ones first.
    pub const ALL: [Self; 20] = [
        Self::Rcpt,
        Self::Mail,
        Self::Data,
        Self::Bdat,
        Self::Rset,
        Self::Quit,
        Self::Ehlo,
        Self::Helo,
        Self::Lhlo,
        Self::Noop,
        Self::Vrfy,
        Self::Expn,
        Self::Help,
        Self::StartTls,
        Self::Auth,
        Self::Burl,
        Self::Etrn,
        Self::Atrn,
        Self::XClient,
        Self::XForward,
    ];

    /// The name in upper case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Rset => "RSET",
            Self::Quit => "QUIT",
            Self::Ehlo => "EHLO",
            Self::Helo => "HELO",
            Self::Lhlo => "LHLO",
            Self::Noop => "NOOP",
            Self::Vrfy => "VRFY",
            Self::Expn => "EXPN",
            Self::Help => "HELP",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Bdat => "BDAT",
            Self::Burl => "BURL",
            Self::Etrn => "ETRN",
            Self::Atrn => "ATRN",
            Self::XClient => "XCLIENT",
            Self::XForward => "XFORWARD",
        }
    }

    /// Whether a client must wait for the reply before it sends more (RFC 2920 §3.1; RFC 3207 §4, RFC 4954 §4, and XCLIENT,
    /// which begins a dialogue anew). HELO and HELP are not named there; HELO is EHLO's older form, and of HELP nothing
    /// says that it may be followed. BDAT, BURL and XFORWARD may be (RFC 3030 §4.2, RFC 4468 §3.4).
    pub const fn is_last_in_group(self) -> bool {
        !matches!(
            self,
            Self::Rset | Self::Mail | Self::Rcpt | Self::Bdat | Self::Burl | Self::XForward
        )
    }

    /// The verb at the front of a line, in any case.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let end = line.iter().position(|&octet| octet == b' ').unwrap_or(line.len());
        let word = &line[..end];
        let is_it = |verb: &&Self| verb.as_str().as_bytes().eq_ignore_ascii_case(word);
        match Self::ALL.iter().find(is_it) {
            Some(&verb) => Ok(verb),
            None if GONE.iter().any(|name| name.eq_ignore_ascii_case(word)) => {
                Err(SyntaxError::new(0, Expected::CommandInUse))
            }
            None => Err(SyntaxError::new(0, Expected::Command)),
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gone, but known (RFC 5321 §F.1, §F.6).
const GONE: [&[u8; 4]; 4] = [b"TURN", b"SEND", b"SOML", b"SAML"];
