//! Annotations: METADATA (RFC 5464), LIST-METADATA (RFC 9590).

use crate::harness::{Place, Reply, message};

fn code(reply: &Reply, code: &str) {
    assert!(reply.status.contains(&format!("[{code}]")), "{reply:#?}");
}

#[test]
fn annotations_are_set_and_told() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        bob.ok("SETMETADATA INBOX (/private/comment \"mine\" /Shared/Comment {4+}\r\nours)");
        let told = bob.ok("GETMETADATA INBOX (/shared/comment /private/comment)");
        assert_eq!(
            told.untagged,
            ["* METADATA INBOX (/private/comment \"mine\" /shared/comment \"ours\")"]
        );
        assert_eq!(
            bob.ok("GETMETADATA INBOX /private/none").untagged,
            ["* METADATA INBOX (/private/none NIL)"]
        );
        bob.ok("SETMETADATA INBOX (/private/filters/values/small \"SMALLER 5000\" /private/filters/values/a/b \"x\")");
        let told = bob.ok("GETMETADATA (DEPTH 1) INBOX /private/filters/values");
        assert_eq!(
            told.untagged,
            ["* METADATA INBOX (/private/filters/values/small \"SMALLER 5000\")"]
        );
        assert!(
            bob.ok("GETMETADATA (DEPTH infinity) INBOX /private")
                .has("/private/filters/values/a/b")
        );
        let told = bob.ok("GETMETADATA INBOX (MAXSIZE 4) (/private/comment /private/filters/values/small)");
        assert_eq!(told.untagged, ["* METADATA INBOX (/private/comment \"mine\")"]);
        code(&told, "METADATA LONGENTRIES 12");
        bob.ok("SETMETADATA INBOX (/private/comment NIL)");
        assert!(bob.ok("GETMETADATA INBOX /private/comment").has("NIL"));
        bob.ok("SETMETADATA INBOX (/private/x ~{3+}\r\na\0b)");
        assert!(bob.ok("GETMETADATA INBOX /private/x").has("~{3}\r\na\0b"));

        for bad in [
            "comment",
            "/comment",
            "/shared/",
            "/shared//x",
            "/shared/vendor/x",
            "/shared/\u{e9}",
        ] {
            bob.bad(&format!("SETMETADATA INBOX (\"{bad}\" \"x\")"));
            bob.bad(&format!("GETMETADATA INBOX \"{bad}\""));
        }
        code(&bob.no("SETMETADATA Nowhere (/private/comment \"x\")"), "NONEXISTENT");
        let long = "x".repeat(32 * 1024 + 1);
        let refused = bob.no(&format!(
            "SETMETADATA INBOX (/private/y \"z\" /private/comment {{{}+}}\r\n{long})",
            long.len()
        ));
        code(&refused, "METADATA MAXSIZE 32768");
        assert!(
            bob.ok("GETMETADATA INBOX /private/y").has("NIL"),
            "none of them was set"
        );
        let many: Vec<String> = (0..101).map(|number| format!("/private/n{number} \"x\"")).collect();
        code(
            &bob.no(&format!("SETMETADATA INBOX ({})", many.join(" "))),
            "METADATA TOOMANY",
        );
    });
}

#[test]
fn private_ones_are_ones_own() {
    Place::each(|place| {
        let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
        bob.ok("CREATE Work");
        bob.append("Work", &message("one"));
        bob.ok("SETMETADATA Work (/private/comment \"bob's\" /shared/comment \"ours\")");
        bob.ok("SETACL Work alice l");
        // RFC 5464 §3.3: to see it is not enough.
        code(&alice.no("GETMETADATA Users/bob/Work /shared/comment"), "NOPERM");
        bob.ok("SETACL Work alice lr");
        let told = alice.ok("GETMETADATA Users/bob/Work (/shared/comment /private/comment)");
        assert_eq!(
            told.untagged,
            ["* METADATA Users/bob/Work (/shared/comment \"ours\" /private/comment NIL)"]
        );
        alice.ok("SETMETADATA Users/bob/Work (/private/comment \"alice's\")");
        assert!(bob.ok("GETMETADATA Work /private/comment").has("bob's"));
        let listed = alice.ok("LIST \"\" Users/bob/% RETURN (METADATA (/private/comment))");
        assert!(
            listed.has("METADATA Users/bob/Work (/private/comment \"alice's\")"),
            "{listed:#?}"
        );
        bob.ok("RENAME Work Play");
        assert!(alice.ok("GETMETADATA Users/bob/Play /private/comment").has("alice's"));
        bob.ok("DELETE Play");
        bob.ok("CREATE Play");
        assert!(bob.ok("GETMETADATA Play /private/comment").has("NIL"));
        bob.ok("SETMETADATA INBOX (/shared/comment \"in\")");
        bob.ok("RENAME INBOX Old");
        assert!(bob.ok("GETMETADATA Old /shared/comment").has("\"in\""));
        assert!(bob.ok("GETMETADATA INBOX /shared/comment").has("\"in\""));
    });
}

#[test]
fn the_server_is_annotated_by_its_administrators() {
    let place = Place::settled(|settings| {
        settings.admins = vec!["alice".to_owned()];
        settings.contact = Some("mailto:postmaster@example.org".to_owned());
    });
    let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
    let told = bob.ok("GETMETADATA \"\" /shared/admin");
    assert_eq!(
        told.untagged,
        ["* METADATA \"\" (/shared/admin \"mailto:postmaster@example.org\")"]
    );
    code(&alice.no("SETMETADATA \"\" (/shared/admin \"x\")"), "NOPERM");
    code(&bob.no("SETMETADATA \"\" (/shared/comment \"x\")"), "NOPERM");
    alice.ok("SETMETADATA \"\" (/shared/comment \"down at noon\")");
    bob.ok("SETMETADATA \"\" (/private/vendor/x/y \"mine\")");
    assert!(bob.ok("GETMETADATA \"\" /shared/comment").has("down at noon"));
    assert!(alice.ok("GETMETADATA \"\" /private/vendor/x/y").has("NIL"));
}

/// RFC 6154 §4
#[test]
fn what_a_mailbox_is_for_is_an_annotation() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        bob.ok("CREATE Sketches");
        bob.ok("SETMETADATA Sketches (/private/specialuse \"\\\\Drafts\")");
        let told = bob.ok("GETMETADATA Sketches /private/specialuse");
        assert_eq!(
            told.untagged,
            ["* METADATA Sketches (/private/specialuse \"\\\\Drafts\")"]
        );
        assert!(bob.ok("LIST (SPECIAL-USE) \"\" *").has("\\Drafts"));
        code(
            &bob.no("SETMETADATA Sketches (/private/specialuse \"\\\\Odd\")"),
            "USEATTR",
        );
        bob.ok("SETMETADATA Sketches (/private/specialuse NIL)");
        assert!(bob.ok("LIST (SPECIAL-USE) \"\" *").untagged.is_empty());
    });
}

/// RFC 5464 §4.4: whoever has enabled METADATA hears at once of what others annotate, by name and not by value.
#[test]
fn who_enabled_it_hears_of_what_others_annotate() {
    Place::each(|place| {
        let (mut one, mut two) = (place.login("bob"), place.login("bob"));
        assert!(one.ok("ENABLE METADATA").has("ENABLED METADATA"));
        one.ok("SELECT INBOX");
        two.ok("SETMETADATA INBOX (/private/comment \"mine\" /shared/comment \"ours\")");
        let line = one.line();
        assert!(
            line.starts_with("* METADATA INBOX /") && !line.contains("mine"),
            "{line}"
        );
        assert!(
            line.contains("/private/comment") && line.contains("/shared/comment"),
            "{line}"
        );
        // Of its mailbox it hears with its commands, as before, and of what it does itself not at all.
        two.append("INBOX", &message("one"));
        let own = one.ok("SETMETADATA INBOX (/private/comment \"other\")");
        assert_eq!(own.untagged, ["* 1 EXISTS", "* 1 RECENT"], "{own:#?}");
        one.idle();
        one.done();
        two.ok("SETMETADATA INBOX (/private/comment NIL)");
        assert!(one.line().starts_with("* METADATA INBOX /private/comment"));
        // Others' private ones are nobody else's.
        let mut alice = place.login("alice");
        alice.ok("SETMETADATA INBOX (/private/comment \"hers\")");
        assert!(one.ok("NOOP").untagged.is_empty());
    });
}
