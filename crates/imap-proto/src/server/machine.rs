//! The machine contract of a server.

use alloc::sync::Arc;

use mail_wire::{Layer, Machine, Misuse, Step, Timer, Upload, Window};

use super::updates::Moment;
use super::{Compression, Course, Error, Event, Incoming, Refusal, Security, Server, State};
use crate::Text;
use crate::outgoing::Waits;
use crate::phase::Transition;

impl Machine for Server {
    type Event = Event;
    type Error = Error;

    fn space(&mut self) -> &mut [u8] {
        match self.state {
            State::Upgrading(_) => &mut [],
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
            if self.room() == 0 {
                return Ok(Step::NeedFlush);
            }
            if self.outgoing.waits() == Waits::Body {
                return Ok(Step::NeedBody);
            }
            self.release_updates();
            let step = match &self.state {
                State::Command | State::Sasl(_) | State::Idle(_) | State::Appending(_) | State::Discarding(_) => {
                    self.serve()
                }
                State::Asked(_) => Some(Step::NeedAnswer),
                State::Receiving(_, Incoming::Octets(_)) => self.receive_message(),
                State::Receiving(_, Incoming::End) => Some(Step::BodyEnd),
                State::Receiving(_, Incoming::Aborted) => Some(Step::BodyAborted),
                State::Upgrading(_) | State::Closing if !self.outbox.is_empty() => Some(Step::NeedFlush),
                State::Upgrading(layer) => Some(Step::Upgrade(*layer)),
                State::Closing => Some(Step::Closed),
            };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    /// Also, while [`Step::Upgrade`] of [`Layer::Deflate`] stands: what was read already and belongs to the layer.
    fn body(&self) -> &[u8] {
        match self.state {
            State::Receiving(_, Incoming::Octets(left)) => {
                let unread = self.window.unread();
                &unread[..unread.len().min(usize::try_from(left).unwrap_or(usize::MAX))]
            }
            State::Upgrading(Layer::Deflate) => self.window.unread(),
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.body().len());
        self.window.consume(n);
        let progress = self.config.timeouts.progress;
        if let State::Receiving(_, incoming @ Incoming::Octets(_)) = &mut self.state {
            self.watch.progress(n, progress);
            incoming.pass(n as u64);
        }
    }

    fn close_body(&mut self) {
        self.end_message();
    }

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        self.outbox.sent(n);
        if self.room() == 0 || self.outgoing.waits() == Waits::Body {
            self.watch.progress(n, self.config.timeouts.progress);
        }
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.timeouts;
        let (what, limit) = match self.state {
            State::Asked(_) if self.outbox.is_empty() => return None,
            _ if self.room() == 0 => ("taking data", timeouts.transfer),
            State::Asked(_) | State::Closing | State::Upgrading(_) => ("taking data", timeouts.transfer),
            State::Receiving(..) | State::Discarding(_) => ("sending a literal", timeouts.transfer),
            _ if !self.phase.is_authenticated() => ("logging in", timeouts.login),
            _ => ("giving a command", timeouts.autologout),
        };
        Some(self.watch.timer(what, limit))
    }

    fn expire(&mut self, timer: Timer) {
        if self.watch.is_current(&timer) && !matches!(self.course, Course::Failed(_)) {
            self.fail(Error::Inactive { what: timer.what });
        }
    }

    fn upgrade(&mut self, layer: Layer) {
        if !matches!(self.state, State::Upgrading(wanted) if wanted == layer) {
            return;
        }
        match layer {
            Layer::Tls => {
                // A fresh machine: nothing that was said in plaintext is remembered.
                let course = self.course;
                *self = Self::silent(Arc::clone(&self.config), Security::Secured);
                self.course = course;
                self.step(Transition::Greeted);
            }
            _ => {
                // What the window held, and an end of input that it knew of, belong to the layer.
                self.window = Window::new(self.config.limits.window());
                self.framer.begin();
                self.compression = Compression::On;
                self.state = State::Command;
            }
        }
        self.part_if_idle();
    }

    fn shutdown(&mut self) {
        if self.course != Course::Serving {
            return;
        }
        self.course = Course::ShuttingDown;
        self.part_if_idle();
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        use mail_wire::Answers as _;
        match event {
            Event::Login(ask, _) => self.answer(ask, Err(Refusal::bad_credentials())),
            Event::Authenticate(ask, _) | Event::SaslResponse(ask, _) => {
                self.answer(ask, Err(Refusal::bad_credentials()))
            }
            // NOOP always succeeds (RFC 9051 §6.1.2).
            Event::Command(ask, command) if *command == crate::Command::Noop => {
                self.answer(ask, Ok(Default::default()))
            }
            Event::Command(ask, _) | Event::Appended(ask) => self.answer(ask, Err(Refusal::not_supported())),
            Event::Append(ask, _) => self.answer(ask, Err(Refusal::not_supported())),
            _ => Ok(()),
        }
    }
}

/// Literals of the data that is sent.
impl Upload for Server {
    fn begin_body(&mut self, len: Option<u64>) -> Result<(), Misuse> {
        self.outgoing.begin_body(len)
    }

    fn write_body(&mut self, chunk: &[u8]) -> Result<usize, Misuse> {
        let room = self.room();
        self.outgoing.write_body(chunk, room, &mut self.outbox)
    }

    fn finish_body(&mut self) -> Result<(), Misuse> {
        self.outgoing.finish_body(&mut self.outbox)
    }
}

impl Server {
    /// Between two commands a session that is to end says BYE.
    pub(super) fn part_if_idle(&mut self) {
        let idle = matches!(self.state, State::Command | State::Sasl(_) | State::Idle(_));
        if self.course == Course::ShuttingDown && idle {
            self.bye(const { Text::fixed("server is shutting down") });
        }
    }

    fn release_updates(&mut self) {
        let moment = match &self.state {
            State::Idle(_) => Moment::Any,
            State::Command => self.updates.between_commands(),
            _ => Moment::Silence,
        };
        while self.room() > 0 {
            let Some(data) = self.updates.pop(moment) else { return };
            self.write_data(data);
        }
    }
}

impl Incoming {
    fn pass(&mut self, octets: u64) {
        if let Self::Octets(left) = self {
            *left -= octets.min(*left);
            if *left == 0 {
                *self = Self::End;
            }
        }
    }
}
