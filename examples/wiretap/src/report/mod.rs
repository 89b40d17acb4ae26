//! What was found, written down.

pub mod json;
pub mod summary;
pub mod text;
