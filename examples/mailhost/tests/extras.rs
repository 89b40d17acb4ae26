//! What is known beside messages (rights, annotations, quotas, keys), checked against each store.

mod support;

use bytes::Bytes;
use imap_mailbox::Uids;
use imap_proto::{Rights, RightsChange};
use mail_wire::Secret;
use mailhost::store::{
    ANNOTATIONS, Access, Acl, Annotated, Annotations, Change, Depth, EntryName, Filing, Flag, FlagAction, FlagChange,
    Flags, Identifier, LONGEST_ANNOTATION, Limits, Mailbox, Quota, Quotas, SpecialUse, SqliteStore, Store, StoreError,
    Uid, Usage,
};

use support::{content, deliver, each_store, inbox, uid};

const ALICE: &str = "alice@hamburger.edu";
const BOB: &str = "bob@hamburger.edu";

fn folder(name: &str) -> Mailbox {
    Mailbox::new(BOB, name)
}

fn rights(letters: &str) -> Rights {
    Rights::new(letters).unwrap()
}

async fn grant(store: &dyn Store, mailbox: &Mailbox, to: &Identifier, letters: &str) {
    let change = RightsChange::Replace(rights(letters));
    store.grant(mailbox, to, "a spelling", change).await.unwrap();
}

async fn rights_of(store: &dyn Store, mailbox: &Mailbox, account: &str) -> String {
    let acl = store.acl(mailbox).await.unwrap();
    acl.rights(mailbox.account(), account).to_string()
}

fn entry(name: &str) -> EntryName {
    EntryName::ancestor(name).unwrap()
}

fn value(text: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(text.as_bytes()))
}

async fn noted(store: &dyn Store, of: &Annotated, account: &str, name: &str, depth: Depth) -> Vec<(String, String)> {
    let found = store.annotations(of, account, &[entry(name)], depth).await.unwrap();
    let text = |(name, value): (EntryName, Bytes)| {
        let value = String::from_utf8(value.to_vec()).unwrap();
        (name.as_str().to_owned(), value)
    };
    found.into_iter().map(text).collect()
}

fn all() -> Uids {
    Uids::between(Uid::MIN, Uid::MAX)
}

#[tokio::test]
async fn rights_follow_a_mailbox_and_go_with_it() {
    each_store(async |store| {
        let (work, alice) = (folder("Work"), Identifier::user("Alice@Hamburger.EDU"));
        let missing = store.acl(&work).await;
        assert_eq!(missing, Err(StoreError::NoMailbox));
        assert_eq!(store.acl(&folder("INBOX")).await, Ok(Acl::default()));
        store.create(&work, None).await.unwrap();
        grant(&*store, &work, &alice, "lrk").await;
        grant(&*store, &work, &Identifier::ANYONE.negated(), "k").await;
        assert_eq!(rights_of(&*store, &work, ALICE).await, "lr");
        assert_eq!(rights_of(&*store, &work, BOB).await, "lrswipxtea");

        let new = folder("Work/2026/June");
        store.create(&new, None).await.unwrap();
        assert_eq!(rights_of(&*store, &new, ALICE).await, "lr");
        store.create(&folder("Workshop"), None).await.unwrap();
        assert_eq!(rights_of(&*store, &folder("Workshop"), ALICE).await, "");
        store.rename(&work, "Play").await.unwrap();
        assert_eq!(rights_of(&*store, &folder("Play/2026/June"), ALICE).await, "lr");
        store.delete(&folder("Play")).await.unwrap();
        store.create(&folder("Play"), None).await.unwrap();
        assert_eq!(rights_of(&*store, &folder("Play"), ALICE).await, "");
        store.create(&work, None).await.unwrap();
        assert_eq!(rights_of(&*store, &work, ALICE).await, "");

        let names: Vec<String> = store
            .acl(&folder("Play/2026/June"))
            .await
            .unwrap()
            .entries()
            .iter()
            .map(|entry| {
                format!(
                    "{}{:?} {}",
                    entry.identifier.negative, entry.identifier.who, entry.rights
                )
            })
            .collect();
        assert_eq!(names, ["trueAnyone k", "falseAccount(\"alice@hamburger.edu\") lrk"]);
    })
    .await;
}

#[tokio::test]
async fn others_mailboxes_are_found_by_their_lists() {
    each_store(async |store| {
        let granted = async |account: &str| -> Vec<String> {
            let granted = store.granted(account).await.unwrap();
            granted
                .into_iter()
                .map(|(info, acl)| format!("{:?} {}", info.mailbox, acl.rights(info.mailbox.account(), account)))
                .collect()
        };
        let (alice, work) = (Identifier::user(ALICE), folder("Work"));
        store.create(&work, Some(SpecialUse::Archive)).await.unwrap();
        assert!(granted(ALICE).await.is_empty());
        grant(&*store, &work, &alice, "lr").await;
        grant(&*store, &folder("INBOX"), &Identifier::ANYONE, "l").await;
        grant(&*store, &inbox("carol"), &alice.clone().negated(), "l").await;
        grant(&*store, &inbox("alice"), &Identifier::user(BOB), "lr").await;
        let expected = ["\"bob@hamburger.edu\"/\"INBOX\" l", "\"bob@hamburger.edu\"/\"Work\" lr"];
        assert_eq!(granted("ALICE@hamburger.edu").await.len(), 2);
        assert_eq!(granted(ALICE).await, expected);
        assert_eq!(granted(BOB).await, ["\"alice@hamburger.edu\"/\"INBOX\" lr"]);
        let own = store.acls(BOB).await.unwrap();
        assert_eq!(
            own.iter().map(|(mailbox, _)| mailbox.name()).collect::<Vec<_>>(),
            ["INBOX", "Work"]
        );
        store.ungrant(&work, &alice).await.unwrap();
        assert_eq!(granted(ALICE).await, expected[..1]);
    })
    .await;
}

/// Whoever caches rights must notice.
#[tokio::test]
async fn the_version_tells_that_rights_changed() {
    each_store(async |store| {
        let work = folder("Work");
        let mut last = store.access_version();
        let mut changed = || std::mem::replace(&mut last, store.access_version()) != store.access_version();
        store.create(&work, None).await.unwrap();
        assert!(changed());
        grant(&*store, &work, &Identifier::ANYONE, "l").await;
        assert!(changed());
        deliver(&*store, "bob", b"x").await;
        assert!(!changed());
        store.rename(&work, "Play").await.unwrap();
        assert!(changed());
        store.delete(&folder("Play")).await.unwrap();
        assert!(changed());
    })
    .await;
}

#[tokio::test]
async fn annotations_are_somebodys_or_everybodys() {
    each_store(async |store| {
        let work = folder("Work");
        let of = Annotated::Mailbox(work.clone());
        let set = async |account: &str, name: &str, value: Option<Bytes>| {
            store.annotate(&of, account, vec![(entry(name), value)]).await
        };
        assert_eq!(
            set(BOB, "/shared/comment", value("x")).await,
            Err(StoreError::NoMailbox)
        );
        store.create(&work, None).await.unwrap();
        let mut changes = store.changes();
        set(BOB, "/shared/comment", value("ours")).await.unwrap();
        assert_eq!(
            changes.recv().await.unwrap(),
            Change::Annotated {
                of: of.clone(),
                account: BOB.into(),
                entries: [entry("/shared/comment")].into()
            }
        );
        set(BOB, "/private/Comment", value("bob's")).await.unwrap();
        set(ALICE, "/private/comment", value("alice's")).await.unwrap();
        set(BOB, "/private/a/b", value("")).await.unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let comment = noted(&*store, &of, ALICE, "/private/comment", Depth::Entry).await;
        assert_eq!(comment, [pair("/private/comment", "alice's")]);
        let bobs = [pair("/private/a/b", ""), pair("/private/comment", "bob's")];
        assert_eq!(noted(&*store, &of, BOB, "/private", Depth::All).await, bobs);
        assert_eq!(noted(&*store, &of, BOB, "/private", Depth::Children).await, bobs[1..]);
        assert_eq!(noted(&*store, &of, BOB, "/private", Depth::Entry).await, []);
        assert_eq!(noted(&*store, &of, BOB, "/shared/comm", Depth::All).await, []);
        let both = [entry("/shared"), entry("/shared/comment")];
        assert_eq!(store.annotations(&of, BOB, &both, Depth::All).await.unwrap().len(), 1);

        store.rename(&work, "Play").await.unwrap();
        let of = Annotated::Mailbox(folder("Play"));
        assert_eq!(
            noted(&*store, &of, ALICE, "/shared", Depth::All).await,
            [pair("/shared/comment", "ours")]
        );
        store
            .annotate(
                &of,
                BOB,
                vec![(entry("/shared/comment"), None), (entry("/shared/none"), None)],
            )
            .await
            .unwrap();
        assert_eq!(noted(&*store, &of, ALICE, "/shared", Depth::All).await, []);
        store.delete(&folder("Play")).await.unwrap();
        store.create(&folder("Play"), None).await.unwrap();
        assert_eq!(noted(&*store, &of, BOB, "/private", Depth::All).await, []);
        assert_eq!(
            noted(&*store, &Annotated::Server, BOB, "/private", Depth::All).await,
            []
        );
    })
    .await;
}

#[tokio::test]
async fn inbox_keeps_its_annotations_and_passes_them_on() {
    each_store(async |store| {
        let of = Annotated::Mailbox(folder("INBOX"));
        store
            .annotate(&of, BOB, vec![(entry("/shared/comment"), value("x"))])
            .await
            .unwrap();
        store.rename(&folder("INBOX"), "Old").await.unwrap();
        for of in [of, Annotated::Mailbox(folder("Old"))] {
            assert_eq!(noted(&*store, &of, BOB, "/shared", Depth::All).await.len(), 1);
        }
    })
    .await;
}

/// docs/threats.md row 11
#[tokio::test]
async fn annotations_are_bounded() {
    each_store(async |store| {
        let of = Annotated::Server;
        let named = |number: usize| entry(&format!("/private/x{number}"));
        let many = |numbers: std::ops::Range<usize>| numbers.map(|number| (named(number), value("x"))).collect();
        store.annotate(&of, BOB, many(0..ANNOTATIONS)).await.unwrap();
        store.annotate(&of, ALICE, many(0..ANNOTATIONS)).await.unwrap();
        store.annotate(&of, BOB, many(0..ANNOTATIONS)).await.unwrap();
        let over = store
            .annotate(&of, BOB, vec![(named(0), value("y")), (named(ANNOTATIONS), value("y"))])
            .await;
        assert_eq!(over, Err(StoreError::TooManyAnnotations));
        assert_eq!(noted(&*store, &of, BOB, "/private/x0", Depth::Entry).await[0].1, "x");
        let swapped = vec![(named(0), None), (named(ANNOTATIONS), value("y"))];
        store.annotate(&of, BOB, swapped).await.unwrap();
        let long = |octets| vec![(named(1), Some(Bytes::from(vec![0; octets])))];
        store.annotate(&of, BOB, long(LONGEST_ANNOTATION)).await.unwrap();
        let too_long = store.annotate(&of, BOB, long(LONGEST_ANNOTATION + 1)).await;
        assert_eq!(too_long, Err(StoreError::TooLong));
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_is_given_another_use() {
    each_store(async |store| {
        store.create(&folder("Entwürfe"), None).await.unwrap();
        store
            .designate(&folder("Entwürfe"), Some(SpecialUse::Drafts))
            .await
            .unwrap();
        let mailboxes = store.mailboxes(BOB).await.unwrap();
        assert_eq!(
            mailboxes[0].special_use.or(mailboxes[1].special_use),
            Some(SpecialUse::Drafts)
        );
        let none = store.designate(&folder("None"), None).await;
        assert_eq!(none, Err(StoreError::NoMailbox));
    })
    .await;
}

#[tokio::test]
async fn a_quota_stops_what_users_add() {
    each_store(async |store| {
        let (bob, work, ten) = (folder("INBOX"), folder("Work"), b"0123456789");
        let append = async |mailbox: &Mailbox| {
            let message = content(&*store, ten).await.unwrap();
            store
                .append(mailbox, vec![(message, Filing::default())], None)
                .await
                .map(drop)
        };
        store.create(&work, None).await.unwrap();
        let limits = Limits {
            octets: Some(35),
            messages: None,
            mailboxes: Some(3),
        };
        store.limit(None, limits).await.unwrap();
        append(&bob).await.unwrap();
        append(&bob).await.unwrap();
        let quota = store.quota("BOB@hamburger.edu").await.unwrap();
        let usage = Usage {
            octets: 20,
            messages: 2,
            mailboxes: 2,
        };
        assert_eq!(quota, Quota { usage, limits });
        assert_eq!(store.copy(&bob, &all(), &work).await, Err(StoreError::OverQuota));
        assert_eq!(
            store.copy(&bob, &all(), &folder("None")).await,
            Err(StoreError::NoMailbox)
        );
        // What moves within the account is no more than before.
        store.move_to(&bob, &all(), &work).await.unwrap();
        append(&bob).await.unwrap();
        assert_eq!(append(&bob).await, Err(StoreError::OverQuota));
        let theirs = inbox("alice");
        store
            .limit(
                Some(ALICE),
                Limits {
                    octets: Some(10),
                    ..Limits::default()
                },
            )
            .await
            .unwrap();
        assert_eq!(store.move_to(&work, &all(), &theirs).await, Err(StoreError::OverQuota));
        let one = Uids::between(uid(1), uid(1));
        store.move_to(&work, &one, &theirs).await.unwrap();
        // A recipient was accepted before.
        deliver(&*store, "bob", &[b'x'; 100]).await;
        assert_eq!(append(&bob).await, Err(StoreError::OverQuota));

        store.create(&folder("Third"), None).await.unwrap();
        assert_eq!(store.create(&folder("Fourth"), None).await, Err(StoreError::OverQuota));
        assert_eq!(store.rename(&bob, "Fourth").await, Err(StoreError::OverQuota));
        store.rename(&folder("Third"), "Fourth").await.unwrap();
        store
            .limit(
                Some(BOB),
                Limits {
                    messages: Some(5),
                    ..Limits::default()
                },
            )
            .await
            .unwrap();
        append(&bob).await.unwrap();
        append(&bob).await.unwrap();
        assert_eq!(append(&bob).await, Err(StoreError::OverQuota));
        store.limit(Some(BOB), Limits::default()).await.unwrap();
        append(&bob).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_an_expunge_would_free_is_known() {
    each_store(async |store| {
        let bob = folder("INBOX");
        for content in [&b"one"[..], b"three", b"eleven"] {
            deliver(&*store, "bob", content).await;
        }
        assert_eq!(store.deleted_size(&bob).await, Ok(0));
        let deleted = FlagChange {
            action: FlagAction::Add,
            flags: Flags::from(Flag::Deleted),
            unchanged_since: None,
        };
        store
            .store_flags(&bob, &Uids::between(uid(2), uid(9)), deleted)
            .await
            .unwrap();
        assert_eq!(store.deleted_size(&bob).await, Ok(11));
        assert_eq!(store.deleted_size(&folder("None")).await, Err(StoreError::NoMailbox));
    })
    .await;
}

#[tokio::test]
async fn keys_are_made_once_and_forgotten_at_will() {
    each_store(async |store| {
        let (bob, work) = (folder("INBOX"), folder("Work"));
        store.create(&work, None).await.unwrap();
        let keep = async |mailbox: &Mailbox, account: &str, key: &str| {
            store.keep_url_key(mailbox, account, Secret::from(key)).await.unwrap()
        };
        assert_eq!(store.url_key(&work, BOB).await, Ok(None));
        assert!(keep(&work, BOB, "one").await.matches(b"one"));
        assert!(keep(&work, BOB, "two").await.matches(b"one"));
        keep(&work, ALICE, "three").await;
        keep(&bob, BOB, "four").await;
        store.forget_url_keys(Some(&work), BOB).await.unwrap();
        assert_eq!(store.url_key(&work, BOB).await, Ok(None));
        assert!(store.url_key(&work, ALICE).await.unwrap().unwrap().matches(b"three"));
        store.rename(&work, "Play").await.unwrap();
        assert!(store.url_key(&folder("Play"), ALICE).await.unwrap().is_some());
        store.forget_url_keys(None, BOB).await.unwrap();
        assert_eq!(store.url_key(&bob, BOB).await, Ok(None));
        store.delete(&folder("Play")).await.unwrap();
        store.create(&work, None).await.unwrap();
        assert_eq!(store.url_key(&work, ALICE).await, Ok(None));
        let none = store.forget_url_keys(Some(&folder("None")), BOB).await;
        assert_eq!(none, Err(StoreError::NoMailbox));
    })
    .await;
}

#[tokio::test]
async fn all_of_it_outlasts_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).await.unwrap();
    let (bob, of) = (folder("INBOX"), Annotated::Mailbox(folder("INBOX")));
    let limits = Limits {
        octets: Some(1 << 40),
        ..Limits::default()
    };
    grant(&store, &bob, &Identifier::user(ALICE), "lr").await;
    store
        .annotate(&of, ALICE, vec![(entry("/private/comment"), value("x"))])
        .await
        .unwrap();
    store.limit(Some(BOB), limits).await.unwrap();
    store.close().await;
    let store = SqliteStore::open(dir.path()).await.unwrap();
    assert_eq!(rights_of(&store, &bob, ALICE).await, "lr");
    assert_eq!(store.acl(&bob).await.unwrap().entries()[0].name, "a spelling");
    assert_eq!(noted(&store, &of, ALICE, "/private", Depth::All).await.len(), 1);
    assert_eq!(store.quota(BOB).await.unwrap().limits, limits);
    store.close().await;
}
