//! SMTP, POP3 and IMAP over blocking sockets.
//!
//! [`Driver`] is the one loop that moves octets between any [`Machine`](mail_wire::Machine) and any [`Transport`];
//! [`Session`] is the application's side of it. What a protocol adds is in its module.

mod clock;
mod driver;
mod error;
pub mod imap;
mod layers;
mod listener;
pub mod pop3;
mod session;
pub mod smtp;
mod transport;

pub use driver::Driver;
pub use error::Error;
pub use listener::Server;
pub use session::{Body, Session};
pub use transport::{Interest, Ready, Tcp, Transport};
