//! Command lines: from the window to a reply or a question.

use alloc::boxed::Box;

use mail_wire::{Framed, Step};

use super::{Dialect, Ending, Event, Extension, Hello, Server, State, Wish, replies};
use crate::phase::{Action, Phase};
use crate::{BodyType, ClientName, Command, CommandError, Keyword, Limit, MailFrom, Parameters, RcptTo, Verb};

impl Server {
    /// Looks for the next line and carries it out.
    pub(super) fn command(&mut self) -> Option<Step<Event>> {
        if self.wish == Wish::Stop {
            self.give_up(CommandError::ShuttingDown);
            return None;
        }
        match self.framer.next(self.window.unread()) {
            Framed::Line { content, octets } => {
                let line = &self.window.unread()[..content];
                let command = Command::parse_with(line, self.config.leniency);
                self.took(octets);
                return self.obey(command.map_err(CommandError::from));
            }
            Framed::Refused { octets, why } => {
                self.took(octets);
                return self.obey(Err(why.into()));
            }
            Framed::Drop { octets } => self.window.consume(octets),
            Framed::Incomplete if self.window.is_closed() => self.end(Ending::EndOfInput),
            Framed::Incomplete => return Some(Step::NeedInput),
        }
        None
    }

    /// A line is done with: the client has made progress.
    fn took(&mut self, octets: usize) {
        self.window.consume(octets);
        self.stopwatch.restart();
    }

    fn obey(&mut self, command: Result<Command, CommandError>) -> Option<Step<Event>> {
        match command.and_then(|command| self.carry_out(command)) {
            Ok(step) => step,
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    /// Replies to a fault, or ends the dialogue when there were too many.
    pub(super) fn fault(&mut self, fault: CommandError) {
        self.tally.errors += 1;
        let limit = self.config.limits.errors;
        if self.tally.errors > limit {
            return self.give_up(Limit::Errors(limit).into());
        }
        self.hold_back = 0;
        match self.phase.after(Action::Hello) {
            // RFC 5321 §3.1: 503 to everything, well formed or not.
            Err(rejected) if self.phase == Phase::Rejected => self.say_refusal(&CommandError::from(rejected).refusal()),
            _ => self.say_refusal(&fault.refusal()),
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<Option<Step<Event>>, CommandError> {
        let verb = command.verb();
        if verb == Verb::Data && self.phase == Phase::Sender {
            return Err(CommandError::NoRecipients);
        }
        self.check(verb.into())?;
        if self.is_idle_too_long(verb) {
            let limit = self.config.limits.idle_commands;
            self.give_up(Limit::IdleCommands(limit).into());
            return Ok(None);
        }
        match command {
            Command::Mail(mail) => return self.mail(mail).map(Some),
            Command::Rcpt(rcpt) => return self.recipient(rcpt),
            Command::Data => return Ok(Some(Step::Event(Event::Data(self.ask())))),
            Command::Vrfy(argument) => return Ok(Some(Step::Event(Event::Verify(self.ask(), argument)))),
            Command::Expn(_) if !self.config.expand => return Err(CommandError::NotOffered),
            Command::Expn(argument) => return Ok(Some(Step::Event(Event::Expand(self.ask(), argument)))),
            Command::Helo(client) => return Ok(self.hello(Verb::Helo, client)),
            Command::Ehlo(client) => return Ok(self.hello(Verb::Ehlo, client)),
            Command::Rset => return Ok(self.reset()),
            Command::Help(_) => self.say(&replies::HELP, None),
            Command::Noop(_) => self.say(&replies::NOOP, None),
            Command::Quit => self.quit(),
            _ => return Err(CommandError::NotOffered),
        }
        self.hold_back = 0;
        Ok(None)
    }

    fn check(&self, action: Action) -> Result<(), CommandError> {
        self.phase.after(action)?;
        Ok(())
    }

    /// Counts commands that bring no message nearer.
    fn is_idle_too_long(&mut self, verb: Verb) -> bool {
        if !matches!(verb, Verb::Rcpt | Verb::Data | Verb::Quit) {
            self.tally.idle_commands += 1;
        }
        self.tally.idle_commands > self.config.limits.idle_commands
    }

    fn mail(&mut self, mail: MailFrom) -> Result<Step<Event>, CommandError> {
        let known = |keyword: &str| {
            let own = [crate::capabilities::SIZE, "BODY"];
            own.iter().any(|name| name.eq_ignore_ascii_case(keyword))
        };
        self.check_parameters(mail.parameters(), known, |extension| &extension.mail_parameters)?;
        if mail.body() == Some(BodyType::BinaryMime) {
            return Err(CommandError::Parameter);
        }
        let limit = self.config.limits.message;
        if limit > 0 && mail.size().is_some_and(|size| size > limit) {
            return Err(Limit::Message(limit).into());
        }
        Ok(Step::Event(Event::Mail(self.ask(), mail)))
    }

    fn recipient(&mut self, rcpt: RcptTo) -> Result<Option<Step<Event>>, CommandError> {
        self.check_parameters(rcpt.parameters(), |_| false, |extension| &extension.rcpt_parameters)?;
        let limit = self.config.limits.recipients;
        if self.tally.recipients >= limit {
            // No fault of the client's: it may send the rest in another message (RFC 5321 §4.5.3.1.10).
            self.say_refusal(&CommandError::from(Limit::Recipients(limit)).refusal());
            return Ok(None);
        }
        Ok(Some(Step::Event(Event::Recipient(self.ask(), rcpt))))
    }

    /// Parameters belong to extensions: none behind HELO, and only the offered ones behind EHLO (RFC 5321 §4.1.1.11).
    fn check_parameters(
        &self,
        mut parameters: Parameters<'_>,
        known: impl Fn(&str) -> bool,
        of: impl Fn(&Extension) -> &[Keyword],
    ) -> Result<(), CommandError> {
        let extensions = &self.config.extensions;
        let offered = |keyword: &str| {
            let mut added = extensions.iter().flat_map(&of);
            known(keyword) || added.any(|name| name.as_str().eq_ignore_ascii_case(keyword))
        };
        let extended = self.dialect == Dialect::Extended;
        match parameters.all(|parameter| extended && offered(parameter.keyword)) {
            true => Ok(()),
            false => Err(CommandError::Parameter),
        }
    }

    fn hello(&mut self, verb: Verb, client: ClientName) -> Option<Step<Event>> {
        let reset = self.clear_transaction(Action::Hello);
        let hello = Box::new(Hello { verb, client });
        self.say_hello(&hello);
        self.hold_back = 0;
        self.state = State::Introduced(hello);
        reset
    }

    fn reset(&mut self) -> Option<Step<Event>> {
        let reset = self.clear_transaction(Action::Reset);
        self.say(&replies::RESET, None);
        reset
    }

    /// Ends the open transaction, if there is one: then the application is told.
    fn clear_transaction(&mut self, action: Action) -> Option<Step<Event>> {
        let open = self.phase.in_transaction();
        self.advance_phase(action);
        self.tally.recipients = 0;
        open.then_some(Step::Event(Event::Reset))
    }

    fn quit(&mut self) {
        self.advance_phase(Action::Quit);
        self.say_quit();
        self.end(Ending::Quit);
    }

    fn ask<Q>(&mut self) -> mail_wire::Ask<Q> {
        self.state = State::Asked;
        self.asking.open()
    }
}
