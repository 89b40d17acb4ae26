//! Filing messages that arrived whole, several at once, and perhaps in the place of another.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;

use super::expunge::{Only, remove};
use super::failure::Failure;
use super::mailbox::{Row, existing, find};
use super::quotas::make_room;
use super::spool::Spooled;
use super::writer::{Job, Transaction, Writer};
use crate::store::content::Held;
use crate::store::mailbox::{room_for, uid_after};
use crate::store::millis::{now, to_millis};
use crate::store::{Appended, Change, Content, Filing, Mailbox, ModSeq, Result, StoreError, Uid, Usage};

/// Appends messages.
pub(super) struct Append {
    mailbox: Mailbox,
    messages: Vec<Message>,
    replaced: Option<(Mailbox, Uid)>,
}

struct Message {
    spooled: Box<Spooled>,
    summary: Option<Bytes>,
    filing: Filing,
}

impl Append {
    pub(super) fn new(
        writer: &Arc<Writer>,
        mailbox: Mailbox,
        messages: Vec<(Content, Filing)>,
        replaced: Option<(Mailbox, Uid)>,
    ) -> Result<Self> {
        let own = |held| match held {
            Held::Sqlite(spooled) => Some(spooled).filter(|spooled| spooled.is_of(writer)),
            Held::Memory(_) | Held::Discarded => None,
        };
        let message = |(content, filing): (Content, Filing)| {
            let (spooled, summary) = content.take(own)?;
            Ok(Message {
                spooled,
                summary,
                filing,
            })
        };
        let messages: Result<Vec<Message>> = messages.into_iter().map(message).collect();
        Ok(Self {
            mailbox,
            messages: messages?,
            replaced,
        })
    }

    /// Takes the message away in whose place the others come.
    async fn make_way(&self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        let Some((mailbox, uid)) = &self.replaced else {
            return Ok(());
        };
        let row = find(tx.db, mailbox).await?.ok_or(StoreError::NotFound)?;
        let gone = remove(tx, mailbox, &row, &Uids::between(*uid, *uid), Only::All).await?;
        match gone.is_empty() {
            true => Err(StoreError::NotFound.into()),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Job for Append {
    type Output = Appended;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Appended, Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        self.make_way(tx).await?;
        let count = u32::try_from(self.messages.len()).map_err(|_| StoreError::Full)?;
        let octets = self.messages.iter().map(|message| message.spooled.size()).sum();
        make_room(tx, self.mailbox.account(), Usage::messages(u64::from(count), octets)).await?;
        let sql = "UPDATE mailbox SET last_uid = ?2, mod_seq = mod_seq + 1 WHERE id = ?1 RETURNING mod_seq";
        let mod_seq: i64 = sqlx::query_scalar(sql)
            .bind(row.id)
            .bind(room_for(row.last_uid, count)?)
            .fetch_one(&mut *tx.db)
            .await?;
        let uids: Uids = (0..count).map(|at| uid_after(row.last_uid + at)).collect();
        for (uid, message) in uids.iter().zip(&mut self.messages) {
            message.file(tx, (&self.mailbox, &row), uid, mod_seq).await?;
        }
        tx.changes
            .push(Change::Mailbox(self.mailbox.clone(), ModSeq(mod_seq as u64)));
        Ok(Appended {
            uid_validity: row.uid_validity,
            uids,
        })
    }
}

impl Message {
    async fn file(
        &mut self,
        tx: &mut Transaction<'_>,
        (mailbox, row): (&Mailbox, &Row),
        uid: Uid,
        mod_seq: i64,
    ) -> Result<(), Failure> {
        let content = self.spooled.complete(tx.db).await?;
        let saved = now();
        // Without a summary, ?12 is NULL. The numbers of the first statement have no gaps: the driver would count those, too,
        // and leave the last ones of later statements without a value.
        let sql = "INSERT OR IGNORE INTO thread (account, link, thread)
            SELECT ?1, value, ifnull(
                (SELECT thread FROM json_each(?2) CROSS JOIN thread ON account = ?1 AND link = value ORDER BY key LIMIT 1),
                (SELECT next_object FROM store)) FROM json_each(?2);
            INSERT INTO message
                (mailbox, uid, mod_seq, internal_date, zone, size, content, prefix, flags, keywords, save_date, email_id,
                thread_id)
            SELECT ?3, ?4, ?5, ?6, ?13, ?7, ?8, x'', ?9, ?10, ?11, next_object, ifnull(
                (SELECT thread FROM thread WHERE account = ?1 AND link = json_extract(?2, '$[0]')), next_object)
            FROM store;
            INSERT INTO summary (mailbox, uid, octets) SELECT ?3, ?4, ?12 WHERE ?12 IS NOT NULL";
        sqlx::query(sql)
            .bind(mailbox.account())
            .bind(self.spooled.links().json())
            .bind(row.id)
            .bind(uid.get())
            .bind(mod_seq)
            .bind(to_millis(self.filing.internal_date.unwrap_or(saved)))
            .bind(content.size as i64)
            .bind(content.id)
            .bind(self.filing.flags.bits())
            .bind(self.filing.flags.words())
            .bind(to_millis(saved))
            .bind(self.summary.as_deref())
            .bind(self.filing.zone)
            .execute(&mut *tx.db)
            .await?;
        Ok(())
    }
}
