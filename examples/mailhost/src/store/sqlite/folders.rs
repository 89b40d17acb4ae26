//! The half on which IMAP stands.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use imap_mailbox::Uids;
use sqlx::Sqlite;
use sqlx::sqlite::SqlitePool;

use super::append::Append;
use super::expunge::{Expunge, Only};
use super::failure::Failure;
use super::flags::{Done, StoreFlags};
use super::folder::{self, Create, Delete, Rename, Subscribe};
use super::mailbox::{Ensure, Row, find};
use super::reader::{self, Source};
use super::recent::ClaimRecent;
use super::summary::{self, Keep};
use super::{SqliteStore, keywords, octets, roster};
use crate::store::{
    Appended, Content, Copied, Delta, Filing, FlagChange, Folders, Keyword, LONGEST_SUMMARY, Mailbox, MailboxInfo,
    MessageInfo, MessageReader, ModSeq, ObjectId, Result, Roster, SpecialUse, Status, StoreError, Stored, Transfer,
    Uid,
};

pub(super) type Snapshot = sqlx::Transaction<'static, Sqlite>;

impl SqliteStore {
    /// One moment of a mailbox, for reading. Makes INBOX if need be.
    pub(super) async fn moment(&self, mailbox: &Mailbox) -> Result<(Snapshot, Row)> {
        match self.look(mailbox).await? {
            // Somebody looked later and was quicker: what is kept since is of no use to this moment.
            Some((tx, row)) if self.kept.is_ahead(&row) => drop(tx),
            Some(found) => return Ok(found),
            None => {}
        }
        if let Some(found) = self.look(mailbox).await? {
            return Ok(found);
        }
        if !mailbox.is_inbox() {
            return Err(StoreError::NoMailbox);
        }
        let ensure = Ensure {
            mailbox: mailbox.clone(),
        };
        self.writer.run(ensure).await?;
        self.look(mailbox).await?.ok_or(StoreError::NoMailbox)
    }

    async fn look(&self, mailbox: &Mailbox) -> Result<Option<(Snapshot, Row)>> {
        let commits = self.latest.commits();
        let found = look(&self.readers, mailbox).await;
        let found = found.map_err(|error| self.named(error))?;
        if let Some((_, row)) = &found {
            self.latest.keep(commits, mailbox, *row);
        }
        Ok(found)
    }

    /// The row of a mailbox, for questions that are one order to the database, or none.
    async fn row(&self, mailbox: &Mailbox) -> Result<Row> {
        match self.latest_row(mailbox).await {
            Some(row) => Ok(row),
            None => Ok(self.moment(mailbox).await?.1),
        }
    }

    /// The same, if it is known. Who asks again and again waits for nothing, and still lets others have their turn.
    async fn latest_row(&self, mailbox: &Mailbox) -> Option<Row> {
        let row = self.latest.get(mailbox)?;
        tokio::task::coop::consume_budget().await;
        Some(row)
    }

    pub(super) fn named(&self, failure: Failure) -> StoreError {
        failure.at(&self.path)
    }
}

async fn look(readers: &SqlitePool, mailbox: &Mailbox) -> Result<Option<(Snapshot, Row)>, Failure> {
    let mut tx = readers.begin().await?;
    Ok(find(&mut tx, mailbox).await?.map(|row| (tx, row)))
}

#[async_trait]
impl Folders for SqliteStore {
    async fn roster(&self, mailbox: &Mailbox) -> Result<Roster> {
        let latest = self.latest_row(mailbox).await;
        if let Some(roster) = latest.and_then(|row| roster::kept_roster(&self.kept, &row)) {
            return Ok(roster);
        }
        let (mut tx, row) = self.moment(mailbox).await?;
        let roster = roster::roster(&mut tx, &self.kept, &row).await;
        roster.map_err(|error| self.named(error))
    }

    async fn status(&self, mailbox: &Mailbox) -> Result<Status> {
        Ok(self.row(mailbox).await?.status())
    }

    async fn changes_since(&self, mailbox: &Mailbox, mod_seq: ModSeq) -> Result<Delta> {
        let latest = self.latest_row(mailbox).await;
        if let Some(row) = latest.filter(|row| row.mod_seq() == mod_seq) {
            return Ok(roster::no_changes(&row));
        }
        let (mut tx, row) = self.moment(mailbox).await?;
        let delta = roster::changes_since(&mut tx, &self.kept, &row, mod_seq).await;
        delta.map_err(|error| self.named(error))
    }

    async fn messages(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<MessageInfo>> {
        let latest = self.latest_row(mailbox).await;
        if let Some(index) = latest.and_then(|row| self.kept.exact(&row)) {
            return Ok(roster::infos(&index, uids));
        }
        let (mut tx, row) = self.moment(mailbox).await?;
        let messages = roster::messages(&mut tx, &self.kept, &row, uids).await;
        messages.map_err(|error| self.named(error))
    }

    async fn open_at(&self, mailbox: &Mailbox, uid: Uid, offset: u64) -> Result<Box<dyn MessageReader>> {
        let source = Source::Mailbox(mailbox.clone(), uid);
        reader::open(&self.readers, &self.path, source, offset, Some(&self.writer)).await
    }

    async fn octets(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<(Uid, Bytes)>> {
        let row = self.row(mailbox).await?;
        let octets = octets::octets(&self.readers, &self.path, &row, uids).await;
        octets.map_err(|error| self.named(error))
    }

    async fn store_flags(&self, mailbox: &Mailbox, uids: &Uids, change: FlagChange) -> Result<Stored> {
        let store = StoreFlags {
            mailbox: mailbox.clone(),
            uids: uids.clone(),
            change,
            kept: Arc::clone(&self.kept),
        };
        let Done { stored, next } = self.writer.run(store).await?;
        if let Some((row, index)) = next {
            self.kept.changed(&row, index);
        }
        Ok(stored)
    }

    async fn append(
        &self,
        mailbox: &Mailbox,
        messages: Vec<(Content, Filing)>,
        replaced: Option<(Mailbox, Uid)>,
    ) -> Result<Appended> {
        let append = Append::new(&self.writer, mailbox.clone(), messages, replaced)?;
        self.writer.run(append).await
    }

    async fn transfer(&self, transfer: Transfer) -> Result<Copied> {
        self.writer.run(transfer).await
    }

    async fn expunge_deleted(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Uids> {
        self.writer
            .run(Expunge {
                mailbox: mailbox.clone(),
                uids: uids.clone(),
                only: Only::Deleted,
            })
            .await
    }

    async fn claim_recent(&self, mailbox: &Mailbox) -> Result<Uids> {
        if self.row(mailbox).await?.recent == 0 {
            // As at most polls: nothing came, and nothing is written.
            return Ok(Uids::new());
        }
        self.writer
            .run(ClaimRecent {
                mailbox: mailbox.clone(),
            })
            .await
    }

    async fn mailboxes(&self, account: &str) -> Result<Vec<MailboxInfo>> {
        let inbox = Mailbox::inbox(account);
        let (mut tx, _) = self.moment(&inbox).await?;
        let mailboxes = folder::mailboxes(&mut tx, inbox.account()).await;
        mailboxes.map_err(|error| self.named(error))
    }

    async fn create(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<ObjectId> {
        self.writer
            .run(Create {
                mailbox: mailbox.clone(),
                special_use,
            })
            .await
    }

    async fn delete(&self, mailbox: &Mailbox) -> Result<()> {
        self.writer
            .run(Delete {
                mailbox: mailbox.clone(),
            })
            .await
    }

    async fn rename(&self, mailbox: &Mailbox, to: &str) -> Result<()> {
        self.writer
            .run(Rename {
                mailbox: mailbox.clone(),
                to: Mailbox::new(mailbox.account(), to),
            })
            .await
    }

    async fn subscribe(&self, mailbox: &Mailbox, subscribed: bool) -> Result<()> {
        self.writer
            .run(Subscribe {
                mailbox: mailbox.clone(),
                subscribed,
            })
            .await
    }

    async fn subscriptions(&self, account: &str) -> Result<Vec<Mailbox>> {
        let (mut tx, _) = self.moment(&Mailbox::inbox(account)).await?;
        let names = folder::subscriptions(&mut tx, &account.to_ascii_lowercase()).await;
        names.map_err(|error| self.named(error))
    }

    async fn keywords(&self, mailbox: &Mailbox) -> Result<Vec<Keyword>> {
        let latest = self.latest_row(mailbox).await;
        if let Some(keywords) = latest.and_then(|row| self.kept.keywords(&row)) {
            return Ok(keywords.to_vec());
        }
        let (mut tx, row) = self.moment(mailbox).await?;
        let keywords = keywords::keywords(&mut tx, &row).await;
        let keywords = keywords.map_err(|error| self.named(error))?;
        self.kept.keep_keywords(&row, &keywords);
        Ok(keywords)
    }

    async fn summaries(&self, mailbox: &Mailbox, uids: &Uids) -> Result<Vec<(Uid, Bytes)>> {
        let row = self.row(mailbox).await?;
        let (mut found, missing) = match self.kept.exact_uids(&row) {
            Some(there) => self.summaries.find(&row, &uids.intersection(&there)),
            None => (Vec::new(), uids.clone()),
        };
        if !missing.is_empty() {
            let read = summary::summaries(&self.readers, &row, &missing).await;
            let read = read.map_err(|error| self.named(error))?;
            self.summaries.keep(&row, &read);
            found.extend(read);
            found.sort_unstable_by_key(|(uid, _)| *uid);
        }
        Ok(found)
    }

    async fn keep_summaries(&self, mailbox: &Mailbox, mut summaries: Vec<(Uid, Bytes)>) -> Result<()> {
        let row = self.row(mailbox).await?;
        summaries.retain(|(_, octets)| octets.len() <= LONGEST_SUMMARY);
        summaries.sort_by_key(|(uid, _)| *uid);
        self.summaries.keep(&row, &summaries);
        self.writer
            .run(Keep {
                mailbox: mailbox.clone(),
                summaries,
            })
            .await
    }
}
