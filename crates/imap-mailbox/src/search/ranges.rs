//! Numbers of messages, kept so that 100,000 ranges cost no more than one when a message is looked up.

use std::num::NonZeroU32;

use imap_proto::{NumberSet, SequenceSet};

/// Ranges in order, none touching another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// What a set means where `largest` is `*`; nothing in a mailbox that is empty.
    pub(crate) fn of_sequence_set(set: &SequenceSet, largest: Option<NonZeroU32>) -> Self {
        let Some(largest) = largest else { return Self::default() };
        Self::new(set.ranges().iter().map(|range| range.resolve(largest)))
    }

    pub(crate) fn of_number_set(set: &NumberSet) -> Self {
        Self::new(set.ranges().iter().map(|range| range.bounds()))
    }

    /// Higher numbers.
    pub(crate) fn above(number: NonZeroU32) -> Self {
        let first = number.checked_add(1);
        Self(first.map(|first| (first.get(), u32::MAX)).into_iter().collect())
    }

    /// Lower numbers.
    pub(crate) fn below(number: NonZeroU32) -> Self {
        let last = Some(number.get() - 1).filter(|&last| last > 0);
        Self(last.map(|last| (1, last)).into_iter().collect())
    }

    fn new(ranges: impl Iterator<Item = (NonZeroU32, NonZeroU32)>) -> Self {
        let mut ranges: Vec<_> = ranges.map(|(low, high)| (low.get(), high.get())).collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, kept| {
            let is_joined = next.0 <= kept.1.saturating_add(1);
            if is_joined {
                kept.1 = kept.1.max(next.1);
            }
            is_joined
        });
        Self(ranges)
    }

    pub(crate) fn contains(&self, number: NonZeroU32) -> bool {
        let number = number.get();
        let behind = self.0.partition_point(|&(low, _)| low <= number);
        behind > 0 && number <= self.0[behind - 1].1
    }

    /// The lowest and the highest; of none, some number twice.
    pub(crate) fn bounds(&self) -> (NonZeroU32, NonZeroU32) {
        let low = self.0.first().and_then(|&(low, _)| NonZeroU32::new(low));
        let high = self.0.last().and_then(|&(_, high)| NonZeroU32::new(high));
        (low.unwrap_or(NonZeroU32::MIN), high.unwrap_or(NonZeroU32::MIN))
    }

    /// The same with other numbers, which are in the same order; ends without one are passed over.
    pub(crate) fn mapped(&self, largest: u32, to: impl Fn(NonZeroU32) -> Option<NonZeroU32>) -> Self {
        let map = |number: u32| to(NonZeroU32::new(number)?);
        let ranges = self.0.iter().filter_map(|&(low, high)| {
            let high = high.min(largest);
            (low <= high).then_some(())?;
            Some((map(low)?, map(high)?))
        });
        Self::new(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_means_what_it_says() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let sets = [
            "1",
            "3:1",
            "*",
            "5:*",
            "9:*",
            "*:2",
            "2,4,6:7",
            "4294967295",
            "1:4294967295",
            "7,1:2,2:4,8",
        ];
        for text in sets {
            let set = SequenceSet::parse(text).unwrap();
            for largest in [1, 3, 7] {
                let ranges = Ranges::of_sequence_set(&set, Some(number(largest)));
                for candidate in 1..12 {
                    let expected = set.contains(number(candidate), number(largest));
                    assert_eq!(
                        ranges.contains(number(candidate)),
                        expected,
                        "{text} {largest} {candidate}"
                    );
                }
            }
            assert_eq!(Ranges::of_sequence_set(&set, None), Ranges::default());
        }
    }
}
