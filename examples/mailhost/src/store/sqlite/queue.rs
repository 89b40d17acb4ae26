//! The queue of mail for other hosts.

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, SqlitePool};

use super::entry;
use super::failure::Failure;
use super::spool::Share;
use super::writer::{Job, Transaction};
use crate::store::millis::{now, to_millis};
use crate::store::{Change, Claim, Envelope, Next, QueueEntry, QueueId, Result, StoreError, Verdict};

/// Adds an entry that is due at once, or at its release.
pub(super) async fn enqueue(tx: &mut Transaction<'_>, envelope: Envelope, share: Share) -> Result<QueueId, Failure> {
    let sql = "INSERT INTO queue (next_hop, reverse_path, arrival, due, size, content, prefix, envelope_id, returned,
            priority, hold_until, deliver_by, by_mode, by_trace, require_tls, content_kind, smtp_utf8)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) RETURNING id";
    let (arrival, terms) = (to_millis(now()), envelope.terms);
    let hold_until = terms.hold_until.map(to_millis);
    let id: i64 = sqlx::query_scalar(sql)
        .bind(envelope.next_hop)
        .bind(envelope.reverse_path)
        .bind(arrival)
        .bind(hold_until.unwrap_or(arrival).max(arrival))
        .bind(share.size)
        .bind(share.content)
        .bind(share.prefix)
        .bind(terms.envelope_id)
        .bind(entry::returned_number(terms.returned))
        .bind(terms.priority)
        .bind(hold_until)
        .bind(terms.deliver_by.map(|by| to_millis(by.at)))
        .bind(terms.deliver_by.map(|by| entry::mode_number(by.mode)))
        .bind(terms.deliver_by.is_some_and(|by| by.trace))
        .bind(terms.require_tls)
        .bind(entry::kind_number(terms.content))
        .bind(terms.smtp_utf8)
        .fetch_one(&mut *tx.db)
        .await?;
    for (number, addressee) in envelope.addressees.into_iter().enumerate() {
        let sql = "INSERT INTO recipient (entry, number, forward_path, notify, original) VALUES (?1, ?2, ?3, ?4, ?5)";
        sqlx::query(sql)
            .bind(id)
            .bind(number as i64)
            .bind(addressee.forward_path)
            .bind(addressee.notify.map(|notify| notify.bits()))
            .bind(addressee.original)
            .execute(&mut *tx.db)
            .await?;
    }
    tx.changes.push(Change::Queue);
    Ok(QueueId(id as u64))
}

/// When the next entry is due, in milliseconds.
pub(super) async fn next_due(readers: &SqlitePool) -> Result<Option<i64>, sqlx::Error> {
    let sql = "SELECT min(first) FROM (SELECT (SELECT min(due) FROM queue WHERE held = 0 AND priority = value) AS first
        FROM json_each(?1))";
    sqlx::query_scalar(sql).bind(PRIORITIES).fetch_one(readers).await
}

/// Every priority, the highest first. The index leads with it: one look at each finds what is due however much is not.
const PRIORITIES: &str = "[9,8,7,6,5,4,3,2,1,0,-1,-2,-3,-4,-5,-6,-7,-8,-9]";

/// A page of the queue.
pub(super) async fn queued(readers: &SqlitePool, after: i64, limit: usize) -> Result<Vec<QueueEntry>, Failure> {
    let mut tx = readers.begin().await?;
    page(&mut tx, after, limit).await
}

/// A page of the queue, seen by one connection.
pub(super) async fn page(db: &mut SqliteConnection, after: i64, limit: usize) -> Result<Vec<QueueEntry>, Failure> {
    let query = sqlx::query("SELECT * FROM queue WHERE id > ?1 ORDER BY id LIMIT ?2")
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query.fetch_all(&mut *db).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let recipients = entry::recipients(db, row.try_get("id")?).await?;
        entries.push(entry::read(&row, recipients)?);
    }
    Ok(entries)
}

/// Claims what is due.
pub(super) struct ClaimDue {
    pub(super) now: i64,
    pub(super) until: i64,
    pub(super) limit: usize,
    /// Next hops, as a JSON array.
    pub(super) except: String,
}

#[async_trait]
impl Job for ClaimDue {
    type Output = Vec<QueueEntry>;

    /// Leases end with the process anyway.
    const IS_PROMISE: bool = false;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Vec<QueueEntry>, Failure> {
        let sql = "SELECT value FROM json_each(?1)
            WHERE EXISTS (SELECT 1 FROM queue WHERE held = 0 AND priority = value AND due <= ?2)";
        let query = sqlx::query_scalar(sql).bind(PRIORITIES).bind(self.now);
        let priorities: Vec<i8> = query.fetch_all(&mut *tx.db).await?;
        let mut entries = Vec::new();
        for priority in priorities {
            let room = self.limit.saturating_sub(entries.len());
            for id in self.due(tx.db, priority, room).await? {
                entries.push(self.claim(tx.db, id).await?);
            }
        }
        Ok(entries)
    }
}

impl ClaimDue {
    async fn due(&self, db: &mut SqliteConnection, priority: i8, limit: usize) -> Result<Vec<i64>, sqlx::Error> {
        let sql = "SELECT id FROM queue WHERE held = 0 AND priority = ?1 AND due <= ?2
                AND next_hop NOT IN (SELECT value FROM json_each(?3))
            ORDER BY due, id LIMIT ?4";
        let query = sqlx::query_scalar(sql)
            .bind(priority)
            .bind(self.now)
            .bind(&self.except)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        query.fetch_all(db).await
    }

    async fn claim(&self, db: &mut SqliteConnection, id: i64) -> Result<QueueEntry, Failure> {
        let sql = "UPDATE queue SET leased = 1, due = ?2, attempts = attempts + 1 WHERE id = ?1 RETURNING *";
        let row = sqlx::query(sql).bind(id).bind(self.until).fetch_one(&mut *db).await?;
        let recipients = entry::recipients(db, id).await?;
        entry::read(&row, recipients)
    }
}

/// Prolongs a lease.
pub(super) struct Renew {
    pub(super) claim: Claim,
    pub(super) until: i64,
}

#[async_trait]
impl Job for Renew {
    type Output = ();

    /// As [`ClaimDue`]'s.
    const IS_PROMISE: bool = false;

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
        match &self.next {
            Next::Remove => self.remove(tx).await,
            Next::Retry { at, error, warned } => {
                self.release(tx.db, to_millis(*at), error, entry::warned_number(*warned))
                    .await?;
                tx.changes.push(Change::Queue);
                Ok(())
            }
        }
    }
}

impl Settle {
    /// The verdicts go with their recipients, and need no place.
    async fn remove(&self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let sql = "DELETE FROM queue WHERE id = ?1 AND attempts = ?2 AND leased
                AND (?3 IS NULL OR EXISTS (SELECT 1 FROM recipient WHERE entry = ?1 AND number = ?3))
            RETURNING content";
        let last = self.verdicts.iter().map(|verdict| verdict.recipient as i64).max();
        let content = sqlx::query_scalar(sql)
            .bind(self.claim.id.0 as i64)
            .bind(self.claim.attempt)
            .bind(last)
            .fetch_optional(&mut *tx.db)
            .await?;
        tx.orphans.push(content.ok_or(StoreError::NotFound)?);
        Ok(())
    }

    async fn release(&self, db: &mut SqliteConnection, at: i64, error: &str, warned: i64) -> Result<(), Failure> {
        let id = self.claim.id.0 as i64;
        let sql = "UPDATE queue SET leased = 0, due = ?3, last_error = ?4, warned = ?5
            WHERE id = ?1 AND attempts = ?2 AND leased";
        let query = sqlx::query(sql)
            .bind(id)
            .bind(self.claim.attempt)
            .bind(at)
            .bind(error)
            .bind(warned);
        found(query.execute(&mut *db).await?.rows_affected())?;
        for verdict in &self.verdicts {
            record(db, id, verdict).await?;
        }
        Ok(())
    }
}

async fn record(db: &mut SqliteConnection, id: i64, verdict: &Verdict) -> Result<(), Failure> {
    let diagnosis = verdict.diagnosis.as_ref();
    let sql =
        "UPDATE recipient SET state = ?3, code = ?4, diagnostic = ?5, remote = ?6 WHERE entry = ?1 AND number = ?2";
    let query = sqlx::query(sql)
        .bind(id)
        .bind(verdict.recipient as i64)
        .bind(entry::status_number(verdict.status))
        .bind(diagnosis.map(|diagnosis| entry::code_number(diagnosis.code)))
        .bind(diagnosis.map(|diagnosis| diagnosis.text.to_string()))
        .bind(diagnosis.and_then(|diagnosis| diagnosis.remote.as_ref()));
    found(query.execute(db).await?.rows_affected())
}

/// Puts entries off whose host does not answer.
pub(super) struct PutOff {
    pub(super) next_hop: String,
    pub(super) at: i64,
    pub(super) error: String,
}

#[async_trait]
impl Job for PutOff {
    type Output = u64;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<u64, Failure> {
        let sql = "UPDATE queue SET last_error = ?3,
                due = CASE WHEN deliver_by > ?4 AND deliver_by < ?2 THEN deliver_by ELSE ?2 END
            WHERE next_hop = ?1 AND due < ?2 AND leased = 0";
        let query = sqlx::query(sql)
            .bind(&self.next_hop)
            .bind(self.at)
            .bind(&self.error)
            .bind(to_millis(now()));
        Ok(query.execute(&mut *tx.db).await?.rows_affected())
    }
}

fn found(rows: u64) -> Result<(), Failure> {
    if rows == 0 {
        Err(StoreError::NotFound.into())
    } else {
        Ok(())
    }
}
