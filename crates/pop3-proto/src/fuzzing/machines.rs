//! Machines that are fed any octets.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use mail_wire::{Answers, Layer, LineEnds, Machine, MechanismName, Secret, Step, Upload};

use crate::client::{self, Apop};
use crate::server::{self, Event, Language, Maildrop, Mechanisms, Refusal, SaslStep, Spaces, Stls};
use crate::{
    Client, Encoding, LanguageRange, LanguageTag, MessageNumber, Name, Password, Phase, Server, Text, UniqueId, Utf8,
};

/// A server that is fed `data` neither panics nor exceeds its bounds, and says the same however `data` is cut. The first
/// octet chooses its configuration.
///
/// Without STLS, for which cuts matter: what is read already when it comes is refused.
pub fn server(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = serve(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(serve(choice, data, size), whole, "cut in pieces of {size}");
    }
}

/// A client that is fed `data` as the server's answers neither panics nor exceeds its bounds, and tells and says the same
/// however `data` is cut. The first octet chooses its configuration.
pub fn client(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = call(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(call(choice, data, size), whole, "cut in pieces of {size}");
    }
}

/// docs/threats.md row 4 and row 5: octets that were read together with STLS, or with its go-ahead, end the session; a
/// session that TLS begins knows nothing of the one before.
pub fn securing(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    for size in [data.len().max(1), 1, 3] {
        let mut config = configuration(choice);
        (config.stls, config.plaintext) = (Stls::Offered, server::Plaintext::Allowed);
        let mut server = Server::new(Arc::new(config), server::Security::Plaintext);
        secure(&mut server, data, size, |server| {
            assert_eq!(
                (server.phase(), server.encoding()),
                (Phase::Authorization, Encoding::Ascii)
            );
            assert_eq!(server.security(), server::Security::Secured);
        });
        let mut client = Client::new(client::Config::default());
        assert_eq!(client.capabilities(), Ok(()));
        assert_eq!(client.stls(), Ok(()));
        secure(&mut client, data, size, |client| {
            assert_eq!((client.phase(), client.offered()), (Phase::Authorization, None));
            assert_eq!(client.security(), client::Security::Secured);
        });
    }
}

/// Feeds `data` until TLS is asked for, and looks at what is there then.
fn secure<M: Machine>(machine: &mut M, data: &[u8], size: usize, look: impl Fn(&M)) {
    for piece in data.chunks(size) {
        machine.receive(piece);
        loop {
            match machine.poll() {
                Ok(Step::Event(event)) => assert_eq!(machine.unhandled(event), Ok(())),
                Ok(Step::NeedFlush) => machine.transmitted(usize::MAX),
                Ok(Step::Upgrade(layer)) => {
                    assert_eq!(layer, Layer::Tls);
                    assert!(machine.transmit().is_empty() && machine.space().is_empty());
                    machine.upgrade(layer);
                    look(machine);
                    assert!(machine.transmit().is_empty(), "there is no second greeting");
                    assert!(matches!(machine.poll(), Ok(Step::NeedInput | Step::NeedAnswer)));
                    return;
                }
                Ok(_) => break,
                Err(_) => return,
            }
        }
    }
}

/// What a machine told, and what it wrote.
#[derive(Debug, Default, PartialEq, Eq)]
struct Record {
    told: Vec<String>,
    wrote: Vec<u8>,
    read: Vec<u8>,
}

impl Record {
    /// Feeds all of `data` in pieces, then the end of input.
    fn make<M: Machine>(
        mut machine: M,
        data: &[u8],
        size: usize,
        mut act: impl FnMut(&mut M, M::Event) -> String,
    ) -> Self {
        let mut record = Self::default();
        for mut piece in data.chunks(size) {
            loop {
                let n = machine.receive(piece);
                piece = &piece[n..];
                record.settle(&mut machine, &mut act);
                if piece.is_empty() || machine.space().is_empty() {
                    break;
                }
            }
        }
        machine.receive_eof();
        record.settle(&mut machine, &mut act);
        record
    }

    fn settle<M: Machine>(&mut self, machine: &mut M, act: &mut impl FnMut(&mut M, M::Event) -> String) {
        loop {
            let step = machine.poll();
            assert!(machine.transmit().len() <= BOUND, "the outbox is bounded");
            match step {
                Ok(Step::Event(event)) => {
                    let told = act(machine, event);
                    self.told.push(told);
                }
                Ok(Step::Body) => {
                    let n = machine.body().len();
                    assert!(n > 0);
                    self.read.extend_from_slice(machine.body());
                    machine.consume(n);
                }
                Ok(Step::BodyEnd) => {
                    self.told.push(format!("{:?}", core::mem::take(&mut self.read)));
                    machine.close_body();
                }
                Ok(Step::BodyAborted) => {
                    self.read.clear();
                    self.told.push("aborted".into());
                    machine.close_body();
                }
                Ok(Step::NeedFlush) => self.flush(machine),
                Ok(Step::NeedInput | Step::NeedAnswer | Step::Closed) => return self.flush(machine),
                Ok(step) => unreachable!("{:?} is the application's to act upon", core::mem::discriminant(&step)),
                Err(error) => {
                    let told = format!("{error:?} {error}");
                    if self.told.last() != Some(&told) {
                        self.told.push(told);
                    }
                    return self.flush(machine);
                }
            }
        }
    }

    fn flush<M: Machine>(&mut self, machine: &mut M) {
        self.wrote.extend_from_slice(machine.transmit());
        machine.transmitted(usize::MAX);
    }
}

fn configuration(choice: u8) -> server::Config {
    let mut config = server::Config::default();
    if choice & 8 != 0 {
        let names: Vec<MechanismName> = ["PLAIN", "LOGIN"]
            .into_iter()
            .filter_map(|name| name.parse().ok())
            .collect();
        config.mechanisms = Mechanisms {
            secured: names.clone(),
            plaintext: names,
        };
        config.limits.sasl = 300;
    }
    if choice & 16 != 0 {
        config.utf8 = Some(Utf8::MessagesAndNames);
        let tags = ["en", "de", "de-AT"]
            .into_iter()
            .filter_map(|tag| LanguageTag::new(tag).ok());
        config.languages = tags.map(language).collect();
    }
    if choice & 1 != 0 {
        config.leniency.line_ends = LineEnds::CrlfOrLf;
    }
    if choice & 2 != 0 {
        config.leniency.spaces = Spaces::Many;
    }
    config
}

fn language(tag: LanguageTag) -> Language {
    Language {
        tag,
        description: Text::default(),
        translate: |phrase| Some(format!("\r\n.\r\n{phrase}\0")),
    }
}

fn serve(choice: u8, data: &[u8], size: usize) -> Record {
    let security = match choice & 32 {
        0 => server::Security::Secured,
        _ => server::Security::Plaintext,
    };
    let config = Arc::new(configuration(choice));
    let machine = match crate::apop::Timestamp::parse(b"<1.2@example.org>") {
        Ok(timestamp) if choice & 4 != 0 => Server::with_apop(config, security, timestamp),
        _ => Server::new(config, security),
    };
    Record::make(machine, data, size, decide)
}

fn decide(server: &mut Server, event: Event) -> String {
    let told = format!("{event:?}");
    let answered = match event {
        Event::Login(ask, who) if who.name().as_str().len() == 1 => server.answer(ask, Ok(maildrop())),
        Event::Login(ask, _) => server.answer(ask, Err(Refusal::bad_credentials())),
        Event::Authenticate(ask, auth) => server.answer(ask, sasl(auth.initial_response.as_ref())),
        Event::SaslResponse(ask, response) => server.answer(ask, sasl(Some(&response))),
        Event::Retrieve(ask, number) if number.as_u32() == 3 => server.answer(ask, Err(Refusal::no_such_message())),
        Event::Retrieve(ask, _) => server.answer(ask, Ok(())),
        Event::Top(ask, ..) => server.answer(ask, Ok(())),
        other => server.unhandled(other),
    };
    assert_eq!(answered, Ok(()));
    if server.wants_body() {
        assert_eq!(server.begin_body(None), Ok(()));
        assert_eq!(server.write_body(MESSAGE), Ok(MESSAGE.len()));
        assert_eq!(server.finish_body(), Ok(()));
    }
    told
}

/// What a mechanism makes of a response, which is told by its length.
fn sasl(response: Option<&Secret>) -> Result<SaslStep, Refusal> {
    match response.map(|response| response.expose().len()) {
        None => Ok(SaslStep::Challenge(Vec::new())),
        Some(0) => Ok(SaslStep::Success(maildrop())),
        Some(1..10) => Ok(SaslStep::Challenge(Vec::from(b"more"))),
        Some(_) => Err(Refusal::bad_credentials()),
    }
}

fn maildrop() -> Maildrop {
    let ids = ["a", "b", "c"].into_iter().filter_map(|id| UniqueId::new(id).ok());
    ids.map(|id| (MESSAGE.len() as u64, id)).collect()
}

fn call(choice: u8, data: &[u8], size: usize) -> Record {
    let mut config = client::Config {
        security: client::Security::Secured,
        ..client::Config::default()
    };
    if choice & 1 != 0 {
        config.leniency.line_ends = LineEnds::CrlfOrLf;
        config.leniency.bare_line_ends = mail_wire::BareLineEnds::Allow;
    }
    if choice & 2 != 0 {
        config.apop = Apop::WhenOffered;
    }
    let mut machine = Client::new(config);
    submit(&mut machine, choice);
    Record::make(machine, data, size, hear)
}

fn hear(client: &mut Client, event: client::Event) -> String {
    let told = format!("{event:?}");
    if let client::Event::Challenge(data) = event {
        let answered = match data.len() % 4 {
            0 => client.cancel(),
            _ => client.respond(Secret::from(data.as_slice())),
        };
        assert_eq!(answered, Ok(()));
    }
    told
}

/// One command of each kind, among them some whose answers have many lines.
fn submit(client: &mut Client, choice: u8) {
    let one = MessageNumber::new(1);
    if choice & 4 != 0 {
        assert_eq!(client.capabilities(), Ok(()));
    }
    if choice & 16 != 0 {
        let all = [
            client.utf8(),
            client.languages(),
            client.language(LanguageRange::Preferred),
            client.mechanisms(),
        ];
        assert!(all.into_iter().all(|submitted| submitted.is_ok()));
    }
    match ("PLAIN".parse(), Name::new("bob"), Password::new("hungry".into())) {
        (Ok(plain), ..) if choice & 8 != 0 => {
            let response = (choice & 32 != 0).then(|| Secret::from("\0bob\0hungry"));
            assert_eq!(client.authenticate(plain, response), Ok(()));
        }
        (_, Ok(name), Ok(password)) => assert_eq!(client.login(name, password), Ok(())),
        _ => {}
    }
    let all = [
        client.stat(),
        client.list(None),
        client.uidl(None),
        client.list(one),
        client.uidl(one),
    ];
    assert!(all.into_iter().all(|submitted| submitted.is_ok()));
    if let Some(one) = one {
        let all = [client.retrieve(one), client.top(one, 3), client.delete(one)];
        assert!(all.into_iter().all(|submitted| submitted.is_ok()));
    }
    let all = [client.noop(), client.reset(), client.capabilities(), client.quit()];
    assert!(all.into_iter().all(|submitted| submitted.is_ok()));
}

const MESSAGE: &[u8] = b"Subject: dots\r\n\r\n.\r\n..\n\rend";

/// More than the outbox's limit by the longest answer that is written at once.
const BOUND: usize = 16 * 1024 + 1024;
