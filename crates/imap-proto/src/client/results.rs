//! What responses do to the session: phase, capabilities, what is enabled, and which command they end.

use alloc::boxed::Box;

use mail_wire::Layer;

use super::queue::{Flying, Idle, Role};
use super::{Client, Course, Error, Event, Incoming, Security};
use crate::outgoing::Waits;
use crate::phase::{Kind, Transition};
use crate::session::auth;
use crate::{Code, Condition, Continuation, Data, IntoBoundedStatic, Phase, Response, Status, Tag};

impl Client {
    pub(super) fn heard(&mut self, response: Response<'static>) {
        self.hears();
        match response {
            _ if self.phase == Phase::Greeting => self.greeted(response),
            Response::Continuation(continuation) => self.continued(&continuation),
            Response::Tagged { tag, status } => self.result(&tag, status),
            Response::Untagged(data) => self.data(data),
        }
    }

    fn greeted(&mut self, response: Response<'static>) {
        let Response::Untagged(Data::Status(status)) = response else {
            return self.fail(Error::Syntax(crate::SyntaxError::new(0, "a greeting")));
        };
        let transition = match status.condition {
            Condition::Ok => Transition::Greeted,
            Condition::PreAuth if self.config.security == Security::StartTls => {
                return self.fail(Error::PreAuthenticated);
            }
            Condition::PreAuth => Transition::PreAuthenticated,
            Condition::Bye => return self.fail(Error::Bye(Box::new(status))),
            Condition::No | Condition::Bad => {
                return self.fail(Error::Syntax(crate::SyntaxError::new(2, "OK, PREAUTH or BYE")));
            }
        };
        self.step(transition);
        self.learn(status.code.as_ref());
        self.events.push_back(Event::Greeting(Box::new(status)));
    }

    /// The one place that changes the phase.
    fn step(&mut self, transition: Transition) {
        if let Ok(phase) = self.phase.after(transition) {
            self.phase = phase;
        }
        if !matches!(transition, Transition::Accepted(_)) {
            self.queue.surprise();
        }
    }

    fn learn(&mut self, code: Option<&Code<'static>>) {
        if let Some(Code::Capability(capabilities)) = code {
            self.capabilities = Some(capabilities.clone());
        }
    }

    fn data(&mut self, data: Data<'static>) {
        match &data {
            Data::Capability(capabilities) => self.capabilities = Some(capabilities.clone()),
            Data::Enabled(capabilities) => {
                for capability in capabilities {
                    self.enabled.switch_on(capability);
                }
            }
            Data::Status(status) => {
                self.learn(status.code.as_ref());
                if status.condition == Condition::Bye {
                    return self.dismissed(status.clone());
                }
            }
            _ => {}
        }
        self.events.push_back(Event::Data(Box::new(data)));
    }

    /// BYE. The result of LOGOUT may follow; for any other command none does.
    fn dismissed(&mut self, status: Status<'static>) {
        let logging_out = self
            .queue
            .flying
            .iter()
            .any(|flying| flying.nature.kind == Kind::Logout);
        self.events
            .push_back(Event::Data(Box::new(Data::Status(status.clone()))));
        if logging_out {
            return;
        }
        self.step(Transition::Bye);
        self.window.close();
        self.course = match self.queue.is_empty() {
            true => Course::Closed,
            false => Course::Failed(Error::Bye(Box::new(status))),
        };
    }

    fn continued(&mut self, continuation: &Continuation<'_>) {
        if self.outgoing.waits() == Waits::GoAhead {
            return self.outgoing.go_ahead(&mut self.outbox);
        }
        let Some((id, role)) = self.waiting_role() else {
            return self.fail(Error::UnexpectedContinuation);
        };
        match role {
            Role::Idle(idle) => match idle {
                Idle::Begun => {
                    *idle = Idle::Idling;
                    self.events.extend(id.map(Event::Idling));
                }
                Idle::BegunAgain => *idle = Idle::Idling,
                Idle::Leaving => {
                    *idle = Idle::Idling;
                    self.done();
                }
                // Some servers say "+ still here" while they idle.
                Idle::Idling | Idle::Done | Idle::Renewing => {}
            },
            Role::Authenticate(initial) => match initial.take() {
                Some(response) => response.encode(self.outbox.buffer()),
                None => self.challenged(id, continuation),
            },
            Role::Ordinary => self.fail(Error::UnexpectedContinuation),
        }
    }

    fn challenged(&mut self, id: Option<super::CommandId>, continuation: &Continuation<'_>) {
        match (id, auth::decode(continuation.text.as_bytes(), 2)) {
            (Some(id), Ok(challenge)) => {
                self.incoming = Incoming::Challenged;
                self.events
                    .push_back(Event::Challenge(id, challenge.secret().expose().to_vec()));
            }
            (_, Err(error)) => self.fail(Error::Syntax(error)),
            (None, _) => self.fail(Error::UnexpectedContinuation),
        }
    }

    fn result(&mut self, tag: &Tag<'_>, status: Status<'static>) {
        let is_last = self.queue.flying.back().is_some_and(|last| last.tag == *tag);
        let Some(flying) = self.queue.take(tag) else {
            return self.fail(Error::UnknownTag(tag.clone().into_static()));
        };
        if is_last {
            self.outgoing.cut_short();
        }
        if let Incoming::Challenged = self.incoming {
            self.incoming = Incoming::Unit;
        }
        match status.condition {
            Condition::Ok => self.accepted(flying, status),
            _ => {
                self.step(Transition::Refused(flying.nature.kind));
                self.tell(&flying, status);
            }
        }
    }

    fn tell(&mut self, flying: &Flying, status: Status<'static>) {
        match flying.id {
            Some(id) => self.events.push_back(Event::Done(id, Box::new(status))),
            // Refused, CAPABILITY leaves nothing to hope for.
            None if self.capabilities.is_none() => self.capabilities = Some(alloc::vec::Vec::new()),
            None => {}
        }
    }

    fn accepted(&mut self, flying: Flying, status: Status<'static>) {
        let kind = flying.nature.kind;
        self.step(Transition::Accepted(kind));
        match kind {
            Kind::Authenticate | Kind::Unauthenticate => {
                // What is offered now may differ (RFC 9051 §6.2.2); the result or a CAPABILITY response says.
                if self.capabilities_are_old(&status) {
                    self.capabilities = None;
                }
                if kind == Kind::Unauthenticate {
                    self.enabled = crate::Enabled::default();
                }
            }
            Kind::StartTls if !self.window.unread().is_empty() => return self.fail(Error::Injection),
            Kind::StartTls => self.course = Course::Upgrading(Layer::Tls),
            Kind::Any if flying.nature.name == "COMPRESS" => self.course = Course::Upgrading(Layer::Deflate),
            Kind::Logout => {
                self.window.close();
                self.course = Course::Closed;
            }
            _ => {}
        }
        self.learn(status.code.as_ref());
        match flying.role {
            Role::Idle(Idle::Renewing) if self.queue.waiting.is_empty() => self.renew_idle(flying),
            _ => self.tell(&flying, status),
        }
    }

    fn capabilities_are_old(&self, status: &Status<'_>) -> bool {
        !matches!(status.code, Some(Code::Capability(_)))
    }

    /// TLS is in place: nothing that was learned in plaintext is remembered.
    pub(super) fn secured(&mut self) {
        let fresh = Self::new(super::Config {
            security: Security::Secured,
            ..self.config
        });
        let old = core::mem::replace(self, fresh);
        self.phase = Phase::NotAuthenticated;
        (self.submitted, self.tags) = (old.submitted, old.tags);
        (self.events, self.queue) = (old.events, old.queue);
        self.queue.surprise();
    }
}
