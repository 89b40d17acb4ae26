//! How much, and how long: every bound of both machines, with its default.

use core::time::Duration;

/// The server's bounds. What a connection allocates is at most `window` + `output` + about twice `command_line`.
///
/// ```
/// let mut limits = smtp_proto::server::Limits::default();
/// limits.message = 50 * 1024 * 1024;
/// limits.recipients = 1000;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// Octets of a command line with its CRLF, without what the offered extensions add (43 for SIZE and BODY). At least 512
    /// (RFC 5321 §4.5.3.1.4), at most 16,384.
    pub command_line: u16,
    /// Octets of a message; offered as SIZE. 0 means no limit.
    pub message: u64,
    /// Accepted recipients of one message; at least 100 (RFC 5321 §4.5.3.1.8).
    pub recipients: u32,
    /// Faulty commands (unknown, malformed, out of order) in one connection before it is closed with 421.
    pub errors: u32,
    /// Commands between two messages that are neither RCPT nor faulty (NOOP, RSET, VRFY, a repeated EHLO, …) before the
    /// connection is closed with 421.
    pub idle_commands: u32,
    /// Octets of a refused message that are read on to find its end, before the connection is closed with 421.
    pub drained: u64,
    /// Octets of unread input: at least twice the command line.
    pub window: usize,
    /// Octets of replies that wait to be written before commands are no longer read.
    pub output: usize,
    /// How long for what.
    pub timeouts: ServerTimeouts,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            command_line: 512,
            message: 32 * 1024 * 1024,
            recipients: 1000,
            errors: 20,
            idle_commands: 200,
            drained: 1024 * 1024 * 1024,
            window: 64 * 1024,
            output: 4 * 1024,
            timeouts: SERVER_TIMEOUTS,
        }
    }
}

/// How long a server waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerTimeouts {
    /// For the next command line, whole (RFC 5321 §4.5.3.2.7: at least 5 minutes).
    pub command: Duration,
    /// For the next `body_minimum` octets of a message.
    pub body: Duration,
    /// The octets of a message that count as progress.
    pub body_minimum: usize,
    /// For the client to read 512 octets of our replies, or all there are.
    pub reply: Duration,
}

/// RFC 5321 §4.5.3.2.7, and for a message at least 4 KiB in that time.
pub const SERVER_TIMEOUTS: ServerTimeouts = ServerTimeouts {
    command: Duration::from_secs(300),
    body: Duration::from_secs(300),
    body_minimum: 4096,
    reply: Duration::from_secs(300),
};

/// The client's bounds. What a connection allocates is at most `window` + `reply` + `output` + three times `chunk` + 40 octets for
/// each command of `in_flight`, and what the caller has queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientLimits {
    /// Octets of one reply line with its CRLF; at least 512 (RFC 5321 §4.5.3.1.5).
    pub reply_line: usize,
    /// Octets of text in all lines of one reply, each counted with one octet more.
    pub reply: usize,
    /// Octets of unread input: at least twice the reply line.
    pub window: usize,
    /// Octets of commands and body that wait to be written.
    pub output: usize,
    /// Octets of a message that are sent as one BDAT chunk. They gather before they are sent.
    pub chunk: usize,
    /// Commands that wait for their reply at the same time, where PIPELINING is offered.
    pub in_flight: usize,
    /// How long for what.
    pub timeouts: ClientTimeouts,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            reply_line: 4096,
            reply: 64 * 1024,
            window: 16 * 1024,
            output: 64 * 1024,
            chunk: 64 * 1024,
            in_flight: 1000,
            timeouts: CLIENT_TIMEOUTS,
        }
    }
}

/// How long a client waits, by what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientTimeouts {
    /// For the greeting (RFC 5321 §4.5.3.2.1).
    pub greeting: Duration,
    /// For the reply to MAIL (RFC 5321 §4.5.3.2.2), and to the commands for which the RFC names no time.
    pub command: Duration,
    /// For the reply to RCPT (RFC 5321 §4.5.3.2.3).
    pub recipient: Duration,
    /// For the reply to DATA (RFC 5321 §4.5.3.2.4).
    pub data: Duration,
    /// For the server to take in a block of the message (RFC 5321 §4.5.3.2.5).
    pub block: Duration,
    /// The octets of a message that count as a block.
    pub block_minimum: usize,
    /// For the reply to the message's end (RFC 5321 §4.5.3.2.6).
    pub message: Duration,
}

/// RFC 5321 §4.5.3.2.1 to §4.5.3.2.6.
pub const CLIENT_TIMEOUTS: ClientTimeouts = ClientTimeouts {
    greeting: Duration::from_secs(300),
    command: Duration::from_secs(300),
    recipient: Duration::from_secs(300),
    data: Duration::from_secs(120),
    block: Duration::from_secs(180),
    block_minimum: 4096,
    message: Duration::from_secs(600),
};
