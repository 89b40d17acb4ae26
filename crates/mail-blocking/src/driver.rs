//! The one loop that moves octets between a machine and a transport.

use std::io;
use std::time::{Duration, Instant};

use mail_tls::{Channel, Endpoint, TlsError};
use mail_wire::{Layer, Machine, Step, Timer};

use crate::clock::Clock;
use crate::layers::Layers;
use crate::{Error, Interest, Ready, Transport};

/// A machine, its transport and the layers between them: TLS and DEFLATE (RFC 4978), when the machine asks for them. It
/// holds no octets: what was read is in the machine or a layer, what was not written too.
#[derive(Debug)]
pub struct Driver<M, T> {
    machine: M,
    layers: Layers<T>,
    /// What TLS needs, when the machine asks for it.
    endpoint: Option<Endpoint>,
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
            endpoint: None,
            clock: Clock::default(),
            write_error: None,
        }
    }

    /// Lets the machine ask for TLS (STARTTLS, STLS); without it, that is [`Error::Layer`].
    #[must_use]
    pub fn with_tls(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Puts TLS in now, before the first octet; the machine must be one that knows. The handshake runs inside the next
    /// reads and writes.
    ///
    /// # Errors
    ///
    /// [`TlsError::Setup`] when the configuration cannot be used, [`TlsError::Twice`] when there is a layer already.
    pub fn secure(&mut self, endpoint: &Endpoint) -> Result<(), TlsError> {
        self.layers.secure(endpoint)
    }

    /// The TLS connection, if there is one: version, certificates, channel bindings.
    pub fn tls(&self) -> Option<&Channel> {
        self.layers.tls()
    }

    /// Runs a handshake that was begun to its end, so that [`tls`](Self::tls) can say what was agreed upon.
    ///
    /// # Errors
    ///
    /// The transport's, and those that carry a [`TlsError`].
    pub fn handshake(&mut self) -> Result<(), Error<M::Error>> {
        // The last word of a handshake may be ours.
        Ok(self.flush()?)
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
        match (layer, &self.endpoint) {
            (Layer::Deflate, _) if !self.layers.is_deflated() => {
                let unread = self.machine.body();
                let n = unread.len();
                self.layers.deflate(unread);
                self.machine.consume(n);
            }
            (Layer::Tls, Some(endpoint)) if self.layers.is_plain() => self.layers.secure(endpoint)?,
            _ => return Err(Error::Layer(layer)),
        }
        self.machine.upgrade(layer);
        Ok(())
    }

    /// Writes what the machine has to say. Before an answer that takes long, this lets the peer see the earlier ones.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn flush(&mut self) -> io::Result<()> {
        let flushed = self.handshake_through().and_then(|()| self.flush_within(None));
        self.clock.pause();
        flushed
    }

    fn handshake_through(&mut self) -> io::Result<()> {
        while self.layers.handshaking().is_some() {
            self.shake(None)?;
        }
        Ok(())
    }

    /// Runs the handshake as far as it goes within `most`. Its time is its own: a machine's timer may be long.
    fn shake(&mut self, most: Option<Duration>) -> io::Result<()> {
        let Some(channel) = self.layers.handshaking() else {
            return Ok(());
        };
        let left = self.clock.left(Timer {
            what: "TLS handshake",
            limit: channel.handshake_limit(),
            turn: 0,
        });
        if left.is_zero() {
            return Err(TlsError::Timeout.into());
        }
        match self.layers.handshake() {
            Err(error) if is_transient(&error) => {}
            shaken => return shaken,
        }
        let interest = Interest {
            read: true,
            write: !self.layers.is_flushed(),
        };
        let left = most.map_or(left, |most| most.min(left));
        self.layers.wait(interest, Some(left)).map(drop)
    }

    /// Waits until at least one octet was read or written, or the time is up, the machine's or `most`.
    fn exchange(&mut self, most: Option<Duration>) -> io::Result<()> {
        if self.layers.handshaking().is_some() {
            return self.shake(most);
        }
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
        // In a handshake there is nothing to be said.
        if self.layers.handshaking().is_some() || self.flush_within(Some(LAST_WORDS)).is_ok() {
            self.say_end();
            let _ = self.layers.close();
        }
    }

    fn say_end(&mut self) {
        let interest = Interest {
            read: false,
            write: true,
        };
        while let Err(error) = self.layers.say_end() {
            let wait = is_transient(&error)
                && self
                    .layers
                    .wait(interest, Some(LAST_WORDS))
                    .is_ok_and(|ready| ready.write);
            if !wait {
                return;
            }
        }
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// How long a peer may take to read the last words.
const LAST_WORDS: Duration = Duration::from_secs(10);
