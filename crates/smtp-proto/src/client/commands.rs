//! What the caller may submit: single commands, and whole transactions.

use alloc::boxed::Box;

use mail_wire::Misuse;

use super::offers::{self, Of};
use super::queue::{Awaited, Request};
use super::transaction::{Transaction, Transfer};
use super::{Client, Envelope, Life, Protocol, Security};
use crate::phase::{self, Action, OutOfSequence, Phase, Standing};
use crate::{
    Argument, Attributes, ClientName, Command, Etrn, ForwardPath, Inquiry, MailFrom, ParameterList, RcptTo,
    ReversePath, Verb,
};

impl Client {
    /// EHLO, and HELO if the server refuses that with 5yz (RFC 5321 §3.2). In LMTP, LHLO.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before the greeting, behind its refusal, or while other commands wait for their replies.
    pub fn hello(&mut self) -> Result<(), Misuse> {
        let name = ClientName::from(&self.config.name);
        let command = match self.config.protocol {
            Protocol::Smtp => Command::Ehlo(name),
            Protocol::Lmtp => Command::Lhlo(name),
        };
        let standing = self.submitted;
        let verb = command.verb();
        self.submit(command, Awaited::Hello(verb))?;
        // What is offered is unknown until the reply: nothing may be submitted on the strength of it.
        self.submitted = standing;
        Ok(())
    }

    /// STARTTLS. Behind a positive reply [`Step::Upgrade`](mail_wire::Step::Upgrade) follows, and behind that the dialogue
    /// is a new one, which [is secured](Self::is_secured): [`hello`](Self::hello) is to be said again.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`]; [`Misuse::OutOfSequence`] inside a transaction, or when TLS is on.
    pub fn start_tls(&mut self) -> Result<(), Misuse> {
        self.check_offer("STARTTLS")?;
        self.submit(Command::StartTls, Awaited::Other(Verb::StartTls))
    }

    /// MAIL.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence, when a parameter's extension is not offered, or when the server's limit of messages is
    /// used up.
    pub fn mail(&mut self, path: &ReversePath, parameters: &ParameterList) -> Result<(), Misuse> {
        let mail = MailFrom::new(path, parameters);
        self.check_parameters(Of::Mail, parameters)?;
        self.check_mails()?;
        self.submit(Command::Mail(mail), Awaited::Mail)?;
        self.recipients = 0;
        Ok(())
    }

    /// RCPT. Its [`Event::Recipient`](super::Event::Recipient) counts from 0 since MAIL.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence, or when a parameter's extension is not offered.
    pub fn recipient(&mut self, path: &ForwardPath, parameters: &ParameterList) -> Result<(), Misuse> {
        let rcpt = RcptTo::new(path, parameters);
        self.check_parameters(Of::Rcpt, parameters)?;
        self.submit(Command::Rcpt(rcpt), Awaited::Recipient(self.recipients))?;
        self.recipients += 1;
        Ok(())
    }

    /// DATA. If the server says go, and a recipient was accepted, [`Step::NeedBody`](mail_wire::Step::NeedBody) follows.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn data(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Data, Awaited::Data)
    }

    /// RSET.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn reset(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Rset, Awaited::Other(Verb::Rset))
    }

    /// VRFY.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence, or when it needs SMTPUTF8 and the server does not offer that.
    pub fn verify(&mut self, user: Inquiry) -> Result<(), Misuse> {
        self.check_inquiry(&user)?;
        self.submit(Command::Vrfy(user), Awaited::Other(Verb::Vrfy))
    }

    /// EXPN.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn expand(&mut self, list: Inquiry) -> Result<(), Misuse> {
        self.check_inquiry(&list)?;
        self.submit(Command::Expn(list), Awaited::Other(Verb::Expn))
    }

    /// HELP.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn help(&mut self, topic: Option<Argument>) -> Result<(), Misuse> {
        self.submit(Command::Help(topic), Awaited::Other(Verb::Help))
    }

    /// NOOP.
    ///
    /// # Errors
    ///
    /// [`Misuse`] out of sequence.
    pub fn noop(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Noop(None), Awaited::Other(Verb::Noop))
    }

    /// ETRN: the server is to send what it has for us, over connections of its own (RFC 1985).
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`]; [`Misuse::OutOfSequence`] inside a transaction.
    pub fn turn(&mut self, queue: Etrn) -> Result<(), Misuse> {
        self.check_offer("ETRN")?;
        self.submit(Command::Etrn(queue), Awaited::Other(Verb::Etrn))
    }

    /// XCLIENT: what the server is to take us for. Behind a positive reply [`hello`](Self::hello) is to be said again.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`]; [`Misuse::OutOfSequence`] inside a transaction.
    pub fn x_client(&mut self, attributes: Attributes) -> Result<(), Misuse> {
        self.check_offer("XCLIENT")?;
        self.submit(Command::XClient(attributes), Awaited::Other(Verb::XClient))
    }

    /// XFORWARD: where the next message comes from, for the server's log.
    ///
    /// # Errors
    ///
    /// [`Misuse::NotOffered`]; [`Misuse::OutOfSequence`] inside a transaction.
    pub fn x_forward(&mut self, attributes: Attributes) -> Result<(), Misuse> {
        self.check_offer("XFORWARD")?;
        self.submit(Command::XForward(attributes), Awaited::Other(Verb::XForward))
    }

    /// QUIT. [`Step::Closed`](mail_wire::Step::Closed) follows its reply.
    ///
    /// # Errors
    ///
    /// [`Misuse`] before the greeting, or inside a message.
    pub fn quit(&mut self) -> Result<(), Misuse> {
        self.submit(Command::Quit, Awaited::Other(Verb::Quit))
    }

    /// A whole message's envelope: MAIL, RCPT for each recipient, and DATA, or BDAT by the rule of
    /// [`Chunking`](super::Chunking), in as few round trips as PIPELINING allows. A transaction that is open because an
    /// earlier one failed is reset first.
    ///
    /// From what the envelope says of the message follow `SIZE=`, `BODY=` and `SMTPUTF8`. What is void is not sent: no
    /// RCPT behind a refused sender, no message without a recipient, unless they were on their way already. Recipients
    /// beyond what the server takes at once are [`Event::NotTried`](super::Event::NotTried).
    ///
    /// # Errors
    ///
    /// Before anything is written: [`Misuse::NotOffered`] when the message or a parameter needs an extension that the
    /// server does not offer, [`Misuse::TooLarge`] beyond the size that it takes, [`Misuse::PeerLimit`] beyond its number
    /// of messages in one session (RFC 9422 §4.1), [`Misuse::Insecure`], [`Misuse::OutOfSequence`].
    pub fn transaction(&mut self, envelope: Envelope) -> Result<(), Misuse> {
        self.check_mails()?;
        self.check_security(Verb::Mail)?;
        let transaction = Transaction::plan(&envelope, &self.capabilities, &self.config, self.submitted.security)?;
        let clearing = self.is_idle() && matches!(self.submitted.phase, Phase::Sender | Phase::Recipients);
        let mut standing = self.submitted;
        if clearing {
            standing = self.allow(standing, Verb::Rset)?;
        }
        standing = self.allow(standing, Verb::Mail)?;
        standing = self.allow(standing, Verb::Rcpt)?;
        self.submitted = match transaction.transfer {
            Transfer::Dots => self.allow(standing, Verb::Data)?,
            Transfer::Chunks(_) => self.allow(standing, Verb::Bdat)?,
        };
        if clearing {
            self.queue.push_back(Request::Line(Command::Rset, Awaited::Clearing));
        }
        self.queue.push_back(Request::Transaction(Box::new(transaction)));
        Ok(())
    }

    pub(super) fn submit(&mut self, command: Command, awaited: Awaited) -> Result<(), Misuse> {
        let verb = command.verb();
        self.check_security(verb)?;
        self.submitted = self.allow(self.submitted, verb)?;
        self.queue.push_back(Request::Line(command, awaited));
        Ok(())
    }

    fn allow(&self, standing: Standing, verb: Verb) -> Result<Standing, Misuse> {
        if matches!(self.life, Life::Closed | Life::Failed(_)) || standing.phase == Phase::Closed {
            return Err(Misuse::Closed);
        }
        standing
            .after(verb.into())
            .map_err(|_: OutOfSequence| Misuse::OutOfSequence { command: verb.as_str() })
    }

    fn check_inquiry(&self, inquiry: &Inquiry) -> Result<(), Misuse> {
        match inquiry.needs_smtp_utf8() {
            true => self.check_offer("SMTPUTF8"),
            false => Ok(()),
        }
    }

    pub(super) fn check_offer(&self, extension: &'static str) -> Result<(), Misuse> {
        match self.capabilities.offers(extension) {
            true => Ok(()),
            false => Err(Misuse::NotOffered { extension }),
        }
    }

    /// The client MUST NOT send parameters of extensions that were not offered (RFC 5321 §4.1.1.11).
    fn check_parameters(&self, of: Of, parameters: &ParameterList) -> Result<(), Misuse> {
        match offers::missing(of, parameters, &self.capabilities) {
            Some(extension) => Err(Misuse::NotOffered { extension }),
            None => Ok(()),
        }
    }

    /// Where TLS is required, nothing of worth goes before it (docs/threats.md row 6).
    fn check_security(&self, verb: Verb) -> Result<(), Misuse> {
        let harmless = matches!(
            Action::from(verb),
            Action::Hello | Action::StartTls | Action::Reset | Action::Quit
        ) || matches!(verb, Verb::Noop | Verb::Help);
        let secured = self.submitted.security == phase::Security::Secured;
        match self.config.security {
            Security::StartTls if !harmless && !secured => Err(Misuse::Insecure { command: verb.as_str() }),
            _ => Ok(()),
        }
    }

    /// MAILMAX (RFC 9422 §4.1).
    pub(super) fn check_mails(&self) -> Result<(), Misuse> {
        match self.capabilities.limits().mail_max.map(u64::from) {
            Some(limit) if self.mails_submitted() >= limit => Err(Misuse::PeerLimit { what: "MAILMAX", limit }),
            _ => Ok(()),
        }
    }

    fn mails_submitted(&self) -> u64 {
        let waiting = self.queue.iter().filter(|request| request.is_mail()).count();
        self.mails + waiting as u64
    }
}
