//! How a client behaves.

use mail_wire::{BareLineEnds, LineEnds};

use crate::{ClientLimits, ClientTimeouts};

/// How a [`Client`](super::Client) behaves.
///
/// ```
/// use pop3_proto::client::{Config, Security};
/// let mut config = Config::default(); // STLS before any password
/// config.security = Security::Secured; // port 995: TLS is there already
/// config.timeouts.response = std::time::Duration::from_secs(60);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// How the connection is protected.
    pub security: Security,
    /// How much.
    pub limits: ClientLimits,
    /// How long.
    pub timeouts: ClientTimeouts,
    /// Whether commands may be sent before the last one is answered.
    pub pipelining: Pipelining,
    /// Whether APOP may be used.
    pub apop: Apop,
    /// What is let pass though the RFCs forbid it.
    pub leniency: Leniency,
}

/// How a connection is protected. Names and passwords go over a protected one only, unless [`Plaintext`](Self::Plaintext)
/// is asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Security {
    /// TLS, or a connection that nobody else sees.
    Secured,
    /// Plaintext that becomes TLS by STLS. Before that nothing but CAPA, STLS and QUIT is sent.
    #[default]
    StartTls,
    /// Plaintext, whoever may listen.
    Plaintext,
}

/// Whether commands may be sent before the last one is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pipelining {
    /// Once the answer to CAPA has offered it (RFC 2449 §6.6).
    #[default]
    WhenOffered,
    /// Never.
    Off,
}

/// Whether APOP may be used (RFC 1939 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Apop {
    /// Never: it is weak, and a man in the middle can use it to learn the secret (CVE-2007-1558).
    #[default]
    Off,
    /// When the greeting's timestamp is a message id of ASCII characters.
    WhenOffered,
}

/// What is let pass though the RFCs forbid it. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leniency {
    /// Which line ends end a response's line. Small servers on embedded systems have been seen to send a bare LF.
    pub line_ends: LineEnds,
    /// What is done with a bare CR or LF in a message. Servers that store messages as they came pass them on.
    pub bare_line_ends: BareLineEnds,
    /// Where names and passwords in UTF-8 are sent. Dovecot takes them without saying so.
    pub names: Utf8Names,
}

/// Where names and passwords in UTF-8 are sent (RFC 6856 §2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Utf8Names {
    /// Once the answer to CAPA has said `UTF8 USER`.
    #[default]
    WhenOffered,
    /// Leniency: everywhere.
    Always,
}
