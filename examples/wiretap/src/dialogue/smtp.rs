//! SMTP and LMTP, read along.
//!
//! A [`Server`] machine is fed with what the client said, one line at a time, and answered as the real server replied: so the
//! machine knows where commands end and messages begin, and which phase the dialogue is in. Replies are read by
//! [`Reply::parse`]; the client's machine writes whole transactions and cannot follow those of another client.
//!
//! Where the two servers differ, the machine is brought to where the real one must be (`follow.rs`).

mod follow;
mod lines;

use std::collections::VecDeque;
use std::mem;

use mail_wire::{Ask, Layer};
use smtp_proto::phase::Phase;
use smtp_proto::server::{Message, Protocol as Dialect};
use smtp_proto::{Command, Reply, Server, Verb};

use super::{Dialogue, Tally, content, smtp_about};
use crate::intake::Intake;
use crate::item::{Kind, Log, Side, Stamp};
use crate::message::Gathering;
use crate::sasl::Exchange;

/// A dialogue in SMTP or LMTP.
#[derive(Debug)]
pub struct Smtp {
    machine: Server,
    dialect: Dialect,
    client: Intake,
    server: Intake,
    /// Lines of a reply whose last line has not come.
    reply: Vec<u8>,
    replies: VecDeque<(Stamp, Reply)>,
    greeted: bool,
    /// Commands that no reply was seen to.
    sent: VecDeque<Sent>,
    exchange: Option<Exchange>,
    message: Option<Gathering>,
    /// Octets of a chunk that are to come.
    chunk_left: u64,
    /// Machine and server both wait for what becomes of the message.
    asked: Option<Ask<Message>>,
    sender: Option<String>,
    recipients: Vec<String>,
    tally: Tally,
    secured: bool,
}

/// A command that waits for its reply.
#[derive(Debug)]
struct Sent {
    stamp: Stamp,
    verb: Option<Verb>,
    line: Vec<u8>,
}

impl Smtp {
    /// A dialogue from its beginning, or from somewhere in its midst.
    pub fn new(is_lmtp: bool, from_the_start: bool) -> Self {
        let dialect = if is_lmtp { Dialect::Lmtp } else { Dialect::Smtp };
        Self {
            machine: follow::fresh(dialect, None),
            dialect,
            client: Intake::default(),
            server: Intake::default(),
            reply: Vec::new(),
            replies: VecDeque::new(),
            greeted: !from_the_start,
            sent: VecDeque::new(),
            exchange: None,
            message: None,
            chunk_left: 0,
            asked: None,
            sender: None,
            recipients: Vec::new(),
            tally: Tally::default(),
            secured: false,
        }
    }

    /// Goes as far as can be gone. `is_over`: nothing more will come, so nothing is waited for.
    fn work(&mut self, is_over: bool, log: &mut Log) {
        while self.step(is_over, log) {}
    }

    /// Pipelined commands and their replies may be there at once: each reply is taken behind its command.
    fn step(&mut self, is_over: bool, log: &mut Log) -> bool {
        let reply = self.replies.front().map(|(stamp, _)| *stamp);
        let is_before = !self.client.is_empty() && reply.is_some_and(|reply| self.client.stamp() <= reply);
        let is_commands_turn = self.greeted && self.sent.is_empty() && self.asked.is_none() && is_before;
        if is_commands_turn && self.take_client(is_over, log) {
            return true;
        }
        self.take_reply(log) || self.take_client(is_over, log)
    }

    /// Takes a reply to what it answers.
    fn take_reply(&mut self, log: &mut Log) -> bool {
        let is_sending = self.sent.is_empty() && self.asked.is_none() && self.is_in_message();
        if is_sending && self.greeted {
            let has_lost = self.message.as_ref().is_some_and(Gathering::has_lost);
            return has_lost && !self.replies.is_empty() && self.lose_message(log);
        }
        let Some((stamp, reply)) = self.replies.pop_front() else {
            return false;
        };
        let before = self.machine.phase();
        if !self.greeted {
            self.greeted = true;
            self.greet(&reply);
        } else if let Some(sent) = self.sent.pop_front() {
            self.conclude(&sent, stamp, &reply, log);
        } else if let Some(ask) = self.asked.take() {
            self.settle(ask, stamp, &reply, log);
        } else {
            self.unasked(stamp, &reply, log);
        }
        self.tell_phase(stamp, before, log);
        true
    }

    /// Takes what the client said, unless what it means depends on a reply that has not come.
    fn take_client(&mut self, is_over: bool, log: &mut Log) -> bool {
        if self.client.is_empty() {
            return false;
        }
        let only_chunks = self.sent.iter().all(|sent| sent.verb == Some(Verb::Bdat));
        let may_go_on = self.greeted && self.asked.is_none() && (only_chunks || self.is_in_message());
        if !may_go_on && !is_over && self.client.len() < MOST_WAITING {
            return false;
        }
        if !may_go_on {
            self.assume(log);
        }
        match self.is_in_message() {
            true => self.take_body(is_over, log),
            false => self.take_line(is_over, log),
        }
    }

    fn is_in_message(&self) -> bool {
        match self.machine.phase() {
            Phase::Body => self.asked.is_none(),
            Phase::Chunk => self.chunk_left > 0 && self.asked.is_none(),
            _ => false,
        }
    }

    fn take_body(&mut self, is_over: bool, log: &mut Log) -> bool {
        let before = self.machine.phase();
        let taken = match before {
            // A chunk has no lines, and what follows is not to be taken with it.
            Phase::Chunk => Some(self.client.take(PIECE.min(self.chunk_left as usize))),
            _ => self
                .client
                .line(PIECE)
                .or_else(|| is_over.then(|| self.client.take(PIECE))),
        };
        let Some((stamp, octets)) = taken else { return false };
        self.chunk_left = self.chunk_left.saturating_sub(octets.len() as u64);
        self.feed(&octets, None);
        self.tell_phase(stamp, before, log);
        !octets.is_empty()
    }

    /// One command, or one line of an exchange.
    fn take_line(&mut self, is_over: bool, log: &mut Log) -> bool {
        let taken = self
            .client
            .line(LONGEST_LINE)
            .or_else(|| (is_over && !self.client.is_empty()).then(|| self.client.take(LONGEST_LINE)));
        let Some((stamp, line)) = taken else { return false };
        if !line.ends_with(b"\n") && !is_over {
            self.client.skip_line();
        }
        let content = super::content(&line);
        let verb = match self.exchange.is_some() {
            true => {
                self.show_response(stamp, &line, log);
                None
            }
            false => {
                self.tally.commands += 1;
                self.show_command(stamp, &line, log);
                smtp_about::verb(content)
            }
        };
        let sent = Sent {
            stamp,
            verb,
            line: line.clone(),
        };
        if let (Some(Verb::Bdat), Ok(Command::Bdat(chunk))) = (verb, Command::parse(content)) {
            self.begin_chunk(&sent, chunk.size, log);
        }
        self.sent.push_back(sent);
        true
    }

    /// The reply to a command is here.
    fn conclude(&mut self, sent: &Sent, stamp: Stamp, reply: &Reply, log: &mut Log) {
        let accepted = is_accepted(reply);
        if reply.code().number() != 334 && self.exchange.take().is_some() && accepted {
            log.tell(stamp, Kind::Note("the client is logged in".into()));
        }
        match sent.verb {
            Some(Verb::Bdat) => return self.conclude_chunk(stamp, accepted, log),
            // The machine answers these by itself, and would go where the real server has not gone.
            Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::StartTls | Verb::Quit | Verb::Rset) if !accepted => {
                return;
            }
            _ => {}
        }
        let refused = self.feed(&sent.line, Some(reply));
        if let (Some(code), true) = (refused, accepted) {
            if sent.verb.is_some_and(|verb| smtp_about::command(verb).is_some()) {
                let note = format!("the machine of this program would have said {code}");
                log.tell(sent.stamp, Kind::Note(note));
            }
            self.follow(sent.verb, &sent.line);
        }
        self.remember(sent, accepted, stamp, log);
    }

    /// What the transaction has come to.
    fn remember(&mut self, sent: &Sent, accepted: bool, stamp: Stamp, log: &mut Log) {
        let command = Command::parse_with(content(&sent.line), follow::lenient());
        match (sent.verb, command) {
            _ if !accepted => {}
            (Some(Verb::Mail), Ok(Command::Mail(mail))) => {
                self.sender = Some(mail.reverse_path().to_string());
                self.recipients.clear();
            }
            (Some(Verb::Rcpt), Ok(Command::Rcpt(rcpt))) if self.recipients.len() < MOST_RECIPIENTS => {
                self.recipients.push(rcpt.forward_path().to_string());
            }
            (Some(Verb::Data), _) => self.message = Some(self.gathering("DATA")),
            (Some(Verb::StartTls), _) => self.hand_over(stamp, log),
            _ => {}
        }
    }

    fn gathering(&mut self, carrier: &str) -> Gathering {
        Gathering::new(carrier.into()).with_envelope(self.sender.take(), mem::take(&mut self.recipients))
    }

    fn hand_over(&mut self, stamp: Stamp, log: &mut Log) {
        self.secured = true;
        if !self.client.is_empty() {
            let octets = self.client.len();
            let warning =
                format!("{octets} octets behind STARTTLS were sent in plaintext: command injection (RFC 3207 §4)");
            log.say(self.client.stamp(), Side::Client, Kind::Warning(warning));
        }
        log.tell(stamp, Kind::Opaque("STARTTLS"));
    }

    /// What becomes of the message.
    fn settle(&mut self, ask: Ask<Message>, stamp: Stamp, reply: &Reply, log: &mut Log) {
        let accepted = is_accepted(reply);
        self.answer_message(ask, accepted);
        // LMTP has a reply for each recipient.
        if self.asked.is_none() {
            self.finish_message(lines::shown(reply), stamp, log);
        }
    }

    /// The message is whole, or as whole as it will be.
    fn finish_message(&mut self, outcome: String, stamp: Stamp, log: &mut Log) {
        if let Some(message) = self.message.take() {
            let found = message.finish(outcome);
            self.tally.messages += 1;
            self.tally.incomplete += u64::from(!found.is_complete());
            log.say(stamp, Side::Client, Kind::Message(found));
        }
    }

    /// A reply to nothing that was seen: the server speaks by itself, or the command was not captured.
    fn unasked(&mut self, stamp: Stamp, reply: &Reply, log: &mut Log) {
        match reply.code().number() {
            421 => log.tell(stamp, Kind::Note("the server gives up by itself".into())),
            354 => {
                self.follow(Some(Verb::Data), b"");
                self.message = Some(self.gathering("DATA"));
            }
            _ => log.tell(stamp, Kind::Note("no command was seen that this answers".into())),
        }
    }

    fn tell_phase(&self, stamp: Stamp, before: Phase, log: &mut Log) {
        let phase = self.machine.phase();
        if phase != before {
            log.tell(stamp, Kind::Phase(lines::phase(phase)));
        }
    }
}

impl Dialogue for Smtp {
    fn octets(&mut self, stamp: Stamp, side: Side, octets: &[u8], log: &mut Log) {
        match side {
            Side::Client => self.client.push(stamp, octets),
            Side::Server => {
                self.server.push(stamp, octets);
                self.read_replies(log);
            }
        }
        self.work(false, log);
    }

    fn hole(&mut self, _: Stamp, side: Side, octets: u64, log: &mut Log) {
        match side {
            Side::Client => self.client_hole(octets, log),
            Side::Server => self.server_hole(log),
        }
        self.work(false, log);
    }

    fn end(&mut self, stamp: Stamp, log: &mut Log) {
        self.work(true, log);
        let outcome = match (self.asked.take(), &mut self.message) {
            (Some(_), _) => "no reply was captured",
            (None, message) => {
                message.iter_mut().for_each(Gathering::cut);
                "cut off before its end"
            }
        };
        self.finish_message(outcome.into(), stamp, log);
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

fn is_accepted(reply: &Reply) -> bool {
    reply.code().number() < 400
}

/// Octets that wait for a reply before it is no longer waited for.
const MOST_WAITING: usize = 8 << 20;
/// Octets of a piece of a message.
const PIECE: usize = 16 * 1024;
/// Octets of a line that is shown.
const LONGEST_LINE: usize = 16 * 1024;
/// Recipients that are remembered.
const MOST_RECIPIENTS: usize = 1000;
