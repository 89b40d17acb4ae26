//! The programs beside our machines, in tests.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use mail_testing::{Application, Transcript};
use mail_wire::{Answers, Machine, Secret, Upload};
use smtp_proto::client::{Content, Delivery, Recipient, Unoffered};
use smtp_proto::phase::Security;
use smtp_proto::server::{self, Acceptance, Event, Extension, Mailboxes, NamedMailbox, SaslStep};
use smtp_proto::{Attributes, Client, ForwardPath, Mailbox, ParameterList, Refusal, ReversePath, Server, client};

/// A mail host that accepts what the transcript's settings say, and keeps what it got.
///
/// ```text
/// @ user bob@hamburger.example             accepted in RCPT and VRFY; without any, everybody is
/// @ refuse carol@x.example 550 5.1.1 No …  refused in RCPT so (\n in the text for another line)
/// @ sender-refused 451 4.3.0 …             refused in MAIL so
/// @ message-refused 451 4.3.0 …            refused at the message's end so
/// @ message-accepted Queued as 17          accepted in these words
/// @ member Full Name <bob@x.example>       on every list
/// @ sasl challenge words | sasl success | sasl refuse 535 5.7.8 No      the steps of AUTH exchanges, in their order
/// @ message-for 1 452 4.2.2 Mailbox full   refused for the recipient of that number (LMTP)
/// @ data-refused 451 4.3.0 …               refused at DATA or the first BDAT so
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct MailHost {
    users: Vec<Mailbox>,
    refusals: Vec<(Mailbox, Refusal)>,
    sender_refused: Option<Refusal>,
    message_refused: Option<Refusal>,
    message_accepted: Option<Acceptance>,
    members: Vec<NamedMailbox>,
    sasl: std::collections::VecDeque<String>,
    refused_for: Vec<(u32, Refusal)>,
    data_refused: Option<Refusal>,
    /// What happened, in words.
    pub(crate) log: Vec<String>,
    /// Messages that were accepted.
    pub(crate) messages: Vec<Vec<u8>>,
    pub(crate) arriving: Vec<u8>,
}

impl MailHost {
    pub(crate) fn new(transcript: &Transcript) -> Self {
        let text = |key| transcript.settings(key).map(str::to_owned).collect::<Vec<_>>();
        let refuse = |line: &String| {
            let (mailbox, why) = line.split_once(' ').expect("mailbox and refusal");
            (mailbox.parse().expect("a mailbox"), refusal(why))
        };
        Self {
            users: text("user")
                .iter()
                .map(|user| user.parse().expect("a mailbox"))
                .collect(),
            refusals: text("refuse").iter().map(refuse).collect(),
            sender_refused: text("sender-refused").first().map(|why| refusal(why)),
            message_refused: text("message-refused").first().map(|why| refusal(why)),
            message_accepted: text("message-accepted")
                .first()
                .map(|words| Acceptance::new(words.parse().expect("a reply's text"))),
            members: text("member").iter().map(|line| member(line)).collect(),
            sasl: text("sasl").into(),
            refused_for: text("message-for").iter().map(|line| refused_for(line)).collect(),
            data_refused: text("data-refused").first().map(|why| refusal(why)),
            ..Self::default()
        }
    }

    fn sasl_step(&mut self) -> Result<SaslStep, Refusal> {
        let step = self.sasl.pop_front().expect("a step is left");
        match step.split_once(' ').unwrap_or((&step, "")) {
            ("challenge", words) => Ok(SaslStep::Challenge(words.as_bytes().to_vec())),
            ("success", _) => Ok(SaslStep::Success),
            ("refuse", why) => Err(refusal(why)),
            other => panic!("unknown step {other:?}"),
        }
    }

    fn recipient(&self, path: &ForwardPath) -> Result<Acceptance, Refusal> {
        let Some(mailbox) = path.mailbox() else {
            return Ok(Acceptance::default());
        };
        if let Some((_, refusal)) = self.refusals.iter().find(|(refused, _)| refused == mailbox) {
            return Err(refusal.clone());
        }
        match self.users.is_empty() || self.users.contains(mailbox) {
            true => Ok(Acceptance::default()),
            false => Err(Refusal::no_such_user()),
        }
    }
}

fn refused_for(line: &str) -> (u32, Refusal) {
    let (number, why) = line.split_once(' ').expect("number and refusal");
    (number.parse().expect("a number"), refusal(why))
}

fn refusal(text: &str) -> Refusal {
    let mut words = text.splitn(3, ' ');
    let mut next = || words.next().expect("code, enhanced code, text");
    let (code, enhanced, text) = (next(), next(), next());
    let text = text.replace("\\n", "\n");
    Refusal::new(code.parse().expect("a code"), enhanced, &text).expect("a refusal")
}

fn member(line: &str) -> NamedMailbox {
    let (name, rest) = line.split_once('<').expect("Name <mailbox>");
    let name = Some(name.trim()).filter(|name| !name.is_empty());
    let name = name.map(|name| name.parse().expect("a name"));
    NamedMailbox::new(
        name,
        Mailbox::parse_utf8(rest.trim_end_matches('>')).expect("a mailbox"),
    )
}

impl Application<Server> for MailHost {
    fn event(&mut self, machine: &mut Server, event: Event) {
        let answered = match event {
            Event::Hello(hello) => {
                self.log.push(format!("{} {}", hello.verb, hello.client));
                Ok(())
            }
            Event::Mail(ask, mail) => {
                self.log.push(format!("mail {mail}"));
                let verdict = self.sender_refused.clone().map_or(Ok(Acceptance::default()), Err);
                machine.answer(ask, verdict)
            }
            Event::Recipient(ask, to) => {
                self.log.push(format!("recipient {to}"));
                machine.answer(ask, self.recipient(to.forward_path()))
            }
            Event::Data(ask) => {
                let refused = self.data_refused.clone();
                machine.answer(ask, refused.map_or(Ok(Acceptance::default()), Err))
            }
            Event::MessageFor(ask, number) => {
                self.log.push(format!("message for {number}"));
                let refused = self.refused_for.iter().find(|(refused, _)| *refused == number);
                let refused = refused.map(|(_, refusal)| refusal.clone());
                machine.answer(ask, refused.map_or(Ok(Acceptance::default()), Err))
            }
            Event::Authenticate(ask, auth) => {
                let initial = auth.initial_response.as_ref().map(|secret| secret.expose().to_vec());
                self.log.push(format!("auth {} {initial:?}", auth.mechanism));
                machine.answer(ask, self.sasl_step())
            }
            Event::SaslResponse(ask, response) => {
                self.log
                    .push(format!("response {}", String::from_utf8_lossy(response.expose())));
                machine.answer(ask, self.sasl_step())
            }
            Event::SaslCancelled => {
                self.log.push("cancelled".into());
                Ok(())
            }
            Event::Etrn(ask, etrn) => {
                self.log.push(format!("etrn {etrn}"));
                machine.answer(ask, Ok(Acceptance::default()))
            }
            Event::XClient(attributes) => {
                self.log.push(format!("xclient {attributes}"));
                Ok(())
            }
            Event::XForward(attributes) => {
                self.log.push(format!("xforward {attributes}"));
                Ok(())
            }
            Event::Proxied(header) => {
                self.log.push(format!("proxied {:?}", header.source()));
                Ok(())
            }
            Event::Message(ask) => {
                let refused = self.message_refused.clone();
                if refused.is_none() {
                    self.messages.push(std::mem::take(&mut self.arriving));
                }
                let accepted = self.message_accepted.clone().unwrap_or_default();
                machine.answer(ask, refused.map_or(Ok(accepted), Err))
            }
            Event::Verify(ask, user) if user.as_str().starts_with("Lettuce") => {
                machine.answer(ask, Ok(Mailboxes(self.members.clone())))
            }
            Event::Expand(ask, _) => machine.answer(ask, Ok(Mailboxes(self.members.clone()))),
            Event::Reset => {
                self.log.push("reset".into());
                Ok(())
            }
            other => machine.unhandled(other),
        };
        answered.expect("the ask is open");
    }

    fn body(&mut self, octets: &[u8]) {
        self.arriving.extend_from_slice(octets);
    }

    fn body_end(&mut self, whole: bool) {
        self.log.push(if whole { "whole".into() } else { "aborted".into() });
        if !whole {
            self.arriving.clear();
        }
    }
}

/// A server's configuration from a transcript's settings; its name is mx.hamburger.example.
pub(crate) fn server_config(transcript: &Transcript) -> Arc<server::Config> {
    let mut config = server::Config::new("mx.hamburger.example".parse().expect("a name"));
    config.limits.message = 100_000;
    let number = |key| {
        transcript
            .settings(key)
            .next()
            .map(|n| n.parse::<u32>().expect("a number"))
    };
    if let Some(size) = number("max-message") {
        config.limits.message = size.into();
    }
    config.limits.recipients = number("max-recipients").unwrap_or(config.limits.recipients);
    config.limits.errors = number("max-errors").unwrap_or(config.limits.errors);
    config.limits.idle_commands = number("max-idle").unwrap_or(config.limits.idle_commands);
    config.limits.drained = number("max-drained").map_or(config.limits.drained, u64::from);
    for line in transcript.settings("offer") {
        config
            .extensions
            .push(Extension::new(line.parse().expect("an EHLO line")));
    }
    for parameter in transcript.settings("parameter") {
        let mut extension = Extension::new("X-TEST".parse().expect("an EHLO line"));
        extension.mail_parameters.push(parameter.parse().expect("a keyword"));
        extension.rcpt_parameters.push(parameter.parse().expect("a keyword"));
        config.extensions.push(extension);
    }
    for leniency in transcript.settings("lenient") {
        match leniency {
            "space-after-colon" => config.leniency.space_after_colon = true,
            "missing-brackets" => config.leniency.missing_brackets = true,
            "any-hello-name" => config.leniency.any_hello_name = true,
            "long-paths" => config.leniency.long_paths = true,
            "bare-lf-after-commands" => config.leniency.bare_lf_after_commands = true,
            "bare-line-ends-in-messages" => config.leniency.bare_line_ends_in_messages = true,
            other => panic!("unknown leniency {other}"),
        }
    }
    for offer in transcript.settings("offers").flat_map(str::split_whitespace) {
        switch_on(&mut config.offers, offer);
    }
    for (key, mechanisms) in [
        ("auth", &mut config.offers.authentication.secured),
        ("auth-plaintext", &mut config.offers.authentication.plaintext),
    ] {
        let names = transcript.settings(key).flat_map(str::split_whitespace);
        *mechanisms = names.map(|name| name.parse().expect("a mechanism")).collect();
    }
    config.limits.recipient_domains = number("max-domains").unwrap_or(0);
    config.limits.transactions = number("max-transactions").unwrap_or(0);
    if transcript.settings("lmtp").next().is_some() {
        config.protocol = server::Protocol::Lmtp;
    }
    config.expand = transcript.settings("expand").next().is_some();
    Arc::new(config)
}

/// ```text
/// @ offers chunking binarymime smtputf8 starttls starttls-required requiretls dsn deliverby futurerelease priority rrvs
///          no-soliciting limits etrn auth-required
/// @ auth PLAIN SCRAM-SHA-256               under TLS; auth-plaintext: without
/// @ lmtp
/// @ arrival secured proxied xclient xforward
/// ```
fn switch_on(offers: &mut server::Offers, offer: &str) {
    match offer {
        "chunking" => offers.chunking = true,
        "binarymime" => offers.binary_mime = true,
        "smtputf8" => offers.smtp_utf8 = true,
        "starttls" => offers.start_tls = server::StartTls::Offered,
        "starttls-required" => offers.start_tls = server::StartTls::Required,
        "requiretls" => offers.require_tls = true,
        "dsn" => offers.dsn = true,
        "deliverby" => offers.deliver_by = Some(Some(240)),
        "futurerelease" => {
            let until = "2026-12-31T00:00:00Z".parse().expect("a time");
            offers.future_release = Some((604_800, until));
        }
        "priority" => offers.mt_priority = true,
        "rrvs" => offers.rrvs = true,
        "no-soliciting" => offers.no_soliciting = Some("net.example:ADV".parse().expect("a class")),
        "limits" => offers.limits = true,
        "etrn" => offers.etrn = true,
        "auth-required" => offers.authentication.required = true,
        other => panic!("unknown offer {other}"),
    }
}

fn arrival(transcript: &Transcript) -> server::Arrival {
    let mut arrival = server::Arrival::default();
    for word in transcript.settings("arrival").flat_map(str::split_whitespace) {
        match word {
            "secured" => arrival.security = Security::Secured,
            "proxied" => arrival.proxy_header = true,
            "xclient" => arrival.xclient = true,
            "xforward" => arrival.xforward = true,
            other => panic!("unknown arrival {other}"),
        }
    }
    arrival
}

pub(crate) fn server(transcript: &Transcript) -> Server {
    let config = server_config(transcript);
    if transcript.settings("arrival").next().is_some() {
        return Server::arriving(config, arrival(transcript));
    }
    match transcript.settings("turn-away").next() {
        Some(why) => Server::turning_away(config, refusal(why)),
        None => Server::new(config),
    }
}

/// A user agent that does what it is told.
///
/// ```text
/// @ do hello
/// @ do send alice@crepes.example to bob@hamburger.example carol@x.example
/// @ do mail alice@crepes.example | rcpt … | data | reset | verify … | expand … | help | noop | quit
/// @ do starttls | auth MECHANISM response | respond … | cancel | turn … | xclient A=x B=y | xforward A=x
/// @ body a line of the message             \0 in it is NUL, here and in responses
/// @ size 4711                              announced in the envelope
/// @ content looked-at                      the envelope says what the message needs
/// @ mail-parameter RET HDRS                asked for in MAIL; rcpt-parameter: in each RCPT
/// @ unoffered drop                         parameters that are not offered are left out
/// @ delivery all-or-none
/// @ pipelining never
/// @ chunking always | never
/// @ chunk 16                               octets of a chunk
/// @ lmtp
/// @ security starttls                      TLS is required
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct UserAgent {
    script: Vec<String>,
    pub(crate) message: Vec<u8>,
    sent: usize,
    size: Option<u64>,
    content: Option<Content>,
    mail_parameters: ParameterList,
    rcpt_parameters: ParameterList,
    delivery: Delivery,
    unoffered: Unoffered,
    begun: bool,
    pub(crate) log: Vec<String>,
    pub(crate) events: Vec<client::Event>,
}

impl UserAgent {
    pub(crate) fn new(transcript: &Transcript) -> Self {
        Self {
            script: transcript.settings("do").map(str::to_owned).collect(),
            message: transcript
                .settings("body")
                .map(|line| format!("{}\r\n", with_nul(line)))
                .collect::<String>()
                .into(),
            size: transcript
                .settings("size")
                .next()
                .map(|size| size.parse().expect("a number")),
            mail_parameters: parameters(transcript, "mail-parameter"),
            rcpt_parameters: parameters(transcript, "rcpt-parameter"),
            delivery: match transcript.settings("delivery").next() {
                Some("all-or-none") => Delivery::AllOrNone,
                _ => Delivery::Each,
            },
            unoffered: match transcript.settings("unoffered").next() {
                Some("drop") => Unoffered::Drop,
                _ => Unoffered::Refuse,
            },
            ..Self::default()
        }
        .looking_at(transcript.settings("content").next())
    }

    /// One that does `script` with `message`.
    pub(crate) fn scripted(script: &[&str], message: &[u8]) -> Self {
        Self {
            script: script.iter().map(|&line| line.to_owned()).collect(),
            message: message.to_vec(),
            ..Self::default()
        }
    }

    fn looking_at(mut self, content: Option<&str>) -> Self {
        self.content = content.map(|_| Content::of(&self.message));
        self
    }

    fn act(&mut self, machine: &mut Client, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let none = ParameterList::new();
        let done = match verb {
            "hello" => machine.hello(),
            "send" => machine.transaction(self.envelope(rest)),
            "mail" => machine.mail(&reverse(rest), &none),
            "rcpt" => machine.recipient(&format!("<{rest}>").parse().expect("a path"), &none),
            "data" => machine.data(),
            "reset" => machine.reset(),
            "verify" => machine.verify(rest.parse().expect("an argument")),
            "expand" => machine.expand(rest.parse().expect("an argument")),
            "help" => machine.help(rest.parse().ok()),
            "starttls" => machine.start_tls(),
            "auth" => {
                let (mechanism, response) = rest.split_once(' ').unwrap_or((rest, ""));
                let initial = match response {
                    "" => None,
                    "=" => Some(Secret::from("")),
                    text => Some(Secret::from(with_nul(text))),
                };
                machine.authenticate(mechanism.parse().expect("a mechanism"), initial)
            }
            "respond" => machine.respond(&Secret::from(with_nul(rest))),
            "cancel" => machine.cancel(),
            "turn" => machine.turn(rest.parse().expect("a node")),
            "xclient" => machine.x_client(attributes(rest)),
            "xforward" => machine.x_forward(attributes(rest)),
            "noop" => machine.noop(),
            "quit" => machine.quit(),
            other => panic!("unknown command {other}"),
        };
        done.unwrap_or_else(|misuse| panic!("{line}: {misuse}"));
    }

    fn envelope(&self, line: &str) -> client::Envelope {
        let (from, to) = line.split_once(" to ").expect("sender to recipients");
        let recipients = to.split(' ').map(|to| {
            let path = format!("<{to}>").parse::<ForwardPath>().expect("a path");
            Recipient::from(path).with_parameters(self.rcpt_parameters.clone())
        });
        let envelope = client::Envelope::new(reverse(from), recipients)
            .expect("recipients")
            .with_parameters(self.mail_parameters.clone())
            .with_delivery(self.delivery)
            .with_unoffered(self.unoffered)
            .with_content(self.content.unwrap_or_default());
        match self.size {
            Some(size) => envelope.with_size(size),
            None => envelope,
        }
    }
}

fn parameters(transcript: &Transcript, key: &str) -> ParameterList {
    let mut list = ParameterList::new();
    for line in transcript.settings(key) {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = Some(value).filter(|value| !value.is_empty());
        list.push(keyword, value).expect("a parameter");
    }
    list
}

fn attributes(line: &str) -> Attributes {
    let mut attributes = Attributes::new();
    for (name, value) in line.split(' ').filter_map(|pair| pair.split_once('=')) {
        attributes.push(name, value).expect("an attribute");
    }
    attributes
}

fn with_nul(text: &str) -> String {
    text.replace("\\0", "\0")
}

fn reverse(mailbox: &str) -> ReversePath {
    format!("<{}>", mailbox.trim_matches(['<', '>']))
        .parse()
        .expect("a path")
}

impl Application<Client> for UserAgent {
    fn event(&mut self, _: &mut Client, event: client::Event) {
        self.events.push(event);
    }

    fn need_body(&mut self, machine: &mut Client) {
        if !self.begun {
            machine.begin_body(None).expect("a body is wanted");
            self.begun = true;
        }
        if self.sent < self.message.len() {
            match machine.write_body(&self.message[self.sent..]) {
                Ok(n) => self.sent += n,
                Err(misuse) => self.log.push(misuse.to_string()),
            }
            return;
        }
        (self.sent, self.begun) = (0, false);
        if let Err(misuse) = machine.finish_body() {
            self.log.push(misuse.to_string());
            return;
        }
        // What may follow a message's end without waiting (RFC 2920 §3.1).
        if self.script.first().is_some_and(|line| line.starts_with('&')) {
            let line = self.script.remove(0);
            self.act(machine, line.trim_start_matches(['&', ' ']));
        }
    }

    fn need_answer(&mut self, machine: &mut Client) -> bool {
        if self.script.is_empty() {
            return false;
        }
        for line in self.script.remove(0).split(" ; ") {
            self.act(machine, line);
        }
        true
    }
}

pub(crate) fn client_config(transcript: &Transcript) -> client::Config {
    let mut config = client::Config::new("crepes.example".parse().expect("a name"));
    let setting = |key| transcript.settings(key).next();
    if setting("pipelining") == Some("never") {
        config.pipelining = client::Pipelining::Never;
    }
    config.chunking = match setting("chunking") {
        Some("always") => client::Chunking::Always,
        Some("never") => client::Chunking::Never,
        _ => client::Chunking::Auto,
    };
    if let Some(chunk) = setting("chunk") {
        config.limits.chunk = chunk.parse().expect("a number");
    }
    if setting("lmtp").is_some() {
        config.protocol = client::Protocol::Lmtp;
    }
    if setting("security") == Some("starttls") {
        config.security = client::Security::StartTls;
    }
    config
}
