//! Messages: FETCH and what it tells, STORE, APPEND, COPY and MOVE, CONVERT, URLs of parts.

pub(crate) mod address;
pub(crate) mod annotation;
pub(crate) mod annotation_key;
pub(crate) mod append;
pub(crate) mod append_state;
pub(crate) mod body_builder;
pub(crate) mod body_extension;
pub(crate) mod body_parser;
pub(crate) mod body_part;
pub(crate) mod body_structure;
pub(crate) mod convert;
pub(crate) mod converted;
pub(crate) mod envelope;
pub(crate) mod fetch;
pub(crate) mod fetch_attribute;
pub(crate) mod fetch_item;
#[cfg(test)]
pub(crate) mod fetch_trips;
pub(crate) mod flag;
pub(crate) mod label;
pub(crate) mod section;
pub(crate) mod store;
pub(crate) mod transfer;
pub(crate) mod uid_batches;
pub(crate) mod url_auth;
pub(crate) mod url_mechanism;
pub(crate) mod vanished;
