//! The contract that every protocol machine keeps and that every driver is generic over.

use core::fmt::{Debug, Display};

use crate::{Ask, Misuse, Timer};

/// A protocol endpoint as a pure state machine: octets in, steps and octets out, no I/O, no clock, no threads.
///
/// The order of calls is in the [crate documentation](crate#driving-a-machine). Three promises hold for each machine:
///
/// - **Chunking never matters.** However the input is cut, events and output are the same. Only the cuts of body chunks,
///   and how much of a body is seen before it is aborted, may differ.
/// - **Bounded.** What a machine allocates is a stated function of its limits; an announced length allocates nothing.
/// - **Steps are states.** [`poll`](Self::poll) repeats each step but [`Step::Event`] until the caller acts on it.
pub trait Machine: Sized {
    /// What happened: owned, small, bounded by the line limit.
    type Event;
    /// Why the dialogue is over. Fatal: each later [`poll`](Self::poll) returns it again.
    type Error: Clone + Debug + Display;

    /// Where the driver puts octets that it read. Empty means: do not read now (backpressure, end of input, or a
    /// hand-over in which nothing may be read).
    fn space(&mut self) -> &mut [u8];

    /// The first `n` octets of [`space`](Self::space) have been filled.
    ///
    /// # Panics
    ///
    /// When `n` is more than the space had: a bug of the driver.
    fn filled(&mut self, n: usize);

    /// Copies from `input` into [`space`](Self::space) and returns how much fitted. For tests and for callers that have
    /// a buffer of their own; what did not fit is offered again after the next steps.
    fn receive(&mut self, input: &[u8]) -> usize {
        let mut taken = 0;
        while taken < input.len() {
            let space = self.space();
            let n = space.len().min(input.len() - taken);
            if n == 0 {
                break;
            }
            space[..n].copy_from_slice(&input[taken..taken + n]);
            self.filled(n);
            taken += n;
        }
        taken
    }

    /// The peer has closed its side. Afterwards [`space`](Self::space) is empty.
    fn receive_eof(&mut self);

    /// What is next. Only [`Step::Event`] is not repeated.
    ///
    /// # Errors
    ///
    /// Fatal ones only. A machine leaves its last words in [`transmit`](Self::transmit): write them, then report the error.
    fn poll(&mut self) -> Result<Step<Self::Event>, Self::Error>;

    /// Octets of the incoming body, decoded, borrowed from the window. While [`Step::Upgrade`] with [`Layer::Deflate`]
    /// stands: every octet that was read and not used, which is the layer's. Empty in any other step.
    fn body(&self) -> &[u8];

    /// The first `n` octets of [`body`](Self::body) are done with. More than there are is taken as all.
    fn consume(&mut self, n: usize);

    /// Leaves [`Step::BodyEnd`] or [`Step::BodyAborted`]; without effect in any other step.
    fn close_body(&mut self);

    /// Octets to write now, oldest first.
    fn transmit(&self) -> &[u8];

    /// The first `n` octets of [`transmit`](Self::transmit) were written. More than there are is taken as all.
    fn transmitted(&mut self, n: usize);

    /// The clock that runs now, if any. The driver measures: a timer with another [`turn`](Timer::turn) starts anew, one
    /// with the same turn runs on.
    fn timer(&self) -> Option<Timer>;

    /// The time of `timer` is up. Ignored when its turn has passed meanwhile.
    fn expire(&mut self, timer: Timer);

    /// The layer that [`Step::Upgrade`] asked for is in place. After TLS a machine is a fresh one that knows that it is
    /// secured. After DEFLATE it goes on as it was, and [`space`](Self::space) takes what the layer inflates. An end of
    /// input that was told before was the layer's: `space` opens again, and [`receive_eof`](Self::receive_eof) comes again
    /// behind the last inflated octet. A machine that never says [`Step::Upgrade`] needs nothing here.
    fn upgrade(&mut self, layer: Layer) {
        let _ = layer;
    }

    /// The program wants to stop (SIGTERM): finish what is acknowledged, say so in the protocol's words, then
    /// [`Step::Closed`].
    fn shutdown(&mut self);

    /// Gives an event that the caller does not know its safe answer: an ask is refused in the protocol's words, anything
    /// else is dropped.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when the event's ask is not the open one.
    fn unhandled(&mut self, event: Self::Event) -> Result<(), Misuse>;
}

/// What [`Machine::poll`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<E> {
    /// Something happened; the only step that is not repeated.
    Event(E),
    /// [`Machine::body`] holds octets; [`Machine::consume`] them.
    Body,
    /// The incoming body is complete. Repeated until [`Machine::close_body`].
    BodyEnd,
    /// The incoming body is void (end of input, a bare line end, a limit): what was read of it must not be used.
    /// Repeated until [`Machine::close_body`].
    BodyAborted,
    /// Read, and write what [`Machine::transmit`] holds at the same time.
    NeedInput,
    /// An [`Ask`] is open; see [`Answers::answer`]. A client machine: it waits for the caller's next command.
    NeedAnswer,
    /// There is room for a piece of the outgoing body; see [`Upload::write_body`].
    NeedBody,
    /// Nothing more happens until [`Machine::transmit`] is drained.
    NeedFlush,
    /// The output is drained: put the layer in now, then call [`Machine::upgrade`].
    Upgrade(Layer),
    /// The output is drained and the dialogue is over: close.
    Closed,
}

/// A layer between a machine and its transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// TLS. No octet is left unread when it is asked for.
    Tls,
    /// DEFLATE (RFC 4978). Octets that are still unread belong to the layer: [`Machine::body`] holds all of them, and the
    /// driver moves them there and [consumes](Machine::consume) them before it calls [`Machine::upgrade`].
    Deflate,
}

/// A machine that waits for the caller's decision on a `Q`.
///
/// `No` is a type that can only refuse, so that a positive refusal does not compile.
pub trait Answers<Q>: Machine {
    /// What goes with a positive answer.
    type Yes;
    /// What goes with a refusal.
    type No;

    /// Decides. A positive answer moves the machine's state, a refusal does not.
    ///
    /// # Errors
    ///
    /// [`Misuse::StaleAsk`] when `ask` is not the open one.
    fn answer(&mut self, ask: Ask<Q>, verdict: Result<Self::Yes, Self::No>) -> Result<(), Misuse>;
}

/// A machine that sends a body which the caller writes piece by piece.
pub trait Upload: Machine {
    /// Opens the body. `len` is its length in octets where that is known; where the protocol announces a length, a body
    /// that turns out different is [`Misuse::BodyLength`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] when no body is expected now.
    fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse>;

    /// Takes as much of `chunk` as there is room for and returns how much that was; 0 means: step on until
    /// [`Step::NeedBody`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] when no body is open, or when `chunk` holds what the protocol cannot carry.
    fn write_body(&mut self, chunk: &[u8]) -> Result<usize, Misuse>;

    /// The body is complete.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when no body is open or its length is not the announced one.
    fn finish_body(&mut self) -> Result<(), Misuse>;
}
