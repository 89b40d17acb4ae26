//! Who may do what: ACL (RFC 4314), over the namespaces of RFC 2342.

use crate::harness::{Place, Reply, Talk, message};

fn code(reply: &Reply, code: &str) {
    assert!(reply.status.contains(&format!("[{code}]")), "{reply:#?}");
}

/// bob's mailbox `Work` with a message, and who may do what with it.
fn work(place: &Place, rights: &str) -> (Talk, Talk) {
    let (mut bob, alice) = (place.login("bob"), place.login("alice"));
    bob.ok("CREATE Work");
    bob.append("Work (\\Flagged)", &message("one"));
    bob.ok(&format!("SETACL Work alice {rights}"));
    (bob, alice)
}

#[test]
fn lists_are_kept_and_told() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        let mine = bob.ok("MYRIGHTS INBOX");
        assert_eq!(mine.untagged, ["* MYRIGHTS INBOX lrswipkxteacd"]);
        bob.ok("CREATE Drafts");
        assert_eq!(bob.ok("GETACL Drafts").untagged, ["* ACL Drafts bob lrswipkxteacd"]);
        bob.ok("SETACL Drafts Alice lrswida");
        bob.ok("SETACL Drafts -alice w");
        bob.ok("SETACL Drafts anyone l");
        bob.ok("SETACL Drafts fred +r");
        let told = "* ACL Drafts bob lrswipkxteacd anyone l Alice lrswitead -alice w fred r";
        assert_eq!(bob.ok("GETACL Drafts").untagged, [told]);
        bob.ok("SETACL Drafts alice -da");
        bob.ok("SETACL Drafts alice@example.org +c");
        bob.ok("DELETEACL Drafts -ALICE");
        bob.ok("DELETEACL Drafts fred");
        bob.ok("SETACL Drafts anyone \"\"");
        let told = "* ACL Drafts bob lrswipkxteacd alice@example.org lrswikxc";
        assert_eq!(bob.ok("GETACL Drafts").untagged, [told]);

        // The owner may take rights from itself, but for these.
        bob.ok("SETACL Drafts bob \"\"");
        assert_eq!(bob.ok("MYRIGHTS Drafts").untagged, ["* MYRIGHTS Drafts la"]);
        code(&bob.no("SELECT Drafts"), "NOPERM");
        bob.ok("DELETEACL Drafts bob");
        assert!(bob.ok("GETACL Drafts").untagged[0].starts_with("* ACL Drafts bob la "));
        bob.ok("SETACL Drafts bob lrswipkxtea");
        bob.ok("SELECT Drafts");

        for bad in ["lrQ", "lrq", "+0", "n"] {
            bob.bad(&format!("SETACL Drafts alice {bad}"));
        }
        bob.bad("SETACL Drafts \"\" l");
        bob.bad("SETACL Drafts - l");
        code(&bob.no("SETACL Nowhere alice l"), "NONEXISTENT");
        let told = bob.ok("LISTRIGHTS Drafts smith");
        assert_eq!(
            told.untagged,
            ["* LISTRIGHTS Drafts smith \"\" l r s w i p k x t e a c d"]
        );
        let told = bob.ok("LISTRIGHTS Drafts bob");
        assert_eq!(told.untagged, ["* LISTRIGHTS Drafts bob la r s w i p k x t e c d"]);
    });
}

#[test]
fn others_see_what_they_may_see() {
    Place::each(|place| {
        let (mut bob, mut alice) = work(place, "lr");
        let listed = alice.ok("LIST \"\" *");
        assert!(
            listed.has("\"/\" Users/bob/Work") && !listed.has("Users/bob/INBOX"),
            "{listed:#?}"
        );
        assert_eq!(
            alice.ok("NAMESPACE").untagged,
            ["* NAMESPACE ((\"\" \"/\")) ((\"Users/\" \"/\")) ((\"Shared/\" \"/\"))"]
        );
        let listed = alice.ok("LIST \"\" Users/% RETURN (CHILDREN)");
        assert!(listed.has("Users/bob") && listed.has("\\HasChildren"), "{listed:#?}");
        let listed = alice.ok("LIST \"\" Users/bob/* RETURN (MYRIGHTS STATUS (MESSAGES))");
        assert!(listed.has("MYRIGHTS Users/bob/Work lr") && listed.has("STATUS Users/bob/Work (MESSAGES 1)"));
        alice.ok("SUBSCRIBE Users/BOB@example.org/Work");
        assert!(alice.ok("LSUB \"\" *").has("Users/bob/Work"));
        assert!(bob.ok("LSUB \"\" *").untagged.is_empty());
        alice.ok("UNSUBSCRIBE Users/bob/Work");
        assert!(alice.ok("LSUB \"\" *").untagged.is_empty());

        // What one may not see is not there, whatever one asks.
        for command in [
            "SELECT Users/bob/INBOX",
            "STATUS Users/bob/INBOX (MESSAGES)",
            "DELETE Users/bob/INBOX",
            "GETACL Users/bob/INBOX",
            "MYRIGHTS Users/bob/INBOX",
            "SETACL Users/bob/INBOX alice l",
            "LISTRIGHTS Users/bob/INBOX alice",
            "GETMETADATA Users/bob/INBOX /shared/comment",
            "GETQUOTAROOT Users/bob/INBOX",
            "RENAME Users/bob/INBOX Users/bob/x",
            "APPEND Users/bob/INBOX {1+}\r\nx",
        ] {
            let hidden = alice.no(command);
            let missing = alice.no(&command.replace("INBOX", "Missing"));
            assert_eq!(hidden.status, missing.status);
            code(&hidden, "NONEXISTENT");
        }
        code(&alice.no("SELECT Users/carol/INBOX"), "NONEXISTENT");
        code(&alice.no("SELECT Users/bob"), "NONEXISTENT");
        // What one may see and not touch is another matter.
        for command in [
            "DELETE Users/bob/Work",
            "RENAME Users/bob/Work Users/bob/Play",
            "CREATE Users/bob/Work/Sub",
            "CREATE Users/bob/Top",
            "GETACL Users/bob/Work",
            "APPEND Users/bob/Work {1+}\r\nx",
        ] {
            code(&alice.no(command), "NOPERM");
        }
        bob.ok("RENAME Work Play");
        assert!(alice.ok("LIST \"\" *").has("Users/bob/Play"));
        bob.ok("DELETEACL Play alice");
        assert!(!alice.ok("LIST \"\" *").has("Play"));
        code(&alice.no("SELECT Users/bob/Play"), "NONEXISTENT");
    });
}

#[test]
fn select_tells_what_one_may_change() {
    Place::each(|place| {
        let (mut bob, mut alice) = work(place, "lr");
        let opened = alice.ok("SELECT Users/bob/Work");
        assert!(
            opened.status.starts_with("OK [READ-ONLY]") && opened.has("[PERMANENTFLAGS ()]"),
            "{opened:#?}"
        );
        alice.no("STORE 1 +FLAGS (\\Seen)");
        bob.ok("SETACL Work alice lrst");
        let opened = alice.ok("SELECT Users/bob/Work");
        assert!(opened.status.starts_with("OK [READ-WRITE]"), "{opened:#?}");
        assert!(opened.has("[PERMANENTFLAGS (\\Deleted \\Seen)]"), "{opened:#?}");

        // A STORE does what it may (RFC 4314 §4).
        alice.ok("STORE 1 +FLAGS (\\Seen \\Answered)");
        assert!(alice.ok("FETCH 1 FLAGS").has("FLAGS (\\Flagged \\Seen"));
        code(&alice.no("STORE 1 +FLAGS (\\Answered)"), "NOPERM");
        alice.ok("STORE 1 FLAGS (\\Deleted)");
        assert!(alice.ok("FETCH 1 FLAGS").has("FLAGS (\\Flagged \\Deleted"));
        code(&alice.no("EXPUNGE"), "NOPERM");
        alice.ok("CLOSE");
        alice.ok("SELECT Users/bob/Work");
        assert_eq!(
            alice.ok("FETCH 1 FLAGS").untagged.len(),
            1,
            "CLOSE has expunged nothing"
        );

        // Rights are those of now, not those of SELECT.
        bob.ok("SETACL Work alice lre");
        alice.ok("FETCH 1 BODY[]");
        assert!(alice.ok("FETCH 1 FLAGS").has("FLAGS (\\Flagged \\Deleted"));
        code(&alice.no("STORE 1 +FLAGS (\\Seen)"), "NOPERM");
        assert_eq!(alice.ok("EXPUNGE").untagged, ["* 1 EXPUNGE"]);
    });
}

#[test]
fn copies_bring_only_flags_that_one_may_give() {
    Place::each(|place| {
        let (mut bob, mut alice) = work(place, "lrwi");
        alice.append("INBOX (\\Seen \\Deleted \\Draft $Work)", &message("two"));
        alice.ok("SELECT INBOX");
        alice.ok("COPY 1 Users/bob/Work");
        alice.append("Users/bob/Work (\\Seen \\Deleted)", &message("three"));
        bob.ok("SELECT Work");
        let flags = bob.ok("FETCH 2:3 (FLAGS)");
        assert!(flags.has("* 2 FETCH (FLAGS (\\Draft $Work"), "{flags:#?}");
        assert!(!flags.has("Seen") && !flags.has("Deleted"), "{flags:#?}");
        // MOVE takes away, too.
        alice.ok("SELECT Users/bob/Work");
        code(&alice.no("MOVE 1 INBOX"), "NOPERM");
        alice.ok("COPY 1 INBOX");
        bob.ok("SETACL Work alice +te");
        alice.ok("MOVE 1 INBOX");
        code(&alice.no("COPY 1 Missing"), "TRYCREATE");
    });
}

/// RFC 9051 §6.3.12, §6.4.7, §11.4: identifiers tell how many messages a mailbox has had.
#[test]
fn who_may_only_put_messages_there_hears_no_identifiers() {
    Place::each(|place| {
        let (mut bob, mut alice) = work(place, "li");
        let one = message("one");
        let append = format!("APPEND Users/bob/Work {{{}+}}\r\n{one}", one.len());
        let done = alice.ok(&append);
        assert!(!done.status.contains("APPENDUID"), "{done:#?}");
        alice.append("INBOX", &one);
        alice.ok("SELECT INBOX");
        let done = alice.ok("COPY 1 Users/bob/Work");
        assert!(!done.status.contains("COPYUID"), "{done:#?}");
        bob.ok("SETACL Work alice +r");
        assert!(alice.ok(&append).status.contains("[APPENDUID "));
        let moved = alice.ok("MOVE 1 Users/bob/Work");
        assert!(moved.has("COPYUID"), "{moved:#?}");
        assert!(bob.ok("STATUS Work (MESSAGES)").has("MESSAGES 5"));
    });
}

#[test]
fn mailboxes_below_are_as_the_one_above() {
    Place::each(|place| {
        let (mut bob, mut alice) = work(place, "lrkx");
        alice.ok("CREATE Users/bob/Work/Sub/Deep");
        assert!(alice.ok("MYRIGHTS Users/bob/Work/Sub/Deep").has(" lrkxc"));
        assert!(bob.ok("GETACL Work/Sub/Deep").has("bob lrswipkxteacd alice lrkxc"));
        alice.ok("RENAME Users/bob/Work/Sub Users/bob/Work/Other");
        code(&alice.no("RENAME Users/bob/Work/Other Users/bob/Top"), "NOPERM");
        code(&alice.no("RENAME Users/bob/Work/Other Mine"), "CANNOT");
        alice.ok("DELETE Users/bob/Work/Other/Deep");
        bob.ok("SETACL Work bob -k");
        code(&bob.no("CREATE Work/Mine"), "NOPERM");
        bob.ok("CREATE Elsewhere");
    });
}

#[test]
fn shared_mailboxes_are_for_all() {
    let place = Place::settled(|settings| {
        settings.shared = vec!["News".to_owned()];
        settings.admins = vec!["alice".to_owned()];
    });
    let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
    let listed = bob.ok("LIST \"\" *");
    assert!(listed.has("Shared/News") && !listed.has("Shared/INBOX"), "{listed:#?}");
    assert_eq!(
        bob.ok("MYRIGHTS Shared/News").untagged,
        ["* MYRIGHTS Shared/News lrswipkxtecd"]
    );
    assert_eq!(
        alice.ok("MYRIGHTS Shared/News").untagged,
        ["* MYRIGHTS Shared/News lrswipkxteacd"]
    );
    code(&bob.no("GETACL Shared/News"), "NOPERM");
    bob.append("Shared/News", &message("one"));
    bob.ok("CREATE Shared/News/Sport");
    code(&bob.no("CREATE Shared/Own"), "NOPERM");
    code(&bob.no("CREATE Shared/INBOX"), "NONEXISTENT");
    alice.ok("CREATE Shared/Own");
    assert!(!bob.ok("LIST \"\" *").has("Shared/Own") && alice.ok("LIST \"\" *").has("Shared/Own"));
    alice.ok("SETACL Shared/News anyone lr");
    assert_eq!(alice.ok("GETACL Shared/News").untagged, ["* ACL Shared/News anyone lr"]);
    alice.ok("SELECT Shared/News");
    alice.ok("STORE 1 +FLAGS (\\Deleted)");
    assert!(bob.ok("SELECT Shared/News").status.contains("READ-ONLY"));
    alice.ok("EXPUNGE");
    assert!(bob.ok("NOOP").has("1 EXPUNGE"));
}
