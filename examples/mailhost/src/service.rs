//! The doors of a host: what is spoken at each, and to whom.

use std::net::SocketAddr;

use crate::transcript::Commands;

/// What is served at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// SMTP for other hosts, and for the clients that may relay (RFC 5321).
    Smtp,
    /// SMTP for users, who log in first (RFC 6409).
    Submission,
    /// The same over TLS from the first octet (RFC 8314 §3.3).
    Smtps,
    /// LMTP for a mail transfer agent that delivers here (RFC 2033).
    Lmtp,
    /// POP3, with STLS where there is a certificate (RFC 1939, RFC 2595).
    Pop3,
    /// POP3 over TLS from the first octet (RFC 8314 §3.2).
    Pop3s,
    /// IMAP, with STARTTLS where there is a certificate (RFC 9051).
    Imap,
    /// IMAP over TLS from the first octet (RFC 8314 §3.2).
    Imaps,
}

impl Service {
    /// As the command line and the log call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Smtps => "smtps",
            Self::Lmtp => "lmtp",
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
        }
    }

    /// Whether TLS is there first.
    pub const fn begins_with_tls(self) -> bool {
        matches!(self, Self::Smtps | Self::Pop3s | Self::Imaps)
    }

    /// How its clients give commands.
    pub(crate) const fn commands(self) -> Commands {
        match self {
            Self::Imap | Self::Imaps => Commands::TagFirst,
            _ => Commands::VerbFirst,
        }
    }

    /// Whether it is for users who send, and who must log in.
    pub const fn is_submission(self) -> bool {
        matches!(self, Self::Submission | Self::Smtps)
    }
}

/// A service, and where it is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// What is spoken.
    pub service: Service,
    /// Where; port 0 takes a free one.
    pub address: SocketAddr,
}

impl Door {
    /// A service at an address.
    pub const fn new(service: Service, address: SocketAddr) -> Self {
        Self { service, address }
    }
}
