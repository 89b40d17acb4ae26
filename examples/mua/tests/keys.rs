//! What keys do and what news changes, without a screen and without a server.

use mua::reader::state::{App, Folder, Key, Measured, Mode, Opened, Pane, Told, Wish};
use mua::summary::Summary;

pub(crate) fn summary(uid: u32, from: &str, subject: &str, flags: &[&str]) -> Summary {
    Summary {
        uid,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        from: from.to_owned(),
        to: "Bob <bob@example.org>".to_owned(),
        subject: subject.to_owned(),
        date: Some(format!("2026-11-{:02}T09:{:02}:00Z", uid % 28 + 1, uid % 60)),
        arrived: None,
        size: 1000,
        message_id: None,
    }
}

fn folder(name: &str, unseen: u32) -> Folder {
    Folder {
        name: name.to_owned(),
        selectable: name != "Lists",
        unseen,
    }
}

/// INBOX with three messages, one of them seen.
fn app() -> App {
    let mut app = App::new("bob@example.org");
    app.told(Told::Folders(
        vec![folder("INBOX", 2), folder("Lists", 0), folder("Sent", 0)],
        false,
    ));
    let messages = [(3, "c", &[][..]), (2, "b", &["\\Seen"]), (1, "a", &[])];
    let messages = messages.map(|(uid, subject, flags)| summary(uid, "Alice <alice@example.org>", subject, flags));
    app.told(Told::Opened("INBOX".to_owned(), messages.into()));
    app.measured(Measured {
        list: 2,
        text: 5,
        needed: 0,
    });
    app
}

fn opened(uid: u32) -> Told {
    let lines = (0..20).map(|line| line.to_string()).collect();
    let attachments = vec![
        mua::attachments::Attachment {
            part: 1,
            name: "menu.pdf".to_owned(),
            ..Default::default()
        };
        2
    ];
    Told::Message(Box::new(Opened {
        uid,
        lines,
        attachments,
        ..Opened::default()
    }))
}

fn press(app: &mut App, keys: &str) -> Vec<Wish> {
    keys.chars().filter_map(|c| app.key(Key::Char(c))).collect()
}

#[test]
fn a_message_is_opened_read_and_left() {
    let mut app = app();
    app.key(Key::Down);
    app.key(Key::Down);
    app.key(Key::Down);
    assert_eq!(app.cursor, 2, "the last is the last");
    assert_eq!(app.key(Key::Enter), Some(Wish::Read(1)));
    app.told(opened(1));
    app.measured(Measured {
        list: 2,
        text: 5,
        needed: 21,
    });
    assert_eq!((app.pane, app.folders[0].unseen), (Pane::Text, 1));
    for (key, scroll) in [
        (Key::Down, 1),
        (Key::Char(' '), 6),
        (Key::End, 16),
        (Key::PageDown, 16),
        (Key::PageUp, 11),
        (Key::Home, 0),
    ] {
        assert_eq!(app.key(key), None);
        assert_eq!(app.opened.as_ref().map(|opened| opened.scroll), Some(scroll), "{key:?}");
    }
    // A window that grows needs less scrolling.
    app.key(Key::End);
    app.measured(Measured {
        list: 2,
        text: 20,
        needed: 21,
    });
    assert_eq!(app.opened.as_ref().map(|opened| opened.scroll), Some(1));
    assert_eq!(app.key(Key::Char('p')), Some(Wish::Read(2)));
    app.key(Key::Escape);
    assert_eq!(app.pane, Pane::Messages);
}

#[test]
fn panes_follow_each_other() {
    let mut app = app();
    let panes = |app: &mut App, key| {
        (0..3)
            .map(|_| {
                app.key(key);
                app.pane
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        panes(&mut app, Key::Tab),
        [Pane::Folders, Pane::Messages, Pane::Folders]
    );
    app.told(opened(3));
    assert_eq!(panes(&mut app, Key::Tab), [Pane::Folders, Pane::Messages, Pane::Text]);
    assert_eq!(
        panes(&mut app, Key::BackTab),
        [Pane::Messages, Pane::Folders, Pane::Text]
    );
    app.key(Key::Tab);
    // Lists holds mailboxes and no messages.
    app.key(Key::Down);
    assert_eq!(app.key(Key::Enter), None);
    app.key(Key::Down);
    assert_eq!(app.key(Key::Enter), Some(Wish::Open("Sent".to_owned())));
}

#[test]
fn flags_are_wished_for_and_shown_when_they_are_there() {
    let mut app = app();
    assert_eq!(
        press(&mut app, "fu"),
        [Wish::Flag(3, "\\Flagged", true), Wish::Flag(3, "\\Seen", true)]
    );
    assert!(!app.messages[0].has("\\Flagged"));
    app.told(Told::Flagged(3, "\\Flagged", true));
    app.told(Told::Flagged(3, "\\Seen", true));
    app.told(Told::Flagged(3, "\\Seen", true));
    assert_eq!((app.messages[0].marks().as_str(), app.folders[0].unseen), (" !  ", 1));
    assert_eq!(
        press(&mut app, "fu"),
        [Wish::Flag(3, "\\Flagged", false), Wish::Flag(3, "\\Seen", false)]
    );
}

#[test]
fn deleting_for_ever_is_asked_about() {
    let mut app = app();
    assert_eq!(
        press(&mut app, "dn"),
        [],
        "any other key is a no, and does nothing else"
    );
    assert_eq!((app.cursor, app.mode.clone()), (0, Mode::Browse));
    assert_eq!(press(&mut app, "dy"), [Wish::Delete(3)]);
    app.told(opened(3));
    app.told(Told::Gone(3));
    assert_eq!(
        (app.messages.len(), app.folders[0].unseen, app.opened.is_none()),
        (2, 1, true)
    );
    app.has_trash = true;
    assert_eq!(press(&mut app, "d"), [Wish::Delete(2)]);
    app.told(Told::Gone(2));
    app.told(Told::Gone(1));
    assert_eq!(
        (press(&mut app, "dfun"), app.key(Key::Enter)),
        (vec![], None),
        "nothing is left"
    );
}

#[test]
fn words_are_typed_and_searched_for() {
    let mut app = app();
    press(&mut app, "/lunchx");
    app.key(Key::Backspace);
    assert_eq!(app.mode, Mode::Search("lunch".to_owned()));
    assert_eq!(app.key(Key::Enter), Some(Wish::Search("lunch".to_owned())));
    app.told(Told::Found("lunch".to_owned(), vec![summary(1, "a", "b", &[])]));
    // What arrives is counted, and not mixed in.
    app.told(Told::Arrived(vec![summary(4, "a", "b", &[])]));
    assert_eq!((app.messages.len(), app.folders[0].unseen), (1, 3));
    app.told(Told::Refreshed(vec![
        summary(4, "a", "b", &[]),
        summary(1, "a", "b", &["\\Flagged"]),
    ]));
    assert_eq!((app.messages.len(), app.messages[0].has("\\Flagged")), (1, true));
    assert_eq!(app.key(Key::Escape), Some(Wish::Open("INBOX".to_owned())));
    press(&mut app, "/  ");
    assert_eq!(app.key(Key::Enter), None);
    press(&mut app, "/q");
    assert_eq!((app.key(Key::Escape), app.mode.clone()), (None, Mode::Browse));
}

#[test]
fn attachments_are_chosen_and_saved() {
    let mut app = app();
    press(&mut app, "s");
    assert_eq!(app.mode, Mode::Browse);
    app.told(opened(3));
    press(&mut app, "sj");
    app.key(Key::Down);
    assert_eq!(app.mode, Mode::Attachments(1));
    assert_eq!(app.key(Key::Enter), Some(Wish::Save(3, Some(2))));
    assert_eq!(press(&mut app, "sa"), [Wish::Save(3, None)]);
    press(&mut app, "s");
    app.key(Key::Escape);
    assert_eq!(app.mode, Mode::Browse);
}

/// The cursor stays on its message, whatever comes and goes around it.
#[test]
fn news_does_not_move_the_cursor_elsewhere() {
    let mut app = app();
    app.key(Key::Down);
    app.told(Told::Arrived(vec![
        summary(4, "Carol <c@x.example>", "new", &[]),
        summary(5, "d", "newer", &[]),
    ]));
    assert_eq!(
        (
            app.messages.iter().map(|message| message.uid).collect::<Vec<_>>(),
            app.cursor
        ),
        (vec![5, 4, 3, 2, 1], 3)
    );
    assert_eq!(app.status, "new: newer from d");
    app.told(Told::Gone(5));
    assert_eq!(app.current().map(|message| message.uid), Some(2));
    app.told(Told::Refreshed(vec![summary(2, "a", "b", &[])]));
    assert_eq!(app.current().map(|message| message.uid), Some(2));
    app.told(Told::Refreshed(Vec::new()));
    assert_eq!((app.current(), app.cursor), (None, 0));
    app.told(Told::Arrived(vec![summary(9, "a", "b", &[])]));
    assert_eq!((app.cursor, app.messages.len()), (0, 1));
}

#[test]
fn one_can_always_leave() {
    let mut app = app();
    assert_eq!(press(&mut app, "q"), [Wish::Quit]);
    for before in ["", "?", "/abc", "d"] {
        press(&mut app, before);
        assert_eq!(app.key(Key::Interrupt), Some(Wish::Quit), "{before}");
        app.mode = Mode::Browse;
    }
    press(&mut app, "?");
    assert_eq!(app.mode, Mode::Help);
    assert_eq!(
        (press(&mut app, "q"), app.mode.clone()),
        (vec![], Mode::Browse),
        "the help is left first"
    );
}
