//! Mailboxes by what they are to the user: where NOTIFY listens (RFC 5465 §6), and ESEARCH looks (RFC 7377 §2.2).

use std::collections::BTreeSet;

use imap_proto::{MailboxFilter, Right};

use super::ImapDialogue;
use super::failure::Failure;
use crate::store::{Mailbox, SEPARATOR, canonical_name};

/// A filter, in the client's names.
#[derive(Clone, Debug)]
pub(super) enum Scope {
    /// Mail is delivered to INBOX.
    Inboxes,
    Personal,
    Subscribed,
    Subtree(Vec<String>),
    SubtreeOne(Vec<String>),
    Mailboxes(Vec<String>),
}

impl Scope {
    pub(super) fn of(filter: &MailboxFilter<'_>) -> Self {
        let all = |names: &[imap_proto::Mailbox<'_>]| names.iter().map(|name| canonical(&name.to_text())).collect();
        match filter {
            MailboxFilter::Inboxes => Self::Inboxes,
            MailboxFilter::Personal => Self::Personal,
            MailboxFilter::Subscribed => Self::Subscribed,
            MailboxFilter::Subtree(names) => Self::Subtree(all(names)),
            MailboxFilter::SubtreeOne(names) => Self::SubtreeOne(all(names)),
            MailboxFilter::Mailboxes(names) => Self::Mailboxes(all(names)),
        }
    }

    /// Whether a mailbox is meant that a client calls `name`, and that is its own or not.
    pub(super) fn contains(&self, name: &str, is_own: bool, subscribed: &BTreeSet<String>) -> bool {
        match self {
            Self::Inboxes => is_own && name == INBOX,
            Self::Personal => is_own,
            Self::Subscribed => subscribed.contains(name),
            Self::Subtree(tops) => tops.iter().any(|top| name == top || levels_below(name, top) > 0),
            Self::SubtreeOne(tops) => tops.iter().any(|top| name == top || levels_below(name, top) == 1),
            Self::Mailboxes(names) => names.iter().any(|named| named == name),
        }
    }
}

/// In the spelling that the store has.
fn canonical(name: &str) -> String {
    canonical_name(name.trim_end_matches(SEPARATOR)).into_owned()
}

/// How many levels one name is below another; 0 where it is not below it.
fn levels_below(name: &str, top: &str) -> usize {
    match name.strip_prefix(top) {
        Some(rest) if rest.starts_with(SEPARATOR) => rest.matches(SEPARATOR).count(),
        _ => 0,
    }
}

impl ImapDialogue {
    /// The mailboxes that are meant, of those that the client may read, each once.
    pub(super) async fn mailboxes_in(&mut self, scopes: &[Scope]) -> Result<Vec<Mailbox>, Failure> {
        let account = self.account()?.to_owned();
        let subscribed = self.subscribed().await?;
        let visible = self.visible_mailboxes().await?;
        let meant = visible.into_iter().filter(|visible| {
            let is_own = visible.info.mailbox.account() == account;
            let name = visible.name.to_text();
            let is_meant = |scope: &Scope| scope.contains(&name, is_own, &subscribed);
            visible.rights.contains(Right::READ) && scopes.iter().any(is_meant)
        });
        Ok(meant.map(|visible| visible.info.mailbox).collect())
    }

    /// The names to which the client is subscribed.
    pub(super) async fn subscribed(&mut self) -> Result<BTreeSet<String>, Failure> {
        let subscriptions = self.host.store.subscriptions(self.account()?).await?;
        Ok(subscriptions.iter().map(|mailbox| mailbox.name().to_owned()).collect())
    }
}

const INBOX: &str = "INBOX";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_below_others_by_levels() {
        let cases = [
            ("a/b", "a", 1),
            ("a/b/c", "a", 2),
            ("ab", "a", 0),
            ("a", "a", 0),
            ("b/a", "a", 0),
        ];
        for (name, top, levels) in cases {
            assert_eq!(levels_below(name, top), levels, "{name} {top}");
        }
        let none = BTreeSet::new();
        assert!(Scope::Subtree(vec!["a".into()]).contains("a/b/c", false, &none));
        assert!(!Scope::SubtreeOne(vec!["a".into()]).contains("a/b/c", false, &none));
        assert!(Scope::Inboxes.contains("INBOX", true, &none));
        assert!(!Scope::Inboxes.contains("Users/bob/INBOX", false, &none));
    }
}
