//! The client's side of a dialogue.
//!
//! [`Client`] waits for the greeting, then for what the caller submits: single commands ([`Client::hello`],
//! [`Client::mail`], [`Client::recipient`], …) or a whole [`Client::transaction`]. It writes as many of them at once as
//! PIPELINING allows (RFC 2920), and reports one [`Event`] for each reply, in order.
//!
//! # The order of one message
//!
//! 1. Poll until [`Event::Greeting`]; call [`Client::hello`]; poll until [`Event::Hello`].
//! 2. Where TLS is wanted: [`Client::start_tls`]. The machine asks for it with [`Step::Upgrade`], and then begins anew with
//!    `hello`.
//! 3. Where the server wants to know who it is: [`Client::authenticate`], and [`Client::respond`] to each
//!    [`Event::Challenge`].
//! 4. Call [`Client::transaction`] and poll, feeding each event to an [`Outcome`].
//! 5. On [`Step::NeedBody`]: [`Upload::begin_body`](mail_wire::Upload::begin_body), then
//!    [`Upload::write_body`](mail_wire::Upload::write_body) until all is taken, then
//!    [`Upload::finish_body`](mail_wire::Upload::finish_body). If no recipient was accepted this step does not come; if the
//!    server refuses a chunk it does not come again.
//! 6. On [`Step::NeedAnswer`] the transaction is over: [`Outcome::results`] has one result for each recipient. Submit the
//!    next if the client [is reusable](Client::is_reusable), or [`Client::quit`].
//!
//! ```
//! use mail_wire::{Machine, Step, Upload};
//! use smtp_proto::client::{Config, Envelope, Event, Outcome};
//! use smtp_proto::{Client, Mailbox};
//!
//! let alice: Mailbox = "alice@crepes.example".parse()?;
//! let bob: Mailbox = "bob@hamburger.example".parse()?;
//! let mut envelope = Some(Envelope::new(alice, [bob])?);
//! let mut outcome = Outcome::new(1);
//! let mut client = Client::new(Config::new("crepes.example".parse()?));
//! // In place of a socket: what the server is going to say, and what it hears.
//! client.receive(b"220 mx ready\r\n250-mx\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n250 Queued as 17\r\n221 bye\r\n");
//! let mut heard = Vec::new();
//! loop {
//!     match client.poll()? {
//!         Step::Event(Event::Greeting(_)) => client.hello()?,
//!         Step::Event(Event::Hello(_)) => client.transaction(envelope.take().expect("one message"))?,
//!         Step::Event(event) => outcome.record(&event),
//!         Step::NeedBody => {
//!             client.begin_body(None)?;
//!             client.write_body(b"Subject: Lunch\r\n\r\nAt noon?\r\n")?;
//!             client.finish_body()?;
//!         }
//!         Step::NeedAnswer => client.quit()?,
//!         Step::Closed => break,
//!         _ => unreachable!("the server has said all that is waited for"),
//!     }
//!     heard.extend_from_slice(client.transmit());
//!     client.transmitted(usize::MAX);
//! }
//! assert!(outcome.is_complete_success());
//! assert!(heard.ends_with(b"\r\nAt noon?\r\n.\r\nQUIT\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commands;
mod config;
mod content;
mod envelope;
mod error;
mod event;
mod lines;
mod machine;
mod offers;
mod outcome;
mod queue;
mod replies;
mod rounds;
mod sasl;
mod transaction;
mod upload;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use mail_wire::{LineEnds, LineFramer, Outbox, Step, Stopwatch, Window};

pub use self::config::{Chunking, Config, Pipelining, Protocol, Security};
pub use self::content::Content;
pub use self::envelope::{Delivery, Envelope, NoRecipients, Recipient, Unoffered};
pub use self::error::{Awaiting, Error};
pub use self::event::Event;
pub use self::outcome::{Failure, NotTried, Outcome, Stage};
use self::queue::{Awaited, Request};
use self::replies::Refusals;
pub use self::rounds::Rounds;
use self::sasl::Exchange;
use self::upload::Outgoing;
use crate::Capabilities;
pub use crate::limits::{ClientLimits as Limits, ClientTimeouts as Timeouts};
use crate::phase::{self, Action, Phase, Standing};
use crate::reply::Assembly;

/// A client's dialogue with one server: [`mail_wire::Machine`].
///
/// ```
/// use mail_wire::{Machine, Step};
/// use smtp_proto::{Client, client};
///
/// let mut client = Client::new(client::Config::new("laptop.example".parse().unwrap()));
/// client.receive(b"220 mx.hamburger.example ready\r\n");
/// assert!(matches!(client.poll(), Ok(Step::Event(client::Event::Greeting(_)))));
/// client.hello().unwrap();
/// assert!(matches!(client.poll(), Ok(Step::NeedInput)));
/// assert_eq!(client.transmit(), b"EHLO laptop.example\r\n");
/// ```
#[derive(Debug)]
pub struct Client {
    config: Config,
    window: Window,
    framer: LineFramer,
    assembly: Assembly,
    outbox: Outbox,
    stopwatch: Stopwatch,
    /// Where the replies so far have led.
    confirmed: Standing,
    /// Where the dialogue will stand if all that was submitted is accepted.
    submitted: Standing,
    capabilities: Capabilities,
    queue: VecDeque<Request>,
    in_flight: VecDeque<Awaited>,
    outgoing: Outgoing,
    /// Recipients submitted since MAIL, one by one.
    recipients: u32,
    refusals: Refusals,
    /// LMTP: recipients of the transaction that were accepted, each of which has a reply coming.
    accepted: Vec<u32>,
    /// MAIL commands written in this dialogue.
    mails: u64,
    exchange: Exchange,
    life: Life,
}

/// Whether the dialogue goes on.
#[derive(Debug)]
enum Life {
    Open,
    /// The program wants to stop as soon as nothing is open.
    Stopping,
    Closed,
    Failed(Error),
}

impl Client {
    /// A dialogue that begins with the server's greeting.
    pub fn new(config: Config) -> Self {
        let limits = &config.limits;
        let ends = match config.bare_lf_after_replies {
            true => LineEnds::CrlfOrLf,
            false => LineEnds::Crlf,
        };
        let standing = Standing::new(match config.security {
            Security::Secured => phase::Security::Secured,
            Security::StartTls | Security::Plaintext => phase::Security::Plaintext,
        });
        let mut outbox = Outbox::default();
        if let Some((version, origin)) = &config.proxy {
            origin.write(*version, outbox.buffer());
        }
        Self {
            window: Window::new(limits.window.max(2 * limits.reply_line)),
            framer: LineFramer::new(limits.reply_line, ends),
            assembly: Assembly::default(),
            outbox,
            stopwatch: Stopwatch::default(),
            confirmed: standing,
            submitted: standing,
            capabilities: Capabilities::default(),
            queue: VecDeque::new(),
            in_flight: VecDeque::from([Awaited::Greeting]),
            outgoing: Outgoing::None,
            recipients: 0,
            refusals: Refusals::default(),
            accepted: Vec::new(),
            mails: 0,
            exchange: Exchange::default(),
            life: Life::Open,
            config,
        }
    }

    /// What the server offered in its answer to EHLO.
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Where the dialogue stands by the replies so far.
    pub const fn phase(&self) -> Phase {
        self.confirmed.phase
    }

    /// Whether TLS is on: from the first octet, or since STARTTLS.
    pub const fn is_secured(&self) -> bool {
        matches!(self.confirmed.security, phase::Security::Secured)
    }

    /// Whether AUTH has succeeded.
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.confirmed.identity, phase::Identity::Authenticated)
    }

    /// Whether another message may be trusted to the connection: nothing is open, the server has not closed, has said
    /// nothing unasked, such as 421, and takes more messages (RFC 9422 §4.1).
    ///
    /// The machine knows what it was given to read: a driver whose connection was idle reads what there is before it asks.
    pub fn is_reusable(&self) -> bool {
        let open = matches!(self.life, Life::Open) && !self.window.is_closed();
        let phase = matches!(self.confirmed.phase, Phase::Ready | Phase::Sender | Phase::Recipients);
        open && phase && self.is_idle() && self.window.unread().is_empty() && self.check_mails().is_ok()
    }

    /// Whether nothing is submitted, awaited or uploaded.
    fn is_idle(&self) -> bool {
        let silent = self.queue.is_empty() && self.in_flight.is_empty();
        silent && !self.outgoing.is_open() && !self.exchange.is_challenged()
    }

    /// What poll says when no reply is to be read.
    fn wait(&mut self) -> Option<Step<Event>> {
        let unread = self.in_flight.is_empty() && !self.window.unread().is_empty();
        if self.window.is_closed() && !unread {
            self.fail(Error::EndOfInput);
            return None;
        }
        if self.has_room_for_body() {
            return Some(Step::NeedBody);
        }
        if self.exchange.is_challenged() {
            return Some(Step::NeedAnswer);
        }
        if !self.is_idle() {
            return Some(Step::NeedInput);
        }
        if matches!(self.life, Life::Stopping) && self.quit().is_ok() {
            return None;
        }
        Some(Step::NeedAnswer)
    }

    /// The dialogue is over, and not well.
    fn fail(&mut self, error: Error) {
        self.queue.clear();
        self.in_flight.clear();
        self.outgoing = Outgoing::None;
        self.outbox = Outbox::default();
        self.exchange = Exchange::None;
        self.confirm(Action::Lose);
        self.submitted = self.confirmed;
        self.window.close();
        self.life = Life::Failed(error);
    }
    /// TLS is in place.
    fn begin_secured(&mut self) {
        let mut config = self.config.clone();
        config.security = Security::Secured;
        // It stood in front of the connection, not of this dialogue.
        config.proxy = None;
        let old = core::mem::replace(self, Self::new(config));
        self.in_flight.clear();
        self.confirmed = old.confirmed.upgraded();
        self.submitted = self.confirmed;
        self.life = old.life;
    }
}
