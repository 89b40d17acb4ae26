//! What the server says, and the client's machine, which hears it.

use imap_proto::client::{Config, Event, Security};
use imap_proto::{Client, Command, Condition, Phase, Tag};
use mail_wire::{Layer, Machine, Step};

use super::{Current, Imap, PIECE, announced, messages, shown};
use crate::dialogue::{content, imap_about};
use crate::item::{Kind, Log, Side, Stamp};

/// A machine at the beginning of a dialogue, or in its midst.
pub(super) fn fresh(from_the_start: bool) -> Client {
    let mut config = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    // Messages are handed out as bodies, however small they are.
    config.limits.literal = 1;
    let mut machine = Client::new(config);
    if !from_the_start {
        machine.receive(b"* PREAUTH somewhere\r\n");
        let _ = machine.poll();
    }
    machine
}

impl Imap {
    /// Tells the machine that a result with this tag is due.
    pub(super) fn await_result(&mut self, current: &Current) {
        let stand_in = match current.name.as_slice() {
            // Behind it, BYE is no surprise.
            b"LOGOUT" => Command::Logout,
            _ => Command::Noop,
        };
        let tag = std::str::from_utf8(&current.tag)
            .ok()
            .and_then(|tag| Tag::new(tag.to_owned()).ok());
        if let Some(tag) = tag {
            // What cannot be given is told by the machine when its result comes.
            let _ = self.client_machine.submit_tagged(tag, stand_in);
            while let Ok(Step::NeedFlush) = self.client_machine.poll() {
                self.client_machine.transmitted(usize::MAX);
            }
            self.client_machine.transmitted(usize::MAX);
        }
    }

    pub(super) fn take_server(&mut self, log: &mut Log) -> bool {
        if self.server.is_empty() {
            return false;
        }
        if self.server_literal > 0 {
            let most = usize::try_from(self.server_literal).unwrap_or(usize::MAX).min(PIECE);
            let (stamp, octets) = self.server.take(most);
            self.server_literal -= octets.len() as u64;
            if self.download.is_none() && octets.len() <= SHORT {
                log.say(stamp, Side::Server, Kind::Line(shown(&octets)));
            }
            self.listen(&octets, stamp, log);
            return true;
        }
        let Some((stamp, line)) = self.server.line(PIECE) else {
            return false;
        };
        let before = self.server_machine.phase();
        self.server_line(stamp, &line, log);
        self.tell_phase(stamp, before, log);
        true
    }

    fn server_line(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        let begins = !std::mem::replace(&mut self.server_goes_on, !line.ends_with(b"\n"));
        if let Some((octets, _)) = announced(line).filter(|_| line.ends_with(b"\n")) {
            self.server_literal = octets;
            self.server_goes_on = true;
        }
        if !begins {
            if content(line) != b")" {
                self.show_untagged(stamp, line, log);
            }
            return self.listen(line, stamp, log);
        }
        if line.starts_with(b"+") {
            return self.continuation(stamp, line, log);
        }
        if !self.greeted {
            return self.greeting(stamp, line, log);
        }
        if line.starts_with(b"* ") {
            self.show_untagged(stamp, line, log);
            return self.listen(line, stamp, log);
        }
        self.result(stamp, line, log);
    }

    fn greeting(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        self.greeted = true;
        self.tally.replies += 1;
        log.say(
            stamp,
            Side::Server,
            Kind::Line(shown(line).about(Some(imap_about::GREETING))),
        );
        if content(line).to_ascii_uppercase().starts_with(b"* PREAUTH") {
            self.server_machine = super::server_side::fresh(Phase::Authenticated);
        }
        self.hear(b"", stamp, log);
        self.listen(line, stamp, log);
    }

    /// Long lists are cut: the rest is counted.
    fn show_untagged(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        self.untagged += 1;
        if self.untagged <= MOST_SHOWN {
            log.say(stamp, Side::Server, Kind::Line(shown(line)));
        }
    }

    /// `+`: the machine is not told, since its stand-in waits for none.
    fn continuation(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        log.say(
            stamp,
            Side::Server,
            Kind::Line(shown(line).about(Some(imap_about::GO_AHEAD))),
        );
        let Some(exchange) = &self.exchange else { return };
        let challenge = content(line).get(2..).unwrap_or_default();
        log.say(stamp, Side::Server, Kind::Decoded(exchange.server(challenge)));
        self.settle(None, challenge, log);
    }

    /// A tagged result.
    fn result(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        self.tally.replies += 1;
        let hidden = std::mem::take(&mut self.untagged).saturating_sub(MOST_SHOWN);
        if hidden > 0 {
            log.say(
                stamp,
                Side::Server,
                Kind::Note(format!("… and {hidden} lines more before this")),
            );
        }
        let mut words = content(line).splitn(3, |octet| *octet == b' ');
        let tag = words.next().unwrap_or_default();
        let condition = match words.next().unwrap_or_default().to_ascii_uppercase().as_slice() {
            b"OK" => Some(Condition::Ok),
            b"NO" => Some(Condition::No),
            b"BAD" => Some(Condition::Bad),
            _ => None,
        };
        let about = match condition {
            Some(Condition::No) => Some(imap_about::NO),
            Some(Condition::Bad) => Some(imap_about::BAD),
            _ => None,
        };
        log.say(stamp, Side::Server, Kind::Line(shown(line).about(about)));
        let place = self.pending.iter().position(|pending| pending.tag == tag);
        match (condition, place.and_then(|place| self.pending.remove(place))) {
            (Some(condition), Some(command)) => self.conclude(stamp, &command, condition, log),
            (None, _) => log.say(
                stamp,
                Side::Server,
                Kind::Warning("no response of IMAP (RFC 9051 §7.1)".into()),
            ),
            _ => log.tell(stamp, Kind::Note("no command was seen that this answers".into())),
        }
        self.listen(line, stamp, log);
    }

    fn conclude(&mut self, stamp: Stamp, command: &Current, condition: Condition, log: &mut Log) {
        let is_current = self.current.as_ref().is_some_and(|current| current.tag == command.tag);
        let accepted = condition == Condition::Ok;
        // The machine is asked about the command that it obeys, which comes before those that wait.
        let is_asked = self.asked.is_some()
            && self
                .server_machine
                .pending_tag()
                .is_none_or(|tag| tag.as_bytes() == command.tag);
        if is_asked {
            self.settle(Some(condition), b"", log);
        } else if !accepted && is_current && (self.client_literal > 0 || self.expects == super::Expects::Rest) {
            self.take_literal_back();
        } else if accepted && command.refused {
            log.tell(
                stamp,
                Kind::Note("the machine of this program would have refused this".into()),
            );
            self.follow(&command.name);
        }
        if is_current {
            self.exchange = None;
        }
        self.finish(Side::Client, stamp, if accepted { "accepted" } else { "refused" }, log);
        match command.name.as_slice() {
            b"STARTTLS" if accepted => self.hand_over(stamp, Layer::Tls, "STARTTLS", log),
            b"COMPRESS" if accepted => self.hand_over(stamp, Layer::Deflate, "COMPRESS", log),
            b"STARTTLS" | b"COMPRESS" => self.server_machine = super::server_side::fresh(self.server_machine.phase()),
            _ => {}
        }
    }

    /// The server did not want the literal that the client has announced: a new command follows.
    fn take_literal_back(&mut self) {
        self.client_literal = 0;
        self.expects = super::Expects::Command;
        self.upload = None;
        self.server_machine = super::server_side::fresh(self.server_machine.phase());
    }

    fn hand_over(&mut self, stamp: Stamp, layer: Layer, name: &'static str, log: &mut Log) {
        self.layer = Some(layer);
        if layer == Layer::Tls && !self.client.is_empty() {
            let octets = self.client.len();
            let warning =
                format!("{octets} octets behind STARTTLS were sent in plaintext: command injection (RFC 9051 §6.2.1)");
            log.say(self.client.stamp(), Side::Client, Kind::Warning(warning));
        }
        if layer == Layer::Tls {
            log.tell(stamp, Kind::Opaque(name));
        }
    }

    /// Feeds the machine with what the server said.
    fn listen(&mut self, octets: &[u8], stamp: Stamp, log: &mut Log) {
        let mut rest = octets;
        loop {
            rest = &rest[self.client_machine.receive(rest)..];
            self.client_machine.transmitted(usize::MAX);
            match self.client_machine.poll() {
                Ok(Step::Event(event)) => self.heard(event, stamp, log),
                Ok(Step::Body) => {
                    if let Some(message) = &mut self.download {
                        message.push(self.client_machine.body());
                    }
                    self.client_machine.consume(usize::MAX);
                }
                Ok(Step::BodyEnd | Step::BodyAborted) => {
                    self.client_machine.close_body();
                    self.finish(Side::Server, stamp, "whole", log);
                }
                Ok(Step::NeedFlush) => {}
                Ok(Step::NeedInput | Step::NeedAnswer)
                    if !rest.is_empty() && !self.client_machine.space().is_empty() => {}
                Ok(_) => return,
                Err(_) => return self.listen_anew(),
            }
        }
    }

    fn heard(&mut self, event: Event, stamp: Stamp, log: &mut Log) {
        match event {
            Event::FetchLiteral(item) => {
                self.download = messages::carrier(&item).map(crate::message::Gathering::new);
                let octets = item.announced().unwrap_or_default();
                if let Some(name) = messages::part(&item) {
                    log.say(stamp, Side::Server, Kind::Note(format!("{octets} octets of {name}")));
                }
            }
            Event::Invalid(invalid) => {
                let text = format!("not as the RFC has it: {}", invalid.why);
                log.say(stamp, Side::Server, Kind::Note(text));
            }
            _ => {}
        }
    }

    /// The machine cannot go on: another takes its place, and waits for the same results.
    fn listen_anew(&mut self) {
        self.client_machine = fresh(false);
        for current in self.pending.clone() {
            self.await_result(&current);
        }
    }

    /// Octets of the server are missing: what follows a literal, or the next line, is read again.
    pub(super) fn server_hole(&mut self, stamp: Stamp, octets: u64, log: &mut Log) {
        let (_, rest) = self.server.take(usize::MAX);
        if let (Some(message), true) = (&mut self.download, self.server_literal > 0) {
            message.push(&rest);
            message.lose(octets);
        }
        self.finish(Side::Server, stamp, "octets of it were not captured", log);
        self.server_literal = 0;
        self.server_goes_on = false;
        self.greeted = true;
        self.server
            .resume(|octets| octets.starts_with(b"* ") || octets.starts_with(b"+ "));
        self.listen_anew();
    }
}

/// Untagged lines of one command that are shown.
const MOST_SHOWN: u64 = 16;
/// Octets of a literal that is shown.
const SHORT: usize = 200;
