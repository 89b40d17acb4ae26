//! Literals towards a server: which are asked for, which are refused before their first octet, which are read past.

use imap_proto::ServerLimits;
use imap_proto::server::{Config, Error};

use crate::host::{Host, Rest, at_every_split, plain};

fn small() -> Config {
    Config {
        limits: ServerLimits {
            message: 1000,
            ..ServerLimits::default()
        },
        ..plain(&["MULTIAPPEND", "CATENATE", "REPLACE", "UIDONLY", "ENABLE"])
    }
}

#[test]
fn a_literal_that_waits_is_asked_for() {
    let mut host = Host::logged_in(small());
    assert_eq!(host.hear("a CREATE {5}\r\n"), "+ go ahead\r\n");
    assert_eq!(host.hear("Drafts"), "");
    assert_eq!(host.rest, Rest::Input);
    let mut host = Host::logged_in(small());
    assert_eq!(host.hear("a CREATE {6}\r\n"), "+ go ahead\r\n");
    assert_eq!(host.hear("Drafts\r\n"), "a OK CREATE completed\r\n");
    assert_eq!(host.hear("b CREATE {6+}\r\nDrafts\r\n"), "b OK CREATE completed\r\n");
    assert_eq!(host.take_asked(), ["CREATE Drafts", "CREATE Drafts"]);
}

/// docs/threats.md row 10: neither four gigabytes nor what no number holds is asked for, or makes room for itself.
#[test]
fn a_literal_over_the_limit_is_refused_before_its_go_ahead() {
    for announced in ["4294967295", "18446744073709551615", "99999999999999999999999999"] {
        let command = format!("a CREATE {{{announced}}}\r\nb NOOP\r\n");
        let (said, asked, rest) = at_every_split(|| Host::logged_in(small()), command.as_bytes());
        assert_eq!(said, "a NO [TOOBIG] the command is too long\r\nb OK NOOP completed\r\n");
        assert!(asked.is_empty());
        assert_eq!(rest, Rest::Input);

        let append = format!("a APPEND INBOX {{{announced}}}\r\nb NOOP\r\n");
        let (said, asked, _) = at_every_split(|| Host::logged_in(small()), append.as_bytes());
        assert!(
            said.starts_with("a NO [TOOBIG] ") && said.ends_with("b OK NOOP completed\r\n"),
            "{said}"
        );
        assert!(asked.is_empty(), "{asked:?}");
    }
}

/// docs/threats.md row 10: what does not wait is read past, as long as that is within bounds; its octets are no commands.
#[test]
fn a_literal_that_does_not_wait_is_read_past() {
    let limit = 64 * 1024;
    let config = || Config {
        limits: ServerLimits {
            message: 100_000,
            ..ServerLimits::default()
        },
        ..plain(&[])
    };
    let junk = "x LOGOUT\r\n".repeat(limit / 10 + 1);
    let command = format!("a CREATE {{{}+}}\r\n{junk} {{3+}}\r\nabc\r\nb NOOP\r\n", junk.len());
    let (said, asked, rest) = at_every_split(|| Host::logged_in(config()), command.as_bytes());
    assert_eq!(said, "a NO [TOOBIG] the command is too long\r\nb OK NOOP completed\r\n");
    assert!(asked.is_empty());
    assert_eq!(rest, Rest::Input);

    let (said, _, rest) = at_every_split(|| Host::logged_in(config()), b"a CREATE {100001+}\r\nb NOOP\r\n");
    assert!(said.starts_with("* BYE "), "{said}");
    assert_eq!(rest, Rest::Failed(Error::LiteralTooLong { limit: 100_000 }));
}

/// Many literals below the limit are bounded by what they add up to.
#[test]
fn literals_that_are_read_past_add_up() {
    let mut command = b"a APPEND INBOX {1001+}\r\n".to_vec();
    let config = || Config {
        limits: ServerLimits {
            message: 1000,
            ..ServerLimits::default()
        },
        ..plain(&[])
    };
    assert_eq!(
        at_every_split(|| Host::logged_in(config()), &command).2,
        Rest::Failed(Error::LiteralTooLong { limit: 1000 })
    );
    command = b"a APPEND refused {600+}\r\n".to_vec();
    command.extend([b'x'; 600]);
    command.extend(b" {600+}\r\n");
    let (_, _, rest) = at_every_split(|| Host::logged_in(config()), &command);
    assert_eq!(rest, Rest::Failed(Error::LiteralTooLong { limit: 1000 }));
}

#[test]
fn literals_of_commands_that_are_misplaced_are_refused() {
    let mut host = Host::logged_in(small());
    assert_eq!(
        host.hear("a STORE {1}\r\nb NOOP\r\n"),
        "a BAD not allowed in the authenticated state\r\nb OK NOOP completed\r\n"
    );
    let mut host = Host::new(small());
    host.take_said();
    assert_eq!(
        host.hear("a APPEND INBOX {3}\r\nb NOOP\r\n"),
        "a BAD not allowed in the not authenticated state\r\nb OK NOOP completed\r\n"
    );
    assert_eq!(
        host.hear("a APPEND INBOX {3+}\r\nabc {4+}\r\nabcd\r\nb NOOP\r\n"),
        "a BAD not allowed in the not authenticated state\r\nb OK NOOP completed\r\n"
    );
    assert!(host.take_asked().is_empty());
}

#[test]
fn a_password_is_not_asked_for_where_it_would_be_refused() {
    let config = Config {
        plaintext: imap_proto::server::Plaintext::Refused,
        ..small()
    };
    let mut host = Host::new(config);
    host.take_said();
    let refusal = "a NO [PRIVACYREQUIRED] not without TLS\r\n";
    assert_eq!(host.hear("a LOGIN {3}\r\n"), refusal);
    assert_eq!(host.hear("a LOGIN bob {3+}\r\nabc\r\n"), refusal);
    assert_eq!(host.hear("a LOGIN bob abc\r\n"), refusal);
    assert!(host.take_asked().is_empty());
}

#[test]
fn messages_stream() {
    let dialogue =
        b"a APPEND INBOX (\\Seen) {5+}\r\nhello\r\nb APPEND INBOX ~{4+}\r\n\0\r\n\0\r\nc APPEND INBOX {0+}\r\n\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), dialogue);
    assert_eq!(
        said,
        "a OK APPEND completed\r\nb OK APPEND completed\r\nc OK APPEND completed\r\n"
    );
    assert_eq!(
        asked,
        [
            "message Literal(5)",
            "appended",
            "message Literal8(4)",
            "appended",
            "message Literal(0)",
            "appended"
        ]
    );
    let mut host = Host::logged_in(small());
    assert_eq!(host.hear("a APPEND INBOX {5}\r\n"), "+ send it\r\n");
    assert_eq!(host.hear("a\r\n\r\n"), "");
    assert_eq!(host.hear("\r\n"), "a OK APPEND completed\r\n");
    assert_eq!(host.messages, [b"a\r\n\r\n"]);
}

/// RFC 3502: all messages or none; a refusal between two of them ends the command and takes back those before.
#[test]
fn the_second_message_may_be_refused() {
    let whole = b"a APPEND INBOX {3+}\r\none (\\Seen) {3+}\r\ntwo\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), whole);
    assert_eq!(said, "a OK APPEND completed\r\n");
    assert_eq!(asked, ["message Literal(3)", "message Literal(3)", "appended"]);

    // Too big: waiting and not waiting.
    for (second, after) in [
        (
            " {1001}\r\n",
            "a NO [TOOBIG] the message is too big\r\nb OK NOOP completed\r\n",
        ),
        (
            " (\\Bad) {99999}\r\n",
            "a NO [TOOBIG] the message is too big\r\nb OK NOOP completed\r\n",
        ),
    ] {
        let wire = format!("a APPEND INBOX {{3+}}\r\none{second}b NOOP\r\n");
        let (said, asked, _) = at_every_split(|| Host::logged_in(small()), wire.as_bytes());
        assert_eq!(said, after);
        assert_eq!(asked, ["message Literal(3)", "AppendAborted"]);
    }
    // Nonsense behind the first.
    let wire = b"a APPEND INBOX {3+}\r\none nonsense\r\nb NOOP\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), wire);
    assert!(
        said.starts_with("a BAD expected ") && said.ends_with("b OK NOOP completed\r\n"),
        "{said}"
    );
    assert_eq!(asked, ["message Literal(3)", "AppendAborted"]);
    // A literal that is no message, and too long to be held.
    let wire = b"a APPEND INBOX {3+}\r\none CATENATE (URL {70000}\r\nb NOOP\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), wire);
    assert_eq!(said, "a NO [TOOBIG] the command is too long\r\nb OK NOOP completed\r\n");
    assert_eq!(asked.first().map(String::as_str), Some("message Literal(3)"));
    assert_eq!(asked.last().map(String::as_str), Some("AppendAborted"));
}

#[test]
fn the_application_refuses_a_message() {
    let mut host = Host::logged_in(small());
    assert_eq!(
        host.hear("a APPEND refused {3}\r\n"),
        "a NO [TRYCREATE] no such mailbox, create it first\r\n"
    );
    let (said, asked, _) = at_every_split(
        || Host::logged_in(small()),
        b"a APPEND refused {3+}\r\nabc {3+}\r\nabc\r\nb NOOP\r\n",
    );
    assert_eq!(
        said,
        "a NO [TRYCREATE] no such mailbox, create it first\r\nb OK NOOP completed\r\n"
    );
    assert_eq!(asked, ["message Literal(3)"]);
}

#[test]
fn parts_are_joined() {
    let wire = b"a APPEND INBOX CATENATE (URL {3+}\r\n/;a TEXT {3+}\r\nabc URL x TEXT {1+}\r\nd)\r\nb NOOP\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), wire);
    assert_eq!(said, "a OK APPEND completed\r\nb OK NOOP completed\r\n");
    assert_eq!(
        asked,
        [
            "message Catenate",
            "Url(\"/;a\")",
            "Text(3)",
            "Url(\"x\")",
            "Text(1)",
            "appended"
        ]
    );
    // A part that is refused ends the command; the text behind it that does not wait is read past.
    let wire = b"a APPEND INBOX CATENATE (URL refused TEXT {3+}\r\nabc URL x)\r\nb NOOP\r\n";
    let (said, asked, _) = at_every_split(|| Host::logged_in(small()), wire);
    assert_eq!(
        said,
        "a NO [TRYCREATE] no such mailbox, create it first\r\nb OK NOOP completed\r\n"
    );
    assert_eq!(asked, ["message Catenate", "Url(\"refused\")"]);
}

/// RFC 9586 §3: no command speaks of sequence numbers any more, REPLACE neither.
#[test]
fn replace_by_sequence_number_needs_sequence_numbers() {
    let host = || {
        let mut host = Host::logged_in(small());
        host.hear("e ENABLE UIDONLY\r\ns SELECT INBOX\r\n");
        host.take_asked();
        host
    };
    let required = "a BAD [UIDREQUIRED] message sequence numbers are not used in this session\r\n";
    let (said, asked, _) = at_every_split(host, b"a REPLACE 4 INBOX {3}\r\n");
    assert_eq!((said.as_str(), asked.len()), (required, 0));
    let (said, asked, _) = at_every_split(host, b"a REPLACE 4 INBOX {3+}\r\nabc\r\nb NOOP\r\n");
    assert_eq!(said, format!("{required}b OK NOOP completed\r\n"));
    assert!(asked.is_empty());
    let (said, asked, _) = at_every_split(host, b"a REPLACE 4 INBOX CATENATE (URL x)\r\n");
    assert_eq!((said.as_str(), asked.len()), (required, 0));
    let (said, asked, _) = at_every_split(host, b"a UID REPLACE 4 INBOX {3+}\r\nabc\r\n");
    assert_eq!(said, "a OK REPLACE completed\r\n");
    assert_eq!(asked, ["message Literal(3)", "appended"]);
}

/// docs/threats.md row 27: a message that breaks off is none.
#[test]
fn a_message_that_breaks_off_is_void() {
    let mut host = Host::logged_in(small());
    host.hear("a APPEND INBOX {5+}\r\nhel");
    host.hear_end();
    assert_eq!(host.take_asked(), ["message Literal(5)", "aborted"]);
    assert!(host.messages.is_empty());
    assert_eq!(host.rest, Rest::Closed);
    // Nor is one whose command does not end.
    let mut host = Host::logged_in(small());
    host.hear("a APPEND INBOX {5+}\r\nhello");
    host.hear_end();
    assert_eq!(host.take_asked(), ["message Literal(5)"]);
    assert_eq!(host.rest, Rest::Closed);
}

/// A command is bounded before and behind the login.
#[test]
fn commands_are_bounded() {
    let long = format!("a CREATE {}\r\n", "x".repeat(70_000));
    let (said, _, rest) = at_every_split(|| Host::logged_in(small()), long.as_bytes());
    assert!(said.starts_with("* BYE "), "{said}");
    assert_eq!(rest, Rest::Failed(Error::CommandTooLong { limit: 65_536 }));
    let long = format!("a LOGIN {}\r\n", "x".repeat(9000));
    let (_, _, rest) = at_every_split(|| Host::new(small()), long.as_bytes());
    assert_eq!(rest, Rest::Failed(Error::CommandTooLong { limit: 8192 }));
}
