//! The server's machine.
//!
//! 1. The greeting waits in `transmit()` from the start.
//! 2. [`Event::Login`] and [`Event::Authenticate`] ask who may in.
//! 3. [`Event::Command`] hands out each command that is legal now. While its ask is open, [`Server::send`] writes untagged data; the answer writes
//!    the tagged result. Data whose literal is [`Payload::Announced`](crate::Payload) makes the machine say
//!    [`Step::NeedBody`](mail_wire::Step::NeedBody) until the literal has been written through [`Upload`](mail_wire::Upload).
//! 4. APPEND and REPLACE come in parts: [`Event::Append`] for each, behind its Yes a body, at last [`Event::Appended`].
//! 5. [`Server::update`] reports what other sessions changed, at any time; the machine says it when the client may hear it. Servers that
//!    decide that by themselves [`send`](Server::send) it, while a command's ask is open or the client idles.
//!
//! CAPABILITY, NOOP ([`Noop`] says otherwise), ID, ENABLE, STARTTLS, COMPRESS, IDLE, LOGOUT and everything malformed or misplaced are answered by the machine.
//! Commands may be pipelined: they wait in the window while an ask is open, a literal is being written, or the outbox is full.
//!
//! # Shutting down
//!
//! [`shutdown`](mail_wire::Machine::shutdown) lets the command that is being executed end, then says BYE and closes.

mod answers;
mod appending;
mod commands;
mod config;
mod enabled;
mod event;
mod machine;
mod reading;
mod refused;
mod sending;
mod updates;

use alloc::sync::Arc;

use mail_wire::{Asking, Layer, Outbox, Stopwatch, Window};

pub use config::{Compress, Config, Noop, Offers, Opening, Plaintext, StartTls};
pub use enabled::Enabled;
pub use event::{Completion, Destination, Event, Execute, LogIn, Part, PartData, Receive, Refusal, Sasl, SaslStep};
pub use refused::{Cause, Fault, Refused};

use self::appending::Appending;
use self::updates::{Expunges, Moment, Updates};
use crate::outgoing::Outgoing;
use crate::phase::{Kind, Transition};
use crate::syntax::frame::{Framer, Source};
use crate::syntax::reader::Keyword;
use crate::{Condition, Data, Phase, Spelling, Status, Tag, Text};

/// An IMAP server's side of one connection (RFC 9051). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Server {
    config: Arc<Config>,
    security: Security,
    compression: Compression,
    phase: Phase,
    enabled: Enabled,
    state: State,
    course: Course,
    window: Window,
    framer: Framer,
    outbox: Outbox,
    outgoing: Outgoing,
    updates: Updates,
    asking: Asking,
    watch: Stopwatch,
    failed_logins: u32,
    errors: u32,
    /// The command in hand, kept for who explains refusals.
    command: Option<Keyword>,
}

/// Why a session ended otherwise than by LOGOUT or the client's end of input. BYE was said where it could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client was silent, or did not take what was sent, for too long.
    #[error("the client was inactive: {what}")]
    Inactive {
        /// What was waited for.
        what: &'static str,
    },
    /// Too many logins with bad credentials.
    #[error("{limit} failed logins")]
    FailedLogins {
        /// The limit.
        limit: u32,
    },
    /// Too many unknown, malformed or misplaced commands in a row.
    #[error("{limit} commands in error")]
    Errors {
        /// The limit.
        limit: u32,
    },
    /// A command longer than the limit, so that its end is not known.
    #[error("a command of more than {limit} octets")]
    CommandTooLong {
        /// The limit, in octets.
        limit: usize,
    },
    /// A literal that does not wait and is longer than what would be read and thrown away.
    #[error("a literal of more than {limit} octets that did not wait")]
    LiteralTooLong {
        /// The limit, in octets.
        limit: u64,
    },
    /// Octets behind STARTTLS: somebody tries to slip commands into the secured session.
    #[error("octets behind STARTTLS")]
    Injection,
    /// More changes were held back than the limit allows.
    #[error("{limit} changes were held back")]
    Updates {
        /// The limit.
        limit: usize,
    },
}

/// Whether somebody may listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Octets go over the network as they are.
    Plaintext,
    /// TLS, or a connection that nobody else sees.
    Secured,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Off,
    On,
}

/// What the machine is doing.
#[derive(Debug)]
enum State {
    /// Waiting for a command.
    Command,
    /// A literal of so many octets comes that nobody wants, then the rest of its command, then what is said of it.
    Discarding(Discard),
    /// Waiting for the application.
    Asked(Running),
    /// Waiting for the client's response to a challenge.
    Sasl(Tag<'static>),
    /// IDLE.
    Idle(Tag<'static>),
    /// Between the parts of APPEND or REPLACE.
    Appending(Appending),
    /// A message streams in.
    Receiving(Appending, Incoming),
    /// Waiting for the layer.
    Upgrading(Layer),
    /// Writing what is left.
    Closing,
}

/// An incoming message.
#[derive(Clone, Copy, Debug)]
enum Incoming {
    Octets(u64),
    End,
    Aborted,
}

/// A command whose refusal is certain and whose octets come all the same.
#[derive(Debug)]
struct Discard {
    left: u64,
    tag: Tag<'static>,
    refusal: Refusal,
    total: u64,
}

/// A command that the application is asked about.
#[derive(Debug)]
struct Running {
    tag: Tag<'static>,
    question: Question,
}

#[derive(Debug)]
enum Question {
    Login,
    Sasl,
    Execute(Executing),
    Receive(Appending),
}

impl Question {
    /// What may be said while it is open.
    const fn moment(&self) -> Moment {
        match self {
            Self::Execute(Executing {
                numbers_stand: true, ..
            }) => Moment::NumbersStand,
            _ => Moment::Any,
        }
    }
}

/// What the machine must know of a command while it is executed.
#[derive(Clone, Debug)]
struct Executing {
    name: &'static str,
    kind: Kind,
    /// Whether EXPUNGE must wait until it is done.
    numbers_stand: bool,
    /// A SEARCH that is answered with ESEARCH.
    esearch: Option<AsEsearch>,
    /// What it asks for, when it is NOTIFY.
    expunges: Option<Expunges>,
}

/// What an ESEARCH answer holds.
#[derive(Clone, Debug)]
struct AsEsearch {
    numbering: crate::Numbering,
    options: alloc::vec::Vec<crate::ReturnOption<'static>>,
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Serving,
    ShuttingDown,
    Failed(Error),
}

impl Server {
    /// A session over a connection that is as `security` says.
    pub fn new(config: Arc<Config>, security: Security) -> Self {
        let mut server = Self::silent(config, security);
        let status = server.config.status();
        let transition = match status.condition {
            Condition::PreAuth => Transition::PreAuthenticated,
            Condition::Bye => Transition::Bye,
            _ => Transition::Greeted,
        };
        server.step(transition);
        let mut greeting = status;
        if server.phase != Phase::Logout {
            greeting.code = Some(crate::Code::Capability(server.capabilities()));
        }
        server.say(&Data::Status(greeting));
        server
    }

    /// Without a greeting.
    fn silent(config: Arc<Config>, security: Security) -> Self {
        Self {
            window: Window::new(config.limits.window()),
            config,
            security,
            compression: Compression::Off,
            phase: Phase::Greeting,
            enabled: Enabled::default(),
            state: State::Command,
            course: Course::Serving,
            framer: Framer::new(Source::Client),
            outbox: Outbox::default(),
            outgoing: Outgoing::default(),
            updates: Updates::default(),
            asking: Asking::default(),
            watch: Stopwatch::default(),
            failed_logins: 0,
            errors: 0,
            command: None,
        }
    }

    /// Where the dialogue stands.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// What the client has enabled.
    pub const fn enabled(&self) -> Enabled {
        self.enabled
    }

    /// Whether the client idles: nothing holds an [`update`](Self::update) back.
    pub const fn is_idling(&self) -> bool {
        matches!(self.state, State::Idle(_))
    }

    /// Whether an ask is open.
    pub const fn is_asking(&self) -> bool {
        matches!(self.state, State::Asked(_))
    }

    /// The one place that changes the phase.
    fn step(&mut self, transition: Transition) {
        if let Ok(phase) = self.phase.after(transition) {
            self.phase = phase;
        }
        if self.phase == Phase::Logout {
            self.close();
        }
    }

    fn close(&mut self) {
        self.state = State::Closing;
        self.outgoing.abandon();
        self.updates.clear();
        self.asking.revoke();
        self.window.close();
    }

    /// Says why, and closes.
    fn bye(&mut self, text: Text<'static>) {
        if self.phase != Phase::Logout && self.outgoing.body_left().is_none() {
            self.say(&Data::Status(Status {
                condition: Condition::Bye,
                code: None,
                text,
            }));
        }
        self.step(Transition::Bye);
        self.close();
    }

    fn fail(&mut self, error: Error) {
        let text = Text::new(alloc::format!("{error}")).unwrap_or_default();
        self.bye(self.explained(text, Cause::Ended(error)));
        self.course = Course::Failed(error);
    }

    fn spelling(&self) -> Spelling {
        self.enabled.spelling(Spelling::SERVER)
    }

    fn room(&self) -> usize {
        self.config.limits.outbox().saturating_sub(self.outbox.len())
    }
}
