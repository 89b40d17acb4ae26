//! AUTH (RFC 4954 §4) and STARTTLS (RFC 3207 §4): what changes who the client is, and who else can read.

use alloc::boxed::Box;

use mail_wire::{Framed, LineFault, SaslResponse, Step};

use super::state::{Dialect, State};
use super::{Event, SaslStep, Server, StartTls, replies};
use crate::phase::{Action, Identity, Phase, Security};
use crate::{Auth, CommandError, Refusal, Verb};

impl Server {
    pub(super) fn authenticate(&mut self, auth: Auth) -> Option<Step<Event>> {
        let authentication = &self.config.offers.authentication;
        let is_in = |offered: &[_]| offered.contains(&auth.mechanism);
        if !is_in(authentication.offered(self.standing.security)) {
            let refusal = match is_in(&authentication.secured) {
                true => Refusal::encryption_required(),
                false => Refusal::no_such_mechanism(),
            };
            self.fail_authentication(&refusal);
            return None;
        }
        self.advance_phase(Action::Authenticate);
        Some(Step::Event(Event::Authenticate(self.ask(), Box::new(auth))))
    }

    /// Whether AUTH may be said at all.
    pub(super) fn check_authenticate(&self) -> Result<(), CommandError> {
        if !self.config.offers.authentication.is_any() {
            return Err(CommandError::NotOffered);
        }
        let action = Action::Authenticate;
        self.standing.after(action)?;
        match self.dialect {
            Dialect::Extended => Ok(()),
            // RFC 4954 §4: what HELO did not offer is not there.
            Dialect::Basic => Err(crate::phase::OutOfSequence {
                phase: self.standing.phase,
                action,
            }
            .into()),
        }
    }

    pub(super) fn answer_exchange(&mut self, verdict: Result<SaslStep, Refusal>) {
        self.stopwatch.restart();
        self.hold_back = 0;
        match verdict {
            Ok(SaslStep::Challenge(challenge)) => {
                self.say_challenge(&challenge);
                self.state = State::Exchange;
            }
            Ok(SaslStep::Success) => {
                self.state = State::Command;
                self.advance_phase(Action::Authenticated);
                self.say(&replies::AUTHENTICATED, None);
            }
            Err(refusal) => {
                self.state = State::Command;
                self.advance_phase(Action::NotAuthenticated);
                self.fail_authentication(&refusal);
            }
        }
    }

    /// Each failure counts as a fault: a client may guess only so often.
    fn fail_authentication(&mut self, refusal: &Refusal) {
        self.hold_back = 0;
        if self.counts_as_fault() {
            self.say_refusal(refusal);
        }
    }

    /// The client's next line. While it is awaited it is no command, whatever it looks like.
    pub(super) fn exchange_step(&mut self) -> Option<Step<Event>> {
        match self.framer.next(self.window.unread()) {
            Framed::Line { content, octets } => {
                let response = SaslResponse::parse(&self.window.unread()[..content]);
                self.took(octets);
                match response {
                    Ok(SaslResponse::Data(data)) => return Some(Step::Event(Event::SaslResponse(self.ask(), data))),
                    Ok(SaslResponse::Cancel) => self.break_exchange(CommandError::AuthCancelled),
                    Err(_) => self.break_exchange(CommandError::AuthJunk),
                }
            }
            Framed::Refused { octets, why } => {
                self.took(octets);
                match why {
                    LineFault::TooLong { .. } => self.break_exchange(CommandError::AuthTooLong),
                    other => self.break_exchange(other.into()),
                }
            }
            Framed::Drop { octets } => {
                self.window.consume(octets);
                return None;
            }
            Framed::Incomplete if self.window.is_closed() => self.end(super::Ending::EndOfInput),
            Framed::Incomplete => return Some(Step::NeedInput),
        }
        Some(Step::Event(Event::SaslCancelled))
    }

    fn break_exchange(&mut self, why: CommandError) {
        self.state = State::Command;
        self.advance_phase(Action::NotAuthenticated);
        self.fault(why);
    }

    /// docs/threats.md row 4: what stands behind STARTTLS was sent in plaintext, by whomever. It is never looked at.
    pub(super) fn start_tls(&mut self) {
        if !self.window.unread().is_empty() {
            return self.give_up(CommandError::Injection);
        }
        self.advance_phase(Action::StartTls);
        self.say(&replies::GO_AHEAD, None);
        self.state = State::Upgrading;
    }

    pub(super) fn check_start_tls(&self) -> Result<(), CommandError> {
        if self.config.offers.start_tls == StartTls::No {
            return Err(CommandError::NotOffered);
        }
        self.standing.after(Action::StartTls)?;
        Ok(())
    }

    /// What has to come before this command: STARTTLS, AUTH, or neither.
    pub(super) fn check_policy(&self, verb: Verb) -> Result<(), CommandError> {
        let offers = &self.config.offers;
        let plain = self.standing.security == Security::Plaintext && offers.start_tls == StartTls::Required;
        let harmless = matches!(
            verb,
            Verb::Noop | Verb::Ehlo | Verb::Lhlo | Verb::Helo | Verb::StartTls | Verb::Quit | Verb::Help | Verb::Rset
        );
        if plain && !harmless {
            return Err(CommandError::TlsRequired);
        }
        let known = self.standing.identity == Identity::Authenticated || self.trust.vouched;
        if offers.authentication.required && !known && verb == Verb::Mail && self.standing.phase == Phase::Ready {
            return Err(CommandError::AuthRequired);
        }
        Ok(())
    }
}
