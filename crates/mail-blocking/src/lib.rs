//! SMTP, POP3 and IMAP over blocking sockets.
//!
//! What it does not do: it keeps no mail and no users, looks up no MX, and begins no thread (a server's loop is the caller's).
//!
//! [`Driver`] is the one loop that moves octets between any [`Machine`](mail_wire::Machine) and any [`Transport`];
//! [`Session`] is the application's side of it. What a protocol adds is in its module. [`tls`] says how connections are
//! protected.
//!
//! 1. A client: `connect` with a policy for TLS, then the methods of [`smtp::Client`], [`pop3::Client`] or [`imap::Client`].
//! 2. A server: [`Server`]`::bind`, [`accept`](Server::accept), and for each session [`next`](Session::next): it gives the next event, or `None` at the end.
//! 3. Each question of an event is answered: [`accept`](Session::accept), [`accept_with`](Session::accept_with), [`refuse`](Session::refuse), or
//!    [`unhandled`](Session::unhandled), which does no harm.
//! 4. A message that comes is read from [`body`](Session::body) as any [`Read`](std::io::Read), and one that goes is
//!    [sent](Session::send_body) from one.
//!
//! A server and a client of it:
//!
//! ```
//! use std::io::Read;
//! use mail_blocking::{smtp, tls::Tls};
//! use smtp_proto::{Mailbox, client::Envelope, server::{Config, Event}};
//!
//! let server = smtp::Server::bind("127.0.0.1:0", Config::new("localhost".parse()?))?;
//! let address = server.local_addr()?.to_string();
//! let inbox = std::thread::spawn(move || -> Result<String, smtp::ServerError> {
//!     let (mut session, _) = server.accept()?;
//!     let mut message = String::new();
//!     while let Some(event) = session.next()? {
//!         match event {
//!             Event::Mail(ask, _) => session.accept(ask)?,
//!             Event::Recipient(ask, _) => session.accept(ask)?,
//!             Event::Data(ask) => {
//!                 session.accept(ask)?;
//!                 session.body().read_to_string(&mut message)?;
//!             }
//!             Event::Message(ask) => session.accept(ask)?, // from here on it is ours: store it before
//!             other => session.unhandled(other)?,
//!         }
//!     }
//!     Ok(message)
//! });
//!
//! let (alice, bob): (Mailbox, Mailbox) = ("alice@crepes.example".parse()?, "bob@hamburger.example".parse()?);
//! let mut smtp = smtp::Client::connect(&address, Tls::never())?; // over loopback; else Tls::required()
//! let outcome = smtp.send(&Envelope::new(alice, [bob])?, b"Subject: lunch\r\n\r\nAt noon?\r\n")?;
//! smtp.quit()?;
//! assert!(outcome.is_complete_success());
//! assert_eq!(inbox.join().unwrap()?, "Subject: lunch\r\n\r\nAt noon?\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod connect;
mod driver;
mod error;
pub mod imap;
mod layers;
mod listener;
mod login;
pub mod pool;
pub mod pop3;
mod session;
pub mod smtp;
mod transport;

use connect::drive;
pub use connect::{Options, ToAddress};
pub use driver::Driver;
pub use error::Error;
pub use listener::Server;
pub use login::{LoginError, sasl_channel};
pub use mail_sasl as sasl;
pub use mail_tls as tls;
pub use session::{Body, Session};
pub use transport::{Interest, Ready, Tcp, Transport};
