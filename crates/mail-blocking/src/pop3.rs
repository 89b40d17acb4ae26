//! POP3: a client whose methods are the protocol's commands, and a server.
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_blocking::pop3::Client;
//! use pop3_proto::client::{Config, Security};
//! use std::io::Read;
//!
//! let config = Config { security: Security::Plaintext, ..Config::default() };
//! let mut pop3 = Client::connect("mail.hamburger.example:110", config)?;
//! pop3.login("bob", "hungry")?;
//! for message in pop3.list()? {
//!     let mut octets = Vec::new();
//!     pop3.retrieve(message.number)?.read_to_end(&mut octets)?;
//!     std::fs::write(format!("{}.eml", message.number), octets)?;
//!     pop3.delete(message.number)?;
//! }
//! pop3.quit()?;
//! # Ok(())
//! # }
//! ```

use std::io;
use std::net::ToSocketAddrs;
use std::sync::Arc;

use mail_wire::{Machine, Misuse, Secret, Step};
use pop3_proto::client::{Config, Event, InvalidLine};
use pop3_proto::{
    Capabilities, DropListing, MessageNumber, Name, Password, Response, ScanListing, SyntaxError, UniqueIdListing,
};

use crate::{Body, Driver, Error, Tcp, ToAddress, Transport};

/// A server's side of one connection.
pub type Session<T = Tcp> = crate::Session<pop3_proto::Server, T>;

/// Listens for POP3 clients.
pub type Server = crate::Server<pop3_proto::Server>;

/// What can end a server's session.
pub type ServerError = Error<pop3_proto::server::Error>;

impl Server {
    /// Listens at `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn bind(address: impl ToSocketAddrs, config: pop3_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        let security = pop3_proto::server::Security::Plaintext;
        Self::with(address, move || pop3_proto::Server::new(config.clone(), security))
    }
}

/// A client's side of one connection.
///
/// A body that was not read to its end is read on and dropped by the next command.
#[derive(Debug)]
pub struct Client<T = Tcp> {
    driver: Driver<pop3_proto::Client, T>,
    capabilities: Option<Capabilities>,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server said no. The session goes on.
    #[error("the server refused: {0}")]
    Refused(Response),
    /// A name or password that POP3 cannot carry. Nothing was sent.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The server's answer cannot be read. The session goes on.
    #[error(transparent)]
    Invalid(#[from] InvalidLine),
    /// The session is over, or was misused.
    #[error(transparent)]
    Session(#[from] Error<pop3_proto::client::Error>),
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
    /// Connects, waits for the greeting, and asks what the server can do.
    ///
    /// # Errors
    ///
    /// The system's, the protocol's, or a server that turns us away.
    pub fn connect(address: impl ToAddress, config: Config) -> Result<Self, ClientError> {
        let stream = Tcp::connect(&address.to_address()?, config.timeouts.greeting)?;
        Self::greet(stream, config)
    }
}

impl<T: Transport> Client<T> {
    /// Begins a session over a transport: waits for the greeting, and asks what the server can do.
    ///
    /// # Errors
    ///
    /// As [`connect`](Client::connect).
    pub fn greet(transport: T, config: Config) -> Result<Self, ClientError> {
        let mut client = Self {
            driver: Driver::new(pop3_proto::Client::new(config), transport),
            capabilities: None,
        };
        client.machine().capabilities()?;
        while client.capabilities.is_none() {
            match client.event() {
                Ok(Event::Capabilities(capabilities)) => client.capabilities = Some(capabilities),
                Err(ClientError::Refused(_)) => break,
                other => drop(other?),
            }
        }
        Ok(client)
    }

    /// What the server can do; `None` from one that does not know CAPA.
    pub const fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// USER and PASS.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for a wrong name or password; a name or password with CR, LF or NUL.
    pub fn login(&mut self, name: &str, password: impl Into<Secret>) -> Result<(), ClientError> {
        let (name, password) = (Name::new(name)?, Password::new(password.into())?);
        self.machine().login(name, password)?;
        self.done()
    }

    /// How many messages there are, and how many octets.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn stat(&mut self) -> Result<DropListing, ClientError> {
        self.machine().stat()?;
        loop {
            match self.event()? {
                Event::Status(status) => return Ok(status),
                Event::Invalid(invalid) => return Err(invalid.why.into()),
                _ => {}
            }
        }
    }

    /// The messages and their sizes. A line that cannot be read is left out.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn list(&mut self) -> Result<Vec<ScanListing>, ClientError> {
        self.machine().list(None)?;
        let mut messages = Vec::new();
        loop {
            match self.event()? {
                Event::ListItem(message) => messages.push(message),
                Event::ListEnd => return Ok(messages),
                _ => {}
            }
        }
    }

    /// The messages and their unique-ids. A line that cannot be read is left out.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn unique_ids(&mut self) -> Result<Vec<UniqueIdListing>, ClientError> {
        self.machine().uidl(None)?;
        let mut messages = Vec::new();
        loop {
            match self.event()? {
                Event::UniqueIdItem(message) => messages.push(message),
                Event::UniqueIdEnd => return Ok(messages),
                _ => {}
            }
        }
    }

    /// A message, as it arrives.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn retrieve(&mut self, number: MessageNumber) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        self.machine().retrieve(number)?;
        self.message()
    }

    /// A message's header and the first `lines` lines of its body.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn top(&mut self, number: MessageNumber, lines: u32) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        self.machine().top(number, lines)?;
        self.message()
    }

    /// Marks a message, which [`quit`](Self::quit) will remove.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn delete(&mut self, number: MessageNumber) -> Result<(), ClientError> {
        self.machine().delete(number)?;
        self.done()
    }

    /// Takes all marks away.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn reset(&mut self) -> Result<(), ClientError> {
        self.machine().reset()?;
        self.done()
    }

    /// Nothing, which keeps the session alive.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn noop(&mut self) -> Result<(), ClientError> {
        self.machine().noop()?;
        self.done()
    }

    /// Ends the session; the server removes the messages that are marked.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`]: some of them may still be there.
    pub fn quit(mut self) -> Result<(), ClientError> {
        self.machine().quit()?;
        self.done()?;
        while !matches!(self.driver.step()?, Step::Closed) {}
        Ok(())
    }

    /// The machine, to submit any command; its events come from [`event`](Self::event).
    pub const fn machine(&mut self) -> &mut pop3_proto::Client {
        self.driver.machine_mut()
    }

    /// The next event.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for a negative answer, and what ends the session.
    pub fn event(&mut self) -> Result<Event, ClientError> {
        loop {
            match self.driver.step()? {
                Step::Event(Event::Refused(_, response)) => return Err(ClientError::Refused(*response)),
                Step::Event(event) => return Ok(event),
                Step::Body => {
                    let unread = self.driver.machine().body().len();
                    self.driver.machine_mut().consume(unread);
                }
                Step::BodyEnd | Step::BodyAborted => self.driver.machine_mut().close_body(),
                _ => return Err(Error::Closed.into()),
            }
        }
    }

    fn done(&mut self) -> Result<(), ClientError> {
        loop {
            if let Event::Done(..) | Event::LoggedIn(_) = self.event()? {
                return Ok(());
            }
        }
    }

    fn message(&mut self) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        while !matches!(self.event()?, Event::Message { .. }) {}
        Ok(Body::new(&mut self.driver))
    }
}
