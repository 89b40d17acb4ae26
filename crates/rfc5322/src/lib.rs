//! Internet message header fields (RFC 5322): addresses, dates, identifiers, trace fields, and writers that cannot be
//! injected.
//!
//! What it does not do: it decodes no charsets, encoded words, MIME or bodies, which is `mime-codec`'s; it looks up no domain and sends
//! nothing; and it does not say which fields a message must have.
//!
//! Sans-IO and `no_std`: octets in, values out, and back. No function here panics, recurses or takes more than linear
//! time, whatever octets it is given; what is written are lines of at most 998 octets that end in CRLF, in ASCII unless
//! UTF-8 is asked for.
//!
//! - [`Fields`] reads the header section of a message in memory, [`HeaderScanner`] of one that streams in;
//! - [`AddressList`], [`DateTime`], [`MsgIdList`], [`Keywords`], [`ListUrls`], [`ListId`], [`ReceivedClauses`] and
//!   [`parse_return_path`] read what stands in fields; names are [`Phrase`]s, undecoded;
//! - [`AddrSpec`], [`MsgId`], [`Host`], [`Atom`] are what can be written, and [`CheckedAddress`] tells what is an address;
//! - [`Field`], [`FieldWriter`] and [`AddressListWriter`] write any field, [`Received`], [`return_path`] and
//!   [`delivered_to`] the trace fields;
//! - [`LoopGuard`] tells whether a message goes in circles.
//!
//! Mail comes from everywhere, so `parse` reads what real mail holds and keeps what is wrong with it as [`Defect`]s with
//! their offsets; `parse_strict` is the same parser and refuses the first of them. Parsers take a value as it is folded,
//! so that offsets are those of the message.
//!
//! What a program does that answers a message:
//!
//! ```
//! use rfc5322::{AddressList, AddressListWriter, Field, FieldName, Fields, MsgIdList};
//!
//! let message = b"From: Alice <alice@crepes.fr>\r\nMessage-ID: <1.spoon@crepes.fr>\r\n\r\nDo you like ketchup?\r\n";
//! let value = |name| Fields::new(message).flatten().find(|field| field.is(name)).map(|field| field.value);
//!
//! let from = AddressList::parse(value(&FieldName::FROM).unwrap());
//! let mut to = AddressListWriter::new(&FieldName::TO);
//! to.mailbox("", &from.first().unwrap().addr_spec()?)?;
//! assert_eq!(to.finish().as_str(), "To: alice@crepes.fr\r\n");
//!
//! let ids = MsgIdList::parse(value(&FieldName::MESSAGE_ID).unwrap());
//! let answered = ids.first().unwrap().msg_id()?;
//! let field = Field::msg_ids(&FieldName::IN_REPLY_TO, [&answered]);
//! assert_eq!(field.as_str(), "In-Reply-To: <1.spoon@crepes.fr>\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What a server does to a message that it delivers:
//!
//! ```
//! use rfc5322::{AddrSpec, DateTime, Host, LocalPartCase, LoopGuard, Protocol, Received, Source, Zone};
//! use rfc5322::{delivered_to, return_path};
//!
//! let message = b"Subject: ketchup\r\n\r\nDo you like it?\r\n";
//! let alice = AddrSpec::parse(b"alice@crepes.fr")?;
//! let bob = AddrSpec::parse(b"bob@hamburger.edu")?;
//! assert!(LoopGuard::of(message).check_delivery(&bob, LocalPartCase::Insensitive).is_ok());
//!
//! let now = DateTime::from_unix(1_057_049_557, Zone::UTC)?;
//! let from = Source::tcp(Host::new("crepes.fr")?, [192, 0, 2, 7].into());
//! let received = Received::new(from, Host::new("hamburger.edu")?, now)
//!     .with(Protocol::Esmtp)
//!     .recipient(bob.clone());
//! let delivered = [
//!     return_path(Some(&alice)).as_bytes(),
//!     delivered_to(&bob).as_bytes(),
//!     received.to_field().as_bytes(),
//!     message,
//! ]
//! .concat();
//! assert_eq!(
//!     String::from_utf8_lossy(&delivered),
//!     "Return-Path: <alice@crepes.fr>\r\n\
//!      Delivered-To: bob@hamburger.edu\r\n\
//!      Received: from crepes.fr ([192.0.2.7]) by hamburger.edu with ESMTP\r\n \
//!      for <bob@hamburger.edu>; Tue, 01 Jul 2003 08:52:37 +0000\r\n\
//!      Subject: ketchup\r\n\r\nDo you like it?\r\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod addr_spec;
mod address;
mod address_judge;
mod address_lexis;
mod address_list;
mod address_parser;
mod address_writer;
mod angle;
mod atom;
mod calendar;
mod checked_address;
mod comments;
mod cursor;
mod date;
mod date_lenient;
mod defect;
mod error;
mod field;
mod field_values;
mod fields;
#[doc(hidden)]
pub mod fuzzing;
mod host;
#[cfg(feature = "idna")]
mod idna;
mod keywords;
mod lexis;
mod list_fields;
mod loop_guard;
mod msg_id;
mod msg_id_list;
mod phrase;
mod protocol;
mod received;
mod received_clauses;
mod scanner;
mod trace;
mod zone;

pub use addr_spec::{AddrSpec, LocalPartCase};
pub use address::{Address, Group, Mailbox};
pub use address_list::{AddressList, Addresses, Mailboxes};
pub use address_writer::{AddressListWriter, Text};
pub use atom::Atom;
pub use calendar::Weekday;
pub use checked_address::CheckedAddress;
pub use comments::{CommentText, Comments};
pub use date::{DateError, DateTime, Rfc3339};
pub use defect::{Defect, DefectKind};
pub use error::{Expected, SyntaxError};
pub use field::{Field, FieldError, FieldName, FieldWriter};
pub use fields::{FieldSplit, Fields, HeaderEnd, Malformed, RawField, unfold};
pub use host::Host;
#[cfg(feature = "idna")]
pub use idna::IdnaError;
pub use keywords::Keywords;
pub use list_fields::{ListId, ListUrls, RawUrl};
pub use loop_guard::{LoopGuard, MailLoop};
pub use msg_id::MsgId;
pub use msg_id_list::{MsgIdList, RawMsgId};
pub use phrase::{Phrase, Word, WordKind, Words};
pub use protocol::Protocol;
pub use received::{Comment, Id, Received, Source};
pub use received_clauses::{Clause, ReceivedClauses};
pub use scanner::{HeaderScanner, Scan};
pub use trace::{delivered_to, parse_return_path, return_path};
pub use zone::Zone;

/// The most octets that an [`Atom`], a [`MsgId`] or an [`AddrSpec`] may have: 900, so that one fits on a line of 998
/// (RFC 5322 §2.1.1) with whatever stands beside it, and writing it cannot fail.
pub const MAX_TOKEN: usize = 900;
