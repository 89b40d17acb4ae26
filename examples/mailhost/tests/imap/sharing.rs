//! One mailbox, and all who see it: deliveries, POP3, other sessions.

use mailhost::service::Service;

use crate::harness::{Place, message};

/// What others do is told to an idling client at once.
#[test]
fn idling_clients_hear_of_everything() {
    Place::each(|place| {
        let mut watcher = place.inbox("bob");
        watcher.idle();

        place.deliver(Service::Smtp, &message("one"));
        assert_eq!(watcher.until("EXISTS"), "* 1 EXISTS");
        assert_eq!(watcher.line(), "* 1 RECENT");
        place.deliver(Service::Lmtp, &message("two"));
        assert_eq!(watcher.until("EXISTS"), "* 2 EXISTS");

        let mut other = place.inbox("bob");
        other.ok("STORE 2 +FLAGS.SILENT (\\Flagged $Later)");
        assert_eq!(watcher.until("FETCH"), "* 2 FETCH (FLAGS (\\Flagged $Later \\Recent))");
        other.append("INBOX (\\Seen)", &message("three"));
        assert_eq!(watcher.until("EXISTS"), "* 3 EXISTS");
        other.ok("CREATE Work");
        other.ok("MOVE 1 Work");
        assert_eq!(watcher.until("EXPUNGE"), "* 1 EXPUNGE");

        let mut pop3 = place.talk(Service::Pop3);
        for line in ["USER bob", "PASS secret", "DELE 1", "QUIT"] {
            pop3.send(&format!("{line}\r\n"));
            let reply = pop3.line();
            assert!(reply.starts_with("+OK"), "{line}: {reply}");
        }
        assert_eq!(watcher.until("EXPUNGE"), "* 1 EXPUNGE");
        watcher.done();
        let found = watcher.ok("FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        assert_eq!(found.untagged.len(), 1, "{found:#?}");
        assert!(found.has("UID 3 ") && found.has("Subject: three"), "{found:#?}");
    });
}

/// RFC 9051 §7.5.2: who has enabled IMAP4rev2 is told with changes of which message they are, whatever its number.
#[test]
fn changes_are_told_with_their_uids() {
    Place::each(|place| {
        let mut watcher = place.login("bob");
        watcher.ok("ENABLE IMAP4rev2");
        watcher.append("INBOX", &message("one"));
        watcher.append("INBOX", &message("two"));
        watcher.ok("SELECT INBOX");
        let mut other = place.inbox("bob");
        other.ok("STORE 1 +FLAGS (\\Deleted)");
        other.ok("EXPUNGE");
        watcher.ok("NOOP");
        watcher.idle();
        other.ok("STORE 1 +FLAGS (\\Flagged)");
        assert_eq!(watcher.until("FETCH"), "* 1 FETCH (FLAGS (\\Flagged) UID 2)");
        watcher.done();
        let reply = watcher.ok("STORE 1 +FLAGS (\\Draft)");
        assert_eq!(reply.untagged, ["* 1 FETCH (UID 2 FLAGS (\\Flagged \\Draft))"]);
        let reply = watcher.ok("FETCH 1 BODY[]<0.4>");
        assert!(
            reply.untagged[0].ends_with(" FLAGS (\\Flagged \\Draft \\Seen) UID 2)"),
            "{reply:#?}"
        );
        assert_eq!(other.ok("NOOP").untagged.len(), 1);
        assert_eq!(
            other.ok("STORE 1 -FLAGS (\\Draft)").untagged,
            ["* 1 FETCH (FLAGS (\\Flagged \\Seen \\Recent))"]
        );
    });
}

/// A POP3 session sees the maildrop as it was at login; what IMAP expunges meanwhile cannot be read any more.
#[test]
fn pop3_sees_what_was_there_at_login() {
    Place::each(|place| {
        let mut imap = place.inbox("bob");
        for subject in ["one", "two", "three"] {
            imap.append("INBOX", &message(subject));
        }
        let mut pop3 = place.talk(Service::Pop3);
        let mut say = |line: &str| {
            pop3.send(&format!("{line}\r\n"));
            pop3.line()
        };
        assert!(say("USER bob").starts_with("+OK"));
        assert!(say("PASS secret").starts_with("+OK"));
        imap.ok("STORE 2 +FLAGS (\\Deleted)");
        assert_eq!(imap.ok("EXPUNGE").with("2 EXPUNGE").len(), 1);
        imap.append("INBOX", &message("four"));
        assert!(say("STAT").starts_with("+OK 3 "));
        assert!(say("RETR 2").starts_with("-ERR"));
        assert!(say("RETR 4").starts_with("-ERR"));
        assert!(say("DELE 1").starts_with("+OK"));

        let mut second = place.talk(Service::Pop3);
        second.send("USER bob\r\nPASS secret\r\n");
        assert!(second.line().starts_with("+OK"));
        assert!(second.line().starts_with("-ERR [IN-USE]"), "one session holds the lock");

        assert!(say("QUIT").starts_with("+OK"));
        assert_eq!(imap.ok("NOOP").with("1 EXPUNGE").len(), 1);
        assert_eq!(imap.ok("SEARCH ALL").with("SEARCH"), ["SEARCH 1 2"]);
    });
}
