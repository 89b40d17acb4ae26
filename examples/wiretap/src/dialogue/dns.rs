//! The DNS over TCP: messages behind their lengths (RFC 1035 §4.2.2).

use std::net::SocketAddr;

use super::{Dialogue, Tally};
use crate::dns;
use crate::intake::Intake;
use crate::item::{Kind, Log, Side, Stamp};

/// Lookups over one connection.
#[derive(Debug)]
pub struct Dns {
    client: SocketAddr,
    server: SocketAddr,
    intakes: [Intake; 2],
    /// Octets are missing: where messages begin is not known any more.
    lost: [bool; 2],
    tally: Tally,
}

impl Dns {
    /// Between these.
    pub fn new(client: SocketAddr, server: SocketAddr) -> Self {
        Self {
            client,
            server,
            intakes: Default::default(),
            lost: [false; 2],
            tally: Tally::default(),
        }
    }
}

impl Dialogue for Dns {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        if self.lost[side as usize] {
            return;
        }
        let intake = &mut self.intakes[side as usize];
        intake.push(stamp, octets);
        while let Some((length, rest)) = intake.unread().split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length));
            if rest.len() < length {
                return;
            }
            let (stamp, message) = intake.take(2 + length);
            let (from, to) = match side {
                Side::Client => (self.client, self.server),
                Side::Server => (self.server, self.client),
            };
            match side {
                Side::Client => self.tally.commands += 1,
                Side::Server => self.tally.replies += 1,
            }
            if let Some(lookup) = dns::read(from, to, &message[2..]) {
                log.say(stamp, side, Kind::Lookup(Box::new(lookup)));
            }
        }
    }

    fn hole(&mut self, _: Stamp, side: Side, _: u64, _: &mut Log) {
        self.lost[side as usize] = true;
    }

    fn end(&mut self, _: Stamp, _: &mut Log) {}

    fn is_waiting(&self) -> bool {
        false
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
