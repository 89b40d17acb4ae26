//! The program as people and scripts run it.

#[cfg(unix)]
mod bounds;
mod lines;
mod parse;
mod support;
