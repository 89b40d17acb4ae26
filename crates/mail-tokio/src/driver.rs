//! The one loop that moves octets between a machine and a transport.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use mail_tls::{Channel, Endpoint, TlsError};
use mail_wire::{Layer, Machine, Step, Timer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;

use crate::clock::Clock;
use crate::layers::Layers;
use crate::{Error, Observer};

/// A machine, its transport and the layers between them: TLS and DEFLATE (RFC 4978), when the machine asks for them.
///
/// It holds no octets: what was read is in the machine or a layer, what was not written too. A call that is dropped at an
/// `await` therefore loses nothing.
#[derive(Debug)]
pub struct Driver<M, T> {
    machine: M,
    layers: Layers<T>,
    /// What TLS needs, when the machine asks for it.
    endpoint: Option<Endpoint>,
    clock: Clock,
    /// Who looks on.
    observer: Option<Box<dyn Observer>>,
    /// The transport takes no more output. Reported last, so that what the peer said before it closed is heard.
    write_error: Option<io::Error>,
}

impl<M: Machine, T: AsyncRead + AsyncWrite + Unpin> Driver<M, T> {
    /// Nothing is read or written yet.
    pub fn new(machine: M, transport: T) -> Self {
        Self {
            machine,
            layers: Layers::new(transport),
            endpoint: None,
            clock: Clock::default(),
            observer: None,
            write_error: None,
        }
    }

    /// Lets the machine ask for TLS (STARTTLS, STLS); without it, that is [`Error::Layer`].
    #[must_use]
    pub fn with_tls(mut self, endpoint: impl Into<Endpoint>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Shows what passes from now on to an observer.
    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.observer = Some(observer);
    }

    /// Puts TLS in now, before the first octet; the machine must be one that knows. The handshake runs inside the next
    /// reads and writes.
    ///
    /// # Errors
    ///
    /// [`TlsError::Setup`] when the configuration cannot be used, [`TlsError::Twice`] when there is a layer already.
    pub fn secure(&mut self, endpoint: &Endpoint) -> Result<(), TlsError> {
        self.layers.secure(endpoint)?;
        self.observed(|observer| observer.upgraded(Layer::Tls));
        Ok(())
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
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn handshake(&mut self) -> Result<(), Error<M::Error>> {
        // The last word of a handshake may be ours.
        Ok(self.flush().await?)
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
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn step(&mut self) -> Result<Step<M::Event>, Error<M::Error>> {
        poll_fn(|cx| self.poll_step(cx)).await
    }

    /// [`step`](Self::step), for those who write futures by hand.
    pub fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<StepResult<M>> {
        let step = ready!(self.poll_through(cx));
        self.clock.pause();
        Poll::Ready(step)
    }

    fn poll_through(&mut self, cx: &mut Context<'_>) -> Poll<StepResult<M>> {
        loop {
            return match self.machine.poll() {
                Ok(Step::NeedInput | Step::NeedFlush) => match ready!(self.poll_exchange(cx)) {
                    Ok(()) => continue,
                    Err(error) => Poll::Ready(Err(error.into())),
                },
                Ok(Step::Upgrade(layer)) => match self.upgrade(layer) {
                    Ok(()) => continue,
                    Err(error) => Poll::Ready(Err(error)),
                },
                Ok(Step::Closed) => {
                    ready!(self.poll_part(cx));
                    Poll::Ready(
                        self.write_error
                            .take()
                            .map_or(Ok(Step::Closed), |error| Err(error.into())),
                    )
                }
                Ok(step) => Poll::Ready(Ok(step)),
                Err(error) => {
                    ready!(self.poll_part(cx));
                    Poll::Ready(Err(self.write_error.take().map_or(Error::Protocol(error), Error::Io)))
                }
            };
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
        self.observed(|observer| observer.upgraded(layer));
        Ok(())
    }

    fn observed(&mut self, what: impl FnOnce(&mut dyn Observer)) {
        if let Some(observer) = &mut self.observer {
            what(observer.as_mut());
        }
    }

    /// Reads what has come while nobody was waiting, and gives it to the machine; it waits for nothing. So it is seen whether
    /// the peer of a connection that was idle has said something, or gone.
    ///
    /// # Errors
    ///
    /// The transport's, and those that carry a [`TlsError`].
    pub fn look(&mut self) -> io::Result<()> {
        let mut look = pin!(unconstrained(poll_fn(|cx| Poll::Ready(self.read_ready(cx)))));
        match look.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(seen) => seen,
            Poll::Pending => Ok(()),
        }
    }

    fn read_ready(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.layers.handshaking().is_some() {
            return Ok(());
        }
        match self.poll_read(cx) {
            Poll::Ready(seen) => seen,
            Poll::Pending => Ok(()),
        }
    }

    /// Writes what the machine has to say. Before an answer that takes long, this lets the peer see the earlier ones.
    ///
    /// # Errors
    ///
    /// The transport's.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn flush(&mut self) -> io::Result<()> {
        let flushed = poll_fn(|cx| self.poll_flush(cx)).await;
        self.clock.pause();
        flushed
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_handshake(cx))?;
        while !self.machine.transmit().is_empty() {
            ready!(self.poll_write(cx));
        }
        match self.write_error {
            Some(_) => Poll::Ready(Ok(())),
            None => self.layers.poll_flush(cx),
        }
    }

    /// Runs the handshake, if there is one, to its end. Its time is its own: a machine's timer may be long.
    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(channel) = self.layers.handshaking() else {
            return Poll::Ready(Ok(()));
        };
        let timer = Timer {
            what: "TLS handshake",
            limit: channel.handshake_limit(),
            turn: 0,
        };
        match self.layers.poll_handshake(cx) {
            Poll::Pending => self
                .clock
                .poll_expired(cx, timer)
                .map(|()| Err(TlsError::Timeout.into())),
            shaken => shaken,
        }
    }

    /// Ready when at least one octet was read or written, or the time is up.
    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.layers.handshaking().is_some() {
            return self.poll_handshake(cx);
        }
        let had_output = self.has_output();
        let wrote = self.poll_write(cx).is_ready();
        match self.poll_read(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(self.reason(error))),
            Poll::Pending if wrote => return Poll::Ready(Ok(())),
            // TLS may have an answer to what it has read.
            Poll::Pending if !had_output && self.poll_write(cx).is_ready() => return Poll::Ready(Ok(())),
            Poll::Pending => {}
        }
        let Some(timer) = self.machine.timer() else {
            return Poll::Pending;
        };
        ready!(self.clock.poll_expired(cx, timer));
        self.machine.expire(timer);
        Poll::Ready(Ok(()))
    }

    /// Of two errors the one that says more: a peer that ends TLS says why, and what we write then goes nowhere.
    fn reason(&mut self, error: io::Error) -> io::Error {
        match self.write_error.take() {
            Some(earlier) if !TlsError::is_in(&error) => earlier,
            _ => error,
        }
    }

    /// Writes some of the output, if there is any.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.has_output() {
            return Poll::Pending;
        }
        if self.machine.transmit().is_empty() {
            return self.poll_write_layers(cx);
        }
        ready!(self.poll_write_machine(cx));
        if self.machine.transmit().is_empty() {
            // A layer that gathers its output must let go of it now; what does not fit yet is output still.
            let _ = self.poll_write_layers(cx);
        }
        Poll::Ready(())
    }

    /// Writes some of the machine's output. After an error it goes nowhere.
    fn poll_write_machine(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let written = match self.write_error {
            Some(_) => Ok(usize::MAX),
            None => {
                let octets = self.machine.transmit();
                let written = ready!(self.layers.poll_write(cx, octets));
                if let (Some(observer), Ok(n)) = (&mut self.observer, &written) {
                    observer.sent(&octets[..*n]);
                }
                written
            }
        };
        match written {
            Ok(0) => self.write_error = Some(io::ErrorKind::WriteZero.into()),
            Ok(n) => self.machine.transmitted(n),
            Err(error) => self.write_error = Some(error),
        }
        Poll::Ready(())
    }

    /// Writes what the layers hold, all of it.
    fn poll_write_layers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.write_error.is_none()
            && let Err(error) = ready!(self.layers.poll_flush(cx))
        {
            self.write_error = Some(error);
        }
        Poll::Ready(())
    }

    /// Whether octets wait for the transport, the machine's or those in the layers.
    fn has_output(&self) -> bool {
        !self.machine.transmit().is_empty() || (self.write_error.is_none() && !self.layers.is_flushed())
    }

    /// Reads some of the input, if the machine has room for it.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let space = self.machine.space();
        if space.is_empty() {
            return Poll::Pending;
        }
        match ready!(self.layers.poll_read(cx, space))? {
            0 => self.machine.receive_eof(),
            n => {
                if let Some(observer) = &mut self.observer {
                    observer.received(&space[..n]);
                }
                self.machine.filled(n);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// The dialogue is over: writes the last words, for a while, and closes our side. That the peer has gone first is no
    /// failure of a dialogue that is over.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let parting = Timer {
            what: "last words",
            limit: LAST_WORDS,
            turn: 0,
        };
        // In a handshake there is nothing to be said.
        let said = self.layers.handshaking().is_some() || self.poll_flush(cx).is_ready();
        if said && self.layers.poll_shutdown(cx).is_ready() {
            return Poll::Ready(());
        }
        self.clock.poll_expired(cx, parting)
    }
}

/// What [`Driver::step`] gives.
type StepResult<M> = Result<Step<<M as Machine>::Event>, Error<<M as Machine>::Error>>;

/// How long a peer may take to read the last words.
const LAST_WORDS: Duration = Duration::from_secs(10);
