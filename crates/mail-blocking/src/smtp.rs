//! SMTP: a client that sends messages, and a server. LMTP, too.
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_sasl::Credentials;
//! use mail_blocking::smtp::Client;
//! use mail_blocking::tls::Tls;
//! use smtp_proto::{Mailbox, client::Envelope};
//!
//! let alice: Mailbox = "alice@crepes.example".parse()?;
//! let bob: Mailbox = "bob@hamburger.example".parse()?;
//! let envelope = Envelope::new(alice, [bob])?;
//!
//! let mut smtp = Client::connect("mail.crepes.example:587", Tls::required())?;
//! smtp.login(&Credentials::password("alice", "open sesame")?)?;
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

mod client;
mod error;
mod login;
#[cfg(feature = "mailer")]
mod mailer;
mod sending;

use std::io;
use std::net::ToSocketAddrs;
use std::sync::Arc;

use mail_tls::ServerTls;
use smtp_proto::phase::Security;
use smtp_proto::server::Arrival;

pub use self::client::Client;
pub use self::error::ClientError;
#[cfg(feature = "mailer")]
pub use self::mailer::{Mailer, MailerError, Sent};
use crate::{Error, Tcp};

/// A server's side of one connection.
pub type Session<T = Tcp> = crate::Session<smtp_proto::Server, T>;

/// Listens for SMTP clients.
pub type Server = crate::Server<smtp_proto::Server>;

/// What can end a server's session.
pub type ServerError = Error<smtp_proto::server::Error>;

impl Server {
    /// Listens at `address`; port 0 takes a free one. Connections are plaintext; a configuration that offers STARTTLS needs
    /// [`with_starttls`](Self::with_starttls), too.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn bind(address: impl ToSocketAddrs, config: smtp_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        Self::with(address, move || smtp_proto::Server::new(config.clone()))
    }

    /// Listens at `address`, where TLS begins with the first octet (port 465, RFC 8314 §3.3).
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn bind_tls(
        address: impl ToSocketAddrs,
        config: smtp_proto::server::Config,
        tls: ServerTls,
    ) -> io::Result<Self> {
        let config = Arc::new(config);
        let mut arrival = Arrival::default();
        arrival.security = Security::Secured;
        let machine = move || smtp_proto::Server::arriving(config.clone(), arrival.clone());
        Ok(Self::with(address, machine)?.with_implicit_tls(tls))
    }
}
