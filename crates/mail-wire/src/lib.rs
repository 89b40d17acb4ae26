//! What the mail protocol crates share: the machine contract, line framing, dot-stuffing, byte classes.
//!
//! What it does not do: it knows no protocol, does no I/O, reads no clock and starts no thread.
//!
//! # Driving a machine
//!
//! A [`Machine`] does no I/O. Whoever drives it, a blocking socket, an async runtime or a test, does this in a loop:
//!
//! 1. Call [`poll`](Machine::poll) and act on the [`Step`]:
//!    - [`Event`](Step::Event): tell the application. It answers an [`Ask`] through [`Answers`].
//!    - [`Body`](Step::Body): the application reads [`body`](Machine::body) and calls [`consume`](Machine::consume).
//!    - [`BodyEnd`](Step::BodyEnd), [`BodyAborted`](Step::BodyAborted): tell the application, then
//!      [`close_body`](Machine::close_body).
//!    - [`NeedBody`](Step::NeedBody): the application writes a piece of its body through [`Upload`].
//!    - [`NeedAnswer`](Step::NeedAnswer): the application owes an answer, or its next command.
//!    - [`NeedFlush`](Step::NeedFlush): write what [`transmit`](Machine::transmit) holds, all of it.
//!    - [`NeedInput`](Step::NeedInput): go to 2.
//!    - [`Upgrade`](Step::Upgrade): put the layer between the machine and the transport, then call
//!      [`upgrade`](Machine::upgrade). What [`body`](Machine::body) holds is the input of a [`Layer::Deflate`].
//!    - [`Closed`](Step::Closed): write what is left, close, stop.
//!    - an error: write what is left, close, report it.
//! 2. Wait until the socket can be read (if [`space`](Machine::space) is not empty), or written (if
//!    [`transmit`](Machine::transmit) is not empty), or the [`timer`](Machine::timer) is up. A driver that only writes, and
//!    reads when that is done, deadlocks with a peer that does the same (RFC 2920 §3.1).
//!    - Read into `space`, then call [`filled`](Machine::filled), or [`receive_eof`](Machine::receive_eof).
//!    - Write from `transmit`, then call [`transmitted`](Machine::transmitted).
//!    - Time up: call [`expire`](Machine::expire).
//! 3. Back to 1.
//!
//! Turned into code for a blocking transport and a machine that has no bodies, layers or timers, that is this; `mail-blocking` has all of it.
//!
//! ```
//! use std::io::{Read, Write};
//! use mail_wire::{Machine, Step};
//!
//! fn drive<M: Machine>(
//!     machine: &mut M,
//!     socket: &mut (impl Read + Write),
//!     mut tell: impl FnMut(&mut M, M::Event),
//! ) -> Result<(), Box<dyn std::error::Error>>
//! where
//!     M::Error: std::error::Error + 'static,
//! {
//!     loop {
//!         match machine.poll()? {
//!             Step::Event(event) => tell(machine, event),
//!             Step::NeedFlush | Step::NeedInput if !machine.transmit().is_empty() => {
//!                 let written = socket.write(machine.transmit())?;
//!                 machine.transmitted(written);
//!             }
//!             Step::NeedInput => match socket.read(machine.space())? {
//!                 0 => machine.receive_eof(),
//!                 read => machine.filled(read),
//!             },
//!             Step::Closed => break,
//!             _ => unimplemented!("bodies and layers"),
//!         }
//!     }
//!     Ok(socket.write_all(machine.transmit())?)
//! }
//! ```

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod ask;
#[cfg(feature = "deflate")]
mod deflate;
mod dot;
mod escape;
#[doc(hidden)]
pub mod fuzzing;
mod line;
mod machine;
pub mod octets;
mod outbox;
mod proxy;
mod sasl;
mod secret;
mod timer;
mod window;

pub use ask::{Ask, Asking, Misuse};
#[cfg(feature = "deflate")]
pub use deflate::{Deflate, InflateFault};
pub use dot::{BareLineEnd, BareLineEnds, DotReader, DotWriter, Dots, bare_line_end};
pub use escape::Escaped;
pub use line::{Framed, LineEnds, LineFault, LineFramer};
pub use machine::{Answers, Layer, Machine, Step, Upload};
pub use outbox::Outbox;
pub use proxy::{ProxyFault, ProxyHeader, ProxyOrigin, ProxyTlv, ProxyVersion};
pub use sasl::{
    MechanismName, SaslFault, SaslResponse, decode_sasl, encode_sasl, parse_initial_response, write_initial_response,
};
pub use secret::Secret;
pub use timer::{Stopwatch, Timer};
pub use window::Window;
