//! Mailboxes: made, listed, renamed, subscribed to, counted.

use imap_proto::{
    Code, Data, List, ListPattern, ListReturn, ListSelection, ListSelections, ListedMailbox, MailboxAttribute,
    SpecialUse, StatusItem, StatusValue,
};
use mail_tokio::imap::ClientError;
use mail_wire::Misuse;

use crate::support::{ANSWER, LUNCH, command, connect, each_way, inbox, refused, run};

#[tokio::test]
async fn makes_and_removes() {
    each_way(async |server| {
        let mut client = connect(server).await;
        client.create("Work/2026").await.unwrap();
        assert_eq!(
            refused(&mut client, "CREATE Work/2026").await.code,
            Some(Code::AlreadyExists)
        );
        client.rename("Work/2026", "Work/\u{65e5}\u{672c}").await.unwrap();
        client.subscribe("Work/\u{65e5}\u{672c}").await.unwrap();
        let names = |listed: &[ListedMailbox<'static>]| {
            let mut names: Vec<_> = listed.iter().map(|one| one.mailbox.to_text().into_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(
            names(&client.list("", "Work/%").await.unwrap()),
            ["Work/\u{65e5}\u{672c}"]
        );
        assert_eq!(
            names(&client.list("Work/", "*").await.unwrap()),
            ["Work/\u{65e5}\u{672c}"]
        );
        assert_eq!(names(&client.lsub("", "*").await.unwrap()), ["Work/\u{65e5}\u{672c}"]);
        let parents = client.lsub("", "%").await.unwrap();
        assert!(parents[0].has(&MailboxAttribute::Noselect), "{parents:?}");
        client.unsubscribe("Work/\u{65e5}\u{672c}").await.unwrap();
        assert_eq!(client.lsub("", "*").await.unwrap(), []);
        client.delete("Work/\u{65e5}\u{672c}").await.unwrap();
        assert_eq!(names(&client.list("", "Work/*").await.unwrap()), [""; 0]);
        assert_eq!(
            refused(&mut client, "DELETE Nowhere").await.code,
            Some(Code::NonExistent)
        );
        // The hierarchy's delimiter.
        let root = client.list("", "").await.unwrap();
        assert_eq!(
            root[0].delimiter.map(|delimiter| format!("{delimiter:?}")),
            parents[0].delimiter.map(|delimiter| format!("{delimiter:?}"))
        );
        let namespaces = client.namespace().await.unwrap();
        assert_eq!((namespaces.personal.len(), namespaces.shared.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn special_uses() {
    each_way(async |server| {
        let mut client = connect(server).await;
        let sent = MailboxAttribute::SpecialUse(SpecialUse::Sent);
        let listed = client.list("", "Sent").await.unwrap();
        assert!(listed[0].has(&sent), "{listed:?}");
        let list = List::new(ListPattern::new("*").unwrap())
            .selecting(ListSelections::new(vec![ListSelection::SpecialUse]).unwrap())
            .returning(vec![ListReturn::SpecialUse]);
        let listing = client.list_extended(list).await.unwrap();
        assert_eq!(listing.mailboxes.len(), 1, "{listing:?}");
        assert!(listing.mailboxes[0].has(&sent));
        // Dovecot does not offer it: nothing is sent.
        let refused = client.run(command("CREATE Trash (USE (\\Trash))")).await.unwrap_err();
        let ClientError::Session(mail_tokio::Error::Misuse(Misuse::NotOffered { .. })) = refused else {
            panic!("{refused}")
        };
    })
    .await;
}

#[tokio::test]
async fn lists_with_options() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER]).await;
        run(&mut client, "CREATE Work/2026").await;
        run(&mut client, "SUBSCRIBE Work/2026").await;
        for text in ["CREATE Gone", "SUBSCRIBE Gone", "DELETE Gone"] {
            run(&mut client, text).await;
        }
        let reply = run(
            &mut client,
            "LIST (SUBSCRIBED) \"\" (INBOX Work/% Gone) RETURN (CHILDREN SUBSCRIBED)",
        )
        .await;
        let listed: Vec<_> = reply
            .data
            .iter()
            .filter_map(|data| match data {
                Data::List(one) => Some(one),
                _ => None,
            })
            .collect();
        assert_eq!(listed.len(), 2, "{listed:?}");
        assert!(listed.iter().all(|one| one.has(&MailboxAttribute::Subscribed)));
        assert!(listed.iter().any(|one| one.has(&MailboxAttribute::NonExistent)));
        // RFC 5258 §4: a parent that only matches by its children says so.
        let reply = run(&mut client, "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %").await;
        let infos = reply
            .data
            .iter()
            .filter(|data| matches!(data, Data::List(one) if !one.extended.is_empty()));
        assert_eq!(infos.count(), 1, "{reply:?}");
        let items = [StatusItem::Messages, StatusItem::Unseen, StatusItem::Size];
        let list =
            List::new(ListPattern::new("*").unwrap()).returning(vec![ListReturn::Status(items.try_into().unwrap())]);
        let listing = client.list_extended(list).await.unwrap();
        let inbox = listing
            .statuses
            .iter()
            .find(|one| one.mailbox.to_text() == "INBOX")
            .unwrap();
        assert!(inbox.values.contains(&StatusValue::Messages(2)), "{inbox:?}");
        let size = (LUNCH.len() + ANSWER.len()) as u64;
        assert!(inbox.values.contains(&StatusValue::Size(size)), "{inbox:?}");
    })
    .await;
}

#[tokio::test]
async fn counts() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER]).await;
        client.unselect().await.unwrap();
        let items = [
            StatusItem::Messages,
            StatusItem::Recent,
            StatusItem::UidNext,
            StatusItem::UidValidity,
            StatusItem::Unseen,
            StatusItem::Size,
            StatusItem::HighestModSeq,
        ];
        let status = client.status("INBOX", items.clone()).await.unwrap();
        assert_eq!(status.values.len(), items.len(), "{status:?}");
        assert!(status.values.contains(&StatusValue::Unseen(2)), "{status:?}");
        assert!(
            status
                .values
                .iter()
                .any(|value| matches!(value, StatusValue::UidNext(next) if next.get() == 3))
        );
        assert!(
            status
                .values
                .iter()
                .any(|value| matches!(value, StatusValue::HighestModSeq(highest) if *highest > 0))
        );
        // What is not offered is not asked for.
        assert!(client.status("INBOX", [StatusItem::MailboxId]).await.is_err());
        refused(&mut client, "STATUS Nowhere (MESSAGES)").await;
    })
    .await;
}
