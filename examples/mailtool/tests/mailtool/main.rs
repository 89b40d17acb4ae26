//! The program as people and scripts run it.

#[cfg(unix)]
mod bounds;
mod header;
mod parse;
mod support;
