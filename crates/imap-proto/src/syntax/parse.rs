//! The codec without the machines: one command or response from the front of a buffer.

use crate::syntax::frame::{Frame, Framer, Source};
use crate::syntax::reader::{Parse, Reader};
use crate::{Reading, SyntaxError};

/// What stands at the front of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed<T> {
    /// A value, and the octets that it took.
    Complete {
        /// The value, which borrows from the buffer.
        value: T,
        /// Its length on the wire, CRLF included.
        octets: usize,
    },
    /// Not all of it is there.
    Incomplete(Need),
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The rest of a line.
    Line,
    /// The rest of a literal.
    Literal {
        /// Octets of it that are missing.
        missing: u64,
        /// Whether the client waits for `+` before it sends the first of them.
        synchronizing: bool,
    },
}

impl<T> Parsed<T> {
    /// The value, when it is complete.
    pub fn complete(self) -> Option<T> {
        match self {
            Self::Complete { value, .. } => Some(value),
            Self::Incomplete(_) => None,
        }
    }
}

/// Frames one unit, then reads it whole.
pub(crate) fn parse_unit<'a, T>(
    input: &'a [u8],
    source: Source,
    reading: Reading,
    read: impl FnOnce(&mut Reader<'a>) -> Parse<T>,
) -> Result<Parsed<T>, SyntaxError> {
    let mut framer = Framer::new(source);
    loop {
        match framer.next(input) {
            Frame::Incomplete => return Ok(Parsed::Incomplete(Need::Line)),
            Frame::Fault { octets, .. } => return Err(SyntaxError::new(octets - 1, "CRLF")),
            Frame::Whole { octets } => {
                let value = read(&mut Reader::new(&input[..octets], reading))?;
                return Ok(Parsed::Complete { value, octets });
            }
            Frame::Literal { octets, announced } => {
                let there = (input.len() - octets) as u64;
                if there < announced.len {
                    return Ok(Parsed::Incomplete(Need::Literal {
                        missing: announced.len - there,
                        synchronizing: announced.synchronizing,
                    }));
                }
                framer.hold(octets, announced.len as usize);
            }
        }
    }
}
