//! From octets to commands, and to responses inside an exchange of AUTH.

use alloc::boxed::Box;

use mail_wire::{Framed, ProxyHeader, SaslResponse, Step};

use super::config::Spaces;
use super::{Course, Event, Phrase, Server, State};
use crate::auth::located;
use crate::error::Fault;
use crate::{Command, Keyword, ResponseCode, Status, Transition};

/// What stands at the front of the window.
enum Next {
    Incomplete,
    Again,
    End,
    Fault(Fault),
    Command(Command),
    Response(SaslResponse),
}

impl Server {
    /// Waits for, then obeys one command or takes one response.
    pub(super) fn serve(&mut self) -> Option<Step<Event>> {
        let next = self.next();
        if matches!(next, Next::Command(_) | Next::Response(_) | Next::Fault(_)) {
            self.watch.restart();
        }
        match next {
            Next::Again => None,
            Next::Incomplete => {
                self.window.relax();
                Some(Step::NeedInput)
            }
            Next::End => {
                self.close();
                None
            }
            Next::Fault(fault) => self.fault(fault),
            Next::Command(Command::Quit) => self.command(Command::Quit),
            Next::Command(_) | Next::Response(_) if self.course == Course::ShuttingDown => {
                let code = ResponseCode::SYS_TEMP;
                self.voice().say_coded(Status::Err, code, Phrase::ShuttingDown);
                self.close();
                None
            }
            Next::Command(command) => self.command(command),
            Next::Response(response) => Some(Step::Event(self.response(response))),
        }
    }

    /// docs/threats.md row 29: what a proxy of ours says of the connection, once and before everything else.
    pub(super) fn proxy_header(&mut self) -> Option<Step<Event>> {
        match ProxyHeader::parse(self.window.unread()) {
            Ok(Some((header, octets))) => {
                self.window.consume(octets);
                self.watch.restart();
                self.state = State::Command;
                self.greet();
                Some(Step::Event(Event::Proxied(Box::new(header))))
            }
            Ok(None) if self.window.is_closed() || self.course == Course::ShuttingDown => {
                self.close();
                None
            }
            Ok(None) => Some(Step::NeedInput),
            Err(fault) => {
                self.fail(fault.into());
                None
            }
        }
    }

    /// Takes the next line out of the window, if a whole one is there.
    fn next(&mut self) -> Next {
        let (content, octets) = match self.framer.next(self.window.unread()) {
            Framed::Incomplete if self.window.is_closed() || self.course == Course::ShuttingDown => return Next::End,
            Framed::Incomplete => return Next::Incomplete,
            Framed::Drop { octets } => {
                self.window.consume(octets);
                return Next::Again;
            }
            Framed::Refused { octets, why } => {
                self.window.consume(octets);
                return Next::Fault(why.into());
            }
            Framed::Line { content, octets } => (content, octets),
        };
        let line = &self.window.unread()[..content];
        let next = match self.state {
            State::Sasl => SaslResponse::parse(line).map(Next::Response).map_err(located),
            _ => parse(line, self.config.leniency.spaces).map(Next::Command),
        };
        self.window.consume(octets);
        next.unwrap_or_else(|error| Next::Fault(error.into()))
    }

    fn command(&mut self, command: Command) -> Option<Step<Event>> {
        match self.obey(command) {
            Ok(event) => event.map(Step::Event),
            Err(fault) => self.fault(fault),
        }
    }

    fn response(&mut self, response: SaslResponse) -> Event {
        match response {
            SaslResponse::Data(data) => {
                self.framer.set_limit(self.config.limits.line());
                Event::SaslResponse(self.ask_sasl(), data)
            }
            SaslResponse::Cancel => {
                self.say(Status::Err, Phrase::Cancelled);
                self.end_exchange()
            }
        }
    }

    /// Refuses what was read. An exchange of AUTH ends with a line that is none of its own.
    fn fault(&mut self, fault: Fault) -> Option<Step<Event>> {
        let cancelled = matches!(self.state, State::Sasl).then(|| self.end_exchange());
        self.refuse(fault);
        cancelled.map(Step::Event)
    }

    fn end_exchange(&mut self) -> Event {
        self.framer.set_limit(self.config.limits.line());
        self.state = State::Command;
        self.step(Transition::Refused(Keyword::Auth));
        Event::SaslCancelled
    }
}

fn parse(line: &[u8], spaces: Spaces) -> Result<Command, crate::SyntaxError> {
    match spaces {
        Spaces::Single => Command::parse(line),
        Spaces::Many => Command::parse(&crate::command::tidy(line)),
    }
}
