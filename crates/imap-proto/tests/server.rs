//! The server's machine has the dialogues of the transcripts, with an application that says what they show.

mod dialogue;

use std::collections::VecDeque;
use std::sync::Arc;

use dialogue::{Said, Unit, units};
use imap_proto::server::{
    Completion, Compress, Config, Event, Offers, Opening, Plaintext, Refusal, SaslStep, Security, StartTls,
};
use imap_proto::{Capability, Code, Condition, Data, IntoBoundedStatic, Parsed, Phase, Response, Server, Status, Tag};
use mail_testing::Transcript;
use mail_wire::{Answers, Machine, Step};

#[test]
fn the_server_has_the_dialogues() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    let mut played = 0;
    for transcript in Transcript::folder(folder) {
        if transcript.settings("server").any(|how| how == "foreign") {
            continue;
        }
        let said = units(&transcript);
        played += 1;
        for piece in [usize::MAX, 1, 7] {
            Host::new(&transcript, &said, piece).play(&said);
        }
    }
    assert!(played > 280, "{played}");
}

/// The program beside a server, which answers as a transcript shows.
struct Host<'t> {
    name: &'t str,
    piece: usize,
    server: Server,
    /// What is still to be said, and what was said.
    script: VecDeque<Response<'static>>,
    written: Vec<u8>,
}

impl<'t> Host<'t> {
    fn new(transcript: &'t Transcript, said: &[Said], piece: usize) -> Self {
        let state = transcript.settings("state").next().unwrap_or("authenticated");
        let offers = transcript
            .settings("offer")
            .flat_map(str::split_whitespace)
            .map(str::to_owned);
        let machine_made = ["STARTTLS", "LOGINDISABLED", "COMPRESS=DEFLATE"];
        let offered: Vec<_> = offers.collect();
        let has = |name: &str| offered.iter().any(|offer| offer == name);
        let always = offered.iter().filter(|offer| !machine_made.contains(&offer.as_str()));
        let config = Config {
            opening: match state {
                "greeting" | "not-authenticated" => opening_of(said),
                _ => Opening::PreAuthenticated,
            },
            offers: Offers {
                always: std::iter::once(Capability::fixed("IMAP4rev1"))
                    .chain(always.map(|offer| Capability::new(offer.clone()).expect("a capability")))
                    .collect(),
                ..Offers::default()
            },
            starttls: if has("STARTTLS") {
                StartTls::Offered
            } else {
                StartTls::NotOffered
            },
            compress: if has("COMPRESS=DEFLATE") {
                Compress::Offered
            } else {
                Compress::NotOffered
            },
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        let mut script: VecDeque<_> = said.iter().filter_map(|said| said.response()).collect();
        let mut host = Self {
            name: transcript.name(),
            piece,
            server: Server::new(Arc::new(config), Security::Plaintext),
            script: VecDeque::new(),
            written: Vec::new(),
        };
        match state {
            "greeting" => drop(script.pop_front()),
            "selected" => {
                host.script.push_back(ok("T1", Some(Code::ReadWrite)));
                host.hear(b"T1 SELECT INBOX\r\n");
                assert_eq!(host.server.phase(), Phase::Selected);
            }
            _ => {}
        }
        host.settle();
        host.written.clear();
        host.script = script;
        host
    }

    fn play(mut self, said: &[Said]) {
        let last = said.iter().map(|said| said.ends).max().unwrap_or(0);
        let mut pending = Vec::new();
        for turn in 0..=last {
            for said in said.iter().filter(|said| said.ends == turn) {
                match &said.unit {
                    Unit::Command(_) | Unit::Refused(_) | Unit::Sasl(_) | Unit::Done | Unit::Wrong(_) => {
                        pending.extend_from_slice(&said.octets);
                    }
                    Unit::Response(_) => {}
                }
            }
            let octets = std::mem::take(&mut pending);
            self.hear(&octets);
        }
        self.settle();
        self.compare(said);
    }

    fn hear(&mut self, octets: &[u8]) {
        for piece in octets.chunks(self.piece.min(octets.len().max(1))) {
            let mut rest = piece;
            while !rest.is_empty() {
                let n = self.server.receive(rest);
                rest = &rest[n..];
                self.settle();
                assert!(n > 0 || rest.is_empty(), "{}: no room", self.name);
            }
        }
    }

    fn settle(&mut self) {
        loop {
            let step = self.server.poll();
            self.written.extend_from_slice(self.server.transmit());
            self.server.transmitted(usize::MAX);
            match step {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::Body) => self.server.consume(usize::MAX),
                Ok(Step::BodyEnd) => self.server.close_body(),
                Ok(Step::NeedFlush) => {}
                Ok(Step::Upgrade(layer)) => self.server.upgrade(layer),
                Ok(Step::NeedInput | Step::Closed) => return,
                other => panic!("{}: {other:?}", self.name),
            }
        }
    }

    fn event(&mut self, event: Event) {
        let refused = |status: Status<'static>| refusal(&status);
        match event {
            Event::Login(ask, _) => {
                let status = self.until_result(false);
                let verdict = accepted(&status).then_some(()).ok_or_else(|| refused(status));
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Authenticate(ask, _) | Event::SaslResponse(ask, _) => {
                let verdict = match self.script.front() {
                    Some(Response::Continuation(continuation)) => {
                        let challenge = challenge(continuation.text.as_bytes());
                        self.script.pop_front();
                        Ok(SaslStep::Challenge(challenge))
                    }
                    _ => {
                        let status = self.until_result(false);
                        accepted(&status)
                            .then_some(SaslStep::Success)
                            .ok_or_else(|| refused(status))
                    }
                };
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Command(ask, _) | Event::Appended(ask) => {
                let status = self.until_result(true);
                let verdict = match accepted(&status) {
                    true => Ok(Completion {
                        code: status.code,
                        text: Some(status.text),
                    }),
                    false => Err(refused(status)),
                };
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Append(ask, _) => {
                // Refused where the script refuses before it lets the message come.
                let verdict = match self.script.front() {
                    Some(Response::Tagged { status, .. }) if !accepted(status) => {
                        let status = status.clone();
                        self.script.pop_front();
                        Err(refused(status))
                    }
                    _ => Ok(()),
                };
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::IdleBegan => {
                self.skip_continuations();
                while let Some(Response::Untagged(_)) = self.script.front() {
                    if let Some(Response::Untagged(data)) = self.script.pop_front() {
                        self.server.update(data).expect("a session");
                    }
                }
            }
            _ => {}
        }
    }

    fn skip_continuations(&mut self) {
        while let Some(Response::Continuation(_)) = self.script.front() {
            self.script.pop_front();
        }
    }

    /// Sends the script's data up to the next tagged result, which it returns.
    fn until_result(&mut self, sends: bool) -> Status<'static> {
        loop {
            match self.script.pop_front() {
                Some(Response::Untagged(data)) if sends => self.server.send(data).expect("a command in progress"),
                Some(Response::Tagged { status, .. }) => return status,
                Some(_) => {}
                None => panic!("{}: the script has no result", self.name),
            }
        }
    }

    /// What was said is what the script has, apart from the words of what the machine answers by itself.
    fn compare(&self, said: &[Said]) {
        let mut rest = self.written.as_slice();
        let mut spoken = Vec::new();
        let utf8 = said.last().is_some_and(|said| said.utf8);
        while !rest.is_empty() {
            let reading = imap_proto::Reading {
                utf8,
                ..imap_proto::Reading::STRICT
            };
            match Response::parse(rest, reading) {
                Ok(Parsed::Complete { value, octets }) => {
                    spoken.push(value.into_static());
                    rest = &rest[octets..];
                }
                other => panic!("{}: {other:?}: {:?}", self.name, String::from_utf8_lossy(rest)),
            }
        }
        let spoken: Vec<_> = spoken.iter().filter_map(essence).collect();
        let expected: Vec<_> = said.iter().filter_map(Said::response).collect();
        let expected: Vec<_> = expected.iter().filter_map(essence).collect();
        assert_eq!(spoken, expected, "{}", self.name);
    }
}

/// What a response says whoever words it: continuations, greetings and the data of the machine's own answers are left out.
fn essence(response: &Response<'static>) -> Option<Response<'static>> {
    match response {
        Response::Continuation(_) => None,
        Response::Tagged { tag, status } => Some(Response::Tagged {
            tag: tag.clone(),
            status: Status {
                condition: status.condition,
                code: None,
                text: Default::default(),
            },
        }),
        Response::Untagged(Data::Capability(_) | Data::Id(_) | Data::Enabled(_)) => None,
        Response::Untagged(Data::Status(status))
            if status.condition == Condition::Bye || status.code == Some(Code::Closed) =>
        {
            None
        }
        other => Some(other.clone()),
    }
}

fn opening_of(said: &[Said]) -> Opening {
    match said.first().map(|said| &said.unit) {
        Some(Unit::Response(Response::Untagged(Data::Status(status)))) => match status.condition {
            Condition::PreAuth => Opening::PreAuthenticated,
            Condition::Bye => Opening::TurnAway,
            _ => Opening::Login,
        },
        _ => Opening::Login,
    }
}

fn ok(tag: &'static str, code: Option<Code<'static>>) -> Response<'static> {
    let mut status = Status::fixed(Condition::Ok, "done");
    status.code = code;
    Response::Tagged {
        tag: Tag::new(tag).expect("a tag"),
        status,
    }
}

fn accepted(status: &Status<'_>) -> bool {
    status.condition == Condition::Ok
}

fn refusal(status: &Status<'static>) -> Refusal {
    let text = status.text.to_text();
    let refusal = match status.condition {
        Condition::Bad => Refusal::bad(&text),
        _ => Refusal::no(&text),
    };
    let refusal = refusal.expect("one line");
    match &status.code {
        Some(code) => refusal.with_code(code.clone()),
        None => refusal,
    }
}

fn challenge(base64: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(base64)
        .expect("base64")
}
