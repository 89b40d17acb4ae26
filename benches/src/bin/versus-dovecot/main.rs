//! `mailhost serve` by IMAP beside a Dovecot with Maildir, on one disk, in one run; then what only mailhost is asked: how long SELECT of a
//! huge mailbox takes, and what idle sessions hold in memory.
//!
//! `cargo run --release --bin versus-dovecot -- [OPTION VALUE]…`; needs the Debian package dovecot-imapd, and root, which
//! Dovecot starts as.
//!
//! | option | what it says |
//! |---|---|
//! | `--mailhost PATH` | the program; `../target/release/mailhost` |
//! | `--disk FOLDER` | where both keep their mail; `/var/tmp` |
//! | `--rounds N` | of each work; 5 |
//! | `--large N` | messages in the large mailbox; 100,000 |
//! | `--letters N` | messages of 4 KiB in the one that is read and searched; 5,000 |
//! | `--huge N` | messages of the mailbox that mailhost alone selects, 0 to leave that out; 1,000,000 |
//! | `--idle N` | sessions in IDLE, 0 to leave that out; 1,000 |
//! | `--fsync WHEN` | Dovecot's `mail_fsync`: `optimized` or `always`; `optimized` |
//! | `--only TEXT` | of the works those whose name has it |
//!
//! Rounds alternate between the two, so that what else the machine does hits both; the ratio is that of the medians. Dovecot is
//! what Debian ships, with processes kept for the next client. With `optimized`, which is its default, what APPEND brings is flushed and a
//! change of flags is not; with `always` it flushes both, as mailhost does.

mod dovecot;
mod letters;
mod session;
mod work;

use std::path::Path;
use std::time::Instant;

use mail_benches::servers::{Server, median};
use mail_testing::peers::Memory;

use dovecot::{Dovecot, Maildir};
use letters::letter;
use session::Session;
use work::{LARGE, LETTERS, Place, WORKS, Work, append_command};

fn main() {
    let options = Options::read();
    let folder = tempfile::Builder::new()
        .prefix("versus-dovecot-")
        .tempdir_in(&options.disk);
    let folder = folder.unwrap_or_else(|error| panic!("{}: {error}", options.disk));
    let data = folder.path().join("mailhost").display().to_string();
    let arguments = [
        "--imap",
        "127.0.0.1:0",
        "--data",
        &data,
        "--sessions",
        &(options.idle + 100).to_string(),
        "--connections-per-client",
        &(options.idle + 100).to_string(),
    ];
    let mailhost = Server::mailhost_with_door("imap", &options.mailhost, &arguments);
    fill_mailhost(&options, &mailhost);
    compare(&options, &mailhost, folder.path());
    if options.huge > 0 {
        huge(&options, &mailhost);
    }
    if options.idle > 0 {
        idle(&options, &mailhost);
    }
}

fn compare(options: &Options, mailhost: &Server, folder: &Path) {
    let works: Vec<&Work> = WORKS.iter().filter(|work| work.name.contains(&options.only)).collect();
    if works.is_empty() {
        return;
    }
    fill_dovecot(options, folder);
    let dovecot = Dovecot::start(folder, &options.fsync);
    let [ours, theirs] = [mailhost.address, dovecot.address].map(|address| Place {
        address,
        letters: options.letters,
    });
    // It looks at the files for the first time.
    let mut session = Session::login(theirs.address);
    for name in [LARGE, LETTERS] {
        let heard = session.run(format!("SELECT {name}"));
        assert!(heard.responses > 0);
    }
    session.run("LOGOUT");

    println!(
        "on {}, median of {} rounds (lowest to highest)",
        options.disk, options.rounds
    );
    println!(
        "{} messages in the large mailbox, {} letters of 4 KiB\n",
        options.large, options.letters
    );
    println!("{:34} {:>26} {:>26} {:>7}", "", "mailhost", "Dovecot", "ratio");
    for work in works {
        row(work, &ours, &theirs, options.rounds);
    }
    println!();
}

fn row(work: &Work, ours: &Place, theirs: &Place, rounds: usize) {
    let (mut mine, mut other) = (Vec::new(), Vec::new());
    // The first round warms both.
    for round in 0..=rounds {
        let (a, b) = ((work.run)(ours, round), (work.run)(theirs, round));
        assert_eq!(a.heard, b.heard, "{}: they say different things", work.name);
        if round > 0 {
            mine.push(a.rate);
            other.push(b.rate);
        }
    }
    let ratio = median(mine.clone()) / median(other.clone());
    println!(
        "{:34} {:>26} {:>26} {ratio:7.2}  {}",
        work.name,
        range(&mine),
        range(&other),
        work.unit
    );
}

/// The first SELECT after the start fills what the server remembers; the others are measured.
fn huge(options: &Options, mailhost: &Server) {
    let mut session = Session::login(mailhost.address);
    session.run("CREATE Huge");
    session.run(format!("EXAMINE {LARGE}"));
    let mut there = 0;
    while there < options.huge {
        let more = options.large.min(options.huge - there);
        session.run(format!("COPY 1:{more} Huge"));
        there += more;
    }
    let select = || {
        let mut session = Session::login(mailhost.address);
        let began = Instant::now();
        session.run("SELECT Huge");
        began.elapsed().as_secs_f64() * 1e3
    };
    let first = select();
    let times: Vec<f64> = (0..9).map(|_| select()).collect();
    println!(
        "SELECT of {} messages by mailhost: {first:.1} ms at first, then {:.1} ms (median of 9)",
        options.huge,
        median(times)
    );
}

fn idle(options: &Options, mailhost: &Server) {
    let open = |count: usize| -> Vec<Session> {
        let opened = (0..count).map(|_| {
            let mut session = Session::login(mailhost.address);
            session.run(format!("SELECT {LETTERS}"));
            session.idle();
            session
        });
        opened.collect()
    };
    // What the first ones cost is not for them alone.
    let _warm = open(20);
    let before = settled(mailhost);
    let sessions = open(options.idle);
    let after = settled(mailhost);
    let each = after.saturating_sub(before) / sessions.len() as u64;
    println!(
        "{} sessions in IDLE on a mailbox of {}: {each} octets of resident memory each",
        sessions.len(),
        options.letters
    );
}

/// The server's memory, once it has nothing more to do.
fn settled(server: &Server) -> u64 {
    std::thread::sleep(std::time::Duration::from_secs(1));
    Memory::of(server.id()).resident
}

fn fill_mailhost(options: &Options, mailhost: &Server) {
    let mut session = Session::login(mailhost.address);
    for (name, count, octets) in mailboxes(options) {
        session.run(format!("CREATE {name}"));
        for first in (0..count).step_by(BATCH) {
            let letters: Vec<Vec<u8>> = (first..count.min(first + BATCH))
                .map(|number| letter(number, octets))
                .collect();
            session.run(append_command(name, &letters));
        }
    }
}

fn fill_dovecot(options: &Options, folder: &Path) {
    for (name, count, octets) in mailboxes(options) {
        let maildir = Maildir::create(folder, name);
        for number in 0..count {
            maildir.put(number, &letter(number, octets));
        }
    }
}

/// Name, messages, and octets of each.
const fn mailboxes(options: &Options) -> [(&'static str, usize, usize); 2] {
    [(LARGE, options.large, 400), (LETTERS, options.letters, 4096)]
}

/// Messages of one APPEND that fills mailhost.
const BATCH: usize = 500;

fn range(values: &[f64]) -> String {
    let (low, high) = values.iter().fold((f64::MAX, 0f64), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    format!("{:.0} ({low:.0}–{high:.0})", median(values.to_vec()))
}

struct Options {
    mailhost: String,
    disk: String,
    rounds: usize,
    large: usize,
    letters: usize,
    huge: usize,
    idle: usize,
    fsync: String,
    only: String,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            mailhost: "../target/release/mailhost".to_owned(),
            disk: "/var/tmp".to_owned(),
            rounds: 5,
            large: 100_000,
            letters: 5000,
            huge: 1_000_000,
            idle: 1000,
            fsync: "optimized".to_owned(),
            only: String::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
            let number = || value.parse().unwrap_or_else(|_| panic!("{name} needs a number"));
            match name.as_str() {
                "--mailhost" => options.mailhost = value,
                "--disk" => options.disk = value,
                "--fsync" => options.fsync = value,
                "--only" => options.only = value,
                "--rounds" => options.rounds = number(),
                "--large" => options.large = number(),
                "--letters" => options.letters = number(),
                "--huge" => options.huge = number(),
                "--idle" => options.idle = number(),
                other => panic!("no option {other}"),
            }
        }
        options
    }
}
