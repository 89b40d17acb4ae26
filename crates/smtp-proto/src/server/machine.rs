//! The server as a machine that a driver drives.

use alloc::sync::Arc;

use mail_wire::{Layer, Machine, Misuse, Outbox, Step, Timer};

use super::state::{Rights, State, Wish};
use super::{Arrival, Ending, Error, Event, Server};
use crate::CommandError;

impl Machine for Server {
    type Event = Event;
    type Error = Error;

    fn space(&mut self) -> &mut [u8] {
        match self.state {
            State::Upgrading => &mut [],
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
            if let Some(step) = self.advance() {
                return Ok(step);
            }
        }
    }

    fn body(&self) -> &[u8] {
        match &self.state {
            State::Body(body) => &self.window.unread()[..body.offered()],
            State::Chunk(chunk) => &self.window.unread()[..chunk.offered()],
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        let n = match &mut self.state {
            State::Body(body) => body.consume(n),
            State::Chunk(chunk) => chunk.consume(n),
            _ => return,
        };
        self.window.consume(n);
        self.stopwatch.progress(n, self.config.limits.timeouts.body_minimum);
    }

    fn close_body(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Command) {
            State::BodyEnd => State::BodyClosed(0),
            State::BodyAborted(drain) => State::Draining(drain),
            other => other,
        };
    }

    fn transmit(&self) -> &[u8] {
        self.outbox.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        let n = n.min(self.outbox.len());
        if self.is_held_back() || matches!(self.state, State::Closing | State::Upgrading) {
            self.stopwatch.progress(n, READ_MINIMUM);
        }
        self.outbox.sent(n);
        if n > 0 && self.outbox.is_empty() {
            self.hold_back = self.config.limits.output;
            self.stopwatch.restart();
        }
    }

    fn timer(&self) -> Option<Timer> {
        let timeouts = &self.config.limits.timeouts;
        if self.is_held_back() {
            return Some(self.stopwatch.timer(READING, timeouts.reply));
        }
        match &self.state {
            State::Command => Some(self.stopwatch.timer("the next command", timeouts.command)),
            State::ProxyHeader => Some(self.stopwatch.timer("the PROXY header", timeouts.command)),
            State::Exchange => Some(self.stopwatch.timer("the response to a challenge", timeouts.command)),
            State::Body(body) if body.offered() == 0 => Some(self.stopwatch.timer(MESSAGE, timeouts.body)),
            State::Chunk(chunk) if chunk.offered() == 0 => Some(self.stopwatch.timer(MESSAGE, timeouts.body)),
            State::Draining(_) => Some(self.stopwatch.timer(MESSAGE, timeouts.body)),
            State::Closing | State::Upgrading if !self.outbox.is_empty() => {
                Some(self.stopwatch.timer(READING, timeouts.reply))
            }
            _ => None,
        }
    }

    fn expire(&mut self, timer: Timer) {
        if self.timer() != Some(timer) {
            return;
        }
        if timer.what == READING {
            // What a client does not read for so long is not worth keeping, and 421 would only join it.
            self.outbox = Outbox::default();
            return self.end(Ending::GivenUp(CommandError::Timeout));
        }
        match self.state {
            State::Body(_) | State::Chunk(_) => self.abort_and_close(CommandError::Timeout),
            State::ProxyHeader => self.end(Ending::GivenUp(CommandError::Timeout)),
            _ => self.give_up(CommandError::Timeout),
        }
    }

    /// The dialogue under TLS is a fresh one, without a greeting: what was said before, and who the client was then, is
    /// forgotten (RFC 3207 §4.2). What is known of the peer itself stays, and so does the count of its faults.
    fn upgrade(&mut self, layer: Layer) {
        if !matches!(self.state, State::Upgrading) || layer != Layer::Tls {
            return;
        }
        let arrival = Arrival {
            xclient: self.trust.xclient == Rights::Once,
            xforward: self.trust.xforward,
            ..Arrival::default()
        };
        let fresh = Self::arriving(Arc::clone(&self.config), arrival);
        let before = core::mem::replace(self, fresh);
        self.standing = before.standing.upgraded();
        self.tally.errors = before.tally.errors;
        self.stopwatch = before.stopwatch;
        self.stopwatch.restart();
        self.asking = before.asking;
        self.wish = before.wish;
        self.state = State::Command;
    }

    fn shutdown(&mut self) {
        self.wish = Wish::Stop;
    }

    fn unhandled(&mut self, event: Event) -> Result<(), Misuse> {
        self.answer_safely(event)
    }
}

/// Octets of our replies that a slow reader must take to count as reading.
const READ_MINIMUM: usize = 512;
const READING: &str = "the client to read our replies";
const MESSAGE: &str = "more of the message";
