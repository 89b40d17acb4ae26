//! Searches that go on (RFC 5267 §4.3).

use crate::harness::{Place, message};

#[test]
fn results_are_kept_up_to_date() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        for subject in ["a", "b", "c"] {
            one.append("INBOX", &message(subject));
        }
        one.ok("SELECT INBOX");
        two.ok("SELECT INBOX");
        let reply = one.ok("UID SEARCH RETURN (UPDATE COUNT) UNDELETED");
        assert!(reply.untagged[0].ends_with("UID COUNT 3"), "{reply:#?}");
        let tag = reply.untagged[0].split('"').nth(1).expect("a tag").to_owned();
        let news = |change: &str| format!("* ESEARCH (TAG \"{tag}\") UID {change}");

        // The client's own change, behind its FETCH.
        let reply = one.ok("STORE 1 +FLAGS (\\Deleted)");
        assert_eq!(reply.untagged.last(), Some(&news("REMOVEFROM (0 1)")), "{reply:#?}");
        let reply = one.ok("STORE 1 -FLAGS.SILENT (\\Deleted)");
        assert_eq!(reply.untagged, [news("ADDTO (0 1)")]);
        assert!(one.ok("STORE 1 +FLAGS.SILENT (\\Seen)").untagged.is_empty());

        // Another session's: a message behind its EXISTS, one that goes in front of its EXPUNGE.
        two.append("INBOX", &message("d"));
        two.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
        let reply = one.ok("NOOP");
        let at = |text: &str| reply.untagged.iter().position(|line| line.contains(text)).expect(text);
        assert!(at("4 EXISTS") < at("ADDTO"), "{reply:#?}");
        assert_eq!(reply.untagged[at("ADDTO")], news("REMOVEFROM (0 2) ADDTO (0 4)"));
        two.ok("STORE 3 +FLAGS.SILENT (\\Flagged \\Deleted)");
        two.ok("UID EXPUNGE 2:3");
        let reply = one.ok("FETCH 1 UID");
        assert!(reply.has("REMOVEFROM (0 3)") && !reply.has("EXPUNGE"), "{reply:#?}");
        let reply = one.ok("NOOP");
        assert!(!reply.has("ESEARCH") && reply.has("* 3 EXPUNGE"), "{reply:#?}");

        // While it idles, too.
        one.idle();
        two.append("INBOX", &message("e"));
        one.until("ADDTO (0 5)");
        one.done();

        one.bad(&format!("CANCELUPDATE {tag}"));
        one.ok(&format!("CANCELUPDATE \"{tag}\""));
        two.append("INBOX", &message("f"));
        assert!(!one.ok("NOOP").has("ESEARCH"));
    });
}

#[test]
fn sorted_results_tell_positions() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        for subject in ["b", "d"] {
            one.append("INBOX", &message(subject));
        }
        one.ok("SELECT INBOX");
        let reply = one.ok("SORT RETURN (ALL UPDATE) (REVERSE SUBJECT) UTF-8 ALL");
        assert!(reply.untagged[0].ends_with("ALL 2,1"), "{reply:#?}");
        two.append("INBOX", &message("c"));
        assert!(one.ok("NOOP").has("ADDTO (2 3)"));
        two.append("INBOX", &message("e"));
        assert!(one.ok("NOOP").has("ADDTO (1 4)"));
        two.ok("SELECT INBOX");
        two.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
        two.ok("EXPUNGE");
        let reply = one.ok("NOOP");
        assert_eq!(reply.untagged.len(), 3, "{reply:#?}");
        assert!(
            reply.untagged[0].ends_with("REMOVEFROM (2 2)") && reply.untagged[1] == "* 2 EXPUNGE",
            "{reply:#?}"
        );
    });
}

/// RFC 5465 §7: of what comes into a result, attributes are fetched.
#[test]
fn what_comes_into_a_result_is_fetched() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.login("bob"));
        one.ok("SEARCH RETURN (UPDATE (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])) SUBJECT lunch");
        two.append("INBOX", &message("dinner"));
        assert!(!one.ok("NOOP").has("FETCH"));
        two.append("INBOX", &message("lunch"));
        let reply = one.ok("NOOP");
        let at = |text: &str| reply.untagged.iter().position(|line| line.contains(text)).expect(text);
        assert!(
            at("2 EXISTS") < at("FETCH (UID 2 BODY[") && at("FETCH") < at("ADDTO (0 2)"),
            "{reply:#?}"
        );
        assert!(reply.has("Subject: lunch"), "{reply:#?}");
    });
}

/// RFC 5267 §4.3.1
#[test]
fn too_many_searches_are_answered_and_do_not_go_on() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    for _ in 0..16 {
        assert!(!bob.ok("SEARCH RETURN (UPDATE) ALL").has("NOUPDATE"));
    }
    let reply = bob.ok("SEARCH RETURN (COUNT UPDATE) ALL");
    assert!(
        reply.untagged[0].ends_with("COUNT 0") && reply.has("* NO [NOUPDATE \""),
        "{reply:#?}"
    );
    bob.send("twice SEARCH RETURN (UPDATE) ALL\r\n");
    bob.until("twice OK");
    bob.ok("SELECT INBOX");
    bob.send("twice SEARCH RETURN (UPDATE) ALL\r\n");
    bob.until("twice OK");
    bob.send("twice SEARCH RETURN (UPDATE) ALL\r\n");
    assert!(bob.until("twice ").starts_with("twice BAD"));
}
