//! `mailtool extract`: files come out, and none where it should not.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::tempdir;

use crate::support::{tool, written};

/// A message with attachments of these names, percent-encoded; each holds its number.
fn attached(names: &[&str]) -> String {
    let part = |(i, name): (usize, &&str)| {
        format!("--b\r\nContent-Disposition: attachment; filename*=utf-8''{name}\r\nContent-Type: x/y\r\n\r\n{i}\r\n")
    };
    let parts: String = names.iter().enumerate().map(part).collect();
    format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n{parts}--b--\r\n")
}

/// The names in a folder with their octets.
fn files(dir: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, octets): &(&str, &str)| ((*name).to_owned(), (*octets).to_owned());
    files.iter().map(owned).collect()
}

/// docs/threats.md rows 8 and 21
#[test]
fn no_name_leads_out_of_the_folder() {
    let home = tempdir().unwrap();
    let dir = home.path().join("out");
    let long = format!("{}.pdf", "n".repeat(300));
    let hostile = [
        "..%2F..%2Fetc%2Fpasswd",
        "%2Fetc%2Fpasswd",
        "C%3A%5Cx",
        "a%00b",
        "CON",
        "",
        "..",
        &long,
        "%1B%5B2Jx%0A",
    ];
    let out = written(&["extract", "-", dir.to_str().unwrap()], &attached(&hostile));
    let names: Vec<_> = files(&dir).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), hostile.len(), "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| name.len() <= 210 && !name.contains(char::is_control)),
        "{names:?}"
    );
    for name in ["passwd", "passwd-2", "x", "a_b", "_CON", "attachment"] {
        assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
    }
    assert!(names.iter().any(|name| name.ends_with("nn.pdf")), "{names:?}");
    // Nothing beside it.
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    // docs/threats.md row 30
    assert!(!out.contains(|c: char| c.is_control() && c != '\n'), "{out:?}");
    assert_eq!(out.lines().count(), hostile.len(), "{out}");
    assert!(out.contains("called \"../../etc/passwd\" by the sender"), "{out}");
}

#[test]
fn nothing_is_overwritten() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("menu.txt"), "mine").unwrap();
    let message = attached(&["menu.txt", "menu.txt", "menu-3.txt"]);
    for _ in 0..2 {
        written(&["extract", "-", dir.path().to_str().unwrap()], &message);
    }
    let expected = [
        ("menu-2.txt", "0"),
        ("menu-3-2.txt", "2"),
        ("menu-3-3.txt", "2"),
        ("menu-3.txt", "1"),
        ("menu-4.txt", "0"),
        ("menu-5.txt", "1"),
        ("menu.txt", "mine"),
    ];
    assert_eq!(files(dir.path()), pairs(&expected));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let home = tempdir().unwrap();
    let (dir, outside) = (home.path().join("out"), home.path().join("outside"));
    fs::create_dir(&dir).unwrap();
    fs::write(&outside, "mine").unwrap();
    std::os::unix::fs::symlink(&outside, dir.join("a")).unwrap();
    std::os::unix::fs::symlink(home.path().join("nowhere"), dir.join("b")).unwrap();
    written(&["extract", "-", dir.to_str().unwrap()], &attached(&["a", "b"]));
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    assert!(!home.path().join("nowhere").exists());
    assert_eq!(fs::read_to_string(dir.join("a-2")).unwrap(), "0");
    assert_eq!(fs::read_to_string(dir.join("b-2")).unwrap(), "1");
}

#[test]
fn attachments_or_every_part() {
    let message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b\r\n\
        Content-Type: text/plain; name=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nTWVvdw==\r\n--b\r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nin\r\n--b--\r\n";
    let dir = tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    written(&["extract", "-", path], message);
    assert_eq!(
        files(dir.path()),
        pairs(&[("a.txt", "Meow"), ("part-3.eml", "Subject: in\r\n\r\nin")])
    );

    let dir = tempdir().unwrap();
    written(&["extract", "--all", "-", dir.path().to_str().unwrap()], message);
    assert_eq!(
        files(dir.path()),
        pairs(&[("a.txt", "Meow"), ("part-1.txt", "Hi"), ("part-4.txt", "in")])
    );

    let dir = tempdir().unwrap();
    let out = written(
        &["extract", "-", dir.path().to_str().unwrap()],
        "Subject: x\r\n\r\nHi\r\n",
    );
    assert_eq!(out, "nothing is attached; --all writes every part\n");
}

#[test]
fn winmail_is_unpacked() {
    let winmail = b"\x78\x9f\x3e\x22\x01\x00\
        \x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\
        \x02\x10\x80\x01\x00\x0c\x00\x00\x00../../c.txt\0\xb9\x03\
        \x02\x0f\x80\x06\x00\x04\x00\x00\x00Meow\x98\x01";
    let message = |octets: &[u8]| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b\r\n\
             Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
            STANDARD.encode(octets)
        )
    };
    let dir = tempdir().unwrap();
    written(&["extract", "-", dir.path().to_str().unwrap()], &message(winmail));
    assert_eq!(files(dir.path()), pairs(&[("c.txt", "Meow")]));

    // What is not what it says comes as it is.
    let dir = tempdir().unwrap();
    written(&["extract", "-", dir.path().to_str().unwrap()], &message(b"no TNEF"));
    assert_eq!(files(dir.path()), pairs(&[("winmail.dat", "no TNEF")]));
}

#[test]
fn what_fails_says_so() {
    let home = tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "Subject: x\r\n\r\n").unwrap();
    let (file, missing) = (file.to_str().unwrap(), home.path().join("missing"));
    let dir = home.path().join("dir");
    for args in [
        &["extract", missing.to_str().unwrap(), dir.to_str().unwrap()][..],
        &["extract", file, file],
        &["extract", "--limit", "3", file, dir.to_str().unwrap()],
    ] {
        let output = tool(args, "");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            String::from_utf8(output.stderr).unwrap().starts_with("mailtool: /"),
            "{args:?}"
        );
    }
    assert_eq!(tool(&["extract", file], "").status.code(), Some(2));
}
