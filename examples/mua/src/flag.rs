//! `mua flag`, `mua move`, `mua delete`.

use std::fmt;
use std::num::NonZeroU32;

use imap_proto::{Fetch, FetchItem, Flag, SequenceSet, StoreAction};
use mail_tokio::imap::{Client, ClientError};
use serde::Serialize;

use crate::cli;
use crate::context::Context;
use crate::failure::Failure;
use crate::harmless;
use crate::stored;
use crate::summary;

/// A message and its flags.
#[derive(Serialize)]
struct Flagged {
    uid: u32,
    flags: Vec<String>,
}

/// A message that went.
#[derive(Serialize)]
struct Gone {
    uid: u32,
    /// Where to; not there for one that is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
    deleted: bool,
}

impl fmt::Display for Flagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>6} {}", self.uid, harmless::line(&self.flags.join(" ")))
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.moved_to {
            Some(mailbox) => write!(f, "{:>6} moved to {}", self.uid, harmless::line(mailbox)),
            None => write!(f, "{:>6} deleted", self.uid),
        }
    }
}

pub(crate) async fn run(context: &Context, options: &cli::Flag) -> Result<(), Failure> {
    let (changes, numbers): (Vec<_>, Vec<_>) = options.words.iter().partition(|word| word.starts_with(['+', '-']));
    let flags = |sign: char| -> Result<Vec<Flag<'static>>, Failure> {
        let named = changes.iter().filter_map(|word| word.strip_prefix(sign));
        named.map(flag).collect()
    };
    let (add, remove) = (flags('+')?, flags('-')?);
    if numbers.is_empty() || changes.is_empty() {
        return Err(Failure::usage("UIDs and changes are wanted").hint("as in: mua flag 3 5:7 +seen -flagged"));
    }
    let set = stored::uids(numbers.iter().map(|number| number.as_str()))?;
    let mut imap = context.imap().await?;
    stored::select(&mut imap, &options.mailbox).await?;
    let uids = stored::existing(&mut imap, set).await?;
    let set = SequenceSet::from_numbers(uids).ok_or_else(stored::not_found)?;
    for (action, flags) in [(StoreAction::Add, add), (StoreAction::Remove, remove)] {
        if !flags.is_empty() {
            imap.uid_store(set.clone(), action, flags).await?;
        }
    }
    // What the server says now: it need not keep every keyword.
    for fetch in imap.uid_fetch_all(set, "(UID FLAGS)").await? {
        if let Some(row) = flagged(&fetch) {
            context.output.row(&row)?;
        }
    }
    let _ = imap.logout().await;
    Ok(())
}

fn flagged(fetch: &Fetch<'_>) -> Option<Flagged> {
    let flags = fetch.items().iter().find_map(|item| match item {
        FetchItem::Flags(flags) => Some(summary::names(flags)),
        _ => None,
    });
    Some(Flagged {
        uid: fetch.uid()?.get(),
        flags: flags?,
    })
}

/// `seen` is `\Seen`; what IMAP does not know is a keyword.
fn flag(name: &str) -> Result<Flag<'static>, Failure> {
    Ok(match name.to_ascii_lowercase().trim_start_matches('\\') {
        "seen" => Flag::Seen,
        "flagged" => Flag::Flagged,
        "answered" => Flag::Answered,
        "draft" => Flag::Draft,
        "deleted" => Flag::Deleted,
        _ => Flag::new(name.to_owned()).map_err(|error| Failure::usage(format!("no flag {name}: {error}")))?,
    })
}

pub(crate) async fn move_to(context: &Context, options: &cli::Move) -> Result<(), Failure> {
    let (mailbox, numbers) = options.words.split_last().ok_or_else(stored::not_found)?;
    let set = stored::uids(numbers.iter().map(String::as_str))?;
    let mut imap = context.imap().await?;
    stored::select(&mut imap, &options.mailbox).await?;
    let uids = stored::existing(&mut imap, set).await?;
    transfer(&mut imap, &uids, mailbox).await?;
    report(context, &uids, Some(mailbox))?;
    let _ = imap.logout().await;
    Ok(())
}

/// To the account's trash, or, from there or without one, for ever.
pub(crate) async fn delete(context: &Context, options: &cli::Delete) -> Result<(), Failure> {
    let set = stored::uids(options.uids.iter().map(String::as_str))?;
    let mut imap = context.imap().await?;
    stored::select(&mut imap, &options.mailbox).await?;
    let uids = stored::existing(&mut imap, set).await?;
    let trash = context
        .account
        .trash
        .as_deref()
        .filter(|trash| *trash != options.mailbox);
    match trash {
        Some(trash) => transfer(&mut imap, &uids, trash).await?,
        None => remove(&mut imap, &uids).await?,
    }
    report(context, &uids, trash)?;
    let _ = imap.logout().await;
    Ok(())
}

fn report(context: &Context, uids: &[NonZeroU32], moved_to: Option<&str>) -> Result<(), Failure> {
    for uid in uids {
        context.output.row(&Gone {
            uid: uid.get(),
            moved_to: moved_to.map(str::to_owned),
            deleted: moved_to.is_none(),
        })?;
    }
    Ok(())
}

/// MOVE (RFC 6851), or COPY and deletion where the server has no MOVE.
pub(crate) async fn transfer(imap: &mut Client, uids: &[NonZeroU32], mailbox: &str) -> Result<(), Failure> {
    let set = SequenceSet::from_numbers(uids.iter().copied()).ok_or_else(stored::not_found)?;
    let has_move = offers(imap, "MOVE").await?;
    let copied = match has_move {
        true => imap.uid_move(set, mailbox).await,
        false => imap.uid_copy(set, mailbox).await,
    };
    copied.map_err(|error| refused(error, mailbox))?;
    match has_move {
        true => Ok(()),
        false => remove(imap, uids).await,
    }
}

fn refused(error: ClientError, mailbox: &str) -> Failure {
    let is_missing = matches!(&error, ClientError::Refused(status) if status.code == Some(imap_proto::Code::TryCreate));
    match is_missing {
        true => {
            Failure::new(crate::failure::Exit::NotFound, format!("no mailbox {mailbox}")).hint("mua list --mailboxes")
        }
        false => error.into(),
    }
}

/// For ever. Only these messages go: where the server cannot expunge by UID, others that are marked keep their mark and
/// are told of.
pub(crate) async fn remove(imap: &mut Client, uids: &[NonZeroU32]) -> Result<(), Failure> {
    let set = SequenceSet::from_numbers(uids.iter().copied()).ok_or_else(stored::not_found)?;
    imap.uid_store(set.clone(), StoreAction::Add, [Flag::Deleted]).await?;
    if offers(imap, "UIDPLUS").await? || offers(imap, "IMAP4rev2").await? {
        return Ok(imap.uid_expunge(set).await?);
    }
    let marked = imap.uid_search("DELETED").await?;
    if marked.is_some_and(|marked| marked.numbers().any(|uid| !uids.contains(&uid))) {
        return Err(Failure::new(
            crate::failure::Exit::Refused,
            "other messages are marked as deleted, too, and would go with these",
        )
        .hint("they are marked now; take the others' marks away with `mua flag UID -deleted`, then delete again"));
    }
    Ok(imap.expunge().await?)
}

async fn offers(imap: &mut Client, capability: &str) -> Result<bool, Failure> {
    Ok(imap.capabilities().await?.iter().any(|offer| offer.is(capability)))
}
