//! Dialogues: what the octets of a connection mean.

pub mod smtp;
pub mod tls;
mod smtp_about;

use crate::item::{Log, Side, Stamp};

/// What reads along in one protocol.
pub trait Dialogue {
    /// One side said this.
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log);

    /// So many octets of one side were not captured.
    fn hole(&mut self, stamp: Stamp, side: Side, octets: u64, log: &mut Log);

    /// Nothing more will come.
    fn end(&mut self, stamp: Stamp, log: &mut Log);

    /// Whether octets wait that are older than what is yet to come.
    fn is_waiting(&self) -> bool;

    /// What was counted.
    fn tally(&self) -> Tally;

    /// From here on the octets are those of a layer that this dialogue does not see through.
    fn is_over(&self) -> bool {
        false
    }
}

/// What a dialogue came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commands of the client.
    pub commands: u64,
    /// Replies of the server.
    pub replies: u64,
    /// Messages.
    pub messages: u64,
    /// Messages of which octets are missing.
    pub incomplete: u64,
}
