//! Searching in messages' octets: many small messages at once, large ones piece by piece.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use imap_mailbox::message::{Summary, SummaryBuilder};
use imap_mailbox::{SearchPlan, TextSearch, Uids, Verdict};

use super::scan::{Candidate, Found, Scan, Wanted};
use crate::imap::failure::Failure;
use crate::imap::fetch_reader::StoredMessage;
use crate::store::{SMALL, StoreError, Uid};

/// What came of some messages.
#[derive(Default)]
struct Looked {
    found: Vec<Found>,
    /// Summaries that were missing.
    made: Vec<(Uid, Bytes)>,
}

/// Looks into messages. `summarize` says whether what is kept of them is asked for, and made where it is missing.
pub(super) async fn look(
    scan: &Scan,
    open: Vec<Candidate>,
    summarize: bool,
    found: &mut Vec<Found>,
) -> Result<(), Failure> {
    let groups = groups(open);
    let looks = groups.into_iter().map(|group| look_at_group(scan, group, summarize));
    let looked: Vec<Looked> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    let mut made = Vec::new();
    for looked in looked {
        found.extend(looked.found);
        made.extend(looked.made);
    }
    if !made.is_empty() {
        scan.store.keep_summaries(&scan.mailbox, made).await?;
    }
    Ok(())
}

/// Messages to be read at once; a large one stands alone.
fn groups(open: Vec<Candidate>) -> Vec<Vec<Candidate>> {
    let mut groups: Vec<Vec<Candidate>> = Vec::new();
    let mut room = 0;
    for candidate in open {
        let size = candidate.info.size;
        match groups.last_mut() {
            Some(group) if size <= room => {
                group.push(candidate);
                room -= size;
            }
            _ => {
                groups.push(vec![candidate]);
                room = GROUP.saturating_sub(size);
            }
        }
    }
    groups
}

async fn look_at_group(scan: &Scan, group: Vec<Candidate>, summarize: bool) -> Result<Looked, Failure> {
    let (small, large): (Vec<_>, Vec<_>) = group.into_iter().partition(|candidate| candidate.info.size <= SMALL);
    let mut looked = look_at_small(scan, small, summarize).await?;
    for candidate in large {
        match look_at_large(scan, &candidate, summarize).await {
            Ok((matches, made)) => {
                looked.found.extend(matches);
                looked.made.extend(made.map(|made| (candidate.info.uid, made)));
            }
            // Another session was quicker.
            Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(looked)
}

async fn look_at_small(scan: &Scan, group: Vec<Candidate>, summarize: bool) -> Result<Looked, Failure> {
    if group.is_empty() {
        return Ok(Looked::default());
    }
    let uids: Uids = group.iter().map(|candidate| candidate.info.uid).collect();
    let octets = scan.store.octets(&scan.mailbox, &uids).await?;
    let (plan, wanted) = (scan.plan.clone(), scan.wanted.clone());
    // It may take milliseconds, in which nobody else would be served.
    let looking = tokio::task::spawn_blocking(move || {
        let mut octets = octets.into_iter().peekable();
        let mut looked = Looked::default();
        for candidate in &group {
            if let Some((_, octets)) = octets.next_if(|(uid, _)| *uid == candidate.info.uid) {
                look_at_one(&plan, &wanted, candidate, &octets, summarize, &mut looked);
            }
        }
        looked
    });
    looking.await.map_err(|_| StoreError::Aborted.into())
}

/// A message that is in memory.
fn look_at_one(
    plan: &SearchPlan,
    wanted: &Arc<Wanted>,
    candidate: &Candidate,
    octets: &[u8],
    summarize: bool,
    looked: &mut Looked,
) {
    let mut summary = candidate.summary.clone();
    if summarize && summary.is_none() {
        let made = Bytes::from(Summary::of(octets).to_bytes());
        looked.made.push((candidate.info.uid, made.clone()));
        summary = Some(made);
    }
    let matches = candidate.matches.unwrap_or_else(|| {
        candidate.with_facts(plan, |facts| match judge(plan, candidate, facts, summary.as_deref()) {
            Verdict::Open(mut text) => text.push(octets).unwrap_or_else(|| text.finish()),
            known => known.known().unwrap_or_default(),
        })
    });
    if matches {
        let facts = wanted.facts_of(candidate, summary.as_deref(), octets);
        looked.found.push(candidate.found(facts));
    }
}

/// What is known without the octets.
fn judge<'p>(
    plan: &'p SearchPlan,
    candidate: &Candidate,
    facts: &imap_mailbox::MessageFacts<'_>,
    summary: Option<&[u8]>,
) -> Verdict<'p> {
    match summary.and_then(|summary| candidate.header(summary)) {
        Some(header) => plan.judge_with_header(facts, header),
        None => plan.judge(facts),
    }
}

/// A message that is read piece by piece.
async fn look_at_large(
    scan: &Scan,
    candidate: &Candidate,
    summarize: bool,
) -> Result<(Option<Found>, Option<Bytes>), StoreError> {
    let size = candidate.info.size;
    let mut message = StoredMessage::new(scan.store.clone(), scan.mailbox.clone(), candidate.info.uid, size);
    let mut summary = candidate.summary.clone();
    let mut made = None;
    if summarize && summary.is_none() {
        let mut builder = SummaryBuilder::new();
        let mut at = 0;
        while at < size {
            let piece = message.read(at..size).await?;
            builder.push(&piece);
            at += piece.len() as u64;
            tokio::task::yield_now().await;
        }
        made = Some(Bytes::from(builder.finish().to_bytes()));
        summary.clone_from(&made);
    }
    let verdict = |matches: Option<bool>| match matches {
        Some(matches) => Ok(matches),
        None => Err(candidate.with_facts(&scan.plan, |facts| {
            judge(&scan.plan, candidate, facts, summary.as_deref())
        })),
    };
    let matches = match verdict(candidate.matches) {
        Ok(matches) => matches,
        Err(Verdict::Open(text)) => search_large(&mut message, size, *text).await?,
        Err(known) => known.known().unwrap_or_default(),
    };
    let begin = message.read(0..size).await?;
    let found = matches.then(|| {
        let facts = scan.wanted.facts_of(candidate, summary.as_deref(), &begin);
        candidate.found(facts)
    });
    Ok((found, made))
}

async fn search_large(message: &mut StoredMessage, size: u64, mut text: TextSearch<'_>) -> Result<bool, StoreError> {
    let mut at = 0;
    while at < size {
        let piece = message.read(at..size).await?;
        if let Some(matches) = text.push(&piece) {
            return Ok(matches);
        }
        at += piece.len() as u64;
        tokio::task::yield_now().await;
    }
    Ok(text.finish())
}

/// Octets that are read at once, but for a message that is longer.
const GROUP: u64 = 512 * 1024;

/// Groups that are looked at at once; the store has other readers, too.
const AT_ONCE: usize = 3;
