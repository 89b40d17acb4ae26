//! The rows of mailboxes and messages: finding, making, appending, listing.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Row as _, SqlitePool};

use super::failure::Failure;
use super::spool::Share;
use super::writer::{Job, Transaction};
use crate::store::mailbox::{LAST_UID, uid, uid_after};
use crate::store::millis::{from_millis, now, to_millis};
use crate::store::{
    Change, Delivered, Entry, Flags, Listing, Mailbox, ModSeq, ObjectId, Result, SpecialUse, Status, StoreError, Uid,
    UidValidity,
};

/// What most requests need to know of a mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) object_id: i64,
    pub(super) uid_validity: UidValidity,
    pub(super) last_uid: u32,
    pub(super) mod_seq: i64,
    pub(super) forgotten: i64,
    pub(super) recent_uid: u32,
    pub(super) messages: u32,
    pub(super) unseen: u32,
    pub(super) deleted: u32,
    pub(super) recent: u32,
    /// Octets of all messages.
    pub(super) size: i64,
}

impl Row {
    /// Of a mailbox that is new.
    #[cfg(test)]
    pub(super) const fn new(object_id: i64) -> Self {
        Self {
            id: object_id,
            object_id,
            uid_validity: UidValidity(1),
            last_uid: 0,
            mod_seq: 1,
            forgotten: 0,
            recent_uid: 0,
            messages: 0,
            unseen: 0,
            deleted: 0,
            recent: 0,
            size: 0,
        }
    }

    pub(super) fn uid_next(&self) -> Uid {
        uid_after(self.last_uid)
    }

    pub(super) fn mod_seq(&self) -> ModSeq {
        ModSeq(self.mod_seq as u64)
    }

    pub(super) fn status(&self) -> Status {
        Status {
            uid_validity: self.uid_validity,
            uid_next: self.uid_next(),
            mod_seq: self.mod_seq(),
            id: ObjectId(self.object_id as u64),
            messages: self.messages,
            unseen: self.unseen,
            deleted: self.deleted,
            recent: self.recent,
            size: self.size as u64,
        }
    }
}

/// Looks for a mailbox.
pub(super) async fn find(db: &mut SqliteConnection, mailbox: &Mailbox) -> Result<Option<Row>, sqlx::Error> {
    let sql = "SELECT id, object_id, uid_validity, last_uid, mod_seq, forgotten, recent_uid, messages, unseen, deleted, recent, size
        FROM mailbox WHERE account = ?1 AND name = ?2";
    let query = sqlx::query(sql).bind(mailbox.account()).bind(mailbox.name());
    let found = query.try_map(|row: SqliteRow| {
        Ok(Row {
            id: row.try_get(0)?,
            object_id: row.try_get(1)?,
            uid_validity: UidValidity(row.try_get(2)?),
            last_uid: row.try_get(3)?,
            mod_seq: row.try_get(4)?,
            forgotten: row.try_get(5)?,
            recent_uid: row.try_get(6)?,
            messages: row.try_get(7)?,
            unseen: row.try_get(8)?,
            deleted: row.try_get(9)?,
            recent: row.try_get(10)?,
            size: row.try_get(11)?,
        })
    });
    found.fetch_optional(db).await
}

/// A mailbox that must be there; makes INBOX if need be.
pub(super) async fn existing(db: &mut SqliteConnection, mailbox: &Mailbox) -> Result<Row, Failure> {
    if let Some(row) = find(db, mailbox).await? {
        return Ok(row);
    }
    if !mailbox.is_inbox() {
        return Err(StoreError::NoMailbox.into());
    }
    make(db, mailbox, None).await
}

/// Makes a mailbox that is not there.
pub(super) async fn make(
    db: &mut SqliteConnection,
    mailbox: &Mailbox,
    special_use: Option<SpecialUse>,
) -> Result<Row, Failure> {
    let sql = "INSERT INTO mailbox (account, name, uid_validity, object_id, last_uid, mod_seq, special_use)
        SELECT ?1, ?2, iif(?2 = 'INBOX', inbox, uid_validity), next_object, 0, mod_seq, ?3 FROM store";
    sqlx::query(sql)
        .bind(mailbox.account())
        .bind(mailbox.name())
        .bind(special_use.map(|special_use| special_use as i64))
        .execute(&mut *db)
        .await?;
    find(db, mailbox).await?.ok_or_else(|| StoreError::NoMailbox.into())
}

/// Appends a message to a mailbox, which it makes if need be.
pub(super) async fn append(tx: &mut Transaction<'_>, mailbox: Mailbox, share: Share) -> Result<Delivered, Failure> {
    if !mailbox.is_inbox() && find(tx.db, &mailbox).await?.is_none() {
        tx.changes.push(Change::Created(mailbox.clone()));
    }
    // `WHERE true` tells the parser that ON CONFLICT is not the join's.
    let sql = "INSERT INTO mailbox (account, name, uid_validity, object_id, last_uid, mod_seq)
        SELECT ?1, ?2, iif(?2 = 'INBOX', inbox, uid_validity), next_object, 1, mod_seq + 1 FROM store WHERE true
        ON CONFLICT DO UPDATE SET last_uid = last_uid + 1, mod_seq = mod_seq + 1;
        INSERT OR IGNORE INTO thread (account, link, thread)
        SELECT ?1, value, ifnull(
            (SELECT thread FROM json_each(?10) CROSS JOIN thread ON account = ?1 AND link = value ORDER BY key LIMIT 1),
            (SELECT next_object FROM store)) FROM json_each(?10);
        INSERT INTO message
            (mailbox, uid, mod_seq, internal_date, size, content, prefix, flags, keywords, save_date, email_id, thread_id)
        SELECT id, last_uid, mod_seq, ?3, ?4, ?5, ?6, ?7, ?8, ?9, (SELECT next_object FROM store), ifnull(
            (SELECT thread FROM thread WHERE account = ?1 AND link = json_extract(?10, '$[0]')),
            (SELECT next_object FROM store))
        FROM mailbox WHERE account = ?1 AND name = ?2
        RETURNING (SELECT uid_validity FROM mailbox WHERE id = message.mailbox), uid, mod_seq";
    let saved = now();
    let (uid_validity, last_uid, mod_seq): (u32, i64, i64) = sqlx::query_as(sql)
        .bind(mailbox.account())
        .bind(mailbox.name())
        .bind(to_millis(saved))
        .bind(share.size)
        .bind(share.content)
        .bind(share.prefix)
        .bind(Flags::new().bits())
        .bind(Flags::new().words())
        .bind(to_millis(saved))
        .bind(share.links)
        .fetch_one(&mut *tx.db)
        .await?;
    let last_uid = u32::try_from(last_uid).map_err(|_| StoreError::Full)?;
    if last_uid > LAST_UID {
        return Err(StoreError::Full.into());
    }
    tx.changes.push(Change::Mailbox(mailbox, ModSeq(mod_seq as u64)));
    Ok(Delivered::Mailbox(UidValidity(uid_validity), uid(last_uid)))
}

/// Lists a mailbox inside one read transaction, so that all of it is of one moment.
pub(super) async fn list(readers: &SqlitePool, mailbox: &Mailbox) -> Result<Listing, Failure> {
    let mut tx = readers.begin().await?;
    let Some(row) = find(&mut tx, mailbox).await? else {
        let sql = "SELECT iif(?1, inbox, uid_validity), mod_seq FROM store";
        let query = sqlx::query_as(sql).bind(mailbox.is_inbox());
        let (uid_validity, mod_seq): (u32, i64) = query.fetch_one(&mut *tx).await?;
        return Ok(Listing {
            uid_validity: UidValidity(uid_validity),
            uid_next: Uid::MIN,
            mod_seq: ModSeq(mod_seq as u64),
            entries: Vec::new(),
        });
    };
    let sql = "SELECT uid, mod_seq, size, internal_date FROM message WHERE mailbox = ?1 ORDER BY uid";
    let rows: Vec<(u32, i64, i64, i64)> = sqlx::query_as(sql).bind(row.id).fetch_all(&mut *tx).await?;
    Ok(Listing {
        uid_validity: row.uid_validity,
        uid_next: row.uid_next(),
        mod_seq: row.mod_seq(),
        entries: rows.into_iter().map(entry).collect(),
    })
}

fn entry((number, mod_seq, size, date): (u32, i64, i64, i64)) -> Entry {
    Entry {
        uid: uid(number),
        mod_seq: ModSeq(mod_seq as u64),
        size: size as u64,
        internal_date: from_millis(date),
    }
}

/// Makes a mailbox, if it is an INBOX, where there is none.
pub(super) struct Ensure {
    pub(super) mailbox: Mailbox,
}

#[async_trait]
impl Job for Ensure {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        existing(tx.db, &self.mailbox).await.map(drop)
    }
}
