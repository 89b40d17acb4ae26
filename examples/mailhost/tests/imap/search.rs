//! SEARCH, SORT and THREAD over a mailbox.

use crate::harness::{Place, Talk, message};

const MESSAGES: [(&str, &str); 5] = [
    (
        "(\\Seen) \"01-Jul-2003 10:00:00 +0000\"",
        "From: Zoe <zoe@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?Cr=C3=AApes?=\r\n\
         Date: Tue, 1 Jul 2003 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nWith sugar\r\n",
    ),
    (
        "(\\Flagged) \"02-Jul-2003 10:00:00 +0000\"",
        "From: Alice <alice@example.org>\r\nTo: Carol <carol@example.org>\r\nCc: dan@example.org\r\nSubject: Re: =?utf-8?q?Cr=C3=AApes?=\r\n\
         Date: Thu, 3 Jul 2003 10:00:00 +0000\r\nMessage-ID: <2@example.org>\r\nReferences: <1@example.org>\r\n\
         X-Mood: hungry\r\n\r\nWith butter\r\n",
    ),
    (
        "() \"03-Jul-2003 10:00:00 +0000\"",
        "From: Alice <alice@example.org>\r\nSubject: Accounts\r\nDate: Wed, 2 Jul 2003 10:00:00 +0000\r\nMessage-ID: <3@example.org>\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nTsOkY2hzdGUgV29jaGU=\r\n",
    ),
    (
        "(\\Deleted) \"04-Jul-2003 10:00:00 +0000\"",
        "From: Bob <bob@example.org>\r\nSubject: zebra\r\nDate: Fri, 4 Jul 2003 10:00:00 +0000\r\nMessage-ID: <4@example.org>\r\n\
         In-Reply-To: <2@example.org>\r\n\r\nstriped\r\n",
    ),
    (
        "($Work) \"05-Jul-2003 10:00:00 +0000\"",
        "Subject: Accounts\r\nMessage-ID: <5@example.org>\r\n\r\nA longer message than the others, since it says much about nothing at all\r\n",
    ),
];

/// INBOX with those messages; the first one went, so that numbers differ from unique identifiers.
fn filled(place: &Place) -> Talk {
    let mut bob = place.login("bob");
    bob.append("INBOX", "Subject: gone\r\n\r\n");
    for (filing, message) in MESSAGES {
        bob.append(&format!("INBOX {filing}"), message);
    }
    bob.ok("SELECT INBOX");
    bob.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    bob.ok("UID EXPUNGE 1");
    bob
}

fn only(talk: &mut Talk, command: &str) -> String {
    let reply = talk.ok(command);
    assert_eq!(reply.untagged.len(), 1, "{command}: {reply:#?}");
    reply.untagged[0].clone()
}

#[test]
fn each_key_finds_what_it_says() {
    Place::each(|place| {
        let mut bob = filled(place);
        let cases = [
            ("ALL", "1 2 3 4 5"),
            ("SEEN", "1"),
            ("UNSEEN UNDELETED", "2 3 5"),
            ("KEYWORD $work", "5"),
            ("UNKEYWORD $Work FLAGGED", "2"),
            ("2:3", "2 3"),
            ("4:*", "4 5"),
            // RFC 7377 §2: numbers beyond the mailbox are no error.
            ("5:99", "5"),
            ("77", ""),
            ("UID 3:4", "2 3"),
            ("NOT UID 1:5", "5"),
            ("SUBJECT cr\u{ea}pes", "1 2"),
            ("SUBJECT accounts BODY n\u{e4}chste", "3"),
            ("SUBJECT accounts BODY t\u{e4}chste", ""),
            ("FROM alice@EXAMPLE", "2 3"),
            ("TO carol", "2"),
            ("CC dan", "2"),
            ("BCC dan", ""),
            ("HEADER X-Mood hungry", "2"),
            ("HEADER X-Mood \"\"", "2"),
            ("HEADER References 1@", "2"),
            ("HEADER Message-ID 4@example", "4"),
            ("OR HEADER X-Mood hungry SUBJECT zebra", "2 4"),
            ("TEXT striped", "4"),
            ("BODY sugar", "1"),
            ("NOT BODY with", "3 4 5"),
            ("SENTBEFORE 2-Jul-2003", "1"),
            ("SENTON 3-Jul-2003", "2"),
            ("SENTSINCE 2-Jul-2003", "2 3 4"),
            ("BEFORE 2-Jul-2003", "1"),
            ("ON 3-Jul-2003", "3"),
            ("SINCE 4-Jul-2003", "4 5"),
            ("OLDER 3600", "1 2 3 4 5"),
            ("YOUNGER 3600", ""),
            ("SAVEDSINCE 1-Jan-2020", "1 2 3 4 5"),
            ("SAVEDATESUPPORTED", "1 2 3 4 5"),
            ("SMALLER 130", "5"),
            ("OR (SEEN) (NOT (OR FLAGGED UNDELETED))", "1 4"),
        ];
        for (keys, found) in cases {
            let expected = format!("* SEARCH {found}");
            let search = format!("SEARCH CHARSET UTF-8 {keys}");
            assert_eq!(only(&mut bob, &literal(&search)), expected.trim_end(), "{keys}");
            // What was kept of the messages by now says the same.
            assert_eq!(only(&mut bob, &literal(&search)), expected.trim_end(), "{keys}, again");
        }
        assert_eq!(only(&mut bob, "UID SEARCH FLAGGED"), "* SEARCH 3");
        let reply = bob.ok("FETCH 2 (EMAILID)");
        let id = reply.untagged[0].split(['(', ')']).nth(2).expect("an id").to_owned();
        assert_eq!(only(&mut bob, &format!("SEARCH EMAILID {id}")), "* SEARCH 2");
    });
}

/// Text that is not ASCII as a literal that does not wait.
fn literal(command: &str) -> String {
    let Some(at) = command.find(|char: char| !char.is_ascii()) else {
        return command.to_owned();
    };
    let start = command[..at].rfind(' ').expect("a key in front") + 1;
    let end = command[at..].find(' ').map_or(command.len(), |end| at + end);
    let word = &command[start..end];
    format!("{}{{{}+}}\r\n{word}{}", &command[..start], word.len(), &command[end..])
}

#[test]
fn charsets_that_nobody_knows_are_refused() {
    let place = Place::memory();
    let mut bob = filled(&place);
    for command in [
        "SEARCH CHARSET klingon ALL",
        "SORT (SUBJECT) klingon ALL",
        "THREAD REFERENCES klingon ALL",
    ] {
        let reply = bob.no(command);
        assert!(reply.status.starts_with("NO [BADCHARSET ("), "{reply:#?}");
    }
    bob.bad("THREAD ALPHABET utf-8 ALL");
    bob.bad("SEARCH RETURN (ALL PARTIAL 1:2) ALL");
    assert_eq!(
        only(&mut bob, "SEARCH CHARSET iso-8859-1 SUBJECT {5+}\r\ncr\u{ea}p"),
        "* SEARCH"
    );
}

#[test]
fn results_are_returned_as_asked_for() {
    Place::each(|place| {
        let mut bob = filled(place);
        let esearch = |reply: &crate::harness::Reply| {
            let line = reply.untagged.first().expect("a line").clone();
            line.split_once(')').expect("a correlator").1.trim_start().to_owned()
        };
        let cases = [
            ("SEARCH RETURN () SINCE 3-Jul-2003", "ALL 3:5"),
            ("UID SEARCH RETURN (MIN MAX COUNT) ALL", "UID MIN 2 MAX 6 COUNT 5"),
            ("SEARCH RETURN (COUNT) KEYWORD $none", "COUNT 0"),
            ("SEARCH RETURN (ALL) KEYWORD $none", ""),
            ("UID SEARCH RETURN (PARTIAL 2:3) ALL", "UID PARTIAL (2:3 3:4)"),
            ("UID SEARCH RETURN (PARTIAL -1:-2) ALL", "UID PARTIAL (-1:-2 5:6)"),
            ("SEARCH RETURN (PARTIAL 9:10) ALL", "PARTIAL (9:10 NIL)"),
            (
                "SORT RETURN (ALL COUNT) (REVERSE ARRIVAL) UTF-8 NOT SEEN",
                "ALL 5,4,3,2 COUNT 4",
            ),
            (
                "UID SORT RETURN (MIN MAX) (REVERSE ARRIVAL) UTF-8 ALL",
                "UID MIN 6 MAX 2",
            ),
        ];
        for (command, expected) in cases {
            assert_eq!(esearch(&bob.ok(command)), expected, "{command}");
        }
        // RFC 7162 §3.1.5
        let reply = bob.ok("SEARCH MODSEQ 1 SEEN");
        assert_eq!(reply.with("SEARCH 1 (MODSEQ ").len(), 1, "{reply:#?}");
        // RFC 9051 §6.4.4: IMAP4rev2 has no SEARCH response.
        let mut bob = place.login("bob");
        bob.ok("ENABLE IMAP4rev2");
        bob.ok("SELECT INBOX");
        let reply = bob.ok("UID SEARCH SEEN");
        assert!(reply.untagged[0].ends_with("UID ALL 2"), "{reply:#?}");
        let reply = bob.ok("UID SEARCH KEYWORD $none");
        assert!(reply.untagged[0].starts_with("* ESEARCH (TAG "), "{reply:#?}");
        assert!(reply.untagged[0].ends_with(" UID"), "{reply:#?}");
    });
}

/// RFC 5182 §2.1
#[test]
fn saved_results_stand_for_messages() {
    Place::each(|place| {
        let mut bob = filled(place);
        let reply = bob.ok("SEARCH RETURN (SAVE) OR FLAGGED DELETED");
        assert!(reply.untagged.is_empty(), "{reply:#?}");
        assert_eq!(
            bob.ok("FETCH $ UID").untagged,
            ["* 2 FETCH (UID 3)", "* 4 FETCH (UID 5)"]
        );
        assert_eq!(only(&mut bob, "SEARCH $ SUBJECT zebra"), "* SEARCH 4");
        assert_eq!(only(&mut bob, "UID SEARCH UID $"), "* SEARCH 3 5");
        // What is BAD changes nothing, what is NO empties it.
        bob.bad("SEARCH RETURN (SAVE ALL PARTIAL 1:1) ALL");
        assert_eq!(only(&mut bob, "SEARCH $"), "* SEARCH 2 4");
        bob.ok("UID EXPUNGE 5");
        assert_eq!(only(&mut bob, "SEARCH $"), "* SEARCH 2");
        bob.ok("SEARCH RETURN (SAVE MIN) ALL");
        assert_eq!(only(&mut bob, "SEARCH $"), "* SEARCH 1");
        bob.no("SEARCH RETURN (SAVE) CHARSET klingon ALL");
        assert_eq!(only(&mut bob, "SEARCH $"), "* SEARCH");
        assert!(bob.ok("FETCH $ UID").untagged.is_empty());
    });
}

#[test]
fn messages_are_sorted_and_threaded() {
    Place::each(|place| {
        let mut bob = filled(place);
        let cases = [
            ("SORT (ARRIVAL) UTF-8 ALL", "* SORT 1 2 3 4 5"),
            ("SORT (DATE) UTF-8 ALL", "* SORT 1 3 2 4 5"),
            ("SORT (REVERSE DATE) UTF-8 1:4", "* SORT 4 2 3 1"),
            ("SORT (SUBJECT REVERSE ARRIVAL) UTF-8 ALL", "* SORT 5 3 2 1 4"),
            ("SORT (FROM) UTF-8 1:4", "* SORT 2 3 4 1"),
            ("SORT (DISPLAYFROM) UTF-8 1:4", "* SORT 2 3 4 1"),
            ("SORT (TO CC) UTF-8 1:2", "* SORT 1 2"),
            ("SORT (REVERSE SIZE) UTF-8 3:3", "* SORT 3"),
            ("UID SORT (ARRIVAL) UTF-8 BODY with", "* SORT 2 3"),
            ("SORT (ARRIVAL) UTF-8 KEYWORD $none", "* SORT"),
            ("THREAD REFERENCES UTF-8 ALL", "* THREAD (1 2 4)((3)(5))"),
            ("UID THREAD REFERENCES UTF-8 UID 2:4", "* THREAD (2 3)(4)"),
            ("THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD (1 2)(3 5)(4)"),
            ("THREAD REFERENCES UTF-8 KEYWORD $none", "* THREAD"),
        ];
        for (command, expected) in cases {
            assert_eq!(only(&mut bob, command), expected, "{command}");
        }
    });
}

/// Messages of more octets than are read at once, and headers longer than what is kept.
#[test]
fn large_messages_are_searched_to_their_ends() {
    Place::each(|place| {
        let mut bob = place.login("bob");
        let filler = "All work and no play makes Jack a dull boy.\r\n".repeat(20_000);
        bob.append(
            "INBOX",
            &format!("Subject: large\r\nTo: needle@example.org\r\n\r\n{filler}the needle\r\n"),
        );
        let subject = "x".repeat(20_000);
        bob.append(
            "INBOX",
            &format!("Subject: {subject}end\r\nDate: 1 Jul 2003 10:00:00 +0000\r\n\r\nshort\r\n"),
        );
        bob.ok("SELECT INBOX");
        for _ in 0..2 {
            assert_eq!(only(&mut bob, "SEARCH BODY needle"), "* SEARCH 1");
            assert_eq!(only(&mut bob, "SEARCH TO needle"), "* SEARCH 1");
            assert_eq!(only(&mut bob, "SEARCH SUBJECT xend"), "* SEARCH 2");
            assert_eq!(only(&mut bob, "SEARCH SENTON 1-Jul-2003 BODY short"), "* SEARCH 2");
            assert_eq!(only(&mut bob, "SORT (DATE) UTF-8 ALL"), "* SORT 2 1");
            assert_eq!(only(&mut bob, "SORT (SUBJECT) UTF-8 ALL"), "* SORT 1 2");
            assert_eq!(only(&mut bob, "THREAD ORDEREDSUBJECT UTF-8 ALL"), "* THREAD (2)(1)");
        }
    });
}

/// RFC 7377 §2.1: one response for each mailbox in which something is found.
#[test]
fn many_mailboxes_are_searched_at_once() {
    Place::each(|place| {
        let mut bob = filled(place);
        for name in ["Work", "Work/2026", "Work/2026/June", "Other"] {
            bob.ok(&format!("CREATE {name}"));
            bob.append(name, "Subject: zebra\r\n\r\n");
        }
        bob.ok("SUBSCRIBE Other");
        let mut found = |command: &str| -> Vec<String> {
            let reply = bob.ok(command);
            let part = |line: &String| {
                let line = line.strip_prefix("* ESEARCH (TAG ").expect("an ESEARCH response");
                let (_, rest) = line.split_once("MAILBOX ").expect("a mailbox");
                let (mailbox, rest) = rest.split_once(" UIDVALIDITY ").expect("a validity");
                format!("{mailbox}{}", rest.split_once(')').expect("an end").1)
            };
            reply.untagged.iter().map(part).collect()
        };
        assert_eq!(found("ESEARCH SUBJECT zebra"), ["INBOX UID ALL 5"]);
        assert_eq!(
            found("ESEARCH IN (selected mailboxes Other) SUBJECT zebra"),
            ["INBOX UID ALL 5", "Other UID ALL 1"]
        );
        assert_eq!(found("ESEARCH IN (subtree Work) RETURN (COUNT) SUBJECT zebra").len(), 3);
        assert_eq!(
            found("ESEARCH IN (subtree-one Work) RETURN (MIN COUNT) ALL"),
            ["Work UID MIN 1 COUNT 1", "Work/2026 UID MIN 1 COUNT 1"]
        );
        assert_eq!(found("ESEARCH IN (subscribed) ALL"), ["Other UID ALL 1"]);
        assert_eq!(found("ESEARCH IN (inboxes) SEEN"), ["INBOX UID ALL 2"]);
        assert_eq!(found("ESEARCH IN (personal) RETURN (COUNT) SUBJECT zebra").len(), 5);
        assert!(found("ESEARCH IN (personal mailboxes (None Other)) RETURN (COUNT) SUBJECT nothing").is_empty());
        bob.bad("ESEARCH IN (personal) RETURN (SAVE) ALL");
        bob.ok("UNSELECT");
        bob.bad("ESEARCH ALL");
        bob.bad("ESEARCH IN (selected) ALL");
        assert_eq!(bob.ok("ESEARCH IN (mailboxes Other) ALL").untagged.len(), 1);

        // What somebody else may not read is not searched.
        let mut alice = place.login("alice");
        assert!(
            alice
                .ok("ESEARCH IN (mailboxes Users/bob/Other subtree Users) ALL")
                .untagged
                .is_empty()
        );
    });
}

/// docs/threats.md rows 11, 13: many keys, deep parentheses, wide sets.
#[test]
fn hostile_programs_cost_little() {
    let place = Place::memory();
    let mut bob = filled(&place);
    assert_eq!(
        only(&mut bob, "SEARCH 1:4294967295 UID 1:4294967295"),
        "* SEARCH 1 2 3 4 5"
    );
    let deep = format!("SEARCH {}ALL{}", "(".repeat(3_000), ")".repeat(3_000));
    assert_eq!(only(&mut bob, &deep), "* SEARCH 1 2 3 4 5");
    let many = format!("SEARCH {}ALL", "OR SEEN ".repeat(700));
    assert_eq!(only(&mut bob, &many), "* SEARCH 1 2 3 4 5");
    let strings: Vec<String> = (0..1_001).map(|number| format!("OR TEXT x{number} ")).collect();
    let reply = bob.command(&format!("SEARCH {}ALL", strings.concat()));
    assert!(
        reply.status.starts_with("NO [LIMIT]") || reply.status.starts_with("BAD"),
        "{reply:#?}"
    );
    bob.ok("NOOP");
}

/// RFC 9585: while a search goes on, the client hears how far it is, with the tag of its command.
#[test]
fn progress_is_told() {
    let place = Place::sqlite_settled(|settings| settings.progress_interval = std::time::Duration::ZERO);
    let mut bob = place.inbox("bob");
    for subject in ["a", "b", "c"] {
        bob.append("INBOX", &message(subject));
    }
    bob.send("slow SEARCH BODY noon\r\n");
    let line = bob.until("INPROGRESS");
    assert_eq!(line, "* OK [INPROGRESS (\"slow\" 0 3)] still searching");
    assert_eq!(bob.until("* SEARCH"), "* SEARCH 1 2 3");
    assert!(bob.until("slow OK").starts_with("slow OK"));
}

/// RFC 9051 §6.4.4: a day is what was written, whatever day it was elsewhere; copies keep it.
#[test]
fn days_are_those_of_the_zone_that_was_given() {
    Place::each(|place| {
        let mut bob = place.inbox("bob");
        let one = message("one");
        for date in [
            "01-Mar-2004 00:30:00 +0200",
            "29-Feb-2004 23:30:00 -0800",
            "01-Mar-2004 00:30:00 +0000",
        ] {
            bob.ok(&format!("APPEND INBOX \"{date}\" {{{}+}}\r\n{one}", one.len()));
        }
        bob.ok("CREATE Copies");
        bob.ok("COPY 1:* Copies");
        for mailbox in ["INBOX", "Copies"] {
            bob.ok(&format!("SELECT {mailbox}"));
            let found = |bob: &mut crate::harness::Talk, key: &str| bob.ok(&format!("SEARCH {key}")).untagged;
            assert_eq!(found(&mut bob, "ON 1-Mar-2004"), ["* SEARCH 1 3"]);
            assert_eq!(found(&mut bob, "BEFORE 1-Mar-2004"), ["* SEARCH 2"]);
            assert_eq!(found(&mut bob, "SINCE 1-Mar-2004"), ["* SEARCH 1 3"]);
            assert_eq!(
                bob.ok("SORT (ARRIVAL) UTF-8 ALL").untagged,
                ["* SORT 1 3 2"],
                "moments are moments"
            );
            let dates = bob.ok("FETCH 1:2 INTERNALDATE").untagged;
            assert_eq!(
                dates,
                [
                    "* 1 FETCH (INTERNALDATE \" 1-Mar-2004 00:30:00 +0200\")",
                    "* 2 FETCH (INTERNALDATE \"29-Feb-2004 23:30:00 -0800\")",
                ]
            );
        }
    });
}
