//! A POP3 server without a socket: the machine of `pop3-proto`, and an application that has three messages for everybody.
//!
//! [`Service`] does no I/O and has no clock, so that everything can drive it. The programs beside it and [`wasm`] do, each in its
//! own way, and share all that is here:
//!
//! 1. [`Service::next`] says what is to be done.
//! 2. [`Next::Write`]: write [`output`](Service::output), say how much went with [`sent`](Service::sent).
//! 3. [`Next::Read`]: read into [`space`](Service::space), say how much came with [`received`](Service::received), or
//!    [`end_of_input`](Service::end_of_input), or after [`timer`](Service::timer) [`expire`](Service::expire).
//! 4. [`Next::Close`]: the connection is over.

#[cfg(not(target_family = "wasm"))]
mod clock;
mod service;
pub mod wasm;

#[cfg(not(target_family = "wasm"))]
pub use clock::Clock;
pub use service::{MESSAGES, Next, Service};
