//! Our client and our server in one process, with what Dovecot has not: IMAP4rev2, and literals that wait.

use imap_proto::{Capability, Data, Flag, StoreAction};
use mail_tokio::imap::Client;

use crate::memory::Memory;
use crate::support::{ANSWER, LUNCH, command, numbers, plaintext};

#[tokio::test]
async fn rev2() {
    let memory = Memory::with(&[LUNCH, ANSWER]);
    let mut client = Client::connect(memory.serve().await, plaintext()).await.unwrap();
    client.login("bob", "hungry").await.unwrap();
    let enabled = client.enable([Capability::fixed("IMAP4rev2")]).await.unwrap();
    assert_eq!(enabled.len(), 1);
    client.create("Caf\u{e9}").await.unwrap();
    let listed = client.list("", "Caf*").await.unwrap();
    assert_eq!(listed[0].mailbox.to_text(), "Caf\u{e9}");
    let selected = client.select("INBOX").await.unwrap();
    assert_eq!((selected.exists, selected.recent), (2, None));
    // Without asking for it, SEARCH is answered with ESEARCH.
    let reply = client.run(command("SEARCH ALL")).await.unwrap();
    assert!(matches!(&reply.data[..], [Data::Esearch(_)]), "{reply:?}");
    assert_eq!(numbers(client.uid_search("SUBJECT lunch").await.unwrap()), [1]);
    client.logout().await.unwrap();
}

#[tokio::test]
async fn waits_for_each_literal() {
    let memory = Memory::with(&[]);
    let offers = ["IMAP4rev1", "SASL-IR"].map(Capability::fixed);
    let mut client = Client::connect(memory.offering(offers.into()).await, plaintext())
        .await
        .unwrap();
    let login = command("LOGIN bob {6}\r\nhungry");
    client.run(login).await.unwrap();
    let large = [LUNCH, &b"Line after line after line.\r\n".repeat(40_000)].concat();
    for message in [LUNCH, &large] {
        let flags = [Flag::Flagged];
        client
            .append("INBOX", flags, None, message.len() as u64, message)
            .await
            .unwrap()
            .unwrap();
    }
    let lost = client.append("Nowhere", [], None, large.len() as u64, &large[..]).await;
    assert!(lost.is_err());
    client.select("INBOX").await.unwrap();
    // An umlaut makes a literal.
    assert_eq!(
        numbers(client.search("SUBJECT {6}\r\nL\u{fc}nch").await.unwrap()),
        [0_u32; 0]
    );
    let fetched = client.fetch_all("1:2", "(FLAGS BODY[])").await.unwrap();
    let octets = |at: usize| {
        fetched[at]
            .items()
            .iter()
            .find_map(|item| item.data())
            .unwrap()
            .held()
            .unwrap()
    };
    assert!(octets(0) == LUNCH && octets(1) == large);
    client.store("1", StoreAction::Add, [Flag::Deleted]).await.unwrap();
    client.expunge().await.unwrap();
    assert_eq!(client.news().take(), Some(Data::Expunge(std::num::NonZeroU32::MIN)));
    client.logout().await.unwrap();
}

/// Nobody reads a message that is sent before login.
#[tokio::test]
async fn takes_no_message_from_strangers() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let memory = Memory::with(&[]);
    let stream = tokio::net::TcpStream::connect(memory.serve().await).await.unwrap();
    let mut stream = BufReader::new(stream);
    stream
        .write_all(b"A APPEND INBOX {5}\r\nB APPEND INBOX {5+}\r\nhello\r\nC LOGIN bob hungry\r\n")
        .await
        .unwrap();
    let mut said = Vec::new();
    for _ in 0..4 {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        said.push(line);
    }
    assert!(
        said[1].starts_with("A BAD ") && said[2].starts_with("B BAD "),
        "{said:?}"
    );
    assert!(memory.state().mailboxes["INBOX"].is_empty());
}
