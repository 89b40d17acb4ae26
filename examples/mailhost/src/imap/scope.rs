//! Mailboxes by what they are to the user: where NOTIFY listens (RFC 5465 §6), and ESEARCH looks (RFC 7377 §2.2).

use std::collections::BTreeSet;

use imap_proto::{MailboxFilter, Right};

use super::ImapDialogue;
use super::failure::Failure;
use crate::store::{Mailbox, SEPARATOR};

/// A filter, in the store's names.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    /// Mail is delivered to INBOX.
    Inboxes,
    Personal,
    Subscribed,
    Subtree(Vec<Mailbox>),
    SubtreeOne(Vec<Mailbox>),
    Mailboxes(Vec<Mailbox>),
}

impl Scope {
    /// `find` leads from names to mailboxes; names of none are passed over.
    pub(super) fn of(filter: &MailboxFilter<'_>, find: impl Fn(&imap_proto::Mailbox<'_>) -> Option<Mailbox>) -> Self {
        let all = |names: &[imap_proto::Mailbox<'_>]| names.iter().filter_map(&find).collect();
        match filter {
            MailboxFilter::Inboxes => Self::Inboxes,
            MailboxFilter::Personal => Self::Personal,
            MailboxFilter::Subscribed => Self::Subscribed,
            MailboxFilter::Subtree(names) => Self::Subtree(all(names)),
            MailboxFilter::SubtreeOne(names) => Self::SubtreeOne(all(names)),
            MailboxFilter::Mailboxes(names) => Self::Mailboxes(all(names)),
        }
    }

    /// Whether a mailbox is meant by a user of this account with these subscriptions.
    pub(super) fn contains(&self, mailbox: &Mailbox, account: &str, subscribed: &BTreeSet<Mailbox>) -> bool {
        let is_own = mailbox.account() == account;
        match self {
            Self::Inboxes => is_own && mailbox.is_inbox(),
            Self::Personal => is_own,
            Self::Subscribed => subscribed.contains(mailbox),
            Self::Subtree(tops) => tops.iter().any(|top| mailbox == top || mailbox.is_below(top)),
            Self::SubtreeOne(tops) => tops.iter().any(|top| mailbox == top || is_right_below(mailbox, top)),
            Self::Mailboxes(mailboxes) => mailboxes.contains(mailbox),
        }
    }
}

fn is_right_below(mailbox: &Mailbox, top: &Mailbox) -> bool {
    let depth = |mailbox: &Mailbox| mailbox.name().matches(SEPARATOR).count();
    mailbox.is_below(top) && depth(mailbox) == depth(top) + 1
}

impl ImapDialogue {
    /// The mailboxes that are meant, of those that the client may see, each once.
    pub(super) async fn mailboxes_in(&mut self, scopes: &[Scope]) -> Result<Vec<Mailbox>, Failure> {
        let account = self.account()?.to_owned();
        let subscribed = self.subscribed().await?;
        let visible = self.visible().await?;
        let is_meant = |mailbox: &Mailbox| {
            scopes
                .iter()
                .any(|scope| scope.contains(mailbox, &account, &subscribed))
        };
        Ok(visible.into_iter().filter(is_meant).collect())
    }

    /// What the client is subscribed to: the names that it uses, and the mailboxes that they lead to.
    pub(super) async fn subscribed(&mut self) -> Result<BTreeSet<Mailbox>, Failure> {
        let subscriptions = self.host.store.subscriptions(self.account()?).await?;
        let names = subscriptions.iter();
        let names = names.filter_map(|subscription| imap_proto::Mailbox::new(subscription.name()).ok());
        Ok(names.filter_map(|name| self.mailbox(&name).ok()).collect())
    }

    /// The mailboxes that the client may look into.
    async fn visible(&mut self) -> Result<Vec<Mailbox>, Failure> {
        let visible = self.visible_mailboxes().await?;
        let readable = visible
            .into_iter()
            .filter(|visible| visible.rights.contains(Right::READ));
        Ok(readable.map(|visible| visible.info.mailbox).collect())
    }
}
