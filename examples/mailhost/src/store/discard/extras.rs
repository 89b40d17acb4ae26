//! Nothing is known beside messages.

use async_trait::async_trait;
use bytes::Bytes;
use imap_proto::RightsChange;
use mail_wire::Secret;

use super::DiscardStore;
use crate::store::{
    Access, Acl, Annotated, Annotations, Depth, EntryName, Identifier, Limits, Mailbox, MailboxInfo, Quota, Quotas,
    Result, SpecialUse, StoreError, UrlKeys,
};

#[async_trait]
impl Access for DiscardStore {
    async fn acl(&self, _: &Mailbox) -> Result<Acl> {
        Ok(Acl::default())
    }

    async fn grant(&self, _: &Mailbox, _: &Identifier, _: &str, _: RightsChange) -> Result<()> {
        Err(StoreError::TooManyGrants)
    }

    async fn ungrant(&self, _: &Mailbox, _: &Identifier) -> Result<()> {
        Ok(())
    }

    async fn acls(&self, _: &str) -> Result<Vec<(Mailbox, Acl)>> {
        Ok(Vec::new())
    }

    async fn granted(&self, _: &str) -> Result<Vec<(MailboxInfo, Acl)>> {
        Ok(Vec::new())
    }

    fn access_version(&self) -> u64 {
        0
    }
}

#[async_trait]
impl Annotations for DiscardStore {
    async fn annotations(&self, _: &Annotated, _: &str, _: &[EntryName], _: Depth) -> Result<Vec<(EntryName, Bytes)>> {
        Ok(Vec::new())
    }

    async fn annotate(&self, _: &Annotated, _: &str, _: Vec<(EntryName, Option<Bytes>)>) -> Result<()> {
        Err(StoreError::TooManyAnnotations)
    }

    async fn designate(&self, _: &Mailbox, _: Option<SpecialUse>) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Quotas for DiscardStore {
    async fn quota(&self, _: &str) -> Result<Quota> {
        Ok(Quota::default())
    }

    async fn limit(&self, _: Option<&str>, _: Limits) -> Result<()> {
        Ok(())
    }

    fn has_quotas(&self) -> bool {
        false
    }

    async fn deleted_size(&self, _: &Mailbox) -> Result<u64> {
        Ok(0)
    }
}

#[async_trait]
impl UrlKeys for DiscardStore {
    async fn url_key(&self, _: &Mailbox, _: &str) -> Result<Option<Secret>> {
        Ok(None)
    }

    async fn keep_url_key(&self, _: &Mailbox, _: &str, key: Secret) -> Result<Secret> {
        Ok(key)
    }

    async fn forget_url_keys(&self, _: Option<&Mailbox>, _: &str) -> Result<()> {
        Ok(())
    }
}
