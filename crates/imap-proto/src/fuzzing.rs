//! What must hold for any octets, as functions for fuzz targets and for the tests that replay their corpora. Each panics when its property does
//! not hold.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use mail_wire::{Answers, Machine, Misuse, Step, Upload};

use crate::client::{self, Event as Told, Races};
use crate::server::{self, Completion, Event as Asked, Opening, Plaintext, Refusal, SaslStep};
use crate::{
    Capability, Client, ClientLimits, Command, Data, Fetch, FetchItem, IntoBoundedStatic, Leniency, Literals,
    Numbering, Parsed, Pause, Payload, Reading, Response, SaslResponse, Server, ServerLimits, Spelling, TaggedCommand,
    Until,
};

/// A command that is read is written in each spelling as one command, and read from it as the same. The lenient reader takes what the strict one
/// does, and reads it alike.
pub fn command(data: &[u8]) {
    for reading in readings() {
        let Some((command, octets)) = complete(TaggedCommand::parse(data, reading)) else {
            continue;
        };
        assert!(octets <= data.len());
        for literals in [Literals::Synchronizing, Literals::Plus, Literals::Minus] {
            let mut wire = Vec::new();
            let spelling = Spelling {
                literals,
                utf8: reading.utf8,
            };
            let pauses = command.encode(spelling, &mut wire);
            are_in_order(&pauses, wire.len());
            let read = TaggedCommand::parse(&wire, reading);
            assert!(
                complete(read.clone()).is_some_and(|(_, octets)| octets == wire.len()),
                "{}",
                text(&wire)
            );
            // Token trees are kept as they came, with the "+" of their literals or without it.
            let plus = [data, &wire]
                .iter()
                .any(|wire| wire.windows(2).any(|pair| pair == b"+}"));
            if !wire.contains(&0) && !plus {
                assert_eq!(read, whole(&command, wire.len()), "{}", text(&wire));
            }
        }
        assert_eq!(command.clone().into_static(), command);
        let _ = (
            format!("{command:?}"),
            command.command.uses_sequence_numbers(),
            command.command.kind(),
        );
    }
}

/// A response that is read is written as one response, and read from it as the same.
pub fn response(data: &[u8]) {
    for reading in readings() {
        let Some((response, octets)) = complete(Response::parse(data, reading)) else {
            continue;
        };
        assert!(octets <= data.len());
        rewritten(&response, reading);
        let _ = format!("{response:?}");
    }
}

/// What is written of a response is read as a response, and what is written of that is the same: decode, encode, decode.
pub fn round_trip(data: &[u8]) {
    for reading in readings() {
        let Some((response, _)) = complete(Response::parse(data, reading)) else {
            continue;
        };
        let wire = rewritten(&response, reading);
        let Some((again, _)) = complete(Response::parse(&wire, reading)) else {
            unreachable!("it was read before")
        };
        // The exceptions of `rewritten` apply once: what was written by us comes back.
        if !comparable(&response).contains("Loose(") {
            assert_eq!(rewritten(&again, reading), wire);
        }
        let owned = response.clone().into_static();
        assert_eq!(owned, response);
    }
}

/// A server that is fed `data` neither panics nor exceeds its bounds, and says and asks the same however `data` is cut. The first octet chooses its
/// configuration.
pub fn server(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = serve(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(serve(choice, data, size), whole, "cut in pieces of {size}");
    }
}

/// Without STARTTLS and COMPRESS, for which cuts matter: what is read already when a layer comes is refused, or the layer's.
///
/// A client that is fed `data` neither panics nor exceeds its bounds, and tells and says the same however `data` is cut. The first octet chooses its
/// configuration.
pub fn client(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = call(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(call(choice, data, size), whole, "cut in pieces of {size}");
    }
}

/// FETCH responses that stream through a client come as the same items, with the same octets, as those that are read whole. The first octet is the
/// length from which literals stream.
pub fn streaming(data: &[u8]) {
    let (&threshold, data) = data.split_first().unwrap_or((&0, &[]));
    let reading = Reading::LENIENT;
    let Ok(Parsed::Complete { value, octets }) = Response::parse(data, reading) else {
        return;
    };
    let Response::Untagged(Data::Fetch(fetch)) = value else {
        return;
    };
    let mut client = Client::new(client::Config {
        security: client::Security::Plaintext,
        limits: ClientLimits {
            literal: usize::from(threshold),
            ..ClientLimits::default()
        },
        ..client::Config::default()
    });
    client.receive(b"* PREAUTH hello\r\n");
    let mut streamed = Streamed::default();
    for piece in [&b""[..], &data[..octets]] {
        let mut piece = piece;
        loop {
            let n = client.receive(piece);
            piece = &piece[n..];
            streamed.settle(&mut client);
            if piece.is_empty() {
                break;
            }
        }
    }
    // What was told of a literal that streamed past is not taken back where nonsense follows it.
    let is_good = |item: &&FetchItem<'_>| !matches!(item, FetchItem::Invalid { .. });
    let items: Vec<_> = fetch.items().iter().take_while(is_good).map(without_offset).collect();
    assert!(
        streamed.items.starts_with(&items),
        "{:?} {}",
        streamed.items,
        text(&data[..octets])
    );
    assert!(items.len() < fetch.items().len() || items.len() == streamed.items.len());
    assert_eq!(streamed.begun, Some((fetch.numbering, fetch.number)));
    assert!(streamed.ended);
}

fn readings() -> [Reading; 4] {
    let of = |utf8, leniency| Reading { utf8, leniency };
    [
        of(false, Leniency::STRICT),
        of(true, Leniency::STRICT),
        of(false, Leniency::ALL),
        of(true, Leniency::ALL),
    ]
}

fn complete<T>(parsed: Result<Parsed<T>, crate::SyntaxError>) -> Option<(T, usize)> {
    match parsed {
        Ok(Parsed::Complete { value, octets }) => Some((value, octets)),
        _ => None,
    }
}

fn whole<T: Clone>(value: &T, octets: usize) -> Result<Parsed<T>, crate::SyntaxError> {
    Ok(Parsed::Complete {
        value: value.clone(),
        octets,
    })
}

fn rewritten(response: &Response<'_>, reading: Reading) -> Vec<u8> {
    let mut wire = Vec::new();
    let spelling = Spelling {
        utf8: reading.utf8,
        ..Spelling::SERVER
    };
    let pauses = response.encode(spelling, &mut wire);
    are_in_order(&pauses, wire.len());
    let read = complete(Response::parse(&wire, reading));
    let Some((read, octets)) = read else {
        panic!("{} is no response", text(&wire));
    };
    assert_eq!(octets, wire.len(), "{}", text(&wire));
    // A literal with a NUL that it may not have is written as the literal8 that it should have been, "+" in a token tree as a server spells it.
    // A code that is none, with text behind it that no space parts from it, may look like one when the space is there.
    let (before, after) = (comparable(response), comparable(&read));
    if !wire.contains(&0) && !wire.windows(2).any(|pair| pair == b"+}") && !before.contains("Loose(") {
        assert_eq!(after, before, "{}", text(&wire));
    }
    wire
}

/// What is wrong with a bad item, and where it stands, is no part of it; nor is a space that keeps text from being read as a response code.
fn comparable(response: &Response<'_>) -> String {
    let text = format!("{response:?}").replace("text: \" [", "text: \"[");
    let (first, rest) = text.split_once(WHY).unwrap_or((&text, ""));
    let behind = |part: &str| part.split_once(" }").map_or(String::new(), |(_, behind)| behind.into());
    core::iter::once(first.into())
        .chain(rest.split(WHY).map(behind))
        .collect()
}

const WHY: &str = "why: SyntaxError { ";

fn are_in_order(pauses: &[Pause], len: usize) {
    assert!(pauses.is_sorted_by_key(|pause| pause.offset));
    for pause in pauses {
        assert!(pause.offset < len);
        assert_eq!(pause.until, Until::GoAhead, "what was read is held");
    }
}

fn text(octets: &[u8]) -> String {
    format!("{:?}", mail_wire::Escaped(octets))
}

/// What came of a FETCH response through a client.
#[derive(Default)]
struct Streamed {
    begun: Option<(Numbering, core::num::NonZeroU32)>,
    items: Vec<String>,
    open: Option<FetchItem<'static>>,
    body: Vec<u8>,
    ended: bool,
}

impl Streamed {
    fn settle(&mut self, client: &mut Client) {
        loop {
            let step = client.poll();
            client.transmitted(usize::MAX);
            match step {
                Ok(Step::Event(Told::FetchBegan(numbering, number))) => self.begun = Some((numbering, number)),
                Ok(Step::Event(Told::FetchItem(item))) => self.items.push(without_offset(&item)),
                Ok(Step::Event(Told::FetchLiteral(item))) => self.open = Some(*item),
                Ok(Step::Event(Told::FetchEnded)) => self.ended = true,
                Ok(Step::Event(_)) => {}
                Ok(Step::Body) => {
                    self.body.extend_from_slice(client.body());
                    client.consume(usize::MAX);
                }
                Ok(Step::BodyEnd) => {
                    let Some(item) = self.open.take() else {
                        unreachable!("a literal has an item")
                    };
                    let body = core::mem::take(&mut self.body);
                    self.items.push(without_offset(&filled(item, body)));
                    client.close_body();
                }
                _ => return,
            }
        }
    }
}

/// The item with the octets that came separately.
fn filled(mut item: FetchItem<'static>, body: Vec<u8>) -> FetchItem<'static> {
    match &mut item {
        FetchItem::Rfc822(data)
        | FetchItem::Rfc822Header(data)
        | FetchItem::Rfc822Text(data)
        | FetchItem::BodySection { data, .. }
        | FetchItem::Binary { data, .. } => {
            assert_eq!(data.as_ref().map(Payload::len), Some(body.len() as u64));
            *data = Some(Payload::Held(body.into()));
        }
        other => unreachable!("{other:?} does not stream"),
    }
    item
}

fn without_offset(item: &FetchItem<'_>) -> String {
    match item {
        FetchItem::Invalid { raw, .. } => format!("{raw:?}"),
        item => format!("{item:?}"),
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
    fn make<M: Machine + Upload>(
        mut machine: M,
        data: &[u8],
        size: usize,
        mut act: impl FnMut(&mut M, Step<M::Event>) -> Option<String>,
    ) -> Self {
        let mut record = Self::default();
        record.settle(&mut machine, &mut act);
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

    fn settle<M: Machine + Upload>(
        &mut self,
        machine: &mut M,
        act: &mut impl FnMut(&mut M, Step<M::Event>) -> Option<String>,
    ) {
        loop {
            let step = machine.poll();
            assert!(machine.transmit().len() <= BOUND, "the outbox is bounded");
            match step {
                Ok(Step::Body) => {
                    let n = machine.body().len();
                    assert!(n > 0);
                    self.read.extend_from_slice(machine.body());
                    machine.consume(n);
                }
                Ok(Step::BodyEnd) => {
                    self.told.push(text(&core::mem::take(&mut self.read)));
                    machine.close_body();
                }
                Ok(Step::BodyAborted) => {
                    self.read.clear();
                    self.told.push("aborted".into());
                    machine.close_body();
                }
                Ok(Step::NeedFlush) => self.flush(machine),
                Ok(Step::Upgrade(layer)) => {
                    self.flush(machine);
                    self.told.push(format!("{layer:?}"));
                    // Whatever a layer would make of them, they are gone.
                    machine.consume(usize::MAX);
                    machine.upgrade(layer);
                }
                Ok(Step::NeedInput | Step::Closed) => return self.flush(machine),
                Ok(step) => match act(machine, step) {
                    Some(told) => self.told.push(told),
                    None => return self.flush(machine),
                },
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
    let mut config = server::Config {
        limits: ServerLimits {
            message: 300,
            ..ServerLimits::default()
        },
        compress: server::Compress::NotOffered,
        ..server::Config::default()
    };
    if choice & 1 != 0 {
        config.opening = Opening::PreAuthenticated;
    }
    if choice & 2 != 0 {
        config.plaintext = Plaintext::Allowed;
    }
    if choice & 4 != 0 {
        config.reading = Reading::LENIENT;
    }
    let more = [
        "IMAP4rev2",
        "ENABLE",
        "UTF8=ACCEPT",
        "CONDSTORE",
        "UIDONLY",
        "IDLE",
        "UNAUTHENTICATE",
        "MULTIAPPEND",
    ];
    config.offers.always.extend(more.map(Capability::fixed));
    let mut machine = Server::new(Arc::new(config), server::Security::Plaintext);
    if choice & 8 != 0 {
        let _ = machine.update(Data::Exists(3));
    }
    Record::make(machine, data, size, answer)
}

/// An application that agrees to most things, and sends data of each kind with them.
fn answer(server: &mut Server, step: Step<Asked>) -> Option<String> {
    let event = match step {
        Step::Event(event) => event,
        Step::NeedBody => {
            assert_eq!(server.write_body(b"hello"), Ok(5));
            assert_eq!(server.finish_body(), Ok(()));
            return Some("literal".into());
        }
        _ => return None,
    };
    let told = format!("{event:?}");
    let answered = match event {
        Asked::Login(ask, login) if login.user.as_bytes().len() == 1 => server.answer(ask, Ok(())),
        Asked::Authenticate(ask, _) => server.answer(ask, Ok(SaslStep::Challenge(b"?".to_vec()))),
        Asked::SaslResponse(ask, response) if response.secret().expose().len() < 9 => {
            server.answer(ask, Ok(SaslStep::Success))
        }
        Asked::Append(ask, part) if format!("{part:?}").contains('!') => server.answer(ask, Err(Refusal::try_create())),
        Asked::Append(ask, _) => server.answer(ask, Ok(())),
        Asked::Appended(ask) => server.answer(ask, Ok(Completion::default())),
        Asked::Command(ask, command) => {
            send(server, &command);
            let _ = server.update(Data::Expunge(core::num::NonZeroU32::MIN));
            let updated = server.answer(ask, Ok(Completion::default()));
            updated.or_else(|misuse| match misuse {
                Misuse::StaleAsk => Ok(()),
                other => Err(other),
            })
        }
        other => server.unhandled(other),
    };
    assert_eq!(answered, Ok(()));
    Some(told)
}

fn send(server: &mut Server, command: &Command<'_>) {
    let one = core::num::NonZeroU32::MIN;
    let data = match command {
        Command::Fetch(_) => {
            let literal = FetchItem::Rfc822(Some(Payload::Announced(5)));
            Data::Fetch(Fetch::new(Numbering::Sequence, one, literal.into()))
        }
        Command::Search(_) => Data::Search(crate::Found::new(Vec::from([one]))),
        Command::Select(_) => Data::Recent(1),
        Command::List(list) => {
            let _ = format!("{list:?}");
            return;
        }
        _ => return,
    };
    assert_eq!(server.send(data), Ok(()));
    if server.begin_body(Some(5)).is_ok() {
        assert_eq!(server.write_body(b"hello"), Ok(5));
        assert_eq!(server.finish_body(), Ok(()));
    }
}

fn call(choice: u8, data: &[u8], size: usize) -> Record {
    let mut machine = Client::new(client::Config {
        security: match choice & 3 {
            0 => client::Security::StartTls,
            1 => client::Security::Secured,
            _ => client::Security::Plaintext,
        },
        races: if choice & 4 == 0 { Races::Wait } else { Races::Refuse },
        leniency: if choice & 8 == 0 {
            Leniency::ALL
        } else {
            Leniency::STRICT
        },
        limits: ClientLimits {
            literal: if choice & 16 == 0 { 16 * 1024 } else { 1 },
            ..ClientLimits::default()
        },
        ..client::Config::default()
    });
    let commands: &[&[u8]] = match choice >> 5 {
        0 => &[
            b"LOGIN b x",
            b"ENABLE IMAP4rev2",
            b"SELECT INBOX",
            b"FETCH 1 FLAGS",
            b"NOOP",
        ],
        1 => &[b"CAPABILITY", b"AUTHENTICATE PLAIN AGIA", b"LIST \"\" *"],
        2 => &[b"IDLE", b"NOOP", b"SELECT INBOX", b"IDLE"],
        3 => &[b"SELECT INBOX", b"UID SEARCH ALL", b"SEARCH ALL", b"NOOP", b"CLOSE"],
        4 => &[b"APPEND INBOX {3}\r\nabc", b"NOOP"],
        5 => &[b"AUTHENTICATE PLAIN", b"UNAUTHENTICATE", b"LOGIN b x"],
        6 => &[b"SELECT INBOX", b"FETCH 1 BODY[]", b"STORE 1 FLAGS ()", b"EXPUNGE"],
        _ => &[b"NOOP", b"LOGOUT"],
    };
    for command in commands {
        let wire = [b"a ", *command, b"\r\n"].concat();
        if let Some((command, _)) = complete(TaggedCommand::parse(&wire, Reading::STRICT)) {
            let _ = machine.submit(command.command.into_static());
        }
    }
    Record::make(machine, data, size, |client, step| match step {
        Step::Event(event) => Some(format!("{event:?}")),
        Step::NeedAnswer => {
            let cancel = client.respond(&SaslResponse::Cancel);
            cancel.is_ok().then(|| "cancelled".into())
        }
        _ => None,
    })
}

/// More than the outbox's limit by what one command's or event's answers hold.
const BOUND: usize = 16 * 1024 + 128 * 1024;
