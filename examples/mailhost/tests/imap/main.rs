//! mailhost's IMAP, on the running program.

mod harness;
mod model;
mod wire;
