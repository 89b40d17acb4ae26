//! Lists of rights.

use async_trait::async_trait;
use imap_proto::{Rights, RightsChange};
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use super::failure::Failure;
use super::mailbox::existing;
use super::writer::{Job, Transaction};
use crate::store::{
    Access, Acl, AclEntry, Change, Identifier, Mailbox, MailboxInfo, ObjectId, Result, SpecialUse, StoreError,
};

/// Account, whether it is negative, name, rights.
type Columns = (String, bool, String, String);

/// The same, where there may be none.
type Entry = (Option<String>, Option<bool>, Option<String>, Option<String>);

fn entry((account, negative, name, rights): Columns) -> AclEntry {
    AclEntry {
        identifier: Identifier::from_stored(&account, negative),
        name,
        // Nobody but this program writes them.
        rights: Rights::new(&rights).unwrap_or(Rights::NONE),
    }
}

async fn list(db: &mut SqliteConnection, mailbox: i64) -> Result<Acl, Failure> {
    let sql = "SELECT account, negative, name, rights FROM acl WHERE mailbox = ?1";
    let rows: Vec<Columns> = sqlx::query_as(sql).bind(mailbox).fetch_all(db).await?;
    let mut acl = Acl::default();
    rows.into_iter().for_each(|row| acl.put(entry(row)));
    Ok(acl)
}

/// A row of a list, behind the mailbox's id.
type Listed = (i64, String, String, i64, Option<i64>, String, bool, String, String);

/// Puts the rows of each mailbox, which come one behind the other, together.
fn gather(rows: Vec<Listed>) -> Vec<(MailboxInfo, Acl)> {
    let mut lists: Vec<(i64, MailboxInfo, Acl)> = Vec::new();
    for (id, owner, called, object_id, special_use, account, negative, name, rights) in rows {
        if lists.last().is_none_or(|(last, ..)| *last != id) {
            let info = MailboxInfo {
                mailbox: Mailbox::new(&owner, &called),
                id: ObjectId(object_id as u64),
                special_use: special_use.and_then(SpecialUse::from_number),
            };
            lists.push((id, info, Acl::default()));
        }
        if let Some((_, _, acl)) = lists.last_mut() {
            acl.put(entry((account, negative, name, rights)));
        }
    }
    lists.into_iter().map(|(_, info, acl)| (info, acl)).collect()
}

/// Changes a list, or takes an identifier out.
struct Regrant {
    mailbox: Mailbox,
    identifier: Identifier,
    change: Option<(String, RightsChange)>,
}

#[async_trait]
impl Job for Regrant {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let mut acl = list(tx.db, row.id).await?;
        let owner = self.mailbox.account();
        let kept = match &self.change {
            Some((name, change)) => acl.change(owner, &self.identifier, name, *change)?,
            None => acl.remove(owner, &self.identifier),
        };
        let sql = "DELETE FROM acl WHERE mailbox = ?1 AND account = ?2 AND negative = ?3";
        sqlx::query(sql)
            .bind(row.id)
            .bind(self.identifier.account())
            .bind(self.identifier.negative)
            .execute(&mut *tx.db)
            .await?;
        if let Some(entry) = kept {
            sqlx::query("INSERT INTO acl (mailbox, account, negative, name, rights) VALUES (?1, ?2, ?3, ?4, ?5)")
                .bind(row.id)
                .bind(entry.identifier.account())
                .bind(entry.identifier.negative)
                .bind(entry.name)
                .bind(entry.rights.to_string())
                .execute(&mut *tx.db)
                .await?;
        }
        tx.changes.push(Change::Acl(self.mailbox.clone()));
        Ok(())
    }
}

impl SqliteStore {
    /// Lists by some of their rows, ascending by accounts and names.
    async fn lists(&self, condition: &'static str, account: &str) -> Result<Vec<(MailboxInfo, Acl)>> {
        let rows: Result<Vec<Listed>, _> = sqlx::query_as(condition)
            .bind(account.to_ascii_lowercase())
            .fetch_all(&self.readers)
            .await;
        Ok(gather(rows.map_err(|error| self.named(error.into()))?))
    }
}

#[async_trait]
impl Access for SqliteStore {
    async fn acl(&self, mailbox: &Mailbox) -> Result<Acl> {
        // Each command asks, so that it is one order to the database: a mailbox without a list has a row without entry.
        let sql = "SELECT acl.account, acl.negative, acl.name, acl.rights
            FROM mailbox LEFT JOIN acl ON acl.mailbox = mailbox.id WHERE mailbox.account = ?1 AND mailbox.name = ?2";
        let query = sqlx::query_as(sql).bind(mailbox.account()).bind(mailbox.name());
        let rows: Result<Vec<Entry>, _> = query.fetch_all(&self.readers).await;
        let rows = rows.map_err(|error| self.named(error.into()))?;
        if rows.is_empty() && !mailbox.is_inbox() {
            return Err(StoreError::NoMailbox);
        }
        let mut acl = Acl::default();
        for (account, negative, name, rights) in rows {
            if let (Some(account), Some(negative), Some(name), Some(rights)) = (account, negative, name, rights) {
                acl.put(entry((account, negative, name, rights)));
            }
        }
        Ok(acl)
    }

    async fn grant(&self, mailbox: &Mailbox, identifier: &Identifier, name: &str, change: RightsChange) -> Result<()> {
        self.writer
            .run(Regrant {
                mailbox: mailbox.clone(),
                identifier: identifier.clone(),
                change: Some((name.to_owned(), change)),
            })
            .await
    }

    async fn ungrant(&self, mailbox: &Mailbox, identifier: &Identifier) -> Result<()> {
        self.writer
            .run(Regrant {
                mailbox: mailbox.clone(),
                identifier: identifier.clone(),
                change: None,
            })
            .await
    }

    async fn acls(&self, account: &str) -> Result<Vec<(Mailbox, Acl)>> {
        let sql = "SELECT id, mailbox.account, mailbox.name, object_id, special_use,
                acl.account, negative, acl.name, rights
            FROM mailbox JOIN acl ON acl.mailbox = mailbox.id
            WHERE mailbox.account = ?1 ORDER BY mailbox.name";
        let lists = self.lists(sql, account).await?;
        Ok(lists.into_iter().map(|(info, acl)| (info.mailbox, acl)).collect())
    }

    async fn granted(&self, account: &str) -> Result<Vec<(MailboxInfo, Acl)>> {
        let sql = "SELECT id, mailbox.account, mailbox.name, object_id, special_use,
                acl.account, negative, acl.name, rights
            FROM mailbox JOIN acl ON acl.mailbox = mailbox.id
            WHERE id IN (SELECT mailbox FROM acl WHERE account IN (?1, '') AND NOT negative)
                AND mailbox.account <> ?1 ORDER BY mailbox.account, mailbox.name";
        self.lists(sql, account).await
    }

    fn access_version(&self) -> u64 {
        self.writer.access_version()
    }
}
