//! Untagged data that changes sequence numbers, and commands that speak of them (docs/threats.md row 26).

use mail_wire::{Layer, Machine as _};

use crate::caller::Caller;
use crate::host::{Host, plain};

const HOLDING: [&str; 6] = [
    "FETCH 1 FLAGS",
    "STORE 1 FLAGS ()",
    "SEARCH ALL",
    "SORT (DATE) UTF-8 ALL",
    "THREAD REFERENCES UTF-8 ALL",
    "CONVERT 1 (\"text/plain\") BINARY[1]",
];

/// docs/threats.md row 26 (RFC 9051 §7.5.1): no EXPUNGE while FETCH, STORE, SEARCH and their like are answered, nor between commands.
#[test]
fn expunge_waits_for_a_command_that_allows_it() {
    for command in HOLDING {
        let mut host = Host::selected(plain(&["SORT", "CONVERT", "THREAD=REFERENCES"]));
        host.defers = &["FETCH", "STORE", "SEARCH", "SORT", "THREAD", "CONVERT"];
        assert_eq!(host.hear(&format!("a {command}\r\n")), "");
        host.update("9 EXPUNGE");
        host.send("4 EXPUNGE");
        host.update("VANISHED 5");
        let name = command.split(' ').next().expect("a word");
        assert_eq!(host.complete(), format!("a OK {name} completed\r\n"));
        host.update("7 EXISTS");
        assert_eq!(host.take_said(), "", "EXISTS counts without those that are gone");
        assert_eq!(
            host.hear("b NOOP\r\n"),
            "* 9 EXPUNGE\r\n* 4 EXPUNGE\r\n* VANISHED 5\r\n* 7 EXISTS\r\nb OK NOOP completed\r\n"
        );
    }
}

/// VANISHED takes numbers away as EXPUNGE does, but for VANISHED (EARLIER), which FETCH itself asks for (RFC 7162 §3.2.10).
#[test]
fn vanished_waits_too() {
    let mut host = Host::selected(plain(&[]));
    host.defers = &["FETCH"];
    host.hear("a FETCH 1 FLAGS\r\n");
    host.update("VANISHED 5");
    host.send("VANISHED 6");
    assert_eq!(host.complete(), "a OK FETCH completed\r\n");
    assert_eq!(
        host.hear("b NOOP\r\n"),
        "* VANISHED 5\r\n* VANISHED 6\r\nb OK NOOP completed\r\n"
    );
}

/// UID commands and the others may hear of it (RFC 9051 §7.5.1).
#[test]
fn other_commands_allow_it() {
    for command in [
        "UID FETCH 1 FLAGS",
        "UID STORE 1 FLAGS ()",
        "UID SEARCH ALL",
        "COPY 1 x",
        "STATUS x (UIDNEXT)",
    ] {
        let mut host = Host::selected(plain(&[]));
        host.update("4 EXPUNGE");
        let said = host.hear(&format!("a {command}\r\n"));
        assert!(said.starts_with("* 4 EXPUNGE\r\na OK "), "{said}");
    }
}

#[test]
fn what_changes_no_numbers_is_told_between_commands() {
    let mut host = Host::selected(plain(&[]));
    host.update("10 EXISTS");
    host.update("3 FETCH (FLAGS (\\Seen))");
    assert_eq!(host.take_said(), "* 10 EXISTS\r\n* 3 FETCH (FLAGS (\\Seen))\r\n");
}

/// What waits is of the mailbox that was selected, and of the client that was logged in.
#[test]
fn what_waits_goes_with_the_mailbox() {
    for leaves in [
        "SELECT x",
        "EXAMINE x",
        "SELECT refused",
        "UNAUTHENTICATE",
        "CLOSE",
        "UNSELECT",
    ] {
        let mut host = Host::selected(plain(&["UNAUTHENTICATE", "UNSELECT"]));
        host.update("4 EXPUNGE");
        host.hear(&format!("a {leaves}\r\n"));
        let said = host.hear("b NOOP\r\n");
        assert_eq!(said, "b OK NOOP completed\r\n", "{leaves}");
    }
}

/// A client that cannot be told falls too far behind.
#[test]
fn what_waits_is_bounded() {
    let mut config = plain(&[]);
    config.limits.updates = 3;
    let mut host = Host::selected(config);
    for _ in 0..3 {
        host.update("1 EXPUNGE");
    }
    assert_eq!(host.take_said(), "");
    host.update("1 EXPUNGE");
    assert_eq!(
        host.rest,
        crate::host::Rest::Failed(imap_proto::server::Error::Updates { limit: 3 })
    );
    assert!(host.take_said().starts_with("* BYE "));
}

/// docs/threats.md row 26: whatever comes while a command is in flight comes as the session's, in its order, never as the command's.
#[test]
fn data_belongs_to_the_session() {
    let mut caller = Caller::selected("");
    caller.give("UID FETCH 7 FLAGS");
    caller.hear("* 3 EXPUNGE\r\n* 12 EXISTS\r\n* 2 FETCH (FLAGS ())\r\n* 6 FETCH (UID 7 FLAGS (\\Seen))\r\nA2 OK\r\n");
    assert_eq!(
        caller.take_told(),
        [
            "* 3 EXPUNGE",
            "* 12 EXISTS",
            "fetch Sequence 2",
            "FLAGS ()",
            "fetched",
            "fetch Sequence 6",
            "UID 7",
            "FLAGS (\\\\Seen)",
            "fetched",
            "2 OK",
        ]
    );
}

/// docs/threats.md row 26: BYE ends everything in flight, whatever stands behind it.
#[test]
fn bye_ends_the_session_at_any_moment() {
    use imap_proto::client::Error;
    let make = || {
        let mut caller = Caller::selected("");
        caller.give("NOOP");
        caller
    };
    let (_, told, rest) = crate::caller::at_every_split(make, b"* BYE restart\r\nA2 OK too late\r\n* 1 EXISTS\r\n");
    assert_eq!(told, ["* BYE restart"]);
    let crate::caller::Rest::Failed(Error::Bye(status)) = rest else {
        panic!("{rest:?}")
    };
    assert_eq!(status.text.to_text(), "restart");
    // Nothing was in flight: no error.
    let (_, told, rest) = crate::caller::at_every_split(|| Caller::selected(""), b"* BYE idle\r\nX OK\r\n");
    assert_eq!((told.len(), rest), (1, crate::caller::Rest::Closed));
}

/// A command that comes in pieces keeps nobody from hearing news: APPEND between its parts, and one that is refused and comes all the same.
#[test]
fn news_are_told_in_the_midst_of_a_command() {
    let mut host = Host::selected(plain(&[]));
    assert_eq!(host.hear("a APPEND INBOX {5}\r\nHello"), "+ send it\r\n");
    host.send("10 EXISTS");
    assert_eq!(host.take_said(), "* 10 EXISTS\r\n");
    host.send("3 EXPUNGE");
    assert_eq!(host.take_said(), "");
    let said = host.hear("\r\n");
    assert!(said.ends_with("* 3 EXPUNGE\r\na OK APPEND completed\r\n"), "{said}");

    assert_eq!(host.hear("b CREATE {70000+}\r\nx"), "");
    host.send("11 EXISTS");
    assert_eq!(host.take_said(), "* 11 EXISTS\r\n");
}

/// What comes while a layer is put in is told inside of it.
#[test]
fn news_wait_for_a_layer() {
    let mut config = plain(&[]);
    config.compress = imap_proto::server::Compress::Offered;
    let mut host = Host::selected(config);
    host.keeps_layers = true;
    assert_eq!(host.hear("a COMPRESS DEFLATE\r\n"), "a OK DEFLATE active\r\n");
    host.send("11 EXISTS");
    assert_eq!(host.take_said(), "");
    host.server.upgrade(Layer::Deflate);
    host.settle();
    assert_eq!(host.take_said(), "* 11 EXISTS\r\n");
}
