//! SMTP, POP3 and IMAP over tokio.
//!
//! What it does not do: it keeps no mail and no users, looks up no MX, and spawns no task (a server's loop is the caller's).
//!
//! [`Driver`] is the one loop that moves octets between any [`Machine`](mail_wire::Machine) and any transport;
//! [`Session`] is the application's side of it. What a protocol adds is in its module. [`tls`] says how connections are
//! protected.
//!
//! 1. A client: `connect` with a policy for TLS, then the methods of [`smtp::Client`], [`pop3::Client`] or [`imap::Client`].
//! 2. A server: [`Server`]`::bind`, [`accept`](Server::accept), and for each session, in a task of its own, [`next`](Session::next): it gives
//!    the next event, or `None` at the end. Dropping its future loses nothing.
//! 3. Each question of an event is answered: [`accept`](Session::accept), [`accept_with`](Session::accept_with), [`refuse`](Session::refuse), or
//!    [`unhandled`](Session::unhandled), which does no harm.
//! 4. A message that comes is read from [`body`](Session::body) as any [`AsyncRead`](tokio::io::AsyncRead), and one that goes is
//!    [sent](Session::send_body) from one.
//!
//! A server and a client of it:
//!
//! ```
//! use mail_tokio::{smtp, tls::Tls};
//! use smtp_proto::{Mailbox, client::Envelope, server::{Config, Event}};
//! use tokio::io::AsyncReadExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = smtp::Server::bind("127.0.0.1:0", Config::new("localhost".parse()?)).await?;
//! let address = server.local_addr()?.to_string();
//! let inbox = tokio::spawn(async move {
//!     let (mut session, _) = server.accept().await?;
//!     let mut message = String::new();
//!     while let Some(event) = session.next().await? {
//!         match event {
//!             Event::Mail(ask, _) => session.accept(ask)?,
//!             Event::Recipient(ask, _) => session.accept(ask)?,
//!             Event::Data(ask) => {
//!                 session.accept(ask)?;
//!                 session.body().read_to_string(&mut message).await?;
//!             }
//!             Event::Message(ask) => session.accept(ask)?, // from here on it is ours: store it before
//!             other => session.unhandled(other)?,
//!         }
//!     }
//!     Ok::<_, smtp::ServerError>(message)
//! });
//!
//! let (alice, bob): (Mailbox, Mailbox) = ("alice@crepes.example".parse()?, "bob@hamburger.example".parse()?);
//! let mut smtp = smtp::Client::connect(&address, Tls::never()).await?; // over loopback; else Tls::required()
//! let outcome = smtp.send(&Envelope::new(alice, [bob])?, b"Subject: lunch\r\n\r\nAt noon?\r\n").await?;
//! smtp.quit().await?;
//! assert!(outcome.is_complete_success());
//! assert_eq!(inbox.await??, "Subject: lunch\r\n\r\nAt noon?\r\n");
//! # Ok(())
//! # }
//! ```

mod clock;
mod connect;
mod driver;
mod error;
pub mod imap;
mod layers;
mod listener;
mod login;
mod observer;
pub mod pool;
pub mod pop3;
mod session;
pub mod smtp;
pub mod transcript;

pub use connect::{Options, ToAddress};
use connect::{connect, drive};
pub use driver::Driver;
pub use error::Error;
pub use listener::Server;
pub use login::{LoginError, sasl_channel};
pub use mail_sasl as sasl;
pub use mail_tls as tls;
pub use observer::Observer;
pub use session::{Body, Session};
