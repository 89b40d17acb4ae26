//! The client's machine.
//!
//! 1. [`submit`](Client::submit) commands, also before the greeting; any number may be in flight. The machine sends each as soon as it cannot race with
//!    another (RFC 9051 §5.5) and is known to be offered; it asks for CAPABILITY by itself where it has to know.
//! 2. Poll: what the server says comes as [`Event`]s in its order. Long literals of FETCH come as bodies behind [`Event::FetchLiteral`].
//! 3. [`Step::NeedBody`](mail_wire::Step::NeedBody): a literal that was [`Payload::Announced`](crate::Payload) in the command is due; write it through
//!    [`Upload`](mail_wire::Upload).
//! 4. [`Step::NeedAnswer`](mail_wire::Step::NeedAnswer): every command is answered; give the next one. Challenges of AUTHENTICATE are answered with
//!    [`respond`](Client::respond).
//! 5. LOGOUT at the end; [`Step::Closed`](mail_wire::Step::Closed) follows its result.
//!
//! IDLE ends by itself when the next command is submitted, or with [`done`](Client::done); it is renewed before servers log idle clients out.
//!
//! # NUL in messages
//!
//! IMAP's literals cannot hold NUL; servers replace it or send it all the same. The machine delivers the octets that came, counted by the
//! literal's announcement. BINARY (`literal8`) delivers such messages exactly.

mod config;
mod event;
mod gather;
mod machine;
mod news;
mod pump;
mod queue;
mod receive;
mod results;
mod selected;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use mail_wire::{Layer, LineFault, Misuse, Outbox, Stopwatch, Window};

pub use config::{Config, Races, Security};
pub use event::{CommandId, Event, InvalidResponse};
pub use gather::{Gather, Literals};
pub use news::News;
pub use selected::{Access, Selected};

use self::queue::{Idle, Nature, Queue, Role, Waiting};
use self::receive::Incoming;
use crate::outgoing::{Outgoing, Waits};
use crate::syntax::frame::{Framer, Source};
use crate::{Capability, Command, Enabled, Phase, SaslResponse, Status, SyntaxError, Tag};

/// An IMAP client's side of one connection (RFC 9051). See the [module](self) for the order of calls.
#[derive(Debug)]
pub struct Client {
    config: Config,
    phase: Phase,
    enabled: Enabled,
    /// `None`: they are not known in this state.
    capabilities: Option<Vec<Capability<'static>>>,
    queue: Queue,
    /// Commands submitted so far, and tags given out.
    submitted: u64,
    tags: u64,
    incoming: Incoming,
    /// Octets of a FETCH item that goes on, up to which it is not tried to read it.
    patience: usize,
    events: VecDeque<Event>,
    course: Course,
    window: Window,
    framer: Framer,
    outbox: Outbox,
    outgoing: Outgoing,
    watch: Stopwatch,
}

/// Why a session is over before LOGOUT was answered. What the server did with commands that were not answered is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server closed the connection.
    #[error("the server closed the connection unexpectedly")]
    Disconnected,
    /// The server said BYE while commands were in progress.
    #[error("the server said goodbye: {}", .0.text)]
    Bye(Box<Status<'static>>),
    /// The server was silent for too long.
    #[error("no {what} in time")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
    },
    /// A tagged response or greeting that is none.
    #[error("not a response: {0}")]
    Syntax(SyntaxError),
    /// A line that does not end as lines do.
    #[error("bad response: {0}")]
    Line(LineFault),
    /// A response longer than the limit.
    #[error("a response of more than {limit} octets")]
    ResponseTooLong {
        /// The limit, in octets.
        limit: usize,
    },
    /// A result for a command that is not in progress.
    #[error("a result for the unknown tag {0}")]
    UnknownTag(Tag<'static>),
    /// `+` while no command waits for it.
    #[error("a continuation request that nothing waits for")]
    UnexpectedContinuation,
    /// Octets behind the go-ahead of STARTTLS: somebody tries to slip responses into the secured session.
    #[error("octets behind the go-ahead of STARTTLS")]
    Injection,
    /// A PREAUTH greeting where TLS is required: no STARTTLS is possible behind it.
    #[error("the server claims that the session is authenticated before TLS")]
    PreAuthenticated,
    /// The caller gave up inside a literal: the server would take the next command for a part of it.
    #[error("a literal was broken off")]
    Broken,
}

/// Whether the session goes on.
#[derive(Debug)]
enum Course {
    Running,
    Upgrading(Layer),
    /// No further command is sent.
    ShuttingDown,
    Closed,
    Failed(Error),
}

impl Client {
    /// A session that waits for the greeting.
    pub fn new(config: Config) -> Self {
        Self {
            phase: Phase::Greeting,
            enabled: Enabled::default(),
            capabilities: None,
            queue: Queue::default(),
            submitted: 0,
            tags: 0,
            incoming: Incoming::Unit,
            patience: 0,
            events: VecDeque::new(),
            course: Course::Running,
            window: Window::new(config.limits.window()),
            framer: Framer::new(Source::Server),
            outbox: Outbox::default(),
            outgoing: Outgoing::default(),
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
        self.config.security
    }

    /// What is enabled, as far as the server has confirmed it.
    pub const fn enabled(&self) -> Enabled {
        self.enabled
    }

    /// What the server offers in this state; `None` when it has not said.
    pub fn capabilities(&self) -> Option<&[Capability<'static>]> {
        self.capabilities.as_deref()
    }

    /// Whether the server is known to offer `name`.
    pub fn offers(&self, name: &str) -> bool {
        self.capabilities.iter().flatten().any(|capability| capability.is(name))
    }

    /// Queues a command. Its result is [`Event::Done`].
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when it will not be legal behind the commands that are queued, [`Misuse::NotOffered`] when the server is known not to
    /// offer what it needs, [`Misuse::Ambiguous`] when it would race and [`Races::Refuse`] is set, [`Misuse::Closed`] when the session is over.
    pub fn submit(&mut self, command: Command<'static>) -> Result<CommandId, Misuse> {
        self.queue(None, command)
    }

    /// [`submit`](Self::submit) with a tag of the caller's choice, which must be unique (for proxies and tests).
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit); a tag that is in use is [`Misuse::Ambiguous`].
    pub fn submit_tagged(&mut self, tag: Tag<'static>, command: Command<'static>) -> Result<CommandId, Misuse> {
        if self.queue.has(&tag) {
            return Err(Misuse::Ambiguous {
                command: command.name(),
            });
        }
        let number = tag.as_str().strip_prefix('A').and_then(|number| number.parse().ok());
        let id = self.queue(Some(tag), command)?;
        self.tags = self
            .tags
            .max(number.filter(|number| *number < u64::MAX / 2).unwrap_or(0));
        Ok(id)
    }

    fn queue(&mut self, tag: Option<Tag<'static>>, command: Command<'static>) -> Result<CommandId, Misuse> {
        // A layer is put in between two commands: those that follow may be queued before.
        if !matches!(self.course, Course::Running | Course::Upgrading(_)) {
            return Err(Misuse::Closed);
        }
        let nature = Nature::of(&command);
        let out_of_sequence = |_| Misuse::OutOfSequence { command: nature.name };
        self.queue.allows(self.phase, nature.kind).map_err(out_of_sequence)?;
        let is_settled = self.phase != Phase::Greeting && matches!(self.course, Course::Running);
        if self.queue.is_empty() && is_settled {
            self.check(&command)?;
        }
        let refuses = self.config.races == Races::Refuse;
        if refuses && (!self.queue.waiting.is_empty() || self.queue.races(nature)) {
            return Err(Misuse::Ambiguous { command: nature.name });
        }
        self.submitted += 1;
        let id = CommandId(self.submitted);
        let command = Box::new(command);
        self.queue.wait(Waiting { id, tag, command }, nature.kind);
        Ok(id)
    }

    /// Whether a command was begun that goes on when the server has said `+`.
    pub fn awaits_continuation(&self) -> bool {
        let waits = |flying: &queue::Flying| {
            matches!(
                flying.role,
                Role::Authenticate(_) | Role::Idle(Idle::Begun | Idle::BegunAgain | Idle::Leaving)
            )
        };
        self.outgoing.waits() == Waits::GoAhead || self.queue.flying.back().is_some_and(waits)
    }

    /// Octets of the literal that the caller writes now, and has not yet; `None` while no literal is due.
    pub fn body_left(&self) -> Option<u64> {
        self.outgoing.body_left()
    }

    /// Ends IDLE. Without effect when the session does not idle.
    pub fn done(&mut self) {
        match self.queue.idle() {
            Some(idle @ (Idle::Begun | Idle::BegunAgain)) => *idle = Idle::Leaving,
            Some(idle @ Idle::Idling) => {
                *idle = Idle::Done;
                self.outbox.push(b"DONE\r\n");
                self.watch.restart();
            }
            Some(idle @ Idle::Renewing) => *idle = Idle::Done,
            _ => {}
        }
    }

    /// Responds to a challenge of AUTHENTICATE.
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when no challenge is open.
    pub fn respond(&mut self, response: &SaslResponse) -> Result<(), Misuse> {
        let Incoming::Challenged = self.incoming else {
            return Err(Misuse::OutOfSequence {
                command: "SASL response",
            });
        };
        self.incoming = Incoming::Unit;
        response.encode(self.outbox.buffer());
        self.watch.restart();
        Ok(())
    }

    /// The caller gives up inside a literal that it was to write: the session cannot go on.
    pub fn break_off(&mut self) {
        self.fail(Error::Broken);
    }

    fn fail(&mut self, error: Error) {
        self.window.close();
        self.course = Course::Failed(error);
    }

    /// A tag that no command has: [`submit_tagged`](Self::submit_tagged) keeps the numbers ahead of the caller's own.
    fn next_tag(&mut self) -> Tag<'static> {
        self.tags += 1;
        Tag::numbered(self.tags)
    }

    /// The server has said something. While both idle, that proves nothing about us: servers count what the client says (RFC 2177 §3).
    fn hears(&mut self) {
        if !self.is_idling() {
            self.watch.restart();
        }
    }

    fn room(&self) -> usize {
        self.config.limits.outbox().saturating_sub(self.outbox.len())
    }

    /// The role of the command in flight that waits for `+`: the last that was begun.
    fn waiting_role(&mut self) -> Option<(Option<CommandId>, &mut Role)> {
        self.queue.flying.back_mut().map(|flying| (flying.id, &mut flying.role))
    }
}
