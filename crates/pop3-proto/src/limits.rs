//! How much, and how long: every bound of the two machines.

use core::time::Duration;

use crate::Response;

/// What a server machine allows. All it allocates is at most `window + outbox + line`, and the maildrop's listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Octets of a command line with its CRLF; less than 255 counts as 255 (RFC 2449 §4).
    pub line: usize,
    /// Octets of a response to a challenge of AUTH, with its CRLF; less than [`line`](Self::line) counts as that. RFC 5034
    /// §4 exempts these lines from the limit of commands.
    pub sasl: usize,
    /// Octets of commands that are read ahead; at least twice [`sasl`](Self::sasl). It grows as needed.
    pub window: usize,
    /// Octets that may wait to be written before the machine does anything else; less than 1024 counts as 1024.
    pub outbox: usize,
    /// Logins with bad credentials before the connection is closed.
    pub failed_logins: u32,
    /// Unknown, malformed and misplaced commands before the connection is closed.
    pub errors: u32,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            line: Self::LINE,
            sasl: SASL_LINE,
            window: 4096,
            outbox: 16 * 1024,
            failed_logins: 3,
            errors: 20,
        }
    }
}

impl ServerLimits {
    /// Octets of the longest command line, with its CRLF (RFC 2449 §4).
    pub const LINE: usize = 255;

    pub(crate) fn line(&self) -> usize {
        self.line.max(Self::LINE)
    }

    pub(crate) fn sasl(&self) -> usize {
        self.sasl.max(self.line())
    }

    pub(crate) fn window(&self) -> usize {
        self.window.max(2 * self.sasl())
    }

    pub(crate) fn outbox(&self) -> usize {
        self.outbox.max(SMALLEST_OUTBOX)
    }
}

/// How long a server machine waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTimeouts {
    /// Until the client has sent a whole command. RFC 1939 §3 wants at least ten minutes.
    pub autologout: Duration,
    /// Until the client has taken [`progress`](Self::progress) octets of a response, or all of it.
    pub writing: Duration,
    /// The octets that must pass in each [`writing`](Self::writing) interval.
    pub progress: usize,
}

impl Default for ServerTimeouts {
    fn default() -> Self {
        Self {
            autologout: Duration::from_secs(10 * 60),
            writing: Duration::from_secs(10 * 60),
            progress: 1024,
        }
    }
}

/// What a client machine allows. All it allocates is at most `window + outbox + 2 × capabilities × line`, and the commands
/// that the caller has queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLimits {
    /// Octets of a response line, or of a line of a listing, with its CRLF; less than 512 counts as 512 (RFC 1939 §3).
    pub line: usize,
    /// Octets of a challenge of AUTH, with its CRLF; less than [`line`](Self::line) counts as that.
    pub sasl: usize,
    /// Octets of responses that are read ahead; at least twice [`sasl`](Self::sasl). It grows as needed.
    pub window: usize,
    /// Octets of commands that may wait to be written before more are encoded; less than 1024 counts as 1024.
    pub outbox: usize,
    /// Lines of the answer to CAPA, and of those to AUTH and LANG without an argument.
    pub capabilities: usize,
    /// Lines of the answer to LIST or UIDL.
    pub listing: u32,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            line: Response::MAX,
            sasl: SASL_LINE,
            window: 64 * 1024,
            outbox: 16 * 1024,
            capabilities: 100,
            listing: 10_000_000,
        }
    }
}

impl ClientLimits {
    pub(crate) fn line(&self) -> usize {
        self.line.max(Response::MAX)
    }

    pub(crate) fn sasl(&self) -> usize {
        self.sasl.max(self.line())
    }

    pub(crate) fn window(&self) -> usize {
        self.window.max(2 * self.sasl())
    }

    pub(crate) fn outbox(&self) -> usize {
        self.outbox.max(SMALLEST_OUTBOX)
    }
}

/// How long a client machine waits. RFC 1939 names no time; RFC 5321 §4.5.3.2 gives servers of mail five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// Until the greeting has arrived.
    pub greeting: Duration,
    /// Until the first line of a response has arrived.
    pub response: Duration,
    /// Until [`progress`](Self::progress) more octets of a message or of a listing have arrived.
    pub body: Duration,
    /// The octets that must pass in each [`body`](Self::body) interval.
    pub progress: usize,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(5 * 60),
            response: Duration::from_secs(5 * 60),
            body: Duration::from_secs(3 * 60),
            progress: 1024,
        }
    }
}

/// What RFC 4954 §4 has for SMTP; RFC 5034 names no number.
const SASL_LINE: usize = 12_288;

/// Room for a response and what completes a body.
const SMALLEST_OUTBOX: usize = 1024;
