//! Word to the sender of a message about what became of it (RFC 3464, RFC 3461 §6).
//!
//! A report goes out with the null reverse-path, and about a message with the null reverse-path there is none
//! (RFC 5321 §4.5.5): reports never beget reports. Those of one attempt that say the same kind of thing are one report.

mod compose;

use std::time::SystemTime;

use rfc5322::{AddrSpec, delivered_to, return_path};
use tracing::warn;

use self::compose::{Returned, compose};
use crate::aliases::Nobody;
use crate::delivery::Target;
use crate::host::Host;
use crate::relay::Decision;
use crate::store::{
    self, Addressee, ContentKind, Delivery, Diagnosis, Envelope, MessageReader, Notify, QueueEntry, QueueId,
    Recipient, Result, Terms,
};

/// What the sender hears about a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Occasion {
    /// It will never get the message.
    Failed,
    /// It has not got the message yet.
    Delayed,
    /// It has not got the message by the time that the sender set, and still may.
    MissedDeadline,
    /// The message went to a host that sends no reports.
    Relayed,
    /// It has the message.
    Delivered,
}

/// Whether the sender wants to hear it (RFC 3461 §5.2). Without NOTIFY, failures and delays are told.
///
/// A missed deadline is told unless NOTIFY is NEVER: to ask for a deadline of that kind is to ask for the word. So is a
/// relaying when the deadline is traced.
pub(crate) fn wants(recipient: &Recipient, terms: &Terms, occasion: Occasion) -> bool {
    let notify = recipient.notify;
    let asks = |for_this| notify.is_some_and(|notify| notify.contains(for_this));
    match occasion {
        Occasion::Failed => notify.is_none() || asks(Notify::FAILURE),
        Occasion::Delayed => notify.is_none() || asks(Notify::DELAY),
        Occasion::MissedDeadline => notify != Some(Notify::NEVER),
        Occasion::Delivered => asks(Notify::SUCCESS),
        Occasion::Relayed => {
            let is_traced = terms.deliver_by.is_some_and(|by| by.trace);
            asks(Notify::SUCCESS) || is_traced && notify != Some(Notify::NEVER)
        }
    }
}

/// What is reported.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) terms: &'a Terms,
    /// When this host got the message.
    pub(crate) arrival: SystemTime,
    /// Until when it is tried; for recipients that are late.
    pub(crate) retried_until: SystemTime,
    /// Its number in the queue, if it was there.
    pub(crate) id: Option<QueueId>,
    pub(crate) lines: Vec<Line<'a>>,
}

/// What is reported about one recipient.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) recipient: &'a Recipient,
    pub(crate) occasion: Occasion,
    pub(crate) diagnosis: Option<&'a Diagnosis>,
}

/// Makes the reports that follow from an attempt durable, on their way to the sender.
///
/// # Errors
///
/// Those of the store: some of it may not be reported.
pub(crate) async fn report(host: &Host, entry: &QueueEntry, decision: &Decision) -> Result<()> {
    let line = |&(number, occasion): &(usize, Occasion)| {
        let diagnosis = decision.verdicts.iter().find(|verdict| verdict.recipient == number);
        Some(Line {
            recipient: entry.recipients.get(number)?,
            occasion,
            diagnosis: diagnosis.and_then(|verdict| verdict.diagnosis.as_ref()),
        })
    };
    let mut lines: Vec<Line<'_>> = decision.words.iter().filter_map(line).collect();
    lines.sort_by_key(|line| line.occasion);
    for group in lines.chunk_by(|a, b| a.occasion == b.occasion) {
        let report = Report {
            terms: &entry.terms,
            arrival: entry.arrival,
            retried_until: host.settings.relay.schedule.end(entry),
            id: Some(entry.claim.id),
            lines: group.to_vec(),
        };
        let Some((to, deliveries)) = addressed(host, &entry.reverse_path) else {
            warn!(id = entry.claim.id.0, what = ?group[0].occasion, "there is nobody to tell");
            continue;
        };
        let message = host.store.open_queued(entry.claim.id).await?;
        send(host, &to, deliveries, &report, message).await?;
    }
    Ok(())
}

/// Makes a report durable about a message that this host has delivered itself, to those of its recipients that asked for
/// it. For a sender that cannot be told, nothing is done.
///
/// # Errors
///
/// Those of the store: nothing was reported.
pub async fn report_delivered(
    host: &Host,
    reverse_path: &str,
    terms: &Terms,
    recipients: &[Recipient],
    message: Box<dyn MessageReader>,
) -> Result<()> {
    let occasion = Occasion::Delivered;
    let wanted = recipients.iter().filter(|recipient| wants(recipient, terms, occasion));
    let lines: Vec<Line<'_>> = wanted
        .map(|recipient| Line {
            recipient,
            occasion,
            diagnosis: recipient.diagnosis.as_ref(),
        })
        .collect();
    let now = SystemTime::now();
    let report = Report {
        terms,
        arrival: now,
        retried_until: now,
        id: None,
        lines,
    };
    match addressed(host, reverse_path) {
        Some((to, deliveries)) if !report.lines.is_empty() => send(host, &to, deliveries, &report, message).await,
        _ => Ok(()),
    }
}

async fn send(
    host: &Host,
    to: &AddrSpec,
    mut deliveries: Vec<Delivery>,
    report: &Report<'_>,
    message: Box<dyn MessageReader>,
) -> Result<()> {
    let returned = returned(report, message).await?;
    let octets = compose(&host.settings.hostname, &host.message_name(), to, report, returned);
    for delivery in &mut deliveries {
        if let store::Destination::Relay(envelope) = &mut delivery.to {
            envelope.terms.content = match octets.is_ascii() {
                true => ContentKind::SevenBit,
                false => ContentKind::EightBit,
            };
            envelope.terms.smtp_utf8 = !to.is_ascii();
        }
    }
    let mut spool = host.store.spool();
    spool.write(&octets).await?;
    spool.commit(deliveries).await?;
    Ok(())
}

/// How much of the message goes back: all of it where it failed, unless its sender wants less or it is large; its header
/// section otherwise (RFC 3461 §4.3, §6.2).
async fn returned(report: &Report<'_>, mut message: Box<dyn MessageReader>) -> Result<Returned> {
    let most = match report.terms.returned {
        Some(store::Returned::Headers) => 0,
        Some(store::Returned::Full) => LARGEST_ASKED_FOR,
        None => LARGEST,
    };
    let is_failure = report.lines.iter().any(|line| line.occasion == Occasion::Failed);
    let is_whole = is_failure && message.size() <= most;
    let mut octets = Vec::new();
    while let Some(chunk) = message.next_chunk().await? {
        octets.extend_from_slice(&chunk);
        if !is_whole && (octets.len() > LARGEST_HEADER || header_end(&octets).is_some()) {
            break;
        }
    }
    if is_whole {
        return Ok(Returned::Message(octets));
    }
    let end = header_end(&octets).unwrap_or_else(|| {
        let most = &octets[..octets.len().min(LARGEST_HEADER)];
        most.iter().rposition(|&octet| octet == b'\n').map_or(0, |at| at + 1)
    });
    octets.truncate(end);
    Ok(Returned::Header(octets))
}

/// Where the empty line of a message begins.
fn header_end(octets: &[u8]) -> Option<usize> {
    let line_end = octets.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(line_end + 2)
}

/// Where reports to a reverse-path go; `None`: there is nobody, or nobody who can be reached.
fn addressed(host: &Host, reverse_path: &str) -> Option<(AddrSpec, Vec<Delivery>)> {
    let to = AddrSpec::parse_utf8(reverse_path).ok()?;
    let domain = to.domain().as_str().to_ascii_lowercase();
    let targets = match host.settings.accounts.expand(to.local_part(), &domain) {
        Ok(targets) => targets,
        Err(Nobody::Elsewhere) => vec![Target::Relay(Addressee::new(reverse_path))],
        Err(Nobody::NoSuchUser | Nobody::TooMany) => return None,
    };
    let deliveries: Vec<Delivery> = targets.into_iter().filter_map(|target| delivery(host, target)).collect();
    (!deliveries.is_empty()).then_some((to, deliveries))
}

fn delivery(host: &Host, target: Target) -> Option<Delivery> {
    match target {
        Target::Mailbox(to) => {
            let prefix = [return_path(None).as_bytes(), delivered_to(&to.address).as_bytes()].concat();
            Some(Delivery::mailbox(to.mailbox, prefix))
        }
        Target::Relay(mut to) => {
            let (_, domain) = to.forward_path.rsplit_once('@')?;
            let mut envelope = Envelope::new(&domain.to_ascii_lowercase(), "", []);
            // Nobody wants to hear what became of a report (RFC 3461 §6.1).
            to.notify = Some(Notify::NEVER);
            envelope.addressees = vec![to];
            host.router.may_reach(&envelope.next_hop).then(|| Delivery::relay(envelope, Vec::new()))
        }
    }
}

/// The largest message that returns whole when its sender did not say what should, in octets.
const LARGEST: u64 = 256 * 1024;

/// The largest message that returns whole when its sender asked for that, in octets.
const LARGEST_ASKED_FOR: u64 = 10 * 1024 * 1024;

/// The longest header section that returns whole, in octets.
const LARGEST_HEADER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ByMode, DeliverBy};

    #[test]
    fn who_wants_to_hear_what() {
        use Occasion::{Delayed, Delivered, Failed, MissedDeadline, Relayed};
        let table: [(Option<Notify>, &[Occasion]); 7] = [
            (None, &[Failed, Delayed, MissedDeadline]),
            (Some(Notify::NEVER), &[]),
            (Some(Notify::FAILURE), &[Failed, MissedDeadline]),
            (Some(Notify::DELAY), &[Delayed, MissedDeadline]),
            (Some(Notify::SUCCESS), &[MissedDeadline, Relayed, Delivered]),
            (Some(Notify::SUCCESS | Notify::FAILURE), &[Failed, MissedDeadline, Relayed, Delivered]),
            (Some(Notify::FAILURE | Notify::DELAY), &[Failed, Delayed, MissedDeadline]),
        ];
        let mut terms = Terms::default();
        for (notify, expected) in table {
            let mut recipient = Recipient::from(Addressee::new("alice@crepes.fr"));
            recipient.notify = notify;
            let all = [Failed, Delayed, MissedDeadline, Relayed, Delivered];
            let wanted: Vec<Occasion> = all.into_iter().filter(|&one| wants(&recipient, &terms, one)).collect();
            assert_eq!(wanted, expected, "{notify:?}");
        }
        terms.deliver_by = Some(DeliverBy {
            at: SystemTime::UNIX_EPOCH,
            mode: ByMode::Notify,
            trace: true,
        });
        let mut recipient = Recipient::from(Addressee::new("alice@crepes.fr"));
        assert!(wants(&recipient, &terms, Relayed));
        recipient.notify = Some(Notify::NEVER);
        assert!(!wants(&recipient, &terms, Relayed));
    }
}
