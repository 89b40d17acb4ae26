//! The queue: what each store keeps of an envelope, in which order it hands out, and what a person can order, in the
//! server and beside it.

mod support;

use std::path::Path;
use std::time::{Duration, SystemTime};

use mailhost::store::{
    Addressee, ByMode, Change, ContentKind, DeliverBy, Delivered, Delivery, EntryState, Envelope, Next, Notify, Order,
    Queue, QueueEntry, QueueId, QueueTool, RecipientStatus, Returned, SqliteStore, Store, StoreError, Terms, Warned,
    Which,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use support::{commit, drain, each_store, enqueue, to_crepes};

const MINUTE: Duration = Duration::from_secs(60);

/// A moment that the store's milliseconds can write.
fn moment(minutes: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000) + minutes * MINUTE
}

fn rich() -> Envelope {
    let mut envelope = to_crepes(&["alice", "chef", "kim"]);
    envelope.addressees[0] = Addressee {
        forward_path: "alice@crepes.fr".into(),
        notify: Some(Notify::SUCCESS | Notify::DELAY),
        original: Some("rfc822;Alice@crepes.fr".into()),
    };
    envelope.addressees[1].notify = Some(Notify::NEVER);
    envelope.terms = Terms {
        envelope_id: Some("QQ+314".into()),
        returned: Some(Returned::Headers),
        priority: -4,
        hold_until: Some(moment(10)),
        deliver_by: Some(DeliverBy {
            at: moment(90),
            mode: ByMode::Return,
            trace: true,
        }),
        require_tls: true,
        content: ContentKind::Binary,
        smtp_utf8: true,
    };
    envelope
}

async fn put(store: &dyn Store, envelope: Envelope) -> QueueId {
    let receipt = commit(store, b"x", vec![Delivery::relay(envelope, Vec::new())]).await.unwrap();
    let [Delivered::Queued(id)] = receipt.deliveries[..] else { panic!("{receipt:?}") };
    id
}

async fn all(store: &dyn Store) -> Vec<QueueEntry> {
    store.queued(QueueId(0), 1000).await.unwrap()
}

async fn claimed(store: &dyn Store, now: SystemTime, except: &[&str]) -> Vec<u64> {
    let except: Vec<String> = except.iter().map(|&name| name.to_owned()).collect();
    let entries = store.claim_due(now, now + MINUTE, 100, &except).await.unwrap();
    entries.iter().map(|entry| entry.claim.id.0).collect()
}

#[tokio::test]
async fn an_envelope_is_kept_whole() {
    each_store(async |store| {
        let (envelope, plain) = (rich(), to_crepes(&["bob"]));
        let id = put(&*store, envelope.clone()).await;
        put(&*store, plain.clone()).await;
        let [entry, other] = &all(&*store).await[..] else { panic!("two entries") };
        assert_eq!((entry.claim.id, entry.claim.attempt, entry.state), (id, 0, EntryState::Waiting));
        assert_eq!((&entry.terms, &other.terms), (&envelope.terms, &plain.terms));
        assert_eq!((entry.due, entry.warned), (moment(10), Warned::Never));
        let kept: Vec<Addressee> = entry
            .recipients
            .iter()
            .map(|to| Addressee {
                forward_path: to.forward_path.clone(),
                notify: to.notify,
                original: to.original.clone(),
            })
            .collect();
        assert_eq!(kept, envelope.addressees);
        // It is claimed as it was listed.
        let now = moment(10);
        assert_eq!(store.claim_due(now - MINUTE, now, 10, &["crepes.fr".to_owned()]).await.unwrap(), []);
        let claimed = store.claim_due(now, now + MINUTE, 10, &[]).await.unwrap();
        let late = claimed.iter().find(|entry| entry.claim.id == id).unwrap();
        assert_eq!((&late.terms, late.state), (&envelope.terms, EntryState::Active));
        assert_eq!(late.recipients, entry.recipients);
    })
    .await;
}

#[tokio::test]
async fn the_highest_priority_comes_first_and_exceptions_never() {
    each_store(async |store| {
        for (number, priority) in [0, 9, -9, 0, 3].into_iter().enumerate() {
            let mut envelope = to_crepes(&["alice"]);
            envelope.terms.priority = priority;
            if number == 3 {
                envelope.next_hop = r#"odd "name" \ éx"#.to_owned();
            }
            put(&*store, envelope).await;
        }
        let now = SystemTime::now() + MINUTE;
        assert_eq!(store.claim_due(now, now, 0, &[]).await.unwrap(), []);
        assert_eq!(claimed(&*store, now, &["crepes.fr", r#"odd "name" \ éx"#]).await, [0u64; 0]);
        let first = store.claim_due(now, now + MINUTE, 2, &[]).await.unwrap();
        assert_eq!(first.iter().map(|entry| entry.claim.id.0).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(claimed(&*store, now, &[r#"odd "name" \ éx"#]).await, [1, 3]);
        assert_eq!(claimed(&*store, now, &["other.example"]).await, [4]);
    })
    .await;
}

#[tokio::test]
async fn a_person_holds_releases_flushes_and_deletes() {
    each_store(async |store| {
        let now = SystemTime::now() + MINUTE;
        let late = put(&*store, rich()).await;
        let [one, two] = [enqueue(&*store, b"one", &["alice"]).await, enqueue(&*store, b"two", &["chef"]).await];
        let ids = |ids: &[QueueId]| Which::Ids(ids.to_vec());
        assert_eq!(store.administer(Order::Hold, &ids(&[one, QueueId(99)])).await, Ok(1));
        assert_eq!(store.administer(Order::Hold, &ids(&[one])).await, Ok(0), "it is held");
        assert_eq!(all(&*store).await[1].state, EntryState::Held);
        assert_eq!(claimed(&*store, now, &[]).await, [two.0]);
        // What is claimed is settled as if nothing had been ordered; then the order holds.
        let claim = all(&*store).await[2].claim;
        assert_eq!(store.administer(Order::Hold, &ids(&[two])).await, Ok(1));
        let next = Next::Retry { at: now, error: "later".into(), warned: Warned::OfDelay };
        store.settle(claim, &[], next).await.unwrap();
        let entry = all(&*store).await.remove(2);
        assert_eq!((entry.state, entry.warned), (EntryState::Held, Warned::OfDelay));
        assert_eq!(store.next_due().await, Ok(Some(moment(10))), "held entries are never due");

        assert_eq!(store.administer(Order::Release, &Which::All).await, Ok(2));
        assert_eq!(claimed(&*store, now, &[]).await.len(), 2);
        assert_eq!(store.administer(Order::Flush, &Which::NextHop("Crepes.FR".into())).await, Ok(1));
        assert_eq!(claimed(&*store, now, &[]).await, [late.0], "before its release");
        assert_eq!(store.administer(Order::Delete, &ids(&[one, two])).await, Ok(2));
        assert_eq!(store.open_queued(one).await.err(), Some(StoreError::NotFound));
        assert_eq!(store.administer(Order::Delete, &Which::All).await, Ok(1));
        assert_eq!((all(&*store).await, store.next_due().await), (vec![], Ok(None)));
    })
    .await;
}

#[tokio::test]
async fn a_host_that_does_not_answer_speaks_for_all() {
    each_store(async |store| {
        let mut other = to_crepes(&["alice"]);
        other.next_hop = "other.example".into();
        put(&*store, other).await;
        for _ in 0..3 {
            enqueue(&*store, b"x", &["alice"]).await;
        }
        let now = SystemTime::now() + MINUTE;
        let claim = store.claim_due(now, now + MINUTE, 2, &[]).await.unwrap()[1].claim;
        let at = moment(0);
        assert_eq!(store.put_off("crepes.fr", at, "refused").await, Ok(2));
        assert_eq!(store.put_off("crepes.fr", at - MINUTE, "refused").await, Ok(0), "none is due before");
        let off: Vec<u64> = all(&*store)
            .await
            .iter()
            .filter(|entry| entry.due == at && entry.last_error.as_deref() == Some("refused"))
            .map(|entry| entry.claim.id.0)
            .collect();
        assert_eq!(off, [3, 4]);
        store.settle(claim, &[], Next::Remove).await.unwrap();
    })
    .await;
}

/// A page ends at its limit, and the next begins behind it.
#[tokio::test]
async fn the_queue_is_read_page_by_page() {
    each_store(async |store| {
        for _ in 0..5 {
            enqueue(&*store, b"x", &["alice"]).await;
        }
        let page = |after| store.queued(QueueId(after), 2);
        assert_eq!(page(0).await.unwrap().len(), 2);
        assert_eq!(page(2).await.unwrap()[0].claim.id, QueueId(3));
        assert_eq!(page(4).await.unwrap().len(), 1);
        assert_eq!(page(5).await.unwrap(), []);
    })
    .await;
}

async fn version_1(dir: &Path) {
    let options = SqliteConnectOptions::new()
        .filename(dir.join("mail.sqlite3"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut db = options.connect().await.unwrap();
    let sql = include_str!("support/store_v1.sql");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

/// The names and types of all columns, and the indexes.
async fn tables(dir: &Path) -> Vec<(String, String, String)> {
    let mut db = SqliteConnectOptions::new().filename(dir.join("mail.sqlite3")).connect().await.unwrap();
    let sql = "SELECT m.name, c.name, c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '')
        FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
        UNION SELECT name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'index'
        ORDER BY 1, 2";
    let rows = sqlx::query_as(sql).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows
}

#[tokio::test]
async fn an_older_database_is_brought_up_to_date() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    version_1(old.path()).await;
    assert!(matches!(QueueTool::open(old.path()).await.err(), Some(StoreError::Older { .. })));
    SqliteStore::open(new.path()).await.unwrap().close().await;
    for _ in 0..2 {
        let store = SqliteStore::open(old.path()).await.unwrap();
        let [entry] = &all(&store).await[..] else { panic!("one entry") };
        assert_eq!((entry.claim.id.0, entry.claim.attempt, entry.size), (7, 3, 5));
        assert_eq!(entry.terms, Terms::default());
        let statuses: Vec<RecipientStatus> = entry.recipients.iter().map(|to| to.status).collect();
        use RecipientStatus::{Delivered, Failed, Pending};
        assert_eq!(statuses, [Delivered, Failed, Pending]);
        let why = entry.recipients[1].diagnosis.as_ref().unwrap();
        assert_eq!((why.code.to_string().as_str(), &*why.text.value), ("5.0.0", "550 5.1.1 no such user"));
        assert_eq!(drain(store.open_queued(QueueId(7)).await.unwrap()).await.unwrap(), b"Hello");
        store.close().await;
    }
    assert_eq!(tables(old.path()).await, tables(new.path()).await);
    let store = SqliteStore::open(old.path()).await.unwrap();
    assert_eq!(enqueue(&store, b"x", &["alice"]).await, QueueId(8));
    store.close().await;
}

/// Another process looks and orders while the server runs, and the server notices.
#[tokio::test]
async fn a_tool_works_beside_the_server_and_without() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(QueueTool::open(dir.path()).await.err(), Some(StoreError::NotFound));
    let store = SqliteStore::open(dir.path()).await.unwrap();
    let large = vec![b'x'; 700_000];
    let first = enqueue(&store, &large, &["alice"]).await;
    let second = enqueue(&store, b"small", &["chef"]).await;
    let mut tool = QueueTool::open(dir.path()).await.unwrap();
    assert_eq!(tool.queued(QueueId(0), 10).await.unwrap(), all(&store).await);
    assert!(drain(tool.open_queued(first).await.unwrap()).await.unwrap() == large);

    tokio::time::sleep(Duration::from_millis(1200)).await;
    let mut changes = store.changes();
    assert_eq!(tool.administer(Order::Hold, &Which::Ids(vec![second])).await, Ok(1));
    let noticed = tokio::time::timeout(Duration::from_secs(5), changes.recv()).await;
    assert_eq!(noticed.expect("within seconds").unwrap(), Change::Queue);
    assert_eq!(all(&store).await[1].state, EntryState::Held);
    assert_eq!(tool.administer(Order::Delete, &Which::Ids(vec![first])).await, Ok(1));
    assert_eq!(store.open_queued(first).await.err(), Some(StoreError::NotFound));
    store.close().await;
    assert_eq!(tool.administer(Order::Release, &Which::All).await, Ok(1));
    tool.close().await;

    let store = SqliteStore::open(dir.path()).await.unwrap();
    let now = SystemTime::now();
    assert_eq!(claimed(&store, now, &[]).await, [second.0]);
    store.close().await;
    let mut db = SqliteConnectOptions::new().filename(dir.path().join("mail.sqlite3")).connect().await.unwrap();
    let chunks: i64 = sqlx::query_scalar("SELECT count(*) FROM chunk").fetch_one(&mut db).await.unwrap();
    assert_eq!(chunks, 1, "deleted content is gone");
}
