//! SMTP, POP3 and IMAP over tokio.
//!
//! [`Driver`] is the one loop that moves octets between any [`Machine`](mail_wire::Machine) and any transport;
//! [`Session`] is the application's side of it. What a protocol adds is in its module. [`tls`] says how connections are
//! protected.

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
