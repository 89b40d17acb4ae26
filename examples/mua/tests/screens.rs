//! The screens, drawn into memory and compared with those in `screens/`: what stands where, and in which style.
//!
//! `MUA_SCREENS=write cargo test -p mua screens` writes them anew: then look at them.

use std::fmt::Write;
use std::path::Path;

use mua::attachments::Attachment;
use mua::reader::draw::{Palette, draw};
use mua::reader::state::{App, Folder, Key, Opened, Told};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::keys::summary;

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

/// A mailbox with some mail, among it what a hostile sender would write.
fn app() -> App {
    let folders = [
        ("INBOX", true, 3),
        ("Lists", false, 0),
        ("Lists/ietf-smtp and a long name", true, 12),
        ("Sent", true, 0),
        ("Müll", true, 0),
    ];
    let folders = folders.map(|(name, selectable, unseen)| Folder {
        name: name.to_owned(),
        selectable,
        unseen,
    });
    let mut app = App::new("bob@example.org");
    app.told(Told::Folders(folders.into(), false));
    let mut messages = vec![
        summary(
            40,
            "Carol <carol@crepes.example>",
            "Lunch on Sunday? Bring the big pan, two kinds of flour and as many people as fit around the table",
            &[],
        ),
        summary(
            39,
            "\u{1b}[2J\u{202e}evil <x@elsewhere.example>",
            "\u{1b}]0;title\u{7} and a\ttab",
            &[],
        ),
        summary(
            38,
            "山田太郎 <taro@example.jp>",
            "昼食のお知らせ、とても長い題名なので途中で切れます。とても長い題名なので途中で切れます。",
            &["\\Seen", "\\Flagged"],
        ),
        summary(37, "dave@example.org", "", &["\\Seen", "\\Answered"]),
    ];
    messages.extend(
        (0..40)
            .rev()
            .map(|uid| summary(uid, "List <list@example.org>", &format!("Digest {uid}"), &["\\Seen"])),
    );
    app.told(Told::Opened("INBOX".to_owned(), messages));
    app
}

fn reading(mut app: App) -> App {
    let fields = [
        ("From", "Carol <carol@crepes.example>"),
        ("To", "Bob <bob@example.org>"),
        ("Date", "2026-11-13T09:40:00Z"),
        ("Subject", "Lunch on Sunday?"),
    ];
    let mut lines: Vec<String> = ["Dear Bob,", "", "the pan is here; the flour is not, and neither is anybody who could say how much of it a crêpe for twelve would need.", "", "> Who brings the jam?", "I do.", "", "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"].map(str::to_owned).into();
    lines.extend((1..60).map(|line| format!("line {line}")));
    let attachment = |part, name: &str| Attachment {
        part,
        name: name.to_owned(),
        kind: "application/pdf".to_owned(),
        size: 4711,
    };
    app.told(Told::Message(Box::new(Opened {
        uid: 40,
        fields: fields.map(|(name, value)| (name, value.to_owned())).into(),
        lines,
        attachments: vec![attachment(1, "recipe.pdf"), attachment(2, "crêpes.pdf")],
        scroll: 0,
    })));
    app
}

fn pressed(mut app: App, keys: &[Key]) -> App {
    for key in keys {
        app.key(*key);
    }
    app
}

/// What is shown, by name.
fn scenes() -> Vec<(&'static str, App)> {
    let key = Key::Char;
    vec![
        ("list", app()),
        ("message", reading(app())),
        ("help", pressed(app(), &[key('?')])),
        ("attachments", pressed(reading(app()), &[key('s'), Key::Down])),
        ("search", pressed(app(), &[key('/'), key('c'), key('r'), key('ê')])),
        ("confirm", pressed(app(), &[Key::Down, key('d')])),
    ]
}

fn drawn(app: &mut App, (width, height): (u16, u16), palette: Palette) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    // Twice: the first time says how large things are.
    for _ in 0..2 {
        let mut measured = None;
        terminal
            .draw(|frame| measured = Some(draw(frame, app, palette)))
            .expect("it is drawn");
        app.measured(measured.expect("it was drawn"));
    }
    terminal.backend().buffer().clone()
}

#[test]
fn screens_are_as_they_should_be() {
    for (name, app) in scenes() {
        for (width, height) in SIZES {
            for (palette, kind) in [(Palette::new(true), "color"), (Palette::new(false), "plain")] {
                let buffer = drawn(&mut app.clone(), (width, height), palette);
                compare(&format!("{name}-{width}x{height}-{kind}.txt"), &text(&buffer));
            }
        }
    }
}

#[track_caller]
fn compare(name: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(name);
    if std::env::var_os("MUA_SCREENS").is_some_and(|value| value == "write") {
        std::fs::write(&path, shown).expect("it is written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == shown, "{name} is not what it was:\n{shown}");
}

/// NO_COLOR means none (no-color.org), and says no less: what is bold or reversed in colour is so without.
#[test]
fn without_colors_there_are_none() {
    for (name, app) in scenes() {
        for size in SIZES {
            let buffer = drawn(&mut app.clone(), size, Palette::new(false));
            let is_plain = |color: Color| color == Color::Reset;
            assert!(
                buffer
                    .content()
                    .iter()
                    .all(|cell| is_plain(cell.fg) && is_plain(cell.bg)),
                "{name}"
            );
            assert!(
                buffer
                    .content()
                    .iter()
                    .any(|cell| cell.modifier.contains(Modifier::REVERSED)),
                "{name}"
            );
            let colored = drawn(&mut app.clone(), size, Palette::new(true));
            let words = |buffer: &Buffer| {
                buffer
                    .content()
                    .iter()
                    .map(|cell| cell.symbol().to_owned())
                    .collect::<String>()
            };
            assert_eq!(words(&buffer), words(&colored), "{name}");
        }
    }
}

/// docs/threats.md row 30: no cell holds what a terminal acts upon, at any size, and none is too small to be drawn.
#[test]
fn cells_hold_nothing_that_acts() {
    for (name, app) in scenes() {
        for width in [1, 2, 39, 40, 41, 60, 80, 119, 120, 121, 200] {
            for height in [1, 2, 9, 10, 11, 24, 60] {
                let buffer = drawn(&mut app.clone(), (width, height), Palette::new(true));
                let acts = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
                assert!(
                    !buffer.content().iter().any(|cell| cell.symbol().contains(acts)),
                    "{name} {width}x{height}"
                );
            }
        }
    }
}

/// The screen, and below it, row by row, where styles that are not the plain one begin and end.
fn text(buffer: &Buffer) -> String {
    let mut screen = String::new();
    // Rows that follow each other and look alike are told of once.
    let mut styles: Vec<(u16, u16, String)> = Vec::new();
    let area = buffer.area();
    for y in 0..area.height {
        let mut row = String::new();
        let mut skip = 0;
        let mut runs: Vec<(u16, u16, Style)> = Vec::new();
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            if skip == 0 {
                row.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
            match runs.last_mut() {
                Some((_, end, style)) if *end == x && *style == cell.style() => *end = x + 1,
                _ => runs.push((x, x + 1, cell.style())),
            }
        }
        let _ = writeln!(screen, "{}", row.trim_end());
        let told: Vec<String> = runs
            .iter()
            .filter_map(|(from, to, style)| Some(format!("{from}-{} {}", to - 1, words(*style)?)))
            .collect();
        let told = told.join(", ");
        match styles.last_mut() {
            Some((_, end, before)) if *before == told => *end = y,
            _ => styles.push((y, y, told)),
        }
    }
    screen.push_str("---\n");
    for (from, to, told) in styles.iter().filter(|(.., told)| !told.is_empty()) {
        let _ = match from == to {
            true => writeln!(screen, "{from}: {told}"),
            false => writeln!(screen, "{from} to {to}: {told}"),
        };
    }
    screen
}

fn words(style: Style) -> Option<String> {
    let mut words = Vec::new();
    for (color, what) in [(style.fg, ""), (style.bg, "on ")] {
        if let Some(color) = color.filter(|color| *color != Color::Reset) {
            words.push(format!("{what}{color}").to_lowercase());
        }
    }
    for (modifier, name) in [
        (Modifier::BOLD, "bold"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::UNDERLINED, "underlined"),
    ] {
        if style.add_modifier.contains(modifier) {
            words.push(name.to_owned());
        }
    }
    (!words.is_empty()).then(|| words.join(" "))
}
