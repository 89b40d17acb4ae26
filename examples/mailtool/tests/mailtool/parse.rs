//! `mailtool parse`: what is written for what is read.

use crate::support::{accepted, facts, readable, refused, run};
use serde_json::{Value, json};

#[test]
fn commands() {
    assert_eq!(
        facts(
            "imap-command",
            "a1 UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (From \"To\")]<0.100>)\r\n"
        ),
        json!({"kind": "FETCH", "tag": "a1", "uid": true,
               "arguments": ["1:*", ["FLAGS", "BODY.PEEK[HEADER.FIELDS (From To)]<0.100>"]]})
    );
    assert_eq!(
        facts("imap-command", "a2 SELECT \"Entw&APw-rfe\" (CONDSTORE)\r\n"),
        json!({"kind": "SELECT", "tag": "a2", "mailbox": "Entwürfe", "arguments": ["Entw&APw-rfe", ["CONDSTORE"]]})
    );
    assert_eq!(
        facts("imap-command", "a3 search subject {5}\r\n(a) b or seen not 3\r\n"),
        json!({"kind": "SEARCH", "tag": "a3", "arguments": ["SUBJECT", "(a) b", "OR", "SEEN", "NOT", "3"]})
    );
    assert_eq!(facts("imap-command", "a4 UID EXPUNGE 3\r\n")["uid"], json!(true));
    assert_eq!(
        facts("imap-command", "a5 noop\r\n"),
        json!({"kind": "NOOP", "tag": "a5", "arguments": []})
    );
}

#[test]
fn commands_that_nobody_knows_are_shown_and_strictly_refused() {
    let line = "a FROBNICATE (x (y NIL) \"z\")\r\n";
    let value = facts("imap-command", line);
    assert_eq!(value["known"], json!(false));
    assert_eq!(value["arguments"], json!([["x", ["y", null], "z"]]));
    assert_eq!(
        refused(&["imap-command", "--strict"], line),
        ("expected a known command".into(), 2)
    );
    // RFC 3501 §9 leaves names that begin with X to whoever wants them.
    accepted(&["imap-command", "--strict"], "a XFROBNICATE\r\n");
    assert_eq!(refused(&["imap-command", "--strict"], "a FETCH 1 FLAVOUR\r\n").1, 2);
}

#[test]
fn secrets_are_shown_to_nobody() {
    for line in [
        "a LOGIN ann \"hunter two\"\r\n",
        "a AUTHENTICATE PLAIN AGFubgBodW50ZXIgdHdv\r\n",
    ] {
        for flags in [
            &["imap-command", "--json"][..],
            &["imap-command"],
            &["imap-command", "--strict"],
        ] {
            let out = run(flags, &json!(line).to_string());
            assert!(out.contains("[redacted]"), "{out}");
            assert!(!out.contains("hunter") && !out.contains("AGFub"), "{out}");
        }
    }
    assert_eq!(
        facts("imap-command", "a LOGIN ann {3}\r\nabc\r\n")["user"],
        json!("ann")
    );
    assert_eq!(
        refused(&["imap-command"], "a LOGIN ann hunter2 x\r\n"),
        ("expected the end of the line".into(), 20)
    );
}

#[test]
fn status_responses() {
    assert_eq!(
        facts("imap-response", "a1 NO [COPYUID 38 304,319:320 3956:3958] Done\r\n"),
        json!({"kind": "NO", "tag": "a1", "text": "Done",
               "code": {"name": "COPYUID", "arguments": ["38", "304,319:320", "3956:3958"]}})
    );
    assert_eq!(facts("imap-response", "* BYE\r\n"), json!({"kind": "BYE", "text": ""}));
    assert_eq!(
        facts("imap-response", "+ go\r\n"),
        json!({"kind": "continuation", "text": "go"})
    );
}

#[test]
fn data() {
    for (line, value) in [
        ("* 3 EXISTS\r\n", json!({"kind": "EXISTS", "number": 3})),
        (
            "* SEARCH 2 84 (MODSEQ 917)\r\n",
            json!({"kind": "SEARCH", "numbers": [2, 84], "modseq": 917}),
        ),
        (
            "* CAPABILITY IMAP4rev2 AUTH=X\r\n",
            json!({"kind": "CAPABILITY", "capabilities": ["IMAP4rev2", "AUTH=X"]}),
        ),
        (
            "* THREAD (2)(3 6 (4 23)(44 7))\r\n",
            json!({"kind": "THREAD", "data": [["2"], ["3", "6", ["4", "23"], ["44", "7"]]]}),
        ),
        (
            "* LIST (\\Sent) \"/\" \"&ZeVnLIqe-\" (OLDNAME (\"x\"))\r\n",
            json!({"kind": "LIST", "mailbox": "日本語", "wire": "&ZeVnLIqe-", "delimiter": "/", "attributes": ["\\Sent"],
                   "extended": ["OLDNAME", ["x"]]}),
        ),
        (
            "* LIST () NIL inbox\r\n",
            json!({"kind": "LIST", "mailbox": "INBOX", "wire": "INBOX", "delimiter": null, "attributes": []}),
        ),
        (
            "* STATUS a (MESSAGES 3 UIDNEXT 44)\r\n",
            json!({"kind": "STATUS", "mailbox": "a", "wire": "a", "items": [["MESSAGES", "3"], ["UIDNEXT", "44"]]}),
        ),
        (
            "* 5 XNEWS (a)\r\n",
            json!({"kind": "XNEWS", "known": false, "number": 5, "data": [["a"]]}),
        ),
    ] {
        assert_eq!(facts("imap-response", line), value);
    }
}

#[test]
fn octets_that_are_no_text_stand_beside_it() {
    let value = accepted(&["imap-response"], r#"{"b64": "KiBOTyBHcvbfZQ0K"}"#);
    assert_eq!(
        value,
        json!({"kind": "NO", "text": "Gr\u{fffd}\u{fffd}e", "text_b64": "R3L232U="})
    );
}

#[test]
fn fetch() {
    let items = |line: &str| facts("imap-response", line)["items"].clone();
    assert_eq!(
        items("* 1 FETCH (UID 7 FLAGS (\\Seen a) BODY[TEXT]<0> {4}\r\n)\r\n( RFC822.SIZE 9)\r\n"),
        json!([
            ["UID", 7],
            ["FLAGS", ["\\Seen", "a"]],
            ["BODY[TEXT]<0>", ")\r\n("],
            ["RFC822.SIZE", 9]
        ])
    );
    let envelope = &items(
        "* 1 FETCH (ENVELOPE (NIL \"Lunch?\" ((\"Ann\" NIL \"ann\" \"example.org\")) NIL NIL \
         ((NIL NIL \"team\" NIL)(NIL NIL \"bob\" \"example.org\")(NIL NIL NIL NIL)) NIL NIL NIL \"<1@example.org>\"))\r\n",
    )[0][1];
    assert_eq!(envelope["from"], json!([{"name": "Ann", "address": "ann@example.org"}]));
    let bob = json!({"name": null, "address": "bob@example.org"});
    assert_eq!(envelope["to"], json!([{"group": "team", "members": [bob]}]));
    assert_eq!((&envelope["date"], &envelope["cc"]), (&Value::Null, &json!([])));
    let parts = &items(
        "* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 12 1)\
         (\"IMAGE\" \"PNG\" NIL NIL NIL \"BASE64\" 99 NIL (\"attachment\" (\"FILENAME\" \"a b\")) NIL) \"MIXED\"))\r\n",
    )[0][1];
    assert_eq!(parts[0], json!({"type": "multipart/mixed"}));
    assert_eq!(
        parts[1],
        json!({"part": "1", "type": "text/plain", "params": [["charset", "utf-8"]], "encoding": "7BIT", "octets": 12, "lines": 1})
    );
    assert_eq!(parts[2]["disposition_params"], json!([["filename", "a b"]]));
}

#[test]
fn an_item_that_cannot_be_read_costs_one_item() {
    let line = "* 1 FETCH (UID 0 FLAGS ())\r\n";
    let fault = json!({"raw": "UID 0", "error": "expected a number from 1", "offset": 15});
    assert_eq!(
        facts("imap-response", line)["items"],
        json!([["invalid", fault], ["FLAGS", []]])
    );
    assert_eq!(
        refused(&["imap-response", "--strict"], line),
        ("expected a number from 1".into(), 15)
    );
}

#[test]
fn what_is_not_whole_is_refused() {
    for (line, error, offset) in [
        ("a NOOP", "expected CRLF", 6),
        ("a NOOP\n", "expected CRLF", 6),
        ("a NOOP\r\n*", "expected nothing behind the end of the line", 8),
        ("a CREATE {7}\r\nabc", "expected 4 more octets of a literal", 17),
        (
            "a SELECT {99999999999999999999999999}\r\n",
            "expected 18446744073709551615 more octets of a literal",
            39,
        ),
        ("", "expected CRLF", 0),
    ] {
        assert_eq!(refused(&["imap-command"], line), (error.to_owned(), offset), "{line:?}");
    }
}

#[test]
fn mailbox_names() {
    let decode = &["mailbox-name"];
    assert_eq!(accepted(decode, "\"Entw&APw-rfe &- mehr\""), json!("Entwürfe & mehr"));
    assert_eq!(
        accepted(&["mailbox-name", "--encode"], "\"Entwürfe & mehr\""),
        json!("Entw&APw-rfe &- mehr")
    );
    // Not canonical: as it stands, since two names must not look like one.
    assert_eq!(accepted(decode, "\"&AGE-\""), json!("&AGE-"));
    assert_eq!(accepted(decode, "\"Entwürfe\""), json!("Entwürfe"));
    for bad in ["&AGE-", "&", "Entwürfe"] {
        refused(&["mailbox-name", "--strict"], bad);
    }
}

#[test]
fn people_read_lines() {
    assert_eq!(
        readable(
            &["imap-response"],
            "* 2 FETCH (UID 7 FLAGS (\\Seen) BODY[TEXT] \"\u{1b}[2J\")\r\n"
        ),
        "FETCH\n  number: 2\n  items:\n    UID: 7\n    FLAGS: (\\Seen)\n    BODY[TEXT]: \\x1b[2J\n"
    );
    assert_eq!(
        readable(&["imap-command"], "a LIST \"\" (a \"b c\")\r\n"),
        "LIST\n  tag: a\n  arguments: (\"\" (a \"b c\"))\n"
    );
    assert_eq!(readable(&["imap-command"], "a"), "refused: expected CRLF, at octet 1\n");
    assert_eq!(readable(&["mailbox-name"], "&2D3eCg-"), "😊\n");
}
