//! Attacks on readers of messages, by the rows of `docs/threats.md`.

mod differentials;
mod limits;
mod octets;
