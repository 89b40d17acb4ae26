//! The machine contract of a client.

use mail_wire::{Layer, Machine, Misuse, Step, Timer};

use super::receive::Incoming;
use super::{Client, Course, Error, Event};
use crate::Phase;

impl Machine for Client {
    type Event = Event;
    type Error = Error;

    /// Empty while TLS is being put in place: the octets that come now are its own.
    fn space(&mut self) -> &mut [u8] {
        match self.incoming {
            Incoming::Securing => &mut [],
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
            match &self.course {
                Course::Failed(_) if matches!(self.incoming, Incoming::Lost) => return Ok(Step::BodyAborted),
                Course::Failed(error) => return Err(error.clone()),
                Course::Running | Course::ShuttingDown => {}
            }
            if let Some(event) = self.send() {
                return Ok(Step::Event(event));
            }
            let step = if self.is_idle() { self.idle() } else { self.advance() };
            if let Some(step) = step {
                return Ok(step);
            }
        }
    }

    fn body(&self) -> &[u8] {
        match &self.incoming {
            Incoming::Body(_, ready) => &self.window.unread()[..*ready],
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        if let Incoming::Body(reader, ready) = &mut self.incoming {
            let n = n.min(*ready);
            reader.consumed(n);
            *ready -= n;
            self.window.consume(n);
            self.watch.progress(n, self.config.timeouts.progress);
        }
    }

    fn close_body(&mut self) {
        match &self.incoming {
            Incoming::BodyEnd => self.body_done(),
            Incoming::Void(reader) => self.incoming = Incoming::Skip(reader.clone()),
            Incoming::Lost => self.incoming = Incoming::Line,
            _ => {}
        }
    }

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        self.outbox.sent(n);
        self.outbox.relax();
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.timeouts;
        match &self.incoming {
            _ if matches!(self.course, Course::Failed(_)) || self.is_idle() => None,
            Incoming::Line if self.phase == Phase::Greeting => Some(self.watch.timer("greeting", timeouts.greeting)),
            Incoming::Line | Incoming::Exchange(_) => Some(self.watch.timer("response", timeouts.response)),
            Incoming::Listing(_) | Incoming::Capabilities(_) => {
                Some(self.watch.timer("rest of a listing", timeouts.body))
            }
            Incoming::Body(..) | Incoming::Skip(_) => Some(self.watch.timer("rest of a message", timeouts.body)),
            Incoming::Challenged | Incoming::Securing => None,
            Incoming::ListingEnd | Incoming::BodyEnd | Incoming::Void(_) | Incoming::Lost => None,
        }
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() == Some(timer) {
            self.fail(Error::TimedOut { what: timer.what });
        }
    }

    fn upgrade(&mut self, layer: Layer) {
        if layer == Layer::Tls && matches!(self.incoming, Incoming::Securing) {
            self.secured();
        }
    }

    fn shutdown(&mut self) {
        if self.course == Course::Running {
            self.course = Course::ShuttingDown;
        }
    }

    /// An [`Event::Message`] that is not wanted is skipped, an exchange that nobody knows how to go on with is cancelled;
    /// anything else is dropped.
    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        match (event, &self.incoming) {
            (Event::Message { .. }, Incoming::Body(reader, _)) => self.incoming = Incoming::Skip(reader.clone()),
            (Event::Challenge(_), Incoming::Challenged) => return self.cancel(),
            _ => {}
        }
        Ok(())
    }
}
