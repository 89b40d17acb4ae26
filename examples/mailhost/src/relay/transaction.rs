//! One message over one session.

use std::collections::VecDeque;
use std::io;
use std::time::SystemTime;

use futures_util::stream::try_unfold;
use mail_tokio::smtp::ClientError;
use mail_wire::Misuse;
use mime_codec::report::{StatusCode, Typed};
use smtp_proto::client::{Envelope, Failure, NotTried, Outcome, Recipient, Stage, Unoffered};
use smtp_proto::{ForwardPath, ParameterList, Reply, ReversePath, SyntaxError};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

use super::connector::Link;
use super::fit::{Fit, fit, recipient_parameters};
use super::settle::Told;
use crate::downgrade::to_seven_bit;
use crate::host::Host;
use crate::store::{self, Diagnosis, MessageReader, QueueEntry, StoreError};

/// Why a transaction has no outcome.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The session is over.
    #[error(transparent)]
    Smtp(#[from] ClientError),
    /// The message cannot be read; an entry that a person deleted among them.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Offers a message to the host of a session: says what became of each pending recipient.
///
/// # Errors
///
/// [`Trouble`]: then nothing is known about any of them, and the session is of no more use.
pub(super) async fn transact(host: &Host, link: &mut Link, entry: &QueueEntry) -> Result<Vec<(usize, Told)>, Trouble> {
    let pending: Vec<usize> = entry.pending().map(|(number, _)| number).collect();
    let never = |diagnosis: &Diagnosis| pending.iter().map(|&one| (one, Told::Never(diagnosis.clone()))).collect();
    let offered = link.client.capabilities();
    let fit = match fit(entry, &link.host, offered, link.is_secured, SystemTime::now()) {
        Ok(fit) => fit,
        Err(diagnosis) => return Ok(never(&diagnosis)),
    };
    let converted = match fit.is_converted {
        true => match convert(host, entry).await? {
            Some(message) => Some(message),
            None => return Ok(never(&unconvertible(&link.host))),
        },
        false => None,
    };
    let mut told = Vec::with_capacity(pending.len());
    let mut waiting = VecDeque::new();
    for number in pending {
        match recipient(&entry.recipients[number], fit.reports) {
            Ok(recipient) => waiting.push_back((number, recipient)),
            Err(error) => told.push((number, Told::Never(unwritable(&error)))),
        }
    }
    while !waiting.is_empty() {
        let group: Vec<_> = waiting.drain(..waiting.len().min(GROUP)).collect();
        let (numbers, recipients): (Vec<usize>, Vec<Recipient>) = group.iter().cloned().unzip();
        let outcome = match send(host, link, entry, &fit, converted.as_deref(), recipients).await {
            Ok(outcome) => outcome,
            Err(Trouble::Smtp(ClientError::Session(mail_tokio::Error::Misuse(lack)))) if is_lasting(&lack) => {
                // Nothing was sent: the server does not offer what the message needs.
                told.extend(numbers.iter().map(|&one| (one, Told::Never(unfit(&link.host, &lack)))));
                continue;
            }
            Err(trouble) => return Err(trouble),
        };
        let results = verdicts(&outcome, &link.host, fit.reports);
        let (left, done): (Vec<_>, Vec<_>) = group.into_iter().zip(results).partition(|(_, told)| told.is_none());
        // Beyond what the server takes at once: another transaction has the rest, unless none was taken.
        match done.is_empty() {
            true => told.extend(numbers.iter().map(|&one| (one, Told::Later(untried(&link.host))))),
            false => left.into_iter().rev().for_each(|(one, _)| waiting.push_front(one)),
        }
        told.extend(done.into_iter().filter_map(|((number, _), told)| Some((number, told?))));
    }
    Ok(told)
}

async fn send(
    host: &Host,
    link: &mut Link,
    entry: &QueueEntry,
    fit: &Fit,
    converted: Option<&[u8]>,
    recipients: Vec<Recipient>,
) -> Result<Outcome, Trouble> {
    // It was one when it was accepted.
    let sender = format!("<{}>", entry.reverse_path).parse::<ReversePath>();
    let envelope = Envelope::new(sender.unwrap_or_else(|_| ReversePath::null()), recipients);
    let envelope = envelope.expect("a group has a recipient").with_parameters(fit.parameters.clone());
    let envelope = envelope.with_unoffered(Unoffered::Drop);
    Ok(match converted {
        Some(message) => {
            let content = fit.content.with_size(message.len() as u64);
            link.client.send_from(envelope.with_content(content), message).await?
        }
        None => {
            let message = host.store.open_queued(entry.claim.id).await?;
            let content = fit.content.with_size(message.size());
            link.client.send_from(envelope.with_content(content), reader(message)).await?
        }
    })
}

/// For each recipient what it was told; `None` for those that the server does not take in the same transaction as the
/// others (RFC 9422 §4.2, §4.3).
fn verdicts(outcome: &Outcome, host: &str, reports: bool) -> Vec<Option<Told>> {
    let judge = |result: Result<Reply, Failure>| match result {
        Ok(reply) if reports => Some(Told::Delivered(said(host, &reply))),
        Ok(reply) => Some(Told::Relayed(said(host, &reply))),
        Err(failure) => match (&failure.reply, failure.stage) {
            (Some(reply), _) if failure.is_transient() => Some(Told::Later(said(host, reply))),
            (Some(reply), _) => Some(Told::Never(said(host, reply))),
            (None, Stage::NotTried(NotTried::RecipientLimit(_) | NotTried::DomainLimit(_))) => None,
            (None, _) => Some(Told::Later(silent(host, &failure))),
        },
    };
    outcome.results().map(judge).collect()
}

/// What a server said. Without an enhanced code, its reply's first digit tells the class.
fn said(host: &str, reply: &Reply) -> Diagnosis {
    let class = match reply.code().number() / 100 {
        2 => 2,
        5 => 5,
        _ => 4,
    };
    let enhanced = reply.enhanced();
    let enhanced = enhanced.and_then(|code| StatusCode::new(class, code.subject(), code.detail()));
    let code = enhanced.unwrap_or(StatusCode::new(class, 0, 0).expect("no more than the class"));
    Diagnosis::remote(code, host, Typed::new("smtp", &reply.to_string()))
}

fn silent(host: &str, failure: &Failure) -> Diagnosis {
    let code = super::code(4, 4, 2);
    Diagnosis::remote(code, host, Typed::new("x-mailhost", &failure.to_string()))
}

fn unconvertible(host: &str) -> Diagnosis {
    let code = super::code(5, 6, 3);
    let text = "the server takes seven bits only, and the message cannot be converted";
    Diagnosis::remote(code, host, Typed::new("x-mailhost", text))
}

fn unwritable(error: &SyntaxError) -> Diagnosis {
    let code = super::code(5, 1, 3);
    Diagnosis::local(code, &format!("the address cannot be written: {error}"))
}

/// Whether another session with the same server would come to the same.
const fn is_lasting(lack: &Misuse) -> bool {
    matches!(
        lack,
        Misuse::NotOffered { .. } | Misuse::TooLarge { .. } | Misuse::Insecure { .. }
    )
}

fn unfit(host: &str, lack: &Misuse) -> Diagnosis {
    let code = match lack {
        Misuse::TooLarge { .. } => super::code(5, 3, 4),
        _ => super::code(5, 3, 3),
    };
    Diagnosis::remote(code, host, Typed::new("x-mailhost", &lack.to_string()))
}

fn untried(host: &str) -> Diagnosis {
    let text = "the server takes no recipient at all in one transaction";
    Diagnosis::remote(super::code(4, 5, 3), host, Typed::new("x-mailhost", text))
}

fn recipient(recipient: &store::Recipient, reports: bool) -> Result<Recipient, SyntaxError> {
    let path: ForwardPath = format!("<{}>", recipient.forward_path).parse()?;
    let parameters = match reports {
        true => recipient_parameters(recipient),
        false => ParameterList::new(),
    };
    Ok(Recipient::from(path).with_parameters(parameters))
}

/// The message with its eight-bit bodies encoded; `None` when it is too large to be held, or cannot be converted.
async fn convert(host: &Host, entry: &QueueEntry) -> Result<Option<Vec<u8>>, StoreError> {
    let mut message = host.store.open_queued(entry.claim.id).await?;
    if message.size() > LARGEST_CONVERTED {
        return Ok(None);
    }
    let mut octets = Vec::with_capacity(message.size() as usize);
    while let Some(chunk) = message.next_chunk().await? {
        octets.extend_from_slice(&chunk);
    }
    Ok(to_seven_bit(&octets).map(std::borrow::Cow::into_owned))
}

/// A stored message as a stream of octets.
fn reader(message: Box<dyn MessageReader>) -> impl AsyncRead + Unpin {
    let chunks = try_unfold(message, async |mut message| {
        let chunk = message.next_chunk().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(chunk.map(|chunk| (chunk, message)))
    });
    StreamReader::new(Box::pin(chunks))
}

/// Recipients in one transaction: every server takes as many (RFC 5321 §4.5.3.1.8).
const GROUP: usize = 100;

/// The largest message that is held in memory to be converted, in octets.
const LARGEST_CONVERTED: u64 = 64 * 1024 * 1024;
