//! Every item of a message.

use std::num::NonZeroU32;

use imap_proto::{BodyKind, Data, Fetch, FetchItem, PartPath};
use mail_tokio::imap::{Client, Reply};

use crate::support::{LUNCH, REPORT, each_way, inbox, run};

#[tokio::test]
async fn fetches_every_item() {
    each_way(async |server| {
        let mut client = inbox(server, &[NESTED, LUNCH]).await;
        let all = one(run(
            &mut client,
            "FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE MODSEQ SAVEDATE PREVIEW)",
        )
        .await);
        assert_eq!(all.items().len(), 10, "{all:?}");
        for item in all.items() {
            match item {
                FetchItem::Envelope(envelope) => {
                    assert_eq!(
                        envelope.message_id.as_ref().unwrap().as_bytes(),
                        b"<nested@crepes.example>"
                    );
                    assert_eq!(envelope.from()[0].mailbox.as_ref().unwrap().as_bytes(), b"alice");
                    // A group with two members: its begin, they, its end.
                    assert_eq!(envelope.to().len(), 4, "{envelope:?}");
                }
                FetchItem::Preview(preview) => assert!(preview.is_some()),
                FetchItem::SaveDate(date) => assert!(date.is_some()),
                FetchItem::Rfc822Size(size) => assert_eq!(*size, NESTED.len() as u64),
                FetchItem::Invalid { .. } | FetchItem::Other { .. } => panic!("{item:?}"),
                _ => {}
            }
        }
        for macro_ in ["ALL", "FAST", "FULL"] {
            run(&mut client, &format!("FETCH 1:2 {macro_}")).await;
        }
        assert_eq!(client.uid_fetch_all("1:*", "(PREVIEW (LAZY))").await.unwrap().len(), 2);
        client.logout().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sees_nested_parts() {
    each_way(async |server| {
        let mut client = inbox(server, &[NESTED]).await;
        let fetch = one(run(&mut client, "FETCH 1 BODYSTRUCTURE").await);
        let FetchItem::BodyStructure(structure) = &fetch.items()[0] else {
            panic!("{fetch:?}")
        };
        let seen: Vec<_> = structure
            .numbered()
            .map(|(path, node)| {
                let kind = match node.part().kind() {
                    BodyKind::Multipart => "multipart",
                    BodyKind::Message { .. } => "message",
                    BodyKind::Text { .. } => "text",
                    BodyKind::Basic => "basic",
                    _ => "?",
                };
                format!("{path} {kind}")
            })
            .collect();
        assert_eq!(
            seen,
            ["1 multipart", "1.1 text", "1.2 text", "2 message", "2.1 text"].map(String::from)
        );
    })
    .await;
}

/// Each section, and a window of it, against what the message is.
#[tokio::test]
async fn fetches_sections() {
    each_way(async |server| {
        let mut client = inbox(server, &[NESTED, REPORT]).await;
        let text = std::str::from_utf8(NESTED).unwrap();
        let header_end = text.find("\r\n\r\n").unwrap() + 4;
        let inner = text.find("From: Carol").unwrap();
        let inner_end = text.find("\r\n--outer--").unwrap();
        let cases: &[(&str, &str)] = &[
            ("BODY[]", text),
            ("BODY.PEEK[]<10.20>", &text[10..30]),
            ("BODY.PEEK[]<100000.5>", ""),
            ("BODY.PEEK[HEADER]", &text[..header_end]),
            ("BODY.PEEK[TEXT]", &text[header_end..]),
            ("BODY.PEEK[TEXT]<3.4>", &text[header_end + 3..header_end + 7]),
            (
                "BODY.PEEK[HEADER.FIELDS (Subject \"X-None\")]",
                "Subject: Nested\r\n\r\n",
            ),
            ("BODY.PEEK[1.1]", "Plain.\r\n"),
            (
                "BODY.PEEK[1.2.MIME]",
                "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            ),
            ("BODY.PEEK[1.2]", "<p>caf=C3=A9</p>\r\n"),
            ("BODY.PEEK[2]", &text[inner..inner_end]),
            ("BODY.PEEK[2.HEADER.FIELDS.NOT (From To)]", "Subject: Inner\r\n\r\n"),
            ("BODY.PEEK[2.TEXT]", "Inside.\r\n"),
            ("BODY.PEEK[2.1]", "Inside.\r\n"),
            ("BINARY.PEEK[1.2]", "<p>caf\u{e9}</p>\r\n"),
            ("BINARY.PEEK[1.2]<3.3>", "caf"),
            ("RFC822.HEADER", &text[..header_end]),
            ("RFC822.TEXT", &text[header_end..]),
            ("RFC822", text),
        ];
        for (attribute, wanted) in cases {
            let fetch = one(run(&mut client, &format!("FETCH 1 ({attribute})")).await);
            let octets = octets(&fetch);
            assert_eq!(String::from_utf8_lossy(octets), *wanted, "{attribute}: {fetch:?}");
        }
        let fetch = one(run(&mut client, "FETCH 1 BINARY.SIZE[1.2]").await);
        let size = fetch.items().iter().find_map(|item| match item {
            FetchItem::BinarySize { part, size } => Some((part.clone(), *size)),
            _ => None,
        });
        let part = [1, 2].map(|number| NonZeroU32::new(number).unwrap());
        let part = PartPath::new(part.try_into().unwrap());
        assert_eq!(size, Some((Some(part), "<p>caf\u{e9}</p>\r\n".len() as u64)));
        // A part that is not there.
        let fetch = one(run(&mut client, "FETCH 1 BODY.PEEK[9]").await);
        assert!(fetch.items()[0].data().is_none_or(|data| data.is_empty()), "{fetch:?}");
        eight_bits(&mut client).await;
    })
    .await;
}

async fn eight_bits(client: &mut Client) {
    let fetched = client.fetch_all("2", "BODY.PEEK[]").await.unwrap();
    assert_eq!(octets(&fetched[0]), REPORT);
}

/// NUL is in no literal; BINARY has it (RFC 3516 §4.2).
#[tokio::test]
async fn binary_delivers_nul() {
    each_way(async |server| {
        let mut client = inbox(server, &[NUL]).await;
        let fetch = one(run(&mut client, "FETCH 1 BINARY.PEEK[1]").await);
        assert_eq!(octets(&fetch), b"a\0b");
    })
    .await;
}

/// URLs of messages, for others (RFC 4467).
#[tokio::test]
async fn gives_urls_away() {
    each_way(async |server| {
        let mut client = inbox(server, &[LUNCH]).await;
        let user = server.user();
        let rump = format!("imap://{user}@localhost/INBOX/;UID=1;URLAUTH=user+{user}");
        let reply = run(&mut client, &format!("GENURLAUTH \"{rump}\" INTERNAL")).await;
        let [Data::GenUrlAuth(urls)] = &reply.data[..] else {
            panic!("{reply:?}")
        };
        assert!(urls[0].to_text().starts_with(&rump), "{urls:?}");
        let url = urls[0].to_text().into_owned();
        let reply = run(&mut client, &format!("URLFETCH \"{url}\"")).await;
        assert!(matches!(&reply.data[..], [Data::UrlFetch(_)]), "{reply:?}");
        let reply = run(&mut client, &format!("URLFETCH (\"{url}\" BODYPARTSTRUCTURE BINARY)")).await;
        assert!(matches!(&reply.data[..], [Data::UrlFetch(_)]), "{reply:?}");
        run(&mut client, "RESETKEY INBOX INTERNAL").await;
    })
    .await;
}

fn one(reply: Reply) -> Fetch<'static> {
    let mut fetches = reply.data.into_iter().filter_map(|data| match data {
        Data::Fetch(fetch) => Some(fetch),
        _ => None,
    });
    let first = fetches.next().expect("a message was fetched");
    assert!(fetches.next().is_none());
    first
}

fn octets<'f>(fetch: &'f Fetch<'static>) -> &'f [u8] {
    let mut data = fetch.items().iter().filter_map(FetchItem::data);
    data.next().unwrap().held().unwrap()
}

const NESTED: &[u8] = b"\
From: \"Alice \\\"the cook\\\"\" <alice@crepes.example>\r\n\
To: friends: bob@hamburger.example, carol@hamburger.example;\r\n\
Date: Mon, 5 Oct 2026 09:00:00 +0200\r\n\
Message-ID: <nested@crepes.example>\r\n\
Subject: Nested\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=outer\r\n\
\r\n\
--outer\r\n\
Content-Type: multipart/alternative; boundary=\"in ner\"\r\n\
\r\n\
--in ner\r\n\
Content-Type: text/plain\r\n\
\r\n\
Plain.\r\n\
\r\n\
--in ner\r\n\
Content-Type: text/html\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
<p>caf=C3=A9</p>\r\n\
\r\n\
--in ner--\r\n\
--outer\r\n\
Content-Type: message/rfc822\r\n\
Content-Disposition: attachment; filename=\"inner.eml\"\r\n\
\r\n\
From: Carol <carol@hamburger.example>\r\n\
To: alice@crepes.example\r\n\
Subject: Inner\r\n\
\r\n\
Inside.\r\n\
\r\n\
--outer--\r\n";

const NUL: &[u8] = b"\
From: alice@crepes.example\r\n\
MIME-Version: 1.0\r\n\
Content-Type: application/octet-stream\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
YQBi\r\n";
