//! Test support for the workspace: what the tests of two or more crates share.
//!
//! - [`Application`] stands for the program beside a machine; [`settle`] steps the two until they need the outside.
//! - [`chunkings`] are the ways to cut an input that every case is fed in.
//! - [`Transcript`] is a dialogue in a text file; [`replay`] checks a machine against it in many chunkings.
//! - [`Echo`] and [`Caller`] are machines for tests of drivers.
//! - [`converse`] lets a client machine and a server machine talk through two small pipes.
//! - [`oracle`] says what the codecs do, naively.
//! - With the feature `certificates`: an authority that signs certificates for a test.
//! - With the feature `dns`: a DNS server on loopback that answers what a test says.
//! - With the feature `peers`: mail software from Debian, started for a test.

mod application;
mod caller;
#[cfg(feature = "certificates")]
mod certificates;
mod chunks;
#[cfg(feature = "dns")]
pub mod dns;
mod echo;
pub mod oracle;
mod pair;
#[cfg(all(feature = "peers", target_os = "linux"))]
pub mod peers;
mod transcript;

pub use application::{Application, Rest, settle};
pub use caller::Caller;
#[cfg(feature = "certificates")]
pub use certificates::{Authority, Issued};
pub use chunks::{Random, chunkings};
pub use echo::{Echo, PATIENCE, compress, inflate};
pub use pair::{Dialogue, converse};
pub use transcript::{Side, Transcript, Turn, replay};
