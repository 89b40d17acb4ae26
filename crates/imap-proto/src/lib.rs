//! IMAP4rev1 (RFC 3501), IMAP4rev2 (RFC 9051) and their extensions: the grammar, both ways, and the two machines that speak it.
//!
//! What it does not do: it opens no connection, reads no clock and has no TLS. It does not decode what messages consist of (headers, MIME,
//! charsets), search, sort or store anything, nor authenticate anybody: a server asks its application, which may compute with `imap-mailbox`.
//!
//! - The codec alone: [`TaggedCommand::parse`] and [`Response::parse`] borrow from the input and say [`Parsed`]: complete, or what is
//!   still missing; an error has the offset. `encode` writes into any [`BufMut`](bytes::BufMut) and says where writing must [`Pause`] for
//!   the server's `+`. All types have owned forms ([`IntoBoundedStatic`]). What this crate does not know is kept as [`Tokens`] and
//!   written back as it came.
//! - The machines: [`Server`] and [`Client`] implement [`mail_wire::Machine`]. What they tell and ask, and in which order, is in [`server`]
//!   and [`client`].
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
//! What servers and clients do wrong and is let through all the same has a name in [`Leniency`].
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
//! use imap_proto::client::{Config, Event, Security};
//! use imap_proto::{Command, Credential, Data, Login};
//! use mail_wire::{Machine, Step};
//!
//! // The connection was made with TLS.
//! let mut imap = imap_proto::Client::new(Config { security: Security::Secured, ..Config::default() });
//! let login = Login { user: "bob".try_into()?, password: Credential::password("hungry".into())? };
//! for command in [Command::Login(login), Command::Select("INBOX".try_into()?), Command::Logout] {
//!     imap.submit(command)?; // any number; each goes out as soon as it may
//! }
//! let mut messages = 0;
//! # let mut server = [
//! #     "* OK [CAPABILITY IMAP4rev2] ready\r\n",
//! #     "A1 OK [CAPABILITY IMAP4rev2] in\r\n",
//! #     "* 3 EXISTS\r\nA2 OK [READ-WRITE] selected\r\n",
//! #     "* BYE bye\r\nA3 OK bye\r\n",
//! # ].into_iter();
//! # let mut read = || server.next().unwrap_or_default();
//! loop {
//!     match imap.poll()? {
//!         Step::Event(Event::Data(data)) => {
//!             if let Data::Exists(number) = *data {
//!                 messages = number;
//!             }
//!         }
//!         Step::Event(event) => println!("{event:?}"),
//!         Step::NeedInput => {
//!             imap.transmitted(usize::MAX); // what `transmit` holds went to the socket
//!             imap.receive(read().as_bytes());
//!         }
//!         Step::Closed => break,
//!         _ => unreachable!("no literal, no layer"),
//!     }
//! }
//! assert_eq!(messages, 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A server
//!
//! ```
//! use imap_proto::server::{Completion, Event, Refusal, Security};
//! use imap_proto::{Command, Data};
//! use mail_wire::{Answers, Machine, Step};
//!
//! let mut imap = imap_proto::Server::new(Default::default(), Security::Secured);
//! imap.receive(b"a LOGIN bob hungry\r\nb SELECT INBOX\r\nc LOGOUT\r\n");
//! loop {
//!     match imap.poll()? {
//!         Step::Event(Event::Login(ask, login)) => {
//!             let is_bob = login.user.to_text() == "bob" && *login.password.secret() == "hungry".into();
//!             imap.answer(ask, if is_bob { Ok(()) } else { Err(Refusal::bad_credentials()) })?;
//!         }
//!         Step::Event(Event::Command(ask, command)) if matches!(*command, Command::Select(_)) => {
//!             imap.send(Data::Exists(0))?;
//!             imap.answer(ask, Ok(Completion::default()))?;
//!         }
//!         Step::Event(other) => imap.unhandled(other)?,
//!         Step::Closed => break,
//!         _ => imap.transmitted(usize::MAX),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where is what?
//!
//! Legal octets: the file named after the concept, in `mailboxes`, `messages`, `searching` or `session`; what those are
//! made of: `syntax`; the tables of all names: `command.rs`, `response.rs`. Legal order: `phase.rs`. How much, how long: `limits.rs`.
//! What needs which capability: `needs.rs`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod client;
mod command;
mod command_facts;
#[doc(hidden)]
pub mod fuzzing;
mod limits;
mod mailboxes;
mod messages;
mod needs;
mod outgoing;
mod phase;
mod response;
mod searching;
pub mod server;
mod session;
mod syntax;
#[cfg(test)]
mod trips;

pub use bounded_static::{IntoBoundedStatic, ToBoundedStatic};
pub use client::Client;
pub use command::{Command, TaggedCommand};
pub use limits::{ClientLimits, ClientTimeouts, ServerLimits, ServerTimeouts};
pub use mailboxes::acl::{Acl, AclEntry, AclIdentifier, ListRights, MyRights, RightsChange, SetAcl};
pub use mailboxes::create::{Create, CreateParameter, Rename};
pub use mailboxes::list::{List, ListPatterns, ListReturn, ListSelection, ListSelections, PlainList};
pub use mailboxes::list_pattern::{Delimiter, ListPattern};
pub use mailboxes::listed::{ListedExtension, ListedMailbox};
pub use mailboxes::mailbox::{Mailbox, MailboxName};
pub use mailboxes::mailbox_attribute::{MailboxAttribute, SpecialUse};
pub use mailboxes::mailbox_filter::MailboxFilter;
pub use mailboxes::mailbox_status::{MailboxStatus, StatusItem, StatusQuery, StatusValue};
pub use mailboxes::metadata::{
    GetMetadata, Metadata, MetadataContent, MetadataDepth, MetadataEntry, MetadataOption, MetadataValue, SetMetadata,
};
pub use mailboxes::mutf7;
pub use mailboxes::namespace::{Namespace, NamespaceExtension, Namespaces};
pub use mailboxes::notify::{EventGroup, InitialStatus, Notify, NotifyEvent, NotifyFault, NotifyMailboxes, NotifySet};
pub use mailboxes::quota::{Quota, QuotaResource, QuotaRoots, QuotaUsage, SetQuota};
pub use mailboxes::rights::{Right, Rights};
pub use mailboxes::select::{QResync, Select, SelectParameter, SequenceMatch};
pub use messages::address::{Address, AddressGroup, AddressKind};
pub use messages::annotation::{Annotation, AnnotationAttribute, AnnotationQuery, Annotations};
pub use messages::annotation_key::{AnnotationScope, AnnotationSearch, AnnotationSort, AnnotationValue};
pub use messages::append::{Append, AppendData, AppendExtension, AppendMessage, CatenatePart, Replace};
pub use messages::body_builder::BodyStructureBuilder;
pub use messages::body_extension::{BodyExtension, Disposition, Parameter};
pub use messages::body_part::{BodyKind, BodyPart};
pub use messages::body_structure::{BodyNode, BodyStructure};
pub use messages::convert::{Conversion, Conversions, Convert, ConvertAttribute, TranscodingParameter};
pub use messages::converted::{ConvertError, ConvertErrorCode, Converted, ConvertedItem, ConvertedKind};
pub use messages::envelope::{AddressField, Envelope};
pub use messages::fetch::{Fetch, FetchCommand, FetchModifier, FetchSelection};
pub use messages::fetch_attribute::{Access, FetchAttribute, PreviewModifier};
pub use messages::fetch_item::FetchItem;
pub use messages::flag::{Flag, OddFlag};
pub use messages::label::GmailLabel;
pub use messages::section::{PartPath, Partial, Section};
pub use messages::store::{Store, StoreAction, StoreChange, StoreEcho};
pub use messages::transfer::Transfer;
pub use messages::uid_batches::{BatchRange, UidBatchRanges, UidBatches};
pub use messages::url_auth::{FetchedUrl, ResetKey, UrlItem, UrlParameter, UrlQuery, UrlRump};
pub use messages::url_mechanism::{UrlKey, UrlMechanism};
pub use messages::vanished::{Vanished, VanishedSince};
pub use phase::{Kind, OutOfSequence, Phase, Transition};
pub use response::{Continuation, Data, Response};
pub use searching::cancel_update::CancelUpdate;
pub use searching::correlator::Correlator;
pub use searching::esearch::{Esearch, ResultUpdate, Score, SearchItem};
pub use searching::filter_name::FilterName;
pub use searching::found::Found;
pub use searching::mod_sequence_key::{EntryScope, ModSequenceEntry, ModSequenceSearch};
pub use searching::multi_search::{MultiSearch, SearchSource, SearchSources};
pub use searching::return_option::ReturnOption;
pub use searching::search::Search;
pub use searching::search_key::SearchKey;
pub use searching::search_program::{Matching, SearchNode, SearchProgram};
pub use searching::sort::{Sort, SortCriterion, SortDirection, SortKey};
pub use searching::thread::{Thread, ThreadAlgorithm};
pub use searching::threads::{ThreadMessage, Threads};
pub use server::{Enabled, Server};
pub use session::annotation_code::{AnnotationSupport, PrivateAnnotations};
pub use session::auth::{Authenticate, Credential, Login, SaslResponse};
pub use session::capability::Capability;
pub use session::capability_names::AppendLimit;
pub use session::code::Code;
pub use session::code_text::{CodeText, CodeUrl, LooseCode};
pub use session::id::Id;
pub use session::in_progress::{InProgress, Progress};
pub use session::language::Comparators;
pub use session::status::{Condition, Status};
pub use syntax::charset::Charset;
pub use syntax::date::{Date, DateTime};
pub use syntax::error::{InvalidValue, SyntaxError};
pub use syntax::extension::Extension;
pub use syntax::extension_value::ExtensionValue;
pub use syntax::leniency::{Leniency, Reading};
pub use syntax::number_set::{NumberRange, NumberSet};
pub use syntax::object_id::ObjectId;
pub use syntax::octets::{AString, Atom, Octets, Payload, Tag, Text};
pub use syntax::one_or_more::OneOrMore;
pub use syntax::parse::{Need, Parsed};
pub use syntax::partial_range::PartialRange;
pub use syntax::sequence::{Numbering, SequenceNumber, SequenceRange, SequenceSet};
pub use syntax::tokens::{Token, Tokens};
pub use syntax::writer::{Literals, Pause, Spelling, Until};
