//! The client's machine has the dialogues of the transcripts: it sends the commands that they show, and tells what the server says.

mod dialogue;

use dialogue::told::Told;
use dialogue::{Said, Unit, units};
use imap_proto::client::{Config, Error, Event, Security};
use imap_proto::{Client, Command, Data, Response, TaggedCommand};
use mail_testing::Transcript;
use mail_wire::{Machine, Step};

#[test]
fn the_client_has_the_dialogues() {
    let mut played = 0;
    for transcript in Transcript::folder(dialogue::FOLDER) {
        let said = units(&transcript);
        // A client that is right does not have these: its commands are wrong, or it would not have been refused.
        let foreign = transcript
            .settings("client")
            .any(|how| how == "wrong" || how == "foreign");
        if foreign || said.iter().any(|said| matches!(said.unit, Unit::Refused(_))) {
            continue;
        }
        played += 1;
        for piece in [usize::MAX, 1, 7] {
            Caller::new(&transcript, piece).play(&said);
        }
    }
    assert!(played > 280, "{played}");
}

/// The program beside a client, which does what a transcript shows.
struct Caller<'t> {
    name: &'t str,
    offers: String,
    piece: usize,
    client: Client,
    sent: Vec<u8>,
    /// Answers to what the machine asked by itself, which it has not told yet.
    unscripted: usize,
    told: Told,
}

impl<'t> Caller<'t> {
    fn new(transcript: &'t Transcript, piece: usize) -> Self {
        let offers: Vec<_> = transcript.settings("offer").collect();
        let mut caller = Self {
            name: transcript.name(),
            offers: format!("IMAP4rev1 {}", offers.join(" ")).trim().to_owned(),
            piece,
            client: Client::new(Config {
                security: Security::Plaintext,
                ..Config::default()
            }),
            sent: Vec::new(),
            unscripted: 0,
            told: Told::default(),
        };
        let greeting = match dialogue::state(transcript) {
            "greeting" => return caller,
            "not-authenticated" => "OK",
            _ => "PREAUTH",
        };
        caller.hear(format!("* {greeting} [CAPABILITY {}] ready\r\n", caller.offers).as_bytes());
        if dialogue::state(transcript) == "selected" {
            caller.submit("T1", Command::Select(imap_proto::Mailbox::Inbox.into()));
            caller.settle();
            caller.hear(b"* 1000 EXISTS\r\n* OK [UIDVALIDITY 1] yes\r\nT1 OK [READ-WRITE] selected\r\n");
        }
        caller.settle();
        caller.told.responses.clear();
        caller.sent.clear();
        caller
    }

    fn play(mut self, said: &[Said]) {
        let last = said.iter().map(|said| said.ends).max().unwrap_or(0);
        for turn in 0..=last {
            for said in said {
                match &said.unit {
                    Unit::Command(TaggedCommand { tag, command }) if said.begins == turn => {
                        self.submit(tag.as_str(), command.clone());
                    }
                    Unit::Sasl(response) if said.begins == turn => {
                        // An initial response that the client holds back is sent by itself.
                        let _ = self.client.respond(response);
                    }
                    Unit::Done if said.begins == turn => self.client.done(),
                    Unit::Response(response) if said.begins == turn => {
                        self.settle();
                        if !matches!(response, Response::Continuation(_)) || self.waits() {
                            self.hear(&said.octets);
                        }
                    }
                    _ => {}
                }
            }
            self.settle();
        }
        self.compare(said);
    }

    /// Whether the client waits for `+`: it may have spelled a string without a literal.
    fn waits(&self) -> bool {
        let line = self.sent.rsplit(|octet| *octet == b'\n').nth(1).unwrap_or_default();
        let announces = line.ends_with(b"}\r") && !line.ends_with(b"+}\r");
        let upper = line.to_ascii_uppercase();
        announces || self.client.awaits_continuation() || upper.ends_with(b" IDLE\r")
    }

    fn submit(&mut self, tag: &str, command: Command<'static>) {
        self.told.submit(&mut self.client, self.name, tag, command);
    }

    fn hear(&mut self, octets: &[u8]) {
        for piece in octets.chunks(self.piece.min(octets.len().max(1))) {
            let mut rest = piece;
            while !rest.is_empty() {
                let n = self.client.receive(rest);
                rest = &rest[n..];
                self.settle();
                assert!(n > 0 || rest.is_empty(), "{}: no room", self.name);
            }
        }
    }

    fn settle(&mut self) {
        loop {
            let step = self.client.poll();
            self.flush();
            match step {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::NeedFlush) => {}
                Ok(Step::Upgrade(layer)) => self.client.upgrade(layer),
                Ok(Step::NeedInput | Step::NeedAnswer | Step::Closed) => return,
                // Turned away.
                Err(Error::Bye(status)) => return self.told.turned_away(&self.client, *status),
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }

    /// What is to be written; the machine's own question for capabilities is answered here.
    fn flush(&mut self) {
        let octets = self.client.transmit().to_vec();
        self.client.transmitted(octets.len());
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            match own_question(line) {
                Some(tag) => {
                    let answer = format!("* CAPABILITY {}\r\n{tag} OK done\r\n", self.offers);
                    assert_eq!(self.client.receive(answer.as_bytes()), answer.len());
                    self.unscripted += 1;
                }
                None => self.sent.extend_from_slice(line),
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Data(data) if self.unscripted > 0 && matches!(*data, Data::Capability(_)) => self.unscripted -= 1,
            event => self.told.event(self.name, event),
        }
    }

    fn compare(mut self, said: &[Said]) {
        let expected = said.iter().filter_map(|said| match &said.unit {
            Unit::Response(response) if !matches!(response, Response::Continuation(_)) => Some(response),
            _ => None,
        });
        for expected in expected {
            let told = self.told.responses.pop_front();
            assert_eq!(told.as_ref(), Some(expected), "{}", self.name);
        }
        assert!(self.told.responses.is_empty(), "{}: {:?} as well", self.name, self.told);
        self.compare_sent(said);
    }

    fn compare_sent(&self, said: &[Said]) {
        let mut rest = self.sent.as_slice();
        for said in said {
            match &said.unit {
                Unit::Command(expected) => {
                    let mut reading = said.reading();
                    reading.utf8 |= self.client.enabled().is_utf8() && said.utf8;
                    let parsed = TaggedCommand::parse(rest, reading);
                    match parsed {
                        Ok(imap_proto::Parsed::Complete { value, octets }) => {
                            assert!(
                                same_command(&value, expected),
                                "{}: {value:?} is not {expected:?}",
                                self.name
                            );
                            rest = &rest[octets..];
                        }
                        other => panic!(
                            "{}: {other:?} in place of {expected:?}: {:?}",
                            self.name,
                            String::from_utf8_lossy(rest)
                        ),
                    }
                }
                Unit::Sasl(_) | Unit::Done => {
                    assert!(
                        rest.starts_with(&said.octets),
                        "{}: {:?}",
                        self.name,
                        String::from_utf8_lossy(rest)
                    );
                    rest = &rest[said.octets.len()..];
                }
                _ => {}
            }
        }
        assert!(
            rest.is_empty(),
            "{}: {:?} as well",
            self.name,
            String::from_utf8_lossy(rest)
        );
    }
}

/// Alike, but for an initial response that goes as a line of its own.
fn same_command(a: &TaggedCommand<'_>, b: &TaggedCommand<'_>) -> bool {
    match (&a.command, &b.command) {
        (Command::Authenticate(one), Command::Authenticate(other)) => {
            a.tag == b.tag && one.mechanism == other.mechanism
        }
        _ => a == b,
    }
}

fn own_question(line: &[u8]) -> Option<&str> {
    let line = str::from_utf8(line).ok()?.strip_suffix(" CAPABILITY\r\n")?;
    let number = line.strip_prefix('A')?;
    number.bytes().all(|octet| octet.is_ascii_digit()).then_some(line)
}
