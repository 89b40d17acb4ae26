//! The keywords of a mailbox.

use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::mailbox::Row;
use crate::store::{Flags, Keyword};

/// Goes from each set of keywords to the next one in the index, whatever the number of messages.
pub(super) async fn keywords(db: &mut SqliteConnection, row: &Row) -> Result<Vec<Keyword>, Failure> {
    let sql = "WITH RECURSIVE words (words) AS (
            SELECT min(keywords) FROM message WHERE mailbox = ?1 AND keywords <> ''
            UNION ALL
            SELECT (SELECT min(keywords) FROM message
                WHERE mailbox = ?1 AND keywords <> '' AND keywords > words.words)
            FROM words WHERE words.words IS NOT NULL LIMIT ?2)
        SELECT words FROM words WHERE words IS NOT NULL";
    let query = sqlx::query_scalar(sql).bind(row.id).bind(MOST_SETS);
    let sets: Vec<String> = query.fetch_all(db).await?;
    let mut all: Vec<Keyword> = Vec::new();
    for words in sets {
        let flags = Flags::from_stored(0, &words);
        let new = flags.keywords().iter().filter(|keyword| !all.contains(keyword));
        let new: Vec<_> = new.cloned().collect();
        all.extend(new);
    }
    Ok(all)
}

/// Sets of keywords that are looked at.
const MOST_SETS: i64 = 1000;
