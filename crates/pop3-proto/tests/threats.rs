//! What hostile peers try, row by row.

mod support;

use std::sync::Arc;
use std::time::Duration;

use mail_testing::{Application, Rest, Side, converse, settle};
use mail_wire::{LineFault, Machine, Misuse, Secret, Step};
use pop3_proto::apop::Timestamp;
use pop3_proto::client::{self, Apop, Awaited};
use pop3_proto::server;
use pop3_proto::{Client, Greeting, Keyword, Name, Response, Server, Text};
use support::{Caller, Host};

/// A client that is logged in, and its caller.
fn logged_in(config: client::Config, script: &[&str]) -> (Client, Caller) {
    let mut all = vec!["login bob hungry"];
    all.extend(script);
    let (mut client, mut caller) = (Client::new(config), Caller::new(&all));
    for answer in ["+OK\r\n"; 3] {
        client.receive(answer.as_bytes());
        settle(&mut client, &mut caller);
    }
    caller.told.borrow_mut().clear();
    client.transmitted(usize::MAX);
    (client, caller)
}

/// A server with somebody logged in, and its application.
fn serving(messages: &[&[u8]]) -> (Server, Host) {
    let (mut server, mut host) = (
        Server::new(Arc::default(), server::Security::Secured),
        Host::with_messages(messages),
    );
    hear(&mut server, &mut host, b"USER bob\r\nPASS hungry\r\n");
    (server, host)
}

fn hear(server: &mut Server, host: &mut Host, octets: &[u8]) -> String {
    assert_eq!(server.receive(octets), octets.len());
    let mut said = Vec::new();
    while settle(server, host) == Rest::Flush && !server.transmit().is_empty() {
        said.extend_from_slice(server.transmit());
        server.transmitted(usize::MAX);
    }
    said.extend_from_slice(server.transmit());
    server.transmitted(usize::MAX);
    String::from_utf8(said).unwrap()
}

/// docs/threats.md row 3: an empty message is its end alone.
#[test]
fn an_empty_message() {
    let (mut server, mut host) = serving(&[b""]);
    assert_eq!(hear(&mut server, &mut host, b"RETR 1\r\n"), "+OK 0 octets\r\n.\r\n");
    let (mut client, mut caller) = logged_in(support::secured(), &["retr 1"]);
    client.receive(b"+OK 0 octets\r\n.\r\n");
    assert_eq!(settle(&mut client, &mut caller), Rest::Idle);
    assert_eq!(*caller.told.borrow(), ["message 1 Some(0)", "body "]);
}

/// docs/threats.md row 11: a listing of 500,000 messages passes in bounded memory, over a pipe of 4 KiB.
#[test]
fn half_a_million_messages_are_listed_within_bounds() {
    let (mut server, mut host) = (Server::new(Arc::default(), server::Security::Secured), Crowd);
    let mut client = Client::new(support::secured());
    let mut caller = Caller::new(&["login bob hungry", "list", "uidl", "dele 500000", "quit"]);
    caller.quiet = true;
    converse((&mut client, &mut caller), (&mut server, &mut host), 4096);
    assert_eq!(caller.events, 2 + 500_001 + 500_001 + 2);
}

struct Crowd;

impl Application<Server> for Crowd {
    fn event(&mut self, machine: &mut Server, event: server::Event) {
        use mail_wire::Answers;
        match event {
            server::Event::Login(ask, _) => {
                let id = |n: u64| pop3_proto::UniqueId::new(&format!("id{n}")).unwrap();
                machine
                    .answer(ask, Ok((0..500_000).map(|n| (n, id(n))).collect()))
                    .unwrap();
            }
            server::Event::Update(ask, deletions) => {
                assert_eq!(deletions.len(), 1);
                assert!(machine.transmit().len() <= 17 * 1024);
                machine.answer(ask, Ok(())).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

/// docs/threats.md row 11: a number of lines that no message has costs nothing.
#[test]
fn an_absurd_number_of_lines() {
    let (mut server, mut host) = serving(&[b"a\r\n\r\nb\r\n"]);
    let said = hear(&mut server, &mut host, b"TOP 1 18446744073709551615\r\n");
    assert_eq!(said, "+OK top of message follows\r\na\r\n\r\nb\r\n.\r\n");
}

/// docs/threats.md row 12: fed octet by octet, each octet costs one look; and what TOP does not want is not looked at.
#[test]
fn steps_are_linear() {
    let (mut client, mut caller) = logged_in(support::secured(), &["list"]);
    client.receive(b"+OK\r\n");
    settle(&mut client, &mut caller);
    let mut polls = 0;
    let line = [b"7 7".as_slice(), &[b'x'; 500], b"\r\n"].concat();
    for octet in line.iter().cycle().take(line.len() * 100) {
        client.receive(&[*octet]);
        loop {
            polls += 1;
            if client.poll().unwrap() == Step::NeedInput {
                break;
            }
        }
    }
    assert_eq!(polls, line.len() * 100 + 100, "one for each octet, one for each line");

    let (mut server, mut host) = serving(&[&[b"x\r\n\r\n", vec![b'y'; 1_000_000].as_slice()].concat()]);
    host.stops_early = true;
    hear(&mut server, &mut host, b"TOP 1 0\r\n");
    assert!(host.supplied <= 5000, "the application was told to stop");
}

/// docs/threats.md row 18: APOP is off by default, and only a message id of ASCII characters is a timestamp.
#[test]
fn apop_wants_to_be_asked_for_and_a_real_timestamp() {
    let offer = |line: &[u8], apop| {
        let mut config = support::secured();
        config.apop = apop;
        let mut client = Client::new(config);
        client.receive(line);
        client.receive(b"\r\n");
        assert!(matches!(client.poll(), Ok(Step::Event(client::Event::Greeting(_)))));
        client.apop(Name::new("bob").unwrap(), &Secret::from("hungry"))
    };
    let refused = Err(Misuse::NotOffered { extension: "APOP" });
    let good = b"+OK ready <1.2@example.org> go".as_slice();
    assert_eq!(offer(good, Apop::Off), refused);
    assert_eq!(offer(good, Apop::WhenOffered), Ok(()));
    assert_eq!(offer(b"+OK<a@[127.0.0.1]>", Apop::WhenOffered), Ok(()));
    for bad in [
        b"+OK ready".as_slice(),
        b"+OK <>",
        b"+OK <a>",
        b"+OK <@b>",
        b"+OK <a@>",
        b"+OK <a@b",
        b"+OK <a@b@c>",
        b"+OK <a b@c>",
        b"+OK <a@b\xff>",
        b"+OK <\x80\x81@b>",
        b"+OK <a\x01@b>",
        b"+OK <a..b@c>",
        b"+OK < a@b>",
        b"+OK <<a@b>",
    ] {
        assert_eq!(offer(bad, Apop::WhenOffered), refused, "{bad:?}");
    }
    assert!(
        Greeting::new("ready <1.2@example.org>").is_err(),
        "a text offers no APOP"
    );
}

/// docs/threats.md row 18: what a server without APOP says offers none, and it does not take APOP.
#[test]
fn a_server_offers_apop_only_with_a_timestamp() {
    let mut server = Server::new(Arc::default(), server::Security::Secured);
    assert!(!server.transmit().contains(&b'<'));
    let timestamp = Timestamp::parse(b"<1.2@example.org>").unwrap();
    server = Server::with_apop(Arc::default(), server::Security::Secured, timestamp);
    assert_eq!(server.transmit(), b"+OK POP3 server ready <1.2@example.org>\r\n");
}

/// docs/threats.md row 21: NUL is an error in a command, and an octet like any other in a message.
#[test]
fn nul_octets() {
    let (mut server, mut host) = serving(&[b"a\0b\r\n"]);
    for command in [
        b"NOOP\0\r\n".as_slice(),
        b"\0NOOP\r\n",
        b"RETR 1\0\r\n",
        b"RETR \x001\r\n",
    ] {
        let said = hear(&mut server, &mut host, command);
        assert!(said.starts_with("-ERR expected "), "{said}");
    }
    assert_eq!(
        hear(&mut server, &mut host, b"RETR 1\r\n"),
        "+OK 5 octets\r\na\0b\r\n.\r\n"
    );
    let (mut client, mut caller) = logged_in(support::secured(), &["retr 1; noop"]);
    client.receive(b"+OK\r\na\0b\r\n.\r\n+OK a\0b\r\n");
    let rest = settle(&mut client, &mut caller);
    assert_eq!(caller.told.borrow()[1], "body a\\0b\\r\\n");
    assert!(matches!(rest, Rest::Failed(client::Error::Syntax(_))), "{rest:?}");
}

/// docs/threats.md row 23: nothing behind a login is obeyed before the login is, and nothing behind QUIT at all.
#[test]
fn a_server_waits_behind_its_barriers() {
    let mut server = Server::new(Arc::default(), server::Security::Secured);
    server.receive(b"USER bob\r\nPASS hungry\r\nSTAT\r\nDELE 1\r\nQUIT\r\nNOOP\r\n");
    let Ok(Step::Event(server::Event::Login(ask, _))) = server.poll() else {
        panic!()
    };
    server.transmitted(usize::MAX);
    assert!(matches!(server.poll(), Ok(Step::NeedAnswer)));
    assert_eq!(server.transmit(), b"");
    use mail_wire::Answers;
    server.answer(ask, Err(server::Refusal::bad_credentials())).unwrap();
    assert!(matches!(server.poll(), Ok(Step::NeedFlush)));
    let said = String::from_utf8(server.transmit().to_vec()).unwrap();
    assert_eq!(said.matches("-ERR").count(), 3, "{said}");
    assert!(said.ends_with("+OK goodbye\r\n"), "{said}");
    server.transmitted(usize::MAX);
    assert!(matches!(server.poll(), Ok(Step::Closed)));
    assert!(server.space().is_empty());
}

/// docs/threats.md row 23: a client that may pipeline sends nothing behind USER, PASS and QUIT before the answer.
#[test]
fn a_client_waits_behind_its_barriers() {
    let (mut client, mut caller) = (
        Client::new(support::secured()),
        Caller::new(&["capa", "login bob hungry; capa; stat; noop; quit"]),
    );
    let mut say = |octets: &[u8]| {
        client.receive(octets);
        settle(&mut client, &mut caller);
        let said = String::from_utf8(client.transmit().to_vec()).unwrap();
        client.transmitted(usize::MAX);
        said
    };
    assert_eq!(say(b"+OK\r\n"), "CAPA\r\n");
    assert_eq!(say(b"+OK\r\nPIPELINING\r\n.\r\n"), "USER bob\r\n");
    assert_eq!(say(b"+OK\r\n"), "PASS hungry\r\n");
    assert_eq!(say(b"+OK\r\n"), "CAPA\r\nSTAT\r\nNOOP\r\nQUIT\r\n");
    assert_eq!(client.phase(), pop3_proto::Phase::Transaction);
}

/// docs/threats.md row 24: 100,000 pipelined commands over a pipe of 1 KiB.
#[test]
fn a_hundred_thousand_pipelined_commands_finish() {
    let (mut server, mut host) = (
        Server::new(Arc::default(), server::Security::Secured),
        Host::with_messages(&[b"a\r\n"]),
    );
    let mut client = Client::new(support::secured());
    let many = vec!["noop"; 100_000].join(";");
    let mut caller = Caller::new(&["capa", "login bob hungry", &many, "quit"]);
    caller.quiet = true;
    let dialogue = converse((&mut client, &mut caller), (&mut server, &mut host), 1024);
    assert_eq!((dialogue.client, dialogue.server), (Rest::Closed, Rest::Closed));
    assert_eq!(caller.events, 3 + 100_000 + 1);
    let writes = dialogue.wire.iter().filter(|(side, _)| *side == Side::Client).count();
    assert!(writes < 10_000, "commands go out in batches, not one by one: {writes}");
}

/// docs/threats.md row 27: the end of input is an error in each state but behind QUIT.
#[test]
fn an_early_end_is_an_error() {
    let ends = |script: &[&str], octets: &[u8]| {
        let (mut client, mut caller) = logged_in(support::secured(), script);
        client.receive(octets);
        settle(&mut client, &mut caller);
        client.receive_eof();
        let told = caller.told.borrow().len();
        let rest = settle(&mut client, &mut caller);
        let more = caller.told.borrow()[told..].to_vec();
        (rest, more)
    };
    let gone = |awaited| Rest::Failed(client::Error::Disconnected { awaited });
    let answer = |keyword| gone(Awaited::Response(keyword));
    assert_eq!(ends(&[], b""), (gone(Awaited::Nothing), vec![]));
    assert_eq!(ends(&["stat"], b""), (answer(Keyword::Stat), vec![]));
    assert_eq!(ends(&["stat"], b"+OK 1 1\r"), (answer(Keyword::Stat), vec![]));
    assert_eq!(ends(&["list"], b"+OK\r\n1 1\r\n"), (answer(Keyword::List), vec![]));
    assert_eq!(ends(&["list"], b"+OK\r\n1 1\r\n."), (answer(Keyword::List), vec![]));
    assert_eq!(ends(&["uidl"], b"+OK\r\n1 a\r\n.\r"), (answer(Keyword::Uidl), vec![]));
    assert_eq!(ends(&["capa"], b"+OK\r\nTOP\r\n"), (answer(Keyword::Capa), vec![]));
    for half in [
        b"+OK\r\n".as_slice(),
        b"+OK\r\nx",
        b"+OK\r\nx\r\n",
        b"+OK\r\nx\r\n.",
        b"+OK\r\nx\r\n.\r",
    ] {
        assert_eq!(
            ends(&["retr 1"], half),
            (answer(Keyword::Retr), vec!["aborted".to_owned()])
        );
    }
    assert_eq!(ends(&["quit"], b""), (answer(Keyword::Quit), vec![]));
    assert_eq!(ends(&["quit"], b"+OK\r\n"), (Rest::Closed, vec![]));
    let mut fresh = Client::new(support::secured());
    fresh.receive_eof();
    let awaited = Awaited::Greeting;
    assert_eq!(fresh.poll(), Err(client::Error::Disconnected { awaited }));
}

/// docs/threats.md row 28: endless listings, capabilities and lines hit named limits.
#[test]
fn endless_answers_hit_limits() {
    let mut config = support::secured();
    config.limits.listing = 1000;
    let endless = |script: &str, line: &[u8]| {
        let (mut client, mut caller) = logged_in(config, &[script]);
        client.receive(b"+OK\r\n");
        settle(&mut client, &mut caller);
        for _ in 0..100_000 {
            client.receive(line);
            if let Rest::Failed(error) = settle(&mut client, &mut caller) {
                return Some(error);
            }
        }
        None
    };
    let limit = 1000;
    assert_eq!(endless("list", b"1 1\r\n"), Some(client::Error::Listing { limit }));
    assert_eq!(endless("uidl", b"rubbish\r\n"), Some(client::Error::Listing { limit }));
    let limit = 100;
    assert_eq!(endless("capa", b"X\r\n"), Some(client::Error::Capabilities { limit }));
    assert_eq!(endless("list", b"1"), None, "a line without end is dropped as it comes");

    let (mut client, mut caller) = logged_in(config, &["noop"]);
    let mut rest = Rest::Input;
    for _ in 0..1000 {
        client.receive(b"+OK and so on");
        rest = settle(&mut client, &mut caller);
    }
    assert_eq!(rest, Rest::Input, "a line without end is dropped as it comes");
    client.receive(b"\r\n");
    let too_long = client::Error::Line(LineFault::TooLong { limit: 512 });
    assert_eq!(settle(&mut client, &mut caller), Rest::Failed(too_long));
}

/// docs/threats.md row 28: a line of 255 octets is a command, a longer one is refused whole, however long.
#[test]
fn over_long_commands() {
    let (mut server, mut host) = (Server::new(Arc::default(), server::Security::Secured), Host::default());
    hear(&mut server, &mut host, b"");
    let user = |octets: usize| [b"USER ".as_slice(), &vec![b'x'; octets - 7], b"\r\n"].concat();
    assert_eq!(hear(&mut server, &mut host, &user(255)), "+OK send PASS\r\n");
    let refused = "-ERR line longer than 255 octets\r\n";
    assert_eq!(hear(&mut server, &mut host, &user(256)), refused);
    for _ in 0..10_000 {
        assert_eq!(hear(&mut server, &mut host, &[b'x'; 512]), "");
    }
    assert_eq!(
        hear(&mut server, &mut host, b"\r\nQUIT\r\n"),
        format!("{refused}+OK goodbye\r\n")
    );
}

/// docs/threats.md row 30: what a peer sent is shown without anything that a terminal would act upon.
#[test]
fn peers_text_is_shown_escaped() {
    let nasty = "+OK \x1b[2J\x07\u{202e}";
    let shown = [
        Response::parse(nasty.as_bytes()).unwrap().to_string(),
        format!("{:?}", Response::parse(nasty.as_bytes()).unwrap()),
        Greeting::parse(nasty.as_bytes()).unwrap().to_string(),
        format!("{:?}", Text::new("\x1b]0;x\x07").unwrap()),
        client::Error::TurnedAway(Box::new(Response::parse(b"-ERR \x1b[2J").unwrap())).to_string(),
    ];
    for shown in shown {
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
        assert!(shown.contains("\\x1b"), "{shown}");
    }
}

/// docs/threats.md row 31: a client that drips octets does not keep its session alive; a command does.
#[test]
fn dripping_does_not_keep_a_session_alive() {
    let (mut server, mut host) = serving(&[b"a\r\n"]);
    let timer = server.timer().expect("a session is timed");
    assert!(timer.limit >= Duration::from_secs(600), "RFC 1939 §3");
    for _ in 0..10_000 {
        hear(&mut server, &mut host, b"N");
    }
    assert_eq!(server.timer(), Some(timer));
    hear(&mut server, &mut host, b"\r\nDELE 1\r\n");
    assert_ne!(server.timer(), Some(timer));
    server.expire(timer);
    assert!(server.poll().is_ok(), "its turn has passed");
    server.expire(server.timer().unwrap());
    assert!(matches!(server.poll(), Err(server::Error::Inactive { .. })));
    assert_eq!(server.transmit(), b"", "in silence");
    assert_eq!(host.asked, ["login bob"], "without an update");
}

/// docs/threats.md row 31: a client that takes a message too slowly is left, whatever commands it sends meanwhile.
#[test]
fn a_peer_that_does_not_read_is_left() {
    let (mut server, mut host) = serving(&[&[b'x'; 100_000]]);
    server.receive(b"RETR 1\r\n");
    assert_eq!(settle(&mut server, &mut host), Rest::Flush);
    let timer = server.timer().expect("writing is timed");
    server.receive(b"NOOP\r\n");
    server.transmitted(1000);
    settle(&mut server, &mut host);
    assert_eq!(server.timer(), Some(timer));
    server.transmitted(24);
    assert_ne!(server.timer(), Some(timer), "1024 octets are progress");
    server.expire(server.timer().unwrap());
    assert!(matches!(server.poll(), Err(server::Error::Inactive { .. })));
}

/// docs/threats.md row 31: a server that drips its message or its listing does not keep a client waiting.
#[test]
fn a_client_does_not_wait_for_ever() {
    for (script, drip) in [("retr 1", b"x\r\n".as_slice()), ("list", b"1 1\r\n"), ("noop", b"+")] {
        let (mut client, mut caller) = logged_in(support::secured(), &[script]);
        if script != "noop" {
            client.receive(b"+OK\r\n");
        }
        settle(&mut client, &mut caller);
        let timer = client.timer().expect("an answer is timed");
        for _ in 0..100 {
            client.receive(drip);
            settle(&mut client, &mut caller);
        }
        assert_eq!(client.timer(), Some(timer), "{script}");
        client.expire(timer);
        let rest = settle(&mut client, &mut caller);
        assert!(matches!(rest, Rest::Failed(client::Error::TimedOut { .. })), "{script}");
    }
    let client = Client::new(support::secured());
    assert_eq!(client.timer().map(|timer| timer.what), Some("greeting"));
}

/// A server that talks while nothing was asked is not believed later.
#[test]
fn unasked_answers_are_errors() {
    let (mut client, mut caller) = logged_in(support::secured(), &["noop"]);
    client.receive(b"+OK\r\n+OK\r\n");
    assert_eq!(
        settle(&mut client, &mut caller),
        Rest::Failed(client::Error::Unsolicited)
    );
}

/// A bare LF in a listing leaves unclear where its lines, and so the listing, end.
#[test]
fn a_bare_lf_in_a_listing_is_fatal() {
    let (mut client, mut caller) = logged_in(support::secured(), &["list; noop"]);
    client.receive(b"+OK\r\n1 1\n.\r\n+OK\r\n");
    let bare = client::Error::Line(LineFault::BareLf);
    assert_eq!(settle(&mut client, &mut caller), Rest::Failed(bare));
    assert!(caller.told.borrow().is_empty());
}

/// RFC 1939 §3: no response is longer than 512 octets, whatever text the application has.
#[test]
fn responses_are_cut_to_size() {
    for len in 500..600 {
        let mut wire = Vec::new();
        Response::err(Text::new(vec![b'x'; len]).unwrap()).encode(&mut wire);
        assert_eq!(wire.len(), (len + 7).min(512));
        assert!(wire.ends_with(b"x\r\n"));
    }
}

/// What the design promises about sizes.
#[test]
fn events_are_small() {
    assert!(size_of::<server::Event>() <= 48, "{}", size_of::<server::Event>());
    assert!(size_of::<client::Event>() <= 48, "{}", size_of::<client::Event>());
    assert!(size_of::<Server>() <= 512, "{}", size_of::<Server>());
    assert!(size_of::<Client>() <= 768, "{}", size_of::<Client>());
}
