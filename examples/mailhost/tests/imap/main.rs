//! IMAP sessions with a whole host in this process, as raw lines: what goes over the wire is what is checked.

mod appending;
mod context;
mod harness;
mod mailboxes;
mod messages;
mod notify;
mod search;
mod sharing;
