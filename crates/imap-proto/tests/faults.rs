//! What a server does with lines that are none, and how it goes on.

use std::sync::Arc;

use imap_proto::Server;
use imap_proto::server::{Compress, Config, Event, Opening, Security};
use mail_wire::{Machine, Step};

/// What a server, whose client is logged in, says to `octets`, and the events that it tells.
fn hear(octets: &[u8]) -> (String, Vec<&'static str>) {
    let config = Config {
        opening: Opening::PreAuthenticated,
        compress: Compress::Offered,
        ..Config::default()
    };
    let mut server = Server::new(Arc::new(config), Security::Secured);
    let (mut said, mut events) = (Vec::new(), Vec::new());
    server.transmitted(usize::MAX);
    assert_eq!(server.receive(octets), octets.len());
    loop {
        match server.poll() {
            Ok(Step::Event(Event::IdleBegan)) => events.push("began"),
            Ok(Step::Event(Event::IdleEnded)) => events.push("ended"),
            Ok(Step::Event(Event::AppendAborted)) => events.push("aborted"),
            Ok(Step::Event(Event::Append(ask, _))) => {
                use mail_wire::Answers as _;
                server.answer(ask, Ok(())).expect("an open ask");
                events.push("append");
            }
            Ok(Step::Body) => server.consume(usize::MAX),
            Ok(Step::BodyEnd) => server.close_body(),
            Ok(Step::NeedInput) => break,
            other => panic!("{other:?}"),
        }
    }
    said.extend_from_slice(server.transmit());
    (String::from_utf8(said).expect("text"), events)
}

#[test]
fn a_bare_lf_voids_the_line_and_the_next_stands() {
    let (said, _) = hear(b"a NOOP\nb NOOP\r\n");
    let (first, second) = said.split_once("\r\n").expect("two lines");
    assert!(first.starts_with("a BAD "), "{said}");
    assert_eq!(second, "b OK NOOP completed\r\n");
}

/// A person who types into a pipe ends lines with LF: IDLE must not go on behind its own result.
#[test]
fn idle_is_over_behind_a_voided_line() {
    for line in ["DONE\n", "x {3}\r\n", "NOOP\r\n"] {
        let (said, events) = hear(format!("a IDLE\r\n{line}b NOOP\r\n").as_bytes());
        assert!(said.contains("\r\na BAD "), "{line:?}: {said}");
        assert!(said.ends_with("b OK NOOP completed\r\n"), "{line:?}: {said}");
        assert_eq!(events, ["began", "ended"], "{line:?}");
    }
}

#[test]
fn append_is_forgotten_behind_a_voided_line() {
    let (said, events) = hear(b"a APPEND INBOX {2+}\r\nhi\nb NOOP\r\n");
    assert!(said.starts_with("a BAD "), "{said}");
    assert!(said.ends_with("b OK NOOP completed\r\n"), "{said}");
    assert_eq!(events, ["append", "aborted"]);
}

/// RFC 9051 §7.1: BAD is tagged where the tag is known, and who sent it waits for nothing else.
#[test]
fn a_tag_alone_is_answered() {
    for (line, start) in [
        ("a\r\n", "a BAD "),
        ("a \r\n", "a BAD "),
        ("a\n", "a BAD "),
        ("a(\r\n", "* BAD "),
        ("\r\n", "* BAD "),
    ] {
        let (said, _) = hear(format!("{line}b NOOP\r\n").as_bytes());
        assert!(said.starts_with(start), "{line:?}: {said}");
        assert!(said.ends_with("\r\nb OK NOOP completed\r\n"), "{line:?}: {said}");
    }
}

/// RFC 4978 §3: an OK would have the client compress.
#[test]
fn nothing_but_deflate_compresses() {
    let (said, _) = hear(b"a COMPRESS LZ77\r\nb NOOP\r\n");
    assert_eq!(said, "a BAD not offered here\r\nb OK NOOP completed\r\n");
}
