//! swaks, msmtp and mpop as clients of mailhost.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::message::{self, assert_below_fields};
use crate::peers::{Folder, Mailhost, Program, assert_delivered, available, new_mail, python, run, succeed};

#[test]
fn swaks_pipelines() {
    if !available(&[Program::Swaks, Program::Python]) {
        return;
    }
    let (mailhost, folder) = (Mailhost::start(), Folder::new());
    // It adds the last line end, and would take a dot on the last line for the end of DATA.
    let sent = [message::dotted(), b"That is all.\r\n".to_vec()].concat();
    let data = format!("@{}", folder.file("message", message::unix(&sent).trim_ascii_end()));
    let recipients = format!("{},{}", Mailhost::BOB, Mailhost::CAROL);
    let dialogue = succeed(
        swaks(&mailhost, &["--pipeline", "--to", &recipients, "--data", &data]),
        b"",
    );
    let dialogue = String::from_utf8(dialogue).unwrap();
    // The group leaves together: no reply stands between its commands.
    let group = dialogue
        .split("MAIL FROM:")
        .nth(1)
        .unwrap()
        .split(" -> DATA")
        .next()
        .unwrap();
    assert!(!group.contains("250"), "{dialogue}");
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        assert_delivered(&mailhost.mail_of(user), &[&sent], user);
    }
}

/// MAIL, a refused RCPT and DATA in one group: DATA is refused as well.
#[test]
fn swaks_pipelines_into_a_refusal() {
    if !available(&[Program::Swaks, Program::Python]) {
        return;
    }
    let mailhost = Mailhost::start();
    let output = run(swaks(&mailhost, &["--pipeline", "--to", "mallory@elsewhere.test"]), b"");
    let dialogue = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(NO_RECIPIENT), "{dialogue}");
    assert!(dialogue.contains("550 5.7.1"), "{dialogue}");
    assert!(mailhost.mail_of("bob").is_empty());
}

#[test]
fn msmtp_sends() {
    if !available(&[Program::Msmtp, Program::Python]) {
        return;
    }
    let mailhost = Mailhost::start();
    let sent = [message::dotted(), message::eight_bit(), message::large()];
    for message in &sent {
        let mut command = Program::Msmtp.command();
        command.args(["--host=127.0.0.1", &format!("--port={}", mailhost.smtp().port())]);
        command.args([
            "--auth=off",
            "--tls=off",
            "--domain=crepes.fr",
            "--from=alice@crepes.fr",
        ]);
        command.args(["--", Mailhost::BOB, Mailhost::CAROL]);
        succeed(command, &message::unix(message));
    }
    for user in [Mailhost::BOB, Mailhost::CAROL] {
        assert_delivered(&mailhost.mail_of(user), &[&sent[0], &sent[1], &sent[2]], user);
    }
}

#[test]
fn mpop_moves() {
    if !available(&[Program::Mpop, Program::Python]) {
        return;
    }
    let mailhost = Mailhost::start();
    let sent = [
        message::small(),
        message::dotted(),
        message::eight_bit(),
        message::large(),
    ];
    sent.iter().for_each(|message| send(&mailhost, message));
    let mpop = Mpop::new(&mailhost, "keep off");
    mpop.run();
    mpop.assert_has(&[&sent[0], &sent[1], &sent[2], &sent[3]]);
    assert!(mailhost.mail_of("bob").is_empty());
}

/// It knows by their unique-ids which messages are new.
#[test]
fn mpop_keeps() {
    if !available(&[Program::Mpop, Program::Python]) {
        return;
    }
    let mailhost = Mailhost::start();
    let sent = [message::small(), message::dotted()];
    let mpop = Mpop::new(&mailhost, "keep on");
    send(&mailhost, &sent[0]);
    mpop.run();
    send(&mailhost, &sent[1]);
    mpop.run();
    mpop.run();
    mpop.assert_has(&[&sent[0], &sent[1]]);
    assert_delivered(&mailhost.mail_of("bob"), &[&sent[0], &sent[1]], Mailhost::BOB);
}

fn swaks(mailhost: &Mailhost, arguments: &[&str]) -> Command {
    let mut command = Program::Swaks.command();
    command.args(["--server", "127.0.0.1", "--port", &mailhost.smtp().port().to_string()]);
    command
        .args(["--ehlo", "crepes.fr", "--from", "alice@crepes.fr"])
        .args(arguments);
    command
}

fn send(mailhost: &Mailhost, message: &[u8]) {
    let folder = Folder::new();
    let file = folder.file("message", message);
    python("send.py", &[&mailhost.smtp().to_string(), &file, Mailhost::BOB]);
}

/// An mpop that delivers to a maildir and remembers what it has seen.
struct Mpop {
    folder: Folder,
    configuration: String,
}

impl Mpop {
    fn new(mailhost: &Mailhost, setting: &str) -> Self {
        let folder = Folder::new();
        ["tmp", "new", "cur"].iter().for_each(|part| _ = folder.folder(part));
        let (port, password, path) = (mailhost.pop3().port(), Mailhost::PASSWORD, folder.name());
        let configuration = format!(
            "account default\n\
             host 127.0.0.1\n\
             port {port}\n\
             user bob\n\
             password {password}\n\
             auth user\n\
             tls off\n\
             pipelining on\n\
             received_header off\n\
             uidls_file {path}/seen\n\
             delivery maildir {path}\n\
             {setting}\n"
        );
        let configuration = folder.file("mpoprc", configuration);
        // It reads no password from a file that others may read.
        fs::set_permissions(&configuration, Permissions::from_mode(0o600)).unwrap();
        Self { folder, configuration }
    }

    fn run(&self) {
        let mut command = Program::Mpop.command();
        command.args(["--file", &self.configuration, "--debug"]);
        succeed(command, b"");
    }

    /// A maildir is in no order: no two of the messages may have the same length.
    fn assert_has(&self, sent: &[&[u8]]) {
        let mut arrived = new_mail(self.folder.path());
        arrived.sort_by_key(Vec::len);
        let mut sent: Vec<_> = sent.iter().map(|message| message::unix(message)).collect();
        sent.sort_by_key(Vec::len);
        assert_eq!(arrived.len(), sent.len());
        for (arrived, sent) in arrived.iter().zip(&sent) {
            assert_below_fields(arrived, sent, &["Return-Path", "Delivered-To", "Received"]);
        }
    }
}

/// Exit status of swaks.
const NO_RECIPIENT: i32 = 24;
