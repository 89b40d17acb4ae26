//! One direction of a TCP connection: segments in, the stream's octets out, in their order (RFC 9293 §3.4).

use std::collections::BTreeMap;

use crate::item::Stamp;

/// What comes next in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Octets, captured then.
    Octets(Stamp, Vec<u8>),
    /// So many octets that were not captured.
    Hole(Stamp, u64),
}

impl Piece {
    /// Octets of the stream.
    pub fn len(&self) -> u64 {
        match self {
            Self::Octets(_, octets) => octets.len() as u64,
            Self::Hole(_, octets) => *octets,
        }
    }

    /// Whether it is of no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When it was captured.
    pub const fn stamp(&self) -> Stamp {
        match self {
            Self::Octets(stamp, _) | Self::Hole(stamp, _) => *stamp,
        }
    }
}

/// A piece, and the place in the other direction's stream up to which its sender had heard.
pub type Heard = (Piece, u64);

/// What one direction came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Segments.
    pub packets: u64,
    /// Octets of the stream that were captured.
    pub octets: u64,
    /// Segments that brought nothing new.
    pub retransmissions: u64,
    /// Segments that came before their turn.
    pub early: u64,
    /// Octets that were sent twice, and not alike. The first count.
    pub differing: u64,
    /// Places where octets are missing.
    pub holes: u64,
    /// Octets that are missing there.
    pub lost: u64,
}

/// Puts segments in order. It holds at most [`HELD`] octets in [`SEGMENTS`] segments that came before their turn, and
/// [`REMEMBERED`] octets to compare retransmissions with.
#[derive(Debug, Default)]
pub struct Direction {
    /// Where the stream goes on. Positions are sequence numbers that do not wrap around.
    next: Option<u64>,
    waiting: BTreeMap<u64, Held>,
    waiting_octets: usize,
    acknowledged: u64,
    /// Packets since it was known that the capture lacks something.
    stalled: u32,
    /// What was delivered last, up to `next`.
    recent: Vec<u8>,
    end: Option<u64>,
    /// When what was delivered last was captured. What had to wait is told as of then.
    latest: Stamp,
    /// What was found.
    pub tally: Tally,
}

#[derive(Debug)]
struct Held {
    stamp: Stamp,
    /// Up to where the sender had heard the other side.
    heard: u64,
    octets: Vec<u8>,
    missing: u64,
}

impl Held {
    fn len(&self) -> u64 {
        self.octets.len() as u64 + self.missing
    }

    /// The part from `from` to `to`, counted from its beginning.
    fn part(&self, from: u64, to: u64) -> Self {
        let have = self.octets.len() as u64;
        let (start, end) = (from.min(have) as usize, to.min(have) as usize);
        Self {
            stamp: self.stamp,
            heard: self.heard,
            octets: self.octets[start..end].to_vec(),
            missing: (to - from) - (end - start) as u64,
        }
    }
}

impl Direction {
    /// The stream begins behind this number, that of SYN.
    pub fn begin(&mut self, sequence: u32) {
        if self.next.is_none() {
            self.next = Some(BASE + u64::from(sequence) + 1);
        }
    }

    /// Whether a SYN with this number is that of another connection.
    pub fn is_another(&self, sequence: u32) -> bool {
        let begins = self.place(sequence.wrapping_add(1));
        self.next
            .is_some_and(|next| begins != next && begins.abs_diff(next) > self.tally.octets + self.tally.lost)
    }

    /// All octets up to the last have come.
    pub fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| self.next.is_some_and(|next| next >= end))
    }

    /// Octets that wait for others.
    pub const fn held(&self) -> usize {
        self.waiting_octets
    }

    /// The place where the stream goes on; none while nothing of it was seen.
    pub const fn place_of_next(&self) -> Option<u64> {
        self.next
    }

    /// The place up to which the other side has acknowledged octets of this one; 0 if it has not.
    pub const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Takes a segment's octets in; `fin` if it is the last. `at` is when it was captured, and the place in the other direction
    /// up to which its sender had heard.
    pub fn segment(
        &mut self,
        at: (Stamp, u64),
        sequence: u32,
        payload: &[u8],
        missing: u32,
        fin: bool,
        out: &mut Vec<Heard>,
    ) {
        let (stamp, heard) = at;
        self.tally.packets += 1;
        if self.next.is_none() && (fin || !payload.is_empty() || missing > 0) {
            self.next = Some(BASE + u64::from(sequence));
        }
        let Some(next) = self.next else { return };
        let start = self.place(sequence);
        let held = Held {
            stamp,
            heard,
            octets: payload.to_vec(),
            missing: missing.into(),
        };
        let end = start + held.len();
        if fin {
            self.end.get_or_insert(end);
        }
        if held.len() > 0 {
            self.take(next, start, held);
            self.deliver(out);
        }
        self.look_for_loss(stamp, out);
    }

    /// The other side has received everything before this number.
    pub fn acknowledge(&mut self, stamp: Stamp, number: u32, out: &mut Vec<Heard>) {
        let Some(next) = self.next else { return };
        let place = self.place(number);
        if place.saturating_sub(next) < FARTHEST {
            self.acknowledged = self.acknowledged.max(place);
        }
        self.look_for_loss(stamp, out);
    }

    /// Nothing more will come: what waits is told, with the holes before it.
    pub fn close(&mut self, stamp: Stamp, out: &mut Vec<Heard>) {
        while self.lacks().is_some() {
            self.give_up(stamp, out);
        }
    }

    /// The position that a number means: the nearest to where the stream is.
    fn place(&self, sequence: u32) -> u64 {
        let near = self.next.unwrap_or(BASE);
        let distance = sequence.wrapping_sub(near as u32).cast_signed();
        near.saturating_add_signed(distance.into())
    }

    fn take(&mut self, next: u64, start: u64, held: Held) {
        let end = start + held.len();
        if start < next {
            self.compare_with_recent(next, start, &held);
        }
        if end <= next {
            self.tally.retransmissions += 1;
            return;
        }
        if start > next {
            self.tally.early += 1;
        }
        let first = start.max(next);
        let held = held.part(first - start, held.len());
        self.hold(first, held);
    }

    /// Holds what is not held yet.
    fn hold(&mut self, start: u64, held: Held) {
        let end = start + held.len();
        let overlapping: Vec<u64> = self
            .waiting
            .range(..end)
            .rev()
            .take_while(|(at, other)| *at + other.len() > start)
            .map(|(at, _)| *at)
            .collect();
        let mut from = start;
        for at in overlapping.into_iter().rev() {
            let Some(other) = self.waiting.get(&at) else { continue };
            let until = (at + other.len()).min(end);
            let (mine, theirs) = (
                held.part(at.max(start) - start, until - start),
                other.part(at.max(start) - at, until - at),
            );
            self.tally.differing += differing(&mine.octets, &theirs.octets);
            if from < at {
                self.insert(from, held.part(from - start, at - start));
            }
            from = from.max(until);
        }
        if from < end {
            self.insert(from, held.part(from - start, end - start));
        } else {
            self.tally.retransmissions += 1;
        }
    }

    fn insert(&mut self, at: u64, held: Held) {
        self.waiting_octets += held.octets.len();
        self.waiting.insert(at, held);
    }

    fn deliver(&mut self, out: &mut Vec<Heard>) {
        while let (Some(next), Some(entry)) = (self.next, self.waiting.first_entry()) {
            if *entry.key() > next {
                break;
            }
            let held = entry.remove();
            self.waiting_octets -= held.octets.len();
            self.next = Some(next + held.len());
            self.stalled = 0;
            self.tally.octets += held.octets.len() as u64;
            self.remember(&held.octets);
            self.latest = self.latest.max(held.stamp);
            if !held.octets.is_empty() {
                out.push((Piece::Octets(self.latest, held.octets), held.heard));
            }
            if held.missing > 0 {
                self.hole(held.stamp, held.missing, out);
            }
        }
    }

    fn hole(&mut self, stamp: Stamp, octets: u64, out: &mut Vec<Heard>) {
        self.recent.clear();
        self.tally.holes += 1;
        self.tally.lost += octets;
        self.latest = self.latest.max(stamp);
        out.push((Piece::Hole(self.latest, octets), 0));
    }

    /// Where the stream goes on behind what is missing, if something is.
    fn lacks(&self) -> Option<u64> {
        let next = self.next?;
        match self.waiting.first_key_value() {
            Some((at, _)) => Some(*at),
            // An acknowledgment alone may count a FIN that was not captured.
            None if self.acknowledged > next + 1 => {
                Some(self.end.map_or(self.acknowledged, |end| end.min(self.acknowledged)))
            }
            None => None,
        }
        .filter(|at| *at > next)
    }

    /// What the receiver has and the capture lacks will not come, nor will what too much waits for.
    fn look_for_loss(&mut self, stamp: Stamp, out: &mut Vec<Heard>) {
        while let Some(at) = self.lacks() {
            let is_full = self.waiting_octets > HELD || self.waiting.len() > SEGMENTS;
            if self.acknowledged >= at {
                self.stalled += 1;
            }
            if !is_full && self.stalled <= PATIENCE {
                return;
            }
            self.give_up(stamp, out);
        }
    }

    fn give_up(&mut self, stamp: Stamp, out: &mut Vec<Heard>) {
        let (Some(next), Some(at)) = (self.next, self.lacks()) else {
            return;
        };
        let stamp = self.waiting.first_key_value().map_or(stamp, |(_, held)| held.stamp);
        self.hole(stamp, at - next, out);
        self.next = Some(at);
        self.stalled = 0;
        self.deliver(out);
    }

    fn remember(&mut self, octets: &[u8]) {
        self.recent.extend_from_slice(octets);
        if self.recent.len() > 2 * REMEMBERED {
            self.recent.drain(..self.recent.len() - REMEMBERED);
        }
    }

    fn compare_with_recent(&mut self, next: u64, start: u64, held: &Held) {
        let known = next - self.recent.len() as u64;
        let from = start.max(known);
        let until = (start + held.octets.len() as u64).min(next);
        if from >= until {
            return;
        }
        let mine = &held.octets[(from - start) as usize..(until - start) as usize];
        let theirs = &self.recent[(from - known) as usize..(until - known) as usize];
        self.tally.differing += differing(mine, theirs);
    }
}

fn differing(mine: &[u8], theirs: &[u8]) -> u64 {
    mine.iter().zip(theirs).filter(|(mine, theirs)| mine != theirs).count() as u64
}

/// Octets that wait for others.
pub const HELD: usize = 1 << 20;
/// Segments that wait for others.
pub const SEGMENTS: usize = 2048;
/// Octets behind the next that are compared with what is sent again.
pub const REMEMBERED: usize = 64 * 1024;

/// Packets of a connection that are waited for before what the receiver has is held to be lost.
const PATIENCE: u32 = 8;
/// Numbers that wrap around below the first stay positive.
const BASE: u64 = 1 << 40;
/// What is farther away is no acknowledgment of this stream.
const FARTHEST: u64 = 1 << 30;
