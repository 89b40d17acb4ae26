//! The keys with which URLs of mailboxes are signed (RFC 4467 §5).

use async_trait::async_trait;

use mail_wire::Secret;

use super::{Mailbox, Result};

/// Keys of mailboxes, one for each user who signs URLs of it. They follow the mailbox when it is renamed, and go with it.
#[async_trait]
pub trait UrlKeys: Send + Sync + 'static {
    /// The key of an account for a mailbox, if one was made.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn url_key(&self, mailbox: &Mailbox, account: &str) -> Result<Option<Secret>>;

    /// Keeps a key where there is none. Returns the one that there is.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn keep_url_key(&self, mailbox: &Mailbox, account: &str, key: Secret) -> Result<Secret>;

    /// Forgets an account's key for a mailbox, or for all: what was signed with it is void.
    ///
    /// # Errors
    ///
    /// [`NoMailbox`](super::StoreError::NoMailbox), or a temporary cause.
    async fn forget_url_keys(&self, mailbox: Option<&Mailbox>, account: &str) -> Result<()>;
}
