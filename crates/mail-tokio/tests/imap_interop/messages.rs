//! Messages that come, change, move and go.

use imap_proto::{
    Append, AppendData, AppendMessage, Code, Command, Data, Date, DateTime, FetchItem, Flag, Payload, Select,
    StoreAction,
};
use mail_tokio::imap::{Access, Client, Fetched};

use crate::support::{ANSWER, LUNCH, REPORT, command, connect, each_way, inbox, numbers, refused, run};

#[tokio::test]
async fn appends() {
    each_way(async |server| {
        let mut client = connect(server).await;
        let date = DateTime::new(Date::new(2026, 10, 5).unwrap(), 9, 0, 0, 120).unwrap();
        let forwarded = || Flag::new("$Forwarded").unwrap();
        let flags = [Flag::Seen, Flag::Flagged, forwarded()];
        let appended = client
            .append("INBOX", flags, Some(date), LUNCH.len() as u64, LUNCH)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(numbers(Some(appended.uids)), [1]);
        let selected = client.select("INBOX").await.unwrap();
        assert_eq!((selected.exists, selected.access), (1, Access::ReadWrite));
        assert_eq!(selected.uid_validity, Some(appended.uid_validity));
        let messages = client.fetch_all("1", "(FLAGS INTERNALDATE RFC822.SIZE)").await.unwrap();
        let items = messages[0].items();
        // Dovecot tells the same moment in UTC.
        let moment = DateTime::new(Date::new(2026, 10, 5).unwrap(), 7, 0, 0, 0).unwrap();
        assert!(items.contains(&FetchItem::InternalDate(moment)), "{items:?}");
        assert!(items.contains(&FetchItem::Rfc822Size(LUNCH.len() as u64)));
        let flags = items.iter().find_map(|item| match item {
            FetchItem::Flags(flags) => Some(flags),
            _ => None,
        });
        assert!(flags.unwrap().contains(&forwarded()), "{flags:?}");

        let lost = client
            .append("Nowhere", [], None, LUNCH.len() as u64, LUNCH)
            .await
            .unwrap_err();
        let mail_tokio::imap::ClientError::Refused(status) = lost else {
            panic!("{lost}")
        };
        assert_eq!(status.code, Some(Code::TryCreate));
        client.noop().await.unwrap();
    })
    .await;
}

/// Through windows of some KiB.
#[tokio::test]
async fn streams_5_mb_both_ways() {
    each_way(async |server| {
        let mut client = connect(server).await;
        let mut large = LUNCH.to_vec();
        for number in 0.. {
            if large.len() > 5_000_000 {
                break;
            }
            large.extend_from_slice(format!("{number:070}\r\n").as_bytes());
        }
        client
            .append("INBOX", [], None, large.len() as u64, &large[..])
            .await
            .unwrap();
        client.select("INBOX").await.unwrap();
        let mut fetches = client.fetch("1", "BODY.PEEK[]").await.unwrap();
        let mut read = Vec::new();
        while let Some(mut piece) = fetches.next().await.unwrap() {
            if let Fetched::Literal(..) = piece {
                piece.copy_to(&mut read).await.unwrap();
            }
        }
        assert!(read == large);
    })
    .await;
}

#[tokio::test]
async fn appends_several_and_catenates() {
    each_way(async |server| {
        let mut client = connect(server).await;
        let message = |octets: &'static [u8]| AppendMessage::new(AppendData::Literal(Payload::Held(octets.into())));
        let several = Append {
            mailbox: "INBOX".try_into().unwrap(),
            messages: [message(LUNCH), message(ANSWER)].try_into().unwrap(),
        };
        let reply = client.run(Command::Append(several)).await.unwrap();
        let Some(Code::AppendUid { uids, .. }) = reply.status.code else {
            panic!("{:?}", reply.status)
        };
        assert_eq!(numbers(Some(uids)), [1, 2]);

        // RFC 4469 §3: the header of one, and a text of ours.
        let header = LUNCH.len() - "Shall we have crepes?\r\n".len();
        let text = format!(
            "APPEND INBOX (\\Seen) CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER\" TEXT {{{}}}\r\n{})",
            "Or pancakes?\r\n".len(),
            "Or pancakes?\r\n"
        );
        client.run(command(&text)).await.unwrap();
        client.select("INBOX").await.unwrap();
        let messages = client.fetch_all("3", "BODY.PEEK[]").await.unwrap();
        let whole = [&LUNCH[..header], b"Or pancakes?\r\n"].concat();
        assert_eq!(
            messages[0].items()[0]
                .data()
                .unwrap()
                .held()
                .unwrap()
                .escape_ascii()
                .to_string(),
            whole.escape_ascii().to_string()
        );
        let status = refused(&mut client, "APPEND INBOX CATENATE (URL \"/INBOX/;UID=99\")").await;
        assert!(matches!(status.code, Some(Code::BadUrl(_))), "{status:?}");
    })
    .await;
}

#[tokio::test]
async fn stores_and_expunges() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER, REPORT]).await;
        let told = client
            .store("1:2", StoreAction::Add, [Flag::Deleted, Flag::Answered])
            .await
            .unwrap();
        assert_eq!(told.len(), 2);
        let told = client
            .uid_store("2", StoreAction::Remove, [Flag::Answered])
            .await
            .unwrap();
        assert_eq!((told.len(), told[0].uid().unwrap().get()), (1, 2));
        client.store("3", StoreAction::Replace, [Flag::Draft]).await.unwrap();
        run(&mut client, "STORE 3 FLAGS.SILENT (\\Seen $Label1)").await;
        client.uid_expunge("2").await.unwrap();
        assert_eq!(expunged(&mut client), [2]);
        client.expunge().await.unwrap();
        assert_eq!(expunged(&mut client), [1]);
        client.check().await.unwrap();
        run(&mut client, "STORE 1 +FLAGS (\\Deleted)").await;
        client.close().await.unwrap();
        let selected = client.examine("INBOX").await.unwrap();
        assert_eq!((selected.exists, selected.access), (0, Access::ReadOnly));
    })
    .await;
}

#[tokio::test]
async fn copies_and_moves() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER, REPORT]).await;
        client.create("Other").await.unwrap();
        let copied = client.copy("1:2", "Other").await.unwrap().unwrap();
        assert_eq!(
            (numbers(Some(copied.source)), numbers(Some(copied.destination))),
            (vec![1, 2], vec![1, 2])
        );
        let copied = client.uid_copy("3", "Other").await.unwrap().unwrap();
        assert_eq!(numbers(Some(copied.destination)), [3]);
        let moved = client.move_("1", "Other").await.unwrap().unwrap();
        assert_eq!(
            (numbers(Some(moved.source)), numbers(Some(moved.destination))),
            (vec![1], vec![4])
        );
        assert_eq!(expunged(&mut client), [1]);
        let moved = client.uid_move("3", "Other").await.unwrap().unwrap();
        assert_eq!(numbers(Some(moved.destination)), [5]);
        assert_eq!(expunged(&mut client), [2]);
        assert_eq!(refused(&mut client, "COPY 1 Nowhere").await.code, Some(Code::TryCreate));
        assert_eq!(client.select("Other").await.unwrap().exists, 5);
    })
    .await;
}

/// RFC 7162: what changed while we were away.
#[tokio::test]
async fn resynchronizes() {
    each_way(async |server| {
        let mut client = connect(server).await;
        for message in [LUNCH, ANSWER, REPORT] {
            client
                .append("INBOX", [], None, message.len() as u64, message)
                .await
                .unwrap();
        }
        let Command::Select(condstore) = command("SELECT INBOX (CONDSTORE)") else {
            panic!()
        };
        let first = client.select(condstore).await.unwrap();
        let highest = first.highest_mod_sequence.unwrap();
        let told = run(
            &mut client,
            &format!("STORE 1 (UNCHANGEDSINCE {highest}) +FLAGS (\\Seen)"),
        )
        .await;
        assert!(
            told.data.iter().any(|data| matches!(data, Data::Fetch(fetch)
            if fetch.items().iter().any(|item| matches!(item, FetchItem::ModSeq(now) if *now > highest)))),
            "{told:?}"
        );
        // It has changed in between.
        let reply = run(
            &mut client,
            &format!("STORE 1 (UNCHANGEDSINCE {highest}) +FLAGS (\\Flagged)"),
        )
        .await;
        assert!(matches!(reply.status.code, Some(Code::Modified(_))), "{reply:?}");
        run(&mut client, &format!("FETCH 1:* (FLAGS) (CHANGEDSINCE {highest})")).await;
        run(&mut client, "STORE 2 +FLAGS.SILENT (\\Deleted)").await;
        client.expunge().await.unwrap();
        client.unselect().await.unwrap();

        run(&mut client, "ENABLE QRESYNC").await;
        let (validity, known) = (first.uid_validity.unwrap(), "1:3");
        let text = format!("SELECT INBOX (QRESYNC ({validity} {highest} {known}))");
        let Command::Select(qresync) = command(&text) else {
            panic!()
        };
        let Ok(selected) = client.select(Select { ..qresync }).await else {
            panic!("{text}")
        };
        let gone = selected.changes.iter().find_map(|data| match data {
            Data::Vanished(vanished) => Some(numbers(Some(vanished.uids.clone()))),
            _ => None,
        });
        assert_eq!(gone, Some(vec![2]), "{selected:?}");
        assert!(
            selected.changes.iter().any(|data| matches!(data, Data::Fetch(_))),
            "{selected:?}"
        );
        let reply = run(
            &mut client,
            &format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {highest} VANISHED)"),
        )
        .await;
        assert!(
            reply.data.iter().any(|data| matches!(data, Data::Vanished(_))),
            "{reply:?}"
        );
        // With another mailbox the old one is closed first.
        client.select("Sent").await.unwrap();
        client.select("INBOX").await.unwrap();
        run(&mut client, "UID STORE 3 +FLAGS (\\Deleted)").await;
        client.expunge().await.unwrap();
        let news = std::iter::from_fn(|| client.news().take()).collect::<Vec<_>>();
        assert!(news.iter().any(|data| matches!(data, Data::Vanished(_))), "{news:?}");
    })
    .await;
}

/// The numbers of the messages that went since this was last asked.
fn expunged(client: &mut Client) -> Vec<u32> {
    let news = std::iter::from_fn(|| client.news().take());
    news.filter_map(|data| match data {
        Data::Expunge(number) => Some(number.get()),
        _ => None,
    })
    .collect()
}
