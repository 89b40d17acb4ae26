//! What a packet capture holds: the mail dialogues in it, annotated, and the messages.
//!
//! [`Wiretap`] takes the octets of a capture and tells [`Item`](item::Item)s; it does no I/O. On the way: [`capture`] (pcap,
//! pcapng), [`packet`] (link layers, IP), [`tcp`] (order, holes), [`stream`] (which protocol), [`dialogue`] (what was said).
//!
//! What it does not do: it captures nothing, decrypts nothing, puts no IP fragments together.

pub mod capture;
pub mod dialogue;
pub mod dns;
#[doc(hidden)]
pub mod fuzzing;
pub mod intake;
pub mod item;
pub mod message;
pub mod packet;
pub mod protocol;
pub mod report;
pub mod sasl;
pub mod save;
mod stats;
pub mod stream;
pub mod streams;
pub mod tcp;
mod wiretap;

pub use stats::StreamStats;
pub use wiretap::{Counts, Wiretap};
