//! Mailboxes: appending, listing, expunging.

use async_trait::async_trait;
use sqlx::SqlitePool;

use super::failure::Failure;
use super::spool::Share;
use super::writer::{Job, Transaction};
use crate::store::millis::{from_millis, now, to_millis};
use crate::store::{Change, Delivered, Entry, Listing, Mailbox, ModSeq, Result, StoreError, Uid, UidValidity};

/// Appends a message to a mailbox, which it makes if need be.
pub(super) async fn append(tx: &mut Transaction<'_>, mailbox: Mailbox, share: Share) -> Result<Delivered, Failure> {
    let sql = "INSERT INTO mailbox (account, name, uid_validity, last_uid, mod_seq)
        VALUES (?1, ?2, (SELECT uid_validity FROM store), 1, 1)
        ON CONFLICT DO UPDATE SET last_uid = last_uid + 1, mod_seq = mod_seq + 1;
        INSERT INTO message (mailbox, uid, mod_seq, internal_date, size, content, prefix)
        SELECT id, last_uid, mod_seq, ?3, ?4, ?5, ?6 FROM mailbox WHERE account = ?1 AND name = ?2
        RETURNING (SELECT uid_validity FROM mailbox WHERE id = message.mailbox), uid, mod_seq";
    let (uid_validity, uid, mod_seq): (u32, i64, i64) = sqlx::query_as(sql)
        .bind(mailbox.account())
        .bind(mailbox.name())
        .bind(to_millis(now()))
        .bind(share.size)
        .bind(share.content)
        .bind(share.prefix)
        .fetch_one(&mut *tx.db)
        .await?;
    let uid = u32::try_from(uid).map_err(|_| StoreError::Full)?;
    tx.changes.push(Change::Mailbox(mailbox, ModSeq(mod_seq as u64)));
    Ok(Delivered::Mailbox(UidValidity(uid_validity), Uid(uid)))
}

/// Lists a mailbox inside one read transaction, so that all of it is of one moment.
pub(super) async fn list(readers: &SqlitePool, mailbox: &Mailbox) -> Result<Listing, Failure> {
    let mut tx = readers.begin().await?;
    let sql = "SELECT id, uid_validity, last_uid, mod_seq FROM mailbox WHERE account = ?1 AND name = ?2";
    let found = sqlx::query_as(sql)
        .bind(mailbox.account())
        .bind(mailbox.name())
        .fetch_optional(&mut *tx)
        .await?;
    let Some((id, uid_validity, last_uid, mod_seq)): Option<(i64, u32, u32, i64)> = found else {
        let uid_validity: u32 = sqlx::query_scalar("SELECT uid_validity FROM store")
            .fetch_one(&mut *tx)
            .await?;
        return Ok(listing(uid_validity, 0, 0, Vec::new()));
    };
    let sql = "SELECT uid, mod_seq, size, internal_date FROM message WHERE mailbox = ?1 ORDER BY uid";
    let rows: Vec<(u32, i64, i64, i64)> = sqlx::query_as(sql).bind(id).fetch_all(&mut *tx).await?;
    Ok(listing(
        uid_validity,
        last_uid,
        mod_seq,
        rows.into_iter().map(entry).collect(),
    ))
}

fn listing(uid_validity: u32, last_uid: u32, mod_seq: i64, entries: Vec<Entry>) -> Listing {
    Listing {
        uid_validity: UidValidity(uid_validity),
        uid_next: Uid(last_uid.saturating_add(1)),
        mod_seq: ModSeq(mod_seq as u64),
        entries,
    }
}

fn entry((uid, mod_seq, size, date): (u32, i64, i64, i64)) -> Entry {
    Entry {
        uid: Uid(uid),
        mod_seq: ModSeq(mod_seq as u64),
        size: size as u64,
        internal_date: from_millis(date),
    }
}

/// Removes messages.
pub(super) struct Expunge {
    pub(super) mailbox: Mailbox,
    pub(super) uids: Vec<Uid>,
}

#[async_trait]
impl Job for Expunge {
    type Output = Vec<Uid>;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Vec<Uid>, Failure> {
        let sql = "DELETE FROM message
            WHERE mailbox = (SELECT id FROM mailbox WHERE account = ?1 AND name = ?2)
              AND uid IN (SELECT value FROM json_each(?3))
            RETURNING uid, content";
        let rows: Vec<(u32, i64)> = sqlx::query_as(sql)
            .bind(self.mailbox.account())
            .bind(self.mailbox.name())
            .bind(self.json())
            .fetch_all(&mut *tx.db)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "UPDATE mailbox SET mod_seq = mod_seq + 1 WHERE account = ?1 AND name = ?2 RETURNING mod_seq";
        let mod_seq: i64 = sqlx::query_scalar(sql)
            .bind(self.mailbox.account())
            .bind(self.mailbox.name())
            .fetch_one(&mut *tx.db)
            .await?;
        tx.changes
            .push(Change::Mailbox(self.mailbox.clone(), ModSeq(mod_seq as u64)));
        tx.orphans.extend(rows.iter().map(|&(_, content)| content));
        let mut removed: Vec<Uid> = rows.into_iter().map(|(uid, _)| Uid(uid)).collect();
        removed.sort_unstable();
        Ok(removed)
    }
}

impl Expunge {
    /// Any number of uids as one parameter of a statement.
    fn json(&self) -> String {
        let uids: Vec<String> = self.uids.iter().map(|uid| uid.0.to_string()).collect();
        format!("[{}]", uids.join(","))
    }
}
