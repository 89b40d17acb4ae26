//! What is kept in memory of mailboxes: the uids of each, and the messages of those that are read much.
//!
//! Nobody tells it of changes: each question is answered inside a read transaction, and what is kept is first brought up to
//! date by what changed between its state and that of the transaction.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imap_mailbox::Uids;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::Index;
use super::mailbox::Row;
use super::roster::{expunged, uids_after};
use super::rows::{self, Rows};
use crate::store::Result;

/// Octets that all together take, about.
const ROOM: usize = 192 * 1024 * 1024;

/// Messages are kept once those that were read are more than one in so many of the mailbox's.
const WORTH: u64 = 4;

/// The mailboxes that were asked for last.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The last one asked for is in front.
    mailboxes: Mutex<VecDeque<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    object_id: i64,
    mod_seq: i64,
    uids: Arc<Uids>,
    index: Option<Index>,
    /// Messages that were read without an index.
    read: u64,
}

impl Known {
    fn cost(&self) -> usize {
        let index = self.index.as_ref().map_or(0, Index::cost);
        // A run takes 12 octets; the rest is for the entry itself.
        index + self.uids.ranges().len() * 12 + 256
    }
}

impl Kept {
    /// Whether a later state of a mailbox than this one is kept.
    pub(super) fn is_ahead(&self, row: &Row) -> bool {
        let found = self
            .lock()
            .iter()
            .find(|known| known.object_id == row.object_id)
            .cloned();
        found.is_some_and(|known| known.mod_seq > row.mod_seq)
    }

    /// The uids of a mailbox.
    pub(super) async fn uids(&self, db: &mut SqliteConnection, row: &Row) -> Result<Arc<Uids>, Failure> {
        let known = match self.find(row) {
            Some(known) => advance(db, row, known).await?,
            None => {
                let uids = uids_after(db, row, -1).await?;
                Known::new(row, uids, None)
            }
        };
        let uids = Arc::clone(&known.uids);
        self.keep(known);
        Ok(uids)
    }

    /// The messages of a mailbox, if they are kept, or if it is worth while from now on, when so many are to be read.
    pub(super) async fn index(
        &self,
        db: &mut SqliteConnection,
        row: &Row,
        asked: u64,
    ) -> Result<Option<Index>, Failure> {
        let mut found = self.find(row);
        if let Some(known) = found.take_if(|known| known.index.is_some()) {
            let known = advance(db, row, known).await?;
            let index = known.index.clone();
            self.keep(known);
            return Ok(index);
        }
        let read = found.as_ref().map_or(0, |known| known.read) + asked;
        let is_worth =
            read * WORTH > row.messages && row.messages < (ROOM / 2 / size_of::<super::index::Message>()) as u64;
        if let (false, Some(known)) = (is_worth, found) {
            self.keep(Known { read, ..known });
        }
        if !is_worth {
            return Ok(None);
        }
        let Some(rows) = rows::all(db, row.id, ROOM / 4).await? else {
            return Ok(None);
        };
        let index = Index::new(&rows);
        self.keep(Known::new(row, index.uids(), Some(index.clone())));
        Ok(Some(index))
    }

    /// The messages of a mailbox in just this state, if they are kept.
    pub(super) fn exact(&self, row: &Row) -> Option<Index> {
        let known = self.find(row).filter(|known| known.mod_seq == row.mod_seq)?;
        known.index
    }

    /// Messages of a mailbox have changed from a state that was [`exact`](Self::exact) to this one, the next, durably.
    pub(super) fn changed(&self, row: &Row, index: Index) {
        let mut kept = self.lock();
        let before = |known: &&mut Known| known.object_id == row.object_id && known.mod_seq + 1 == row.mod_seq;
        if let Some(known) = kept.iter_mut().find(before) {
            (known.mod_seq, known.index) = (row.mod_seq, Some(index));
        }
    }

    /// What is kept and can be brought to this state.
    fn find(&self, row: &Row) -> Option<Known> {
        let kept = self.lock();
        let known = kept.iter().find(|known| known.object_id == row.object_id)?;
        (row.forgotten..=row.mod_seq)
            .contains(&known.mod_seq)
            .then(|| known.clone())
    }

    fn keep(&self, mut new: Known) {
        let mut kept = self.lock();
        if let Some(at) = kept.iter().position(|old| old.object_id == new.object_id) {
            let Some(old) = kept.remove(at) else { return };
            match old.mod_seq.cmp(&new.mod_seq) {
                std::cmp::Ordering::Greater => new = old,
                std::cmp::Ordering::Equal if new.index.is_none() => new.index = old.index,
                _ => {}
            }
        }
        kept.push_front(new);
        let mut room = ROOM;
        let fits = |known: &&Known| {
            let cost = known.cost();
            let fits = cost <= room;
            room = room.saturating_sub(cost);
            fits
        };
        let count = kept.iter().take_while(fits).count();
        kept.truncate(count);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new(row: &Row, uids: Uids, index: Option<Index>) -> Self {
        Self {
            object_id: row.object_id,
            mod_seq: row.mod_seq,
            uids: Arc::new(uids),
            index,
            read: 0,
        }
    }
}

/// Brings what is kept to the state of a transaction.
async fn advance(db: &mut SqliteConnection, row: &Row, known: Known) -> Result<Known, Failure> {
    if known.mod_seq == row.mod_seq {
        return Ok(known);
    }
    let went = expunged(db, row, known.mod_seq).await?;
    let (came, index) = match known.index {
        Some(index) => {
            let rows: Rows = rows::changed(db, row.id, known.mod_seq).await?;
            let came: Uids = rows.messages.iter().map(|message| message.uid).collect();
            (came, Some(index.after(&went, &rows)))
        }
        None => (uids_after(db, row, known.mod_seq).await?, None),
    };
    Ok(Known {
        mod_seq: row.mod_seq,
        uids: Arc::new(known.uids.difference(&went).union(&came)),
        index,
        ..known
    })
}
