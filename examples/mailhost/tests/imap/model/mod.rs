//! Several clients of different kinds on two mailboxes, under random commands, beside a naive store that says what must be there.
//!
//! What is checked: each response is one that this client may hear at this moment (`view.rs`); the store does what was asked and never
//! uses a number again (`truth.rs`); after NOOP no client's view differs from the store; a client that idles hears of each
//! change, as does one that listens by NOTIFY; QRESYNC brings one that was away to the exact state; what SEARCH, SORT and THREAD find, and what goes on
//! to be found, is what a naive search finds. Some of the clients compress. docs/threats.md row 26.
//!
//! A few hundred steps here; `IMAP_MODEL_STEPS=20000 IMAP_MODEL_SEED=7 cargo test -p mailhost --test imap model` is the long run. With
//! `IMAP_MODEL_PEER=ADDRESS:PORT` the clients talk to another server, where bob's password is hungry.

mod client;
mod concurrent;
mod context;
mod pop3;
mod searches;
mod steps;
mod truth;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;

use mail_testing::Random;

use crate::program::Host;
use crate::wire::Wire;
pub(crate) use client::Client;
use pop3::Maildrop;
use truth::Flags;
pub(crate) use truth::Truth;
pub(crate) use view::{Kind, View};

#[test]
fn no_view_differs_from_the_memory_store() {
    run(&["--store", "memory"], 300);
}

#[test]
fn no_view_differs_from_the_sqlite_store() {
    let folder = tempfile::tempdir().unwrap();
    run(&["--data", folder.path().to_str().unwrap()], 150);
}

fn run(arguments: &[&str], steps: usize) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let steps = number("IMAP_MODEL_STEPS").unwrap_or(steps);
    let seed = number("IMAP_MODEL_SEED").unwrap_or(1) as u64;
    let model = match std::env::var("IMAP_MODEL_PEER") {
        Ok(peer) => Model::new(peer.parse().expect("an address"), None, &KINDS_OF_OTHERS, seed),
        Err(_) => {
            let host = Host::start(arguments);
            return walk(Model::new(host.imap, Some(host.pop3), &KINDS, seed).unwrap(), steps);
        }
    };
    walk(model.unwrap(), steps);
}

fn walk(mut model: Model, steps: usize) {
    for step in 0..steps {
        model.at = step;
        model.step().unwrap_or_else(|error| panic!("step {step}: {error}"));
    }
    model.settle().unwrap();
}

const KINDS: [Kind; 5] = [Kind::Plain, Kind::Rev2, Kind::CondStore, Kind::QResync, Kind::UidOnly];

/// Few servers know IMAP4rev2 or UIDONLY.
const KINDS_OF_OTHERS: [Kind; 4] = [Kind::Plain, Kind::CondStore, Kind::QResync, Kind::Plain];

/// The mailboxes of the model.
const MAILBOXES: [&str; 2] = ["INBOX", "Archive"];

/// More messages make no better test.
const MANY: usize = 25;

struct Model {
    observer: Wire,
    clients: Vec<Client>,
    maildrop: Option<Maildrop>,
    pop3: Option<SocketAddr>,
    truths: BTreeMap<&'static str, Truth>,
    /// Which session each message was recent for.
    recent: BTreeMap<(&'static str, u32), usize>,
    random: Random,
    messages: usize,
    at: usize,
}

impl Drop for Model {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("at step {} the store held {:#?}", self.at, self.truths);
        }
    }
}

impl Model {
    fn new(address: SocketAddr, pop3: Option<SocketAddr>, kinds: &[Kind], seed: u64) -> io::Result<Self> {
        let mut observer = Wire::login(address, "the observer")?;
        observer.ok("CREATE Archive")?;
        let mut truths = BTreeMap::new();
        for mailbox in MAILBOXES {
            truths.insert(mailbox, Truth::look(&mut observer, mailbox)?);
        }
        let mut clients = Vec::new();
        for (number, kind) in kinds.iter().enumerate() {
            let mut client = Client::connect(address, *kind, &format!("client {number}, {kind:?}"))?;
            // Most of them at the same one.
            client.select(MAILBOXES[number / 4])?;
            if number % 2 == 1 && pop3.is_some() {
                client.compress()?;
            }
            clients.push(client);
        }
        Ok(Self {
            observer,
            clients,
            maildrop: None,
            pop3,
            truths,
            recent: BTreeMap::new(),
            random: Random::new(seed),
            messages: 0,
            at: 0,
        })
    }

    fn step(&mut self) -> io::Result<()> {
        let who = self.random.below(self.clients.len());
        if self.clients[who].listens() {
            self.clients[who].end_listening()?;
        }
        match self.random.below(100) {
            0..20 => self.concurrently()?,
            20..28 if self.pop3.is_some() => self.use_pop3()?,
            _ => self.act(who)?,
        }
        self.no_message_is_recent_twice();
        self.idlers_hear()
    }

    /// What a client does by itself, while the others wait or idle.
    fn act(&mut self, who: usize) -> io::Result<()> {
        let Some(mailbox) = self.clients[who].mailbox else {
            let mailbox = self.any_mailbox();
            self.clients[who].select(mailbox)?;
            return self.check_selected(who);
        };
        if self.clients[who].view.kind == Kind::UidOnly {
            // A range of UIDs would hold messages that it has not heard of.
            self.clients[who].learn()?;
        }
        let crowded = self.truths[mailbox].messages.len() > MANY;
        match self.random.below(if crowded { 40 } else { 100 }) {
            0..12 => self.expunge(who, crowded),
            12..20 => self.uid_expunge(who),
            20..30 => self.move_messages(who),
            30..40 => self.settle_one(who),
            40..60 => self.append(who),
            60..66 => self.copy(who),
            66..68 => self.search(who),
            68..72 => self.search_exactly(who),
            72..75 => self.fetch(who),
            75..84 => self.store(who),
            84..87 => self.replace(who),
            87..89 => self.clients[who].idle(),
            89..91 => self.clients[who].watch(),
            91..94 => self.leave(who),
            94..97 => self.status(who),
            _ => self.reconnect(who),
        }
    }

    /// Looks at all mailboxes, as somebody who was not there before.
    fn look(&mut self) -> io::Result<BTreeMap<&'static str, Truth>> {
        let mut now = BTreeMap::new();
        for mailbox in MAILBOXES {
            let truth = Truth::look(&mut self.observer, mailbox)?;
            truth.follows(&self.truths[mailbox]);
            now.insert(mailbox, truth);
        }
        Ok(now)
    }

    /// Looks whether there is what a naive store would have.
    fn conclude(&mut self, expected: &BTreeMap<&'static str, Truth>) -> io::Result<()> {
        let now = self.look()?;
        for mailbox in MAILBOXES {
            now[mailbox].is_as_expected(&expected[mailbox]);
        }
        self.truths = now;
        Ok(())
    }

    fn idlers_hear(&mut self) -> io::Result<()> {
        for client in self.clients.iter_mut().filter(|client| client.listens()) {
            if let Some(mailbox) = client.mailbox {
                client.hears_of(&self.truths[mailbox])?;
            }
        }
        Ok(())
    }

    /// A message is recent in the first session that hears of it, and in no other (RFC 3501 §2.3.2).
    fn no_message_is_recent_twice(&mut self) {
        for (number, client) in self.clients.iter_mut().enumerate() {
            let Some(mailbox) = client.mailbox else { continue };
            for uid in std::mem::take(&mut client.view.recent) {
                let first = *self.recent.entry((mailbox, uid)).or_insert(number);
                assert_eq!(first, number, "message {uid} of {mailbox} is recent for two sessions");
            }
        }
    }

    fn settle_one(&mut self, who: usize) -> io::Result<()> {
        match self.clients[who].mailbox {
            Some(mailbox) => self.clients[who].settle(&self.truths[mailbox]),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> io::Result<()> {
        for who in 0..self.clients.len() {
            self.clients[who].end_listening()?;
            self.settle_one(who)?;
        }
        Ok(())
    }

    /// Where something goes to: not where there is much already.
    fn any_mailbox(&mut self) -> &'static str {
        let any = self.random.below(MAILBOXES.len());
        let crowded = self.truths[MAILBOXES[any]].messages.len() > MANY;
        MAILBOXES[if crowded { 1 - any } else { any }]
    }

    /// Some flags, in their names' lower case; maybe none.
    fn any_flags(&mut self) -> Flags {
        let names = [
            "\\seen",
            "\\flagged",
            "\\deleted",
            "\\answered",
            "\\draft",
            "$work",
            "todo",
        ];
        let mut flags = BTreeSet::new();
        for _ in 0..self.random.below(4) {
            flags.insert(names[self.random.below(names.len())].to_owned());
        }
        flags
    }
}

/// A message with a number.
fn text(number: usize) -> String {
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    format!("Date: 1 Jan 2026 {hour:02}:{minute:02}:{second:02} +0000\r\nSubject: message {number}\r\n\r\nHello.\r\n")
}

/// As a list between parentheses.
fn list(flags: &Flags) -> String {
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    format!("({})", flags.join(" "))
}
