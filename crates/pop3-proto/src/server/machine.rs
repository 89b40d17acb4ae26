//! The machine contract of a server.

use alloc::sync::Arc;

use mail_wire::{Answers, Layer, Machine, Misuse, Outbox, Step, Timer};

use super::phrase::Voice;
use super::{Course, Error, Event, Holding, MARGIN, Refusal, Security, Server, State};
use crate::Transition;

impl Machine for Server {
    type Event = Event;
    type Error = Error;

    /// Empty while TLS is being put in place: the octets that come now are its own.
    fn space(&mut self) -> &mut [u8] {
        match self.state {
            State::Securing => &mut [],
            _ => self.window.space(),
        }
    }

    fn filled(&mut self, n: usize) {
        self.window.filled(n);
    }

    fn receive_eof(&mut self) {
        self.window.close();
    }

    fn poll(&mut self) -> Result<Step<Event>, Error> {
        loop {
            if let Course::Failed(error) = self.course {
                return Err(error);
            }
            if self.room() <= MARGIN {
                return Ok(Step::NeedFlush);
            }
            let step = match &mut self.state {
                State::ProxyHeader => self.proxy_header(),
                State::Command | State::Sasl => self.serve(),
                State::Asked(_) => Some(Step::NeedAnswer),
                State::BodyDue(_) | State::Body(_) => Some(Step::NeedBody),
                State::Securing | State::Closing if !self.outbox.is_empty() => Some(Step::NeedFlush),
                State::Securing => Some(Step::Upgrade(Layer::Tls)),
                State::Closing => Some(Step::Closed),
                State::Listing(listing) => {
                    let limit = self.config.limits.outbox() - MARGIN;
                    let voice = Voice::new(&self.config, self.language, &mut self.outbox);
                    match &self.holding {
                        Holding::Maildrop(maildrop) if listing.write(maildrop, voice, limit) => {}
                        _ => self.finish(),
                    }
                    None
                }
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// A server of POP3 receives no body.
    fn body(&self) -> &[u8] {
        &[]
    }

    fn consume(&mut self, _n: usize) {}

    fn close_body(&mut self) {}

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        if n == 0 {
            return;
        }
        self.outbox.sent(n);
        self.watch.progress(n, self.config.timeouts.progress);
        if self.outbox.is_empty() {
            self.watch.restart();
        }
        if matches!(self.state, State::Command | State::Sasl) {
            self.outbox.relax();
        }
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.timeouts;
        match &self.state {
            _ if matches!(self.course, Course::Failed(_)) => None,
            State::Asked(_) => None,
            State::ProxyHeader => Some(self.watch.timer("the PROXY header", timeouts.autologout)),
            State::Command if self.outbox.is_empty() => Some(self.watch.timer("a command", timeouts.autologout)),
            State::Sasl if self.outbox.is_empty() => {
                Some(self.watch.timer("a response to a challenge", timeouts.autologout))
            }
            _ if self.outbox.is_empty() => None,
            _ => Some(self.watch.timer("taking a response", timeouts.writing)),
        }
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() == Some(timer) {
            self.outbox = Outbox::default();
            self.fail(Error::Inactive { what: timer.what });
        }
    }

    /// A fresh session, which knows that it is secured: nothing that was said in plaintext is remembered.
    fn upgrade(&mut self, layer: Layer) {
        if layer != Layer::Tls || !matches!(self.state, State::Securing) {
            return;
        }
        let fresh = Self::silent(Arc::clone(&self.config), Security::Secured, None);
        let old = core::mem::replace(self, fresh);
        (self.phase, self.course) = (old.phase, old.course);
        self.step(Transition::Secured);
    }

    fn shutdown(&mut self) {
        if self.course == Course::Serving {
            self.course = Course::ShuttingDown;
        }
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Login(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::Authenticate(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::SaslResponse(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::Proxied(_) | Event::SaslCancelled => Ok(()),
            Event::Retrieve(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::Top(ask, ..) => self.answer(ask, Err(Refusal::temporary())),
            Event::Update(ask, _) => self.answer(ask, Err(Refusal::not_removed())),
        }
    }
}
