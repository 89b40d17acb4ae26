//! What all dialogues of a server have in common.

use alloc::vec::Vec;

use super::Limits;
use crate::{EhloLine, Host, Keyword, Leniency, ReplyText};

/// Built once, shared by all connections in an `Arc`.
///
/// ```
/// let mut config = smtp_proto::server::Config::new("mx.hamburger.example".parse().unwrap());
/// config.limits.message = 50 * 1024 * 1024;
/// config.leniency.space_after_colon = true;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's name, or its address.
    pub hostname: Host,
    /// What stands behind the name in the greeting.
    pub greeting: ReplyText,
    /// Bounds and timeouts.
    pub limits: Limits,
    /// Departures from the grammar that are accepted.
    pub leniency: Leniency,
    /// Whether EXPN is offered and asked about; otherwise it is answered with 502.
    pub expand: bool,
    /// Extensions that the application adds.
    pub extensions: Vec<Extension>,
}

impl Config {
    /// The RFC's grammar, the default limits, no EXPN.
    pub fn new(hostname: Host) -> Self {
        Self {
            hostname,
            greeting: ReplyText::from_static("ESMTP service ready"),
            limits: Limits::default(),
            leniency: Leniency::default(),
            expand: false,
            extensions: Vec::new(),
        }
    }

    /// Octets of a command line with its CRLF.
    pub(super) fn line_limit(&self) -> usize {
        let added = self.extensions.iter().map(|extension| usize::from(extension.octets));
        let base = usize::from(self.limits.command_line).clamp(MIN_LINE, MAX_LINE);
        (base + OWN_PARAMETERS + added.sum::<usize>()).min(2 * MAX_LINE)
    }
}

/// An extension that the machine only announces: its parameters reach the application in
/// [`MailFrom::parameters`](crate::MailFrom::parameters) and [`RcptTo::parameters`](crate::RcptTo::parameters) instead of
/// being answered with 555.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Extension {
    /// Its line in the answer to EHLO.
    pub line: EhloLine,
    /// Parameters that it adds to MAIL.
    pub mail_parameters: Vec<Keyword>,
    /// Parameters that it adds to RCPT.
    pub rcpt_parameters: Vec<Keyword>,
    /// Octets that it adds to the length of a command line.
    pub octets: u16,
}

impl Extension {
    /// One without parameters.
    pub const fn new(line: EhloLine) -> Self {
        Self {
            line,
            mail_parameters: Vec::new(),
            rcpt_parameters: Vec::new(),
            octets: 0,
        }
    }
}

/// RFC 5321 §4.5.3.1.4
const MIN_LINE: usize = 512;
/// Positions in an argument fit into 16 bits.
const MAX_LINE: usize = 16 * 1024;
/// SIZE adds 26 octets to MAIL (RFC 1870 §3), BODY 17 (RFC 6152 §2).
const OWN_PARAMETERS: usize = 26 + 17;
