//! Rows of mailboxes in memory, for as long as nothing is committed.
//!
//! An order to a database connection costs two changes of threads. A session asks what is new after each command, and mostly
//! nothing is: that must not cost a transaction.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::mailbox::Row;
use crate::store::Mailbox;

/// Mailboxes' rows as they were read after the last commit.
///
/// The writer counts a commit when it is durable, before anybody is told of it. What was read since the count was what it is now is therefore
/// what a transaction that begins now could have read.
#[derive(Debug, Default)]
pub(super) struct Latest {
    commits: Arc<AtomicU64>,
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    /// The count when they were read.
    commits: u64,
    rows: HashMap<Mailbox, Row>,
}

impl Latest {
    pub(super) fn new(commits: Arc<AtomicU64>) -> Self {
        Self {
            commits,
            rows: Mutex::default(),
        }
    }

    /// To be asked before the transaction in which a row is read.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// The row of a mailbox, if it is known.
    pub(super) fn get(&self, mailbox: &Mailbox) -> Option<Row> {
        let rows = self.lock();
        let row = rows.rows.get(mailbox).copied();
        row.filter(|_| rows.commits == self.commits())
    }

    /// Keeps a row that was read when so many commits had been counted.
    pub(super) fn keep(&self, commits: u64, mailbox: &Mailbox, row: Row) {
        let mut rows = self.lock();
        if commits > rows.commits || rows.rows.len() >= MOST {
            rows.rows.clear();
            rows.commits = commits.max(rows.commits);
        }
        // Between a commit and its count some read the one state and some the next: nobody is led back.
        let is_newer = rows.rows.get(mailbox).is_none_or(|known| known.mod_seq <= row.mod_seq);
        if commits == rows.commits && is_newer {
            rows.rows.insert(mailbox.clone(), row);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Mailboxes that are kept at most.
const MOST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(mod_seq: i64) -> Row {
        Row { mod_seq, ..Row::new(1) }
    }

    #[test]
    fn a_commit_ends_what_was_read_before_it() {
        let latest = Latest::default();
        let mailbox = Mailbox::inbox("bob");
        let kept = |latest: &Latest| latest.get(&mailbox).map(|row| row.mod_seq);
        let early = latest.commits();
        latest.keep(early, &mailbox, row(7));
        assert_eq!(kept(&latest), Some(7));

        latest.commits.fetch_add(1, Ordering::Release);
        assert_eq!(kept(&latest), None);
        latest.keep(early, &mailbox, row(7));
        assert_eq!(kept(&latest), None, "read before the commit, kept behind it");

        latest.keep(latest.commits(), &mailbox, row(8));
        latest.keep(early, &mailbox, row(7));
        assert_eq!(kept(&latest), Some(8));
        latest.keep(latest.commits(), &mailbox, row(7));
        assert_eq!(kept(&latest), Some(8), "read before one that is known");
    }

    #[test]
    fn they_are_bounded() {
        let latest = Latest::default();
        for number in 0..MOST + 2 {
            latest.keep(0, &Mailbox::new("bob", &number.to_string()), row(1));
        }
        assert_eq!(latest.lock().rows.len(), 2);
    }
}
