//! The store in one SQLite database, `DIR/mail.sqlite3`.
//!
//! ```text
//!   spools ──chunks──┐                ┌─ job ─ job ─ job ─┐
//!   commit ──────────┤  requests      │ BEGIN  …   COMMIT │      list, open, next_chunk
//!   expunge ─────────┼───────────────▶│    the writer     │              │
//!   claim, settle ───┘    bounded     └─────────┬─────────┘      a few read connections
//!                                               ▼                        ▼
//!                                       mail.sqlite3-wal  ───────▶  mail.sqlite3
//! ```
//!
//! * `tables` is the tables; `schema` opens, checks and creates the file.
//! * `writer` groups all waiting requests into one transaction, so that many of them share one flush to disk.
//! * `spool`, `mailbox`, `queue`, `admin` are the requests; `entry` is the queue's rows; `reader` streams a message out.
//! * `folders` is what IMAP asks: `roster` answers what is there and what changed, `rows` reads it, and `kept` keeps it in
//!   memory, messages as an `index`; `latest` says what needs no question because nothing was committed since, `kept_summaries`
//!   keeps what searches ask for;
//!   `append`, `flags`, `transfer`, `expunge`, `folder`, `recent`, `summary` are its requests; `octets` reads many messages at once.
//! * `access`, `annotations`, `quotas`, `url_keys` are what is known beside messages.
//! * `sweep` removes content that nobody refers to any more, a slice at a time.
//! * `tool` is another process's way to the queue: the writer notices what it changed.
//!
//! What SIGKILL leaves is what was committed. What a power cut leaves rests on the disk keeping what fsync promised.

mod access;
mod admin;
mod annotations;
mod append;
mod entry;
mod expunge;
mod failure;
mod flags;
mod folder;
mod folders;
mod index;
mod kept;
mod kept_summaries;
mod keywords;
mod latest;
mod mailbox;
mod octets;
mod queue;
mod quotas;
mod reader;
mod readings;
mod recent;
mod roster;
mod rows;
mod schema;
mod spool;
mod summary;
mod sweep;
mod tables;
mod tables_access;
mod tool;
mod transfer;
mod url_keys;
mod writer;

pub(super) use self::spool::Spooled;
pub use self::tool::QueueTool;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use imap_mailbox::Uids;
use sqlx::SqlitePool;
use tokio::sync::broadcast;

use self::admin::Administer;
use self::expunge::{Expunge, Only};
use self::failure::Failure;
use self::kept::Kept;
use self::kept_summaries::KeptSummaries;
use self::latest::Latest;
use self::queue::{ClaimDue, PutOff, Renew, Settle};
use self::reader::Source;
use self::schema::Database;
use self::spool::SqliteSpool;
use self::writer::Writer;
use super::millis::{from_millis, to_millis};
use super::{
    Change, Claim, Listing, Mailbox, MessageReader, Next, Order, Queue, QueueEntry, QueueId, Result, Spool, Store, Uid,
    Verdict, Which,
};

/// Keeps mail in a folder, in an SQLite database that this process alone may open.
///
/// Each change is one transaction, flushed to disk (write-ahead log, `synchronous=FULL`) before its method
/// returns `Ok`. What nobody is promised, such as the chunks of a message that is on its way in, is flushed with the next change.
#[derive(Debug)]
pub struct SqliteStore {
    path: Arc<Path>,
    readers: SqlitePool,
    writer: Arc<Writer>,
    kept: Arc<Kept>,
    summaries: KeptSummaries,
    latest: Latest,
    /// Whether there may be quotas.
    has_quotas: AtomicBool,
}

impl SqliteStore {
    /// Opens the store in a folder; makes both when they are not there.
    ///
    /// Reads through the whole structure of the database, which takes seconds for gigabytes; removes what spools left
    /// that a crash interrupted; ends all leases, since their workers are gone. It must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`InUse`](super::StoreError::InUse) when another process has it open, [`Newer`](super::StoreError::Newer),
    /// and [`Damaged`](super::StoreError::Damaged) for a file that is not as it should be. Such a file is never
    /// replaced.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let Database {
            path,
            lock,
            connection,
            readers,
            orphans,
            next_content,
            has_quotas,
        } = Database::open(dir.as_ref()).await?;
        let writer = Writer::start(Arc::clone(&path), connection, lock, orphans, next_content);
        Ok(Self {
            path,
            readers,
            kept: Arc::default(),
            summaries: KeptSummaries::default(),
            latest: Latest::new(Arc::clone(writer.commits())),
            writer: Arc::new(writer),
            has_quotas: AtomicBool::new(has_quotas),
        })
    }

    /// Write transactions since the store was opened: how well requests are grouped.
    pub fn transactions(&self) -> u64 {
        self.writer.commits().load(Ordering::Relaxed)
    }

    async fn reader(&self, source: Source) -> Result<Box<dyn MessageReader>> {
        reader::open(&self.readers, &self.path, source, 0, Some(&self.writer)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn spool(&self) -> Box<dyn Spool> {
        Box::new(SqliteSpool::new(Arc::clone(&self.writer)))
    }

    async fn list(&self, mailbox: &Mailbox) -> Result<Listing> {
        mailbox::list(&self.readers, mailbox)
            .await
            .map_err(|failure| failure.at(&self.path))
    }

    async fn open(&self, mailbox: &Mailbox, uid: Uid) -> Result<Box<dyn MessageReader>> {
        self.reader(Source::Mailbox(mailbox.clone(), uid)).await
    }

    async fn expunge(&self, mailbox: &Mailbox, uids: &[Uid]) -> Result<Vec<Uid>> {
        let expunge = Expunge {
            mailbox: mailbox.clone(),
            uids: uids.iter().copied().collect(),
            only: Only::All,
        };
        Ok(self.writer.run(expunge).await?.iter().collect())
    }

    fn changes(&self) -> broadcast::Receiver<Change> {
        self.writer.changes()
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Queue for SqliteStore {
    async fn claim_due(
        &self,
        now: SystemTime,
        until: SystemTime,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<QueueEntry>> {
        self.writer
            .run(ClaimDue {
                now: to_millis(now),
                until: to_millis(until),
                limit,
                except: names(except),
            })
            .await
    }

    async fn next_due(&self) -> Result<Option<SystemTime>> {
        let due = queue::next_due(&self.readers)
            .await
            .map_err(|error| Failure::from(error).at(&self.path))?;
        Ok(due.map(from_millis))
    }

    async fn open_queued(&self, id: QueueId) -> Result<Box<dyn MessageReader>> {
        self.reader(Source::Queue(id)).await
    }

    async fn renew(&self, claim: Claim, until: SystemTime) -> Result<()> {
        self.writer
            .run(Renew {
                claim,
                until: to_millis(until),
            })
            .await
    }

    async fn settle(&self, claim: Claim, verdicts: &[Verdict], next: Next) -> Result<()> {
        self.writer
            .run(Settle {
                claim,
                verdicts: verdicts.to_vec(),
                next,
            })
            .await
    }

    async fn put_off(&self, next_hop: &str, at: SystemTime, error: &str) -> Result<u64> {
        self.writer
            .run(PutOff {
                next_hop: next_hop.to_owned(),
                at: to_millis(at),
                error: error.to_owned(),
            })
            .await
    }

    async fn queued(&self, after: QueueId, limit: usize) -> Result<Vec<QueueEntry>> {
        queue::queued(&self.readers, after.0 as i64, limit)
            .await
            .map_err(|failure| failure.at(&self.path))
    }

    async fn administer(&self, order: Order, which: &Which) -> Result<u64> {
        self.writer
            .run(Administer {
                order,
                which: which.clone(),
            })
            .await
    }
}

/// Any number of uids as one parameter of a statement, which reads it as JSON: `[[1,3],[7,7]]`.
fn runs(uids: &Uids) -> String {
    let runs: Vec<String> = uids.ranges().map(|(first, last)| format!("[{first},{last}]")).collect();
    format!("[{}]", runs.join(","))
}

/// Any number of names as one parameter of a statement, which reads it as JSON.
fn names(names: &[String]) -> String {
    let mut json = String::from("[");
    for name in names {
        json.push_str(if json.len() == 1 { "\"" } else { ",\"" });
        for c in name.chars() {
            match c {
                '"' | '\\' => json.extend(['\\', c]),
                c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => json.push(c),
            }
        }
        json.push('"');
    }
    json.push(']');
    json
}
