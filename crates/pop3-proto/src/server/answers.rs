//! What the application's answers do.

use alloc::boxed::Box;

use mail_wire::{Answers, Ask, Misuse};

use super::body::Extent;
use super::top::TopCutter;
use super::{Error, Holding, Login, Maildrop, Question, Refusal, Retrieve, Server, Top, Update, reply};
use crate::Transition;

impl Answers<Login> for Server {
    type Yes = Maildrop;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Login>, verdict: Result<Maildrop, Refusal>) -> Result<(), Misuse> {
        let Question::Login(keyword) = self.close_ask(ask)? else {
            return Err(Misuse::StaleAsk);
        };
        match verdict {
            Ok(maildrop) => {
                reply::summary(&maildrop, &mut self.outbox);
                self.holding = Holding::Maildrop(Box::new(maildrop));
                self.step(Transition::Accepted(keyword));
            }
            Err(refusal) => {
                self.respond(refusal.response());
                self.step(Transition::Refused(keyword));
                self.failed_logins += u32::from(refusal.is_failed_login());
                let limit = self.config.limits.failed_logins;
                if self.failed_logins >= limit {
                    self.fail(Error::FailedLogins { limit });
                }
            }
        }
        Ok(())
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
            Ok(()) => self.begin(format_args!("+OK {octets} octets"), Extent::Whole),
            Err(refusal) => self.respond(refusal.response()),
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
            Ok(()) => self.begin(
                format_args!("+OK top of message follows"),
                Extent::Top(TopCutter::new(lines)),
            ),
            Err(refusal) => self.respond(refusal.response()),
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
            (Ok(()), Holding::Maildrop(maildrop)) => reply::farewell(maildrop, &mut self.outbox),
            (Ok(()), _) => {}
            (Err(refusal), _) => self.respond(refusal.response()),
        }
        self.step(Transition::Updated);
        Ok(())
    }
}
