//! curl and Python's imaplib as IMAP clients of mailhost, over TLS and without.

use std::process::Command;

use crate::message;
use crate::our_imap::Way;
use crate::peers::{Folder, Mailhost, Program, SecuredMailhost, available, python, succeed};

#[test]
fn imaplib_speaks_its_commands() {
    if !available(&[Program::Python]) {
        return;
    }
    let mailhost = SecuredMailhost::for_all();
    for way in Way::all(&mailhost) {
        let (address, certificate) = (way.address().to_string(), mailhost.certificate());
        python(
            "imap_commands.py",
            &[&address, "bob", Mailhost::PASSWORD, way.name(), &certificate],
        );
    }
}

#[test]
fn curl_reads_and_writes_mailboxes() {
    if !available(&[Program::Curl]) {
        return;
    }
    let (mailhost, folder) = (SecuredMailhost::for_all(), Folder::new());
    for way in Way::all(&mailhost) {
        let curl = Curl {
            mailhost: &mailhost,
            way: &way,
        };
        let mailbox = format!("From{}", way.name());
        curl.ask("", &["--request", &format!("CREATE {mailbox}")]);
        let sent = [
            message::small(),
            message::dotted(),
            message::eight_bit(),
            message::large(),
        ];
        for message in &sent {
            let file = folder.file("message", message);
            curl.ask(&mailbox, &["--upload-file", &file]);
        }
        let list = String::from_utf8(curl.ask("", &[])).unwrap();
        assert!(list.contains(&format!("\"/\" {mailbox}\r\n")), "{list}");
        for (index, message) in sent.iter().enumerate() {
            let number = index + 1;
            // What is uploaded comes back as it was; by the number and by the UID.
            assert!(
                curl.ask(&format!("{mailbox};MAILINDEX={number}"), &[]) == *message,
                "message {number}"
            );
            assert!(
                curl.ask(&format!("{mailbox};UID={number}"), &[]) == *message,
                "message {number}"
            );
        }
        let section = curl.ask(&format!("{mailbox};UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)"), &[]);
        assert_eq!(section, b"Subject: small\r\n\r\n");
        let changed = curl.ask(&mailbox, &["--request", "STORE 2 +FLAGS (\\Flagged)"]);
        assert!(String::from_utf8_lossy(&changed).contains("\\Flagged"));
        curl.ask(&mailbox, &["--request", "STORE 1 +FLAGS (\\Deleted)"]);
        curl.ask(&mailbox, &["--request", "EXPUNGE"]);
        assert!(curl.ask(&format!("{mailbox};MAILINDEX=1"), &[]) == sent[1]);
        let found = curl.ask(&format!("{mailbox}?SUBJECT%20eight"), &[]);
        assert_eq!(String::from_utf8_lossy(&found).trim_end(), "* SEARCH 2");
    }
}

struct Curl<'a> {
    mailhost: &'a SecuredMailhost,
    way: &'a Way,
}

impl Curl<'_> {
    #[track_caller]
    fn ask(&self, path: &str, options: &[&str]) -> Vec<u8> {
        let mut command: Command = Program::Curl.command();
        command.args([
            "--silent",
            "--show-error",
            "--user",
            &format!("bob:{}", Mailhost::PASSWORD),
        ]);
        let scheme = if self.way.name() == "IMAPS" { "imaps" } else { "imap" };
        if self.way.name() != "None" {
            command.args(["--ssl-reqd", "--cacert", &self.mailhost.certificate()]);
        }
        command
            .args(options)
            .arg(format!("{scheme}://{}/{path}", self.way.address()));
        succeed(command, b"")
    }
}
