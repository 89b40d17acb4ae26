//! The program as people and scripts run it.

#[cfg(unix)]
mod bounds;
mod compose;
mod extract;
mod header;
mod lines;
mod message;
mod parse;
mod support;
