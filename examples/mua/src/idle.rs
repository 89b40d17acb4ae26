//! `mua idle`.

use imap_proto::Data;
use mail_tokio::imap::Client;

use crate::cli::Idle;
use crate::context::Context;
use crate::failure::Failure;
use crate::harmless;
use crate::stored;
use crate::summary::Summary;

pub(crate) async fn run(context: &Context, options: &Idle) -> Result<(), Failure> {
    let mut imap = context.imap().await?;
    let selected = stored::examine(&mut imap, &options.mailbox).await?;
    let mut watch = Watch::new(&mut imap, selected.exists, selected.uid_next.map(|next| next.get())).await?;
    let mut left = if options.once {
        1
    } else {
        options.count.unwrap_or(u64::MAX)
    };
    // Scripts that send and then wait want to know when waiting has begun.
    eprintln!("mua: waiting for new messages in {}", harmless::line(&options.mailbox));
    while left > 0 {
        wait(&mut imap, &mut watch).await?;
        for summary in watch.arrived(&mut imap).await? {
            if left > 0 {
                context.output.row(&summary)?;
                left -= 1;
            }
        }
    }
    let _ = imap.logout().await;
    Ok(())
}

/// Which messages are new to us.
pub(crate) struct Watch {
    pub(crate) exists: u32,
    /// The least UID that we have not seen.
    next: u32,
}

impl Watch {
    /// Of the open mailbox.
    pub(crate) async fn new(imap: &mut Client, exists: u32, uid_next: Option<u32>) -> Result<Self, Failure> {
        let next = match uid_next {
            Some(next) => next,
            // A server that does not say it: the last message does.
            None if exists > 0 => {
                let last = imap.fetch_all(exists.to_string().as_str(), "(UID)").await?;
                last.iter()
                    .filter_map(imap_proto::Fetch::uid)
                    .map(|uid| uid.get().saturating_add(1))
                    .max()
                    .unwrap_or(1)
            }
            None => 1,
        };
        Ok(Self { exists, next })
    }

    /// Whether a piece of news says that there may be more messages than before.
    pub(crate) fn hears(&mut self, data: &Data<'_>) -> bool {
        match data {
            Data::Exists(number) => {
                let grows = *number > self.exists;
                self.exists = *number;
                grows
            }
            Data::Expunge(_) => {
                self.exists = self.exists.saturating_sub(1);
                false
            }
            _ => false,
        }
    }

    /// The messages that were not there before, oldest first.
    pub(crate) async fn arrived(&mut self, imap: &mut Client) -> Result<Vec<Summary>, Failure> {
        let set = format!("{}:*", self.next);
        let fetched = imap.uid_fetch_all(set.as_str(), Summary::ITEMS).await?;
        // `*` is the last message, however old it is (RFC 9051 §9).
        let new = fetched
            .iter()
            .filter_map(Summary::of)
            .filter(|summary| summary.uid >= self.next);
        let mut new: Vec<Summary> = new.collect();
        new.sort_by_key(|summary| summary.uid);
        if let Some(last) = new.last() {
            self.next = last.uid.saturating_add(1);
        }
        Ok(new)
    }
}

/// Until something may have arrived. Servers without IDLE are asked again and again.
async fn wait(imap: &mut Client, watch: &mut Watch) -> Result<(), Failure> {
    while let Some(data) = imap.news().take() {
        if watch.hears(&data) {
            return Ok(());
        }
    }
    if !imap
        .capabilities()
        .await?
        .iter()
        .any(|offer| offer.is("IDLE") || offer.is("IMAP4rev2"))
    {
        tokio::time::sleep(POLL).await;
        return Ok(imap.noop().await?);
    }
    let mut idle = imap.idle().await?;
    while let Some(data) = idle.next().await? {
        if watch.hears(&data) {
            break;
        }
    }
    Ok(idle.done().await?)
}

/// Seconds between looks at a server that cannot tell by itself.
const POLL: std::time::Duration = std::time::Duration::from_secs(30);
