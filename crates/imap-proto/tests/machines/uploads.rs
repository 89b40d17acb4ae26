//! Literals that a client sends: which wait, which stream, and what becomes of the rest of a command that is refused.

use mail_wire::Machine as _;

use crate::caller::{Caller, Rest, at_every_split};

#[test]
fn strings_wait_where_the_server_wants_it() {
    let mut caller = Caller::selected("LITERAL-");
    caller.give("SEARCH CHARSET UTF-8 SUBJECT {2}\r\n\u{fc}");
    assert_eq!(caller.take_sent(), "A2 SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\u{fc}\r\n");
    let mut caller = Caller::selected("");
    caller.give("SEARCH CHARSET UTF-8 OR SUBJECT {2}\r\n\u{fc} TO {2}\r\n\u{e4}");
    caller.give("UID FETCH 1 FLAGS");
    assert_eq!(caller.take_sent(), "A2 SEARCH CHARSET UTF-8 OR SUBJECT {2}\r\n");
    caller.hear("+\r\n");
    assert_eq!(caller.take_sent(), "\u{fc} TO {2}\r\n");
    caller.hear("+ ok\r\n");
    assert_eq!(caller.take_sent(), "\u{e4}\r\nA3 UID FETCH 1 FLAGS\r\n");
}

#[test]
fn messages_are_written_when_they_are_asked_for() {
    let mut caller = Caller::logged_in("MULTIAPPEND");
    caller.append(&[b"one", b"second"]);
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {3}\r\n");
    caller.hear("* 3 EXISTS\r\n+ go on\r\n");
    assert_eq!(caller.take_sent(), "one {6}\r\n");
    caller.hear("+ go on\r\n");
    assert_eq!(caller.take_sent(), "second\r\n");
    caller.hear("A1 OK [APPENDUID 1 4:5] done\r\n");
    assert_eq!(caller.take_told(), ["* 3 EXISTS", "1 OK [APPENDUID 1 4:5] done"]);
    assert_eq!(caller.rest, Rest::Answer);

    let mut caller = Caller::logged_in("LITERAL+");
    caller.append(&[b"one"]);
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {3+}\r\none\r\n");
    let mut caller = Caller::logged_in("LITERAL-");
    caller.append(&[&[b'x'; 4096]]);
    assert!(caller.take_sent().starts_with("A1 APPEND INBOX {4096+}\r\nxxx"));
    let mut caller = Caller::logged_in("LITERAL-");
    caller.append(&[&[b'x'; 4097]]);
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {4097}\r\n");
}

/// A refusal in place of `+`: no octet of the literal is sent, and the session goes on.
#[test]
fn a_refusal_in_place_of_the_go_ahead() {
    let mut caller = Caller::logged_in("");
    caller.append(&[b"one"]);
    caller.uploads.clear();
    caller.give("NOOP");
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {3}\r\n");
    caller.hear("A1 NO [OVERQUOTA] full\r\n");
    assert_eq!(caller.take_sent(), "A2 NOOP\r\n");
    caller.hear("A2 OK\r\n");
    assert_eq!(caller.take_told(), ["1 NO [OVERQUOTA] full", "2 OK"]);
    assert_eq!(caller.rest, Rest::Answer);
}

/// A refusal while a literal is under way: it is finished, since the server counts its octets; nothing of the command follows it.
#[test]
fn a_refusal_while_a_literal_is_under_way() {
    let mut caller = Caller::logged_in("MULTIAPPEND");
    caller.append(&[b"one", b"two"]);
    caller.uploads.clear();
    caller.hear("+ go on\r\n");
    assert_eq!(caller.rest, Rest::Body);
    caller.hear("A1 NO full\r\n");
    caller.give("NOOP");
    assert_eq!(caller.rest, Rest::Body);
    caller.uploads.push_back(b"one".to_vec());
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {3}\r\none\r\nA2 NOOP\r\n");
    caller.hear("A2 OK\r\n");
    assert_eq!(caller.rest, Rest::Answer);
}

/// The body must be as long as was announced.
#[test]
fn lengths_are_kept() {
    use mail_wire::{Misuse, Upload as _};
    let mut caller = Caller::logged_in("");
    assert_eq!(caller.client.write_body(b"x"), Err(Misuse::NoBodyExpected));
    caller.append(&[b"one"]);
    caller.uploads.clear();
    caller.hear("+ go on\r\n");
    let long = Misuse::BodyLength {
        announced: 3,
        written: 4,
    };
    assert_eq!(caller.client.write_body(b"four"), Err(long));
    assert_eq!(caller.client.write_body(b"on"), Ok(2));
    let short = Misuse::BodyLength {
        announced: 3,
        written: 2,
    };
    assert_eq!(caller.client.finish_body(), Err(short));
    assert_eq!(caller.client.write_body(b"e"), Ok(1));
    assert_eq!(caller.client.finish_body(), Ok(()));
    assert_eq!(caller.take_sent(), "A1 APPEND INBOX {3}\r\none\r\n");
}

/// Whoever gives up inside a literal cannot go on: the server would take the next command for a part of it.
#[test]
fn breaking_off_ends_the_session() {
    use imap_proto::client::Error;
    use mail_wire::Misuse;
    let mut caller = Caller::logged_in("");
    caller.append(&[b"one"]);
    caller.uploads.clear();
    caller.hear("+ go on\r\n");
    caller.client.break_off();
    caller.settle();
    assert_eq!(caller.rest, Rest::Failed(Error::Broken));
    assert_eq!(caller.try_give("NOOP"), Err(Misuse::Closed));
    assert!(caller.client.space().is_empty());
}

/// `+` that nothing waits for.
#[test]
fn a_go_ahead_that_nobody_asked_for_is_an_error() {
    use imap_proto::client::Error;
    let make = || {
        let mut caller = Caller::logged_in("");
        caller.give("NOOP");
        caller
    };
    let (_, _, rest) = at_every_split(make, b"+ go on\r\nA1 OK\r\n");
    assert_eq!(rest, Rest::Failed(Error::UnexpectedContinuation));
}
