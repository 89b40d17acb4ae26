//! What all dialogues of a server have in common, and what one has of its own.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Extension, Limits, Offers, Refused};
use crate::phase::Security;
use crate::{Host, Leniency, Refusal, ReplyText};

/// Built once, shared by all connections in an `Arc`.
///
/// ```
/// let mut config = smtp_proto::server::Config::new("mx.hamburger.example".parse().unwrap());
/// config.limits.message = 50 * 1024 * 1024;
/// config.leniency.space_after_colon = true;
/// config.offers.chunking = true;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's name, or its address.
    pub hostname: Host,
    /// What stands behind the name in the greeting.
    pub greeting: ReplyText,
    /// SMTP or LMTP.
    pub protocol: Protocol,
    /// Bounds and timeouts.
    pub limits: Limits,
    /// Departures from the grammar that are accepted.
    pub leniency: Leniency,
    /// Whether EXPN is offered and asked about; otherwise it is answered with 502.
    pub expand: bool,
    /// Extensions that ask something of the application.
    pub offers: Offers,
    /// Extensions that the application adds.
    pub extensions: Vec<Extension>,
    /// Puts the reason of a refusal into words, which follow the reply's own as lines of their own; `None` adds nothing. For
    /// servers that people speak to by hand. What cannot be sent in a reply becomes `?`, and lines are cut at
    /// [`ReplyText::MAX_LINE`].
    pub explain: Option<fn(&Refused<'_>) -> Option<String>>,
}

/// Which of the two protocols is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HELO and EHLO, and one reply to a message.
    #[default]
    Smtp,
    /// LHLO, and a reply to a message for each accepted recipient, in their order (RFC 2033 §4). Never on port 25.
    Lmtp,
}

impl Config {
    /// The RFC's grammar, the default limits, no EXPN, nothing offered that asks for more than RFC 5321.
    pub fn new(hostname: Host) -> Self {
        Self {
            hostname,
            greeting: ReplyText::from_static("ESMTP service ready"),
            protocol: Protocol::Smtp,
            limits: Limits::default(),
            leniency: Leniency::default(),
            expand: false,
            offers: Offers::default(),
            extensions: Vec::new(),
            explain: None,
        }
    }

    /// Octets of a command line with its CRLF.
    pub(super) fn line_limit(&self) -> usize {
        let added = self.extensions.iter().map(|extension| usize::from(extension.octets));
        let base = usize::from(self.limits.command_line).clamp(MIN_LINE, MAX_LINE);
        (base + self.own_parameters() + added.sum::<usize>()).min(2 * MAX_LINE)
    }

    /// What the offered extensions add to the length of MAIL or RCPT.
    fn own_parameters(&self) -> usize {
        let offers = &self.offers;
        let added = [
            (offers.dsn, DSN),
            (offers.smtp_utf8, 10),
            (offers.require_tls, 11),
            (offers.deliver_by.is_some(), 17),
            (offers.future_release.is_some(), 34),
            (offers.mt_priority, 15),
            (offers.rrvs, 33),
            (offers.no_soliciting.is_some(), 1000),
            (offers.authentication.is_any(), 500),
        ];
        let octets = added.iter().filter(|(on, _)| *on).map(|(_, octets)| octets);
        OWN_PARAMETERS + octets.sum::<usize>()
    }
}

/// What is known of one connection before its first octet.
///
/// ```
/// # use std::sync::Arc;
/// use smtp_proto::Server;
/// use smtp_proto::phase::Security;
/// use smtp_proto::server::{Arrival, Config};
///
/// let config = Arc::new(Config::new("mx.hamburger.example".parse().unwrap()));
/// let mut arrival = Arrival::default();
/// arrival.security = Security::Secured; // it came in on port 465
/// let server = Server::arriving(config, arrival);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Arrival {
    /// Whether TLS was there first (RFC 8314).
    pub security: Security,
    /// The peer is a proxy of ours: a PROXY header comes first, and without one the connection is closed. The greeting
    /// waits for it.
    pub proxy_header: bool,
    /// The peer may say XCLIENT, once.
    pub xclient: bool,
    /// The peer may say XFORWARD.
    pub xforward: bool,
    /// The client is not welcome, and this is why: see [`Server::turning_away`](crate::Server::turning_away).
    pub turned_away: Option<Refusal>,
}

/// RFC 5321 §4.5.3.1.4
const MIN_LINE: usize = 512;
/// Positions in an argument fit into 16 bits.
const MAX_LINE: usize = 16 * 1024;
/// SIZE adds 26 octets to MAIL (RFC 1870 §3), BODY 17 (RFC 6152 §2).
const OWN_PARAMETERS: usize = 26 + 17;
/// RET, ENVID, NOTIFY, ORCPT with up to 500 octets (RFC 3461 §4.2).
const DSN: usize = 700;
