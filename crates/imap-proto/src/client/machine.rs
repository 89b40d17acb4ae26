//! The machine contract of a client.

use mail_wire::{Layer, Machine, Misuse, Step, Timer, Upload, Window};

use super::queue::Idle;
use super::receive::Incoming;
use super::{Client, Course, Error, Event};
use crate::Phase;
use crate::outgoing::Waits;

impl Machine for Client {
    type Event = Event;
    type Error = Error;

    fn space(&mut self) -> &mut [u8] {
        match self.course {
            Course::Upgrading(_) => &mut [],
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
            if let Some(event) = self.events.pop_front() {
                return Ok(Step::Event(event));
            }
            match &self.course {
                Course::Failed(error) => return Err(error.clone()),
                Course::Closed if self.outbox.is_empty() => return Ok(Step::Closed),
                Course::Closed | Course::Upgrading(_) if !self.outbox.is_empty() => return Ok(Step::NeedFlush),
                Course::Upgrading(layer) => return Ok(Step::Upgrade(*layer)),
                Course::ShuttingDown if self.queue.flying.is_empty() && self.incoming.is_between() => {
                    self.course = Course::Closed;
                    continue;
                }
                _ => {}
            }
            self.pump();
            if !self.events.is_empty() {
                continue;
            }
            let step = match self.incoming {
                Incoming::Literal(1..) => self.stream(),
                Incoming::Literal(0) | Incoming::LiteralEnd => Some(Step::BodyEnd),
                Incoming::LiteralAborted => Some(Step::BodyAborted),
                Incoming::Challenged => Some(Step::NeedAnswer),
                Incoming::Unit | Incoming::Fetch(_) | Incoming::Numbers(_) => self.take_in(),
            };
            match step {
                Some(Step::NeedInput) => return Ok(self.wait()),
                Some(step) => return Ok(step),
                None => {}
            }
        }
    }

    /// Also, while [`Step::Upgrade`] of [`Layer::Deflate`] stands: what was read already and belongs to the layer.
    fn body(&self) -> &[u8] {
        let unread = self.window.unread();
        match (&self.course, &self.incoming) {
            (Course::Upgrading(Layer::Deflate), _) => unread,
            (_, Incoming::Literal(left)) => &unread[..unread.len().min(usize::try_from(*left).unwrap_or(usize::MAX))],
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.body().len());
        self.window.consume(n);
        if let Incoming::Literal(left) = &mut self.incoming {
            *left -= n as u64;
            self.watch.progress(n, self.config.timeouts.progress);
            if *left == 0 {
                self.incoming = Incoming::LiteralEnd;
            }
        }
    }

    fn close_body(&mut self) {
        match self.incoming {
            Incoming::LiteralEnd => self.incoming = Incoming::behind_literal(),
            // The window is closed: nothing more can be received.
            Incoming::LiteralAborted => self.fail(Error::Disconnected),
            _ => {}
        }
    }

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        self.outbox.sent(n);
        self.watch.progress(n, self.config.timeouts.progress);
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.timeouts;
        let (what, limit) = match (&self.course, &self.incoming) {
            (Course::Closed | Course::Failed(_), _) | (_, Incoming::Challenged) => return None,
            (_, Incoming::Literal(_)) => ("literal", timeouts.transfer),
            _ if self.phase == Phase::Greeting => ("greeting", timeouts.greeting),
            _ if self.is_idling() => (RENEWAL, timeouts.idle),
            _ if !self.outbox.is_empty() => ("progress in writing", timeouts.transfer),
            _ if self.queue.flying.is_empty() => return None,
            _ => ("response", timeouts.response),
        };
        Some(self.watch.timer(what, limit))
    }

    fn expire(&mut self, timer: Timer) {
        if !self.watch.is_current(&timer) || matches!(self.course, Course::Failed(_)) {
            return;
        }
        match self.queue.idle() {
            Some(idle @ Idle::Idling) if timer.what == RENEWAL => {
                *idle = Idle::Renewing;
                self.outbox.push(b"DONE\r\n");
                self.watch.restart();
            }
            _ => self.fail(Error::TimedOut { what: timer.what }),
        }
    }

    fn upgrade(&mut self, layer: Layer) {
        if !matches!(self.course, Course::Upgrading(wanted) if wanted == layer) {
            return;
        }
        match layer {
            Layer::Tls => self.secured(),
            _ => {
                // What the window held, and an end of input that it knew of, belong to the layer.
                self.window = Window::new(self.config.limits.window());
                self.framer.begin();
                self.course = Course::Running;
            }
        }
    }

    /// Sends no further command, lets the results under way come in, and closes. It does not say LOGOUT.
    fn shutdown(&mut self) {
        if matches!(self.course, Course::Running) {
            self.done();
            self.queue.waiting.clear();
            self.queue.surprise();
            self.course = Course::ShuttingDown;
        } else if matches!(self.course, Course::Upgrading(_)) {
            // The command that asked for the layer was alone.
            self.course = Course::Closed;
        }
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Challenge(..) => self.respond(&crate::SaslResponse::Cancel),
            _ => Ok(()),
        }
    }
}

/// Literals of commands.
impl Upload for Client {
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

impl Client {
    /// Nothing can be done without the outside: what is wanted of it?
    fn wait(&self) -> Step<Event> {
        if self.outgoing.waits() == Waits::Body && self.room() > 0 {
            return Step::NeedBody;
        }
        let is_idle = self.queue.is_empty() && self.incoming.is_between() && self.phase != Phase::Greeting;
        match is_idle && self.outbox.is_empty() && matches!(self.course, Course::Running) {
            true => Step::NeedAnswer,
            false => Step::NeedInput,
        }
    }

    pub(super) fn is_idling(&self) -> bool {
        let last = self.queue.flying.back();
        last.is_some_and(|flying| matches!(flying.role, super::Role::Idle(Idle::Idling)))
    }
}

impl Incoming {
    const fn is_between(&self) -> bool {
        matches!(self, Self::Unit)
    }

    const fn behind_literal() -> Self {
        Self::Fetch(super::receive::Items::Further)
    }
}

const RENEWAL: &str = "renewal of IDLE";
