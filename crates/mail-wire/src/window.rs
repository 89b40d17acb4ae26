//! The growing window: every octet that was read and not yet used.

use alloc::vec::Vec;
use core::fmt;

/// Octets that were read from the peer and not yet consumed: the only place where unread input lives.
///
/// Nothing is allocated before the first [`space`](Self::space). It begins with [`Window::FIRST`] octets, doubles when a
/// read filled it, never passes its limit, and moves octets only when the used part is more than half. A limit of at
/// least twice the longest line therefore always leaves room for the rest of that line.
///
/// ```
/// let mut window = mail_wire::Window::new(64 * 1024);
/// let read = window.space(); // a driver reads into it
/// read[..6].copy_from_slice(b"QUIT\r\n");
/// window.filled(6);
/// assert_eq!(window.unread(), b"QUIT\r\n");
/// window.consume(6); // the machine has understood it
/// assert!(window.unread().is_empty());
/// ```
#[derive(Clone)]
pub struct Window {
    octets: Vec<u8>,
    start: usize,
    end: usize,
    limit: usize,
    /// The last read left no space: the next one may be larger.
    filled_up: bool,
    closed: bool,
}

impl Window {
    /// What an idle connection holds, in octets.
    pub const FIRST: usize = 1024;

    /// A window that grows up to `limit` octets (at least [`Window::FIRST`]).
    pub const fn new(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            start: 0,
            end: 0,
            limit: if limit < Self::FIRST { Self::FIRST } else { limit },
            filled_up: false,
            closed: false,
        }
    }

    /// Where to read into; empty when the window is full or closed.
    pub fn space(&mut self) -> &mut [u8] {
        if self.closed {
            return &mut [];
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end == self.octets.len() || self.filled_up {
            self.filled_up = false;
            self.make_room();
        }
        &mut self.octets[self.end..]
    }

    /// `n` octets of [`space`](Self::space) have been filled.
    ///
    /// # Panics
    ///
    /// When there was less space: a bug of the driver.
    pub fn filled(&mut self, n: usize) {
        assert!(n <= self.octets.len() - self.end, "filled more than the space");
        self.end += n;
        self.filled_up = self.end == self.octets.len();
    }

    /// The octets not yet consumed.
    pub fn unread(&self) -> &[u8] {
        &self.octets[self.start..self.end]
    }

    /// The first `n` unread octets are done with; more than there are is taken as all.
    pub fn consume(&mut self, n: usize) {
        self.start += n.min(self.end - self.start);
    }

    /// The peer has closed its side: no more space. What is unread stays.
    pub const fn close(&mut self) {
        self.closed = true;
    }

    /// Whether [`close`](Self::close) was called.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Gives back what a large body made it grow by, when nothing is unread.
    pub fn relax(&mut self) {
        if self.start == self.end && self.octets.len() > Self::FIRST {
            self.octets = Vec::new();
            (self.start, self.end) = (0, 0);
        }
    }

    fn make_room(&mut self) {
        if self.start > self.octets.len() / 2 {
            self.octets.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        } else if self.octets.len() < self.limit {
            let len = (self.octets.len() * 2).clamp(Self::FIRST, self.limit);
            self.octets.reserve_exact(len - self.octets.len());
            self.octets.resize(len, 0);
        }
    }
}

/// How much there is, and not what: it may be a password.
impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("unread", &self.unread().len())
            .field("limit", &self.limit)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_when_filled_and_stops_at_its_limit() {
        let mut window = Window::new(4096);
        let mut sizes = alloc::vec![];
        while !window.space().is_empty() {
            let n = window.space().len();
            window.filled(n);
            sizes.push(window.octets.len());
        }
        assert_eq!(sizes, [1024, 2048, 4096]);
        assert_eq!(window.unread().len(), 4096);
        window.consume(2048);
        assert!(window.space().is_empty(), "moves only past half");
        window.consume(1);
        assert_eq!(window.space().len(), 2049);
        window.relax();
        assert_eq!(window.unread().len(), 2047, "relaxing loses nothing");
        window.consume(usize::MAX);
        window.relax();
        assert_eq!(window.octets.capacity(), 0);
        assert_eq!(window.space().len(), Window::FIRST);
    }

    #[test]
    fn grows_when_each_read_fills_it_though_all_is_consumed() {
        let mut window = Window::new(4096);
        let mut sizes = alloc::vec![];
        for _ in 0..4 {
            let n = window.space().len();
            window.filled(n);
            window.consume(n);
            sizes.push(n);
        }
        assert_eq!(sizes, [1024, 2048, 4096, 4096]);
    }

    #[test]
    fn short_reads_do_not_grow_it() {
        let mut window = Window::new(1 << 20);
        for _ in 0..100_000 {
            window.space()[0] = b'x';
            window.filled(1);
            window.consume(1);
        }
        assert_eq!(window.octets.capacity(), Window::FIRST);
    }

    #[test]
    fn closed_has_no_space() {
        let mut window = Window::new(1024);
        window.space()[..2].copy_from_slice(b"ab");
        window.filled(2);
        window.close();
        assert!(window.space().is_empty());
        assert_eq!(window.unread(), b"ab");
    }
}
