//! The server's machine.
//!
//! 1. The greeting waits in `transmit()` from the start.
//! 2. [`Event::Login`] asks who may in; its Yes is the [`Maildrop`]'s listing. USER is always answered `+OK`, so that
//!    nobody learns which names exist.
//! 3. STAT, LIST, UIDL, DELE, RSET, NOOP and CAPA are answered from the listing; [`Event::Retrieve`] and [`Event::Top`] ask
//!    for a message, which the application then writes through
//!    [`Upload`](mail_wire::Upload).
//! 4. QUIT asks [`Event::Update`]: the one moment at which messages are removed.
//!
//! Commands may be pipelined: they wait in the window while an ask is open, a message is being written, or the outbox
//! is full.
//!
//! # Shutting down
//!
//! A POP3 server cannot speak unasked: the client would take it for the answer to its next command. So
//! [`shutdown`](mail_wire::Machine::shutdown) lets what was begun end (an open ask, a message being sent), then answers the next
//! command if one has arrived already (QUIT as ever, any other with `-ERR [SYS/TEMP]`), and closes. Nothing is removed
//! without a QUIT.
//!
//! ```
//! # use pop3_proto::{Server, server::{Event, Maildrop, Refusal}};
//! # use mail_wire::{Answers, Machine, Step};
//! let mut server = Server::new(Default::default());
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
mod config;
mod event;
mod machine;
mod maildrop;
mod reply;
mod top;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;

use mail_wire::{Ask, Asking, Framed, LineFramer, Misuse, Outbox, Step, Stopwatch, Window};

pub use config::{Announcement, Config, Leniency, Spaces};
pub use event::{Credentials, Event, Login, Refusal, Retrieve, Top, Update};
pub use maildrop::{Deletions, Maildrop};

use self::body::{Body, Extent};
use self::maildrop::Lookup;
use self::reply::Listing;
use crate::apop::{Digest, Proof, Timestamp};
use crate::error::Fault;
use crate::{Command, Keyword, Name, Phase, Response, ResponseCode, Text, Transition};

/// A POP3 server's side of one connection (RFC 1939). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Server {
    config: Arc<Config>,
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
    /// Too many unknown, malformed or misplaced commands.
    #[error("{limit} commands in error")]
    Errors {
        /// The limit.
        limit: u32,
    },
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
    /// Waiting for a command.
    Command,
    /// Waiting for the application.
    Asked(Question),
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
    /// A session that offers USER and PASS.
    pub fn new(config: Arc<Config>) -> Self {
        let greeting = config.greeting.to_response();
        Self::greeted(config, None, &greeting)
    }

    /// A session that offers APOP as well. Each session needs a timestamp of its own that nobody can foresee; the machine
    /// cannot make one, since it has neither clock nor randomness. Read about APOP's weakness in [`apop`](crate::apop).
    pub fn with_apop(config: Arc<Config>, timestamp: Timestamp) -> Self {
        let greeting = config.greeting.with_timestamp(timestamp.clone()).to_response();
        Self::greeted(config, Some(timestamp), &greeting)
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

    fn greeted(config: Arc<Config>, apop: Option<Timestamp>, greeting: &Response) -> Self {
        let limits = config.limits;
        let mut server = Self {
            window: Window::new(limits.window()),
            framer: LineFramer::new(limits.line(), config.leniency.line_ends),
            config,
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
        };
        greeting.encode(server.outbox.buffer());
        server.step(Transition::Greeted);
        server
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

    /// Takes the next command out of the window, if a whole one is there.
    fn next_command(&mut self) -> Next {
        match self.framer.next(self.window.unread()) {
            Framed::Incomplete if self.window.is_closed() || self.course == Course::ShuttingDown => Next::End,
            Framed::Incomplete => Next::Incomplete,
            Framed::Drop { octets } => {
                self.window.consume(octets);
                Next::Again
            }
            Framed::Refused { octets, why } => {
                self.window.consume(octets);
                Next::Fault(why.into())
            }
            Framed::Line { content, octets } => {
                let command = parse(&self.window.unread()[..content], self.config.leniency.spaces);
                self.window.consume(octets);
                command.map_or_else(|error| Next::Fault(error.into()), Next::Command)
            }
        }
    }

    /// Waits for, then obeys one command.
    fn serve(&mut self) -> Option<Step<Event>> {
        let next = self.next_command();
        if matches!(next, Next::Command(_) | Next::Fault(_)) {
            self.watch.restart();
        }
        match next {
            Next::Again => None,
            Next::Incomplete => {
                self.window.relax();
                Some(Step::NeedInput)
            }
            Next::End => {
                self.close();
                None
            }
            Next::Fault(fault) => {
                self.refuse(fault);
                None
            }
            Next::Command(command) if self.course == Course::ShuttingDown && command != Command::Quit => {
                let response = Response::err(const { Text::fixed("this server is shutting down") });
                self.respond(&response.with_code(ResponseCode::SYS_TEMP));
                self.close();
                None
            }
            Next::Command(command) => match self.obey(command) {
                Ok(event) => event.map(Step::Event),
                Err(fault) => {
                    self.refuse(fault);
                    None
                }
            },
        }
    }

    fn obey(&mut self, command: Command) -> Result<Option<Event>, Fault> {
        let keyword = command.keyword();
        if let Err(error) = self.phase.allows(keyword) {
            return Err(Fault::OutOfSequence(keyword, error));
        }
        match command {
            Command::User(name) => self.user(name),
            Command::Pass(password) => {
                let Holding::Name(name) = mem::replace(&mut self.holding, Holding::Nothing) else {
                    return Ok(None);
                };
                let password = password.into_secret();
                return Ok(Some(self.ask_login(keyword, Credentials::User { name, password })));
            }
            Command::Apop(name, digest) => return self.apop(name, digest).map(Some),
            Command::Capa => self.capabilities(),
            Command::Quit => return Ok(self.quit()),
            other => return self.transact(other),
        }
        Ok(None)
    }

    fn user(&mut self, name: Name) {
        self.respond(&Response::ok(const { Text::fixed("send PASS") }));
        self.holding = Holding::Name(name);
        self.step(Transition::Accepted(Keyword::User));
    }

    fn apop(&mut self, name: Name, digest: Digest) -> Result<Event, Fault> {
        let timestamp = self.apop.clone().ok_or(Fault::NotOffered(Keyword::Apop))?;
        let proof = Box::new(Proof::new(timestamp, digest));
        Ok(self.ask_login(Keyword::Apop, Credentials::Apop { name, proof }))
    }

    fn ask_login(&mut self, keyword: Keyword, credentials: Credentials) -> Event {
        self.state = State::Asked(Question::Login(keyword));
        Event::Login(self.asking.open(), credentials)
    }

    fn quit(&mut self) -> Option<Event> {
        if self.phase != Phase::Transaction {
            self.respond(&Response::ok(const { Text::fixed("goodbye") }));
            self.step(Transition::Accepted(Keyword::Quit));
            return None;
        }
        self.step(Transition::Accepted(Keyword::Quit));
        self.state = State::Asked(Question::Update);
        let deletions = match &mut self.holding {
            Holding::Maildrop(maildrop) => maildrop.take_deletions(),
            _ => Deletions::default(),
        };
        Some(Event::Update(self.asking.open(), deletions))
    }

    /// A command of the TRANSACTION state.
    fn transact(&mut self, command: Command) -> Result<Option<Event>, Fault> {
        let Holding::Maildrop(maildrop) = &mut self.holding else {
            return Ok(None);
        };
        let size = match command.message().map(|number| (number, maildrop.lookup(number))) {
            Some((_, Lookup::Unknown)) => {
                let messages = maildrop.len();
                return Err(Fault::NoSuchMessage { messages });
            }
            Some((number, Lookup::Deleted)) => return Err(Fault::Deleted(number)),
            Some((_, Lookup::Present(size))) => size,
            None => 0,
        };
        match command {
            Command::Retr(number) => {
                self.state = State::Asked(Question::Retrieve(size));
                return Ok(Some(Event::Retrieve(self.asking.open(), number)));
            }
            Command::Top(number, lines) => {
                self.state = State::Asked(Question::Top(lines));
                return Ok(Some(Event::Top(self.asking.open(), number, lines)));
            }
            Command::List(None) => self.state = State::Listing(Listing::sizes(maildrop, &mut self.outbox)),
            Command::Uidl(None) => self.state = State::Listing(Listing::unique_ids(&mut self.outbox)),
            other => reply::from_listing(&other, maildrop, &mut self.outbox),
        }
        Ok(None)
    }

    fn capabilities(&mut self) {
        let mut announced = self.config.capabilities.clone();
        if let Holding::Maildrop(maildrop) = &self.holding {
            announced.expire = maildrop.expire.or(announced.expire);
            announced.login_delay = maildrop.login_delay.or(announced.login_delay);
        }
        reply::capabilities(&announced.lines(), &mut self.outbox);
    }

    fn respond(&mut self, response: &Response) {
        response.encode(self.outbox.buffer());
    }

    fn refuse(&mut self, fault: Fault) {
        self.respond(&fault.response());
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

    fn begin(&mut self, opening: core::fmt::Arguments<'_>, extent: Extent) {
        reply::line(&mut self.outbox, opening);
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

/// What stands at the front of the window.
enum Next {
    Incomplete,
    Again,
    End,
    Fault(Fault),
    Command(Command),
}

fn parse(line: &[u8], spaces: Spaces) -> Result<Command, crate::SyntaxError> {
    match spaces {
        Spaces::Single => Command::parse(line),
        Spaces::Many => Command::parse(&crate::command::tidy(line)),
    }
}

/// Outbox octets below which nothing new is begun: the room that the end of a body needs, and one that makes progress.
const MARGIN: usize = 256;
