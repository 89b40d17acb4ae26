//! The machine, and how it is kept where the real client is.

use mail_wire::{BareLineEnds, LineEnds, Machine, Step};
use pop3_proto::client::{Config, Event, Security, Utf8Names};
use pop3_proto::{Client, Command, Keyword, Phase};

use super::{Pop3, Turn};
use crate::item::{Kind, Log, Side, Stamp};
use crate::message::Gathering;

/// A machine in this phase, which knows nothing of the dialogue.
pub(super) fn fresh(phase: Phase) -> Client {
    let mut config = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    config.limits.line = 16 * 1024;
    config.limits.listing = u32::MAX;
    config.leniency.line_ends = LineEnds::CrlfOrLf;
    config.leniency.bare_line_ends = BareLineEnds::Allow;
    config.leniency.names = Utf8Names::Always;
    let mut machine = Client::new(config);
    if phase == Phase::Greeting {
        return machine;
    }
    say(&mut machine, b"+OK\r\n");
    let lines: &[&[u8]] = match phase {
        Phase::Transaction => &[b"USER x", b"PASS x"],
        Phase::Named => &[b"USER x"],
        _ => &[],
    };
    for line in lines {
        if let Ok(command) = Command::parse(line)
            && machine.submit(command).is_ok()
        {
            say(&mut machine, b"");
            say(&mut machine, b"+OK\r\n");
        }
    }
    machine
}

/// The phases that a machine can be brought to.
fn near(phase: Phase) -> Phase {
    match phase {
        Phase::Transaction | Phase::Named => phase,
        _ => Phase::Authorization,
    }
}

/// Feeds a machine with what brings no body.
fn say(machine: &mut Client, octets: &[u8]) {
    machine.receive(octets);
    while let Ok(Step::Event(_) | Step::NeedFlush) = machine.poll() {
        machine.transmitted(usize::MAX);
    }
    machine.transmitted(usize::MAX);
}

/// Whether a command seems to begin here.
pub(super) fn is_command(octets: &[u8]) -> bool {
    let word = octets
        .split(|octet| !octet.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    Keyword::parse(word).is_some()
}

/// What the machine calls where the dialogue stands.
pub(super) const fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Greeting => "before the greeting",
        Phase::Authorization => "AUTHORIZATION: who is it?",
        Phase::Transaction => "TRANSACTION: the mailbox is open",
        Phase::Update => "UPDATE: marked messages go",
        Phase::Securing => "TLS begins",
        Phase::Closed => "closed",
        _ => "logging in",
    }
}

impl Pop3 {
    /// Gives the machine a command of the real client.
    pub(super) fn submit(&mut self, stamp: Stamp, command: Command, line: &[u8], log: &mut Log) {
        let keyword = command.keyword();
        let mut submitted = self.machine.submit(command.clone());
        if let Err(misuse) = &submitted {
            log.say(
                stamp,
                Side::Client,
                Kind::Note(format!("the machine of this program would not: {misuse}")),
            );
            // The real client is where this command is allowed; the machine is brought there.
            let phase = match (Phase::Transaction.allows(keyword), keyword) {
                (_, Keyword::Pass) => Phase::Named,
                (Ok(()), _) => Phase::Transaction,
                _ => Phase::Authorization,
            };
            self.machine = fresh(phase);
            submitted = self.machine.submit(command);
        }
        self.turn = match submitted {
            Ok(()) => Turn::Server(Some(keyword), line.to_vec()),
            Err(_) => Turn::Outside,
        };
        self.shown = (0, 0);
        self.feed(b"", stamp, log);
    }

    /// Feeds the machine with a line of the server, and hears what it makes of it.
    pub(super) fn feed(&mut self, octets: &[u8], stamp: Stamp, log: &mut Log) {
        let mut rest = octets;
        loop {
            rest = &rest[self.machine.receive(rest)..];
            self.machine.transmitted(usize::MAX);
            match self.machine.poll() {
                Ok(Step::Event(event)) => self.event(event, stamp, log),
                Ok(Step::Body) => {
                    if let Some(message) = &mut self.message {
                        message.push(self.machine.body());
                    }
                    self.machine.consume(usize::MAX);
                }
                Ok(Step::BodyEnd | Step::BodyAborted) => {
                    self.machine.close_body();
                    self.finish_message("whole", stamp, log);
                }
                Ok(Step::NeedFlush) => {}
                Ok(Step::NeedInput) if !rest.is_empty() && !self.machine.space().is_empty() => {}
                Ok(Step::NeedAnswer) => {
                    if self.turn != Turn::Response && !octets.is_empty() {
                        self.answered();
                    }
                    return;
                }
                Ok(Step::Upgrade(_)) => return self.hand_over(stamp, log),
                Ok(Step::Closed) => return self.answered(),
                Ok(_) => return,
                Err(error) => return self.broken(&error, stamp, log),
            }
        }
    }

    fn event(&mut self, event: Event, stamp: Stamp, log: &mut Log) {
        match event {
            Event::Message { .. } => {
                let carrier = match &self.turn {
                    Turn::Server(_, line) => String::from_utf8_lossy(super::content(line)).into_owned(),
                    _ => "RETR".into(),
                };
                self.message = Some(Gathering::new(carrier));
            }
            Event::Challenge(_) => self.turn = Turn::Response,
            Event::LoggedIn(_) => log.tell(stamp, Kind::Note("the client is logged in".into())),
            Event::Invalid(invalid) => {
                log.say(
                    stamp,
                    Side::Server,
                    Kind::Note(format!("not as the RFC has it: {}", invalid.why)),
                );
            }
            Event::Unsent(..) => self.turn = Turn::Outside,
            _ => {}
        }
    }

    fn answered(&mut self) {
        if matches!(self.turn, Turn::Server(..)) {
            self.turn = Turn::Client;
            self.exchange = None;
            self.doubtful = false;
        }
    }

    fn hand_over(&mut self, stamp: Stamp, log: &mut Log) {
        self.secured = true;
        if !self.client.is_empty() {
            let octets = self.client.len();
            let warning =
                format!("{octets} octets behind STLS were sent in plaintext: command injection (RFC 2595 §4)");
            log.say(self.client.stamp(), Side::Client, Kind::Warning(warning));
        }
        log.tell(stamp, Kind::Opaque("STLS"));
    }

    /// The machine cannot go on: another takes its place.
    fn broken(&mut self, error: &pop3_proto::client::Error, stamp: Stamp, log: &mut Log) {
        log.say(
            stamp,
            Side::Server,
            Kind::Warning(format!("the machine of this program gives up here: {error}")),
        );
        self.message.iter_mut().for_each(Gathering::cut);
        self.finish_message("cut off", stamp, log);
        self.machine = fresh(near(self.machine.phase()));
        self.turn = Turn::Client;
    }

    /// The answer will not come to its end.
    pub(super) fn give_up_answer(&mut self, stamp: Stamp, log: &mut Log) {
        self.greeted = true;
        self.doubtful = false;
        self.message.iter_mut().for_each(Gathering::cut);
        self.finish_message("its end was not captured", stamp, log);
        if let Turn::Server(keyword, _) = &self.turn {
            // Most logins succeed; if this one did not, the next command shows it.
            let phase = match keyword {
                Some(Keyword::Pass | Keyword::Apop | Keyword::Auth) => Phase::Transaction,
                Some(Keyword::User) => Phase::Named,
                _ => near(self.machine.phase()),
            };
            self.machine = fresh(phase);
        }
        self.turn = Turn::Client;
    }

    /// Octets of the server are missing: the answer goes on at its next line.
    pub(super) fn server_hole(&mut self, stamp: Stamp, octets: u64, log: &mut Log) {
        let (_, rest) = self.server.take(usize::MAX);
        if let Some(message) = &mut self.message {
            message.lose(octets);
            self.feed(&rest, stamp, log);
            self.feed(b"\r\n", stamp, log);
        }
        self.doubtful = matches!(self.turn, Turn::Server(..) | Turn::Outside) || !self.greeted;
        self.server
            .resume(|octets| octets.starts_with(b"+OK") || octets.starts_with(b"-ERR"));
    }
}
