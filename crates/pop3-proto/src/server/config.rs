//! What a server says about itself and what it lets pass.

use alloc::vec::Vec;

use mail_wire::LineEnds;

use crate::{Capability, Expire, Greeting, LoginDelay, ServerLimits, ServerTimeouts, Text};

/// How a [`Server`](super::Server) behaves. Shared by all sessions.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The first line.
    pub greeting: Greeting,
    /// What CAPA says beyond what the machine does by itself.
    pub capabilities: Announcement,
    /// How much.
    pub limits: ServerLimits,
    /// How long.
    pub timeouts: ServerTimeouts,
    /// What is let pass though the RFCs forbid it.
    pub leniency: Leniency,
}

/// The capabilities that the application decides. TOP, USER, UIDL, RESP-CODES, AUTH-RESP-CODE and PIPELINING are the
/// machine's own and always announced.
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

impl Announcement {
    /// Everything that CAPA lists.
    pub(super) fn lines(&self) -> Vec<Capability> {
        let mut lines = Vec::from([
            Capability::Top,
            Capability::User,
            Capability::Uidl,
            Capability::RespCodes,
            Capability::AuthRespCode,
            Capability::Pipelining,
        ]);
        lines.extend(self.expire.map(Capability::Expire));
        lines.extend(self.login_delay.map(Capability::LoginDelay));
        let implementation = self.implementation.clone().filter(|text| !text.is_empty());
        lines.extend(implementation.map(Capability::Implementation));
        lines
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
