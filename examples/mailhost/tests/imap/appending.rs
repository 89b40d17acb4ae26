//! APPEND, MULTIAPPEND, CATENATE and REPLACE.

use crate::harness::{Place, message};

/// RFC 3502: all messages, or none.
#[test]
fn several_messages_are_one_change() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        let (one, two) = (message("one"), message("two"));
        let both = format!(
            "APPEND INBOX (\\Seen) \" 1-Feb-2003 04:05:06 +0200\" {{{}+}}\r\n{one} (\\Flagged $Work) {{{}+}}\r\n{two}",
            one.len(),
            two.len()
        );
        let reply = bob.ok(&both);
        assert!(
            reply.status.contains("[APPENDUID ") && reply.status.contains(" 1:2]"),
            "{reply:#?}"
        );
        assert_eq!(reply.with("2 EXISTS").len(), 1, "{reply:#?}");
        bob.ok("FETCH 1 MODSEQ");
        let found = bob.ok("FETCH 1:2 (FLAGS INTERNALDATE MODSEQ)");
        let expected = "* 1 FETCH (FLAGS (\\Seen \\Recent) INTERNALDATE \" 1-Feb-2003 04:05:06 +0200\" MODSEQ (2))";
        assert_eq!(found.untagged[0], expected);
        assert!(found.has("FLAGS (\\Flagged $Work \\Recent)"), "{found:#?}");
        assert!(found.untagged[1].contains("MODSEQ (2)"), "{found:#?}");

        let cancelled = bob.no(&format!("APPEND INBOX {{{}+}}\r\n{one} {{0+}}\r\n", one.len()));
        assert_eq!(cancelled.with("").len(), 0, "{cancelled:#?}");
        bob.no("APPEND INBOX {0+}\r\n");
        bob.bad(&format!("APPEND INBOX {{{}+}}\r\n{one} nonsense", one.len()));
        assert_eq!(
            bob.ok("STATUS INBOX (MESSAGES UIDNEXT)").untagged,
            ["* STATUS INBOX (MESSAGES 2 UIDNEXT 3)"]
        );
        bob.send("late APPEND Nowhere {100}\r\n");
        assert!(bob.line().starts_with("late NO [TRYCREATE]"), "no octet is waited for");
    });
}

/// RFC 4469: a message out of parts that are there already.
#[test]
fn messages_are_put_together() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        bob.append("INBOX", &message("one"));
        let text = "\r\nNew text\r\n";
        let reply = bob.ok(&format!(
            "APPEND INBOX (\\Draft) CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject%20From)\" \
             TEXT {{{}+}}\r\n{text} URL \";UID=1/;SECTION=TEXT/;PARTIAL=3.4\")",
            text.len()
        ));
        assert!(reply.status.contains("APPENDUID"), "{reply:#?}");
        let found = bob.ok("FETCH 2 BODY.PEEK[]");
        let expected = "From: Alice <alice@example.org>\r\nSubject: one\r\n\r\n\r\nNew text\r\nnoon";
        assert!(found.has(expected), "{found:#?}");
        for url in [
            "/INBOX/;UID=9",
            "/Nowhere/;UID=1",
            "/INBOX;UIDVALIDITY=1/;UID=1",
            "imap://other.example/INBOX/;UID=1",
        ] {
            let refused = bob.no(&format!("APPEND INBOX CATENATE (URL \"{url}\" TEXT {{1+}}\r\nx)"));
            assert!(
                refused.status.starts_with(&format!("NO [BADURL {url}]")),
                "{refused:#?}"
            );
        }
        assert_eq!(bob.ok("NOOP").untagged.len(), 0);
    });
}

/// RFC 8508: the new one comes and the old one goes, together.
#[test]
fn messages_are_replaced() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        for subject in ["one", "two"] {
            bob.append("INBOX", &message(subject));
        }
        bob.ok("CREATE Drafts");
        let three = message("three");
        let reply = bob.ok(&format!("REPLACE 1 INBOX (\\Draft) {{{}+}}\r\n{three}", three.len()));
        let order: Vec<_> = reply
            .untagged
            .iter()
            .map(|line| line.split(' ').nth(2).unwrap_or_default())
            .collect();
        assert_eq!(order[..3], ["[APPENDUID", "EXPUNGE", "EXISTS"], "{reply:#?}");
        assert_eq!(
            bob.ok("FETCH 1:* UID").untagged,
            ["* 1 FETCH (UID 2)", "* 2 FETCH (UID 3)"]
        );
        bob.ok(&format!("UID REPLACE 3 Drafts {{{}+}}\r\n{three}", three.len()));
        assert_eq!(
            bob.ok("STATUS Drafts (MESSAGES)").untagged,
            ["* STATUS Drafts (MESSAGES 1)"]
        );
        assert!(
            bob.no(&format!("UID REPLACE 3 Drafts {{{}+}}\r\n{three}", three.len()))
                .status
                .contains("NONEXISTENT")
        );
        bob.ok("EXAMINE INBOX");
        bob.no(&format!("REPLACE 1 INBOX {{{}+}}\r\n{three}", three.len()));
    });
}

/// RFC 9051 §2.3.3: whatever day it was, also before clocks of computers begin.
#[test]
fn old_mail_keeps_its_date() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        let one = message("one");
        for date in [
            "20-Jul-1969 20:17:40 +0000",
            "31-Dec-1969 23:30:00 -0100",
            "01-Mar-0000 00:00:00 +0000",
        ] {
            bob.ok(&format!("APPEND INBOX \"{date}\" {{{}+}}\r\n{one}", one.len()));
            let told = bob.ok("FETCH * INTERNALDATE").untagged.pop().expect("a message");
            let expected = date.replacen("01-", " 1-", 1);
            assert!(
                told.ends_with(&format!(" FETCH (INTERNALDATE \"{expected}\")")),
                "{date}: {told}"
            );
        }
    });
}
