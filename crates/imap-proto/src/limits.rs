//! How much, and how long: every bound of the two machines.

use core::time::Duration;

/// What a server machine allows. All it allocates is at most `window + outbox`, one command, and what the application hands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// Octets of one command with the literals that it holds; messages are not among them, they stream. Less than 8192 counts as 8192
    /// (RFC 2683 §3.2.1.5).
    pub command: usize,
    /// The same before the client has said who it is.
    pub command_before_login: usize,
    /// Octets of one message that APPEND may announce; also what is read and thrown away of a refused literal that does not wait.
    pub message: u64,
    /// Octets that may wait to be written before the machine does anything else; less than 1024 counts as 1024.
    pub outbox: usize,
    /// Octets of a window through which messages stream; at least twice the command.
    pub window: usize,
    /// Changes that are held back until the client may hear of them ([`Server::update`](crate::Server::update)).
    pub updates: usize,
    /// Logins with bad credentials before the connection is closed.
    pub failed_logins: u32,
    /// Unknown, malformed and misplaced commands in a row before the connection is closed.
    pub errors: u32,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            command: 64 * 1024,
            command_before_login: Self::LEAST_COMMAND,
            message: 64 * 1024 * 1024,
            outbox: 16 * 1024,
            window: 128 * 1024,
            updates: 10_000,
            failed_logins: 3,
            errors: 20,
        }
    }
}

impl ServerLimits {
    /// What a server takes at least (RFC 2683 §3.2.1.5).
    pub const LEAST_COMMAND: usize = 8192;

    pub(crate) fn window(&self) -> usize {
        self.window.max(2 * self.command.max(Self::LEAST_COMMAND))
    }

    pub(crate) fn outbox(&self) -> usize {
        self.outbox.max(SMALLEST_OUTBOX)
    }

    pub(crate) fn command(&self, authenticated: bool) -> usize {
        let limit = if authenticated {
            self.command
        } else {
            self.command_before_login
        };
        limit.max(Self::LEAST_COMMAND)
    }
}

/// How long a server machine waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTimeouts {
    /// Until the client has logged in.
    pub login: Duration,
    /// Until the client has sent a whole command, or ended IDLE. RFC 9051 §5.4 wants at least 30 minutes.
    pub autologout: Duration,
    /// Until the client has sent, or taken, [`progress`](Self::progress) octets.
    pub transfer: Duration,
    /// The octets that must pass in each [`transfer`](Self::transfer) interval.
    pub progress: usize,
}

impl Default for ServerTimeouts {
    fn default() -> Self {
        Self {
            login: Duration::from_secs(3 * 60),
            autologout: Duration::from_secs(30 * 60),
            transfer: Duration::from_secs(5 * 60),
            progress: 1024,
        }
    }
}

/// What a client machine allows. All it allocates is at most `window + outbox`, one response, and the commands that the caller has
/// queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLimits {
    /// Octets of one response with the literals that it holds; less than 65536 counts as 65536.
    pub response: usize,
    /// Octets from which a literal of a message streams instead of being held.
    pub literal: usize,
    /// Octets that may wait to be written before more commands are encoded; less than 1024 counts as 1024.
    pub outbox: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            response: 1024 * 1024,
            literal: 16 * 1024,
            outbox: 16 * 1024,
        }
    }
}

impl ClientLimits {
    const LEAST_RESPONSE: usize = 64 * 1024;

    pub(crate) fn response(&self) -> usize {
        self.response.max(Self::LEAST_RESPONSE)
    }

    pub(crate) fn literal(&self) -> usize {
        self.literal.clamp(1, self.response() / 4)
    }

    pub(crate) fn window(&self) -> usize {
        2 * self.response()
    }

    pub(crate) fn outbox(&self) -> usize {
        self.outbox.max(SMALLEST_OUTBOX)
    }
}

/// How long a client machine waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientTimeouts {
    /// Until the greeting has arrived.
    pub greeting: Duration,
    /// Until the server has said something, while a command waits for its result.
    pub response: Duration,
    /// Until [`progress`](Self::progress) more octets of a literal have arrived or gone.
    pub transfer: Duration,
    /// The octets that must pass in each [`transfer`](Self::transfer) interval.
    pub progress: usize,
    /// After which IDLE is ended and begun again, since servers log idle clients out after 30 minutes (RFC 2177 §3).
    pub idle: Duration,
}

impl Default for ClientTimeouts {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(5 * 60),
            response: Duration::from_secs(10 * 60),
            transfer: Duration::from_secs(3 * 60),
            progress: 1024,
            idle: Duration::from_secs(29 * 60),
        }
    }
}

const SMALLEST_OUTBOX: usize = 1024;
