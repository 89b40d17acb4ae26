//! What every IMAP server must compute, on [`imap_proto`]'s types: no I/O, no clock, no threads.
//!
//! What it does not do: it keeps no messages, flags or mailboxes, speaks no protocol and knows no users. A server's store says
//! what there is; this crate says what the client is to be told of it.
//!
//! - [`message`] is what FETCH tells of a message: a [`Summary`](message::Summary) that is kept beside it, and its sections.
//! - [`View`] knows what a client has been told of its mailbox and what it is to be told next; [`Uids`] are what sequence
//!   numbers are made of.
//! - [`Hierarchy`] answers LIST and LSUB.

#[doc(hidden)]
pub mod fuzzing;
mod list;
pub mod message;
mod uids;
mod view;

pub use list::{Hierarchy, MailboxEntry};
pub use uids::Uids;
pub use view::{Changes, Memory, MessageChange, OutOfRange, Release, Since, View};
