//! `mua list`.

use std::fmt;

use imap_proto::{MailboxAttribute, MailboxStatus, StatusItem, StatusValue};
use mail_tokio::imap::Client;
use serde::Serialize;

use crate::cli::List;
use crate::context::Context;
use crate::failure::Failure;
use crate::harmless;
use crate::stored;
use crate::summary::Summary;

/// One mailbox.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Mailbox {
    pub(crate) mailbox: String,
    /// Whether messages can be in it.
    pub(crate) selectable: bool,
    pub(crate) messages: Option<u32>,
    pub(crate) unseen: Option<u32>,
    /// What it is for: `\Sent`, `\Trash`.
    #[serde(rename = "use")]
    pub(crate) purpose: Option<String>,
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u32>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let name = harmless::line(&self.mailbox);
        write!(f, "{:>6} {:>6} new  {name}", number(self.messages), number(self.unseen))?;
        self.purpose
            .as_ref()
            .map_or(Ok(()), |purpose| write!(f, "  ({purpose})"))
    }
}

pub(crate) async fn run(context: &Context, options: &List) -> Result<(), Failure> {
    let mut imap = context.imap().await?;
    if options.mailboxes {
        for mailbox in mailboxes(&mut imap).await? {
            context.output.row(&mailbox)?;
        }
    } else {
        let selected = stored::examine(&mut imap, &options.mailbox).await?;
        for summary in newest(&mut imap, selected.exists, options.limit).await? {
            context.output.row(&summary)?;
        }
        if selected.exists > options.limit {
            context
                .output
                .remark(format_args!("({} more: --limit N)", selected.exists - options.limit))?;
        }
    }
    let _ = imap.logout().await;
    Ok(())
}

/// All mailboxes, and how they are.
pub(crate) async fn mailboxes(imap: &mut Client) -> Result<Vec<Mailbox>, Failure> {
    let mut found = Vec::new();
    for listed in imap.list("", "*").await? {
        let closed = [
            MailboxAttribute::Noselect,
            MailboxAttribute::NonExistent,
            MailboxAttribute::NoAccess,
        ];
        let selectable = !closed.iter().any(|attribute| listed.has(attribute));
        let purpose = listed.attributes.iter().find_map(MailboxAttribute::special_use);
        // One that has gone meanwhile is no reason to show none.
        let status = match selectable {
            true => imap
                .status(listed.mailbox.clone(), [StatusItem::Messages, StatusItem::Unseen])
                .await
                .ok(),
            false => None,
        };
        let (messages, unseen) = status.as_ref().map(counts).unwrap_or_default();
        found.push(Mailbox {
            mailbox: listed.mailbox.to_text().into_owned(),
            selectable,
            messages,
            unseen,
            purpose: purpose.map(|purpose| purpose.as_str().to_owned()),
        });
    }
    // INBOX before all others.
    found.sort_by_key(|mailbox| (!mailbox.mailbox.eq_ignore_ascii_case("INBOX"), mailbox.mailbox.clone()));
    Ok(found)
}

fn counts(status: &MailboxStatus<'_>) -> (Option<u32>, Option<u32>) {
    let mut counts = (None, None);
    for value in &status.values {
        match value {
            StatusValue::Messages(number) => counts.0 = Some(*number),
            StatusValue::Unseen(number) => counts.1 = Some(*number),
            _ => {}
        }
    }
    counts
}

/// The newest of the open mailbox, which has `exists` messages, the very newest first.
pub(crate) async fn newest(imap: &mut Client, exists: u32, limit: u32) -> Result<Vec<Summary>, Failure> {
    if exists == 0 || limit == 0 {
        return Ok(Vec::new());
    }
    let from = exists.saturating_sub(limit - 1).max(1);
    let fetched = imap.fetch_all(format!("{from}:*").as_str(), Summary::ITEMS).await?;
    let mut summaries: Vec<Summary> = fetched.iter().filter_map(Summary::of).collect();
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.uid));
    Ok(summaries)
}
