//! Hand-overs, credentials, chunks and proxies in hostile hands.

mod common;

use std::sync::Arc;

use common::MailHost;
use mail_testing::{Application, Rest, settle};
use mail_wire::{Answers, Layer, Machine, Misuse, Step};
use smtp_proto::phase::{Identity, Phase, Security};
use smtp_proto::server::{Acceptance, Arrival, Config, Ending, Event, SaslStep, StartTls};
use smtp_proto::{CommandError, Refusal, Server};

fn config() -> Config {
    let mut config = Config::new("mx.hamburger.example".parse().expect("a name"));
    config.offers.chunking = true;
    config.offers.start_tls = StartTls::Offered;
    config.offers.authentication.plaintext = vec!["PLAIN".parse().expect("a mechanism")];
    config.offers.authentication.secured = vec!["PLAIN".parse().expect("a mechanism")];
    config
}

fn server() -> Server {
    Server::new(Arc::new(config()))
}

/// Feeds `input` in these pieces; returns what the server wrote.
fn feed(server: &mut Server, host: &mut MailHost, pieces: &[&[u8]]) -> Vec<u8> {
    let mut said = Vec::new();
    for mut piece in pieces.iter().copied() {
        loop {
            while settle(server, host) == Rest::Flush {
                said.extend_from_slice(server.transmit());
                server.transmitted(usize::MAX);
            }
            said.extend_from_slice(server.transmit());
            server.transmitted(usize::MAX);
            let n = server.receive(piece);
            piece = &piece[n..];
            if n == 0 {
                break;
            }
        }
    }
    settle(server, host);
    said.extend_from_slice(server.transmit());
    said
}

/// docs/threats.md row 4: whatever part of the next command comes with STARTTLS, the dialogue is over, and no octet of it is
/// a command, not before TLS and not behind it.
#[test]
fn octets_behind_starttls_end_the_dialogue() {
    let front = b"EHLO crepes.example\r\nSTARTTLS\r\n";
    let injected = b"MAIL FROM:<evil@evil.example>\r\nRCPT TO:<bob@hamburger.example>\r\n";
    for n in 1..=injected.len() {
        for cut in 0..front.len() {
            let (mut server, mut host) = (server(), MailHost::default());
            let segment = [&front[cut..], &injected[..n]].concat();
            let said = feed(&mut server, &mut host, &[&front[..cut], &segment]);
            let said = String::from_utf8(said).expect("text");
            assert!(
                said.ends_with("421 4.7.0 Closing connection: octets behind STARTTLS\r\n"),
                "{said}"
            );
            assert!(!said.contains("\r\n220 "));
            server.transmitted(usize::MAX);
            assert!(matches!(server.poll(), Ok(Step::Closed)));
            assert_eq!(server.ending(), Some(Ending::GivenUp(CommandError::Injection)));
            assert_eq!(host.log, ["EHLO crepes.example"]);
        }
    }
}

/// docs/threats.md rows 4 and 5: from the 220 on nothing is read; behind TLS nothing is known.
#[test]
fn the_hand_over_reads_nothing_and_forgets_all() {
    let (mut server, mut host) = (server(), MailHost::default());
    feed(&mut server, &mut host, &[b"EHLO crepes.example\r\n"]);
    server.transmitted(usize::MAX);
    server.receive(b"STARTTLS\r\n");
    assert!(matches!(server.poll(), Ok(Step::NeedFlush)));
    assert!(server.space().is_empty(), "nothing is read in plaintext any more");
    assert_eq!(server.receive(b"MAIL FROM:<>\r\n"), 0);
    server.upgrade(Layer::Deflate);
    server.transmitted(usize::MAX);
    for _ in 0..2 {
        assert!(matches!(server.poll(), Ok(Step::Upgrade(Layer::Tls))));
        assert!(server.space().is_empty());
    }
    server.upgrade(Layer::Tls);
    let standing = server.standing();
    assert_eq!((standing.phase, standing.security), (Phase::Greeted, Security::Secured));
    assert_eq!(standing.identity, Identity::Anonymous);
    assert!(matches!(server.poll(), Ok(Step::NeedInput)));
    assert!(server.transmit().is_empty(), "no second greeting");
    let said = feed(&mut server, &mut host, &[b"MAIL FROM:<> SIZE=1\r\n"]);
    assert_eq!(said, b"503 5.5.1 Bad sequence of commands\r\n");
}

/// A shutdown that was asked for before TLS is not forgotten with the rest.
#[test]
fn a_shutdown_outlasts_the_hand_over() {
    let (mut server, mut host) = (server(), MailHost::default());
    feed(&mut server, &mut host, &[b"EHLO a.example\r\n"]);
    server.transmitted(usize::MAX);
    server.receive(b"STARTTLS\r\n");
    assert!(matches!(server.poll(), Ok(Step::NeedFlush)));
    server.transmitted(usize::MAX);
    server.shutdown();
    assert!(matches!(server.poll(), Ok(Step::Upgrade(Layer::Tls))));
    server.upgrade(Layer::Tls);
    settle(&mut server, &mut host);
    assert!(server.transmit().starts_with(b"421 "));
}

/// docs/threats.md row 20: no secret in what can be printed: events, commands, the machine with its window and output.
#[test]
fn secrets_are_not_printed() {
    const BASE64: &str = "AGJvYgBodW5ncnk=";
    let mut server = server();
    server.receive(format!("EHLO a.example\r\nAUTH PLAIN {BASE64}\r\n").as_bytes());
    let mut printed = String::new();
    let ask = loop {
        match server.poll() {
            Ok(Step::Event(event)) => {
                printed += &format!("{event:?}");
                if let Event::Authenticate(ask, auth) = event {
                    assert_eq!(auth.initial_response.as_ref().expect("one").expose(), b"\0bob\0hungry");
                    printed += &format!("{auth} {auth:?} {:?}", smtp_proto::Command::Auth((*auth).clone()));
                    break ask;
                }
            }
            Ok(Step::NeedFlush) => server.transmitted(usize::MAX),
            other => panic!("{other:?}"),
        }
    };
    server
        .answer(ask, Ok(SaslStep::Challenge(b"more".to_vec())))
        .expect("open");
    server.transmitted(usize::MAX);
    server.receive(format!("{BASE64}\r\n").as_bytes());
    printed += &format!("{server:?}");
    let Ok(Step::Event(response @ Event::SaslResponse(..))) = server.poll() else {
        panic!("a response")
    };
    printed += &format!("{response:?} {server:?}");
    server.unhandled(response).expect("open");
    assert!(
        server.transmit().starts_with(b"454 4.7.0 "),
        "the safe answer is no success"
    );
    printed += &format!("{server:?}");
    assert!(printed.contains("[redacted]"));
    for secret in ["hungry", "AGJv", "104, 117, 110, 103", "65, 71, 74, 118"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

/// docs/threats.md row 20: 12,288 octets are let in, one more is not, in AUTH and behind it; other commands have their own
/// limit (RFC 4954 §4).
#[test]
fn long_lines_of_exchanges() {
    let exact = |front: &str, octets: usize| {
        let digits = (octets - front.len() - 2) / 4 * 4;
        let padding = " ".repeat(octets - front.len() - 2 - digits);
        format!("{front}{}{padding}\r\n", "A".repeat(digits))
    };
    let refused = "500 5.5.2 Line refused: line longer than 12288 octets\r\n";
    for (octets, expected) in [(12_288, "454 4.7.0 "), (12_289, refused)] {
        let (mut server, mut host) = (server(), Refusing);
        settle(&mut server, &mut host);
        server.receive(b"EHLO a.example\r\n");
        settle(&mut server, &mut host);
        server.transmitted(usize::MAX);
        // "AUTH PLAIN " and a multiple of four, the rest is white space at the end.
        server.receive(exact("AUTH PLAIN ", octets).as_bytes());
        while settle(&mut server, &mut host) == Rest::Flush {
            server.transmitted(usize::MAX);
        }
        let said = String::from_utf8_lossy(server.transmit()).into_owned();
        assert!(said.starts_with(expected), "{octets}: {said}");
        server.transmitted(usize::MAX);
        server.receive(exact("NOOP ", 2000).as_bytes());
        settle(&mut server, &mut host);
        assert!(
            server
                .transmit()
                .starts_with(b"500 5.5.2 Line refused: line longer than ")
        );
    }
    for (octets, expected) in [(12_286, "454 4.7.0 "), (12_290, "500 5.5.6 ")] {
        let (mut server, mut host) = (server(), Challenging(0));
        settle(&mut server, &mut host);
        server.receive(b"EHLO a.example\r\nAUTH PLAIN\r\n");
        while settle(&mut server, &mut host) == Rest::Flush {
            server.transmitted(usize::MAX);
        }
        assert!(server.transmit().starts_with(b"334 "));
        server.transmitted(usize::MAX);
        server.receive(exact("", octets).as_bytes());
        settle(&mut server, &mut host);
        let said = String::from_utf8_lossy(server.transmit()).into_owned();
        assert!(said.starts_with(expected), "{octets}: {said}");
    }
}

struct Refusing;

impl Application<Server> for Refusing {
    fn event(&mut self, machine: &mut Server, event: Event) {
        machine.unhandled(event).expect("the ask is open");
    }
}

/// Challenges once, then refuses.
struct Challenging(u32);

impl Application<Server> for Challenging {
    fn event(&mut self, machine: &mut Server, event: Event) {
        match event {
            Event::Authenticate(ask, _) if self.0 == 0 => {
                self.0 += 1;
                machine.answer(ask, Ok(SaslStep::Challenge(Vec::new()))).expect("open");
            }
            other => machine.unhandled(other).expect("the ask is open"),
        }
    }
}

/// docs/threats.md row 23: what stands behind AUTH waits for the answer, and behind a challenge it is no command.
#[test]
fn octets_behind_auth_wait() {
    let mut server = server();
    settle(&mut server, &mut Refusing);
    server.receive(b"EHLO a.example\r\nAUTH PLAIN\r\nMAIL FROM:<>\r\nNOOP\r\n");
    let ask = loop {
        match server.poll() {
            Ok(Step::Event(Event::Authenticate(ask, _))) => break ask,
            Ok(Step::Event(_)) => {}
            Ok(Step::NeedFlush) => server.transmitted(usize::MAX),
            other => panic!("{other:?}"),
        }
    };
    for _ in 0..3 {
        assert!(matches!(server.poll(), Ok(Step::NeedAnswer)));
    }
    assert!(server.transmit().is_empty());
    server.answer(ask, Ok(SaslStep::Challenge(Vec::new()))).expect("open");
    assert_eq!(server.transmit(), b"334 \r\n");
    assert!(
        matches!(server.poll(), Ok(Step::NeedFlush)),
        "the challenge is to be read first"
    );
    server.transmitted(usize::MAX);
    assert!(matches!(server.poll(), Ok(Step::Event(Event::SaslCancelled))));
    assert!(
        server.transmit().starts_with(b"501 5.5.2 "),
        "MAIL is a response, and junk"
    );
    server.transmitted(usize::MAX);
    assert!(matches!(server.poll(), Ok(Step::NeedInput)));
    assert_eq!(server.transmit(), b"250 2.0.0 Ok\r\n");
    assert_eq!(server.phase(), Phase::Ready);
}

/// docs/threats.md row 22: wherever input ends inside the chunks of a message, the message is void.
#[test]
fn a_cut_chunk_is_never_a_message() {
    let front = b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@hamburger.example>\r\n".as_slice();
    let chunks = b"BDAT 8\r\n.\r\nx\r\n\r\nBDAT 0\r\nBDAT 5 LAST\r\nend\r\n".as_slice();
    let whole = [front, chunks].concat();
    for end in front.len()..=whole.len() {
        for size in [1, 3, whole.len()] {
            let (mut server, mut host) = (server(), MailHost::default());
            let pieces: Vec<&[u8]> = whole[..end].chunks(size).collect();
            feed(&mut server, &mut host, &pieces);
            server.transmitted(usize::MAX);
            server.receive_eof();
            while settle(&mut server, &mut host) == Rest::Flush {
                server.transmitted(usize::MAX);
            }
            let complete = end == whole.len();
            let expected: &[&[u8]] = if complete { &[b".\r\nx\r\n\r\nend\r\n"] } else { &[] };
            assert_eq!(host.messages, expected, "{end} octets in pieces of {size}");
            let aborted = host.log.iter().any(|line| line == "aborted");
            let begun = end >= front.len() + b"BDAT 8\r\n".len();
            assert_eq!(aborted, begun && !complete, "{end} octets in pieces of {size}");
            assert_eq!(server.ending(), Some(Ending::EndOfInput));
        }
    }
}

/// docs/threats.md rows 10 and 22: an announced size allocates nothing, and a chunk of 4 GiB that is refused is not read for
/// ever.
#[test]
fn announced_chunks_cost_nothing() {
    let mut config = config();
    config.limits.message = 0;
    config.limits.drained = 100_000;
    let front =
        b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@hamburger.example>\r\nBDAT 18446744073709551615 LAST\r\n";
    let (mut server, mut host) = (Server::new(Arc::new(config.clone())), MailHost::default());
    feed(&mut server, &mut host, &[front]);
    server.transmitted(usize::MAX);
    assert!(server.space().len() <= 1024);
    config.limits.message = 10;
    let (mut server, mut host) = (Server::new(Arc::new(config)), MailHost::default());
    let mut said = feed(&mut server, &mut host, &[front]);
    for _ in 0..200 {
        server.transmitted(usize::MAX);
        said = feed(&mut server, &mut host, &[&[b'x'; 1000]]);
        if !said.is_empty() {
            break;
        }
    }
    assert_eq!(
        String::from_utf8_lossy(&said),
        "421 4.7.0 Closing connection: more than 100000 octets behind the refusal of a message\r\n"
    );
}

/// docs/threats.md row 29: the header in any pieces, and the greeting behind it.
#[test]
fn a_proxys_header_comes_first() {
    let header = b"PROXY TCP6 2001:db8::7 2001:db8::1 1 25\r\n";
    for size in 1..=header.len() {
        let mut arrival = Arrival::default();
        arrival.proxy_header = true;
        let mut server = Server::arriving(Arc::new(config()), arrival);
        let mut host = MailHost::default();
        settle(&mut server, &mut host);
        assert!(server.transmit().is_empty(), "nobody is greeted yet");
        let pieces: Vec<&[u8]> = header.chunks(size).collect();
        let said = feed(&mut server, &mut host, &pieces);
        assert_eq!(said, b"220 mx.hamburger.example ESMTP service ready\r\n");
        assert_eq!(host.log, ["proxied Some([2001:db8::7]:1)"]);
    }
}

/// A refused first chunk tells the application that its transaction is void.
#[test]
fn a_refused_chunk_resets() {
    let mut config = config();
    config.limits.message = 3;
    let (mut server, mut host) = (Server::new(Arc::new(config)), MailHost::default());
    let front = b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@hamburger.example>\r\nBDAT 4 LAST\r\n1234NOOP\r\n";
    feed(&mut server, &mut host, &[front]);
    assert_eq!(host.log.last().map(String::as_str), Some("reset"));
    assert_eq!(server.phase(), Phase::Ready);
}

/// Stale answers change nothing: the dialogue has gone on under TLS.
#[test]
fn an_ask_does_not_cross_dialogues() {
    let (mut one, mut other) = (server(), server());
    let mut asks = Vec::new();
    for server in [&mut one, &mut other] {
        server.receive(b"EHLO a.example\r\nMAIL FROM:<>\r\n");
        loop {
            match server.poll() {
                Ok(Step::Event(Event::Mail(ask, _))) => break asks.push(ask),
                Ok(Step::NeedFlush) => server.transmitted(usize::MAX),
                Ok(Step::Event(_)) => {}
                step => panic!("{step:?}"),
            }
        }
    }
    let ask = asks.remove(0);
    one.answer(ask, Err(Refusal::denied())).expect("open");
    assert_eq!(
        one.answer(asks.remove(0), Ok(Acceptance::default())),
        Err(Misuse::StaleAsk)
    );
}
