//! How long the driver waits.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mail_wire::Timer;
use tokio::time::{Instant, Sleep, sleep_until};

/// Measures the machine's timers. It runs while the driver waits for the peer, and stands while the application works.
///
/// A new turn only moves the deadline; the sleep behind it is armed again when it fires too early. Dialogues that go on
/// thus cost the runtime's timer nothing.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    wait: Option<Wait>,
    sleep: Option<Pin<Box<Sleep>>>,
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

    /// Ready when the time of `timer` is up.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>, timer: Timer) -> Poll<()> {
        let now = Instant::now();
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
        let left = timer.limit.saturating_sub(wait.spent);
        let Some(deadline) = wait.since.get_or_insert(now).checked_add(left) else {
            return Poll::Pending; // A limit beyond what the clock can hold is none.
        };
        // Asked of the clock itself: a peer that floods us may leave the sleep no turn in the runtime's budget.
        if now < deadline {
            ready!(self.poll_sleep(cx, deadline));
        }
        self.wait = None;
        Poll::Ready(())
    }

    fn poll_sleep(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}
