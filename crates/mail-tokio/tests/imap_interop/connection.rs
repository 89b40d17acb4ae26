//! What is between the commands: literals, pipelining, compression.

use imap_proto::client::Event;
use imap_proto::{Command, Condition, Data};
use mail_tokio::imap::Client;
use mail_wire::Step;

use crate::support::{LUNCH, command, connect, each_way, inbox, plaintext, run};

/// Commands in flight at once.
const MANY: usize = 1_000;

#[tokio::test]
async fn pipelines() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH]).await;
        let texts = [
            "NOOP",
            "UID FETCH 1 (FLAGS)",
            "UID SEARCH ALL",
            "UID STORE 1 +FLAGS.SILENT (\\Seen)",
        ];
        for index in 0..MANY {
            client
                .driver()
                .machine_mut()
                .submit(command(texts[index % texts.len()]))
                .unwrap();
        }
        let (mut done, mut fetched, mut found) = (0, 0, 0);
        while done < MANY {
            match client.driver().step().await.unwrap() {
                Step::Event(Event::Done(_, status)) => {
                    assert_eq!(status.condition, Condition::Ok, "{status:?}");
                    done += 1;
                }
                Step::Event(Event::FetchBegan(..)) => fetched += 1,
                Step::Event(Event::Data(data)) if matches!(*data, Data::Search(_)) => found += 1,
                Step::Event(Event::Invalid(invalid)) => panic!("{invalid:?}"),
                Step::Event(_) => {}
                step => panic!("{step:?}"),
            }
        }
        assert!(fetched >= MANY / 4, "{fetched}");
        assert_eq!(found, MANY / 4);
        client.logout().await.unwrap();
    })
    .await;
}

/// A password with a quote, a mailbox in a literal, a search for two lines: with LITERAL+, and without.
#[tokio::test]
async fn sends_literals_of_both_kinds() {
    each_way(async |server| {
        // Before login Dovecot's LITERAL+ is known from the greeting.
        let mut client = Client::connect(server.address, plaintext()).await.unwrap();
        let user = server.user();
        let text = format!("LOGIN {{{}+}}\r\n{user} {{6+}}\r\nhungry", user.len());
        let Command::Login(login) = command(&text) else {
            panic!()
        };
        client.run(Command::Login(login)).await.unwrap();
        client.create("Caf\u{e9} \"quoted\" \\ &").await.unwrap();
        let listed = client.list("", "*").await.unwrap();
        assert!(
            listed
                .iter()
                .any(|one| one.mailbox.to_text() == "Caf\u{e9} \"quoted\" \\ &"),
            "{listed:?}"
        );
        client
            .append("INBOX", [], None, LUNCH.len() as u64, LUNCH)
            .await
            .unwrap();
        client.select("INBOX").await.unwrap();
        // Other than ASCII needs a literal.
        assert_eq!(client.search("SUBJECT {5}\r\nL\u{fc}nc").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn compresses() {
    each_way(async |server| {
        let mut client = connect(server).await;
        client.compress().await.unwrap();
        let large = [LUNCH, &b"The same line again and again.\r\n".repeat(20_000)].concat();
        client
            .append("INBOX", [], None, large.len() as u64, &large[..])
            .await
            .unwrap();
        client.select("INBOX").await.unwrap();
        let messages = client.fetch_all("1", "BODY.PEEK[]").await.unwrap();
        assert!(messages[0].items()[0].data().unwrap().held() == Some(&large[..]));
        for _ in 0..20 {
            run(&mut client, "UID FETCH 1:* (FLAGS ENVELOPE)").await;
        }
        let again = client.compress().await;
        assert!(again.is_err(), "{again:?}");
        client.logout().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn is_told_no() {
    each_way(async |server| {
        let mut client = connect(server).await;
        let error = client.select("Nowhere").await.unwrap_err();
        let mail_tokio::imap::ClientError::Refused(status) = error else {
            panic!("{error}")
        };
        assert_eq!(status.condition, Condition::No);
        // Not sent: nothing is selected.
        assert!(client.search("ALL").await.is_err());
        client.noop().await.unwrap();
    })
    .await;
}
