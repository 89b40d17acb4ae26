//! The one loop that moves octets between a machine and a transport.

use std::io;
use std::time::{Duration, Instant};

use mail_wire::{Machine, Step, Timer};

use crate::{Error, Interest, Ready, Transport};

/// A machine and its transport. It holds no octets: what was read is in the machine, what was not written too.
#[derive(Debug)]
pub struct Driver<M, T> {
    machine: M,
    transport: T,
    clock: Clock,
    /// The transport takes no more output. Reported last, so that what the peer said before it closed is heard.
    write_error: Option<io::Error>,
}

impl<M: Machine, T: Transport> Driver<M, T> {
    /// Nothing is read or written yet.
    pub fn new(machine: M, transport: T) -> Self {
        Self {
            machine,
            transport,
            clock: Clock::default(),
            write_error: None,
        }
    }

    /// The machine.
    pub const fn machine(&self) -> &M {
        &self.machine
    }

    /// The machine, to answer it or to give it commands.
    pub const fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The transport.
    pub const fn transport(&self) -> &T {
        &self.transport
    }

    /// The next step that is the caller's to act on: reads, writes and waits until there is one.
    ///
    /// # Errors
    ///
    /// The transport's, and the machine's fatal ones, whose last words have been written.
    pub fn step(&mut self) -> Result<Step<M::Event>, Error<M::Error>> {
        let step = self.step_through();
        self.clock.pause();
        step
    }

    fn step_through(&mut self) -> Result<Step<M::Event>, Error<M::Error>> {
        loop {
            match self.machine.poll() {
                Ok(Step::NeedInput | Step::NeedFlush) => self.exchange()?,
                Ok(Step::Upgrade(layer)) => return Err(Error::Layer(layer)),
                Ok(Step::Closed) => {
                    self.part();
                    return self
                        .write_error
                        .take()
                        .map_or(Ok(Step::Closed), |error| Err(error.into()));
                }
                Ok(step) => return Ok(step),
                Err(error) => {
                    self.part();
                    return Err(self.write_error.take().map_or(Error::Protocol(error), Error::Io));
                }
            }
        }
    }

    /// Writes what the machine has to say. Before an answer that takes long, this lets the peer see the earlier ones.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.flush_within(None)
    }

    /// Waits until at least one octet was read or written, or the time is up.
    fn exchange(&mut self) -> io::Result<()> {
        let mut left = None;
        if let Some(timer) = self.machine.timer() {
            let limit = self.clock.left(timer);
            if limit.is_zero() {
                // Asked first: a peer that drips octets is always ready to be read.
                self.machine.expire(timer);
                return Ok(());
            }
            left = Some(limit);
        }
        let interest = Interest {
            read: !self.machine.space().is_empty(),
            write: !self.machine.transmit().is_empty(),
        };
        // Most often the socket takes the output at once; waiting first would cost a call.
        if interest.write && self.write()? {
            return Ok(());
        }
        match self.transport.wait(interest, left)? {
            Ready { read: true, .. } => self.read(),
            Ready { write: true, .. } => self.write().map(drop),
            _ => Ok(()),
        }
    }

    /// Writes some of the output; whether there was room for any. After an error output goes nowhere.
    fn write(&mut self) -> io::Result<bool> {
        let written = match self.write_error {
            Some(_) => Ok(usize::MAX),
            None => self.transport.write(self.machine.transmit()),
        };
        match written {
            Ok(0) => self.write_error = Some(io::ErrorKind::WriteZero.into()),
            Ok(n) => self.machine.transmitted(n),
            Err(error) if is_transient(&error) => return Ok(false),
            Err(error) => self.write_error = Some(error),
        }
        if self.machine.transmit().is_empty() && self.write_error.is_none() {
            // A layer that gathers its output must let go of it now.
            match self.transport.flush() {
                Err(error) if !is_transient(&error) => self.write_error = Some(error),
                _ => {}
            }
        }
        Ok(true)
    }

    fn read(&mut self) -> io::Result<()> {
        match self.transport.read(self.machine.space()) {
            Ok(0) => self.machine.receive_eof(),
            Ok(n) => self.machine.filled(n),
            Err(error) if is_transient(&error) => {}
            Err(error) => return Err(self.write_error.take().unwrap_or(error)),
        }
        Ok(())
    }

    fn flush_within(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let interest = Interest {
            read: false,
            write: true,
        };
        while !self.machine.transmit().is_empty() {
            if !self.write()? && !self.transport.wait(interest, limit)?.write {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// The dialogue is over: writes the last words, for a while, and closes our side. That the peer has gone first is no
    /// failure of a dialogue that is over.
    fn part(&mut self) {
        let _ = self
            .flush_within(Some(LAST_WORDS))
            .and_then(|()| self.transport.close());
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// How long a peer may take to read the last words.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Measures the machine's timers. It runs while the driver waits for the peer, and stands while the application works.
#[derive(Debug, Default)]
struct Clock {
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
    fn pause(&mut self) {
        if let Some(wait) = &mut self.wait
            && let Some(since) = wait.since.take()
        {
            wait.spent += since.elapsed();
        }
    }

    fn left(&mut self, timer: Timer) -> Duration {
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
