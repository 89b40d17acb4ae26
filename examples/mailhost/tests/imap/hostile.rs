//! Clients that mean harm, and mail that does, on a whole host.

use std::fmt::Write as _;
use std::time::Duration;

use mail_wire::Deflate;
use mailhost::store::{Mailbox, Uid};

use crate::harness::{Place, Reply, Talk, message};

/// docs/threats.md row 10: a literal is refused before its octets are asked for, and costs nothing.
#[test]
fn literal_bombs_are_refused() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    for command in [
        "APPEND INBOX {4294967295}",
        "APPEND INBOX {99999999999999999999}",
        "SELECT {4294967295}",
    ] {
        let reply = bob.command(command);
        assert!(
            reply.status.starts_with("NO") || reply.status.starts_with("BAD"),
            "{reply:#?}"
        );
        assert!(reply.untagged.is_empty(), "nothing is asked for: {reply:#?}");
    }
    bob.ok("NOOP");
    let mut stranger = place.client();
    let reply = stranger.command("LOGIN {4294967295}");
    assert!(
        reply.status.starts_with("NO") || reply.status.starts_with("BAD"),
        "{reply:#?}"
    );
    // What does not wait and is too much to be read away ends the session.
    stranger.send("x LOGIN {99999999999+}\r\n");
    assert_eq!(
        stranger.rest().lines().filter(|line| line.starts_with("* BYE")).count(),
        1
    );
}

/// docs/threats.md row 11: sets are never written out, and many small things cost a little each.
#[test]
fn many_small_things_are_cheap() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    let mut parts = "Content-Type: multipart/mixed; boundary=b\r\n".to_owned();
    for number in 0..20_000 {
        let _ = write!(parts, "X-{number}: x\r\n");
    }
    parts.push_str("\r\n");
    for _ in 0..20_000 {
        parts.push_str("--b\r\n\r\nx\r\n");
    }
    bob.append("INBOX", &parts);
    let structure = bob.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (X-9999)])");
    assert!(structure.has("X-9999: x"), "the header is read to its end");
    assert_eq!(bob.ok("UID FETCH 1:4294967295 UID").untagged.len(), 1);
    assert_eq!(
        bob.ok("UID STORE 4294967295:1 +FLAGS.SILENT (\\Seen)").untagged.len(),
        0
    );
    assert_eq!(bob.ok("UID SEARCH UID 1:4294967295").untagged, ["* SEARCH 1"]);
    let many = vec!["OR SEEN ANSWERED"; 3_000].join(" ");
    assert_eq!(bob.ok(&format!("SEARCH {many}")).untagged, ["* SEARCH 1"]);
    // Longer than any command may be.
    bob.send(&format!("y SEARCH {}\r\n", "SEEN ".repeat(100_000)));
    assert!(bob.rest().contains("* BYE"));
}

/// docs/threats.md row 12: a command comes octet by octet.
#[test]
fn octets_may_drip() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    for octet in format!("drip SEARCH {}\r\n", "NOT SEEN ".repeat(200).trim_end()).chars() {
        bob.send(octet.encode_utf8(&mut [0; 4]));
    }
    assert!(bob.line().starts_with("* SEARCH"));
    assert!(bob.line().starts_with("drip OK"));
}

/// docs/threats.md rows 13 and 14: fifty levels are told as they are, more than a limit as one flat part.
#[test]
fn depth_is_bounded() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    let nested = |levels: usize| {
        let mut text = String::new();
        for level in 0..levels {
            let _ = write!(
                text,
                "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
            );
        }
        text + "\r\nx\r\n"
    };
    bob.append("INBOX", &nested(50));
    bob.append("INBOX", &nested(10_000));
    assert_eq!(
        bob.ok("FETCH 1 BODYSTRUCTURE").untagged[0].matches("\"mixed\"").count(),
        50
    );
    assert!(bob.ok("FETCH 2 (BODYSTRUCTURE ENVELOPE)").untagged[0].len() < 100_000);
    let deep = format!("SEARCH {}SEEN{}", "(".repeat(10_000), ")".repeat(10_000));
    let reply = bob.command(&deep);
    assert!(
        ["OK", "NO", "BAD"].iter().any(|word| reply.status.starts_with(word)),
        "{reply:#?}"
    );
    bob.ok("NOOP");
}

/// docs/threats.md row 15: what is compressed well is still a command that is too long.
#[test]
fn compression_bombs_do_not_go_off() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    bob.ok("COMPRESS DEFLATE");
    let mut deflate = Deflate::new(&[]);
    let mut bomb = vec![b'a'; 32 << 20];
    bomb[..2].copy_from_slice(b"z ");
    let mut rest = &bomb[..];
    while !rest.is_empty() {
        let taken = deflate.write(rest);
        rest = &rest[taken..];
        let octets = deflate.transmit().to_vec();
        deflate.transmitted(octets.len());
        if !bob.try_send(&octets) {
            // The server has hung up, as it should.
            break;
        }
    }
    deflate.flush();
    bob.try_send(deflate.transmit());
    let answer = bob.octets();
    assert!(answer.len() < 64 * 1024, "a word of farewell, compressed");
    place.inbox("bob").ok("NOOP");
}

/// docs/threats.md row 16: what is decoded never becomes syntax.
#[test]
fn decoded_text_stays_text() {
    let place = Place::memory();
    let mut bob = place.inbox("bob");
    let text = "From: =?utf-8?q?a=0D=0A*_BYE?= <a@b.example>\r\nSubject: =?utf-8?b?DQoqIEJZRSAAeA==?=\r\n\
        Content-Type: text/html\r\n\r\n<p>=0d\x00\u{7}* BYE</p>\r\n";
    bob.append("INBOX", text);
    let reply = bob.ok("FETCH 1 (ENVELOPE PREVIEW BODYSTRUCTURE BODY.PEEK[TEXT])");
    assert_eq!(reply.untagged.len(), 1, "{reply:#?}");
    assert!(!reply.untagged[0].contains('\0'));
    bob.ok("SEARCH SUBJECT \"* BYE\"");
    bob.ok("SORT (SUBJECT FROM) UTF-8 ALL");
}

/// docs/threats.md row 25: one mailbox has one name.
#[test]
fn names_are_canonical() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        bob.ok("CREATE Entw&APw-rfe");
        // "a" and "&" in an encoding that is not theirs: whatever they make, it is none of the names that they look like.
        bob.ok("CREATE a");
        for odd in ["&AGE-", "&AGE", "&AAA-"] {
            let reply = bob.command(&format!("CREATE \"{odd}\""));
            assert!(!reply.status.starts_with("BAD"), "{reply:#?}");
        }
        assert_eq!(
            bob.ok("LIST \"\" Entw%").untagged,
            ["* LIST (\\HasNoChildren) \"/\" Entw&APw-rfe"]
        );
        assert_eq!(bob.ok("LIST \"\" a").untagged.len(), 1);
        bob.ok("ENABLE UTF8=ACCEPT");
        assert_eq!(
            bob.ok("LIST \"\" Entw%").untagged,
            ["* LIST (\\HasNoChildren) \"/\" \"Entwürfe\""]
        );
        bob.ok("DELETE \"Entwürfe\"");
    });
}

/// However a name was put together, it is one name, and who says it otherwise is told (RFC 9051 §5.1, §6.3.9.7).
#[test]
fn names_are_normalized() {
    Place::each(|place| {
        let mut old = place.login("bob");
        old.ok("CREATE Entwu&Awg-rfe");
        old.no("CREATE Entw&APw-rfe");
        assert_eq!(
            old.ok("LIST Entwu&Awg-r %").untagged,
            ["* LIST (\\HasNoChildren) \"/\" Entw&APw-rfe"]
        );
        old.ok("SUBSCRIBE Entwu&Awg-rfe");
        assert_eq!(old.ok("LSUB \"\" Entw&APw-rfe").untagged.len(), 1);
        assert!(!old.ok("SELECT Entwu&Awg-rfe").has("OLDNAME"));

        let mut bob = place.login("bob");
        bob.ok("ENABLE IMAP4rev2");
        let told = |reply: Reply| reply.with("LIST").join("");
        let renamed = |name: &str, old: &str, attributes: &str| {
            format!("LIST ({attributes}) \"/\" \"{name}\" (\"OLDNAME\" (\"{old}\"))")
        };
        let (nfc, nfd) = ("Entw\u{fc}rfe", "Entwu\u{308}rfe");
        assert_eq!(
            told(bob.ok(&format!("SELECT \"{nfc}\""))),
            format!("LIST () \"/\" \"{nfc}\"")
        );
        assert_eq!(told(bob.ok(&format!("EXAMINE \"{nfd}\""))), renamed(nfc, nfd, ""));
        bob.ok(&format!("STATUS \"{nfd}\" (MESSAGES)"));
        assert_eq!(
            told(bob.append(&format!("\"{nfd}\""), &message("x"))),
            renamed(nfc, nfd, "")
        );
        let (to, denormalized) = ("\u{c5}", "A\u{30a}");
        let reply = bob.ok(&format!("RENAME \"{nfc}\" \"{denormalized}\""));
        assert_eq!(told(reply), renamed(to, nfc, ""));
        // The sign for the unit is another character, and the same letter.
        assert_eq!(
            told(bob.ok("DELETE \"\u{212b}\"")),
            renamed(to, "\u{212b}", "\\NonExistent")
        );
        assert_eq!(
            told(bob.ok(&format!("CREATE \"{denormalized}/\""))),
            renamed(to, denormalized, "")
        );
    });
}

/// RFC 6855 §3: what nobody can see is in no name.
#[test]
fn names_have_no_control_characters() {
    let place = Place::memory();
    let mut bob = place.login("bob");
    bob.ok("ENABLE UTF8=ACCEPT");
    for control in ['\u{1}', '\u{1f}', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}'] {
        let refused = bob.no(&format!("CREATE \"a{control}b\""));
        assert!(refused.status.contains("[CANNOT]"), "{refused:#?}");
    }
    place.login("bob").no("CREATE a&ICg-b");
}

/// docs/threats.md row 32: a summary that is damaged is made anew.
#[test]
fn damaged_summaries_lose_nothing() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        bob.append("INBOX", &message("pie"));
        let before = bob.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE RFC822.SIZE)").untagged;
        let inbox = Mailbox::inbox("bob@example.org");
        for damage in [&b""[..], b"\0", b"not a summary", &[0xff; 300]] {
            let damaged = vec![(Uid::MIN, bytes::Bytes::from_static(damage))];
            place
                .block_on(place.store.keep_summaries(&inbox, damaged))
                .expect("it is kept");
            assert_eq!(bob.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE RFC822.SIZE)").untagged, before);
        }
    });
}

impl Talk {
    /// What comes until the server hangs up, as text.
    fn rest(&mut self) -> String {
        String::from_utf8_lossy(&self.octets()).into_owned()
    }
}

/// docs/threats.md row 31: who says nothing, drips a literal, or takes nothing of what it asked for, is hung up on.
#[test]
fn slow_peers_are_hung_up_on() {
    let place = Place::settled(|settings| settings.imap_timeouts.login = Duration::from_millis(100));
    assert!(place.client().rest().starts_with("* BYE the client was inactive"));

    let place = Place::settled(|settings| settings.imap_timeouts.transfer = Duration::from_millis(700));
    // Some octets now and then keep no timer alive.
    let mut dripping = place.login("bob");
    dripping.send("a APPEND INBOX {100000+}\r\n");
    assert!(is_hung_up_on(&mut dripping, b"x"));
    assert!(place.login("bob").ok("STATUS INBOX (MESSAGES)").has("MESSAGES 0"));
    // More than the sockets' buffers hold, asked for and not read, whatever else is said.
    let mut bob = place.inbox("bob");
    bob.append(
        "INBOX",
        &format!("Subject: long\r\n\r\n{}", "0123456789abcdef".repeat(1 << 20)),
    );
    bob.send("b FETCH 1 BODY.PEEK[]\r\n");
    assert!(is_hung_up_on(&mut bob, b"c NOOP\r\n"));
    let taken = bob.octets();
    assert!(taken.len() < 16 << 20, "{} octets", taken.len());
    // Nothing of that hangs on: others are served.
    assert!(place.login("bob").ok("STATUS INBOX (MESSAGES)").has("MESSAGES 1"));
}

/// Says something now and then until nobody takes it any more.
fn is_hung_up_on(talk: &mut Talk, octets: &[u8]) -> bool {
    (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !talk.try_send(octets)
    })
}
