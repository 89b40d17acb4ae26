//! `mailhost tour` as a newcomer runs it.

use std::process::Command;

#[test]
fn the_tour_shows_the_journey_and_finds_nothing_wrong() {
    let output = Command::new(env!("CARGO_BIN_EXE_mailhost"))
        .arg("tour")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{shown}\n{errors}");
    assert_eq!(errors, "");
    let mut lines = shown.lines();
    for beginning in LINES {
        let found = lines.any(|line| line.starts_with(beginning));
        assert!(found, "{beginning:?} is missing, or not in its place:\n{shown}");
    }
    assert!(!shown.contains("FAILED") && !shown.contains('\x1b'));
    let longest = shown.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{longest:?}");
}

/// The tour leaves its folder behind neither when it succeeds nor when nobody watches it.
#[test]
fn the_tour_cleans_up() {
    let folder = tempfile::tempdir().unwrap();
    for head in ["cat", "head -n 1"] {
        let command = format!("\"$0\" tour | {head} > /dev/null");
        let status = Command::new("sh")
            .args(["-c", &command, env!("CARGO_BIN_EXE_mailhost")])
            .env("TMPDIR", folder.path())
            .status();
        assert!(status.unwrap().success());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "{head}");
    }
}

/// How lines of the tour begin, in their order.
const LINES: [&str; 47] = [
    "    Alice's client -------->  crepes.fr",
    "    crepes.fr      SMTP 127.0.0.1:",
    "    hamburger.edu  SMTP 127.0.0.1:",
    "── 1. ",
    "S: 220 crepes.fr ",
    "C: EHLO laptop.crepes.fr",
    "S: 250-PIPELINING",
    "C: MAIL FROM:<alice@crepes.fr> SIZE=",
    "S: 250 2.1.0 ",
    "C: RCPT TO:<bob@hamburger.edu>",
    "S: 250 2.1.5 ",
    "C: DATA",
    "S: 354 ",
    "C: Date: ",
    "C: ....and how about pickles?",
    "C: .",
    "S: 250 2.6.0 Ok: queued as ",
    "C: QUIT",
    "S: 221 ",
    "── 2. ",
    "C: MAIL FROM:<alice@crepes.fr> SIZE=",
    "C: RCPT TO:<bob@hamburger.edu>",
    "C: DATA",
    "S: 250 2.1.0 ",
    "C: Received: from laptop.crepes.fr ([127.0.0.1]) by crepes.fr with ESMTP",
    "S: 221 ",
    "── 3. ",
    "C: PASS [redacted]",
    "C: STAT",
    "C: RETR 1",
    "S: Return-Path: <alice@crepes.fr>",
    "C: DELE 1",
    "C: QUIT",
    ">> added by hamburger.edu",
    "Return-Path: <alice@crepes.fr>",
    "Delivered-To: bob@hamburger.edu",
    "Received: from crepes.fr ",
    ">> added by crepes.fr",
    "Received: from laptop.crepes.fr ",
    ">> written by Alice's client",
    "...and how about pickles?",
    "── 5. ",
    "multipart/mixed, 2 parts, at 0",
    "├─ text/plain; charset=us-ascii, ",
    "└─ image/png, base64, attachment \"burger.png\", 153 octets, at ",
    "── 6. ",
    "ok      Bob's maildrop, likewise: 0 messages",
];
