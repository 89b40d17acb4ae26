//! Internet messages and MIME (RFC 5322, RFC 2045 to 2049): parse, decode and compose, borrowed or streaming.
//!
//! What it does not do: it opens no file and no connection, shows no HTML, guesses no charset, checks no signature, and decrypts
//! nothing. What stands in header fields in plain syntax is [`rfc5322`]'s, which is here, too.
//!
//! - [`Message::parse`] takes a message in memory apart into [`Part`]s and [`Header`]s, and decodes what is asked for;
//!   [`StreamParser`] does it for a message of any size, in bounded memory. Both see the same.
//! - Nothing is refused unless one asks for it: what breaks the rules is repaired and told as a [`Defect`] with its offset
//!   ([`Message::check`]); [`Message::parse_strict`] refuses a message that has one.
//! - [`compose`] makes messages for any transport, and changes messages that exist.
//! - [`transfer`], [`Charset`], [`decode_text`], [`ContentType`] and their like are the codecs, each usable by itself.
//! - [`report`], [`flowed`], [`partial`], [`tnef`], [`mbox`] and [`maildir`] are the formats around messages.
//!
//! ```
//! use mime_codec::Message;
//! use mime_codec::compose::{Composer, Transport};
//!
//! let octets = Composer::new()
//!     .from(("Alice", "alice@crepes.fr"))
//!     .to("bob@hamburger.edu")
//!     .subject("Crêpes")
//!     .text("Do you like them?\n")
//!     .attach("menu.pdf", ("application", "pdf"), &b"%PDF"[..])?
//!     .to_vec(Transport::SEVEN_BIT)?;
//!
//! let message = Message::parse(&octets);
//! println!("{}", message.outline());
//! assert_eq!(message.subject().as_deref(), Some("Crêpes"));
//! for part in message.attachments() {
//!     assert_eq!((part.safe_file_name().as_str(), &*part.decode()), ("menu.pdf", &b"%PDF"[..]));
//! }
//! # Ok::<(), mime_codec::compose::ComposeError>(())
//! ```
//!
//! Every function is total: no octets make it panic, recurse, or take more than linear time; what is held is bounded by the input and
//! by [`Limits`].

mod base_subject;
mod charset;
pub mod compose;
mod content_disposition;
mod content_type;
mod controls;
mod defect;
mod display_name;
mod encoded_word;
mod entity;
mod faults;
mod file_name;
pub mod flowed;
#[doc(hidden)]
pub mod fuzzing;
mod lexer;
mod limits;
pub mod maildir;
pub mod mbox;
mod message;
mod parameters;
pub mod partial;
pub mod report;
mod sink;
mod stream;
mod text;
pub mod tnef;
pub mod transfer;

pub use base_subject::{BaseSubject, base_subject};
pub use charset::{Charset, CharsetDecoder, DecodedText};
pub use content_disposition::ContentDisposition;
pub use content_type::ContentType;
pub use defect::{Defect, DefectKind};
pub use display_name::display_name;
pub use file_name::safe_file_name;
pub use limits::Limits;
pub use message::{Attachments, Header, Message, Octets, Outline, Part, Parts};
pub use parameters::{Parameter, ParameterError, Parameters};
pub use rfc5322;
pub use stream::{Bodies, Content, Event, StreamParser};
pub use text::{Text, decode_phrase, decode_text, encode_phrase, encode_text};
pub use transfer::TransferEncoding;
