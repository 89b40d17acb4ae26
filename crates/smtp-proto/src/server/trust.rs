//! What only peers of ours may say: the PROXY header, XCLIENT, XFORWARD. docs/threats.md row 29

use alloc::boxed::Box;

use mail_wire::{ProxyHeader, Step};

use super::state::{Dialect, Rights, State, Tally, Transaction};
use super::{Ending, Event, Server, replies};
use crate::phase::Action;
use crate::{AttributeValue, Attributes, CommandError};

impl Server {
    /// Before anything else, the greeting included. What is no header is answered with nothing: nobody is known to listen.
    pub(super) fn proxy_header(&mut self) -> Option<Step<Event>> {
        match ProxyHeader::parse(self.window.unread()) {
            Ok(Some((header, octets))) => {
                self.window.consume(octets);
                self.state = State::Opening(self.turned_away.take());
                self.stopwatch.restart();
                Some(Step::Event(Event::Proxied(Box::new(header))))
            }
            Ok(None) if self.window.is_closed() => {
                self.end(Ending::EndOfInput);
                None
            }
            Ok(None) => Some(Step::NeedInput),
            Err(fault) => {
                self.end(Ending::GivenUp(fault.into()));
                None
            }
        }
    }

    /// The dialogue begins anew for the client that the proxy names, greeting included.
    pub(super) fn xclient(&mut self, attributes: Attributes) -> Step<Event> {
        self.advance_phase(Action::XClient);
        self.trust.xclient = Rights::Used;
        self.trust.vouched = matches!(attributes.value("LOGIN"), Some(AttributeValue::Known(_)));
        self.dialect = Dialect::Basic;
        self.tally = Tally::default();
        self.transaction = Transaction::default();
        self.say_greeting();
        Step::Event(Event::XClient(Box::new(attributes)))
    }

    pub(super) fn check_xclient(&self) -> Result<(), CommandError> {
        match self.trust.xclient {
            Rights::None => return Err(CommandError::NotTrusted),
            Rights::Once => self.standing.after(Action::XClient)?,
            Rights::Used => {
                return Err(crate::phase::OutOfSequence {
                    phase: self.standing.phase,
                    action: Action::XClient,
                }
                .into());
            }
        };
        Ok(())
    }

    pub(super) fn xforward(&mut self, attributes: Attributes) -> Step<Event> {
        self.say(&replies::FORWARDED, None);
        Step::Event(Event::XForward(Box::new(attributes)))
    }

    pub(super) fn check_xforward(&self) -> Result<(), CommandError> {
        if !self.trust.xforward {
            return Err(CommandError::NotTrusted);
        }
        self.standing.after(Action::Aside)?;
        Ok(())
    }
}
