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
//! With [`Offers::chunking`] the message may come in chunks (BDAT): nothing changes but that no 354 was said. With
//! [`Protocol::Lmtp`] step 4 comes once for each accepted recipient, as [`Event::MessageFor`].
//!
//! # AUTH and STARTTLS
//!
//! [`Event::Authenticate`] begins an exchange; its answer is a [`SaslStep`]. A challenge is answered with
//! [`Event::SaslResponse`], until success or refusal. STARTTLS needs nothing of the application: on
//! [`Step::Upgrade`] the driver puts TLS in place and calls [`mail_wire::Machine::upgrade`]; the dialogue behind it knows
//! nothing of the one before.
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
mod auth;
mod body;
mod chunk;
mod commands;
mod config;
mod envelope;
mod event;
mod machine;
mod offers;
mod refused;
mod replies;
mod state;
mod trust;

use alloc::boxed::Box;
use alloc::sync::Arc;

use mail_wire::{Asking, LineEnds, LineFramer, Outbox, Step, Stopwatch, Window};

pub use self::answers::{Acceptance, Mailboxes, NamedMailbox};
use self::body::Drain;
pub use self::config::{Arrival, Config, Protocol};
pub use self::event::{Data, Event, Expand, Hello, Mail, Message, Recipient, Sasl, SaslStep, Turn, Verify};
pub use self::offers::{Authentication, Extension, Offers, StartTls};
pub use self::refused::Refused;
use self::state::{Dialect, Rights, State, Tally, Transaction, Trust, Wish};
pub use crate::limits::{ServerLimits as Limits, ServerTimeouts as Timeouts};
use crate::phase::{Action, Phase, Standing};
use crate::{Bdat, CommandError, Refusal, Verb};

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
    standing: Standing,
    state: State,
    dialect: Dialect,
    /// The VRFY or EXPN that is asked about allows UTF-8.
    replies_in_utf8: bool,
    tally: Tally,
    transaction: Transaction,
    /// The chunk that was announced last.
    arriving: Bdat,
    /// The recipient that was asked for last.
    asked_for: u32,
    trust: Trust,
    /// Why the client is not welcome, until it is told.
    turned_away: Option<Box<Refusal>>,
    /// Unread input waits while more octets than these are unwritten: the limit, or 0 behind a command that a client
    /// must not follow with others (RFC 2920 §3.2 (5), (6)).
    hold_back: usize,
    wish: Wish,
    ending: Option<Ending>,
    /// The command in hand, kept for who explains refusals.
    verb: Option<Verb>,
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
    /// The client was turned away for now, with 421.
    TurnedAway,
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
        Self::arriving(config, Arrival::default())
    }

    /// A dialogue with a client that is not welcome: the greeting is 554 (521, if that is the refusal's code) with this
    /// text, and behind it everything but QUIT is answered with 503 (RFC 5321 §3.1, RFC 7504 §3). With a transient refusal it
    /// is 421 and the end, so that the client comes again (RFC 5321 §3.8).
    pub fn turning_away(config: Arc<Config>, refusal: Refusal) -> Self {
        let turned_away = Some(refusal);
        let arrival = Arrival {
            turned_away,
            ..Arrival::default()
        };
        Self::arriving(config, arrival)
    }

    /// Where the dialogue stands.
    pub const fn phase(&self) -> Phase {
        self.standing.phase
    }

    /// The phase, and whether TLS is on and the client has proved who it is.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Why the dialogue ended, once it is about to.
    pub const fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// A dialogue with a client of which something is known already.
    pub fn arriving(config: Arc<Config>, arrival: Arrival) -> Self {
        let line = match config.offers.authentication.is_any() {
            true => config.line_limit().max(AUTH_LINE),
            false => config.line_limit(),
        };
        let ends = match config.leniency.bare_lf_after_commands {
            true => LineEnds::CrlfOrLf,
            false => LineEnds::Crlf,
        };
        let turned_away = arrival.turned_away.map(Box::new);
        let (state, turned_away) = match arrival.proxy_header {
            true => (State::ProxyHeader, turned_away),
            false => (State::Opening(turned_away), None),
        };
        Self {
            window: Window::new(config.limits.window.max(2 * line)),
            framer: LineFramer::new(line, ends),
            outbox: Outbox::default(),
            asking: Asking::default(),
            stopwatch: Stopwatch::default(),
            standing: Standing::new(arrival.security),
            state,
            dialect: Dialect::Basic,
            replies_in_utf8: false,
            tally: Tally::default(),
            transaction: Transaction::default(),
            arriving: Bdat { size: 0, last: false },
            asked_for: 0,
            trust: Trust {
                xclient: if arrival.xclient { Rights::Once } else { Rights::None },
                xforward: arrival.xforward,
                vouched: false,
            },
            turned_away,
            hold_back: config.limits.output,
            wish: Wish::GoOn,
            ending: None,
            verb: None,
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
            State::ProxyHeader => self.proxy_header(),
            State::Opening(_) => self.open(),
            State::Command => self.command(),
            State::Introduced(_) => self.introduce(),
            State::Asked => Some(Step::NeedAnswer),
            State::Exchange => self.exchange_step(),
            State::Body(_) => self.body_step(),
            State::Chunk(_) => self.chunk_step(),
            State::BodyEnd => Some(Step::BodyEnd),
            State::BodyClosed(recipient) => self.ask_for_message(recipient),
            State::BodyAborted(_) => Some(Step::BodyAborted),
            State::Draining(_) => self.drain(),
            State::Upgrading if self.outbox.is_empty() => Some(Step::Upgrade(mail_wire::Layer::Tls)),
            State::Upgrading => Some(Step::NeedFlush),
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
            Some(refusal) if refusal.is_transient() => {
                self.say_not_now(&refusal);
                self.end(Ending::TurnedAway);
            }
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
        let reading = matches!(
            self.state,
            State::Command | State::Exchange | State::Body(_) | State::Chunk(_) | State::Draining(_)
        );
        reading && self.outbox.len() > self.hold_back && !self.window.unread().is_empty()
    }

    /// The phase's only way forward. What is not allowed was refused before; whether it was is returned.
    fn advance_phase(&mut self, action: Action) -> bool {
        let behind = self.standing.after(action);
        if let Ok(standing) = behind {
            self.standing = standing;
        }
        behind.is_ok()
    }

    /// Says why, and ends the dialogue.
    fn give_up(&mut self, why: CommandError) {
        self.say_fault(why);
        self.end(Ending::GivenUp(why));
    }

    /// Ends the dialogue when the output is drained. A body that is open between two chunks is aborted first.
    fn end(&mut self, ending: Ending) {
        let body_is_open = self.standing.phase == Phase::Chunks;
        self.ending.get_or_insert(ending);
        self.advance_phase(Action::Lose);
        self.stopwatch.restart();
        self.window.close();
        self.state = match body_is_open {
            true => State::BodyAborted(Drain::Nothing(ending)),
            false => State::Closing,
        };
    }
}

/// Octets of a line in an AUTH exchange, and of AUTH with its initial response, with CRLF (RFC 4954 §4).
const AUTH_LINE: usize = 12_288;
