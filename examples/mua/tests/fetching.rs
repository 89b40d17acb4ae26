//! `mua fetch`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use mime_codec::mbox::{Event, Reader, Variant};

use crate::place::{Place, Ran};

#[test]
fn keeping_remembers_what_was_fetched() {
    let place = Place::new();
    place.deliver_text("one", "hi");
    place.deliver_text("two", "hi");
    let fetch = ["fetch", "--keep", "--to", "mail"];
    assert!(
        place
            .mua(&fetch)
            .ok()
            .ends_with("2 fetched, 0 known, 0 deleted on the server\n")
    );
    place.deliver_text("three", "hi");
    assert!(
        place
            .mua(&fetch)
            .ok()
            .ends_with("1 fetched, 2 known, 0 deleted on the server\n")
    );
    assert_eq!(texts(&place.home.path().join("mail")).len(), 3);
    assert_eq!(place.mua(&["list"]).ok().lines().count(), 3);
    // What is here already is deleted without being fetched again.
    let last = place.mua(&["--json", "fetch", "--delete", "--to", "mail"]).ok();
    let row: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!(row, serde_json::json!({ "fetched": 0, "known": 3, "deleted": 3 }));
    assert_eq!(place.mua(&["list"]).ok(), "");
}

/// Each kind of place holds the same octets as the server did.
#[test]
fn messages_are_kept_as_files_in_maildirs_and_in_mboxes() {
    let place = Place::new();
    place.deliver_text("one", "first\r\n..dots\r\nFrom here to there");
    place.deliver_text("two", "second");
    let raw: Vec<String> = ["1", "2"].map(|uid| place.mua(&["read", uid, "--raw"]).ok()).into();
    for format in ["eml", "maildir", "mbox"] {
        // The memory is of the maildrop, so each format gets a home of its own.
        let home = tempfile::tempdir().expect("a folder");
        let to = home.path().join("here");
        let mut command = place.command();
        let ran = command
            .env("HOME", home.path())
            .args(["fetch", "--keep", "--format", format, "--to"])
            .arg(&to);
        Ran::of(&ran.output().expect("it runs")).ok();
        let kept = match format {
            "eml" => texts(&to),
            "maildir" => texts(&to.join("new")),
            _ => mbox(&fs::read(&to).expect("a file")),
        };
        let mut kept: Vec<String> = kept.into_values().collect();
        kept.sort_by_key(|text| text.contains("Subject: two"));
        assert_eq!(kept, raw, "{format}");
        assert_eq!(leftovers(home.path()), 0, "{format}");
    }
}

/// A connection that breaks, and a program that is killed, inside the second message: the first is on disk and known,
/// of the second there is nothing, and nothing was deleted. The next run takes up where this one ended.
#[test]
fn nothing_is_lost_when_it_breaks_off() {
    for end in [End::Breaks, End::Stalls] {
        let place = Place::new();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stalled, is_stalled) = channel();
        let home = place.home.path().to_owned();
        let server = thread::spawn(move || {
            [
                serve(&listener, &home, end, &stalled),
                serve(&listener, &home, End::Quits, &stalled),
            ]
        });
        let fetch = || {
            let mut command = place.bare();
            let login = ["--user", "bob", "--password-env", "PASSWORD"];
            command
                .args(["--pop3", &address])
                .args(login)
                .args(["fetch", "--delete", "--to", "mail"]);
            command
        };
        let folder = place.home.path().join("mail");
        if end == End::Stalls {
            let mut child = fetch().stdout(Stdio::null()).spawn().expect("it runs");
            is_stalled.recv().expect("it got so far");
            child.kill().and_then(|()| child.wait()).expect("it is killed");
        } else {
            let broken = Ran::of(&fetch().output().expect("it runs"));
            assert!(broken.failed(3).contains("the message breaks off"));
            assert_eq!(leftovers(&folder), 0);
        }
        assert_eq!(texts(&folder).into_keys().collect::<Vec<_>>(), ["id%2F1.eml"]);
        let again = Ran::of(&fetch().output().expect("it runs")).ok();
        assert!(
            again.ends_with("1 fetched, 1 known, 2 deleted on the server\n"),
            "{again}"
        );
        let [first, second] = server.join().expect("it served");
        let login = ["CAPA", "USER bob", "PASS open sesame", "LIST", "UIDL"];
        assert_eq!(first, [&login[..], &["RETR 1", "DELE 1", "RETR 2"]].concat());
        assert_eq!(second, [&login[..], &["DELE 1", "RETR 2", "DELE 2", "QUIT"]].concat());
        let expected = [("1", "one"), ("2", "two")].map(|(number, text)| {
            let octets = format!("Subject: {number}\r\n\r\n{text}\r\n");
            (format!("id%2F{number}.eml"), octets)
        });
        assert_eq!(texts(&folder), BTreeMap::from(expected));
    }
}

/// What a server does inside the second message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Breaks,
    Stalls,
    /// Nothing: it goes on to the end.
    Quits,
}

/// One session of a maildrop with two messages; returns what the client said.
fn serve(listener: &TcpListener, home: &Path, end: End, stalled: &Sender<()>) -> Vec<String> {
    let (mut stream, _) = listener.accept().expect("a client");
    let lines = BufReader::new(stream.try_clone().expect("a socket")).lines();
    let mut said = Vec::new();
    let mut say = |text: &str| stream.write_all(text.as_bytes()).is_ok();
    say("+OK ready\r\n");
    for line in lines.map_while(Result::ok) {
        if let Some(number) = line.strip_prefix("DELE ") {
            // Whatever is to be deleted is on disk and remembered.
            assert!(home.join(format!("mail/id%2F{number}.eml")).exists(), "{line}");
            let memory = fs::read_dir(home.join(".local/state/mua")).expect("a memory").next();
            let memory = fs::read_to_string(memory.expect("a file").expect("an entry").path()).expect("text");
            assert!(memory.contains(&format!("id/{number}\n")), "{line}: {memory}");
        }
        let answer = match line.as_str() {
            "CAPA" => "+OK\r\nUSER\r\nUIDL\r\n.\r\n",
            "LIST" => "+OK\r\n1 19\r\n2 19\r\n.\r\n",
            "UIDL" => "+OK\r\n1 id/1\r\n2 id/2\r\n.\r\n",
            "RETR 1" => "+OK\r\nSubject: 1\r\n\r\none\r\n.\r\n",
            "RETR 2" if end != End::Quits => "+OK\r\nSubject: 2\r\n\r\nt",
            "RETR 2" => "+OK\r\nSubject: 2\r\n\r\ntwo\r\n.\r\n",
            _ => "+OK\r\n",
        };
        let is_last = line == "QUIT" || (end == End::Breaks && line == "RETR 2");
        let stalls = end == End::Stalls && line == "RETR 2";
        said.push(line);
        if !say(answer) || is_last {
            break;
        }
        if stalls {
            stalled.send(()).expect("somebody waits");
        }
    }
    said
}

#[test]
fn one_says_what_becomes_of_the_messages() {
    let place = Place::new();
    let ran = place.mua(&["fetch"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--keep"), "{ran:?}");
}

/// Files and what they hold.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file() && !entry.file_name().to_string_lossy().starts_with('.'));
    files
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn mbox(octets: &[u8]) -> BTreeMap<String, String> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut reader = Reader::new(Variant::Mboxrd);
    let mut collect = |event: Event<'_>| match event {
        Event::Start(_) => messages.push(Vec::new()),
        Event::Octets(octets) => messages.last_mut().expect("a message").extend_from_slice(octets),
        _ => {}
    };
    reader.update(octets, &mut collect);
    reader.finish(&mut collect);
    let texts = messages
        .into_iter()
        .map(|octets| String::from_utf8(octets).expect("text"));
    texts
        .enumerate()
        .map(|(number, text)| (number.to_string(), text))
        .collect()
}

/// What was begun and not finished.
fn leftovers(folder: &Path) -> usize {
    let mut folders = vec![folder.to_owned()];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry"))
        {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => count += usize::from(entry.file_name().to_string_lossy().starts_with(".mua-")),
            }
        }
    }
    count
}
