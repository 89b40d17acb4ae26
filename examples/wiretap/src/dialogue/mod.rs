//! Dialogues: what the octets of a connection mean.

pub mod compressed;
pub mod dns;
pub mod imap;
mod imap_about;
pub mod pop3;
mod pop3_about;
pub mod smtp;
mod smtp_about;
pub mod tls;

use mail_wire::Layer;

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

    /// Octets that are kept.
    fn held(&self) -> usize {
        0
    }

    /// The same, of octets that came out of a layer.
    fn continue_in(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        self.octets(stamp, side, octets, log);
    }

    /// The layer that all octets from here on go through.
    fn layer(&self) -> Option<Layer> {
        None
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

/// A line without its end.
pub(crate) fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
