//! `mailtool message`: the JSON that scripts rely on, and the tree for people.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::tempdir;

use crate::support::{tool, written};

/// What `message --json` says of one message.
fn seen(flags: &[&str], message: &str) -> Value {
    let out = written(&[&["message", "--json", "-"], flags].concat(), message);
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

fn sha256(octets: &[u8]) -> String {
    Sha256::digest(octets)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

const LETTER: &str = "Subject: =?utf-8?q?Cr=C3=AApes?=\r\nFrom: \"Alice\" <alice@crepes.fr>\r\n\
    To: Kitchen: bob@hamburger.edu, =?utf-8?q?Fran=C3=A7ois?= <\"f r\"@crepes.fr>;\r\nCc: c@d.example\r\n\
    Date: Tue, 1 Jul 2003 10:52:37 +0200\r\nMessage-ID: <17.spoon@crepes.fr>\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\nfirst\r\n--b\r\n\r\nHi\r\n--b\r\n\
    Content-Type: TEXT/HTML; CHARSET=iso-8859-1; x*0=a; x*1=b\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\
    Content-Disposition: Attachment; filename*=utf-8''%C3%AA.html\r\nContent-ID: <part@crepes.fr>\r\n\r\n=EA\r\n--b--\r\nlast\r\n";

#[test]
fn the_header_in_json() {
    let seen = seen(&[], LETTER);
    assert_eq!(
        keys(&seen),
        [
            "bcc",
            "cc",
            "date",
            "defects",
            "file",
            "from",
            "headers",
            "message_id",
            "parts",
            "reply_to",
            "sender",
            "subject",
            "to"
        ]
    );
    assert_eq!(seen["file"], "-");
    assert_eq!(seen["headers"].as_array().unwrap().len(), 7);
    assert_eq!(seen["headers"][0], json!({"name": "Subject", "value": "Crêpes"}));
    assert_eq!(seen["subject"], "Crêpes");
    assert_eq!(seen["date"], "2003-07-01T10:52:37+02:00");
    assert_eq!(seen["message_id"], "17.spoon@crepes.fr");
    assert_eq!(seen["from"], json!([{"name": "Alice", "address": "alice@crepes.fr"}]));
    let members =
        json!([{"name": null, "address": "bob@hamburger.edu"}, {"name": "François", "address": "\"f r\"@crepes.fr"}]);
    assert_eq!(seen["to"], json!([{"group": "Kitchen", "members": members}]));
    assert_eq!(seen["cc"], json!([{"name": null, "address": "c@d.example"}]));
    for absent in ["sender", "reply_to", "bcc"] {
        assert_eq!(seen[absent], json!([]), "{absent}");
    }
}

#[test]
fn the_parts_in_json() {
    let seen = seen(&[], LETTER);
    let body = LETTER.find("\r\n\r\n").unwrap() + 4;
    let root = &seen["parts"];
    let of_all = [
        "body_len_raw",
        "charset",
        "content_id",
        "disposition",
        "encoding",
        "filename",
        "header_len",
        "offset",
        "params",
        "type",
    ];
    let with = |more: &[&'static str]| {
        let mut keys = [&of_all[..], more].concat();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(root), with(&["children", "epilogue_len", "preamble_len"]));
    assert_eq!(root["params"], json!({"boundary": "b"}));
    let numbers = ["offset", "header_len", "body_len_raw"].map(|key| root[key].as_u64().unwrap() as usize);
    assert_eq!(numbers, [0, body, LETTER.len() - body]);
    assert!(root["preamble_len"].as_u64().unwrap() >= 5 && root["epilogue_len"].as_u64().unwrap() >= 4);

    let first = &root["children"][0];
    assert_eq!(keys(first), with(&["body_len", "body_sha256", "text", "type_implicit"]));
    assert_eq!(
        (&first["type"], &first["type_implicit"]),
        (&json!("text/plain"), &json!(true))
    );
    assert_eq!(first["body_sha256"], sha256(b"Hi"));
    for absent in ["charset", "content_id", "disposition", "encoding", "filename"] {
        assert_eq!(first[absent], Value::Null, "{absent}");
    }

    let second = &root["children"][1];
    assert_eq!(keys(second), with(&["body_len", "body_sha256", "text"]));
    let offset = second["offset"].as_u64().unwrap() as usize;
    assert!(LETTER[offset..].starts_with("Content-Type: TEXT/HTML"));
    assert_eq!(second["type"], "text/html");
    assert_eq!(second["params"], json!({"charset": "iso-8859-1", "x": "ab"}));
    assert_eq!(
        (&second["encoding"], &second["disposition"]),
        (&json!("quoted-printable"), &json!("attachment"))
    );
    assert_eq!(
        (&second["filename"], &second["content_id"]),
        (&json!("ê.html"), &json!("part@crepes.fr"))
    );
    assert_eq!((&second["body_len"], &second["body_len_raw"]), (&json!(1), &json!(3)));
    assert_eq!(
        (&second["text"], &second["body_sha256"]),
        (&json!("ê"), &json!(sha256(b"\xea")))
    );
    assert_eq!(second["charset"], "iso-8859-1");
}

#[test]
fn text_on_request_and_octets_that_are_no_text() {
    let without = seen(&["--no-text"], LETTER);
    assert!(keys(&without["parts"]["children"][0]).iter().all(|key| *key != "text"));
    assert_eq!(without["parts"]["children"][0]["body_sha256"], sha256(b"Hi"));
    let nothing = seen(&[], "");
    assert_eq!(
        (&nothing["subject"], &nothing["date"], &nothing["message_id"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&nothing["headers"], &nothing["parts"]["type"]),
        (&json!([]), &json!("text/plain"))
    );
}

/// No guesses in JSON: what is no UTF-8 is U+FFFD.
#[test]
fn raw_octets_are_not_guessed() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("raw");
    fs::write(
        &path,
        b"Subject: Cr\xeapes\r\nTo: Fran\xe7ois <a@b.example>\r\nTo: c@d.example\r\nX: =?iso-8859-1?q?Cr\xeapes?=\r\n\r\n",
    )
    .unwrap();
    let out = written(&["message", "--json", path.to_str().unwrap()], "");
    let seen: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&seen["subject"], &seen["headers"][0]["value"]),
        (&json!("Cr\u{fffd}pes"), &json!("Cr\u{fffd}pes"))
    );
    assert_eq!(seen["to"][0]["name"], "Fran\u{fffd}ois");
    assert_eq!(seen["to"][1]["address"], "c@d.example");
    assert_eq!(seen["headers"][3]["value"], "Crêpes");
}

#[test]
fn an_encoded_message_inside_is_decoded() {
    let inner = "Subject: in\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nhello\r\n--c--\r\n";
    let message = format!(
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        STANDARD.encode(inner)
    );
    let seen = seen(&[], &message);
    let entity = &seen["parts"]["children"][0];
    assert_eq!(
        (&entity["type"], &entity["decoded"], &entity["offset"]),
        (&json!("multipart/mixed"), &json!(true), &json!(0))
    );
    let text = &entity["children"][0];
    assert_eq!((&text["decoded"], &text["text"]), (&json!(true), &json!("hello")));
    assert_eq!(text["offset"], inner.find("--c\r\n").unwrap() + 5);
    assert!(seen["parts"].get("decoded").is_none());
}

#[test]
fn defects_are_listed_and_strictly_refused() {
    let broken = "From: a@b.example\r\nFrom: c@d.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Transfer-Encoding: base64\r\n\r\nTWV@vdw==\r\n";
    let at = |text: &str| broken.find(text).unwrap();
    let seen = seen(&[], broken);
    let defects: Vec<_> = seen["defects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|defect| {
            assert!(!defect["detail"].as_str().unwrap().is_empty());
            (
                defect["offset"].as_u64().unwrap() as usize,
                defect["kind"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (at("From: c"), "duplicate-field"),
        (at("@vdw"), "base64-character"),
        (broken.len(), "missing-end-boundary"),
    ];
    assert_eq!(defects, expected);

    let out = written(&["message", "--json", "--strict", "-"], broken);
    let refused: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(keys(&refused), ["error", "file", "offset"]);
    assert_eq!(refused["offset"], at("From: c"));
    assert_eq!(seen["defects"][0]["detail"], refused["error"]);

    let shown = written(&["message", "-"], broken);
    assert!(
        shown.contains(&format!("3 defects:\n  at {}: ", at("From: c"))),
        "{shown}"
    );
}

#[test]
fn several_files_one_line_each() {
    let dir = tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a"), "Subject: a\r\n\r\n").unwrap();
    fs::write(path("b"), "Subject: b\r\n\r\n".to_owned() + &"x".repeat(100)).unwrap();
    let output = tool(
        &[
            "message",
            "--json",
            "--limit",
            "50",
            &path("a"),
            &path("none"),
            &path("b"),
            "-",
        ],
        "Subject: c\r\n\r\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains(&path("none")) && complaint.lines().count() == 1,
        "{complaint}"
    );
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["file"], &lines[0]["subject"]),
        (&json!(path("a")), &json!("a"))
    );
    assert_eq!(
        lines[1],
        json!({"file": path("b"), "error": "limit of 50 octets exceeded", "offset": 50})
    );
    assert_eq!((&lines[2]["file"], &lines[2]["subject"]), (&json!("-"), &json!("c")));

    for wrong in [
        &["message"][..],
        &["message", "--text", "--json", "-"],
        &["message", "--limit", "x", "-"],
    ] {
        assert_eq!(tool(wrong, "").status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn a_tree_for_people() {
    let shown = written(&["message", "-"], LETTER);
    let offset = |text: &str| LETTER.find(text).unwrap();
    let expected = format!(
        "- ({} octets)\n\nFrom: Alice <alice@crepes.fr>\nTo: Kitchen: 2 members\nCc: c@d.example\nSubject: Crêpes\n\
         Date: 2003-07-01T10:52:37+02:00\n\nmultipart/mixed, 2 parts, at 0\n├─ text/plain (by default), 2 octets, at {}\n\
         └─ text/html; charset=iso-8859-1, quoted-printable, attachment \"ê.html\", id \"part@crepes.fr\", 1 octet, at {}\n\n\
         No defects.\n\n",
        LETTER.len(),
        offset("\r\nHi"),
        offset("Content-Type: TEXT/HTML"),
    );
    assert_eq!(shown, expected);
    let with_text = written(&["message", "--text", "-"], LETTER);
    assert!(with_text.contains(":\n  | Hi\n"), "{with_text}");
    let with_fields = written(&["message", "--fields", "-"], LETTER);
    assert!(
        with_fields.contains("\nMessage-ID: <17.spoon@crepes.fr>\nContent-Type: "),
        "{with_fields}"
    );
}

/// docs/threats.md row 30
#[test]
fn nothing_in_a_message_reaches_the_terminal() {
    let evil = "\u{1b}]0;evil\u{7}\u{1b}[2J\u{9b}\u{202e}";
    let word = format!("=?utf-8?b?{}?=", STANDARD.encode(evil));
    let message = format!(
        "From: {word} <a\u{1b}@b.example>\r\nTo: {word}: ;\r\nSubject: {evil} {word}\r\nX-{evil}: {evil}\r\nDate: {evil}\r\n\
         Content-Type: text/plain; charset=utf-8; name=\"{evil}\"\r\n\r\n{evil}\r\n"
    );
    let shown = written(&["message", "--text", "-"], &message) + &written(&["message", "--fields", "-"], &message);
    let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!shown.contains(acts), "{shown:?}");
    assert!(shown.contains("\\x1b]0;evil\\x07"), "{shown}");
}
