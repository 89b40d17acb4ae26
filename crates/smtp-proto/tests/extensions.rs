//! Our client and our server with all extensions that both speak, over pipes of any width.

mod common;

use common::{MailHost, UserAgent, client_config, server};
use mail_testing::{Transcript, converse};
use smtp_proto::Client;

/// What the host was told and got, in pipes of several widths.
fn talk(settings: &str) -> MailHost {
    let transcript = Transcript::parse("a pair", settings);
    let mut hosts = [1, 7, 64, 4096].map(|capacity| {
        let (mut server, mut host) = (server(&transcript), MailHost::new(&transcript));
        let (mut client, mut agent) = (Client::new(client_config(&transcript)), UserAgent::new(&transcript));
        converse((&mut client, &mut agent), (&mut server, &mut host), capacity);
        host
    });
    for host in &hosts[1..] {
        assert_eq!((&host.log, &host.messages), (&hosts[0].log, &hosts[0].messages));
    }
    std::mem::take(&mut hosts[0])
}

/// docs/threats.md rows 22 and 24: TLS, then AUTH with an initial response, then a binary message in chunks of 16 octets.
#[test]
fn tls_authentication_and_chunks() {
    let host = talk(
        "@ offers chunking binarymime starttls dsn limits auth-required\n\
         @ auth PLAIN\n@ sasl success\n\
         @ chunking always\n@ chunk 16\n@ content looked-at\n\
         @ body two nuls: \\0\\0\n@ body .\n@ body and a line that is longer than a chunk\n\
         @ do hello\n@ do starttls\n@ do hello\n@ do auth PLAIN \\0bob\\0hungry\n\
         @ do send alice@crepes.example to bob@hamburger.example carol@hamburger.example\n@ do quit\n",
    );
    assert_eq!(
        host.messages,
        [b"two nuls: \0\0\r\n.\r\nand a line that is longer than a chunk\r\n"]
    );
    let log = host.log.join("\n");
    assert!(log.contains("BODY=BINARYMIME") && log.contains("auth PLAIN"), "{log}");
}

/// A challenge and its response, and DSN parameters.
#[test]
fn challenges_and_reports() {
    let host = talk(
        "@ arrival secured\n@ offers chunking dsn\n@ auth LOGIN\n@ sasl challenge Username:\n@ sasl success\n\
         @ mail-parameter RET HDRS\n@ rcpt-parameter NOTIFY DELAY\n@ body Hello.\n\
         @ do hello\n@ do auth LOGIN\n@ do respond bob\n\
         @ do send alice@crepes.example to bob@hamburger.example\n@ do quit\n",
    );
    assert_eq!(host.messages, [b"Hello.\r\n"]);
    let log = host.log.join("\n");
    assert!(
        log.contains("RET=HDRS") && log.contains("NOTIFY=DELAY") && log.contains("response bob"),
        "{log}"
    );
}

/// RFC 2033 §4: one result for each recipient, with DATA and with chunks.
#[test]
fn local_delivery() {
    for chunking in ["always", "never"] {
        let host = talk(&format!(
            "@ lmtp\n@ offers chunking\n@ chunking {chunking}\n@ message-for 1 452 4.2.2 Mailbox full\n@ body Hello.\n\
             @ do hello\n@ do send alice@crepes.example to bob@hamburger.example carol@hamburger.example\n@ do quit\n"
        ));
        assert!(
            host.log.ends_with(&["message for 0".into(), "message for 1".into()]),
            "{:?}",
            host.log
        );
    }
}

/// RFC 6531: a message with UTF-8 in its header.
#[test]
fn international_mail() {
    let host = talk(
        "@ offers smtputf8 chunking\n@ content looked-at\n@ body Subject: Grüße\n@ body \n@ body hier\n\
         @ do hello\n@ do send alice@crepes.example to bob@hamburger.example\n@ do quit\n",
    );
    assert_eq!(host.messages.len(), 1);
    assert!(host.log.iter().any(|line| line.contains("SMTPUTF8")), "{:?}", host.log);
}
