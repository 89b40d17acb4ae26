//! SCRAM (RFC 5802, RFC 7677): messages, and the steps of both sides.

pub(crate) mod client;
pub(crate) mod message;
pub(crate) mod server;
