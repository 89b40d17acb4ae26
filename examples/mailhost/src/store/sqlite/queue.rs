//! The queue of mail for other hosts.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Row, SqlitePool};

use super::failure::Failure;
use super::spool::Share;
use super::writer::{Job, Transaction};
use crate::store::millis::{from_millis, now, to_millis};
use crate::store::{
    Change, Claim, Envelope, Next, QueueEntry, QueueId, Recipient, RecipientStatus, Result, StoreError, Verdict,
};

/// Adds an entry that is due at once.
pub(super) async fn enqueue(tx: &mut Transaction<'_>, envelope: Envelope, share: Share) -> Result<QueueId, Failure> {
    let sql = "INSERT INTO queue (next_hop, reverse_path, arrival, due, size, content, prefix)
        VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6) RETURNING id";
    let id: i64 = sqlx::query_scalar(sql)
        .bind(envelope.next_hop)
        .bind(envelope.reverse_path)
        .bind(to_millis(now()))
        .bind(share.size)
        .bind(share.content)
        .bind(share.prefix)
        .fetch_one(&mut *tx.db)
        .await?;
    for (number, forward_path) in envelope.forward_paths.into_iter().enumerate() {
        sqlx::query("INSERT INTO recipient (entry, number, forward_path) VALUES (?1, ?2, ?3)")
            .bind(id)
            .bind(number as i64)
            .bind(forward_path)
            .execute(&mut *tx.db)
            .await?;
    }
    tx.changes.push(Change::Queue);
    Ok(QueueId(id as u64))
}

/// When the next entry is due, in milliseconds.
pub(super) async fn next_due(readers: &SqlitePool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT min(due) FROM queue")
        .fetch_one(readers)
        .await
}

/// Claims what is due.
pub(super) struct ClaimDue {
    pub(super) now: i64,
    pub(super) until: i64,
    pub(super) limit: usize,
}

#[async_trait]
impl Job for ClaimDue {
    type Output = Vec<QueueEntry>;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Vec<QueueEntry>, Failure> {
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        let due: Vec<i64> = sqlx::query_scalar("SELECT id FROM queue WHERE due <= ?1 ORDER BY due, id LIMIT ?2")
            .bind(self.now)
            .bind(limit)
            .fetch_all(&mut *tx.db)
            .await?;
        let mut entries = Vec::with_capacity(due.len());
        for id in due {
            entries.push(self.claim(tx.db, id).await?);
        }
        Ok(entries)
    }
}

impl ClaimDue {
    async fn claim(&self, db: &mut SqliteConnection, id: i64) -> Result<QueueEntry, sqlx::Error> {
        let sql = "UPDATE queue SET leased = 1, due = ?2, attempts = attempts + 1 WHERE id = ?1
            RETURNING attempts, next_hop, reverse_path, arrival, last_error, size";
        let row = sqlx::query(sql).bind(id).bind(self.until).fetch_one(&mut *db).await?;
        let sql = "SELECT forward_path, delivered, failure FROM recipient WHERE entry = ?1 ORDER BY number";
        let recipients = sqlx::query(sql).bind(id).fetch_all(&mut *db).await?;
        Ok(QueueEntry {
            claim: Claim {
                id: QueueId(id as u64),
                attempt: row.try_get("attempts")?,
            },
            next_hop: row.try_get("next_hop")?,
            reverse_path: row.try_get("reverse_path")?,
            recipients: recipients.iter().map(recipient).collect::<Result<_, _>>()?,
            arrival: from_millis(row.try_get("arrival")?),
            last_error: row.try_get("last_error")?,
            size: row.try_get::<i64, _>("size")? as u64,
        })
    }
}

fn recipient(row: &SqliteRow) -> Result<Recipient, sqlx::Error> {
    let status = match (row.try_get("delivered")?, row.try_get("failure")?) {
        (true, _) => RecipientStatus::Delivered,
        (false, Some(why)) => RecipientStatus::Failed(why),
        (false, None) => RecipientStatus::Pending,
    };
    Ok(Recipient {
        forward_path: row.try_get("forward_path")?,
        status,
    })
}

/// Prolongs a lease.
pub(super) struct Renew {
    pub(super) claim: Claim,
    pub(super) until: i64,
}

#[async_trait]
impl Job for Renew {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let sql = "UPDATE queue SET due = ?3 WHERE id = ?1 AND attempts = ?2 AND leased";
        let query = sqlx::query(sql)
            .bind(self.claim.id.0 as i64)
            .bind(self.claim.attempt)
            .bind(self.until);
        found(query.execute(&mut *tx.db).await?.rows_affected())
    }
}

/// Ends a claim.
pub(super) struct Settle {
    pub(super) claim: Claim,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) next: Next,
}

#[async_trait]
impl Job for Settle {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let id = self.claim.id.0 as i64;
        let sql = "UPDATE queue SET leased = 0 WHERE id = ?1 AND attempts = ?2 AND leased";
        let released = sqlx::query(sql)
            .bind(id)
            .bind(self.claim.attempt)
            .execute(&mut *tx.db)
            .await?;
        found(released.rows_affected())?;
        for verdict in &self.verdicts {
            record(tx.db, id, verdict).await?;
        }
        match &self.next {
            Next::Remove => {
                let sql = "DELETE FROM queue WHERE id = ?1 RETURNING content";
                let content = sqlx::query_scalar(sql).bind(id).fetch_one(&mut *tx.db).await?;
                tx.orphans.push(content);
            }
            Next::Retry { at, error } => {
                let sql = "UPDATE queue SET due = ?2, last_error = ?3 WHERE id = ?1";
                sqlx::query(sql)
                    .bind(id)
                    .bind(to_millis(*at))
                    .bind(error)
                    .execute(&mut *tx.db)
                    .await?;
                tx.changes.push(Change::Queue);
            }
        }
        Ok(())
    }
}

async fn record(db: &mut SqliteConnection, id: i64, verdict: &Verdict) -> Result<(), Failure> {
    let (delivered, failure) = match &verdict.status {
        RecipientStatus::Pending => (false, None),
        RecipientStatus::Delivered => (true, None),
        RecipientStatus::Failed(why) => (false, Some(why)),
    };
    let sql = "UPDATE recipient SET delivered = ?3, failure = ?4 WHERE entry = ?1 AND number = ?2";
    let query = sqlx::query(sql)
        .bind(id)
        .bind(verdict.recipient as i64)
        .bind(delivered)
        .bind(failure);
    found(query.execute(db).await?.rows_affected())
}

fn found(rows: u64) -> Result<(), Failure> {
    if rows == 0 {
        Err(StoreError::NotFound.into())
    } else {
        Ok(())
    }
}
