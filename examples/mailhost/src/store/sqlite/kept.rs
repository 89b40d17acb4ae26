//! What is kept in memory of mailboxes: the uids of each, and the messages of those that are read much.
//!
//! Nobody tells it of changes: each question is answered inside a read transaction, and what is kept is first brought up to
//! date by what changed between its state and that of the transaction.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use imap_mailbox::Uids;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::{Index, Message};
use super::mailbox::Row;
use super::roster::{self, expunged, uids_after};
use super::rows::{self, Rows};
use crate::store::{Keyword, Result, Uid};

/// Octets that all together take, about.
const ROOM: usize = 192 * 1024 * 1024;

/// Messages of a mailbox that are all read as soon as one is asked for: it takes a millisecond.
const FEW: usize = 16 * 1024;

/// Of a larger one messages are kept once those that were read are more than one in so many of the mailbox's.
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
    first_unseen: Option<At<Option<Uid>>>,
    keywords: Option<At<Arc<[Keyword]>>>,
}

/// What was so in a state of a mailbox.
#[derive(Debug, Clone)]
struct At<T> {
    mod_seq: i64,
    value: T,
}

impl Known {
    fn cost(&self) -> usize {
        let index = self.index.as_ref().map_or(0, Index::cost);
        let keywords = self
            .keywords
            .as_ref()
            .map_or(0, |keywords| rows::beside(&keywords.value));
        // A run takes 12 octets; the rest is for the entry itself.
        index + keywords + self.uids.ranges().len() * 12 + 256
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

    /// The uids of a mailbox, if they are kept in just this state.
    pub(super) fn exact_uids(&self, row: &Row) -> Option<Arc<Uids>> {
        let known = self.find(row).filter(|known| known.mod_seq == row.mod_seq)?;
        Some(known.uids)
    }

    /// The uids of a mailbox and its first message without `\Seen`, if they are kept in just this state.
    pub(super) fn roster(&self, row: &Row) -> Option<(Arc<Uids>, Option<Uid>)> {
        let known = self.find(row).filter(|known| known.mod_seq == row.mod_seq)?;
        let first = known.first_unseen.filter(|first| first.mod_seq == row.mod_seq)?;
        Some((known.uids, first.value))
    }

    /// The first message without `\Seen`. Only the first time it goes through all that are seen.
    pub(super) async fn first_unseen(&self, db: &mut SqliteConnection, row: &Row) -> Result<Option<Uid>, Failure> {
        let before = self.find(row).and_then(|known| known.first_unseen);
        let from = match before.filter(|before| before.mod_seq <= row.mod_seq) {
            None => Some(Uid::MIN),
            Some(before) if before.mod_seq == row.mod_seq => return Ok(before.value),
            Some(before) => {
                let new = roster::first_unseen_after(db, row, before.mod_seq).await?;
                before.value.into_iter().chain(new).min()
            }
        };
        let value = match from {
            Some(from) => roster::first_unseen(db, row, from).await?,
            None => None,
        };
        let mod_seq = row.mod_seq;
        self.note(row, |known| known.first_unseen = Some(At { mod_seq, value }));
        Ok(value)
    }

    /// The keywords of a mailbox, if they are kept in just this state.
    pub(super) fn keywords(&self, row: &Row) -> Option<Arc<[Keyword]>> {
        let keywords = self.find(row)?.keywords?;
        (keywords.mod_seq == row.mod_seq).then_some(keywords.value)
    }

    /// Keeps the keywords of a mailbox.
    pub(super) fn keep_keywords(&self, row: &Row, keywords: &[Keyword]) {
        let (mod_seq, value) = (row.mod_seq, keywords.into());
        self.note(row, |known| known.keywords = Some(At { mod_seq, value }));
    }

    /// Notes something beside the uids, if these are kept.
    fn note(&self, row: &Row, note: impl FnOnce(&mut Known)) {
        let mut kept = self.lock();
        if let Some(known) = kept.iter_mut().find(|known| known.object_id == row.object_id) {
            note(known);
        }
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
        let messages = row.messages as usize;
        let is_worth = messages <= FEW || read * WORTH > messages as u64 && messages < ROOM / 2 / size_of::<Message>();
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
            new.first_unseen = newest(new.first_unseen, old.first_unseen.clone());
            new.keywords = newest(new.keywords, old.keywords.clone());
            match old.mod_seq.cmp(&new.mod_seq) {
                Ordering::Greater => new = old,
                Ordering::Equal if new.index.is_none() => new.index = old.index,
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
            first_unseen: None,
            keywords: None,
        }
    }
}

fn newest<T>(one: Option<At<T>>, other: Option<At<T>>) -> Option<At<T>> {
    one.into_iter().chain(other).max_by_key(|at| at.mod_seq)
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
