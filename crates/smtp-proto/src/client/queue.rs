//! What is to be written, and what is awaited for it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::{Awaiting, Client, Outgoing, Pipelining, Timeouts};
use crate::phase::Phase;
use crate::{Command, ForwardPath, MailFrom, ParameterList, RcptTo, Verb};

/// Something that the caller submitted.
#[derive(Debug)]
pub(super) enum Request {
    Line(Command, Awaited),
    Transaction(Box<Transaction>),
}

/// A transaction, as far as it is not written yet.
#[derive(Debug)]
pub(super) struct Transaction {
    mail: MailFrom,
    recipients: Vec<ForwardPath>,
    next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Mail,
    Recipient(usize),
}

/// What the next reply is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    Greeting,
    Hello(Verb),
    Mail,
    Recipient(u32),
    Data,
    Message,
    /// RSET, which the caller did not ask for.
    Clearing,
    Other(Verb),
}

impl Request {
    pub(super) fn transaction(mail: MailFrom, recipients: Vec<ForwardPath>) -> Self {
        let next = Next::Mail;
        Self::Transaction(Box::new(Transaction { mail, recipients, next }))
    }
}

impl Awaited {
    /// Whether nothing may be written before this is answered (RFC 2920 §3.1). A message's end may be followed.
    fn is_last_in_group(self) -> bool {
        match self.awaiting() {
            Awaiting::Greeting => true,
            Awaiting::Command(verb) => verb.is_last_in_group(),
            Awaiting::Message => false,
        }
    }

    pub(super) const fn awaiting(self) -> Awaiting {
        match self {
            Self::Greeting => Awaiting::Greeting,
            Self::Message => Awaiting::Message,
            Self::Mail => Awaiting::Command(Verb::Mail),
            Self::Recipient(_) => Awaiting::Command(Verb::Rcpt),
            Self::Data => Awaiting::Command(Verb::Data),
            Self::Clearing => Awaiting::Command(Verb::Rset),
            Self::Hello(verb) | Self::Other(verb) => Awaiting::Command(verb),
        }
    }

    /// What is waited for, and how long (RFC 5321 §4.5.3.2).
    pub(super) const fn patience(self, timeouts: &Timeouts) -> (&'static str, Duration) {
        match self {
            Self::Greeting => ("the greeting", timeouts.greeting),
            Self::Mail => ("the reply to MAIL", timeouts.command),
            Self::Recipient(_) => ("the reply to RCPT", timeouts.recipient),
            Self::Data => ("the reply to DATA", timeouts.data),
            Self::Message => ("the reply to the message", timeouts.message),
            Self::Hello(_) | Self::Clearing | Self::Other(_) => ("the reply to a command", timeouts.command),
        }
    }
}

impl Client {
    /// Writes as many requests as may be in flight together.
    pub(super) fn write_requests(&mut self) {
        while self.may_write() {
            let Some((command, awaited)) = self.next_command() else {
                return;
            };
            if self.in_flight.is_empty() {
                self.stopwatch.restart();
            }
            command.write(self.outbox.buffer());
            self.in_flight.push_back(awaited);
        }
    }

    fn may_write(&self) -> bool {
        if self.queue.is_empty() || !matches!(self.outgoing, Outgoing::None) {
            return false;
        }
        let Some(last) = self.in_flight.back() else { return true };
        let pipelining = self.config.pipelining == Pipelining::Allowed && self.capabilities.pipelining();
        let limits = &self.config.limits;
        let room = self.in_flight.len() < limits.in_flight && self.outbox.len() < limits.output;
        pipelining && room && !last.is_last_in_group()
    }

    fn next_command(&mut self) -> Option<(Command, Awaited)> {
        if let Some(Request::Transaction(transaction)) = self.queue.front_mut() {
            if let Some(next) = transaction.next_command() {
                return Some(next);
            }
            // All is written but DATA. It would be void when all are answered and none was accepted.
            let pointless = self.in_flight.is_empty() && self.confirmed != Phase::Recipients;
            self.queue.pop_front();
            if pointless {
                self.settle();
                return None;
            }
            return Some((Command::Data, Awaited::Data));
        }
        match self.queue.pop_front()? {
            Request::Line(command, awaited) => Some((command, awaited)),
            Request::Transaction(_) => None,
        }
    }

    /// The sender was refused: what is not written yet of its transaction is void.
    pub(super) fn drop_transaction(&mut self) {
        let is_latest = !self.in_flight.contains(&Awaited::Mail);
        let begun = matches!(self.queue.front(), Some(Request::Transaction(front)) if front.next != Next::Mail);
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

impl Transaction {
    /// MAIL, then each RCPT.
    fn next_command(&mut self) -> Option<(Command, Awaited)> {
        match self.next {
            Next::Mail => {
                self.next = Next::Recipient(0);
                Some((Command::Mail(self.mail.clone()), Awaited::Mail))
            }
            Next::Recipient(index) => {
                let path = self.recipients.get(index)?;
                self.next = Next::Recipient(index + 1);
                let rcpt = RcptTo::new(path, &ParameterList::new());
                let number = u32::try_from(index).unwrap_or(u32::MAX);
                Some((Command::Rcpt(rcpt), Awaited::Recipient(number)))
            }
        }
    }
}
