//! Each method of the IMAP client once, against a server that answers as a script says.

mod imap_script;

use std::num::NonZeroU32;

use imap_proto::client::{Config, Security};
use imap_proto::{
    Capability, Condition, Data, FetchAttribute, FetchItem, Flag, GetMetadata, Id, List, ListPattern, ListReturn,
    Mailbox, MetadataEntry, OneOrMore, QuotaResource, Rights, RightsChange, SetMetadata, SortKey, StatusItem,
    StatusValue, StoreAction, ThreadAlgorithm,
};
use imap_script::{Line, serve};
use mail_tokio::imap::{Access, Client, ClientError, Fetched};
use tokio::io::{AsyncReadExt, DuplexStream, duplex};

async fn client(script: &'static [Line]) -> Client<DuplexStream> {
    let (ours, theirs) = duplex(64);
    tokio::spawn(serve(theirs, script));
    let config = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    Client::greet(ours, config).await.expect("a greeting")
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("not zero")
}

fn mailbox(name: &str) -> Mailbox<'static> {
    Mailbox::new(name).expect("a name")
}

#[tokio::test]
async fn logs_in_and_out() {
    let mut imap = client(&[]).await;
    let refused = imap.login("bob", "wrong").await;
    let Err(ClientError::Refused(status)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(status.condition, Condition::No);
    assert!(
        imap.capabilities()
            .await
            .expect("known")
            .iter()
            .any(|c| c.is("AUTH=PLAIN"))
    );
    imap.login("bob", "hungry").await.expect("welcome");
    assert!(imap.capabilities().await.expect("known").iter().any(|c| c.is("IDLE")));
    imap.noop().await.expect("nothing");
    imap.logout().await.expect("goodbye");
}

#[tokio::test]
async fn authenticates() {
    let mut imap = client(&[]).await;
    let initial = Some("\0bob\0hungry".into());
    imap.authenticate("PLAIN", initial, |_| None).await.expect("welcome");

    let mut imap = client(&[]).await;
    let given_up = imap.authenticate("PLAIN", None, |_| None).await;
    assert!(matches!(given_up, Err(ClientError::Refused(_))), "{given_up:?}");
    let respond = |challenge: &[u8]| {
        assert_eq!(challenge, b"");
        Some("\0bob\0hungry".into())
    };
    imap.authenticate("PLAIN", None, respond).await.expect("welcome");
}

async fn inside(script: &'static [Line]) -> Client<DuplexStream> {
    let mut imap = client(script).await;
    imap.login("bob", "hungry").await.expect("welcome");
    imap
}

async fn selected(script: &'static [Line]) -> Client<DuplexStream> {
    let mut imap = inside(script).await;
    imap.select("INBOX").await.expect("it is there");
    imap
}

#[tokio::test]
async fn opens_mailboxes() {
    let mut imap = inside(&[
        ("SELECT Lunch", "* FLAGS (\\Seen \\Deleted)\r\n* 3 EXISTS\r\n* 1 RECENT\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 20] x\r\n\
            * OK [UNSEEN 2] x\r\n* OK [PERMANENTFLAGS (\\Seen)] x\r\n* OK [HIGHESTMODSEQ 99] x\r\n* OK [MAILBOXID (F1)] x\r\n* OK [ALERT] eat\r\n",
            "OK [READ-WRITE] in"),
        ("EXAMINE &AOk-t&AOk-", "* 0 EXISTS\r\n", "OK [READ-ONLY] in"),
        ("SELECT no", "", "NO [NONEXISTENT] no"),
        ("CLOSE", "", "OK out"),
        ("UNSELECT", "", "OK out"),
        ("CHECK", "", "OK checked"),
    ])
    .await;
    let lunch = imap.select("Lunch").await.expect("it is there");
    assert_eq!(
        (lunch.exists, lunch.recent, lunch.access),
        (3, Some(1), Access::ReadWrite)
    );
    assert_eq!(lunch.flags, [Flag::Seen, Flag::Deleted]);
    assert_eq!(lunch.permanent_flags.as_deref(), Some([Flag::Seen].as_slice()));
    assert_eq!(
        (lunch.uid_validity, lunch.uid_next),
        (Some(number(7)), Some(number(20)))
    );
    assert_eq!(
        (lunch.unseen, lunch.highest_mod_sequence.map(u64::from)),
        (Some(number(2)), Some(99))
    );
    assert_eq!(lunch.mailbox_id.as_ref().map(|id| id.as_str()), Some("F1"));
    assert!(matches!(imap.news().take(), Some(Data::Status(_))));
    imap.check().await.expect("checked");
    imap.close().await.expect("out");
    assert_eq!(imap.examine("été").await.expect("it is there").access, Access::ReadOnly);
    imap.unselect().await.expect("out");
    assert!(matches!(imap.select("no").await, Err(ClientError::Refused(_))));
}

#[tokio::test]
async fn fetches_as_it_arrives() {
    let mut imap = selected(&[(
        "FETCH 1:2 (UID BODY.PEEK[])",
        "* 1 FETCH (UID 5 BODY[] {20000})\r\n* 4 EXISTS\r\n* 2 FETCH (BODY[] \"short\" UID 6)\r\n",
        "OK done",
    )])
    .await;
    let mut fetches = imap.fetch("1:2", "(UID BODY.PEEK[])").await.expect("given");
    let mut seen = Vec::new();
    while let Some(piece) = fetches.next().await.expect("no error") {
        match piece {
            Fetched::Began(_, number) => seen.push(number.to_string()),
            Fetched::Item(FetchItem::Uid(uid)) => seen.push(format!("uid {uid}")),
            Fetched::Literal(item, mut body) => {
                let mut octets = Vec::new();
                body.read_to_end(&mut octets).await.expect("whole");
                assert_eq!((item.announced(), octets.len()), (Some(20_000), 20_000));
                seen.push("literal".to_owned());
            }
            mut item @ Fetched::Item(_) => {
                let mut octets = Vec::new();
                assert_eq!(item.copy_to(&mut octets).await.expect("held"), Some(5));
                assert_eq!(octets, b"short");
                seen.push("held".to_owned());
            }
            _ => seen.push("end".to_owned()),
        }
    }
    assert!(fetches.next().await.expect("no error").is_none());
    assert_eq!(seen, ["1", "uid 5", "literal", "end", "2", "held", "uid 6", "end"]);
    assert_eq!(imap.news().take(), Some(Data::Exists(4)));
}

#[tokio::test]
async fn fetches_collected() {
    let mut imap = selected(&[
        ("FETCH 1 BODY[]", "* 1 FETCH (BODY[] {20000})\r\n", "OK done"),
        (
            "UID FETCH 5 (UID FLAGS)",
            "* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n",
            "OK done",
        ),
    ])
    .await;
    let whole = imap.fetch_all("1", "BODY[]").await.expect("given");
    let octets = whole[0].items()[0].data().and_then(|data| data.held());
    assert_eq!(octets.map(<[u8]>::len), Some(20_000));
    // Skipping a literal, or all of them, is safe.
    let mut fetches = imap.fetch("1", "BODY[]").await.expect("given");
    while let Some(piece) = fetches.next().await.expect("no error") {
        drop(piece);
    }
    let mut fetches = imap.fetch("1", "BODY[]").await.expect("given");
    while !matches!(fetches.next().await, Ok(Some(Fetched::Literal(..)))) {}
    let attributes = [FetchAttribute::Uid, FetchAttribute::Flags];
    let flags = imap.uid_fetch_all(number(5), attributes).await.expect("given");
    assert_eq!(flags[0].uid(), Some(number(5)));
    let mut fetches = imap.uid_fetch("5", "(UID FLAGS)").await.expect("given");
    assert!(matches!(fetches.next().await, Ok(Some(Fetched::Began(..)))));
}

#[tokio::test]
async fn finds_messages() {
    let mut imap = selected(&[
        ("SEARCH UNSEEN", "* SEARCH 2 3 4 9\r\n", "OK done"),
        (
            "UID SEARCH CHARSET UTF-8 SUBJECT {5}\r\n\u{e9}t\u{e9}",
            "* SEARCH\r\n",
            "OK done",
        ),
        ("SORT (REVERSE DATE) UTF-8 ALL", "* SORT 3 1 2\r\n", "OK done"),
        ("UID SORT (DATE) UTF-8 ALL", "* SORT\r\n", "OK done"),
        ("THREAD REFERENCES UTF-8 ALL", "* THREAD (1 2)(3)\r\n", "OK done"),
        ("UID THREAD REFERENCES UTF-8 ALL", "* THREAD\r\n", "OK done"),
    ])
    .await;
    let found = imap.search("UNSEEN").await.expect("found").expect("some");
    assert_eq!(found.numbers().map(NonZeroU32::get).collect::<Vec<_>>(), [2, 3, 4, 9]);
    assert_eq!(imap.uid_search("SUBJECT \"été\"").await.expect("none"), None);
    let sorted = imap
        .sort(SortKey::Date.reverse(), "ALL")
        .await
        .expect("sorted")
        .expect("some");
    assert_eq!(sorted.numbers().map(NonZeroU32::get).collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!(
        imap.uid_sort(SortKey::Date.ascending(), "ALL").await.expect("none"),
        None
    );
    let threads = imap.thread(ThreadAlgorithm::References, "ALL").await.expect("threaded");
    assert_eq!(threads.iter().count(), 2);
    imap.uid_thread(ThreadAlgorithm::References, "ALL").await.expect("none");
    assert!(matches!(imap.search("WHATEVER").await, Err(ClientError::Value(_))));
}

#[tokio::test]
async fn changes_messages() {
    let mut imap = selected(&[
        (
            "STORE 1:2 +FLAGS (\\Deleted)",
            "* 1 FETCH (FLAGS (\\Deleted))\r\n",
            "OK done",
        ),
        ("UID STORE 5 FLAGS ()", "", "OK done"),
        ("COPY 1 Lunch", "", "OK [COPYUID 7 5 9] done"),
        ("UID COPY 5 Lunch", "", "OK done"),
        ("MOVE 1 Lunch", "* OK [COPYUID 7 5 9] x\r\n* 1 EXPUNGE\r\n", "OK done"),
        ("UID MOVE 5 Lunch", "", "NO [TRYCREATE] no"),
        ("EXPUNGE", "* 1 EXPUNGE\r\n", "OK done"),
        ("UID EXPUNGE 5", "", "OK done"),
    ])
    .await;
    let flags = imap
        .store("1:2", StoreAction::Add, [Flag::Deleted])
        .await
        .expect("stored");
    assert_eq!(flags[0].items(), [FetchItem::Flags(vec![Flag::Deleted])]);
    assert_eq!(imap.uid_store("5", StoreAction::Replace, []).await.expect("stored"), []);
    let copied = imap.copy("1", "Lunch").await.expect("copied").expect("COPYUID");
    assert_eq!((copied.uid_validity, copied.destination), (number(7), number(9).into()));
    assert_eq!(imap.uid_copy("5", "Lunch").await.expect("copied"), None);
    let moved = imap.move_("1", "Lunch").await.expect("moved").expect("COPYUID");
    assert_eq!(moved.source, number(5).into());
    assert_eq!(imap.news().take(), Some(Data::Expunge(number(1))));
    assert!(matches!(
        imap.uid_move("5", "Lunch").await,
        Err(ClientError::Refused(_))
    ));
    imap.expunge().await.expect("expunged");
    assert_eq!(imap.news().take(), Some(Data::Expunge(number(1))));
    imap.uid_expunge("5").await.expect("expunged");
    assert_eq!(imap.news().take(), None);
}

#[tokio::test]
async fn appends_messages() {
    let mut imap = inside(&[]).await;
    let message = vec![b'x'; 100_000];
    let appended = imap
        .append("INBOX", [Flag::Seen], None, 100_000, message.as_slice())
        .await;
    let appended = appended.expect("stored").expect("APPENDUID");
    assert_eq!(
        (appended.uid_validity, appended.uids),
        (number(7), number(100_000).into())
    );
    imap.append("INBOX", [], None, 0, b"".as_slice())
        .await
        .expect_err("a literal of none cancels");
    let refused = imap.append("no", [], None, 100_000, message.as_slice()).await;
    assert!(matches!(refused, Err(ClientError::Refused(_))), "{refused:?}");
    imap.noop().await.expect("in step");
    let short = imap.append("INBOX", [], None, 10, b"five!".as_slice()).await;
    assert!(matches!(short, Err(ClientError::Session(_))), "{short:?}");
    imap.noop().await.expect_err("broken off");
}

#[tokio::test]
async fn idles() {
    let mut imap = selected(&[]).await;
    let mut idle = imap.idle().await.expect("idling");
    assert_eq!(idle.next().await.expect("no error"), Some(Data::Exists(4)));
    assert_eq!(idle.next().await.expect("no error"), Some(Data::Expunge(number(1))));
    idle.done().await.expect("done");
    imap.idle().await.expect("idling");
    imap.noop().await.expect("in step");
}

#[tokio::test]
async fn manages_mailboxes() {
    let mut imap = inside(&[
        (
            "LIST \"\" \"%\"",
            "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST () \"/\" &AOk-t&AOk-\r\n* 1 EXISTS\r\n",
            "OK done",
        ),
        (
            "LIST \"\" \"%\" RETURN (STATUS (MESSAGES))",
            "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3)\r\n",
            "OK done",
        ),
        ("LSUB \"\" \"*\"", "* LSUB () \"/\" INBOX\r\n", "OK done"),
        (
            "STATUS INBOX (MESSAGES UIDNEXT)",
            "* STATUS INBOX (MESSAGES 3 UIDNEXT 20)\r\n",
            "OK done",
        ),
        ("STATUS INBOX (SIZE)", "", "OK done"),
        ("CREATE Lunch", "", "OK done"),
        ("DELETE Lunch", "", "OK done"),
        ("RENAME Lunch Dinner", "", "OK done"),
        ("SUBSCRIBE Lunch", "", "OK done"),
        ("UNSUBSCRIBE Lunch", "", "OK done"),
        ("NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n", "OK done"),
    ])
    .await;
    let listed = imap.list("", "%").await.expect("listed");
    assert_eq!(listed[1].mailbox, mailbox("été"));
    assert_eq!(imap.news().take(), Some(Data::Exists(1)));
    let list = List::new(ListPattern::new("%").expect("a pattern"));
    let list = list.returning(vec![ListReturn::Status(StatusItem::Messages.into())]);
    let listing = imap.list_extended(list).await.expect("listed");
    assert_eq!(listing.statuses[0].values, [StatusValue::Messages(3)]);
    assert_eq!(imap.lsub("", "*").await.expect("listed").len(), 1);
    let status = imap.status("INBOX", [StatusItem::Messages, StatusItem::UidNext]).await;
    assert_eq!(status.expect("known").values.len(), 2);
    let missing = imap.status("INBOX", StatusItem::Size).await;
    assert!(
        matches!(missing, Err(ClientError::Missing { what: "STATUS" })),
        "{missing:?}"
    );
    imap.create("Lunch").await.expect("done");
    imap.delete("Lunch").await.expect("done");
    imap.rename("Lunch", mailbox("Dinner")).await.expect("done");
    imap.subscribe("Lunch").await.expect("done");
    imap.unsubscribe("Lunch").await.expect("done");
    assert_eq!(imap.namespace().await.expect("known").personal.len(), 1);
}

#[tokio::test]
async fn asks_about_the_account() {
    let mut imap = inside(&[
        ("GETQUOTA \"\"", "* QUOTA \"\" (STORAGE 10 512)\r\n", "OK done"),
        (
            "GETQUOTAROOT INBOX",
            "* QUOTAROOT INBOX \"\"\r\n* QUOTA \"\" (STORAGE 10 512)\r\n",
            "OK done",
        ),
        (
            "SETQUOTA \"\" (STORAGE 1024)",
            "* QUOTA \"\" (STORAGE 10 1024)\r\n",
            "OK done",
        ),
        (
            "GETMETADATA INBOX /private/comment",
            "* METADATA INBOX (/private/comment \"x\")\r\n",
            "OK done",
        ),
        ("SETMETADATA INBOX (/private/comment NIL)", "", "OK done"),
        ("GETACL INBOX", "* ACL INBOX bob lrs\r\n", "OK done"),
        ("SETACL INBOX alice +lr", "", "OK done"),
        ("DELETEACL INBOX alice", "", "OK done"),
        (
            "LISTRIGHTS INBOX alice",
            "* LISTRIGHTS INBOX alice l r s\r\n",
            "OK done",
        ),
        ("MYRIGHTS INBOX", "* MYRIGHTS INBOX lrs\r\n", "OK done"),
    ])
    .await;
    let usage = imap.quota("").await.expect("known").resources[0].usage;
    let (roots, quotas) = imap.quota_roots("INBOX").await.expect("known");
    assert_eq!((usage, roots.roots.len(), quotas.len()), (10, 1, 1));
    let set = imap.set_quota("", [(QuotaResource::Storage, 1024)]).await.expect("set");
    assert_eq!(set.expect("told").resources[0].limit, 1024);
    let entry = MetadataEntry::new("/private/comment").expect("an entry");
    let query = GetMetadata {
        options: Vec::new(),
        mailbox: Mailbox::Inbox,
        entries: OneOrMore::from(entry.clone()),
    };
    assert_eq!(imap.metadata(query).await.expect("known").len(), 1);
    let value = imap_proto::MetadataValue { entry, value: None };
    let values = SetMetadata {
        mailbox: Mailbox::Inbox,
        values: value.into(),
    };
    imap.set_metadata(values).await.expect("set");
    assert_eq!(imap.acl("INBOX").await.expect("known").entries.len(), 1);
    let rights = Rights::new("lr").expect("rights");
    imap.set_acl("INBOX", "alice", RightsChange::Add(rights))
        .await
        .expect("set");
    imap.delete_acl("INBOX", "alice").await.expect("deleted");
    assert!(
        imap.list_rights("INBOX", "alice")
            .await
            .expect("known")
            .always
            .contains_all(Rights::new("l").expect("rights"))
    );
    assert!(
        imap.my_rights("INBOX")
            .await
            .expect("known")
            .rights
            .contains_all(rights)
    );
    assert_eq!(imap.id(Id::default()).await.expect("known"), Id::default());
    let condstore = [Capability::fixed("CONDSTORE")];
    assert_eq!(imap.enable(condstore.clone()).await.expect("enabled"), condstore);
}

#[tokio::test]
async fn compresses() {
    let mut imap = inside(&[("LIST \"\" \"*\"", "* LIST () \"/\" INBOX\r\n", "OK done")]).await;
    imap.compress().await.expect("compressed");
    assert_eq!(imap.list("", "*").await.expect("listed").len(), 1);
    let again = imap.compress().await;
    assert!(again.is_err(), "{again:?}");
    imap.logout().await.expect("goodbye");
}
