//! Commands in flight together: what RFC 9051 §5.5 allows, and what waits or is refused.

use imap_proto::client::{Config, Races};
use mail_wire::Misuse;

use crate::caller::{Caller, plain};

const OFFERS: &str = "IDLE ENABLE UNSELECT UNAUTHENTICATE COMPRESS=DEFLATE CONDSTORE ID";

/// Whether the second is sent while the first is in flight.
fn together(first: &str, second: &str) -> bool {
    let mut caller = Caller::selected(OFFERS);
    caller.give(first);
    assert!(caller.take_sent().starts_with(&format!("A2 {first}\r\n")), "{first}");
    caller.give(second);
    caller.take_sent() == format!("A3 {second}\r\n")
}

/// RFC 9051 §5.5: a command with sequence numbers waits for every command in flight in whose course EXPUNGE may come.
#[test]
fn numbers_wait_for_what_may_renumber() {
    for numbers in [
        "FETCH 1 FLAGS",
        "STORE 1 FLAGS ()",
        "SEARCH ALL",
        "COPY 1 x",
        "UID SEARCH 1:5",
    ] {
        for renumbers in [
            "NOOP",
            "UID FETCH 1 FLAGS",
            "UID STORE 1 FLAGS ()",
            "UID SEARCH ALL",
            "EXPUNGE",
            "CHECK",
            "COPY 1 y",
        ] {
            assert!(!together(renumbers, numbers), "{renumbers}, {numbers}");
        }
        for stands in ["FETCH 2 FLAGS", "STORE 2 FLAGS ()", "SEARCH UNSEEN"] {
            assert!(together(stands, numbers), "{stands}, {numbers}");
        }
    }
    assert!(together("NOOP", "UID FETCH 1 FLAGS"));
    assert!(together("UID FETCH 1 FLAGS", "UID FETCH 2 FLAGS"));
    assert!(together("FETCH 1 FLAGS", "NOOP"));
    assert!(together("STATUS x (UIDNEXT)", "LSUB \"\" \"*\""));
}

/// What changes the state, the layers or the spelling is alone.
#[test]
fn some_commands_are_alone() {
    for sole in [
        "SELECT x",
        "EXAMINE x",
        "CLOSE",
        "UNSELECT",
        "IDLE",
        "COMPRESS DEFLATE",
        "LOGOUT",
        "UNAUTHENTICATE",
    ] {
        assert!(!together("UID FETCH 1 FLAGS", sole), "{sole}");
        assert!(!together("FETCH 1 FLAGS", sole), "{sole}");
        if !matches!(sole, "LOGOUT" | "UNAUTHENTICATE" | "IDLE") {
            assert!(!together(sole, "NOOP"), "{sole}");
        }
    }
}

/// Commands are never reordered: what waits holds back what stands behind it.
#[test]
fn order_is_kept() {
    let mut caller = Caller::selected(OFFERS);
    caller.give("NOOP");
    caller.give("FETCH 1 FLAGS");
    caller.give("UID FETCH 1 FLAGS");
    assert_eq!(caller.take_sent(), "A2 NOOP\r\n");
    caller.hear("A2 OK\r\n");
    assert_eq!(caller.take_sent(), "A3 FETCH 1 FLAGS\r\nA4 UID FETCH 1 FLAGS\r\n");
    caller.hear("A4 OK\r\nA3 OK\r\n");
    assert_eq!(caller.take_told(), ["2 OK", "4 OK", "3 OK"]);
}

#[test]
fn races_are_refused_where_that_is_asked_for() {
    let config = Config {
        races: Races::Refuse,
        ..plain()
    };
    let mut caller = Caller::selected_with(config, OFFERS);
    caller.give("NOOP");
    assert_eq!(
        caller.try_give("FETCH 1 FLAGS"),
        Err(Misuse::Ambiguous { command: "FETCH" })
    );
    assert!(caller.try_give("UID FETCH 1 FLAGS").is_ok());
    caller.hear("A2 OK\r\nA3 OK\r\n");
    assert!(caller.try_give("FETCH 1 FLAGS").is_ok());
}

/// A tag is used once, whoever chose it.
#[test]
fn tags_are_unique() {
    use imap_proto::Tag;
    let mut caller = Caller::selected(OFFERS);
    let tag = |text: &str| Tag::new(text.to_owned()).expect("a tag");
    for chosen in ["A2", "A3"] {
        caller
            .client
            .submit_tagged(tag(chosen), imap_proto::Command::Noop)
            .expect("it is free");
    }
    assert_eq!(
        caller.client.submit_tagged(tag("A3"), imap_proto::Command::Noop),
        Err(Misuse::Ambiguous { command: "NOOP" })
    );
    caller.give("NOOP");
    let sent = caller.take_sent();
    let mut tags: Vec<_> = sent.lines().filter_map(|line| line.split(' ').next()).collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), 3, "{sent}");
}
