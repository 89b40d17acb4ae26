//! Keywords of a mailbox: how many there may be.

use crate::harness::{Place, Reply, Talk, message};

fn limit(reply: &Reply) {
    assert!(reply.status.contains("[LIMIT]"), "{reply:#?}");
}

/// Fills a mailbox with a thousand keywords, all but `less` of them.
fn fill(bob: &mut Talk, mailbox: &str, less: usize) {
    let names: Vec<String> = (0..1000 - less).map(|number| format!("k{number}")).collect();
    for names in names.chunks(50) {
        bob.append(&format!("{mailbox} ({})", names.join(" ")), &message("full"));
    }
}

#[test]
fn a_mailbox_has_a_thousand_keywords_at_most() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        fill(&mut bob, "INBOX", 1);
        bob.ok("CREATE Work");
        bob.append("Work ($one $two)", &message("work"));
        assert!(bob.ok("SELECT INBOX").has("\\*)]"));
        bob.ok("STORE 1 +FLAGS.SILENT ($last)");
        limit(&bob.no("STORE 1 +FLAGS ($more)"));
        limit(&bob.no("STORE 2 FLAGS (k1 $more)"));
        let small = "APPEND INBOX ($more) {1+}\r\nx";
        limit(&bob.no(small));
        // Those that it has are no new ones, and they can be taken away.
        bob.ok("STORE 1 +FLAGS.SILENT (k998 K77)");
        let full = bob.ok("SELECT INBOX");
        assert!(full.has("[PERMANENTFLAGS ") && !full.has("\\*)]"), "{full:#?}");
        bob.ok("SELECT Work");
        limit(&bob.no("COPY 1 INBOX"));
        limit(&bob.no("MOVE 1 INBOX"));
        bob.ok("STORE 1 -FLAGS ($two)");
        bob.ok("SELECT INBOX");
        bob.ok("STORE 1:* -FLAGS.SILENT ($last)");
        bob.ok("STORE 1 +FLAGS.SILENT ($more)");
    });
}

/// Messages of one command count together.
#[test]
fn several_messages_bring_their_keywords_together() {
    let place = Place::memory();
    let mut bob = place.login("bob");
    fill(&mut bob, "INBOX", 2);
    limit(&bob.no("APPEND INBOX ($a $b) {1+}\r\nx ($b $c) {1+}\r\ny"));
    bob.ok("APPEND INBOX ($a $b) {1+}\r\nx ($b $a) {1+}\r\ny");
    assert!(bob.ok("STATUS INBOX (MESSAGES)").has("MESSAGES 22"));
}

/// Whoever has selected a mailbox hears that it takes no more keywords (RFC 9051 §7.1).
#[test]
fn the_last_keyword_is_told_with_permanent_flags() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        fill(&mut bob, "INBOX", 2);
        let mut others = [place.inbox("bob"), place.login("bob")];
        others[1].ok("EXAMINE INBOX");
        bob.ok("SELECT INBOX");
        let almost = bob.ok("STORE 1 +FLAGS.SILENT ($almost)");
        assert!(almost.has("FLAGS (") && !almost.has("PERMANENTFLAGS"), "{almost:#?}");
        // A message brings the last one.
        bob.append("INBOX ($last)", &message("last"));
        let tells_all = |reply: &Reply| {
            let [flags, permanent] = [reply.with("FLAGS ("), reply.with("OK [PERMANENTFLAGS (")];
            assert!(flags[0].contains("$almost $last)"), "{reply:#?}");
            assert_eq!(permanent.len(), 1, "{reply:#?}");
            permanent[0].contains("$last)]")
        };
        assert!(tells_all(&others[0].ok("NOOP")));
        // Who may change nothing could give it no keyword before.
        assert!(others[1].ok("NOOP").has("[PERMANENTFLAGS ()]"));
        bob.ok("STORE 1 -FLAGS.SILENT ($almost)");
        let again = bob.ok("SELECT INBOX");
        assert!(again.has("\\*)]"), "{again:#?}");
    });
}
