//! Messages on their way in.

use std::mem::take;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::OwnedSemaphorePermit;

use super::failure::Failure;
use super::writer::{Job, Transaction, Writer};
use super::{mailbox, queue};
use crate::store::content::Held;
use crate::store::links::Links;
use crate::store::{CHUNK, Content, Delivered, Delivery, Destination, Receipt, Result, Spool, StoreError};

/// Full chunks go to the database as they come, as content that nobody refers to yet. The last one, a small message's
/// only one, goes there in the transaction of the commit.
pub(super) struct SqliteSpool {
    // None after a write that failed or was broken off.
    content: Option<Started>,
    last: Vec<u8>,
    /// Once the first chunk was whole.
    links: Option<Links>,
}

impl SqliteSpool {
    pub(super) fn new(writer: Arc<Writer>) -> Self {
        let content = Started {
            id: writer.next_content(),
            stored: 0,
            writer,
        };
        Self {
            content: Some(content),
            last: Vec::new(),
            links: None,
        }
    }

    async fn store_chunk(&mut self) -> Result<()> {
        self.links.get_or_insert_with(|| Links::of(&self.last));
        // Put back at the end only: an error or a dropped future leaves a spool without content.
        let mut content = self.content.take().ok_or(StoreError::Aborted)?;
        let chunk = Chunk {
            content: content.id,
            start: content.stored,
            octets: take(&mut self.last),
        };
        content.stored += chunk.octets.len() as u64;
        let writer = Arc::clone(&content.writer);
        writer.run(chunk).await?;
        self.content = Some(content);
        Ok(())
    }
}

#[async_trait]
impl Spool for SqliteSpool {
    async fn write(&mut self, mut octets: &[u8]) -> Result<()> {
        while !octets.is_empty() {
            if self.last.len() == CHUNK {
                self.store_chunk().await?;
            }
            let (now, later) = octets.split_at(octets.len().min(CHUNK - self.last.len()));
            self.last.extend_from_slice(now);
            octets = later;
        }
        self.content.is_some().then_some(()).ok_or(StoreError::Aborted)
    }

    async fn commit(mut self: Box<Self>, deliveries: Vec<Delivery>) -> Result<Receipt> {
        let spooled = self.spooled(None)?;
        let writer = Arc::clone(&spooled.content.writer);
        writer.run(Commit { spooled, deliveries }).await
    }

    async fn finish(mut self: Box<Self>) -> Result<Content> {
        let writer = &self.content.as_ref().ok_or(StoreError::Aborted)?.writer;
        let room = writer.room(self.last.len());
        if room.is_none() {
            self.store_chunk().await?;
        }
        let spooled = self.spooled(room)?;
        let size = spooled.size();
        Ok(Content::new(Held::Sqlite(Box::new(spooled)), size))
    }
}

impl SqliteSpool {
    fn spooled(&mut self, room: Option<OwnedSemaphorePermit>) -> Result<Spooled> {
        let content = self.content.take().ok_or(StoreError::Aborted)?;
        let last = take(&mut self.last);
        let links = self.links.take().unwrap_or_else(|| Links::of(&last));
        Ok(Spooled {
            content,
            last,
            links,
            _room: room,
        })
    }
}

/// A message that is whole; its last chunk may still be in memory.
pub(in crate::store) struct Spooled {
    content: Started,
    last: Vec<u8>,
    links: Links,
    /// Goes back when the message is stored or dropped.
    _room: Option<OwnedSemaphorePermit>,
}

/// Content that a spool is filling. When it is dropped the sweep looks whether anybody refers to it by then.
struct Started {
    id: i64,
    /// Octets in the database, or on their way there.
    stored: u64,
    writer: Arc<Writer>,
}

impl Drop for Started {
    fn drop(&mut self) {
        if self.stored > 0 {
            self.writer.sweep(self.id);
        }
    }
}

/// Stores a chunk.
struct Chunk {
    content: i64,
    start: u64,
    octets: Vec<u8>,
}

#[async_trait]
impl Job for Chunk {
    type Output = ();

    /// The commit of the message is.
    const IS_PROMISE: bool = false;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), Failure> {
        // Its size is not known before its end.
        self.insert(tx.db, 0).await
    }
}

impl Chunk {
    /// Adds it to its content, whose size is from now on this one.
    async fn insert(&mut self, db: &mut SqliteConnection, size: u64) -> Result<(), Failure> {
        let sql = "INSERT INTO content (id, size) VALUES (?1, ?5) ON CONFLICT DO UPDATE SET size = excluded.size;
            INSERT INTO chunk (content, start, crc32, octets) VALUES (?1, ?2, ?3, ?4)";
        sqlx::query(sql)
            .bind(self.content)
            .bind(self.start as i64)
            .bind(crc32fast::hash(&self.octets))
            .bind(take(&mut self.octets))
            .bind(size as i64)
            .execute(db)
            .await?;
        Ok(())
    }
}

/// Stores the last chunk and gives the content to its recipients.
struct Commit {
    spooled: Spooled,
    deliveries: Vec<Delivery>,
}

#[async_trait]
impl Job for Commit {
    type Output = Receipt;

    async fn run(&mut self, tx: &mut Transaction<'_>) -> Result<Receipt, Failure> {
        if self.deliveries.is_empty() {
            return Ok(Receipt::default());
        }
        let content = self.spooled.complete(tx.db).await?;
        let mut receipt = Receipt::default();
        for Delivery { to, prefix } in take(&mut self.deliveries) {
            let share = Share {
                content: content.id,
                size: (content.size + prefix.len() as u64) as i64,
                prefix,
                links: self.spooled.links.json(),
            };
            receipt.deliveries.push(match to {
                Destination::Mailbox(mailbox) => mailbox::append(tx, mailbox, share).await?,
                Destination::Relay(envelope) => Delivered::Queued(queue::enqueue(tx, envelope, share).await?),
            });
        }
        Ok(receipt)
    }
}

/// One recipient's share of a message, ready for its row.
pub(super) struct Share {
    pub(super) content: i64,
    /// Octets of prefix and content.
    pub(super) size: i64,
    pub(super) prefix: Vec<u8>,
    /// Of the message, as JSON.
    pub(super) links: String,
}

pub(super) struct Complete {
    pub(super) id: i64,
    pub(super) size: u64,
}

impl Spooled {
    pub(super) fn size(&self) -> u64 {
        self.content.stored + self.last.len() as u64
    }

    pub(super) const fn links(&self) -> &Links {
        &self.links
    }

    /// Whether this is the store that has its chunks.
    pub(super) fn is_of(&self, writer: &Arc<Writer>) -> bool {
        Arc::ptr_eq(&self.content.writer, writer)
    }

    /// Stores the last chunk.
    pub(super) async fn complete(&mut self, db: &mut SqliteConnection) -> Result<Complete, Failure> {
        let Started { id, stored, .. } = self.content;
        let size = self.size();
        if self.last.is_empty() {
            // There is no octet at all, or all were put down.
            let sql = "INSERT INTO content (id, size) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET size = excluded.size";
            sqlx::query(sql).bind(id).bind(size as i64).execute(db).await?;
        } else {
            let mut last = Chunk {
                content: id,
                start: stored,
                octets: take(&mut self.last),
            };
            last.insert(db, size).await?;
        }
        Ok(Complete { id, size })
    }
}
