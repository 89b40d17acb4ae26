//! What every store promises, checked against each of them.

mod support;

use std::time::{Duration, SystemTime};

use mailhost::store::{
    Change, Claim, Delivered, Delivery, Diagnosis, DiscardStore, MemoryStore, ModSeq, Next, RecipientStatus,
    SqliteStore, Store, StoreError, Uid, Verdict, Warned,
};
use mime_codec::report::{StatusCode, Typed};
use proptest::prelude::*;
use tokio::sync::broadcast::error::TryRecvError;

use support::{commit, deliver, drain, each_store, enqueue, inbox, octets, read, to_crepes, uid, uids};

const CHUNK: usize = 256 * 1024;
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn one_commit_reaches_all_recipients() {
    each_store(async |store| {
        let deliveries = vec![
            Delivery::mailbox(inbox("bob"), b"Delivered-To: bob@hamburger.edu\r\n".to_vec()),
            Delivery::relay(to_crepes(&["alice", "chef"]), b"Received: here\r\n".to_vec()),
            Delivery::mailbox(inbox("carol"), Vec::new()),
            Delivery::mailbox(inbox("bob"), b"X: twice\r\n".to_vec()),
        ];
        let receipt = commit(&*store, b"Subject: all\r\n\r\nHello.\r\n", deliveries)
            .await
            .unwrap();
        let validity = store.list(&inbox("bob")).await.unwrap().uid_validity;
        let [first, Delivered::Queued(id), third, fourth] = receipt.deliveries[..] else {
            panic!("{receipt:?}")
        };
        assert_eq!([first, third], [Delivered::Mailbox(validity, uid(1)); 2]);
        assert_eq!(fourth, Delivered::Mailbox(validity, uid(2)));

        let bob = read(&*store, "bob", uid(1)).await.unwrap();
        assert_eq!(
            bob,
            b"Delivered-To: bob@hamburger.edu\r\nSubject: all\r\n\r\nHello.\r\n"
        );
        assert_eq!(
            read(&*store, "bob", uid(2)).await.unwrap(),
            b"X: twice\r\nSubject: all\r\n\r\nHello.\r\n"
        );
        assert_eq!(
            read(&*store, "carol", uid(1)).await.unwrap(),
            b"Subject: all\r\n\r\nHello.\r\n"
        );
        let queued = drain(store.open_queued(id).await.unwrap()).await.unwrap();
        assert_eq!(queued, b"Received: here\r\nSubject: all\r\n\r\nHello.\r\n");

        let listing = store.list(&inbox("bob")).await.unwrap();
        assert_eq!(listing.entries[0].size, bob.len() as u64);
        assert_eq!((listing.uid_next, listing.mod_seq), (uid(3), ModSeq(3)));
        assert!(listing.entries[0].internal_date.elapsed().unwrap() < MINUTE);
    })
    .await;
}

#[tokio::test]
async fn no_delivery_stores_nothing() {
    each_store(async |store| {
        assert_eq!(
            commit(&*store, b"For nobody.\r\n", Vec::new())
                .await
                .unwrap()
                .deliveries,
            []
        );
        assert_eq!(
            commit(&*store, &octets(3 * CHUNK, 1), Vec::new())
                .await
                .unwrap()
                .deliveries,
            []
        );
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_without_messages_knows_its_validity() {
    each_store(async |store| {
        let before = store.list(&inbox("bob")).await.unwrap();
        assert_eq!(
            (before.uid_next, before.mod_seq, before.entries.len()),
            (uid(1), ModSeq(1), 0)
        );
        deliver(&*store, "bob", b"x").await;
        assert_eq!(
            store.list(&inbox("bob")).await.unwrap().uid_validity,
            before.uid_validity
        );
        assert!(before.uid_validity.0 > 0);
    })
    .await;
}

#[tokio::test]
async fn lengths_around_the_chunk_come_back_octet_by_octet() {
    each_store(async |store| {
        for len in [
            0,
            1,
            CHUNK - 1,
            CHUNK,
            CHUNK + 1,
            2 * CHUNK - 1,
            2 * CHUNK,
            2 * CHUNK + 1,
        ] {
            for piece in [len.max(1), CHUNK, 99_991] {
                let content = octets(len, len as u64);
                let mut spool = store.spool();
                for octets in content.chunks(piece) {
                    spool.write(octets).await.unwrap();
                }
                let prefix = b"Return-Path: <>\r\n".to_vec();
                spool
                    .commit(vec![Delivery::mailbox(inbox("bob"), prefix.clone())])
                    .await
                    .unwrap();
                let entry = *store.list(&inbox("bob")).await.unwrap().entries.last().unwrap();
                assert_eq!(entry.size as usize, prefix.len() + len);
                assert!(read(&*store, "bob", entry.uid).await.unwrap() == [&prefix[..], &content].concat());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn twenty_megabytes_stream_in_and_out() {
    each_store(async |store| {
        let content = octets(20_000_000, 7);
        let uid = deliver(&*store, "bob", &content).await;
        assert!(read(&*store, "bob", uid).await.unwrap() == content);
    })
    .await;
}

#[tokio::test]
async fn expunge_removes_what_is_there_and_uids_never_return() {
    each_store(async |store| {
        for octet in 0..5 {
            deliver(&*store, "bob", &[octet]).await;
        }
        let removed = store
            .expunge(&inbox("bob"), &[uid(5), uid(2), uid(9), uid(2)])
            .await
            .unwrap();
        assert_eq!(removed, [uid(2), uid(5)]);
        assert_eq!(uids(&*store, "bob").await, [1, 3, 4]);
        assert_eq!(read(&*store, "bob", uid(5)).await, Err(StoreError::NotFound));
        assert_eq!(store.expunge(&inbox("bob"), &[uid(2)]).await.unwrap(), []);
        assert_eq!(store.expunge(&inbox("nobody"), &[uid(1)]).await.unwrap(), []);
        assert_eq!(store.list(&inbox("bob")).await.unwrap().mod_seq, ModSeq(7));

        store.expunge(&inbox("bob"), &[uid(1), uid(3), uid(4)]).await.unwrap();
        assert_eq!(deliver(&*store, "bob", b"new").await, uid(6));
        assert_eq!(store.list(&inbox("bob")).await.unwrap().entries[0].mod_seq, ModSeq(9));
    })
    .await;
}

#[tokio::test]
async fn shared_content_outlives_all_recipients_but_the_last() {
    each_store(async |store| {
        let content = octets(700_000, 3);
        let recipients = ["bob", "carol"].map(|user| Delivery::mailbox(inbox(user), Vec::new()));
        let queued = Delivery::relay(to_crepes(&["alice"]), Vec::new());
        commit(&*store, &content, [&recipients[..], &[queued]].concat())
            .await
            .unwrap();
        store.expunge(&inbox("bob"), &[uid(1)]).await.unwrap();
        deliver(&*store, "dave", b"Time for a sweep.").await;
        assert!(read(&*store, "carol", uid(1)).await.unwrap() == content);
        store.expunge(&inbox("carol"), &[uid(1)]).await.unwrap();
        deliver(&*store, "dave", b"And another.").await;

        let entry = store
            .claim_due(SystemTime::now(), SystemTime::now() + MINUTE, 1, &[])
            .await
            .unwrap()
            .remove(0);
        let reader = store.open_queued(entry.claim.id).await.unwrap();
        assert!(drain(reader).await.unwrap() == content);
        store.settle(entry.claim, &[], Next::Remove).await.unwrap();
        assert_eq!(
            store.open_queued(entry.claim.id).await.err(),
            Some(StoreError::NotFound)
        );
    })
    .await;
}

#[tokio::test]
async fn a_reader_whose_message_goes_away_ends_whole_or_with_an_error() {
    each_store(async |store| {
        let content = octets(40 * CHUNK, 5);
        for _ in 0..2 {
            let uid = deliver(&*store, "bob", &content).await;
            let mut reader = store.open(&inbox("bob"), uid).await.unwrap();
            let first = reader.next_chunk().await.unwrap().unwrap();
            store.expunge(&inbox("bob"), &[uid]).await.unwrap();
            // The next message must not take the place of the one that is being read.
            deliver(&*store, "bob", &octets(40 * CHUNK, 6)).await;
            match drain_rest(reader).await {
                Ok(rest) => assert!([&first[..], &rest].concat() == content),
                Err(error) => assert_eq!(error, StoreError::NotFound),
            }
        }
    })
    .await;
}

async fn drain_rest(mut reader: Box<dyn mailhost::store::MessageReader>) -> Result<Vec<u8>, StoreError> {
    let mut rest = Vec::new();
    while let Some(chunk) = reader.next_chunk().await? {
        rest.extend_from_slice(&chunk);
    }
    Ok(rest)
}

#[tokio::test]
async fn a_claim_keeps_others_away_until_it_ends() {
    each_store(async |store| {
        let id = enqueue(&*store, b"To Alice.\r\n", &["alice", "chef"]).await;
        let now = SystemTime::now();
        assert!(store.next_due().await.unwrap().unwrap() <= now);
        let claimed = store.claim_due(now, now + MINUTE, 10, &[]).await.unwrap();
        let [entry] = &claimed[..] else { panic!("{claimed:?}") };
        assert_eq!(entry.claim, Claim { id, attempt: 1 });
        assert_eq!(
            (&*entry.next_hop, &*entry.reverse_path),
            ("crepes.fr", "bob@hamburger.edu")
        );
        assert_eq!((entry.size, &entry.last_error), (11, &None));
        assert!(entry.arrival <= now);
        let pending: Vec<_> = entry
            .pending()
            .map(|(number, to)| (number, &*to.forward_path))
            .collect();
        assert_eq!(pending, [(0, "alice@crepes.fr"), (1, "chef@crepes.fr")]);

        assert_eq!(store.claim_due(now, now + MINUTE, 10, &[]).await.unwrap(), []);
        assert!(store.next_due().await.unwrap().unwrap() > now + MINUTE / 2);
        store.renew(entry.claim, now + 3 * MINUTE).await.unwrap();
        assert_eq!(
            store
                .claim_due(now + 2 * MINUTE, now + 3 * MINUTE, 10, &[])
                .await
                .unwrap(),
            []
        );

        // The lease ends: the second worker's claim is good, and the first one's is not.
        let second = store
            .claim_due(now + 3 * MINUTE, now + 4 * MINUTE, 10, &[])
            .await
            .unwrap()
            .remove(0);
        assert_eq!(second.claim.attempt, 2);
        assert_eq!(
            store.renew(entry.claim, now + 9 * MINUTE).await,
            Err(StoreError::NotFound)
        );
        assert_eq!(
            store.settle(entry.claim, &[], Next::Remove).await,
            Err(StoreError::NotFound)
        );
        store.settle(second.claim, &[], Next::Remove).await.unwrap();
        assert_eq!(
            store.settle(second.claim, &[], Next::Remove).await,
            Err(StoreError::NotFound)
        );
        assert_eq!(store.next_due().await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn settling_keeps_verdicts_and_reasons() {
    each_store(async |store| {
        enqueue(&*store, b"x", &["alice", "chef", "nobody"]).await;
        let now = SystemTime::now();
        let claim = store.claim_due(now, now + MINUTE, 1, &[]).await.unwrap()[0].claim;
        let retry = |minutes| Next::Retry {
            at: now + minutes * MINUTE,
            error: "451 later".into(),
            warned: Warned::Never,
        };
        let verdict = |recipient, status, diagnosis| Verdict {
            recipient,
            status,
            diagnosis,
        };
        let bad = [
            verdict(0, RecipientStatus::Delivered, None),
            verdict(3, RecipientStatus::Delivered, None),
        ];
        assert_eq!(store.settle(claim, &bad, retry(1)).await, Err(StoreError::NotFound));

        let refused = Diagnosis::remote(
            StatusCode::new(5, 1, 1).unwrap(),
            "mx.crepes.fr",
            Typed::new("smtp", "550 5.1.1 no such user"),
        );
        let verdicts = [
            verdict(1, RecipientStatus::Relayed, None),
            verdict(2, RecipientStatus::Failed, Some(refused.clone())),
        ];
        store.settle(claim, &verdicts, retry(5)).await.unwrap();
        assert_eq!(
            store.settle(claim, &verdicts, retry(6)).await,
            Err(StoreError::NotFound)
        );
        assert_eq!(store.renew(claim, now + MINUTE).await, Err(StoreError::NotFound));
        assert_eq!(
            store.claim_due(now + 4 * MINUTE, now + MINUTE, 1, &[]).await.unwrap(),
            []
        );

        let entry = store
            .claim_due(now + 5 * MINUTE, now + 6 * MINUTE, 1, &[])
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            (entry.claim.attempt, entry.last_error.as_deref()),
            (2, Some("451 later"))
        );
        let statuses: Vec<_> = entry.recipients.iter().map(|to| to.status).collect();
        assert_eq!(
            statuses,
            [
                RecipientStatus::Pending,
                RecipientStatus::Relayed,
                RecipientStatus::Failed
            ]
        );
        assert_eq!(entry.recipients[2].diagnosis, Some(refused));
        assert_eq!(entry.pending().map(|(number, _)| number).collect::<Vec<_>>(), [0]);
    })
    .await;
}

#[tokio::test]
async fn the_longest_due_come_first_up_to_the_limit() {
    each_store(async |store| {
        let now = SystemTime::now() + MINUTE;
        for _ in 0..3 {
            enqueue(&*store, b"x", &["alice"]).await;
        }
        for entry in store.claim_due(now, now + MINUTE, 9, &[]).await.unwrap() {
            let at = now - MINUTE + Duration::from_secs(10 - entry.claim.id.0);
            store
                .settle(
                    entry.claim,
                    &[],
                    Next::Retry {
                        at,
                        error: String::new(),
                        warned: Warned::Never,
                    },
                )
                .await
                .unwrap();
        }
        let ids = async || -> Vec<u64> {
            store
                .claim_due(now, now + MINUTE, 2, &[])
                .await
                .unwrap()
                .iter()
                .map(|entry| entry.claim.id.0)
                .collect()
        };
        assert_eq!(ids().await, [3, 2]);
        assert_eq!(ids().await, [1]);
    })
    .await;
}

#[tokio::test]
async fn changes_are_announced_after_the_fact() {
    each_store(async |store| {
        let mut changes = store.changes();
        deliver(&*store, "bob", b"1").await;
        assert_eq!(changes.recv().await.unwrap(), Change::Mailbox(inbox("bob"), ModSeq(2)));
        store.expunge(&inbox("bob"), &[uid(1)]).await.unwrap();
        assert_eq!(changes.recv().await.unwrap(), Change::Mailbox(inbox("bob"), ModSeq(3)));
        enqueue(&*store, b"2", &["alice"]).await;
        assert_eq!(changes.recv().await.unwrap(), Change::Queue);
        store.expunge(&inbox("bob"), &[uid(1)]).await.unwrap();
        drop(store.spool());
        let now = SystemTime::now();
        let claim = store.claim_due(now, now + MINUTE, 1, &[]).await.unwrap()[0].claim;
        assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
        store
            .settle(
                claim,
                &[],
                Next::Retry {
                    at: now,
                    error: String::new(),
                    warned: Warned::Never,
                },
            )
            .await
            .unwrap();
        assert_eq!(changes.recv().await.unwrap(), Change::Queue);

        for _ in 0..33 {
            let many = vec![Delivery::mailbox(inbox("bob"), Vec::new()); 64];
            commit(&*store, b"x", many).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(matches!(changes.try_recv(), Err(TryRecvError::Lagged(_))));
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    each_store(async |store| {
        let mut large = store.spool();
        let small = store.spool();
        store.close().await;
        store.close().await;
        assert_eq!(store.list(&inbox("bob")).await, Err(StoreError::Closed));
        assert_eq!(store.expunge(&inbox("bob"), &[uid(1)]).await, Err(StoreError::Closed));
        assert_eq!(store.next_due().await, Err(StoreError::Closed));
        let to_bob = vec![Delivery::mailbox(inbox("bob"), Vec::new())];
        assert_eq!(small.commit(to_bob.clone()).await, Err(StoreError::Closed));
        if large.write(&octets(CHUNK + 1, 1)).await == Err(StoreError::Closed) {
            assert_eq!(large.write(b"more").await, Err(StoreError::Aborted));
            assert_eq!(large.commit(to_bob).await, Err(StoreError::Aborted));
        }
    })
    .await;
}

#[tokio::test]
async fn the_discard_store_counts() {
    let store = DiscardStore::new();
    let receipt = commit(
        &store,
        &octets(30_000, 1),
        vec![Delivery::mailbox(inbox("bob"), Vec::new())],
    )
    .await;
    assert_eq!(receipt.unwrap().deliveries, []);
    assert_eq!((store.messages(), store.octets()), (1, 30_000));
    let mut unfinished = store.spool();
    unfinished.write(b"x").await.unwrap();
    drop(unfinished);
    assert_eq!((store.messages(), store.octets()), (1, 30_000));
    assert_eq!(uids(&store, "bob").await, [0; 0]);
}

/// One step of a random run.
#[derive(Debug, Clone)]
enum Act {
    Commit { to: Vec<usize>, len: usize },
    DropSpool { len: usize },
    Expunge { user: usize, uids: Vec<u32> },
    Restart,
}

const USERS: [&str; 3] = ["bob", "carol", "dave"];

fn act() -> impl Strategy<Value = Act> {
    let len = prop_oneof![4 => 0..2000usize, 1 => CHUNK - 1..2 * CHUNK + 2];
    let uids = proptest::collection::vec(1..12u32, 0..6);
    prop_oneof![
        6 => (proptest::collection::vec(0..3usize, 0..4), len.clone()).prop_map(|(to, len)| Act::Commit { to, len }),
        1 => len.prop_map(|len| Act::DropSpool { len }),
        3 => (0..3usize, uids).prop_map(|(user, uids)| Act::Expunge { user, uids }),
        1 => Just(Act::Restart),
    ]
}

async fn perform(store: &dyn Store, seed: u64, act: &Act) {
    match act {
        Act::Commit { to, len } => {
            let prefix = |&user: &usize| format!("Delivered-To: {}\r\n", USERS[user]).into_bytes();
            let deliveries = to
                .iter()
                .map(|user| Delivery::mailbox(inbox(USERS[*user]), prefix(user)));
            commit(store, &octets(*len, seed), deliveries.collect()).await.unwrap();
        }
        Act::DropSpool { len } => store.spool().write(&octets(*len, seed)).await.unwrap(),
        Act::Expunge { user, uids } => {
            let uids: Vec<Uid> = uids.iter().copied().map(uid).collect();
            store.expunge(&inbox(USERS[*user]), &uids).await.unwrap();
        }
        Act::Restart => {}
    }
}

/// All that a reader of the store can see, but for its dates and validities.
async fn contents(store: &dyn Store) -> Vec<(Uid, ModSeq, u64, Vec<u8>)> {
    let mut all = Vec::new();
    for user in USERS {
        let listing = store.list(&inbox(user)).await.unwrap();
        all.push((listing.uid_next, listing.mod_seq, 0, Vec::new()));
        for entry in listing.entries {
            all.push((
                entry.uid,
                entry.mod_seq,
                entry.size,
                read(store, user, entry.uid).await.unwrap(),
            ));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The memory store is the oracle: whatever is done, and however often it is restarted, SQLite holds the same.
    #[test]
    fn sqlite_holds_what_memory_holds(acts in proptest::collection::vec(act(), 1..20)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let memory = MemoryStore::new();
            let mut sqlite = SqliteStore::open(dir.path()).await.unwrap();
            for (seed, act) in acts.iter().enumerate() {
                if matches!(act, Act::Restart) {
                    sqlite.close().await;
                    sqlite = SqliteStore::open(dir.path()).await.unwrap();
                }
                perform(&memory, seed as u64, act).await;
                perform(&sqlite, seed as u64, act).await;
            }
            assert!(contents(&memory).await == contents(&sqlite).await);
            sqlite.close().await;
        });
    }
}
