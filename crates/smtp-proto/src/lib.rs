//! SMTP (RFC 5321): the grammar and the sans-IO machines of client and server. LMTP (RFC 2033), too.
//!
//! What it does not do: it opens no connection, reads no clock and has no TLS; it looks up no MX, queues and tries nothing again; it does not
//! read messages but for where they end; and it decides nothing: who may send what to whom is the application's to say.
//!
//! - The codec alone: [`Command::parse`], [`Reply::parse`] and what they are made of ([`Mailbox`], [`ReversePath`],
//!   [`ForwardPath`], [`Domain`], [`EnhancedCode`], …). Each wire value is a type with one checked door, so that nothing
//!   that is written can hold a second command.
//! - The machines: [`Server`] and [`Client`] implement [`mail_wire::Machine`]. What they tell and ask, and in which order, is in [`server`]
//!   and [`client`].
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
//! use mail_wire::{Machine, Step, Upload};
//! use smtp_proto::Mailbox;
//! use smtp_proto::client::{Config, Envelope, Event};
//!
//! let (alice, bob): (Mailbox, Mailbox) = ("alice@crepes.example".parse()?, "bob@hamburger.example".parse()?);
//! let mut envelope = Some(Envelope::new(alice, [bob])?);
//! let mut smtp = smtp_proto::Client::new(Config::new("crepes.example".parse()?));
//! smtp.receive(b"220 mx ready\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n");
//! loop {
//!     match smtp.poll()? {
//!         Step::Event(Event::Greeting(_)) => smtp.hello()?,
//!         Step::Event(Event::Hello(_)) => smtp.transaction(envelope.take().expect("once"))?,
//!         Step::Event(event) => println!("{event:?}"), // client::Outcome knows what they mean for each recipient
//!         Step::NeedBody => {
//!             smtp.begin_body(None)?;
//!             smtp.write_body(b"Subject: lunch\r\n\r\nAt noon?\r\n")?;
//!             smtp.finish_body()?;
//!         }
//!         Step::NeedAnswer => smtp.quit()?,
//!         Step::Closed => break,
//!         _ => unreachable!("all of the server's replies are there"),
//!     }
//!     smtp.transmitted(usize::MAX); // what `transmit` holds went to the socket
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A server
//!
//! ```
//! use mail_wire::{Machine, Step};
//! use smtp_proto::server::{Config, Event};
//!
//! let config = Config::new("mx.hamburger.example".parse()?);
//! let mut smtp = smtp_proto::Server::new(std::sync::Arc::new(config));
//! smtp.receive(b"EHLO crepes.example\r\nMAIL FROM:<alice@crepes.example>\r\nQUIT\r\n");
//! loop {
//!     match smtp.poll()? {
//!         Step::Event(Event::Mail(ask, mail)) => {
//!             println!("{} wants to send", mail.reverse_path());
//!             smtp.unhandled(Event::Mail(ask, mail))?; // each question has an answer that does no harm: a refusal
//!         }
//!         Step::Event(other) => smtp.unhandled(other)?,
//!         Step::NeedFlush => smtp.transmitted(usize::MAX),
//!         Step::Closed => break,
//!         _ => unreachable!("the client has said all"),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # More than RFC 5321
//!
//! Spoken beyond RFC 5321 by both: PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), ENHANCEDSTATUSCODES
//! (RFC 2034). What a server offers more, and each only when it is told to, is in [`server::Offers`]; what a server was
//! found to offer is in [`Capabilities`], with a getter for each extension; the parameters that extensions add to MAIL and
//! RCPT have types, and go into a [`ParameterList`] and out of [`MailFrom`] and [`RcptTo`].
//!
//! Where is what? Legal octets: the file named after the concept. Legal order: `phase.rs`. How much: `limits.rs`. What
//! is answered to a fault: `error.rs`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod argument;
mod attributes;
mod auth;
mod capabilities;
mod chunk;
pub mod client;
mod command;
mod condition;
mod domain;
mod enhanced_code;
mod envelope;
mod error;
mod extension;
#[doc(hidden)]
pub mod fuzzing;
mod inquiry;
mod leniency;
mod limits;
mod mailbox;
mod parameter;
mod path;
pub mod phase;
mod refusal;
mod reply;
mod scan;
pub mod server;
mod text;
mod turn;
mod verb;
mod xtext;

pub use argument::{Argument, ClientName};
pub use attributes::{AttributeValue, Attributes};
pub use auth::Auth;
pub use capabilities::{BurlOffer, Capabilities, DeliverByOffer, FutureReleaseOffer, LimitsOffer};
pub use chunk::{AbsoluteUri, Bdat, Burl};
pub use client::Client;
pub use command::Command;
pub use condition::Condition;
pub use domain::{AddressLiteral, Domain, GeneralLiteral, Host};
pub use enhanced_code::EnhancedCode;
pub use envelope::{MailFrom, RcptTo};
pub use error::{CommandError, Expected, Limit, SyntaxError};
pub use extension::EhloLine;
pub use inquiry::Inquiry;
pub use leniency::Leniency;
pub use limits::{CLIENT_TIMEOUTS, SERVER_TIMEOUTS};
pub use mailbox::Mailbox;
pub use parameter::{
    BodyType, DeliverBy, EnvelopeId, Hold, Keyword, Notify, OriginalRecipient, Parameter, ParameterList, Parameters,
    Priority, Ret, Solicitation, Submitter, Timestamp, TooLate, ValidSince, WhenUnsupported,
};
pub use path::{ForwardPath, ReversePath};
pub use refusal::Refusal;
pub use reply::{Class, Reply, ReplyCode};
pub use server::Server;
pub use text::ReplyText;
pub use turn::{Atrn, Etrn, Queue};
pub use verb::Verb;
