//! The memory store's queue.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{MemoryStore, Message, State};
use crate::store::millis::now;
use crate::store::{
    Change, Claim, Envelope, MessageReader, Next, Queue, QueueEntry, QueueId, Recipient, RecipientStatus, Result,
    StoreError, Verdict,
};

/// One entry: as a claim shows it, and what it does not show.
#[derive(Debug)]
pub(super) struct Waiting {
    entry: QueueEntry,
    message: Message,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    Until(SystemTime),
    Leased(SystemTime),
}

impl Waiting {
    pub(super) fn new(id: QueueId, envelope: Envelope, message: Message) -> Self {
        let pending = |forward_path| Recipient {
            forward_path,
            status: RecipientStatus::Pending,
        };
        let arrival = now();
        let entry = QueueEntry {
            claim: Claim { id, attempt: 0 },
            next_hop: envelope.next_hop,
            reverse_path: envelope.reverse_path,
            recipients: envelope.forward_paths.into_iter().map(pending).collect(),
            arrival,
            last_error: None,
            size: message.size(),
        };
        Self {
            entry,
            message,
            hold: Hold::Until(arrival),
        }
    }

    fn due(&self) -> SystemTime {
        match self.hold {
            Hold::Until(time) | Hold::Leased(time) => time,
        }
    }

    fn claim(&mut self, until: SystemTime) -> QueueEntry {
        self.entry.claim.attempt += 1;
        self.hold = Hold::Leased(until);
        self.entry.clone()
    }
}

impl State {
    fn claimed(&mut self, claim: Claim) -> Result<&mut Waiting> {
        self.queue
            .get_mut(&claim.id)
            .filter(|waiting| waiting.entry.claim == claim && matches!(waiting.hold, Hold::Leased(_)))
            .ok_or(StoreError::NotFound)
    }
}

#[async_trait]
impl Queue for MemoryStore {
    async fn claim_due(&self, now: SystemTime, until: SystemTime, limit: usize) -> Result<Vec<QueueEntry>> {
        self.with(|state| {
            let mut due: Vec<&mut Waiting> = state
                .queue
                .values_mut()
                .filter(|waiting| waiting.due() <= now)
                .collect();
            due.sort_by_key(|waiting| waiting.due());
            Ok(due
                .into_iter()
                .take(limit)
                .map(|waiting| waiting.claim(until))
                .collect())
        })
    }

    async fn next_due(&self) -> Result<Option<SystemTime>> {
        self.with(|state| Ok(state.queue.values().map(Waiting::due).min()))
    }

    async fn open_queued(&self, id: QueueId) -> Result<Box<dyn MessageReader>> {
        self.with(|state| Ok(state.queue.get(&id).ok_or(StoreError::NotFound)?.message.reader()))
    }

    async fn renew(&self, claim: Claim, until: SystemTime) -> Result<()> {
        self.with(|state| {
            state.claimed(claim)?.hold = Hold::Leased(until);
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
                waiting.entry.recipients[verdict.recipient].status = verdict.status.clone();
            }
            match next {
                Next::Remove => {
                    state.queue.remove(&claim.id);
                }
                Next::Retry { at, error } => {
                    waiting.hold = Hold::Until(at);
                    waiting.entry.last_error = Some(error);
                    self.announce(Change::Queue);
                }
            }
            Ok(())
        })
    }
}
