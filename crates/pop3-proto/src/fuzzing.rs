//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics
//! when its property does not hold.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use mail_wire::{Answers, LineEnds, Machine, Step, Upload};

use crate::client::{self, Apop};
use crate::server::{self, Event, Maildrop, Refusal, Spaces};
use crate::{
    Capability, Client, Command, DropListing, Greeting, MessageNumber, Name, Password, Response, ScanListing, Server,
    UniqueId, UniqueIdListing,
};

/// A command that is read is written as one line, and read from it as the same command.
pub fn command(data: &[u8]) {
    let _ = Command::parse(&crate::command::tidy(data));
    let Ok(command) = Command::parse(data) else { return };
    let mut wire = Vec::new();
    command.encode(&mut wire);
    assert_eq!(Command::parse(one_line(&wire)), Ok(command));
}

/// Whatever of a response is read is written as one line, and read from it as the same.
pub fn response(data: &[u8]) {
    if let Ok(response) = Response::parse(data) {
        let mut wire = Vec::new();
        response.encode(&mut wire);
        assert!(wire.len() <= Response::MAX);
        if data.len() <= Response::MAX - 2 {
            assert_eq!(Response::parse(one_line(&wire)), Ok(response));
        }
    }
    if let Ok(capability) = Capability::parse(data) {
        let mut wire = Vec::new();
        capability.encode(&mut wire);
        assert_eq!(Capability::parse(one_line(&wire)), Ok(capability));
    }
    if let Ok(timestamp) = Greeting::parse(data).map(|greeting| greeting.timestamp().cloned()) {
        assert!(timestamp.is_none_or(|timestamp| timestamp.as_str().is_ascii()));
    }
    if let Ok(listing) = DropListing::parse(data) {
        assert_eq!(DropListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
    if let Ok(listing) = ScanListing::parse(data) {
        assert_eq!(ScanListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
    if let Ok(listing) = UniqueIdListing::parse(data) {
        assert_eq!(UniqueIdListing::parse(format!("{listing}").as_bytes()), Ok(listing));
    }
}

/// A server that is fed `data` neither panics nor exceeds its bounds, and says the same however `data` is cut. The first
/// octet chooses its configuration.
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

/// The content of the one line in `wire`.
fn one_line(wire: &[u8]) -> &[u8] {
    let line = wire.strip_suffix(b"\r\n").unwrap_or_default();
    assert!(!line.is_empty() && !line.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')));
    line
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

fn serve(choice: u8, data: &[u8], size: usize) -> Record {
    let mut config = server::Config::default();
    if choice & 1 != 0 {
        config.leniency.line_ends = LineEnds::CrlfOrLf;
    }
    if choice & 2 != 0 {
        config.leniency.spaces = Spaces::Many;
    }
    let config = Arc::new(config);
    let machine = match crate::apop::Timestamp::parse(b"<1.2@example.org>") {
        Ok(timestamp) if choice & 4 != 0 => Server::with_apop(config, server::Security::Plaintext, timestamp),
        _ => Server::new(config, server::Security::Plaintext),
    };
    Record::make(machine, data, size, decide)
}

fn decide(server: &mut Server, event: Event) -> String {
    let told = format!("{event:?}");
    let answered = match event {
        Event::Login(ask, who) if who.name().as_str().len() == 1 => server.answer(ask, Ok(maildrop())),
        Event::Login(ask, _) => server.answer(ask, Err(Refusal::bad_credentials())),
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

fn maildrop() -> Maildrop {
    let ids = ["a", "b", "c"].into_iter().filter_map(|id| UniqueId::new(id).ok());
    ids.map(|id| (MESSAGE.len() as u64, id)).collect()
}

fn call(choice: u8, data: &[u8], size: usize) -> Record {
    let mut config = client::Config::default();
    if choice & 1 != 0 {
        config.leniency.line_ends = LineEnds::CrlfOrLf;
        config.leniency.bare_line_ends = mail_wire::BareLineEnds::Allow;
    }
    if choice & 2 != 0 {
        config.apop = Apop::WhenOffered;
    }
    let mut machine = Client::new(config);
    submit(&mut machine, choice);
    Record::make(machine, data, size, |_, event| format!("{event:?}"))
}

/// One command of each kind, among them some whose answers have many lines.
fn submit(client: &mut Client, choice: u8) {
    let one = MessageNumber::new(1);
    if choice & 4 != 0 {
        assert_eq!(client.capabilities(), Ok(()));
    }
    if let (Ok(name), Ok(password)) = (Name::new("bob"), Password::new("hungry".into())) {
        assert_eq!(client.login(name, password), Ok(()));
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
