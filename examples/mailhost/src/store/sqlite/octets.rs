//! Whole messages, many at once: a search that looks into each message of a mailbox would else wait for each.

use bytes::Bytes;
use imap_mailbox::Uids;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::mailbox::Row;
use super::runs;
use crate::store::mailbox::uid;
use crate::store::{CHUNK, Damage, StoreError, Uid};
use std::path::Path;

/// Size, prefix, content, and its first chunk, if it has one, with its checksum.
type Stored = (u32, i64, Vec<u8>, i64, Option<Vec<u8>>, Option<u32>);

/// Those of one chunk.
pub(super) async fn octets(
    db: &mut SqliteConnection,
    path: &Path,
    row: &Row,
    uids: &Uids,
) -> Result<Vec<(Uid, Bytes)>, Failure> {
    let sql = "SELECT message.uid, message.size, message.prefix, message.content, chunk.octets, chunk.crc32
        FROM json_each(?2) AS run CROSS JOIN message LEFT JOIN chunk ON chunk.content = message.content AND chunk.start = 0
        WHERE message.mailbox = ?1
            AND message.uid BETWEEN json_extract(run.value, '$[0]') AND json_extract(run.value, '$[1]')
            AND message.size - length(message.prefix) <= ?3
        ORDER BY message.uid";
    let query = sqlx::query_as(sql).bind(row.id).bind(runs(uids)).bind(CHUNK as i64);
    let rows: Vec<Stored> = query.fetch_all(db).await?;
    rows.into_iter().map(|stored| whole(path, stored)).collect()
}

/// A message, if all of it is there.
fn whole(path: &Path, stored: Stored) -> Result<(Uid, Bytes), Failure> {
    let (number, size, mut octets, content, chunk, crc32) = stored;
    let chunk = chunk.unwrap_or_default();
    let is_sound = crc32.is_none_or(|crc32| crc32fast::hash(&chunk) == crc32);
    let length = size as u64 - octets.len() as u64;
    if !is_sound || chunk.len() as u64 != length {
        let damage = Damage::Octets {
            content,
            from: 0,
            to: length,
        };
        let path = path.to_path_buf();
        return Err(StoreError::Damaged { path, damage }.into());
    }
    let octets = match octets.is_empty() {
        true => chunk,
        false => {
            octets.extend_from_slice(&chunk);
            octets
        }
    };
    Ok((uid(number), octets.into()))
}
