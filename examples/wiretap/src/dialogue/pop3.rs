//! POP3, read along.
//!
//! A [`Client`] machine is given each command that the real client sent, and fed with what the server answers: so it knows
//! whether an answer is a line, a listing or a message. The server's machine cannot be used: it answers STAT, LIST and DELE
//! from a listing of the mailbox, which a capture does not hold.

mod follow;

use mail_wire::{Layer, SaslResponse};
use pop3_proto::{Client, Command, Keyword, Phase};

use super::{Dialogue, Tally, content, pop3_about};
use crate::intake::Intake;
use crate::item::{About, Kind, Line, Log, Side, Stamp};
use crate::message::Gathering;
use crate::sasl::Exchange;

/// A dialogue in POP3.
#[derive(Debug)]
pub struct Pop3 {
    machine: Client,
    client: Intake,
    server: Intake,
    greeted: bool,
    turn: Turn,
    exchange: Option<Exchange>,
    message: Option<Gathering>,
    /// Lines of this answer that were shown, and that were not.
    shown: (u32, u64),
    /// Octets of the server that answer nothing that was seen.
    stray: u64,
    /// Octets of this answer are missing, perhaps its end.
    doubtful: bool,
    tally: Tally,
    secured: bool,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Turn {
    /// A command's.
    Client,
    /// The server's, to answer this.
    Server(Option<Keyword>, Vec<u8>),
    /// The server's, to answer what the machine does not know: one line.
    Outside,
    /// The client's, to answer a challenge.
    Response,
}

impl Pop3 {
    /// A dialogue from its beginning, or from somewhere in its midst.
    pub fn new(from_the_start: bool) -> Self {
        let machine = match from_the_start {
            true => follow::fresh(Phase::Greeting),
            false => follow::fresh(Phase::Transaction),
        };
        Self {
            machine,
            client: Intake::default(),
            server: Intake::default(),
            greeted: !from_the_start,
            turn: Turn::Client,
            exchange: None,
            message: None,
            shown: (0, 0),
            stray: 0,
            doubtful: false,
            tally: Tally::default(),
            secured: false,
        }
    }

    fn work(&mut self, is_over: bool, log: &mut Log) {
        while !self.secured && self.step(is_over, log) {}
    }

    /// Pipelined commands and their answers may be there at once: each answer is taken behind its command.
    fn step(&mut self, is_over: bool, log: &mut Log) -> bool {
        let is_commands_turn = self.greeted && self.turn == Turn::Client && self.client.is_before(&self.server);
        if is_commands_turn && self.take_client(is_over, log) {
            return true;
        }
        self.take_server(log) || self.take_client(is_over, log)
    }

    /// A line of the server.
    fn take_server(&mut self, log: &mut Log) -> bool {
        let Some((stamp, line)) = self.server.line(LONGEST_LINE) else {
            return false;
        };
        let before = self.machine.phase();
        match &self.turn {
            _ if !self.greeted => {
                self.greeted = true;
                self.show_first(stamp, &line, log);
                self.feed(&line, stamp, log);
            }
            Turn::Server(..) => self.answer(stamp, &line, log),
            Turn::Outside => {
                self.show_first(stamp, &line, log);
                self.turn = Turn::Client;
            }
            Turn::Client | Turn::Response => self.unasked(stamp, &line, log),
        }
        self.tell_phase(stamp, before, log);
        true
    }

    fn answer(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        let is_body = self.message.is_some();
        if !is_body {
            self.show_line(stamp, line, log);
        }
        self.feed(line, stamp, log);
        if self.turn == Turn::Client {
            let hidden = std::mem::take(&mut self.shown).1;
            if hidden > 0 {
                log.say(stamp, Side::Server, Kind::Note(format!("… and {hidden} lines more")));
            }
        }
    }

    fn show_line(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        if let (Some(exchange), Some(challenge)) = (&self.exchange, content(line).strip_prefix(b"+ ")) {
            log.say(stamp, Side::Server, Kind::Line(Line::new(line).about(Some(CHALLENGE))));
            let facts = exchange.server(challenge);
            log.say(stamp, Side::Server, Kind::Decoded(facts));
        } else if self.shown.0 == 0 {
            self.show_first(stamp, line, log);
        } else if self.shown.0 <= MOST_SHOWN {
            log.say(stamp, Side::Server, Kind::Line(Line::new(line)));
        } else {
            self.shown.1 += 1;
        }
        self.shown.0 += 1;
    }

    fn show_first(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        self.tally.replies += 1;
        let about = match (&self.turn, line.first()) {
            (Turn::Client, Some(b'+')) => Some(GREETING),
            (_, Some(b'-')) => Some(REFUSED),
            _ => None,
        };
        log.say(stamp, Side::Server, Kind::Line(Line::new(line).about(about)));
    }

    /// What the server says that answers nothing that was seen.
    fn unasked(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        if self.stray == 0 {
            self.show_first(stamp, line, log);
            log.tell(stamp, Kind::Note("no command was seen that this answers".into()));
        }
        self.stray += line.len() as u64;
    }

    fn take_client(&mut self, is_over: bool, log: &mut Log) -> bool {
        let may_go_on = self.greeted && matches!(self.turn, Turn::Client | Turn::Response);
        let waits_in_vain = is_over || self.client.len() > MOST_WAITING || self.doubtful;
        if !may_go_on && !waits_in_vain {
            return false;
        }
        let last = || (Stamp::default(), Vec::new());
        let taken = self
            .client
            .line(LONGEST_LINE)
            .or_else(|| (is_over && !self.client.is_empty()).then(last));
        let Some((stamp, line)) = taken else { return false };
        let (stamp, line) = if line.is_empty() {
            self.client.take(LONGEST_LINE)
        } else {
            (stamp, line)
        };
        if !may_go_on {
            self.give_up_answer(stamp, log);
        }
        if !line.ends_with(b"\n") && !is_over {
            self.client.skip_line();
        }
        let before = self.machine.phase();
        match self.turn {
            Turn::Response => self.respond(stamp, &line, log),
            _ => self.command(stamp, &line, log),
        }
        self.tell_phase(stamp, before, log);
        true
    }

    fn command(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        if self.stray > 0 {
            log.tell(
                stamp,
                Kind::Note(format!("{} octets answered what was not captured", self.stray)),
            );
            self.stray = 0;
        }
        self.tally.commands += 1;
        let content = content(line);
        let word = content.split(|octet| *octet == b' ').next().unwrap_or_default();
        let keyword = Keyword::parse(word);
        let secret = matches!(keyword, Some(Keyword::Pass | Keyword::Apop | Keyword::Auth)).then_some(());
        let arguments = (content.len() > word.len()).then_some(word.len() + 1);
        let shown = Line::new(line).about(keyword.map(pop3_about::command));
        // What is no command may be the rest of a login whose beginning was not captured.
        let shown = shown.secret_from(if keyword.is_none() {
            Some(0)
        } else {
            secret.and(arguments)
        });
        log.say(stamp, Side::Client, Kind::Line(shown));
        self.lesson(stamp, content, keyword, log);
        match Command::parse(content) {
            Ok(command) => self.submit(stamp, command, line, log),
            Err(error) => {
                log.say(
                    stamp,
                    Side::Client,
                    Kind::Warning(format!("not as the RFC has it: {error}")),
                );
                self.turn = Turn::Outside;
            }
        }
    }

    /// What a login gives away.
    fn lesson(&mut self, stamp: Stamp, content: &[u8], keyword: Option<Keyword>, log: &mut Log) {
        let mut words = content.splitn(3, |octet| *octet == b' ').skip(1);
        match keyword {
            Some(Keyword::Pass) => {
                let password = content.get(5..).unwrap_or_default();
                let facts = vec![crate::sasl::Fact::secret("password", password)];
                log.say(stamp, Side::Client, Kind::Decoded(facts));
            }
            Some(Keyword::Auth) => {
                let name = words.next().and_then(|name| std::str::from_utf8(name).ok());
                let Some(mechanism) = name.and_then(|name| name.parse().ok()) else {
                    return;
                };
                let mut exchange = Exchange::new(mechanism);
                if let Some(initial) = words.next() {
                    log.say(stamp, Side::Client, Kind::Decoded(exchange.initial(initial)));
                }
                log.say(
                    stamp,
                    Side::Client,
                    Kind::Note(format!("{} ({})", exchange.lesson(), exchange.rfc())),
                );
                self.exchange = Some(exchange);
            }
            _ => {}
        }
    }

    /// The client's answer to a challenge.
    fn respond(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        log.say(stamp, Side::Client, Kind::Line(Line::new(line).secret_from(Some(0))));
        let content = content(line);
        if let Some(exchange) = &mut self.exchange {
            log.say(stamp, Side::Client, Kind::Decoded(exchange.client(content)));
        }
        let responded = match SaslResponse::parse(content) {
            Ok(SaslResponse::Data(response)) => self.machine.respond(response),
            // What is no base64 ends the exchange as well.
            _ => self.machine.cancel(),
        };
        self.turn = Turn::Server(Some(Keyword::Auth), line.to_vec());
        if responded.is_err() {
            self.turn = Turn::Outside;
        }
        self.feed(b"", stamp, log);
    }

    fn finish_message(&mut self, outcome: &str, stamp: Stamp, log: &mut Log) {
        if let Some(message) = self.message.take() {
            let found = message.finish(outcome.into());
            self.tally.messages += 1;
            self.tally.incomplete += u64::from(!found.is_complete());
            log.say(stamp, Side::Server, Kind::Message(found));
        }
    }

    fn tell_phase(&self, stamp: Stamp, before: Phase, log: &mut Log) {
        let phase = self.machine.phase();
        if phase != before {
            log.tell(stamp, Kind::Phase(follow::name(phase)));
        }
    }
}

impl Dialogue for Pop3 {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        match side {
            Side::Client => self.client.push(stamp, octets),
            Side::Server => self.server.push(stamp, octets),
        }
        self.work(false, log);
    }

    fn hole(&mut self, stamp: Stamp, side: Side, octets: u64, log: &mut Log) {
        match side {
            Side::Client => self.client.resume(follow::is_command),
            Side::Server => self.server_hole(stamp, octets, log),
        }
        self.work(false, log);
    }

    fn end(&mut self, stamp: Stamp, log: &mut Log) {
        self.work(true, log);
        if self.message.is_some() {
            let (_, rest) = self.server.take(usize::MAX);
            self.feed(&rest, stamp, log);
        }
        self.message.iter_mut().for_each(Gathering::cut);
        self.finish_message("cut off before its end", stamp, log);
    }

    fn is_waiting(&self) -> bool {
        !self.client.is_empty() || self.message.is_some()
    }

    fn held(&self) -> usize {
        self.client.len() + self.server.len() + self.message.as_ref().map_or(0, Gathering::held)
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn layer(&self) -> Option<Layer> {
        self.secured.then_some(Layer::Tls)
    }
}

const GREETING: About = About {
    what: "the server greets",
    rfc: "RFC 1939 §4",
};
const REFUSED: About = About {
    what: "no",
    rfc: "RFC 1939 §3",
};
const CHALLENGE: About = About {
    what: "a challenge: the client's turn",
    rfc: "RFC 5034 §4",
};

/// Lines of a listing that are shown.
const MOST_SHOWN: u32 = 12;
/// Octets that wait for an answer before it is no longer waited for.
const MOST_WAITING: usize = 8 << 20;
/// Octets of a line.
const LONGEST_LINE: usize = 16 * 1024;
