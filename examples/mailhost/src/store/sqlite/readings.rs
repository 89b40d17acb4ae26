//! Contents that are being read: the sweep leaves them until that is over, so that a message that was begun can be sent to its end.
//!
//! Whoever begins in the moment in which the sweep removes the content finds that it is not there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::writer::Writer;

/// Who reads what.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings(Arc<Mutex<HashMap<i64, Readers>>>);

#[derive(Debug, Default)]
struct Readers {
    count: usize,
    /// Whether the sweep has come for it.
    is_wanted: bool,
}

impl Readings {
    /// Somebody begins to read.
    pub(super) fn begin(writer: &Arc<Writer>, content: i64) -> Reading {
        let readings = writer.readings().clone();
        readings.all().entry(content).or_default().count += 1;
        Reading {
            content,
            readings,
            writer: Arc::clone(writer),
        }
    }

    /// Whether somebody reads it; then the sweep is told of it again when nobody does.
    pub(super) fn put_off(&self, content: i64) -> bool {
        let mut all = self.all();
        let readers = all.get_mut(&content);
        readers.map(|readers| readers.is_wanted = true).is_some()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<i64, Readers>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A content that stays until this is dropped.
pub(super) struct Reading {
    content: i64,
    readings: Readings,
    writer: Arc<Writer>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut all = self.readings.all();
        let Some(readers) = all.get_mut(&self.content) else {
            return;
        };
        readers.count -= 1;
        if readers.count == 0 {
            let is_wanted = readers.is_wanted;
            all.remove(&self.content);
            drop(all);
            if is_wanted {
                self.writer.sweep(self.content);
            }
        }
    }
}
