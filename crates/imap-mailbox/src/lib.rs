//! What every IMAP server must compute, on [`imap_proto`]'s types: no I/O, no clock, no threads.
//!
//! What it does not do: it keeps no messages, flags or mailboxes, speaks no protocol and knows no users. A server's store says
//! what there is; this crate says what the client is to be told of it.

#[doc(hidden)]
pub mod fuzzing;
pub mod message;
