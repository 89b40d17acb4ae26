//! Defects as a decoder counts them.

use super::MAX_LOCATED;
use crate::{Defect, DefectKind};

/// All defects counted, the first of them listed.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    list: Vec<Defect>,
    count: usize,
}

impl Faults {
    pub(super) fn record(&mut self, offset: usize, kind: DefectKind) {
        self.count = self.count.saturating_add(1);
        if self.list.len() < MAX_LOCATED {
            self.list.push(Defect { offset, kind });
        }
    }

    pub(super) fn list(&self) -> &[Defect] {
        &self.list
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }
}
