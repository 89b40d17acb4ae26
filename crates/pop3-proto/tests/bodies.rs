//! Messages through both machines: what the server is given is what the client gets, each line end a CRLF.

mod support;

use std::sync::Arc;

use mail_testing::{Application, Rest, chunkings, converse, oracle, settle};
use mail_wire::{Answers, BareLineEnds, Escaped, Machine, Step, Upload};
use pop3_proto::server::{self, Maildrop};
use pop3_proto::{Client, Server, UniqueId, client};
use support::Caller;

/// docs/threats.md row 3 (the empty message) and row 27: every string over a small alphabet, written at every split.
#[test]
fn every_small_message_arrives_normalised_at_every_split() {
    for message in oracle::strings(b".\r\nx", 6) {
        let expected = oracle::normalised(&message);
        for pieces in splits(&message) {
            let wire = written(b"RETR 1\r\n", &pieces);
            assert_eq!(received(&wire, wire.len()), expected, "{}", Escaped(&message));
            assert_eq!(received(&wire, 1), expected, "{} octet by octet", Escaped(&message));
        }
    }
}

/// TOP against a naive oracle, at every split.
#[test]
fn every_small_top_is_the_oracles_at_every_split() {
    for message in oracle::strings(b".\r\nx", 6) {
        for lines in 0..3 {
            let expected = top(&oracle::normalised(&message), lines);
            for pieces in splits(&message) {
                let wire = written(format!("TOP 1 {lines}\r\n").as_bytes(), &pieces);
                assert_eq!(
                    received(&wire, wire.len()),
                    expected,
                    "{} lines of {}",
                    lines,
                    Escaped(&message)
                );
            }
        }
    }
}

fn splits(message: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut splits: Vec<Vec<&[u8]>> = (0..=message.len())
        .map(|cut| vec![&message[..cut], &message[cut..]])
        .collect();
    splits.push(message.chunks(1).collect());
    splits
}

/// The header, the blank line and so many lines of a normalised message.
fn top(message: &[u8], lines: usize) -> Vec<u8> {
    let mut all = message.split_inclusive(|&octet| octet == b'\n');
    let mut top: Vec<&[u8]> = Vec::new();
    for line in all.by_ref() {
        top.push(line);
        if line == b"\r\n" {
            break;
        }
    }
    top.extend(all.take(lines));
    top.concat()
}

/// What a server writes behind the response's first line, given the message in these pieces.
fn written(command: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let mut server = Server::new(Arc::default(), server::Security::Secured);
    server.receive(b"USER bob\r\nPASS hungry\r\n");
    server.receive(command);
    loop {
        match server.poll().unwrap() {
            Step::Event(server::Event::Login(ask, _)) => {
                let maildrop: Maildrop = [(1, UniqueId::new("a").unwrap())].into_iter().collect();
                server.answer(ask, Ok(maildrop)).unwrap();
            }
            Step::Event(server::Event::Retrieve(ask, _)) => server.answer(ask, Ok(())).unwrap(),
            Step::Event(server::Event::Top(ask, ..)) => server.answer(ask, Ok(())).unwrap(),
            Step::NeedBody => break,
            other => panic!("{other:?}"),
        }
    }
    server.transmitted(usize::MAX);
    server.begin_body(None).unwrap();
    for piece in pieces {
        assert_eq!(server.write_body(piece).unwrap(), piece.len());
    }
    server.finish_body().unwrap();
    server.transmit().to_vec()
}

/// What a client that is strict about line ends reads out of it.
fn received(wire: &[u8], size: usize) -> Vec<u8> {
    let mut client = Client::new(support::secured());
    let mut caller = Caller::new(&["login bob hungry", "retr 1"]);
    client.receive(b"+OK\r\n");
    settle(&mut client, &mut caller);
    for answer in [b"+OK\r\n", b"+OK\r\n", b"+OK\r\n"] {
        client.receive(answer);
        settle(&mut client, &mut caller);
    }
    let mut body = Vec::new();
    for piece in wire.chunks(size) {
        assert_eq!(client.receive(piece), piece.len());
        loop {
            match client.poll().unwrap() {
                Step::Body => {
                    body.extend_from_slice(client.body());
                    client.consume(client.body().len());
                }
                Step::BodyEnd => {
                    client.close_body();
                    assert_eq!(client.poll(), Ok(Step::NeedAnswer), "nothing is left over");
                    return body;
                }
                Step::NeedInput => break,
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("no end in {}", Escaped(wire));
}

/// A client with the leniency gets bare line ends as they are; without it the message is void.
#[test]
fn bare_line_ends_of_a_server_are_refused_or_kept() {
    let wire = b"a\nb\rc\r\n.\r\n";
    for pieces in chunkings(wire) {
        for (bare, expected) in [
            (BareLineEnds::Refuse, "aborted"),
            (BareLineEnds::Allow, "body a\\nb\\rc\\r\\n"),
        ] {
            let mut config = support::secured();
            config.leniency.bare_line_ends = bare;
            let (mut client, mut caller) = (Client::new(config), Caller::new(&["login bob hungry; retr 1; noop"]));
            for answer in [b"+OK\r\n".as_slice(), b"+OK\r\n", b"+OK\r\n", b"+OK\r\n"]
                .into_iter()
                .chain(pieces.clone())
            {
                client.receive(answer);
                settle(&mut client, &mut caller);
            }
            client.receive(b"+OK\r\n");
            assert_eq!(settle(&mut client, &mut caller), Rest::Idle);
            let told = caller.told.borrow();
            assert_eq!(told[told.len() - 2..], [expected, "done NOOP"]);
        }
    }
}

/// An event that the caller drops takes its body along.
#[test]
fn an_unhandled_message_is_skipped() {
    let (mut client, mut caller) = (
        Client::new(support::secured()),
        Caller::new(&["login bob hungry; retr 1; noop"]),
    );
    for answer in ["+OK\r\n"; 3] {
        client.receive(answer.as_bytes());
        settle(&mut client, &mut caller);
    }
    client.receive(b"+OK\r\na\nb\r\n..\r\n.\r\n+OK\r\n");
    let Ok(Step::Event(event @ client::Event::Message { .. })) = client.poll() else {
        panic!("a message was announced");
    };
    client.unhandled(event).unwrap();
    let Ok(Step::Event(client::Event::Done(keyword, _))) = client.poll() else {
        panic!("NOOP was answered");
    };
    assert_eq!(keyword, pop3_proto::Keyword::Noop);
}

/// docs/threats.md row 24 and row 11: a message of 20 MB over a pipe of 1 KiB, in bounded memory.
#[test]
fn a_message_of_20_mb_passes_in_bounded_memory() {
    let mut server = Server::new(Arc::default(), server::Security::Secured);
    let mut client = Client::new(support::secured());
    let mut caller = Caller::new(&["login bob hungry", "retr 1", "quit"]);
    caller.keeps = false;
    let mut host = Fountain::default();
    converse((&mut client, &mut caller), (&mut server, &mut host), 1024);
    assert_eq!(caller.octets, Fountain::LINES * LINE.len() as u64);
    assert_eq!(caller.told.borrow().last().unwrap(), "done QUIT");
}

const LINE: &[u8] = b"..never gonna run around and fill the memory, says the message to the machine\r\n";

/// Supplies one long message.
#[derive(Default)]
struct Fountain {
    octets: u64,
}

impl Fountain {
    const LINES: u64 = 20_000_000 / LINE.len() as u64;
}

impl Application<Server> for Fountain {
    fn event(&mut self, machine: &mut Server, event: server::Event) {
        match event {
            server::Event::Login(ask, _) => {
                let octets = Self::LINES * LINE.len() as u64;
                let maildrop: Maildrop = [(octets, UniqueId::new("a").unwrap())].into_iter().collect();
                machine.answer(ask, Ok(maildrop)).unwrap();
            }
            server::Event::Retrieve(ask, _) => {
                machine.answer(ask, Ok(())).unwrap();
                machine.begin_body(Some(Self::LINES * LINE.len() as u64)).unwrap();
            }
            server::Event::Update(ask, _) => machine.answer(ask, Ok(())).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn need_body(&mut self, machine: &mut Server) {
        let line = (
            self.octets / LINE.len() as u64,
            (self.octets % LINE.len() as u64) as usize,
        );
        if line.0 == Self::LINES {
            machine.finish_body().unwrap();
            return;
        }
        self.octets += machine.write_body(&LINE[line.1..]).unwrap() as u64;
        assert!(machine.transmit().len() <= 16 * 1024);
    }
}
