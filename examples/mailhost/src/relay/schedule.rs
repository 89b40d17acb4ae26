//! When a message is tried again, when its sender hears that it is late, and when it is given up.

use std::time::{Duration, SystemTime};

use crate::store::{QueueEntry, Warned};

/// The times of the queue.
///
/// ```
/// use std::time::Duration;
/// use mailhost::relay::Schedule;
///
/// let schedule = Schedule::default();
/// let waits: Vec<u64> = (1..=8).map(|attempt| schedule.wait(attempt, 0.0).as_secs() / 60).collect();
/// assert_eq!(waits, [5, 10, 20, 40, 80, 160, 240, 240]);
/// assert_eq!(schedule.wait(1, 1.0), Duration::from_secs(240));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The wait behind the first attempt. Each further one is twice as long.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// How long a message is tried from its release on (RFC 5321 §4.5.4.1: at least 4 to 5 days).
    pub patience: Duration,
    /// When the sender hears that the message is late.
    pub warn_after: Duration,
}

impl Default for Schedule {
    /// 5 minutes doubling to 4 hours; a warning after 4 hours; 5 days.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5 * 60),
            longest: Duration::from_secs(4 * 3600),
            patience: Duration::from_secs(5 * 24 * 3600),
            warn_after: Duration::from_secs(4 * 3600),
        }
    }
}

impl Schedule {
    /// How long to wait behind the attempt of this number, which counts from 1.
    ///
    /// `jitter`, from 0 to 1, shortens it by up to a fifth, so that what failed together is not tried together for ever.
    pub fn wait(&self, attempt: u32, jitter: f64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(MOST_DOUBLINGS);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        wait.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 5.0)
    }

    /// When a message is given up.
    pub fn end(&self, entry: &QueueEntry) -> SystemTime {
        entry.released() + self.patience
    }

    /// When an entry whose attempt has just failed is tried again: behind its wait, or earlier where something else falls
    /// due at a moment of its own: the warning if `is_warnable`, the sender's deadline, the end. An attempt is made then,
    /// too, and the word goes out if it fails.
    pub fn next(
        &self,
        entry: &QueueEntry,
        warned: Warned,
        is_warnable: bool,
        now: SystemTime,
        jitter: f64,
    ) -> SystemTime {
        let warning = (warned == Warned::Never && is_warnable).then(|| entry.released() + self.warn_after);
        let deadline = entry.terms.deliver_by.map(|by| by.at);
        let moments = [warning, deadline, Some(self.end(entry))];
        let soonest = moments.into_iter().flatten().filter(|&moment| moment > now).min();
        let wait = now + self.wait(entry.claim.attempt, jitter);
        soonest.map_or(wait, |moment| moment.min(wait))
    }
}

/// A number from 0 to 1 that nobody foresees.
pub(super) fn jitter() -> f64 {
    let mut octets = [0; 2];
    // Without random numbers all waits are full ones.
    let _ = getrandom::fill(&mut octets);
    f64::from(u16::from_be_bytes(octets)) / f64::from(u16::MAX)
}

/// Beyond them any wait is the longest one.
const MOST_DOUBLINGS: u32 = 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::relay::testing::entry;
    use crate::store::{ByMode, DeliverBy};

    proptest! {
        /// Waits never shrink by more than the jitter, never pass the longest, and are never nothing.
        #[test]
        fn waits_grow(attempt in 0..u32::MAX, jitter in -1.0..2.0f64) {
            let schedule = Schedule::default();
            let wait = schedule.wait(attempt, jitter);
            prop_assert!(wait <= schedule.longest && wait >= schedule.first.mul_f64(0.79));
            prop_assert!(schedule.wait(attempt.saturating_add(1), 0.0) >= schedule.wait(attempt, 0.0));
            prop_assert!(wait.as_secs_f64() >= schedule.wait(attempt, 0.0).as_secs_f64() * 0.79);
        }

        /// From release to end there is an attempt whenever a word falls due, and the number of attempts is bounded.
        #[test]
        fn every_moment_is_met(deadline in 1..500_000u64, jitter in 0.0..1.0f64) {
            let schedule = Schedule::default();
            let mut entry = entry(&["alice@crepes.fr"]);
            let by = entry.arrival + Duration::from_secs(deadline);
            entry.terms.deliver_by = Some(DeliverBy { at: by, mode: ByMode::Notify, trace: false });
            let (warning, end) = (entry.arrival + schedule.warn_after, schedule.end(&entry));
            let mut now = entry.arrival;
            let mut tried = Vec::new();
            while now < end {
                entry.claim.attempt += 1;
                let warned = if now >= warning { Warned::OfDelay } else { Warned::Never };
                let next = schedule.next(&entry, warned, true, now, jitter);
                prop_assert!(next > now);
                now = next;
                tried.push(now);
            }
            prop_assert!(tried.contains(&warning) && tried.contains(&end));
            prop_assert!(by > end || tried.contains(&by));
            prop_assert!(tried.len() < 60, "{} attempts", tried.len());
        }
    }
}
