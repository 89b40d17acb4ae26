//! The client as a [`Machine`].

use mail_wire::{Layer, Machine, Misuse, Step, Timer};

use super::{Client, Error, Event, Exchange, Life};
use crate::phase::Phase;

impl Machine for Client {
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
            match &self.life {
                Life::Failed(error) => return Err(error.clone()),
                Life::Closed => return Ok(Step::Closed),
                Life::Open | Life::Stopping => {}
            }
            if self.confirmed.phase == Phase::HandingOver {
                return Ok(match self.outbox.is_empty() {
                    true => Step::Upgrade(Layer::Tls),
                    false => Step::NeedFlush,
                });
            }
            self.write_requests();
            if let Some(step) = self.read_reply().or_else(|| self.wait_if_unread()) {
                return Ok(step);
            }
        }
    }

    /// Always empty: SMTP sends no bodies to clients.
    fn body(&self) -> &[u8] {
        &[]
    }

    fn consume(&mut self, _: usize) {}

    fn close_body(&mut self) {}

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        self.stopwatch.progress(n, self.config.limits.timeouts.block_minimum);
        self.outbox.sent(n);
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.limits.timeouts;
        if self.outgoing.is_open() && !self.outbox.is_empty() {
            let what = "the server to take in the message";
            return Some(self.stopwatch.timer(what, timeouts.block));
        }
        if self.has_room_for_body() {
            return None;
        }
        let awaited = self.in_flight.front()?;
        let (what, limit) = awaited.patience(timeouts);
        Some(self.stopwatch.timer(what, limit))
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() == Some(timer) {
            self.fail(Error::Timeout { what: timer.what });
        }
    }

    /// Begins a dialogue that knows nothing of this one (RFC 3207 §4.2).
    fn upgrade(&mut self, layer: Layer) {
        if layer == Layer::Tls && self.confirmed.phase == Phase::HandingOver {
            self.begin_secured();
        }
    }

    /// Sends QUIT as soon as nothing is open; an AUTH exchange that waits for the caller is cancelled.
    fn shutdown(&mut self) {
        if matches!(self.life, Life::Open) {
            self.life = Life::Stopping;
        }
        if matches!(self.exchange, Exchange::Challenged) {
            // It is challenged: this is in order.
            let _ = self.cancel();
        }
    }

    /// A challenge that nobody responds to is cancelled.
    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Challenge(_) => self.cancel(),
            _ => Ok(()),
        }
    }
}
