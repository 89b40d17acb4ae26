//! What is to be written, and what is awaited for it.

use alloc::boxed::Box;
use core::time::Duration;

use super::replies::Refusals;
use super::transaction::{Transaction, Transfer};
use super::{Awaiting, Client, Delivery, NotTried, Outgoing, Pipelining, Timeouts};
use crate::phase::Phase;
use crate::reply::Class;
use crate::{Command, Verb};

/// Something that the caller submitted.
#[derive(Debug)]
pub(super) enum Request {
    Line(Command, Awaited),
    Transaction(Box<Transaction>),
}

/// What the next reply is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    Greeting,
    Hello(Verb),
    Mail,
    Recipient(u32),
    Data,
    /// BDAT without LAST.
    Chunk,
    /// BDAT with LAST.
    LastChunk,
    /// The dot.
    Message,
    /// The message, for one recipient (LMTP).
    Delivery(u32),
    /// AUTH, or a response of its exchange.
    Auth,
    /// RSET, which the caller did not ask for.
    Clearing,
    Other(Verb),
    /// No reply: nothing was sent for this recipient.
    NotTried(u32, NotTried),
    /// No reply: the message is not sent, since a recipient was refused.
    Withdrawn,
}

impl Request {
    /// Whether MAIL is yet to be written for it.
    pub(super) fn is_mail(&self) -> bool {
        match self {
            Self::Line(_, awaited) => *awaited == Awaited::Mail,
            Self::Transaction(transaction) => !transaction.is_begun(),
        }
    }
}

impl Awaited {
    /// Whether nothing may be written before this is answered (RFC 2920 §3.1). A message's end may be followed, but by BDAT
    /// only when it is certain that no chunk was refused: RSET comes first then.
    fn is_last_in_group(self) -> bool {
        match self {
            Self::LastChunk => true,
            Self::NotTried(..) | Self::Withdrawn => false,
            _ => match self.awaiting() {
                Awaiting::Greeting => true,
                Awaiting::Command(verb) => verb.is_last_in_group(),
                Awaiting::Message => false,
            },
        }
    }

    /// Whether no reply comes for it.
    pub(super) const fn is_unasked(self) -> bool {
        matches!(self, Self::NotTried(..) | Self::Withdrawn)
    }

    /// Whether a reply that does not refuse may be of this class.
    pub(super) const fn allows(self, class: Class) -> bool {
        match self {
            Self::Data => matches!(class, Class::Intermediate),
            Self::Auth => matches!(class, Class::Intermediate | Class::Positive),
            _ => matches!(class, Class::Positive),
        }
    }

    pub(super) const fn awaiting(self) -> Awaiting {
        match self {
            Self::Greeting => Awaiting::Greeting,
            Self::Message | Self::LastChunk | Self::Delivery(_) => Awaiting::Message,
            Self::Mail => Awaiting::Command(Verb::Mail),
            Self::Recipient(_) | Self::NotTried(..) => Awaiting::Command(Verb::Rcpt),
            Self::Data | Self::Withdrawn => Awaiting::Command(Verb::Data),
            Self::Chunk => Awaiting::Command(Verb::Bdat),
            Self::Auth => Awaiting::Command(Verb::Auth),
            Self::Clearing => Awaiting::Command(Verb::Rset),
            Self::Hello(verb) | Self::Other(verb) => Awaiting::Command(verb),
        }
    }

    /// What is waited for, and how long (RFC 5321 §4.5.3.2).
    pub(super) const fn patience(self, timeouts: &Timeouts) -> (&'static str, Duration) {
        match self {
            Self::Greeting => ("the greeting", timeouts.greeting),
            Self::Mail => ("the reply to MAIL", timeouts.command),
            Self::Recipient(_) | Self::NotTried(..) => ("the reply to RCPT", timeouts.recipient),
            Self::Data | Self::Withdrawn => ("the reply to DATA", timeouts.data),
            Self::Chunk => ("the reply to a chunk", timeouts.block),
            Self::Message | Self::LastChunk | Self::Delivery(_) => ("the reply to the message", timeouts.message),
            Self::Hello(_) | Self::Auth | Self::Clearing | Self::Other(_) => {
                ("the reply to a command", timeouts.command)
            }
        }
    }
}

impl Client {
    /// Writes as many requests as may be in flight together.
    pub(super) fn write_requests(&mut self) {
        self.write_last_chunk();
        while self.may_write() && self.write_next() {}
    }

    fn may_write(&self) -> bool {
        if self.queue.is_empty() || self.outgoing.is_open() || self.exchange.is_challenged() {
            return false;
        }
        let Some(last) = self.in_flight.back() else { return true };
        let limits = &self.config.limits;
        let room = self.in_flight.len() < limits.in_flight && self.outbox.len() < limits.output;
        self.may_pipeline() && room && !last.is_last_in_group()
    }

    pub(super) fn may_pipeline(&self) -> bool {
        self.config.pipelining == Pipelining::Allowed && self.capabilities.pipelining()
    }

    /// Writes the next command; `false` when it has to wait for replies.
    fn write_next(&mut self) -> bool {
        match self.queue.front_mut() {
            None => return false,
            Some(Request::Transaction(transaction)) => match transaction.next() {
                Some((command, awaited)) => self.send(command.as_ref(), awaited),
                None => return self.begin_transfer(),
            },
            Some(Request::Line(..)) => {
                if let Some(Request::Line(command, awaited)) = self.queue.pop_front() {
                    self.send(Some(&command), awaited);
                }
            }
        }
        true
    }

    pub(super) fn send(&mut self, command: Option<&Command>, awaited: Awaited) {
        if self.in_flight.is_empty() {
            self.stopwatch.restart();
        }
        if let Some(command) = command {
            command.write(self.outbox.buffer());
        }
        if awaited == Awaited::Mail {
            self.mails += 1;
        }
        self.in_flight.push_back(awaited);
    }

    /// All of a transaction is written but its message. DATA may go before the recipients are answered; not so BDAT, with
    /// which the message itself would go (RFC 3030 §2), nor DATA for a message that all or none are to have.
    fn begin_transfer(&mut self) -> bool {
        let Some(Request::Transaction(transaction)) = self.queue.front() else {
            return false;
        };
        let (transfer, delivery) = (transaction.transfer, transaction.delivery);
        let answered = self.in_flight.is_empty();
        if !answered && (transfer != Transfer::Dots || delivery == Delivery::AllOrNone) {
            return false;
        }
        self.queue.pop_front();
        if answered && self.confirmed.phase != Phase::Recipients {
            // The message would be void.
            self.settle();
        } else if answered && delivery == Delivery::AllOrNone && self.refusals == Refusals::Some {
            self.in_flight.push_back(Awaited::Withdrawn);
            self.queue.push_front(Request::Line(Command::Rset, Awaited::Clearing));
        } else {
            match transfer {
                Transfer::Dots => self.send(Some(&Command::Data), Awaited::Data),
                Transfer::Chunks(form) => self.outgoing = Outgoing::Chunks(form),
            }
        }
        true
    }

    /// The sender was refused: what is not written yet of its transaction is void.
    pub(super) fn drop_transaction(&mut self) {
        let is_latest = !self.in_flight.contains(&Awaited::Mail);
        let begun = matches!(self.queue.front(), Some(Request::Transaction(front)) if front.is_begun());
        if is_latest && begun {
            self.queue.pop_front();
        }
    }

    /// When all is answered, what was submitted is what was confirmed.
    pub(super) fn settle(&mut self) {
        if self.is_idle() {
            self.submitted = self.confirmed;
        }
    }
}
