//! The two machines, concept by concept. Dialogues of the RFCs are replayed elsewhere; here stand the rules between the lines.

mod caller;
mod host;

mod idle;
mod literals;
mod pipelining;
mod updates;
