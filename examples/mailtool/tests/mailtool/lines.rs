//! `mailtool parse` of SMTP and POP3 lines.

use crate::support::{accepted, facts, readable, refused, run};
use serde_json::json;

#[test]
fn smtp_commands() {
    assert_eq!(
        facts(
            "smtp-command",
            "mail from:<alice@crepes.fr> SIZE=4711 BODY=8BITMIME x-new\r\n"
        ),
        json!({"verb": "MAIL", "reverse_path": "alice@crepes.fr",
               "params": [["SIZE", "4711"], ["BODY", "8BITMIME"], ["x-new", null]]})
    );
    assert_eq!(
        facts("smtp-command", "MAIL FROM:<> BODY=binarymime SIZE=1\r\n"),
        json!({"verb": "MAIL", "reverse_path": "", "params": [["BODY", "binarymime"], ["SIZE", "1"]]})
    );
    assert_eq!(
        facts("smtp-command", "EHLO laptop.crepes.fr\r\n"),
        json!({"verb": "EHLO", "client": "laptop.crepes.fr"})
    );
    assert_eq!(
        facts("smtp-command", "BDAT 86 LAST\r\n")["arguments"],
        json!(["86", "LAST"])
    );
    assert_eq!(
        readable(&["smtp-command"], "RCPT TO:<bob@hamburger.edu> NOTIFY=NEVER\r\n"),
        "RCPT\n  forward_path: bob@hamburger.edu\n  params:\n    NOTIFY: NEVER\n"
    );
}

#[test]
fn what_servers_tolerate_is_repaired_and_strictly_refused() {
    for (line, offset) in [
        ("MAIL FROM: <a@b.example>\r\n", 10),
        ("RCPT TO:a@b.example\r\n", 8),
        ("HELO my_pc\r\n", 7),
        ("FROBNICATE now\r\n", 0),
        ("RSET", 4),
    ] {
        accepted(&["smtp-command"], line);
        assert_eq!(refused(&["smtp-command", "--strict"], line).1, offset, "{line:?}");
    }
    assert_eq!(facts("smtp-command", "FROBNICATE now\r\n")["known"], json!(false));
    accepted(&["smtp-command", "--strict"], "XFROBNICATE now\r\n");
}

#[test]
fn strict_knows_the_parameters_of_extensions() {
    let mail = |parameter: &str| format!("MAIL FROM:<a@b.example> {parameter}\r\n");
    let rcpt = |parameter: &str| format!("RCPT TO:<a@b.example> {parameter}\r\n");
    for right in [
        mail("RET=hdrs ENVID=a+2Bb"),
        mail("AUTH=<> BY=-5;RT SMTPUTF8"),
        mail("MT-PRIORITY=-9 HOLDFOR=10 MTRK=abcd:60"),
        mail("HOLDUNTIL=2003-07-01T08:52:37.5Z X-NEW=anything"),
        rcpt("NOTIFY=SUCCESS,delay ORCPT=rfc822;a+3Db@c.example"),
        rcpt("RRVS=2003-07-01T08:52:37Z;R"),
    ] {
        accepted(&["smtp-command", "--strict"], &right);
    }
    for wrong in [
        mail("RET=SOME"),
        mail("ENVID=a+2b"),
        mail("SMTPUTF8=1"),
        mail("BY=5;X"),
        mail("MT-PRIORITY=-0"),
        mail("HOLDUNTIL=2003-07-01T08:52:37.Z"),
        rcpt("NOTIFY=NEVER,DELAY"),
        rcpt("NOTIFY="),
        rcpt("ORCPT=rfc822"),
        rcpt("RRVS=yesterday"),
    ] {
        assert_eq!(
            refused(&["smtp-command", "--strict"], &wrong).0.split(' ').next(),
            Some("expected")
        );
    }
    let (_, offset) = refused(&["smtp-command", "--strict"], &mail("RET=FULL X=1 ret=HDRS SIZE=7"));
    assert_eq!(offset, "MAIL FROM:<a@b.example> RET=FULL X=1 ".len() as u64);
}

#[test]
fn lmtp_greets_otherwise() {
    assert_eq!(
        facts("lmtp-command", "lhlo a.example\r\n"),
        json!({"verb": "LHLO", "client": "a.example"})
    );
    assert_eq!(refused(&["lmtp-command"], "EHLO a.example\r\n").0, "expected LHLO");
    refused(&["smtp-command", "--strict"], "LHLO a.example\r\n");
}

#[test]
fn smtp_replies() {
    assert_eq!(
        facts("smtp-reply", "550-5.1.1 No such user\r\n550 5.1.1 Ask postmaster\r\n"),
        json!({"code": 550, "enhanced": "5.1.1", "lines": ["No such user", "Ask postmaster"]})
    );
    assert_eq!(
        facts("smtp-reply", "250-one\r\n250 SIZE 10\r\n"),
        json!({"code": 250, "enhanced": null, "lines": ["one", "SIZE 10"]})
    );
    for wrong in ["199 x\r\n", "250-x\r\n251 y\r\n", "250 x\n", "250 x"] {
        refused(&["smtp-reply"], wrong);
    }
}

#[test]
fn pop3_lines() {
    assert_eq!(
        facts("pop3-command", "top 2 10\r\n"),
        json!({"verb": "TOP", "message": 2, "lines": 10})
    );
    assert_eq!(facts("pop3-command", "STLS\r\n"), json!({"verb": "STLS"}));
    assert_eq!(
        facts("pop3-response", "-ERR [IN-USE] busy\r\n"),
        json!({"status": "-ERR", "code": "IN-USE", "text": "busy"})
    );
    assert_eq!(
        facts("pop3-response", "+OK\r\n"),
        json!({"status": "+OK", "code": null, "text": ""})
    );
    for wrong in ["TOP 2\r\n", "STLS now\r\n", "RETR 0\r\n", "FROB\r\n", "STAT 1\r\n"] {
        refused(&["pop3-command"], wrong);
    }
    refused(&["pop3-response"], "* OK\r\n");
}

#[test]
fn secrets_stay_hidden() {
    let digest = "APOP ann c4c9334bac560ecc979e58001b3e22fb\r\n";
    for (kind, line) in [
        ("smtp-command", "AUTH PLAIN AGFubgBodW50ZXIgdHdv\r\n"),
        ("lmtp-command", "auth plain AGFubgBodW50ZXIgdHdv\r\n"),
        ("pop3-command", "AUTH PLAIN AGFubgBodW50ZXIgdHdv\r\n"),
        ("pop3-command", "PASS hunter two\r\n"),
        ("pop3-command", digest),
    ] {
        for flags in [&[kind, "--json"][..], &[kind], &[kind, "--strict"]] {
            let out = run(flags, &json!(line).to_string());
            assert!(out.contains("[redacted]"), "{out}");
            assert!(
                !out.contains("hunter") && !out.contains("AGFub") && !out.contains("c4c9"),
                "{out}"
            );
        }
    }
}
