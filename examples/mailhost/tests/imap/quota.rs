//! How much there may be: QUOTA (RFC 9208).

use mailhost::service::Service;

use crate::harness::{Place, message};

fn limited() -> Place {
    Place::settled(|settings| {
        settings.quota = Some(4096);
        settings.admins = vec!["alice".to_owned()];
    })
}

#[test]
fn quotas_are_told_and_kept() {
    let place = limited();
    let mut bob = place.login("bob");
    bob.append("INBOX", &"x".repeat(1500));
    let told = bob.ok("GETQUOTAROOT INBOX");
    assert_eq!(
        told.untagged,
        [
            "* QUOTAROOT INBOX bob@example.org",
            "* QUOTA bob@example.org (STORAGE 2 4)"
        ]
    );
    assert_eq!(
        bob.ok("GETQUOTA bob@example.org").untagged,
        ["* QUOTA bob@example.org (STORAGE 2 4)"]
    );
    assert_eq!(bob.ok("GETQUOTA \"\"").untagged, ["* QUOTA \"\" (STORAGE 2 4)"]);
    assert!(bob.ok("GETQUOTAROOT Nowhere").has("QUOTAROOT Nowhere bob@example.org"));
    let full = bob.no(&format!("APPEND INBOX {{3000+}}\r\n{}", "x".repeat(3000)));
    assert!(full.status.contains("[OVERQUOTA]"), "{full:#?}");
    bob.send("early APPEND INBOX {3000}\r\n");
    assert!(bob.line().starts_with("early NO [OVERQUOTA]"), "no octet is waited for");
    bob.ok("SELECT INBOX");
    bob.ok("COPY 1 INBOX");
    assert!(bob.no("COPY 1 INBOX").status.contains("[OVERQUOTA]"));
    bob.ok("CREATE Work");
    bob.ok("MOVE 1 Work");
    bob.ok("STORE 1 +FLAGS (\\Deleted)");
    let status = bob.ok("STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)");
    assert_eq!(
        status.untagged,
        ["* STATUS INBOX (MESSAGES 1 DELETED 1 DELETED-STORAGE 1500)"]
    );
    for command in [
        "GETQUOTA alice@example.org",
        "GETQUOTA nonsense",
        "SETQUOTA \"\" (STORAGE 100)",
    ] {
        bob.no(command);
    }
}

#[test]
fn administrators_set_quotas() {
    let place = limited();
    let (mut bob, mut alice) = (place.login("bob"), place.login("alice"));
    let set = alice.ok("SETQUOTA bob@example.org (MESSAGE 1 MAILBOX 2)");
    assert_eq!(set.untagged, ["* QUOTA bob@example.org (MESSAGE 0 1 MAILBOX 0 2)"]);
    bob.append("INBOX", &"x".repeat(5000));
    assert!(bob.no("APPEND INBOX {1+}\r\nx").status.contains("[OVERQUOTA]"));
    bob.ok("CREATE Work");
    assert!(bob.no("CREATE Play").status.contains("[OVERQUOTA]"));
    assert_eq!(
        alice.ok("SETQUOTA bob@example.org ()").untagged,
        ["* QUOTA bob@example.org ()"]
    );
    bob.append("INBOX", "x");
    assert!(
        alice
            .no("SETQUOTA bob@example.org (X-LINES 1)")
            .status
            .contains("[CANNOT]")
    );
    alice.no("SETQUOTA nobody@example.org (STORAGE 1)");
    alice.ok("SETQUOTA Shared (STORAGE 1)");
}

/// RFC 3463 §3.3: a full mailbox may have room again.
#[test]
fn mail_for_a_full_mailbox_waits_elsewhere() {
    let place = limited();
    let mut bob = place.login("bob");
    place.deliver(Service::Smtp, &message("one"));
    for (service, hello) in [(Service::Smtp, "EHLO"), (Service::Lmtp, "LHLO")] {
        let mut talk = place.talk(service);
        talk.send(&format!("{hello} localhost\r\n"));
        while talk.line().starts_with("250-") {}
        talk.send(
            "MAIL FROM:<x@example.org> SIZE=5000\r\nRCPT TO:<bob@example.org>\r\nRCPT TO:<alice@example.org>\r\n",
        );
        assert!(talk.line().starts_with("250"));
        let refused = talk.line();
        assert!(refused.starts_with("452 4.2.2"), "{refused}");
        assert!(talk.line().starts_with("452 4.2.2"));
        talk.send("RSET\r\n");
        talk.line();
    }
    // A message without a size goes over once.
    place.deliver(Service::Smtp, &"x\r\n".repeat(2000));
    let mut talk = place.talk(Service::Smtp);
    talk.send(
        "HELO localhost\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<bob@example.org>\r\nRCPT TO:<alice@example.org>\r\n",
    );
    let replies: Vec<String> = (0..4).map(|_| talk.line()).collect();
    assert!(
        replies[2].starts_with("452 4.2.2") && replies[3].starts_with("250"),
        "{replies:?}"
    );
    bob.ok("SELECT INBOX");
    bob.ok("STORE 1:* +FLAGS (\\Deleted)");
    bob.ok("EXPUNGE");
    place.deliver(Service::Lmtp, &message("two"));
}
