//! What a server says about itself and what it lets pass.

use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::{LineEnds, MechanismName};

use super::{Language, Phrase, Security};
use crate::{Expire, Greeting, LoginDelay, ServerLimits, ServerTimeouts, Text, Utf8};

/// How a [`Server`](super::Server) behaves. Shared by all sessions.
///
/// ```
/// use pop3_proto::server::{Config, Stls};
///
/// let mut config = Config { stls: Stls::Offered, ..Config::default() };
/// config.mechanisms.secured = vec!["SCRAM-SHA-256".parse().unwrap(), "PLAIN".parse().unwrap()];
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The first line.
    pub greeting: Greeting,
    /// What CAPA says beyond what the machine does by itself.
    pub capabilities: Announcement,
    /// Whether STLS is offered: the driver has a TLS layer.
    pub stls: Stls,
    /// What is accepted without TLS.
    pub plaintext: Plaintext,
    /// The SASL mechanisms that AUTH offers.
    pub mechanisms: Mechanisms,
    /// Where UTF-8 is taken (RFC 6856 §2), if anywhere. Who offers it for names compares prepared ones (RFC 4013): `Name`s
    /// and passwords arrive as they were sent.
    pub utf8: Option<Utf8>,
    /// The languages that LANG offers, the preferred one first; without any, LANG is not offered. Before LANG the machine
    /// speaks English.
    pub languages: Vec<Language>,
    /// Other words for what the machine says in English, before LANG: those of a server that explains what it refuses to people who
    /// speak to it by hand. `None` where they stay as they are. NUL, CR and LF in them become `?`.
    pub explain: Option<fn(Phrase) -> Option<String>>,
    /// How much.
    pub limits: ServerLimits,
    /// How long.
    pub timeouts: ServerTimeouts,
    /// What is let pass though the RFCs forbid it.
    pub leniency: Leniency,
}

/// The capabilities that only tell something. TOP, UIDL, RESP-CODES, AUTH-RESP-CODE and PIPELINING are always announced;
/// USER, SASL, STLS, UTF8 and LANG as the rest of the configuration has it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Announcement {
    /// How long messages are kept (RFC 2449 §6.7). [`Maildrop::expire`](super::Maildrop::expire) replaces it after login.
    pub expire: Option<Expire>,
    /// The time between logins (RFC 2449 §6.5). [`Maildrop::login_delay`](super::Maildrop::login_delay) replaces it after
    /// login.
    pub login_delay: Option<LoginDelay>,
    /// What the server is (RFC 2449 §6.9). Empty text is not announced.
    pub implementation: Option<Text>,
}

/// Whether STLS is offered (RFC 2595 §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stls {
    /// It is, until TLS is on.
    Offered,
    /// It is not.
    #[default]
    NotOffered,
}

/// Which logins other than AUTH are accepted without TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plaintext {
    /// None.
    #[default]
    Refused,
    /// APOP, which hides the secret from those who listen, though they may guess at it.
    Apop,
    /// All: whoever listens reads the passwords.
    Allowed,
}

/// The SASL mechanisms that AUTH offers, the strongest first. Others are refused without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mechanisms {
    /// Over TLS, or over a connection that nobody else sees.
    pub secured: Vec<MechanismName>,
    /// Over plaintext: mechanisms that send the password do not belong here.
    pub plaintext: Vec<MechanismName>,
}

impl Mechanisms {
    pub(super) fn offered(&self, security: Security) -> &[MechanismName] {
        match security {
            Security::Secured => &self.secured,
            Security::Plaintext => &self.plaintext,
        }
    }
}

/// What is let pass though the RFCs forbid it. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leniency {
    /// Which line ends end a command. People who type into `nc` send a bare LF.
    pub line_ends: LineEnds,
    /// How many spaces may stand in a command. People who type leave some.
    pub spaces: Spaces,
}

/// How many spaces may stand between the words of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spaces {
    /// One between words, none elsewhere (RFC 1939 §3).
    #[default]
    Single,
    /// Leniency: any number of spaces and tabs, in front and behind as well. Those of a password stay its own.
    Many,
}
