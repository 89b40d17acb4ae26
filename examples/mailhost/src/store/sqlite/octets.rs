//! Whole messages, many at once: a search that looks into each message of a mailbox would else wait for each.

use std::path::Path;

use bytes::Bytes;
use imap_mailbox::Uids;
use sqlx::SqlitePool;

use super::failure::Failure;
use super::mailbox::Row;
use super::runs;
use crate::store::mailbox::uid;
use crate::store::{CHUNK, Damage, StoreError, Uid};

/// Those of one chunk, ascending.
pub(super) async fn octets(
    readers: &SqlitePool,
    path: &Path,
    row: &Row,
    uids: &Uids,
) -> Result<Vec<(Uid, Bytes)>, Failure> {
    match (uids.len(), uids.last()) {
        (1, Some(uid)) => Ok(one(readers, path, row, uid).await?.into_iter().collect()),
        _ => many(readers, path, row, uids).await,
    }
}

/// A client that reads mail asks for one after another: that is a plain question.
async fn one(readers: &SqlitePool, path: &Path, row: &Row, uid: Uid) -> Result<Option<(Uid, Bytes)>, Failure> {
    let sql = "SELECT message.size, message.content, message.prefix, chunk.octets, chunk.crc32
        FROM message LEFT JOIN chunk ON chunk.content = message.content AND chunk.start = 0
        WHERE message.mailbox = (SELECT id FROM mailbox WHERE id = ?1 AND object_id = ?4) AND message.uid = ?2
            AND message.size - length(message.prefix) <= ?3";
    let query = sqlx::query_as(sql).bind(row.id).bind(uid.get());
    let query = query.bind(CHUNK as i64).bind(row.object_id);
    let found: Option<Alone> = query.fetch_optional(readers).await?;
    let Some((size, content, prefix, chunk, crc32)) = found else {
        return Ok(None);
    };
    let chunk = chunk.unwrap_or_default();
    let stored = Stored {
        uid,
        size: size as u64,
        content,
        prefix: prefix.len(),
        chunk: chunk.len(),
        crc32: crc32.unwrap_or_default(),
    };
    let mut packed = Packed {
        prefixes: prefix.into(),
        chunks: chunk.into(),
    };
    packed.take(path, &stored).map(Some)
}

/// The size of a message, the number of its content, its prefix, and its chunk with that one's checksum.
type Alone = (i64, i64, Vec<u8>, Option<Vec<u8>>, Option<u32>);

/// Each row that SQLite hands out costs more than a small message: all come in one, prefixes and chunks one behind the other, with
/// numbers that tell them apart. They stand in the order of uids because runs do, and each is read in the order of the table: to sort
/// would be to copy them. Numbers of mailboxes are used again, so the question says which one is meant.
async fn many(readers: &SqlitePool, path: &Path, row: &Row, uids: &Uids) -> Result<Vec<(Uid, Bytes)>, Failure> {
    let sql = "SELECT group_concat(uid || ' ' || size || ' ' || content || ' ' || length(prefix) || ' ' || ifnull(length(octets), 0)
                || ' ' || ifnull(crc32, 0), ' '),
            CAST(group_concat(prefix, '') AS BLOB), CAST(group_concat(octets, '') AS BLOB)
        FROM (SELECT message.uid, message.size, message.content, message.prefix, chunk.octets, chunk.crc32
            FROM json_each(?2) AS run CROSS JOIN message
                LEFT JOIN chunk ON chunk.content = message.content AND chunk.start = 0
            WHERE message.mailbox = (SELECT id FROM mailbox WHERE id = ?1 AND object_id = ?4)
                AND message.uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
                AND message.size - length(message.prefix) <= ?3)";
    let query = sqlx::query_as(sql).bind(row.id).bind(runs(uids));
    let query = query.bind(CHUNK as i64).bind(row.object_id);
    let (numbers, prefixes, chunks): (Option<String>, Option<Vec<u8>>, Option<Vec<u8>>) =
        query.fetch_one(readers).await?;
    let mut packed = Packed {
        prefixes: prefixes.unwrap_or_default().into(),
        chunks: chunks.unwrap_or_default().into(),
    };
    let numbers = numbers.unwrap_or_default();
    let mut numbers = numbers.split(' ').map_while(|number| number.parse().ok());
    let stored = core::iter::from_fn(|| Stored::read(&mut numbers));
    stored.map(|stored| packed.take(path, &stored)).collect()
}

/// What stands of a message beside its octets.
struct Stored {
    uid: Uid,
    /// Octets of the whole.
    size: u64,
    content: i64,
    prefix: usize,
    chunk: usize,
    crc32: u32,
}

impl Stored {
    fn read(numbers: &mut impl Iterator<Item = i64>) -> Option<Self> {
        Some(Self {
            uid: uid(numbers.next()? as u32),
            size: numbers.next()? as u64,
            content: numbers.next()?,
            prefix: numbers.next()? as usize,
            chunk: numbers.next()? as usize,
            crc32: numbers.next()? as u32,
        })
    }
}

/// Octets of messages, one behind the other.
struct Packed {
    prefixes: Bytes,
    chunks: Bytes,
}

impl Packed {
    /// The next message, if all of it is there.
    fn take(&mut self, path: &Path, stored: &Stored) -> Result<(Uid, Bytes), Failure> {
        let prefix = self.prefixes.split_to(stored.prefix.min(self.prefixes.len()));
        let chunk = self.chunks.split_to(stored.chunk.min(self.chunks.len()));
        let length = stored.size.saturating_sub(prefix.len() as u64);
        let is_sound = chunk.is_empty() || crc32fast::hash(&chunk) == stored.crc32;
        if !is_sound || chunk.len() as u64 != length {
            let damage = Damage::Octets {
                content: stored.content,
                from: 0,
                to: length,
            };
            let path = path.to_path_buf();
            return Err(StoreError::Damaged { path, damage }.into());
        }
        let octets = match (prefix.is_empty(), chunk.is_empty()) {
            (true, _) => chunk,
            (_, true) => prefix,
            (false, false) => [prefix, chunk].concat().into(),
        };
        Ok((stored.uid, octets))
    }
}
