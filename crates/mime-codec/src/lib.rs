//! Internet messages and MIME (RFC 5322, RFC 2045 to 2049): parse, decode and compose, borrowed or streaming.

mod base_subject;
mod charset;
mod content_disposition;
mod content_type;
mod controls;
mod defect;
mod encoded_word;
mod file_name;
#[doc(hidden)]
pub mod fuzzing_text;
mod lexer;
mod parameters;
mod sink;
mod text;

pub use base_subject::{BaseSubject, base_subject};
pub use charset::{Charset, CharsetDecoder, DecodedText};
pub use content_disposition::ContentDisposition;
pub use content_type::ContentType;
pub use defect::{Defect, DefectKind};
pub use file_name::safe_file_name;
pub use parameters::{Parameter, ParameterError, Parameters};
pub use rfc5322;
pub use text::{Text, decode_phrase, decode_text, encode_phrase, encode_text};
