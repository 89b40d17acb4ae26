//! What all of the grammar is made of: the cursor and the pen, framing, strings, numbers, sets, dates, and what is kept as tokens.

pub(crate) mod charset;
pub(crate) mod class;
pub(crate) mod date;
pub(crate) mod decimal;
pub(crate) mod error;
pub(crate) mod extension;
pub(crate) mod extension_value;
pub(crate) mod frame;
pub(crate) mod leniency;
pub(crate) mod loose;
pub(crate) mod number_set;
pub(crate) mod object_id;
pub(crate) mod octets;
pub(crate) mod one_or_more;
pub(crate) mod parse;
pub(crate) mod partial_range;
pub(crate) mod place;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod sequence;
pub(crate) mod spelled;
pub(crate) mod tokens;
mod unix_time;
pub(crate) mod writer;
