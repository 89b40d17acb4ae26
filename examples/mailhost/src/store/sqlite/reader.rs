//! Messages on their way out.
//!
//! A reader holds no transaction between two chunks, or a slow client would keep SQLite from emptying its log. What it reads is
//! kept for it (`readings.rs`) where this process removes it; another one may all the same. So each chunk is found by its position
//! and checked before it is handed out.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::SqlitePool;

use super::failure::Failure;
use super::readings::{Reading, Readings};
use super::writer::Writer;
use crate::store::{CHUNK, Damage, Mailbox, MessageReader, QueueId, Result, StoreError, Uid};

/// Which message to open.
pub(super) enum Source {
    Mailbox(Mailbox, Uid),
    Queue(QueueId),
}

/// Opens a message at an octet of the whole. Its content stays while it is read, where the one who removes it is here.
pub(super) async fn open(
    readers: &SqlitePool,
    path: &Arc<Path>,
    source: Source,
    offset: u64,
    writer: Option<&Arc<Writer>>,
) -> Result<Box<dyn MessageReader>> {
    let found = source
        .find(readers)
        .await
        .map_err(|error| Failure::from(error).at(path))?;
    let (content, size, prefix) = found.ok_or(StoreError::NotFound)?;
    let end = (size as u64).saturating_sub(prefix.len() as u64);
    let (readers, path) = (readers.clone(), Arc::clone(path));
    let mut prefix = Bytes::from(prefix);
    let into_content = offset.saturating_sub(prefix.len() as u64).min(end);
    let _ = prefix.split_to(offset.min(prefix.len() as u64) as usize);
    let into_chunk = into_content % CHUNK as u64;
    Ok(Box::new(SqliteReader {
        readers,
        path,
        size: size as u64,
        prefix,
        content,
        _reading: writer.map(|writer| Readings::begin(writer, content)),
        // At the end, where the last chunk is not a full one, there is none to skip into.
        position: if into_content == end {
            end
        } else {
            into_content - into_chunk
        },
        skip: into_chunk as usize,
        end,
    }))
}

impl Source {
    async fn find(self, readers: &SqlitePool) -> Result<Option<(i64, i64, Vec<u8>)>, sqlx::Error> {
        match self {
            Self::Mailbox(mailbox, uid) => {
                let sql = "SELECT content, size, prefix FROM message
                    WHERE uid = ?1 AND mailbox = (SELECT id FROM mailbox WHERE account = ?2 AND name = ?3)";
                let query = sqlx::query_as(sql)
                    .bind(uid.get())
                    .bind(mailbox.account())
                    .bind(mailbox.name());
                query.fetch_optional(readers).await
            }
            Self::Queue(QueueId(id)) => {
                let sql = "SELECT content, size, prefix FROM queue WHERE id = ?1";
                sqlx::query_as(sql).bind(id as i64).fetch_optional(readers).await
            }
        }
    }
}

struct SqliteReader {
    readers: SqlitePool,
    path: Arc<Path>,
    size: u64,
    /// Empty once it was handed out.
    prefix: Bytes,
    content: i64,
    _reading: Option<Reading>,
    /// Of the next chunk: all but the last are of one length.
    position: u64,
    /// Octets of the next chunk that are not asked for.
    skip: usize,
    end: u64,
}

#[async_trait]
impl MessageReader for SqliteReader {
    fn size(&self) -> u64 {
        self.size
    }

    async fn next_chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.prefix.is_empty() {
            return Ok(Some(std::mem::take(&mut self.prefix)));
        }
        if self.position == self.end {
            return Ok(None);
        }
        let octets = self.chunk().await.map_err(|failure| failure.at(&self.path))?;
        self.position += octets.len() as u64;
        let skip = std::mem::take(&mut self.skip).min(octets.len());
        Ok(Some(Bytes::from(octets).split_off(skip)))
    }
}

impl SqliteReader {
    async fn chunk(&self) -> Result<Vec<u8>, Failure> {
        let sql = "SELECT octets, crc32 FROM chunk WHERE content = ?1 AND start = ?2";
        let query = sqlx::query_as(sql).bind(self.content).bind(self.position as i64);
        let Some((octets, crc32)): Option<(Vec<u8>, u32)> = query.fetch_optional(&self.readers).await? else {
            return Err(self.missing().await?.into());
        };
        let fits = octets.len() as u64 <= self.end - self.position && !octets.is_empty();
        if fits && crc32fast::hash(&octets) == crc32 {
            return Ok(octets);
        }
        Err(self.damaged().into())
    }

    /// Why a chunk is not there: removed along with the message, or lost.
    async fn missing(&self) -> Result<StoreError, sqlx::Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM message WHERE content = ?1)
            OR EXISTS (SELECT 1 FROM queue WHERE content = ?1)";
        let wanted: bool = sqlx::query_scalar(sql)
            .bind(self.content)
            .fetch_one(&self.readers)
            .await?;
        Ok(if wanted { self.damaged() } else { StoreError::NotFound })
    }

    fn damaged(&self) -> StoreError {
        let to = self.end.min(self.position + CHUNK as u64);
        let damage = Damage::Octets {
            content: self.content,
            from: self.position,
            to,
        };
        StoreError::Damaged {
            path: self.path.to_path_buf(),
            damage,
        }
    }
}
