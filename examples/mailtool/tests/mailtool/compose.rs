//! `mailtool compose`: what it writes is the message that was asked for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::{tool, written};

fn seen(message: &str) -> Value {
    serde_json::from_str(&written(&["message", "--json", "-"], message)).unwrap()
}

fn path(dir: &Path, name: &str, octets: impl AsRef<[u8]>) -> String {
    fs::write(dir.join(name), octets).unwrap();
    dir.join(name).to_str().unwrap().to_owned()
}

#[test]
fn everything_at_once() {
    let dir = tempdir().unwrap();
    let html = path(dir.path(), "a.html", "<img src=\"cid:logo@crepes.fr\">\n");
    let logo = path(dir.path(), "logo.png", "\u{89}PNG");
    let menu = path(dir.path(), "Crêpes.pdf", vec![0; 200_000]);
    let letter = path(dir.path(), "old.eml", "Subject: old\n\nFrom before\n");
    let inline = format!("logo@crepes.fr={logo}");
    let message = written(
        &[
            "compose",
            "--from",
            "Alice <alice@crepes.fr>",
            "--to",
            "François <bob@hamburger.edu>, c@hamburger.edu",
            "--to",
            "d@hamburger.edu",
            "--cc",
            "e@hamburger.edu",
            "--subject",
            "Crêpes",
            "--text",
            "-",
            "--html",
            &html,
            "--inline",
            &inline,
            "--attach",
            &menu,
            "--attach",
            &letter,
            "--date",
            "Tue, 01 Jul 2003 10:52:37 +0200",
            "--message-id",
            "17.spoon@crepes.fr",
        ],
        "Do you like them?\nGreetings\n",
    );
    let seen = seen(&message);
    assert_eq!(seen["defects"], json!([]));
    assert_eq!(seen["subject"], "Crêpes");
    assert_eq!(seen["date"], "2003-07-01T10:52:37+02:00");
    assert_eq!(seen["message_id"], "17.spoon@crepes.fr");
    assert_eq!(
        seen["to"][0],
        json!({"name": "François", "address": "bob@hamburger.edu"})
    );
    assert_eq!(seen["to"].as_array().unwrap().len(), 3);
    assert_eq!(seen["cc"][0]["address"], "e@hamburger.edu");
    let parts = &seen["parts"];
    assert_eq!(parts["type"], "multipart/mixed");
    let alternative = &parts["children"][0];
    assert_eq!(alternative["type"], "multipart/alternative");
    assert_eq!(alternative["children"][0]["text"], "Do you like them?\r\nGreetings\r\n");
    let related = &alternative["children"][1];
    assert_eq!(related["type"], "multipart/related");
    assert_eq!(related["children"][1]["content_id"], "logo@crepes.fr");
    assert_eq!(related["children"][1]["type"], "image/png");
    let menu = &parts["children"][1];
    assert_eq!(
        (&menu["type"], &menu["filename"]),
        (&json!("application/pdf"), &json!("Crêpes.pdf"))
    );
    assert_eq!(menu["body_len"], 200_000);
    let letter = &parts["children"][2];
    assert_eq!(
        (&letter["type"], &letter["encoding"]),
        (&json!("message/rfc822"), &Value::Null)
    );
    assert_eq!(letter["children"][0]["text"], "From before\r\n");
}

#[test]
fn attached_texts_name_their_charset() {
    let dir = tempdir().unwrap();
    let utf8 = path(dir.path(), "a.txt", "Crêpes\n".repeat(20_000));
    let latin1 = path(dir.path(), "b.txt", b"Cr\xeapes\n");
    let seen = seen(&written(
        &[
            "compose",
            "--from",
            "a@b.example",
            "--attach",
            &utf8,
            "--attach",
            &latin1,
        ],
        "",
    ));
    assert_eq!(seen["defects"], json!([]));
    let parts = &seen["parts"]["children"];
    assert_eq!(
        (&parts[1]["type"], &parts[1]["charset"]),
        (&json!("text/plain"), &json!("utf-8"))
    );
    assert_eq!(parts[1]["body_len"], 160_000);
    assert_eq!(
        (&parts[2]["type"], &parts[2]["body_len"]),
        (&json!("application/octet-stream"), &json!(7))
    );
}

#[test]
fn the_clock_and_chance_give_what_is_left_out() {
    let compose = || written(&["compose", "--from", "alice@crepes.fr"], "");
    let (one, two) = (seen(&compose()), seen(&compose()));
    assert!(one["date"].as_str().unwrap() > "2024");
    assert!(one["message_id"].as_str().unwrap().ends_with("@crepes.fr"));
    assert_ne!(one["message_id"], two["message_id"]);
    assert_eq!(one["parts"]["text"].as_str().unwrap().trim(), "");
}

#[test]
fn the_transport_decides_how_text_is_encoded() {
    for (transport, encoding) in [("7bit", "quoted-printable"), ("8bit", "8bit"), ("binary", "8bit")] {
        let message = written(
            &[
                "compose",
                "--from",
                "a@b.example",
                "--text",
                "-",
                "--transport",
                transport,
            ],
            "Crêpes with a lot of other words that are plain\n",
        );
        let seen = seen(&message);
        assert_eq!(seen["parts"]["encoding"], encoding);
        assert_eq!(message.is_ascii(), transport == "7bit");
    }
}

/// docs/threats.md row 8
#[test]
fn no_option_begins_another_field() {
    let hostile = "x\r\nBcc: eve@evil.example\r\n\r\nbody";
    for args in [
        &["--from", "a@b.example", "--subject", hostile][..],
        &["--from", "a@b.example", "--to", "c@d.example\r\nBcc: eve@evil.example"],
        &["--from", "a@b.example", "--message-id", "a@b\r\nBcc: eve@evil.example"],
        &[
            "--from",
            "a@b.example",
            "--date",
            "Tue, 01 Jul 2003 10:52:37 +0200\r\nBcc: eve@evil.example",
        ],
    ] {
        let output = tool(&[&["compose"], args].concat(), "");
        if output.status.success() {
            let seen = seen(&String::from_utf8(output.stdout).unwrap());
            let is_bcc = |field: &Value| field["name"] == "Bcc";
            assert!(
                !seen["headers"].as_array().unwrap().iter().any(is_bcc),
                "{args:?} {seen}"
            );
        }
    }
}

#[test]
fn what_makes_no_message_says_so() {
    let dir = tempdir().unwrap();
    let latin1 = path(dir.path(), "latin1", b"Cr\xeapes");
    let folder = dir.path().to_str().unwrap().to_owned();
    for (args, status) in [
        (&["--to", "a@b.example"][..], 2),
        (&["--from", "nobody"], 2),
        (&["--from", ""], 2),
        (&["--from", "a@b.example", "--to", "Group: c@d.example;, <"], 2),
        (&["--from", "a@b.example", "--date", "yesterday"], 2),
        (&["--from", "a@b.example", "--inline", "no-file"], 2),
        (&["--from", "a@b.example", "--message-id", "no id"], 2),
        (&["--from", "a@b.example", "--attach", "/no/such/file"], 1),
        (&["--from", "a@b.example", "--attach", &folder], 1),
        (&["--from", "a@b.example", "--text", &latin1], 1),
    ] {
        let output = tool(&[&["compose"], args].concat(), "");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{args:?} {complaint}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(
            complaint.starts_with("mailtool: ") || complaint.starts_with("error: "),
            "{complaint}"
        );
    }
}
