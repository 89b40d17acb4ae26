//! IMAP4rev1 (RFC 3501), IMAP4rev2 (RFC 9051) and their extensions: the grammar, both ways, and the two machines that speak it.
//!
//! - The codec alone: [`TaggedCommand::parse`] and [`Response::parse`] borrow from the input and say [`Parsed`]: complete, or what is
//!   still missing; an error has the offset. `encode` writes into any [`BufMut`](bytes::BufMut) and says where writing must [`Pause`] for
//!   the server's `+`. All types have owned forms ([`IntoBoundedStatic`]). What this crate does not know is kept as [`Tokens`] and
//!   written back as it came.
//! - The machines: [`Server`] and [`Client`] implement [`mail_wire::Machine`]; how to drive them is said once, in
//!   [the crate `mail-wire`](mail_wire#driving-a-machine).
//!
//! ```
//! use imap_proto::{Command, Data, Parsed, Reading, Response, Spelling, Tag, TaggedCommand};
//!
//! let command = TaggedCommand { tag: Tag::new("A1")?, command: Command::Noop };
//! let mut octets = Vec::new();
//! let pauses = command.encode(Spelling::CLIENT, &mut octets);
//! assert_eq!((octets.as_slice(), pauses.len()), (b"A1 NOOP\r\n".as_slice(), 0));
//!
//! let input = b"* 23 EXISTS\r\n* 1 REC";
//! let Parsed::Complete { value, octets } = Response::parse(input, Reading::STRICT)? else { panic!() };
//! assert_eq!((value, octets), (Response::Untagged(Data::Exists(23)), 13));
//! assert!(matches!(Response::parse(&input[octets..], Reading::STRICT)?, Parsed::Incomplete(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It does not decode what messages consist of (headers, MIME, charsets), search, sort or store anything, nor authenticate anybody: a
//! server asks its application. What servers and clients do wrong and is let through all the same has a name in [`Leniency`].
//!
//! Where is what? Legal octets: the file named after the concept. Legal order: `phase.rs`. How much, how long: `limits.rs`. What needs
//! which capability: `needs.rs`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod acl;
mod address;
mod annotation;
mod annotation_code;
mod annotation_key;
mod append;
mod append_state;
mod auth;
mod body_builder;
mod body_extension;
mod body_parser;
mod body_part;
mod body_structure;
mod cancel_update;
mod capability;
mod capability_names;
mod charset;
mod class;
pub mod client;
mod code;
mod code_names;
mod code_text;
mod command;
mod command_facts;
mod convert;
mod converted;
mod correlator;
mod create;
mod date;
mod decimal;
mod envelope;
mod error;
mod esearch;
mod extension;
mod extension_value;
mod fetch;
mod fetch_attribute;
mod fetch_item;
#[cfg(test)]
mod fetch_trips;
mod filter_name;
mod flag;
mod found;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod in_progress;
mod label;
mod language;
mod leniency;
mod limits;
mod list;
mod list_pattern;
mod listed;
mod loose;
mod mailbox;
mod mailbox_attribute;
mod mailbox_filter;
mod mailbox_status;
mod metadata;
mod mod_sequence_key;
mod multi_search;
pub mod mutf7;
mod namespace;
mod needs;
mod notify;
mod number_set;
mod object_id;
mod octets;
mod one_or_more;
mod outgoing;
mod parse;
mod partial_range;
mod phase;
mod quota;
mod reader;
mod response;
mod return_option;
mod rights;
mod scan;
mod search;
mod search_key;
mod search_program;
mod section;
mod select;
mod sequence;
pub mod server;
mod sort;
mod status;
mod store;
mod thread;
mod threads;
mod tokens;
mod transfer;
#[cfg(test)]
mod trips;
mod uid_batches;
mod url_auth;
mod url_mechanism;
mod vanished;
mod writer;

pub use address::{Address, AddressGroup, AddressKind};
pub use annotation::{Annotation, AnnotationAttribute, AnnotationQuery, Annotations};
pub use annotation_key::{AnnotationScope, AnnotationSearch, AnnotationSort, AnnotationValue};

pub use acl::{Acl, AclEntry, AclIdentifier, ListRights, MyRights, RightsChange, SetAcl};
pub use annotation_code::{AnnotationSupport, PrivateAnnotations};
pub use append::{Append, AppendData, AppendExtension, AppendMessage, CatenatePart, Replace};
pub use auth::{Authenticate, Credential, Login, SaslResponse};
pub use body_builder::BodyStructureBuilder;
pub use body_extension::{BodyExtension, Disposition, Parameter};
pub use body_part::{BodyKind, BodyPart};
pub use body_structure::{BodyNode, BodyStructure};
pub use bounded_static::{IntoBoundedStatic, ToBoundedStatic};
pub use cancel_update::CancelUpdate;
pub use capability::Capability;
pub use capability_names::AppendLimit;
pub use charset::Charset;
pub use client::Client;
pub use code::Code;
pub use code_text::{CodeText, CodeUrl, LooseCode};
pub use command::{Command, TaggedCommand};
pub use convert::{Conversion, Conversions, Convert, ConvertAttribute, TranscodingParameter};
pub use converted::{ConvertError, ConvertErrorCode, Converted, ConvertedItem, ConvertedKind};
pub use correlator::Correlator;
pub use create::{Create, CreateParameter, Rename};
pub use date::{Date, DateTime};
pub use envelope::{AddressField, Envelope};
pub use error::{InvalidValue, SyntaxError};
pub use esearch::{Esearch, ResultUpdate, Score, SearchItem};
pub use extension::Extension;
pub use extension_value::ExtensionValue;
pub use fetch::{Fetch, FetchCommand, FetchModifier, FetchSelection};
pub use fetch_attribute::{Access, FetchAttribute, PreviewModifier};
pub use fetch_item::FetchItem;
pub use filter_name::FilterName;
pub use flag::{Flag, OddFlag};
pub use found::Found;
pub use id::Id;
pub use in_progress::{InProgress, Progress};
pub use label::GmailLabel;
pub use language::Comparators;
pub use leniency::{Leniency, Reading};
pub use limits::{ClientLimits, ClientTimeouts, ServerLimits, ServerTimeouts};
pub use list::{List, ListPatterns, ListReturn, ListSelection, ListSelections, PlainList};
pub use list_pattern::{Delimiter, ListPattern};
pub use listed::{ListedExtension, ListedMailbox};
pub use mailbox::{Mailbox, MailboxName};
pub use mailbox_attribute::{MailboxAttribute, SpecialUse};
pub use mailbox_filter::MailboxFilter;
pub use mailbox_status::{MailboxStatus, StatusItem, StatusQuery, StatusValue};
pub use metadata::{
    GetMetadata, Metadata, MetadataContent, MetadataDepth, MetadataEntry, MetadataOption, MetadataValue, SetMetadata,
};
pub use mod_sequence_key::{EntryScope, ModSequenceEntry, ModSequenceSearch};
pub use multi_search::{MultiSearch, SearchSource, SearchSources};
pub use namespace::{Namespace, NamespaceExtension, Namespaces};
pub use notify::{EventGroup, InitialStatus, Notify, NotifyEvent, NotifyFault, NotifyMailboxes, NotifySet};
pub use number_set::{NumberRange, NumberSet};
pub use object_id::ObjectId;
pub use octets::{AString, Atom, Octets, Payload, Tag, Text};
pub use one_or_more::OneOrMore;
pub use parse::{Need, Parsed};
pub use partial_range::PartialRange;
pub use phase::{Kind, OutOfSequence, Phase, Transition};
pub use quota::{Quota, QuotaResource, QuotaRoots, QuotaUsage, SetQuota};
pub use response::{Continuation, Data, Response};
pub use return_option::ReturnOption;
pub use rights::{Right, Rights};
pub use search::Search;
pub use search_key::SearchKey;
pub use search_program::{Matching, SearchNode, SearchProgram};
pub use section::{PartPath, Partial, Section};
pub use select::{QResync, Select, SelectParameter, SequenceMatch};
pub use sequence::{Numbering, SequenceNumber, SequenceRange, SequenceSet};
pub use server::{Enabled, Server};
pub use sort::{Sort, SortCriterion, SortDirection, SortKey};
pub use status::{Condition, Status};
pub use store::{Store, StoreAction, StoreChange, StoreEcho};
pub use thread::{Thread, ThreadAlgorithm};
pub use threads::{ThreadMessage, Threads};
pub use tokens::{Token, Tokens};
pub use transfer::Transfer;
pub use uid_batches::{BatchRange, UidBatchRanges, UidBatches};
pub use url_auth::{FetchedUrl, ResetKey, UrlItem, UrlParameter, UrlQuery, UrlRump};
pub use url_mechanism::{UrlKey, UrlMechanism};
pub use vanished::{Vanished, VanishedSince};
pub use writer::{Literals, Pause, Spelling, Until};
