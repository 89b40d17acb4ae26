//! Messages and mailboxes over IMAP.

use crate::place::Place;

#[test]
fn messages_are_listed_the_newest_first() {
    let place = Place::new();
    for number in 1..=3 {
        place.deliver_text(&format!("number {number}"), "hi");
    }
    let listed = place.mua(&["list", "--limit", "2"]).ok();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(
        lines[0].starts_with("     3 N    ") && lines[0].ends_with(" Carol                  number 3"),
        "{listed}"
    );
    assert_eq!(lines[2], "(1 more: --limit N)");
    let rows = place.mua(&["--json", "list"]).ok();
    let row: serde_json::Value = serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    assert_eq!(row["uid"], 3);
    assert_eq!(row["from"], "Carol <carol@elsewhere.example>");
    assert_eq!(row["flags"], serde_json::json!([]));
    let mailboxes = place.mua(&["list", "--mailboxes"]).ok();
    assert_eq!(mailboxes, "     3      3 new  INBOX\n");
}

#[test]
fn reading_marks_as_seen_unless_one_peeks() {
    let place = Place::new();
    place.deliver_text("hi", "text");
    place.mua(&["read", "1", "--peek"]).ok();
    place.mua(&["read", "1", "--raw"]).ok();
    assert!(place.mua(&["list"]).ok().starts_with("     1 N "));
    place.mua(&["read", "1"]).ok();
    assert!(place.mua(&["list"]).ok().starts_with("     1   "));
    assert!(place.mua(&["read", "9"]).failed(6).contains("no such message"));
    assert!(place.mua(&["list", "Nowhere"]).failed(6).contains("no mailbox Nowhere"));
}

#[test]
fn flags_go_and_come() {
    let place = Place::new();
    (0..3).for_each(|_| place.deliver_text("hi", "text"));
    let flagged = place.mua(&["flag", "1", "2:3", "+seen", "+flagged", "+$Later"]).ok();
    assert_eq!(flagged.lines().count(), 3, "{flagged}");
    let rows = place.mua(&["--json", "flag", "2", "-seen", "-$later"]).ok();
    let row: serde_json::Value = serde_json::from_str(&rows).expect("JSON");
    assert_eq!(row, serde_json::json!({ "uid": 2, "flags": ["\\Flagged"] }));
    assert_eq!(place.mua(&["search", "--unseen"]).ok(), "2\n");
    assert!(
        place
            .mua(&["flag", "77", "+seen"])
            .failed(6)
            .contains("no such message")
    );
    assert!(place.mua(&["flag", "1"]).failed(2).contains("UIDs and changes"));
}

#[test]
fn messages_are_moved_and_deleted() {
    let place = Place::new();
    (0..3).for_each(|_| place.deliver_text("hi", "text"));
    assert!(
        place
            .mua(&["move", "1", "Archive"])
            .failed(6)
            .contains("no mailbox Archive")
    );
    // One that is marked already stays: only what is named goes.
    place.mua(&["flag", "3", "+deleted"]).ok();
    assert_eq!(place.mua(&["delete", "1"]).ok(), "     1 deleted\n");
    let left = place.mua(&["search", "hi"]).ok();
    assert_eq!(left, "2\n3\n");
    assert!(place.mua(&["delete", "1"]).failed(6).contains("no such message"));
}

/// With a trash, deleting moves there; there it deletes.
#[test]
fn a_trash_keeps_what_was_deleted() {
    let place = Place::new();
    place.deliver_text("hi", "text");
    crate::sending::config(&place, "trash = \"Sent\"\nsent = \"Sent\"");
    let run = |arguments: &[&str]| crate::place::Ran::of(&place.bare().args(arguments).output().expect("it runs"));
    // Sending makes the mailbox.
    run(&["send", "--to", "alice@example.org", "--text", "hi"]).ok();
    assert_eq!(run(&["delete", "1"]).ok(), "     1 moved to Sent\n");
    assert_eq!(
        run(&["move", "2", "INBOX", "--mailbox", "Sent"]).ok(),
        "     2 moved to INBOX\n"
    );
    assert_eq!(run(&["delete", "1", "--mailbox", "Sent"]).ok(), "     1 deleted\n");
    assert_eq!(run(&["list", "Sent"]).ok(), "");
    assert_eq!(run(&["list"]).ok().lines().count(), 1);
}

#[test]
fn searches_combine() {
    let place = Place::new();
    place.deliver_text("lunch", "crêpes at noon");
    place.deliver_text("dinner", "ketchup at noon");
    let searches: [(&[&str], &str); 7] = [
        (&["noon"], "1\n2\n"),
        (&["noon", "ketchup"], "2\n"),
        (&["--subject", "lunch", "--from", "carol"], "1\n"),
        (&["crêpes"], "1\n"),
        (&["--text", "lunch"], ""),
        (&["--since", "2001-01-01", "--to", "bob"], "1\n2\n"),
        (&["--before", "2001-01-01"], ""),
    ];
    for (words, expected) in searches {
        assert_eq!(place.mua(&[&["search"], words].concat()).ok(), expected, "{words:?}");
    }
    assert!(
        place
            .mua(&["search", "--since", "yesterday"])
            .failed(2)
            .contains("no day")
    );
    assert!(place.mua(&["search"]).failed(2).contains("what is to be found?"));
}

#[test]
fn attachments_are_saved_beside_what_is_there() {
    let place = Place::new();
    let (one, two) = (place.write("a.txt", "one"), place.write("b.txt", "two"));
    place
        .mua(&[
            "send",
            "--from",
            "bob@example.org",
            "--to",
            "bob@example.org",
            "--attach",
            &one,
            "--attach",
            &two,
        ])
        .ok();
    let saved = place.home.path().join("to");
    let saved = saved.to_str().expect("a plain name");
    place.mua(&["save", "1", "--to", saved, "--part", "2"]).ok();
    place.mua(&["save", "1", "--to", saved]).ok();
    let read = |name: &str| std::fs::read_to_string(format!("{saved}/{name}")).unwrap_or_default();
    assert_eq!([read("a.txt"), read("b.txt"), read("b (2).txt")], ["one", "two", "two"]);
    assert!(
        place
            .mua(&["save", "1", "--part", "3"])
            .failed(6)
            .contains("no attachment 3")
    );
}

/// Flowed lines are paragraphs again, and HTML is its words.
#[test]
fn texts_are_shown_as_they_are_meant() {
    let place = Place::new();
    let flowed =
        "Content-Type: text/plain; format=flowed\r\n\r\nOne \r\nparagraph.\r\n> Quoted \r\n> text.\r\n-- \r\nBob";
    place.deliver(flowed.as_bytes());
    place.deliver(b"Content-Type: text/html\r\n\r\n<title>no</title><p>One &amp; <b>two</b></p><p>three");
    let shown = |uid: &str| place.mua(&["read", uid]).ok();
    assert_eq!(shown("1"), "\nOne paragraph.\n> Quoted text.\n-- \nBob\n");
    assert_eq!(shown("2"), "\nOne & two\nthree\n");
}
