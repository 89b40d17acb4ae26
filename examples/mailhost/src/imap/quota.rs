//! GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208).
//!
//! Each account is a quota root, which is called as the account is; `""` is the client's own, and [`SHARED_ROOT`] that of the shared
//! mailboxes.

use imap_proto::server::Completion;
use imap_proto::{
    AString, Data, IntoBoundedStatic as _, Mailbox, Quota, QuotaResource, QuotaRoots, QuotaUsage, Right, SetQuota,
};

use super::ImapDialogue;
use super::access::{not_permitted, require};
use super::execute::Outcome;
use super::failure::Failure;
use super::names::SHARED_ACCOUNT;
use crate::store::Limits;

/// What the root of the shared mailboxes is called.
const SHARED_ROOT: &str = "Shared";

impl ImapDialogue {
    pub(super) async fn get_quota(&mut self, root: &AString<'_>) -> Outcome {
        let account = self.root_account(root)?;
        if !self.may_see(&account).await? {
            return Err(no_such_root());
        }
        self.tell_quota(root, &account).await
    }

    pub(super) async fn get_quota_root(&mut self, name: &Mailbox<'_>) -> Outcome {
        let mailbox = self.mailbox(name)?;
        // There need not be such a mailbox (RFC 9208 §4.1.2); in one's own namespace that is no secret.
        if self.account()? != mailbox.account() {
            require(self.rights(&mailbox).await?, Right::READ)?;
        }
        let account = mailbox.account().to_owned();
        let root = match &*account {
            SHARED_ACCOUNT => SHARED_ROOT,
            account => account,
        };
        let root = AString::new(root.as_bytes().to_vec()).map_err(|_| no_such_root())?;
        let roots = QuotaRoots {
            mailbox: name.clone().into_static(),
            roots: vec![root.clone()],
        };
        self.session.send(Data::QuotaRoot(roots)).await?;
        self.tell_quota(&root, &account).await
    }

    pub(super) async fn set_quota(&mut self, set: &SetQuota<'_>) -> Outcome {
        if !self.is_admin() {
            return Err(not_permitted());
        }
        let account = self.root_account(&set.root)?;
        let mut limits = Limits::default();
        for (resource, limit) in &set.limits {
            match resource {
                QuotaResource::Storage => limits.octets = Some(limit.saturating_mul(UNIT)),
                QuotaResource::Message => limits.messages = Some(*limit),
                QuotaResource::Mailbox => limits.mailboxes = Some(*limit),
                _ => return Err(Failure::no("that is not limited here", imap_proto::Code::Cannot)),
            }
        }
        self.host.store.limit(Some(&account), limits).await?;
        self.tell_quota(&set.root, &account).await
    }

    async fn tell_quota(&mut self, root: &AString<'_>, account: &str) -> Outcome {
        let quota = self.host.store.quota(account).await?;
        let (usage, limits) = (quota.usage, quota.limits);
        let resource = |resource, usage, limit: Option<u64>| limit.map(|limit| QuotaUsage { resource, usage, limit });
        let resources = [
            resource(
                QuotaResource::Storage,
                usage.octets.div_ceil(UNIT),
                limits.octets.map(|octets| octets / UNIT),
            ),
            resource(QuotaResource::Message, usage.messages, limits.messages),
            resource(QuotaResource::Mailbox, usage.mailboxes, limits.mailboxes),
        ];
        let quota = Quota {
            root: root.clone().into_static(),
            resources: resources.into_iter().flatten().collect(),
        };
        self.session.send(Data::Quota(quota)).await?;
        Ok(Completion::default())
    }

    /// Whose quota a root is.
    fn root_account(&self, root: &AString<'_>) -> Result<String, Failure> {
        match &*root.to_text() {
            "" => Ok(self.account()?.to_owned()),
            SHARED_ROOT => Ok(SHARED_ACCOUNT.to_owned()),
            name => {
                let owner = self.host.settings.accounts.owner(name);
                let account = owner.map(|mailbox| mailbox.account().to_owned());
                account.filter(|account| account == name).ok_or_else(no_such_root)
            }
        }
    }

    /// Who reads a mailbox may know how much its root has.
    async fn may_see(&mut self, account: &str) -> Result<bool, Failure> {
        if self.account()? == account || self.is_admin() {
            return Ok(true);
        }
        let visible = self.visible_mailboxes().await?;
        let mut of_root = visible
            .iter()
            .filter(|visible| visible.info.mailbox.account() == account);
        Ok(of_root.any(|visible| visible.rights.contains(Right::READ)))
    }
}

fn no_such_root() -> Failure {
    Failure::no("no such quota root", imap_proto::Code::NonExistent)
}

/// Octets in what STORAGE counts (RFC 9208 §5.1).
const UNIT: u64 = 1024;
