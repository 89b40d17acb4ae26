//! Command lines: from the window to a reply or a question.

use alloc::boxed::Box;

use mail_wire::{Framed, LineFault, Step};

use super::state::{Dialect, Transaction, Wish};
use super::{Ending, Event, Hello, Protocol, Server, State, replies};
use crate::phase::{Action, Phase};
use crate::{ClientName, Command, CommandError, Expected, Inquiry, Limit, SyntaxError, Verb};

impl Server {
    /// Looks for the next line and carries it out.
    pub(super) fn command(&mut self) -> Option<Step<Event>> {
        if self.wish == Wish::Stop {
            self.give_up(CommandError::ShuttingDown);
            return None;
        }
        match self.framer.next(self.window.unread()) {
            Framed::Line { content, octets } => {
                let command = self.parse(content, octets);
                if self.config.explain.is_some() {
                    self.verb = Verb::parse(&self.window.unread()[..content]).ok();
                }
                self.took(octets);
                return self.take_in(command);
            }
            Framed::Refused { octets, why } => {
                self.took(octets);
                self.verb = None;
                return self.obey(Err(why.into()));
            }
            Framed::Drop { octets } => self.window.consume(octets),
            Framed::Incomplete if self.window.is_closed() => self.end(Ending::EndOfInput),
            Framed::Incomplete => return Some(Step::NeedInput),
        }
        None
    }

    fn parse(&self, content: usize, octets: usize) -> Result<Command, CommandError> {
        let line = &self.window.unread()[..content];
        let verb = || Verb::parse(line);
        let limit = self.config.line_limit();
        // RFC 4954 §4: the initial response of AUTH has more room.
        if octets > limit && verb() != Ok(Verb::Auth) {
            return Err(LineFault::TooLong { limit }.into());
        }
        let mut leniency = self.config.leniency;
        leniency.smtp_utf8 = self.transaction.smtp_utf8;
        Command::parse_with(line, leniency).map_err(|error| match (verb(), error.expected) {
            (Ok(Verb::Bdat), _) if self.config.offers.chunking => CommandError::Chunk(error),
            (Ok(Verb::Mail), Expected::Ascii) => CommandError::NonAsciiSender,
            _ => CommandError::Syntax(error),
        })
    }

    /// A line is done with: the client has made progress.
    pub(super) fn took(&mut self, octets: usize) {
        self.window.consume(octets);
        self.stopwatch.restart();
    }

    fn take_in(&mut self, command: Result<Command, CommandError>) -> Option<Step<Event>> {
        match command {
            Ok(command) if self.breaks_off(command.verb()) => {
                self.break_off(command);
                None
            }
            // Where its octets end, and the next command begins, nobody can say any more.
            Err(fault @ CommandError::Chunk(_)) => {
                self.give_up(fault);
                None
            }
            other => self.obey(other),
        }
    }

    pub(super) fn obey(&mut self, command: Result<Command, CommandError>) -> Option<Step<Event>> {
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
        self.fault_times(fault, 1);
    }

    /// The same where more than one reply is awaited.
    pub(super) fn fault_times(&mut self, fault: CommandError, replies: u32) {
        self.hold_back = 0;
        if !self.counts_as_fault() {
            return;
        }
        let fault = match self.standing.after(Action::Hello) {
            // RFC 5321 §3.1: 503 to everything, well formed or not.
            Err(rejected) if self.standing.phase == Phase::Rejected => CommandError::from(rejected),
            _ => fault,
        };
        (0..replies).for_each(|_| self.say_fault(fault));
    }

    /// Whether the dialogue goes on behind one fault more.
    pub(super) fn counts_as_fault(&mut self) -> bool {
        self.tally.errors += 1;
        let limit = self.config.limits.errors;
        let goes_on = self.tally.errors <= limit;
        if !goes_on {
            self.give_up(Limit::Errors(limit).into());
        }
        goes_on
    }

    fn carry_out(&mut self, command: Command) -> Result<Option<Step<Event>>, CommandError> {
        let verb = command.verb();
        self.check(verb)?;
        if self.is_idle_too_long(verb) {
            let limit = self.config.limits.idle_commands;
            self.give_up(Limit::IdleCommands(limit).into());
            return Ok(None);
        }
        match command {
            Command::Mail(mail) => return self.mail(mail),
            Command::Rcpt(rcpt) => return self.recipient(rcpt),
            Command::Data => return Ok(Some(Step::Event(Event::Data(self.ask())))),
            Command::Bdat(bdat) => return Ok(self.bdat(bdat)),
            // Between two chunks the application is not asked.
            Command::Vrfy(_) if self.standing.phase == Phase::Chunks => self.say(&replies::CANNOT_VERIFY, None),
            Command::Vrfy(inquiry) => {
                self.check_inquiry(&inquiry)?;
                return Ok(Some(Step::Event(Event::Verify(self.ask(), inquiry))));
            }
            Command::Expn(inquiry) => {
                self.check_inquiry(&inquiry)?;
                return Ok(Some(Step::Event(Event::Expand(self.ask(), inquiry))));
            }
            Command::Helo(client) | Command::Ehlo(client) | Command::Lhlo(client) => {
                return Ok(self.hello(verb, client));
            }
            Command::Rset => return Ok(self.reset()),
            Command::Auth(auth) => return Ok(self.authenticate(auth)),
            Command::Etrn(etrn) => return Ok(Some(Step::Event(Event::Etrn(self.ask(), etrn)))),
            Command::XClient(attributes) => return Ok(Some(self.xclient(attributes))),
            Command::XForward(attributes) => return Ok(Some(self.xforward(attributes))),
            Command::StartTls => self.start_tls(),
            Command::Help(_) => self.say(&replies::HELP, None),
            Command::Noop(_) => self.say(&replies::NOOP, None),
            Command::Quit => self.quit(),
            Command::Burl(_) | Command::Atrn(_) => return Err(CommandError::NotOffered),
        }
        self.hold_back = 0;
        Ok(None)
    }

    /// Whether the command is of this protocol, is offered, and is allowed now.
    fn check(&self, verb: Verb) -> Result<(), CommandError> {
        let of_protocol = match self.config.protocol {
            Protocol::Smtp => verb != Verb::Lhlo,
            Protocol::Lmtp => !matches!(verb, Verb::Helo | Verb::Ehlo),
        };
        if !of_protocol {
            return Err(SyntaxError::new(0, Expected::Command).into());
        }
        self.check_policy(verb)?;
        match verb {
            Verb::Bdat => return Ok(()),
            Verb::StartTls => return self.check_start_tls(),
            Verb::Auth => return self.check_authenticate(),
            Verb::XClient => return self.check_xclient(),
            Verb::XForward => return self.check_xforward(),
            Verb::Burl | Verb::Atrn => return Err(CommandError::NotOffered),
            Verb::Etrn if !self.config.offers.etrn => return Err(CommandError::NotOffered),
            Verb::Data if self.standing.phase == Phase::Sender => return Err(CommandError::NoRecipients),
            _ => {}
        }
        self.standing.after(verb.into())?;
        match verb {
            Verb::Expn if !self.config.expand || self.standing.phase == Phase::Chunks => Err(CommandError::NotOffered),
            Verb::Data if self.transaction.binary => Err(CommandError::BinaryNeedsChunks),
            _ => Ok(()),
        }
    }

    /// UTF-8 in a name, and the parameter that allows it in the reply, belong to SMTPUTF8 (RFC 6531 §3.7.4.2).
    fn check_inquiry(&mut self, inquiry: &Inquiry) -> Result<(), CommandError> {
        let extended = self.config.offers.smtp_utf8 && self.dialect == Dialect::Extended;
        if inquiry.needs_smtp_utf8() && !extended {
            return Err(CommandError::Parameter);
        }
        self.replies_in_utf8 = inquiry.smtp_utf8();
        Ok(())
    }

    /// Counts commands that bring no message nearer.
    fn is_idle_too_long(&mut self, verb: Verb) -> bool {
        if !matches!(verb, Verb::Rcpt | Verb::Data | Verb::Bdat | Verb::Quit) {
            self.tally.idle_commands += 1;
        }
        self.tally.idle_commands > self.config.limits.idle_commands
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
        let open = self.standing.phase.in_transaction();
        self.advance_phase(action);
        self.transaction = Transaction::default();
        open.then_some(Step::Event(Event::Reset))
    }

    fn quit(&mut self) {
        self.advance_phase(Action::Quit);
        self.say_quit();
        self.end(Ending::Quit);
    }
}
