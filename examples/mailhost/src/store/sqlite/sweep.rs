//! Removes content that nobody refers to.
//!
//! Two gigabytes are not removed in one stroke, since everyone would wait for it: each turn of the writer removes a slice.

use std::collections::VecDeque;

use sqlx::sqlite::SqliteConnection;

use super::readings::Readings;

/// Chunks that one turn removes at most: 4 MiB of octets.
const SLICE: u64 = 16;

/// Contents to look at. One that is referred to after all stays.
pub(super) struct Sweep {
    waiting: VecDeque<i64>,
    readings: Readings,
}

impl Sweep {
    pub(super) fn new(waiting: VecDeque<i64>, readings: Readings) -> Self {
        Self { waiting, readings }
    }

    pub(super) fn add(&mut self, content: i64) {
        self.waiting.push_back(content);
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) async fn slice(&mut self, db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let mut room = SLICE;
        while room > 0 {
            // Taken out first: what fails is not tried again before the next start.
            let Some(content) = self.waiting.pop_front() else { break };
            if self.readings.put_off(content) {
                continue;
            }
            let removed = remove(db, content, room).await?;
            if removed >= room {
                // There may be more of it.
                self.waiting.push_front(content);
                break;
            }
            room -= removed.max(1);
        }
        Ok(())
    }
}

/// Removes so many chunks of an orphan, and the orphan when it has no more. Returns how many rows these were.
async fn remove(db: &mut SqliteConnection, content: i64, chunks: u64) -> Result<u64, sqlx::Error> {
    let sql = "DELETE FROM chunk WHERE rowid IN (
            SELECT chunk.rowid FROM chunk
            WHERE content = ?1 AND EXISTS (SELECT 1 FROM orphan WHERE id = ?1) LIMIT ?2);
        DELETE FROM content WHERE id IN (SELECT id FROM orphan WHERE id = ?1)
            AND NOT EXISTS (SELECT 1 FROM chunk WHERE content = ?1)";
    let done = sqlx::query(sql)
        .bind(content)
        .bind(chunks as i64)
        .execute(&mut *db)
        .await?;
    Ok(done.rows_affected())
}
