//! POP3 (RFC 1939): the grammar and the sans-IO machines of client and server, with the extensions of RFC 2449 (CAPA,
//! PIPELINING, RESP-CODES, EXPIRE, LOGIN-DELAY, IMPLEMENTATION), RFC 3206 (AUTH-RESP-CODE), RFC 2595 (STLS), RFC 5034
//! (AUTH with SASL) and RFC 6856 (UTF8, LANG).
//!
//! What it does not do: it opens no connection, reads no clock and has no TLS; it keeps no messages and reads none but for where they end; it
//! knows no users, and of SASL only the frames: mechanisms are `mail-sasl`'s.
//!
//! - [`Server`] and [`Client`] are [`Machine`](mail_wire::Machine)s: octets in, events and octets out. Their modules,
//!   [`server`] and [`client`], say in which order they are called.
//! - [`Command`], [`Response`], [`Greeting`], [`Capability`] and the listings are the grammar, of use without a machine.
//! - [`Phase`] says what is allowed when.
//! - [`ServerLimits`] and [`ClientLimits`] say how much.
//!
//! No value that these types hold can make a second line: NUL, CR and LF are refused where a value is made.
//!
//! # The loop
//!
//! Both machines are driven alike; [the crate `mail-wire`](mail_wire#driving-a-machine) has the whole of it.
//!
//! 1. [`poll`](mail_wire::Machine::poll), until it says [`NeedInput`](mail_wire::Step::NeedInput), and act on each step: tell the application
//!    of an event, give it the body, ask it for one.
//! 2. Write what [`transmit`](mail_wire::Machine::transmit) holds, and read into [`space`](mail_wire::Machine::space), whichever the socket can;
//!    if the [`timer`](mail_wire::Machine::timer) is up first, [`expire`](mail_wire::Machine::expire).
//! 3. On [`Closed`](mail_wire::Step::Closed) or an error write what is left, and close. Else back to 1.
//!
//! `mail-blocking` and `mail-tokio` do this over sockets, with TLS. In the examples [`receive`](mail_wire::Machine::receive) stands for what
//! came from one.
//!
//! # A client
//!
//! ```
//! use mail_wire::{Machine, Step};
//! use pop3_proto::client::{Config, Event, Security};
//! use pop3_proto::{MessageNumber, Name, Password};
//!
//! let mut config = Config::default();
//! config.security = Security::Secured; // the connection was made with TLS
//! let mut pop3 = pop3_proto::Client::new(config);
//! pop3.login(Name::new("bob")?, Password::new("hungry".into())?)?; // commands may be given before the greeting
//! pop3.retrieve(MessageNumber::new(1).expect("not zero"))?;
//! pop3.quit()?;
//! pop3.receive(b"+OK ready\r\n+OK\r\n+OK\r\n+OK 27 octets\r\nSubject: lunch\r\n\r\nAt noon?\r\n.\r\n+OK bye\r\n");
//! let mut message = Vec::new();
//! loop {
//!     match pop3.poll()? {
//!         Step::Event(event) => println!("{event:?}"),
//!         Step::Body => {
//!             message.extend_from_slice(pop3.body());
//!             pop3.consume(usize::MAX);
//!         }
//!         Step::BodyEnd | Step::BodyAborted => pop3.close_body(),
//!         Step::Closed => break,
//!         _ => pop3.transmitted(usize::MAX), // what `transmit` holds went to the socket
//!     }
//! }
//! assert_eq!(message, b"Subject: lunch\r\n\r\nAt noon?\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A server
//!
//! ```
//! use mail_wire::{Answers, Machine, Step, Upload};
//! use pop3_proto::UniqueId;
//! use pop3_proto::server::{Event, Maildrop, Security};
//!
//! let message = b"Subject: lunch\r\n\r\nAt noon?\r\n";
//! let mut pop3 = pop3_proto::Server::new(Default::default(), Security::Secured);
//! pop3.receive(b"USER bob\r\nPASS hungry\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n");
//! loop {
//!     match pop3.poll()? {
//!         Step::Event(Event::Login(ask, who)) if who.verify(&"hungry".into()) => {
//!             let mut maildrop = Maildrop::new();
//!             maildrop.push(message.len() as u64, &UniqueId::new("a1")?);
//!             pop3.answer(ask, Ok(maildrop))?;
//!         }
//!         Step::Event(Event::Retrieve(ask, _)) => pop3.answer(ask, Ok(()))?,
//!         Step::NeedBody => {
//!             pop3.begin_body(None)?;
//!             pop3.write_body(message)?;
//!             pop3.finish_body()?;
//!         }
//!         Step::Event(Event::Update(ask, deleted)) => {
//!             assert_eq!(deleted.len(), 1); // now they are removed, and at no other time
//!             pop3.answer(ask, Ok(()))?;
//!         }
//!         Step::Event(other) => pop3.unhandled(other)?,
//!         Step::Closed => break,
//!         _ => pop3.transmitted(usize::MAX),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod apop;
mod auth;
mod capabilities;
mod capability;
pub mod client;
mod command;
mod encoding;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod greeting;
mod keyword;
mod language;
mod limits;
mod listing;
mod name;
mod number;
mod phase;
mod response;
pub mod server;
mod text;
mod unique_id;

pub use auth::Authenticate;
pub use capabilities::Capabilities;
pub use capability::{Capability, Expire, LoginDelay, RawCapability, Retention, Scope};
pub use client::Client;
pub use command::Command;
pub use encoding::{Encoding, Utf8};
pub use error::{Expected, OutOfSequence, SyntaxError};
pub use greeting::Greeting;
pub use keyword::Keyword;
pub use language::{LanguageListing, LanguageRange, LanguageTag};
pub use limits::{ClientLimits, ClientTimeouts, ServerLimits, ServerTimeouts};
pub use listing::{DropListing, ScanListing, UniqueIdListing};
pub use name::{Name, Password};
pub use number::MessageNumber;
pub use phase::{Phase, Transition};
pub use response::{Meaning, Response, ResponseCode, Status};
pub use server::Server;
pub use text::Text;
pub use unique_id::UniqueId;
