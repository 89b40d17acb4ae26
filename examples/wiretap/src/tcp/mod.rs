//! TCP: which packets belong together, and in what order their octets were sent.

mod direction;

pub use direction::{Direction, HELD, Piece, REMEMBERED, SEGMENTS, Tally};
