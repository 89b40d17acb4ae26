//! The program beside a server's machine: it agrees to everything unless told otherwise, and keeps what it was asked in words.

use std::sync::Arc;

use imap_proto::server::{
    Completion, Config, Error, Event, Offers, Opening, Part, PartData, Plaintext, Refusal, SaslStep, Security,
};
use imap_proto::{
    Capability, Command, Data, Delimiter, IntoBoundedStatic, ListedMailbox, Mailbox, Parsed, Reading, Response, Server,
};
use mail_testing::chunkings;
use mail_wire::{Answers, Escaped, Layer, Machine, Step};

/// A server, what it said, and what it asked.
pub struct Host {
    pub server: Server,
    said: Vec<u8>,
    asked: Vec<String>,
    /// Messages whose octets came whole.
    pub messages: Vec<Vec<u8>>,
    message: Vec<u8>,
    /// Asks that are left open, by the command's name.
    pub defers: &'static [&'static str],
    pub open: Option<Event>,
    /// What is refused: a mailbox's name, or a user's.
    pub refuses: &'static str,
    pub keeps_layers: bool,
    pub rest: Rest,
}

/// Where the machine stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    Input,
    Answer,
    Upgrade(Layer),
    Closed,
    Failed(Error),
}

/// A server's configuration over plaintext, where nobody minds.
pub fn plain(always: &[&'static str]) -> Config {
    Config {
        offers: Offers {
            always: ["IMAP4rev1", "LITERAL+"]
                .iter()
                .chain(always)
                .map(|name| Capability::fixed(name))
                .collect(),
            ..Offers::default()
        },
        plaintext: Plaintext::Allowed,
        ..Config::default()
    }
}

impl Host {
    pub fn new(config: Config) -> Self {
        let mut host = Self {
            server: Server::new(Arc::new(config), Security::Plaintext),
            said: Vec::new(),
            asked: Vec::new(),
            messages: Vec::new(),
            message: Vec::new(),
            defers: &[],
            open: None,
            refuses: "refused",
            keeps_layers: false,
            rest: Rest::Input,
        };
        host.settle();
        host
    }

    /// Whose client need not log in; the greeting is behind it.
    pub fn logged_in(config: Config) -> Self {
        let mut host = Self::new(Config {
            opening: Opening::PreAuthenticated,
            ..config
        });
        host.take_said();
        host
    }

    /// The same, with INBOX selected.
    pub fn selected(config: Config) -> Self {
        let mut host = Self::logged_in(config);
        assert_eq!(host.hear("s SELECT INBOX\r\n"), "s OK SELECT completed\r\n");
        host.take_asked();
        host
    }

    /// Feeds octets and returns what the server said to them.
    pub fn hear(&mut self, text: &str) -> String {
        self.hear_octets(text.as_bytes());
        self.take_said()
    }

    pub fn hear_octets(&mut self, mut octets: &[u8]) {
        loop {
            let n = self.server.receive(octets);
            octets = &octets[n..];
            self.settle();
            if octets.is_empty() || n == 0 {
                return;
            }
        }
    }

    pub fn hear_end(&mut self) {
        self.server.receive_eof();
        self.settle();
    }

    pub fn settle(&mut self) {
        for _ in 0..1_000_000 {
            let step = self.server.poll();
            self.said.extend_from_slice(self.server.transmit());
            self.server.transmitted(usize::MAX);
            self.rest = match step {
                Ok(Step::Event(event)) => {
                    self.event(event);
                    continue;
                }
                Ok(Step::Body) => {
                    self.message.extend_from_slice(self.server.body());
                    self.server.consume(usize::MAX);
                    continue;
                }
                Ok(Step::BodyEnd) => {
                    self.messages.push(std::mem::take(&mut self.message));
                    self.server.close_body();
                    continue;
                }
                Ok(Step::BodyAborted) => {
                    self.message.clear();
                    self.asked.push("aborted".into());
                    self.server.close_body();
                    continue;
                }
                Ok(Step::NeedFlush) => continue,
                Ok(Step::Upgrade(layer)) if self.keeps_layers => Rest::Upgrade(layer),
                Ok(Step::Upgrade(layer)) => {
                    self.server.upgrade(layer);
                    continue;
                }
                Ok(Step::NeedInput) => Rest::Input,
                Ok(Step::NeedAnswer) => Rest::Answer,
                Ok(Step::Closed) => Rest::Closed,
                Ok(Step::NeedBody) => panic!("nobody sends literals here"),
                Err(error) => Rest::Failed(error),
            };
            return;
        }
        panic!("the server hangs");
    }

    fn event(&mut self, event: Event) {
        self.asked.push(shown(&event));
        if let Event::Command(_, command) = &event
            && self.defers.contains(&command.name())
        {
            assert!(self.open.replace(event).is_none(), "one ask at a time");
            return;
        }
        let answered = match event {
            Event::Login(ask, login) => match login.user.as_bytes() == self.refuses.as_bytes() {
                true => self.server.answer(ask, Err(Refusal::bad_credentials())),
                false => self.server.answer(ask, Ok(())),
            },
            Event::Authenticate(ask, _) => self.server.answer(ask, Ok(SaslStep::Challenge(b"who?".to_vec()))),
            Event::SaslResponse(ask, _) => self.server.answer(ask, Ok(SaslStep::Success)),
            Event::Command(ask, command) => self.server.answer(ask, self.verdict(&command)),
            Event::Append(ask, part) => match refused_part(&part, self.refuses) {
                true => self.server.answer(ask, Err(Refusal::try_create())),
                false => self.server.answer(ask, Ok(())),
            },
            Event::Appended(ask) => self.server.answer(ask, Ok(Completion::default())),
            _ => Ok(()),
        };
        assert_eq!(answered, Ok(()));
    }

    fn verdict(&self, command: &Command<'_>) -> Result<Completion, Refusal> {
        match command {
            Command::Select(select) if select.mailbox.as_wire() == self.refuses.as_bytes() => {
                Err(Refusal::no_such_mailbox())
            }
            _ => Ok(Completion::default()),
        }
    }

    /// Sends untagged data, spelled as on the wire.
    pub fn send(&mut self, text: &str) {
        self.server.send(data(text)).expect("a command is executed");
        self.settle();
    }

    /// Tells of a mailbox, in whatever form the client can read.
    pub fn list(&mut self, name: Mailbox<'static>) {
        let delimiter = Delimiter::new(b'/').ok();
        let listed = ListedMailbox::new(Vec::new(), delimiter, name);
        self.server.send(Data::List(listed)).expect("a command is executed");
        self.settle();
    }

    /// Reports a change, spelled as on the wire.
    pub fn update(&mut self, text: &str) {
        self.server.update(data(text)).expect("the session is open");
        self.settle();
    }

    /// Completes the command that was left open.
    pub fn complete(&mut self) -> String {
        let Some(Event::Command(ask, _)) = self.open.take() else {
            panic!("no command is open");
        };
        self.server.answer(ask, Ok(Completion::default())).expect("it is open");
        self.settle();
        self.take_said()
    }

    pub fn take_said(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.said)).expect("text")
    }

    pub fn take_asked(&mut self) -> Vec<String> {
        std::mem::take(&mut self.asked)
    }
}

/// What a server says and asks when it hears `octets`, the same for each way of cutting them.
pub fn at_every_split(make: impl Fn() -> Host, octets: &[u8]) -> (String, Vec<String>, Rest) {
    let mut seen = None;
    for pieces in chunkings(octets) {
        let mut host = make();
        for piece in pieces {
            host.hear_octets(piece);
        }
        let this = (host.take_said(), host.take_asked(), host.rest.clone());
        match &seen {
            None => seen = Some(this),
            Some(seen) => assert_eq!(*seen, this, "{}", Escaped(octets)),
        }
    }
    seen.expect("there is a chunking")
}

pub fn data(text: &str) -> Data<'static> {
    let wire = format!("* {text}\r\n");
    let reading = Reading {
        utf8: true,
        ..Reading::STRICT
    };
    match Response::parse(wire.as_bytes(), reading) {
        Ok(Parsed::Complete {
            value: Response::Untagged(data),
            ..
        }) => data.into_static(),
        other => panic!("{text:?}: {other:?}"),
    }
}

fn refused_part(part: &Part, refused: &str) -> bool {
    match part {
        Part::Message { destination, .. } => destination.mailbox.as_wire() == refused.as_bytes(),
        Part::Url(url) => url.as_bytes() == refused.as_bytes(),
        _ => false,
    }
}

/// An event in few words.
fn shown(event: &Event) -> String {
    match event {
        Event::Login(_, login) => format!("login {}", login.user),
        Event::Authenticate(_, authenticate) => format!("authenticate {}", authenticate.mechanism),
        Event::SaslResponse(_, response) => format!("response {}", Escaped(response.secret().expose())),
        Event::Command(_, command) => format!("{} {}", command.name(), mailbox(command)).trim_end().to_owned(),
        Event::Append(_, part) => match part.as_ref() {
            Part::Message { data, .. } => format!("message {}", part_data(data)),
            part => format!("{part:?}"),
        },
        Event::Appended(_) => "appended".into(),
        other => format!("{other:?}"),
    }
}

fn part_data(data: &PartData) -> String {
    format!("{data:?}")
}

fn mailbox(command: &Command<'_>) -> String {
    match command {
        Command::Select(select) | Command::Examine(select) => Escaped(select.mailbox.as_wire()).to_string(),
        Command::Create(create) => Escaped(create.mailbox.as_wire()).to_string(),
        Command::Delete(mailbox) => Escaped(mailbox.as_wire()).to_string(),
        _ => String::new(),
    }
}
