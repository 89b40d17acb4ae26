//! Unique identifiers in ascending order, and where each stands: what sequence numbers are made of.

use core::num::NonZeroU32;

use imap_proto::{NumberRange, NumberSet};

/// A set of unique identifiers (RFC 9051 §2.3.1.1), which knows of each what number it has among the others.
///
/// Neighbours are kept as one run of 12 octets, so that a mailbox of a million messages from which little was removed costs
/// next to nothing. Looking up takes time in proportion to the logarithm of the number of runs, set operations to the number.
///
/// ```
/// use core::num::NonZeroU32;
/// use imap_mailbox::Uids;
///
/// let uid = |number| NonZeroU32::new(number).unwrap();
/// let mut uids: Uids = [3, 4, 7].map(uid).into_iter().collect();
/// assert_eq!(uids.sequence(uid(7)), NonZeroU32::new(3));
/// uids.remove(uid(3));
/// assert_eq!(uids.sequence(uid(7)), NonZeroU32::new(2));
/// assert_eq!(uids.at(uid(1)), Some(uid(4)));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Uids {
    /// Ascending, none empty, none next to another.
    runs: Vec<Run>,
}

/// From `first` to `last`, both included.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u32,
    last: u32,
    /// How many stand in front of it.
    before: u32,
}

impl Run {
    const fn len(self) -> u32 {
        self.last - self.first + 1
    }
}

impl Uids {
    /// None.
    pub const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// All from `first` to `last`, both included; none when `last` is the lower.
    pub fn between(first: NonZeroU32, last: NonZeroU32) -> Self {
        let mut uids = Self::new();
        uids.push_run(first.get(), last.get());
        uids
    }

    /// All that are in one of the ranges, each with its lower and upper end, in any order; what ranges have in common counts
    /// once, and one whose upper end is the lower has none.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (NonZeroU32, NonZeroU32)>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        ranges.sort_unstable();
        let mut uids = Self::new();
        ranges.into_iter().for_each(|(first, last)| uids.append(first, last));
        uids
    }

    /// The runs, each with its lower and upper end.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = (NonZeroU32, NonZeroU32)> + '_ {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        self.runs.iter().map(move |run| (number(run.first), number(run.last)))
    }

    /// Adds a range that begins no earlier than the last one that was added so; what it has in common with what is there
    /// counts once.
    pub(crate) fn append(&mut self, first: NonZeroU32, last: NonZeroU32) {
        match self.last() {
            Some(highest) if highest >= last => {}
            Some(highest) => self.push_run(first.get().max(highest.get() + 1), last.get()),
            None => self.push_run(first.get(), last.get()),
        }
    }

    /// Adds what stands behind all that is there.
    pub(crate) fn append_all(&mut self, behind: &Self) {
        behind.runs.iter().for_each(|run| self.push_run(run.first, run.last));
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.before + run.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The highest.
    pub fn last(&self) -> Option<NonZeroU32> {
        self.runs.last().and_then(|run| NonZeroU32::new(run.last))
    }

    /// Whether `uid` is one of them.
    pub fn contains(&self, uid: NonZeroU32) -> bool {
        self.run_of(uid).is_some()
    }

    /// What number `uid` has among them, from 1: its message sequence number.
    pub fn sequence(&self, uid: NonZeroU32) -> Option<NonZeroU32> {
        let run = self.runs[self.run_of(uid)?];
        NonZeroU32::new(run.before + (uid.get() - run.first) + 1)
    }

    /// The one that has this number.
    pub fn at(&self, sequence: NonZeroU32) -> Option<NonZeroU32> {
        let index = sequence.get() - 1;
        let at = self.runs.partition_point(|run| run.before <= index).checked_sub(1)?;
        let run = self.runs[at];
        let offset = index - run.before;
        if offset < run.len() {
            NonZeroU32::new(run.first + offset)
        } else {
            None
        }
    }

    /// Those that have the numbers from `first` to `last`, both included.
    pub fn at_each(&self, first: NonZeroU32, last: NonZeroU32) -> Self {
        let mut found = Self::new();
        let (low, high) = (first.get() - 1, last.get().min(self.len()));
        let begin = self.runs.partition_point(|run| run.before + run.len() <= low);
        for run in &self.runs[begin..] {
            if run.before >= high {
                break;
            }
            let from = low.saturating_sub(run.before);
            let count = (high - run.before).min(run.len());
            if from < count {
                found.push_run(run.first + from, run.first + count - 1);
            }
        }
        found
    }

    /// Upwards.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = NonZeroU32> + '_ {
        let numbers = self.runs.iter().flat_map(|run| run.first..=run.last);
        numbers.filter_map(NonZeroU32::new)
    }

    /// Adds one.
    pub fn insert(&mut self, uid: NonZeroU32) {
        match self.last() {
            Some(last) if last >= uid => *self = self.union(&Self::between(uid, uid)),
            _ => self.push_run(uid.get(), uid.get()),
        }
    }

    /// Takes one away; returns whether it was there.
    pub fn remove(&mut self, uid: NonZeroU32) -> bool {
        let found = self.contains(uid);
        if found {
            *self = self.difference(&Self::between(uid, uid));
        }
        found
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |ours, theirs| ours || theirs)
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |ours, theirs| ours && theirs)
    }

    /// Those that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combine(other, |ours, theirs| ours && !theirs)
    }

    /// As responses carry them; none is no set.
    pub fn to_number_set(&self) -> Option<NumberSet> {
        let ranges = self.ranges().map(|(first, last)| NumberRange { first, last });
        NumberSet::new(ranges.collect()).ok()
    }

    fn run_of(&self, uid: NonZeroU32) -> Option<usize> {
        let at = self.runs.partition_point(|run| run.first <= uid.get()).checked_sub(1)?;
        (self.runs[at].last >= uid.get()).then_some(at)
    }

    /// Adds a run that begins behind the last one.
    fn push_run(&mut self, first: u32, last: u32) {
        if last < first {
            return;
        }
        match self.runs.last_mut() {
            Some(run) if run.last + 1 == first => run.last = last,
            _ => {
                let before = self.len();
                self.runs.push(Run { first, last, before });
            }
        }
    }

    /// Walks over both at once, from one place where something begins or ends to the next.
    fn combine(&self, other: &Self, keep: impl Fn(bool, bool) -> bool) -> Self {
        let mut combined = Self::new();
        let (mut ours, mut theirs) = (Cursor::new(&self.runs), Cursor::new(&other.runs));
        let mut at = 1;
        while let Some(next) = ours.change(at).into_iter().chain(theirs.change(at)).min() {
            if keep(ours.covers(at), theirs.covers(at)) {
                // Both ends were numbers of a run, and fit.
                combined.push_run(at as u32, (next - 1) as u32);
            }
            at = next;
            ours.pass(at);
            theirs.pass(at);
        }
        combined
    }
}

/// A walk over runs; places are a bit wider than numbers, so that one behind the highest is a place.
struct Cursor<'a> {
    runs: &'a [Run],
}

impl<'a> Cursor<'a> {
    const fn new(runs: &'a [Run]) -> Self {
        Self { runs }
    }

    /// Whether the run in front of us has begun.
    fn covers(&self, at: u64) -> bool {
        self.runs.first().is_some_and(|run| u64::from(run.first) <= at)
    }

    /// The next place behind `at` at which a run begins or has ended.
    fn change(&self, at: u64) -> Option<u64> {
        let run = self.runs.first()?;
        let first = u64::from(run.first);
        Some(if at < first { first } else { u64::from(run.last) + 1 })
    }

    /// Forgets the run that has ended.
    fn pass(&mut self, at: u64) {
        if let [run, rest @ ..] = self.runs
            && u64::from(run.last) < at
        {
            self.runs = rest;
        }
    }
}

/// In any order.
impl FromIterator<NonZeroU32> for Uids {
    fn from_iter<T: IntoIterator<Item = NonZeroU32>>(numbers: T) -> Self {
        let mut uids = Self::new();
        let mut late: Vec<u32> = Vec::new();
        for number in numbers {
            match uids.last() {
                Some(last) if last >= number => late.push(number.get()),
                _ => uids.push_run(number.get(), number.get()),
            }
        }
        if late.is_empty() {
            return uids;
        }
        late.sort_unstable();
        late.dedup();
        let mut others = Self::new();
        late.into_iter().for_each(|number| others.push_run(number, number));
        uids.union(&others)
    }
}

/// Ranges that overlap count once.
impl From<&NumberSet> for Uids {
    fn from(set: &NumberSet) -> Self {
        Self::from_ranges(set.ranges().iter().map(|range| range.bounds()))
    }
}

/// As sets are written: `1:3,7`.
impl core::fmt::Debug for Uids {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (at, run) in self.runs.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match run.len() {
                1 => write!(f, "{comma}{}", run.first)?,
                _ => write!(f, "{comma}{}:{}", run.first, run.last)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn uid(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).expect("not 0")
    }

    fn uids(numbers: impl IntoIterator<Item = u32>) -> Uids {
        numbers.into_iter().map(uid).collect()
    }

    fn numbers(uids: &Uids) -> Vec<u32> {
        uids.iter().map(NonZeroU32::get).collect()
    }

    /// Every two sets of a small world.
    #[test]
    fn sets_of_a_small_world() {
        let members = |mask: u32| (0..5u32).filter(move |bit| mask >> bit & 1 == 1).map(|bit| bit + 1);
        for ours in 0..32 {
            let one = uids(members(ours));
            assert_eq!(numbers(&one), members(ours).collect::<Vec<_>>());
            for theirs in 0..32 {
                let other = uids(members(theirs));
                assert_eq!(one.union(&other), uids(members(ours | theirs)));
                assert_eq!(one.intersection(&other), uids(members(ours & theirs)));
                assert_eq!(one.difference(&other), uids(members(ours & !theirs)));
            }
        }
    }

    #[test]
    fn the_ends_of_the_world() {
        let all = Uids::between(uid(1), uid(u32::MAX));
        assert_eq!((all.len(), all.at(uid(u32::MAX))), (u32::MAX, Some(uid(u32::MAX))));
        assert_eq!(all.union(&all), all);
        assert!(all.difference(&all).is_empty());
        let mut without = all.clone();
        assert!(without.remove(uid(1)) && without.remove(uid(u32::MAX)) && !without.remove(uid(1)));
        assert_eq!(format!("{without:?}"), "2:4294967294");
        without.insert(uid(u32::MAX));
        without.insert(uid(1));
        assert_eq!(without, all);
        let set: NumberSet = "9:7,8:12,1,4294967295,12,1:1".parse().expect("a set");
        assert_eq!(format!("{:?}", Uids::from(&set)), "1,7:12,4294967295");
        let ranges = [(5, 9), (3, 2), (1, 1), (7, 8), (2, 2)].map(|(first, last)| (uid(first), uid(last)));
        assert_eq!(format!("{:?}", Uids::from_ranges(ranges)), "1:2,5:9");
        assert_eq!(
            Uids::from(&set).to_number_set().map(|set| Uids::from(&set)),
            Some(Uids::from(&set))
        );
    }

    proptest! {
        #[test]
        fn as_a_sorted_set_has_it(members: Vec<u8>, range: (u8, u8)) {
            let naive: BTreeSet<u32> = members.iter().map(|&member| u32::from(member) + 1).collect();
            let uids = uids(members.iter().map(|&member| u32::from(member) + 1));
            prop_assert_eq!(uids.len() as usize, naive.len());
            for (at, &number) in naive.iter().enumerate() {
                let sequence = uid(at as u32 + 1);
                prop_assert_eq!(uids.sequence(uid(number)), Some(sequence));
                prop_assert_eq!(uids.at(sequence), Some(uid(number)));
            }
            for number in 1..=257 {
                prop_assert_eq!(uids.contains(uid(number)), naive.contains(&number));
            }
            prop_assert_eq!(uids.at(uid(naive.len() as u32 + 1)), None);
            let (first, last) = (u32::from(range.0) + 1, u32::from(range.1) + 1);
            let each: Vec<u32> = naive.iter().copied().skip(first as usize - 1).take((last + 1).saturating_sub(first) as usize).collect();
            prop_assert_eq!(numbers(&uids.at_each(uid(first), uid(last))), each);
        }
    }
}
