//! What sessions do with messages.

use mailhost::service::Service;

use crate::harness::{Place, message};

/// docs/threats.md row 26: no EXPUNGE while a command that counts messages is answered.
#[test]
fn numbers_stand_while_they_are_used() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.login("bob"));
        for subject in ["a", "b", "c"] {
            one.append("INBOX", &message(subject));
        }
        two.ok("SELECT INBOX");
        two.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
        two.ok("EXPUNGE");
        for command in [
            "FETCH 2:3 FLAGS",
            "STORE 2 +FLAGS (\\Flagged)",
            "SEARCH ALL",
            "FETCH 3 BODY[]",
        ] {
            let reply = one.ok(command);
            assert!(!reply.has("EXPUNGE"), "{command}: {reply:#?}");
            assert!(reply.status.starts_with("OK [EXPUNGEISSUED]"), "{command}: {reply:#?}");
        }
        let reply = one.ok("FETCH 1:3 (UID FLAGS)");
        assert!(reply.status.starts_with("OK [EXPUNGEISSUED]"), "{reply:#?}");
        assert_eq!(reply.untagged.len(), 2, "{reply:#?}");
        let reply = one.ok("FETCH 1 UID");
        assert_eq!(reply.untagged, ["* 1 FETCH (UID 1)"], "the number stands for it still");
        let reply = one.no("STORE 1:2 +FLAGS (\\Draft)");
        assert!(reply.status.starts_with("NO [EXPUNGEISSUED]"), "{reply:#?}");
        assert_eq!(one.ok("NOOP").with("1 EXPUNGE").len(), 1);
        assert_eq!(
            one.ok("FETCH 1:2 UID").untagged,
            ["* 1 FETCH (UID 2)", "* 2 FETCH (UID 3)"]
        );
        one.bad("FETCH 3 UID");
    });
}

/// What a response announces must come, or the connection is lost with it.
#[test]
fn messages_that_go_while_others_are_sent_are_passed_over() {
    // One that is held as a whole, and one that is read while it is sent.
    let sizes = [200_000, 300_000].map(|octets| format!("{}{}", message("large"), "x".repeat(octets)));
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.inbox("bob"));
        for large in sizes.iter().cycle().take(60) {
            one.append("INBOX", large);
        }
        one.ok("FETCH 1:* BODYSTRUCTURE");
        // More than the sockets hold: the server waits with the greater part of them.
        one.send("x FETCH 1:* BODY.PEEK[]\r\n");
        assert!(one.line().starts_with("* 1 FETCH (BODY[] {"));
        two.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        two.ok("EXPUNGE");
        let mut fetched = 1;
        loop {
            let line = one.line();
            match line.strip_prefix("x ") {
                Some(status) => break assert!(status.starts_with("OK [EXPUNGEISSUED]"), "{status}"),
                None => fetched += 1,
            }
        }
        assert!(fetched < 60, "they went too late to tell");
    });
}

/// RFC 9051 §7.3.5: a client knows of a keyword before a message has it.
#[test]
fn keywords_are_told_of_first() {
    Place::each(|place| {
        let (mut one, mut two) = (place.inbox("bob"), place.inbox("bob"));
        let reply = one.append("INBOX ($Work)", &message("a"));
        let flags = "* FLAGS (\\Answered \\Flagged \\Deleted \\Draft \\Seen $Work)";
        assert_eq!(reply.untagged[0], flags, "{reply:#?}");
        assert_eq!(one.ok("FETCH 1 FLAGS").untagged.len(), 1, "once is enough");
        assert_eq!(two.ok("NOOP").untagged[0], flags);
        let reply = two.ok("STORE 1 +FLAGS ($work $Play)");
        assert_eq!(reply.untagged[0], flags.replace("$Work", "$Work $Play"), "{reply:#?}");
        assert_eq!(one.ok("NOOP").with("FLAGS").len(), 1);
        let reply = place.login("bob").ok("SELECT INBOX");
        assert!(reply.has("\\Seen $Play $Work)"), "{reply:#?}");
        assert!(
            reply.has("[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Draft \\Seen $Play $Work \\*)]"),
            "{reply:#?}"
        );
    });
}

/// RFC 7162 §3.1: who begins to ask for modification sequences in a mailbox is told its highest, once.
#[test]
fn the_first_command_of_condstore_is_told_the_highest() {
    Place::each(|place| {
        place.login("bob").append("INBOX", &message("a"));
        for command in [
            "FETCH 1 MODSEQ",
            "FETCH 1 FLAGS (CHANGEDSINCE 1)",
            "STORE 1 (UNCHANGEDSINCE 9) +FLAGS (\\Seen)",
            "SEARCH MODSEQ 1",
            "STATUS INBOX (HIGHESTMODSEQ)",
        ] {
            let mut bob = place.inbox("bob");
            assert_eq!(bob.ok("FETCH 1 FLAGS").with("OK").len(), 0, "{command}");
            let told = bob.ok(command).with("OK [HIGHESTMODSEQ ").len();
            assert_eq!(told, 1, "{command}");
            let told = bob.ok(command).with("OK [HIGHESTMODSEQ ").len();
            assert_eq!(told, 0, "{command}");
        }
        let mut bob = place.login("bob");
        let told = bob.ok("SELECT INBOX (CONDSTORE)").with("OK [HIGHESTMODSEQ ").len();
        assert_eq!(told, 1, "by SELECT itself");
        assert_eq!(bob.ok("FETCH 1 MODSEQ").with("OK").len(), 0);
    });
}

/// RFC 7162 §3.1.3, §3.2: a client that knows of modification sequences is told of each.
#[test]
fn modification_sequences_are_told() {
    Place::each(|place| {
        let mut one = place.login("bob");
        one.ok("ENABLE QRESYNC");
        one.ok("SELECT INBOX");
        for subject in ["a", "b", "c"] {
            one.append("INBOX", &message(subject));
        }
        let mut two = place.inbox("bob");
        two.ok("STORE 2 +FLAGS.SILENT (\\Flagged)");
        let reply = one.ok("UID STORE 1:3 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Seen)");
        assert!(reply.status.starts_with("OK [MODIFIED 2]"), "{reply:#?}");
        assert!(reply.has("* 1 FETCH (UID 1 MODSEQ (6))"), "{reply:#?}");
        assert!(
            reply.has("* 2 FETCH (FLAGS (\\Flagged \\Recent) UID 2 MODSEQ (5))"),
            "{reply:#?}"
        );
        two.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
        two.ok("EXPUNGE");
        let reply = one.ok("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)");
        assert!(reply.has("UID 3 FLAGS (\\Seen \\Recent) MODSEQ (6)"), "{reply:#?}");
        assert!(reply.has("* VANISHED 1"), "{reply:#?}");

        let mut back = place.login("bob");
        back.ok("ENABLE QRESYNC");
        let validity = two.ok("STATUS INBOX (UIDVALIDITY)").untagged.remove(0);
        let validity = validity.split(&[' ', ')']).nth_back(1).expect("a number").to_owned();
        let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({validity} 5 1:3))"));
        assert!(reply.has("* VANISHED (EARLIER) 1"), "{reply:#?}");
        assert!(reply.has("* 2 FETCH (FLAGS (\\Seen) UID 3 MODSEQ (6))"), "{reply:#?}");
        assert!(!reply.has("* 1 FETCH"), "{reply:#?}");
    });
}

/// RFC 9051 §6.4.5: the parts that were asked for, and nothing else of the message.
#[test]
fn sections_are_cut_out() {
    let text = "From: a@b.example\r\nSubject: pie\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain\r\n\r\nHello\r\n--x\r\nContent-Type: image/png\r\n\
        Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--x--\r\n";
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        bob.append("INBOX", text);
        let reply = bob.ok("FETCH 1 (BODY.PEEK[1] BODY.PEEK[2.MIME] BINARY.PEEK[2] BINARY.SIZE[2] BODY.PEEK[]<5.6>)");
        assert!(reply.has("BODY[1] {5}\r\nHello"), "{reply:#?}");
        assert!(reply.has("BINARY.SIZE[2] 4"), "{reply:#?}");
        assert!(reply.has("BODY[]<5> {6}\r\n a@b.e"), "{reply:#?}");
        assert!(!bob.ok("FETCH 1 FLAGS").has("\\Seen"));
        let reply = bob.ok("FETCH 1 (BODY[TEXT])");
        assert!(reply.has("FLAGS (\\Seen \\Recent)"), "{reply:#?}");
        bob.bad("FETCH 1 (PREVIEW (EAGER))");
        bob.ok("EXAMINE INBOX");
        bob.no("STORE 1 -FLAGS (\\Seen)");
        bob.no("EXPUNGE");
        let again = bob.ok("FETCH 1 (ENVELOPE PREVIEW RFC822.SIZE INTERNALDATE EMAILID THREADID SAVEDATE)");
        assert!(
            again.has("PREVIEW \"Hello\"") && again.has(&format!("RFC822.SIZE {}", text.len())),
            "{again:#?}"
        );
    });
}

/// RFC 6858: who knows no UTF-8 in headers is told what it can read, and that it is not all.
#[test]
fn headers_in_utf8_are_told_to_who_knows_them() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        bob.append("INBOX", &message("plain"));
        let wide = "From: José <josé@exämple.org>\r\nSubject: Crêpes\r\n\r\nOù?\r\n";
        place.deliver(Service::Lmtp, wide);
        bob.ok("SELECT INBOX");
        let all = "FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE BODY.PEEK[] BODY.PEEK[HEADER.FIELDS (SUBJECT)])";
        let reply = bob.ok(all);
        let lines = reply.with("2 FETCH");
        let (envelope, octets) = lines[0].split_once(" BODY[] ").expect("both");
        assert!(
            envelope.is_ascii() && envelope.contains("\"internationalized-address.invalid\""),
            "{lines:#?}"
        );
        assert!(
            octets.contains("Subject: =?utf-8?") && octets.ends_with("?=\r\n\r\n)"),
            "{lines:#?}"
        );
        assert!(octets.contains("\r\n\r\nOù?\r\n"), "{lines:#?}");
        assert!(!octets.contains("josé"), "{lines:#?}");
        assert_eq!(reply.with("OK [DOWNGRADED 2]").len(), 1, "{reply:#?}");
        assert!(!bob.ok("FETCH 1:* (FLAGS RFC822.SIZE)").has("DOWNGRADED"));
        for extension in ["UTF8=ACCEPT", "IMAP4rev2"] {
            let mut bob = place.login("bob");
            bob.ok(&format!("ENABLE {extension}"));
            bob.ok("SELECT INBOX");
            let reply = bob.ok(all);
            assert!(
                reply.has("\"josé\" \"exämple.org\"") && reply.has("Subject: Crêpes\r\n"),
                "{reply:#?}"
            );
            assert!(!reply.has("DOWNGRADED"), "{reply:#?}");
        }
    });
}
