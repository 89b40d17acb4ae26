//! SIGKILL at random moments: what was acknowledged is there, numbers never go back, and a client with QRESYNC comes to the exact
//! state.
//!
//! A few kills here; `IMAP_KILLS=50 cargo test --release -p mailhost --test imap kill` is the long run.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use imap_proto::{Code, Condition, Data, FetchItem, Status};
use mail_testing::Random;

use crate::model::{Client, Kind, Truth, View};
use crate::program::Host;
use crate::wire::Wire;

#[test]
fn what_was_acknowledged_survives_sigkill() {
    let kills: usize = std::env::var("IMAP_KILLS").map_or(3, |text| text.parse().expect("a number of kills"));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut random = Random::new(std::process::id().into());
    let mut host = Host::start(&["--data", data]);
    let mut wire = Wire::login(host.imap, "the observer").unwrap();
    wire.ok("CREATE Archive").unwrap();
    let mut before = MAILBOXES.map(|mailbox| Truth::look(&mut wire, mailbox).unwrap());
    let mut watched = View::new(Kind::QResync);
    let mut workers: Vec<Worker> = (0..WORKERS).map(Worker::new).collect();

    for _ in 0..kills {
        let pause = Duration::from_millis(20 + random.below(250) as u64);
        let imap = host.imap;
        watched = thread::scope(|scope| {
            for worker in &mut workers {
                scope.spawn(|| worker.work(imap));
            }
            let watcher = scope.spawn(|| watch(imap, watched));
            // The moment is chosen at random, so there is no event to wait for.
            thread::sleep(pause);
            host.process.kill().unwrap();
            watcher.join().unwrap()
        });
        host.process.wait().unwrap();
        host = Host::start(&["--data", data]);
        wire = Wire::login(host.imap, "the observer").unwrap();
        let now = MAILBOXES.map(|mailbox| Truth::look(&mut wire, mailbox).unwrap());
        for (now, before) in now.iter().zip(&before) {
            now.follows(before);
        }
        for worker in &mut workers {
            worker.finds(&now);
        }
        watched = resynchronised(host.imap, watched, &now[0]);
        before = now;
    }
    let done: usize = workers.iter().map(|worker| worker.done).sum();
    assert!(done >= kills, "the load was none: {done} commands");
    println!("{kills} kills, {done} acknowledged commands");
}

const MAILBOXES: [&str; 2] = ["INBOX", "Archive"];
const WORKERS: usize = 4;

/// Follows the INBOX until the server is gone; what it knew when it last knew everything.
fn watch(imap: SocketAddr, view: View) -> View {
    let mut settled = view.clone();
    let _ended = (|| -> io::Result<()> {
        let mut client = Client::resume(imap, view, MAILBOXES[0])?;
        loop {
            client.refresh()?;
            settled = client.view.clone();
        }
    })();
    settled
}

/// By QRESYNC from there to the exact state.
fn resynchronised(imap: SocketAddr, view: View, truth: &Truth) -> View {
    assert!(
        view.highest <= truth.highest,
        "HIGHESTMODSEQ was {}: {truth:?}",
        view.highest
    );
    let client = Client::resume(imap, view, MAILBOXES[0]).unwrap();
    let difference = client.view.difference(truth);
    assert!(difference.is_none(), "after QRESYNC: {difference:?}");
    let mut view = client.view.clone();
    view.is_settled();
    view
}

/// A session that changes messages of its own, and remembers what was acknowledged.
struct Worker {
    number: usize,
    messages: usize,
    done: usize,
    random: Random,
    /// By subject: what was acknowledged.
    own: BTreeMap<String, Place>,
    /// What was asked for and not answered: before and after.
    open: Option<(String, Option<Place>)>,
    /// Each UID that was ever told, and the message's subject.
    told: BTreeMap<(usize, u32), String>,
    highest: [u64; 2],
}

/// Where a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    mailbox: usize,
    uid: Option<u32>,
    flagged: bool,
}

impl Worker {
    fn new(number: usize) -> Self {
        Self {
            number,
            messages: 0,
            done: 0,
            random: Random::new(number as u64),
            own: BTreeMap::new(),
            open: None,
            told: BTreeMap::new(),
            highest: [0; 2],
        }
    }

    /// Until the server is gone.
    fn work(&mut self, imap: SocketAddr) {
        let Ok(mut wire) = Wire::login(imap, "a worker") else {
            return;
        };
        let mut selected = None;
        loop {
            if self.change(&mut wire, &mut selected).is_err() {
                return;
            }
            self.done += 1;
        }
    }

    fn change(&mut self, wire: &mut Wire, selected: &mut Option<usize>) -> io::Result<()> {
        let known: Vec<(String, Place)> = self
            .own
            .clone()
            .into_iter()
            .filter(|(_, place)| place.uid.is_some())
            .collect();
        if known.len() < 5 || self.random.below(3) == 0 {
            return self.append(wire);
        }
        let (subject, place) = known[self.random.below(known.len())].clone();
        if *selected != Some(place.mailbox) {
            *selected = None;
            wire.ok(format!("SELECT {} (CONDSTORE)", MAILBOXES[place.mailbox]))?;
            *selected = Some(place.mailbox);
        }
        let uid = place.uid.expect("those were chosen");
        let (command, after) = match self.random.below(4) {
            0 => {
                let to = 1 - place.mailbox;
                let command = format!("UID MOVE {uid} {}", MAILBOXES[to]);
                let moved = Place {
                    mailbox: to,
                    uid: None,
                    ..place
                };
                (command, Some(moved))
            }
            1 => {
                wire.ok(format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))?;
                (format!("UID EXPUNGE {uid}"), None)
            }
            _ => {
                let sign = if place.flagged { '-' } else { '+' };
                let flagged = !place.flagged;
                (
                    format!("UID STORE {uid} {sign}FLAGS (\\Flagged)"),
                    Some(Place { flagged, ..place }),
                )
            }
        };
        self.open = Some((subject, after));
        let outcome = wire.run(command)?;
        assert!(outcome.is_ok(), "{:?}", outcome.status);
        self.heard(place.mailbox, &outcome.data);
        self.acknowledged(&outcome.status, &outcome.data);
        Ok(())
    }

    fn append(&mut self, wire: &mut Wire) -> io::Result<()> {
        self.messages += 1;
        let subject = format!("{}-{}", self.number, self.messages);
        let lines = if self.messages.is_multiple_of(5) { 3000 } else { 3 };
        let text = format!(
            "Subject: {subject}\r\n\r\n{}",
            "The mill turns, the miller sleeps.\r\n".repeat(lines)
        );
        let mailbox = self.random.below(2);
        let place = Place {
            mailbox,
            uid: None,
            flagged: false,
        };
        self.open = Some((subject, Some(place)));
        let outcome = wire.run(format!("APPEND {} {{{}+}}\r\n{text}", MAILBOXES[mailbox], text.len()))?;
        assert_eq!(outcome.status.condition, Condition::Ok, "{:?}", outcome.status);
        self.acknowledged(&outcome.status, &outcome.data);
        Ok(())
    }

    fn heard(&mut self, mailbox: usize, data: &[Data<'_>]) {
        for data in data {
            let Data::Fetch(fetch) = data else { continue };
            for item in fetch.items() {
                if let FetchItem::ModSeq(mod_seq) = item {
                    self.highest[mailbox] = self.highest[mailbox].max(mod_seq.get());
                }
            }
        }
    }

    fn acknowledged(&mut self, status: &Status<'_>, data: &[Data<'_>]) {
        let Some((subject, after)) = self.open.take() else {
            return;
        };
        let Some(mut place) = after else {
            self.own.remove(&subject);
            return;
        };
        let untagged = data.iter().filter_map(|data| match data {
            Data::Status(status) => status.code.as_ref(),
            _ => None,
        });
        for code in untagged.chain(&status.code) {
            if let Code::AppendUid { uids, .. } | Code::CopyUid { destination: uids, .. } = code {
                place.uid = uids.numbers().next().map(u32::from);
            }
        }
        assert!(place.uid.is_some(), "a new UID is told");
        if let Some(uid) = place.uid {
            let other = self.told.insert((place.mailbox, uid), subject.clone());
            assert!(other.is_none_or(|other| other == subject), "UID {uid} is used again");
        }
        self.own.insert(subject, place);
    }

    /// All that was acknowledged is there; what was not may be there, or not.
    fn finds(&mut self, now: &[Truth; 2]) {
        let mine = format!("{}-", self.number);
        let mut found: BTreeMap<String, Place> = BTreeMap::new();
        for (mailbox, truth) in now.iter().enumerate() {
            assert!(
                self.highest[mailbox] <= truth.highest,
                "MODSEQ {} was told: {truth:?}",
                self.highest[mailbox]
            );
            for (uid, message) in &truth.messages {
                if let Some(told) = self.told.get(&(mailbox, *uid)) {
                    assert_eq!(*told, message.subject, "UID {uid} is used again");
                }
                if message.subject.starts_with(&mine) {
                    let flagged = message.flags.contains("\\flagged");
                    let place = Place {
                        mailbox,
                        uid: Some(*uid),
                        flagged,
                    };
                    let twin = found.insert(message.subject.clone(), place);
                    assert!(twin.is_none(), "{} is there twice", message.subject);
                }
            }
        }
        let open = self.open.take();
        let subjects: BTreeSet<&String> = self.own.keys().chain(found.keys()).collect();
        for subject in subjects {
            let (place, acknowledged) = (found.get(subject), self.own.get(subject));
            let after = open
                .as_ref()
                .filter(|(open, _)| open == subject)
                .map(|(_, after)| after);
            let is = |wanted: Option<&Place>| match (place, wanted) {
                (Some(place), Some(wanted)) => {
                    place.mailbox == wanted.mailbox
                        && place.flagged == wanted.flagged
                        && wanted.uid.is_none_or(|uid| place.uid == Some(uid))
                }
                (None, None) => true,
                _ => false,
            };
            let stands = is(acknowledged) || after.is_some_and(|after| is(after.as_ref()));
            assert!(
                stands,
                "{subject}: {place:?}, but {acknowledged:?} was acknowledged, and {open:?} was asked for"
            );
        }
        for (subject, place) in &found {
            self.told
                .insert((place.mailbox, place.uid.expect("it was found")), subject.clone());
        }
        self.own = found;
    }
}
