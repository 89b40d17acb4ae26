//! What was counted.

use std::net::SocketAddr;
use std::time::Duration;

use crate::protocol::Protocol;
use crate::{dialogue, tcp};

/// One connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamStats {
    /// Counted from 1.
    pub number: u32,
    /// Who opened it.
    pub client: SocketAddr,
    /// Who was called.
    pub server: SocketAddr,
    /// What was spoken, if that was recognised.
    pub protocol: Option<Protocol>,
    /// What the client sent.
    pub up: tcp::Tally,
    /// What the server sent.
    pub down: tcp::Tally,
    /// What was said.
    pub said: dialogue::Tally,
    /// From the first segment to the server's first octets.
    pub first_reply: Option<Duration>,
    /// How often the server's octets followed the client's.
    pub turns: u64,
    /// How long that took, in all.
    pub waited: Duration,
    /// How long it took at worst.
    pub longest_wait: Duration,
}
