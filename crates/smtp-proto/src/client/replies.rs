//! Replies: from the window to an event.

use mail_wire::{Framed, Step};

use super::queue::{Awaited, Request};
use super::{Client, Error, Event, Life, Outgoing};
use crate::phase::{Action, Phase};
use crate::reply::{Class, LineOf};
use crate::{Capabilities, ClientName, Command, Limit, Reply, ReplyCode, Verb};

impl Client {
    /// The next reply, as an event; `None` when it is not there yet, has none, or is a fault.
    pub(super) fn read_reply(&mut self) -> Option<Step<Event>> {
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

    /// Whether unread octets are to be looked at now. While nothing is in flight they wait for the next command, so that
    /// it makes no difference when they came; but a refusal in the middle of a message is heard at once.
    fn expects_reply(&self) -> bool {
        match self.outgoing {
            Outgoing::None => !self.in_flight.is_empty(),
            Outgoing::Awaited | Outgoing::Open { .. } => matches!(self.window.unread().first(), Some(b'4' | b'5')),
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
        let go_ahead = if awaited == Awaited::Data {
            Class::Intermediate
        } else {
            Class::Positive
        };
        if class < Class::Transient && class != go_ahead {
            let to = awaited.awaiting();
            return Err(Error::WrongClass { to, reply });
        }
        let event = self.conclude(awaited, class == go_ahead, reply);
        self.settle();
        Ok(event)
    }

    /// Moves on by one answer.
    fn conclude(&mut self, awaited: Awaited, accepted: bool, reply: Reply) -> Option<Event> {
        match awaited {
            Awaited::Greeting => {
                self.confirm(if accepted { Action::Greet } else { Action::Reject });
                Some(Event::Greeting(reply))
            }
            Awaited::Hello(verb) => self.conclude_hello(verb, accepted, reply),
            Awaited::Mail => {
                self.confirm_if(accepted, Action::Mail);
                if !accepted {
                    self.drop_transaction();
                }
                Some(Event::Sender(reply))
            }
            Awaited::Recipient(index) => {
                self.confirm_if(accepted, Action::Recipient);
                Some(Event::Recipient(index, reply))
            }
            Awaited::Data => {
                if accepted {
                    self.begin_message();
                }
                Some(Event::Data(reply))
            }
            Awaited::Message => {
                self.confirm(Action::Message);
                self.outbox.relax();
                Some(Event::Message(reply))
            }
            Awaited::Clearing => {
                self.confirm_if(accepted, Action::Reset);
                None
            }
            Awaited::Other(command) => {
                self.conclude_other(command, accepted);
                Some(Event::Reply { command, reply })
            }
        }
    }

    fn conclude_hello(&mut self, verb: Verb, accepted: bool, reply: Reply) -> Option<Event> {
        if accepted {
            self.confirm(Action::Hello);
            self.capabilities = match verb {
                Verb::Ehlo => Capabilities::from_reply(&reply),
                _ => Capabilities::default(),
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

    fn conclude_other(&mut self, command: Verb, accepted: bool) {
        if command == Verb::Quit {
            // Whatever the server says to QUIT, it is the last that it says.
            self.confirm(Action::Quit);
            self.life = Life::Closed;
            self.window.close();
        } else {
            self.confirm_if(accepted, command.into());
        }
    }

    /// 354. Without an accepted recipient there is nothing to send: a lone dot ends it (RFC 2920 §3.1).
    fn begin_message(&mut self) {
        if self.confirmed == Phase::Recipients {
            self.confirm(Action::Data);
            self.outgoing = Outgoing::Awaited;
            return;
        }
        self.confirm(Action::StrayData);
        self.outbox.push(b".\r\n");
        self.in_flight.push_back(Awaited::Message);
    }

    fn confirm_if(&mut self, accepted: bool, action: Action) {
        if accepted {
            self.confirm(action);
        }
    }

    /// A server that accepts what it must not (RCPT behind a refused MAIL) moves nothing.
    fn confirm(&mut self, action: Action) {
        if let Ok(phase) = self.confirmed.after(action) {
            self.confirmed = phase;
        }
    }
}

const SERVICE_CLOSING: ReplyCode = ReplyCode::known(421);
