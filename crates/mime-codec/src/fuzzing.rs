//! Properties for the fuzz targets, which are one line each. Also called by the tests, over seeds and generated octets.

mod codecs;
mod messages;
mod outline;
mod text;

pub use codecs::{base64, flowed, mbox, quoted_printable, tnef, uuencode, yenc};
pub use messages::{agree, compose, message, streaming};
pub use text::{charset, encoded_word, parameters};
