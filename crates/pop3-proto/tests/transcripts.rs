//! Dialogues as text files, replayed against both machines in many chunkings.

mod support;

use std::cell::RefCell;
use std::rc::Rc;

use mail_testing::{Application, Side, Transcript, replay};
use mail_wire::Misuse;
use pop3_proto::{Server, server};
use support::{Caller, Host};

fn transcripts() -> Vec<Transcript> {
    Transcript::folder(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts"))
}

/// docs/threats.md row 21, row 27 and row 31 among others: what each transcript says.
#[test]
fn the_server_says_what_the_transcripts_say() {
    for transcript in transcripts() {
        if transcript.settings("peer").next().is_some() {
            continue;
        }
        let asked: Rc<RefCell<Vec<Vec<String>>>> = Rc::default();
        replay(&transcript, Side::Server, || {
            let (server, host) = support::server(&transcript);
            (server, Watched(host, Rc::clone(&asked)))
        });
        let expected: Vec<&str> = transcript.settings("asked").collect();
        for asked in asked.borrow().iter().filter(|_| !expected.is_empty()) {
            assert_eq!(*asked, expected, "{}", transcript.name());
        }
    }
}

#[test]
fn the_client_says_and_tells_what_the_transcripts_say() {
    for transcript in transcripts() {
        if transcript.settings("do").next().is_none() {
            continue;
        }
        let told = RefCell::new(Vec::<Told>::new());
        replay(&transcript, Side::Client, || {
            let (client, caller) = support::client(&transcript);
            told.borrow_mut().push(Rc::clone(&caller.told));
            (client, caller)
        });
        let expected: Vec<&str> = transcript.settings("event").collect();
        for told in told.borrow().iter() {
            assert_eq!(*told.borrow(), expected, "{}", transcript.name());
        }
    }
}

/// Our client and our server have the transcripts' dialogues with each other.
#[test]
fn client_and_server_have_the_dialogue() {
    for transcript in transcripts() {
        let foreign = transcript.settings("peer").next().is_some();
        if foreign || transcript.settings("do").next().is_none() {
            continue;
        }
        for capacity in [1, 7, 1024] {
            let (mut client, mut caller) = support::client(&transcript);
            let (mut server, mut host) = support::server(&transcript);
            mail_testing::converse((&mut client, &mut caller), (&mut server, &mut host), capacity);
            let expected: Vec<&str> = transcript.settings("event").collect();
            assert_eq!(*caller.told.borrow(), expected, "{}", transcript.name());
        }
    }
}

/// What one caller was told.
type Told = Rc<RefCell<Vec<String>>>;

/// A host that leaves what it was asked behind.
struct Watched(Host, Rc<RefCell<Vec<Vec<String>>>>);

impl Application<Server> for Watched {
    fn event(&mut self, machine: &mut Server, event: server::Event) {
        self.0.event(machine, event);
    }

    fn need_body(&mut self, machine: &mut Server) {
        self.0.need_body(machine);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.1.borrow_mut().push(std::mem::take(&mut self.0.asked));
    }
}

/// What the callers' script does when a command is not allowed.
#[test]
fn misuse_changes_nothing() {
    let mut client = pop3_proto::Client::new(support::secured());
    let not_yet = |command| Err(Misuse::OutOfSequence { command });
    assert_eq!(support::submit(&mut client, "stat"), not_yet("STAT"));
    assert_eq!(support::submit(&mut client, "apop bob hungry"), not_yet("APOP"));
    assert_eq!(support::submit(&mut client, "login bob hungry"), Ok(()));
    assert_eq!(support::submit(&mut client, "login bob hungry"), not_yet("USER"));
    assert_eq!(support::submit(&mut client, "stat"), Ok(()));
    assert_eq!(support::submit(&mut client, "quit"), Ok(()));
    assert_eq!(support::submit(&mut client, "noop"), not_yet("NOOP"));
    let caller = Caller::new(&[]);
    assert!(caller.told.borrow().is_empty());
}
