//! Replies: from the window to an event.

use mail_wire::{Framed, Step};

use super::queue::{Awaited, Request};
use super::{Client, Error, Event, Life, Outgoing, Protocol};
use crate::phase::{Action, Phase};
use crate::reply::{Class, LineOf};
use crate::{Capabilities, ClientName, Command, Limit, Reply, ReplyCode, Verb};

impl Client {
    /// The next reply, as an event; `None` when it is not there yet, has none, or is a fault.
    pub(super) fn read_reply(&mut self) -> Option<Step<Event>> {
        if let Some(event) = self.unasked() {
            return Some(Step::Event(event));
        }
        while self.expects_reply() {
            match self.framer.next(self.window.unread()) {
                Framed::Incomplete => return None,
                Framed::Drop { octets } => self.window.consume(octets),
                Framed::Refused { why, .. } => {
                    self.fail(why.into());
                    return None;
                }
                Framed::Line { content, octets } => {
                    let line = self.assembly.line(&self.window.unread()[..content]);
                    self.window.consume(octets);
                    match self.assembled(line) {
                        Ok(Some(event)) => return Some(Step::Event(event)),
                        Ok(None) => self.write_requests(),
                        Err(error) => {
                            self.fail(error);
                            return None;
                        }
                    }
                }
            }
        }
        None
    }

    /// What no reply comes for, because nothing was sent.
    fn unasked(&mut self) -> Option<Event> {
        let event = match *self.in_flight.front()? {
            Awaited::NotTried(index, why) => Event::NotTried(index, why),
            Awaited::Withdrawn => Event::Withdrawn,
            _ => return None,
        };
        self.in_flight.pop_front();
        self.settle();
        Some(event)
    }

    /// Whether unread octets are to be looked at now. While nothing is in flight they wait for the next command, so that
    /// it makes no difference when they came; but a refusal in the middle of a message is heard at once.
    fn expects_reply(&self) -> bool {
        let refusal = matches!(self.window.unread().first(), Some(b'4' | b'5'));
        match self.in_flight.front() {
            Some(awaited) => !awaited.is_unasked(),
            None => self.outgoing.is_open() && refusal,
        }
    }

    /// `wait`, unless a fault was just found.
    pub(super) fn wait_if_unread(&mut self) -> Option<Step<Event>> {
        match self.life {
            Life::Open | Life::Stopping => self.wait(),
            Life::Closed | Life::Failed(_) => None,
        }
    }

    fn assembled(&mut self, line: Result<LineOf, crate::SyntaxError>) -> Result<Option<Event>, Error> {
        let limit = self.config.limits.reply;
        let end = line?;
        if self.assembly.len() > limit {
            return Err(Limit::Reply(limit).into());
        }
        match end {
            LineOf::More => Ok(None),
            LineOf::Last => {
                let reply = self.assembly.finish()?;
                self.stopwatch.restart();
                self.dispatch(reply)
            }
        }
    }

    fn dispatch(&mut self, reply: Reply) -> Result<Option<Event>, Error> {
        let quitting = self.in_flight.front() == Some(&Awaited::Other(Verb::Quit));
        if reply.code() == SERVICE_CLOSING && !quitting {
            return Err(Error::ServiceClosing(reply));
        }
        let Some(awaited) = self.in_flight.pop_front() else {
            return Err(Error::Unsolicited(reply));
        };
        let class = reply.code().class();
        if class < Class::Transient && !awaited.allows(class) {
            let to = awaited.awaiting();
            return Err(Error::WrongClass { to, reply });
        }
        let event = self.conclude(awaited, class < Class::Transient, reply)?;
        self.settle();
        Ok(event)
    }

    /// Moves on by one answer.
    fn conclude(&mut self, awaited: Awaited, accepted: bool, reply: Reply) -> Result<Option<Event>, Error> {
        Ok(Some(match awaited {
            Awaited::Greeting => {
                self.confirm(if accepted { Action::Greet } else { Action::Reject });
                Event::Greeting(reply)
            }
            Awaited::Hello(verb) => return Ok(self.conclude_hello(verb, accepted, reply)),
            Awaited::Auth => return Ok(self.conclude_auth(reply)),
            Awaited::Mail => {
                self.conclude_mail(accepted);
                Event::Sender(reply)
            }
            Awaited::Recipient(index) => {
                self.conclude_recipient(index, accepted);
                Event::Recipient(index, reply)
            }
            Awaited::Data => {
                if accepted {
                    self.begin_message();
                }
                Event::Data(reply)
            }
            Awaited::Chunk => {
                self.conclude_chunk(accepted);
                Event::Chunk(reply)
            }
            Awaited::LastChunk => return Ok(self.conclude_last_chunk(reply)),
            Awaited::Message => {
                self.conclude_message();
                Event::Message(reply)
            }
            Awaited::Delivery(index) => {
                self.conclude_message();
                Event::Delivery(index, reply)
            }
            Awaited::Clearing => {
                self.confirm_if(accepted, Action::Reset);
                return Ok(None);
            }
            Awaited::Other(command) => {
                self.conclude_other(command, accepted)?;
                Event::Reply { command, reply }
            }
            // These are told of without a reply.
            Awaited::NotTried(..) | Awaited::Withdrawn => return Ok(None),
        }))
    }

    fn conclude_hello(&mut self, verb: Verb, accepted: bool, reply: Reply) -> Option<Event> {
        if accepted {
            self.confirm(Action::Hello);
            self.capabilities = match verb {
                Verb::Helo => Capabilities::default(),
                _ => Capabilities::from_reply(&reply),
            };
            return Some(Event::Hello(reply));
        }
        if verb == Verb::Ehlo && reply.code().class() == Class::Permanent {
            let helo = Command::Helo(ClientName::from(&self.config.name));
            self.queue.push_front(Request::Line(helo, Awaited::Hello(Verb::Helo)));
            return None;
        }
        let command = verb;
        Some(Event::Reply { command, reply })
    }

    fn conclude_mail(&mut self, accepted: bool) {
        self.confirm_if(accepted, Action::Mail);
        self.refusals = Refusals::None;
        self.accepted.clear();
        if !accepted {
            self.drop_transaction();
        }
    }

    fn conclude_recipient(&mut self, index: u32, accepted: bool) {
        self.confirm_if(accepted, Action::Recipient);
        match accepted {
            false => self.refusals = Refusals::Some,
            true if self.config.protocol == Protocol::Lmtp => self.accepted.push(index),
            true => {}
        }
    }

    fn conclude_chunk(&mut self, accepted: bool) {
        self.confirm(Action::Chunk);
        if accepted {
            self.confirm(Action::ChunkEnd);
        } else {
            self.confirm(Action::Message);
            self.drop_message();
        }
    }

    /// In LMTP the reply is the first recipient's, and the others' follow.
    fn conclude_last_chunk(&mut self, reply: Reply) -> Option<Event> {
        self.confirm(Action::Chunk);
        self.conclude_message();
        if self.config.protocol == Protocol::Smtp {
            return Some(Event::Message(reply));
        }
        let mut recipients = core::mem::take(&mut self.accepted).into_iter();
        let first = recipients.next()?;
        self.in_flight.extend(recipients.map(Awaited::Delivery));
        Some(Event::Delivery(first, reply))
    }

    fn conclude_message(&mut self) {
        self.confirm(Action::Message);
        self.outbox.relax();
    }

    fn conclude_other(&mut self, command: Verb, accepted: bool) -> Result<(), Error> {
        if command == Verb::Quit {
            // Whatever the server says to QUIT, it is the last that it says.
            self.confirm(Action::Quit);
            self.life = Life::Closed;
            self.window.close();
            return Ok(());
        }
        self.confirm_if(accepted, command.into());
        match command {
            Verb::StartTls if accepted => self.hand_over(),
            Verb::XClient if accepted => {
                // The server knows another client now, and may offer it other things.
                self.capabilities = Capabilities::default();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// 220 to STARTTLS: not one octet more belongs to this dialogue (docs/threats.md row 5).
    fn hand_over(&mut self) -> Result<(), Error> {
        if !self.window.unread().is_empty() {
            return Err(Error::Injection);
        }
        self.window.close();
        Ok(())
    }

    /// 354. Without an accepted recipient there is nothing to send: a lone dot ends it (RFC 2920 §3.1).
    fn begin_message(&mut self) {
        if self.confirmed.phase == Phase::Recipients {
            self.confirm(Action::Data);
            self.outgoing = Outgoing::Dots;
            return;
        }
        self.confirm(Action::StrayData);
        self.outbox.push(b".\r\n");
        match self.config.protocol {
            Protocol::Smtp => self.in_flight.push_back(Awaited::Message),
            // A reply for each of no recipients.
            Protocol::Lmtp => self.confirm(Action::Message),
        }
    }

    fn confirm_if(&mut self, accepted: bool, action: Action) {
        if accepted {
            self.confirm(action);
        }
    }

    /// A server that accepts what it must not (RCPT behind a refused MAIL) moves nothing.
    pub(super) fn confirm(&mut self, action: Action) {
        if let Ok(standing) = self.confirmed.after(action) {
            self.confirmed = standing;
        }
    }
}

/// Whether a recipient of the transaction was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Refusals {
    #[default]
    None,
    Some,
}

const SERVICE_CLOSING: ReplyCode = ReplyCode::known(421);
