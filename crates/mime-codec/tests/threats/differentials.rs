//! Row 17: messages that two programs read in two ways. Strict refuses them; lenient says what it saw, and where.

use mime_codec::{Message, TransferEncoding, transfer};

/// A message, the defects by offset and name, and what the parts turn out to be.
type Case = (&'static str, &'static [(usize, &'static str)], &'static [&'static str]);

const CASES: [Case; 15] = [
    (
        "From: a@x\r\nFrom: b@x\r\n\r\n",
        &[(11, "duplicate-field")],
        &["text/plain"],
    ),
    (
        "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n",
        &[(26, "duplicate-field")],
        &["text/plain"],
    ),
    (
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\naGk=",
        &[(61, "duplicate-field")],
        &["text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b\r\n\r\nb\r\n--a\r\n\r\na\r\n--a--\r\n",
        &[(43, "duplicate-parameter")],
        &["multipart/mixed", "text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a; boundary*=us-ascii''b\r\n\r\n--a\r\n\r\na\r\n--a--\r\n",
        &[(43, "ambiguous-parameter")],
        &["multipart/mixed", "text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--ab\r\n\r\n1\r\n--a\r\n\r\n2\r\n--a--\r\n",
        &[(45, "delimiter-alike")],
        &["multipart/mixed", "text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n1\r\n--a--\r\n--a--\r\n",
        &[(95, "boundary-in-use")],
        &["multipart/mixed", "multipart/mixed", "text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nnever closed\r\n",
        &[(66, "missing-end-boundary")],
        &["multipart/mixed", "text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a\r\n\r\nonly a preamble\r\n",
        &[(62, "no-parts")],
        &["multipart/mixed"],
    ),
    (
        "Content-Type: multipart/mixed\r\n\r\n--a\r\n",
        &[(33, "missing-boundary")],
        &["multipart/mixed"],
    ),
    (
        "Subject: hi\r\nno field, and no empty line\r\n",
        &[(13, "missing-blank-line")],
        &["text/plain"],
    ),
    (
        "Subject: hi\r\nbad name: x\r\n\r\nhi",
        &[(13, "malformed-field")],
        &["text/plain"],
    ),
    (
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nX: y\r\n--a--\r\n",
        &[(56, "missing-blank-line")],
        &["multipart/mixed", "text/plain"],
    ),
    (
        "Content-Transfer-Encoding: base64\r\n\r\nS2V0Y\r\n",
        &[(44, "base64-truncated")],
        &["text/plain"],
    ),
    (
        "Content-Type: nonsense\r\n\r\nhi",
        &[(13, "invalid-content-type")],
        &["text/plain"],
    ),
];

#[test]
fn strict_refuses_what_lenient_reports() {
    for (message, defects, types) in CASES {
        let parsed = Message::parse(message);
        let found: Vec<_> = parsed
            .check()
            .iter()
            .map(|defect| (defect.offset, defect.kind.name()))
            .collect();
        assert_eq!(found, defects, "{message:?}");
        let found: Vec<_> = parsed.parts().map(|part| part.content_type().essence()).collect();
        assert_eq!(found, types, "{message:?}");
        let refused = Message::parse_strict(message).expect_err("it has defects");
        assert_eq!((refused.offset, refused.kind.name()), defects[0], "{message:?}");
    }
}

#[test]
fn what_is_right_has_no_defects() {
    for message in [
        "",
        "\r\n",
        "Subject: hi\r\n\r\nhi\r\n",
        "Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\n\r\n--a b \t\r\nX: y\r\n\r\n\r\n--a b--\r\nepilogue",
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n\r\n--ab--\r\n--a--\r\n",
    ] {
        assert_eq!(Message::parse(message).check(), [], "{message:?}");
        assert!(Message::parse_strict(message).is_ok());
    }
}

/// RFC 2046 §5.1.1: the line end in front of a delimiter line is its own, also where a multipart inside ends right there.
#[test]
fn a_line_end_between_two_delimiter_lines() {
    for (between, end) in [
        ("\r\n", ""),
        ("\n", ""),
        (" \t\r\n", " \t"),
        ("\r\n\r\n", "\r\n"),
        ("\r\nx\r\n", "\r\nx"),
    ] {
        let inner = "--b\r\n\r\nx\r\n--b--";
        let message = format!(
            "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             {inner}{between}--a--\r\n"
        );
        let message = Message::parse(&*message);
        let part = message.part(1).unwrap();
        assert_eq!(part.raw_body(), [inner, end].concat().as_bytes(), "{between:?}");
    }
}

/// What is wrong inside a message that came transfer-encoded counts in its own octets, and comes behind what is wrong outside.
#[test]
fn defects_of_decoded_messages_come_last() {
    let inner = transfer::encode(TransferEncoding::Base64, b"bad name: x\r\n\r\nhi");
    let inner = String::from_utf8(inner).unwrap();
    let message = format!(
        "Content-Type: multipart/mixed; boundary=a\r\nbad name: y\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{inner}--a--\r\n"
    );
    let found: Vec<_> = Message::parse(&*message)
        .check()
        .iter()
        .map(|defect| (defect.offset, defect.kind.name()))
        .collect();
    assert_eq!(found, [(43, "malformed-field"), (0, "malformed-field")]);
    assert_eq!(Message::parse_strict(&*message).unwrap_err().offset, 43);
}
