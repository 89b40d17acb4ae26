//! Mail for other hosts: takes it from the queue, offers it to the next hop, and tries again.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::stream::try_unfold;
use mail_tokio::smtp::{Client, ClientError};
use smtp_proto::client::{Config, Envelope, Failure, Outcome};
use smtp_proto::{BodyType, ForwardPath, ReversePath, SyntaxError};
use tokio::io::AsyncRead;
use tokio::net::TcpStream;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio_util::io::StreamReader;
use tracing::{info, warn};

use crate::bounce;
use crate::host::{Host, Stop};
use crate::store::{
    Change, Claim, MessageReader, Next, QueueEntry, Recipient, RecipientStatus, Result, StoreError, Verdict,
};
use crate::transcript::Speaker;

/// Works until the program stops: entries in hand are finished, others wait for the next start.
pub(crate) async fn run(host: Arc<Host>, mut stop: Stop) {
    let mut changes = host.store.changes();
    let mut attempts = JoinSet::new();
    loop {
        let wait = match dispatch(&host, &mut attempts).await {
            Ok(wait) => wait,
            Err(StoreError::Closed) => break,
            Err(error) => {
                warn!(%error, "cannot read the queue");
                RETRY[0]
            }
        };
        tokio::select! {
            () = stop.requested() => break,
            () = tokio::time::sleep(wait) => {}
            Some(_) = attempts.join_next() => {}
            () = queue_changed(&mut changes) => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// Starts an attempt for each entry that is due, as far as there are places. Says how long there is nothing to do.
async fn dispatch(host: &Arc<Host>, attempts: &mut JoinSet<()>) -> Result<Duration> {
    let places = AT_ONCE.saturating_sub(attempts.len());
    if places == 0 {
        return Ok(LONGEST_SLEEP);
    }
    let now = SystemTime::now();
    for entry in host.store.claim_due(now, now + LEASE, places).await? {
        attempts.spawn(attempt(host.clone(), entry));
    }
    let due = host.store.next_due().await?;
    let wait = due.map_or(LONGEST_SLEEP, |due| {
        due.duration_since(SystemTime::now()).unwrap_or_default()
    });
    Ok(wait.clamp(SHORTEST_SLEEP, LONGEST_SLEEP))
}

async fn queue_changed(changes: &mut tokio::sync::broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Queue) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// One attempt at one entry, and what follows from it.
async fn attempt(host: Arc<Host>, entry: QueueEntry) {
    let claim = entry.claim;
    // The lease is renewed while a slow host takes its time.
    let transfer = async {
        tokio::select! {
            sent = send(&host, &entry) => sent,
            lost = keep_lease(&host, claim) => Err(Trouble::Store(lost)),
        }
    };
    let verdicts = match transfer.await {
        Ok(outcome) => verdicts(&entry, &outcome),
        Err(trouble) => {
            info!(next_hop = entry.next_hop, %trouble, "the next hop was not reached");
            Verdicts {
                reached: Vec::new(),
                error: trouble.to_string(),
            }
        }
    };
    if let Err(error) = settle(&host, &entry, verdicts).await {
        // The lease ends, and the entry is tried again.
        warn!(%error, "cannot record what became of a message");
    }
}

async fn keep_lease(host: &Host, claim: Claim) -> StoreError {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Err(error) = host.store.renew(claim, SystemTime::now() + LEASE).await {
            return error;
        }
    }
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("there is no route to it")]
    NoRoute,
    #[error(transparent)]
    Connect(#[from] io::Error),
    #[error(transparent)]
    Smtp(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("its address cannot be written: {0}")]
    Address(#[from] SyntaxError),
}

async fn send(host: &Host, entry: &QueueEntry) -> Result<Outcome, Trouble> {
    let address = host.settings.routes.get(&entry.next_hop).ok_or(Trouble::NoRoute)?;
    let message = host.store.open_queued(entry.claim.id).await?;
    let mut envelope = envelope(entry)?.with_size(entry.size);
    let stream = tokio::time::timeout(CONNECT, TcpStream::connect(address))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    stream.set_nodelay(true)?;
    let transport = host.tap(stream, format!("relay {}", entry.claim.id.0), Speaker::Client);
    let mut config = Config::new(host.settings.hostname.as_str().parse()?);
    // What was accepted has CRLF line ends only; nothing is lost by making sure.
    config.bare_line_ends = mail_wire::BareLineEnds::Allow;
    let mut client = Client::greet(transport, config).await?;
    if client.capabilities().eight_bit_mime() {
        // What the message holds is not known without reading it, and this promises no more than that it may be so.
        envelope = envelope.with_body(BodyType::EightBitMime);
    }
    let outcome = client.send_from(envelope, reader(message)).await?;
    // The verdicts are in: whether the farewell works does not matter.
    let _ = client.quit().await;
    Ok(outcome)
}

/// A stored message as a stream of octets.
fn reader(message: Box<dyn MessageReader>) -> impl AsyncRead + Unpin {
    let chunks = try_unfold(message, async |mut message| {
        let chunk = message.next_chunk().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(chunk.map(|chunk| (chunk, message)))
    });
    StreamReader::new(Box::pin(chunks))
}

fn envelope(entry: &QueueEntry) -> Result<Envelope, SyntaxError> {
    let reverse_path: ReversePath = format!("<{}>", entry.reverse_path).parse()?;
    let forward_paths: Result<Vec<ForwardPath>, _> = entry
        .pending()
        .map(|(_, recipient)| format!("<{}>", recipient.forward_path).parse())
        .collect();
    Ok(Envelope::new(reverse_path, forward_paths?).expect("an entry without pending recipients is removed"))
}

/// What an attempt found out.
struct Verdicts {
    /// About recipients for which it is settled.
    reached: Vec<Verdict>,
    /// About the others: the last thing that went wrong.
    error: String,
}

fn verdicts(entry: &QueueEntry, outcome: &Outcome) -> Verdicts {
    let mut verdicts = Verdicts {
        reached: Vec::new(),
        error: String::new(),
    };
    for ((recipient, _), result) in entry.pending().zip(outcome.results()) {
        let status = match result {
            Ok(_) => RecipientStatus::Delivered,
            Err(failure) if is_final(&failure) => RecipientStatus::Failed(failure.to_string()),
            Err(failure) => {
                verdicts.error = failure.to_string();
                continue;
            }
        };
        verdicts.reached.push(Verdict { recipient, status });
    }
    verdicts
}

fn is_final(failure: &Failure) -> bool {
    !failure.is_transient()
}

/// Records the verdicts: those still pending are tried again, or given up after [`PATIENCE`]. Whoever does not get the
/// message is reported to its sender first: a crash in between reports twice rather than never.
async fn settle(host: &Host, entry: &QueueEntry, Verdicts { mut reached, error }: Verdicts) -> Result<()> {
    let age = SystemTime::now().duration_since(entry.arrival).unwrap_or_default();
    let is_settled = |reached: &[Verdict], number| reached.iter().any(|verdict| verdict.recipient == number);
    let mut waiting: Vec<usize> = entry.pending().map(|(number, _)| number).collect();
    waiting.retain(|&number| !is_settled(&reached, number));
    if age >= PATIENCE {
        reached.extend(waiting.drain(..).map(|recipient| Verdict {
            recipient,
            status: RecipientStatus::Failed(format!("gave up after {} hours: {error}", age.as_secs() / 3600)),
        }));
    }
    let failed: Vec<Recipient> = reached.iter().filter_map(|verdict| failure(entry, verdict)).collect();
    if !failed.is_empty() {
        bounce::report(host, entry, &failed).await?;
    }
    let next = match waiting.is_empty() {
        true => Next::Remove,
        false => Next::Retry {
            at: SystemTime::now() + delay(entry.claim.attempt),
            error,
        },
    };
    host.store.settle(entry.claim, &reached, next).await
}

fn failure(entry: &QueueEntry, verdict: &Verdict) -> Option<Recipient> {
    let RecipientStatus::Failed(_) = verdict.status else {
        return None;
    };
    Some(Recipient {
        forward_path: entry.recipients.get(verdict.recipient)?.forward_path.clone(),
        status: verdict.status.clone(),
    })
}

/// How long to wait behind the attempt of this number, which counts from 1.
fn delay(attempt: u32) -> Duration {
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    RETRY.get(index).copied().unwrap_or(Duration::from_secs(3600))
}

/// The first waits; then each hour. RFC 5321 §4.5.4.1 wants half an hour or more in the long run, and allows more
/// frequent attempts at first.
const RETRY: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(30 * 60),
];

/// How long a message is tried (RFC 5321 §4.5.4.1: at least 4 or 5 days).
const PATIENCE: Duration = Duration::from_secs(5 * 24 * 3600);

/// Entries that are tried at the same time.
const AT_ONCE: usize = 8;

/// How long an entry is ours before it must be renewed.
const LEASE: Duration = Duration::from_secs(300);

/// How long a host may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);

const SHORTEST_SLEEP: Duration = Duration::from_millis(50);
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
