//! The machine contract of a server.

use mail_wire::{Answers, Machine, Misuse, Outbox, Step, Timer};

use super::{Course, Error, Event, Holding, MARGIN, Refusal, Server, State};

impl Machine for Server {
    type Event = Event;
    type Error = Error;

    fn space(&mut self) -> &mut [u8] {
        self.window.space()
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
                State::Command => self.serve(),
                State::Asked(_) => Some(Step::NeedAnswer),
                State::BodyDue(_) | State::Body(_) => Some(Step::NeedBody),
                State::Closing if self.outbox.is_empty() => Some(Step::Closed),
                State::Closing => Some(Step::NeedFlush),
                State::Listing(listing) => {
                    let limit = self.config.limits.outbox() - MARGIN;
                    match &self.holding {
                        Holding::Maildrop(maildrop) if listing.write(maildrop, &mut self.outbox, limit) => {}
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
        if matches!(self.state, State::Command) {
            self.outbox.relax();
        }
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.timeouts;
        match &self.state {
            _ if matches!(self.course, Course::Failed(_)) => None,
            State::Asked(_) => None,
            State::Command if self.outbox.is_empty() => Some(self.watch.timer("a command", timeouts.autologout)),
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

    fn shutdown(&mut self) {
        if self.course == Course::Serving {
            self.course = Course::ShuttingDown;
        }
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Login(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::Retrieve(ask, _) => self.answer(ask, Err(Refusal::temporary())),
            Event::Top(ask, ..) => self.answer(ask, Err(Refusal::temporary())),
            Event::Update(ask, _) => self.answer(ask, Err(Refusal::not_removed())),
        }
    }
}
