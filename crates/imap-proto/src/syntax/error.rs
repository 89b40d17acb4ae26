//! Errors by whose fault they are.
//!
//! | whose | type |
//! |---|---|
//! | the peer's octets | [`SyntaxError`] |
//! | the caller's value | [`InvalidValue`] |

/// Octets that do not follow the grammar: where, and what should have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, bounded_static::ToStatic)]
#[error("expected {expected} at octet {offset}")]
pub struct SyntaxError {
    /// Octets of the command or response (or of the value) in front of the fault.
    pub offset: usize,
    /// What should have stood there, in the RFC's words.
    pub expected: &'static str,
}

impl SyntaxError {
    /// `expected` should have stood at `offset`.
    pub const fn new(offset: usize, expected: &'static str) -> Self {
        Self { offset, expected }
    }
}

/// A value that the protocol cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}: octet {offset}")]
pub struct InvalidValue {
    /// Octets of the value in front of the one that cannot be carried.
    pub offset: usize,
    /// What the value should have been.
    pub expected: &'static str,
}

impl InvalidValue {
    /// The octet at `offset` is none that `expected` may hold.
    pub const fn new(offset: usize, expected: &'static str) -> Self {
        Self { offset, expected }
    }
}
