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
