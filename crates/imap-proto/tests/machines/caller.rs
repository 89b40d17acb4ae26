//! The program beside a client's machine: it gives commands in words, keeps what was told in words, and plays the wire.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use imap_proto::client::{CommandId, Config, Error, Event, Security};
use imap_proto::{
    Append, AppendData, AppendMessage, Client, Command, Data, Fetch, FetchItem, IntoBoundedStatic, Mailbox, Numbering,
    Parsed, Payload, Reading, Response, Spelling, Status, Tag, TaggedCommand,
};
use mail_testing::chunkings;
use mail_wire::{Escaped, Layer, Machine, Misuse, Step, Timer, Upload};

/// A client, what it said, and what it told.
pub struct Caller {
    pub client: Client,
    sent: Vec<u8>,
    told: Vec<String>,
    body: Vec<u8>,
    /// Octets of the literals that the machine asks for, in order.
    pub uploads: VecDeque<Vec<u8>>,
    /// Leaves [`Step::Upgrade`] standing.
    pub keeps_layers: bool,
    pub rest: Rest,
}

/// Where the machine stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    Input,
    Answer,
    Body,
    Upgrade(Layer),
    Closed,
    Failed(Error),
}

impl Caller {
    pub fn new(config: Config) -> Self {
        let mut caller = Self {
            client: Client::new(config),
            sent: Vec::new(),
            told: Vec::new(),
            body: Vec::new(),
            uploads: VecDeque::new(),
            keeps_layers: false,
            rest: Rest::Input,
        };
        caller.settle();
        caller
    }

    /// Logged in over plaintext, with `offers` as capabilities.
    pub fn logged_in(offers: &str) -> Self {
        Self::logged_in_with(plain(), offers)
    }

    pub fn logged_in_with(config: Config, offers: &str) -> Self {
        let mut caller = Self::new(config);
        caller.hear(&format!("* PREAUTH [CAPABILITY IMAP4rev1 {offers}] hello\r\n"));
        caller.take_told();
        caller
    }

    /// The same, with INBOX selected.
    pub fn selected(offers: &str) -> Self {
        Self::selected_with(plain(), offers)
    }

    pub fn selected_with(config: Config, offers: &str) -> Self {
        let mut caller = Self::logged_in_with(config, offers);
        caller.give("SELECT INBOX");
        assert_eq!(caller.take_sent(), "A1 SELECT INBOX\r\n");
        caller.hear("* 9 EXISTS\r\nA1 OK [READ-WRITE] selected\r\n");
        caller.take_told();
        caller
    }

    /// Gives the command that the words spell.
    pub fn give(&mut self, text: &str) -> CommandId {
        self.try_give(text).unwrap_or_else(|misuse| panic!("{text}: {misuse}"))
    }

    pub fn try_give(&mut self, text: &str) -> Result<CommandId, Misuse> {
        let given = self.client.submit(command(text));
        self.settle();
        given
    }

    /// Gives APPEND of messages that are written when the machine asks for them.
    pub fn append(&mut self, messages: &[&[u8]]) -> CommandId {
        let announced =
            |octets: &&[u8]| AppendMessage::new(AppendData::Literal(Payload::Announced(octets.len() as u64)));
        self.uploads.extend(messages.iter().map(|octets| octets.to_vec()));
        let messages: Vec<_> = messages.iter().map(announced).collect();
        let append = Append {
            mailbox: Mailbox::Inbox,
            messages: messages.try_into().expect("a message"),
        };
        let id = self.client.submit(Command::Append(append)).expect("APPEND is legal");
        self.settle();
        id
    }

    pub fn hear(&mut self, text: &str) {
        self.hear_octets(text.as_bytes());
    }

    pub fn hear_octets(&mut self, mut octets: &[u8]) {
        loop {
            let n = self.client.receive(octets);
            octets = &octets[n..];
            self.settle();
            if octets.is_empty() || n == 0 {
                return;
            }
        }
    }

    pub fn hear_end(&mut self) {
        self.client.receive_eof();
        self.settle();
    }

    pub fn settle(&mut self) {
        for _ in 0..1_000_000 {
            let step = self.client.poll();
            self.sent.extend_from_slice(self.client.transmit());
            self.client.transmitted(usize::MAX);
            self.rest = match step {
                Ok(Step::Event(event)) => {
                    self.told.push(shown(&event));
                    continue;
                }
                Ok(Step::Body) => {
                    self.body.extend_from_slice(self.client.body());
                    self.client.consume(usize::MAX);
                    continue;
                }
                Ok(Step::BodyEnd) => {
                    let body = std::mem::take(&mut self.body);
                    self.told.push(format!("body {}", Escaped(&body)));
                    self.client.close_body();
                    continue;
                }
                Ok(Step::BodyAborted) => {
                    self.body.clear();
                    self.told.push("aborted".into());
                    self.client.close_body();
                    continue;
                }
                Ok(Step::NeedBody) if self.upload() => continue,
                Ok(Step::NeedBody) => Rest::Body,
                Ok(Step::NeedFlush) => continue,
                Ok(Step::Upgrade(layer)) if self.keeps_layers => Rest::Upgrade(layer),
                Ok(Step::Upgrade(layer)) => {
                    self.client.upgrade(layer);
                    continue;
                }
                Ok(Step::NeedInput) => Rest::Input,
                Ok(Step::NeedAnswer) => Rest::Answer,
                Ok(Step::Closed) => Rest::Closed,
                Err(error) => Rest::Failed(error),
            };
            return;
        }
        panic!("the client hangs");
    }

    fn upload(&mut self) -> bool {
        let Some(octets) = self.uploads.front_mut() else {
            return false;
        };
        if octets.is_empty() {
            self.client.finish_body().expect("the body is whole");
            self.uploads.pop_front();
            return true;
        }
        let n = self.client.write_body(octets).expect("a body is due");
        octets.drain(..n);
        true
    }

    pub fn take_sent(&mut self) -> String {
        self.settle();
        String::from_utf8(std::mem::take(&mut self.sent)).expect("text")
    }

    pub fn take_told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    pub fn failure(&self) -> Option<&Error> {
        match &self.rest {
            Rest::Failed(error) => Some(error),
            _ => None,
        }
    }
}

/// What a client says and tells when it hears `octets` and then the end of input, the same for each way of cutting them.
pub fn at_every_split(make: impl Fn() -> Caller, octets: &[u8]) -> (String, Vec<String>, Rest) {
    let mut seen = None;
    for pieces in chunkings(octets) {
        let mut caller = make();
        for piece in pieces {
            caller.hear_octets(piece);
        }
        let this = (caller.take_sent(), caller.take_told(), caller.rest.clone());
        match &seen {
            None => seen = Some(this),
            Some(seen) => assert_eq!(*seen, this, "{}", Escaped(octets)),
        }
    }
    seen.expect("there is a chunking")
}

/// Plaintext, whoever may listen.
pub fn plain() -> Config {
    Config {
        security: Security::Plaintext,
        ..Config::default()
    }
}

pub fn command(text: &str) -> Command<'static> {
    let wire = format!("a {text}\r\n");
    match TaggedCommand::parse(wire.as_bytes(), Reading::STRICT) {
        Ok(Parsed::Complete { value, .. }) => value.command.into_static(),
        other => panic!("{text:?}: {other:?}"),
    }
}

/// An event in few words; responses as they are spelled.
pub fn shown(event: &Event) -> String {
    match event {
        Event::Greeting(status) => format!("greeting {}", status_text(status)),
        Event::Data(data) => data_text(data),
        Event::FetchBegan(numbering, number) => format!("fetch {numbering:?} {number}"),
        Event::FetchItem(item) => item_text(item),
        Event::FetchLiteral(item) => format!("literal {}", item_text(item)),
        Event::FetchEnded => "fetched".into(),
        Event::Invalid(invalid) => format!("invalid {invalid:?}"),
        Event::Idling(id) => format!("idling {}", number(*id)),
        Event::Challenge(id, octets) => format!("challenge {} {}", number(*id), Escaped(octets)),
        Event::Done(id, status) => format!("{} {}", number(*id), status_text(status)),
        Event::NotSent(id, why) => format!("{} not sent: {why}", number(*id)),
        other => format!("{other:?}"),
    }
}

fn number(id: CommandId) -> String {
    let text = format!("{id:?}");
    text.trim_matches(|c: char| !c.is_ascii_digit()).to_owned()
}

fn status_text(status: &Status<'_>) -> String {
    let tag = Tag::new("x").expect("a tag");
    let response = Response::Tagged {
        tag,
        status: status.clone(),
    };
    text(&response)["x ".len()..].to_owned()
}

fn data_text(data: &Data<'_>) -> String {
    text(&Response::Untagged(data.clone()))
}

fn item_text(item: &FetchItem<'_>) -> String {
    if let FetchItem::Invalid { .. } = item {
        return "invalid item".into();
    }
    let fetch = Fetch::new(Numbering::Sequence, NonZeroU32::MIN, item.clone().into());
    let text = data_text(&Data::Fetch(fetch));
    let item = &text["* 1 FETCH (".len()..text.len() - 1];
    Escaped(item.trim_end().as_bytes()).to_string()
}

fn text(response: &Response<'_>) -> String {
    let mut wire = Vec::new();
    response.encode(Spelling::SERVER, &mut wire);
    String::from_utf8_lossy(&wire).trim_end().to_owned()
}

/// Shorter words for what tests of time say often.
pub trait Now: Machine {
    fn timer_now(&self) -> Timer {
        self.timer().expect("something is waited for")
    }

    fn expire_now(&mut self, timer: Timer) {
        self.expire(timer);
    }
}

impl<M: Machine> Now for M {}
