//! The connections of a capture.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::item::{Item, Stamp};
use crate::packet::Segment;
use crate::stats::StreamStats;
use crate::stream::{Ports, Stream};

/// All connections: at most [`MOST`] at a time, none that was silent for [`IDLE`], and of all together at most about
/// [`MOST_HELD`] octets that are kept.
#[derive(Debug, Default)]
pub struct Streams {
    by_ends: HashMap<(SocketAddr, SocketAddr), Stream>,
    opened: u32,
    ports: Ports,
    finished: Vec<StreamStats>,
    swept: Duration,
    held: usize,
}

impl Streams {
    /// With these ports.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            ..Self::default()
        }
    }

    /// A segment was captured.
    pub fn segment(&mut self, stamp: Stamp, segment: &Segment, out: &mut Vec<Item>) {
        self.sweep(stamp, out);
        let ends = ends(segment);
        if let Some(stream) = self.by_ends.get(&ends)
            && stream.is_another(segment)
            && let Some(stream) = self.by_ends.remove(&ends)
        {
            self.retire(stream, stamp, "another connection took its place", out);
        }
        if !self.by_ends.contains_key(&ends) && !begins(segment) {
            return;
        }
        if !self.by_ends.contains_key(&ends) && self.by_ends.len() >= MOST {
            self.evict(stamp, out);
        }
        let (opened, ports) = (&mut self.opened, &self.ports);
        let stream = self.by_ends.entry(ends).or_insert_with(|| {
            *opened = opened.saturating_add(1);
            Stream::new(*opened, stamp, segment, ports)
        });
        let before = stream.held();
        stream.segment(stamp, segment);
        stream.flush(false, out);
        self.held = (self.held + stream.held()).saturating_sub(before);
        while self.held > MOST_HELD && self.give_up_the_greatest(stamp, out) {}
    }

    /// Nothing more will come.
    pub fn end(&mut self, stamp: Stamp, out: &mut Vec<Item>) {
        let mut streams: Vec<Stream> = self.by_ends.drain().map(|(_, stream)| stream).collect();
        streams.sort_by_key(Stream::number);
        for stream in streams {
            self.retire(stream, stamp, "the capture ends", out);
        }
    }

    /// What was counted, of all connections that are over.
    pub fn stats(&self) -> &[StreamStats] {
        &self.finished
    }

    fn retire(&mut self, mut stream: Stream, stamp: Stamp, why: &'static str, out: &mut Vec<Item>) {
        self.held = self.held.saturating_sub(stream.held());
        stream.close(stamp, why);
        stream.flush(true, out);
        if self.finished.len() < MOST_FINISHED {
            self.finished.push(stream.stats());
        }
    }

    /// Ends what was silent for long, now and then.
    fn sweep(&mut self, stamp: Stamp, out: &mut Vec<Item>) {
        if stamp.time.saturating_sub(self.swept) < SWEEP {
            return;
        }
        self.swept = stamp.time;
        let is_idle = |stream: &Stream| stamp.time.saturating_sub(stream.last()) > IDLE;
        let idle: Vec<_> = self
            .by_ends
            .iter()
            .filter(|(_, stream)| is_idle(stream))
            .map(|(ends, _)| *ends)
            .collect();
        for ends in idle {
            if let Some(stream) = self.by_ends.remove(&ends) {
                self.retire(stream, stamp, "silent for long", out);
            }
        }
    }

    /// Ends a quarter of them: those that are over, then those that were silent longest. One at a time would cost a look at
    /// all for each.
    fn evict(&mut self, stamp: Stamp, out: &mut Vec<Item>) {
        let mut all: Vec<_> = self
            .by_ends
            .iter()
            .map(|(ends, stream)| (!stream.is_over(), stream.last(), stream.number(), *ends))
            .collect();
        all.sort_unstable();
        for (.., ends) in all.into_iter().take(MOST / 4) {
            if let Some(stream) = self.by_ends.remove(&ends) {
                self.retire(stream, stamp, "too many connections at a time", out);
            }
        }
    }

    fn give_up_the_greatest(&mut self, stamp: Stamp, out: &mut Vec<Item>) -> bool {
        let greatest = self
            .by_ends
            .iter()
            .max_by_key(|(_, stream)| (stream.held(), stream.number()));
        let Some(ends) = greatest.map(|(ends, _)| *ends) else {
            return false;
        };
        if let Some(stream) = self.by_ends.remove(&ends) {
            self.retire(stream, stamp, "too many octets are kept", out);
        }
        true
    }
}

/// A segment that a connection is worth remembering for.
fn begins(segment: &Segment) -> bool {
    segment.syn || !segment.payload.is_empty()
}

fn ends(segment: &Segment) -> (SocketAddr, SocketAddr) {
    match segment.from < segment.to {
        true => (segment.from, segment.to),
        false => (segment.to, segment.from),
    }
}

/// Connections at a time.
pub const MOST: usize = 4096;
/// How long a connection may be silent.
pub const IDLE: Duration = Duration::from_secs(2 * 3600);
/// Octets that are kept, of all connections together.
pub const MOST_HELD: usize = 512 << 20;
/// Connections that are remembered for the statistics.
const MOST_FINISHED: usize = 100_000;
const SWEEP: Duration = Duration::from_secs(60);
