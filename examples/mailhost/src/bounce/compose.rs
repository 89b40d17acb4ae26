//! The report as a message: words for people, the same for programs, and what returns (RFC 6522 §3).

use std::fmt::Write;
use std::time::SystemTime;

use mail_wire::Escaped;
use mime_codec::compose::{ComposeError, Composer, PartBuilder, Transport};
use mime_codec::report::{Action, DeliveryStatus, RecipientStatus, ReportError, Typed};
use rfc5322::{AddrSpec, DateTime, Field, FieldName, Host, MsgId, Zone};

use super::{Line, Occasion, Report};
use crate::delivery::now;
use crate::relay::code;

/// What returns of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Returned {
    Message(Vec<u8>),
    Header(Vec<u8>),
}

/// Composes a report. What cannot be written, however odd the message was, is left out: there is always a report.
pub(super) fn compose(host: &Host, name: &str, to: &AddrSpec, report: &Report<'_>, returned: Returned) -> Vec<u8> {
    let header = match &returned {
        Returned::Message(octets) => octets[..super::header_end(octets).unwrap_or(octets.len())].to_vec(),
        Returned::Header(octets) => octets.clone(),
    };
    // A message with lines of more than 998 octets cannot return as it is; its header section mostly can.
    let attempts = [Some(returned), Some(Returned::Header(header)), None];
    let composed = attempts.into_iter().map(|returned| message(host, name, to, report, returned));
    composed.flatten().next().unwrap_or_else(|| b"Subject: undeliverable\r\n\r\n".to_vec())
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

fn message(
    host: &Host,
    name: &str,
    to: &AddrSpec,
    report: &Report<'_>,
    returned: Option<Returned>,
) -> Result<Vec<u8>, Trouble> {
    let is_utf8 = report.terms.smtp_utf8;
    let what = Wording::of(report);
    let mut parts = vec![PartBuilder::text(what.text(host, report))];
    parts.push(status(host, report, is_utf8)?);
    match returned {
        Some(Returned::Message(octets)) if is_utf8 && !octets.is_ascii() => {
            parts.push(PartBuilder::octets("message", "global", octets).map_err(ComposeError::from)?);
        }
        Some(Returned::Message(octets)) => parts.push(PartBuilder::message(octets)),
        Some(Returned::Header(octets)) => {
            let (type_, subtype) = match is_utf8 && !octets.is_ascii() {
                true => ("message", "global-headers"),
                false => ("text", "rfc822-headers"),
            };
            parts.push(PartBuilder::octets(type_, subtype, octets).map_err(ComposeError::from)?);
        }
        None => {}
    }
    let kind = subtype(is_utf8);
    let body = PartBuilder::multipart("report", parts).map_err(ComposeError::from)?;
    let body = body.with_param("report-type", kind).map_err(ComposeError::from)?;
    let daemon = format!("MAILER-DAEMON@{host}");
    let address = to.to_string();
    let mut composer = Composer::new()
        .date(now())
        .from(("Mail delivery", &*daemon))
        .to(&*address)
        .subject(what.subject)
        .body(body);
    if let Ok(id) = MsgId::new(&format!("{name}.report"), host.as_str()) {
        composer = composer.message_id(id);
    }
    // Those who answer mail by program must not answer this (RFC 5321 §4.5.5).
    if let Ok(field) = FieldName::new("Auto-Submitted").and_then(|name| Field::new(&name, "auto-replied")) {
        composer = composer.field(field);
    }
    let seven_bit = Transport::SEVEN_BIT.with_utf8_header(!address.is_ascii());
    let eight_bit = Transport::EIGHT_BIT.with_utf8_header(!address.is_ascii());
    // Seven bits go anywhere; a message of eight bits returns as it came (RFC 2046 §5.2.1).
    Ok(composer.to_vec(if what.is_wide { eight_bit } else { seven_bit })?)
}

/// The type of the part for programs, which `report-type` repeats (RFC 6522 §3, RFC 6533 §4).
fn subtype(is_utf8: bool) -> &'static str {
    if is_utf8 { "global-delivery-status" } else { "delivery-status" }
}

fn status(host: &Host, report: &Report<'_>, is_utf8: bool) -> Result<PartBuilder<'static>, Trouble> {
    let mut status = DeliveryStatus {
        original_envelope_id: report.terms.envelope_id.clone(),
        reporting_mta: Some(Typed::host(host.as_str())),
        arrival_date: date(report.arrival),
        ..DeliveryStatus::default()
    };
    status.recipients = report.lines.iter().map(|line| recipient(line, report)).collect();
    let octets = match is_utf8 {
        true => status.to_utf8_vec(),
        false => status.to_vec(),
    };
    let octets = octets.or_else(|_| {
        // What the other host said, or what the sender gave, has something that no field can hold.
        status.original_envelope_id = None;
        for recipient in &mut status.recipients {
            recipient.diagnostic_code = None;
            recipient.original_recipient = None;
        }
        status.to_vec()
    })?;
    Ok(PartBuilder::octets("message", subtype(is_utf8), octets).map_err(ComposeError::from)?)
}

fn recipient(line: &Line<'_>, report: &Report<'_>) -> RecipientStatus {
    let (action, default) = match line.occasion {
        Occasion::Failed => (Action::Failed, code(5, 0, 0)),
        Occasion::Delayed => (Action::Delayed, code(4, 0, 0)),
        Occasion::MissedDeadline => (Action::Delayed, code(4, 4, 7)),
        Occasion::Relayed => (Action::Relayed, code(2, 0, 0)),
        Occasion::Delivered => (Action::Delivered, code(2, 0, 0)),
    };
    let status = match (line.occasion, line.diagnosis) {
        (Occasion::MissedDeadline, _) | (_, None) => default,
        (_, Some(diagnosis)) => diagnosis.code,
    };
    let is_late = action == Action::Delayed;
    let original = line.recipient.original.as_deref();
    RecipientStatus {
        original_recipient: original.map(Typed::parse),
        remote_mta: line.diagnosis.and_then(|diagnosis| diagnosis.remote.as_deref()).map(Typed::host),
        diagnostic_code: line.diagnosis.map(|diagnosis| diagnosis.text.clone()),
        last_attempt_date: Some(now()),
        final_log_id: report.id.map(|id| id.0.to_string()),
        will_retry_until: is_late.then(|| date(report.retried_until)).flatten(),
        ..RecipientStatus::new(&line.recipient.forward_path, action, status)
    }
}

fn date(time: SystemTime) -> Option<DateTime> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    DateTime::from_unix(since.as_secs().try_into().ok()?, Zone::UTC).ok()
}

/// What the report says to people.
struct Wording {
    subject: &'static str,
    opening: &'static str,
    closing: &'static str,
    /// Whether eight-bit octets return.
    is_wide: bool,
}

impl Wording {
    fn of(report: &Report<'_>) -> Self {
        let occasion = report.lines.first().map_or(Occasion::Failed, |line| line.occasion);
        let (subject, opening, closing) = match occasion {
            Occasion::Failed => (
                "Undelivered mail",
                "Your message could not be delivered to everybody. These do not get it:",
                "It will not be tried again.",
            ),
            Occasion::Delayed | Occasion::MissedDeadline => (
                "Delayed mail",
                "Your message has not been delivered to everybody yet. These still wait for it:",
                "You need not send it again: it will be tried further.",
            ),
            Occasion::Relayed => (
                "Relayed mail",
                "Your message went on to hosts that send no reports, for these:",
                "You will hear of them no more, unless something goes wrong.",
            ),
            Occasion::Delivered => ("Delivered mail", "Your message was delivered to these:", ""),
        };
        Self {
            subject,
            opening,
            closing,
            is_wide: report.terms.content != crate::store::ContentKind::SevenBit,
        }
    }

    fn text(&self, host: &Host, report: &Report<'_>) -> String {
        let mut text = format!("This is the mail server at {host}.\r\n\r\n{}\r\n", self.opening);
        for line in &report.lines {
            // Writing to a String does not fail.
            let _ = write!(text, "\r\n  {}\r\n", line.recipient.forward_path);
            let Some(diagnosis) = line.diagnosis else { continue };
            if let Some(remote) = &diagnosis.remote {
                let _ = write!(text, "    {}:\r\n", Escaped(remote.as_bytes()));
            }
            let why = Escaped(diagnosis.text.value.as_bytes()).to_string();
            for piece in pieces(&why) {
                let _ = write!(text, "    {piece}\r\n");
            }
        }
        if !self.closing.is_empty() {
            let _ = write!(text, "\r\n{}\r\n", self.closing);
        }
        text
    }
}

/// Lines that people can read, of at most [`LINE`] characters.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    let characters: Vec<char> = text.chars().collect();
    let lines: Vec<String> = characters.chunks(LINE).map(|line| line.iter().collect()).collect();
    lines.into_iter()
}

/// Characters of a line of explanation.
const LINE: usize = 100;
