//! The program: what it is told, and what it writes.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{MESSAGE, Talk, mail};

fn wiretap(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wiretap"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    wiretap(arguments).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it writes text")
}

fn written(folder: &TempDir, name: &str, octets: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, octets).expect("the folder takes it");
    path.to_string_lossy().into_owned()
}

#[test]
fn messages_are_saved_and_nothing_is_written_over() {
    let folder = TempDir::new().expect("a folder");
    let file = written(&folder, "mail.pcap", &mail().pcap());
    let saved = folder.path().join("saved");
    let arguments = [file.as_str(), "--save", saved.to_str().expect("text")];
    assert!(run(&arguments).status.success());
    let first = saved.join("0001-stream1.eml");
    assert_eq!(fs::read(&first).expect("it was saved"), MESSAGE);
    fs::write(&first, "mine").expect("it can be written");
    let output = run(&arguments);
    assert!(
        output.status.success() && text(&output).contains("0002-stream1.eml"),
        "{output:?}"
    );
    assert_eq!(fs::read(&first).expect("it is there"), b"mine");
    assert_eq!(fs::read(saved.join("0002-stream1.eml")).expect("it was saved"), MESSAGE);
}

#[test]
fn json_is_one_object_a_line() {
    let folder = TempDir::new().expect("a folder");
    let file = written(&folder, "mail.pcap", &mail().pcap());
    let output = run(&[&file, "--json", "--stats"]);
    let objects: Vec<Value> = text(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let kinds: Vec<&str> = objects.iter().filter_map(|object| object["kind"].as_str()).collect();
    assert_eq!(kinds[..3], ["opened", "recognised", "line"]);
    assert_eq!(kinds[kinds.len() - 2..], ["stream_stats", "stats"]);
    let message = objects
        .iter()
        .find(|object| object["kind"] == "message")
        .expect("the message");
    assert_eq!(message["header"]["Subject"], "Lunch");
    assert_eq!(message["recipients"][0], "<bob@mx.example>");
    let quit = objects.iter().find(|object| object["text"] == "QUIT").expect("QUIT");
    assert_eq!(
        (quit["from"].as_str(), quit["rfc"].as_str()),
        (Some("client"), Some("RFC 5321 §4.1.1.10"))
    );
    let stats = &objects[objects.len() - 2];
    assert_eq!(
        (
            stats["commands"].as_u64(),
            stats["messages"].as_u64(),
            stats["protocol"].as_str()
        ),
        (Some(6), Some(1), Some("smtp"))
    );
}

#[test]
fn secrets_can_be_hidden() {
    let folder = TempDir::new().expect("a folder");
    let script = "S: 220 mx\nC: EHLO c\nS: 250 mx\nC: AUTH PLAIN AGFsaWNlAHNlY3JldA==\nS: 235 ok";
    let smtp = Talk::new(587).script(script).close();
    let pop = Talk::new(110)
        .script("S: +OK\nC: USER alice\nS: +OK\nC: PASS secret\nS: +OK")
        .close();
    let imap = Talk::new(143)
        .script("S: * OK\nC: a LOGIN alice {6}\nS: + go\nC: secret\nS: a NO\nC: b AUTHENTICATE PLAIN\nS: + \nC: AGFsaWNlAHNlY3JldA==\nS: b OK")
        .close();
    for (number, talk) in [smtp, pop, imap].iter().enumerate() {
        let file = written(&folder, &number.to_string(), &talk.pcap());
        let open = text(&run(&[&file]));
        assert!(open.contains("password \"secret\""), "{open}");
        for arguments in [
            vec![file.as_str(), "--hide-secrets"],
            vec![file.as_str(), "--hide-secrets", "--json"],
        ] {
            let hidden = text(&run(&arguments));
            assert!(
                !hidden.contains("secret\"") && !hidden.contains("secret\n") && !hidden.contains("AGFsaWNl"),
                "{hidden}"
            );
            assert!(
                hidden.contains("[hidden]") && hidden.contains("alice") || number != 1,
                "{hidden}"
            );
        }
    }
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let folder = TempDir::new().expect("a folder");
    let file = written(&folder, "mail.pcap", &mail().pcap());
    assert!(!text(&run(&[&file])).contains('\x1b'));
    assert!(text(&run(&[&file, "--color", "always"])).contains("\x1b[36mC: QUIT\x1b[0m"));
    assert!(!text(&run(&[&file, "--color", "never"])).contains('\x1b'));
}

#[test]
fn one_protocol_or_one_connection_is_chosen() {
    let folder = TempDir::new().expect("a folder");
    let mut frames = mail().frames;
    let mut pop = Talk::new(110).script("S: +OK\nC: QUIT\nS: +OK").close().frames;
    frames.append(&mut pop);
    let file = written(&folder, "both.pcap", &crate::support::pcap(&frames));
    let smtp = text(&run(&[&file, "--only", "smtp"]));
    assert!(smtp.contains("220 mx.example") && !smtp.contains("+OK"), "{smtp}");
    let second = text(&run(&[&file, "--only", "2"]));
    assert!(second.contains("+OK") && !second.contains("220 mx.example"), "{second}");
    let other = text(&run(&[&file, "--port", "110=smtp", "--only", "#2"]));
    assert!(other.contains("smtp, recognised by its port"), "{other}");
    assert!(!run(&[&file, "--port", "110=gopher"]).status.success());
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = TempDir::new().expect("a folder");
    let file = written(&folder, "none", b"this is no capture at all, but some text");
    let output = run(&[&file]);
    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("neither pcap nor pcapng"),
        "{output:?}"
    );
    assert!(!run(&["/nowhere/at/all"]).status.success());
}

#[test]
fn standard_input_is_read_as_it_comes() {
    let mut child = wiretap(&["-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let capture = mail().pcap();
    let (first, rest) = capture.split_at(400);
    stdin.write_all(first).expect("it reads");
    stdin.flush().expect("it reads");
    // It says what it has before there is more.
    wait_for(&mut lines, "S: 220 mx.example ESMTP");
    stdin.write_all(rest).expect("it reads");
    drop(stdin);
    wait_for(&mut lines, "C: QUIT");
    assert!(child.wait().expect("it ends").success());
}

fn wait_for(lines: &mut impl Iterator<Item = std::io::Result<String>>, text: &str) {
    let found = lines.any(|line| line.is_ok_and(|line| line.contains(text)));
    assert!(found, "{text} was not said");
}

#[cfg(unix)]
#[test]
fn a_growing_file_is_followed_until_an_interrupt() {
    let folder = TempDir::new().expect("a folder");
    let capture = mail().pcap();
    let (first, rest) = capture.split_at(500);
    let file = written(&folder, "growing.pcap", first);
    let mut child = wiretap(&[&file, "--follow", "--stats"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    wait_for(&mut lines, "S: 220 mx.example ESMTP");
    append(Path::new(&file), rest);
    wait_for(&mut lines, "closed by both sides");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    wait_for(&mut lines, "smtp: 1 connections");
    assert!(child.wait().expect("it ends").success());
}

fn append(path: &Path, octets: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(path).expect("the file is there");
    file.write_all(octets).expect("it can be written");
}
