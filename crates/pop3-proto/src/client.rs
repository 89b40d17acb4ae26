//! The client's machine.
//!
//! 1. Poll until [`Event::Greeting`]. Commands may be queued before.
//! 2. Call a method for each command; several may be queued. They go out one at a time, or together once the server has
//!    offered PIPELINING in its answer to [`capabilities`](Client::capabilities). Nothing goes out behind a login or QUIT
//!    before that is answered, and no password before USER is accepted.
//! 3. Poll: the results come as events, in the order of the commands. Behind [`Event::Message`] comes a body.
//! 4. [`Step::NeedAnswer`] means that every command is answered: give the next one. Behind [`Event::Challenge`] it means
//!    that the response is owed.
//! 5. Call [`quit`](Client::quit) at the end: without it the server removes no message that was marked as deleted.
//!
//! # TLS
//!
//! With [`Security::StartTls`], which is the default, no name, password or response of a mechanism is written before
//! [`stls`](Client::stls) has succeeded: such commands are [`Misuse`]. Behind STLS the session begins anew and knows
//! nothing of what was said before it.
//!
//! # Shutting down
//!
//! [`shutdown`](mail_wire::Machine::shutdown) sends no further command, lets the answers under way come in, and closes. It does not
//! send QUIT, so the server removes nothing that the caller has not asked for with [`quit`](Client::quit).
//!
//! ```
//! # use pop3_proto::{Client, MessageNumber, Name, Password, client::Event};
//! # use mail_wire::{Machine, Step};
//! let mut config = pop3_proto::client::Config::default();
//! config.security = pop3_proto::client::Security::Secured; // the connection was made with TLS
//! let mut client = Client::new(config);
//! client.login(Name::new("bob")?, Password::new("hungry".into())?).unwrap();
//! client.stat().unwrap();
//! client.receive(b"+OK ready\r\n");
//! assert!(matches!(client.poll(), Ok(Step::Event(Event::Greeting(_)))));
//! assert_eq!(client.poll(), Ok(Step::NeedInput));
//! assert_eq!(client.transmit(), b"USER bob\r\n");
//! # Ok::<(), pop3_proto::SyntaxError>(())
//! ```

mod commands;
mod config;
mod event;
mod machine;
mod queue;
mod receive;
mod securing;

use alloc::boxed::Box;

use mail_wire::{LineFault, LineFramer, Misuse, Outbox, Step, Stopwatch, Window};

pub use config::{Apop, Config, Leniency, Pipelining, Security, Utf8Names};
pub use event::{Event, Invalid, InvalidLine};

use self::queue::{Queue, Turn};
use self::receive::Incoming;
use crate::apop::Timestamp;
use crate::{Capabilities, Command, Encoding, Keyword, Phase, Response, SyntaxError, Transition};

/// A POP3 client's side of one connection (RFC 1939). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Client {
    config: Config,
    /// As the server has confirmed it.
    phase: Phase,
    queue: Queue,
    incoming: Incoming,
    course: Course,
    /// How the connection is protected now.
    security: Security,
    encoding: Encoding,
    /// What the server offers, as far as it has said.
    offered: Option<Box<Capabilities>>,
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
    /// Octets behind the go-ahead of STLS: somebody tries to slip responses into the secured session.
    #[error("octets behind the go-ahead of STLS")]
    Injection,
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
    #[error("a listing of more than {limit} lines")]
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

impl Client {
    /// A session that waits for the greeting.
    pub fn new(config: Config) -> Self {
        let limits = config.limits;
        Self {
            phase: Phase::Greeting,
            queue: Queue::default(),
            incoming: Incoming::Line,
            course: Course::Running,
            security: config.security,
            encoding: Encoding::Ascii,
            offered: None,
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

    /// How the connection is protected now.
    pub const fn security(&self) -> Security {
        self.security
    }

    /// What the server offers in this session, as far as it has said: an answer to [`capabilities`](Self::capabilities),
    /// which is forgotten when TLS begins.
    pub fn offered(&self) -> Option<&Capabilities> {
        self.offered.as_deref()
    }

    /// Queues a command that was made elsewhere: for proxies, and for those who read along and feed the machine with what they
    /// see. Its events are those of the method that is called as it.
    ///
    /// ```
    /// # use pop3_proto::{Client, Command, client};
    /// # use mail_wire::{Machine, Step};
    /// let mut config = client::Config::default();
    /// config.security = client::Security::Plaintext;
    /// let mut client = Client::new(config);
    /// client.receive(b"+OK ready\r\n");
    /// assert!(matches!(client.poll(), Ok(Step::Event(client::Event::Greeting(_)))));
    /// client.submit(Command::parse(b"USER bob")?).unwrap();
    /// assert_eq!(client.poll(), Ok(Step::NeedInput));
    /// assert_eq!(client.transmit(), b"USER bob\r\n");
    /// # Ok::<(), pop3_proto::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse`] where that method has it.
    pub fn submit(&mut self, command: Command) -> Result<(), Misuse> {
        if self.course != Course::Running || self.phase == Phase::Closed {
            return Err(Misuse::Closed);
        }
        let will_be_secured = self.phase == Phase::Securing || self.queue.plans_tls();
        if self.security == Security::StartTls && !will_be_secured || self.is_settled() {
            self.check(&command)?;
        }
        self.queue.submit(self.phase, command)
    }

    /// Whether what the server offers to the next command is known by now.
    fn is_settled(&self) -> bool {
        !matches!(self.phase, Phase::Greeting | Phase::Securing) && self.queue.is_empty()
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
        let greets = self.phase == Phase::Greeting && self.course == Course::Running;
        if greets || matches!(self.incoming, Incoming::Securing) {
            return None;
        }
        while self.outbox.len() < self.config.limits.outbox() {
            let shutting_down = self.course == Course::ShuttingDown;
            match self.queue.turn(self.phase, shutting_down) {
                Turn::Wait => break,
                Turn::Unsent(keyword, misuse) => return Some(Event::Unsent(keyword, misuse)),
                Turn::Send(mut command) => {
                    if let Err(misuse) = self.check(&command) {
                        self.queue.frustrated(command.keyword(), self.phase);
                        return Some(Event::Unsent(command.keyword(), misuse));
                    }
                    self.prepare(&mut command);
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
