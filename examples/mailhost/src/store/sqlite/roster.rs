//! What is in a mailbox, and what changed: the questions, each answered inside one read transaction.

use imap_mailbox::{Memory, Uids};
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::{Index, Message};
use super::kept::Kept;
use super::mailbox::Row;
use super::rows;
use crate::store::mailbox::uid;
use crate::store::{Changed, Delta, MessageInfo, ModSeq, Result, Roster, Uid};

pub(super) async fn roster(db: &mut SqliteConnection, kept: &Kept, row: &Row) -> Result<Roster, Failure> {
    let uids = kept.uids(db, row).await?;
    let first_unseen = kept.first_unseen(db, row).await?;
    Ok(assemble(row, &uids, first_unseen))
}

/// The same, if all of it is kept in just this state.
pub(super) fn kept_roster(kept: &Kept, row: &Row) -> Option<Roster> {
    let (uids, first_unseen) = kept.roster(row)?;
    Some(assemble(row, &uids, first_unseen))
}

fn assemble(row: &Row, uids: &Uids, first_unseen: Option<Uid>) -> Roster {
    Roster {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        uids: uids.clone(),
        first_unseen,
    }
}

/// The lowest message without `\Seen` from one on.
pub(super) async fn first_unseen(db: &mut SqliteConnection, row: &Row, from: Uid) -> Result<Option<Uid>, Failure> {
    let sql = "SELECT uid FROM message WHERE mailbox = ?1 AND uid >= ?2 AND flags & 16 = 0 ORDER BY uid LIMIT 1";
    let query = sqlx::query_scalar(sql).bind(row.id).bind(from.get());
    let first: Option<u32> = query.fetch_optional(db).await?;
    Ok(first.map(uid))
}

/// The same among those that came or changed after a state.
pub(super) async fn first_unseen_after(
    db: &mut SqliteConnection,
    row: &Row,
    mod_seq: i64,
) -> Result<Option<Uid>, Failure> {
    let sql = "SELECT min(uid) FROM message INDEXED BY message_change
        WHERE mailbox = ?1 AND mod_seq > ?2 AND flags & 16 = 0";
    let query = sqlx::query_scalar(sql).bind(row.id).bind(mod_seq);
    let first: Option<u32> = query.fetch_one(db).await?;
    Ok(first.map(uid))
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
    let mut delta = no_changes(row);
    if since < row.mod_seq {
        delta.messages = match kept.index(db, row, 0).await? {
            Some(index) => index.since(since).map(Message::changed).collect(),
            None => changed(db, row, since).await?,
        };
        delta.expunged = expunged(db, row, since).await?;
    }
    if since < row.forgotten {
        delta.memory = Memory::Forgotten;
    }
    Ok(delta)
}

/// To one who knows this state.
pub(super) fn no_changes(row: &Row) -> Delta {
    Delta {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        messages: Vec::new(),
        expunged: Uids::new(),
        memory: Memory::Complete,
    }
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
    let asked = uids.len().min(row.messages);
    if let Some(index) = kept.index(db, row, asked.into()).await? {
        return Ok(infos(&index, uids));
    }
    let messages = rows::among(db, row.id, uids).await?;
    Ok(messages.iter().map(Message::info).collect())
}

/// Those that are there, ascending.
pub(super) fn infos(index: &Index, uids: &Uids) -> Vec<MessageInfo> {
    index.among(uids).map(Message::info).collect()
}
