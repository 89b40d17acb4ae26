//! What a client is told before its dialogue begins.

use mail_wire::BareLineEnds;

use super::Limits;
use crate::Host;

/// How a client behaves.
///
/// ```
/// use smtp_proto::client::{Config, Pipelining};
/// let mut config = Config::new("laptop.example".parse().unwrap());
/// config.pipelining = Pipelining::Never;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The client's own name, or its address where it has no name (RFC 5321 §4.1.4).
    pub name: Host,
    /// SMTP or LMTP.
    pub protocol: Protocol,
    /// How the connection is protected.
    pub security: Security,
    /// Bounds and timeouts.
    pub limits: Limits,
    /// Whether PIPELINING is used where it is offered.
    pub pipelining: Pipelining,
    /// Whether CHUNKING is used where it is offered.
    pub chunking: Chunking,
    /// What is done with a bare CR or LF in an outgoing text: [`BareLineEnds::Allow`] makes each a CRLF;
    /// [`BareLineEnds::Refuse`] breaks the session off without the message's end.
    pub bare_line_ends: BareLineEnds,
    /// Leniency: lines of more than 998 octets are sent as text to servers without BINARYMIME. Some break such lines, and
    /// signatures with them; some refuse the message (RFC 5321 §4.5.3.1.6). For relays that pass on what they got.
    pub long_lines: bool,
    /// Leniency: a bare LF ends a reply's line. For servers written as shell scripts.
    pub bare_lf_after_replies: bool,
}

/// Which of two protocols that differ by a verb and by the replies behind a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 5321.
    #[default]
    Smtp,
    /// LMTP (RFC 2033): LHLO, and a reply for each recipient behind a message.
    Lmtp,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first octet, or a connection that nobody else sees.
    Secured,
    /// Plaintext that must become TLS by STARTTLS: before that AUTH, MAIL and VRFY are
    /// [`Misuse::Insecure`](mail_wire::Misuse::Insecure).
    StartTls,
    /// Plaintext, which STARTTLS may change. Mail between hosts goes so; whether credentials may, is for the SASL mechanism's
    /// policy to decide.
    #[default]
    Plaintext,
}

/// Whether commands are sent before the replies to earlier ones are there. Only a driver that reads while it writes may
/// allow it (RFC 2920 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pipelining {
    /// Where the server offers it.
    #[default]
    Allowed,
    /// One command at a time.
    Never,
}

/// Whether a message goes by BDAT (RFC 3030 §2) where the server offers CHUNKING.
///
/// BDAT gains nothing for small messages: DATA shares a round trip with the recipients, BDAT waits for their replies. A
/// large message gains that a refusal in its midst ends it, where DATA would have to go on to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chunking {
    /// For messages that need BINARYMIME, for those that are known to be larger than one chunk ([`Limits::chunk`]), and for
    /// those whose size is not known.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never. BINARYMIME, which needs it, is then not used either.
    Never,
}

impl Config {
    /// SMTP in plaintext, the default limits, pipelining, and bare line ends refused.
    pub fn new(name: Host) -> Self {
        Self {
            name,
            protocol: Protocol::default(),
            security: Security::default(),
            limits: Limits::default(),
            pipelining: Pipelining::default(),
            chunking: Chunking::default(),
            bare_line_ends: BareLineEnds::default(),
            long_lines: false,
            bare_lf_after_replies: false,
        }
    }
}
