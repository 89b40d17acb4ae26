//! What is in a mailbox, and what changed: the questions, each answered inside one read transaction.

use imap_mailbox::{Memory, Uids};
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::Message;
use super::kept::Kept;
use super::mailbox::Row;
use super::rows;
use crate::store::mailbox::uid;
use crate::store::{Changed, Delta, MessageInfo, ModSeq, ObjectId, Result, Roster, Status};

pub(super) async fn roster(db: &mut SqliteConnection, kept: &Kept, row: &Row) -> Result<Roster, Failure> {
    let uids = kept.uids(db, row).await?;
    let sql = "SELECT min(uid) FROM message WHERE mailbox = ?1 AND flags & 16 = 0";
    let first_unseen: Option<u32> = sqlx::query_scalar(sql).bind(row.id).fetch_one(db).await?;
    Ok(Roster {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        uids: (*uids).clone(),
        first_unseen: first_unseen.map(uid),
    })
}

/// Uids of messages that came or changed after a state. One row of text: a row for each would cost ten times as much.
pub(super) async fn uids_after(db: &mut SqliteConnection, row: &Row, mod_seq: i64) -> Result<Uids, Failure> {
    let sql =
        "SELECT group_concat(uid, ',') FROM message INDEXED BY message_change WHERE mailbox = ?1 AND mod_seq > ?2";
    let query = sqlx::query_scalar(sql).bind(row.id).bind(mod_seq);
    let text: Option<String> = query.fetch_one(db).await?;
    let text = text.unwrap_or_default();
    Ok(text.split(',').filter_map(|uid| uid.parse().ok()).collect())
}

pub(super) async fn expunged(db: &mut SqliteConnection, row: &Row, mod_seq: i64) -> Result<Uids, Failure> {
    let sql = "SELECT first, last FROM expunged WHERE mailbox = ?1 AND mod_seq > ?2";
    let query = sqlx::query_as(sql).bind(row.id).bind(mod_seq);
    let runs: Vec<(u32, u32)> = query.fetch_all(db).await?;
    Ok(Uids::from_ranges(
        runs.into_iter().map(|(first, last)| (uid(first), uid(last))),
    ))
}

pub(super) async fn changes_since(
    db: &mut SqliteConnection,
    kept: &Kept,
    row: &Row,
    since: ModSeq,
) -> Result<Delta, Failure> {
    let since = i64::try_from(since.0).unwrap_or(i64::MAX);
    let (mut messages, mut went) = (Vec::new(), Uids::new());
    if since < row.mod_seq {
        messages = match kept.index(db, row, 0).await? {
            Some(index) => index.since(since).map(Message::changed).collect(),
            None => changed(db, row, since).await?,
        };
        went = expunged(db, row, since).await?;
    }
    Ok(Delta {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        messages,
        expunged: went,
        memory: match since >= row.forgotten {
            true => Memory::Complete,
            false => Memory::Forgotten,
        },
    })
}

async fn changed(db: &mut SqliteConnection, row: &Row, since: i64) -> Result<Vec<Changed>, Failure> {
    let rows = rows::changed(db, row.id, since).await?;
    Ok(rows.messages.iter().map(Message::changed).collect())
}

pub(super) async fn messages(
    db: &mut SqliteConnection,
    kept: &Kept,
    row: &Row,
    uids: &Uids,
) -> Result<Vec<MessageInfo>, Failure> {
    let asked = u64::from(uids.len()).min(row.messages);
    if let Some(index) = kept.index(db, row, asked).await? {
        return Ok(index.among(uids).map(Message::info).collect());
    }
    let messages = rows::among(db, row.id, uids).await?;
    Ok(messages.iter().map(Message::info).collect())
}

pub(super) async fn status(db: &mut SqliteConnection, row: &Row) -> Result<Status, Failure> {
    let sql = "SELECT messages, unseen, deleted, recent, size FROM mailbox WHERE id = ?1";
    let query = sqlx::query_as(sql).bind(row.id);
    let (messages, unseen, deleted, recent, size): (u32, u32, u32, u32, i64) = query.fetch_one(db).await?;
    Ok(Status {
        uid_validity: row.uid_validity,
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
