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
    /// Bounds and timeouts.
    pub limits: Limits,
    /// Whether PIPELINING is used where it is offered.
    pub pipelining: Pipelining,
    /// What is done with a bare CR or LF in an outgoing message: [`BareLineEnds::Allow`] makes each a CRLF;
    /// [`BareLineEnds::Refuse`] breaks the session off without the final dot.
    pub bare_line_ends: BareLineEnds,
    /// Leniency: a bare LF ends a reply's line. For servers written as shell scripts.
    pub bare_lf_after_replies: bool,
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

impl Config {
    /// The default limits, pipelining, and bare line ends refused.
    pub fn new(name: Host) -> Self {
        Self {
            name,
            limits: Limits::default(),
            pipelining: Pipelining::default(),
            bare_line_ends: BareLineEnds::default(),
            bare_lf_after_replies: false,
        }
    }
}
