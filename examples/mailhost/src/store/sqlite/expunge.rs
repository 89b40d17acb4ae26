//! Removing messages, and remembering that they were there.

use async_trait::async_trait;
use imap_mailbox::Uids;

use super::failure::Failure;
use super::mailbox::{Row, existing, find};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::folders::REMEMBERED;
use crate::store::mailbox::uid;
use crate::store::{Change, Mailbox, ModSeq, Result};

/// Which of the messages that a request names are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    All,
    /// Those with `\Deleted`.
    Deleted,
}

/// Removes messages. Where there is no such mailbox, there is nothing to remove.
pub(super) struct Expunge {
    pub(super) mailbox: Mailbox,
    pub(super) uids: Uids,
    pub(super) only: Only,
}

#[async_trait]
impl Job for Expunge {
    type Output = Uids;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Uids, Failure> {
        let row = match self.only {
            Only::All => find(tx.db, &self.mailbox).await?,
            Only::Deleted => Some(existing(tx.db, &self.mailbox).await?),
        };
        match row {
            Some(row) => remove(tx, &self.mailbox, &row, &self.uids, self.only).await,
            None => Ok(Uids::new()),
        }
    }
}

/// Removes those that are there, as one change. Returns them.
pub(super) async fn remove(
    tx: &mut Transaction<'_>,
    mailbox: &Mailbox,
    row: &Row,
    uids: &Uids,
    only: Only,
) -> Result<Uids, Failure> {
    let sql = "DELETE FROM message WHERE mailbox = ?1 AND flags & ?3 = ?3 AND uid IN (
            SELECT uid FROM json_each(?2) AS run CROSS JOIN message
            WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]'))
        RETURNING uid, content, thread_id";
    let rows: Vec<(u32, i64, i64)> = sqlx::query_as(sql)
        .bind(row.id)
        .bind(runs(uids))
        .bind(if only == Only::Deleted { 4 } else { 0 })
        .fetch_all(&mut *tx.db)
        .await?;
    tx.orphans.extend(rows.iter().map(|&(_, content, _)| content));
    tx.thinned.extend(rows.iter().map(|&(_, _, thread)| thread));
    let removed: Uids = rows.into_iter().map(|(number, ..)| uid(number)).collect();
    if !removed.is_empty() {
        let mod_seq = bury(tx, row, &removed).await?;
        tx.changes.push(Change::Mailbox(mailbox.clone(), mod_seq));
    }
    Ok(removed)
}

/// Forgets the identifiers of conversations without a message. It is done when all else is: what is removed may come back at once, in
/// another mailbox or as a replacement.
pub(super) async fn forget_threads(tx: &mut Transaction<'_>) -> Result<(), Failure> {
    if tx.thinned.is_empty() {
        return Ok(());
    }
    tx.thinned.sort_unstable();
    tx.thinned.dedup();
    let threads: Vec<String> = tx.thinned.iter().map(i64::to_string).collect();
    let sql = "DELETE FROM thread WHERE thread IN (SELECT value FROM json_each(?1) AS thinned
            WHERE NOT EXISTS (SELECT 1 FROM message WHERE thread_id = thinned.value))";
    sqlx::query(sql)
        .bind(format!("[{}]", threads.join(",")))
        .execute(&mut *tx.db)
        .await?;
    Ok(())
}

/// Remembers what went, and forgets what went long ago.
async fn bury(tx: &mut Transaction<'_>, row: &Row, removed: &Uids) -> Result<ModSeq, Failure> {
    let sql = "UPDATE mailbox SET mod_seq = mod_seq + 1, tombstones = tombstones + ?3 WHERE id = ?1;
        INSERT INTO expunged (mailbox, mod_seq, first, last)
        SELECT ?1, (SELECT mod_seq FROM mailbox WHERE id = ?1), json_extract(value, '$[0]'), json_extract(value, '$[1]')
        FROM json_each(?2);
        SELECT mod_seq, tombstones FROM mailbox WHERE id = ?1";
    let (mod_seq, tombstones): (i64, i64) = sqlx::query_as(sql)
        .bind(row.id)
        .bind(runs(removed))
        .bind(removed.ranges().len() as i64)
        .fetch_one(&mut *tx.db)
        .await?;
    if tombstones >= 2 * REMEMBERED as i64 {
        forget(tx, row).await?;
    }
    Ok(ModSeq(mod_seq as u64))
}

/// A change is forgotten as a whole or not at all.
async fn forget(tx: &mut Transaction<'_>, row: &Row) -> Result<(), Failure> {
    let sql = "SELECT mod_seq FROM expunged WHERE mailbox = ?1 ORDER BY mod_seq DESC LIMIT 1 OFFSET ?2";
    let oldest_kept: i64 = sqlx::query_scalar(sql)
        .bind(row.id)
        .bind(REMEMBERED as i64 - 1)
        .fetch_one(&mut *tx.db)
        .await?;
    let sql = "UPDATE mailbox SET forgotten = max(forgotten, ifnull(
            (SELECT max(mod_seq) FROM expunged WHERE mailbox = ?1 AND mod_seq < ?2), 0)) WHERE id = ?1;
        DELETE FROM expunged WHERE mailbox = ?1 AND mod_seq < ?2;
        UPDATE mailbox SET tombstones = (SELECT count(*) FROM expunged WHERE mailbox = ?1) WHERE id = ?1";
    sqlx::query(sql)
        .bind(row.id)
        .bind(oldest_kept)
        .execute(&mut *tx.db)
        .await?;
    Ok(())
}
