//! What IMAP needs of every store, checked against each of them.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use imap_mailbox::{Memory, Uids};
use mailhost::store::{
    Change, Changed, Delivery, DiscardStore, Filing, Flag, FlagAction, FlagChange, FlagMask, Flags, Folders, Keyword,
    LONGEST_SUMMARY, Mailbox, ModSeq, Originals, SpecialUse, SqliteStore, Store, StoreError, Transfer, Uid,
    UidValidity,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use support::{commit, content, deliver, drain, each_store, inbox, octets, read, uid};

const CHUNK: usize = 256 * 1024;

fn folder(name: &str) -> Mailbox {
    Mailbox::new("bob@hamburger.edu", name)
}

fn set(uids: impl IntoIterator<Item = u32>) -> Uids {
    uids.into_iter().map(uid).collect()
}

fn all() -> Uids {
    Uids::between(uid(1), Uid::MAX)
}

fn change(action: FlagAction, flags: impl Into<Flags>) -> FlagChange {
    FlagChange {
        action,
        flags: flags.into(),
        unchanged_since: None,
    }
}

fn keyword(name: &str) -> Flags {
    let mut flags = Flags::new();
    assert!(flags.add_keyword(Keyword::new(name).unwrap()));
    flags
}

async fn append(store: &dyn Store, mailbox: &Mailbox, filing: Filing) -> Result<Uid, StoreError> {
    let message = content(store, b"Subject: x\r\n\r\n").await?;
    let appended = store.append(mailbox, vec![(message, filing)], None).await?;
    Ok(appended.uids.last().expect("one message"))
}

async fn flags_of(store: &dyn Store, mailbox: &Mailbox) -> Vec<(u32, u64, String)> {
    let messages = store.messages(mailbox, &all()).await.unwrap();
    let row =
        |message: mailhost::store::MessageInfo| (message.uid.get(), message.mod_seq.0, format!("{:?}", message.flags));
    messages.into_iter().map(row).collect()
}

#[tokio::test]
async fn an_append_brings_flags_and_a_date() {
    each_store(async |store| {
        let date = SystemTime::UNIX_EPOCH + Duration::from_millis(825_000_000_123);
        let mut flags = keyword("$Work");
        flags.insert(Flag::Seen);
        let filing = Filing {
            flags,
            internal_date: Some(date + Duration::from_micros(7)),
            zone: -210,
        };
        let sent = folder("Sent");
        assert_eq!(append(&*store, &sent, filing.clone()).await, Err(StoreError::NoMailbox));
        store.create(&sent, Some(SpecialUse::Sent)).await.unwrap();
        assert_eq!(append(&*store, &sent, filing.clone()).await, Ok(uid(1)));
        assert_eq!(append(&*store, &inbox("bob"), filing.clone()).await, Ok(uid(1)));
        let delivery = Delivery::mailbox(folder("New"), Vec::new());
        commit(&*store, b"x", vec![delivery]).await.unwrap();

        let message = store.messages(&sent, &all()).await.unwrap().remove(0);
        assert_eq!((message.flags, message.internal_date), (filing.flags, date));
        assert_eq!(message.zone, -210);
        assert!(message.save_date.elapsed().unwrap() < Duration::from_secs(60));
        let others = store.messages(&inbox("bob"), &all()).await.unwrap();
        assert_ne!(others[0].email_id, message.email_id);
        assert_eq!(store.list(&sent).await.unwrap().entries[0].internal_date, date);
        assert_eq!(store.roster(&sent).await.unwrap().first_unseen, None);
        assert_eq!(store.roster(&folder("New")).await.unwrap().first_unseen, Some(uid(1)));
    })
    .await;
}

#[tokio::test]
async fn a_transfer_brings_flags_that_the_mask_has() {
    each_store(async |store| {
        let (bob, work) = (inbox("bob"), folder("Work"));
        store.create(&work, None).await.unwrap();
        let mut flags = keyword("$Work");
        flags.insert(Flag::Seen);
        flags.insert(Flag::Deleted);
        let filing = Filing {
            flags,
            ..Filing::default()
        };
        append(&*store, &bob, filing).await.unwrap();
        let masks = [
            (FlagMask::new([Flag::Seen], false), Originals::Stay),
            (FlagMask::new([], true), Originals::Stay),
            (FlagMask::new([Flag::Deleted, Flag::Draft], false), Originals::Go),
        ];
        for (flags, originals) in masks {
            let transfer = Transfer {
                flags,
                ..Transfer::new(&bob, &all(), &work, originals)
            };
            assert_eq!(store.transfer(transfer).await.unwrap().uids.len(), 1);
        }
        // Each of them is one change: the second message never had the first one's mod-sequence, nor flags to be taken.
        let arrived = flags_of(&*store, &work).await;
        let of = |at: usize| (arrived[at].1 - arrived[0].1, arrived[at].2.replace(' ', ""));
        assert!(
            of(0).1.contains("Seen") && !of(0).1.contains("Deleted") && !of(0).1.contains("Work"),
            "{arrived:?}"
        );
        assert!(!of(1).1.contains("Seen") && of(1).1.contains("Work"), "{arrived:?}");
        assert!(of(2).1.contains("Deleted") && !of(2).1.contains("Work"), "{arrived:?}");
        assert_eq!((of(1).0, of(2).0), (1, 2));
        assert!(flags_of(&*store, &bob).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn several_are_appended_as_one_change() {
    each_store(async |store| {
        let bob = inbox("bob");
        deliver(&*store, "bob", b"x").await;
        let long = octets(300_000, 1);
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(825_000_000);
        let mut messages = Vec::new();
        for octets in [&b""[..], &long, &long[..9]] {
            let content = content(&*store, octets).await.unwrap();
            assert_eq!(content.size(), octets.len() as u64);
            let content = content.with_summary(Bytes::from_static(b"summary"));
            messages.push((content, Filing::default()));
        }
        messages[1].1.flags = Flag::Seen.into();
        messages[2].1.internal_date = Some(date);
        let mut changes = store.changes();
        let appended = store.append(&bob, messages, None).await.unwrap();
        let uid_validity = store.roster(&bob).await.unwrap().uid_validity;
        assert_eq!((appended.uid_validity, appended.uids), (uid_validity, set(2..=4)));
        assert_eq!(changes.try_recv(), Ok(Change::Mailbox(bob.clone(), ModSeq(3))));
        assert!(changes.is_empty());

        let rows = [(2, 3, "()".into()), (3, 3, "(\\Seen)".into()), (4, 3, "()".into())];
        assert_eq!(flags_of(&*store, &bob).await[1..], rows);
        let found = store.messages(&bob, &set(2..=4)).await.unwrap();
        assert_eq!(found[2].internal_date, date);
        assert_eq!(
            found.iter().map(|message| message.size).collect::<Vec<_>>(),
            [0, 300_000, 9]
        );
        assert!(found[0].email_id < found[1].email_id && found[1].email_id < found[2].email_id);
        assert_eq!(read(&*store, "bob", uid(2)).await.unwrap(), b"");
        assert!(read(&*store, "bob", uid(3)).await.unwrap() == long);
        assert_eq!(read(&*store, "bob", uid(4)).await.unwrap(), long[..9]);
        assert_eq!(store.summaries(&bob, &all()).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_append_takes_the_place_of_a_message() {
    each_store(async |store| {
        let (bob, drafts) = (inbox("bob"), folder("Drafts"));
        let message = async |octets: &[u8]| vec![(content(&*store, octets).await.unwrap(), Filing::default())];
        let one = message(b"one").await;
        assert_eq!(store.append(&drafts, one, None).await, Err(StoreError::NoMailbox));
        store.create(&drafts, None).await.unwrap();
        store.append(&drafts, message(b"one").await, None).await.unwrap();
        let place = |number| Some((drafts.clone(), uid(number)));
        let again = store.append(&drafts, message(b"two").await, place(1)).await.unwrap();
        assert_eq!(again.uids, set([2]));
        assert_eq!(store.roster(&drafts).await.unwrap().uids, set([2]));

        // Gone already, and nothing happens.
        let before = store.roster(&drafts).await.unwrap();
        for place in [place(1), Some((folder("None"), uid(1)))] {
            let late = store.append(&drafts, message(b"late").await, place).await;
            assert_eq!(late, Err(StoreError::NotFound));
        }
        assert_eq!(store.roster(&drafts).await.unwrap(), before);
        let lost = store.append(&folder("None"), message(b"lost").await, place(2)).await;
        assert_eq!(lost, Err(StoreError::NoMailbox));
        assert_eq!(store.roster(&drafts).await.unwrap(), before);

        let mut changes = store.changes();
        let sent = store.append(&bob, message(b"three").await, place(2)).await.unwrap();
        assert_eq!(sent.uids, set([1]));
        let mut told = [changes.try_recv().unwrap(), changes.try_recv().unwrap()];
        told.sort_by_key(|change| format!("{change:?}"));
        let state = |mailbox: &Mailbox, number| Change::Mailbox(mailbox.clone(), ModSeq(number));
        let drafts_now = store.roster(&drafts).await.unwrap();
        assert_eq!(told, [state(&drafts, drafts_now.mod_seq.0), state(&bob, 2)]);
        let delta = store.changes_since(&drafts, before.mod_seq).await.unwrap();
        assert_eq!((delta.messages.len(), delta.expunged), (0, set([2])));
        assert_eq!(read(&*store, "bob", uid(1)).await.unwrap(), b"three");

        let other = DiscardStore::new();
        let strange = vec![(content(&other, b"x").await.unwrap(), Filing::default())];
        assert_eq!(store.append(&bob, strange, None).await, Err(StoreError::Aborted));
        assert_eq!(store.status(&bob).await.unwrap().messages, 1);
    })
    .await;
}

/// More than a store with a disk holds in memory.
#[tokio::test]
async fn many_messages_wait_to_be_appended() {
    each_store(async |store| {
        let bob = inbox("bob");
        let octets = octets(200_000, 7);
        for dropped in [true, false] {
            let mut messages = Vec::new();
            for _ in 0..100 {
                messages.push((content(&*store, &octets).await.unwrap(), Filing::default()));
            }
            if dropped {
                continue;
            }
            let appended = store.append(&bob, messages, None).await.unwrap();
            assert_eq!(appended.uids, set(1..=100));
        }
        for number in [1, 84, 85, 100] {
            assert!(read(&*store, "bob", uid(number)).await.unwrap() == octets);
        }
    })
    .await;
}

#[tokio::test]
async fn answers_are_of_one_conversation() {
    each_store(async |store| {
        let (bob, work, carol) = (inbox("bob"), folder("Work"), inbox("carol"));
        store.create(&work, None).await.unwrap();
        let message =
            |id: u32, fields: &str| format!("Message-ID: <{id}@crepes.fr>\r\n{fields}\r\n\r\nHello").into_bytes();
        let append = async |mailbox: &Mailbox, octets: Vec<u8>| {
            let content = content(&*store, &octets).await.unwrap();
            let appended = store
                .append(mailbox, vec![(content, Filing::default())], None)
                .await
                .unwrap();
            let found = store.messages(mailbox, &appended.uids).await.unwrap().remove(0);
            (found.thread_id, found.email_id)
        };
        let deliver = async |user: &str, octets: Vec<u8>| {
            let uid = deliver(&*store, user, &octets).await;
            store
                .messages(&inbox(user), &set([uid.get()]))
                .await
                .unwrap()
                .remove(0)
                .thread_id
        };
        let (thread, first) = append(&work, message(1, "Subject: ketchup?")).await;
        assert_eq!(thread, first);
        assert_eq!(deliver("bob", message(2, "In-Reply-To: <1@crepes.fr>")).await, thread);
        // The answer is there before what it answers, and is long.
        let mut long = message(4, "References: <2@crepes.fr> <3@crepes.fr>");
        long.extend(octets(600_000, 3));
        assert_eq!(append(&bob, long).await.0, thread);
        assert_eq!(deliver("bob", message(3, "Subject: Re: ketchup?")).await, thread);
        assert_eq!(
            deliver("bob", message(1, "Subject: ketchup?")).await,
            thread,
            "it is the first one again"
        );
        let other = deliver("bob", message(9, "Subject: ketchup?")).await;
        assert_ne!(other, thread);
        let nameless = [
            append(&bob, b"Hello".to_vec()).await.0,
            append(&bob, b"Hello".to_vec()).await.0,
        ];
        assert!(nameless[0] != nameless[1] && !nameless.contains(&thread) && !nameless.contains(&other));
        // Another account's conversations are its own.
        let carols = deliver("carol", message(2, "In-Reply-To: <1@crepes.fr>")).await;
        assert_ne!(carols, thread);
        assert_eq!(deliver("carol", message(3, "In-Reply-To: <2@crepes.fr>")).await, carols);

        store.copy(&work, &all(), &bob).await.unwrap();
        store.move_to(&work, &all(), &carol).await.unwrap();
        for mailbox in [&bob, &carol] {
            let last = store.messages(mailbox, &all()).await.unwrap().pop().unwrap();
            assert_eq!((last.thread_id, last.email_id), (thread, first));
        }
    })
    .await;
}

#[tokio::test]
async fn flags_change_where_they_differ() {
    each_store(async |store| {
        let bob = inbox("bob");
        for _ in 0..4 {
            deliver(&*store, "bob", b"x").await;
        }
        let seen = change(FlagAction::Add, Flag::Seen);
        let stored = store.store_flags(&bob, &set([2, 3, 9]), seen.clone()).await.unwrap();
        let expected = [2, 3].map(|number| Changed {
            uid: uid(number),
            mod_seq: ModSeq(6),
            flags: Flag::Seen.into(),
        });
        assert_eq!((&stored.changed[..], stored.failed.len()), (&expected[..], 0));
        // What is there already is no change.
        assert_eq!(
            store.store_flags(&bob, &set([2]), seen.clone()).await.unwrap().changed,
            []
        );
        let work = change(FlagAction::Add, keyword("Work"));
        store.store_flags(&bob, &set([3]), work).await.unwrap();
        let none = change(FlagAction::Remove, keyword("WORK"));
        let fails = FlagChange {
            unchanged_since: Some(ModSeq(6)),
            ..none.clone()
        };
        let stored = store.store_flags(&bob, &set([2, 3]), fails).await.unwrap();
        assert_eq!((stored.changed, stored.failed), (vec![], set([3])));
        store.store_flags(&bob, &all(), none).await.unwrap();
        let replace = FlagChange {
            unchanged_since: Some(ModSeq(7)),
            ..change(FlagAction::Replace, Flag::Deleted)
        };
        let stored = store.store_flags(&bob, &all(), replace).await.unwrap();
        assert_eq!((stored.changed.len(), stored.failed), (3, set([3])));
        let rows = [
            (1, 9, "(\\Deleted)".into()),
            (2, 9, "(\\Deleted)".into()),
            (3, 8, "(\\Seen)".into()),
            (4, 9, "(\\Deleted)".into()),
        ];
        assert_eq!(flags_of(&*store, &bob).await, rows);
        let status = store.status(&bob).await.unwrap();
        assert_eq!(
            (status.messages, status.unseen, status.deleted, status.size),
            (4, 3, 3, 4)
        );
        assert_eq!(store.expunge_deleted(&bob, &set([1, 2, 3])).await.unwrap(), set([1, 2]));
        let status = store.status(&bob).await.unwrap();
        assert_eq!(
            (status.messages, status.unseen, status.deleted, status.size),
            (2, 1, 1, 2)
        );
        let absent = store.store_flags(&folder("None"), &all(), seen).await;
        assert_eq!(absent, Err(StoreError::NoMailbox));
    })
    .await;
}

#[tokio::test]
async fn too_many_keywords_change_nothing() {
    each_store(async |store| {
        let bob = inbox("bob");
        let mut many = Flags::new();
        for number in 0..Flags::KEYWORDS {
            many.add_keyword(Keyword::new(&format!("k{number}")).unwrap());
        }
        deliver(&*store, "bob", b"x").await;
        deliver(&*store, "bob", b"x").await;
        let replace = change(FlagAction::Replace, many);
        store.store_flags(&bob, &set([2]), replace).await.unwrap();
        let before = flags_of(&*store, &bob).await;
        let more = change(FlagAction::Add, keyword("more"));
        let refused = store.store_flags(&bob, &all(), more).await;
        assert_eq!(refused, Err(StoreError::TooManyKeywords));
        assert_eq!(flags_of(&*store, &bob).await, before);
    })
    .await;
}

#[tokio::test]
async fn copies_share_what_moves_take_away() {
    each_store(async |store| {
        let (bob, work) = (inbox("bob"), folder("Work"));
        let content = octets(CHUNK + 1, 1);
        for _ in 0..4 {
            deliver(&*store, "bob", &content).await;
        }
        assert_eq!(store.copy(&bob, &all(), &work).await, Err(StoreError::NoMailbox));
        store.create(&work, None).await.unwrap();
        store
            .store_flags(&bob, &set([3]), change(FlagAction::Add, Flag::Flagged))
            .await
            .unwrap();
        let copied = store.copy(&bob, &set([4, 1, 3, 77]), &work).await.unwrap();
        let pairs = |pairs: &[(u32, u32)]| -> Vec<(Uid, Uid)> {
            pairs.iter().map(|&(old, new)| (uid(old), uid(new))).collect()
        };
        assert_eq!(copied.uids, pairs(&[(1, 1), (3, 2), (4, 3)]));
        assert_eq!(copied.uid_validity, store.roster(&work).await.unwrap().uid_validity);
        let (ours, theirs) = (
            store.messages(&bob, &set([3])).await.unwrap().remove(0),
            store.messages(&work, &set([2])).await.unwrap().remove(0),
        );
        assert_eq!(
            (ours.email_id, &ours.flags, ours.size),
            (theirs.email_id, &theirs.flags, theirs.size)
        );
        assert_eq!(ours.internal_date, theirs.internal_date);

        let moved = store.move_to(&bob, &set([1, 2]), &work).await.unwrap();
        assert_eq!(moved.uids, pairs(&[(1, 4), (2, 5)]));
        assert_eq!(store.roster(&bob).await.unwrap().uids, set([3, 4]));
        // Into itself: the same message under another number.
        let within = store.move_to(&work, &set([1]), &work).await.unwrap();
        assert_eq!(within.uids, pairs(&[(1, 6)]));
        assert_eq!(store.roster(&work).await.unwrap().uids, set(2..=6));
        assert_eq!(store.move_to(&bob, &set([9]), &work).await.unwrap().uids, []);
        store.expunge(&bob, &[uid(3), uid(4)]).await.unwrap();
        let reader = store.open(&work, uid(6)).await.unwrap();
        assert!(drain(reader).await.unwrap() == content);
    })
    .await;
}

#[tokio::test]
async fn mailboxes_come_and_go() {
    each_store(async |store| {
        let names = async || -> Vec<String> {
            let found = store.mailboxes("Bob@Hamburger.edu").await.unwrap();
            found.iter().map(|info| info.mailbox.name().to_owned()).collect()
        };
        assert_eq!(names().await, ["INBOX"]);
        assert_eq!(store.create(&folder("inbox"), None).await, Err(StoreError::Exists));
        let id = store.create(&folder("a"), Some(SpecialUse::Junk)).await.unwrap();
        assert_eq!(store.create(&folder("a"), None).await, Err(StoreError::Exists));
        for name in ["a/b", "a/b/c", "a-b", "a0"] {
            store.create(&folder(name), None).await.unwrap();
        }
        append(&*store, &folder("a/b"), Filing::default()).await.unwrap();
        let before = store.roster(&folder("a/b")).await.unwrap();
        assert_eq!(store.rename(&folder("a"), "a/d").await, Err(StoreError::BelowItself));
        assert_eq!(store.rename(&folder("a"), "a0").await, Err(StoreError::Exists));
        assert_eq!(store.rename(&folder("a"), "Inbox").await, Err(StoreError::Exists));
        assert_eq!(store.rename(&folder("a"), "a").await, Err(StoreError::Exists));
        assert_eq!(store.rename(&folder("x"), "y").await, Err(StoreError::NoMailbox));
        store.rename(&folder("a"), "z").await.unwrap();
        assert_eq!(names().await, ["INBOX", "a-b", "a0", "z", "z/b", "z/b/c"]);
        assert_eq!(store.roster(&folder("z/b")).await.unwrap(), before);
        let found = store.mailboxes("bob@hamburger.edu").await.unwrap();
        assert_eq!((found[3].id, found[3].special_use), (id, Some(SpecialUse::Junk)));
        // One that has only others below it.
        store.delete(&folder("z")).await.unwrap();
        assert_eq!(store.delete(&folder("z")).await, Err(StoreError::NoMailbox));
        assert_eq!(store.roster(&folder("z")).await, Err(StoreError::NoMailbox));
        store.rename(&folder("z"), "y").await.unwrap();
        assert_eq!(names().await, ["INBOX", "a-b", "a0", "y/b", "y/b/c"]);
        assert_eq!(store.delete(&folder("INBOX")).await, Err(StoreError::InboxStays));

        let old = store.roster(&folder("y/b")).await.unwrap();
        store.delete(&folder("y/b")).await.unwrap();
        let new_id = store.create(&folder("y/b"), None).await.unwrap();
        let new = store.status(&folder("y/b")).await.unwrap();
        assert!(new.uid_validity > old.uid_validity && new.mod_seq >= old.mod_seq);
        assert_eq!((new.uid_next, new.messages, new.id), (uid(1), 0, new_id));
    })
    .await;
}

#[tokio::test]
async fn inbox_stays_when_it_is_renamed() {
    each_store(async |store| {
        for octet in 0..3 {
            deliver(&*store, "bob", &[octet]).await;
        }
        store.create(&folder("INBOX/x"), None).await.unwrap();
        let before = store.roster(&inbox("bob")).await.unwrap();
        assert_eq!(store.rename(&inbox("bob"), "INBOX/x").await, Err(StoreError::Exists));
        store.rename(&inbox("bob"), "old").await.unwrap();
        let after = store.roster(&inbox("bob")).await.unwrap();
        assert_eq!((after.uid_validity, after.uid_next), (before.uid_validity, uid(4)));
        assert_eq!(
            (after.uids.len(), store.roster(&folder("old")).await.unwrap().uids),
            (0, set(1..=3))
        );
        let delta = store.changes_since(&inbox("bob"), before.mod_seq).await.unwrap();
        assert_eq!((delta.expunged, delta.memory), (set(1..=3), Memory::Complete));
        assert!(store.roster(&folder("INBOX/x")).await.is_ok());
        let reader = store.open(&folder("old"), uid(3)).await.unwrap();
        assert_eq!(drain(reader).await.unwrap(), [2]);
    })
    .await;
}

#[tokio::test]
async fn subscriptions_are_to_names() {
    each_store(async |store| {
        for name in ["b", "a", "b"] {
            store.subscribe(&folder(name), true).await.unwrap();
        }
        store
            .subscribe(&Mailbox::inbox("carol@hamburger.edu"), true)
            .await
            .unwrap();
        assert_eq!(
            store.subscriptions("BOB@hamburger.edu").await.unwrap(),
            [folder("a"), folder("b")]
        );
        store.subscribe(&folder("b"), false).await.unwrap();
        store.create(&folder("a"), None).await.unwrap();
        store.delete(&folder("a")).await.unwrap();
        assert_eq!(store.subscriptions("bob@hamburger.edu").await.unwrap(), [folder("a")]);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_recent_once() {
    each_store(async |store| {
        let bob = inbox("bob");
        assert!(store.claim_recent(&bob).await.unwrap().is_empty());
        for _ in 0..3 {
            deliver(&*store, "bob", b"x").await;
        }
        store.expunge(&bob, &[uid(2)]).await.unwrap();
        assert_eq!(store.status(&bob).await.unwrap().recent, 2);
        let claims = (0..8).map(|_| store.claim_recent(&bob));
        let claims = futures_util::future::join_all(claims).await;
        let claimed: Vec<u32> = claims
            .iter()
            .flat_map(|claim| claim.as_ref().unwrap().iter())
            .map(|uid| uid.get())
            .collect();
        assert_eq!(claimed, [1, 3]);
        deliver(&*store, "bob", b"x").await;
        assert_eq!(store.claim_recent(&bob).await.unwrap(), set([4]));
        assert_eq!(store.status(&bob).await.unwrap().recent, 0);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_read_from_any_octet() {
    each_store(async |store| {
        let bob = inbox("bob");
        for len in [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1] {
            let (prefix, content) = (b"Return-Path: <>\r\n".to_vec(), octets(len, len as u64));
            let delivery = Delivery::mailbox(bob.clone(), prefix.clone());
            commit(&*store, &content, vec![delivery]).await.unwrap();
            let whole = [&prefix[..], &content].concat();
            let uid = uid(store.roster(&bob).await.unwrap().uid_next.get() - 1);
            let edges = (0..=3).flat_map(|chunk| [chunk * CHUNK, chunk * CHUNK + prefix.len()]);
            let offsets = edges
                .chain([whole.len()])
                .flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1]);
            for offset in offsets.chain([usize::MAX]) {
                let mut reader = store.open_at(&bob, uid, offset as u64).await.unwrap();
                assert_eq!(reader.size(), whole.len() as u64);
                let mut rest = Vec::new();
                while let Some(chunk) = reader.next_chunk().await.unwrap() {
                    assert!(!chunk.is_empty() && chunk.len() <= CHUNK);
                    rest.extend_from_slice(&chunk);
                }
                assert!(rest == whole[offset.min(whole.len())..], "{len} octets from {offset}");
            }
        }
        assert_eq!(store.open_at(&bob, uid(99), 0).await.err(), Some(StoreError::NotFound));
    })
    .await;
}

#[tokio::test]
async fn small_messages_come_together() {
    each_store(async |store| {
        let bob = inbox("bob");
        let mut expected = Vec::new();
        for (number, len) in (1..).zip([0, 1, 300, 5000, CHUNK, CHUNK + 1, 0, 77]) {
            // All octets, NUL among them.
            let content = octets(len, number as u64);
            let prefix = match number % 2 {
                0 => b"Return-Path: <>\r\n".to_vec(),
                _ => Vec::new(),
            };
            let whole = [&prefix[..], &content].concat();
            commit(&*store, &content, vec![Delivery::mailbox(bob.clone(), prefix)])
                .await
                .unwrap();
            if len <= CHUNK {
                expected.push((uid(number), Bytes::from(whole)));
            }
        }
        assert!(store.octets(&bob, &all()).await.unwrap() == expected);
        let some = store.octets(&bob, &set([2, 3, 99])).await.unwrap();
        assert!(some[..] == expected[1..3]);
        assert_eq!(store.octets(&bob, &set([99])).await, Ok(Vec::new()));
        for (uid, octets) in &expected {
            let alone = store.octets(&bob, &set([uid.get()])).await;
            assert!(alone == Ok(vec![(*uid, octets.clone())]), "{uid}");
        }
        assert_eq!(store.octets(&folder("None"), &all()).await, Err(StoreError::NoMailbox));
    })
    .await;
}

#[tokio::test]
async fn summaries_go_with_their_messages() {
    each_store(async |store| {
        let bob = inbox("bob");
        for _ in 0..3 {
            deliver(&*store, "bob", b"x").await;
        }
        let one = Bytes::from_static(b"one");
        let long = Bytes::from(vec![0; LONGEST_SUMMARY + 1]);
        let kept = vec![(uid(1), one.clone()), (uid(2), long), (uid(7), one.clone())];
        let before = store.status(&bob).await.unwrap();
        store.keep_summaries(&bob, kept).await.unwrap();
        assert_eq!(store.status(&bob).await.unwrap(), before);
        assert_eq!(store.summaries(&bob, &all()).await.unwrap(), [(uid(1), one.clone())]);
        store.create(&folder("Work"), None).await.unwrap();
        store.copy(&bob, &set([1, 3]), &folder("Work")).await.unwrap();
        store.expunge(&bob, &[uid(1)]).await.unwrap();
        assert_eq!(store.summaries(&bob, &all()).await.unwrap(), []);
        assert_eq!(store.summaries(&folder("Work"), &all()).await.unwrap(), [(uid(1), one)]);
    })
    .await;
}

#[tokio::test]
async fn each_change_is_announced() {
    each_store(async |store| {
        let (bob, a, b) = (inbox("bob"), folder("a"), folder("b"));
        let mut changes = store.changes();
        let mut told = async || -> Vec<Change> {
            let mut told = vec![changes.recv().await.unwrap()];
            tokio::time::sleep(Duration::from_millis(5)).await;
            while let Ok(change) = changes.try_recv() {
                told.push(change);
            }
            told
        };
        let state = |mailbox: &Mailbox, mod_seq| Change::Mailbox(mailbox.clone(), ModSeq(mod_seq));
        deliver(&*store, "bob", b"x").await;
        store
            .store_flags(&bob, &all(), change(FlagAction::Add, Flag::Deleted))
            .await
            .unwrap();
        assert_eq!(told().await, [state(&bob, 2), state(&bob, 3)]);
        store.create(&a, None).await.unwrap();
        store.copy(&bob, &all(), &a).await.unwrap();
        assert_eq!(told().await, [Change::Created(a.clone()), state(&a, 2)]);
        store.move_to(&bob, &all(), &a).await.unwrap();
        assert_eq!(told().await, [state(&a, 3), state(&bob, 4)]);
        store.expunge_deleted(&a, &all()).await.unwrap();
        store.rename(&a, "b").await.unwrap();
        let (from, to) = (a.clone(), b.clone());
        assert_eq!(told().await, [state(&a, 4), Change::Renamed { from, to }]);
        store.subscribe(&a, true).await.unwrap();
        store.subscribe(&a, true).await.unwrap();
        store.delete(&b).await.unwrap();
        assert_eq!(told().await, [Change::Subscription(a.clone()), Change::Deleted(b)]);
        let delivery = Delivery::mailbox(a.clone(), Vec::new());
        commit(&*store, b"x", vec![delivery]).await.unwrap();
        assert_eq!(told().await, [Change::Created(a.clone()), state(&a, 5)]);
    })
    .await;
}

/// Each other of 64 Ki messages goes, in steps.
#[tokio::test]
async fn old_expunges_are_forgotten() {
    each_store(async |store| {
        let bob = inbox("bob");
        deliver(&*store, "bob", b"x").await;
        for _ in 0..16 {
            store.copy(&bob, &all(), &bob).await.unwrap();
        }
        let start = store.roster(&bob).await.unwrap();
        assert_eq!(start.uids.len(), 65536);
        let mut states = vec![start.clone()];
        for step in 0..8 {
            let odd = (0..4096).map(|number| 2 * (step * 4096 + number) + 1);
            store.expunge(&bob, &odd.map(uid).collect::<Vec<_>>()).await.unwrap();
            states.push(store.roster(&bob).await.unwrap());
        }
        assert_eq!(states[8].uids.len(), 32768);
        for (step, state) in states.iter().enumerate() {
            let delta = store.changes_since(&bob, state.mod_seq).await.unwrap();
            let expected = if step < 4 { Memory::Forgotten } else { Memory::Complete };
            assert_eq!(delta.memory, expected, "{step}");
            if expected == Memory::Complete {
                assert_eq!(delta.expunged, state.uids.difference(&states[8].uids));
            }
        }
    })
    .await;
}

/// Followers who look while others change a mailbox end where it ends, whatever is kept in memory on the way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_told_of_a_state_that_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(dir.path()).await.unwrap());
    let bob = inbox("bob");
    for _ in 0..8 {
        deliver(&*store, "bob", b"x").await;
    }
    let writers = (0..4u32).map(|writer| {
        let (store, bob) = (Arc::clone(&store), bob.clone());
        tokio::spawn(async move {
            for round in 0..40 {
                let some = set((1..40).filter(|number| (number + round) % (writer + 2) == 0));
                let flags = [Flags::from(Flag::Seen), keyword("$Work")][round as usize % 2].clone();
                let action = [FlagAction::Add, FlagAction::Remove, FlagAction::Replace][round as usize % 3];
                store.store_flags(&bob, &some, change(action, flags)).await.unwrap();
                match writer {
                    0 => drop(deliver(&*store, "bob", b"x").await),
                    1 => drop(store.expunge(&bob, &[uid(round + 1)]).await.unwrap()),
                    _ => {}
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let is_over = Arc::new(AtomicBool::new(false));
    let followers = (0..4).map(|_| {
        let (store, bob, is_over) = (Arc::clone(&store), bob.clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let (mut state, mut known) = (ModSeq(0), BTreeMap::new());
            loop {
                let last = is_over.load(Ordering::Acquire);
                let delta = store.changes_since(&bob, state).await.unwrap();
                delta.expunged.iter().for_each(|uid| drop(known.remove(&uid)));
                known.extend(
                    delta
                        .messages
                        .into_iter()
                        .map(|new| (new.uid, (new.mod_seq, new.flags))),
                );
                assert!(delta.mod_seq >= state);
                state = delta.mod_seq;
                let now = store.messages(&bob, &all()).await.unwrap();
                let row = |message: mailhost::store::MessageInfo| (message.uid, (message.mod_seq, message.flags));
                let now: BTreeMap<_, _> = now.into_iter().map(row).collect();
                // What the later look shows in an older state is as it was then.
                let mut settled = now.iter().filter(|(_, (mod_seq, _))| *mod_seq <= state);
                assert!(settled.all(|(uid, row)| known.get(uid) == Some(row)));
                if last {
                    return (known, now, store.roster(&bob).await.unwrap().uids);
                }
            }
        })
    });
    let followers: Vec<_> = followers.collect();
    for writer in writers {
        writer.await.unwrap();
    }
    is_over.store(true, Ordering::Release);
    let listed: Uids = store
        .list(&bob)
        .await
        .unwrap()
        .entries
        .iter()
        .map(|entry| entry.uid)
        .collect();
    for follower in followers {
        let (known, now, uids) = follower.await.unwrap();
        assert_eq!(known, now);
        assert_eq!(
            (&uids, now.keys().copied().collect::<Uids>()),
            (&listed, listed.clone())
        );
    }
    let status = store.status(&bob).await.unwrap();
    let messages = store.messages(&bob, &all()).await.unwrap();
    let unseen = messages.iter().filter(|message| !message.flags.has(Flag::Seen)).count();
    assert_eq!(
        (status.messages as usize, status.unseen as usize),
        (messages.len(), unseen)
    );
    store.close().await;
}

#[tokio::test]
async fn an_older_database_keeps_its_messages() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let mut db = options
        .filename(dir.path().join("mail.sqlite3"))
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql(include_str!("support/store_v1.sql"))
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    for _ in 0..2 {
        let store = SqliteStore::open(dir.path()).await.unwrap();
        let bob = inbox("bob");
        let status = store.status(&bob).await.unwrap();
        assert_eq!(
            (status.messages, status.unseen, status.size, status.recent),
            (1, 1, 5, 0)
        );
        assert_eq!(
            (status.uid_validity, status.mod_seq),
            (UidValidity(1_057_049_557), ModSeq(1))
        );
        let message = store.messages(&bob, &all()).await.unwrap().remove(0);
        assert_eq!(
            (message.flags, message.save_date),
            (Flags::new(), message.internal_date)
        );
        assert_eq!(message.thread_id, message.email_id);
        assert_eq!(read(&store, "bob", uid(1)).await.unwrap(), b"Hello");
        let since = async |state| store.changes_since(&bob, ModSeq(state)).await.unwrap().memory;
        assert_eq!((since(0).await, since(1).await), (Memory::Forgotten, Memory::Complete));
        store.create(&folder("x"), None).await.unwrap();
        let id = append(&store, &folder("x"), Filing::default()).await.unwrap();
        let other = store.messages(&folder("x"), &set([id.get()])).await.unwrap().remove(0);
        assert!(other.email_id > message.email_id);
        assert!(store.status(&folder("x")).await.unwrap().uid_validity > status.uid_validity);
        store.delete(&folder("x")).await.unwrap();
        store.close().await;
    }
}

/// `cargo test --release -p mailhost --test folders -- --ignored --nocapture`
#[tokio::test]
#[ignore = "measures, and fills a database of some hundred megabytes"]
async fn a_million_messages_are_listed_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).await.unwrap();
    let prefix = b"Return-Path: <alice@crepes.fr>\r\nDelivered-To: bob@hamburger.edu\r\n".repeat(4);
    let bob = inbox("bob");
    commit(&store, b"x", vec![Delivery::mailbox(bob.clone(), prefix)])
        .await
        .unwrap();
    store.close().await;
    let mut db: SqliteConnection = SqliteConnectOptions::new()
        .filename(dir.path().join("mail.sqlite3"))
        .connect()
        .await
        .unwrap();
    // Some gaps, as a mailbox has them that people clear out.
    let sql = "BEGIN; WITH RECURSIVE number(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < 1010100)
        INSERT INTO message (mailbox, uid, mod_seq, internal_date, size, flags, save_date, email_id, content, prefix)
        SELECT mailbox, n, n, internal_date, size, (n % 3 > 0) * 16, save_date, n, content, prefix
        FROM number, message WHERE n % 100 <> 7 AND uid = 1;
        UPDATE mailbox SET last_uid = 1010100, mod_seq = 1010100; COMMIT";
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    db.close().await.unwrap();

    let store = SqliteStore::open(dir.path()).await.unwrap();
    let begin = Instant::now();
    let found = store
        .messages(&bob, &Uids::between(uid(1), uid(101_000)))
        .await
        .unwrap()
        .len();
    eprintln!("{found} messages of a mailbox that is not kept: {:?}", begin.elapsed());
    for round in 0..4 {
        let begin = Instant::now();
        let roster = store.roster(&bob).await.unwrap();
        let took = begin.elapsed();
        eprintln!("roster {round}: {took:?}, {} messages", roster.uids.len());
        assert!(round == 0 || took < Duration::from_millis(100), "{took:?}");
        deliver(&store, "bob", b"another").await;
        let begin = Instant::now();
        let delta = store.changes_since(&bob, roster.mod_seq).await.unwrap();
        eprintln!("changes: {:?}, {} messages", begin.elapsed(), delta.messages.len());
        let begin = Instant::now();
        store.status(&bob).await.unwrap();
        eprintln!("status: {:?}", begin.elapsed());
        let begin = Instant::now();
        let some = Uids::between(uid(1000), uid(101_000));
        let found = store.messages(&bob, &some).await.unwrap().len();
        eprintln!("{found} messages: {:?}", begin.elapsed());
        let begin = Instant::now();
        let action = [FlagAction::Add, FlagAction::Remove][round % 2];
        let stored = store
            .store_flags(&bob, &some, change(action, Flag::Flagged))
            .await
            .unwrap();
        eprintln!("{} flags changed: {:?}", stored.changed.len(), begin.elapsed());
    }
    store.close().await;
}
