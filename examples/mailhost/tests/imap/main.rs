//! IMAP sessions with a whole host in this process, as raw lines: what goes over the wire is what is checked. Then clients of many kinds
//! at once, and a host that is killed.

mod appending;
mod harness;
mod kill;
mod mailboxes;
mod messages;
mod model;
mod program;
mod reach;
mod sharing;
mod wire;
