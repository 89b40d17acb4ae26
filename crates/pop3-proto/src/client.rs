//! The client's machine.
//!
//! 1. Poll until [`Event::Greeting`]. Commands may be queued before.
//! 2. Call a method for each command; several may be queued. They go out one at a time, or together once the server has
//!    offered PIPELINING in its answer to [`capabilities`](Client::capabilities). Nothing goes out behind a login or QUIT
//!    before that is answered, and no password before USER is accepted.
//! 3. Poll: the results come as events, in the order of the commands. Behind [`Event::Message`] comes a body.
//! 4. [`Step::NeedAnswer`] means that every command is answered: give the next one.
//! 5. Call [`quit`](Client::quit) at the end: without it the server removes no message that was marked as deleted.
//!
//! # Shutting down
//!
//! [`shutdown`](mail_wire::Machine::shutdown) sends no further command, lets the answers under way come in, and closes. It does not
//! send QUIT, so the server removes nothing that the caller has not asked for with [`quit`](Client::quit).
//!
//! ```
//! # use pop3_proto::{Client, MessageNumber, Name, Password, client::Event};
//! # use mail_wire::{Machine, Step};
//! let mut client = Client::new(Default::default());
//! client.login(Name::new("bob")?, Password::new("hungry".into())?).unwrap();
//! client.stat().unwrap();
//! client.receive(b"+OK ready\r\n");
//! assert!(matches!(client.poll(), Ok(Step::Event(Event::Greeting(_)))));
//! assert_eq!(client.poll(), Ok(Step::NeedInput));
//! assert_eq!(client.transmit(), b"USER bob\r\n");
//! # Ok::<(), pop3_proto::SyntaxError>(())
//! ```

mod config;
mod event;
mod machine;
mod queue;
mod receive;

use alloc::boxed::Box;

use mail_wire::{LineFault, LineFramer, Misuse, Outbox, Secret, Step, Stopwatch, Window};

pub use config::{Apop, Config, Leniency, Pipelining};
pub use event::{Event, Invalid, InvalidLine};

use self::queue::{Queue, Turn};
use self::receive::Incoming;
use crate::apop::Timestamp;
use crate::{Command, Keyword, MessageNumber, Name, Password, Phase, Response, SyntaxError, Transition};

/// A POP3 client's side of one connection (RFC 1939). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Client {
    config: Config,
    /// As the server has confirmed it.
    phase: Phase,
    queue: Queue,
    incoming: Incoming,
    course: Course,
    timestamp: Option<Timestamp>,
    window: Window,
    framer: LineFramer,
    outbox: Outbox,
    watch: Stopwatch,
}

/// Why a session is over before QUIT was answered. What the server did with a command that was not answered is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server closed the connection.
    #[error("the server closed the connection while {awaited} was awaited")]
    Disconnected {
        /// What was waited for.
        awaited: Awaited,
    },
    /// The server was silent for too long.
    #[error("no {what} in time")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
    },
    /// The server refused the connection in place of a greeting.
    #[error("the server does not serve: {0}")]
    TurnedAway(Box<Response>),
    /// A greeting or response that is none.
    #[error("not a response: {0}")]
    Syntax(SyntaxError),
    /// A response line that is too long or does not end as lines do.
    #[error("bad response: {0}")]
    Line(LineFault),
    /// Octets while nothing was asked: they would be taken for the answer to the next command.
    #[error("the server spoke unasked")]
    Unsolicited,
    /// More capabilities than the limit.
    #[error("more than {limit} capabilities")]
    Capabilities {
        /// The limit.
        limit: usize,
    },
    /// A listing with more lines than the limit.
    #[error("a listing of more than {limit} messages")]
    Listing {
        /// The limit.
        limit: u32,
    },
}

/// What a client machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Awaited {
    /// The greeting.
    Greeting,
    /// The answer to a command, or the rest of it.
    Response(Keyword),
    /// The caller's next command.
    Nothing,
}

impl core::fmt::Display for Awaited {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Greeting => f.write_str("the greeting"),
            Self::Response(keyword) => write!(f, "the answer to {keyword}"),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

/// Whether the session goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Course {
    Running,
    ShuttingDown,
    Failed(Error),
}

/// Commands. Each is queued, and its result comes as events.
impl Client {
    /// A session that waits for the greeting.
    pub fn new(config: Config) -> Self {
        let limits = config.limits;
        Self {
            phase: Phase::Greeting,
            queue: Queue::default(),
            incoming: Incoming::Line,
            course: Course::Running,
            timestamp: None,
            window: Window::new(limits.window()),
            framer: LineFramer::new(limits.line(), config.leniency.line_ends),
            outbox: Outbox::default(),
            watch: Stopwatch::default(),
            config,
        }
    }

    /// Where the dialogue stands, as far as the server has confirmed it.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// CAPA: what the server offers. [`Event::Capabilities`], or [`Event::Refused`] from a server without CAPA.
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind QUIT.
    pub fn capabilities(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Capa)
    }

    /// USER and PASS. [`Event::LoggedIn`] or [`Event::Refused`]. The password goes out as it is, once USER is accepted.
    ///
    /// # Errors
    ///
    /// [`Misuse`] when a login is behind or under way.
    pub fn login(&mut self, name: Name, password: Password) -> Result<(), Misuse> {
        self.submit(Command::User(name))?;
        self.submit(Command::Pass(password))
    }

    /// APOP: a proof that the client knows `secret`. [`Event::LoggedIn`] or [`Event::Refused`].
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`] when the configuration does not allow it or the greeting had no timestamp that is a message
    /// id of ASCII characters; other [`Misuse`] before the greeting, or when a login is behind or under way.
    pub fn apop(&mut self, name: Name, secret: &Secret) -> Result<(), Misuse> {
        if self.phase == Phase::Greeting {
            return Err(out_of_sequence(Keyword::Apop));
        }
        let timestamp = self
            .timestamp
            .as_ref()
            .ok_or(Misuse::NotOffered { extension: "APOP" })?;
        self.submit(Command::Apop(name, timestamp.digest(secret)))
    }

    /// STAT: how many messages and octets. [`Event::Status`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn stat(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Stat)
    }

    /// LIST: the size of one message or of all. [`Event::ListItem`]s, then [`Event::ListEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn list(&mut self, number: Option<MessageNumber>) -> Result<(), Misuse> {
        self.submit(Command::List(number))
    }

    /// UIDL: the unique-id of one message or of all. [`Event::UniqueIdItem`]s, then [`Event::UniqueIdEnd`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn uidl(&mut self, number: Option<MessageNumber>) -> Result<(), Misuse> {
        self.submit(Command::Uidl(number))
    }

    /// RETR: a message. [`Event::Message`] and a body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn retrieve(&mut self, number: MessageNumber) -> Result<(), Misuse> {
        self.submit(Command::Retr(number))
    }

    /// TOP: a message's header and so many lines of its body. [`Event::Message`] and a body.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn top(&mut self, number: MessageNumber, lines: u32) -> Result<(), Misuse> {
        self.submit(Command::Top(number, lines))
    }

    /// DELE: marks a message, which [`quit`](Self::quit) will remove. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn delete(&mut self, number: MessageNumber) -> Result<(), Misuse> {
        self.submit(Command::Dele(number))
    }

    /// NOOP: nothing, which keeps the session alive. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn noop(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Noop)
    }

    /// RSET: takes all marks away. [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse`] before a login or behind QUIT.
    pub fn reset(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Rset)
    }

    /// QUIT: the server removes the messages that are marked. [`Event::Done`], then [`Step::Closed`]; behind
    /// [`Event::Refused`] some messages may still be there.
    ///
    /// # Errors
    ///
    /// [`Misuse`] behind another QUIT.
    pub fn quit(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Quit)
    }

    fn submit(&mut self, command: Command) -> Result<(), Misuse> {
        if self.course != Course::Running || self.phase == Phase::Closed {
            return Err(Misuse::Closed);
        }
        self.queue.submit(self.phase, command)
    }

    /// The one place that changes the phase.
    fn step(&mut self, transition: Transition) {
        if let Ok(phase) = self.phase.after(transition) {
            self.phase = phase;
        }
    }

    fn fail(&mut self, error: Error) {
        self.course = Course::Failed(error);
        self.window.close();
        if matches!(self.incoming, Incoming::Body(..) | Incoming::Void(_)) {
            self.incoming = Incoming::Lost;
        }
    }

    fn awaited(&self) -> Awaited {
        match (self.phase, self.queue.front()) {
            (Phase::Greeting, _) => Awaited::Greeting,
            (_, Some(sent)) => Awaited::Response(sent.keyword),
            (_, None) => Awaited::Nothing,
        }
    }

    /// Encodes what may be sent now.
    fn send(&mut self) -> Option<Event> {
        if self.phase == Phase::Greeting && self.course == Course::Running {
            return None;
        }
        while self.outbox.len() < self.config.limits.outbox() {
            let shutting_down = self.course == Course::ShuttingDown;
            match self.queue.turn(self.phase, shutting_down) {
                Turn::Wait => break,
                Turn::Unsent(keyword) => return Some(Event::Unsent(keyword)),
                Turn::Send(command) => {
                    if self.queue.is_idle() {
                        self.watch.restart();
                    }
                    command.encode(self.outbox.buffer());
                    self.queue.sent(&command);
                }
            }
        }
        None
    }

    /// What happens while no answer is due. None: look again.
    fn idle(&mut self) -> Option<Step<Event>> {
        if !self.outbox.is_empty() && (self.queue.has_waiting() || self.is_over()) {
            return Some(Step::NeedFlush);
        }
        if self.is_over() {
            return Some(Step::Closed);
        }
        if !self.window.unread().is_empty() {
            self.fail(Error::Unsolicited);
            return None;
        }
        if self.window.is_closed() {
            let awaited = self.awaited();
            self.fail(Error::Disconnected { awaited });
            return None;
        }
        self.window.relax();
        Some(Step::NeedAnswer)
    }

    fn is_over(&self) -> bool {
        self.course == Course::ShuttingDown || self.phase == Phase::Closed
    }

    fn is_idle(&self) -> bool {
        let greeted = self.phase != Phase::Greeting || self.course == Course::ShuttingDown;
        matches!(self.incoming, Incoming::Line) && self.queue.is_idle() && greeted
    }
}

const fn out_of_sequence(keyword: Keyword) -> Misuse {
    Misuse::OutOfSequence {
        command: keyword.as_str(),
    }
}
