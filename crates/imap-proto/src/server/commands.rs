//! What the machine does with a command by itself, and what it hands out.

use mail_wire::{Ask, Layer};

use super::sending::boxed;
use super::updates::{Expunges, Moment, Updates};
use super::{
    AsEsearch, Compress, Compression, Error, Event, Executing, Fault, Noop, Plaintext, Question, Refusal, Running,
    Sasl, Security, Server, StartTls, State,
};
use crate::phase::{Kind, Transition};
use crate::{Code, Command, Condition, Data, Status, Tag, TaggedCommand};

impl Server {
    pub(super) fn obey(&mut self, TaggedCommand { tag, command }: TaggedCommand<'static>) -> Option<Event> {
        let kind = command.kind();
        if let Err(fault) = self.allows(&command) {
            self.bad(Some(&tag), fault);
            return None;
        }
        self.errors = 0;
        if self.enabled.uid_only && command.uses_sequence_numbers() {
            self.refused(&tag, uid_required(), Moment::NumbersStand);
            return None;
        }
        let event = match command {
            Command::Capability => {
                let capabilities = self.capabilities();
                self.say(&Data::Capability(capabilities));
                self.done(&tag, kind, "CAPABILITY completed")
            }
            Command::Noop if self.config.noop == Noop::Answered || !self.phase.is_authenticated() => {
                self.done(&tag, kind, "NOOP completed")
            }
            Command::Logout => {
                self.say(&Data::Status(Status::fixed(Condition::Bye, "goodbye")));
                self.done(&tag, kind, "LOGOUT completed")
            }
            Command::StartTls => self.start_tls(&tag),
            Command::Compress(_) => self.compress(&tag),
            Command::Enable(asked) => self.enable(&tag, &asked),
            Command::Id(parameters) => {
                let own = self.config.identity.clone();
                self.say(&Data::Id(own));
                self.done(&tag, kind, "ID completed");
                Some(Event::Identified(parameters))
            }
            Command::Idle => {
                self.tell_updates(Moment::Any);
                self.go_ahead(b"idling");
                self.state = State::Idle(tag);
                Some(Event::IdleBegan)
            }
            Command::Login(_) | Command::Authenticate(_) if self.must_be_private() => {
                self.refused(&tag, not_private(), Moment::NumbersStand);
                None
            }
            Command::Login(login) => {
                let ask = self.asking.open();
                self.state = State::Asked(Running {
                    tag,
                    question: Question::Login,
                });
                Some(Event::Login(ask, boxed(login)))
            }
            Command::Authenticate(authenticate) => Some(Event::Authenticate(self.ask_sasl(tag), boxed(authenticate))),
            Command::Unauthenticate => self.unauthenticate(&tag),
            other => Some(self.hand_out(tag, other)),
        };
        self.part_if_idle();
        event
    }

    /// What is refused whatever the arguments are.
    fn allows(&self, command: &Command<'_>) -> Result<(), Fault> {
        self.phase.allows(command.kind()).map_err(Fault::OutOfSequence)?;
        let starttls = self.config.starttls == StartTls::Offered && self.security == Security::Plaintext;
        match command {
            Command::Other { .. } => Err(Fault::Unknown),
            Command::StartTls if !starttls => Err(Fault::NotOffered),
            // RFC 4978 §3: another algorithm is as bad.
            Command::Compress(algorithm)
                if self.config.compress == Compress::NotOffered
                    || !algorithm.as_bytes().eq_ignore_ascii_case(b"DEFLATE") =>
            {
                Err(Fault::NotOffered)
            }
            _ => Ok(()),
        }
    }

    /// OK, and on.
    fn done(&mut self, tag: &Tag<'_>, kind: Kind, text: &'static str) -> Option<Event> {
        self.ok(tag, None, text, Moment::Any);
        self.step(Transition::Accepted(kind));
        None
    }

    pub(super) fn must_be_private(&self) -> bool {
        self.security == Security::Plaintext && self.config.plaintext == Plaintext::Refused
    }

    pub(super) fn ask_sasl(&mut self, tag: Tag<'static>) -> Ask<Sasl> {
        self.state = State::Asked(Running {
            tag,
            question: Question::Sasl,
        });
        self.asking.open()
    }

    /// docs/threats.md row 4: what stands behind STARTTLS was sent in plaintext, by whomever.
    fn start_tls(&mut self, tag: &Tag<'_>) -> Option<Event> {
        if !self.window.unread().is_empty() {
            self.fail(Error::Injection);
            return None;
        }
        self.ok(tag, None, "begin TLS negotiation", Moment::NumbersStand);
        self.state = State::Upgrading(Layer::Tls);
        None
    }

    fn compress(&mut self, tag: &Tag<'_>) -> Option<Event> {
        if self.compression == Compression::On {
            let refusal = Refusal::fixed("DEFLATE is active already").with_code(Code::CompressionActive);
            self.refused(tag, refusal, Moment::NumbersStand);
            return None;
        }
        self.ok(tag, None, "DEFLATE active", Moment::NumbersStand);
        self.state = State::Upgrading(Layer::Deflate);
        None
    }

    fn enable(&mut self, tag: &Tag<'_>, asked: &[crate::Capability<'static>]) -> Option<Event> {
        let offers = self.capabilities();
        let offered = |capability: &crate::Capability<'_>| {
            let is_it = |offer: &crate::Capability<'_>| offer.is(capability.as_str());
            // A server that offers UTF8=ONLY is asked for UTF8=ACCEPT (RFC 6855 §6).
            let is_implied = |offer: &crate::Capability<'_>| offer.is("UTF8=ONLY") && capability.is("UTF8=ACCEPT");
            offers.iter().any(|offer| is_it(offer) || is_implied(offer))
        };
        let enabled = self.enabled.enable(asked, offered);
        self.say(&Data::Enabled(enabled.clone()));
        self.ok(tag, None, "ENABLE completed", Moment::Any);
        (!enabled.is_empty()).then_some(Event::Enabled(enabled))
    }

    /// RFC 8437 §3: as if the client had just connected; the layers stay.
    fn unauthenticate(&mut self, tag: &Tag<'_>) -> Option<Event> {
        self.updates = Updates::default();
        self.ok(tag, None, "not authenticated any more", Moment::NumbersStand);
        self.enabled = super::Enabled::default();
        self.step(Transition::Accepted(Kind::Unauthenticate));
        Some(Event::Unauthenticated)
    }

    fn hand_out(&mut self, tag: Tag<'static>, command: Command<'static>) -> Event {
        self.enabled.condstore |= command.implies_condstore();
        let kind = command.kind();
        if kind == Kind::Select && self.phase == crate::Phase::Selected {
            self.leave_mailbox();
        }
        let esearch = match &command {
            Command::Search(search) if self.enabled.rev2 || search.returning.is_some() => Some(AsEsearch {
                numbering: search.numbering,
                options: search.returning.clone().unwrap_or_default(),
            }),
            _ => None,
        };
        let executing = Executing {
            name: command.name(),
            kind,
            numbers_stand: command.holds_numbers(),
            esearch,
            expunges: match &command {
                Command::Notify(notify) => Some(Expunges::asked_by(notify)),
                _ => None,
            },
        };
        self.state = State::Asked(Running {
            tag,
            question: Question::Execute(executing),
        });
        Event::Command(self.asking.open(), alloc::boxed::Box::new(command))
    }

    /// A new mailbox is selected: what waits is of the old one. The client is told where the old one's data ends (RFC 7162 §3.2.11,
    /// RFC 9051 §6.3.2): a server that knows the code always sends it.
    fn leave_mailbox(&mut self) {
        self.updates.clear();
        let tells = |name: &&str| self.config.offers.has(name);
        if ["IMAP4rev2", "CONDSTORE", "QRESYNC"].iter().any(tells) {
            let closed = Status::fixed(Condition::Ok, "the mailbox is closed").with_code(Code::Closed);
            self.say(&Data::Status(closed));
        }
    }
}

pub(super) fn not_private() -> Refusal {
    Refusal::fixed("not without TLS").with_code(Code::PrivacyRequired)
}

/// RFC 9586 §3
pub(super) fn uid_required() -> Refusal {
    Refusal::bad("message sequence numbers are not used in this session")
        .unwrap_or(Refusal::fixed("UIDs only"))
        .with_code(Code::UidRequired)
}
