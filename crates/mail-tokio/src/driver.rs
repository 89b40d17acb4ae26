//! The one loop that moves octets between a machine and a transport.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mail_wire::{Layer, Machine, Step, Timer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::Error;
use crate::layers::Layers;

/// A machine, its transport and the layers between them: DEFLATE (RFC 4978), when the machine asks for it.
///
/// It holds no octets: what was read is in the machine or a layer, what was not written too. A call that is dropped at an
/// `await` therefore loses nothing.
#[derive(Debug)]
pub struct Driver<M, T> {
    machine: M,
    layers: Layers<T>,
    clock: Clock,
    /// The transport takes no more output. Reported last, so that what the peer said before it closed is heard.
    write_error: Option<io::Error>,
}

impl<M: Machine, T: AsyncRead + AsyncWrite + Unpin> Driver<M, T> {
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
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.machine.transmit().is_empty() {
            ready!(self.poll_write(cx));
        }
        match self.write_error {
            Some(_) => Poll::Ready(Ok(())),
            None => self.layers.poll_flush(cx),
        }
    }

    /// Ready when at least one octet was read or written, or the time is up.
    fn poll_exchange(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wrote = self.poll_write(cx).is_ready();
        match self.poll_read(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(self.write_error.take().unwrap_or(error))),
            Poll::Pending if wrote => return Poll::Ready(Ok(())),
            Poll::Pending => {}
        }
        let Some(timer) = self.machine.timer() else {
            return Poll::Pending;
        };
        ready!(self.clock.poll_expired(cx, timer));
        self.machine.expire(timer);
        Poll::Ready(Ok(()))
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
                ready!(self.layers.poll_write(cx, octets))
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
            n => self.machine.filled(n),
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
        match self.poll_flush(cx) {
            Poll::Ready(_) => self.layers.poll_shutdown(cx).map(drop),
            Poll::Pending => self.clock.poll_expired(cx, parting),
        }
    }
}

/// What [`Driver::step`] gives.
type StepResult<M> = Result<Step<<M as Machine>::Event>, Error<<M as Machine>::Error>>;

/// How long a peer may take to read the last words.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Measures the machine's timers. It runs while the driver waits for the peer, and stands while the application works.
///
/// A new turn only moves the deadline; the sleep behind it is armed again when it fires too early. Dialogues that go on
/// thus cost the runtime's timer nothing.
#[derive(Debug, Default)]
struct Clock {
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
    fn pause(&mut self) {
        if let Some(wait) = &mut self.wait
            && let Some(since) = wait.since.take()
        {
            wait.spent += since.elapsed();
        }
    }

    fn poll_expired(&mut self, cx: &mut Context<'_>, timer: Timer) -> Poll<()> {
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
