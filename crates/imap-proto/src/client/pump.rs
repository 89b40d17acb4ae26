//! From queued commands to octets: which may go now, and how they are spelled.

use mail_wire::Misuse;

use super::queue::{Flying, Idle, Nature, Role, Waiting};
use super::{Client, Course, Event, Security};
use crate::needs::{AnyOf, Offers};
use crate::outgoing::Waits;
use crate::syntax::writer::Writer;
use crate::{Capability, Command, Literals, Phase, SaslResponse, Spelling, Tag};

impl Client {
    /// Begins every command that may begin.
    pub(super) fn pump(&mut self) {
        while matches!(self.course, Course::Running) && self.phase != Phase::Greeting && self.room() > 0 {
            if self.outgoing.waits() != Waits::Nothing {
                return;
            }
            let Some(next) = self.queue.waiting.front() else { return };
            let nature = Nature::of(&next.command);
            if self.queue.races(nature) {
                return self.done_for_next();
            }
            if self.capabilities.is_none() && needs_knowledge(&next.command) {
                return self.ask_for_capabilities();
            }
            let Some(waiting) = self.queue.waiting.pop_front() else {
                return;
            };
            match self.check_now(&waiting.command, nature) {
                Ok(()) => self.begin(waiting, nature),
                Err(why) => {
                    self.queue.surprise();
                    self.events.push_back(Event::NotSent(waiting.id, why));
                }
            }
        }
    }

    /// A command waits: IDLE has to make way.
    fn done_for_next(&mut self) {
        if matches!(
            self.queue.idle(),
            Some(Idle::Begun | Idle::BegunAgain | Idle::Idling | Idle::Renewing)
        ) {
            self.done();
        }
    }

    fn check_now(&self, command: &Command<'_>, nature: Nature) -> Result<(), Misuse> {
        let command_name = nature.name;
        self.phase
            .allows(nature.kind)
            .map_err(|_| Misuse::OutOfSequence { command: command_name })?;
        self.check(command)
    }

    /// Whether the server offers what a command needs, and the connection is private enough.
    pub(super) fn check(&self, command: &Command<'_>) -> Result<(), Misuse> {
        let harmless = matches!(
            command,
            Command::Capability | Command::Noop | Command::Logout | Command::StartTls | Command::Id(_)
        );
        if self.config.security == Security::StartTls && !harmless {
            return Err(Misuse::NotOffered { extension: "TLS" });
        }
        if self.config.security == Security::Secured && matches!(command, Command::StartTls) {
            return Err(Misuse::OutOfSequence { command: "STARTTLS" });
        }
        if self.capabilities.is_none() {
            return Ok(());
        }
        if matches!(command, Command::Login(_)) && self.offers("LOGINDISABLED") {
            return Err(Misuse::NotOffered { extension: "LOGIN" });
        }
        command.needs(&mut Offered(self)).map_err(|any_of| Misuse::NotOffered {
            extension: any_of.first().copied().unwrap_or("it"),
        })
    }

    fn ask_for_capabilities(&mut self) {
        let nature = Nature::of(&Command::Capability);
        if self.queue.flying.iter().any(|flying| flying.id.is_none()) {
            return;
        }
        let tag = self.next_tag();
        self.write(&tag, &Command::Capability);
        self.queue.fly(Flying {
            id: None,
            tag,
            nature,
            role: Role::Ordinary,
        });
    }

    fn begin(&mut self, waiting: Waiting, nature: Nature) {
        let Waiting { id, tag, mut command } = waiting;
        let tag = match tag {
            Some(tag) => tag,
            None => self.next_tag(),
        };
        let role = self.role(&mut command);
        self.write(&tag, &command);
        self.queue.fly(Flying {
            id: Some(id),
            tag,
            nature,
            role,
        });
    }

    fn role(&self, command: &mut Command<'static>) -> Role {
        match command {
            Command::Idle => Role::Idle(Idle::Begun),
            Command::Authenticate(_) if self.offers("SASL-IR") || self.offers("IMAP4rev2") => Role::Authenticate(None),
            Command::Authenticate(authenticate) => {
                Role::Authenticate(authenticate.initial_response.take().map(SaslResponse::Data))
            }
            _ => Role::Ordinary,
        }
    }

    /// IDLE once more, under the name that the caller knows it by.
    pub(super) fn renew_idle(&mut self, flying: Flying) {
        let tag = self.next_tag();
        self.write(&tag, &Command::Idle);
        self.queue.fly(Flying {
            tag,
            role: Role::Idle(Idle::BegunAgain),
            ..flying
        });
    }

    fn write(&mut self, tag: &Tag<'_>, command: &Command<'_>) {
        if self.queue.flying.is_empty() {
            self.watch.restart();
        }
        let spelling = self.spelling();
        let start = self.outbox.buffer().len();
        let mut writer = Writer::new(self.outbox.buffer(), spelling);
        writer.raw(tag.as_bytes());
        writer.space();
        command.write(&mut writer);
        writer.crlf();
        let pauses = writer.finish();
        self.outgoing.begin(&mut self.outbox, start, pauses);
    }

    fn spelling(&self) -> Spelling {
        let literals = if self.offers("LITERAL+") {
            Literals::Plus
        } else if self.offers("LITERAL-") || self.offers("IMAP4rev2") {
            Literals::Minus
        } else {
            Literals::Synchronizing
        };
        self.enabled.spelling(Spelling { literals, utf8: false })
    }
}

/// Whether it has to be known what the server offers before the command may go.
fn needs_knowledge(command: &Command<'_>) -> bool {
    let needs = command.needs(&mut Nothing).is_err();
    needs || matches!(command, Command::Login(_) | Command::Authenticate(_))
}

/// What the server is known to offer.
struct Offered<'c>(&'c Client);

impl Offers for Offered<'_> {
    fn any_of(&mut self, any_of: AnyOf) -> Result<(), AnyOf> {
        let offered = any_of.iter().any(|name| self.0.offers(name));
        offered.then_some(()).ok_or(any_of)
    }

    fn valued(&mut self, name: &'static str, value: &str, named: AnyOf) -> Result<(), AnyOf> {
        let is_it = |capability: &Capability<'_>| {
            capability
                .value_of(name)
                .is_some_and(|offered| offered.eq_ignore_ascii_case(value))
        };
        let offered = self.0.capabilities.iter().flatten().any(is_it);
        offered.then_some(()).ok_or(named)
    }
}

/// A server that offers nothing: each need is an unmet one.
struct Nothing;

impl Offers for Nothing {
    fn any_of(&mut self, any_of: AnyOf) -> Result<(), AnyOf> {
        Err(any_of)
    }

    fn valued(&mut self, _: &'static str, _: &str, named: AnyOf) -> Result<(), AnyOf> {
        Err(named)
    }
}
