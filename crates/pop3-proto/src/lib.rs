//! POP3 (RFC 1939): the grammar and the sans-IO machines of client and server, with the extensions of RFC 2449 (CAPA,
//! PIPELINING, RESP-CODES, EXPIRE, LOGIN-DELAY, IMPLEMENTATION), RFC 3206 (AUTH-RESP-CODE), RFC 2595 (STLS), RFC 5034
//! (AUTH with SASL) and RFC 6856 (UTF8, LANG).
//!
//! - [`Server`] and [`Client`] are [`Machine`](mail_wire::Machine)s: octets in, events and octets out. Their modules,
//!   [`server`] and [`client`], say in which order they are called.
//! - [`Command`], [`Response`], [`Greeting`], [`Capability`] and the listings are the grammar, of use without a machine.
//! - [`Phase`] says what is allowed when.
//! - [`ServerLimits`] and [`ClientLimits`] say how much.
//!
//! No value that these types hold can make a second line: NUL, CR and LF are refused where a value is made.
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
