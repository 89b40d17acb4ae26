//! POP3: a client whose methods are the protocol's commands, and a server.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_tokio::{pop3::Client, sasl::{Credentials, Policy}, tls::Tls};
//! use tokio::io::AsyncReadExt;
//!
//! let mut pop3 = Client::connect("mail.hamburger.example:995", Tls::implicit()).await?;
//! pop3.login_with(&Credentials::password("bob", "hungry")?, &Policy::default()).await?;
//! for message in pop3.list().await? {
//!     let mut octets = Vec::new();
//!     pop3.retrieve(message.number).await?.read_to_end(&mut octets).await?;
//!     std::fs::write(format!("{}.eml", message.number), octets)?;
//!     pop3.delete(message.number).await?;
//! }
//! pop3.quit().await?;
//! # Ok(())
//! # }
//! ```

mod connect;
mod error;
mod login;

use std::io;
use std::sync::Arc;

use mail_tls::ServerTls;
use mail_wire::{Machine, Step};
use pop3_proto::client::Event;
use pop3_proto::{
    Capabilities, DropListing, LanguageListing, LanguageRange, MessageNumber, ScanListing, UniqueIdListing,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};

pub use error::ClientError;

use crate::pool::Pooled;
use crate::{Body, Driver, Error};

/// A server's side of one connection.
pub type Session<T = TcpStream> = crate::Session<pop3_proto::Server, T>;

/// Listens for POP3 clients.
pub type Server = crate::Server<pop3_proto::Server>;

/// What can end a server's session.
pub type ServerError = Error<pop3_proto::server::Error>;

impl Server {
    /// Listens at `address`; port 0 takes a free one. Connections are plaintext; a configuration that offers STLS needs
    /// [`with_starttls`](Self::with_starttls), too.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn bind(address: impl ToSocketAddrs, config: pop3_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        let security = pop3_proto::server::Security::Plaintext;
        Self::with(address, move || pop3_proto::Server::new(config.clone(), security)).await
    }

    /// Listens at `address`, where TLS begins with the first octet (port 995).
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn bind_tls(
        address: impl ToSocketAddrs,
        config: pop3_proto::server::Config,
        tls: ServerTls,
    ) -> io::Result<Self> {
        let config = Arc::new(config);
        let security = pop3_proto::server::Security::Secured;
        let server = Self::with(address, move || pop3_proto::Server::new(config.clone(), security)).await?;
        Ok(server.with_implicit_tls(tls))
    }
}

/// A client's side of one connection.
///
/// A body that was not read to its end is read on and dropped by the next command.
#[derive(Debug)]
pub struct Client<T = TcpStream> {
    driver: Driver<pop3_proto::Client, T>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// What the server can do; `None` from one that does not know CAPA.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.driver.machine().offered()
    }

    /// How many messages there are, and how many octets.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn stat(&mut self) -> Result<DropListing, ClientError> {
        self.machine().stat()?;
        loop {
            match self.event().await? {
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
    pub async fn list(&mut self) -> Result<Vec<ScanListing>, ClientError> {
        self.machine().list(None)?;
        let mut messages = Vec::new();
        loop {
            match self.event().await? {
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
    pub async fn unique_ids(&mut self) -> Result<Vec<UniqueIdListing>, ClientError> {
        self.machine().uidl(None)?;
        let mut messages = Vec::new();
        loop {
            match self.event().await? {
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
    pub async fn retrieve(&mut self, number: MessageNumber) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        self.machine().retrieve(number)?;
        self.message().await
    }

    /// A message's header and the first `lines` lines of its body.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn top(
        &mut self,
        number: MessageNumber,
        lines: u32,
    ) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        self.machine().top(number, lines)?;
        self.message().await
    }

    /// Marks a message, which [`quit`](Self::quit) will remove.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn delete(&mut self, number: MessageNumber) -> Result<(), ClientError> {
        self.machine().delete(number)?;
        self.done().await
    }

    /// Takes all marks away.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn reset(&mut self) -> Result<(), ClientError> {
        self.machine().reset()?;
        self.done().await
    }

    /// Nothing, which keeps the session alive.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn noop(&mut self) -> Result<(), ClientError> {
        self.machine().noop()?;
        self.done().await
    }

    /// Ends the session; the server removes the messages that are marked.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`]: some of them may still be there.
    pub async fn quit(mut self) -> Result<(), ClientError> {
        self.machine().quit()?;
        self.done().await?;
        while !matches!(self.driver.step().await?, Step::Closed) {}
        Ok(())
    }

    /// UTF8: messages and responses may hold UTF-8. Before the login only.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn utf8(&mut self) -> Result<(), ClientError> {
        self.machine().utf8()?;
        self.done().await
    }

    /// The languages that the server speaks. A line that cannot be read is left out.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn languages(&mut self) -> Result<Vec<LanguageListing>, ClientError> {
        self.machine().languages()?;
        let mut languages = Vec::new();
        loop {
            match self.event().await? {
                Event::LanguageItem(language) => languages.push(language),
                Event::LanguageEnd => return Ok(languages),
                _ => {}
            }
        }
    }

    /// Has the server speak a language; returns which one it took.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn speak(&mut self, range: LanguageRange) -> Result<LanguageListing, ClientError> {
        self.machine().language(range)?;
        loop {
            match self.event().await? {
                Event::Language(language) => return Ok(language),
                Event::Invalid(invalid) => return Err(invalid.why.into()),
                _ => {}
            }
        }
    }

    /// The machine, to submit any command; its events come from [`event`](Self::event).
    pub const fn machine(&mut self) -> &mut pop3_proto::Client {
        self.driver.machine_mut()
    }

    /// The next event.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for a negative answer, a command that was not sent, and what ends the session.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn event(&mut self) -> Result<Event, ClientError> {
        loop {
            match self.driver.step().await? {
                Step::Event(Event::Refused(_, response)) => return Err(ClientError::Refused(*response)),
                Step::Event(Event::Unsent(_, misuse)) => return Err(misuse.into()),
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

    async fn done(&mut self) -> Result<(), ClientError> {
        loop {
            if let Event::Done(..) | Event::LoggedIn(_) = self.event().await? {
                return Ok(());
            }
        }
    }

    async fn message(&mut self) -> Result<Body<'_, pop3_proto::Client, T>, ClientError> {
        while !matches!(self.event().await?, Event::Message { .. }) {}
        Ok(Body::new(&mut self.driver))
    }
}

/// A server that says something unasked is about to close.
impl<T: AsyncRead + AsyncWrite + Unpin> Pooled for Client<T> {
    fn is_alive(&mut self) -> bool {
        self.driver.look().is_ok() && matches!(self.driver.machine_mut().poll(), Ok(Step::NeedAnswer))
    }
}
