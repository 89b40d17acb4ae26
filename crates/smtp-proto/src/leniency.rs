//! What a server may tolerate beyond RFC 5321: each by name, each off by default.

use crate::mailbox::Length;

/// Departures from the RFC's grammar that a server accepts. All are off by default; switch on what your peers need.
///
/// ```
/// # use smtp_proto::{Command, Leniency};
/// let mut leniency = Leniency::default();
/// leniency.space_after_colon = true;
/// assert!(Command::parse(b"MAIL FROM: <alice@crepes.example>").is_err());
/// assert!(Command::parse_with(b"MAIL FROM: <alice@crepes.example>", leniency).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leniency {
    /// Spaces behind `FROM:` and `TO:`. For people at a terminal, whose textbooks print one, and for many scripts and
    /// small devices.
    pub space_after_colon: bool,
    /// `MAIL FROM:alice@example.org` without the angle brackets. For old scripts and the mailers of appliances.
    pub missing_brackets: bool,
    /// Any printable word, or words, as the name in HELO and EHLO. For Windows hosts, whose names hold underscores, and
    /// for clients that write more behind their name, as RFC 5321 §4.1.1.1 warns.
    pub any_hello_name: bool,
    /// Local parts and paths as long as the line allows, beyond the 64 and 256 octets of RFC 5321 §4.5.3.1. For
    /// forwarders and mailing lists that encode another address in the local part (SRS, VERP).
    pub long_paths: bool,
    /// Values of parameters that their extension does not allow: such a parameter counts as absent. For looking at what
    /// clients send.
    pub any_parameter_value: bool,
    /// UTF-8 in RCPT. No leniency but a matter of context: RCPT may have it when its MAIL said SMTPUTF8 (RFC 6531 §3.4). A
    /// server machine knows, and sets it for each command; it is for those who parse lines alone.
    pub smtp_utf8: bool,
    /// A bare LF ends a command line. For people at `nc`, which sends what the terminal's line end is. A message's lines
    /// never end so.
    pub bare_lf_after_commands: bool,
    /// Bare CR and bare LF inside a message are octets like others, and neither ends a line nor the message. For senders
    /// of old files; what reads the stored message must not take them for line ends (RFC 5321 §2.3.8).
    pub bare_line_ends_in_messages: bool,
}

impl Leniency {
    pub(crate) const fn length(self) -> Length {
        if self.long_paths { Length::Any } else { Length::Rfc }
    }
}
