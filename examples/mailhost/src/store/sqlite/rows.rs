//! Many messages read at the cost of few.
//!
//! A row costs the driver some microseconds and a hundred octets of text cost SQLite one; so rows come as the lines of one
//! text, a page of them at a time.

use std::collections::HashMap;

use imap_mailbox::Uids;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::Message;
use super::runs;
use crate::store::flags::Keywords;
use crate::store::{Flags, Keyword, Result, Uid};

/// Lines of one text: a megabyte or so.
const PAGE: usize = 16 * 1024;

/// A mailbox's messages behind a place, in the order of uids: the next page.
const ALL: &str = "FROM message WHERE mailbox = ?1 AND uid > ?2 ORDER BY uid LIMIT ?4";

/// As [`ALL`], those among runs.
const AMONG: &str = "FROM json_each(?3) AS run CROSS JOIN message
    WHERE mailbox = ?1 AND uid BETWEEN max(json_extract(run.value, '$[0]'), ?2 + 1) AND json_extract(run.value, '$[1]')
    ORDER BY uid LIMIT ?4";

/// Those that changed behind a state and a uid, in the order of changes.
const CHANGED: &str = "FROM message INDEXED BY message_change
    WHERE mailbox = ?1 AND (mod_seq, uid) > (?3, ?2) ORDER BY mod_seq, uid LIMIT ?4";

/// All messages of a mailbox, ascending; none if their keywords take more than so many octets.
pub(super) async fn all(db: &mut SqliteConnection, mailbox: i64, room: usize) -> Result<Option<Rows>, Failure> {
    let rows = pages(db, mailbox, ALL, "", room).await?;
    Ok(Some(rows).filter(|rows| rows.beside <= room))
}

/// Those that are there, ascending.
pub(super) async fn among(db: &mut SqliteConnection, mailbox: i64, uids: &Uids) -> Result<Vec<Message>, Failure> {
    Ok(pages(db, mailbox, AMONG, &runs(uids), usize::MAX).await?.messages)
}

async fn pages(
    db: &mut SqliteConnection,
    mailbox: i64,
    rows: &'static str,
    among: &str,
    room: usize,
) -> Result<Rows, Failure> {
    let mut reader = Reader::default();
    loop {
        let behind = reader.rows.messages.last().map_or(0, |message| message.uid.get());
        let sql = lines(rows);
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(mailbox).bind(behind);
        let text: Option<String> = query.bind(among).bind(PAGE as i64).fetch_one(&mut *db).await?;
        if !reader.read(&text.unwrap_or_default()) || reader.rows.beside > room {
            return Ok(reader.rows);
        }
    }
}

/// Those that came or changed after a state, ascending.
pub(super) async fn changed(db: &mut SqliteConnection, mailbox: i64, since: i64) -> Result<Rows, Failure> {
    let mut reader = Reader::default();
    // No change after a state has the state itself.
    let mut behind = (since, u32::MAX);
    loop {
        let query = sqlx::query_scalar(AssertSqlSafe(lines(CHANGED))).bind(mailbox);
        let query = query.bind(behind.1).bind(behind.0).bind(PAGE as i64);
        let text: Option<String> = query.fetch_one(&mut *db).await?;
        if !reader.read(&text.unwrap_or_default()) {
            break;
        }
        if let Some(last) = reader.rows.messages.last() {
            behind = (last.mod_seq, last.uid.get());
        }
    }
    reader.rows.messages.sort_unstable_by_key(|message| message.uid);
    Ok(reader.rows)
}

/// Keywords come last: an atom has no space, and no end of line.
fn lines(rows: &str) -> String {
    format!(
        "SELECT group_concat(uid || ' ' || mod_seq || ' ' || flags || ' ' || size || ' ' || internal_date || ' '
            || save_date || ' ' || email_id || ' ' || keywords, char(10))
        FROM (SELECT uid, mod_seq, flags, size, internal_date, save_date, email_id, keywords {rows})"
    )
}

/// Messages that were read.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) messages: Vec<Message>,
    /// Octets that their keywords take beside them, at most.
    pub(super) beside: usize,
}

/// Reads texts of lines.
#[derive(Default)]
struct Reader {
    rows: Rows,
    /// Lists of keywords that were met, to be shared.
    keywords: HashMap<String, Keywords>,
}

impl Reader {
    /// Reads one text; says whether there may be another one.
    fn read(&mut self, text: &str) -> bool {
        let mut lines = 0;
        for line in text.lines() {
            lines += 1;
            if let Some(message) = self.line(line) {
                self.rows.messages.push(message);
            }
        }
        lines == PAGE
    }

    /// The store wrote these rows; one that is none is left out.
    fn line(&mut self, line: &str) -> Option<Message> {
        let mut fields = line.splitn(8, ' ');
        let mut number = || fields.next()?.parse::<i64>().ok();
        Some(Message {
            uid: Uid::new(u32::try_from(number()?).ok()?)?,
            mod_seq: number()?,
            bits: u8::try_from(number()?).ok()?,
            size: number()?,
            internal_date: number()?,
            save_date: number()?,
            email_id: number()?,
            keywords: self.shared(fields.next()?),
        })
    }

    fn shared(&mut self, words: &str) -> Keywords {
        if words.is_empty() {
            return None;
        }
        if let Some(keywords) = self.keywords.get(words) {
            return keywords.clone();
        }
        let keywords = Flags::from_stored(0, words).into_keywords();
        self.rows.beside += beside(&keywords);
        if self.keywords.len() < SHARED {
            self.keywords.insert(words.to_owned(), keywords.clone());
        }
        keywords
    }
}

/// Octets that a list of keywords takes, about.
pub(super) fn beside(keywords: &Keywords) -> usize {
    let letters = |keyword: &Keyword| 32 + keyword.as_str().len();
    keywords
        .as_ref()
        .map_or(0, |list| 64 + list.iter().map(letters).sum::<usize>())
}

/// Lists of keywords that one reading shares at most.
const SHARED: usize = 4096;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn lines_are_messages() {
        let mut reader = Reader::default();
        let text = "7 9 16 100 -5 6 77 \n8 9 20 100 1 2 78 $Forwarded Work\n8 9 x\n\n0 1 1 1 1 1 1 \n9 9 0 1 1 1 79 $Forwarded Work";
        assert!(!reader.read(text));
        let [plain, marked, alike] = &reader.rows.messages[..] else {
            panic!("{:?}", reader.rows.messages)
        };
        assert_eq!((plain.uid.get(), plain.mod_seq, plain.internal_date), (7, 9, -5));
        assert_eq!(
            format!("{:?} {:?}", plain.flags(), marked.flags()),
            "(\\Seen) (\\Deleted \\Seen $Forwarded Work)"
        );
        let lists = marked.keywords.as_ref().zip(alike.keywords.as_ref());
        assert!(
            lists.is_some_and(|(one, other)| Arc::ptr_eq(one, other)),
            "they are shared"
        );
    }
}
