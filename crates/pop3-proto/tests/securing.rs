//! What hostile peers try around TLS and logins, row by row.

mod support;

use std::sync::Arc;
use std::time::Duration;

use mail_testing::{Rest, settle};
use mail_wire::{Answers, Layer, LineFault, Machine, Misuse, Secret, Step};
use pop3_proto::apop::Timestamp;
use pop3_proto::server::{self, Event, Mechanisms, Plaintext, SaslStep, Stls};
use pop3_proto::{Client, Encoding, Expected, Name, Phase, Server, SyntaxError, client};
use support::{Caller, Host, submit};

fn stls() -> server::Config {
    server::Config {
        stls: Stls::Offered,
        plaintext: Plaintext::Allowed,
        utf8: Some(pop3_proto::Utf8::MessagesAndNames),
        mechanisms: Mechanisms {
            secured: vec!["PLAIN".parse().unwrap()],
            plaintext: vec!["LOGIN".parse().unwrap()],
        },
        ..server::Config::default()
    }
}

fn plaintext(config: server::Config) -> Server {
    Server::new(Arc::new(config), server::Security::Plaintext)
}

fn starttls() -> client::Config {
    client::Config::default()
}

/// Steps a machine without putting TLS in place, and returns what it wrote with where it stopped.
fn write<M: Machine>(machine: &mut M) -> (String, Result<Step<()>, M::Error>) {
    let mut wrote = Vec::new();
    loop {
        let step = machine.poll();
        wrote.extend_from_slice(machine.transmit());
        machine.transmitted(usize::MAX);
        let rest = match step {
            Ok(Step::Event(event)) => {
                machine.unhandled(event).unwrap();
                continue;
            }
            Ok(Step::NeedFlush) => continue,
            Ok(Step::Upgrade(layer)) => Ok(Step::Upgrade(layer)),
            Ok(Step::NeedAnswer) => Ok(Step::NeedAnswer),
            Ok(Step::Closed) => Ok(Step::Closed),
            Ok(_) => Ok(Step::NeedInput),
            Err(error) => Err(error),
        };
        return (String::from_utf8(wrote).unwrap(), rest);
    }
}

fn said<M: Machine>(machine: &mut M) -> String {
    write(machine).0
}

/// docs/threats.md row 4: octets behind STLS in the same read are an error, whatever they are; none of them is obeyed.
#[test]
fn octets_behind_stls_end_the_session() {
    for behind in ["\r\n", "USER bob\r\n", "STLS\r\n", "x", "\0", "\x16\x03\x01"] {
        let mut server = plaintext(stls());
        said(&mut server);
        server.receive(format!("STLS\r\n{behind}").as_bytes());
        let (wrote, rest) = write(&mut server);
        assert_eq!(wrote, "-ERR octets behind STLS\r\n");
        assert_eq!(rest, Err(server::Error::Injection));
        server.upgrade(Layer::Tls);
        assert_eq!(server.poll().map(drop), Err(server::Error::Injection));
        assert!(server.space().is_empty());
    }
}

/// docs/threats.md row 4: behind the go-ahead not an octet is read until TLS is in place, and what was said before is gone.
#[test]
fn a_secured_server_begins_anew() {
    let mut server = plaintext(stls());
    said(&mut server);
    server.receive(b"UTF8\r\n");
    said(&mut server);
    assert_eq!(server.encoding(), Encoding::Utf8);
    let mut server = plaintext(stls());
    said(&mut server);
    server.receive(b"USER bob\r\n");
    said(&mut server);
    assert_eq!(server.phase(), Phase::Named);
    server.receive(b"STLS\r\n");
    assert!(matches!(server.poll(), Ok(Step::NeedFlush)));
    assert!(server.space().is_empty(), "before the go-ahead is written");
    let (wrote, rest) = write(&mut server);
    assert_eq!(
        (wrote.as_str(), rest),
        ("+OK begin TLS now\r\n", Ok(Step::Upgrade(Layer::Tls)))
    );
    assert!(server.space().is_empty());
    assert_eq!(server.receive(b"NOOP\r\n"), 0);
    assert_eq!(server.timer(), None, "the handshake is the driver's to time");
    server.upgrade(Layer::Deflate);
    assert!(matches!(server.poll(), Ok(Step::Upgrade(Layer::Tls))));
    server.upgrade(Layer::Tls);
    assert_eq!(
        (server.phase(), server.security()),
        (Phase::Authorization, server::Security::Secured)
    );
    assert_eq!(server.transmit(), b"", "no second greeting");
    server.receive(b"PASS hungry\r\nCAPA\r\n");
    let (wrote, _) = write(&mut server);
    assert!(wrote.starts_with("-ERR PASS is not allowed"), "{wrote}");
    assert!(
        wrote.contains("\r\nSASL PLAIN\r\n") && !wrote.contains("STLS\r\n"),
        "{wrote}"
    );
}

/// docs/threats.md row 5: octets behind the go-ahead are an error.
#[test]
fn octets_behind_the_go_ahead_end_the_session() {
    for behind in ["\r\n", "+OK logged in\r\n", "x", "\x16\x03\x01"] {
        let mut client = Client::new(starttls());
        client.stls().unwrap();
        client.receive(b"+OK ready\r\n");
        assert_eq!(said(&mut client), "STLS\r\n");
        client.receive(format!("+OK go ahead\r\n{behind}").as_bytes());
        let (wrote, rest) = write(&mut client);
        assert_eq!((wrote.as_str(), rest), ("", Err(client::Error::Injection)));
    }
}

/// docs/threats.md row 5: what was learned in plaintext is not known behind TLS: capabilities, the greeting's timestamp, the
/// flow of commands.
#[test]
fn a_secured_client_begins_anew() {
    let mut config = starttls();
    config.apop = client::Apop::WhenOffered;
    let mut client = Client::new(config);
    client.capabilities().unwrap();
    client.stls().unwrap();
    client.capabilities().unwrap();
    submit(&mut client, "login bob hungry").unwrap();
    client.receive(b"+OK <1.2@example.org>\r\n");
    assert_eq!(said(&mut client), "CAPA\r\n");
    client.receive(b"+OK\r\nPIPELINING\r\nSTLS\r\nSASL PLAIN\r\n.\r\n");
    assert_eq!(said(&mut client), "STLS\r\n");
    assert!(client.offered().unwrap().has("PIPELINING"));
    client.receive(b"+OK\r\n");
    let (wrote, rest) = write(&mut client);
    assert_eq!((wrote.as_str(), rest), ("", Ok(Step::Upgrade(Layer::Tls))));
    assert_eq!(client.receive(b"+OK injected\r\n"), 0, "the door is shut");
    client.upgrade(Layer::Tls);
    assert_eq!(client.security(), client::Security::Secured);
    assert_eq!((client.phase(), client.offered()), (Phase::Authorization, None));
    // Commands that were queued for TLS go out now, one by one again.
    assert_eq!(said(&mut client), "CAPA\r\n");
    client.receive(b"+OK\r\nTOP\r\n.\r\n");
    assert_eq!(said(&mut client), "USER bob\r\n");
    let apop = client.apop(Name::new("bob").unwrap(), &Secret::from("hungry"));
    assert_eq!(apop, Err(Misuse::NotOffered { extension: "APOP" }));
}

/// docs/threats.md row 6: where TLS is required no name, password or response is written before it, however the caller asks
/// and whatever the server says.
#[test]
fn no_credential_is_written_before_tls() {
    let logins = [
        "login bob hungry",
        "apop bob hungry",
        "auth PLAIN \\0bob\\0hungry",
        "auth EXTERNAL",
        "utf8",
        "lang en",
    ];
    let answers: [&[&str]; 4] = [
        &[],
        &["+OK\r\nTOP\r\nUSER\r\nSASL PLAIN\r\n.\r\n"],
        &["+OK\r\nSTLS\r\n.\r\n", "-ERR no TLS\r\n"],
        &["-ERR what\r\n", "-ERR what\r\n"],
    ];
    for login in logins {
        for answers in answers {
            let mut config = starttls();
            config.apop = client::Apop::WhenOffered;
            let mut client = Client::new(config);
            let mut wrote = String::new();
            assert!(submit(&mut client, login).is_err(), "{login} before the greeting");
            client.capabilities().unwrap();
            assert!(submit(&mut client, login).is_err(), "{login} behind CAPA");
            client.stls().unwrap();
            let queued = submit(&mut client, login).is_ok();
            client.receive(b"+OK <1.2@example.org>\r\n");
            wrote += &said(&mut client);
            for answer in answers {
                client.receive(answer.as_bytes());
                wrote += &said(&mut client);
            }
            let _ = submit(&mut client, login);
            wrote += &said(&mut client);
            assert!(
                ["CAPA\r\n", "CAPA\r\nSTLS\r\n"].contains(&wrote.as_str()),
                "{login} ({queued}): {wrote}"
            );
        }
    }
}

/// docs/threats.md row 6: commands that waited for TLS are given back when it is refused, also where plaintext is allowed.
#[test]
fn what_was_given_for_tls_does_not_go_without() {
    for security in [client::Security::StartTls, client::Security::Plaintext] {
        let mut config = starttls();
        config.security = security;
        let mut client = Client::new(config);
        let mut caller = Caller::new(&["stls; login bob hungry; auth PLAIN hungry; stat; quit"]);
        client.receive(b"+OK\r\n");
        settle(&mut client, &mut caller);
        client.transmitted(usize::MAX);
        client.receive(b"-ERR\r\n");
        settle(&mut client, &mut caller);
        assert_eq!(client.transmit(), b"QUIT\r\n");
        let told = caller.told.borrow().join("\n");
        assert!(told.contains("unsent USER: the peer did not offer TLS"), "{told}");
        assert!(!told.contains("PASS"), "PASS goes with its USER: {told}");
    }
}

/// docs/threats.md row 18: APOP is off by default, also where a timestamp is given; and gone behind STLS.
#[test]
fn apop_is_asked_for_by_name() {
    let timestamp = || Timestamp::parse(b"<1.2@example.org>").unwrap();
    let greeted = |plaintext, security| {
        let mut config = stls();
        config.plaintext = plaintext;
        let mut server = Server::with_apop(Arc::new(config), security, timestamp());
        let (wrote, _) = write(&mut server);
        (wrote.contains("<1.2@example.org>"), server)
    };
    assert!(!greeted(Plaintext::Refused, server::Security::Plaintext).0);
    assert!(greeted(Plaintext::Refused, server::Security::Secured).0);
    let (offered, mut server) = greeted(Plaintext::Apop, server::Security::Plaintext);
    assert!(offered);
    server.receive(b"USER bob\r\n");
    assert_eq!(said(&mut server), "-ERR USER is not offered without TLS\r\n");
    server.receive(b"STLS\r\n");
    said(&mut server);
    server.upgrade(Layer::Tls);
    let digest = String::from_utf8(timestamp().digest(&Secret::from("hungry")).to_hex().to_vec()).unwrap();
    server.receive(format!("APOP bob {digest}\r\n").as_bytes());
    assert_eq!(said(&mut server), "-ERR APOP is not offered here\r\n");
}

/// docs/threats.md row 20: no secret in what is printed of commands, events and machines.
#[test]
fn secrets_are_not_printed() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    said(&mut server);
    // "hunter2"
    server.receive(b"AUTH PLAIN aHVudGVyMg==\r\n");
    let Ok(Step::Event(Event::Authenticate(ask, auth))) = server.poll() else {
        panic!("AUTH is asked about");
    };
    let mut printed = format!("{auth:?} {server:?}");
    server.answer(ask, Ok(SaslStep::Challenge(vec![]))).unwrap();
    server.transmitted(usize::MAX);
    server.receive(b"aHVudGVyMg==\r\n");
    let Ok(Step::Event(event @ Event::SaslResponse(..))) = server.poll() else {
        panic!("the response is asked about");
    };
    printed += &format!("{event:?}");
    let mut client = Client::new(support::secured());
    submit(&mut client, "auth PLAIN hunter2").unwrap();
    client.receive(b"+OK\r\n");
    said(&mut client);
    printed += &format!("{client:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
}

/// docs/threats.md row 20: a response that does not end is dropped as it comes, and ends the exchange.
#[test]
fn an_endless_response_is_refused() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    let mut host = Host::with_messages(&[]);
    server.receive(b"AUTH PLAIN\r\n");
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    for _ in 0..10_000 {
        let taken = server.receive(&[b'A'; 512]);
        assert_eq!(taken, 512, "what cannot be a response is not kept");
        settle(&mut server, &mut host);
    }
    server.receive(b"\r\nQUIT\r\n");
    let (wrote, _) = write(&mut server);
    assert_eq!(wrote, "-ERR line longer than 12288 octets\r\n+OK goodbye\r\n");
    assert_eq!(host.asked, ["authenticate PLAIN", "cancelled"].map(str::to_owned)[..1]);
}

/// docs/threats.md row 20: a response of the longest length passes; commands keep their own limit before and behind it.
#[test]
fn long_responses_pass() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    said(&mut server);
    server.receive(b"AUTH PLAIN\r\n");
    let Ok(Step::Event(Event::Authenticate(ask, _))) = server.poll() else {
        panic!("AUTH is asked about");
    };
    server.answer(ask, Ok(SaslStep::Challenge(vec![]))).unwrap();
    server.transmitted(usize::MAX);
    let mut line = vec![b'A'; 12_284];
    line.extend_from_slice(b"\r\n");
    let mut rest = line.as_slice();
    let event = loop {
        let n = server.receive(rest);
        rest = &rest[n..];
        match server.poll() {
            Ok(Step::Event(event)) => break event,
            Ok(Step::NeedInput) => {}
            other => panic!("{other:?}"),
        }
    };
    let Event::SaslResponse(ask, response) = event else {
        panic!("{event:?}");
    };
    assert_eq!(response.expose().len(), 9213);
    server.answer(ask, Err(server::Refusal::bad_credentials())).unwrap();
    said(&mut server);
    server.receive(&[b"USER ".as_slice(), &[b'x'; 249], b"\r\n"].concat());
    assert_eq!(said(&mut server), "-ERR line longer than 255 octets\r\n");
}

/// docs/threats.md row 20: a challenge that is none ends the session, and nothing is sent in response to it; an over-long
/// one as well.
#[test]
fn a_challenge_that_is_none_is_an_error() {
    let challenged = |octets: &[u8]| {
        let mut client = Client::new(support::secured());
        submit(&mut client, "auth PLAIN \\0bob\\0hungry").unwrap();
        client.receive(b"+OK\r\n");
        assert_eq!(said(&mut client), "AUTH PLAIN\r\n");
        for piece in octets.chunks(1000) {
            client.receive(piece);
            let (wrote, rest) = write(&mut client);
            assert_eq!(wrote, "");
            if let Err(error) = rest {
                return Some(error);
            }
        }
        None
    };
    let syntax = |offset| {
        let expected = Expected::Challenge;
        Some(client::Error::Syntax(SyntaxError { offset, expected }))
    };
    assert_eq!(challenged(b"+ not base64!\r\n"), syntax(5));
    assert_eq!(challenged(b"+ =\r\n"), syntax(2));
    let long = [b"+ ".as_slice(), &[b'A'; 20_000], b"\r\n"].concat();
    let limit = 12_288;
    assert_eq!(
        challenged(&long),
        Some(client::Error::Line(LineFault::TooLong { limit }))
    );
}

/// RFC 5034 §4: a command has at most 255 octets; a longer initial response waits for the empty challenge.
#[test]
fn a_long_initial_response_waits() {
    for (octets, initial) in [(3, true), (180, true), (181, false), (5000, false)] {
        let mut client = Client::new(support::secured());
        client.capabilities().unwrap();
        client.receive(b"+OK\r\n");
        said(&mut client);
        client.receive(b"+OK\r\nSASL X-TOKEN\r\n.\r\n");
        said(&mut client);
        let response = Secret::from(vec![b'x'; octets].as_slice());
        client.authenticate("x-token".parse().unwrap(), Some(response)).unwrap();
        let (wrote, _) = write(&mut client);
        assert!(wrote.len() <= 255, "{octets}: {}", wrote.len());
        assert_eq!(wrote != "AUTH X-TOKEN\r\n", initial, "{octets}: {wrote}");
        if !initial {
            client.receive(b"+ \r\n");
            let (wrote, _) = write(&mut client);
            assert_eq!(wrote.len(), octets.div_ceil(3) * 4 + 2);
        }
        client.receive(b"+OK in\r\n");
        said(&mut client);
        assert_eq!(client.phase(), Phase::Transaction);
    }
}

/// docs/threats.md row 23: octets behind AUTH wait for what comes of it, and are responses while the exchange goes on.
#[test]
fn octets_behind_auth_wait() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    let mut host = Host::with_messages(&[b"a\r\n"]);
    server.receive(b"AUTH PLAIN\r\nAGJvYgBodW5ncnk=\r\nDELE 1\r\nAUTH PLAIN\r\nQUIT\r\n");
    settle(&mut server, &mut host);
    assert_eq!(host.asked, ["authenticate PLAIN", "update [1]"]);
    let (wrote, _) = write(&mut server);
    let expected = "+OK POP3 server ready\r\n+ \r\n+OK 1 message (3 octets)\r\n+OK message 1 deleted\r\n\
        -ERR AUTH is not allowed in the TRANSACTION state\r\n+OK goodbye (maildrop empty)\r\n";
    assert_eq!(wrote, expected);
}

/// docs/threats.md row 31: a client that owes a response is timed; one that waits for its own program is not.
#[test]
fn an_exchange_is_timed() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    let mut host = Host::with_messages(&[]);
    server.receive(b"AUTH PLAIN\r\n");
    settle(&mut server, &mut host);
    server.transmitted(usize::MAX);
    let timer = server.timer().expect("a response is awaited");
    assert!(timer.limit >= Duration::from_secs(600));
    server.receive(b"AAAA");
    settle(&mut server, &mut host);
    assert_eq!(server.timer(), Some(timer), "dripping is no progress");
    server.expire(timer);
    assert!(matches!(server.poll(), Err(server::Error::Inactive { .. })));

    let (mut client, mut caller) = (Client::new(support::secured()), Caller::new(&["auth LOGIN"]));
    client.receive(b"+OK\r\n");
    settle(&mut client, &mut caller);
    assert_eq!(client.timer().map(|timer| timer.what), Some("response"));
    client.transmitted(usize::MAX);
    client.receive(b"+ VXNlcm5hbWU6\r\n");
    assert_eq!(settle(&mut client, &mut caller), Rest::Idle);
    assert_eq!(client.timer(), None);
    client.receive_eof();
    client.respond(Secret::from("bob")).unwrap();
    assert!(matches!(
        settle(&mut client, &mut caller),
        Rest::Failed(client::Error::Disconnected { .. })
    ));
}

/// Guessing at passwords by AUTH is bounded as by PASS.
#[test]
fn guessing_is_bounded() {
    let mut server = Server::new(Arc::new(stls()), server::Security::Secured);
    let mut host = Host::with_messages(&[]);
    // "\0bob\0x"
    server.receive(b"AUTH PLAIN AGJvYgB4\r\n".repeat(5).as_slice());
    let limit = 3;
    let rest = settle(&mut server, &mut host);
    assert_eq!(rest, Rest::Failed(server::Error::FailedLogins { limit }));
    assert_eq!(host.asked.len(), 3);
}
