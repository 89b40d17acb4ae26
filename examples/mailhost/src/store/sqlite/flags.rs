//! Changing flags.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use imap_mailbox::Uids;

use super::failure::Failure;
use super::index::{Index, Message};
use super::kept::Kept;
use super::mailbox::{Row, existing};
use super::rows::{self, Rows};
use super::runs;
use super::writer::{Job, Transaction};
use crate::store::{Change, FlagAction, FlagChange, Flags, Mailbox, ModSeq, Result, Stored, Uid};

/// Changes the flags of messages.
pub(super) struct StoreFlags {
    pub(super) mailbox: Mailbox,
    pub(super) uids: Uids,
    pub(super) change: FlagChange,
    pub(super) kept: Arc<Kept>,
}

/// What was changed, and the mailbox since with its messages, where these are kept.
pub(super) struct Done {
    pub(super) stored: Stored,
    pub(super) next: Option<(Row, Index)>,
}

#[async_trait]
impl Job for StoreFlags {
    type Output = Done;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Done, Failure> {
        let row = existing(tx.db, &self.mailbox).await?;
        let index = self.kept.exact(&row);
        let before: Vec<Message> = match &index {
            Some(index) => index.among(&self.uids).cloned().collect(),
            None => rows::among(tx.db, row.id, &self.uids).await?,
        };
        let mut stored = self.change.plan(before.iter().map(Message::changed).collect())?;
        if stored.changed.is_empty() {
            return Ok(Done { stored, next: None });
        }
        let mod_seq = self.advance(tx, &row, &before, &stored).await?;
        stored.changed.iter_mut().for_each(|message| message.mod_seq = mod_seq);
        self.write(tx, row.id, &stored).await?;
        let next = index.map(|index| {
            let rows = changed(&before, &stored);
            let mod_seq = mod_seq.0 as i64;
            (Row { mod_seq, ..row }, index.after(&Uids::new(), &rows))
        });
        Ok(Done { stored, next })
    }
}

impl StoreFlags {
    /// Gives the mailbox the next state, and the numbers that it will have.
    async fn advance(
        &self,
        tx: &mut Transaction<'_>,
        row: &Row,
        before: &[Message],
        stored: &Stored,
    ) -> Result<ModSeq, Failure> {
        let (mut unseen, mut deleted) = (0, 0);
        for (old, new) in pairs(before, stored) {
            unseen += i64::from(new.flags.bits() & SEEN == 0) - i64::from(old.bits & SEEN == 0);
            deleted += i64::from(new.flags.bits() & DELETED != 0) - i64::from(old.bits & DELETED != 0);
        }
        let sql = "UPDATE mailbox SET mod_seq = mod_seq + 1, unseen = unseen + ?2, deleted = deleted + ?3
            WHERE id = ?1 RETURNING mod_seq";
        let query = sqlx::query_scalar(sql).bind(row.id).bind(unseen).bind(deleted);
        let mod_seq: i64 = query.fetch_one(&mut *tx.db).await?;
        let mod_seq = ModSeq(mod_seq as u64);
        tx.changes.push(Change::Mailbox(self.mailbox.clone(), mod_seq));
        Ok(mod_seq)
    }

    async fn write(&self, tx: &mut Transaction<'_>, mailbox: i64, stored: &Stored) -> Result<(), Failure> {
        let mod_seq = stored.changed[0].mod_seq;
        let flags = &self.change.flags;
        let bits_alone = match self.change.action {
            _ if !flags.keywords().is_empty() => None,
            FlagAction::Add => Some(("flags = flags | ?2", "flags & ?2 <> ?2")),
            FlagAction::Remove => Some(("flags = flags & ~?2", "flags & ?2 <> 0")),
            FlagAction::Replace => None,
        };
        if let Some((set, only)) = bits_alone {
            // Just those that the plan says, in as few runs as were asked for.
            let uids = self.uids.difference(&stored.failed);
            return Stroke {
                set,
                only,
                flags,
                mod_seq,
            }
            .run(tx, mailbox, &uids)
            .await;
        }
        // Those that have the same in one stroke.
        let mut alike: HashMap<&Flags, Vec<Uid>> = HashMap::new();
        for message in &stored.changed {
            alike.entry(&message.flags).or_default().push(message.uid);
        }
        for (flags, uids) in alike {
            let uids: Uids = uids.into_iter().collect();
            let (set, only) = ("flags = ?2, keywords = ?3", "true");
            Stroke {
                set,
                only,
                flags,
                mod_seq,
            }
            .run(tx, mailbox, &uids)
            .await?;
        }
        Ok(())
    }
}

/// Each message that is changed, as it was and as it will be.
fn pairs<'a>(
    before: &'a [Message],
    stored: &'a Stored,
) -> impl Iterator<Item = (&'a Message, &'a crate::store::Changed)> {
    let mut before = before.iter();
    let old = move |new: &'a crate::store::Changed| Some((before.find(|old| old.uid == new.uid)?, new));
    stored.changed.iter().filter_map(old)
}

fn changed(before: &[Message], stored: &Stored) -> Rows {
    let message = |(old, new): (&Message, &crate::store::Changed)| Message {
        bits: new.flags.bits(),
        keywords: new.flags.clone().into_keywords(),
        mod_seq: new.mod_seq.0 as i64,
        ..old.clone()
    };
    let messages: Vec<Message> = pairs(before, stored).map(message).collect();
    let lists = messages.iter().filter_map(|message| message.keywords.as_deref());
    let beside = lists.map(|list| rows::beside(list)).sum();
    Rows { messages, beside }
}

/// One change of many rows.
struct Stroke<'a> {
    set: &'static str,
    only: &'static str,
    flags: &'a Flags,
    mod_seq: ModSeq,
}

impl Stroke<'_> {
    async fn run(&self, tx: &mut Transaction<'_>, mailbox: i64, uids: &Uids) -> Result<(), Failure> {
        let Self { set, only, .. } = self;
        // Rows that stand together are changed on the way through the table; a list costs three searches for each.
        if uids.ranges().len() <= FEW {
            let sql = format!(
                "UPDATE message SET {set}, mod_seq = ?4 WHERE mailbox = ?1 AND uid BETWEEN ?5 AND ?6 AND {only}"
            );
            for (first, last) in uids.ranges() {
                let query = self.bind(sqlx::query(sqlx::AssertSqlSafe(sql.clone())), mailbox);
                query.bind(first.get()).bind(last.get()).execute(&mut *tx.db).await?;
            }
            return Ok(());
        }
        let sql = format!(
            "UPDATE message SET {set}, mod_seq = ?4 WHERE mailbox = ?1 AND {only} AND uid IN (
                SELECT uid FROM json_each(?5) AS run CROSS JOIN message
                WHERE mailbox = ?1 AND uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]'))"
        );
        let query = self.bind(sqlx::query(sqlx::AssertSqlSafe(sql)), mailbox);
        query.bind(runs(uids)).execute(&mut *tx.db).await?;
        Ok(())
    }

    fn bind<'q>(&self, query: Query<'q>, mailbox: i64) -> Query<'q> {
        let query = query.bind(mailbox).bind(self.flags.bits()).bind(self.flags.words());
        query.bind(self.mod_seq.0 as i64)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Runs of uids for which a statement each is quicker than a list.
const FEW: usize = 16;

// As `Flag` numbers them.
const DELETED: u8 = 4;
const SEEN: u8 = 16;
