//! The server's machine has the dialogues of the transcripts, with an application that says what they show.

mod dialogue;

use std::collections::HashSet;
use std::sync::Arc;

use dialogue::script::{Act, Answer, Script};
use dialogue::{Said, units};
use imap_proto::server::{
    Completion, Compress, Config, Event, Offers, Opening, Part, PartData, Plaintext, Refusal, SaslStep, Security,
    StartTls,
};
use imap_proto::{
    Capability, Code, Command, Condition, Data, Id, IntoBoundedStatic, Parsed, Phase, Reading, Response, Server,
    Status, Text,
};
use mail_testing::Transcript;
use mail_wire::{Answers, Machine, Step};

#[test]
fn the_server_has_the_dialogues() {
    let mut played = 0;
    for transcript in Transcript::folder(dialogue::FOLDER) {
        if transcript.settings("server").any(|how| how == "foreign") {
            continue;
        }
        let said = units(&transcript);
        played += 1;
        for piece in [usize::MAX, 1, 7] {
            Host::new(&transcript, &said, piece).play(&said);
        }
    }
    assert!(played > 320, "{played}");
}

/// The program beside a server, which answers as a transcript shows.
struct Host<'t> {
    name: &'t str,
    piece: usize,
    server: Server,
    script: Script,
    acts: Vec<Act>,
    /// What is being answered.
    answer: Option<Answer>,
    /// The tags of the commands that the application has answered.
    own: HashSet<String>,
    written: Vec<u8>,
}

impl<'t> Host<'t> {
    fn new(transcript: &'t Transcript, said: &[Said], piece: usize) -> Self {
        let state = transcript.settings("state").next().unwrap_or("authenticated");
        let (script, mut acts) = Script::new(said);
        if state == "greeting" {
            acts.remove(0);
        }
        let mut host = Self {
            name: transcript.name(),
            piece,
            server: Server::new(Arc::new(config(transcript, state, said)), Security::Plaintext),
            script: Script::preamble("T1 SELECT INBOX", "T1 OK [READ-WRITE] selected"),
            acts,
            answer: None,
            own: HashSet::new(),
            written: Vec::new(),
        };
        if state == "selected" {
            host.hear(b"T1 SELECT INBOX\r\n");
            assert_eq!(host.server.phase(), Phase::Selected);
        }
        host.settle();
        if state != "greeting" {
            host.written.clear();
        }
        host.script = script;
        host
    }

    fn play(mut self, said: &[Said]) {
        for act in std::mem::take(&mut self.acts) {
            match act {
                Act::Hear(octets) => self.hear(&octets),
                Act::Happens(data) => {
                    self.happens(data);
                    self.settle();
                }
            }
        }
        self.compare(said);
    }

    fn happens(&mut self, data: Data<'static>) {
        match &data {
            Data::Status(status) if status.condition == Condition::Bye => self.server.shutdown(),
            _ => self.server.update(data).expect("a session"),
        }
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
        match event {
            Event::Login(ask, _) => {
                let answer = self.find(|command| matches!(command, Command::Login(_)));
                answer.data.iter().cloned().for_each(|data| self.happens(data));
                let verdict = answer.is_positive().then_some(()).ok_or_else(|| refusal(answer.status));
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Authenticate(ask, _) => {
                self.answer = Some(self.find(|command| matches!(command, Command::Authenticate(_))));
                let verdict = self.exchange();
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::SaslResponse(ask, _) => {
                let verdict = self.exchange();
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::SaslCancelled | Event::AppendAborted => self.answer = None,
            Event::Command(ask, command) => {
                let answer = self.find(|scripted| *scripted == *command);
                let verdict = self.execute(answer);
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Append(ask, part) => {
                let verdict = self.part(&part);
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::Appended(ask) => {
                let answer = self.answer.take().expect("parts before");
                let verdict = self.execute(answer);
                self.server.answer(ask, verdict).expect("an open ask");
            }
            Event::IdleBegan => {
                let answer = self.find(|command| *command == Command::Idle);
                answer.data.into_iter().for_each(|data| self.happens(data));
            }
            _ => {}
        }
    }

    /// The script's answer.
    fn find(&mut self, is_it: impl Fn(&Command<'static>) -> bool) -> Answer {
        self.script
            .answer(is_it)
            .unwrap_or_else(|| panic!("{}: the script has no answer", self.name))
    }

    fn execute(&mut self, answer: Answer) -> Result<Completion, Refusal> {
        for data in answer.data.iter().cloned() {
            self.server.send(data).expect("a command in progress");
        }
        self.own.insert(answer.tag.as_str().to_owned());
        match answer.is_positive() {
            true => Ok(Completion {
                code: answer.status.code,
                text: Some(answer.status.text),
            }),
            false => Err(refusal(answer.status)),
        }
    }

    /// The next challenge, or the result.
    fn exchange(&mut self) -> Result<SaslStep, Refusal> {
        let answer = self.answer.as_mut().expect("an exchange");
        if let Some(challenge) = answer.continuations.pop_front() {
            return Ok(SaslStep::Challenge(decode(&challenge)));
        }
        let answer = self.answer.take().expect("an exchange");
        answer
            .is_positive()
            .then_some(SaslStep::Success)
            .ok_or_else(|| refusal(answer.status))
    }

    /// Whether the message may come: it may not where the script refuses before it says `+`.
    fn part(&mut self, part: &Part) -> Result<(), Refusal> {
        if self.answer.is_none() {
            self.answer = Some(self.find(|command| matches!(command, Command::Append(_) | Command::Replace(_))));
        }
        let is_literal = match part {
            Part::Message { data, .. } => !matches!(data, PartData::Catenate | PartData::Extension(_)),
            Part::Text(_) => true,
            _ => false,
        };
        let answer = self.answer.as_mut().expect("an answer");
        let goes_on = !is_literal || answer.continuations.pop_front().is_some() || answer.is_positive();
        if goes_on {
            return Ok(());
        }
        let answer = self.answer.take().expect("an answer");
        self.execute(answer).map(|_| ())
    }

    /// What was said is what the script has, apart from the words of what the machine answers by itself.
    fn compare(&self, said: &[Said]) {
        let mut rest = self.written.as_slice();
        let mut spoken = Vec::new();
        let utf8 = said.last().is_some_and(|said| said.utf8);
        while !rest.is_empty() {
            let reading = Reading {
                utf8,
                ..Reading::STRICT
            };
            match Response::parse(rest, reading) {
                Ok(Parsed::Complete { value, octets }) => {
                    spoken.push(value.into_static());
                    rest = &rest[octets..];
                }
                other => panic!("{}: {other:?}: {:?}", self.name, String::from_utf8_lossy(rest)),
            }
        }
        let spoken: Vec<_> = spoken.iter().filter_map(|response| self.essence(response)).collect();
        let expected: Vec<_> = said.iter().filter_map(Said::response).collect();
        let expected: Vec<_> = expected.iter().filter_map(|response| self.essence(response)).collect();
        for (at, (spoken, expected)) in spoken.iter().zip(&expected).enumerate() {
            assert_eq!(spoken, expected, "{}: response {at}", self.name);
        }
        assert_eq!(spoken.len(), expected.len(), "{}: {spoken:#?}", self.name);
    }

    /// What a response says whoever words it: of what the machine says by itself, the words are its own.
    fn essence(&self, response: &Response<'static>) -> Option<Response<'static>> {
        let mut response = response.clone();
        match &mut response {
            Response::Continuation(continuation) => {
                continuation.code = None;
                continuation.text = Text::default();
            }
            Response::Tagged { tag, status } if !self.own.contains(tag.as_str()) => *status = bare(status.condition),
            Response::Tagged { .. } => {}
            Response::Untagged(Data::Capability(_)) => return None,
            Response::Untagged(Data::Id(id)) => *id = Id::default(),
            // What has a made-up name is nothing that this server knows how to enable.
            Response::Untagged(Data::Enabled(enabled)) => enabled.retain(|name| !name.name().starts_with("X-")),
            Response::Untagged(Data::Status(status)) => match (status.condition, &status.code) {
                (condition @ (Condition::Bye | Condition::Bad), _) => *status = bare(condition),
                (condition, Some(Code::Closed)) => *status = bare(condition),
                (_, Some(Code::Capability(_))) => status.code = None,
                _ => {}
            },
            Response::Untagged(_) => {}
        }
        Some(response)
    }
}

fn config(transcript: &Transcript, state: &str, said: &[Said]) -> Config {
    let offers = transcript.settings("offer").flat_map(str::split_whitespace);
    let (machine_made, offered): (Vec<_>, Vec<_>) =
        offers.partition(|offer| ["STARTTLS", "LOGINDISABLED", "COMPRESS=DEFLATE"].contains(offer));
    let has = |name: &str| machine_made.contains(&name);
    let capability = |name: &str| Capability::new(name.to_owned()).expect("a capability");
    let mut config = Config {
        offers: Offers {
            always: ["IMAP4rev1"].into_iter().chain(offered).map(capability).collect(),
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
        plaintext: if has("LOGINDISABLED") {
            Plaintext::Refused
        } else {
            Plaintext::Allowed
        },
        opening: if state == "not-authenticated" {
            Opening::Login
        } else {
            Opening::PreAuthenticated
        },
        ..Config::default()
    };
    config.limits.failed_logins = 10;
    if let (Some(Response::Untagged(Data::Status(status))), "greeting") = (said.first().and_then(Said::response), state)
    {
        config.greeting = status.text;
        config.opening = match status.condition {
            Condition::PreAuth => Opening::PreAuthenticated,
            Condition::Bye => Opening::TurnAway,
            _ => Opening::Login,
        };
    }
    config
}

fn bare(condition: Condition) -> Status<'static> {
    Status {
        condition,
        code: None,
        text: Text::default(),
    }
}

fn refusal(status: Status<'static>) -> Refusal {
    let text = status.text.to_text();
    let refusal = match status.condition {
        Condition::Bad => Refusal::bad(&text),
        _ => Refusal::no(&text),
    };
    let refusal = refusal.expect("one line");
    match status.code {
        Some(code) => refusal.with_code(code),
        None => refusal,
    }
}

fn decode(base64: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(base64)
        .expect("base64")
}
