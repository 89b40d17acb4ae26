//! Sets of uids, as runs of neighbours.

use std::fmt;

use super::Uid;

/// Uids in ascending order. Neighbours are one run of 8 octets: a million messages of which few were removed cost next to
/// nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UidSet {
    /// Ascending, none empty, none next to another.
    runs: Vec<(u32, u32)>,
}

impl UidSet {
    /// None.
    pub const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// From `first` to `last`, both included; none when `last` is the lower.
    pub fn between(first: Uid, last: Uid) -> Self {
        let mut set = Self::new();
        if first <= last {
            set.runs.push((first.0, last.0));
        }
        set
    }

    /// From runs in any order; what they have in common counts once.
    pub fn from_runs(runs: impl IntoIterator<Item = (Uid, Uid)>) -> Self {
        let mut runs: Vec<(u32, u32)> = runs.into_iter().map(|(first, last)| (first.0, last.0)).collect();
        runs.retain(|(first, last)| first <= last);
        runs.sort_unstable();
        let mut set = Self::new();
        runs.into_iter().for_each(|(first, last)| set.push_run(first, last));
        set
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.runs.iter().map(|(first, last)| u64::from(last - first) + 1).sum()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether `uid` is one of them.
    pub fn contains(&self, uid: Uid) -> bool {
        let at = self.runs.partition_point(|&(first, _)| first <= uid.0);
        at > 0 && self.runs[at - 1].1 >= uid.0
    }

    /// The highest.
    pub fn last(&self) -> Option<Uid> {
        self.runs.last().map(|&(_, last)| Uid(last))
    }

    /// The runs, each with both its ends.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = (Uid, Uid)> + '_ {
        self.runs.iter().map(|&(first, last)| (Uid(first), Uid(last)))
    }

    /// Upwards.
    pub fn iter(&self) -> impl Iterator<Item = Uid> + '_ {
        self.runs.iter().flat_map(|&(first, last)| first..=last).map(Uid)
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_runs(self.runs().chain(other.runs()))
    }

    /// Those that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut left = Self::new();
        let mut others = other.runs.iter().peekable();
        for &(first, last) in &self.runs {
            // Wider than a uid, so that one behind the highest is a place.
            let mut at = u64::from(first);
            while others.next_if(|other| other.1 < first).is_some() {}
            while let Some(&&(from, to)) = others.peek() {
                if from > last {
                    break;
                }
                left.push_places(at, u64::from(from));
                at = at.max(u64::from(to) + 1);
                if to > last {
                    break;
                }
                others.next();
            }
            left.push_places(at, u64::from(last) + 1);
        }
        left
    }

    /// Adds from `at` to what stands in front of `end`.
    fn push_places(&mut self, at: u64, end: u64) {
        if at < end {
            // Both are places inside a run of uids.
            self.push_run(at as u32, (end - 1) as u32);
        }
    }

    /// Adds a run that begins no earlier than the last one did.
    fn push_run(&mut self, first: u32, last: u32) {
        match self.runs.last_mut() {
            Some(run) if run.1 >= first || run.1 + 1 == first => run.1 = run.1.max(last),
            _ => self.runs.push((first, last)),
        }
    }

    /// As JSON, for a statement that takes any number of them as one parameter: `[[1,3],[7,7]]`.
    pub(super) fn json(&self) -> String {
        let runs: Vec<String> = self
            .runs
            .iter()
            .map(|(first, last)| format!("[{first},{last}]"))
            .collect();
        format!("[{}]", runs.join(","))
    }
}

/// In any order.
impl FromIterator<Uid> for UidSet {
    fn from_iter<T: IntoIterator<Item = Uid>>(uids: T) -> Self {
        let mut set = Self::new();
        let mut late = Vec::new();
        for uid in uids {
            match set.last() {
                Some(last) if uid < last => late.push((uid, uid)),
                _ => set.push_run(uid.0, uid.0),
            }
        }
        if late.is_empty() {
            return set;
        }
        let late = Self::from_runs(late);
        set.union(&late)
    }
}

/// As IMAP writes sets: `1:3,7`.
impl fmt::Debug for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.runs.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}:{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(mask: u32) -> impl Iterator<Item = Uid> {
        (0..6u32)
            .filter(move |bit| mask >> bit & 1 == 1)
            .map(|bit| Uid(bit + 1))
    }

    #[test]
    fn sets_of_a_small_world() {
        for ours in 0..64 {
            let one: UidSet = members(ours).collect();
            assert_eq!(one.iter().collect::<Vec<_>>(), members(ours).collect::<Vec<_>>());
            assert_eq!(one.len(), u64::from(ours.count_ones()));
            let mut backwards: Vec<Uid> = members(ours).collect();
            backwards.reverse();
            assert_eq!(backwards.into_iter().collect::<UidSet>(), one);
            for theirs in 0..64 {
                let other: UidSet = members(theirs).collect();
                assert_eq!(one.union(&other), members(ours | theirs).collect());
                assert_eq!(one.difference(&other), members(ours & !theirs).collect());
            }
            for uid in 0..8 {
                assert_eq!(one.contains(Uid(uid)), members(ours).any(|member| member.0 == uid));
            }
        }
    }

    #[test]
    fn the_ends_of_the_world() {
        let all = UidSet::between(Uid(1), Uid(u32::MAX));
        let ends: UidSet = [Uid(1), Uid(u32::MAX)].into_iter().collect();
        assert_eq!(format!("{:?}", all.difference(&ends)), "2:4294967294");
        assert_eq!(all.difference(&ends).union(&ends), all);
        assert_eq!((all.len(), all.union(&all)), (u64::from(u32::MAX), all.clone()));
        assert!(all.difference(&all).is_empty() && UidSet::between(Uid(2), Uid(1)).is_empty());
        assert_eq!(ends.json(), "[[1,1],[4294967295,4294967295]]");
    }
}
