//! What a caller keeps beside messages.

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;
use sqlx::SqlitePool;

use super::failure::Failure;
use super::mailbox::{Row, existing};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::mailbox::uid;
use crate::store::{Mailbox, Result, Uid};

/// Each row that SQLite hands out costs more than what is in it: many summaries come in one, with their uids and lengths beside them.
/// They stand in the order of uids because runs do, and each is read in the order of the table: to sort would be to copy them.
///
/// Numbers of mailboxes are used again, so each question says which one is meant.
pub(super) async fn summaries(readers: &SqlitePool, row: &Row, uids: &Uids) -> Result<Vec<(Uid, Bytes)>, Failure> {
    let sql = "SELECT group_concat(uid || ' ' || length(octets), ' '), CAST(group_concat(octets, '') AS BLOB), max(uid)
        FROM (SELECT uid, octets FROM json_each(?2) AS run CROSS JOIN summary
            WHERE mailbox = (SELECT id FROM mailbox WHERE id = ?1 AND object_id = ?4)
                AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
            LIMIT ?3)";
    let mut found = Vec::new();
    let mut rest = uids.clone();
    loop {
        let query = sqlx::query_as(sql)
            .bind(row.id)
            .bind(runs(&rest))
            .bind(AT_ONCE)
            .bind(row.object_id);
        let some: (Option<String>, Option<Vec<u8>>, Option<u32>) = query.fetch_one(readers).await?;
        let (Some(lengths), Some(octets), Some(last)) = some else {
            return Ok(found);
        };
        take_apart(&lengths, octets.into(), &mut found);
        rest = rest.difference(&Uids::between(Uid::MIN, uid(last)));
        if rest.is_empty() {
            return Ok(found);
        }
    }
}

/// `7 300 8 250`, and 550 octets.
fn take_apart(lengths: &str, mut octets: Bytes, found: &mut Vec<(Uid, Bytes)>) {
    let mut numbers = lengths.split(' ').map_while(|number| number.parse().ok());
    while let (Some(number), Some(length)) = (numbers.next(), numbers.next()) {
        let length = (length as usize).min(octets.len());
        found.push((uid(number), octets.split_to(length)));
    }
}

/// Summaries that come in one row.
const AT_ONCE: u32 = 250;

/// Keeps octets beside messages.
pub(super) struct Keep {
    pub(super) mailbox: Mailbox,
    pub(super) summaries: Vec<(Uid, Bytes)>,
}

#[async_trait]
impl Job for Keep {
    type Output = ();

    /// They can be made again.
    const IS_PROMISE: bool = false;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let sql = "INSERT OR REPLACE INTO summary (mailbox, uid, octets)
            SELECT mailbox, uid, ?3 FROM message WHERE mailbox = ?1 AND uid = ?2";
        for (uid, octets) in &self.summaries {
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
