//! BODY\[…\] and BINARY\[…\] (RFC 9051 §6.4.5, RFC 3516 §4.2).

use imap_mailbox::message::{Rendered, Summary, UnknownEncoding, marks_seen};

use crate::told::{attribute, crlf, told};

/// A message with the structure of RFC 9051 §6.4.5.1.
const COMPLEX: &str = "Subject: root\nContent-Type: multipart/mixed; boundary=r\n\npreamble\n\
--r\nContent-Type: text/plain\n\none\n\
--r\nContent-Type: application/octet-stream\n\ntwo\n\
--r\nContent-Type: message/rfc822\n\nSubject: three\nContent-Type: multipart/mixed; boundary=3\n\n\
--3\n\nthree one\n--3\nContent-Type: application/octet-stream\n\nthree two\n--3--\n\
--r\nContent-Type: multipart/mixed; boundary=4\n\n\
--4\nContent-Type: image/gif\n\nfour one\n\
--4\nContent-Type: message/rfc822\n\nSubject: four two\nContent-Type: multipart/mixed; boundary=42\n\n\
--42\n\nfour two one\n\
--42\nContent-Type: multipart/alternative; boundary=422\n\n\
--422\n\nfour two two one\n--422\nContent-Type: text/richtext\n\nfour two two two\n--422--\n\
--42--\n--4--\n--r--\nepilogue\n";

/// What is told, its literal's octets alone. `NIL` where there is no such part.
fn body(message: &str, section: &str) -> Option<String> {
    let message = crlf(message);
    let told = told(&message, &format!("BODY.PEEK[{section}]"));
    let (_, data) = told.split_once("] ").unwrap();
    if data == "NIL" {
        return None;
    }
    let (head, octets) = data.split_once("\r\n").unwrap();
    assert_eq!(head, format!("{{{}}}", octets.len()), "{section}");
    Some(octets.replace("\r\n", "\n"))
}

#[test]
fn the_example_of_the_rfc() {
    let at = |section: &str| body(COMPLEX, section);
    let is = |section: &str, expected: &str| assert_eq!(at(section).as_deref(), Some(expected), "{section}");
    is("", COMPLEX);
    is("HEADER", "Subject: root\nContent-Type: multipart/mixed; boundary=r\n\n");
    let text = at("TEXT").unwrap();
    assert!(text.starts_with("preamble\n--r\n") && text.ends_with("--r--\nepilogue\n"));
    is("1", "one");
    is("1.MIME", "Content-Type: text/plain\n\n");
    is("2", "two");
    is(
        "3.HEADER",
        "Subject: three\nContent-Type: multipart/mixed; boundary=3\n\n",
    );
    is(
        "3.TEXT",
        "--3\n\nthree one\n--3\nContent-Type: application/octet-stream\n\nthree two\n--3--",
    );
    assert_eq!(at("3"), Some(at("3.HEADER").unwrap() + &at("3.TEXT").unwrap()));
    is("3.MIME", "Content-Type: message/rfc822\n\n");
    is("3.1", "three one");
    is("3.1.MIME", "\n");
    is("3.2", "three two");
    is("4.MIME", "Content-Type: multipart/mixed; boundary=4\n\n");
    assert!(at("4").unwrap().starts_with("--4\nContent-Type: image/gif\n"));
    is("4.1", "four one");
    is("4.1.MIME", "Content-Type: image/gif\n\n");
    is(
        "4.2.HEADER",
        "Subject: four two\nContent-Type: multipart/mixed; boundary=42\n\n",
    );
    assert!(at("4.2.TEXT").unwrap().starts_with("--42\n"));
    is("4.2.1", "four two one");
    is(
        "4.2.2",
        "--422\n\nfour two two one\n--422\nContent-Type: text/richtext\n\nfour two two two\n--422--",
    );
    is("4.2.2.1", "four two two one");
    is("4.2.2.2", "four two two two");
    is("4.2.2.2.MIME", "Content-Type: text/richtext\n\n");
    is("4.2.HEADER.FIELDS (subject)", "Subject: four two\n\n");
    is(
        "3.HEADER.FIELDS.NOT (SUBJECT)",
        "Content-Type: multipart/mixed; boundary=3\n\n",
    );
    for absent in [
        "5",
        "1.1",
        "1.HEADER",
        "1.TEXT",
        "2.HEADER.FIELDS (a)",
        "3.3",
        "3.1.1",
        "4.HEADER",
        "4.TEXT",
        "4.3",
        "4.2.3",
        "4.2.1.TEXT",
        "4.2.2.3",
        "4.2.2.2.1",
        "4.1.HEADER.FIELDS.NOT (a)",
        "5.MIME",
        "4294967295",
    ] {
        assert_eq!(at(absent), None, "{absent}");
    }
}

#[test]
fn a_message_that_is_no_multipart_has_part_1() {
    let message = "Subject: x\n\nHi!\n";
    for (section, expected) in [
        ("1", Some("Hi!\n")),
        ("TEXT", Some("Hi!\n")),
        ("1.MIME", Some("Subject: x\n\n")),
        ("HEADER", Some("Subject: x\n\n")),
        ("1.1", None),
        ("2", None),
        ("1.HEADER", None),
        ("1.TEXT", None),
    ] {
        assert_eq!(body(message, section).as_deref(), expected, "{section}");
    }
    let message = "Content-Type: message/rfc822\n\nSubject: inside\n\nHo!\n";
    for (section, expected) in [
        ("1", Some("Subject: inside\n\nHo!\n")),
        ("1.HEADER", Some("Subject: inside\n\n")),
        ("1.TEXT", Some("Ho!\n")),
        ("1.MIME", Some("Content-Type: message/rfc822\n\n")),
        ("1.1", Some("Ho!\n")),
        ("1.1.MIME", Some("Subject: inside\n\n")),
        ("1.1.1", None),
        ("1.2", None),
    ] {
        assert_eq!(body(message, section).as_deref(), expected, "{section}");
    }
}

/// RFC 9051 §6.4.5: the empty line belongs to header fetches, unless the message has neither it nor a body.
#[test]
fn the_empty_line() {
    for (message, header, fields) in [
        ("A: 1\nB: 2\n\nHi", "A: 1\nB: 2\n\n", "A: 1\n\n"),
        ("A: 1\nB: 2\n\n", "A: 1\nB: 2\n\n", "A: 1\n\n"),
        ("A: 1\nB: 2\n", "A: 1\nB: 2\n", "A: 1\n"),
        ("A: 1\nB: 2\nno field, so the body\n", "A: 1\nB: 2\n", "A: 1\n\n"),
        ("no header\n", "", "\n"),
        ("", "", ""),
        ("\n", "\n", "\n"),
    ] {
        let expect = |text: &str| Some(text.to_owned());
        let told = |section| match body_or_empty(message, section) {
            None => panic!("{message:?}"),
            told => told,
        };
        assert_eq!(told("HEADER"), expect(header), "{message:?}");
        assert_eq!(told("HEADER.FIELDS (A)"), expect(fields), "{message:?}");
        assert_eq!(told("HEADER.FIELDS.NOT (B)"), expect(fields), "{message:?}");
    }
}

fn body_or_empty(message: &str, section: &str) -> Option<String> {
    let octets = crlf(message);
    let summary = Summary::of(&octets);
    let asked = attribute(&format!("BODY.PEEK[{section}]"));
    let Ok(Some(Rendered::Octets(item))) = summary.render(&asked) else {
        panic!("{section}")
    };
    let item = item.held(&mut &octets[..]).unwrap();
    let held = item.data()?.held()?.to_vec();
    Some(String::from_utf8(held).unwrap().replace("\r\n", "\n"))
}

#[test]
fn windows() {
    let message = crlf("Subject: x\n\n0123456789");
    for (asked, expected) in [
        ("BODY[TEXT]<0.4>", "BODY[TEXT]<0> {4}\r\n0123"),
        ("BODY[TEXT]<8.9>", "BODY[TEXT]<8> {2}\r\n89"),
        ("BODY[TEXT]<10.1>", "BODY[TEXT]<10> {0}\r\n"),
        ("BODY[1]<99.1>", "BODY[1]<99> {0}\r\n"),
        ("BODY[]<0.2048>", "BODY[]<0> {24}\r\nSubject: x\r\n\r\n0123456789"),
        (
            "BODY[HEADER.FIELDS (SUBJECT)]<9.3>",
            "BODY[HEADER.FIELDS (SUBJECT)]<9> {3}\r\nx\r\n",
        ),
        (
            "BODY[HEADER.FIELDS (SUBJECT)]<12.30>",
            "BODY[HEADER.FIELDS (SUBJECT)]<12> {2}\r\n\r\n",
        ),
        (
            "BODY[HEADER.FIELDS (SUBJECT)]<30.1>",
            "BODY[HEADER.FIELDS (SUBJECT)]<30> {0}\r\n",
        ),
        ("BODY[2]<0.1>", "BODY[2]<0> NIL"),
        ("RFC822", "RFC822 {24}\r\nSubject: x\r\n\r\n0123456789"),
        ("RFC822.HEADER", "RFC822.HEADER {14}\r\nSubject: x\r\n\r\n"),
        ("RFC822.TEXT", "RFC822.TEXT {10}\r\n0123456789"),
        ("RFC822.SIZE", "RFC822.SIZE 24"),
        ("PREVIEW", "PREVIEW \"0123456789\""),
        ("PREVIEW (LAZY)", "PREVIEW \"0123456789\""),
    ] {
        assert_eq!(told(&message, asked), expected, "{asked}");
    }
}

const ENCODED: &str = "Content-Type: multipart/mixed; boundary=b\n\n\
--b\nContent-Transfer-Encoding: base64\n\nS2V0\nY2h1cCE=\n\
--b\nContent-Transfer-Encoding: quoted-printable\n\na=3Db=\nc\n\
--b\nContent-Transfer-Encoding: rot13\n\nuv\n\
--b\nContent-Transfer-Encoding: 8bit\n\nplain\n\
--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n";

#[test]
fn binary_is_decoded() {
    let message = crlf(ENCODED);
    for (asked, expected) in [
        ("BINARY[1]", "BINARY[1] {8}\r\nKetchup!"),
        ("BINARY[1]<3.4>", "BINARY[1]<3> {4}\r\nchup"),
        ("BINARY[1]<8.4>", "BINARY[1]<8> {0}\r\n"),
        ("BINARY.PEEK[2]", "BINARY[2] {4}\r\na=bc"),
        ("BINARY.SIZE[1]", "BINARY.SIZE[1] 8"),
        ("BINARY.SIZE[2]", "BINARY.SIZE[2] 4"),
        ("BINARY.SIZE[4]", "BINARY.SIZE[4] 5"),
        ("BINARY[4]<1.3>", "BINARY[4]<1> {3}\r\nlai"),
        ("BINARY[5.1]", "BINARY[5.1] {1}\r\ny"),
        ("BINARY[6]", "BINARY[6] NIL"),
        ("BINARY.SIZE[6]", "BINARY.SIZE[6] 0"),
    ] {
        assert_eq!(told(&message, asked), expected, "{asked}");
    }
    let summary = Summary::of(&message);
    for asked in ["BINARY[3]", "BINARY[3]<0.1>", "BINARY.SIZE[3]"] {
        assert_eq!(
            summary.render(&attribute(asked)).err(),
            Some(UnknownEncoding),
            "{asked}"
        );
    }
    assert_eq!(body(ENCODED, "3").as_deref(), Some("uv"));
    let whole = summary.binary(None, None).unwrap().unwrap();
    assert_eq!(whole.len(), Some(message.len() as u64));
}

/// A transfer-encoded message is octets; whoever wants to look into it gets it decoded.
#[test]
fn encoded_messages_are_octets() {
    let message = crlf("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQo=\n");
    assert_eq!(told(&message, "BINARY[1]"), "BINARY[1] {14}\r\nSubject: x\r\n\r\n");
    assert_eq!(told(&message, "BODY[1.HEADER]"), "BODY[1.HEADER] NIL");
}

/// docs/threats.md row 21. RFC 9051 §4.3: no literal but literal8 holds a NUL.
#[test]
fn nul_octets() {
    let message = b"A: \0\r\n\r\n\0x\0";
    let summary = Summary::of(message);
    for (asked, expected) in [
        ("BODY[]", &b"A: \x80\r\n\r\n\x80x\x80"[..]),
        ("BODY[HEADER.FIELDS (A)]", b"A: \x80\r\n\r\n"),
        ("BINARY[1]", b"\0x\0"),
    ] {
        let asked = attribute(asked);
        let Ok(Some(Rendered::Octets(item))) = summary.render(&asked) else {
            panic!()
        };
        let item = item.held(&mut &message[..]).unwrap();
        assert_eq!(item.data().unwrap().held(), Some(expected));
    }
}

#[test]
fn what_marks_as_seen() {
    for (asked, expected) in [
        ("BODY[]", true),
        ("BODY[HEADER.FIELDS (A)]", true),
        ("BODY.PEEK[]", false),
        ("BINARY[1]", true),
        ("BINARY.PEEK[1]", false),
        ("BINARY.SIZE[1]", false),
        ("RFC822", true),
        ("RFC822.TEXT", true),
        ("RFC822.HEADER", false),
        ("RFC822.SIZE", false),
        ("ENVELOPE", false),
        ("BODY", false),
        ("BODYSTRUCTURE", false),
        ("PREVIEW", false),
        ("FLAGS", false),
    ] {
        assert_eq!(marks_seen(&attribute(asked)), expected, "{asked}");
    }
}
