//! What the application's answers do.

use alloc::boxed::Box;

use mail_wire::{Answers, Ask, Misuse};

use super::body::Extent;
use super::top::TopCutter;
use super::{
    Error, Holding, Login, Maildrop, Phrase, Question, Refusal, Retrieve, Sasl, SaslStep, Server, State, Top, Update,
};
use crate::{Keyword, Status, Transition, auth};

impl Answers<Login> for Server {
    type Yes = Maildrop;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Login>, verdict: Result<Maildrop, Refusal>) -> Result<(), Misuse> {
        let Question::Login(keyword) = self.close_ask(ask)? else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(maildrop) => self.logged_in(keyword, maildrop),
            Err(refusal) => self.login_failed(keyword, &refusal),
        }
        Ok(())
    }
}

impl Answers<Sasl> for Server {
    type Yes = SaslStep;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Sasl>, verdict: Result<SaslStep, Refusal>) -> Result<(), Misuse> {
        let Question::Sasl = self.close_ask(ask)? else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(SaslStep::Challenge(data)) => self.challenge(&data),
            Ok(SaslStep::Success(maildrop)) => self.logged_in(Keyword::Auth, maildrop),
            Err(refusal) => self.login_failed(Keyword::Auth, &refusal),
        }
        Ok(())
    }
}

impl Server {
    fn logged_in(&mut self, keyword: Keyword, maildrop: Maildrop) {
        self.say(Status::Ok, Phrase::Maildrop(maildrop.listing()));
        self.holding = Holding::Maildrop(Box::new(maildrop));
        self.step(Transition::Accepted(keyword));
    }

    fn login_failed(&mut self, keyword: Keyword, refusal: &Refusal) {
        self.refused(refusal);
        self.holding = Holding::Nothing;
        self.step(Transition::Refused(keyword));
        self.failed_logins += u32::from(refusal.is_failed_login());
        let limit = self.config.limits.failed_logins;
        if self.failed_logins >= limit {
            self.fail(Error::FailedLogins { limit });
        }
    }

    fn challenge(&mut self, data: &[u8]) {
        auth::encode_challenge(data, self.outbox.buffer());
        self.framer.set_limit(self.config.limits.sasl());
        self.state = State::Sasl;
        self.step(Transition::Challenged);
    }

    fn refused(&mut self, refusal: &Refusal) {
        refusal.say(self.voice());
    }
}

impl Answers<Retrieve> for Server {
    type Yes = ();
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Retrieve>, verdict: Result<(), Refusal>) -> Result<(), Misuse> {
        let Question::Retrieve(octets) = self.close_ask(ask)? else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(()) => self.begin(Phrase::Octets(octets), Extent::Whole),
            Err(refusal) => self.refused(&refusal),
        }
        Ok(())
    }
}

impl Answers<Top> for Server {
    type Yes = ();
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Top>, verdict: Result<(), Refusal>) -> Result<(), Misuse> {
        let Question::Top(lines) = self.close_ask(ask)? else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(()) => self.begin(Phrase::Top, Extent::Top(TopCutter::new(lines))),
            Err(refusal) => self.refused(&refusal),
        }
        Ok(())
    }
}

impl Answers<Update> for Server {
    type Yes = ();
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Update>, verdict: Result<(), Refusal>) -> Result<(), Misuse> {
        self.close_ask(ask)?;
        match (verdict, &self.holding) {
            (Ok(()), Holding::Maildrop(maildrop)) => {
                let left = maildrop.listing();
                self.say(Status::Ok, Phrase::Farewell(left));
            }
            (Ok(()), _) => {}
            (Err(refusal), _) => self.refused(&refusal),
        }
        self.step(Transition::Updated);
        Ok(())
    }
}
