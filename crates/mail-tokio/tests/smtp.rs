//! The SMTP client against servers that follow a script.

use std::net::SocketAddr;

use mail_sasl::{Credentials, Mechanism, Policy};
use mail_tokio::smtp::{Client, ClientError, Mailer, MailerError};
use mail_tokio::tls::{Tls, TlsError};
use mail_tokio::{Error, LoginError};
use mail_wire::Misuse;
use smtp_proto::Mailbox;
use smtp_proto::client::{Config, Delivery, Envelope, Failure, NotTried, Protocol, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the client has to say, and what is answered; the first answer is the greeting.
type Script = &'static [(&'static str, &'static str)];

/// Plays a script once. The handle fails when the client says other things.
async fn play(script: Script) -> (SocketAddr, JoinHandle<()>) {
    play_all(vec![script.to_vec()]).await
}

/// Plays each script with one connection. What is answered with nothing is the last that is heard of it.
async fn play_all(scripts: Vec<Vec<(&'static str, &'static str)>>) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let played = tokio::spawn(async move {
        for script in scripts {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let hangs_up = script.last().is_some_and(|(_, answer)| answer.is_empty());
            for (expected, answer) in script {
                let mut said = vec![0; expected.len()];
                stream.read_exact(&mut said).await.expect(expected);
                assert_eq!(String::from_utf8_lossy(&said), expected);
                stream.write_all(answer.as_bytes()).await.expect("an open connection");
            }
            if !hangs_up {
                let mut rest = String::new();
                let _ = stream.read_to_string(&mut rest).await;
                assert_eq!(rest, "", "no more is said");
            }
        }
    });
    (address, played)
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().expect("a mailbox")
}

fn envelope(recipients: &[&str]) -> Envelope {
    let recipients = recipients.iter().map(|text| mailbox(text));
    Envelope::new(mailbox("alice@crepes.example"), recipients).expect("recipients")
}

fn named() -> Config {
    Config::new("laptop.example".parse().expect("a name"))
}

fn alice() -> Credentials {
    Credentials::password("alice", "sesame").expect("a name")
}

/// design: a client that has no name says its address; what a message needs is found out.
#[tokio::test]
async fn a_message_is_described_and_sent() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        ("EHLO [127.0.0.1]\r\n", "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE\r\n"),
        (
            "MAIL FROM:<alice@crepes.example> SIZE=9 BODY=8BITMIME\r\nRCPT TO:<bob@x.example>\r\nRCPT TO:<carol@x.example>\r\nDATA\r\n",
            "250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n",
        ),
        ("\r\n..Grü\r\n.\r\n", "250 queued\r\n"),
        ("QUIT\r\n", "221 bye\r\n"),
    ])
    .await;
    let mut client = Client::connect(address, Tls::never()).await.expect("a session");
    let message = "\r\n.Grü\r\n".as_bytes();
    let outcome = client
        .send(&envelope(&["bob@x.example", "carol@x.example"]), message)
        .await
        .expect("an outcome");
    let results: Vec<_> = outcome.results().collect();
    assert!(results[0].is_ok() && !results[1].as_ref().unwrap_err().is_transient());
    client.quit().await.expect("in order");
    played.await.expect("the script");
}

/// docs/threats.md row 6: neither a password over plaintext, unless it is allowed by name, nor a session without the TLS
/// that is required.
#[tokio::test]
async fn secrets_wait_for_tls() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 AUTH PLAIN LOGIN\r\n"),
        ("AUTH PLAIN AGFsaWNlAHNlc2FtZQ==\r\n", "235 in\r\n"),
        ("NOOP\r\n", "250 ok\r\n"),
    ])
    .await;
    let mut client = Client::connect(address, named()).await.expect("a session");
    let refused = client.login(&alice()).await.unwrap_err();
    assert!(
        matches!(refused, ClientError::Login(LoginError::NoMechanism(_))),
        "{refused}"
    );
    let lax = Policy::default().allow_plaintext(Mechanism::Plain);
    client.login_with(&alice(), &lax).await.expect("the script lets her in");
    client.noop().await.expect("a session");
    drop(client);
    played.await.expect("the script");

    let script: Script = &[
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 AUTH PLAIN\r\n"),
    ];
    let (address, played) = play(script).await;
    let missing = Client::connect(address, (Tls::required(), named())).await.unwrap_err();
    assert!(
        matches!(missing, ClientError::Session(Error::Tls(TlsError::NotOffered))),
        "{missing}"
    );
    played.await.expect("the script");
}

/// Opportunistic TLS goes without where it is not offered, or taken back.
#[tokio::test]
async fn opportunistic_tls_is_no_condition() {
    for script in [
        &[
            ("", "220 mx ready\r\n"),
            ("EHLO laptop.example\r\n", "250 mx\r\n"),
            ("NOOP\r\n", "250 ok\r\n"),
        ][..],
        &[
            ("", "220 mx ready\r\n"),
            ("EHLO laptop.example\r\n", "250-mx\r\n250 STARTTLS\r\n"),
            ("STARTTLS\r\n", "454 4.7.0 not now\r\n"),
            ("NOOP\r\n", "250 ok\r\n"),
        ],
    ] {
        let (address, played) = play(script).await;
        let mut client = Client::connect(address, (Tls::opportunistic(), named()))
            .await
            .expect("a session");
        assert!(!client.is_secured() && client.tls().is_none());
        client.noop().await.expect("a session");
        drop(client);
        played.await.expect("the script");
    }
}

/// docs/threats.md row 19: a server that does not know what it should is left by `*`, and the session stays in order.
#[tokio::test]
async fn an_exchange_that_goes_wrong_is_cancelled() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 AUTH CRAM-MD5 LOGIN\r\n"),
        ("AUTH CRAM-MD5\r\n", "334 \r\n"),
        ("*\r\n", "501 5.7.0 cancelled\r\n"),
        ("AUTH CRAM-MD5\r\n", "504 5.5.4 not any more\r\n"),
        ("NOOP\r\n", "250 ok\r\n"),
    ])
    .await;
    let mut client = Client::connect(address, named()).await.expect("a session");
    let wrong = client.login(&alice()).await.unwrap_err();
    assert!(matches!(wrong, ClientError::Login(LoginError::Exchange(_))), "{wrong}");
    let refused = client.login(&alice()).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::Refused(reply) if reply.code().number() == 504),
        "{refused}"
    );
    client.noop().await.expect("a session");
    drop(client);
    played.await.expect("the script");
}

/// RFC 2033 §4.2: a result for each recipient.
#[tokio::test]
async fn lmtp_is_a_configuration() {
    let (address, played) = play(&[
        ("", "220 store ready\r\n"),
        ("LHLO laptop.example\r\n", "250-store\r\n250 PIPELINING\r\n"),
        (
            "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<bob@x.example>\r\nRCPT TO:<carol@x.example>\r\nDATA\r\n",
            "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
        ),
        ("Hi.\r\n.\r\n", "250 delivered\r\n452 4.2.2 full\r\n"),
    ])
    .await;
    let mut config = named();
    config.protocol = Protocol::Lmtp;
    let mut client = Client::connect(address, config).await.expect("a session");
    let outcome = client
        .send(&envelope(&["bob@x.example", "carol@x.example"]), b"Hi.\r\n")
        .await
        .expect("an outcome");
    let results: Vec<_> = outcome.results().collect();
    assert!(results[0].is_ok() && results[1].as_ref().unwrap_err().is_transient());
    drop(client);
    played.await.expect("the script");
}

/// RFC 9422 §4.2 and RFC 5321 §4.5.3.1.10: whom the server will not take at once it takes in another transaction.
#[tokio::test]
async fn recipients_that_are_too_many_come_next() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        (
            "EHLO laptop.example\r\n",
            "250-mx\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=2\r\n",
        ),
        (
            "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n",
            "250 ok\r\n250 ok\r\n452 4.5.3 one only\r\n354 go\r\n",
        ),
        ("Hi.\r\n.\r\n", "250 first\r\n"),
        (
            "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n",
            "250 ok\r\n250 ok\r\n550 5.1.1 who\r\n354 go\r\n",
        ),
        ("Hi.\r\n.\r\n", "250 second\r\n"),
    ])
    .await;
    let mut client = Client::connect(address, named()).await.expect("a session");
    let everybody = envelope(&["a@x.example", "b@x.example", "c@x.example"]);
    let outcome = client.send(&everybody, b"Hi.\r\n").await.expect("an outcome");
    let results: Vec<String> = outcome
        .results()
        .map(|result| result.map_or_else(|failure| failure.to_string(), |reply| reply.to_string()))
        .collect();
    assert_eq!(results, ["250 first", "250 second", "refused at RCPT: 550 5.1.1 who"]);
    drop(client);
    played.await.expect("the script");
}

/// A streamed message goes in chunks, and a refusal in its midst ends it; the session goes on.
#[tokio::test]
async fn a_stream_is_cut_short_by_a_refused_chunk() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 CHUNKING\r\n"),
        ("MAIL FROM:<alice@crepes.example>\r\n", "250 ok\r\n"),
        ("RCPT TO:<bob@x.example>\r\n", "250 ok\r\n"),
        ("BDAT 16\r\nsixteen octets\r\n", "452 4.3.1 full\r\n"),
        ("RSET\r\n", "250 ok\r\n"),
        ("NOOP\r\n", "250 ok\r\n"),
    ])
    .await;
    let mut config = named();
    config.limits.chunk = 16;
    let mut client = Client::connect(address, config).await.expect("a session");
    let message = b"sixteen octets\r\n".repeat(10_000);
    let outcome = client
        .send_from(envelope(&["bob@x.example"]), &message[..])
        .await
        .expect("an outcome");
    let failure = outcome.results().next().unwrap().unwrap_err();
    assert_eq!((failure.stage, failure.is_transient()), (Stage::Message, true));
    assert!(client.machine().is_reusable());
    client.noop().await.expect("a session");
    drop(client);
    played.await.expect("the script");
}

/// What cannot be sent is told before anything is; all or none may be asked for.
#[tokio::test]
async fn what_cannot_be_sent_is_not_begun() {
    let (address, played) = play(&[
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 SIZE 20\r\n"),
        ("MAIL FROM:<alice@crepes.example> SIZE=3\r\n", "250 ok\r\n"),
        ("RCPT TO:<bob@x.example>\r\n", "250 ok\r\n"),
        ("RCPT TO:<carol@x.example>\r\n", "450 busy\r\n"),
        ("RSET\r\n", "250 ok\r\n"),
    ])
    .await;
    let mut client = Client::connect(address, named()).await.expect("a session");
    let to = envelope(&["bob@x.example", "carol@x.example"]);
    let bare = Misuse::BareLineEnd { offset: 1 };
    let large = Misuse::TooLarge { size: 30, limit: 20 };
    let eight_bit = Misuse::NotOffered { extension: "8BITMIME" };
    for (message, why) in [(&b"a\nb"[..], bare), (&[b'x'; 30], large), (b"\r\n\xff\r\n", eight_bit)] {
        let refused = client.send(&to, message).await.unwrap_err();
        assert!(
            matches!(&refused, ClientError::Session(Error::Misuse(misuse)) if *misuse == why),
            "{refused}"
        );
    }
    let outcome = client
        .send(&to.with_delivery(Delivery::AllOrNone), b"a\r\n")
        .await
        .expect("an outcome");
    let stages: Vec<Stage> = outcome
        .results()
        .map(|result| result.unwrap_err())
        .map(|f: Failure| f.stage)
        .collect();
    assert_eq!(stages, [Stage::NotTried(NotTried::Withdrawn), Stage::Recipient]);
    drop(client);
    played.await.expect("the script");
}

const LETTER: &[u8] = b"From: alice@crepes.example\r\nTo: bob@x.example\r\nBcc: carol@x.example\r\n\r\nHi.\r\n";

/// The lines of one transaction of `LETTER`, without its Bcc.
const ENVELOPE: &str =
    "MAIL FROM:<alice@crepes.example>\r\nRCPT TO:<bob@x.example>\r\nRCPT TO:<carol@x.example>\r\nDATA\r\n";
const SENT: &str = "From: alice@crepes.example\r\nTo: bob@x.example\r\n\r\nHi.\r\n.\r\n";

/// A kept connection that is lost before anything of the message went over it is replaced; one that is lost later is not,
/// since the server may have the message.
#[tokio::test]
async fn a_mailer_replaces_what_was_kept_in_vain() {
    let accepted = "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n";
    let hello = [
        ("", "220 mx ready\r\n"),
        ("EHLO laptop.example\r\n", "250-mx\r\n250 PIPELINING\r\n"),
    ];
    let (first, rest) = (hello, hello);
    let script = vec![
        // The second message finds the connection lost as it begins.
        [
            &first[..],
            &[(ENVELOPE, accepted), (SENT, "250 queued\r\n"), (ENVELOPE, "")],
        ]
        .concat(),
        // The third is lost behind its end.
        [
            &rest[..],
            &[
                (ENVELOPE, accepted),
                (SENT, "250 queued\r\n"),
                (ENVELOPE, accepted),
                (SENT, ""),
            ],
        ]
        .concat(),
    ];
    let (address, played) = play_all(script).await;
    let mailer = Mailer::new(address, named()).expect("an address");
    for _ in 0..2 {
        let sent = mailer.send(LETTER).await.expect("sent");
        assert!(sent.is_complete_success());
    }
    let lost = mailer.send(LETTER).await.unwrap_err();
    assert!(matches!(lost, MailerError::Client(ClientError::Session(_))), "{lost}");
    played.await.expect("the script");
}

#[tokio::test]
async fn a_message_without_recipients_is_not_sent() {
    let mailer = Mailer::new("127.0.0.1:9", named()).expect("an address");
    let refused = mailer
        .send(b"From: alice@crepes.example\r\n\r\nHi.\r\n")
        .await
        .unwrap_err();
    assert!(matches!(refused, MailerError::Message(_)), "{refused}");
}
