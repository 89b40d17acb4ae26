//! IMAP4rev1 (RFC 3501), IMAP4rev2 (RFC 9051) and their extensions: the grammar, both ways.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod address;
mod annotation;
mod auth;
mod body_builder;
mod body_extension;
mod body_parser;
mod body_part;
mod body_structure;
mod capability;
mod class;
mod code;
mod command;
mod convert;
mod converted;
mod date;
mod envelope;
mod error;
mod extension;
mod fetch;
mod fetch_attribute;
mod fetch_item;
#[cfg(test)]
mod fetch_trips;
mod flag;
mod frame;
mod label;
mod leniency;
mod loose;
mod mailbox;
pub mod mutf7;
mod object_id;
mod octets;
mod one_or_more;
mod parse;
mod partial_range;
mod reader;
mod response;
mod section;
mod sequence;
mod status;
mod store;
mod tokens;
#[cfg(test)]
mod trips;
mod writer;

pub use address::{Address, AddressGroup, AddressKind};
pub use annotation::{Annotation, AnnotationAttribute, AnnotationQuery, Annotations};
pub use auth::{Authenticate, Credential, Login, SaslResponse};
pub use body_builder::BodyStructureBuilder;
pub use body_extension::{BodyExtension, Disposition, Parameter};
pub use body_part::{BodyKind, BodyPart};
pub use body_structure::{BodyNode, BodyStructure};
pub use bounded_static::{IntoBoundedStatic, ToBoundedStatic};
pub use capability::Capability;
pub use code::Code;
pub use command::{Command, TaggedCommand};
pub use convert::{Conversion, Conversions, Convert, ConvertAttribute, TranscodingParameter};
pub use converted::{ConvertError, ConvertErrorCode, Converted, ConvertedItem, ConvertedKind};
pub use date::{Date, DateTime};
pub use envelope::{AddressField, Envelope};
pub use error::{InvalidValue, SyntaxError};
pub use extension::Extension;
pub use fetch::{Fetch, FetchCommand, FetchModifier, FetchSelection};
pub use fetch_attribute::{Access, FetchAttribute, PreviewModifier};
pub use fetch_item::FetchItem;
pub use flag::{Flag, OddFlag};
pub use label::GmailLabel;
pub use leniency::{Leniency, Reading};
pub use mailbox::{Mailbox, MailboxName};
pub use object_id::ObjectId;
pub use octets::{AString, Atom, Octets, Payload, Tag, Text};
pub use one_or_more::OneOrMore;
pub use parse::{Need, Parsed};
pub use partial_range::PartialRange;
pub use response::{Continuation, Data, Response};
pub use section::{PartPath, Partial, Section};
pub use sequence::{Numbering, SequenceNumber, SequenceRange, SequenceSet};
pub use status::{Condition, Status};
pub use store::{Store, StoreAction, StoreChange, StoreEcho};
pub use tokens::{Token, Tokens};
pub use writer::{Literals, Pause, Spelling, Until};
