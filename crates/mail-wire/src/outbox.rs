//! Octets that wait to be written.

use alloc::vec::Vec;
use core::fmt;

/// Output that the driver has not written yet, oldest first.
///
/// It does not bound itself: the machine looks at [`len`](Self::len) before it produces more.
///
/// ```
/// let mut outbox = mail_wire::Outbox::default();
/// outbox.push(b"250 ok\r\n");
/// outbox.sent(4); // the socket took no more
/// assert_eq!(outbox.unsent(), b"ok\r\n");
/// ```
#[derive(Clone, Default)]
pub struct Outbox {
    octets: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Appends.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer().extend_from_slice(octets);
    }

    /// Where an encoder appends. What stands in it already stays.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        if self.sent > 0 && self.sent >= self.octets.len() - self.sent {
            self.octets.drain(..self.sent);
            self.sent = 0;
        }
        &mut self.octets
    }

    /// What is to be written now.
    pub fn unsent(&self) -> &[u8] {
        &self.octets[self.sent..]
    }

    /// The first `n` octets of [`unsent`](Self::unsent) were written; more than there are is taken as all.
    pub fn sent(&mut self, n: usize) {
        self.sent += n.min(self.len());
        if self.sent == self.octets.len() {
            self.octets.clear();
            self.sent = 0;
        }
    }

    /// Octets that wait.
    pub const fn len(&self) -> usize {
        self.octets.len() - self.sent
    }

    /// Whether all is written.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives back what a large body made it grow by, when nothing waits.
    pub fn relax(&mut self) {
        if self.is_empty() {
            self.octets = Vec::new();
        }
    }
}

impl fmt::Write for Outbox {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// How much there is, and not what: it may be a password.
impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outbox({} octets)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_across_partial_writes() {
        let (mut outbox, mut wire) = (Outbox::default(), Vec::new());
        let mut expected = Vec::new();
        for round in 0..200u32 {
            let text = alloc::format!("line {round}\r\n");
            expected.extend_from_slice(text.as_bytes());
            outbox.push(text.as_bytes());
            let n = (round as usize * 7) % 13;
            let n = n.min(outbox.len());
            wire.extend_from_slice(&outbox.unsent()[..n]);
            outbox.sent(n);
        }
        wire.extend_from_slice(outbox.unsent());
        outbox.sent(usize::MAX);
        assert!(outbox.is_empty());
        assert_eq!(wire, expected);
    }
}
