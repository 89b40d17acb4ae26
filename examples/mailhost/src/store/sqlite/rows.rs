//! Many messages read at the cost of few.
//!
//! A row costs the driver microseconds, and a number in a text a tenth of one; so each column comes as one text, a page of
//! messages at a time.

use std::collections::HashMap;

use imap_mailbox::Uids;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::failure::Failure;
use super::index::Message;
use super::runs;
use crate::store::flags::Keywords;
use crate::store::{Flags, Keyword, Result, Uid};

/// Messages of a page, which is half a megabyte or so.
const PAGE: usize = 16 * 1024;

/// A mailbox's messages behind a place, in the order of uids: the next page.
const ALL: &str = "FROM message WHERE mailbox = ?1 AND uid > ?2 ORDER BY uid LIMIT ?4";

/// As [`ALL`], those among runs, which are ascending and each read in the order of the table.
const AMONG: &str = "FROM json_each(?3) AS run CROSS JOIN message
    WHERE mailbox = ?1 AND uid BETWEEN max(json_extract(run.value, '$[0]'), ?2 + 1) AND json_extract(run.value, '$[1]')
    LIMIT ?4";

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
        let query = sqlx::query_as(AssertSqlSafe(page(rows))).bind(mailbox).bind(behind);
        let page: Page = query.bind(among).bind(PAGE as i64).fetch_one(&mut *db).await?;
        if !reader.read(&page)? || reader.rows.beside > room {
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
        let query = sqlx::query_as(AssertSqlSafe(page(CHANGED))).bind(mailbox);
        let query = query.bind(behind.1).bind(behind.0).bind(PAGE as i64);
        let page: Page = query.fetch_one(&mut *db).await?;
        if !reader.read(&page)? {
            break;
        }
        if let Some(last) = reader.rows.messages.last() {
            behind = (last.mod_seq, last.uid.get());
        }
    }
    reader.rows.messages.sort_unstable_by_key(|message| message.uid);
    Ok(reader.rows)
}

/// The columns of a page, each as numbers with commas between them; keywords as lines, of the messages that have some, behind
/// their uids. Nothing of a page without messages.
type Page = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// Small numbers are short texts.
fn page(rows: &str) -> String {
    format!(
        "SELECT group_concat(uid * 32 + flags), group_concat(mod_seq), group_concat(size), group_concat(internal_date),
            group_concat(save_date - internal_date), group_concat(email_id - uid),
            group_concat(email_id - thread_id), group_concat(zone),
            group_concat(iif(keywords <> '', uid || ' ' || keywords, NULL), char(10))
        FROM (SELECT uid, mod_seq, flags, size, internal_date, save_date, email_id,
            thread_id, zone, keywords {rows})"
    )
}

/// Messages that were read.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) messages: Vec<Message>,
    /// Octets that their keywords take beside them, at most.
    pub(super) beside: usize,
}

/// Reads pages.
#[derive(Default)]
struct Reader {
    rows: Rows,
    /// Lists of keywords that were met, to be shared.
    keywords: HashMap<String, Keywords>,
}

impl Reader {
    /// Reads one page; says whether there may be another one.
    fn read(&mut self, page: &Page) -> Result<bool, Failure> {
        let (marks, mod_seqs, sizes, internal_dates, waits, email_ids, threads, zones, lists) = page;
        let (mut mod_seqs, mut sizes, mut email_ids) = (numbers(mod_seqs), numbers(sizes), numbers(email_ids));
        let (mut internal_dates, mut waits) = (numbers(internal_dates), numbers(waits));
        let (mut threads, mut zones) = (numbers(threads), numbers(zones));
        let mut lists = lists.iter().flat_map(|lists| lists.lines()).filter_map(list).peekable();
        let mut count = 0;
        for marks in numbers(marks) {
            count += 1;
            // From all columns, whatever this message is.
            let mut next = || {
                Some((
                    mod_seqs.next()?,
                    sizes.next()?,
                    internal_dates.next()?,
                    waits.next()?,
                    email_ids.next()?,
                    threads.next()?,
                    zones.next()?,
                ))
            };
            let Some((mod_seq, size, internal_date, wait, email_id, behind, zone)) = next() else {
                return Err(sqlx::Error::Decode("a column has no number for a message".into()).into());
            };
            let number = marks / 32;
            let words = lists.next_if(|list| list.0 == number);
            let Some(uid) = u32::try_from(number).ok().and_then(Uid::new) else {
                continue;
            };
            let keywords = words.and_then(|(_, words)| self.shared(words));
            self.rows.messages.push(Message {
                uid,
                bits: (marks % 32) as u8,
                zone: i16::try_from(zone).unwrap_or(0),
                keywords,
                mod_seq,
                size,
                internal_date,
                save_date: internal_date + wait,
                email_id: email_id + number,
                thread_id: email_id + number - behind,
            });
        }
        Ok(count == PAGE)
    }

    fn shared(&mut self, words: &str) -> Keywords {
        if let Some(keywords) = self.keywords.get(words) {
            return keywords.clone();
        }
        let keywords = Flags::from_stored(0, words).into_keywords();
        self.rows.beside += keywords.as_deref().map_or(0, |list| beside(list));
        if self.keywords.len() < SHARED {
            self.keywords.insert(words.to_owned(), keywords.clone());
        }
        keywords
    }
}

/// Octets that a list of keywords takes, about.
pub(super) fn beside(keywords: &[Keyword]) -> usize {
    let letters = |keyword: &Keyword| 32 + keyword.as_str().len();
    64 + keywords.iter().map(letters).sum::<usize>()
}

fn numbers(column: &Option<String>) -> impl Iterator<Item = i64> + '_ {
    let numbers = column.iter().flat_map(|column| column.split(','));
    numbers.map_while(|number| number.parse().ok())
}

fn list(line: &str) -> Option<(i64, &str)> {
    let (uid, words) = line.split_once(' ')?;
    Some((uid.parse().ok()?, words))
}

/// Lists of keywords that one reading shares at most.
const SHARED: usize = 4096;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn columns_are_messages() {
        let column = |text: &str| Some(text.to_owned());
        let page = (
            column("240,276,288"),
            column("9,9,11"),
            column("100,100,1"),
            column("-5,1,1"),
            column("11,1,1"),
            column("70,-8,3"),
            column("0,-7,12"),
            column("0,-90,99999"),
            column("8 $Forwarded Work\n9 $Forwarded Work"),
        );
        let mut reader = Reader::default();
        let more = [reader.read(&page).ok(), reader.read(&Page::default()).ok()];
        assert_eq!(more, [Some(false); 2]);
        let one = || column("1");
        let short = (one(), one(), column("1.5e300"), one(), one(), one(), one(), one(), None);
        assert!(Reader::default().read(&short).is_err());
        let [plain, marked, alike] = &reader.rows.messages[..] else {
            panic!("{:?}", reader.rows)
        };
        assert_eq!((plain.uid.get(), plain.mod_seq, plain.size), (7, 9, 100));
        assert_eq!((plain.internal_date, plain.save_date, plain.email_id), (-5, 6, 77));
        assert_eq!((plain.zone, marked.zone, alike.zone), (0, -90, 0));
        assert_eq!(
            format!("{:?} {:?}", plain.flags(), marked.flags()),
            "(\\Seen) (\\Deleted \\Seen $Forwarded Work)"
        );
        let threads = reader.rows.messages.iter().map(|message| message.thread_id);
        assert_eq!(threads.collect::<Vec<_>>(), [77, 7, 0]);
        assert_eq!((marked.email_id, alike.email_id, alike.bits), (0, 12, 0));
        let lists = marked.keywords.as_ref().zip(alike.keywords.as_ref());
        assert!(
            lists.is_some_and(|(one, other)| Arc::ptr_eq(one, other)),
            "they are shared"
        );
    }
}
