//! What the sets in commands stand for.

use core::num::NonZeroU32;

use imap_proto::{Numbering, OneOrMore, SequenceRange, SequenceSet};
use thiserror::Error;

use super::View;
use crate::Uids;

/// A message sequence number beyond the number of messages: the command is BAD (RFC 9051 §9, `seq-number`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no message has the number {number}: there are {messages}")]
pub struct OutOfRange {
    /// The number; 1 where `*` stands and there is no message.
    pub number: NonZeroU32,
    /// How many messages the client has been told of.
    pub messages: u32,
}

impl View {
    /// The messages that a set stands for, by the numbers that the client knows. Unique identifiers that no message has are
    /// passed over in silence (RFC 9051 §6.4.9).
    ///
    /// # Errors
    ///
    /// [`OutOfRange`], for sequence numbers only.
    pub fn resolve(&self, numbering: Numbering, set: &SequenceSet) -> Result<Uids, OutOfRange> {
        match (set, numbering) {
            (SequenceSet::SavedResult, _) => Ok(self.saved.clone()),
            (SequenceSet::Ranges(ranges), Numbering::Uid) => Ok(self.by_uids(ranges)),
            (SequenceSet::Ranges(ranges), Numbering::Sequence) => self.by_sequence(ranges),
        }
    }

    fn by_uids(&self, ranges: &OneOrMore<SequenceRange>) -> Uids {
        let Some(last) = self.told.last() else {
            return Uids::new();
        };
        let bounds = ascending(ranges, last);
        let mut wanted = Uids::new();
        for (low, high) in bounds {
            wanted.append(low, high);
        }
        self.told.intersection(&wanted)
    }

    fn by_sequence(&self, ranges: &OneOrMore<SequenceRange>) -> Result<Uids, OutOfRange> {
        let messages = self.told.len();
        let last = NonZeroU32::new(messages).unwrap_or(NonZeroU32::MIN);
        let bounds = ascending(ranges, last);
        let highest = bounds.iter().map(|&(_, high)| high).max();
        if let Some(number) = highest.filter(|number| number.get() > messages) {
            return Err(OutOfRange { number, messages });
        }
        let mut wanted = Uids::new();
        for (low, high) in bounds {
            wanted.append(low, high);
        }
        let mut found = Uids::new();
        for (low, high) in wanted.ranges() {
            found.append_all(&self.told.at_each(low, high));
        }
        Ok(found)
    }
}

/// Lower and upper ends, sorted by the lower ones.
fn ascending(ranges: &OneOrMore<SequenceRange>, largest: NonZeroU32) -> Vec<(NonZeroU32, NonZeroU32)> {
    let mut bounds: Vec<_> = ranges.iter().map(|range| range.resolve(largest)).collect();
    bounds.sort_unstable();
    bounds
}
