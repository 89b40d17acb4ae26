//! curl and Python's imaplib as clients of the server in memory.

use std::net::SocketAddr;
use std::path::Path;

use imap_proto::Flag;
use mail_testing::peers::{Folder, Program, available, run, script, succeed};

use crate::memory::Memory;
use crate::support::{ANSWER, LUNCH, REPORT};

#[tokio::test(flavor = "multi_thread")]
async fn curl_reads() {
    if !available(&[Program::Curl]) {
        return;
    }
    let memory = Memory::with(&[LUNCH, ANSWER, REPORT]);
    memory.state().mailboxes.insert("Work".into(), Vec::new());
    let server = memory.serve().await;
    let listed = curl(server, "", &[]);
    assert_eq!(listed, "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Work\r\n");
    assert_eq!(curl(server, "INBOX;MAILINDEX=1", &[]).as_bytes(), LUNCH);
    assert_eq!(curl(server, "INBOX;UID=3", &[]).as_bytes(), REPORT);
    let header = curl(server, "INBOX;UID=2;SECTION=HEADER", &[]);
    assert!(header.ends_with("Subject: Re: Lunch\r\n\r\n"), "{header}");
    assert!(
        memory.state().mailboxes["INBOX"]
            .iter()
            .all(|message| message.flags == [Flag::Seen])
    );
    for search in ["INBOX?SUBJECT%20lunch", "INBOX?1"] {
        assert_eq!(curl(server, search, &[]), "* SEARCH 1\r\n");
    }
    assert_eq!(
        curl(server, "INBOX", &["--request", "SEARCH TEXT cheese"]),
        "* SEARCH 2\r\n"
    );
    assert_eq!(
        curl(server, "INBOX", &["--request", "UID SEARCH RETURN (COUNT) 1:*"])
            .lines()
            .count(),
        1
    );
    let flags = curl(server, "INBOX", &["--request", "STORE 2:3 -FLAGS (\\Seen)"]);
    assert_eq!(flags, "* 2 FETCH (FLAGS () UID 2)\r\n* 3 FETCH (FLAGS () UID 3)\r\n");
    let status = curl(server, "", &["--request", "STATUS INBOX (MESSAGES UNSEEN)"]);
    assert_eq!(status, "* STATUS INBOX (MESSAGES 3 UNSEEN 2)\r\n");
    let commands = memory.state().commands.clone();
    assert!(
        commands.contains(&"AUTHENTICATE") && commands.contains(&"FETCH"),
        "{commands:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_appends() {
    if !available(&[Program::Curl]) {
        return;
    }
    let (memory, folder) = (Memory::with(&[]), Folder::new());
    let server = memory.serve().await;
    let large = [LUNCH, &b"A line of the same length as all others.\r\n".repeat(50_000)].concat();
    for message in [LUNCH, &large] {
        let file = folder.file("message", message);
        curl(server, "INBOX", &["--upload-file", &file]);
    }
    let stored = memory.state().mailboxes["INBOX"].clone();
    assert!(stored[0].octets == LUNCH && stored[1].octets == large);
    // curl says that its own message was seen.
    assert_eq!(stored[0].flags, [Flag::Seen]);
    let mut command = start(server, "Nowhere", "bob:hungry");
    command.args(["--upload-file", &folder.file("message", LUNCH)]);
    assert!(!run(command, b"").status.success());
    let command = start(server, "INBOX", "bob:thirsty");
    assert_eq!(run(command, b"").status.code(), Some(LOGIN_DENIED));
}

#[tokio::test(flavor = "multi_thread")]
async fn imaplib_speaks_every_command() {
    if !available(&[Program::Python]) {
        return;
    }
    let memory = Memory::with(&[LUNCH, ANSWER]);
    let server = memory.serve().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imap_interop/python/commands.py");
    script(file, &[&server.to_string()]);
    let state = memory.state();
    let inbox = &state.mailboxes["INBOX"];
    assert_eq!(inbox.len(), 2, "one was appended, one expunged");
    assert_eq!(inbox[1].octets, b"Subject: from Python\r\n\r\nThe text.\r\n");
    assert_eq!(inbox[1].flags, [Flag::Flagged]);
    assert_eq!(state.mailboxes["Caf\u{e9}"].len(), 1);
    for name in [
        "LOGIN",
        "AUTHENTICATE",
        "SELECT",
        "EXAMINE",
        "SEARCH",
        "FETCH",
        "STORE",
        "APPEND",
        "EXPUNGE",
    ] {
        assert!(state.commands.contains(&name), "{name}: {:?}", state.commands);
    }
}

#[track_caller]
fn curl(server: SocketAddr, path: &str, options: &[&str]) -> String {
    let mut command = start(server, path, "bob:hungry");
    command.args(options);
    String::from_utf8(succeed(command, b"")).unwrap()
}

fn start(server: SocketAddr, path: &str, user: &str) -> std::process::Command {
    let mut command = Program::Curl.command();
    command.args([
        "--silent",
        "--show-error",
        "--user",
        user,
        &format!("imap://{server}/{path}"),
    ]);
    command
}

/// Of curl: the server said no to the credentials.
const LOGIN_DENIED: i32 = 67;
