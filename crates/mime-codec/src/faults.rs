//! Defects as decoders count them.

use crate::transfer::MAX_LOCATED;
use crate::{Defect, DefectKind};

/// All defects counted, the first of them listed by offset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    list: Vec<Defect>,
    count: usize,
}

impl Faults {
    pub(crate) fn record(&mut self, offset: usize, kind: DefectKind) {
        self.count = self.count.saturating_add(1);
        // Some defects show only when later octets have come, which may be defects themselves.
        let place = self.list.partition_point(|earlier| earlier.offset <= offset);
        if place < MAX_LOCATED {
            self.list.truncate(MAX_LOCATED - 1);
            self.list.insert(place, Defect { offset, kind });
        }
    }

    pub(crate) fn list(&self) -> &[Defect] {
        &self.list
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The list and the number.
    pub(crate) fn into_parts(self) -> (Vec<Defect>, usize) {
        (self.list, self.count)
    }
}
