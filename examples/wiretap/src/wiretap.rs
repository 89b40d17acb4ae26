//! From the octets of a capture to what happened.

use crate::capture::{Capture, CaptureFault, Frame};
use crate::dns;
use crate::item::{Item, Kind, Side, Stamp};
use crate::packet::{Datagram, Packet, dissect};
use crate::protocol::Protocol;
use crate::stats::StreamStats;
use crate::stream::Ports;
use crate::streams::Streams;

/// Reads a capture.
#[derive(Debug, Default)]
pub struct Wiretap {
    capture: Capture,
    streams: Streams,
    /// Ports of DNS servers beside the usual.
    lookups: Vec<u16>,
    stamp: Stamp,
    began: Option<std::time::Duration>,
    items: Vec<Item>,
    counts: Counts,
}

/// What was seen beside connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets in the capture.
    pub packets: u64,
    /// Those of TCP.
    pub tcp: u64,
    /// Messages of the DNS.
    pub lookups: u64,
    /// Parts of IP packets, which are not put together.
    pub fragments: u64,
    /// Packets of an unknown link type.
    pub unknown_link: u64,
    /// All others.
    pub others: u64,
}

impl Wiretap {
    /// With these ports beside the usual.
    pub fn new(ports: Ports) -> Self {
        let lookups = ports.iter().filter(|(_, protocol)| **protocol == Protocol::Dns);
        Self {
            lookups: lookups.map(|(port, _)| *port).collect(),
            streams: Streams::new(ports),
            ..Self::default()
        }
    }

    /// Takes the next octets of the capture, and tells what they bring.
    ///
    /// # Errors
    ///
    /// What cannot be read; what came before it is told by [`end`](Self::end).
    pub fn push(&mut self, octets: &[u8]) -> Result<Vec<Item>, CaptureFault> {
        self.capture.push(octets);
        while let Some(frame) = self.capture.next_frame()? {
            self.frame(&frame);
        }
        Ok(std::mem::take(&mut self.items))
    }

    /// Nothing more will come.
    pub fn end(&mut self) -> Vec<Item> {
        let unfinished = self.capture.unfinished();
        if unfinished > 0 {
            self.tell(Kind::Warning(format!(
                "the capture ends in the midst of a packet: {unfinished} octets of it are there"
            )));
        }
        self.streams.end(self.stamp, &mut self.items);
        std::mem::take(&mut self.items)
    }

    /// The time of the first packet.
    pub fn began(&self) -> std::time::Duration {
        self.began.unwrap_or_default()
    }

    /// What was counted.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What was counted of the connections that are over.
    pub fn stats(&self) -> &[StreamStats] {
        self.streams.stats()
    }

    fn frame(&mut self, frame: &Frame) {
        self.stamp = Stamp {
            packet: self.stamp.packet + 1,
            time: frame.time,
        };
        self.began.get_or_insert(frame.time);
        self.counts.packets += 1;
        match dissect(frame) {
            Packet::Tcp(segment) => {
                self.counts.tcp += 1;
                self.streams.segment(self.stamp, &segment, &mut self.items);
            }
            Packet::Udp(datagram) if self.is_lookup(&datagram) => {
                self.counts.lookups += 1;
                if let Some(lookup) = dns::read(datagram.from, datagram.to, &datagram.payload) {
                    self.tell_lookup(lookup);
                }
            }
            Packet::Fragment(from, to) => {
                self.counts.fragments += 1;
                if self.counts.fragments == 1 {
                    let text = format!("fragments of IP packets, {from} to {to} first, are not put together");
                    self.tell(Kind::Warning(text));
                }
            }
            Packet::UnknownLink(link) => {
                self.counts.unknown_link += 1;
                if self.counts.unknown_link == 1 {
                    self.tell(Kind::Warning(format!("link type {link} is not known")));
                }
            }
            Packet::Udp(_) | Packet::Other => self.counts.others += 1,
        }
    }

    fn is_lookup(&self, datagram: &Datagram) -> bool {
        let ports = [datagram.from.port(), datagram.to.port()];
        ports
            .iter()
            .any(|port| Protocol::of_port(*port) == Some(Protocol::Dns) || self.lookups.contains(port))
    }

    fn tell_lookup(&mut self, lookup: dns::Lookup) {
        let side = if lookup.answer.is_some() {
            Side::Server
        } else {
            Side::Client
        };
        self.items.push(Item {
            stamp: self.stamp,
            stream: 0,
            side: Some(side),
            kind: Kind::Lookup(Box::new(lookup)),
        });
    }

    fn tell(&mut self, kind: Kind) {
        self.items.push(Item {
            stamp: self.stamp,
            stream: 0,
            side: None,
            kind,
        });
    }
}
