//! The way to one next hop: the entries that wait to be sent there, and the sessions that send them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::Notify;

use crate::store::QueueEntry;

/// Entries for one next hop, claimed and waiting, and how many workers there are for them.
#[derive(Debug, Default)]
pub(super) struct Lane {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<QueueEntry>,
    workers: usize,
    /// Workers that hold a session and have nothing to send over it.
    idle: usize,
}

impl Lane {
    /// Adds an entry behind those of the same or a higher priority.
    pub(super) fn add(&self, entry: QueueEntry) {
        let mut state = self.lock();
        let priority = entry.terms.priority;
        let place = state.waiting.partition_point(|other| other.terms.priority >= priority);
        state.waiting.insert(place, entry);
        drop(state);
        self.arrived.notify_one();
    }

    /// How many entries wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether nothing waits and nobody works.
    pub(super) fn is_over(&self) -> bool {
        let state = self.lock();
        state.waiting.is_empty() && state.workers == 0
    }

    /// Enters one more worker, if there is work for it and there are fewer than `most`.
    pub(super) fn enter(&self, most: usize) -> bool {
        let mut state = self.lock();
        let is_needed = state.waiting.len() > state.idle && state.workers < most;
        state.workers += usize::from(is_needed);
        is_needed
    }

    /// The next entry. Without one, a worker that `may_wait` has to ask again when [`arrival`](Self::arrival) says so;
    /// another has left the lane.
    pub(super) fn take(&self, may_wait: bool) -> Option<QueueEntry> {
        let mut state = self.lock();
        let entry = state.waiting.pop_front();
        match (&entry, may_wait) {
            (None, true) => state.idle += 1,
            (None, false) => state.workers -= 1,
            (Some(_), _) => {}
        }
        entry
    }

    /// Waits until there may be an entry, or for as long as `patience` takes.
    pub(super) async fn arrival(&self, patience: impl Future<Output = ()>) {
        tokio::select! {
            () = self.arrived.notified() => {}
            () = patience => {}
        }
        self.lock().idle -= 1;
    }

    /// Takes all that waits: their host does not answer.
    pub(super) fn drain(&self) -> VecDeque<QueueEntry> {
        std::mem::take(&mut self.lock().waiting)
    }


    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no one panics with it")
    }
}
