//! The clock that a machine has not.

use std::time::{Duration, Instant};

use mail_wire::Timer;

/// Since when this turn lasts. A client that drips single octets changes no turn, and does not gain time.
#[derive(Debug)]
pub struct Clock {
    turn: Option<u32>,
    since: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            turn: None,
            since: Instant::now(),
        }
    }
}

impl Clock {
    /// What is left of the timer; a year without one.
    pub fn left(&mut self, timer: Option<Timer>) -> Duration {
        let Some(timer) = timer else { return YEAR };
        if self.turn.replace(timer.turn) != Some(timer.turn) {
            self.since = Instant::now();
        }
        timer.limit.saturating_sub(self.since.elapsed())
    }
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
