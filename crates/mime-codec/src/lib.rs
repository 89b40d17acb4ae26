//! Internet messages and MIME (RFC 5322, RFC 2045 to 2049): parse, decode and compose, borrowed or streaming.

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
