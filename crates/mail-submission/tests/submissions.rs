//! Which envelope a message asks for.

use mail_submission::{NotSubmittable, Submission, fuzzing};
use proptest::prelude::*;

/// Sender, then recipients.
fn envelope(header: &str) -> Result<String, NotSubmittable> {
    let message = format!("{}\r\n\r\nBcc: not a field\r\n", header.trim().replace('\n', "\r\n"));
    let submission = Submission::of(message.as_bytes())?;
    let recipients = submission.envelope().recipients().iter().map(ToString::to_string);
    let all: Vec<String> = [submission.envelope().sender().to_string()]
        .into_iter()
        .chain(recipients)
        .collect();
    Ok(all.join(" "))
}

#[test]
fn fields_make_envelopes() {
    let cases = [
        ("From: a@x.example\nTo: b@x.example", "<a@x.example> <b@x.example>"),
        // Sender goes before From, the first of From before the others.
        (
            "From: a@x.example, c@x.example\nTo: b@x.example",
            "<a@x.example> <b@x.example>",
        ),
        (
            "From: a@x.example, c@x.example\nSender: S <s@x.example>\nTo: b@x.example",
            "<s@x.example> <b@x.example>",
        ),
        // Every field counts, groups too, and each recipient once.
        (
            "From: a@x.example\nTo: Us: b@x.example, C <c@x.example>;, d@x.example\nCc: B@x.example, b@X.Example\nBcc: (secret) e@x.example\nTO: f@x.example",
            "<a@x.example> <b@x.example> <c@x.example> <d@x.example> <B@x.example> <e@x.example> <f@x.example>",
        ),
        (
            "From: a@x.example\nTo: undisclosed-recipients:;\nBcc: b@x.example",
            "<a@x.example> <b@x.example>",
        ),
        // Local parts keep their quotes (docs/threats.md row 9).
        (
            "From: a@x.example\nTo: \"b@evil> ORCPT=x\"@x.example",
            "<a@x.example> <\"b@evil> ORCPT=x\"@x.example>",
        ),
        // RFC 5322 §3.6.6: the latest resending counts, and it alone.
        (
            "Resent-From: r@x.example\nResent-To: s@x.example\nResent-Bcc: t@x.example\nReceived: x\nResent-From: old@x.example\nResent-To: old@x.example\nFrom: a@x.example\nTo: b@x.example",
            "<r@x.example> <s@x.example> <t@x.example>",
        ),
        (
            "Resent-From: r@x.example\nResent-To: s@x.example\nResent-From: old@x.example\nResent-Cc: old@x.example",
            "<r@x.example> <s@x.example>",
        ),
        (
            "Resent-From: r@x.example\nResent-Sender: q@x.example\nResent-Cc: s@x.example\nTo: b@x.example",
            "<q@x.example> <s@x.example>",
        ),
        // UTF-8 (RFC 6532).
        (
            "From: a@x.example\nTo: jürgen@bücher.example",
            "<a@x.example> <jürgen@bücher.example>",
        ),
    ];
    for (header, expected) in cases {
        assert_eq!(envelope(header).as_deref(), Ok(expected), "{header}");
    }
}

#[test]
fn what_is_missing_or_malformed_is_told() {
    assert_eq!(envelope("To: b@x.example"), Err(NotSubmittable::NoSender));
    assert_eq!(envelope("From: \nTo: b@x.example"), Err(NotSubmittable::NoSender));
    assert_eq!(
        envelope("From: a@x.example\nSubject: x"),
        Err(NotSubmittable::NoRecipients)
    );
    assert_eq!(
        envelope("From: a@x.example\nTo: nobody:;"),
        Err(NotSubmittable::NoRecipients)
    );
    assert_eq!(
        envelope("Resent-From: a@x.example\nTo: b@x.example"),
        Err(NotSubmittable::NoRecipients)
    );
    let header = "From: a@x.example\nTo: b@x.example, bob@, c@x.example";
    assert!(matches!(envelope(header), Err(NotSubmittable::Address { .. })));
    let header = "From: a@x.example\nno field\nTo: b@x.example";
    assert_eq!(envelope(header), Err(NotSubmittable::Header { offset: 19 }));
    assert_eq!(Submission::of(b"").unwrap_err(), NotSubmittable::NoSender);
    assert_eq!(Submission::of(b"no header\r\n").unwrap_err(), NotSubmittable::NoSender);
}

#[test]
fn blind_recipients_stay_unknown() {
    let message = b"BCC: b@x.example,\r\n c@x.example\r\nFrom: a@x.example\r\nResent-bcc: d@x.example\r\nBcc:\r\nTo: e@x.example\r\n\r\nBcc: f@x.example\r\n";
    let resent = Submission::of(message).unwrap_err();
    assert_eq!(resent, NotSubmittable::NoSender, "a resending without its sender");
    let message = String::from_utf8_lossy(message).replace("Resent-bcc: d@x.example\r\n", "");
    let submission = Submission::of(message.as_bytes()).unwrap();
    assert_eq!(submission.envelope().recipients().len(), 3);
    let sent = "From: a@x.example\r\nTo: e@x.example\r\n\r\nBcc: f@x.example\r\n";
    assert_eq!(submission.message(), sent.as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_message(lines in prop::collection::vec(prop::sample::select(vec![
        "From: a@x.example\r\n", "From: <>\r\n", "Sender: b@x.example\r\n", "To: c@x.example, d: e@x.example;\r\n", "to: C@x.example\r\n",
        "Cc : f@x.example\r\n", "Bcc: g@x.example\r\n", "bcc\t: h@x.example\r\n", " i@x.example\r\n", "Resent-From: j@x.example\r\n",
        "Resent-To: k@x.example\r\n", "Resent-Bcc: l@x.example\r\n", "no field\r\n", "\r\n", "\n", "Bcc: m@x.example\n", "B\0cc: n@x.example\r\n", "To: \"", "\r",
    ]), 0..12)) {
        fuzzing::submission(lines.concat().as_bytes());
    }

    #[test]
    fn any_octets(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::submission(&octets);
    }
}
