//! Finding the messages of a mailbox that a search is about: by what the store knows of them, then by what was kept of their headers, at
//! last by their octets.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use bytes::Bytes;
use imap_mailbox::message::KeptHeader;
use imap_mailbox::{Hit, MessageFacts, SearchPlan, SortFacts, SortOrder, ThreadFacts, Uids};
use imap_proto::DateTime;

use super::texts;
use crate::imap::failure::Failure;
use crate::imap::fetch::slice;
use crate::imap::values::{date_time, flags, internal_date, object_id};
use crate::store::{Mailbox, MessageInfo, Store};

/// A search in one mailbox.
pub(super) struct Scan {
    pub(super) store: Arc<dyn Store>,
    pub(super) mailbox: Mailbox,
    /// The messages that sequence numbers count.
    pub(super) messages: Uids,
    pub(super) recent: Uids,
    pub(super) plan: Arc<SearchPlan>,
    pub(super) wanted: Arc<Wanted>,
}

/// What is wanted to know of messages that are found.
#[derive(Debug)]
pub(in crate::imap) enum Wanted {
    Nothing,
    Order(SortOrder),
    Threads,
}

/// A message that was found.
pub(super) struct Found {
    pub(super) hit: Hit,
    pub(super) facts: Facts,
}

/// What is known of it.
pub(super) enum Facts {
    None,
    Sort(SortFacts),
    Thread(ThreadFacts),
}

/// A message about which it is not known yet whether it is found, or what is wanted of it.
pub(super) struct Candidate {
    pub(super) info: MessageInfo,
    pub(super) sequence: NonZeroU32,
    pub(super) is_recent: bool,
    internal_date: DateTime,
    save_date: DateTime,
    /// Whether it matches, when that is known.
    pub(super) matches: Option<bool>,
    /// What was kept of it.
    pub(super) summary: Option<Bytes>,
}

impl Scan {
    /// The messages in pieces that can be looked at at once.
    pub(super) fn batches(&self) -> impl Iterator<Item = Uids> + use<> {
        let messages = match self.plan.uid_bounds() {
            Some((first, last)) => self.messages.intersection(&Uids::between(first, last)),
            None => self.messages.clone(),
        };
        let starts = (0..messages.len() as usize).step_by(BATCH);
        starts.map(move |start| slice(&messages, start, start + BATCH))
    }

    /// Those among some messages that are found, ascending.
    pub(super) async fn look(&self, uids: &Uids) -> Result<Vec<Found>, Failure> {
        let mut found = Vec::new();
        let mut open = Vec::new();
        for info in self.store.messages(&self.mailbox, uids).await? {
            let Some(candidate) = self.glance(info) else { continue };
            match candidate.facts_without_header(&self.wanted) {
                Some(facts) if candidate.matches == Some(true) => found.push(candidate.found(facts)),
                _ => open.push(candidate),
            }
        }
        if !open.is_empty() {
            self.look_closer(open, &mut found).await?;
            found.sort_unstable_by_key(|found| found.hit.uid);
        }
        Ok(found)
    }

    /// A message that may be found, by what the store knows.
    fn glance(&self, info: MessageInfo) -> Option<Candidate> {
        let sequence = self.messages.sequence(info.uid)?;
        let mut candidate = Candidate {
            sequence,
            is_recent: self.recent.contains(info.uid),
            internal_date: internal_date(&info),
            save_date: date_time(info.save_date),
            matches: None,
            summary: None,
            info,
        };
        candidate.matches = candidate.with_facts(&self.plan, |facts| self.plan.glance(facts));
        (candidate.matches != Some(false)).then_some(candidate)
    }

    /// By what was kept of headers, then by octets.
    async fn look_closer(&self, mut open: Vec<Candidate>, found: &mut Vec<Found>) -> Result<(), Failure> {
        let asks_header = self.plan.may_need_header() || self.wanted.is_of_header();
        if asks_header {
            let uids: Uids = open.iter().map(|candidate| candidate.info.uid).collect();
            let kept = self.store.summaries(&self.mailbox, &uids).await?;
            // Both are in the order of uids.
            let mut kept = kept.into_iter().peekable();
            open.retain_mut(|candidate| {
                while kept.next_if(|(uid, _)| *uid < candidate.info.uid).is_some() {}
                let summary = kept.next_if(|(uid, _)| *uid == candidate.info.uid);
                candidate.summary = summary.map(|(_, octets)| octets);
                candidate.try_header(&self.plan, &self.wanted, found)
            });
        }
        texts::look(self, open, asks_header, found).await
    }
}

impl Candidate {
    /// By the header that was kept. Returns whether the message is still open.
    fn try_header(&mut self, plan: &SearchPlan, wanted: &Wanted, found: &mut Vec<Found>) -> bool {
        let Some(summary) = self.summary.take() else {
            return true;
        };
        let Some(header) = self.header(&summary) else {
            return true;
        };
        if self.matches.is_none() {
            self.matches = self.with_facts(plan, |facts| plan.judge_with_header(facts, header).known());
        }
        match self.matches {
            Some(true) => {
                let facts = wanted.facts(header, self);
                found.push(self.found(facts));
                false
            }
            Some(false) => false,
            None => {
                self.summary = Some(summary);
                true
            }
        }
    }

    /// The header in a summary that is that of this message, and sound.
    pub(super) fn header<'s>(&self, summary: &'s [u8]) -> Option<KeptHeader<'s>> {
        let header = KeptHeader::from_bytes(summary).ok().flatten();
        header.filter(|header| header.message_size() == self.info.size)
    }

    pub(super) fn found(&self, facts: Facts) -> Found {
        let hit = Hit {
            sequence: self.sequence,
            uid: self.info.uid,
            mod_sequence: NonZeroU64::new(self.info.mod_seq.0),
        };
        Found { hit, facts }
    }

    /// Looks at it as a search does.
    pub(super) fn with_facts<T>(&self, plan: &SearchPlan, look: impl FnOnce(&MessageFacts<'_>) -> T) -> T {
        let info = &self.info;
        let flags = flags(&info.flags);
        let ids = plan
            .needs_object_ids()
            .then(|| (object_id('M', info.email_id), object_id('T', info.thread_id)));
        let mut facts = MessageFacts::new(self.sequence, info.uid, self.internal_date, info.size);
        facts.flags = &flags;
        facts.is_recent = self.is_recent;
        facts.mod_sequence = info.mod_seq.0;
        facts.save_date = Some(self.save_date);
        if let Some((email_id, thread_id)) = &ids {
            (facts.email_id, facts.thread_id) = (Some(email_id.as_str()), Some(thread_id.as_str()));
        }
        look(&facts)
    }

    fn facts_without_header(&self, wanted: &Wanted) -> Option<Facts> {
        match wanted {
            Wanted::Nothing => Some(Facts::None),
            Wanted::Order(order) if !order.needs_header() => Some(Facts::Sort(SortFacts::without_header(
                self.internal_date,
                self.info.size,
            ))),
            Wanted::Order(_) | Wanted::Threads => None,
        }
    }
}

impl Wanted {
    /// Whether it takes a message's header.
    fn is_of_header(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Order(order) => order.needs_header(),
            Self::Threads => true,
        }
    }

    /// By what was kept.
    fn facts(&self, header: KeptHeader<'_>, candidate: &Candidate) -> Facts {
        let arrival = candidate.internal_date;
        match self {
            Self::Nothing => Facts::None,
            Self::Order(order) => Facts::Sort(order.facts(header, arrival, candidate.info.size)),
            Self::Threads => Facts::Thread(ThreadFacts::of_kept(header, arrival)),
        }
    }

    /// By a message's octets, of which the header is enough.
    fn facts_of_octets(&self, octets: &[u8], candidate: &Candidate) -> Facts {
        let arrival = candidate.internal_date;
        match self {
            Self::Nothing => Facts::None,
            Self::Order(_) => Facts::Sort(SortFacts::of(octets, arrival, candidate.info.size)),
            Self::Threads => Facts::Thread(ThreadFacts::of(octets, arrival)),
        }
    }

    /// By what was kept, or else by the begin of the message.
    pub(super) fn facts_of(&self, candidate: &Candidate, summary: Option<&[u8]>, begin: &[u8]) -> Facts {
        match summary.and_then(|summary| candidate.header(summary)) {
            Some(header) => self.facts(header, candidate),
            None => self.facts_of_octets(begin, candidate),
        }
    }
}

impl Facts {
    /// What a SORT has asked for.
    pub(super) fn into_sort(self) -> SortFacts {
        match self {
            Self::Sort(facts) => facts,
            Self::None | Self::Thread(_) => SortFacts::default(),
        }
    }
}

/// Messages that are looked at at once.
const BATCH: usize = 2000;
