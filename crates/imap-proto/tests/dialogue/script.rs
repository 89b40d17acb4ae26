//! What an application says, command by command, so that a server says what a transcript shows.

use std::collections::VecDeque;

use imap_proto::{Code, Command, Condition, Data, Response, Status, Tag, TaggedCommand};

use mail_testing::Transcript;

use super::{Said, Unit};

/// The answers of a transcript, each to be found by the command that it answers.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Commands that were not executed, in order; of one that was refused before it was whole there is the tag alone.
    commands: VecDeque<(Tag<'static>, Option<Command<'static>>)>,
    answers: Vec<Answer>,
}

/// What is said up to a tagged response.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) tag: Tag<'static>,
    /// What is said before the first of the continuation requests.
    before: Vec<Data<'static>>,
    pub(crate) data: Vec<Data<'static>>,
    /// The texts of continuation requests.
    pub(crate) continuations: VecDeque<String>,
    pub(crate) status: Status<'static>,
}

/// A step of a dialogue as the server sees it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// The client says this in one go.
    Says(Vec<Said>),
    /// Something happens that no command asked for.
    Happens(Data<'static>),
}

impl Script {
    /// The answers of a dialogue behind its greeting, and what happens in it.
    pub(crate) fn new(state: &str, said: &[Said]) -> (Self, Vec<Act>) {
        let said = if state == "greeting" { &said[1..] } else { said };
        let mut script = Self {
            commands: said.iter().filter_map(command).collect(),
            answers: answers(said),
        };
        let mut acts: Vec<Act> = Vec::new();
        let (mut open, mut turn) = (0_usize, usize::MAX);
        for said in said {
            let opens = command(said);
            match &said.unit {
                Unit::Response(Response::Tagged { .. }) => open = open.saturating_sub(1),
                // A line that is no command, the machine answers.
                Unit::Response(Response::Untagged(Data::Status(status))) if status.condition == Condition::Bad => {}
                Unit::Response(Response::Untagged(data)) if open == 0 => acts.push(Act::Happens(data.clone())),
                Unit::Response(_) => {}
                _ => {
                    open += usize::from(opens.is_some());
                    let news = opens.map(|(tag, command)| script.news(&tag, command.as_ref()));
                    let news = news.unwrap_or_default();
                    match acts.last_mut() {
                        // In one go what the client sends in one go.
                        Some(Act::Says(more)) if turn == said.begins && news.is_empty() => more.push(said.clone()),
                        _ => {
                            acts.extend(news.into_iter().map(Act::Happens));
                            acts.push(Act::Says(vec![said.clone()]));
                        }
                    }
                    turn = said.ends;
                }
            }
        }
        (script, acts)
    }

    /// One command and its answer.
    pub(crate) fn preamble(command: &str, answer: &str) -> Self {
        let transcript = Transcript::parse("preamble", &format!("C: {command}\nS: {answer}\n"));
        Self::new("authenticated", &super::units(&transcript)).0
    }

    /// What the application says during a command that the machine answers, or before the machine lets the client idle: it has happened before.
    fn news(&mut self, tag: &Tag<'_>, command: Option<&Command<'_>>) -> Vec<Data<'static>> {
        let answer = self.answers.iter_mut().find(|answer| answer.tag == *tag);
        match (answer, command) {
            (Some(answer), Some(Command::Idle)) => std::mem::take(&mut answer.before),
            (
                Some(answer),
                Some(Command::Noop | Command::Capability | Command::Enable(_) | Command::Id(_) | Command::Logout),
            ) => answer.data.drain(..).collect(),
            _ => Vec::new(),
        }
    }

    /// The answer to a command.
    pub(crate) fn answer(&mut self, is_it: impl Fn(&Command<'static>) -> bool) -> Option<Answer> {
        loop {
            let (tag, command) = self.commands.pop_front()?;
            if command.as_ref().is_none_or(&is_it) {
                let at = self.answers.iter().position(|answer| answer.tag == tag)?;
                let mut answer = self.answers.remove(at);
                answer.data.splice(0..0, std::mem::take(&mut answer.before));
                return Some(answer);
            }
        }
    }
}

impl Answer {
    pub(crate) fn is_positive(&self) -> bool {
        self.status.condition == Condition::Ok
    }
}

/// What `said` begins, when it is a command.
fn command(said: &Said) -> Option<(Tag<'static>, Option<Command<'static>>)> {
    match &said.unit {
        Unit::Command(TaggedCommand { tag, command }) => Some((tag.clone(), Some(command.clone()))),
        Unit::Refused(octets) => {
            let tag = octets.split(|octet| *octet == b' ').next()?;
            Some((Tag::new(String::from_utf8_lossy(tag).into_owned()).ok()?, None))
        }
        _ => None,
    }
}

fn answers(said: &[Said]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let (mut before, mut data, mut continuations, mut open) = (Vec::new(), Vec::new(), VecDeque::new(), 0_usize);
    for said in said {
        open += usize::from(command(said).is_some());
        match &said.unit {
            Unit::Response(Response::Tagged { tag, status }) => {
                open = open.saturating_sub(1);
                answers.push(Answer {
                    tag: tag.clone(),
                    before: std::mem::take(&mut before),
                    data: std::mem::take(&mut data),
                    continuations: std::mem::take(&mut continuations),
                    status: status.clone(),
                });
            }
            Unit::Response(Response::Continuation(continuation)) => {
                before.append(&mut data);
                continuations.push_back(continuation.text.to_text().into_owned());
            }
            Unit::Response(Response::Untagged(said)) if open > 0 && !is_machine_made(said) => {
                data.push(said.clone());
            }
            _ => {}
        }
    }
    answers
}

/// Whether the machine says it by itself.
pub(crate) fn is_machine_made(data: &Data<'_>) -> bool {
    match data {
        Data::Capability(_) | Data::Id(_) | Data::Enabled(_) => true,
        Data::Status(status) => status.condition == Condition::Bye || status.code == Some(Code::Closed),
        _ => false,
    }
}
