//! How much an account may have (RFC 9208).

use async_trait::async_trait;

use super::{Mailbox, Result};

/// Quotas: limits of what all mailboxes of an account have together.
///
/// Copies, messages that IMAP appends, and new mailboxes are refused with [`OverQuota`](super::StoreError::OverQuota) where they
/// would go beyond a limit. [Deliveries](super::Delivery::mailbox) are not: whoever accepts a recipient asks before.
#[async_trait]
pub trait Quotas: Send + Sync + 'static {
    /// What an account has, and may have.
    ///
    /// # Errors
    ///
    /// A temporary cause.
    async fn quota(&self, account: &str) -> Result<Quota>;

    /// Sets the limits of an account; or of all that have none of their own, until it is called again.
    ///
    /// # Errors
    ///
    /// A temporary cause.
    async fn limit(&self, account: Option<&str>, limits: Limits) -> Result<()>;

    /// Whether anything may be limited. Where it is false, nobody need ask.
    fn has_quotas(&self) -> bool;

    /// Octets of the messages with `\Deleted` (RFC 9208 §4.1.4).
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn deleted_size(&self, mailbox: &Mailbox) -> Result<u64>;
}

/// What an account has, and may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// What it has.
    pub usage: Usage,
    /// What it may have.
    pub limits: Limits,
}

/// What an account has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Octets of all messages.
    pub octets: u64,
    /// Messages.
    pub messages: u64,
    /// Mailboxes.
    pub mailboxes: u64,
}

/// What an account may have; `None`: any number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Octets of all messages.
    pub octets: Option<u64>,
    /// Messages.
    pub messages: Option<u64>,
    /// Mailboxes.
    pub mailboxes: Option<u64>,
}

impl Quota {
    /// Whether there is room for more.
    pub fn has_room(&self, more: Usage) -> bool {
        let fits = |limit: Option<u64>, usage: u64, more: u64| {
            more == 0 || limit.is_none_or(|limit| usage.saturating_add(more) <= limit)
        };
        fits(self.limits.octets, self.usage.octets, more.octets)
            && fits(self.limits.messages, self.usage.messages, more.messages)
            && fits(self.limits.mailboxes, self.usage.mailboxes, more.mailboxes)
    }
}

impl Usage {
    /// So many messages of so many octets together.
    pub const fn messages(messages: u64, octets: u64) -> Self {
        Self {
            octets,
            messages,
            mailboxes: 0,
        }
    }

    /// One mailbox.
    pub const MAILBOX: Self = Self {
        octets: 0,
        messages: 0,
        mailboxes: 1,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_up_to_the_limit() {
        let usage = Usage {
            octets: 90,
            messages: 4,
            mailboxes: 1,
        };
        let limits = Limits {
            octets: Some(100),
            messages: Some(5),
            mailboxes: Some(1),
        };
        let quota = Quota { usage, limits };
        assert!(quota.has_room(Usage::messages(1, 10)) && quota.has_room(Usage::default()));
        assert!(!quota.has_room(Usage::messages(1, 11)) && !quota.has_room(Usage::messages(2, 0)));
        assert!(!quota.has_room(Usage::MAILBOX) && !quota.has_room(Usage::messages(0, u64::MAX)));
        let unlimited = Quota {
            usage,
            limits: Limits::default(),
        };
        assert!(unlimited.has_room(Usage::messages(u64::MAX, u64::MAX)) && unlimited.has_room(Usage::MAILBOX));
    }
}
