//! How much an account may have.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use super::failure::Failure;
use super::writer::{Job, Transaction};
use crate::store::{Limits, Mailbox, Quota, Quotas, Result, StoreError, Usage};

/// Octets, messages, mailboxes; where they end.
type Columns = (i64, i64, i64, Option<i64>, Option<i64>, Option<i64>);

/// What an account has, and may have: its own limits, or those of all who have none.
async fn quota(db: &mut SqliteConnection, account: &str) -> Result<Quota, sqlx::Error> {
    let sql = "SELECT ifnull(sum(mailbox.size), 0), ifnull(sum(mailbox.messages), 0), count(mailbox.id),
            quota.octets, quota.messages, quota.mailboxes
        FROM (SELECT 1) LEFT JOIN quota ON quota.account =
                (SELECT max(account) FROM quota WHERE account IN (?1, ''))
            LEFT JOIN mailbox ON mailbox.account = ?1";
    let row: Columns = sqlx::query_as(sql).bind(account).fetch_one(db).await?;
    let (octets, messages, mailboxes, most_octets, most_messages, most_mailboxes) = row;
    let limit = |limit: Option<i64>| limit.map(|limit| limit as u64);
    Ok(Quota {
        usage: Usage {
            octets: octets as u64,
            messages: messages as u64,
            mailboxes: mailboxes as u64,
        },
        limits: Limits {
            octets: limit(most_octets),
            messages: limit(most_messages),
            mailboxes: limit(most_mailboxes),
        },
    })
}

/// Fails where an account would have more than it may.
pub(super) async fn make_room(tx: &mut Transaction<'_>, account: &str, more: Usage) -> Result<(), Failure> {
    if !are_there(tx).await? || quota(tx.db, account).await?.has_room(more) {
        return Ok(());
    }
    Err(StoreError::OverQuota.into())
}

/// Whether there are quotas at all. Nobody else writes them, so that one looks once.
pub(super) async fn are_there(tx: &mut Transaction<'_>) -> Result<bool, Failure> {
    if let Some(known) = *tx.has_quotas {
        return Ok(known);
    }
    let found = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM quota)");
    let found = found.fetch_one(&mut *tx.db).await?;
    *tx.has_quotas = Some(found);
    Ok(found)
}

/// Sets limits.
struct Limit {
    /// Empty: of all that have none of their own.
    account: String,
    limits: Limits,
}

#[async_trait]
impl Job for Limit {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        // Nothing is said of all by no row.
        let sql = match self.account.is_empty() && self.limits == Limits::default() {
            true => "DELETE FROM quota WHERE account = ?1 AND ifnull(?2, ifnull(?3, ?4)) IS NULL",
            false => "INSERT OR REPLACE INTO quota (account, octets, messages, mailboxes) VALUES (?1, ?2, ?3, ?4)",
        };
        let limit = |limit: Option<u64>| limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
        sqlx::query(sql)
            .bind(&self.account)
            .bind(limit(self.limits.octets))
            .bind(limit(self.limits.messages))
            .bind(limit(self.limits.mailboxes))
            .execute(&mut *tx.db)
            .await?;
        *tx.has_quotas = None;
        Ok(())
    }
}

#[async_trait]
impl Quotas for SqliteStore {
    async fn quota(&self, account: &str) -> Result<Quota> {
        let mut tx = self.readers.acquire().await.map_err(|error| self.named(error.into()))?;
        let found = quota(&mut tx, &account.to_ascii_lowercase()).await;
        found.map_err(|error| self.named(error.into()))
    }

    async fn limit(&self, account: Option<&str>, limits: Limits) -> Result<()> {
        let account = account.unwrap_or_default().to_ascii_lowercase();
        if limits != Limits::default() {
            self.has_quotas.store(true, Ordering::Relaxed);
        }
        self.writer.run(Limit { account, limits }).await
    }

    fn has_quotas(&self) -> bool {
        self.has_quotas.load(Ordering::Relaxed)
    }

    async fn deleted_size(&self, mailbox: &Mailbox) -> Result<u64> {
        let (mut tx, row) = self.moment(mailbox).await?;
        let sql = "SELECT ifnull(sum(size), 0) FROM message WHERE mailbox = ?1 AND flags & 4 <> 0";
        let size: Result<i64, _> = sqlx::query_scalar(sql).bind(row.id).fetch_one(&mut *tx).await;
        size.map(|size| size as u64).map_err(|error| self.named(error.into()))
    }
}
