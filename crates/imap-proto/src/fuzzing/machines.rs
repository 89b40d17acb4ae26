//! Machines that are fed any octets.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use mail_wire::{Answers, Machine, Misuse, Step, Upload};

use crate::client::{self, Races};
use crate::server::{self, Completion, Event as Asked, Opening, Plaintext, Refusal, SaslStep};
use crate::{
    Capability, Client, ClientLimits, Command, Data, Fetch, FetchItem, IntoBoundedStatic, Leniency, Numbering, Payload,
    Reading, SaslResponse, Server, ServerLimits, TaggedCommand,
};

use super::{complete, text};

/// A server that is fed `data` neither panics nor exceeds its bounds, and says and asks the same however `data` is cut. The first octet chooses its
/// configuration.
pub fn server(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = serve(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(serve(choice, data, size), whole, "cut in pieces of {size}");
    }
}

/// A client that is fed `data` neither panics nor exceeds its bounds, and tells and says the same however `data` is cut. The first octet chooses its
/// configuration.
///
/// Without STARTTLS and COMPRESS, for which cuts matter: what is read already when a layer comes is refused, or the layer's.
pub fn client(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let whole = call(choice, data, data.len().max(1));
    for size in [1, 2, 7, 100] {
        assert_eq!(call(choice, data, size), whole, "cut in pieces of {size}");
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
