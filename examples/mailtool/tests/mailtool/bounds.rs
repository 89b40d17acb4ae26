//! Nothing that an input holds makes the program panic, overflow its stack or use much more memory than the input.

use std::process::Command;

use crate::support::{feed, output};
use serde_json::json;

/// In 128 KiB of stack (the kernel's least, nearly) and `megabytes` of memory.
fn confined(kind: &str, is_json: bool, megabytes: usize, line: &str) -> String {
    let mut shell = Command::new("sh");
    let flag = if is_json { " --json" } else { "" };
    let program = env!("CARGO_BIN_EXE_mailtool");
    let limits = format!("ulimit -s 128 && ulimit -v {}", megabytes * 1024);
    shell.args(["-c", &format!("{limits} && exec '{program}' parse {kind}{flag}")]);
    let output = feed(shell, &json!(line).to_string());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?} {complaint}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Accepted or refused, the answer is a line that readers of JSON can read.
fn survives(kind: &str, line: &str) {
    let out = confined(kind, true, 256, line);
    assert_eq!(out.lines().count(), 1);
    let verdict: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(verdict["ok"].is_boolean());
    assert!(!confined(kind, false, 256, line).is_empty());
}

/// docs/threats.md row 13
#[test]
fn a_million_brackets() {
    let nested = |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(DEPTH), close.repeat(DEPTH));
    for line in [
        format!("a X {}\r\n", nested("(", "", ")")),
        format!("a X {}\r\n", nested("[", "", "]")),
        format!("a X {}\r\n", "(".repeat(DEPTH)),
        format!("a SEARCH {}\r\n", nested("(", "ALL", ")")),
        format!("a SEARCH {}\r\n", nested("NOT ", "ALL", "")),
    ] {
        survives("imap-command", &line);
    }
    for line in [
        format!("* X {}\r\n", nested("(", "", ")")),
        format!("* THREAD {}\r\n", nested("(1 ", "(2)(3)", ")")),
        format!("* THREAD {}\r\n", nested("((1)", "(2)", ")")),
        format!("* 1 FETCH (X {})\r\n", nested("(", "", ")")),
        format!("* 1 FETCH (BODYSTRUCTURE {})\r\n", nested("(", "\"TEXT\"", ")")),
        format!("* FLAGS ({})\r\n", nested("[a ", "b", "")),
    ] {
        survives("imap-response", &line);
    }
}

/// docs/threats.md row 11
#[test]
fn a_million_small_things() {
    for line in ["a SEARCH ", "a ENABLE ", "a X ", "a UID FETCH 1 (UID "] {
        let line = format!("{line}{}x\r\n", "1 ".repeat(DEPTH));
        survives("imap-command", &line);
    }
    survives("imap-command", &format!("a SEARCH {}ALL\r\n", "1 ".repeat(DEPTH)));
    survives("imap-command", "a FETCH 1:4294967295 ALL\r\n");
    survives("imap-response", &format!("* SEARCH{}\r\n", " 1".repeat(DEPTH)));
    survives(
        "imap-response",
        &format!("* 1 FETCH (FLAGS ({}a))\r\n", "a ".repeat(DEPTH)),
    );
    survives("mailbox-name", &"&AOk-a".repeat(DEPTH));
}

/// docs/threats.md row 10
#[test]
fn an_announced_literal_allocates_nothing() {
    let out = confined("imap-command", true, 64, "a APPEND b {4294967295}\r\n");
    assert!(out.contains("4294967295 more octets"), "{out}");
}

#[test]
fn an_input_over_the_limit_costs_one_line() {
    let lines = format!("\"{}\"\n\"b\"\n", "a".repeat(100_000));
    let output = output(&["mailbox-name", "--json", "--limit", "10"], &lines);
    let out = String::from_utf8(output.stdout).unwrap();
    let expected =
        "{\"ok\":false,\"error\":\"limit of 10 octets exceeded\",\"offset\":10}\n{\"ok\":true,\"value\":\"b\"}\n";
    assert_eq!(out, expected);
}

#[test]
fn lines_that_are_no_strings() {
    let deep = "[".repeat(DEPTH);
    for line in ["", "7", "{}", "{\"b64\": 7}", "{\"b64\": \"?\"}", "\"a", &deep, "\u{0}"] {
        let output = output(&["imap-command", "--json"], &format!("{line}\n"));
        assert!(output.status.success(), "{line:.20}");
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(
            out.starts_with("{\"ok\":false,\"error\":\"expected "),
            "{line:.20} {out}"
        );
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    for args in [
        &["imap-command", "--encode"][..],
        &["no-such-kind"],
        &[],
        &["imap-command", "--limit", "x"],
    ] {
        assert_eq!(output(args, "").status.code(), Some(2), "{args:?}");
    }
    let nothing = output(&["imap-command"], "");
    assert_eq!((nothing.status.code(), nothing.stdout.len()), (Some(0), 0));
}

const DEPTH: usize = 1_000_000;

/// docs/threats.md rows 11 and 13: messages in little stack, and in memory that is a small multiple of their size.
#[test]
fn messages_that_grow() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letter");
    let nested = |level: usize| format!("Content-Type: multipart/mixed; boundary=\"-{level}-\"\n\n---{level}-\n");
    let megabyte = "x".repeat(1 << 20);
    let binary = "Content-Type: text/plain; charset=iso-8859-1\n\n".to_owned() + &"\u{e9}\u{1}".repeat(4 << 20);
    for (message, megabytes) in [
        ((0..10_000).map(nested).collect::<String>(), 64),
        ("Content-Type: message/rfc822\n\n".repeat(100_000), 128),
        ("a:\n".repeat(1_000_000), 256),
        (
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n{}",
                "--b\n\n".repeat(500_000)
            ),
            128,
        ),
        (format!("To: {}\n\n", "a@b.example,".repeat(200_000)), 128),
        (
            format!("Subject: {megabyte}\nContent-Type: text/plain; name={megabyte}\n\n"),
            64,
        ),
        (binary, 128),
    ] {
        std::fs::write(&path, &message).unwrap();
        for flag in ["--json", "--text"] {
            let mut shell = Command::new("sh");
            let program = env!("CARGO_BIN_EXE_mailtool");
            let limits = format!("ulimit -s 256 && ulimit -v {}", megabytes * 1024);
            let file = path.to_str().unwrap();
            shell.args(["-c", &format!("{limits} && exec '{program}' message {flag} '{file}'")]);
            let output = feed(shell, "");
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "{message:.60} {flag} {:?} {complaint}",
                output.status
            );
            assert!(!output.stdout.is_empty());
        }
    }
}
