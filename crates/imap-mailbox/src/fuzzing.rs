//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics when its property
//! does not hold.

mod message;
mod search;

pub use message::{message, summary};
pub use search::{search, thread};
