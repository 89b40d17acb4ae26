//! Queue entries for tests.

use std::time::SystemTime;

use crate::store::{Addressee, Delivery, Envelope, MemoryStore, Queue, QueueEntry, QueueId, Store};

/// An entry for these recipients that was never tried.
pub(crate) fn entry(forward_paths: &[&str]) -> QueueEntry {
    let mut envelope = Envelope::new("crepes.fr", "bob@hamburger.edu", []);
    envelope.addressees = forward_paths.iter().map(|path| Addressee::new(path)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let store = MemoryStore::new();
        let spool = store.spool();
        let _ = spool.commit(vec![Delivery::relay(envelope, Vec::new())]).await;
        let mut entries = store.queued(QueueId(0), 1).await.expect("it is open");
        let mut entry = entries.remove(0);
        // Whole hours count well.
        entry.arrival = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        entry
    })
}
