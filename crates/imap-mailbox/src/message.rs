//! What FETCH tells of a message.
//!
//! A store makes a [`Summary`] of each message when it arrives, out of the octets as they stream in, and keeps it beside the message.
//! From then on ENVELOPE, BODYSTRUCTURE, RFC822.SIZE, BINARY.SIZE and PREVIEW are answered from the summary, and of BODY\[…\] and BINARY\[…\]
//! no more of the message is read than is sent.
//!
//! ```
//! use imap_mailbox::message::{Rendered, Summary, SummaryBuilder};
//! use imap_proto::{Access, FetchAttribute, Section};
//!
//! // When the message arrives:
//! let message = b"From: Ann <ann@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
//!     --b\r\n\r\nLunch?\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--\r\n";
//! let mut builder = SummaryBuilder::new();
//! message.chunks(16).for_each(|piece| builder.push(piece));
//! let kept = builder.finish().to_bytes();
//!
//! // When a client asks:
//! let summary = Summary::from_bytes(&kept)?;
//! let asked = FetchAttribute::BodySection { section: Section::Part("1".parse()?), partial: None, access: Access::Peek };
//! let Some(Rendered::Octets(mut item)) = summary.render(&asked)? else { panic!() };
//! assert_eq!(item.reader().measure(&mut &message[..])?, 6);
//! let announced = item.item().unwrap(); // to be sent first
//! let mut octets = Vec::new();
//! item.reader().read_to_end(&mut &message[..], &mut octets)?;
//! assert_eq!(octets, b"Lunch?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod envelope;
mod facts;
mod filter;
mod kept_header;
mod locate;
mod pieces;
mod preview;
mod record;
mod render;
mod row;
mod section;
mod source;
mod stored;
mod structure;
mod summary;
mod surrogate;
mod tally;

pub use builder::SummaryBuilder;
pub use kept_header::{KeptField, KeptHeader};
pub use locate::UnknownEncoding;
pub use render::{Audience, ItemReader, Rendered, marks_seen};
pub use section::{MessageChanged, SectionReader, SectionStep};
pub use source::{ReadError, Source};
pub use stored::SummaryDamage;
pub use summary::Summary;
