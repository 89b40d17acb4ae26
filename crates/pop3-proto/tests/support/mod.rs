//! The programs beside the machines, as the transcripts' settings describe them.
//!
//! Server: `@ user NAME PASSWORD`, `@ message ID OCTETS` (escaped octets), `@ login REASON` for the first login, `@ update
//! fails`, `@ apop <TIMESTAMP>`, `@ greeting TEXT`, `@ expire LINE`, `@ delay LINE`, `@ implementation TEXT`,
//! `@ lenient spaces`, `@ lenient lf`, `@ limit errors|logins|sasl N`, `@ plaintext` for a session that begins without TLS,
//! `@ allow passwords|apop`, `@ stls`, `@ mechanisms NAMES`, `@ plaintext-mechanisms NAMES`, `@ utf8 messages|names`,
//! `@ language TAG NAME`.
//!
//! Client: `@ do COMMANDS`, one or more separated by `;`, given together when the ones before are answered; `@ event TEXT`,
//! what the machine then tells, in order; `@ apop allowed`, `@ client plaintext|starttls`.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use mail_testing::{Application, Transcript};
use mail_wire::{Answers, Escaped, LineEnds, Misuse, Secret, Upload};
use pop3_proto::apop::Timestamp;
use pop3_proto::client::{self, Apop};
use pop3_proto::server::{self, Maildrop, Refusal, SaslStep, Spaces};
use pop3_proto::{
    Capability, Client, Encoding, Greeting, LanguageListing, LanguageRange, LanguageTag, MessageNumber, Name, Password,
    Server, Text, UniqueId, Utf8,
};

/// A client's configuration for a connection that nobody listens to.
pub fn secured() -> client::Config {
    client::Config {
        security: client::Security::Secured,
        ..client::Config::default()
    }
}

/// A server's application: one maildrop in memory.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub users: Vec<(String, String)>,
    pub messages: Vec<(String, Vec<u8>)>,
    pub logins: VecDeque<String>,
    pub update_fails: bool,
    pub stops_early: bool,
    /// What was asked, in short.
    pub asked: Vec<String>,
    /// Octets supplied to the machine.
    pub supplied: u64,
    sending: Option<(usize, usize)>,
    exchange: Vec<String>,
}

impl Host {
    pub fn with_messages(messages: &[&[u8]]) -> Self {
        let named = messages.iter().enumerate();
        Self {
            users: vec![("bob".into(), "hungry".into())],
            messages: named.map(|(i, m)| (format!("id-{i}"), m.to_vec())).collect(),
            ..Self::default()
        }
    }

    fn login(&mut self, who: &server::Credentials) -> Result<Maildrop, Refusal> {
        match self.logins.pop_front().as_deref() {
            Some("in-use") => return Err(Refusal::maildrop_busy()),
            Some("delay") => return Err(Refusal::login_delay()),
            Some("temporary") => return Err(Refusal::temporary()),
            Some("permanent") => return Err(Refusal::permanent()),
            _ => {}
        }
        let mut users = self.users.iter();
        let known =
            users.any(|(name, secret)| name == who.name().as_str() && who.verify(&Secret::from(secret.as_str())));
        if !known {
            return Err(Refusal::bad_credentials());
        }
        Ok(self.maildrop())
    }

    fn maildrop(&self) -> Maildrop {
        let entry = |(id, message): &(String, Vec<u8>)| (message.len() as u64, UniqueId::new(id).unwrap());
        self.messages.iter().map(entry).collect()
    }

    /// PLAIN, LOGIN and EXTERNAL (of the first user), as far as tests need them.
    fn sasl(&mut self) -> Result<SaslStep, Refusal> {
        let words: Vec<&str> = self.exchange.iter().map(String::as_str).collect();
        let challenge = |text: &str| Ok(SaslStep::Challenge(text.into()));
        let (user, password) = match words.as_slice() {
            ["PLAIN" | "EXTERNAL"] => return challenge(""),
            ["EXTERNAL", ""] => return Ok(SaslStep::Success(self.maildrop())),
            ["EXTERNAL", _] => return Err(Refusal::bad_credentials()),
            ["PLAIN", message] => {
                let mut parts = message.split('\0').skip(1);
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
            }
            ["LOGIN"] => return challenge("Username:"),
            ["LOGIN", _] => return challenge("Password:"),
            ["LOGIN", user, password] => (*user, *password),
            other => panic!("{other:?}"),
        };
        let known = self
            .users
            .iter()
            .any(|(name, secret)| name == user && secret == password);
        match known {
            true => Ok(SaslStep::Success(self.maildrop())),
            false => Err(Refusal::bad_credentials()),
        }
    }

    fn needs_utf8(&self, machine: &Server, number: MessageNumber) -> bool {
        machine.encoding() == Encoding::Ascii && !self.messages[number.index()].1.is_ascii()
    }

    fn begin(&mut self, machine: &mut Server, number: MessageNumber) {
        machine.begin_body(None).unwrap();
        self.sending = Some((number.index(), 0));
    }
}

impl Application<Server> for Host {
    fn event(&mut self, machine: &mut Server, event: server::Event) {
        match event {
            server::Event::Login(ask, who) => {
                self.asked.push(format!("login {}", who.name()));
                let verdict = self.login(&who);
                machine.answer(ask, verdict).unwrap();
            }
            server::Event::Authenticate(ask, auth) => {
                self.asked.push(format!("authenticate {}", auth.mechanism));
                self.exchange = vec![auth.mechanism.as_str().to_owned()];
                self.exchange.extend(auth.initial_response.as_ref().map(text));
                let verdict = self.sasl();
                machine.answer(ask, verdict).unwrap();
            }
            server::Event::SaslResponse(ask, response) => {
                self.exchange.push(text(&response));
                let verdict = self.sasl();
                machine.answer(ask, verdict).unwrap();
            }
            server::Event::SaslCancelled => {
                self.asked.push("cancelled".into());
                self.exchange.clear();
            }
            server::Event::Retrieve(ask, number) if self.needs_utf8(machine, number) => {
                machine.answer(ask, Err(Refusal::needs_utf8())).unwrap();
            }
            server::Event::Retrieve(ask, number) => {
                self.asked.push(format!("retrieve {number}"));
                machine.answer(ask, Ok(())).unwrap();
                self.begin(machine, number);
            }
            server::Event::Top(ask, number, lines) => {
                self.asked.push(format!("top {number} {lines}"));
                machine.answer(ask, Ok(())).unwrap();
                self.begin(machine, number);
            }
            server::Event::Update(ask, deletions) => {
                let numbers: Vec<_> = deletions.iter().map(|number| number.to_string()).collect();
                self.asked.push(format!("update [{}]", numbers.join(" ")));
                let verdict = if self.update_fails {
                    Err(Refusal::not_removed())
                } else {
                    Ok(())
                };
                machine.answer(ask, verdict).unwrap();
            }
            other => machine_unhandled(machine, other),
        }
    }

    fn need_body(&mut self, machine: &mut Server) {
        let (index, at) = self.sending.expect("a message is being sent");
        let rest = &self.messages[index].1[at..];
        if rest.is_empty() || (self.stops_early && !machine.wants_body()) {
            machine.finish_body().unwrap();
            self.sending = None;
            return;
        }
        let taken = machine.write_body(&rest[..rest.len().min(5000)]).unwrap();
        self.supplied += taken as u64;
        self.sending = Some((index, at + taken));
    }
}

fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

fn machine_unhandled(machine: &mut Server, event: server::Event) {
    mail_wire::Machine::unhandled(machine, event).unwrap();
}

/// A client's application: a list of commands, and a record of what came.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub script: VecDeque<String>,
    pub told: Rc<RefCell<Vec<String>>>,
    /// Keeps bodies as they come; else they are counted only.
    pub keeps: bool,
    pub body: Vec<u8>,
    pub octets: u64,
    /// How many events came of each kind that is not recorded.
    pub quiet: bool,
    pub events: u64,
}

impl Caller {
    pub fn new(script: &[&str]) -> Self {
        Self {
            script: script.iter().map(|line| (*line).to_owned()).collect(),
            keeps: true,
            ..Self::default()
        }
    }

    fn tell(&self, line: String) {
        self.told.borrow_mut().push(line);
    }
}

impl Application<Client> for Caller {
    fn event(&mut self, _: &mut Client, event: client::Event) {
        self.events += 1;
        if !self.quiet {
            self.tell(shown(&event));
        }
    }

    fn body(&mut self, octets: &[u8]) {
        self.octets += octets.len() as u64;
        if self.keeps {
            self.body.extend_from_slice(octets);
        }
    }

    fn body_end(&mut self, whole: bool) {
        let body = std::mem::take(&mut self.body);
        self.tell(match whole {
            true => format!("body {}", Escaped(&body)),
            false => "aborted".into(),
        });
    }

    fn need_answer(&mut self, machine: &mut Client) -> bool {
        let Some(line) = self.script.pop_front() else {
            return false;
        };
        for command in line.split(';') {
            if let Err(misuse) = submit(machine, command.trim()) {
                self.tell(format!("misuse: {misuse}"));
            }
        }
        true
    }
}

/// Gives the command that a line of text stands for.
pub fn submit(client: &mut Client, line: &str) -> Result<(), Misuse> {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| words.get(at).and_then(|word| MessageNumber::new(word.parse().unwrap()));
    match words[0] {
        "capa" => client.capabilities(),
        "login" => client.login(
            Name::new(words[1]).unwrap(),
            Password::new(words[2..].join(" ").into()).unwrap(),
        ),
        "apop" => client.apop(Name::new(words[1]).unwrap(), &Secret::from(words[2])),
        "stls" => client.stls(),
        "auth" => client.authenticate(words[1].parse().unwrap(), words.get(2).map(|data| sasl_data(data))),
        "respond" => client.respond(sasl_data(words[1])),
        "cancel" => client.cancel(),
        "mechanisms" => client.mechanisms(),
        "utf8" => client.utf8(),
        "languages" => client.languages(),
        "lang" if words[1] == "*" => client.language(LanguageRange::Preferred),
        "lang" => client.language(LanguageRange::Tag(LanguageTag::new(words[1]).unwrap())),
        "stat" => client.stat(),
        "list" => client.list(number(1)),
        "uidl" => client.uidl(number(1)),
        "retr" => client.retrieve(number(1).unwrap()),
        "top" => client.top(number(1).unwrap(), words[2].parse().unwrap()),
        "dele" => client.delete(number(1).unwrap()),
        "noop" => client.noop(),
        "rset" => client.reset(),
        "quit" => client.quit(),
        other => panic!("unknown command {other:?}"),
    }
}

/// Data of a mechanism; `=` is none, `\0` is NUL.
fn sasl_data(text: &str) -> Secret {
    match text {
        "=" => Secret::from(""),
        _ => Secret::from(text.replace("\\0", "\0").as_str()),
    }
}

/// An event in short.
pub fn shown(event: &client::Event) -> String {
    match event {
        client::Event::Greeting(greeting) => match greeting.timestamp() {
            Some(timestamp) => format!("greeting with {timestamp}"),
            None => "greeting".into(),
        },
        client::Event::Capabilities(all) => {
            let tags: Vec<_> = all
                .iter()
                .map(|one| String::from_utf8_lossy(one.tag()).into_owned())
                .collect();
            format!("capabilities {}", tags.join(" "))
        }
        client::Event::LoggedIn(_) => "logged in".into(),
        client::Event::Status(listing) => format!("status {listing}"),
        client::Event::ListItem(item) => format!("item {item}"),
        client::Event::ListEnd => "list end".into(),
        client::Event::UniqueIdItem(item) => format!("id {item}"),
        client::Event::UniqueIdEnd => "id end".into(),
        client::Event::Invalid(invalid) => format!("invalid {} {}: {}", invalid.keyword, invalid.raw, invalid.why),
        client::Event::Message { number, size_hint } => format!("message {number} {size_hint:?}"),
        client::Event::Done(keyword, _) => format!("done {keyword}"),
        client::Event::Refused(keyword, response) => format!("refused {keyword} {:?}", response.meaning()),
        client::Event::Unsent(keyword, misuse) => format!("unsent {keyword}: {misuse}"),
        client::Event::Challenge(data) => format!("challenge {}", Escaped(data)).trim_end().into(),
        client::Event::MechanismItem(mechanism) => format!("mechanism {mechanism}"),
        client::Event::MechanismEnd => "mechanism end".into(),
        client::Event::LanguageItem(language) => format!("language {} {}", language.tag, language.description),
        client::Event::LanguageEnd => "language end".into(),
        client::Event::Language(language) => format!("speaks {} {}", language.tag, language.description),
        other => format!("{other:?}"),
    }
}

/// The server and its application that a transcript's settings describe.
pub fn server(transcript: &Transcript) -> (Server, Host) {
    let one = |key: &'static str| transcript.settings(key).next();
    let mut config = server::Config::default();
    if let Some(text) = one("greeting") {
        config.greeting = Greeting::new(text).unwrap();
    }
    let announced = ["expire", "delay"].into_iter().filter_map(one);
    for line in announced {
        match Capability::parse(line.as_bytes()).unwrap() {
            Capability::Expire(expire) => config.capabilities.expire = Some(expire),
            Capability::LoginDelay(delay) => config.capabilities.login_delay = Some(delay),
            other => panic!("{other:?}"),
        }
    }
    config.capabilities.implementation = one("implementation").map(|text| Text::new(text).unwrap());
    for leniency in transcript.settings("lenient") {
        match leniency {
            "spaces" => config.leniency.spaces = Spaces::Many,
            "lf" => config.leniency.line_ends = LineEnds::CrlfOrLf,
            other => panic!("{other}"),
        }
    }
    for limit in transcript.settings("limit") {
        match limit.split_once(' ').unwrap() {
            ("errors", n) => config.limits.errors = n.parse().unwrap(),
            ("logins", n) => config.limits.failed_logins = n.parse().unwrap(),
            ("sasl", n) => config.limits.sasl = n.parse().unwrap(),
            other => panic!("{other:?}"),
        }
    }
    secure(transcript, &mut config);
    let two = |line: &str| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let host = Host {
        users: transcript.settings("user").map(two).collect(),
        messages: transcript
            .settings("message")
            .map(|line| {
                (
                    two(line).0,
                    two(line).1.replace("\\r", "\r").replace("\\n", "\n").into_bytes(),
                )
            })
            .collect(),
        logins: transcript.settings("login").map(str::to_owned).collect(),
        update_fails: one("update") == Some("fails"),
        ..Host::default()
    };
    let config = Arc::new(config);
    let security = match one("plaintext") {
        Some(_) => server::Security::Plaintext,
        None => server::Security::Secured,
    };
    let server = match one("timestamp") {
        Some(timestamp) => Server::with_apop(config, security, Timestamp::parse(timestamp.as_bytes()).unwrap()),
        None => Server::new(config, security),
    };
    (server, host)
}

fn secure(transcript: &Transcript, config: &mut server::Config) {
    let one = |key: &'static str| transcript.settings(key).next();
    let names = |key| {
        one(key).map_or_else(Vec::new, |names| {
            names.split(' ').map(|name| name.parse().unwrap()).collect()
        })
    };
    config.mechanisms.secured = names("mechanisms");
    config.mechanisms.plaintext = names("plaintext-mechanisms");
    if one("stls").is_some() {
        config.stls = server::Stls::Offered;
    }
    config.plaintext = match one("allow") {
        Some("passwords") => server::Plaintext::Allowed,
        Some("apop") => server::Plaintext::Apop,
        _ => server::Plaintext::Refused,
    };
    config.utf8 = one("utf8").map(|which| match which {
        "names" => Utf8::MessagesAndNames,
        _ => Utf8::Messages,
    });
    config.languages = transcript
        .settings("language")
        .map(|line| {
            let listing = LanguageListing::parse(line.as_bytes()).unwrap();
            server::Language {
                tag: listing.tag,
                description: listing.description,
                translate: if line.starts_with("de") { deutsch } else { |_| None },
            }
        })
        .collect();
}

/// Some of the machine's words in German.
fn deutsch(phrase: server::Phrase) -> Option<String> {
    Some(match phrase {
        server::Phrase::LanguageChosen => "Sprache gewechselt".into(),
        server::Phrase::NoSuchMessage { messages } => format!("keine solche Nachricht, es gibt {messages}"),
        server::Phrase::BadCredentials => "Name oder Passwort falsch".into(),
        server::Phrase::Octets(octets) => format!("{octets} Oktette"),
        server::Phrase::Goodbye => "auf Wiedersehen".into(),
        _ => return None,
    })
}

/// The client and its application that a transcript's settings describe.
pub fn client(transcript: &Transcript) -> (Client, Caller) {
    let mut config = client::Config::default();
    if transcript.settings("apop").any(|value| value == "allowed") {
        config.apop = Apop::WhenOffered;
    }
    config.security = match transcript.settings("client").next() {
        Some("plaintext") => client::Security::Plaintext,
        Some("starttls") => client::Security::StartTls,
        _ => client::Security::Secured,
    };
    let script: Vec<&str> = transcript.settings("do").collect();
    (Client::new(config), Caller::new(&script))
}
