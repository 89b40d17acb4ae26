//! IMAP: a client whose methods are the protocol's commands, and a server.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_tokio::imap::Client;
//! use mail_tokio::tls::Tls;
//!
//! let mut imap = Client::connect("mail.hamburger.example:993", Tls::implicit()).await?;
//! imap.login("bob", "hungry").await?;
//! let inbox = imap.select("INBOX").await?;
//! println!("{} messages", inbox.exists);
//! if let Some(found) = imap.search("UNSEEN SUBJECT lunch").await? {
//!     for message in imap.fetch_all(&found, "(UID ENVELOPE)").await? {
//!         println!("{}: {:?}", message.number, message.uid());
//!     }
//! }
//! imap.logout().await?;
//! # Ok(())
//! # }
//! ```

mod account;
mod append;
mod client;
mod error;
mod fetch;
mod idle;
mod login;
mod mailboxes;
mod messages;
mod select;

use std::io;
use std::sync::Arc;

use imap_proto::{AString, Data};
use mail_tls::ServerTls;
use mail_wire::{Misuse, Step};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};

pub use self::append::Appended;
pub use self::client::{Client, Reply};
pub use self::error::ClientError;
pub use self::fetch::{Fetched, Fetches};
pub use self::idle::Idle;
pub use self::mailboxes::Listing;
pub use self::messages::Copied;
use crate::Error;
pub use imap_proto::client::{Access, News, Selected};

/// A server's side of one connection.
pub type Session<T = TcpStream> = crate::Session<imap_proto::Server, T>;

/// Listens for IMAP clients.
pub type Server = crate::Server<imap_proto::Server>;

/// What can end a server's session.
pub type ServerError = Error<imap_proto::server::Error>;

impl Server {
    /// Listens at `address`; port 0 takes a free one. Connections are plaintext; a configuration that offers STARTTLS needs
    /// [`with_starttls`](Self::with_starttls), too.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn bind(address: impl ToSocketAddrs, config: imap_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        let security = imap_proto::server::Security::Plaintext;
        Self::with(address, move || imap_proto::Server::new(config.clone(), security)).await
    }

    /// Listens at `address`, where TLS begins with the first octet (port 993).
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn bind_tls(
        address: impl ToSocketAddrs,
        config: imap_proto::server::Config,
        tls: ServerTls,
    ) -> io::Result<Self> {
        let config = Arc::new(config);
        let security = imap_proto::server::Security::Secured;
        let server = Self::with(address, move || imap_proto::Server::new(config.clone(), security)).await?;
        Ok(server.with_implicit_tls(tls))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    /// Says untagged data in answer to the command whose ask is open, or news while the client idles
    /// ([`imap_proto::Server::send`]). When much of it waits, it waits for the client to take some.
    ///
    /// A literal that is [`Payload::Announced`](imap_proto::Payload::Announced) is written next, through
    /// [`send_body`](Self::send_body) or [`write_body`](Self::write_body).
    ///
    /// # Errors
    ///
    /// [`Misuse::OutOfSequence`] when the client may hear nothing now, [`Misuse::BodyUnfinished`] inside a literal, and
    /// what ends the session: a client that does not take what it asked for.
    ///
    /// # Cancel safety
    ///
    /// The data is said, also when the future is dropped while it waits.
    pub async fn send(&mut self, data: Data<'_>) -> Result<(), ServerError> {
        self.driver().machine_mut().send(data)?;
        if !self.machine().is_asking() {
            // The client's next command must not be taken here.
            return Ok(self.flush().await?);
        }
        match self.driver().step().await? {
            Step::NeedAnswer | Step::NeedBody => Ok(()),
            _ => Err(Error::Closed),
        }
    }

    /// A change that another session made ([`imap_proto::Server::update`]). The client hears of it in the next
    /// [`next`](Self::next) or [`flush`](Self::flush) in which it may: when it idles, at once.
    ///
    /// # Errors
    ///
    /// [`Misuse::Closed`] when the dialogue is over.
    pub fn update(&mut self, data: Data<'static>) -> Result<(), Misuse> {
        self.driver().machine_mut().update(data)
    }
}
