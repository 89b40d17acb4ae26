//! The programs work, each client with each server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};

const SMTP_SERVERS: [&str; 2] = [
    env!("CARGO_BIN_EXE_blocking-smtp-server"),
    env!("CARGO_BIN_EXE_tokio-smtp-server"),
];
const SMTP_CLIENTS: [&str; 2] = [
    env!("CARGO_BIN_EXE_blocking-smtp-client"),
    env!("CARGO_BIN_EXE_tokio-smtp-client"),
];
const POP3_SERVERS: [&str; 2] = [
    env!("CARGO_BIN_EXE_blocking-pop3-server"),
    env!("CARGO_BIN_EXE_tokio-pop3-server"),
];
const POP3_CLIENTS: [&str; 2] = [
    env!("CARGO_BIN_EXE_blocking-pop3-client"),
    env!("CARGO_BIN_EXE_tokio-pop3-client"),
];

const IMAP_SERVER: &str = env!("CARGO_BIN_EXE_tokio-imap-server");
const IMAP_CLIENTS: [&str; 2] = [
    env!("CARGO_BIN_EXE_blocking-imap-client"),
    env!("CARGO_BIN_EXE_tokio-imap-client"),
];

#[test]
fn mail_is_sent() {
    for server in SMTP_SERVERS {
        let (_server, address) = start(server, &[]);
        for client in SMTP_CLIENTS {
            let message = b"Subject: lunch\n\n.At noon?\n";
            let sent = run(client, &[&address, "alice@crepes.fr", "bob@hamburger.edu"], message);
            let said = String::from_utf8_lossy(&sent.stdout);
            assert!(
                sent.status.success() && said.starts_with("<bob@hamburger.edu>: 250 "),
                "{client}: {sent:?}"
            );
            let sent = run(client, &[&address, "alice@crepes.fr", "nobody@hamburger.edu"], message);
            let said = String::from_utf8_lossy(&sent.stdout);
            assert!(
                !sent.status.success() && said.contains("550 5.1.1"),
                "{client}: {sent:?}"
            );
        }
    }
}

#[test]
fn mail_is_fetched() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    for server in POP3_SERVERS {
        let (_server, address) = start(server, &[file]);
        for client in POP3_CLIENTS {
            let fetched = run(client, &[&address, "bob", "hungry"], b"");
            let said = String::from_utf8_lossy(&fetched.stdout).replace("\r\n", "\n");
            let text = std::fs::read_to_string(file).expect("the file");
            assert!(
                fetched.status.success() && said.ends_with(&text),
                "{client}: {fetched:?}"
            );
        }
    }
}

#[test]
fn mailboxes_are_looked_into() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let letter = format!("{folder}/letter.eml");
    let text = format!("Subject: lunch\r\n\r\n{}\r\n", "At noon? ".repeat(10_000));
    std::fs::write(&letter, &text).expect("it is written");
    let (_server, address) = start(IMAP_SERVER, &[&letter]);
    for client in IMAP_CLIENTS {
        let saved = format!("{letter}.saved");
        let looked = run(client, &[&address, "bob", "hungry", "save", &saved], b"");
        let said = String::from_utf8_lossy(&looked.stdout);
        assert!(looked.status.success(), "{client}: {looked:?}");
        assert_eq!(said, "mailbox INBOX\n1 messages in INBOX\n1: lunch\n", "{client}");
        assert_eq!(std::fs::read_to_string(&saved).expect("it was saved"), text, "{client}");
        let wrong = run(client, &[&address, "bob", "full"], b"");
        assert!(!wrong.status.success(), "{client}: {wrong:?}");
    }
}

#[test]
fn mailboxes_are_watched() {
    let (_server, address) = start(IMAP_SERVER, &["--every", "1"]);
    for client in IMAP_CLIENTS {
        let watched = run(client, &[&address, "bob", "hungry", "idle"], b"");
        let said = String::from_utf8_lossy(&watched.stdout);
        assert!(
            watched.status.success() && said.contains("Exists("),
            "{client}: {watched:?}"
        );
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on a free port, and its address.
fn start(program: &str, files: &[&str]) -> (Server, String) {
    let mut command = Command::new(program);
    let mut process = command
        .arg("127.0.0.1:0")
        .args(files)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    // What else it prints must have somewhere to go.
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    let address = line.trim_end().rsplit(' ').next().unwrap_or_default().to_owned();
    (Server(process), address)
}

fn run(program: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = command.spawn().expect("it runs");
    let mut stdin = process.stdin.take().expect("it is piped");
    // One that does not read its input may be gone already.
    let _ = stdin.write_all(input);
    drop(stdin);
    process.wait_with_output().expect("it ends")
}
