//! IMAP4rev1 (RFC 3501), IMAP4rev2 (RFC 9051) and their extensions: the grammar, both ways.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod auth;
mod capability;
mod class;
mod code;
mod command;
mod date;
mod error;
mod flag;
mod frame;
mod leniency;
mod mailbox;
pub mod mutf7;
mod octets;
mod parse;
mod reader;
mod response;
mod sequence;
mod status;
mod tokens;
#[cfg(test)]
mod trips;
mod writer;

pub use auth::{Authenticate, Credential, Login, SaslResponse};
pub use bounded_static::{IntoBoundedStatic, ToBoundedStatic};
pub use capability::Capability;
pub use code::Code;
pub use command::{Command, TaggedCommand};
pub use date::{Date, DateTime};
pub use error::{InvalidValue, SyntaxError};
pub use flag::Flag;
pub use leniency::{Leniency, Reading};
pub use mailbox::{Mailbox, MailboxName};
pub use octets::{AString, Atom, Octets, Payload, Tag, Text};
pub use parse::{Need, Parsed};
pub use response::{Continuation, Data, Response};
pub use sequence::{Numbering, SequenceNumber, SequenceRange, SequenceSet};
pub use status::{Condition, Status};
pub use tokens::{Token, Tokens};
pub use writer::{Literals, Pause, Spelling, Until};
