//! A message that has arrived, and that nobody has yet.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::sqlite::Spooled;
use super::{LONGEST_SUMMARY, Result, StoreError};

/// A whole message from a [spool](super::Spool::finish), for [`Folders::append`](super::Folders::append) of the same store.
/// When it is dropped instead, nothing is left of it.
pub struct Content {
    held: Held,
    size: u64,
    summary: Option<Bytes>,
}

/// How each store holds it.
pub(super) enum Held {
    Sqlite(Box<Spooled>),
    Memory(Arc<[Bytes]>),
    Discarded,
}

impl Content {
    pub(super) const fn new(held: Held, size: u64) -> Self {
        Self {
            held,
            size,
            summary: None,
        }
    }

    /// The same, with octets that are [kept](super::Folders::keep_summaries) beside the message from its first moment on;
    /// more than [`LONGEST_SUMMARY`] are not.
    #[must_use]
    pub fn with_summary(mut self, summary: Bytes) -> Self {
        self.summary = Some(summary).filter(|summary| summary.len() <= LONGEST_SUMMARY);
        self
    }

    /// Its octets.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The summary, and the octets in a store's own form, if that is the store that has them.
    pub(super) fn take<T>(self, own: impl FnOnce(Held) -> Option<T>) -> Result<(T, Option<Bytes>)> {
        let octets = own(self.held).ok_or(StoreError::Aborted)?;
        Ok((octets, self.summary))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} octets)", self.size)
    }
}
