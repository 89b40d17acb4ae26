//! Scanning by position: what the hand-written parts of the grammar share.

use crate::{Expected, SyntaxError};

/// What a scanner returns: the position behind what it read. Positions count from the start of the whole line, so that
/// errors need no arithmetic.
pub(crate) type Scanned = Result<usize, SyntaxError>;

/// Whether octets of 128 and above are letters (RFC 6531 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Ascii,
    Utf8,
}

/// The position behind the run of octets of `class` that begins at `at`.
pub(crate) fn run(line: &[u8], at: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().position(|&octet| !class(octet)).unwrap_or(rest.len())
}

/// The position behind `octet`, which must stand at `at`.
pub(crate) fn octet(line: &[u8], at: usize, octet: u8, expected: Expected) -> Scanned {
    if line.get(at) == Some(&octet) {
        return Ok(at + 1);
    }
    Err(SyntaxError { offset: at, expected })
}

/// `at` itself, when the line ends there.
pub(crate) fn end(line: &[u8], at: usize) -> Scanned {
    if at == line.len() {
        return Ok(at);
    }
    let expected = Expected::EndOfLine;
    Err(SyntaxError { offset: at, expected })
}

/// Text of octets that a scanner has found to be ASCII.
pub(crate) fn ascii(octets: &[u8]) -> Result<&str, SyntaxError> {
    core::str::from_utf8(octets).map_err(|e| SyntaxError {
        offset: e.valid_up_to(),
        expected: Expected::PrintableAscii,
    })
}

/// Text of octets that a scanner has let pass.
pub(crate) fn text(octets: &[u8]) -> Result<&str, SyntaxError> {
    core::str::from_utf8(octets).map_err(|e| SyntaxError {
        offset: e.valid_up_to(),
        expected: Expected::Utf8,
    })
}

/// The first octet that is not US-ASCII.
pub(crate) fn first_non_ascii(line: &[u8]) -> Option<usize> {
    line.iter().position(|octet| !octet.is_ascii())
}
