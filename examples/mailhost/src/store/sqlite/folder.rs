//! An account's mailboxes and subscriptions: making, deleting, renaming, listing.

use async_trait::async_trait;
use imap_mailbox::Uids;
use sqlx::sqlite::SqliteConnection;

use super::annotations;
use super::expunge::{Only, remove};
use super::failure::Failure;
use super::mailbox::{Row, existing, find, make};
use super::quotas::make_room;
use super::transfer::copy;
use super::writer::{Job, Transaction};
use crate::store::{Change, FlagMask, Mailbox, MailboxInfo, ObjectId, Result, SpecialUse, StoreError, Usage};

pub(super) async fn mailboxes(db: &mut SqliteConnection, account: &str) -> Result<Vec<MailboxInfo>, Failure> {
    let sql = "SELECT name, object_id, special_use FROM mailbox WHERE account = ?1 ORDER BY name";
    let query = sqlx::query_as(sql).bind(account);
    let rows: Vec<(String, i64, Option<i64>)> = query.fetch_all(db).await?;
    let info = |(name, id, special_use): (String, i64, Option<i64>)| MailboxInfo {
        mailbox: Mailbox::new(account, &name),
        id: ObjectId(id as u64),
        special_use: special_use.and_then(SpecialUse::from_number),
    };
    Ok(rows.into_iter().map(info).collect())
}

pub(super) async fn subscriptions(db: &mut SqliteConnection, account: &str) -> Result<Vec<Mailbox>, Failure> {
    let sql = "SELECT name FROM subscription WHERE account = ?1 ORDER BY name";
    let names: Vec<String> = sqlx::query_scalar(sql).bind(account).fetch_all(db).await?;
    Ok(names.iter().map(|name| Mailbox::new(account, name)).collect())
}

/// Makes a mailbox.
pub(super) struct Create {
    pub(super) mailbox: Mailbox,
    pub(super) special_use: Option<SpecialUse>,
}

#[async_trait]
impl Job for Create {
    type Output = ObjectId;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<ObjectId, Failure> {
        if self.mailbox.is_inbox() || find(tx.db, &self.mailbox).await?.is_some() {
            return Err(StoreError::Exists.into());
        }
        make_room(tx, self.mailbox.account(), Usage::MAILBOX).await?;
        let row = make(tx.db, &self.mailbox, self.special_use).await?;
        tx.changes.push(Change::Created(self.mailbox.clone()));
        Ok(ObjectId(row.object_id as u64))
    }
}

/// Removes a mailbox with its messages.
pub(super) struct Delete {
    pub(super) mailbox: Mailbox,
}

#[async_trait]
impl Job for Delete {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        if self.mailbox.is_inbox() {
            return Err(StoreError::InboxStays.into());
        }
        let row = existing(tx.db, &self.mailbox).await?;
        let sql = "DELETE FROM message WHERE mailbox = ?1 RETURNING content, thread_id";
        let rows: Vec<(i64, i64)> = sqlx::query_as(sql).bind(row.id).fetch_all(&mut *tx.db).await?;
        tx.orphans.extend(rows.iter().map(|&(content, _)| content));
        tx.thinned.extend(rows.iter().map(|&(_, thread)| thread));
        sqlx::query("DELETE FROM mailbox WHERE id = ?1")
            .bind(row.id)
            .execute(&mut *tx.db)
            .await?;
        tx.changes.push(Change::Deleted(self.mailbox.clone()));
        Ok(())
    }
}

/// Renames a mailbox and those below it.
pub(super) struct Rename {
    pub(super) mailbox: Mailbox,
    pub(super) to: Mailbox,
}

#[async_trait]
impl Job for Rename {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        if self.mailbox.is_inbox() {
            return self.empty_inbox(tx).await;
        }
        if self.to.is_below(&self.mailbox) {
            return Err(StoreError::BelowItself.into());
        }
        let concerned = self.concerned(tx.db).await?;
        if concerned.is_empty() {
            return Err(StoreError::NoMailbox.into());
        }
        for (_, old) in &concerned {
            let new = old.renamed(&self.mailbox, &self.to);
            if new.is_inbox() || find(tx.db, &new).await?.is_some() {
                return Err(StoreError::Exists.into());
            }
        }
        let departed: i64 = sqlx::query_scalar("SELECT departed FROM store")
            .fetch_one(&mut *tx.db)
            .await?;
        for (id, from) in concerned {
            let to = from.renamed(&self.mailbox, &self.to);
            give_name(tx.db, id, &to, departed).await?;
            tx.changes.push(Change::Renamed { from, to });
        }
        Ok(())
    }
}

impl Rename {
    /// INBOX's messages go, and INBOX stays.
    async fn empty_inbox(&self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        if self.to.is_inbox() || find(tx.db, &self.to).await?.is_some() {
            return Err(StoreError::Exists.into());
        }
        make_room(tx, self.mailbox.account(), Usage::MAILBOX).await?;
        let inbox = existing(tx.db, &self.mailbox).await?;
        let new: Row = make(tx.db, &self.to, None).await?;
        annotations::copy(tx.db, &inbox, &new).await?;
        tx.changes.push(Change::Created(self.to.clone()));
        let sql = "SELECT group_concat(uid, ',') FROM message INDEXED BY message_change WHERE mailbox = ?1";
        let uids: Option<String> = sqlx::query_scalar(sql).bind(inbox.id).fetch_one(&mut *tx.db).await?;
        let uids = uids.unwrap_or_default();
        let uids: Uids = uids.split(',').filter_map(|uid| uid.parse().ok()).collect();
        if !uids.is_empty() {
            let mod_seq = copy(tx, &inbox, &new, &uids, FlagMask::ALL).await?;
            tx.changes.push(Change::Mailbox(self.to.clone(), mod_seq));
        }
        remove(tx, &self.mailbox, &inbox, &uids, Only::All).await?;
        Ok(())
    }

    /// The mailbox, if there is one, and those below it.
    async fn concerned(&self, db: &mut SqliteConnection) -> Result<Vec<(i64, Mailbox)>, Failure> {
        // `0` is what follows the separator: names between them are below.
        let sql = "SELECT id, name FROM mailbox
            WHERE account = ?1 AND (name = ?2 OR name > ?2 || '/' AND name < ?2 || '0') ORDER BY name";
        let query = sqlx::query_as(sql)
            .bind(self.mailbox.account())
            .bind(self.mailbox.name());
        let rows: Vec<(i64, String)> = query.fetch_all(db).await?;
        let mailbox = |(id, name): (i64, String)| (id, Mailbox::new(self.mailbox.account(), &name));
        Ok(rows.into_iter().map(mailbox).collect())
    }
}

/// Neither the mailbox that gets the name nor the next one that gets its old name begins below the state of those that had
/// them before; nor has it a lower UIDVALIDITY than any name has lost (RFC 9051 §2.3.1.1).
async fn give_name(db: &mut SqliteConnection, id: i64, name: &Mailbox, departed: i64) -> Result<(), Failure> {
    let sql = "UPDATE store SET departed = max(departed, (SELECT uid_validity FROM mailbox WHERE id = ?1));
        UPDATE mailbox SET name = ?2, mod_seq = max(mailbox.mod_seq, store.mod_seq),
            uid_validity = iif(mailbox.uid_validity < ?3, store.uid_validity, mailbox.uid_validity)
            FROM store WHERE id = ?1;
        UPDATE store SET mod_seq = (SELECT mod_seq FROM mailbox WHERE id = ?1), uid_validity = uid_validity + 1";
    let query = sqlx::query(sql).bind(id).bind(name.name()).bind(departed);
    query.execute(db).await?;
    Ok(())
}

/// Begins a subscription, or ends it.
pub(super) struct Subscribe {
    pub(super) mailbox: Mailbox,
    pub(super) subscribed: bool,
}

#[async_trait]
impl Job for Subscribe {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let sql = match self.subscribed {
            true => "INSERT OR IGNORE INTO subscription (account, name) VALUES (?1, ?2)",
            false => "DELETE FROM subscription WHERE account = ?1 AND name = ?2",
        };
        let done = sqlx::query(sql)
            .bind(self.mailbox.account())
            .bind(self.mailbox.name())
            .execute(&mut *tx.db)
            .await?;
        if done.rows_affected() > 0 {
            tx.changes.push(Change::Subscription(self.mailbox.clone()));
        }
        Ok(())
    }
}
