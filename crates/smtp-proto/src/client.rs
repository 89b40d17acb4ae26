//! The client's side of a dialogue.
//!
//! [`Client`] waits for the greeting, then for what the caller submits: single commands ([`Client::hello`],
//! [`Client::mail`], [`Client::recipient`], …) or a whole [`Client::transaction`]. It writes as many of them at once as
//! PIPELINING allows (RFC 2920), and reports one [`Event`] for each reply, in order.
//!
//! # The order of one message
//!
//! 1. Poll until [`Event::Greeting`]; call [`Client::hello`]; poll until [`Event::Hello`].
//! 2. Call [`Client::transaction`] and poll, feeding each event to an [`Outcome`].
//! 3. On [`Step::NeedBody`]: [`Upload::begin_body`](mail_wire::Upload::begin_body), then
//!    [`Upload::write_body`](mail_wire::Upload::write_body) until all is taken, then
//!    [`Upload::finish_body`](mail_wire::Upload::finish_body). If no recipient was accepted this step does not come.
//! 4. On [`Step::NeedAnswer`] the transaction is over: [`Outcome::results`] has one result for each recipient. Submit the
//!    next, or [`Client::quit`].
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

mod config;
mod envelope;
mod error;
mod event;
mod outcome;
mod queue;
mod replies;
mod upload;

use alloc::collections::VecDeque;

use mail_wire::{LineEnds, LineFramer, Machine, Misuse, Outbox, Step, Stopwatch, Timer, Window};

pub use self::config::{Config, Pipelining};
pub use self::envelope::{Envelope, NoRecipients};
pub use self::error::{Awaiting, Error};
pub use self::event::Event;
pub use self::outcome::{Failure, Outcome, Stage};
use self::queue::{Awaited, Request};
use self::upload::Outgoing;
pub use crate::limits::{ClientLimits as Limits, ClientTimeouts as Timeouts};
use crate::phase::{Action, Phase};
use crate::reply::Assembly;
use crate::{
    Argument, BodyType, Capabilities, ClientName, Command, ForwardPath, MailFrom, ParameterList, RcptTo, ReversePath,
    Verb,
};

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
    confirmed: Phase,
    /// Where the dialogue will stand if all that was submitted is accepted.
    submitted: Phase,
    capabilities: Capabilities,
    queue: VecDeque<Request>,
    in_flight: VecDeque<Awaited>,
    outgoing: Outgoing,
    /// Recipients submitted since MAIL, one by one.
    recipients: u32,
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
        Self {
            window: Window::new(limits.window.max(2 * limits.reply_line)),
            framer: LineFramer::new(limits.reply_line, ends),
            assembly: Assembly::default(),
            outbox: Outbox::default(),
            stopwatch: Stopwatch::default(),
            confirmed: Phase::Connected,
            submitted: Phase::Connected,
            capabilities: Capabilities::default(),
            queue: VecDeque::new(),
            in_flight: VecDeque::from([Awaited::Greeting]),
            outgoing: Outgoing::None,
            recipients: 0,
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
        self.confirmed
    }

    /// EHLO, and HELO if the server refuses that with 5yz (RFC 5321 §3.2).
    ///
    /// # Errors
    ///
    /// [`Misuse`] before the greeting, behind its refusal, or while other commands wait for their replies.
    pub fn hello(&mut self) -> Result<(), Misuse> {
        let name = ClientName::from(&self.config.name);
        let phase = self.submitted;
        self.submit(Command::Ehlo(name), Awaited::Hello(Verb::Ehlo))?;
        // What is offered is unknown until the reply: nothing may be submitted on the strength of it.
        self.submitted = phase;
        Ok(())
    }

    /// MAIL.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence, or when SIZE or BODY is not offered.
    pub fn mail(&mut self, path: &ReversePath, parameters: &ParameterList) -> Result<(), Misuse> {
        let mail = MailFrom::new(path, parameters);
        self.check_offered(&mail)?;
        self.submit(Command::Mail(mail), Awaited::Mail)?;
        self.recipients = 0;
        Ok(())
    }

    /// RCPT. Its [`Event::Recipient`] counts from 0 since MAIL.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn recipient(&mut self, path: &ForwardPath, parameters: &ParameterList) -> Result<(), Misuse> {
        let rcpt = RcptTo::new(path, parameters);
        self.submit(Command::Rcpt(rcpt), Awaited::Recipient(self.recipients))?;
        self.recipients += 1;
        Ok(())
    }

    /// DATA. If the server says go, and a recipient was accepted, [`Step::NeedBody`] follows.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn data(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Data, Awaited::Data)
    }

    /// RSET.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn reset(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Rset, Awaited::Other(Verb::Rset))
    }

    /// VRFY.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn verify(&mut self, user: Argument) -> Result<(), Misuse> {
        self.submit(Command::Vrfy(user), Awaited::Other(Verb::Vrfy))
    }

    /// EXPN.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn expand(&mut self, list: Argument) -> Result<(), Misuse> {
        self.submit(Command::Expn(list), Awaited::Other(Verb::Expn))
    }

    /// HELP.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn help(&mut self, topic: Option<Argument>) -> Result<(), Misuse> {
        self.submit(Command::Help(topic), Awaited::Other(Verb::Help))
    }

    /// NOOP.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn noop(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Noop(None), Awaited::Other(Verb::Noop))
    }

    /// QUIT. [`Step::Closed`] follows its reply.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before the greeting, or inside a message.
    pub fn quit(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Quit, Awaited::Other(Verb::Quit))
    }

    /// A whole message's envelope: MAIL, RCPT for each recipient, DATA, in as few round trips as PIPELINING allows. A
    /// transaction that is open because an earlier one failed is reset first.
    ///
    /// `SIZE=` is sent when the envelope knows the size and the server offers it. What is void is not sent: no RCPT
    /// behind a refused sender, no DATA without a recipient, unless they were on their way already.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`], before anything is written, when the envelope asks for 8BITMIME and the server does not
    /// offer it; [`Misuse::OutOfSequence`].
    pub fn transaction(&mut self, envelope: Envelope) -> Result<(), Misuse> {
        if envelope.body == Some(BodyType::EightBitMime) && !self.capabilities.eight_bit_mime() {
            return Err(Misuse::NotOffered {
                extension: crate::capabilities::EIGHT_BIT_MIME,
            });
        }
        if self.is_idle() && matches!(self.submitted, Phase::Sender | Phase::Recipients) {
            self.submit(Command::Rset, Awaited::Clearing)?;
        }
        let mail = envelope.mail(&self.capabilities);
        self.check_offered(&mail)?;
        let phase = self.allow(self.submitted, Verb::Mail)?;
        let phase = self.allow(phase, Verb::Rcpt)?;
        self.submitted = self.allow(phase, Verb::Data)?;
        self.queue.push_back(Request::transaction(mail, envelope.recipients));
        Ok(())
    }

    fn submit(&mut self, command: Command, awaited: Awaited) -> Result<(), Misuse> {
        self.submitted = self.allow(self.submitted, command.verb())?;
        self.queue.push_back(Request::Line(command, awaited));
        Ok(())
    }

    fn allow(&self, phase: Phase, verb: Verb) -> Result<Phase, Misuse> {
        if matches!(self.life, Life::Closed | Life::Failed(_)) || phase == Phase::Closed {
            return Err(Misuse::Closed);
        }
        phase
            .after(verb.into())
            .map_err(|_| Misuse::OutOfSequence { command: verb.as_str() })
    }

    /// The client MUST NOT send parameters of extensions that were not offered (RFC 5321 §4.1.1.3).
    fn check_offered(&self, mail: &MailFrom) -> Result<(), Misuse> {
        let needs = [
            (mail.size().is_some(), crate::parameter::SIZE),
            (mail.body().is_some(), crate::capabilities::EIGHT_BIT_MIME),
        ];
        let mut missing = needs
            .iter()
            .filter(|(needed, extension)| *needed && !self.capabilities.offers(extension));
        match missing.next() {
            Some(&(_, extension)) => Err(Misuse::NotOffered { extension }),
            None => Ok(()),
        }
    }

    /// Whether nothing is submitted, awaited or uploaded.
    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.in_flight.is_empty() && matches!(self.outgoing, Outgoing::None)
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
        self.confirmed = self.confirmed.after(Action::Lose).unwrap_or(Phase::Closed);
        self.submitted = Phase::Closed;
        self.window.close();
        self.life = Life::Failed(error);
    }
}

impl Machine for Client {
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
            match &self.life {
                Life::Failed(error) => return Err(error.clone()),
                Life::Closed => return Ok(Step::Closed),
                Life::Open | Life::Stopping => {}
            }
            self.write_requests();
            if let Some(step) = self.read_reply().or_else(|| self.wait_if_unread()) {
                return Ok(step);
            }
        }
    }

    /// Always empty: SMTP sends no bodies to clients.
    fn body(&self) -> &[u8] {
        &[]
    }

    fn consume(&mut self, _: usize) {}

    fn close_body(&mut self) {}

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        self.stopwatch.progress(n, self.config.limits.timeouts.block_minimum);
        self.outbox.sent(n);
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.limits.timeouts;
        if !matches!(self.outgoing, Outgoing::None) {
            let waits = !self.outbox.is_empty();
            return waits.then(|| {
                self.stopwatch
                    .timer("the server to take in the message", timeouts.block)
            });
        }
        let awaited = self.in_flight.front()?;
        let (what, limit) = awaited.patience(timeouts);
        Some(self.stopwatch.timer(what, limit))
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() == Some(timer) {
            self.fail(Error::Timeout { what: timer.what });
        }
    }

    /// Sends QUIT as soon as nothing is open.
    fn shutdown(&mut self) {
        if matches!(self.life, Life::Open) {
            self.life = Life::Stopping;
        }
    }

    fn unhandled(&mut self, _: Event) -> Result<(), Misuse> {
        Ok(())
    }
}
