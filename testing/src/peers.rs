//! Real mail software from Debian, each program started for one test and ended with it.
//!
//! A test whose program is missing, or that needs root and is not run by root, says `SKIPPED` on standard error and
//! passes; with `MAIL_INTEROP=required` in the environment it fails instead. Nothing of the machine's own mail setup is
//! touched: each peer runs on a free port, out of a temporary folder.

mod client;
mod daemon;
mod dovecot;
mod folder;
mod lmtp;
mod memory;
mod program;

pub use client::{run, script, succeed};
pub use daemon::{Daemon, PATIENCE, free_port, on_a_free_port};
pub use dovecot::{Dovecot, DovecotImap, DovecotTls};
pub use folder::{Folder, new_mail};
pub use lmtp::DovecotLmtp;
pub use memory::Memory;
pub use program::{Program, available, is_root};
