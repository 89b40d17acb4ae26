//! Octets of one side that are not understood yet, and when each was captured.

use std::collections::VecDeque;

use crate::item::Stamp;

/// A queue of octets.
#[derive(Debug, Default)]
pub struct Intake {
    octets: Vec<u8>,
    read: usize,
    /// Octets before this one hold no LF.
    scanned: usize,
    /// Where each packet's octets end, counted from the first octet of all.
    marks: VecDeque<(u64, Stamp)>,
    total: u64,
    last: Stamp,
    /// The rest of a line is not wanted.
    skipping: bool,
    /// But for one that begins so.
    begins: Option<fn(&[u8]) -> bool>,
    /// Nor are so many octets before that.
    unwanted: u64,
}

impl Intake {
    /// Takes octets in.
    pub fn push(&mut self, stamp: Stamp, octets: &[u8]) {
        if self.read > self.octets.len() / 2 {
            self.octets.drain(..self.read);
            self.scanned -= self.read.min(self.scanned);
            self.read = 0;
        }
        self.octets.extend_from_slice(octets);
        self.total += octets.len() as u64;
        self.marks.push_back((self.total, stamp));
        self.skip();
    }

    /// Octets that wait.
    pub fn len(&self) -> usize {
        self.octets.len() - self.read
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What waits.
    pub fn unread(&self) -> &[u8] {
        &self.octets[self.read..]
    }

    /// The next line with its LF, or so many octets if it is longer.
    pub fn line(&mut self, longest: usize) -> Option<(Stamp, Vec<u8>)> {
        let from = self.scanned.max(self.read);
        let end = match self.octets[from..].iter().position(|octet| *octet == b'\n') {
            Some(at) => (from + at + 1).min(self.read + longest),
            None if self.len() >= longest => self.read + longest,
            None => {
                self.scanned = self.octets.len();
                return None;
            }
        };
        Some(self.take(end - self.read))
    }

    /// The next octets: at most so many, and at least one unless nothing waits.
    pub fn take(&mut self, most: usize) -> (Stamp, Vec<u8>) {
        let count = most.min(self.len());
        let octets = self.octets[self.read..self.read + count].to_vec();
        let stamp = self.stamp();
        self.read += count;
        let gone = self.total - self.len() as u64;
        while self.marks.front().is_some_and(|(end, _)| *end <= gone) {
            self.last = self.marks.pop_front().map(|(_, stamp)| stamp).unwrap_or_default();
        }
        (stamp, octets)
    }

    /// When the next octet was captured, or the last if none waits.
    pub fn stamp(&self) -> Stamp {
        self.marks.front().map_or(self.last, |(_, stamp)| *stamp)
    }

    /// Whether its next octet was captured before that of the other.
    pub fn is_before(&self, other: &Self) -> bool {
        !self.is_empty() && (other.is_empty() || self.stamp() <= other.stamp())
    }

    /// Drops what waits, and what comes up to the end of its line.
    pub fn skip_line(&mut self) {
        self.skipping = true;
        self.skip();
    }

    /// Behind a hole: drops what waits, and what comes up to the end of its line, unless that looks as if a line begins there.
    pub fn resume(&mut self, begins: fn(&[u8]) -> bool) {
        self.take(usize::MAX);
        (self.skipping, self.begins) = (true, Some(begins));
    }

    /// The same, and so many octets before it.
    pub fn resume_behind(&mut self, octets: u64, begins: fn(&[u8]) -> bool) {
        self.resume(begins);
        self.unwanted = octets;
    }

    fn skip(&mut self) {
        let count = self.unwanted.min(self.len() as u64);
        self.take(count as usize);
        self.unwanted -= count;
        if !self.skipping || self.unwanted > 0 {
            return;
        }
        if !self.is_empty()
            && let Some(begins) = self.begins.take()
            && begins(self.unread())
        {
            self.skipping = false;
            return;
        }
        let end = self.unread().iter().position(|octet| *octet == b'\n');
        self.skipping = end.is_none();
        let count = end.map_or(self.len(), |at| at + 1);
        self.take(count);
    }
}
