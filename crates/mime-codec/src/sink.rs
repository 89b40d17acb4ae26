//! Where parsers put defects.

use crate::{Defect, DefectKind};

/// A list of defects, or nothing for a caller that does not ask for them.
pub(crate) struct Sink<'d>(Option<&'d mut Vec<Defect>>);

impl<'d> Sink<'d> {
    /// Nobody asks.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    pub(crate) fn into(defects: &'d mut Vec<Defect>) -> Self {
        Self(Some(defects))
    }

    pub(crate) fn report(&mut self, offset: usize, kind: DefectKind) {
        if let Some(defects) = &mut self.0
            && defects.len() < MOST
        {
            defects.push(Defect { offset, kind });
        }
    }

    /// The same list for a shorter time.
    pub(crate) fn lend(&mut self) -> Sink<'_> {
        Sink(self.0.as_deref_mut())
    }
}

/// Defects of one value that are kept: hostile values have one every other octet.
const MOST: usize = 10_000;
