//! What holds for whole exchanges.

mod exchanges;
mod hostile;
mod properties;
mod secrets;
mod support;
