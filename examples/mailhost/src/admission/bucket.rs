//! So many in a period, evenly: the generic cell rate algorithm, which needs one moment of memory for a peer.

use std::time::{Duration, Instant};

/// A limit of some cells in a period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) most: u32,
    pub(super) period: Duration,
}

/// When all that was let in so far would have been let in at an even pace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket(Instant);

impl Bucket {
    /// Nothing was let in yet.
    pub(super) const fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Lets one in, or says how long to wait. All of a period's may come at once, if none came in the period before.
    pub(super) fn admit(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let Some(pace) = rate.period.checked_div(rate.most) else {
            return Err(rate.period);
        };
        let even = self.0.max(now) + pace;
        // Rounding makes `pace * most` a little less than the period, never more.
        match even.duration_since(now).checked_sub(pace * rate.most) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.0 = even;
                Ok(())
            }
        }
    }

    /// Whether it is as good as new.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.0 <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_at_once_and_then_evenly() {
        let rate = Rate {
            most: 4,
            period: Duration::from_secs(60),
        };
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..4 {
            assert_eq!(bucket.admit(rate, at(0)), Ok(()));
        }
        assert_eq!(bucket.admit(rate, at(0)), Err(Duration::from_secs(15)));
        assert_eq!(bucket.admit(rate, at(14)), Err(Duration::from_secs(1)));
        assert_eq!(bucket.admit(rate, at(15)), Ok(()));
        assert_eq!(bucket.admit(rate, at(15)), Err(Duration::from_secs(15)));
        assert!(!bucket.is_idle(at(74)));
        assert!(bucket.is_idle(at(75)));
        for _ in 0..4 {
            assert_eq!(bucket.admit(rate, at(1000)), Ok(()));
        }
        assert!(bucket.admit(rate, at(1000)).is_err());
    }

    #[test]
    fn nothing_is_let_in_where_nothing_may() {
        let rate = Rate {
            most: 0,
            period: Duration::from_secs(60),
        };
        let now = Instant::now();
        assert_eq!(Bucket::new(now).admit(rate, now), Err(rate.period));
    }

    /// Over any stretch of time, never more than the burst and the pace allow: counted over a day of eager attempts.
    #[test]
    fn the_count_never_exceeds_the_rate() {
        for most in [1, 3, 7, 60, 1000] {
            let rate = Rate {
                most,
                period: Duration::from_secs(60),
            };
            let start = Instant::now();
            let mut bucket = Bucket::new(start);
            let mut admitted = 0;
            for second in 0..600 {
                while bucket.admit(rate, start + Duration::from_secs(second)).is_ok() {
                    admitted += 1;
                }
            }
            assert!(admitted <= most * 11 && admitted >= most * 10, "{admitted} of {most}");
        }
    }
}
