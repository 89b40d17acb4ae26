//! Our client and our server together, with what the extensions add: chunks, LMTP, AUTH and STARTTLS.

mod common;

use std::sync::Arc;

use common::{MailHost, UserAgent};
use mail_testing::oracle;
use mail_testing::{Rest, Side, Transcript, converse};
use mail_wire::{BareLineEnds, Upload};
use smtp_proto::client::{self, Chunking, Content, Envelope, Event, Outcome, Pipelining};
use smtp_proto::server::{self, StartTls};
use smtp_proto::{BodyType, Client, Mailbox, Server};

fn server_config(change: impl FnOnce(&mut server::Config)) -> Arc<server::Config> {
    let mut config = server::Config::new("mx.hamburger.example".parse().expect("a name"));
    config.offers.chunking = true;
    config.offers.binary_mime = true;
    change(&mut config);
    Arc::new(config)
}

fn client_config(change: impl FnOnce(&mut client::Config)) -> client::Config {
    let mut config = client::Config::new("crepes.example".parse().expect("a name"));
    config.chunking = Chunking::Always;
    change(&mut config);
    config
}

/// docs/threats.md row 2, by BDAT: whatever the caller gives, the server reads one message, with the line ends of DATA; in
/// chunks of any size.
#[test]
fn chunks_smuggle_nothing() {
    let config = server_config(|_| {});
    for bare in [BareLineEnds::Allow, BareLineEnds::Refuse] {
        for content in oracle::strings(b".\r\nx", 5) {
            for chunk in [1, 3, 100] {
                let mut client = Client::new(client_config(|config| {
                    config.bare_line_ends = bare;
                    config.limits.chunk = chunk;
                }));
                let mut agent = UserAgent::scripted(&["hello", "send <> to b@c.example", "quit"], &content);
                let (mut server, mut host) = (Server::new(config.clone()), MailHost::default());
                let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 64);
                if bare == BareLineEnds::Refuse && oracle::has_bare_line_end(&content) {
                    assert!(host.messages.is_empty(), "{content:?}");
                    assert!(
                        matches!(dialogue.client, Rest::Failed(client::Error::BareLineEnd { .. })),
                        "{content:?}"
                    );
                } else {
                    assert_eq!(host.messages, [oracle::normalised(&content)], "{content:?}");
                    assert_eq!(dialogue.client, Rest::Closed, "{content:?}");
                }
            }
        }
    }
}

/// A message of any octets, cut anyhow by its caller.
struct Sender {
    config: Option<Envelope>,
    message: Vec<u8>,
    piece: usize,
    sent: usize,
    outcome: Outcome,
}

impl mail_testing::Application<Client> for Sender {
    fn event(&mut self, machine: &mut Client, event: Event) {
        if let Event::Greeting(_) = event {
            machine.hello().expect("behind the greeting");
        }
        self.outcome.record(&event);
    }

    fn need_body(&mut self, machine: &mut Client) {
        if self.sent == 0 {
            machine
                .begin_body(Some(self.message.len() as u64))
                .expect("a body is wanted");
        }
        let end = self.message.len().min(self.sent + self.piece);
        self.sent += machine.write_body(&self.message[self.sent..end]).expect("any octets");
        if self.sent == self.message.len() {
            machine.finish_body().expect("all of it");
        }
    }

    fn need_answer(&mut self, machine: &mut Client) -> bool {
        let envelope = self.config.take();
        envelope
            .map(|envelope| machine.transaction(envelope).expect("offered"))
            .is_some()
    }
}

fn sender(message: Vec<u8>, piece: usize) -> Sender {
    let mailbox = |text: &str| text.parse::<Mailbox>().expect("a mailbox");
    let envelope = Envelope::new(mailbox("a@b.example"), [mailbox("c@d.example")]).expect("a recipient");
    let content = Content::unknown()
        .with_size(message.len() as u64)
        .with_body(BodyType::BinaryMime);
    Sender {
        config: Some(envelope.with_content(content)),
        message,
        piece,
        sent: 0,
        outcome: Outcome::new(1),
    }
}

/// docs/threats.md row 24: 100,000 chunks over pipes of 1 KiB finish, pipelined or one by one, and arrive octet by octet.
#[test]
fn a_hundred_thousand_chunks() {
    for (pipelining, count) in [(Pipelining::Allowed, 100_000usize), (Pipelining::Never, 5_000)] {
        let message: Vec<u8> = (0..count as u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let mut client = Client::new(client_config(|config| {
            config.pipelining = pipelining;
            config.limits.chunk = 1;
        }));
        let mut agent = sender(message.clone(), 1000);
        let (mut server, mut host) = (Server::new(server_config(|_| {})), MailHost::default());
        let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 1024);
        assert_eq!(dialogue.client, Rest::Idle);
        assert!(agent.outcome.is_complete_success());
        assert!(host.messages == [message]);
        assert!(client.is_reusable());
    }
}

/// The server refuses at its limit in the midst of a message; the client stops, and the session goes on.
#[test]
fn a_message_over_the_limit_is_stopped() {
    let mut client = Client::new(client_config(|config| {
        config.limits.chunk = 100;
        config.limits.output = 200;
    }));
    let mut agent = sender(vec![b'x'; 100_000], 1000);
    agent.config = agent
        .config
        .map(|envelope| envelope.with_content(Content::unknown().with_body(BodyType::BinaryMime)));
    let config = server_config(|config| config.limits.message = 1000);
    let (mut server, mut host) = (Server::new(config), MailHost::default());
    let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 256);
    assert_eq!(dialogue.client, Rest::Idle);
    let failure = agent.outcome.results().next().unwrap().unwrap_err();
    assert_eq!(failure.enhanced().unwrap().to_string(), "5.3.4");
    assert!(host.messages.is_empty() && agent.sent < 50_000, "{} sent", agent.sent);
    assert!(client.is_reusable());
}

/// RFC 2033 §4.2: a result for each, by DATA and by BDAT.
#[test]
fn lmtp_results_are_each_recipients_own() {
    let host = "@ refuse b@x.example 550 5.1.1 No such user\n@ message-for 1 452 4.2.2 Mailbox full\n";
    for chunking in [Chunking::Always, Chunking::Never] {
        let mut client = Client::new(client_config(|config| {
            config.chunking = chunking;
            config.limits.chunk = 4;
            config.protocol = client::Protocol::Lmtp;
        }));
        let script = [
            "hello",
            "send a@x.example to a@x.example b@x.example c@x.example",
            "quit",
        ];
        let mut agent = UserAgent::scripted(&script, b"Hello, all.\r\n");
        let config = server_config(|config| config.protocol = server::Protocol::Lmtp);
        let mut host = MailHost::new(&Transcript::parse("host", host));
        let dialogue = converse((&mut client, &mut agent), (&mut Server::new(config), &mut host), 64);
        assert_eq!(dialogue.client, Rest::Closed);
        let mut outcome = Outcome::new(3);
        agent.events.iter().for_each(|event| outcome.record(event));
        let results: Vec<String> = outcome
            .results()
            .map(|result| result.map_or_else(|f| f.to_string(), |_| "ok".to_owned()))
            .collect();
        let expected = [
            "ok",
            "refused at RCPT: 550 5.1.1 No such user",
            "refused at the message's end: 452 4.2.2 Mailbox full",
        ];
        assert_eq!(results, expected, "{chunking:?}");
    }
}

/// STARTTLS, then AUTH by challenges, then a message: each side forgets what was said in plaintext.
#[test]
fn a_submission_under_tls() {
    let host = "@ sasl challenge who?\n@ sasl challenge what?\n@ sasl success\n";
    let mut client = Client::new(client_config(|config| config.security = client::Security::StartTls));
    let script = [
        "hello",
        "starttls",
        "hello",
        "auth X-TALK",
        "respond alice",
        "respond sesame",
        "send a@x.example to b@x.example",
        "quit",
    ];
    let mut agent = UserAgent::scripted(&script, b"Hello.\r\n");
    let config = server_config(|config| {
        config.offers.start_tls = StartTls::Offered;
        config.offers.authentication.secured = vec!["X-TALK".parse().expect("a name")];
        config.offers.authentication.required = true;
    });
    let mut server = Server::new(config);
    let mut host = MailHost::new(&Transcript::parse("host", host));
    let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 16);
    assert_eq!(dialogue.client, Rest::Closed);
    assert_eq!(host.messages, [b"Hello.\r\n"]);
    let said = String::from_utf8(dialogue.said(Side::Client)).expect("text");
    let (plain, sealed) = said.split_once("STARTTLS\r\n").expect("it was said");
    assert_eq!(plain, "EHLO crepes.example\r\n");
    assert!(sealed.starts_with("EHLO crepes.example\r\nAUTH X-TALK\r\nYWxpY2U=\r\nc2VzYW1l\r\nMAIL FROM:"));
}
