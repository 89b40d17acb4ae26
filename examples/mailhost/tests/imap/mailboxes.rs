//! What sessions do with mailboxes.

use crate::harness::{Place, message};

/// A mailbox that somebody renames or deletes while it is selected.
#[test]
fn a_selected_mailbox_may_be_renamed_and_deleted() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        one.ok("CREATE Work/2026");
        one.append("Work/2026", &message("a"));
        one.ok("SELECT Work/2026");
        two.ok("RENAME Work Play");
        two.append("Play/2026", &message("b"));
        assert_eq!(one.ok("NOOP").with("2 EXISTS").len(), 1);
        two.ok("DELETE Play/2026");
        let reply = one.ok("NOOP");
        assert_eq!(
            reply.with("2 EXPUNGE").len() + reply.with("1 EXPUNGE").len(),
            2,
            "{reply:#?}"
        );
        one.bad("FETCH 1 UID");
        assert_eq!(one.ok("LIST \"\" *").with("LIST").len(), 2);
    });
}

/// INBOX is INBOX in any case, and so it is above others: a client that lists what is below it finds all.
#[test]
fn names_below_inbox_are_found() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        bob.ok("CREATE Inbox/Sub");
        for pattern in ["inbox/%", "INBOX/*", "*Sub", "Inbox/Sub"] {
            let listed = bob.ok(&format!("LIST \"\" {pattern}"));
            assert_eq!(
                listed.untagged,
                ["* LIST (\\HasNoChildren) \"/\" INBOX/Sub"],
                "{pattern}"
            );
        }
        assert!(bob.ok("LIST \"\" INBOX").has("\\HasChildren"));
        bob.no("CREATE INBOX/Sub");
        bob.append("inBox/Sub", &message("below"));
        assert!(bob.ok("STATUS iNBOX/Sub (MESSAGES)").has("(MESSAGES 1)"));
        bob.ok("RENAME inbox/Sub Top");
        assert!(bob.ok("LIST \"\" Top").has("Top"));
        let unknown = bob.bad("STATUS INBOX (MESSAGES) EXTRA");
        assert!(unknown.untagged.is_empty());
    });
}

/// A delimiter at the end of a new name says that there will be others below it; it is no part of it (RFC 9051 §6.3.4).
#[test]
fn a_delimiter_at_the_end_is_left_out() {
    let place = Place::memory();
    let mut bob = place.login("bob");
    bob.ok("CREATE Work/");
    assert_eq!(bob.ok("LIST \"\" W*").untagged, ["* LIST (\\HasNoChildren) \"/\" Work"]);
    bob.ok("CREATE Work/a/b");
    bob.ok("DELETE Work");
    // It stays as a name that is part of another, and cannot be deleted once more.
    assert!(bob.ok("LIST \"\" Work").has("(\\Noselect \\HasChildren)"));
    bob.no("DELETE Work");
    bob.no("SELECT Work");
}

/// RFC 9051 §6.3.4 to §6.3.9, RFC 3501 §6.3.9
#[test]
fn names_and_subscriptions() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        let reply = bob.ok("CREATE Lists/Rust/");
        assert!(reply.status.contains("[MAILBOXID (F"), "{reply:#?}");
        assert!(bob.no("CREATE Lists/Rust").status.contains("[ALREADYEXISTS]"));
        assert!(bob.no("CREATE inbox").status.contains("[ALREADYEXISTS]"));
        assert!(bob.no("DELETE Nowhere").status.contains("[NONEXISTENT]"));
        assert!(bob.no("DELETE INBOX").status.contains("[CANNOT]"));
        bob.ok("CREATE Sent (USE (\\Sent))");
        assert!(bob.no("CREATE Odd (USE (\\Important))").status.contains("[USEATTR]"));
        bob.ok("SUBSCRIBE Lists/Rust");
        bob.ok("SUBSCRIBE Absent");
        let lines = |reply: &crate::harness::Reply| reply.untagged.join("\n");
        assert_eq!(
            lines(&bob.ok("LSUB \"\" %")),
            "* LSUB (\\Noselect \\HasNoChildren) \"/\" Absent\n* LSUB (\\Noselect) \"/\" Lists"
        );
        assert_eq!(
            lines(&bob.ok("LIST (SUBSCRIBED) \"\" * RETURN (CHILDREN)")),
            "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" Absent\n\
             * LIST (\\HasNoChildren \\Subscribed) \"/\" Lists/Rust"
        );
        assert_eq!(bob.ok("LIST \"\" \"\"").untagged, ["* LIST (\\Noselect) \"/\" \"\""]);
        assert!(bob.ok("LIST \"\" Sent").has("(\\HasNoChildren \\Sent)"));
        let status = bob.ok("STATUS Lists/Rust (MESSAGES SIZE DELETED UNSEEN APPENDLIMIT)");
        let expected = "* STATUS Lists/Rust (MESSAGES 0 SIZE 0 DELETED 0 UNSEEN 0 APPENDLIMIT 52428800)";
        assert_eq!(status.untagged, [expected]);
        assert!(bob.no("APPEND Nowhere {3+}\r\nabc").status.contains("[TRYCREATE]"));
    });
}
