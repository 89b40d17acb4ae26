//! IMAP, read along by both machines.
//!
//! A [`Server`] machine is fed with what the client says and answered as the real server answers: it knows where commands and
//! their literals end, and the phase. A [`Client`] machine is fed with what the server says: it reads FETCH item by item and
//! hands messages out as bodies. That machine is not given the real commands, which it would send when it thinks right, but a
//! NOOP with the tag of each: so it knows which results are due.

mod client_side;
mod messages;
mod server_side;

use std::collections::VecDeque;

use imap_proto::server::{Execute, LogIn, Sasl};
use imap_proto::{Client, Phase, Server};
use mail_wire::{Ask, Layer, Machine};

use super::{Dialogue, Tally};
use crate::intake::Intake;
use crate::item::{Kind, Line, Log, Side, Stamp};
use crate::message::Gathering;
use crate::sasl::Exchange;

/// A dialogue in IMAP.
#[derive(Debug)]
pub struct Imap {
    server_machine: Server,
    client_machine: Client,
    client: Intake,
    server: Intake,
    greeted: bool,
    /// What the client says next.
    expects: Expects,
    asked: Option<Asked>,
    /// The command that is being said, or that the server has not answered.
    current: Option<Current>,
    /// Commands that are not answered, each by its tag and name.
    pending: VecDeque<Current>,
    exchange: Option<Exchange>,
    /// Octets of a literal that are to come, of the client and of the server.
    client_literal: u64,
    server_literal: u64,
    upload: Option<Gathering>,
    download: Option<Gathering>,
    /// What the last octets of the server were: a response is not over at a literal.
    server_goes_on: bool,
    untagged: u64,
    tally: Tally,
    layer: Option<Layer>,
}

/// What the machine was asked and the real server has not answered.
#[derive(Debug)]
enum Asked {
    LogIn(Ask<LogIn>),
    Sasl(Ask<Sasl>),
    Execute(Ask<Execute>),
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Current {
    tag: Vec<u8>,
    name: Vec<u8>,
    /// The machine of this program would have refused it.
    refused: bool,
}

/// What the client says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    Command,
    /// The rest of a command, behind a literal.
    Rest,
    /// A response to a challenge.
    Response,
    /// DONE.
    Idle,
}

impl Imap {
    /// A dialogue from its beginning, or from somewhere in its midst.
    pub fn new(from_the_start: bool) -> Self {
        let phase = if from_the_start {
            Phase::NotAuthenticated
        } else {
            Phase::Selected
        };
        Self {
            server_machine: server_side::fresh(phase),
            client_machine: client_side::fresh(from_the_start),
            client: Intake::default(),
            server: Intake::default(),
            greeted: !from_the_start,
            expects: Expects::Command,
            asked: None,
            current: None,
            pending: VecDeque::new(),
            exchange: None,
            client_literal: 0,
            server_literal: 0,
            upload: None,
            download: None,
            server_goes_on: false,
            untagged: 0,
            tally: Tally::default(),
            layer: None,
        }
    }

    fn work(&mut self, is_over: bool, log: &mut Log) {
        while self.layer.is_none() && self.step(is_over, log) {}
    }

    /// Pipelined commands and their results may be there at once: each result is taken behind its command.
    fn step(&mut self, is_over: bool, log: &mut Log) -> bool {
        let is_commands_turn = self.greeted && self.asked.is_none() && self.client.is_before(&self.server);
        if is_commands_turn && self.take_client(is_over, log) {
            return true;
        }
        self.take_server(log) || self.take_client(is_over, log)
    }

    fn tell_phase(&self, stamp: Stamp, before: Phase, log: &mut Log) {
        let phase = self.server_machine.phase();
        if phase != before {
            log.tell(stamp, Kind::Phase(server_side::name(phase)));
        }
    }

    fn finish(&mut self, side: Side, stamp: Stamp, outcome: &str, log: &mut Log) {
        let message = match side {
            Side::Client => self.upload.take(),
            Side::Server => self.download.take(),
        };
        if let Some(message) = message {
            let found = message.finish(outcome.into());
            self.tally.messages += 1;
            self.tally.incomplete += u64::from(!found.is_complete());
            log.say(stamp, side, Kind::Message(found));
        }
    }
}

impl Dialogue for Imap {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        match side {
            Side::Client => self.client.push(stamp, octets),
            Side::Server => self.server.push(stamp, octets),
        }
        self.work(false, log);
    }

    fn continue_in(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        if self.layer.take().is_some() {
            self.server_machine.upgrade(Layer::Deflate);
        }
        self.octets(stamp, side, octets, log);
    }

    fn hole(&mut self, stamp: Stamp, side: Side, octets: u64, log: &mut Log) {
        match side {
            Side::Client => self.client_hole(stamp, octets, log),
            Side::Server => self.server_hole(stamp, octets, log),
        }
        self.work(false, log);
    }

    fn end(&mut self, stamp: Stamp, log: &mut Log) {
        self.work(true, log);
        for message in [&mut self.upload, &mut self.download].into_iter().flatten() {
            message.cut();
        }
        self.finish(Side::Client, stamp, "cut off before its end", log);
        self.finish(Side::Server, stamp, "cut off before its end", log);
    }

    fn is_waiting(&self) -> bool {
        !self.client.is_empty() || self.upload.is_some() || self.download.is_some()
    }

    fn held(&self) -> usize {
        let messages = [&self.upload, &self.download]
            .into_iter()
            .flatten()
            .map(Gathering::held);
        self.client.len() + self.server.len() + messages.sum::<usize>()
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn layer(&self) -> Option<Layer> {
        self.layer
    }
}

/// The octets of the literal that a line announces at its end, and whether the client waits before it sends them.
fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let line = super::content(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|octet| *octet == b'{')?;
    let digits = &line[open + 1..];
    let (digits, waits) = match digits.strip_suffix(b"+").or(digits.strip_suffix(b"-")) {
        Some(digits) => (digits, false),
        None => (digits, true),
    };
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, waits))
}

fn shown(line: &[u8]) -> Line {
    Line::new(line)
}

/// Octets that wait for an answer before it is no longer waited for.
const MOST_WAITING: usize = 8 << 20;
/// Octets of a piece of a literal, or of a line.
const PIECE: usize = 16 * 1024;
/// Commands that are not answered.
const MOST_PENDING: usize = 1000;
