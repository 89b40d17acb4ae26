//! Changing flags.

use std::collections::HashMap;

use async_trait::async_trait;
use imap_mailbox::Uids;

use super::failure::Failure;
use super::mailbox::{advance, existing};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::mailbox::uid;
use crate::store::{Changed, FlagChange, Flags, Mailbox, ModSeq, Result, Stored, Uid};

/// Changes the flags of messages.
pub(super) struct StoreFlags {
    pub(super) mailbox: Mailbox,
    pub(super) uids: Uids,
    pub(super) change: FlagChange,
}

#[async_trait]
impl Job for StoreFlags {
    type Output = Stored;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Stored, Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let sql = "SELECT uid, mod_seq, flags, keywords FROM json_each(?2) AS run CROSS JOIN message
            WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
            ORDER BY uid";
        let before: Vec<(u32, i64, u8, String)> = sqlx::query_as(sql)
            .bind(row.id)
            .bind(runs(&self.uids))
            .fetch_all(&mut *tx.db)
            .await?;
        let before = before.into_iter().map(changed).collect();
        let mut stored = self.change.plan(before)?;
        if !stored.changed.is_empty() {
            let mod_seq = advance(tx, &self.mailbox, &row).await?;
            stored.changed.iter_mut().for_each(|message| message.mod_seq = mod_seq);
            write(tx, row.id, mod_seq, &stored.changed).await?;
        }
        Ok(stored)
    }
}

pub(super) fn changed((number, mod_seq, flags, keywords): (u32, i64, u8, String)) -> Changed {
    Changed {
        uid: uid(number),
        mod_seq: ModSeq(mod_seq as u64),
        flags: Flags::from_stored(flags, &keywords),
    }
}

/// Writes the flags of messages, those that have the same in one stroke.
async fn write(tx: &mut Transaction<'_>, mailbox: i64, mod_seq: ModSeq, changed: &[Changed]) -> Result<(), Failure> {
    let mut alike: HashMap<&Flags, Vec<Uid>> = HashMap::new();
    for message in changed {
        alike.entry(&message.flags).or_default().push(message.uid);
    }
    let sql = "UPDATE message SET flags = ?3, keywords = ?4, mod_seq = ?5 WHERE mailbox = ?1 AND uid IN (
            SELECT uid FROM json_each(?2) AS run CROSS JOIN message
            WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]'))";
    for (flags, uids) in alike {
        let uids: Uids = uids.into_iter().collect();
        sqlx::query(sql)
            .bind(mailbox)
            .bind(runs(&uids))
            .bind(flags.bits())
            .bind(flags.words())
            .bind(mod_seq.0 as i64)
            .execute(&mut *tx.db)
            .await?;
    }
    Ok(())
}
