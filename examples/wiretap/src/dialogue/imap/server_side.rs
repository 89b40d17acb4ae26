//! What the client says, and the server's machine, which hears it.

use std::sync::Arc;

use imap_proto::server::{Completion, Config, Event, Opening, Plaintext, Refusal, SaslStep};
use imap_proto::server::{Compress, Noop, StartTls};
use imap_proto::{Capability, Condition, Leniency, Phase, Reading, Server};
use mail_wire::{Answers, Machine, Step, decode_sasl};

use super::{Asked, Current, Expects, Imap, MOST_PENDING, MOST_WAITING, PIECE, announced, shown};
use crate::dialogue::{content, imap_about};
use crate::item::{Kind, Log, Side, Stamp};
use crate::sasl::{Exchange, Fact};

/// A machine in this phase that allows all that any server may.
pub(super) fn fresh(phase: Phase) -> Server {
    let mut config = Config {
        opening: match phase {
            Phase::Authenticated | Phase::Selected => Opening::PreAuthenticated,
            _ => Opening::Login,
        },
        starttls: StartTls::Offered,
        compress: Compress::Offered,
        plaintext: Plaintext::Allowed,
        noop: Noop::HandedOut,
        reading: Reading {
            utf8: true,
            leniency: Leniency::ALL,
        },
        ..Config::default()
    };
    config.offers.always.extend(OFFERS.map(Capability::fixed));
    config.limits.command = 1 << 20;
    config.limits.message = u64::MAX / 2;
    config.limits.failed_logins = u32::MAX;
    config.limits.errors = u32::MAX;
    let mut machine = Server::new(Arc::new(config), imap_proto::server::Security::Plaintext);
    if phase == Phase::Selected {
        machine.receive(b"x SELECT INBOX\r\n");
        while let Ok(Step::Event(event)) = machine.poll() {
            if let Event::Command(ask, _) = event {
                let _ = machine.answer(ask, Ok(Completion::default()));
            }
        }
    }
    machine.transmitted(usize::MAX);
    machine
}

/// What the RFC calls where the dialogue stands.
pub(super) const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Greeting => "before the greeting",
        Phase::NotAuthenticated => "NOT AUTHENTICATED",
        Phase::Authenticated => "AUTHENTICATED: no mailbox is open",
        Phase::Selected => "SELECTED: a mailbox is open",
        Phase::Logout => "LOGOUT",
        _ => "elsewhere",
    }
}

impl Imap {
    pub(super) fn take_client(&mut self, is_over: bool, log: &mut Log) -> bool {
        if self.client.is_empty() {
            return false;
        }
        // A challenge comes before its response; and the machine takes one command at a time.
        let may_go_on = self.greeted && self.asked.is_none();
        if !may_go_on && !is_over && self.client.len() < MOST_WAITING {
            return false;
        }
        if !may_go_on {
            self.greeted = true;
            self.settle(None, b"", log);
        }
        if self.client_literal > 0 {
            return self.take_literal(log);
        }
        let taken = self
            .client
            .line(PIECE)
            .or_else(|| is_over.then(|| self.client.take(PIECE)));
        let Some((stamp, line)) = taken else { return false };
        let before = self.server_machine.phase();
        self.client_line(stamp, &line, log);
        self.tell_phase(stamp, before, log);
        true
    }

    fn take_literal(&mut self, log: &mut Log) -> bool {
        let most = usize::try_from(self.client_literal).unwrap_or(usize::MAX).min(PIECE);
        let (stamp, octets) = self.client.take(most);
        self.client_literal -= octets.len() as u64;
        if self.upload.is_none() {
            let secret = self
                .current
                .as_ref()
                .is_some_and(|current| current.name.as_slice() == b"LOGIN");
            log.say(
                stamp,
                Side::Client,
                Kind::Line(shown(&octets).secret_from(secret.then_some(0))),
            );
        }
        self.hear(&octets, stamp, log);
        true
    }

    fn client_line(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        match self.expects {
            Expects::Command => self.begin_command(stamp, line, log),
            Expects::Response => self.show_response(stamp, line, log),
            Expects::Idle => log.say(
                stamp,
                Side::Client,
                Kind::Line(shown(line).about(imap_about::command(b"DONE"))),
            ),
            Expects::Rest if content(line).is_empty() => {}
            Expects::Rest => {
                let secret = self
                    .current
                    .as_ref()
                    .is_some_and(|current| current.name.as_slice() == b"LOGIN");
                log.say(
                    stamp,
                    Side::Client,
                    Kind::Line(shown(line).secret_from(secret.then_some(0))),
                );
            }
        }
        let in_command = matches!(self.expects, Expects::Command | Expects::Rest);
        self.expects = Expects::Command;
        if let (Some((octets, _)), true) = (announced(line), in_command) {
            self.client_literal = octets;
            self.expects = Expects::Rest;
        }
        self.hear(line, stamp, log);
    }

    fn begin_command(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        self.tally.commands += 1;
        let mut words = content(line).split(|octet| *octet == b' ');
        let tag = words.next().unwrap_or_default().to_vec();
        let mut name = words.next().unwrap_or_default().to_ascii_uppercase();
        if name == b"UID" {
            name = words.next().unwrap_or_default().to_ascii_uppercase();
        }
        let behind = content(line).len().min(tag.len() + name.len() + 2);
        let secret = match name.as_slice() {
            b"LOGIN" => Some(behind),
            b"AUTHENTICATE" => words.next().map(|mechanism| behind + mechanism.len()),
            // What is no command may be the rest of a login whose beginning was not captured.
            name => imap_about::command(name).is_none().then_some(0),
        };
        let shown = shown(line).about(imap_about::command(&name)).secret_from(secret);
        log.say(stamp, Side::Client, Kind::Line(shown));
        if name == b"AUTHENTICATE" {
            self.begin_exchange(stamp, content(line), log);
        }
        let current = Current {
            tag,
            name,
            refused: false,
        };
        self.await_result(&current);
        self.current = Some(current.clone());
        if self.pending.len() == MOST_PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back(current);
    }

    fn begin_exchange(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        let mut words = line.splitn(4, |octet| *octet == b' ').skip(2);
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

    fn show_response(&mut self, stamp: Stamp, line: &[u8], log: &mut Log) {
        log.say(stamp, Side::Client, Kind::Line(shown(line).secret_from(Some(0))));
        if let Some(exchange) = &mut self.exchange {
            log.say(stamp, Side::Client, Kind::Decoded(exchange.client(content(line))));
        }
    }

    /// Feeds the machine, and hears what it makes of it.
    pub(super) fn hear(&mut self, octets: &[u8], stamp: Stamp, log: &mut Log) {
        let mut rest = octets;
        loop {
            rest = &rest[self.server_machine.receive(rest)..];
            let step = self.server_machine.poll();
            self.overhear();
            match step {
                Ok(Step::Event(event)) => self.asked_of(event, stamp, log),
                Ok(Step::Body) => {
                    if let Some(message) = &mut self.upload {
                        message.push(self.server_machine.body());
                    }
                    self.server_machine.consume(usize::MAX);
                }
                Ok(Step::BodyEnd | Step::BodyAborted) => self.server_machine.close_body(),
                Ok(Step::NeedFlush) => {}
                Ok(Step::NeedInput) if !rest.is_empty() && !self.server_machine.space().is_empty() => {}
                Ok(_) => return,
                Err(error) => {
                    let text = format!("the machine of this program gives up here: {error}");
                    log.say(stamp, Side::Client, Kind::Warning(text));
                    self.server_machine = fresh(self.server_machine.phase());
                    return;
                }
            }
        }
    }

    /// Throws away what the machine says, but for a refusal of the command that was just said.
    fn overhear(&mut self) {
        if let Some(current) = &mut self.current {
            let said = self.server_machine.transmit();
            let last = content(said).rsplit(|octet| *octet == b'\n').next().unwrap_or_default();
            let result = last.strip_prefix(current.tag.as_slice());
            let refused = result.is_some_and(|result| result.starts_with(b" BAD") || result.starts_with(b" NO"));
            if let Some(pending) = self.pending.back_mut().filter(|_| refused) {
                pending.refused = true;
            }
        }
        self.server_machine.transmitted(usize::MAX);
    }

    fn asked_of(&mut self, event: Event, stamp: Stamp, log: &mut Log) {
        match event {
            Event::Login(ask, login) => {
                let (user, password) = (login.user.as_bytes(), login.password.secret().expose());
                let facts = vec![Fact::open("user", user), Fact::secret("password", password)];
                log.say(stamp, Side::Client, Kind::Decoded(facts));
                self.asked = Some(Asked::LogIn(ask));
            }
            Event::Authenticate(ask, _) | Event::SaslResponse(ask, _) => self.asked = Some(Asked::Sasl(ask)),
            Event::Command(ask, _) | Event::Appended(ask) => self.asked = Some(Asked::Execute(ask)),
            Event::Append(ask, part) => {
                self.begin_upload(&part);
                let _ = self.server_machine.answer(ask, Ok(()));
            }
            Event::AppendAborted => self.upload = None,
            Event::IdleBegan => self.expects = Expects::Idle,
            _ => {}
        }
    }

    /// The real server has said how a command ended, or that an exchange goes on.
    pub(super) fn settle(&mut self, result: Option<Condition>, challenge: &[u8], log: &mut Log) {
        let accepted = result.is_none_or(|condition| condition == Condition::Ok);
        let refusal = || Refusal::fixed("refused");
        let machine = &mut self.server_machine;
        let answered = match self.asked.take() {
            None => return,
            Some(Asked::LogIn(ask)) => machine.answer(ask, accepted.then_some(()).ok_or_else(refusal)),
            Some(Asked::Execute(ask)) => machine.answer(ask, accepted.then(Completion::default).ok_or_else(refusal)),
            Some(Asked::Sasl(ask)) => {
                let step = match result {
                    None => SaslStep::Challenge(
                        decode_sasl(challenge)
                            .map(|data| data.expose().to_vec())
                            .unwrap_or_default(),
                    ),
                    Some(_) => SaslStep::Success,
                };
                if result.is_none() {
                    self.expects = Expects::Response;
                }
                machine.answer(ask, accepted.then_some(step).ok_or_else(refusal))
            }
        };
        debug_assert!(answered.is_ok(), "an ask that is open can be answered");
        self.hear(b"", self.client.stamp(), log);
    }

    /// The machine is elsewhere than the real server: another takes its place.
    pub(super) fn follow(&mut self, name: &[u8]) {
        let phase = match name {
            b"LOGIN" | b"AUTHENTICATE" | b"CLOSE" | b"UNSELECT" => Phase::Authenticated,
            b"SELECT" | b"EXAMINE" => Phase::Selected,
            _ => return,
        };
        self.server_machine = fresh(phase);
        self.asked = None;
    }

    /// Octets of the client are missing. A literal's length is known; behind it, commands go on at the next line.
    pub(super) fn client_hole(&mut self, stamp: Stamp, octets: u64, log: &mut Log) {
        let (_, rest) = self.client.take(usize::MAX);
        if let (Some(message), true) = (&mut self.upload, self.client_literal > 0) {
            message.push(&rest);
            message.lose(octets);
        }
        self.client_literal = self.client_literal.saturating_sub(rest.len() as u64);
        let lost = octets.min(self.client_literal);
        self.finish(Side::Client, stamp, "octets of it were not captured", log);
        self.server_machine = fresh(self.server_machine.phase());
        (self.asked, self.expects, self.exchange) = (None, Expects::Command, None);
        self.skip_client(self.client_literal - lost);
        self.client_literal = 0;
    }
}

/// Beside what a server's machine offers by itself.
const OFFERS: [&str; 34] = [
    "IMAP4rev2",
    "LITERAL-",
    "UIDPLUS",
    "MOVE",
    "CONDSTORE",
    "QRESYNC",
    "SORT",
    "THREAD=REFERENCES",
    "THREAD=ORDEREDSUBJECT",
    "NAMESPACE",
    "UNSELECT",
    "CHILDREN",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "ESEARCH",
    "SEARCHRES",
    "MULTIAPPEND",
    "CATENATE",
    "BINARY",
    "QUOTA",
    "ACL",
    "METADATA",
    "NOTIFY",
    "UTF8=ACCEPT",
    "PREVIEW",
    "SAVEDATE",
    "OBJECTID",
    "REPLACE",
    "ID",
    "STATUS=SIZE",
    "WITHIN",
    "URLAUTH",
];
