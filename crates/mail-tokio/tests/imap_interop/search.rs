//! What is found, in what order, and in which conversation.

use imap_proto::{Data, Esearch, SearchItem, SortKey, ThreadAlgorithm};
use mail_tokio::imap::{Client, Reply};

use crate::support::{ANSWER, LUNCH, REPORT, each_way, inbox, numbers, refused, run};

#[tokio::test]
async fn searches_by_every_key() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER, REPORT]).await;
        run(&mut client, "STORE 2 +FLAGS.SILENT (\\Seen \\Answered $Label1)").await;
        let cases: &[(&str, &[u32])] = &[
            ("ALL", &[1, 2, 3]),
            ("SEEN", &[2]),
            ("UNSEEN", &[1, 3]),
            ("ANSWERED", &[2]),
            ("KEYWORD $Label1", &[2]),
            ("UNKEYWORD $Label1", &[1, 3]),
            ("NEW", &[1, 3]),
            ("OLD", &[]),
            ("DELETED", &[]),
            ("FROM alice", &[1]),
            ("TO carol", &[1]),
            ("SUBJECT lunch", &[1, 2]),
            ("HEADER In-Reply-To \"\"", &[2]),
            ("BODY crepes", &[1]),
            ("TEXT cheese", &[2]),
            ("OR FROM alice FROM carol", &[1, 3]),
            ("NOT (FROM alice OR FROM carol FROM bob)", &[1, 2, 3]),
            ("SENTON 6-Oct-2026", &[3]),
            ("SENTBEFORE 6-Oct-2026", &[1, 2]),
            ("SINCE 1-Jan-2020", &[1, 2, 3]),
            ("SMALLER 10", &[]),
            ("LARGER 10", &[1, 2, 3]),
            ("UID 2:*", &[2, 3]),
            ("1,3", &[1, 3]),
            ("YOUNGER 3600", &[1, 2, 3]),
            ("OLDER 3600", &[]),
            ("SAVEDSINCE 1-Jan-2020", &[1, 2, 3]),
            ("TEXT {5}\r\ncaf\u{e9}", &[3]),
        ];
        for (keys, wanted) in cases {
            let wire = keys.as_bytes();
            let program = imap_proto::SearchProgram::parse(wire).unwrap_or_else(|error| panic!("{keys}: {error}"));
            let program = imap_proto::IntoBoundedStatic::into_static(program);
            let found = client
                .search(program.clone())
                .await
                .unwrap_or_else(|error| panic!("{keys}: {error}"));
            assert_eq!(numbers(found), *wanted, "{keys}");
            let found = client.uid_search(program).await.unwrap();
            assert_eq!(numbers(found), *wanted, "{keys}");
        }
        refused(&mut client, "SEARCH CHARSET X-NONSENSE ALL").await;
    })
    .await;
}

#[tokio::test]
async fn returns_what_is_asked_for() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, ANSWER, REPORT]).await;
        let found = esearch(run(&mut client, "SEARCH RETURN (MIN MAX COUNT ALL) ALL").await);
        assert_eq!(found.items.len(), 4, "{found:?}");
        assert!(found.items.contains(&SearchItem::Count(3)));
        let found = esearch(run(&mut client, "UID SEARCH RETURN () FROM bob").await);
        let [SearchItem::All(all)] = &found.items[..] else {
            panic!("{found:?}")
        };
        assert_eq!(numbers(Some(all.clone())), [2]);
        let found = esearch(run(&mut client, "SEARCH RETURN (COUNT) FROM nobody").await);
        assert_eq!(found.items, [SearchItem::Count(0)]);

        // RFC 5182 §2: the result is kept for the next command.
        run(&mut client, "SEARCH RETURN (SAVE) FROM bob").await;
        let fetched = run(&mut client, "FETCH $ (UID)").await;
        assert!(
            matches!(&fetched.data[..], [Data::Fetch(fetch)] if fetch.number.get() == 2),
            "{fetched:?}"
        );
        let found = esearch(run(&mut client, "SEARCH RETURN (COUNT) $ FROM bob").await);
        assert_eq!(found.items, [SearchItem::Count(1)]);

        // RFC 7162 §3.1.5
        let reply = run(&mut client, "SEARCH MODSEQ 1").await;
        let highest = reply.data.iter().find_map(|data| match data {
            Data::Search(found) => found.highest_mod_sequence(),
            _ => None,
        });
        assert!(highest.is_some(), "{reply:?}");
        let found = esearch(run(&mut client, "SEARCH RETURN (COUNT) MODSEQ 1").await);
        assert!(
            found
                .items
                .iter()
                .any(|item| matches!(item, SearchItem::ModSequence(_))),
            "{found:?}"
        );

        // RFC 5267 §4.4
        let found = esearch(run(&mut client, "SEARCH RETURN (PARTIAL 1:2) ALL").await);
        assert!(
            matches!(&found.items[..], [SearchItem::Partial { results: Some(two), .. }] if two.count() == 2),
            "{found:?}"
        );

        // RFC 5267 §4.3: what changes in the result is told.
        let reply = client
            .run(crate::support::command("SEARCH RETURN (UPDATE COUNT) UNSEEN"))
            .await
            .unwrap();
        esearch(reply);
        run(&mut client, "STORE 1 +FLAGS (\\Seen)").await;
    })
    .await;
}

#[tokio::test]
async fn sorts() {
    each_way(async |server| {
        let mut client = inbox(server, &[ANSWER, REPORT, LUNCH]).await;
        for (key, wanted) in [
            (SortKey::Date, [3, 1, 2]),
            (SortKey::Subject, [2, 1, 3]),
            (SortKey::From, [3, 1, 2]),
            (SortKey::DisplayFrom, [3, 1, 2]),
            (SortKey::Arrival, [1, 2, 3]),
        ] {
            let reply = run_sort(&mut client, &key).await;
            assert_eq!(reply, wanted, "{key:?}");
        }
        let reply = run(&mut client, "UID SORT (REVERSE SIZE) UTF-8 FROM bob").await;
        assert!(
            matches!(&reply.data[..], [Data::Sort(found)] if found.numbers().len() == 1),
            "{reply:?}"
        );
        // RFC 5267 §3
        let found = esearch(run(&mut client, "SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL").await);
        assert!(found.items.contains(&SearchItem::Count(3)), "{found:?}");
        let found = client.sort([SortKey::Date.reverse()], "ALL").await.unwrap();
        assert_eq!(found.map(|found| found.count()), Some(3));
    })
    .await;
}

async fn run_sort(client: &mut Client, key: &SortKey<'static>) -> Vec<u32> {
    let name = match key {
        SortKey::DisplayFrom => "DISPLAYFROM".to_owned(),
        key => format!("{key:?}").to_uppercase(),
    };
    let reply = run(client, &format!("SORT ({name}) UTF-8 ALL")).await;
    let [Data::Sort(found)] = &reply.data[..] else {
        panic!("{reply:?}")
    };
    found.numbers().iter().map(|number| number.get()).collect()
}

#[tokio::test]
async fn threads() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH, REPORT, ANSWER]).await;
        for algorithm in [ThreadAlgorithm::References, ThreadAlgorithm::OrderedSubject] {
            let threads = client.thread(algorithm.clone(), "ALL").await.unwrap();
            let all: Vec<Vec<_>> = threads
                .iter()
                .map(|thread| {
                    thread
                        .iter()
                        .map(|message| (message.depth, message.number.map_or(0, |number| number.get())))
                        .collect()
                })
                .collect();
            assert_eq!(all, [vec![(0, 1), (1, 3)], vec![(0, 2)]], "{algorithm:?}");
        }
        let threads = client
            .uid_thread(ThreadAlgorithm::References, "FROM carol")
            .await
            .unwrap();
        assert_eq!(threads.messages().len(), 1);
    })
    .await;
}

fn esearch(reply: Reply) -> Esearch<'static> {
    let mut found = reply.data.into_iter().filter_map(|data| match data {
        Data::Esearch(found) => Some(found),
        _ => None,
    });
    let first = found.next().expect("an ESEARCH response");
    assert!(first.correlator.tag.is_some());
    first
}
