//! What is in a mailbox, and what changed: the questions, each answered inside one read transaction.
//!
//! The uids of a mailbox stay in memory after the first question. What is kept is brought up to date by what changed
//! since, so that nobody has to tell it of changes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use imap_mailbox::{Memory, Uids};
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::flags::changed;
use super::mailbox::Row;
use super::runs;
use crate::store::mailbox::uid;
use crate::store::millis::from_millis;
use crate::store::{Delta, Flags, MessageInfo, ModSeq, ObjectId, Result, Roster, Status, UidValidity};

/// Uids of the mailboxes that were asked for last.
#[derive(Debug, Default)]
pub(super) struct Rosters {
    /// The last one asked for is in front.
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    object_id: i64,
    mod_seq: i64,
    uids: Uids,
}

impl Rosters {
    pub(super) async fn roster(&self, db: &mut SqliteConnection, row: &Row) -> Result<Roster, Failure> {
        let uids = match self.find(row.object_id) {
            Some(kept) if kept.mod_seq == row.mod_seq => kept.uids,
            Some(kept) if kept.mod_seq >= row.forgotten && kept.mod_seq < row.mod_seq => {
                let went = expunged(db, row, kept.mod_seq).await?;
                let came = uids_after(db, row, kept.mod_seq).await?;
                kept.uids.difference(&went).union(&came)
            }
            _ => uids_after(db, row, -1).await?,
        };
        self.keep(Kept {
            object_id: row.object_id,
            mod_seq: row.mod_seq,
            uids: uids.clone(),
        });
        let sql = "SELECT min(uid) FROM message WHERE mailbox = ?1 AND flags & 16 = 0";
        let first_unseen: Option<u32> = sqlx::query_scalar(sql).bind(row.id).fetch_one(db).await?;
        Ok(Roster {
            uid_validity: row.uid_validity,
            uid_next: row.uid_next(),
            mod_seq: row.mod_seq(),
            uids,
            first_unseen: first_unseen.map(uid),
        })
    }

    fn find(&self, object_id: i64) -> Option<Kept> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|kept| kept.object_id == object_id).cloned()
    }

    fn keep(&self, new: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|old| old.object_id != new.object_id);
        kept.truncate(KEPT - 1);
        kept.push_front(new);
    }
}

/// Uids of messages that came or changed after a state. One row of text: a row for each would cost ten times as much.
async fn uids_after(db: &mut SqliteConnection, row: &Row, mod_seq: i64) -> Result<Uids, Failure> {
    let sql =
        "SELECT group_concat(uid, ',') FROM message INDEXED BY message_change WHERE mailbox = ?1 AND mod_seq > ?2";
    let query = sqlx::query_scalar(sql).bind(row.id).bind(mod_seq);
    let text: Option<String> = query.fetch_one(db).await?;
    let text = text.unwrap_or_default();
    Ok(text.split(',').filter_map(|uid| uid.parse().ok()).collect())
}

async fn expunged(db: &mut SqliteConnection, row: &Row, mod_seq: i64) -> Result<Uids, Failure> {
    let sql = "SELECT first, last FROM expunged WHERE mailbox = ?1 AND mod_seq > ?2";
    let query = sqlx::query_as(sql).bind(row.id).bind(mod_seq);
    let runs: Vec<(u32, u32)> = query.fetch_all(db).await?;
    Ok(Uids::from_ranges(
        runs.into_iter().map(|(first, last)| (uid(first), uid(last))),
    ))
}

pub(super) async fn changes_since(db: &mut SqliteConnection, row: &Row, since: ModSeq) -> Result<Delta, Failure> {
    let since = i64::try_from(since.0).unwrap_or(i64::MAX);
    let sql = "SELECT uid, mod_seq, flags, keywords FROM message WHERE mailbox = ?1 AND mod_seq > ?2 ORDER BY uid";
    let query = sqlx::query_as(sql).bind(row.id).bind(since);
    let messages: Vec<(u32, i64, u8, String)> = query.fetch_all(&mut *db).await?;
    Ok(Delta {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        messages: messages.into_iter().map(changed).collect(),
        expunged: expunged(db, row, since).await?,
        memory: match since >= row.forgotten {
            true => Memory::Complete,
            false => Memory::Forgotten,
        },
    })
}

pub(super) async fn messages(db: &mut SqliteConnection, row: &Row, uids: &Uids) -> Result<Vec<MessageInfo>, Failure> {
    let sql = "SELECT uid, mod_seq, flags, keywords, size, internal_date, save_date, email_id
        FROM json_each(?2) AS run CROSS JOIN message
        WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
        ORDER BY uid";
    let query = sqlx::query_as(sql).bind(row.id).bind(runs(uids));
    let rows: Vec<InfoRow> = query.fetch_all(db).await?;
    Ok(rows.into_iter().map(info).collect())
}

type InfoRow = (u32, i64, u8, String, i64, i64, i64, i64);

fn info((number, mod_seq, flags, keywords, size, internal_date, save_date, email_id): InfoRow) -> MessageInfo {
    MessageInfo {
        uid: uid(number),
        mod_seq: ModSeq(mod_seq as u64),
        flags: Flags::from_stored(flags, &keywords),
        size: size as u64,
        internal_date: from_millis(internal_date),
        save_date: from_millis(save_date),
        email_id: ObjectId(email_id as u64),
    }
}

pub(super) async fn status(db: &mut SqliteConnection, row: &Row) -> Result<Status, Failure> {
    let sql = "SELECT uid_validity, messages, unseen, deleted, size,
            (SELECT count(*) FROM message WHERE message.mailbox = mailbox.id AND uid > recent_uid)
        FROM mailbox WHERE id = ?1";
    let query = sqlx::query_as(sql).bind(row.id);
    let (uid_validity, messages, unseen, deleted, size, recent): (u32, u32, u32, u32, i64, u32) =
        query.fetch_one(db).await?;
    Ok(Status {
        uid_validity: UidValidity(uid_validity),
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        id: ObjectId(row.object_id as u64),
        messages,
        unseen,
        deleted,
        recent,
        size: size as u64,
    })
}

/// Mailboxes whose uids stay in memory: 8 octets for each run of neighbours.
const KEPT: usize = 64;
