//! The server's side of a dialogue.
//!
//! [`Server`] checks syntax and order, answers what needs no decision, and hands each decision to the application as an
//! [`Event`] with an [`Ask`](mail_wire::Ask). Positive answers move the dialogue on, refusals do not.
//!
//! # The order of one transaction
//!
//! 1. [`Event::Mail`]: accept or refuse the sender.
//! 2. [`Event::Recipient`], once or more: accept or refuse each.
//! 3. [`Event::Data`]: accept, and the message arrives: [`Step::Body`] until [`Step::BodyEnd`] or [`Step::BodyAborted`].
//!    An aborted message must not be kept; its reply, if one is due, is the machine's.
//! 4. [`Event::Message`], behind a complete message: accept it, and with that take the responsibility for it
//!    (RFC 5321 §6.1), or refuse it.
//!
//! The client may give up between any two of them: [`Event::Reset`], or the end of the dialogue.
//!
//! ```
//! use std::sync::Arc;
//! use mail_wire::{Answers, Machine, Step};
//! use smtp_proto::server::{Acceptance, Config, Event};
//! use smtp_proto::{Refusal, Server};
//!
//! let config = Config::new("mx.hamburger.example".parse()?);
//! let mut server = Server::new(Arc::new(config));
//! // In place of a socket: what the client says.
//! server.receive(b"HELO crepes.example\r\nMAIL FROM:<alice@crepes.example>\r\nRCPT TO:<bob@hamburger.example>\r\n");
//! server.receive(b"RCPT TO:<eve@hamburger.example>\r\nDATA\r\nSubject: Lunch\r\n\r\nAt noon?\r\n.\r\nQUIT\r\n");
//! let mut message = Vec::new();
//! loop {
//!     match server.poll()? {
//!         Step::Event(Event::Mail(ask, _)) => server.answer(ask, Ok(Acceptance::default()))?,
//!         Step::Event(Event::Recipient(ask, to)) => {
//!             let bob = to.forward_path().mailbox().is_some_and(|mailbox| mailbox.local_part() == "bob");
//!             server.answer(ask, if bob { Ok(Acceptance::default()) } else { Err(Refusal::no_such_user()) })?;
//!         }
//!         Step::Event(Event::Data(ask)) => server.answer(ask, Ok(Acceptance::default()))?,
//!         Step::Body => {
//!             message.extend_from_slice(server.body());
//!             server.consume(usize::MAX);
//!         }
//!         Step::BodyEnd | Step::BodyAborted => server.close_body(),
//!         Step::Event(Event::Message(ask)) => server.answer(ask, Ok(Acceptance::new("Queued as 17".parse()?)))?,
//!         Step::Event(other) => server.unhandled(other)?,
//!         Step::NeedFlush => server.transmitted(usize::MAX), // to the socket
//!         Step::Closed => break,
//!         _ => unreachable!("the client has said all that is waited for"),
//!     }
//! }
//! assert_eq!(message, b"Subject: Lunch\r\n\r\nAt noon?\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod body;
mod commands;
mod config;
mod event;
mod replies;

use alloc::boxed::Box;
use alloc::sync::Arc;

use mail_wire::{Asking, LineEnds, LineFramer, Machine, Misuse, Outbox, Step, Stopwatch, Timer, Window};

pub use self::answers::{Acceptance, Mailboxes, NamedMailbox};
use self::body::{Body, Drain};
pub use self::config::{Config, Extension};
pub use self::event::{Data, Event, Expand, Hello, Mail, Message, Recipient, Verify};
pub use crate::limits::{ServerLimits as Limits, ServerTimeouts as Timeouts};
use crate::phase::{Action, Phase};
use crate::{CommandError, Refusal};

/// A server's dialogue with one client: [`mail_wire::Machine`].
///
/// ```
/// use std::sync::Arc;
/// use mail_wire::{Machine, Step};
/// use smtp_proto::{Server, server};
///
/// let config = Arc::new(server::Config::new("mx.hamburger.example".parse().unwrap()));
/// let mut server = Server::new(config);
/// assert!(matches!(server.poll(), Ok(Step::NeedInput)));
/// assert_eq!(server.transmit(), b"220 mx.hamburger.example ESMTP service ready\r\n");
///
/// server.receive(b"EHLO client.example\r\n");
/// assert!(matches!(server.poll(), Ok(Step::Event(server::Event::Hello(_)))));
/// ```
#[derive(Debug)]
pub struct Server {
    config: Arc<Config>,
    window: Window,
    framer: LineFramer,
    outbox: Outbox,
    asking: Asking,
    stopwatch: Stopwatch,
    phase: Phase,
    state: State,
    dialect: Dialect,
    tally: Tally,
    /// Unread input waits while more octets than these are unwritten: the limit, or 0 behind a command that a client
    /// must not follow with others (RFC 2920 §3.2 (5), (6)).
    hold_back: usize,
    wish: Wish,
    ending: Option<Ending>,
}

/// What the machine does next.
#[derive(Debug)]
enum State {
    /// The greeting is not written yet; it is this refusal, if there is one.
    Opening(Option<Box<Refusal>>),
    /// A command line is awaited.
    Command,
    /// The client has introduced itself; the application does not know yet.
    Introduced(Box<Hello>),
    /// The application owes an answer.
    Asked,
    /// A message arrives.
    Body(Body),
    /// It is complete, and the application has not closed it.
    BodyEnd,
    /// It is complete and closed; the application is to be asked.
    BodyClosed,
    /// It is void, and the application has not closed it.
    BodyAborted(Drain),
    /// The rest of a void message is read away.
    Draining(Drain),
    /// The last reply is written out.
    Closing,
}

/// How the client has introduced itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// HELO, or not at all: no parameters.
    Basic,
    /// EHLO.
    Extended,
}

/// What is counted against the limits.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    recipients: u32,
    errors: u32,
    idle_commands: u32,
}

/// What the program wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    GoOn,
    Stop,
}

/// Why a server's dialogue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The client said QUIT.
    Quit,
    /// The client closed the connection without QUIT.
    EndOfInput,
    /// The server gave up, with 421 where the client could still hear it: a timeout, a limit, a shutdown.
    GivenUp(CommandError),
}

/// A server machine has no fatal errors: whatever the client does ends in replies, and at worst in [`Step::Closed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {}

impl core::fmt::Display for Error {
    fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {}
    }
}

impl core::error::Error for Error {}

impl Server {
    /// A dialogue that begins with the greeting, 220.
    pub fn new(config: Arc<Config>) -> Self {
        Self::opening(config, None)
    }

    /// A dialogue with a client that is not welcome: the greeting is 554 with this text, and behind it everything but QUIT
    /// is answered with 503 (RFC 5321 §3.1).
    pub fn turning_away(config: Arc<Config>, refusal: Refusal) -> Self {
        Self::opening(config, Some(Box::new(refusal)))
    }

    /// Where the dialogue stands.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Why the dialogue ended, once it is about to.
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    fn opening(config: Arc<Config>, refusal: Option<Box<Refusal>>) -> Self {
        let line = config.line_limit();
        let ends = match config.leniency.bare_lf_after_commands {
            true => LineEnds::CrlfOrLf,
            false => LineEnds::Crlf,
        };
        Self {
            window: Window::new(config.limits.window.max(2 * line)),
            framer: LineFramer::new(line, ends),
            outbox: Outbox::default(),
            asking: Asking::default(),
            stopwatch: Stopwatch::default(),
            phase: Phase::Connected,
            state: State::Opening(refusal),
            dialect: Dialect::Basic,
            tally: Tally::default(),
            hold_back: config.limits.output,
            wish: Wish::GoOn,
            ending: None,
            config,
        }
    }

    /// One step, or `None` when the state has changed and the next one is to be looked for.
    fn advance(&mut self) -> Option<Step<Event>> {
        if self.is_held_back() {
            // Until all is written: otherwise a client that takes one reply at a time would count as reading.
            self.hold_back = 0;
            return Some(Step::NeedFlush);
        }
        match self.state {
            State::Opening(_) => self.open(),
            State::Command => self.command(),
            State::Introduced(_) => self.introduce(),
            State::Asked => Some(Step::NeedAnswer),
            State::Body(_) => self.body_step(),
            State::BodyEnd => Some(Step::BodyEnd),
            State::BodyClosed => self.ask_for_message(),
            State::BodyAborted(_) => Some(Step::BodyAborted),
            State::Draining(_) => self.drain(),
            State::Closing => Some(self.close()),
        }
    }

    fn open(&mut self) -> Option<Step<Event>> {
        let State::Opening(refusal) = core::mem::replace(&mut self.state, State::Command) else {
            return None;
        };
        self.stopwatch.restart();
        match refusal {
            _ if self.wish == Wish::Stop => self.give_up(CommandError::ShuttingDown),
            Some(refusal) => {
                self.advance_phase(Action::Reject);
                self.say_rejection(&refusal);
            }
            None => {
                self.advance_phase(Action::Greet);
                self.say_greeting();
            }
        }
        None
    }

    fn introduce(&mut self) -> Option<Step<Event>> {
        match core::mem::replace(&mut self.state, State::Command) {
            State::Introduced(hello) => Some(Step::Event(Event::Hello(hello))),
            other => {
                self.state = other;
                None
            }
        }
    }

    fn close(&self) -> Step<Event> {
        if self.outbox.is_empty() {
            Step::Closed
        } else {
            Step::NeedFlush
        }
    }

    /// Whether unread input waits for the client to take our replies.
    fn is_held_back(&self) -> bool {
        let reading = matches!(self.state, State::Command | State::Body(_) | State::Draining(_));
        reading && self.outbox.len() > self.hold_back && !self.window.unread().is_empty()
    }

    /// The phase's only way forward. What is not allowed was refused before.
    fn advance_phase(&mut self, action: Action) {
        if let Ok(phase) = self.phase.after(action) {
            self.phase = phase;
        }
    }

    /// Says why, and ends the dialogue.
    fn give_up(&mut self, why: CommandError) {
        self.say_refusal(&why.refusal());
        self.end(Ending::GivenUp(why));
    }

    /// Ends the dialogue when the output is drained.
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
        self.advance_phase(Action::Lose);
        self.stopwatch.restart();
        self.window.close();
        self.state = State::Closing;
    }
}

impl Machine for Server {
    type Event = Event;
    type Error = Error;

    fn space(&mut self) -> &mut [u8] {
        self.window.space()
    }

    fn filled(&mut self, n: usize) {
        self.window.filled(n);
    }

    fn receive_eof(&mut self) {
        self.window.close();
    }

    fn poll(&mut self) -> Result<Step<Event>, Error> {
        loop {
            if let Some(step) = self.advance() {
                return Ok(step);
            }
        }
    }

    fn body(&self) -> &[u8] {
        match &self.state {
            State::Body(body) => &self.window.unread()[..body.offered()],
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        let State::Body(body) = &mut self.state else { return };
        let n = body.consume(n);
        self.window.consume(n);
        self.stopwatch.progress(n, self.config.limits.timeouts.body_minimum);
    }

    fn close_body(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Command) {
            State::BodyEnd => State::BodyClosed,
            State::BodyAborted(drain) => State::Draining(drain),
            other => other,
        };
    }

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        if self.is_held_back() || matches!(self.state, State::Closing) {
            self.stopwatch.progress(n, READ_MINIMUM);
        }
        self.outbox.sent(n);
        if n > 0 && self.outbox.is_empty() {
            self.hold_back = self.config.limits.output;
            self.stopwatch.restart();
        }
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.limits.timeouts;
        if self.is_held_back() {
            return Some(self.stopwatch.timer(READING, timeouts.reply));
        }
        match &self.state {
            State::Command => Some(self.stopwatch.timer("the next command", timeouts.command)),
            State::Body(body) if body.offered() == 0 => Some(self.stopwatch.timer(MESSAGE, timeouts.body)),
            State::Draining(_) => Some(self.stopwatch.timer(MESSAGE, timeouts.body)),
            State::Closing if !self.outbox.is_empty() => Some(self.stopwatch.timer(READING, timeouts.reply)),
            _ => None,
        }
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() != Some(timer) {
            return;
        }
        if timer.what == READING {
            // What a client does not read for so long is not worth keeping, and 421 would only join it.
            self.outbox = Outbox::default();
            return self.end(Ending::GivenUp(CommandError::Timeout));
        }
        match self.state {
            State::Body(_) => self.abort_and_close(CommandError::Timeout),
            _ => self.give_up(CommandError::Timeout),
        }
    }

    fn shutdown(&mut self) {
        self.wish = Wish::Stop;
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        self.answer_safely(event)
    }
}

/// Octets of our replies that a slow reader must take to count as reading.
const READ_MINIMUM: usize = 512;
const READING: &str = "the client to read our replies";
const MESSAGE: &str = "more of the message";
