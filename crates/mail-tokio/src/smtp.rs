//! SMTP: a client that sends messages, and a server. LMTP, too.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use mail_sasl::Credentials;
//! use mail_tokio::smtp::Client;
//! use mail_tokio::tls::Tls;
//! use smtp_proto::{Mailbox, client::Envelope};
//!
//! let alice: Mailbox = "alice@crepes.example".parse()?;
//! let bob: Mailbox = "bob@hamburger.example".parse()?;
//! let envelope = Envelope::new(alice, [bob])?;
//!
//! let mut smtp = Client::connect("mail.crepes.example:587", Tls::required()).await?;
//! smtp.login(&Credentials::password("alice", "open sesame")?).await?;
//! let outcome = smtp.send(&envelope, b"Subject: lunch\r\n\r\nAt noon?\r\n").await?;
//! for (recipient, result) in envelope.recipients().iter().zip(outcome.results()) {
//!     match result {
//!         Ok(reply) => println!("{recipient}: {reply}"),
//!         Err(failure) => println!("{recipient}: {failure}"),
//!     }
//! }
//! smtp.quit().await?;
//! # Ok(())
//! # }
//! ```

mod client;
mod error;
mod login;
mod sending;

use std::io;
use std::sync::Arc;

use tokio::net::{TcpStream, ToSocketAddrs};

pub use self::client::Client;
pub use self::error::ClientError;
use crate::Error;

/// A server's side of one connection.
pub type Session<T = TcpStream> = crate::Session<smtp_proto::Server, T>;

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
    pub async fn bind(address: impl ToSocketAddrs, config: smtp_proto::server::Config) -> io::Result<Self> {
        let config = Arc::new(config);
        Self::with(address, move || smtp_proto::Server::new(config.clone())).await
    }
}
