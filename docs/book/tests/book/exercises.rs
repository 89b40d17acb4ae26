//! The exercises: each takes its answer and refuses others, and each is asked in its chapter.

use std::process::{Command, Stdio};

use mail_book::exercises;

use crate::PAGES;
use crate::page::Page;

#[test]
fn each_exercise_takes_its_answer_and_no_other() {
    assert!(exercises::all().count() >= 25);
    for exercise in exercises::all() {
        let id = exercise.id;
        assert_eq!(exercise.check(exercise.answer), Ok(()), "{id}");
        assert_eq!(
            exercise.check(&exercise.answer.replace('\n', "\r\n")),
            Ok(()),
            "{id} with CRLF"
        );
        let others = exercises::all().filter(|other| other.id != id && other.answer != exercise.answer);
        for wrong in others
            .map(|other| other.answer)
            .chain(["", "?", "\0", "é", "=", "<", "a1", "QUIT"])
        {
            let said = exercise.check(wrong);
            let hint = said.expect_err(&format!("{id} takes {wrong:?}"));
            assert!(hint.ends_with(['.', '?', '\n']), "{id}: {hint}");
        }
    }
}

#[test]
fn wrong_answers_are_refused() {
    for (id, wrong) in WRONG {
        let exercise = exercises::find(id).unwrap_or_else(|| panic!("there is no {id}"));
        assert!(exercise.check(wrong).is_err(), "{id} takes {wrong:?}");
    }
    for (id, right) in RIGHT {
        let exercise = exercises::find(id).unwrap_or_else(|| panic!("there is no {id}"));
        assert_eq!(exercise.check(right), Ok(()), "{id} does not take {right:?}");
    }
}

#[test]
fn each_exercise_is_asked_in_its_chapter() {
    let pages: Vec<Page> = PAGES.iter().map(|path| Page::read(path)).collect();
    for exercise in exercises::all() {
        let asked = format!("**{}**", exercise.id);
        let found = pages
            .iter()
            .filter(|page| page.prose.iter().any(|(_, line)| line.contains(&asked)));
        assert_eq!(found.count(), 1, "{asked} must be asked once");
    }
}

#[test]
fn the_command_says_what_is_right() {
    let said = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_mail-book"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        let text = String::from_utf8(ran.stdout).expect("text");
        (ran.status.code(), text.trim_end().to_owned())
    };
    assert_eq!(said(&["check", "1.1", "msa"]), (Some(0), "Right.".to_owned()));
    let (code, hint) = said(&["check", "1.1", "MTA"]);
    assert!(code == Some(1) && hint.starts_with("Not yet. "), "{hint}");
    assert_eq!(said(&["check", "1.1"]).0, Some(1), "an empty answer");
    assert_eq!(said(&["answer", "2.2"]), (Some(0), "MAIL FROM:<>".to_owned()));
    assert_eq!(said(&["list"]).1.lines().count(), exercises::all().count());
    assert!(said(&["ask", "2.4"]).1.contains("354"));
    for wrong in [&["check"][..], &["check", "99"], &[], &["solve", "1.1"]] {
        assert_eq!(said(wrong).0, Some(2), "{wrong:?}");
    }
}

/// Other right answers.
const RIGHT: &[(&str, &str)] = &[
    ("1.2", "<b@y.example>"),
    ("2.1", "mail from:<alice@crepes.fr> size=2000 body=8BITMIME"),
    ("2.3", "RCPT TO:<\"fish & chips\"@example.org> NOTIFY=NEVER"),
    ("3.1", "top 2 5"),
    ("3.2", "2, 4"),
    ("4.1", "a UID SEARCH SINCE 1-Feb-2026 UNSEEN FROM \"alice\""),
    ("4.1", "x1 SEARCH (NOT SEEN) NOT BEFORE 1-feb-2026 HEADER From alice"),
    ("4.2", "a uid fetch 7 (BODY.PEEK[]<0.100>)"),
    ("4.3", "a UID STORE 3,4,5 +FLAGS.SILENT \\Seen"),
    ("4.4", "a EXAMINE inbox (QRESYNC (1795 42 1:100))"),
    ("5.2", "Cr=C3=A8=\nme =3D 3 =E2=82=AC"),
    ("5.3", "=?UTF-8?B?Q3LDqG1l?="),
    ("6.1", "[203.0.113.5]"),
    ("6.5", "From: president@university.example\n\nHello."),
    ("7.1", "auth plain AGNhcm9sAHRvbWF0bw=="),
];

/// What readers are likely to answer first.
const WRONG: &[(&str, &str)] = &[
    ("1.2", "d@y.example"),
    ("1.3", "c@x.example"),
    ("2.1", "MAIL FROM:<alice@crepes.fr>"),
    ("2.1", "MAIL FROM:alice@crepes.fr SIZE=2000"),
    ("2.2", "MAIL FROM:<postmaster@hamburger.edu>"),
    ("2.3", "RCPT TO:<fish & chips@example.org>"),
    ("2.4", "Three dots:\n...\n.\n."),
    ("2.4", "Three dots:\n....\n.."),
    ("2.4", "Three dots:\n....\n..\n..\n."),
    ("2.5", "250 left\n250 right"),
    ("3.1", "TOP 5 2"),
    ("3.1", "RETR 2"),
    ("3.2", "4"),
    ("3.2", "1 2 4"),
    ("3.3", "1"),
    ("4.1", "a SEARCH UNSEEN TEXT alice SINCE 1-Feb-2026"),
    ("4.1", "a SEARCH UNSEEN FROM alice SINCE 2-Feb-2026"),
    ("4.1", "a SEARCH FROM alice SINCE 1-Feb-2026"),
    ("4.1", "a SEARCH UNSEEN FROM alice ON 1-Feb-2026"),
    ("4.1", "SEARCH UNSEEN FROM alice SINCE 1-Feb-2026"),
    ("4.2", "a FETCH 7 BODY.PEEK[]<0.100>"),
    ("4.2", "a UID FETCH 7 BODY[]<0.100>"),
    ("4.2", "a UID FETCH 7 BODY.PEEK[]<1.100>"),
    ("4.2", "a UID FETCH 7 BODY.PEEK[TEXT]<0.100>"),
    ("4.3", "a UID STORE 3:5 FLAGS.SILENT (\\Seen)"),
    ("4.3", "a UID STORE 3:5 +FLAGS (\\Seen)"),
    ("4.3", "a UID STORE 3:6 +FLAGS.SILENT (\\Seen)"),
    ("4.4", "a SELECT INBOX (QRESYNC (42 1795))"),
    ("4.4", "a SELECT INBOX"),
    ("4.5", "6"),
    ("5.1", "aGkh="),
    ("5.1", "aGk="),
    ("5.2", "Cr=c3=a8me =3D 3 =E2=82=AC"),
    ("5.2", "Cr=C3=A8me = 3 =E2=82=AC"),
    ("5.3", "=?utf-8?Q?Cr=E8me?="),
    ("5.3", "=?iso-8859-1?Q?Cr=C3=A8me?="),
    ("5.4", "From: a@b.example\n\nhello"),
    ("5.5", "Mon, 1 Feb 2026 09:30:00 +0100"),
    ("5.5", "Sun, 1 Feb 2026 09:30:00 GMT"),
    ("5.6", "Ép é"),
    ("6.1", "198.51.100.9"),
    ("6.2", "198.51.100.23.bl.example.net"),
    ("6.3", "pass"),
    ("6.4", "no"),
    ("6.5", "From: president@university.example"),
    (
        "6.5",
        "From: trudy@intruder.example\nReply-To: president@university.example\n\nHello.",
    ),
    ("6.6", "250 250 550"),
    ("7.1", "AUTH PLAIN Y2Fyb2wAdG9tYXRv"),
    ("7.1", "AUTH LOGIN AGNhcm9sAHRvbWF0bw=="),
    ("7.2", "alice"),
    ("7.4", "CRAM-MD5"),
    ("7.5", "587"),
    ("3.4", "APOP bob 9f1c4cf9e8c2a1e1a0a1b5c8b1c2d3e4"),
];
