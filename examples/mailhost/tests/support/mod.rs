//! What the store's tests share.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::sync::Arc;

use mailhost::store::{
    Addressee, Content, Delivered, Delivery, Envelope, Mailbox, MemoryStore, MessageReader, QueueId, Receipt, Result,
    SqliteStore, Store, Uid,
};

/// Runs a test against each store that keeps mail.
pub(crate) async fn each_store(test: impl AsyncFn(Arc<dyn Store>)) {
    eprintln!("the memory store:");
    test(Arc::new(MemoryStore::new())).await;
    eprintln!("the SQLite store:");
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(dir.path()).await.unwrap());
    test(Arc::clone(&store) as Arc<dyn Store>).await;
    store.close().await;
}

pub(crate) fn inbox(user: &str) -> Mailbox {
    Mailbox::inbox(&format!("{user}@hamburger.edu"))
}

/// Octets that repeat with no period a chunk boundary could hide.
pub(crate) fn octets(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..len).map(step).collect()
}

pub(crate) async fn commit(store: &dyn Store, content: &[u8], deliveries: Vec<Delivery>) -> Result<Receipt> {
    let mut spool = store.spool();
    for piece in content.chunks(10_007) {
        spool.write(piece).await?;
    }
    spool.commit(deliveries).await
}

pub(crate) async fn content(store: &dyn Store, content: &[u8]) -> Result<Content> {
    let mut spool = store.spool();
    spool.write(content).await?;
    spool.finish().await
}

pub(crate) fn uid(number: u32) -> Uid {
    Uid::new(number).expect("uids begin at 1")
}

/// Delivers to one mailbox, with no prefix.
pub(crate) async fn deliver(store: &dyn Store, user: &str, content: &[u8]) -> Uid {
    let receipt = commit(store, content, vec![Delivery::mailbox(inbox(user), Vec::new())])
        .await
        .unwrap();
    let [Delivered::Mailbox(_, uid)] = receipt.deliveries[..] else {
        panic!("{receipt:?}")
    };
    uid
}

pub(crate) fn to_crepes(users: &[&str]) -> Envelope {
    let mut envelope = Envelope::new("crepes.fr", "bob@hamburger.edu", []);
    envelope.addressees = users
        .iter()
        .map(|user| Addressee::new(&format!("{user}@crepes.fr")))
        .collect();
    envelope
}

pub(crate) async fn enqueue(store: &dyn Store, content: &[u8], users: &[&str]) -> QueueId {
    let receipt = commit(store, content, vec![Delivery::relay(to_crepes(users), Vec::new())])
        .await
        .unwrap();
    let [Delivered::Queued(id)] = receipt.deliveries[..] else {
        panic!("{receipt:?}")
    };
    id
}

/// Reads to the end, and checks what a reader promises on the way.
pub(crate) async fn drain(mut reader: Box<dyn MessageReader>) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    while let Some(chunk) = reader.next_chunk().await? {
        assert!(!chunk.is_empty() && chunk.len() <= 256 * 1024);
        octets.extend_from_slice(&chunk);
    }
    assert_eq!(octets.len() as u64, reader.size());
    Ok(octets)
}

pub(crate) async fn read(store: &dyn Store, user: &str, uid: Uid) -> Result<Vec<u8>> {
    drain(store.open(&inbox(user), uid).await?).await
}

pub(crate) async fn uids(store: &dyn Store, user: &str) -> Vec<u32> {
    store
        .list(&inbox(user))
        .await
        .unwrap()
        .entries
        .iter()
        .map(|entry| entry.uid.get())
        .collect()
}
