//! NOTIFY (RFC 5465): clients that hear of things without asking.

use mailhost::store::Mailbox;

use crate::harness::{Place, message};

/// Nothing waits to be told. Which of two sessions has a message as `\Recent` is for neither to say.
fn quiet(talk: &mut crate::harness::Talk) {
    let reply = talk.ok("NOOP");
    let is_quiet = reply.untagged.iter().all(|line| line.ends_with(" RECENT"));
    assert!(is_quiet, "{reply:#?}");
}

#[test]
fn the_selected_mailbox_is_told_of_at_once() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.inbox("bob"));
        one.ok("NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))");
        two.append("INBOX", &message("lunch"));
        assert_eq!(one.line(), "* 1 EXISTS");
        let fetched = one.until("FETCH");
        assert!(fetched.starts_with("* 1 FETCH (UID 1 BODY["), "{fetched}");
        assert!(fetched.contains("Subject: lunch"), "{fetched}");
        two.ok("NOOP");
        two.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
        let flags = one.line();
        assert!(
            flags.starts_with("* 1 FETCH (FLAGS (\\Deleted") && flags.contains("UID 1"),
            "{flags}"
        );
        two.ok("EXPUNGE");
        assert_eq!(one.line(), "* 1 EXPUNGE");
        quiet(&mut one);
    });
}

/// RFC 5465 §6.1.2: messages that are gone wait for a command.
#[test]
fn expunges_are_delayed_where_that_is_asked_for() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.inbox("bob"));
        one.ok("NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge))");
        two.append("INBOX", &message("a"));
        one.until("1 EXISTS");
        two.append("INBOX", &message("b"));
        one.until("2 EXISTS");
        two.ok("NOOP");
        two.ok("STORE 1 +FLAGS (\\Deleted)");
        two.ok("EXPUNGE");
        two.append("INBOX", &message("c"));
        one.until("3 EXISTS");
        // Flags were not asked for.
        let reply = one.ok("FETCH 2 UID");
        assert_eq!(reply.with("2 FETCH"), ["2 FETCH (UID 2)"], "{reply:#?}");
        assert!(!reply.has("EXPUNGE") && !reply.has("FLAGS"), "{reply:#?}");
        assert_eq!(one.ok("NOOP").untagged[0], "* 1 EXPUNGE");
    });
}

#[test]
fn other_mailboxes_tell_by_status() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        for name in ["Work", "Lists", "Lists/Rust"] {
            two.ok(&format!("CREATE {name}"));
        }
        two.append("Lists/Rust", &message("a"));
        let reply = one.ok("NOTIFY SET STATUS (SUBTREE Lists (MessageNew MessageExpunge)) (MAILBOXES Work (MessageNew MessageExpunge FlagChange))");
        let mut told = reply.untagged.clone();
        told.sort();
        assert_eq!(told.len(), 3, "{reply:#?}");
        assert!(
            told[0].starts_with("* STATUS Lists (MESSAGES 0 UIDNEXT 1 UIDVALIDITY "),
            "{told:#?}"
        );
        assert!(
            told[1].starts_with("* STATUS Lists/Rust (MESSAGES 1 UIDNEXT 2 UIDVALIDITY "),
            "{told:#?}"
        );
        assert!(
            told[2].contains("* STATUS Work (MESSAGES 0") && told[2].contains("HIGHESTMODSEQ"),
            "{told:#?}"
        );

        two.append("INBOX", &message("unwatched"));
        two.append("Lists/Rust", &message("b"));
        assert!(one.line().starts_with("* STATUS Lists/Rust (MESSAGES 2 UIDNEXT 3 "));
        two.ok("SELECT Lists/Rust");
        two.ok("STORE 1 +FLAGS (\\Deleted)");
        two.ok("EXPUNGE");
        assert!(one.line().starts_with("* STATUS Lists/Rust (MESSAGES 1 UIDNEXT 3 "));
        two.append("Work", &message("c"));
        assert!(one.line().starts_with("* STATUS Work (MESSAGES 1 "));
        two.ok("SELECT Work");
        two.ok("STORE 1 +FLAGS (\\Seen)");
        let line = one.line();
        assert!(line.starts_with("* STATUS Work (UNSEEN 0 "), "{line}");

        // What is selected is no other mailbox: nothing was asked for it.
        one.ok("SELECT Work");
        two.append("Work", &message("d"));
        quiet(&mut one);
        one.ok("NOTIFY NONE");
        two.append("Lists/Rust", &message("e"));
        quiet(&mut one);
    });
}

#[test]
fn names_and_subscriptions_are_told() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        one.ok("NOTIFY SET (PERSONAL (MailboxName SubscriptionChange))");
        two.ok("CREATE Work");
        assert_eq!(one.line(), "* LIST (\\HasNoChildren) \"/\" Work");
        two.ok("CREATE Work/June");
        assert_eq!(one.line(), "* LIST (\\HasNoChildren) \"/\" Work/June");
        assert_eq!(one.line(), "* LIST (\\HasChildren) \"/\" Work");
        two.ok("SUBSCRIBE Work");
        assert_eq!(one.line(), "* LIST (\\HasChildren \\Subscribed) \"/\" Work");
        two.ok("UNSUBSCRIBE Work");
        assert_eq!(one.line(), "* LIST (\\HasChildren) \"/\" Work");
        two.ok("RENAME Work Play");
        // Those below are renamed with it, and nothing is said of them.
        assert_eq!(one.line(), "* LIST (\\HasChildren) \"/\" Play (\"OLDNAME\" (Work))");
        two.ok("DELETE Play/June");
        assert_eq!(one.line(), "* LIST (\\NonExistent) \"/\" Play/June");
        assert_eq!(one.line(), "* LIST (\\HasNoChildren) \"/\" Play");
        // What the client does itself it knows.
        one.ok("CREATE Own");
        one.ok("SUBSCRIBE Own");
        one.ok("RENAME Own Mine");
        one.ok("DELETE Mine");
        quiet(&mut one);
        two.ok("DELETE Play");
        assert_eq!(one.line(), "* LIST (\\NonExistent) \"/\" Play");
    });
}

/// RFC 5465 §5.4, §5.9: a right that is granted makes a mailbox for whom it is granted.
#[test]
fn rights_decide_what_is_heard() {
    Place::each(|place| {
        let (mut alice, mut bob) = (place.login("alice"), place.login("bob"));
        bob.ok("CREATE Plans");
        alice.ok("NOTIFY SET (SUBTREE Users (MailboxName MessageNew MessageExpunge))");
        bob.append("Plans", &message("secret"));
        bob.ok("SETACL Plans alice lr");
        let line = alice.line();
        assert!(
            line.contains(" Users/bob/Plans") && !line.contains("NonExistent"),
            "{line}"
        );
        bob.append("Plans", &message("shared"));
        assert!(
            alice
                .until("STATUS")
                .starts_with("* STATUS Users/bob/Plans (MESSAGES 2 ")
        );
        bob.ok("DELETEACL Plans alice");
        assert!(alice.until("Plans").contains("\\NonExistent"));
        bob.append("Plans", &message("secret again"));
        quiet(&mut alice);
    });
}

#[test]
fn what_breaks_rules_is_refused() {
    let place = Place::memory();
    let mut bob = place.login("bob");
    let reply = bob.no("NOTIFY SET (PERSONAL (MessageNew MessageExpunge AnnotationChange))");
    assert!(
        reply
            .status
            .starts_with("NO [BADEVENT (MessageNew MessageExpunge FlagChange "),
        "{reply:#?}"
    );
    for events in [
        "(SELECTED (MessageNew))",
        "(PERSONAL (FlagChange))",
        "(SELECTED (MailboxName))",
        "(PERSONAL (MessageNew (UID) MessageExpunge))",
        "(SELECTED NONE) (SELECTED-DELAYED NONE)",
    ] {
        bob.bad(&format!("NOTIFY SET {events}"));
    }
    bob.ok("NOTIFY SET (SELECTED NONE)");
}

/// RFC 5465 §3.1: who asks for nothing of the selected mailbox has a snapshot of it, but for its own commands.
#[test]
fn nothing_is_told_that_was_not_asked_for() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.inbox("bob"));
        two.append("INBOX", &message("a"));
        assert!(one.ok("NOOP").has("* 1 EXISTS"));
        one.ok("NOTIFY SET (PERSONAL (MailboxName))");
        two.append("INBOX", &message("b"));
        quiet(&mut one);
        one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
        let reply = one.ok("EXPUNGE");
        assert!(reply.has("* 1 EXPUNGE"), "{reply:#?}");
    });
}

/// RFC 5465 §5.6: names of entries that have changed.
#[test]
fn annotations_are_told() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        one.ok("NOTIFY SET (PERSONAL (MailboxMetadataChange ServerMetadataChange))");
        two.ok("SETMETADATA INBOX (/private/comment \"mine\")");
        let line = one.line();
        assert!(line.starts_with("* METADATA INBOX /private/comment"), "{line}");
    });
}

/// RFC 5465 §5.2: what a client has put into its mailbox itself it knows.
#[test]
fn of_own_messages_nothing_is_fetched() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.login("bob"));
        one.ok("NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge))");
        let own = one.append("INBOX", &message("own"));
        assert!(own.has("* 1 EXISTS") && !own.has("FETCH"), "{own:#?}");
        let own = one.ok("COPY 1 INBOX");
        assert!(own.has("* 2 EXISTS") && !own.has("FETCH"), "{own:#?}");
        two.append("INBOX", &message("other"));
        assert!(one.until("FETCH").starts_with("* 3 FETCH (UID 3 FLAGS ("));
    });
}

/// RFC 5465 §5.8: a client that is told of less than happened knows it, and hears nothing more until it asks anew.
#[test]
fn who_cannot_be_told_all_is_told_that() {
    let place = Place::memory();
    let (mut one, mut two) = (place.inbox("bob"), place.login("bob"));
    let watch = "NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MailboxName SubscriptionChange))";
    one.ok(watch);
    let work = Mailbox::new("bob@example.org", "Work");
    place.block_on(async {
        for number in 0..50_000 {
            let done = place.store.subscribe(&work, number % 2 == 0).await;
            done.expect("it is kept");
        }
    });
    one.until("* OK [NOTIFICATIONOVERFLOW] ");
    two.ok("CREATE Work");
    two.append("INBOX", &message("unheard"));
    let reply = one.ok("NOOP");
    assert_eq!(reply.untagged, [""; 0]);
    one.ok(watch);
    quiet(&mut one);
    two.ok("DELETE Work");
    one.until("LIST (\\NonExistent");
}

/// A client that is in the midst of an APPEND hears of other mailboxes all the same.
#[test]
fn an_append_does_not_keep_news() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.login("bob"));
        two.ok("CREATE Work");
        one.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (MAILBOXES Work (MessageNew MessageExpunge))");
        one.send("begun APPEND INBOX {5}\r\n");
        assert!(one.line().starts_with("+ "));
        one.send("Hello");
        two.append("Work", &message("a"));
        assert!(one.line().starts_with("* STATUS Work (MESSAGES 1 "));
        two.append("INBOX", &message("b"));
        assert_eq!(one.line(), "* 1 EXISTS");
        one.send("\r\n");
        assert!(one.until("begun OK").contains("APPENDUID"));
    });
}
