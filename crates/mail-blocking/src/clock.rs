//! How long the driver waits.

use std::time::{Duration, Instant};

use mail_wire::Timer;

/// Measures the machine's timers. It runs while the driver waits for the peer, and stands while the application works.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    wait: Option<Wait>,
}

/// One turn of a timer.
#[derive(Debug)]
struct Wait {
    what: &'static str,
    turn: u32,
    /// Time that has passed before `since`.
    spent: Duration,
    since: Option<Instant>,
}

impl Clock {
    /// The application works now.
    pub(crate) fn pause(&mut self) {
        if let Some(wait) = &mut self.wait
            && let Some(since) = wait.since.take()
        {
            wait.spent += since.elapsed();
        }
    }

    /// What is left of `timer`.
    pub(crate) fn left(&mut self, timer: Timer) -> Duration {
        let same = |wait: &Wait| (wait.what, wait.turn) == (timer.what, timer.turn);
        let wait = match &mut self.wait {
            Some(wait) if same(wait) => wait,
            other => other.insert(Wait {
                what: timer.what,
                turn: timer.turn,
                spent: Duration::ZERO,
                since: None,
            }),
        };
        let since = wait.since.get_or_insert_with(Instant::now);
        timer.limit.saturating_sub(wait.spent).saturating_sub(since.elapsed())
    }
}
