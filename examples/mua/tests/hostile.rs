//! What others write is shown, and does nothing.

use crate::place::Place;

/// Sequences that clear the screen, set its title, paint, and turn text around; a C1 control as UTF-8; a file name that
/// climbs.
const EVIL: &[u8] = b"From: \"\x1b[2J\" <x@elsewhere.example>\r\nTo: bob@example.org\r\n\
    Subject: =?utf-8?Q?=1B=5D0=3Btitle=07?= \xc2\x9b31m\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nclear \x1b[2J and \xe2\x80\xae turned\r\n\
    --b\r\nContent-Type: text/html\r\n\r\n<p>\x1b[31mred</p>\r\n\
    --b\r\nContent-Type: text/x-\x1b[1m\r\nContent-Disposition: attachment; filename=\"../../\x1b[2Jpasswd\"\r\n\r\nroot\r\n--b--";

/// docs/threats.md row 30: no command prints a control character of a message, for people or as JSON.
#[test]
fn nothing_acts_upon_the_terminal() {
    let place = Place::new();
    place.deliver(EVIL);
    let commands: [&[&str]; 9] = [
        &["list"],
        &["read", "1"],
        &["read", "1", "--structure"],
        &["search", "\u{1b}[2J"],
        &["save", "1"],
        &["flag", "1", "+$evil"],
        &["fetch", "--keep"],
        &["move", "1", "\u{1b}[2J"],
        &[
            "send",
            "--from",
            "bob@example.org",
            "--to",
            "\u{1b}[2J@example.org",
            "--text",
            "hi",
        ],
    ];
    for arguments in commands {
        for json in [&[][..], &["--json"]] {
            let ran = place.mua(&[json, arguments].concat());
            let is_evil = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(
                !ran.out.contains(is_evil) && !ran.err.contains(is_evil),
                "{arguments:?}: {ran:?}"
            );
            assert!(
                !ran.out.is_empty() || !ran.err.is_empty() || arguments[0] == "search",
                "{arguments:?}: {ran:?}"
            );
        }
    }
    let shown = place.mua(&["read", "1"]).ok();
    assert!(shown.contains("From: \\x1b[2J <x@elsewhere.example>\n"), "{shown}");
    assert!(shown.contains("Subject: \\x1b]0;title\\x07 \\u{9b}31m\n"), "{shown}");
    assert!(shown.contains("\nclear \\x1b[2J and \\u{202e} turned\n"), "{shown}");
}

/// Names of attachments are names of files in the folder that was named, whatever the sender had in mind.
#[test]
fn attachments_stay_in_their_folder() {
    let place = Place::new();
    place.deliver(EVIL);
    let saved = place.home.path().join("saved");
    std::fs::create_dir(&saved).expect("a folder");
    // A link that somebody put where the file would go is left alone.
    let aim = place.home.path().join("aim");
    std::os::unix::fs::symlink(&aim, saved.join("__2Jpasswd")).expect("a link");
    place
        .mua(&["save", "1", "--to", saved.to_str().expect("a plain name")])
        .ok();
    let mut names: Vec<String> = std::fs::read_dir(&saved)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(
        !aim.exists() && names.iter().all(|name| !name.contains(|c: char| c.is_control())),
        "{names:?}"
    );
    assert!(
        names
            .iter()
            .any(|name| name.ends_with("passwd") || name.contains("passwd (2)")),
        "{names:?}"
    );
}

/// docs/threats.md row 20: neither the transcript nor anything else shows the password.
#[test]
fn no_secret_is_shown() {
    let place = Place::new();
    place.deliver_text("hi", "text");
    let file = place.home.path().join("dialogue");
    let to_file = format!("--transcript={}", file.display());
    let commands: [&[&str]; 4] = [
        &["list"],
        &[
            "send",
            "--from",
            "bob@example.org",
            "--to",
            "bob@example.org",
            "--text",
            "hi",
        ],
        &["fetch", "--keep"],
        &["account", "check"],
    ];
    for arguments in commands {
        place.mua(&[&[to_file.as_str()], arguments].concat()).ok();
        let dialogue = std::fs::read_to_string(&file).expect("a file");
        assert!(
            dialogue.contains(" C: ") && dialogue.contains(" S: ") && dialogue.contains("[redacted]"),
            "{dialogue}"
        );
        // As it is, and as PLAIN would have it: "\0bob\0open sesame".
        assert!(
            !dialogue.contains("sesame") && !dialogue.contains("AGJvYgBvcGVuIHNlc2FtZQ"),
            "{dialogue}"
        );
    }
    let loud = place.mua(&["--transcript", "list"]);
    assert!(
        loud.err.contains("imap C: ") && !loud.err.contains("sesame"),
        "{loud:?}"
    );
    let wrong = crate::place::Ran::of(
        &place
            .command()
            .env("PASSWORD", "not this one")
            .arg("list")
            .output()
            .expect("it runs"),
    );
    let told = wrong.failed(4);
    assert!(
        told.contains("the server refused") && !told.contains("not this one"),
        "{told}"
    );
}
