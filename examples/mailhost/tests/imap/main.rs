//! IMAP sessions with a whole host in this process, as raw lines: what goes over the wire is what is checked. Then clients of many kinds
//! at once, and a host that is killed.

mod acl;
mod appending;
mod context;
mod harness;
mod hostile;
mod keywords;
mod kill;
mod login;
mod mailboxes;
mod messages;
mod metadata;
mod model;
mod notify;
mod program;
mod quota;
mod reach;
mod search;
mod sharing;
mod urlauth;
mod wire;
