//! FETCH responses: long literals stream, the rest is held, one bad item costs one item.

use imap_proto::ClientLimits;
use imap_proto::client::{Config, Error};

use crate::caller::{Caller, Rest, at_every_split, plain};

fn with_threshold(literal: usize) -> impl Fn() -> Caller {
    move || {
        let config = Config {
            limits: ClientLimits {
                literal,
                ..ClientLimits::default()
            },
            ..plain()
        };
        let mut caller = Caller::selected_with(config, "");
        caller.give("FETCH 1 (FLAGS BODY[] ENVELOPE)");
        caller.take_sent();
        caller
    }
}

#[test]
fn a_literal_streams_from_the_threshold_on() {
    let wire = b"* 1 FETCH (UID 7 BODY[] {5}\r\nhello FLAGS (\\Seen) BODY[1] {4}\r\nfour)\r\nA2 OK\r\n";
    let (_, told, _) = at_every_split(with_threshold(4), wire);
    assert_eq!(
        told,
        [
            "fetch Sequence 1",
            "UID 7",
            "literal BODY[] {5}",
            "body hello",
            "FLAGS (\\\\Seen)",
            "BODY[1] {4}\\r\\nfour",
            "fetched",
            "2 OK"
        ]
    );
}

#[test]
fn several_literals_stream_one_behind_the_other() {
    let wire = b"* 1 FETCH (BODY[1] {3}\r\none BODY[2] {3}\r\ntwo BINARY[3] ~{3}\r\n\0\r\n)\r\n* 2 FETCH (RFC822 {2}\r\nno)\r\nA2 OK\r\n";
    let (_, told, _) = at_every_split(with_threshold(1), wire);
    let bodies: Vec<_> = told.iter().filter(|told| told.starts_with("body")).collect();
    assert_eq!(bodies, ["body one", "body two", "body \\0\\r\\n", "body no"]);
    assert_eq!(told.iter().filter(|told| *told == "fetched").count(), 2);
    assert_eq!(told.last().map(String::as_str), Some("2 OK"));
}

/// Only a message's octets stream: an address or subject is held, whatever the threshold is.
#[test]
fn a_literal_inside_an_envelope_is_held() {
    let wire = b"* 1 FETCH (FLAGS () ENVELOPE (NIL {12}\r\na subject,\r\n NIL NIL NIL NIL NIL NIL NIL {3}\r\n<a>) BODY[] {4}\r\nbody)\r\nA2 OK\r\n";
    let (_, told, _) = at_every_split(with_threshold(1), wire);
    assert_eq!(told.len(), 7, "{told:?}");
    assert!(told[2].contains("a subject,\\r\\n") && told[2].contains("<a>"), "{}", told[2]);
    assert_eq!(told[4], "body body");
    assert_eq!(&told[5..], ["fetched", "2 OK"]);
}

#[test]
fn a_bad_item_costs_one_item() {
    let wire = b"* 1 FETCH (UID 7 ENVELOPE (1 2 {3}\r\n)\r\n 3) INTERNALDATE \"yesterday\" BODY[] {4}\r\nbody FLAGS (\\Seen))\r\nA2 OK\r\n";
    for threshold in [1, 16 * 1024] {
        let (_, told, rest) = at_every_split(with_threshold(threshold), wire);
        let invalid = told.iter().filter(|told| *told == "invalid item").count();
        assert_eq!(invalid, 2, "{told:?}");
        assert!(told.contains(&"UID 7".to_owned()) && told.contains(&"FLAGS (\\\\Seen)".to_owned()), "{told:?}");
        assert_eq!(rest, Rest::Answer);
    }
}

/// docs/threats.md row 27: inside a literal, inside a response, between responses.
#[test]
fn an_end_inside_a_response_is_an_error() {
    let whole = b"* 1 FETCH (UID 7 BODY[] {5}\r\nhello FLAGS ())\r\nA2 OK\r\n";
    for threshold in [1, 16 * 1024] {
        for end in 0..whole.len() {
            let mut caller = with_threshold(threshold)();
            caller.hear_octets(&whole[..end]);
            caller.hear_end();
            assert_eq!(caller.rest, Rest::Failed(Error::Disconnected), "{end}");
            let told = caller.take_told();
            let is_cut_off = (29..34).contains(&end) && threshold == 1;
            assert_eq!(told.iter().any(|told| told == "aborted"), is_cut_off, "{end}: {told:?}");
            let whole_body = told.iter().any(|told| told == "body hello" || told.contains("hello"));
            assert!(!whole_body || end >= 34, "{end}: {told:?}");
            assert!(!told.iter().any(|told| told.starts_with("2 ")), "{told:?}");
        }
    }
}

/// A literal that is announced and never sent makes no room for itself, however long it says it is.
#[test]
fn announcements_allocate_nothing() {
    let (_, told, rest) = at_every_split(with_threshold(16 * 1024), b"* 1 FETCH (BODY[] {9223372036854775807}\r\nabc");
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(rest, Rest::Input);
    for held in ["* 1 FETCH (ENVELOPE ({2000000}\r\n", "* LIST () \"/\" {4294967295}\r\n", "* X {99999999999999999999}\r\n"] {
        let (_, _, rest) = at_every_split(with_threshold(16 * 1024), held.as_bytes());
        assert_eq!(rest, Rest::Failed(Error::ResponseTooLong { limit: 1024 * 1024 }), "{held}");
    }
}

/// What is told between the parts of a response comes in order, UIDFETCH (RFC 9586) included.
#[test]
fn uidfetch_is_fetch_by_uid() {
    let (_, told, _) = at_every_split(with_threshold(1), b"* 99 UIDFETCH (FLAGS () BODY[] {2}\r\nab)\r\n");
    assert_eq!(told.first().map(String::as_str), Some("fetch Uid 99"));
    assert_eq!(told.last().map(String::as_str), Some("fetched"));
}
