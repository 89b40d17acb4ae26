//! Which session has a message as `\Recent`: the one that asks first.

use async_trait::async_trait;
use imap_mailbox::Uids;

use super::failure::Failure;
use super::mailbox::existing;
use super::writer::{Job, Transaction};
use crate::store::mailbox::uid;
use crate::store::{Mailbox, Result};

/// Claims what came since the last claim.
pub(super) struct ClaimRecent {
    pub(super) mailbox: Mailbox,
}

#[async_trait]
impl Job for ClaimRecent {
    type Output = Uids;

    /// After a power failure another session may hear the same once more.
    const IS_PROMISE: bool = false;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Uids, Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let sql = "SELECT uid FROM message WHERE mailbox = ?1 AND uid > ?2 ORDER BY uid";
        let uids: Vec<u32> = sqlx::query_scalar(sql)
            .bind(row.id)
            .bind(row.recent_uid)
            .fetch_all(&mut *tx.db)
            .await?;
        sqlx::query("UPDATE mailbox SET recent_uid = last_uid, recent = 0 WHERE id = ?1")
            .bind(row.id)
            .execute(&mut *tx.db)
            .await?;
        Ok(uids.into_iter().map(uid).collect())
    }
}
