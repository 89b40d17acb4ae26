//! A message on its way in.

use mail_wire::{BareLineEnds, DotReader, Dots, Step};

use super::{Ending, Event, Server, State};
use crate::phase::Action;
use crate::{CommandError, Leniency, Limit};

/// The message that arrives.
#[derive(Debug)]
pub(super) struct Body {
    reader: DotReader,
    /// Octets that the application has.
    received: u64,
    /// Octets at the window's front that the application may take.
    offered: usize,
}

/// A void message.
#[derive(Debug)]
pub(super) enum Drain {
    /// Its rest is read away, then this is said.
    Rest {
        reader: DotReader,
        drained: u64,
        why: CommandError,
    },
    /// The client will send no more, or is not to.
    Nothing(Ending),
}

impl Body {
    pub(super) const fn new(leniency: Leniency) -> Self {
        let bare = match leniency.bare_line_ends_in_messages {
            true => BareLineEnds::Allow,
            false => BareLineEnds::Refuse,
        };
        Self {
            reader: DotReader::new(bare),
            received: 0,
            offered: 0,
        }
    }

    pub(super) const fn offered(&self) -> usize {
        self.offered
    }

    /// The application is done with at most `n` octets; returns how many there were.
    pub(super) fn consume(&mut self, n: usize) -> usize {
        let n = n.min(self.offered);
        self.reader.consumed(n);
        self.offered -= n;
        self.received += n as u64;
        n
    }
}

impl Server {
    pub(super) fn body_step(&mut self) -> Option<Step<Event>> {
        let State::Body(body) = &mut self.state else {
            return None;
        };
        match body.reader.next(self.window.unread()) {
            Dots::Body(n) => {
                let limit = self.config.limits.message;
                if limit > 0 && body.received + n as u64 > limit {
                    self.abort(Limit::Message(limit).into());
                    return None;
                }
                body.offered = n;
                return Some(Step::Body);
            }
            Dots::Drop(n) => self.window.consume(n),
            Dots::End(n) => {
                self.window.consume(n);
                if body.received > RELAX_ABOVE {
                    self.window.relax();
                }
                self.state = State::BodyEnd;
            }
            Dots::Bare => self.abort(CommandError::BareLineEnd),
            Dots::Incomplete if self.window.is_closed() => {
                self.state = State::BodyAborted(Drain::Nothing(Ending::EndOfInput));
            }
            Dots::Incomplete => return Some(Step::NeedInput),
        }
        None
    }

    /// The message is void from here on; its rest is drained when the application has closed it.
    fn abort(&mut self, why: CommandError) {
        let State::Body(Body {
            mut reader, offered, ..
        }) = core::mem::replace(&mut self.state, State::Command)
        else {
            return;
        };
        reader.keep_bare();
        debug_assert_eq!(offered, 0, "the application has taken what it was offered");
        self.state = State::BodyAborted(Drain::Rest {
            reader,
            drained: 0,
            why,
        });
    }

    /// The message is void, and the dialogue is over.
    pub(super) fn abort_and_close(&mut self, why: CommandError) {
        self.say_refusal(&why.refusal());
        self.state = State::BodyAborted(Drain::Nothing(Ending::GivenUp(why)));
    }

    pub(super) fn drain(&mut self) -> Option<Step<Event>> {
        let State::Draining(drain) = &mut self.state else {
            return None;
        };
        let (reader, drained, why) = match drain {
            Drain::Rest { reader, drained, why } => (reader, drained, *why),
            Drain::Nothing(ending) => {
                let ending = *ending;
                self.end(ending);
                return None;
            }
        };
        match reader.next(self.window.unread()) {
            Dots::Body(n) => {
                reader.consumed(n);
                *drained += n as u64;
                let drained = *drained;
                self.drained(n, drained);
            }
            Dots::Drop(n) => self.window.consume(n),
            Dots::End(n) => {
                self.window.consume(n);
                self.state = State::Command;
                self.end_message();
                self.fault(why);
            }
            // `keep_bare` was called when the message became void: there is nothing else to wait for than input.
            Dots::Bare | Dots::Incomplete if self.window.is_closed() => self.end(Ending::EndOfInput),
            Dots::Bare | Dots::Incomplete => return Some(Step::NeedInput),
        }
        None
    }

    fn drained(&mut self, n: usize, drained: u64) {
        self.window.consume(n);
        self.stopwatch.progress(n, self.config.limits.timeouts.body_minimum);
        let limit = self.config.limits.drained;
        if drained > limit {
            self.give_up(Limit::Drained(limit).into());
        }
    }

    pub(super) fn ask_for_message(&mut self) -> Option<Step<Event>> {
        self.state = State::Asked;
        Some(Step::Event(Event::Message(self.asking.open())))
    }

    /// The transaction is over, well or not.
    pub(super) fn end_message(&mut self) {
        self.advance_phase(Action::Message);
        self.tally.recipients = 0;
        self.stopwatch.restart();
    }
}

/// A message larger than this gives back what the window grew by.
const RELAX_ABOVE: u64 = 64 * 1024;
