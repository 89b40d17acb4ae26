//! What a caller keeps beside messages.

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::mailbox::{Row, existing};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::mailbox::uid;
use crate::store::{LONGEST_SUMMARY, Mailbox, Result, Uid};

pub(super) async fn summaries(db: &mut SqliteConnection, row: &Row, uids: &Uids) -> Result<Vec<(Uid, Bytes)>, Failure> {
    let sql = "SELECT uid, octets FROM json_each(?2) AS run CROSS JOIN summary
        WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
        ORDER BY uid";
    let query = sqlx::query_as(sql).bind(row.id).bind(runs(uids));
    let rows: Vec<(u32, Vec<u8>)> = query.fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(number, octets)| (uid(number), octets.into()))
        .collect())
}

/// Keeps octets beside messages.
pub(super) struct Keep {
    pub(super) mailbox: Mailbox,
    pub(super) summaries: Vec<(Uid, Bytes)>,
}

#[async_trait]
impl Job for Keep {
    type Output = ();

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let sql = "INSERT OR REPLACE INTO summary (mailbox, uid, octets)
            SELECT mailbox, uid, ?3 FROM message WHERE mailbox = ?1 AND uid = ?2";
        for (uid, octets) in &self.summaries {
            if octets.len() > LONGEST_SUMMARY {
                continue;
            }
            sqlx::query(sql)
                .bind(row.id)
                .bind(uid.get())
                .bind(octets.to_vec())
                .execute(&mut *tx.db)
                .await?;
        }
        Ok(())
    }
}
