//! The memory store's queue.

use std::ops::Bound;
use std::time::SystemTime;

use async_trait::async_trait;

use super::{MemoryStore, Message, State};
use crate::store::millis::{from_millis, now, to_millis};
use crate::store::{
    Change, Claim, EntryState, Envelope, MessageReader, Next, Order, Queue, QueueEntry, QueueId, Recipient, Result,
    StoreError, Verdict, Warned, Which,
};

/// One entry: as a claim shows it, and what it does not show.
#[derive(Debug)]
pub(super) struct Waiting {
    entry: QueueEntry,
    message: Message,
    is_held: bool,
}

impl Waiting {
    pub(super) fn new(id: QueueId, envelope: Envelope, message: Message) -> Self {
        let arrival = now();
        let entry = QueueEntry {
            claim: Claim { id, attempt: 0 },
            next_hop: envelope.next_hop,
            reverse_path: envelope.reverse_path,
            due: envelope.terms.hold_until.unwrap_or(arrival).max(arrival),
            terms: envelope.terms,
            recipients: envelope.addressees.into_iter().map(Recipient::from).collect(),
            arrival,
            state: EntryState::Waiting,
            warned: Warned::Never,
            last_error: None,
            size: message.size(),
        };
        Self {
            entry,
            message,
            is_held: false,
        }
    }

    fn claim(&mut self, until: SystemTime) -> QueueEntry {
        self.entry.claim.attempt += 1;
        self.entry.state = EntryState::Active;
        self.entry.due = until;
        self.entry.clone()
    }

    fn is_active(&self) -> bool {
        self.entry.state == EntryState::Active
    }

    /// What it waits for when no attempt is under way.
    fn rest(&mut self) {
        self.entry.state = match self.is_held {
            true => EntryState::Held,
            false => EntryState::Waiting,
        };
    }

    /// Carries out an order other than to delete. Says whether it changed anything.
    fn obey(&mut self, order: Order, now: SystemTime) -> bool {
        let is_concerned = match order {
            Order::Flush => !self.is_active(),
            Order::Hold => !self.is_held,
            Order::Release => self.is_held,
            Order::Delete => true,
        };
        if !is_concerned {
            return false;
        }
        match order {
            Order::Hold => self.is_held = true,
            Order::Release => self.is_held = false,
            Order::Flush | Order::Delete => {}
        }
        if !self.is_active() {
            self.rest();
            if order != Order::Hold {
                self.entry.due = self.entry.due.min(now);
            }
        }
        true
    }

    fn is_meant(&self, which: &Which) -> bool {
        match which {
            Which::All => true,
            Which::Ids(ids) => ids.contains(&self.entry.claim.id),
            Which::NextHop(name) => self.entry.next_hop.eq_ignore_ascii_case(name),
        }
    }
}

impl State {
    fn claimed(&mut self, claim: Claim) -> Result<&mut Waiting> {
        self.queue
            .get_mut(&claim.id)
            .filter(|waiting| waiting.entry.claim == claim && waiting.is_active())
            .ok_or(StoreError::NotFound)
    }
}

#[async_trait]
impl Queue for MemoryStore {
    async fn claim_due(
        &self,
        now: SystemTime,
        until: SystemTime,
        limit: usize,
        except: &[String],
    ) -> Result<Vec<QueueEntry>> {
        self.with(|state| {
            let mut due: Vec<&mut Waiting> = state
                .queue
                .values_mut()
                .filter(|waiting| !waiting.is_held && waiting.entry.due <= now)
                .filter(|waiting| !except.contains(&waiting.entry.next_hop))
                .collect();
            due.sort_by_key(|waiting| (-waiting.entry.terms.priority, waiting.entry.due));
            Ok(due
                .into_iter()
                .take(limit)
                .map(|waiting| waiting.claim(until))
                .collect())
        })
    }

    async fn next_due(&self) -> Result<Option<SystemTime>> {
        self.with(|state| {
            let waiting = state.queue.values().filter(|waiting| !waiting.is_held);
            Ok(waiting.map(|waiting| waiting.entry.due).min())
        })
    }

    async fn open_queued(&self, id: QueueId) -> Result<Box<dyn MessageReader>> {
        self.with(|state| Ok(state.queue.get(&id).ok_or(StoreError::NotFound)?.message.reader(0)))
    }

    async fn renew(&self, claim: Claim, until: SystemTime) -> Result<()> {
        self.with(|state| {
            state.claimed(claim)?.entry.due = until;
            Ok(())
        })
    }

    async fn settle(&self, claim: Claim, verdicts: &[Verdict], next: Next) -> Result<()> {
        self.with(|state| {
            let waiting = state.claimed(claim)?;
            if verdicts
                .iter()
                .any(|verdict| verdict.recipient >= waiting.entry.recipients.len())
            {
                return Err(StoreError::NotFound);
            }
            for verdict in verdicts {
                let recipient = &mut waiting.entry.recipients[verdict.recipient];
                recipient.status = verdict.status;
                recipient.diagnosis.clone_from(&verdict.diagnosis);
            }
            match next {
                Next::Remove => {
                    state.queue.remove(&claim.id);
                }
                Next::Retry { at, error, warned } => {
                    waiting.rest();
                    waiting.entry.due = from_millis(to_millis(at));
                    waiting.entry.last_error = Some(error);
                    waiting.entry.warned = warned;
                    self.announce(Change::Queue);
                }
            }
            Ok(())
        })
    }

    async fn put_off(&self, next_hop: &str, at: SystemTime, error: &str) -> Result<u64> {
        self.with(|state| {
            let waiting = state
                .queue
                .values_mut()
                .filter(|waiting| waiting.entry.next_hop == next_hop && waiting.entry.due < at && !waiting.is_active());
            let (mut count, now) = (0, now());
            for waiting in waiting {
                let deadline = waiting.entry.terms.deliver_by.map(|by| by.at).filter(|&by| by > now);
                waiting.entry.due = deadline.map_or(at, |deadline| deadline.min(at));
                waiting.entry.last_error = Some(error.to_owned());
                count += 1;
            }
            Ok(count)
        })
    }

    async fn queued(&self, after: QueueId, limit: usize) -> Result<Vec<QueueEntry>> {
        self.with(|state| {
            let behind = (Bound::Excluded(after), Bound::Unbounded);
            let entries = state.queue.range(behind).take(limit);
            Ok(entries.map(|(_, waiting)| waiting.entry.clone()).collect())
        })
    }

    async fn administer(&self, order: Order, which: &Which) -> Result<u64> {
        let count = self.with(|state| {
            let now = now();
            let mut concerned = Vec::new();
            for (id, waiting) in &mut state.queue {
                if waiting.is_meant(which) && waiting.obey(order, now) {
                    concerned.push(*id);
                }
            }
            if order == Order::Delete {
                concerned.iter().for_each(|id| drop(state.queue.remove(id)));
            }
            Ok(concerned.len() as u64)
        })?;
        self.announce(Change::Queue);
        Ok(count)
    }
}
