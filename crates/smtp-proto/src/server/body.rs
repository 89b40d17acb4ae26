//! A message on its way in.

use alloc::boxed::Box;

use mail_wire::{BareLineEnds, DotReader, Dots, Step};

use super::state::{Transaction, Why};
use super::{Ending, Event, Protocol, Server, State};
use crate::phase::Action;
use crate::{Command, CommandError, Leniency, Limit};

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
    /// The rest of a chunk is read away, then this is said, so many times.
    Chunk {
        left: u64,
        drained: u64,
        why: Why,
        replies: u32,
        /// The application knows of no body that was aborted, but of the transaction.
        reset: bool,
    },
    /// The command that broke the message off is carried out.
    Then(Box<Command>),
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
        self.say_fault(why);
        self.state = State::BodyAborted(Drain::Nothing(Ending::GivenUp(why)));
    }

    pub(super) fn drain(&mut self) -> Option<Step<Event>> {
        let State::Draining(drain) = &mut self.state else {
            return None;
        };
        match drain {
            Drain::Rest { .. } => self.drain_rest(),
            Drain::Chunk { .. } => self.drain_chunk(),
            Drain::Nothing(ending) => {
                let ending = *ending;
                self.end(ending);
                None
            }
            Drain::Then(_) => {
                let State::Draining(Drain::Then(command)) = core::mem::replace(&mut self.state, State::Command) else {
                    return None;
                };
                self.obey(Ok(*command))
            }
        }
    }

    fn drain_rest(&mut self) -> Option<Step<Event>> {
        let State::Draining(Drain::Rest { reader, drained, why }) = &mut self.state else {
            return None;
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
                let why = *why;
                self.window.consume(n);
                self.state = State::Command;
                let replies = match self.config.protocol {
                    Protocol::Lmtp => self.transaction.recipients,
                    Protocol::Smtp => 1,
                };
                self.end_message();
                self.fault_times(why, replies);
            }
            // `keep_bare` was called when the message became void: there is nothing else to wait for than input.
            Dots::Bare | Dots::Incomplete if self.window.is_closed() => self.end(Ending::EndOfInput),
            Dots::Bare | Dots::Incomplete => return Some(Step::NeedInput),
        }
        None
    }

    fn drain_chunk(&mut self) -> Option<Step<Event>> {
        let State::Draining(Drain::Chunk { left, drained, .. }) = &mut self.state else {
            return None;
        };
        let n = usize::try_from(*left)
            .unwrap_or(usize::MAX)
            .min(self.window.unread().len());
        *left -= n as u64;
        *drained += n as u64;
        let (left, drained) = (*left, *drained);
        if n > 0 {
            self.drained(n, drained);
            return None;
        }
        match left {
            0 => return self.end_refused_chunk(),
            _ if self.window.is_closed() => self.end(Ending::EndOfInput),
            _ => return Some(Step::NeedInput),
        }
        None
    }

    fn end_refused_chunk(&mut self) -> Option<Step<Event>> {
        let State::Draining(Drain::Chunk {
            why, replies, reset, ..
        }) = core::mem::replace(&mut self.state, State::Command)
        else {
            return None;
        };
        if self.advance_phase(Action::Message) {
            self.transaction = Transaction::default();
        }
        self.stopwatch.restart();
        match why {
            Why::Fault(fault) => self.fault_times(fault, replies),
            Why::Refused(refusal) => (0..replies).for_each(|_| self.say_refusal(&refusal)),
        }
        reset.then_some(Step::Event(Event::Reset))
    }

    fn drained(&mut self, n: usize, drained: u64) {
        self.window.consume(n);
        self.stopwatch.progress(n, self.config.limits.timeouts.body_minimum);
        let limit = self.config.limits.drained;
        if drained > limit {
            self.give_up(Limit::Drained(limit).into());
        }
    }

    /// Asks for the message, in LMTP for one recipient of it.
    pub(super) fn ask_for_message(&mut self, recipient: u32) -> Option<Step<Event>> {
        self.asked_for = recipient;
        Some(Step::Event(match self.config.protocol {
            Protocol::Smtp => Event::Message(self.ask()),
            Protocol::Lmtp => Event::MessageFor(self.ask(), recipient),
        }))
    }

    /// The transaction is over, well or not.
    pub(super) fn end_message(&mut self) {
        self.advance_phase(Action::Message);
        self.transaction = Transaction::default();
        self.stopwatch.restart();
    }
}

/// A message larger than this gives back what the window grew by.
pub(super) const RELAX_ABOVE: u64 = 64 * 1024;
