//! What a server machine is told before it begins.

use alloc::string::String;
use alloc::vec::Vec;

use super::Refused;
use crate::{Capability, Condition, Id, Reading, ServerLimits, ServerTimeouts, Status, Text};

/// A server's configuration, shared by its sessions.
///
/// ```
/// use imap_proto::Capability;
/// use imap_proto::server::{Config, StartTls};
///
/// let mut config = Config { starttls: StartTls::Offered, ..Config::default() };
/// config.offers.before_login = vec![Capability::fixed("AUTH=SCRAM-SHA-256")];
/// config.offers.after_login = vec![Capability::IDLE, Capability::MOVE, Capability::UIDPLUS];
/// config.limits.message = 50 * 1024 * 1024;
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// The greeting's text.
    pub greeting: Text<'static>,
    /// How sessions begin.
    pub opening: Opening,
    /// What is offered. The machine itself adds `STARTTLS`, `LOGINDISABLED` and `COMPRESS=DEFLATE` and takes away what cannot be had now.
    pub offers: Offers,
    /// Whether STARTTLS is offered: the driver has a TLS layer.
    pub starttls: StartTls,
    /// Whether COMPRESS is offered: the driver has a DEFLATE layer.
    pub compress: Compress,
    /// Whether passwords may be sent in plaintext.
    pub plaintext: Plaintext,
    /// Who answers NOOP.
    pub noop: Noop,
    /// What the server says of itself when it is asked with ID (RFC 2971).
    pub identity: Id<'static>,
    /// Departures from the grammar that are let through.
    pub reading: Reading,
    /// Puts the reason of a refusal into words, which follow the refusal's own behind a colon; `None` adds nothing. For servers that
    /// people speak to by hand. What is not printable US-ASCII becomes `?`.
    pub explain: Option<fn(&Refused<'_>) -> Option<String>>,
    /// How much.
    pub limits: ServerLimits,
    /// How long.
    pub timeouts: ServerTimeouts,
}

/// How a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// `OK`: the client has to log in.
    Login,
    /// `PREAUTH`: it is known who the client is (a program over a pipe, a client certificate).
    PreAuthenticated,
    /// `BYE`: nobody is served now.
    TurnAway,
}

/// The capabilities that a server offers, by what the client has done. STARTTLS, LOGINDISABLED and COMPRESS are not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Always: `IMAP4rev1`, `SASL-IR` and the like.
    pub always: Vec<Capability<'static>>,
    /// Before the client has logged in: `AUTH=PLAIN` and the like.
    pub before_login: Vec<Capability<'static>>,
    /// Once it has: `IDLE`, `MOVE` and the like.
    pub after_login: Vec<Capability<'static>>,
}

/// Whether STARTTLS is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTls {
    /// It is.
    Offered,
    /// It is not.
    NotOffered,
}

/// Whether COMPRESS=DEFLATE is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compress {
    /// It is.
    Offered,
    /// It is not.
    NotOffered,
}

/// Whether LOGIN and AUTHENTICATE are allowed without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plaintext {
    /// They are refused with `[PRIVACYREQUIRED]`, LOGINDISABLED is offered and AUTH= is not (RFC 9051 §11.1).
    Refused,
    /// They are allowed, whoever may listen.
    Allowed,
}

/// Who answers NOOP, once the client has logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noop {
    /// The machine, behind the [updates](crate::Server::update) that it has.
    Answered,
    /// It is an [`Event::Command`](super::Event::Command): the application looks for what is new and says it, as behind each command.
    HandedOut,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            greeting: const { Text::fixed("IMAP server ready") },
            opening: Opening::Login,
            offers: Offers {
                // Clients such as imaplib do not ask again once they have logged in: ENABLE is told before.
                always: ["IMAP4rev1", "SASL-IR", "LITERAL+", "ID", "ENABLE"]
                    .map(Capability::fixed)
                    .into(),
                before_login: Vec::new(),
                after_login: ["IDLE"].map(Capability::fixed).into(),
            },
            starttls: StartTls::NotOffered,
            compress: Compress::NotOffered,
            noop: Noop::Answered,
            plaintext: Plaintext::Refused,
            identity: Id::default(),
            reading: Reading::STRICT,
            explain: None,
            limits: ServerLimits::default(),
            timeouts: ServerTimeouts::default(),
        }
    }
}

impl Offers {
    /// Whether a capability is offered to clients that have logged in.
    pub(super) fn has(&self, name: &str) -> bool {
        self.always.iter().chain(&self.after_login).any(|offer| offer.is(name))
    }
}

impl Config {
    pub(super) fn status(&self) -> Status<'static> {
        Status {
            condition: match self.opening {
                Opening::Login => Condition::Ok,
                Opening::PreAuthenticated => Condition::PreAuth,
                Opening::TurnAway => Condition::Bye,
            },
            code: None,
            text: self.greeting.clone(),
        }
    }
}
