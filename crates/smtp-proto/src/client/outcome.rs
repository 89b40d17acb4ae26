//! What became of a message: one result for each recipient.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Event;
use crate::reply::Class;
use crate::{EnhancedCode, Reply, ReplyCode};

/// A fold over the events of one transaction.
///
/// ```
/// # use smtp_proto::{Reply, client::{Event, Outcome}};
/// # fn reply(text: &[u8]) -> Reply { Reply::parse(text).unwrap() }
/// let mut outcome = Outcome::new(2);
/// outcome.record(&Event::Sender(reply(b"250 ok\r\n")));
/// outcome.record(&Event::Recipient(0, reply(b"250 ok\r\n")));
/// outcome.record(&Event::Recipient(1, reply(b"550 no such user\r\n")));
/// outcome.record(&Event::Data(reply(b"354 go\r\n")));
/// outcome.record(&Event::Message(reply(b"250 queued\r\n")));
/// let results: Vec<_> = outcome.results().collect();
/// assert_eq!(results[0], Ok(reply(b"250 queued\r\n")));
/// assert!(!results[1].as_ref().unwrap_err().is_transient());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    recipients: Vec<Told>,
    sender: Option<Reply>,
    course: Course,
    message: Option<Reply>,
}

/// What was said about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Told {
    /// Nothing yet.
    #[default]
    Nothing,
    /// To RCPT.
    Recipient(Reply),
    /// RCPT was not sent.
    NotTried(NotTried),
    /// LMTP: RCPT was accepted, and this is the reply for the recipient behind the message.
    Delivery(Reply),
    /// In a transaction of its own, behind this one.
    Later(Result<Reply, Failure>),
}

/// How the message itself was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Course {
    /// Not at all yet; or by BDAT, which needs no leave.
    Open,
    /// DATA was answered.
    Data(Reply),
    /// A recipient was refused, and all or none were to have it.
    Withdrawn,
}

/// Why a recipient does not get the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// The refusal; `None` when the dialogue ended before there was one, or nothing was asked.
    pub reply: Option<Reply>,
}

/// Where in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stage {
    /// MAIL.
    #[error("MAIL")]
    Sender,
    /// RCPT.
    #[error("RCPT")]
    Recipient,
    /// DATA.
    #[error("DATA")]
    Data,
    /// The message's end, or a chunk of it.
    #[error("the message's end")]
    Message,
    /// Nowhere: the server was not asked.
    #[error("{0}")]
    NotTried(NotTried),
}

/// Why a server was not asked to take the message for a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTried {
    /// The server takes only so many recipients in one transaction: another one may have the rest (RFC 9422 §4.2).
    #[error("the server takes {0} recipients at once")]
    RecipientLimit(u64),
    /// The server takes recipients of only so many domains in one transaction (RFC 9422 §4.3).
    #[error("the server takes recipients of {0} domains at once")]
    DomainLimit(u64),
    /// The recipient needs an extension that the server does not offer.
    #[error("the server does not offer {0}")]
    NotOffered(&'static str),
    /// Another recipient was refused, and all or none were to have it.
    #[error("another recipient was refused")]
    Withdrawn,
}

impl Outcome {
    /// Of a transaction with so many recipients.
    pub fn new(recipients: usize) -> Self {
        Self {
            recipients: vec![Told::Nothing; recipients],
            sender: None,
            course: Course::Open,
            message: None,
        }
    }

    /// Takes in an event of the transaction; others change nothing.
    pub fn record(&mut self, event: &Event) {
        match event {
            Event::Sender(reply) => self.sender = Some(reply.clone()),
            Event::Data(reply) => self.course = Course::Data(reply.clone()),
            Event::Withdrawn => self.course = Course::Withdrawn,
            // The first refusal of a chunk stands, whatever is said to what was on its way behind it.
            Event::Message(reply) if self.message.is_none() => self.message = Some(reply.clone()),
            Event::Chunk(reply) if self.message.is_none() && !reply.is_positive() => self.message = Some(reply.clone()),
            Event::Recipient(index, reply) => self.tell(*index, Told::Recipient(reply.clone())),
            Event::NotTried(index, why) => self.tell(*index, Told::NotTried(*why)),
            Event::Delivery(index, reply) => self.tell(*index, Told::Delivery(reply.clone())),
            _ => {}
        }
    }

    /// For each recipient in its order: the reply to the message's end when the server has taken responsibility for it,
    /// or why it has not.
    pub fn results(&self) -> impl ExactSizeIterator<Item = Result<Reply, Failure>> {
        self.recipients.iter().map(|told| self.result(told))
    }

    /// Whether every recipient gets the message.
    pub fn is_complete_success(&self) -> bool {
        self.results().all(|result| result.is_ok())
    }

    pub(super) fn result_at(&self, place: usize) -> Option<Result<Reply, Failure>> {
        self.recipients.get(place).map(|told| self.result(told))
    }

    /// Whatever this transaction brought a recipient, a later one brought it this.
    pub(super) fn settle(&mut self, place: usize, result: Result<Reply, Failure>) {
        if let Some(slot) = self.recipients.get_mut(place) {
            *slot = Told::Later(result);
        }
    }

    fn tell(&mut self, index: u32, told: Told) {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(slot) = self.recipients.get_mut(index) {
            *slot = told;
        }
    }

    fn result(&self, told: &Told) -> Result<Reply, Failure> {
        if let Told::Later(result) = told {
            return result.clone();
        }
        accepted(Stage::Sender, self.sender.as_ref(), Class::Positive)?;
        match told {
            Told::NotTried(why) => return Err(Failure::not_tried(*why)),
            Told::Nothing | Told::Later(_) => return Err(Failure::silent(Stage::Recipient)),
            Told::Recipient(reply) => accepted(Stage::Recipient, Some(reply), Class::Positive)?,
            Told::Delivery(reply) => {
                return accepted(Stage::Message, Some(reply), Class::Positive).map(|()| reply.clone());
            }
        }
        match &self.course {
            Course::Withdrawn => return Err(Failure::not_tried(NotTried::Withdrawn)),
            Course::Open if self.message.is_none() => return Err(Failure::silent(Stage::Data)),
            Course::Open => {}
            Course::Data(reply) => accepted(Stage::Data, Some(reply), Class::Intermediate)?,
        }
        accepted(Stage::Message, self.message.as_ref(), Class::Positive)?;
        self.message.clone().ok_or(Failure::silent(Stage::Message))
    }
}

fn accepted(stage: Stage, reply: Option<&Reply>, class: Class) -> Result<(), Failure> {
    match reply {
        Some(reply) if reply.code().class() == class => Ok(()),
        reply => Err(Failure {
            stage,
            reply: reply.cloned(),
        }),
    }
}

impl Failure {
    const fn silent(stage: Stage) -> Self {
        Self { stage, reply: None }
    }

    const fn not_tried(why: NotTried) -> Self {
        Self::silent(Stage::NotTried(why))
    }

    /// Whether the same may succeed later: 4yz, no reply at all, and 552 to RCPT, which old servers say when they mean
    /// 452 (RFC 5321 §4.5.3.1.10).
    pub fn is_transient(&self) -> bool {
        match (&self.reply, self.stage) {
            (None, Stage::NotTried(NotTried::NotOffered(_))) => false,
            (None, _) => true,
            (Some(reply), Stage::Recipient) if reply.code() == TOO_MUCH => true,
            (Some(reply), _) => reply.code().class() != Class::Permanent,
        }
    }

    /// Whether the recipient was left out for being one too many, so that another transaction may have it: the server takes
    /// only so many at once, or said 452 or 552 to RCPT.
    pub(super) fn is_one_too_many(&self) -> bool {
        match (&self.reply, self.stage) {
            (None, Stage::NotTried(NotTried::RecipientLimit(_) | NotTried::DomainLimit(_))) => true,
            (Some(reply), Stage::Recipient) => matches!(reply.code(), TOO_MANY | TOO_MUCH),
            _ => false,
        }
    }

    /// The refusal's enhanced code, if it has one.
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.reply.as_ref()?.enhanced()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.reply, self.stage) {
            (Some(reply), stage) => write!(f, "refused at {stage}: {reply}"),
            (None, Stage::NotTried(why)) => write!(f, "not tried: {why}"),
            (None, stage) => write!(f, "no reply to {stage}"),
        }
    }
}

impl core::error::Error for Failure {}

const TOO_MANY: ReplyCode = ReplyCode::known(452);
const TOO_MUCH: ReplyCode = ReplyCode::known(552);
