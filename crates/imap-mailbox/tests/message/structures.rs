//! ENVELOPE, BODY and BODYSTRUCTURE (RFC 9051 §7.5.2).

use crate::told::{crlf, told};

fn structure(message: &str) -> String {
    let told = told(&crlf(message), "BODYSTRUCTURE");
    told.strip_prefix("BODYSTRUCTURE ").unwrap().to_owned()
}

fn envelope(message: &str) -> String {
    let told = told(&crlf(message), "ENVELOPE");
    told.strip_prefix("ENVELOPE ").unwrap().to_owned()
}

#[test]
fn defaults_of_a_message_that_says_nothing() {
    let plain = r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" "#;
    assert_eq!(structure("\nHi!\nBye.\n"), format!("{plain}11 2 NIL NIL NIL NIL)"));
    assert_eq!(structure(""), format!("{plain}0 0 NIL NIL NIL NIL)"));
    assert_eq!(
        structure("Content-Type: nonsense\n\nHi"),
        format!("{plain}2 0 NIL NIL NIL NIL)")
    );
    assert_eq!(told(&crlf("\nHi!\nBye.\n"), "BODY"), format!("BODY {plain}11 2)"));
    assert_eq!(envelope(""), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

#[test]
fn all_that_a_single_part_says() {
    let message = "Content-Type: Image/GIF; name=\"a b.gif\"; x=1 (comment)\n\
        Content-Transfer-Encoding: Base64 (yes)\n\
        Content-ID: <1@example.org>\n\
        Content-Description: A =?utf-8?Q?caf=C3=A9?=\n of ours\n\
        Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n\
        Content-Disposition: attachment; filename=cafe.gif; size=3\n\
        Content-Language: en, de (German)\n\
        Content-Location: http://example.org/cafe.gif\n\nR0lG\n";
    assert_eq!(
        structure(message),
        r#"("Image" "GIF" ("name" "a b.gif" "x" "1") "<1@example.org>" "A =?utf-8?Q?caf=C3=A9?= of ours" "Base64" 6 "Q2hlY2sgSW50ZWdyaXR5IQ==" ("attachment" ("filename" "cafe.gif" "size" "3")) ("en" "de") "http://example.org/cafe.gif")"#
    );
    assert_eq!(
        told(&crlf(message), "BODY"),
        r#"BODY ("Image" "GIF" ("name" "a b.gif" "x" "1") "<1@example.org>" "A =?utf-8?Q?caf=C3=A9?= of ours" "Base64" 6)"#
    );
}

#[test]
fn all_that_a_multipart_says() {
    let message = "Content-Type: multipart/alternative; boundary=\"=_b\"; type=x\n\
        Content-Disposition: inline\nContent-Language: en\nContent-Location: here\nContent-ID: <no>\n\n\
        preamble\n--=_b\n\none\n--=_b\nContent-Type: text/html; charset=utf-8\n\n<p>two\n\n--=_b--\nepilogue\n";
    let parts = r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "7bit" 8 1 NIL NIL NIL NIL)"#;
    assert_eq!(
        structure(message),
        format!(r#"({parts} "alternative" ("boundary" "=_b" "type" "x") ("inline" NIL) ("en") "here")"#)
            .replace(r#"("en")"#, &language("en"))
    );
    let parts = parts.replace(" NIL NIL NIL NIL)", ")");
    assert_eq!(told(&crlf(message), "BODY"), format!(r#"BODY ({parts} "alternative")"#));
}

/// One language may be a string or a list.
fn language(tag: &str) -> String {
    let told = structure(&format!("Content-Language: {tag}\n\n"));
    match told.contains(&format!("(\"{tag}\")")) {
        true => format!("(\"{tag}\")"),
        false => format!("\"{tag}\""),
    }
}

/// RFC 9051 §7.5.2: continuations are put together; what names its charset is told in UTF-8, with an asterisk.
#[test]
fn parameters_of_rfc_2231() {
    let message = "Content-Type: application/pdf; a*0=one; a*1=\" two\";\n b*0*=utf-8''m%C3; b*1*=%BC; c*=''x%20y;\n d*=iso-8859-1'de'%FC; e=\"=?utf-8?Q?raw?=\"\n\n";
    assert_eq!(
        structure(message),
        "(\"application\" \"pdf\" (\"a\" \"one two\" \"b*\" {3}\r\nmü \"c\" \"x y\" \"d*\" {2}\r\nü \"e\" \"=?utf-8?Q?raw?=\") NIL NIL \"7bit\" 0 NIL NIL NIL NIL)"
    );
}

/// RFC 2046 §5.1.5
#[test]
fn a_digest_consists_of_messages() {
    let message = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\n1\n--b\nContent-Type: text/plain\n\n2\n--b--\n";
    let nils = "NIL NIL NIL NIL NIL NIL NIL NIL";
    assert_eq!(
        structure(message),
        format!(
            r#"(("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "one" {nils}) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) "digest" ("boundary" "b") NIL NIL NIL)"#
        )
    );
}

#[test]
fn messages_inside_have_their_envelope_and_body() {
    let message = "Content-Type: message/global\nSubject: outside\n\nSubject: inside\nFrom: a@b\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n\nx\n--b--\n";
    let nils = "NIL NIL NIL NIL NIL";
    assert_eq!(
        structure(message),
        format!(
            r#"("message" "global" NIL NIL NIL "7bit" 122 (NIL "inside" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) {nils}) (("message" "rfc822" NIL NIL NIL "7bit" 3 (NIL NIL NIL NIL NIL {nils}) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) 1 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL) 10 NIL NIL NIL NIL)"#
        )
    );
    assert_eq!(envelope(message), format!("(NIL \"outside\" NIL NIL NIL {nils})"));
}

/// The grammar has no multipart without a part, and no message without an envelope.
#[test]
fn what_the_grammar_cannot_say() {
    let only = |octets, lines| {
        format!(r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" {octets} {lines} NIL NIL NIL NIL)"#)
    };
    for (message, expected) in [
        (
            "Content-Type: multipart/mixed; boundary=foo\n\n",
            format!(r#"({} "mixed" ("boundary" "foo") NIL NIL NIL)"#, only(0, 0)),
        ),
        (
            "Content-Type: multipart/mixed; boundary=foo\n\nNo part\n--bar\n",
            format!(r#"({} "mixed" ("boundary" "foo") NIL NIL NIL)"#, only(16, 2)),
        ),
        (
            "Content-Type: multipart/mixed\n\n--\n",
            format!(r#"({} "mixed" NIL NIL NIL NIL)"#, only(4, 1)),
        ),
        (
            "Content-Type: multipart/mixed; boundary=foo\n\n--foo--\n",
            format!(r#"({} "mixed" ("boundary" "foo") NIL NIL NIL)"#, only(9, 1)),
        ),
        (
            "Content-Type: message/rfc822; name=x\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoK\n",
            r#"("application" "octet-stream" ("name" "x") NIL NIL "base64" 18 NIL NIL NIL NIL)"#.into(),
        ),
    ] {
        assert_eq!(structure(message), expected, "{message:?}");
    }
}

#[test]
fn envelopes_say_what_stands_there() {
    let message = "Date: not a date\nSubject: =?utf-8?Q?Caf=C3=A9?=\n at noon \n\
        From: \"Ann \\\"A\\\" Lee\" <ann@example.org>, bob@example.org (Bob), <@a,@b:\"c d\"@example.org>\n\
        Reply-To: \nTo: Friends: =?utf-8?Q?J=C3=B6?= <jo@example.org>, eve@[192.0.2.1];, undisclosed-recipients:;\n\
        Cc: nobody\nto: late@example.org\nIn-Reply-To: <1@x>\n <2@x>\nMessage-ID:\nSubject: second\n\n";
    let from = r#"(("Ann \"A\" Lee" NIL "ann" "example.org")("Bob" NIL "bob" "example.org")(NIL "@a,@b" "c d" "example.org"))"#;
    let to = r#"((NIL NIL "Friends" NIL)("=?utf-8?Q?J=C3=B6?=" NIL "jo" "example.org")(NIL NIL "eve" "[192.0.2.1]")(NIL NIL NIL NIL)(NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)(NIL NIL "late" "example.org"))"#;
    assert_eq!(
        envelope(message),
        format!(
            r#"("not a date" "=?utf-8?Q?Caf=C3=A9?= at noon" {from} {from} {from} {to} ((NIL NIL "nobody" "")) NIL "<1@x> <2@x>" "")"#
        )
    );
}

#[test]
fn eight_bits_are_told_and_nul_is_not() {
    let message = b"Subject: caf\xe9 \0 \xc3\xbc\r\nFrom: \xc3\xbc <u@\xc3\xbc>\r\n\r\n";
    let summary = imap_mailbox::message::Summary::of(message);
    let envelope = summary.envelope();
    assert_eq!(envelope.subject.unwrap().as_bytes(), b"caf\xe9   \xc3\xbc");
}
