//! The two machines, concept by concept. Dialogues of the RFCs are replayed elsewhere; here stand the rules between the lines.
#![allow(unreachable_pub, reason = "one binary of several files")]

mod caller;
mod host;

mod authentication;
mod capabilities;
mod corpora;
mod fetch;
mod idle;
mod lists;
mod literals;
mod pipelining;
mod rev2;
mod shutdown;
mod threats;
mod timers;
mod updates;
mod uploads;
