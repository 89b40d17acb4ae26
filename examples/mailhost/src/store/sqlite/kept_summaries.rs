//! Summaries in memory: who searches or sorts a mailbox asks for the same ones again and again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use imap_mailbox::Uids;

use super::mailbox::Row;
use crate::store::Uid;

/// Octets that all together take, about.
const ROOM: usize = 32 * 1024 * 1024;

/// Messages of a mailbox whose summaries are kept. Those of a larger one would leave before they are asked for again.
const FEW: u32 = 16 * 1024;

/// Those of the mailboxes that were asked for last.
///
/// A message never changes, and neither does its summary, except where a damaged one is replaced. Those of messages that are gone stay
/// until they have to make room: it is for the caller to ask for messages that are there.
#[derive(Debug, Default)]
pub(super) struct KeptSummaries {
    /// The last one asked for is in front.
    mailboxes: Mutex<VecDeque<OfMailbox>>,
}

#[derive(Debug)]
struct OfMailbox {
    object_id: i64,
    /// Ascending.
    summaries: Vec<(Uid, Bytes)>,
    octets: usize,
}

impl KeptSummaries {
    /// Those that are kept, ascending, and the messages of which none is.
    pub(super) fn find(&self, row: &Row, uids: &Uids) -> (Vec<(Uid, Bytes)>, Uids) {
        let mut mailboxes = self.lock();
        let Some(kept) = take(&mut mailboxes, row) else {
            return (Vec::new(), uids.clone());
        };
        let mut found = Vec::with_capacity(kept.summaries.len().min(uids.len() as usize));
        for (first, last) in uids.ranges() {
            let from = kept.summaries.partition_point(|(uid, _)| *uid < first);
            found.extend(
                kept.summaries[from..]
                    .iter()
                    .take_while(|(uid, _)| *uid <= last)
                    .cloned(),
            );
        }
        mailboxes.push_front(kept);
        let have: Uids = found.iter().map(|(uid, _)| *uid).collect();
        let missing = uids.difference(&have);
        (found, missing)
    }

    /// Keeps some, ascending, which take the places of others of the same messages.
    pub(super) fn keep(&self, row: &Row, new: &[(Uid, Bytes)]) {
        if new.is_empty() || row.messages > FEW {
            return;
        }
        let mut mailboxes = self.lock();
        let mut kept = take(&mut mailboxes, row).unwrap_or_else(|| OfMailbox::new(row));
        kept.merge(new);
        if kept.octets <= ROOM {
            mailboxes.push_front(kept);
        }
        let mut room = ROOM;
        let fits = |kept: &&OfMailbox| {
            let fits = kept.octets <= room;
            room = room.saturating_sub(kept.octets);
            fits
        };
        let count = mailboxes.iter().take_while(fits).count();
        mailboxes.truncate(count);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<OfMailbox>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(mailboxes: &mut VecDeque<OfMailbox>, row: &Row) -> Option<OfMailbox> {
    let at = mailboxes.iter().position(|kept| kept.object_id == row.object_id)?;
    mailboxes.remove(at)
}

impl OfMailbox {
    const fn new(row: &Row) -> Self {
        Self {
            object_id: row.object_id,
            summaries: Vec::new(),
            octets: 0,
        }
    }

    fn merge(&mut self, new: &[(Uid, Bytes)]) {
        self.summaries.extend_from_slice(new);
        // Stable, so that of two of a message the new one is behind, and fast, since both were sorted.
        self.summaries.sort_by_key(|(uid, _)| *uid);
        self.summaries.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        let each = |(_, octets): &(Uid, Bytes)| octets.len() + size_of::<(Uid, Bytes)>();
        self.octets = self.summaries.iter().map(each).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mailbox::uid;

    fn row(object_id: i64, messages: u32) -> Row {
        Row {
            messages,
            ..Row::new(object_id)
        }
    }

    fn uids(numbers: impl IntoIterator<Item = u32>) -> Uids {
        numbers.into_iter().map(uid).collect()
    }

    fn summaries(numbers: impl IntoIterator<Item = u32>, text: &'static [u8]) -> Vec<(Uid, Bytes)> {
        let numbers = numbers.into_iter();
        numbers.map(|number| (uid(number), Bytes::from_static(text))).collect()
    }

    #[test]
    fn what_was_kept_is_found_and_the_rest_named() {
        let kept = KeptSummaries::default();
        let here = row(1, 9);
        assert_eq!(kept.find(&here, &uids(1..=3)), (Vec::new(), uids(1..=3)));
        kept.keep(&here, &summaries([2, 4, 6], b"old"));
        kept.keep(&here, &summaries([1, 4], b"new"));
        let expected = [summaries([1], b"new"), summaries([2], b"old"), summaries([4], b"new")].concat();
        assert_eq!(kept.find(&here, &uids(1..=5)), (expected, uids([3, 5])));
        assert_eq!(kept.find(&row(2, 9), &uids([4])).1, uids([4]), "of another mailbox");
    }

    #[test]
    fn large_mailboxes_and_those_not_asked_for_make_room() {
        let kept = KeptSummaries::default();
        kept.keep(&row(1, FEW + 1), &summaries([1], b"large"));
        assert_eq!(kept.find(&row(1, FEW + 1), &uids([1])).1, uids([1]));
        static HALF: [u8; ROOM / 2 - 100] = [0; ROOM / 2 - 100];
        for mailbox in [2, 3] {
            kept.keep(&row(mailbox, 1), &summaries([1], &HALF));
        }
        assert!(kept.find(&row(2, 1), &uids([1])).1.is_empty());
        kept.keep(&row(4, 1), &summaries([1], &HALF));
        let is_kept = |mailbox| kept.find(&row(mailbox, 1), &uids([1])).1.is_empty();
        assert_eq!([2, 3, 4].map(is_kept), [true, false, true]);
        kept.keep(&row(5, 2), &summaries([1, 2, 3], &HALF));
        assert_eq!(
            [2, 4, 5].map(is_kept),
            [true, true, false],
            "more than there is room for"
        );
    }
}
