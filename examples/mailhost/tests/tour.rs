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

/// What only the two ends of dialogue 1 may know is not in what a listener gets, and no password is anywhere.
#[test]
fn the_tour_hides_what_it_should() {
    let output = Command::new(env!("CARGO_BIN_EXE_mailhost"))
        .arg("tour")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    // "crepe" is in a domain's name, too; in base64, behind a NUL, it is a password.
    assert!(!shown.contains("AGFsaWNlAGNyZXBl") && !shown.contains("PASS hungry"));
    let (_, behind) = shown.split_once("── 4. ").unwrap();
    let (records, _) = behind.split_once("── 5. ").unwrap();
    let records: Vec<_> = records
        .lines()
        .filter(|line| line.starts_with("C: ") || line.starts_with("S: "))
        .collect();
    assert!(records.len() > 20, "{records:?}");
    for record in records {
        let types = ["handshake", "change_cipher_spec", "application_data", "alert"];
        assert!(types.iter().any(|name| record.contains(name)), "{record}");
    }
}

/// How lines of the tour begin, in their order.
const LINES: &[&str] = &[
    "    Alice's client -------->  crepes.fr",
    "    crepes.fr      submission 127.0.0.1:",
    "    hamburger.edu  SMTP       127.0.0.1:",
    "── 1. ",
    "S: 220 crepes.fr ",
    "C: EHLO laptop.crepes.fr",
    "S: 250-PIPELINING",
    "S: 250-STARTTLS",
    "C: STARTTLS",
    "S: 220 2.0.0 ",
    ">> TLS begins",
    "C: EHLO laptop.crepes.fr",
    "S: 250-AUTH SCRAM-SHA-512-PLUS ",
    "C: AUTH SCRAM-SHA-256-PLUS ",
    "      = p=tls-exporter,,n=alice,r=",
    "S: 334 ",
    "      = r=",
    "      = c=",
    "      = p=",
    "S: 334 ",
    "      = v=",
    "S: 235 2.7.0 ",
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
    "C: Received: from laptop.crepes.fr ([127.0.0.1]) by crepes.fr with ESMTPSA",
    "S: 221 ",
    "── 3. ",
    "C: PASS [redacted]",
    "C: STAT",
    "C: RETR 1",
    "S: Return-Path: <alice@crepes.fr>",
    "C: DELE 1",
    "C: QUIT",
    "── 4. ",
    "C: 16 03 ",
    "S: 16 03 ",
    "S: 17 03 03 ",
    "C: 17 03 03 00 28 ",
    "── 5. ",
    ">> added by hamburger.edu",
    "Return-Path: <alice@crepes.fr>",
    "Delivered-To: bob@hamburger.edu",
    "Received: from crepes.fr ",
    ">> added by crepes.fr",
    "Received: from laptop.crepes.fr ",
    ">> written by Alice's client",
    "...and how about pickles?",
    "── 6. ",
    "multipart/mixed, 2 parts, at 0",
    "├─ text/plain; charset=us-ascii, ",
    "└─ image/png, base64, attachment \"burger.png\", 153 octets, at ",
    "── 7. ",
    "C: AUTH PLAIN [redacted]",
    "C: RCPT TO:<bbo@hamburger.edu>",
    "S: 250 2.6.0 Ok: queued as ",
    "C: RCPT TO:<bbo@hamburger.edu>",
    "S: 550 5.1.1 ",
    ">> added by crepes.fr",
    "Return-Path: <>",
    "Content-Type: multipart/report; report-type=delivery-status",
    "Content-Type: message/delivery-status",
    "Action: failed",
    "Status: 5.1.1",
    "Content-Type: message/rfc822",
    "You have not said a word about the pickles.",
    "multipart/report, 3 parts, at 0",
    "── 8. ",
    "C: MAIL FROM:<trudy@intruder.example> SIZE=",
    "S: 550 5.7.1 ",
    "C: From: Alice <alice@crepes.fr>",
    "S: 250 2.6.0 Ok: queued as ",
    "Return-Path: <trudy@intruder.example>",
    "Received: from intruder.example ([127.0.0.1]) by hamburger.edu ",
    ">> written by Trudy",
    "From: Alice <alice@crepes.fr>",
    "    SPF    RFC 7208 ",
    "    DMARC  RFC 7489 ",
    "── 9. ",
    "S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ",
    "C: A1 LOGIN [redacted]",
    "C: A3 IDLE",
    "S: * 1 EXISTS",
    "S: * 1 FETCH (FLAGS (\\Flagged \\Seen \\Recent))",
    "C: A3 FETCH 1 (RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
    "C: A4 FETCH 1 BODY[1]",
    "The message has 4",
    "── 10. ",
    "ok      what can be read of dialogue 1 on the wire",
    "ok      lines behind TLS that can be found in the records: 0 of ",
    "ok      what it tells a program: bbo@hamburger.edu failed 5.1.1 550 ",
    "ok      its From: Alice <alice@crepes.fr>",
    "ok      Bob's maildrop, likewise: 0 messages",
];
