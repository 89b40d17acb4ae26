//! One message over one session.

use std::io;
use std::time::SystemTime;

use futures_util::stream::try_unfold;
use mail_tokio::smtp::ClientError;
use mime_codec::report::{StatusCode, Typed};
use smtp_proto::client::{Envelope, Failure, Outcome};
use smtp_proto::{ForwardPath, Reply, ReversePath, SyntaxError};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

use super::connector::Link;
use super::fit::{Fit, fit};
use super::settle::Told;
use crate::downgrade::to_seven_bit;
use crate::host::Host;
use crate::store::{Diagnosis, MessageReader, QueueEntry, StoreError};

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
    for group in pending.chunks(GROUP) {
        let mut paths = Vec::with_capacity(group.len());
        for &number in group {
            match forward_path(&entry.recipients[number].forward_path) {
                Ok(path) => paths.push((number, path)),
                Err(error) => told.push((number, Told::Never(unwritable(&error)))),
            }
        }
        send(host, link, entry, &fit, converted.as_deref(), paths, &mut told).await?;
    }
    Ok(told)
}

async fn send(
    host: &Host,
    link: &mut Link,
    entry: &QueueEntry,
    fit: &Fit,
    converted: Option<&[u8]>,
    paths: Vec<(usize, ForwardPath)>,
    told: &mut Vec<(usize, Told)>,
) -> Result<(), Trouble> {
    let (numbers, paths): (Vec<usize>, Vec<ForwardPath>) = paths.into_iter().unzip();
    let sender = match format!("<{}>", entry.reverse_path).parse::<ReversePath>() {
        Ok(sender) => sender,
        Err(error) => {
            told.extend(numbers.iter().map(|&one| (one, Told::Never(unwritable(&error)))));
            return Ok(());
        }
    };
    let Ok(envelope) = Envelope::new(sender, paths) else {
        return Ok(());
    };
    let mut envelope = envelope.with_parameters(fit.parameters.clone());
    if let Some(body) = fit.body {
        envelope = envelope.with_body(body);
    }
    let outcome = match converted {
        Some(message) => {
            let envelope = envelope.with_size(message.len() as u64);
            link.client.send_from(envelope, message).await?
        }
        None => {
            let message = host.store.open_queued(entry.claim.id).await?;
            let envelope = envelope.with_size(message.size());
            link.client.send_from(envelope, reader(message)).await?
        }
    };
    told.extend(verdicts(&numbers, &outcome, &link.host, fit.reports));
    Ok(())
}

fn verdicts(numbers: &[usize], outcome: &Outcome, host: &str, reports: bool) -> Vec<(usize, Told)> {
    let judge = |result: Result<Reply, Failure>| match result {
        Ok(reply) if reports => Told::Delivered(said(host, &reply)),
        Ok(reply) => Told::Relayed(said(host, &reply)),
        Err(failure) => match (&failure.reply, failure.is_transient()) {
            (Some(reply), false) => Told::Never(said(host, reply)),
            (Some(reply), true) => Told::Later(said(host, reply)),
            (None, _) => Told::Later(silent(host, &failure)),
        },
    };
    numbers.iter().copied().zip(outcome.results().map(judge)).collect()
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
    let code = StatusCode::new(4, 4, 2).expect("bad connection");
    Diagnosis::remote(code, host, Typed::new("x-mailhost", &failure.to_string()))
}

fn unconvertible(host: &str) -> Diagnosis {
    let code = StatusCode::new(5, 6, 3).expect("conversion required but not supported");
    let text = "the server takes seven bits only, and the message cannot be converted";
    Diagnosis::remote(code, host, Typed::new("x-mailhost", text))
}

fn unwritable(error: &SyntaxError) -> Diagnosis {
    let code = StatusCode::new(5, 1, 3).expect("bad address syntax");
    Diagnosis::local(code, &format!("the address cannot be written: {error}"))
}

fn forward_path(address: &str) -> Result<ForwardPath, SyntaxError> {
    format!("<{address}>").parse()
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
