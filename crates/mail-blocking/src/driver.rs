//! The one loop that moves octets between a machine and a transport.

use std::io;
use std::time::{Duration, Instant};

use mail_wire::{Layer, Machine, Step, Timer};

use crate::layers::Layers;
use crate::{Error, Interest, Ready, Transport};

/// A machine, its transport and the layers between them: DEFLATE (RFC 4978), when the machine asks for it. It holds no
/// octets: what was read is in the machine or a layer, what was not written too.
#[derive(Debug)]
pub struct Driver<M, T> {
    machine: M,
    layers: Layers<T>,
    clock: Clock,
    /// The transport takes no more output. Reported last, so that what the peer said before it closed is heard.
    write_error: Option<io::Error>,
}

impl<M: Machine, T: Transport> Driver<M, T> {
    /// Nothing is read or written yet.
    pub fn new(machine: M, transport: T) -> Self {
        Self {
            machine,
            layers: Layers::new(transport),
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
        self.layers.transport()
    }

    /// The next step that is the caller's to act on: reads, writes and waits until there is one.
    ///
    /// # Errors
    ///
    /// The transport's, and the machine's fatal ones, whose last words have been written.
    pub fn step(&mut self) -> Result<Step<M::Event>, Error<M::Error>> {
        loop {
            if let Some(step) = self.step_until(None)? {
                return Ok(step);
            }
        }
    }

    /// The next step, if there is one before `deadline`. What was read until then is kept.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn step_until(&mut self, deadline: Option<Instant>) -> Result<Option<Step<M::Event>>, Error<M::Error>> {
        let step = self.step_through(deadline);
        self.clock.pause();
        step
    }

    fn step_through(&mut self, deadline: Option<Instant>) -> Result<Option<Step<M::Event>>, Error<M::Error>> {
        loop {
            match self.machine.poll() {
                Ok(Step::NeedInput | Step::NeedFlush) => {
                    let most = deadline.map(|at| at.saturating_duration_since(Instant::now()));
                    if most == Some(Duration::ZERO) {
                        return Ok(None);
                    }
                    self.exchange(most)?;
                }
                Ok(Step::Upgrade(layer)) => self.upgrade(layer)?,
                Ok(Step::Closed) => {
                    self.part();
                    return self
                        .write_error
                        .take()
                        .map_or(Ok(Some(Step::Closed)), |error| Err(error.into()));
                }
                Ok(step) => return Ok(Some(step)),
                Err(error) => {
                    self.part();
                    return Err(self.write_error.take().map_or(Error::Protocol(error), Error::Io));
                }
            }
        }
    }

    /// Puts in the layer that the machine asks for. Octets it has read already go there: nothing is left in two places.
    fn upgrade(&mut self, layer: Layer) -> Result<(), Error<M::Error>> {
        if layer != Layer::Deflate || self.layers.is_deflated() {
            return Err(Error::Layer(layer));
        }
        let unread = self.machine.body();
        let n = unread.len();
        self.layers.deflate(unread);
        self.machine.consume(n);
        self.machine.upgrade(layer);
        Ok(())
    }

    /// Writes what the machine has to say. Before an answer that takes long, this lets the peer see the earlier ones.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.flush_within(None)
    }

    /// Waits until at least one octet was read or written, or the time is up, the machine's or `most`.
    fn exchange(&mut self, most: Option<Duration>) -> io::Result<()> {
        let mut left = most;
        if let Some(timer) = self.machine.timer() {
            let limit = self.clock.left(timer);
            if limit.is_zero() {
                // Asked first: a peer that drips octets is always ready to be read.
                self.machine.expire(timer);
                return Ok(());
            }
            left = Some(most.map_or(limit, |most| most.min(limit)));
        }
        let interest = Interest {
            read: !self.machine.space().is_empty(),
            write: self.has_output(),
        };
        // Most often the socket takes the output at once; waiting first would cost a call.
        if interest.write && self.write() {
            return Ok(());
        }
        match self.layers.wait(interest, left)? {
            Ready { read: true, .. } => self.read()?,
            Ready { write: true, .. } => drop(self.write()),
            _ => {}
        }
        Ok(())
    }

    /// Writes some of the output; whether there was room for any.
    fn write(&mut self) -> bool {
        if self.machine.transmit().is_empty() {
            return self.write_layers();
        }
        let went = self.write_machine();
        if went && self.machine.transmit().is_empty() {
            // A layer that gathers its output must let go of it now; what does not fit yet is output still.
            self.write_layers();
        }
        went
    }

    /// Writes some of the machine's output. After an error it goes nowhere.
    fn write_machine(&mut self) -> bool {
        let written = match self.write_error {
            Some(_) => Ok(usize::MAX),
            None => self.layers.write(self.machine.transmit()),
        };
        match written {
            Ok(0) => self.write_error = Some(io::ErrorKind::WriteZero.into()),
            Ok(n) => self.machine.transmitted(n),
            Err(error) if is_transient(&error) => return false,
            Err(error) => self.write_error = Some(error),
        }
        true
    }

    /// Writes what the layers hold; whether that is done with.
    fn write_layers(&mut self) -> bool {
        if self.write_error.is_none() {
            match self.layers.flush() {
                Ok(()) => {}
                Err(error) if is_transient(&error) => return false,
                Err(error) => self.write_error = Some(error),
            }
        }
        true
    }

    /// Whether octets wait for the transport, the machine's or those in the layers.
    fn has_output(&self) -> bool {
        !self.machine.transmit().is_empty() || (self.write_error.is_none() && !self.layers.is_flushed())
    }

    fn read(&mut self) -> io::Result<()> {
        match self.layers.read(self.machine.space()) {
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
        while self.has_output() {
            if !self.write() && !self.layers.wait(interest, limit)?.write {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// The dialogue is over: writes the last words, for a while, and closes our side. That the peer has gone first is no
    /// failure of a dialogue that is over.
    fn part(&mut self) {
        let _ = self.flush_within(Some(LAST_WORDS)).and_then(|()| self.layers.close());
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
