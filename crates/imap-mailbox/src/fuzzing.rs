//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics when its property
//! does not hold.

mod message;

pub use message::{message, summary};
