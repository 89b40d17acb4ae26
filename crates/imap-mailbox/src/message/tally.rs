//! Counts lines between offsets of a message that streams through.

/// The octets that were pushed and are still being looked at, and the line ends in front of them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    octets: Vec<u8>,
    /// Octets at the front that were counted.
    counted: usize,
    /// Offset of the first octet that was not counted.
    offset: u64,
    lines: u64,
}

impl Tally {
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
    }

    /// Line ends in front of an offset, which is not in front of one that was asked for before.
    pub(super) fn lines_before(&mut self, offset: u64) -> u64 {
        let ahead = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let end = self.counted.saturating_add(ahead).min(self.octets.len());
        let passed = &self.octets[self.counted..end];
        self.lines += passed.iter().filter(|&&octet| octet == b'\n').count() as u64;
        self.offset += passed.len() as u64;
        self.counted = end;
        self.lines
    }

    /// Drops what stands in front of an offset, but for a line end, which may be asked for yet.
    pub(super) fn pass(&mut self, offset: u64) {
        self.lines_before(offset.saturating_sub(2));
        self.octets.drain(..self.counted);
        self.counted = 0;
    }
}
