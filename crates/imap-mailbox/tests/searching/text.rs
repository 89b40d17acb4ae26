//! Keys that need a message's text.

use imap_mailbox::{TextNeed, Verdict};

use super::{facts, matches, matches_in_pieces, plan};

const LETTER: &str = "Received: from crepes.fr\r\n\
    From: =?utf-8?Q?Fran=C3=A7oise?= <f@crepes.fr>\r\n\
    To: \"Public, Joe\" <joe@hamburger.edu>, Cooks: alice@crepes.fr, bob@hamburger.edu (Bob the\r\n\tCook);\r\n\
    Cc: eve@example.net\r\n\
    Subject: =?iso-8859-1?Q?Cr=EApes?=\r\n =?utf-8?B?IGF1eCBwb21tZXM=?= today\r\n\
    Date: Tue, 1 Jul 2003 23:30:00 -0500\r\n\
    X-Empty:\r\n\
    X-Tab: one\r\n\ttwo\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=menu\r\n\r\n\
    preamble\r\n\
    --menu\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n8NLJ18XULCDNydI=\r\n\
    --menu\r\nContent-Type: text/html; charset=utf-8\r\nContent-Description: first course\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gruy=C3=A8=\r\nre</p>\r\n\
    --menu\r\nContent-Type: image/png\r\n\r\nspoon\r\n\
    --menu\r\nContent-Type: message/rfc822\r\n\r\n\
    From: mallory@inner.example\r\nSubject: =?utf-8?Q?For=C3=AAt?=\r\n\r\nNested words\r\n\
    --menu--\r\n";

#[test]
fn keys_look_where_they_should() {
    let cases = [
        // Addresses, decoded.
        ("FROM \"françoise\"", true),
        ("FROM \"FRANÇOISE <F@CREPES\"", true),
        ("FROM utf-8", false),
        ("FROM mallory", false),
        ("TO \"public, joe\"", true),
        ("TO cooks", true),
        ("TO \"bob the cook <bob@\"", true),
        ("TO eve", false),
        ("CC EVE@", true),
        ("BCC eve", false),
        ("BCC \"\"", false),
        ("CC \"\"", true),
        // Subject, decoded and unfolded.
        ("SUBJECT \"crêpes aux pommes TODAY\"", true),
        ("SUBJECT \"CRE\u{302}PES\"", true),
        ("SUBJECT iso", false),
        ("SUBJECT \"forêt\"", false),
        // Any field (RFC 9051 §6.4.4).
        ("HEADER received crepes.FR", true),
        ("HEADER RECEIVED \"\"", true),
        ("HEADER X-Empty \"\"", true),
        ("HEADER X-Empty x", false),
        ("HEADER X-None \"\"", false),
        ("HEADER X-Tab \"one two\"", true),
        ("HEADER X-Tab \"one\ttwo\"", true),
        ("TEXT \"X-Tab: one two\"", true),
        ("HEADER Content-Description course", false),
        // The day as it is written, whatever it is in UTC.
        ("SENTON 1-Jul-2003", true),
        ("SENTON 2-Jul-2003", false),
        ("SENTBEFORE 2-Jul-2003", true),
        ("SENTSINCE 2-Jul-2003", false),
        ("SENTSINCE 1-Jul-2003", true),
        // The body: texts and messages inside, decoded.
        ("BODY \"привет\"", true),
        ("BODY \"GRUYÈRE\"", true),
        ("BODY spoon", false),
        ("BODY preamble", false),
        ("BODY \"nested WORDS\"", true),
        ("BODY \"forêt\"", true),
        ("BODY mallory@inner", true),
        ("BODY \"françoise\"", false),
        ("BODY \"first course\"", false),
        ("BODY \"\"", true),
        // And all headers, as they stand and decoded.
        ("TEXT \"мир\"", true),
        ("TEXT \"françoise\"", true),
        ("TEXT \"=?utf-8?Q?Fran=C3\"", true),
        ("TEXT \"first course\"", true),
        ("TEXT \"crêpes aux pommes\"", true),
        ("TEXT \"forêt\"", true),
        ("TEXT spoon", false),
        ("TEXT \"\"", true),
        // Put together.
        ("NOT FROM alice NOT (BODY spoon)", true),
        ("OR FROM alice (SUBJECT today BODY hello)", false),
        ("FUZZY SUBJECT pommes", true),
    ];
    for (text, expected) in cases {
        let plan = plan(text);
        for size in [1, 7, 64, usize::MAX] {
            let found = matches_in_pieces(&plan, &facts(3, 30), LETTER.as_bytes(), size);
            assert_eq!(found, expected, "{text} in pieces of {size}");
        }
    }
}

#[test]
fn a_message_without_a_date_was_sent_on_no_day() {
    for header in ["Subject: x\r\n\r\n", "Date: soon\r\n\r\n"] {
        for text in ["SENTBEFORE 1-Jan-2030", "SENTON 1-Jul-2003", "SENTSINCE 1-Jan-1970"] {
            assert!(!matches(&plan(text), header.as_bytes()), "{text}");
        }
    }
    assert!(matches(
        &plan("SENTON 1-Jul-2003"),
        b"Date: 1 Jul 2003 99:99 nowhere\r\n\r\n"
    ));
}

/// As everywhere: of a field that may stand once the first counts.
#[test]
fn the_first_of_two_fields_counts() {
    let dates = b"Date: 1 Jul 2003 10:00:00 +0000\r\nDate: 9 Jul 2003 10:00:00 +0000\r\n\r\n";
    assert!(matches(&plan("SENTON 1-Jul-2003"), dates));
    assert!(!matches(&plan("SENTON 9-Jul-2003"), dates));
    let types = b"Content-Type: text/plain\r\nContent-Type: image/png\r\n\r\nspoon";
    assert!(matches(&plan("BODY spoon"), types));
    let types = b"Content-Type: image/png\r\nContent-Type: text/plain\r\n\r\nspoon";
    assert!(!matches(&plan("BODY spoon"), types));
    assert!(
        matches(&plan("HEADER Content-Type png HEADER Content-Type plain"), types),
        "but HEADER looks at each"
    );
}

#[test]
fn the_header_comes_before_the_body() {
    let cases = [
        ("SUBJECT a", TextNeed::Header),
        ("SUBJECT a BODY b", TextNeed::Message),
        ("SENTON 1-Jan-2000", TextNeed::Header),
        // What facts have settled is not looked for.
        ("OR (SEEN BODY b) SUBJECT a", TextNeed::Header),
    ];
    for (text, expected) in cases {
        let plan = plan(text);
        let Verdict::Open(open) = plan.judge(&facts(3, 30)) else {
            panic!("{text}")
        };
        assert_eq!(open.need(), expected, "{text}");
    }
    let plan = plan("SUBJECT a BODY b");
    let Verdict::Open(mut open) = plan.judge(&facts(3, 30)) else {
        panic!()
    };
    assert_eq!(
        open.push(b"Subject: x\r\n\r\n"),
        Some(false),
        "the body is not asked for"
    );
    let Verdict::Open(mut open) = plan.judge(&facts(3, 30)) else {
        panic!()
    };
    assert_eq!(open.push(b"Subject: a\r\n\r\n"), None);
    assert_eq!(open.need(), TextNeed::Message);
    assert!({
        assert_eq!(open.push(b"b"), None);
        open.finish()
    });
}

#[test]
fn no_chunk_border_hides_a_string() {
    let message = format!(
        "Subject: x\r\n\r\n{}Ketch\r\nup and crêpes{}\r\n",
        "a".repeat(300),
        "b".repeat(200)
    );
    for text in ["BODY \"crêpes\"", "BODY \"up and\"", "TEXT \"abbb\"", "TEXT \"sbbb\""] {
        let plan = plan(text);
        let expected = matches(&plan, message.as_bytes());
        assert_eq!(expected, text != "TEXT \"abbb\"");
        for size in 1..message.len() {
            assert_eq!(
                matches_in_pieces(&plan, &facts(3, 30), message.as_bytes(), size),
                expected,
                "{text} {size}"
            );
        }
    }
}

/// Windows are looked through when they are full; what lies across two of them is found.
#[test]
fn no_window_border_hides_a_string() {
    let plan = plan("BODY \"needle in it\"");
    for before in 65_536 - 20..65_536 + 5 {
        let message = format!("\r\n{}needle in it{}", "x".repeat(before), "y".repeat(1_000));
        assert!(
            matches_in_pieces(&plan, &facts(3, 30), message.as_bytes(), 1),
            "{before}"
        );
        assert!(
            matches_in_pieces(&plan, &facts(3, 30), message.as_bytes(), 9_973),
            "{before}"
        );
    }
}

/// A server may hand a search to another thread between two reads of a message.
#[test]
fn searches_can_wait_anywhere() {
    fn is_sent<T: Send + Sync>() {}
    is_sent::<imap_mailbox::SearchPlan>();
    is_sent::<imap_mailbox::TextSearch<'static>>();
    is_sent::<imap_mailbox::LiveSearches>();
}
