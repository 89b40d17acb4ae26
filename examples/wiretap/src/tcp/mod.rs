//! TCP: which packets belong together, and in what order their octets were sent.

mod direction;
mod order;

pub use direction::{Direction, HELD, Heard, Piece, REMEMBERED, SEGMENTS, Tally};
pub use order::Order;
