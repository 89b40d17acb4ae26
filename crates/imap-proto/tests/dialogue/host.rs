//! A server's application that answers as a transcript shows.

use std::collections::HashSet;

use imap_proto::server::{
    Completion, Compress, Config, Event, Offers, Opening, Part, PartData, Plaintext, Refusal, SaslStep, StartTls,
};
use imap_proto::{Capability, Code, Command, Condition, Data, Id, Response, Server, Status, Text};
use mail_testing::{Application, Transcript};
use mail_wire::{Answers, Machine};

use super::Said;
use super::script::{Answer, Script};

/// The program beside a server.
pub(crate) struct Host<'t> {
    name: &'t str,
    pub(crate) script: Script,
    /// What is being answered.
    answer: Option<Answer>,
    /// The tags of the commands that the application has answered.
    own: HashSet<String>,
}

impl Application<Server> for Host<'_> {
    fn event(&mut self, server: &mut Server, event: Event) {
        match event {
            Event::Login(ask, _) => {
                let answer = self.find(|command| matches!(command, Command::Login(_)));
                answer.data.iter().cloned().for_each(|data| happens(server, data));
                let verdict = answer.is_positive().then_some(()).ok_or_else(|| refusal(answer.status));
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::Authenticate(ask, _) => {
                self.answer = Some(self.find(|command| matches!(command, Command::Authenticate(_))));
                let verdict = self.exchange();
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::SaslResponse(ask, _) => {
                let verdict = self.exchange();
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::SaslCancelled | Event::AppendAborted => self.answer = None,
            Event::Command(ask, command) => {
                let answer = self.find(|scripted| *scripted == *command);
                let verdict = self.execute(server, answer);
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::Append(ask, part) => {
                let verdict = self.part(server, &part);
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::Appended(ask) => {
                let answer = self.answer.take().expect("parts before");
                let verdict = self.execute(server, answer);
                server.answer(ask, verdict).expect("an open ask");
            }
            Event::IdleBegan => {
                let answer = self.find(|command| *command == Command::Idle);
                answer.data.into_iter().for_each(|data| happens(server, data));
            }
            _ => {}
        }
    }
}

impl<'t> Host<'t> {
    /// The client's first command is `T1 SELECT INBOX` where the transcript begins in the selected state.
    pub(crate) fn new(transcript: &'t Transcript) -> Self {
        Self {
            name: transcript.name(),
            script: Script::preamble("T1 SELECT INBOX", "T1 OK [READ-WRITE] selected"),
            answer: None,
            own: HashSet::new(),
        }
    }

    /// The script's answer.
    fn find(&mut self, is_it: impl Fn(&Command<'static>) -> bool) -> Answer {
        self.script
            .answer(is_it)
            .unwrap_or_else(|| panic!("{}: the script has no answer", self.name))
    }

    fn execute(&mut self, server: &mut Server, answer: Answer) -> Result<Completion, Refusal> {
        for data in answer.data.iter().cloned() {
            server.send(data).expect("a command in progress");
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
    fn part(&mut self, server: &mut Server, part: &Part) -> Result<(), Refusal> {
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
        self.execute(server, answer).map(|_| ())
    }

    /// What a response says whoever words it: of what the machine says by itself, the words are its own.
    pub(crate) fn essence(&self, response: &Response<'static>) -> Option<Response<'static>> {
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

/// Something happens that no command asked for.
pub(crate) fn happens(server: &mut Server, data: Data<'static>) {
    match &data {
        Data::Status(status) if status.condition == Condition::Bye => server.shutdown(),
        _ => server.update(data).expect("a session"),
    }
}

/// The configuration of a server that a transcript shows.
pub(crate) fn config(transcript: &Transcript, said: &[Said]) -> Config {
    let state = super::state(transcript);
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
