//! What a server offers, by state, and what is not sent because it is not offered.

use imap_proto::client::{Config, Error, Security};
use mail_wire::Misuse;

use crate::caller::{Caller, Rest, at_every_split, plain};

fn connected(security: Security) -> Caller {
    Caller::new(Config {
        security,
        ..Config::default()
    })
}

#[test]
fn what_is_not_offered_is_not_sent() {
    for (command, extension) in [
        ("IDLE", "IDLE"),
        ("NAMESPACE", "NAMESPACE"),
        ("UNSELECT", "UNSELECT"),
        ("MOVE 1 x", "MOVE"),
        ("SORT (DATE) UTF-8 ALL", "SORT"),
        ("SEARCH RETURN (COUNT) ALL", "ESEARCH"),
        ("FETCH 1 BINARY[1]", "BINARY"),
        ("UID EXPUNGE 1", "UIDPLUS"),
        ("COMPRESS DEFLATE", "COMPRESS=DEFLATE"),
        ("GETQUOTAROOT x", "QUOTA"),
    ] {
        let mut caller = Caller::selected("");
        assert_eq!(caller.try_give(command), Err(Misuse::NotOffered { extension }), "{command}");
        assert_eq!(caller.take_sent(), "");
        let mut caller = Caller::selected(extension);
        assert!(caller.try_give(command).is_ok(), "{command}");
    }
}

/// Where it has to be known, the machine asks by itself; where not, it does not.
#[test]
fn capabilities_are_asked_for_where_they_matter() {
    let mut caller = connected(Security::Plaintext);
    caller.hear("* PREAUTH hello\r\n");
    caller.give("NOOP");
    caller.give("SELECT INBOX");
    assert_eq!(caller.take_sent(), "A1 NOOP\r\n");
    caller.hear("A1 OK\r\n");
    assert_eq!(caller.take_sent(), "A2 SELECT INBOX\r\n");
    caller.hear("A2 OK\r\n");
    caller.give("IDLE");
    assert_eq!(caller.take_sent(), "A3 CAPABILITY\r\n");
    caller.hear("* CAPABILITY IMAP4rev1 IDLE\r\nA3 OK\r\n");
    assert_eq!(caller.take_sent(), "A4 IDLE\r\n");
}

/// A server that does not say has nothing; the caller hears of each command that was not sent, at once.
#[test]
fn commands_that_turn_out_not_to_be_offered_are_told() {
    let make = || {
        let mut caller = connected(Security::Plaintext);
        caller.hear("* PREAUTH hello\r\n");
        caller.give("IDLE");
        caller.give("NAMESPACE");
        caller.give("NOOP");
        caller.take_told();
        caller.take_sent();
        caller
    };
    for answer in ["* CAPABILITY IMAP4rev1\r\nA1 OK\r\n", "A1 OK\r\n", "A1 BAD what\r\n"] {
        let (sent, mut told, rest) = at_every_split(make, answer.as_bytes());
        told.retain(|told| !told.starts_with("* CAPABILITY"));
        assert_eq!(
            told,
            ["1 not sent: the peer did not offer IDLE", "2 not sent: the peer did not offer NAMESPACE"],
            "{answer:?}"
        );
        assert_eq!(sent, "A2 NOOP\r\n");
        assert_eq!(rest, Rest::Input);
    }
}

/// RFC 9051 §6.2: what was offered before the login says nothing about what is offered behind it.
#[test]
fn capabilities_are_those_of_the_state() {
    let mut caller = connected(Security::Plaintext);
    caller.hear("* OK [CAPABILITY IMAP4rev1 IDLE UNAUTHENTICATE] hello\r\n");
    assert!(caller.client.offers("IDLE"));
    caller.give("LOGIN bob abc");
    assert_eq!(caller.take_sent(), "A1 LOGIN bob abc\r\n");
    caller.hear("A1 OK in\r\n");
    assert_eq!(caller.client.capabilities(), None);
    caller.give("CAPABILITY");
    caller.hear("* CAPABILITY IMAP4rev1 UNAUTHENTICATE\r\nA2 OK\r\n");
    assert!(!caller.client.offers("IDLE") && caller.client.offers("unauthenticate"));
    caller.give("UNAUTHENTICATE");
    caller.hear("A3 OK\r\n");
    assert_eq!(caller.client.capabilities(), None);
    // The result of a login may say.
    let mut caller = connected(Security::Plaintext);
    caller.hear("* OK [CAPABILITY IMAP4rev1] hello\r\n");
    caller.give("LOGIN bob abc");
    caller.hear("A1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
    assert!(caller.client.offers("IDLE"));
}

#[test]
fn logindisabled_is_heeded() {
    let mut caller = connected(Security::Plaintext);
    caller.hear("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n");
    assert_eq!(
        caller.try_give("LOGIN bob abc"),
        Err(Misuse::NotOffered { extension: "LOGIN" })
    );
    // Also where it becomes known later only.
    let mut caller = connected(Security::Plaintext);
    caller.hear("* OK hello\r\n");
    caller.give("LOGIN bob abc");
    assert_eq!(caller.take_sent(), "A1 CAPABILITY\r\n");
    caller.hear("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nA1 OK\r\n");
    assert_eq!(caller.take_sent(), "");
    assert_eq!(
        caller.take_told().last().map(String::as_str),
        Some("1 not sent: the peer did not offer LOGIN")
    );
}

/// docs/threats.md row 6: with TLS required, no credential and no mailbox name is written in plaintext, whatever the server says.
#[test]
fn nothing_private_is_sent_before_tls() {
    for greeting in ["* OK hello\r\n", "* OK [CAPABILITY IMAP4rev1] hello\r\n", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] x\r\n"] {
        for command in ["LOGIN bob abc", "AUTHENTICATE PLAIN AGIA"] {
            let mut caller = connected(Security::StartTls);
            caller.give(command);
            caller.hear(greeting);
            caller.hear("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nA1 OK\r\nA2 OK\r\n");
            let sent = caller.take_sent();
            assert!(!sent.contains("LOGIN") && !sent.contains("AUTHENTICATE") && !sent.contains("AGIA"), "{sent}");

            let mut caller = connected(Security::StartTls);
            caller.hear(greeting);
            assert_eq!(caller.try_give(command), Err(Misuse::NotOffered { extension: "TLS" }));
        }
    }
}

/// docs/threats.md row 6: a STARTTLS that is stripped, refused or not understood is no permission.
#[test]
fn a_refused_starttls_is_no_permission() {
    for (greeting, answer) in [
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n", "A1 NO later\r\n"),
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n", "A1 BAD what\r\n"),
        ("* OK [CAPABILITY IMAP4rev1] x\r\n", ""),
    ] {
        let mut caller = connected(Security::StartTls);
        caller.give("STARTTLS");
        caller.give("LOGIN bob abc");
        caller.hear(greeting);
        caller.hear(answer);
        let sent = caller.take_sent();
        assert!(!sent.contains("LOGIN"), "{sent}");
        let told = caller.take_told();
        assert_eq!(told.last().map(String::as_str), Some("2 not sent: the peer did not offer TLS"), "{told:?}");
    }
}

/// docs/threats.md row 6: PREAUTH makes STARTTLS impossible (RFC 9051 §11.1).
#[test]
fn preauth_is_refused_where_tls_is_required() {
    let (sent, _, rest) = at_every_split(|| connected(Security::StartTls), b"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n");
    assert_eq!(rest, Rest::Failed(Error::PreAuthenticated));
    assert_eq!(sent, "");
    let mut caller = connected(Security::Plaintext);
    caller.hear("* PREAUTH welcome\r\n");
    assert_eq!(caller.rest, Rest::Answer);
}

/// docs/threats.md row 6 (CVE-2026-42246): a result that comes before its command was written does not stand for TLS.
#[test]
fn a_result_that_comes_too_early_is_no_tls() {
    let make = || {
        let mut caller = connected(Security::StartTls);
        caller.keeps_layers = true;
        caller.give("STARTTLS");
        caller.give("LOGIN bob abc");
        caller
    };
    let (sent, _, rest) = at_every_split(make, b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\nA1 OK go ahead\r\n");
    assert_eq!(sent, "A1 STARTTLS\r\n");
    assert_eq!(rest, Rest::Upgrade(mail_wire::Layer::Tls));
    let make = || connected(Security::StartTls);
    let (_, _, rest) = at_every_split(make, b"* OK hi\r\nA1 OK go ahead\r\n");
    assert!(matches!(rest, Rest::Failed(Error::UnknownTag(_))), "{rest:?}");
}

#[test]
fn commands_are_legal_where_they_will_be() {
    let mut caller = Caller::new(plain());
    caller.give("LOGIN bob abc");
    caller.give("SELECT INBOX");
    assert_eq!(
        Caller::logged_in("").try_give("FETCH 1 FLAGS"),
        Err(Misuse::OutOfSequence { command: "FETCH" })
    );
    caller.give("FETCH 1 FLAGS");
    caller.hear("* OK [CAPABILITY IMAP4rev1] hi\r\nA1 OK [CAPABILITY IMAP4rev1] in\r\nA2 NO no such mailbox\r\n");
    assert_eq!(
        caller.take_told().last().map(String::as_str),
        Some("3 not sent: FETCH is not allowed in this phase of the dialogue")
    );
    assert_eq!(caller.take_sent(), "A1 LOGIN bob abc\r\nA2 SELECT INBOX\r\n");
}
