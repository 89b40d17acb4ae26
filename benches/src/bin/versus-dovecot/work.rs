//! What both servers are asked to do, and how fast they were.

use std::net::SocketAddr;
use std::time::Instant;

use crate::letters::{letter, word};
use crate::session::{Heard, Session};

/// A server, and what it holds.
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    /// Messages in `Letters`.
    pub(crate) letters: usize,
}

/// One row of the table.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    /// One round, of this number.
    pub(crate) run: fn(&Place, usize) -> Outcome,
}

/// What came of a round.
pub(crate) struct Outcome {
    /// Units a second.
    pub(crate) rate: f64,
    /// What both must have heard alike.
    pub(crate) heard: Heard,
}

pub(crate) const WORKS: [Work; 17] = [
    work("login, one after another", "logins/s", |place, _| logins(place, 1, 60)),
    work("login, 8 at a time", "logins/s", |place, _| logins(place, 8, 160)),
    work("SELECT of the large mailbox", "selects/s", select),
    work("FETCH 1:* (UID FLAGS), large", "messages/s", |place, _| {
        fetch(place, LARGE, "(UID FLAGS)")
    }),
    work("FETCH 1:* ENVELOPE BODYSTRUCTURE", "messages/s", |place, _| {
        fetch(place, LETTERS, "(ENVELOPE BODYSTRUCTURE)")
    }),
    work("FETCH 1:* BODY.PEEK[]", "messages/s", |place, _| {
        fetch(place, LETTERS, "BODY.PEEK[]")
    }),
    work("FETCH n BODY.PEEK[], one by one", "messages/s", one_by_one),
    work("APPEND of 4 KiB, 1 session", "messages/s", |place, _| {
        append(place, 1, 100)
    }),
    work("APPEND of 4 KiB, 8 sessions", "messages/s", |place, _| {
        append(place, 8, 400)
    }),
    work("APPEND of 256 KiB, 1 session", "messages/s", |place, _| {
        large_append(place)
    }),
    work("STORE n, 1 session", "changes/s", |place, round| {
        store(place, 1, 200, round)
    }),
    work("STORE n, 8 sessions", "changes/s", |place, round| {
        store(place, 8, 800, round)
    }),
    work("STORE 1:*", "changes/s", store_all),
    work("SEARCH SUBJECT", "messages/s", |place, round| {
        search(place, "SUBJECT", round)
    }),
    work("SEARCH FROM", "messages/s", |place, round| search(place, "FROM", round)),
    work("SEARCH HEADER X-Topic", "messages/s", |place, round| {
        search(place, "HEADER X-Topic", round)
    }),
    work("SEARCH BODY", "messages/s", |place, round| search(place, "BODY", round)),
];

const fn work(name: &'static str, unit: &'static str, run: fn(&Place, usize) -> Outcome) -> Work {
    Work { name, unit, run }
}

fn logins(place: &Place, sessions: usize, logins: usize) -> Outcome {
    let began = Instant::now();
    at_once(sessions, |_| {
        for _ in 0..logins / sessions {
            Session::login(place.address).run("LOGOUT");
        }
    });
    rate(logins, began, Heard::default())
}

/// Another mailbox is selected in between, so that none stays open.
fn select(place: &Place, _: usize) -> Outcome {
    const TIMES: usize = 10;
    let mut session = Session::login(place.address);
    session.run(format!("EXAMINE {LARGE}"));
    let mut took = 0.0;
    for _ in 0..TIMES {
        session.run(format!("EXAMINE {LETTERS}"));
        let began = Instant::now();
        session.run(format!("SELECT {LARGE}"));
        took += began.elapsed().as_secs_f64();
    }
    Outcome {
        rate: TIMES as f64 / took,
        heard: Heard::default(),
    }
}

fn fetch(place: &Place, mailbox: &str, items: &str) -> Outcome {
    let mut session = Session::login(place.address);
    session.run(format!("EXAMINE {mailbox}"));
    let began = Instant::now();
    let heard = session.run(format!("FETCH 1:* {items}"));
    rate(heard.responses as usize, began, heard)
}

fn one_by_one(place: &Place, _: usize) -> Outcome {
    let mut session = Session::login(place.address);
    session.run(format!("EXAMINE {LETTERS}"));
    let messages = place.letters.min(1000);
    let mut heard = Heard::default();
    let began = Instant::now();
    for number in 1..=messages {
        heard.literals += session.run(format!("FETCH {number} BODY.PEEK[]")).literals;
    }
    rate(messages, began, heard)
}

fn append(place: &Place, sessions: usize, messages: usize) -> Outcome {
    append_of(place, sessions, messages, 4096)
}

fn large_append(place: &Place) -> Outcome {
    append_of(place, 1, 30, 256 * 1024)
}

fn append_of(place: &Place, sessions: usize, messages: usize, octets: usize) -> Outcome {
    let mut session = Session::login(place.address);
    session.run("CREATE Target");
    let commands: Vec<Vec<u8>> = (0..messages)
        .map(|number| append_command("Target", &[letter(number, octets)]))
        .collect();
    let began = Instant::now();
    at_once(sessions, |part| {
        let mut session = Session::login(place.address);
        for command in commands.iter().skip(part).step_by(sessions) {
            session.run(command);
        }
    });
    let outcome = rate(messages, began, Heard::default());
    session.run("DELETE Target");
    outcome
}

/// One command that appends these messages: more than one by MULTIAPPEND (RFC 3502).
pub(crate) fn append_command(mailbox: &str, messages: &[Vec<u8>]) -> Vec<u8> {
    let mut command = format!("APPEND {mailbox}").into_bytes();
    for message in messages {
        command.extend_from_slice(format!(" (\\Seen) {{{}+}}\r\n", message.len()).as_bytes());
        command.extend_from_slice(message);
    }
    command
}

fn store(place: &Place, sessions: usize, changes: usize, round: usize) -> Outcome {
    let sign = if round.is_multiple_of(2) { '+' } else { '-' };
    let mut all: Vec<Session> = (0..sessions).map(|_| Session::login(place.address)).collect();
    for session in &mut all {
        session.run(format!("SELECT {LETTERS}"));
    }
    let each = changes.min(place.letters) / sessions;
    let began = Instant::now();
    std::thread::scope(|scope| {
        for (part, mut session) in all.into_iter().enumerate() {
            scope.spawn(move || {
                for number in 1 + part * each..=(part + 1) * each {
                    session.run(format!("STORE {number} {sign}FLAGS (\\Flagged)"));
                }
            });
        }
    });
    rate(each * sessions, began, Heard::default())
}

fn store_all(place: &Place, round: usize) -> Outcome {
    let sign = if round.is_multiple_of(2) { '+' } else { '-' };
    let mut session = Session::login(place.address);
    session.run(format!("SELECT {LETTERS}"));
    let began = Instant::now();
    session.run(format!("STORE 1:* {sign}FLAGS (\\Answered)"));
    rate(place.letters, began, Heard::default())
}

fn search(place: &Place, key: &str, round: usize) -> Outcome {
    let mut session = Session::login(place.address);
    session.run(format!("EXAMINE {LETTERS}"));
    let began = Instant::now();
    let heard = session.run(format!("SEARCH {key} {}", word(round)));
    let heard = Heard {
        found: heard.found,
        ..Heard::default()
    };
    rate(place.letters, began, heard)
}

fn at_once(sessions: usize, part: impl Fn(usize) + Sync) {
    std::thread::scope(|scope| {
        for number in 0..sessions {
            let part = &part;
            scope.spawn(move || part(number));
        }
    });
}

fn rate(units: usize, began: Instant, heard: Heard) -> Outcome {
    Outcome {
        rate: units as f64 / began.elapsed().as_secs_f64(),
        heard,
    }
}

pub(crate) const LARGE: &str = "Large";
pub(crate) const LETTERS: &str = "Letters";
