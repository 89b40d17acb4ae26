//! Messages in a mailbox of an IMAP server: opened, named by UIDs, loaded.

use std::num::NonZeroU32;

use imap_proto::{FetchItem, SequenceSet};
use mail_tokio::imap::{Client, Fetched};
use mime_codec::Message;
use tokio::io::AsyncReadExt;

use crate::failure::{Exit, Failure};
use crate::summary::Summary;

/// Opens a mailbox to change it.
pub(crate) async fn select(imap: &mut Client, mailbox: &str) -> Result<mail_tokio::imap::Selected, Failure> {
    imap.select(mailbox)
        .await
        .map_err(|error| no_mailbox(error.into(), mailbox))
}

/// Opens it to look.
pub(crate) async fn examine(imap: &mut Client, mailbox: &str) -> Result<mail_tokio::imap::Selected, Failure> {
    imap.examine(mailbox)
        .await
        .map_err(|error| no_mailbox(error.into(), mailbox))
}

fn no_mailbox(failure: Failure, mailbox: &str) -> Failure {
    match failure.exit() {
        Exit::Refused => Failure::new(Exit::NotFound, format!("no mailbox {mailbox}")).hint("mua list --mailboxes"),
        _ => failure,
    }
}

/// UIDs as people give them: `3`, `5:7`, `9,11`, `20:*`.
pub(crate) fn uids<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<SequenceSet, Failure> {
    let words: Vec<&str> = words.into_iter().collect();
    let text = words.join(",");
    SequenceSet::parse(&text)
        .map_err(|_| Failure::usage(format!("{text}: no UIDs")).hint("as in 3 or 5:7; `mua list` shows them"))
}

/// The UIDs of those that exist.
pub(crate) async fn existing(imap: &mut Client, set: SequenceSet) -> Result<Vec<NonZeroU32>, Failure> {
    let found = imap.uid_fetch_all(set.clone(), "(UID)").await?;
    let found: Vec<NonZeroU32> = found.iter().filter_map(imap_proto::Fetch::uid).collect();
    match found.is_empty() {
        true => Err(not_found()),
        false => Ok(found),
    }
}

pub(crate) fn not_found() -> Failure {
    Failure::new(Exit::NotFound, "no such message").hint("mua list shows the UIDs")
}

/// What a message is, and all of it.
pub(crate) struct Loaded {
    pub(crate) summary: Summary,
    pub(crate) octets: Vec<u8>,
}

impl Loaded {
    pub(crate) fn message(&self) -> Message<'_> {
        Message::parse(self.octets.as_slice())
    }
}

/// Loads a message, without a trace on the server. `what` is a section: empty for all, `HEADER`.
pub(crate) async fn load(imap: &mut Client, uid: u32, what: &str) -> Result<Loaded, Failure> {
    let uid = NonZeroU32::new(uid).ok_or_else(not_found)?;
    let set = SequenceSet::from_numbers([uid]).ok_or_else(not_found)?;
    let rows = imap.uid_fetch_all(set.clone(), Summary::ITEMS).await?;
    let mut summaries = rows.iter().filter_map(Summary::of);
    let summary = summaries
        .find(|summary| summary.uid == uid.get())
        .ok_or_else(not_found)?;
    if summary.size > MOST && what.is_empty() {
        return Err(Failure::new(
            Exit::Failed,
            format!("message {uid} has {} octets, too many to take apart", summary.size),
        )
        .hint("`mua read UID --raw > FILE` takes it as it is"));
    }
    let selection = format!("(UID BODY.PEEK[{what}])");
    let mut fetches = imap.uid_fetch(set, selection.as_str()).await?;
    let mut octets = None;
    while let Some(mut piece) = fetches.next().await? {
        // A server may send more than it announced, message by message: what is asked for once is taken once.
        if octets.is_none() {
            octets = section(&mut piece).await?;
        }
    }
    let octets = octets.ok_or_else(not_found)?;
    Ok(Loaded { summary, octets })
}

async fn section<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    piece: &mut Fetched<'_, T>,
) -> Result<Option<Vec<u8>>, Failure> {
    match piece {
        Fetched::Literal(FetchItem::BodySection { .. }, body) => {
            let mut octets = Vec::new();
            body.take(MOST + 1).read_to_end(&mut octets).await?;
            Ok(Some(octets))
        }
        Fetched::Item(FetchItem::BodySection { data: Some(data), .. }) => Ok(data.held().map(<[u8]>::to_vec)),
        _ => Ok(None),
    }
}

/// Octets of a message that is taken apart in memory.
pub(crate) const MOST: u64 = 256 * 1024 * 1024;
