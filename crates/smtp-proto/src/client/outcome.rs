//! What became of a message: one result for each recipient.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Event;
use crate::reply::Class;
use crate::{Reply, ReplyCode};

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
    recipients: Vec<Option<Reply>>,
    sender: Option<Reply>,
    data: Option<Reply>,
    message: Option<Reply>,
}

/// Why a recipient does not get the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Where it failed.
    pub stage: Stage,
    /// The refusal; `None` when the dialogue ended before there was one.
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
    /// The message's end.
    #[error("the message's end")]
    Message,
}

impl Outcome {
    /// Of a transaction with so many recipients.
    pub fn new(recipients: usize) -> Self {
        Self {
            recipients: vec![None; recipients],
            sender: None,
            data: None,
            message: None,
        }
    }

    /// Takes in an event of the transaction; others change nothing.
    pub fn record(&mut self, event: &Event) {
        match event {
            Event::Sender(reply) => self.sender = Some(reply.clone()),
            Event::Data(reply) => self.data = Some(reply.clone()),
            Event::Message(reply) => self.message = Some(reply.clone()),
            Event::Recipient(index, reply) => {
                let index = usize::try_from(*index).unwrap_or(usize::MAX);
                if let Some(slot) = self.recipients.get_mut(index) {
                    *slot = Some(reply.clone());
                }
            }
            Event::Greeting(_) | Event::Hello(_) | Event::Reply { .. } => {}
        }
    }

    /// For each recipient in its order: the reply to the message's end when the server has taken responsibility for it,
    /// or why it has not.
    pub fn results(&self) -> impl ExactSizeIterator<Item = Result<Reply, Failure>> {
        self.recipients.iter().map(|reply| self.result(reply.as_ref()))
    }

    /// Whether every recipient gets the message.
    pub fn is_complete_success(&self) -> bool {
        self.results().all(|result| result.is_ok())
    }

    fn result(&self, recipient: Option<&Reply>) -> Result<Reply, Failure> {
        let passed = [
            (Stage::Sender, self.sender.as_ref(), Class::Positive),
            (Stage::Recipient, recipient, Class::Positive),
            (Stage::Data, self.data.as_ref(), Class::Intermediate),
            (Stage::Message, self.message.as_ref(), Class::Positive),
        ];
        let failed =
            |&(_, reply, class): &(_, Option<&Reply>, _)| reply.is_none_or(|reply| reply.code().class() != class);
        match (passed.into_iter().find(failed), &self.message) {
            (Some((stage, reply, _)), _) => Err(Failure {
                stage,
                reply: reply.cloned(),
            }),
            (None, Some(message)) => Ok(message.clone()),
            (None, None) => Err(Failure {
                stage: Stage::Message,
                reply: None,
            }),
        }
    }
}

impl Failure {
    /// Whether the same may succeed later: 4yz, no reply at all, and 552 to RCPT, which old servers say when they mean
    /// 452 (RFC 5321 §4.5.3.1.10).
    pub fn is_transient(&self) -> bool {
        match &self.reply {
            None => true,
            Some(reply) if self.stage == Stage::Recipient && reply.code() == TOO_MUCH => true,
            Some(reply) => reply.code().class() != Class::Permanent,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reply {
            Some(reply) => write!(f, "refused at {}: {reply}", self.stage),
            None => write!(f, "no reply to {}", self.stage),
        }
    }
}

impl core::error::Error for Failure {}

const TOO_MUCH: ReplyCode = ReplyCode::known(552);
