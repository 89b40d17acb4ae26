//! Time without a clock: durations with a turn, which the driver measures.

use core::time::Duration;

/// How long the machine is ready to wait now, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What is waited for, in words for an error or a log.
    pub what: &'static str,
    /// How long from the turn's begin.
    pub limit: Duration,
    /// Which wait this is. The driver starts its clock anew when the turn has changed, and only then: a peer that drips
    /// single octets changes no turn. The clock stands while the application works, and goes on when the driver waits
    /// again.
    pub turn: u32,
}

/// For those who write machines: counts turns, so that only real progress restarts a timer.
///
/// ```
/// use std::time::Duration;
/// let mut watch = mail_wire::Stopwatch::default();
/// let minutes = Duration::from_secs(300);
/// let timer = watch.timer("the next 4096 octets", minutes);
/// watch.progress(100, 4096); // too little to begin a new wait
/// assert!(watch.is_current(&timer));
/// watch.progress(4000, 4096);
/// assert_ne!(watch.timer("the next 4096 octets", minutes).turn, timer.turn);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Stopwatch {
    turn: u32,
    progress: usize,
}

impl Stopwatch {
    /// A new wait begins.
    pub const fn restart(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        self.progress = 0;
    }

    /// `octets` of a body have passed; every `minimum` of them begin a new wait, fewer do not.
    pub const fn progress(&mut self, octets: usize, minimum: usize) {
        self.progress = self.progress.saturating_add(octets);
        if self.progress >= minimum {
            self.restart();
        }
    }

    /// The timer of the wait that runs.
    pub const fn timer(&self, what: &'static str, limit: Duration) -> Timer {
        Timer {
            what,
            limit,
            turn: self.turn,
        }
    }

    /// Whether `timer` is of the wait that runs.
    pub const fn is_current(&self, timer: &Timer) -> bool {
        self.turn == timer.turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dripping_does_not_restart() {
        let mut watch = Stopwatch::default();
        let timer = watch.timer("body", Duration::from_secs(1));
        watch.progress(999, 1000);
        assert!(watch.is_current(&timer));
        watch.progress(1, 1000);
        assert!(!watch.is_current(&timer));
    }
}
