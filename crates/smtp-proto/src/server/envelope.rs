//! MAIL and RCPT: what is refused before the application is asked.

use mail_wire::Step;

use super::state::{Dialect, Transaction};
use super::{Event, Extension, Server};
use crate::{
    BodyType, CommandError, ForwardPath, Hold, Keyword, Limit, MailFrom, Parameter, Parameters, RcptTo, TooLate,
};

impl Server {
    pub(super) fn mail(&mut self, mail: MailFrom) -> Result<Option<Step<Event>>, CommandError> {
        let known = |parameter: &Parameter<'_>| parameter.extension_of_mail();
        self.check_parameters(mail.parameters(), known, |extension| &extension.mail_parameters)?;
        let limits = &self.config.limits;
        if limits.message > 0 && mail.size().is_some_and(|size| size > limits.message) {
            return Err(Limit::Message(limits.message).into());
        }
        self.check_times(&mail)?;
        self.tally.transactions += 1;
        if limits.transactions > 0 && self.tally.transactions > limits.transactions {
            let limit = Limit::Transactions(limits.transactions);
            self.give_up(limit.into());
            return Ok(None);
        }
        self.transaction = Transaction {
            smtp_utf8: mail.smtp_utf8(),
            binary: mail.body() == Some(BodyType::BinaryMime),
            ..Transaction::default()
        };
        Ok(Some(Step::Event(Event::Mail(self.ask(), mail))))
    }

    pub(super) fn recipient(&mut self, rcpt: RcptTo) -> Result<Option<Step<Event>>, CommandError> {
        let known = |parameter: &Parameter<'_>| parameter.extension_of_rcpt();
        self.check_parameters(rcpt.parameters(), known, |extension| &extension.rcpt_parameters)?;
        let limits = &self.config.limits;
        let most = limits.recipient_domains;
        let domain = if most > 0 {
            hash_of_domain(rcpt.forward_path())
        } else {
            0
        };
        let domains = &self.transaction.domains;
        let one_more = most > 0 && domains.len() >= most as usize && !domains.contains(&domain);
        let over = match self.transaction.recipients >= limits.recipients {
            true => Some(Limit::Recipients(limits.recipients)),
            false => one_more.then_some(Limit::RecipientDomains(most)),
        };
        if let Some(limit) = over {
            // No fault of the client's: it may send the rest in another message (RFC 5321 §4.5.3.1.10).
            self.say_fault(limit.into());
            return Ok(None);
        }
        self.transaction.asked_domain = domain;
        Ok(Some(Step::Event(Event::Recipient(self.ask(), rcpt))))
    }

    /// What is asked of time must be within what EHLO announced.
    fn check_times(&self, mail: &MailFrom) -> Result<(), CommandError> {
        let offers = &self.config.offers;
        if let Some(by) = mail.deliver_by() {
            let least = offers.deliver_by.flatten().unwrap_or(0);
            match by.otherwise {
                _ if !by.is_possible() => return Err(CommandError::NoTime),
                TooLate::Return if i64::from(by.seconds) < i64::from(least) => {
                    return Err(CommandError::TooSoon(least));
                }
                _ => {}
            }
        }
        let Some((interval, until)) = &offers.future_release else {
            return Ok(());
        };
        let too_long = match mail.hold() {
            Some(Hold::For(seconds)) => seconds > *interval,
            Some(Hold::Until(time)) => time.unix() > until.unix(),
            None => false,
        };
        if too_long {
            Err(CommandError::HeldTooLong)
        } else {
            Ok(())
        }
    }

    /// One recipient more.
    pub(super) fn accept_recipient(&mut self) {
        self.transaction.recipients += 1;
        if self.config.limits.recipient_domains > 0 {
            self.transaction.domains.insert(self.transaction.asked_domain);
        }
    }

    /// Parameters belong to extensions: none behind HELO, and only the offered ones behind EHLO (RFC 5321 §4.1.1.11).
    fn check_parameters(
        &self,
        mut parameters: Parameters<'_>,
        known: impl Fn(&Parameter<'_>) -> Option<&'static str>,
        of: impl Fn(&Extension) -> &[Keyword],
    ) -> Result<(), CommandError> {
        let extensions = &self.config.extensions;
        let offered = |parameter: &Parameter<'_>| {
            let mut added = extensions.iter().flat_map(&of);
            let covered = known(parameter).is_some_and(|name| self.config.offers.covers(name, self.standing));
            covered || added.any(|name| name.as_str().eq_ignore_ascii_case(parameter.keyword))
        };
        let extended = self.dialect == Dialect::Extended;
        match parameters.all(|parameter| extended && offered(&parameter)) {
            true => Ok(()),
            false => Err(CommandError::Parameter),
        }
    }
}

/// FNV-1a of the domain in small letters; the bare postmaster has none.
fn hash_of_domain(path: &ForwardPath) -> u64 {
    let domain = path.mailbox().map_or("", |mailbox| mailbox.domain());
    domain.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, octet| {
        (hash ^ u64::from(octet.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
