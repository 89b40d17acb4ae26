//! SMTP: a client that sends messages, and a server.
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_blocking::smtp::Client;
//! use smtp_proto::{Mailbox, client::{Config, Envelope}};
//!
//! let alice: Mailbox = "alice@crepes.example".parse()?;
//! let bob: Mailbox = "bob@hamburger.example".parse()?;
//! let envelope = Envelope::new(alice, [bob])?;
//!
//! let mut smtp = Client::connect("mail.crepes.example:25", Config::new("laptop.example".parse()?))?;
//! let outcome = smtp.send(&envelope, b"Subject: lunch\r\n\r\nAt noon?\r\n")?;
//! for (recipient, result) in envelope.recipients().iter().zip(outcome.results()) {
//!     match result {
//!         Ok(reply) => println!("{recipient}: {reply}"),
//!         Err(failure) => println!("{recipient}: {failure}"),
//!     }
//! }
//! smtp.quit()?;
//! # Ok(())
//! # }
//! ```

use std::io::{self, Read};
use std::net::ToSocketAddrs;
use std::sync::Arc;

use mail_wire::{BareLineEnds, Misuse, Step, Upload, bare_line_end};
use smtp_proto::client::{Config, Envelope, Event, Outcome};
use smtp_proto::{Argument, BodyType, Capabilities, Reply};

use crate::{Driver, Error, Tcp, ToAddress, Transport};

/// A server's side of one connection.
pub type Session<T = Tcp> = crate::Session<smtp_proto::Server, T>;

/// Listens for SMTP clients.
pub type Server = crate::Server<smtp_proto::Server>;

/// What can end a server's session.
pub type ServerError = Error<smtp_proto::server::Error>;

impl Server {
    /// Listens at `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn bind(address: impl ToSocketAddrs, config: smtp_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        Self::with(address, move || smtp_proto::Server::new(config.clone()))
    }
}

/// A client's side of one connection, which has said EHLO.
#[derive(Debug)]
pub struct Client<T = Tcp> {
    driver: Driver<smtp_proto::Client, T>,
    bare_line_ends: BareLineEnds,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server said no. The session goes on, unless it was the greeting.
    #[error("the server refused: {0}")]
    Refused(Reply),
    /// The session is over, or was misused.
    #[error(transparent)]
    Session(#[from] Error<smtp_proto::client::Error>),
}

impl From<Misuse> for ClientError {
    fn from(misuse: Misuse) -> Self {
        Self::Session(misuse.into())
    }
}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        Self::Session(error.into())
    }
}

impl Client<Tcp> {
    /// Connects, waits for the greeting, and says EHLO, or HELO to a server that does not know it.
    ///
    /// # Errors
    ///
    /// The system's, the protocol's, or a server that turns us away.
    pub fn connect(address: impl ToAddress, config: Config) -> Result<Self, ClientError> {
        let stream = Tcp::connect(&address.to_address()?, config.limits.timeouts.greeting)?;
        Self::greet(stream, config)
    }
}

impl<T: Transport> Client<T> {
    /// Begins a session over a transport: waits for the greeting, and says EHLO.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub fn greet(transport: T, config: Config) -> Result<Self, ClientError> {
        let mut client = Self {
            bare_line_ends: config.bare_line_ends,
            driver: Driver::new(smtp_proto::Client::new(config), transport),
        };
        match client.event()? {
            Event::Greeting(greeting) if !greeting.is_positive() => return Err(ClientError::Refused(greeting)),
            _ => {}
        }
        client.machine().hello()?;
        loop {
            match client.event()? {
                Event::Hello(_) => return Ok(client),
                Event::Reply { reply, .. } if !reply.is_positive() => return Err(ClientError::Refused(reply)),
                _ => {}
            }
        }
    }

    /// What the server offered in its answer to EHLO.
    pub const fn capabilities(&self) -> &Capabilities {
        self.driver.machine().capabilities()
    }

    /// Sends a message that is in memory. `SIZE=` and, for a message with octets above 127, `BODY=8BITMIME` are added to
    /// the envelope.
    ///
    /// The outcome has a result for each recipient: refusals are not errors.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Misuse::BareLineEnd`] for a message with a bare CR or LF where the
    /// [configuration](Config::bare_line_ends) refuses them, [`Misuse::NotOffered`] for one with 8-bit octets that the
    /// server does not take. Otherwise what ends the session: whether the server has taken the message is then not known.
    pub fn send(&mut self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, ClientError> {
        let refused = self.bare_line_ends == BareLineEnds::Refuse;
        if let Some(offset) = bare_line_end(message).filter(|_| refused) {
            return Err(Misuse::BareLineEnd { offset: offset as u64 }.into());
        }
        let mut envelope = envelope.clone().with_size(message.len() as u64);
        if !message.is_ascii() {
            envelope = envelope.with_body(BodyType::EightBitMime);
        }
        self.send_from(envelope, message)
    }

    /// Sends a message that is streamed from `source`. The envelope says what is known about it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); also those of `source`: the message is then unfinished, so that the server drops it, and
    /// so must the caller drop the session. The same goes for a bare CR or LF that is found on the way.
    pub fn send_from(&mut self, envelope: Envelope, mut source: impl Read) -> Result<Outcome, ClientError> {
        let mut outcome = Outcome::new(envelope.recipients().len());
        self.machine().transaction(envelope)?;
        let mut piece = Vec::new();
        let mut unsent = 0..0;
        loop {
            match self.driver.step()? {
                Step::Event(event) => outcome.record(&event),
                Step::NeedAnswer => return Ok(outcome),
                Step::NeedBody => {
                    if piece.is_empty() {
                        piece.resize(PIECE, 0);
                        self.machine().begin_body(None)?;
                    }
                    if unsent.is_empty() {
                        unsent = 0..source.read(&mut piece)?;
                    }
                    match unsent.len() {
                        0 => self.machine().finish_body()?,
                        _ => unsent.start += self.machine().write_body(&piece[unsent.clone()])?,
                    }
                }
                _ => return Err(Error::Closed.into()),
            }
        }
    }

    /// Nothing, which keeps the session alive.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn noop(&mut self) -> Result<Reply, ClientError> {
        self.machine().noop()?;
        self.reply()
    }

    /// Ends an open transaction.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn reset(&mut self) -> Result<Reply, ClientError> {
        self.machine().reset()?;
        self.reply()
    }

    /// Asks whether a mailbox exists.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn verify(&mut self, user: Argument) -> Result<Reply, ClientError> {
        self.machine().verify(user)?;
        self.reply()
    }

    /// Asks who is on a list.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn expand(&mut self, list: Argument) -> Result<Reply, ClientError> {
        self.machine().expand(list)?;
        self.reply()
    }

    /// Asks for help.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn help(&mut self, topic: Option<Argument>) -> Result<Reply, ClientError> {
        self.machine().help(topic)?;
        self.reply()
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn quit(mut self) -> Result<Reply, ClientError> {
        self.machine().quit()?;
        let reply = self.reply()?;
        while !matches!(self.driver.step()?, Step::Closed) {}
        Ok(reply)
    }

    /// The machine, to submit any command; its events come from [`event`](Self::event).
    pub const fn machine(&mut self) -> &mut smtp_proto::Client {
        self.driver.machine_mut()
    }

    /// The next event.
    ///
    /// # Errors
    ///
    /// What ends the session.
    pub fn event(&mut self) -> Result<Event, ClientError> {
        match self.driver.step()? {
            Step::Event(event) => Ok(event),
            Step::NeedBody => Err(Misuse::BodyUnfinished.into()),
            _ => Err(Error::Closed.into()),
        }
    }

    fn reply(&mut self) -> Result<Reply, ClientError> {
        loop {
            match self.event()? {
                Event::Reply { reply, .. } if reply.is_positive() => return Ok(reply),
                Event::Reply { reply, .. } => return Err(ClientError::Refused(reply)),
                _ => {}
            }
        }
    }
}

/// Octets that are read from a source at once.
const PIECE: usize = 16 * 1024;
