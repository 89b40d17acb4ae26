//! SMTP (RFC 5321): the grammar and the sans-IO machines of client and server.
//!
//! - The codec alone: [`Command::parse`], [`Reply::parse`] and what they are made of ([`Mailbox`], [`ReversePath`],
//!   [`ForwardPath`], [`Domain`], [`EnhancedCode`], …). Each wire value is a type with one checked door, so that nothing
//!   that is written can hold a second command.
//! - The machines: [`Server`] and [`Client`] implement [`mail_wire::Machine`]; how to drive them is said once, in
//!   [the crate `mail-wire`](mail_wire#driving-a-machine).
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
