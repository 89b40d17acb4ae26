//! The application's answers.

use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::{Answers, Ask, Misuse, encode_sasl};

use super::event::Answered;
use super::updates::Moment;
use super::{
    Completion, Course, Error, Execute, Executing, LogIn, Question, Receive, Refusal, Running, Sasl, SaslStep, Server,
    State,
};
use crate::outgoing::Waits;
use crate::phase::{Kind, Transition};
use crate::{Code, Condition, Status, Tag, Text};

impl Answers<LogIn> for Server {
    type Yes = ();
    type No = Refusal;

    fn answer(&mut self, ask: Ask<LogIn>, verdict: Result<(), Refusal>) -> Answered {
        let running = self.close_ask(ask)?;
        match verdict {
            Ok(()) => self.logged_in(&running.tag),
            Err(refusal) => self.login_failed(&running.tag, refusal),
        }
        Ok(())
    }
}

impl Answers<Sasl> for Server {
    type Yes = SaslStep;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Sasl>, verdict: Result<SaslStep, Refusal>) -> Answered {
        let running = self.close_ask(ask)?;
        match verdict {
            Ok(SaslStep::Challenge(challenge)) => {
                let mut base64 = Vec::new();
                encode_sasl(&challenge, &mut base64);
                self.go_ahead(&base64);
                self.state = State::Sasl(running.tag);
            }
            Ok(SaslStep::Success) => self.logged_in(&running.tag),
            Err(refusal) => self.login_failed(&running.tag, refusal),
        }
        Ok(())
    }
}

impl Answers<Execute> for Server {
    type Yes = Completion;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Execute>, verdict: Result<Completion, Refusal>) -> Answered {
        if self.outgoing.waits() == Waits::Body {
            return Err(Misuse::BodyUnfinished);
        }
        let Running { tag, question } = self.close_ask(ask)?;
        let moment = question.moment();
        let Question::Execute(executing) = question else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(completion) => {
                let text = completion.text.unwrap_or_else(|| completed(executing.name));
                let status = Status {
                    condition: Condition::Ok,
                    code: completion.code,
                    text,
                };
                self.result(Some(&tag), &status, moment);
                if let Some(expunges) = executing.expunges {
                    self.updates.tell(expunges);
                }
                self.moved(Transition::Accepted(executing.kind));
            }
            Err(refusal) => {
                self.refused(&tag, refusal, moment);
                self.moved(Transition::Refused(executing.kind));
            }
        }
        Ok(())
    }
}

impl Answers<Receive> for Server {
    type Yes = ();
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Receive>, verdict: Result<(), Refusal>) -> Answered {
        let Running { tag, question } = self.close_ask(ask)?;
        let Question::Receive(appending) = question else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(()) => self.append_accepted(appending),
            Err(refusal) => self.append_refused(appending, tag, refusal),
        }
        Ok(())
    }
}

impl Server {
    /// Closes `ask` if it is open.
    fn close_ask<Q>(&mut self, ask: Ask<Q>) -> Result<Running, Misuse> {
        self.asking.close(ask)?;
        self.watch.restart();
        match core::mem::replace(&mut self.state, State::Command) {
            State::Asked(running) => Ok(running),
            other => {
                self.state = other;
                Err(Misuse::StaleAsk)
            }
        }
    }

    fn moved(&mut self, transition: Transition) {
        self.step(transition);
        self.part_if_idle();
    }

    fn logged_in(&mut self, tag: &Tag<'_>) {
        self.failed_logins = 0;
        self.step(Transition::Accepted(Kind::Authenticate));
        // Saves the client a round trip (RFC 9051 §6.2.3).
        let code = Code::Capability(self.capabilities());
        self.ok(tag, Some(code), "logged in", Moment::NumbersStand);
        self.part_if_idle();
    }

    fn login_failed(&mut self, tag: &Tag<'_>, refusal: Refusal) {
        self.refused(tag, refusal, Moment::NumbersStand);
        self.failed_logins += 1;
        let limit = self.config.limits.failed_logins;
        if self.failed_logins >= limit && self.course != (Course::Failed(Error::FailedLogins { limit })) {
            return self.fail(Error::FailedLogins { limit });
        }
        self.part_if_idle();
    }

    /// The tag of the command that an exchange, an ask or a body belongs to: what ties an ESEARCH response to its command
    /// ([`Correlator`](crate::Correlator)). `None` between commands.
    pub fn pending_tag(&self) -> Option<Tag<'static>> {
        match &self.state {
            State::Sasl(tag) | State::Idle(tag) => Some(tag.clone()),
            State::Discarding(discard) => Some(discard.tag.clone()),
            State::Asked(running) => Some(running.tag.clone()),
            State::Appending(appending) | State::Receiving(appending, _) => Some(appending.tag().clone()),
            State::Command | State::Upgrading(_) | State::Closing => None,
        }
    }

    pub(super) const fn executing(name: &'static str, kind: Kind) -> Question {
        Question::Execute(Executing {
            name,
            kind,
            numbers_stand: false,
            esearch: None,
            expunges: None,
        })
    }
}

fn completed(name: &str) -> Text<'static> {
    let mut text = String::from(name);
    text.push_str(" completed");
    Text::new(text).unwrap_or_default()
}
