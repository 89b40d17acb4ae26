//! Our client against our server, and what hostile peers can cost.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{MailHost, UserAgent};
use mail_testing::{Rest, Side, converse, settle};
use mail_wire::{Answers, LineFault, Machine, Misuse, Step, Upload};
use smtp_proto::client::{self, Error, Event, Outcome, Stage};
use smtp_proto::server::{self, Acceptance, Ending};
use smtp_proto::{BodyType, Client, CommandError, Expected, Limit, Mailbox, Reply, Server, SyntaxError};

fn server_config() -> server::Config {
    server::Config::new("mx.hamburger.example".parse().expect("a name"))
}

fn new_client() -> Client {
    Client::new(client::Config::new("crepes.example".parse().expect("a name")))
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().expect("a mailbox")
}

/// docs/threats.md row 24, and row 11: 100,000 pipelined recipients over pipes of 1 KiB finish.
#[test]
fn a_hundred_thousand_recipients_over_a_small_pipe() {
    const COUNT: usize = 100_000;
    let mut config = server_config();
    config.limits.recipients = COUNT as u32;
    let recipients = (0..COUNT).map(|n| mailbox(&format!("user{n}@hamburger.example")));
    let envelope = client::Envelope::new(mailbox("alice@crepes.example"), recipients).expect("recipients");
    let mut client = new_client();
    let mut agent = Bulk {
        envelope: Some(envelope),
        outcome: Outcome::new(COUNT),
    };
    let (mut server, mut host) = (Server::new(Arc::new(config)), MailHost::default());
    let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), 1024);
    assert_eq!(dialogue.client, Rest::Idle);
    assert!(agent.outcome.is_complete_success());
    assert_eq!(agent.outcome.results().len(), COUNT);
    assert_eq!(host.messages, [b"hello\r\n"]);
}

struct Bulk {
    envelope: Option<client::Envelope>,
    outcome: Outcome,
}

impl mail_testing::Application<Client> for Bulk {
    fn event(&mut self, machine: &mut Client, event: Event) {
        if let Event::Greeting(_) = event {
            machine.hello().expect("behind the greeting");
        }
        self.outcome.record(&event);
    }

    fn need_body(&mut self, machine: &mut Client) {
        machine.begin_body(Some(7)).expect("a body is wanted");
        assert_eq!(machine.write_body(b"hello\r\n"), Ok(7));
        machine.finish_body().expect("seven octets");
    }

    fn need_answer(&mut self, machine: &mut Client) -> bool {
        let envelope = self.envelope.take();
        envelope
            .map(|envelope| machine.transaction(envelope).expect("ready"))
            .is_some()
    }
}

/// Even when the client pipelines without reading for long, the server's memory is bounded: it stops reading.
#[test]
fn a_client_that_does_not_read_stops_the_server() {
    let mut config = server_config();
    config.limits.idle_commands = u32::MAX;
    let mut server = Server::new(Arc::new(config));
    let mut host = MailHost::default();
    let noops = b"RSET\r\n".repeat(30);
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    server.receive(b"EHLO a.example\r\n");
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    let mut taken = 0;
    loop {
        let n = server.receive(&noops);
        taken += n;
        let rest = settle(&mut server, &mut host);
        assert!(server.transmit().len() <= 4096 + 512, "output is bounded");
        if n == 0 {
            assert_eq!(rest, Rest::Flush);
            break;
        }
    }
    assert!(taken < 128 * 1024);
    let timer = server.timer().expect("a slow reader has a timer");
    assert_eq!(timer.what, "the client to read our replies");
    server.transmitted(10);
    assert_eq!(server.timer(), Some(timer), "ten octets are no progress");
    assert!(matches!(server.poll(), Ok(Step::NeedFlush)), "all is to be read");
    server.transmitted(600);
    assert_ne!(server.timer(), Some(timer), "six hundred are");
    server.expire(server.timer().expect("still slow"));
    assert!(matches!(server.poll(), Ok(Step::Closed)));
    assert_eq!(server.ending(), Some(Ending::GivenUp(CommandError::Timeout)));
}

/// docs/threats.md row 31: octets that finish no line, and less of a message than the minimum, restart no timer.
#[test]
fn dripping_restarts_no_timer() {
    let mut server = Server::new(Arc::new(server_config()));
    let mut host = MailHost::default();
    let mut say = |server: &mut Server, octets: &[u8]| {
        server.receive(octets);
        while settle(server, &mut host) == Rest::Flush {
            server.transmitted(usize::MAX);
        }
        server.transmitted(usize::MAX);
        server.timer().expect("a wait")
    };
    let idle = say(&mut server, b"");
    assert_eq!(idle.limit, Duration::from_secs(300));
    assert_eq!(say(&mut server, b"NO"), idle);
    assert_eq!(say(&mut server, b"OP"), idle);
    assert_ne!(say(&mut server, b"\r\n").turn, idle.turn);
    let body = say(&mut server, b"HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@c>\r\nDATA\r\n");
    for _ in 0..4095 {
        assert_eq!(say(&mut server, b"x"), body);
    }
    assert_ne!(say(&mut server, b"x"), body);
}

/// docs/threats.md row 31, the client's side: RFC 5321 §4.5.3.2.1 to §4.5.3.2.6.
#[test]
fn clients_wait_as_long_as_the_rfc_says() {
    let mut client = new_client();
    let limit = |client: &mut Client| client.timer().expect("a wait").limit.as_secs();
    let hear = |client: &mut Client, octets: &[u8]| {
        client.receive(octets);
        while let Ok(Step::Event(_)) = client.poll() {}
        client.transmitted(usize::MAX);
    };
    assert_eq!(limit(&mut client), 300);
    hear(&mut client, b"220 a\r\n");
    assert_eq!(client.timer(), None);
    client.hello().expect("greeted");
    hear(&mut client, b"");
    assert_eq!(limit(&mut client), 300);
    hear(&mut client, b"250-a\r\n250 PIPELINING\r\n");
    let envelope = client::Envelope::new(mailbox("a@b"), [mailbox("c@d")]).expect("recipients");
    client.transaction(envelope).expect("ready");
    hear(&mut client, b"");
    assert_eq!(
        (client.timer().unwrap().what, limit(&mut client)),
        ("the reply to MAIL", 300)
    );
    hear(&mut client, b"250 a\r\n");
    assert_eq!(
        (client.timer().unwrap().what, limit(&mut client)),
        ("the reply to RCPT", 300)
    );
    hear(&mut client, b"250 a\r\n");
    assert_eq!(
        (client.timer().unwrap().what, limit(&mut client)),
        ("the reply to DATA", 120)
    );
    hear(&mut client, b"354 a\r\n");
    client.begin_body(None).unwrap();
    assert_eq!(client.timer(), None, "the caller's turn");
    client.write_body(b"x").unwrap();
    assert_eq!(limit(&mut client), 180);
    client.finish_body().unwrap();
    client.transmitted(usize::MAX);
    let timer = client.timer().unwrap();
    assert_eq!((timer.what, timer.limit.as_secs()), ("the reply to the message", 600));
    client.receive(b"25");
    assert!(matches!(client.poll(), Ok(Step::NeedInput)));
    assert_eq!(client.timer(), Some(timer), "half a line is no progress");
    client.expire(timer);
    assert_eq!(client.poll().unwrap_err(), Error::Timeout { what: timer.what });
}

/// docs/threats.md row 27: an end of input inside a message is never a message.
#[test]
fn an_early_end_of_input_voids_the_message() {
    for end in [&b""[..], b"text\r\n", b"text\r\n.", b"text\r\n.\r", b"text\r"] {
        let mut server = Server::new(Arc::new(server_config()));
        let mut host = MailHost::default();
        for octets in [b"HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@c>\r\nDATA\r\n", end] {
            server.receive(octets);
            while settle(&mut server, &mut host) == Rest::Flush {
                server.transmitted(usize::MAX);
            }
            server.transmitted(usize::MAX);
        }
        server.receive_eof();
        assert_eq!(settle(&mut server, &mut host), Rest::Closed, "{end:?}");
        assert_eq!(host.log.last().map(String::as_str), Some("aborted"), "{end:?}");
        assert!(host.messages.is_empty() && server.transmit().is_empty(), "{end:?}");
        assert_eq!(server.ending(), Some(Ending::EndOfInput));
    }
}

fn failure(input: &[u8]) -> Error {
    let mut client = new_client();
    for piece in input.chunks(100) {
        client.receive(piece);
        loop {
            match client.poll() {
                Ok(Step::Event(Event::Greeting(_))) => client.hello().expect("greeted"),
                Ok(Step::Event(_)) => {}
                Ok(_) => break,
                Err(error) => return error,
            }
        }
    }
    client.receive_eof();
    client.poll().map(|_| ()).expect_err("the dialogue is broken")
}

/// docs/threats.md rows 27 and 28: replies that are endless, inconsistent, cut off, or of the wrong kind.
#[test]
fn bad_replies_are_errors() {
    assert_eq!(failure(b""), Error::EndOfInput);
    assert_eq!(failure(b"220"), Error::EndOfInput);
    assert_eq!(failure(b"220-a\r\n"), Error::EndOfInput);
    assert_eq!(failure(b"220 a\r\n250-"), Error::EndOfInput);
    let same = SyntaxError {
        offset: 0,
        expected: Expected::SameReplyCode,
    };
    assert_eq!(failure(b"220 a\r\n250-a\r\n550 a\r\n"), Error::Syntax(same));
    assert_eq!(
        failure(&[b"220 a\r\n", &b"250-a\r\n".repeat(100_000)[..]].concat()),
        Error::Limit(Limit::Reply(65536))
    );
    let long = [b"220 ", &b"a".repeat(5000)[..], b"\r\n"].concat();
    assert_eq!(failure(&long), Error::Line(LineFault::TooLong { limit: 4096 }));
    assert_eq!(failure(b"220 a\n"), Error::Line(LineFault::BareLf));
    let text = SyntaxError {
        offset: 6,
        expected: Expected::ReplyText,
    };
    assert_eq!(
        failure(b"220 a\x1b[2J\r\n"),
        Error::Syntax(SyntaxError { offset: 5, ..text })
    );
    assert_eq!(failure(b"220 ab\0\r\n"), Error::Syntax(text));
    assert!(matches!(failure(b"354 go\r\n"), Error::WrongClass { .. }));
    assert!(matches!(failure(b"220 a\r\n354 go\r\n"), Error::WrongClass { .. }));
    let code = SyntaxError {
        offset: 0,
        expected: Expected::ReplyCode,
    };
    assert_eq!(failure(b"199 a\r\n"), Error::Syntax(code));
    let Error::ServiceClosing(reply) = failure(b"421 too busy\r\n") else {
        panic!()
    };
    assert_eq!(reply.to_string(), "421 too busy");
}

/// docs/threats.md row 30: what a peer says is harmless where it is shown.
#[test]
fn errors_show_no_control_characters() {
    let reply = Reply::parse(b"550 \xc2\x9b2J\xff\xe2\x80\xae no\r\n").expect("any text");
    for shown in [
        reply.to_string(),
        format!("{reply:?}"),
        Error::ServiceClosing(reply.clone()).to_string(),
    ] {
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert!(shown.contains(r"\u{9b}2J\xff\u{202e}"), "{shown:?}");
    }
}

/// 421 in the middle of a message is heard, and is the error.
#[test]
fn an_early_421_surfaces() {
    let mut client = new_client();
    let mut agent = UserAgent::scripted(&["hello", "send <> to b@c.example"], b"");
    client.receive(b"220 a\r\n");
    settle(&mut client, &mut agent);
    client.receive(b"250 a\r\n");
    settle(&mut client, &mut agent);
    client.receive(b"250 a\r\n");
    settle(&mut client, &mut agent);
    client.receive(b"250 a\r\n");
    settle(&mut client, &mut agent);
    client.receive(b"354 a\r\n");
    while !matches!(client.poll(), Ok(Step::NeedBody)) {}
    client.begin_body(None).unwrap();
    client.write_body(b"half a mess").unwrap();
    client.receive(b"421 4.3.2 going down\r\n");
    let Err(Error::ServiceClosing(reply)) = client.poll() else {
        panic!()
    };
    assert_eq!(reply.enhanced().unwrap().to_string(), "4.3.2");
    assert_eq!(client.write_body(b"age"), Err(Misuse::NoBodyExpected));
}

#[test]
fn outcomes_name_the_stage() {
    let reply = |text: &str| Reply::parse(format!("{text}\r\n").as_bytes()).unwrap();
    let outcome_of = |events: &[Event]| {
        let mut outcome = Outcome::new(2);
        events.iter().for_each(|event| outcome.record(event));
        outcome
            .results()
            .map(|result| result.map_err(|f| (f.stage, f.is_transient())))
            .collect::<Vec<_>>()
    };
    let ok = || reply("250 ok");
    let sender = |text| Event::Sender(reply(text));
    assert_eq!(outcome_of(&[sender("550 no")]), vec![Err((Stage::Sender, false)); 2]);
    assert_eq!(outcome_of(&[]), vec![Err((Stage::Sender, true)); 2]);
    let recipients = [
        sender("250 ok"),
        Event::Recipient(0, ok()),
        Event::Recipient(1, reply("552 full")),
    ];
    assert_eq!(
        outcome_of(&recipients),
        [Err((Stage::Data, true)), Err((Stage::Recipient, true))]
    );
    let data = [&recipients[..], &[Event::Data(reply("354 go"))]].concat();
    assert_eq!(
        outcome_of(&data),
        [Err((Stage::Message, true)), Err((Stage::Recipient, true))]
    );
    let refused = [&data[..], &[Event::Message(reply("552 too big"))]].concat();
    assert_eq!(
        outcome_of(&refused),
        [Err((Stage::Message, false)), Err((Stage::Recipient, true))]
    );
    let done = [&data[..], &[Event::Message(ok())]].concat();
    assert_eq!(outcome_of(&done), [Ok(ok()), Err((Stage::Recipient, true))]);
}

#[test]
fn misuse_is_refused_before_anything_is_written() {
    let mut client = new_client();
    let out_of_sequence = |command| Err(Misuse::OutOfSequence { command });
    assert_eq!(client.hello(), out_of_sequence("EHLO"));
    client.receive(b"220 a\r\n");
    assert!(matches!(client.poll(), Ok(Step::Event(_))));
    assert_eq!(client.data(), out_of_sequence("DATA"));
    client.hello().unwrap();
    assert!(matches!(client.poll(), Ok(Step::NeedInput)));
    client.transmitted(usize::MAX);
    client.receive(b"250 a\r\n");
    assert!(matches!(client.poll(), Ok(Step::Event(_))));
    let envelope = client::Envelope::new(mailbox("a@b"), [mailbox("c@d")]).unwrap();
    let eight_bit = envelope.with_body(BodyType::EightBitMime);
    assert_eq!(
        client.transaction(eight_bit),
        Err(Misuse::NotOffered { extension: "8BITMIME" })
    );
    assert!(matches!(client.poll(), Ok(Step::NeedAnswer)));
    assert_eq!(client.begin_body(None), Err(Misuse::NoBodyExpected));
    assert!(client.transmit().is_empty());
    client.quit().unwrap();
    assert_eq!(client.noop(), Err(Misuse::Closed));
}

/// A stale ask moves nothing, and an answered one cannot be answered again.
#[test]
fn asks_are_answered_once() {
    let config = Arc::new(server_config());
    let (mut one, mut other) = (Server::new(config.clone()), Server::new(config));
    let mail = |server: &mut Server| {
        server.receive(b"HELO a\r\nMAIL FROM:<>\r\n");
        loop {
            match server.poll() {
                Ok(Step::Event(server::Event::Mail(ask, _))) => return ask,
                Ok(Step::Event(_) | Step::NeedInput) => {}
                Ok(Step::NeedFlush) => server.transmitted(usize::MAX),
                step => panic!("{step:?}"),
            }
        }
    };
    let (first, _second) = (mail(&mut one), mail(&mut other));
    assert!(matches!(one.poll(), Ok(Step::NeedAnswer)));
    assert_eq!(one.timer(), None);
    one.answer(first, Ok(Acceptance::default())).unwrap();
    let (stale, _) = (mail_ask(&mut other), ());
    assert_eq!(one.answer(stale, Ok(Acceptance::default())), Err(Misuse::StaleAsk));
}

/// An ask of `server`, which is at its first.
fn mail_ask(server: &mut Server) -> mail_wire::Ask<server::Mail> {
    *server = Server::new(Arc::new(server_config()));
    server.receive(b"HELO a\r\nMAIL FROM:<>\r\n");
    loop {
        match server.poll() {
            Ok(Step::Event(server::Event::Mail(ask, _))) => return ask,
            Ok(Step::NeedFlush) => server.transmitted(usize::MAX),
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Both roles, and every way the pipe cuts what they say.
#[test]
fn a_conversation_in_pieces() {
    for capacity in [1, 2, 3, 7, 64, 4096] {
        let mut client = new_client();
        let message = b"Subject: x\r\n\r\n.\r\n..\r\nlong enough to fill a pipe or two\r\n".repeat(5);
        let mut agent = UserAgent::scripted(
            &["hello", "send a@b.example to c@d.example e@f.example", "quit"],
            &message,
        );
        let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
        let dialogue = converse((&mut client, &mut agent), (&mut server, &mut host), capacity);
        assert_eq!(
            (dialogue.client.clone(), dialogue.server.clone()),
            (Rest::Closed, Rest::Closed)
        );
        assert_eq!(host.messages, [&message[..]], "{capacity}");
        assert!(dialogue.said(Side::Client).ends_with(b"\r\n.\r\nQUIT\r\n"));
        assert_eq!(server.ending(), Some(Ending::Quit));
    }
}

/// docs/threats.md row 23: what stands behind a command that must be last in its group waits for the answer.
#[test]
fn octets_behind_a_barrier_wait() {
    let groups: [&[u8]; 3] = [b"DATA\r\n.\r\nNOOP\r\n", b"VRFY x\r\nNOOP\r\n", b"EXPN x\r\nNOOP\r\n"];
    for group in groups {
        let mut config = server_config();
        config.expand = true;
        let (mut server, mut host) = (Server::new(Arc::new(config)), MailHost::default());
        server.receive(b"EHLO a\r\n");
        settle(&mut server, &mut host);
        server.transmitted(usize::MAX);
        server.receive(b"MAIL FROM:<>\r\nRCPT TO:<b@c>\r\n");
        settle(&mut server, &mut host);
        server.transmitted(usize::MAX);
        server.receive(group);
        let Ok(Step::Event(event)) = server.poll() else {
            panic!("{group:?}")
        };
        for _ in 0..3 {
            assert!(matches!(server.poll(), Ok(Step::NeedAnswer)), "{group:?}");
            server.receive(b"NOOP\r\n");
            assert!(server.transmit().is_empty(), "{group:?}");
        }
        server.unhandled(event).expect("the open ask");
        assert!(
            matches!(server.poll(), Ok(Step::NeedFlush)),
            "the answer goes out before more is read: {group:?}"
        );
        assert_eq!(server.transmit().iter().filter(|&&octet| octet == b'\n').count(), 1);
    }
    for last in [&b"EHLO b\r\n"[..], b"NOOP\r\n", b"XYZZY\r\n"] {
        let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
        settle(&mut server, &mut host);
        server.transmitted(usize::MAX);
        server.receive(&[last, b"RSET\r\n"].concat());
        assert_eq!(settle(&mut server, &mut host), Rest::Flush, "{last:?}");
        assert!(!server.transmit().ends_with(b"Reset ok\r\n"));
    }
}

/// Replies to a group that holds no barrier go out as one write (RFC 2920 §3.2 (2)).
#[test]
fn replies_of_a_group_are_one_write() {
    let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
    server.receive(b"EHLO a\r\n");
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    server.receive(b"RSET\r\nMAIL FROM:<>\r\nRCPT TO:<b@c>\r\nRCPT TO:<d@e>\r\nDATA\r\n");
    assert_eq!(settle(&mut server, &mut host), Rest::Input);
    assert_eq!(server.transmit().iter().filter(|&&octet| octet == b'\n').count(), 5);
}

/// docs/threats.md row 21: a NUL is an octet of the message like others.
#[test]
fn a_nul_truncates_no_message() {
    let message = b"Subject: \0\r\n\r\n\0\0.\r\nmore\0\r\n";
    let mut agent = UserAgent::scripted(&["hello", "send <> to b@c.example", "quit"], message);
    let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
    converse((&mut new_client(), &mut agent), (&mut server, &mut host), 64);
    assert_eq!(host.messages, [message]);
}

/// docs/threats.md row 11: an endless command line is dropped as it comes.
#[test]
fn an_endless_line_costs_nothing_but_its_reply() {
    let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    let mut polls = 0;
    for _ in 0..200_000 {
        assert_eq!(server.receive(b"MAIL "), 5);
        while !matches!(server.poll(), Ok(Step::NeedInput)) {
            polls += 1;
        }
        assert!(
            server.transmit().is_empty() && server.space().len() <= 2048,
            "the window stays small"
        );
    }
    assert_eq!(polls, 0);
    server.receive(b"\r\nNOOP\r\n");
    while settle(&mut server, &mut host) == Rest::Flush {
        assert_eq!(
            server.transmit(),
            b"500 5.5.2 Line refused: line longer than 555 octets\r\n"
        );
        server.transmitted(usize::MAX);
    }
    assert_eq!(server.transmit(), b"250 2.0.0 Ok\r\n");
}

/// The application hears of each transaction that the client gives up, and of none that was not open.
#[test]
fn given_up_transactions_are_told() {
    let (mut server, mut host) = (Server::new(Arc::new(server_config())), MailHost::default());
    server.receive(b"RSET\r\nEHLO a\r\nRSET\r\nMAIL FROM:<>\r\nEHLO b\r\nMAIL FROM:<x@y>\r\nRSET\r\nRSET\r\n");
    while settle(&mut server, &mut host) == Rest::Flush {
        server.transmitted(usize::MAX);
    }
    assert_eq!(
        host.log,
        ["EHLO a", "mail <>", "reset", "EHLO b", "mail <x@y>", "reset"]
    );
}

/// RFC 5321 §4.5.3.1.5: no reply line is longer than 512 octets, however long the names are.
#[test]
fn reply_lines_are_short_enough() {
    let host = format!("{}d", "d.".repeat(127));
    let mut config = server::Config::new(host.parse().expect("a name"));
    config.greeting = format!("{}\nmore", "x".repeat(480)).parse().expect("a text");
    let long = format!("{}@d", "a".repeat(64)).parse::<Mailbox>().expect("a mailbox");
    let named = server::NamedMailbox::new(Some("n".repeat(480).parse().expect("a text")), long);
    let mut server = Server::new(Arc::new(config));
    server.receive(format!("EHLO {host}\r\nVRFY x\r\n").as_bytes());
    let mut said = Vec::new();
    for _ in 0..10 {
        match server.poll() {
            Ok(Step::Event(server::Event::Verify(ask, _))) => {
                server
                    .answer(ask, Ok(server::Mailboxes(vec![named.clone()])))
                    .expect("open");
            }
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
        said.extend_from_slice(server.transmit());
        server.transmitted(usize::MAX);
    }
    let said = String::from_utf8(said).expect("ASCII");
    assert!(said.contains("220 more\r\n") && said.contains("@d>\r\n"), "{said}");
    assert!(said.split_inclusive("\r\n").all(|line| line.len() <= 512), "{said}");
}

/// No more commands wait for a reply than the limit allows; and when the sender is refused meanwhile, the rest is void.
#[test]
fn a_refused_sender_stops_what_is_not_written() {
    let mut config = client::Config::new("crepes.example".parse().expect("a name"));
    config.limits.in_flight = 3;
    let mut client = Client::new(config);
    let mut agent = UserAgent::scripted(&["hello", "send a@b.example to c@d e@f g@h i@j", "noop"], b"");
    for (reply, written) in [
        ("", ""),
        ("220 a\r\n", "EHLO crepes.example\r\n"),
        (
            "250-a\r\n250 PIPELINING\r\n",
            "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n",
        ),
        ("450 not now\r\n", ""),
        ("503 no\r\n", ""),
        ("503 no\r\n", "NOOP\r\n"),
    ] {
        client.receive(reply.as_bytes());
        settle(&mut client, &mut agent);
        assert_eq!(String::from_utf8_lossy(client.transmit()), written, "behind {reply:?}");
        client.transmitted(usize::MAX);
    }
}
