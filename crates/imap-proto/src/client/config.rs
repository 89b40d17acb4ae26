//! What a client machine is told before it begins.

use crate::{ClientLimits, ClientTimeouts, Leniency};

/// A client's configuration.
///
/// ```
/// use imap_proto::client::{Config, Security};
///
/// // TLS began with the first octet, and what the server says is to be read by the letter.
/// let config = Config {
///     security: Security::Secured,
///     leniency: imap_proto::Leniency::STRICT,
///     ..Config::default()
/// };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How the connection is protected.
    pub security: Security,
    /// What becomes of a command that would race with one in progress.
    pub races: Races,
    /// Departures from the grammar that are let through: all of them unless asked otherwise, since a client has to live with the server that there is.
    pub leniency: Leniency,
    /// How much.
    pub limits: ClientLimits,
    /// How long.
    pub timeouts: ClientTimeouts,
}

/// How a connection is protected. Credentials go over a protected one only, unless [`Plaintext`](Self::Plaintext) is asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Security {
    /// TLS, or a connection that nobody else sees.
    Secured,
    /// Plaintext that becomes TLS by STARTTLS. Before that nothing but CAPABILITY, NOOP, ID, STARTTLS and LOGOUT is sent, and a PREAUTH greeting,
    /// which would make STARTTLS impossible, ends the session (RFC 9051 §11.1).
    #[default]
    StartTls,
    /// Plaintext, whoever may listen.
    Plaintext,
}

/// What becomes of a command that would race with one in progress (RFC 9051 §5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Races {
    /// It waits until it would not.
    #[default]
    Wait,
    /// It is refused: [`Misuse::Ambiguous`](mail_wire::Misuse::Ambiguous).
    Refuse,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            security: Security::default(),
            races: Races::default(),
            leniency: Leniency::ALL,
            limits: ClientLimits::default(),
            timeouts: ClientTimeouts::default(),
        }
    }
}
