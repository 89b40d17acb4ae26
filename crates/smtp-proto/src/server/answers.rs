//! The application's answers, and the safe ones.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use mail_wire::{Answers, Ask, Misuse};

use super::body::Body;
use super::replies::{self, Standard};
use super::{Data, Event, Expand, Mail, Message, Protocol, Recipient, Sasl, SaslStep, Server, State, Turn, Verify};
use crate::phase::{Action, Phase};
use crate::{Mailbox, Refusal, ReplyText};

/// A positive answer, with words of one's own if there are any.
///
/// ```
/// # use smtp_proto::server::Acceptance;
/// let plain = Acceptance::default();
/// let worded = Acceptance::new("Queued as 17".parse().unwrap());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    text: Option<ReplyText>,
}

impl Acceptance {
    /// In these words.
    pub const fn new(text: ReplyText) -> Self {
        Self { text: Some(text) }
    }
}

impl From<ReplyText> for Acceptance {
    fn from(text: ReplyText) -> Self {
        Self::new(text)
    }
}

/// The answer to VRFY and EXPN: who is meant. None is 252: "cannot say, but try".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailboxes(pub Vec<NamedMailbox>);

/// A mailbox, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedMailbox {
    /// The person's or list's name. Its first line is used.
    pub name: Option<ReplyText>,
    /// The mailbox.
    pub mailbox: Mailbox,
}

impl NamedMailbox {
    /// With or without a name.
    pub const fn new(name: Option<ReplyText>, mailbox: Mailbox) -> Self {
        Self { name, mailbox }
    }
}

impl Answers<Mail> for Server {
    type Yes = Acceptance;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Mail>, verdict: Result<Acceptance, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        self.conclude(verdict, Action::Mail, &replies::SENDER);
        Ok(())
    }
}

impl Answers<Recipient> for Server {
    type Yes = Acceptance;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Recipient>, verdict: Result<Acceptance, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        if verdict.is_ok() {
            self.accept_recipient();
        }
        self.conclude(verdict, Action::Recipient, &replies::RECIPIENT);
        Ok(())
    }
}

impl Answers<Data> for Server {
    type Yes = Acceptance;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Data>, verdict: Result<Acceptance, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        if self.standing.phase == Phase::Chunk {
            // The chunk follows whatever the answer is, and no 354 stands between them (RFC 3030 §2).
            self.answer_chunk(verdict.map(drop));
            return Ok(());
        }
        let accepted = verdict.is_ok();
        self.conclude(verdict, Action::Data, &replies::START_INPUT);
        if accepted {
            self.state = State::Body(Body::new(self.config.leniency));
        }
        self.hold_back = 0;
        Ok(())
    }
}

impl Answers<Message> for Server {
    type Yes = Acceptance;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Message>, verdict: Result<Acceptance, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        if verdict.is_ok() {
            self.tally.idle_commands = 0;
        }
        let next = self.asked_for + 1;
        if self.config.protocol == Protocol::Lmtp && next < self.transaction.recipients {
            self.conclude(verdict, Action::Inquire, &replies::MESSAGE);
            self.state = State::BodyClosed(next);
            return Ok(());
        }
        self.end_message();
        // Accepted or not, the transaction is over: the phase moves here, not in `conclude`.
        self.conclude(verdict, Action::Inquire, &replies::MESSAGE);
        Ok(())
    }
}

impl Answers<Sasl> for Server {
    type Yes = SaslStep;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Sasl>, verdict: Result<SaslStep, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        self.answer_exchange(verdict);
        Ok(())
    }
}

impl Answers<Turn> for Server {
    type Yes = Acceptance;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Turn>, verdict: Result<Acceptance, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        self.conclude(verdict, Action::Aside, &replies::QUEUE_STARTED);
        self.hold_back = 0;
        Ok(())
    }
}

impl Answers<Verify> for Server {
    type Yes = Mailboxes;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Verify>, verdict: Result<Mailboxes, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        self.conclude_list(verdict);
        Ok(())
    }
}

impl Answers<Expand> for Server {
    type Yes = Mailboxes;
    type No = Refusal;

    fn answer(&mut self, ask: Ask<Expand>, verdict: Result<Mailboxes, Refusal>) -> Result<(), Misuse> {
        self.asking.close(ask)?;
        self.conclude_list(verdict);
        Ok(())
    }
}

impl Server {
    /// Gives each ask the answer that promises nothing: mail is refused for now, a mailbox is not confirmed.
    pub(super) fn answer_safely(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Mail(ask, _) => self.answer(ask, Err(Refusal::try_later())),
            Event::Recipient(ask, _) => self.answer(ask, Err(Refusal::try_later())),
            Event::Data(ask) => self.answer(ask, Err(Refusal::try_later())),
            Event::Message(ask) | Event::MessageFor(ask, _) => self.answer(ask, Err(Refusal::try_later())),
            Event::Verify(ask, _) => self.answer(ask, Ok(Mailboxes::default())),
            Event::Expand(ask, _) => self.answer(ask, Err(Refusal::not_implemented())),
            Event::Authenticate(ask, _) | Event::SaslResponse(ask, _) => {
                self.answer(ask, Err(Refusal::authentication_unavailable()))
            }
            Event::Etrn(ask, _) => self.answer(ask, Err(Refusal::not_implemented())),
            Event::Hello(_) | Event::Reset | Event::SaslCancelled => Ok(()),
            Event::XClient(_) | Event::XForward(_) | Event::Proxied(_) => Ok(()),
        }
    }

    /// Says the verdict; a positive one moves the phase.
    fn conclude(&mut self, verdict: Result<Acceptance, Refusal>, action: Action, standard: &Standard) {
        self.state = State::Command;
        self.stopwatch.restart();
        match verdict {
            Ok(Acceptance { text }) => {
                self.advance_phase(action);
                self.say(standard, text.as_ref().map(ReplyText::as_str));
            }
            Err(refusal) => self.say_refusal(&refusal),
        }
    }

    fn conclude_list(&mut self, verdict: Result<Mailboxes, Refusal>) {
        self.state = State::Command;
        self.stopwatch.restart();
        self.hold_back = 0;
        let utf8 = self.replies_in_utf8;
        match verdict.map(|mailboxes| (text_of(&mailboxes.0, utf8), mailboxes)) {
            Ok((text, mailboxes)) if text.is_empty() => {
                let unsayable = !utf8 && mailboxes.0.iter().any(|named| !named.mailbox.is_ascii());
                let answer = if unsayable {
                    &replies::NEEDS_UTF8
                } else {
                    &replies::CANNOT_VERIFY
                };
                self.say(answer, None);
            }
            Ok((text, _)) => self.say(&replies::MAILBOXES, Some(&text)),
            Err(refusal) => self.say_refusal(&refusal),
        }
    }
}

/// `Full Name <local-part@domain>` in each line (RFC 5321 §3.5.1). What would make a line too long is left out: the name,
/// or a mailbox that only [`Leniency::long_paths`](crate::Leniency::long_paths) let in; and without `utf8`, a mailbox that
/// is not ASCII (RFC 6531 §3.7.4.2).
fn text_of(list: &[NamedMailbox], utf8: bool) -> String {
    let mut text = String::new();
    for NamedMailbox { name, mailbox } in list {
        let name = name.as_ref().and_then(|name| name.as_str().lines().next());
        let mut line = match name {
            Some(name) if !name.is_empty() => format!("{name} <{mailbox}>"),
            _ => format!("<{mailbox}>"),
        };
        if line.len() > ReplyText::MAX_LINE {
            line = format!("<{mailbox}>");
        }
        if line.len() > ReplyText::MAX_LINE || !(utf8 || mailbox.is_ascii()) {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    text
}
