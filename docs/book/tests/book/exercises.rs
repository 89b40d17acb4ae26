//! The exercises: each takes its answer and refuses others, and each is asked in its chapter.

use std::process::{Command, Stdio};

use mail_book::exercises;

use crate::PAGES;
use crate::page::Page;

#[test]
fn each_exercise_takes_its_answer_and_no_other() {
    assert!(exercises::all().count() >= 12);
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
    ("3.4", "APOP bob 9f1c4cf9e8c2a1e1a0a1b5c8b1c2d3e4"),
];
