//! mailhost's IMAP, on the running program.

mod harness;
mod kill;
mod model;
mod reach;
mod wire;
