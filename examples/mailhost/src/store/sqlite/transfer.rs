//! Copying and moving messages between mailboxes.

use async_trait::async_trait;
use imap_mailbox::Uids;

use super::expunge::{Only, remove};
use super::failure::Failure;
use super::mailbox::{Row, existing};
use super::quotas::{self, make_room};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::mailbox::{room_for, uid, uid_after};
use crate::store::millis::{now, to_millis};
use crate::store::{Change, Copied, FlagMask, ModSeq, Originals, Result, Transfer, Usage};

#[async_trait]
impl Job for Transfer {
    type Output = Copied;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Copied, Failure> {
        let source = existing(tx.db, &self.from).await?;
        let target = existing(tx.db, &self.to).await?;
        let sql = "SELECT uid FROM json_each(?2) AS run CROSS JOIN message
            WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
            ORDER BY uid";
        let there: Vec<u32> = sqlx::query_scalar(sql)
            .bind(source.id)
            .bind(runs(&self.uids))
            .fetch_all(&mut *tx.db)
            .await?;
        let there: Uids = there.into_iter().map(uid).collect();
        let is_more = self.originals == Originals::Stay || self.from.account() != self.to.account();
        if is_more && quotas::are_there(tx).await? {
            let octets = size(tx, &source, &there).await?;
            make_room(tx, self.to.account(), Usage::messages(u64::from(there.len()), octets)).await?;
        }
        if !there.is_empty() {
            let mod_seq = copy(tx, &source, &target, &there, self.flags).await?;
            tx.changes.push(Change::Mailbox(self.to.clone(), mod_seq));
        }
        if self.originals == Originals::Go {
            remove(tx, &self.from, &source, &there, Only::All).await?;
        }
        let pair = |(at, old)| (old, uid_after(target.last_uid + at));
        Ok(Copied {
            uid_validity: target.uid_validity,
            uids: (0..).zip(there.iter()).map(pair).collect(),
        })
    }
}

/// Octets of messages.
async fn size(tx: &mut Transaction<'_>, source: &Row, uids: &Uids) -> Result<u64, Failure> {
    let sql = "SELECT ifnull(sum(size), 0) FROM json_each(?2) AS run CROSS JOIN message
        WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')";
    let query = sqlx::query_scalar(sql).bind(source.id).bind(runs(uids));
    let size: i64 = query.fetch_one(&mut *tx.db).await?;
    Ok(size as u64)
}

/// Copies what is there, as one change.
pub(super) async fn copy(
    tx: &mut Transaction<'_>,
    source: &Row,
    target: &Row,
    uids: &Uids,
    mask: FlagMask,
) -> Result<ModSeq, Failure> {
    let last_uid = room_for(target.last_uid, uids.len())?;
    let sql = "UPDATE mailbox SET last_uid = ?2, mod_seq = mod_seq + 1 WHERE id = ?1 RETURNING mod_seq";
    let mod_seq: i64 = sqlx::query_scalar(sql)
        .bind(target.id)
        .bind(last_uid)
        .fetch_one(&mut *tx.db)
        .await?;
    let sql = "INSERT INTO message
            (mailbox, uid, mod_seq, internal_date, zone, size, content, prefix, flags, keywords, save_date, email_id,
            thread_id)
        SELECT ?3, ?4 + row_number() OVER (ORDER BY uid), ?5, internal_date, zone, size, content, prefix, flags & ?7,
            iif(?8, keywords, ''), ?6, email_id, thread_id
        FROM json_each(?2) AS run CROSS JOIN message
        WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]');
        INSERT INTO summary (mailbox, uid, octets)
        SELECT ?3, numbered.number, octets FROM (
            SELECT uid, ?4 + row_number() OVER (ORDER BY uid) AS number FROM json_each(?2) AS run CROSS JOIN message
            WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
        ) AS numbered JOIN summary ON summary.mailbox = ?1 AND summary.uid = numbered.uid";
    sqlx::query(sql)
        .bind(source.id)
        .bind(runs(uids))
        .bind(target.id)
        .bind(target.last_uid)
        .bind(mod_seq)
        .bind(to_millis(now()))
        .bind(mask.bits())
        .bind(mask.has_keywords())
        .execute(&mut *tx.db)
        .await?;
    Ok(ModSeq(mod_seq as u64))
}
