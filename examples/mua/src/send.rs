//! `mua send`.

use std::fmt;
use std::io::{Seek, SeekFrom};

use mail_tokio::smtp;
use serde::Serialize;
use smtp_proto::BodyType;
use smtp_proto::client::{Content, Envelope, Outcome, Rounds};

use crate::account::Service;
use crate::cli::Send;
use crate::compose::{Draft, Written};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::harmless;
use crate::progress::Upload;

/// What became of a message for one recipient.
#[derive(Serialize)]
struct Verdict {
    recipient: String,
    accepted: bool,
    /// What the server said.
    reply: String,
}

/// What was sent.
#[derive(Serialize)]
struct Sent {
    message_id: String,
    size: u64,
    /// Recipients whose copy the server has taken.
    accepted: usize,
    refused: usize,
    /// The mailbox that keeps a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.accepted { "accepted" } else { "REFUSED" };
        write!(
            f,
            "{verdict} {}: {}",
            harmless::line(&self.recipient),
            harmless::line(&self.reply)
        )
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sent {} ({} octets)", self.message_id, self.size)?;
        match &self.copy {
            Some(mailbox) => write!(f, ", a copy is in {}", harmless::line(mailbox)),
            None => Ok(()),
        }
    }
}

pub(crate) async fn run(context: &Context, options: Send) -> Result<(), Failure> {
    let draft = Draft::new(context, options)?;
    let mut written = draft.write()?;
    let server = context.server(Service::Smtp).await?;
    let mut client = context.smtp(&server).await?;
    let at = |failure: Failure| failure.at(format_args!("smtp {}", server.address));
    let envelope = envelope(&draft, &written);
    let outcome = upload(&mut client, &envelope, &mut written).await.map_err(at)?;
    // The message is handed over; a good-bye that fails changes nothing.
    let _ = client.quit().await;
    let verdicts = verdicts(&draft, &outcome);
    if !verdicts.iter().any(|verdict| verdict.accepted) {
        show(context, &verdicts)?;
        let why = verdicts
            .first()
            .map(|verdict| verdict.reply.as_str())
            .unwrap_or_default();
        return Err(at(Failure::new(
            Exit::Refused,
            format!("nobody gets the message: {why}"),
        )));
    }
    told(context, &draft, &mut written, &verdicts).await
}

fn show(context: &Context, verdicts: &[Verdict]) -> Result<(), Failure> {
    let mut shown = verdicts
        .iter()
        .filter(|verdict| context.output.json || !verdict.accepted);
    shown.try_for_each(|verdict| context.output.row(verdict))
}

/// Says what became of a message that somebody gets, and keeps a copy of it.
async fn told(context: &Context, draft: &Draft, written: &mut Written, verdicts: &[Verdict]) -> Result<(), Failure> {
    show(context, verdicts)?;
    let accepted = verdicts.iter().filter(|verdict| verdict.accepted).count();
    let refused = verdicts.len() - accepted;
    let kept = keep(context, written).await;
    context.output.row(&Sent {
        message_id: draft.id().to_string(),
        size: written.len,
        accepted,
        refused,
        copy: kept.as_ref().ok().cloned().flatten(),
    })?;
    kept.map_err(|failure| failure.at("the message was sent, but no copy was kept"))?;
    match refused {
        0 => Ok(()),
        _ => Err(Failure::new(
            Exit::Partial,
            format!("{refused} of {} recipients were refused", accepted + refused),
        )),
    }
}

fn verdicts(draft: &Draft, outcome: &Outcome) -> Vec<Verdict> {
    let recipients = draft.recipients().into_iter().zip(outcome.results());
    let verdicts = recipients.map(|(party, result)| Verdict {
        recipient: party.address.clone(),
        accepted: result.is_ok(),
        reply: result.map_or_else(|failure| failure.to_string(), |reply| reply.to_string()),
    });
    verdicts.collect()
}

fn envelope(draft: &Draft, written: &Written) -> Envelope {
    let recipients = draft.recipients().into_iter().map(|party| party.mailbox.clone());
    let mut content = Content::unknown().with_size(written.len);
    content = match draft.is_international() {
        true => content.with_body(BodyType::EightBitMime).with_international_header(),
        false => content,
    };
    let envelope = Envelope::new(draft.from.mailbox.clone(), recipients);
    envelope.expect("a draft has recipients").with_content(content)
}

/// Sends it, in several transactions where a server does not take all recipients at once.
async fn upload(client: &mut smtp::Client, envelope: &Envelope, written: &mut Written) -> Result<Outcome, Failure> {
    let first = client
        .send_from(envelope.clone(), Upload::new(&written.file, written.len))
        .await?;
    let mut rounds = Rounds::new(envelope, first);
    while let Some(rest) = rounds.rest() {
        written.file.seek(SeekFrom::Start(0))?;
        rounds.record(&client.send_from(rest, Upload::new(&written.file, written.len)).await?);
    }
    Ok(rounds.into_outcome())
}

/// A copy in the account's mailbox for that, which is made if it is missing.
async fn keep(context: &Context, written: &mut Written) -> Result<Option<String>, Failure> {
    let Some(mailbox) = &context.account.sent else {
        return Ok(None);
    };
    let mut imap = context.imap().await?;
    for attempt in 0..2 {
        written.file.seek(SeekFrom::Start(0))?;
        let upload = Upload::new(&written.file, written.len);
        let flags = [imap_proto::Flag::Seen];
        match imap.append(mailbox.as_str(), flags, None, written.len, upload).await {
            Ok(_) => break,
            // RFC 9051 §6.3.12: TRYCREATE says that the mailbox could be made.
            Err(mail_tokio::imap::ClientError::Refused(status))
                if attempt == 0 && status.code == Some(imap_proto::Code::TryCreate) =>
            {
                imap.create(mailbox.as_str()).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let _ = imap.logout().await;
    Ok(Some(mailbox.clone()))
}
