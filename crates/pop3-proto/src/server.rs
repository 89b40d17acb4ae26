//! The server's machine.
//!
//! 1. The greeting waits in `transmit()` from the start.
//! 2. [`Event::Login`] asks who may in; its Yes is the [`Maildrop`]'s listing. USER is always answered `+OK`, so that
//!    nobody learns which names exist. AUTH asks [`Event::Authenticate`], then [`Event::SaslResponse`] for each response to
//!    a challenge; the last Yes is the listing.
//! 3. STAT, LIST, UIDL, DELE, RSET, NOOP, CAPA, UTF8 and LANG are answered from the listing; [`Event::Retrieve`] and [`Event::Top`] ask
//!    for a message, which the application then writes through
//!    [`Upload`](mail_wire::Upload).
//! 4. QUIT asks [`Event::Update`]: the one moment at which messages are removed.
//!
//! Commands may be pipelined: they wait in the window while an ask is open, a message is being written, or the outbox
//! is full.
//!
//! # Before TLS
//!
//! Over [`Security::Plaintext`] USER and PASS are refused unless [`Config::plaintext`] allows them, and AUTH offers
//! [`Mechanisms::plaintext`] only. STLS ends in [`Step::Upgrade`](mail_wire::Step::Upgrade): the session begins anew behind
//! it, without another greeting, and knows nothing of what was said before. Octets that were read behind STLS end the
//! session: whoever slipped them in would have them obeyed as if TLS had protected them.
//!
//! # Shutting down
//!
//! A POP3 server cannot speak unasked: the client would take it for the answer to its next command. So
//! [`shutdown`](mail_wire::Machine::shutdown) lets what was begun end (an open ask, a message being sent), then answers the next
//! command if one has arrived already (QUIT as ever, any other with `-ERR [SYS/TEMP]`), and closes. Nothing is removed
//! without a QUIT.
//!
//! ```
//! # use pop3_proto::{Server, server::{Event, Maildrop, Refusal, Security}};
//! # use mail_wire::{Answers, Machine, Step};
//! let mut server = Server::new(Default::default(), Security::Secured);
//! server.receive(b"USER bob\r\nPASS hungry\r\nSTAT\r\n");
//! loop {
//!     match server.poll().unwrap() {
//!         Step::Event(Event::Login(ask, who)) if who.verify(&"hungry".into()) => {
//!             server.answer(ask, Ok(Maildrop::new())).unwrap();
//!         }
//!         Step::Event(other) => server.unhandled(other).unwrap(),
//!         _ => break,
//!     }
//! }
//! assert!(server.transmit().ends_with(b"\r\n+OK 0 0\r\n"));
//! ```

mod answers;
mod body;
mod commands;
mod config;
mod event;
mod machine;
mod maildrop;
mod phrase;
mod reading;
mod reply;
mod top;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;

use mail_wire::{Ask, Asking, LineFramer, Misuse, Outbox, ProxyFault, Stopwatch, Window};

pub use config::{Announcement, Config, Leniency, Mechanisms, Plaintext, Spaces, Stls};
pub use event::{Credentials, Event, Login, Refusal, Retrieve, Sasl, SaslStep, Top, Update};
pub use maildrop::{Deletions, Maildrop};
pub use phrase::{Language, Phrase};

use self::body::{Body, Extent};
use self::phrase::Voice;
use self::reply::Listing;
use crate::apop::Timestamp;
use crate::error::Fault;
use crate::{Encoding, Keyword, Name, Phase, Status, Transition};

/// A POP3 server's side of one connection (RFC 1939). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Server {
    config: Arc<Config>,
    security: Security,
    encoding: Encoding,
    /// The place of the language that LANG chose.
    language: Option<usize>,
    apop: Option<Timestamp>,
    phase: Phase,
    holding: Holding,
    state: State,
    course: Course,
    window: Window,
    framer: LineFramer,
    outbox: Outbox,
    asking: Asking,
    watch: Stopwatch,
    failed_logins: u32,
    errors: u32,
}

/// Why a session ended otherwise than by QUIT or the client's end of input. Nothing was removed.
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
    /// Octets that are no PROXY header, where one had to be.
    #[error(transparent)]
    Proxy(#[from] ProxyFault),
    /// Octets behind STLS: somebody tries to slip commands into the secured session.
    #[error("octets behind STLS")]
    Injection,
    /// Too many unknown, malformed or misplaced commands.
    #[error("{limit} commands in error")]
    Errors {
        /// The limit.
        limit: u32,
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

/// What belongs to the phase.
#[derive(Debug)]
enum Holding {
    Nothing,
    Name(Name),
    Maildrop(Box<Maildrop>),
}

/// What the machine is doing.
#[derive(Debug)]
enum State {
    /// Waiting for the PROXY header.
    ProxyHeader,
    /// Waiting for a command.
    Command,
    /// Waiting for the application.
    Asked(Question),
    /// Waiting for the client's response to a challenge.
    Sasl,
    /// Writing the go-ahead of STLS, then waiting for TLS.
    Securing,
    /// Writing a listing, piece by piece.
    Listing(Listing),
    /// Waiting for the application to begin the message.
    BodyDue(Extent),
    /// Writing a message that the application supplies.
    Body(Body),
    /// Writing what is left.
    Closing,
}

/// What the open ask is about.
#[derive(Clone, Copy, Debug)]
enum Question {
    Login(Keyword),
    Sasl,
    Retrieve(u64),
    Top(u32),
    Update,
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
        let mut server = Self::silent(config, security, None);
        server.greet();
        server
    }

    /// A session that offers APOP as well, unless the configuration refuses it without TLS. Each session needs a timestamp
    /// of its own that nobody can foresee; the machine cannot make one, since it has neither clock nor randomness. Behind
    /// STLS there is no APOP: the timestamp went out in plaintext. Read about APOP's weakness in [`apop`](crate::apop).
    pub fn with_apop(config: Arc<Config>, security: Security, timestamp: Timestamp) -> Self {
        if security == Security::Plaintext && config.plaintext == Plaintext::Refused {
            return Self::new(config, security);
        }
        let mut server = Self::silent(config, security, Some(timestamp));
        server.greet();
        server
    }

    /// Whether somebody may listen.
    pub const fn security(&self) -> Security {
        self.security
    }

    /// What messages may be sent as. It does not change once the client is logged in, so that sizes can be told of what
    /// will be sent.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The peer is a proxy of ours: a PROXY header comes before everything else, the greeting behind it. Only the caller
    /// knows whose address the connection comes from; a header from anybody else is never asked for.
    ///
    /// Where TLS begins with the first octet, the header comes before TLS: then it is the listener's to read.
    #[must_use]
    pub fn behind_proxy(mut self) -> Self {
        if self.phase == Phase::Authorization {
            self.outbox = Outbox::default();
            (self.phase, self.state) = (Phase::Greeting, State::ProxyHeader);
        }
        self
    }

    /// Where the dialogue stands.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether more of the message that is being written will be sent: false once TOP has all its lines. What is written
    /// then is swallowed, and the application may finish the body at once.
    pub const fn wants_body(&self) -> bool {
        match &self.state {
            State::BodyDue(_) => true,
            State::Body(body) => body.wants_more(),
            _ => false,
        }
    }

    /// Without a greeting.
    fn silent(config: Arc<Config>, security: Security, apop: Option<Timestamp>) -> Self {
        let limits = config.limits;
        Self {
            window: Window::new(limits.window()),
            framer: LineFramer::new(limits.line(), config.leniency.line_ends),
            config,
            security,
            encoding: Encoding::Ascii,
            language: None,
            apop,
            phase: Phase::Greeting,
            holding: Holding::Nothing,
            state: State::Command,
            course: Course::Serving,
            outbox: Outbox::default(),
            asking: Asking::default(),
            watch: Stopwatch::default(),
            failed_logins: 0,
            errors: 0,
        }
    }

    fn greet(&mut self) {
        let greeting = &self.config.greeting;
        let response = match self.apop.clone() {
            Some(timestamp) => greeting.with_timestamp(timestamp).to_response(),
            None => greeting.to_response(),
        };
        response.encode(self.outbox.buffer());
        self.step(Transition::Greeted);
    }

    /// The one place that changes the phase.
    fn step(&mut self, transition: Transition) {
        if let Ok(phase) = self.phase.after(transition) {
            self.phase = phase;
        }
        if self.phase == Phase::Closed {
            self.close();
        }
    }

    fn close(&mut self) {
        self.state = State::Closing;
        self.holding = Holding::Nothing;
        self.window.close();
    }

    /// How this session speaks.
    fn voice(&mut self) -> Voice<'_> {
        Voice::new(&self.config, self.language, &mut self.outbox)
    }

    fn say(&mut self, status: Status, phrase: Phrase) {
        self.voice().say(status, phrase);
    }

    fn refuse(&mut self, fault: Fault) {
        self.say(Status::Err, fault.phrase());
        if !fault.is_strike() {
            return;
        }
        self.errors += 1;
        let limit = self.config.limits.errors;
        if self.errors >= limit {
            self.fail(Error::Errors { limit });
        }
    }

    fn fail(&mut self, error: Error) {
        self.course = Course::Failed(error);
        self.close();
    }

    /// Closes `ask` if it is open.
    fn close_ask<Q>(&mut self, ask: Ask<Q>) -> Result<Question, Misuse> {
        self.asking.close(ask)?;
        self.watch.restart();
        match mem::replace(&mut self.state, State::Command) {
            State::Asked(question) => Ok(question),
            other => {
                self.state = other;
                Err(Misuse::StaleAsk)
            }
        }
    }

    fn begin(&mut self, opening: Phrase, extent: Extent) {
        self.say(Status::Ok, opening);
        self.state = State::BodyDue(extent);
    }

    fn finish(&mut self) {
        self.state = State::Command;
        self.watch.restart();
    }

    fn room(&self) -> usize {
        self.config.limits.outbox().saturating_sub(self.outbox.len())
    }
}

/// Outbox octets below which nothing new is begun: the room that the end of a body needs, and one that makes progress.
const MARGIN: usize = 256;
