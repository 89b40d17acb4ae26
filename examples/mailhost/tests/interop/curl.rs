//! curl as SMTP and POP3 client of mailhost.

use std::net::SocketAddr;

use crate::message;
use crate::peers::{Folder, Mailhost, Program, assert_delivered, available, run, succeed};

#[test]
fn sends_and_reads() {
    if !available(&[Program::Curl]) {
        return;
    }
    let mailhost = Mailhost::start();
    let sent = [message::large(), message::dotted(), message::eight_bit()];
    for message in &sent {
        send(mailhost.smtp(), message, &[Mailhost::BOB, Mailhost::CAROL]);
    }
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        let arrived = [1, 2, 3].map(|number| ask(mailhost.pop3(), user, &format!("{number}"), &[]));
        assert_delivered(&arrived, &[&sent[0], &sent[1], &sent[2]], user);
    }
}

#[test]
fn lists_and_deletes() {
    if !available(&[Program::Curl]) {
        return;
    }
    let mailhost = Mailhost::start();
    send(mailhost.smtp(), &message::small(), &[Mailhost::BOB]);
    send(mailhost.smtp(), &message::dotted(), &[Mailhost::BOB]);
    let bob = |path: &str, options: &[&str]| ask(mailhost.pop3(), "bob", path, options);

    let [first, second] = ["1", "2"].map(|number| bob(number, &[]));
    let listing = format!("1 {}\r\n2 {}\r\n", first.len(), second.len());
    assert_eq!(String::from_utf8(bob("", &[])).unwrap(), listing);
    let names = String::from_utf8(bob("", &["--request", "UIDL"])).unwrap();
    let second_name = names
        .strip_prefix("1 ")
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .strip_prefix("2 ")
        .unwrap();
    let top = bob("", &["--request", "TOP 1 0"]);
    assert!(
        top.ends_with(b"\r\n\r\n") && first.starts_with(&top),
        "{}",
        top.escape_ascii()
    );

    // curl reads no multi-line response where it is told to fetch no body.
    bob("1", &["--request", "DELE", "--head"]);
    assert_eq!(bob("1", &[]), second);
    assert_eq!(
        String::from_utf8(bob("", &["--request", "UIDL"])).unwrap(),
        format!("1 {second_name}\r\n")
    );
}

#[test]
fn is_refused() {
    if !available(&[Program::Curl]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    let file = folder.file("message", message::small());
    // Nobody of that name, and a domain that is not ours and has no route.
    for recipient in ["nobody@hamburger.edu", "mallory@elsewhere.test"] {
        let mut command = Program::Curl.command();
        command.args([
            "--silent",
            "--show-error",
            "--verbose",
            "--mail-from",
            "alice@crepes.fr",
            "--mail-rcpt",
            recipient,
        ]);
        command.args(["--upload-file", &file, &format!("smtp://{}/crepes.fr", mailhost.smtp())]);
        let output = run(command, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(SEND_ERROR) && said.contains("< 550 5."),
            "{said}"
        );
    }
    let mut command = Program::Curl.command();
    command.args([
        "--silent",
        "--user",
        "bob:thirsty",
        &format!("pop3://{}/", mailhost.pop3()),
    ]);
    assert_eq!(run(command, b"").status.code(), Some(LOGIN_DENIED));
    assert!(mailhost.mail_of("bob").is_empty());
}

#[track_caller]
fn send(server: SocketAddr, message: &[u8], recipients: &[&str]) {
    let folder = Folder::new();
    let mut command = Program::Curl.command();
    command.args(["--silent", "--show-error", "--mail-from", "alice@crepes.fr"]);
    recipients
        .iter()
        .for_each(|recipient| _ = command.args(["--mail-rcpt", recipient]));
    command.args([
        "--upload-file",
        &folder.file("message", message),
        &format!("smtp://{server}/crepes.fr"),
    ]);
    succeed(command, b"");
}

#[track_caller]
fn ask(server: SocketAddr, user: &str, path: &str, options: &[&str]) -> Vec<u8> {
    let mut command = Program::Curl.command();
    command
        .args([
            "--silent",
            "--show-error",
            "--user",
            &format!("{user}:{}", Mailhost::PASSWORD),
        ])
        .args(options);
    command.arg(format!("pop3://{server}/{path}"));
    succeed(command, b"")
}

/// Exit statuses of curl.
const SEND_ERROR: i32 = 55;
const LOGIN_DENIED: i32 = 67;
