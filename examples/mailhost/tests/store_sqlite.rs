//! What the SQLite store promises beyond the others: durability, grouped commits, and a plain word about a file that
//! is not as it should be (docs/threats.md row 32).

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::join_all;
use imap_mailbox::Uids;
use mailhost::store::{
    Damage, Delivery, Filing, Folders, Mailbox, Next, Queue, RecipientStatus, SqliteStore, Store, StoreError, Verdict,
    Warned,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

use support::{commit, deliver, drain, enqueue, inbox, octets, read, uid, uids};

const CHUNK: usize = 256 * 1024;
const MINUTE: Duration = Duration::from_secs(60);

async fn open(dir: impl AsRef<Path>) -> SqliteStore {
    SqliteStore::open(dir).await.unwrap()
}

async fn database(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(dir.join("mail.sqlite3"))
        .connect()
        .await
        .unwrap()
}

async fn execute(dir: &Path, sql: &str) {
    let mut db = database(dir).await;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

async fn number(dir: &Path, sql: &'static str) -> i64 {
    let mut db = database(dir).await;
    let number = sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap();
    db.close().await.unwrap();
    number
}

/// Waits until the sweep has left this many chunks.
async fn chunks_become(dir: &Path, expected: i64) {
    for _ in 0..200 {
        if number(dir, "SELECT count(*) FROM chunk").await == expected {
            assert_eq!(number(dir, "SELECT count(*) FROM content").await, expected.min(1));
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!(
        "{} chunks instead of {expected}",
        number(dir, "SELECT count(*) FROM chunk").await
    );
}

/// What a crash at this moment would leave: the files as they are, taken while the store is in use.
fn crash_copy(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in ["mail.sqlite3", "mail.sqlite3-wal"] {
        fs::copy(dir.join(file), copy.path().join(file)).unwrap();
    }
    copy
}

#[tokio::test]
async fn a_restart_keeps_mail_and_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let content = octets(3 * CHUNK + 17, 1);
    for _ in 0..3 {
        deliver(&store, "bob", &content).await;
    }
    store.expunge(&inbox("bob"), &[uid(2), uid(3)]).await.unwrap();
    let before = store.list(&inbox("bob")).await.unwrap();
    store.close().await;

    let store = open(&dir).await;
    let after = store.list(&inbox("bob")).await.unwrap();
    assert_eq!(after, before);
    assert_eq!(after.unique_id(uid(1)), before.unique_id(uid(1)));
    assert!(read(&store, "bob", uid(1)).await.unwrap() == content);
    assert_eq!(deliver(&store, "bob", b"next").await, uid(4));
    store.close().await;
    assert!(
        !dir.path().join("mail.sqlite3-wal").exists(),
        "a closed store is one file"
    );
}

#[tokio::test]
async fn a_restart_ends_leases_and_keeps_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let now = SystemTime::now();
    let id = enqueue(&store, b"To Alice.", &["alice", "chef"]).await;
    let claim = store.claim_due(now + MINUTE, now + 60 * MINUTE, 1, &[]).await.unwrap()[0].claim;
    let delivered = Verdict {
        recipient: 1,
        status: RecipientStatus::Delivered,
        diagnosis: None,
    };
    let next = Next::Retry {
        at: now + 2 * MINUTE,
        error: "421 busy".into(),
        warned: Warned::Never,
    };
    store.settle(claim, &[delivered], next).await.unwrap();
    store.close().await;

    let store = open(&dir).await;
    assert_eq!(
        store.claim_due(now + MINUTE, now + 60 * MINUTE, 1, &[]).await.unwrap(),
        [],
        "put off, not leased"
    );
    let leased = store
        .claim_due(now + 2 * MINUTE, now + 60 * MINUTE, 1, &[])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (leased.claim.id, leased.claim.attempt, leased.last_error.as_deref()),
        (id, 2, Some("421 busy"))
    );
    assert_eq!(leased.recipients[1].status, RecipientStatus::Delivered);
    store.close().await;

    let store = open(&dir).await;
    let again = store
        .claim_due(SystemTime::now(), now + 60 * MINUTE, 1, &[])
        .await
        .unwrap()
        .remove(0);
    assert_eq!(again.claim.attempt, 3);
    assert_eq!(
        store.settle(leased.claim, &[], Next::Remove).await,
        Err(StoreError::NotFound)
    );
    assert_eq!(drain(store.open_queued(id).await.unwrap()).await.unwrap(), b"To Alice.");
    store.settle(again.claim, &[], Next::Remove).await.unwrap();
    store.close().await;

    let store = open(&dir).await;
    assert_eq!(store.next_due().await.unwrap(), None);
    assert!(
        enqueue(&store, b"x", &["alice"]).await > id,
        "queue numbers never return"
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commits_share_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&dir).await);
    let before = store.transactions();
    let sessions = (0..200).map(|session| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { deliver(&*store, "bob", format!("{session}").as_bytes()).await })
    });
    let mut given: Vec<u32> = join_all(sessions)
        .await
        .into_iter()
        .map(|uid| uid.unwrap().get())
        .collect();
    given.sort_unstable();
    assert_eq!(given, (1..=200).collect::<Vec<_>>());
    let spent = store.transactions() - before;
    assert!((1..=60).contains(&spent), "200 commits took {spent} transactions");
    store.close().await;
}

#[tokio::test]
async fn one_failing_request_leaves_its_batch_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    deliver(&store, "full", b"The first.").await;
    store.close().await;
    execute(dir.path(), "UPDATE mailbox SET last_uid = 4294967293").await;

    let store = open(&dir).await;
    let last = deliver(&store, "full", b"The last: there still is a number for UIDNEXT.").await;
    assert_eq!(store.list(&inbox("full")).await.unwrap().uid_next.get(), last.get() + 1);
    let more = Uids::from_iter([uid(1)]);
    let copied = store.copy(&inbox("full"), &more, &inbox("full")).await;
    assert_eq!(copied, Err(StoreError::Full));
    let before = store.transactions();
    let mut changes = store.changes();
    let to = |user| Delivery::mailbox(inbox(user), Vec::new());
    let requests = (0..40).map(|number| {
        let last = if number % 4 == 1 { "full" } else { "dave" };
        commit(&store, b"x", vec![to("carol"), to(last)])
    });
    let outcomes = join_all(requests).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        let expected = if number % 4 == 1 { Some(&StoreError::Full) } else { None };
        assert_eq!(outcome.as_ref().err(), expected);
    }
    assert!(store.transactions() - before <= 3, "they were one batch");
    assert_eq!(uids(&store, "full").await, [1, u32::MAX - 1]);
    assert_eq!(uids(&store, "carol").await, (1..=30).collect::<Vec<_>>());
    assert_eq!(uids(&store, "dave").await, (1..=30).collect::<Vec<_>>());
    assert_eq!(changes.len(), 60);
    assert!(changes.try_recv().is_ok());
    store.close().await;
}

#[tokio::test]
async fn a_dropped_spool_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let mut spool = store.spool();
    spool.write(&octets(40 * CHUNK + 1, 1)).await.unwrap();
    assert_eq!(number(dir.path(), "SELECT count(*) FROM chunk").await, 40);
    assert_eq!(uids(&store, "bob").await, [0; 0]);
    drop(spool);
    chunks_become(dir.path(), 0).await;
    store.close().await;
}

#[tokio::test]
async fn a_write_or_commit_that_is_broken_off_leaves_all_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let content = octets(2 * CHUNK + 5, 1);
    for patience in 0..20 {
        let mut spool = store.spool();
        let patience = Duration::from_micros(patience * 150);
        let _ = tokio::time::timeout(patience, async {
            spool.write(&content).await?;
            spool.commit(vec![Delivery::mailbox(inbox("bob"), Vec::new())]).await
        })
        .await;
    }
    for number in uids(&store, "bob").await {
        assert!(read(&store, "bob", uid(number)).await.unwrap() == content);
        store.expunge(&inbox("bob"), &[uid(number)]).await.unwrap();
    }
    chunks_become(dir.path(), 0).await;
    store.close().await;
}

#[tokio::test]
async fn a_write_that_is_broken_off_cannot_be_committed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let mut spool = store.spool();
    assert_eq!(spool.write(&octets(CHUNK + 1, 1)).now_or_never(), None);
    assert_eq!(spool.write(b"more").await, Err(StoreError::Aborted));
    let outcome = spool.commit(vec![Delivery::mailbox(inbox("bob"), Vec::new())]).await;
    assert_eq!(outcome, Err(StoreError::Aborted));
    deliver(&store, "carol", b"x").await;
    chunks_become(dir.path(), 1).await;
    store.close().await;
}

/// Its sender was told nothing and will try again: stored now, the message would be there twice.
#[tokio::test]
async fn a_commit_that_is_broken_off_before_its_turn_is_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let to_bob = vec![Delivery::mailbox(inbox("bob"), Vec::new())];
    assert_eq!(commit(&store, b"x", to_bob).now_or_never(), None);
    deliver(&store, "carol", b"x").await;
    assert_eq!(uids(&store, "bob").await, [0; 0]);
    store.close().await;
}

#[tokio::test]
async fn content_goes_with_its_last_recipient() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let both = ["bob", "carol"].map(|user| Delivery::mailbox(inbox(user), Vec::new()));
    commit(&store, &octets(20 * CHUNK, 1), both.to_vec()).await.unwrap();
    assert_eq!(
        number(dir.path(), "SELECT count(*) FROM chunk").await,
        20,
        "stored once"
    );
    store.expunge(&inbox("bob"), &[uid(1)]).await.unwrap();
    deliver(&store, "dave", b"x").await;
    store.expunge(&inbox("dave"), &[uid(1)]).await.unwrap();
    chunks_become(dir.path(), 20).await;
    store.expunge(&inbox("carol"), &[uid(1)]).await.unwrap();
    chunks_become(dir.path(), 0).await;
    store.close().await;
}

#[tokio::test]
async fn a_crash_keeps_all_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let mut unfinished = store.spool();
    unfinished.write(&octets(3 * CHUNK, 9)).await.unwrap();
    for count in 1..=20 {
        deliver(&store, "bob", &octets(count * 9_001, count as u64)).await;
        if count % 5 != 0 {
            continue;
        }
        let copy = crash_copy(dir.path());
        let revived = open(&copy).await;
        assert_eq!(uids(&revived, "bob").await, (1..=count as u32).collect::<Vec<_>>());
        for number in 1..=count {
            let expected = octets(number * 9_001, number as u64);
            assert!(read(&revived, "bob", uid(number as u32)).await.unwrap() == expected);
        }
        revived
            .expunge(&inbox("bob"), &(1..=20).map(uid).collect::<Vec<_>>())
            .await
            .unwrap();
        chunks_become(copy.path(), 0).await;
        revived.close().await;
    }
    store.close().await;
}

#[tokio::test]
async fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let path = dir.path().join("mailhost.lock");
    assert_eq!(SqliteStore::open(&dir).await.unwrap_err(), StoreError::InUse { path });
    store.close().await;
    open(&dir).await.close().await;
}

/// A closed store with some mail in it.
async fn filled() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    for number in 0..30 {
        deliver(&store, "bob", &octets(50_000, number)).await;
    }
    store.close().await;
    dir
}

/// Changes the file's octets, and tells what opening says then. The file must stay as it is.
async fn opened_after(dir: &TempDir, change: impl FnOnce(&mut Vec<u8>)) -> StoreError {
    let path = dir.path().join("mail.sqlite3");
    let mut octets = fs::read(&path).unwrap();
    change(&mut octets);
    fs::write(&path, &octets).unwrap();
    let error = SqliteStore::open(dir).await.unwrap_err();
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    assert!(!error.is_temporary());
    assert!(fs::read(&path).unwrap() == octets, "a damaged file is left as it is");
    error
}

fn damage(error: StoreError) -> Damage {
    let StoreError::Damaged { damage, .. } = error else {
        panic!("{error}")
    };
    damage
}

#[tokio::test]
async fn a_file_without_octets_is_a_loss() {
    let dir = filled().await;
    assert_eq!(damage(opened_after(&dir, Vec::clear).await), Damage::Empty);
}

#[tokio::test]
async fn a_truncated_file_is_a_loss() {
    let dir = filled().await;
    for tenths in (1..10).rev() {
        let error = opened_after(&dir, |octets| octets.truncate(octets.len() * tenths / 10)).await;
        assert!(matches!(damage(error), Damage::Pages(_)));
    }
    for len in [4097, 4096, 512, 100, 99, 17, 1] {
        let error = opened_after(&dir, |octets| octets.truncate(len)).await;
        assert!(
            matches!(damage(error), Damage::Pages(_) | Damage::NotADatabase),
            "{len}"
        );
    }
}

#[tokio::test]
async fn a_missing_file_with_its_log_is_a_loss() {
    let dir = filled().await;
    let store = open(&dir).await;
    deliver(&store, "bob", b"In the log.").await;
    let copy = crash_copy(dir.path());
    fs::remove_file(copy.path().join("mail.sqlite3")).unwrap();
    assert_eq!(damage(SqliteStore::open(&copy).await.unwrap_err()), Damage::Missing);
    assert!(!copy.path().join("mail.sqlite3").exists());
    store.close().await;
}

#[tokio::test]
async fn garbage_is_not_a_database() {
    let dir = filled().await;
    assert_eq!(
        damage(opened_after(&dir, |octets| octets[..16].fill(b'x')).await),
        Damage::NotADatabase
    );
    assert_eq!(
        damage(opened_after(&dir, |all| *all = octets(9_999, 1)).await),
        Damage::NotADatabase
    );
}

#[tokio::test]
async fn other_programs_and_newer_versions_are_told_apart() {
    let dir = filled().await;
    execute(dir.path(), "PRAGMA user_version = 99").await;
    let path = dir.path().join("mail.sqlite3");
    assert_eq!(
        opened_after(&dir, |_| {}).await,
        StoreError::Newer {
            path,
            found: 99,
            known: 5
        }
    );
    execute(dir.path(), "PRAGMA application_id = 1").await;
    assert_eq!(damage(opened_after(&dir, |_| {}).await), Damage::NotAStore);
}

/// Whatever page is overwritten: an error at the start, or at the messages concerned, and never wrong octets.
#[tokio::test]
async fn an_overwritten_page_never_gives_wrong_octets() {
    let dir = filled().await;
    let path = dir.path().join("mail.sqlite3");
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for page in (1..whole.len() / 4096).step_by(11).chain(1..12) {
        let mut octets = whole.clone();
        octets[page * 4096..][..4096]
            .iter_mut()
            .for_each(|octet| *octet ^= 0x5a);
        fs::write(&path, &octets).unwrap();
        match SqliteStore::open(&dir).await {
            Ok(store) => {
                all_right_or_reported(&store).await;
                store.close().await;
            }
            Err(StoreError::Damaged {
                path: reported,
                damage: Damage::Pages(finding),
            }) => {
                assert_eq!(reported, path);
                assert!(finding.starts_with("table ") && finding.contains("page "), "{finding}");
                refused += 1;
            }
            Err(other) => panic!("page {page}: {other}"),
        }
    }
    assert!(refused > 0);
}

async fn all_right_or_reported(store: &SqliteStore) {
    for number in 1..=30 {
        match read(store, "bob", uid(number)).await {
            Ok(content) => assert!(content == octets(50_000, u64::from(number) - 1), "uid {number}"),
            Err(StoreError::Damaged { .. }) => {}
            Err(other) => panic!("uid {number}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_changed_octet_costs_one_message() {
    let dir = filled().await;
    let path = dir.path().join("mail.sqlite3");
    let mut file = fs::read(&path).unwrap();
    let needle = &octets(50_000, 6)[20_000..20_032];
    let at = file.windows(needle.len()).position(|window| window == needle).unwrap();
    file[at] ^= 1;
    fs::write(&path, &file).unwrap();

    let store = open(&dir).await;
    let error = read(&store, "bob", uid(7)).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("mail.sqlite3: octets 0 to 50000 of a message"),
        "{error}"
    );
    for number in (1..=30).filter(|&number| number != 7) {
        read(&store, "bob", uid(number)).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_lost_chunk_is_never_a_short_message() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    for _ in 0..2 {
        deliver(&store, "bob", &octets(3 * CHUNK, 1)).await;
    }
    store.close().await;
    execute(dir.path(), "DELETE FROM chunk WHERE start = 524288 AND content = 1").await;
    let store = open(&dir).await;
    let from = 2 * CHUNK as u64;
    let lost = Damage::Octets {
        content: 1,
        from,
        to: from + CHUNK as u64,
    };
    assert_eq!(damage(read(&store, "bob", uid(1)).await.unwrap_err()), lost);
    assert!(read(&store, "bob", uid(2)).await.is_ok());
    store.close().await;
}

#[tokio::test]
async fn an_interrupted_creation_starts_anew() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("mail.sqlite3.new"), b"half").unwrap();
    fs::write(dir.path().join("mail.sqlite3.new-wal"), b"half").unwrap();
    let store = open(&dir).await;
    deliver(&store, "bob", b"x").await;
    store.close().await;
    let mailbox = Mailbox::inbox("BOB@hamburger.edu");
    let store = open(&dir).await;
    assert_eq!(store.list(&mailbox).await.unwrap().entries.len(), 1);
    store.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new").join("store");
    open(&path).await.close().await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), b"").unwrap();
    let path = dir.path().join("file").join("store");
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Io { path: named, .. } if *named == path),
        "{error}"
    );
}

/// Identifiers of conversations go with their last message, however it goes.
#[tokio::test]
async fn conversations_without_messages_are_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let links = async || number(dir.path(), "SELECT count(*) FROM thread").await;
    let one = |number| Uids::between(uid(number), uid(number));
    let (bob, work) = (inbox("bob"), Mailbox::new("bob@example.org", "Work"));
    store.create(&work, None).await.unwrap();
    for message in [
        "Message-ID: <1@crepes.fr>\r\n\r\n",
        "Message-ID: <2@crepes.fr>\r\nReferences: <0@crepes.fr> <1@crepes.fr>\r\n\r\n",
        "Message-ID: <3@crepes.fr>\r\n\r\n",
        "Message-ID: <4@crepes.fr>\r\n\r\n",
    ] {
        deliver(&store, "bob", message.as_bytes()).await;
    }
    assert_eq!(links().await, 5);
    store.expunge(&bob, &[uid(1)]).await.unwrap();
    assert_eq!(links().await, 5, "the answer is there");
    store.expunge(&bob, &[uid(2)]).await.unwrap();
    assert_eq!(links().await, 2);
    store.move_to(&bob, &one(3), &work).await.unwrap();
    assert_eq!(links().await, 2);
    store.delete(&work).await.unwrap();
    assert_eq!(links().await, 1);
    let before = store.messages(&bob, &one(4)).await.unwrap().remove(0);
    let content = support::content(&store, b"Message-ID: <4@crepes.fr>\r\n\r\nanew")
        .await
        .unwrap();
    let replaced = Some((bob.clone(), uid(4)));
    let new = store
        .append(&bob, vec![(content, Filing::default())], replaced)
        .await
        .unwrap();
    let after = store.messages(&bob, &new.uids).await.unwrap().remove(0);
    assert_eq!(before.thread_id, after.thread_id);
    store.expunge(&bob, &[uid(5)]).await.unwrap();
    assert_eq!(links().await, 0);
    store.close().await;
}

/// Version 4 had names as clients wrote them, and kept the identifiers of all conversations.
#[tokio::test]
async fn names_of_version_4_become_canonical() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    for name in ["a", "b", "c"] {
        store
            .create(&Mailbox::new("bob@example.org", name), None)
            .await
            .unwrap();
    }
    store
        .subscribe(&Mailbox::new("bob@example.org", "a"), true)
        .await
        .unwrap();
    store.close().await;
    execute(
        dir.path(),
        "UPDATE mailbox SET name = 'A\u{30a}' WHERE name = 'a'; UPDATE mailbox SET name = '\u{c5}' WHERE name = 'b';
         UPDATE mailbox SET name = 'u\u{308}' WHERE name = 'c'; UPDATE subscription SET name = 'u\u{308}';
         INSERT INTO thread VALUES ('bob@example.org', 1, 1);
         DROP INDEX message_thread; DROP INDEX thread_thread; ALTER TABLE message DROP COLUMN zone; PRAGMA user_version = 4",
    )
    .await;
    let store = open(&dir).await;
    let names = store.mailboxes("bob@example.org").await.unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|info| info.mailbox.name())
        .filter(|name| *name != "INBOX")
        .collect();
    assert_eq!(names, ["\u{c5}", "\u{c5} 2", "\u{fc}"]);
    let subscriptions = store.subscriptions("bob@example.org").await.unwrap();
    assert_eq!(subscriptions, [Mailbox::new("bob@example.org", "\u{fc}")]);
    store.close().await;
    assert_eq!(number(dir.path(), "SELECT count(*) FROM thread").await, 0);
}

/// Who has begun to read a message reads it to its end, whoever removes it meanwhile; then it goes.
#[tokio::test]
async fn a_message_stays_while_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let whole = octets(40 * CHUNK, 1);
    let receipt = commit(&store, &whole, vec![Delivery::mailbox(inbox("bob"), Vec::new())]).await;
    assert!(receipt.is_ok());
    let mut one = store.open(&inbox("bob"), uid(1)).await.unwrap();
    let two = store.open(&inbox("bob"), uid(1)).await.unwrap();
    let begin = one.next_chunk().await.unwrap().unwrap();
    store.expunge(&inbox("bob"), &[uid(1)]).await.unwrap();
    assert_eq!(
        store.open(&inbox("bob"), uid(1)).await.err(),
        Some(StoreError::NotFound)
    );
    drop(two);
    let mut read = begin.to_vec();
    while let Some(chunk) = one.next_chunk().await.unwrap() {
        read.extend_from_slice(&chunk);
    }
    assert!(read == whole);
    assert_eq!(number(dir.path(), "SELECT count(*) FROM chunk").await, 40);
    drop(one);
    chunks_become(dir.path(), 0).await;
    store.close().await;
}
