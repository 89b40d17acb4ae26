//! IMAP sessions with a whole host in this process, as raw lines: what goes over the wire is what is checked.

mod harness;
mod mailboxes;
mod messages;
mod sharing;
