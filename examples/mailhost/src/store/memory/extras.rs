//! What is known beside messages: lists of rights, annotations, quotas, keys.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use bytes::Bytes;
use imap_proto::RightsChange;
use mail_wire::Secret;

use super::{MemoryStore, State};
use crate::store::{
    ANNOTATIONS, Access, Acl, Annotated, Annotations, Change, Depth, EntryName, Flag, Identifier, LONGEST_ANNOTATION,
    Limits, Mailbox, MailboxInfo, ObjectId, Quota, Quotas, Result, SpecialUse, StoreError, UrlKeys, Usage,
};

/// By the mailboxes' ids, which outlast their names.
#[derive(Debug, Default)]
pub(super) struct Extras {
    acls: HashMap<ObjectId, Acl>,
    /// Of the server, and of mailboxes; each by whose it is and its name.
    annotations: HashMap<Option<ObjectId>, BTreeMap<(String, EntryName), Bytes>>,
    /// By accounts; the nameless one stands for those that have none of their own.
    limits: HashMap<String, Limits>,
    url_keys: HashMap<(ObjectId, String), Secret>,
}

impl Extras {
    /// A mailbox is gone.
    pub(super) fn forget(&mut self, id: ObjectId) {
        self.acls.remove(&id);
        self.annotations.remove(&Some(id));
        self.url_keys.retain(|(of, _), _| *of != id);
    }

    /// What is noted of one mailbox is noted of another one, too.
    pub(super) fn copy_annotations(&mut self, from: ObjectId, to: ObjectId) {
        if let Some(annotations) = self.annotations.get(&Some(from)).cloned() {
            self.annotations.insert(Some(to), annotations);
        }
    }
}

impl State {
    /// A new mailbox begins with the list of the nearest one above it.
    pub(super) fn inherit(&mut self, mailbox: &Mailbox) {
        let above = self.maildrops.keys().filter(|above| mailbox.is_below(above));
        let nearest = above.max_by_key(|above| above.name().len());
        let inherited = nearest
            .and_then(|nearest| self.extras.acls.get(&self.maildrops[nearest].id))
            .cloned();
        if let (Some(acl), Some(maildrop)) = (inherited, self.maildrops.get(mailbox)) {
            self.extras.acls.insert(maildrop.id, acl);
        }
    }

    fn acl_of(&self, mailbox: &Mailbox) -> Acl {
        let maildrop = self.maildrops.get(mailbox);
        let found = maildrop.and_then(|maildrop| self.extras.acls.get(&maildrop.id));
        found.cloned().unwrap_or_default()
    }

    fn annotated(&mut self, of: &Annotated) -> Result<Option<ObjectId>> {
        match of {
            Annotated::Server => Ok(None),
            Annotated::Mailbox(mailbox) => Ok(Some(self.existing(mailbox)?.id)),
        }
    }

    pub(super) fn quota(&self, account: &str) -> Quota {
        let limits = &self.extras.limits;
        let mut quota = Quota {
            usage: Usage::default(),
            limits: limits.get(account).or(limits.get("")).copied().unwrap_or_default(),
        };
        for (_, maildrop) in self
            .maildrops
            .iter()
            .filter(|(mailbox, _)| mailbox.account() == account)
        {
            quota.usage.octets += maildrop.messages.values().map(|kept| kept.message.size()).sum::<u64>();
            quota.usage.messages += maildrop.messages.len() as u64;
            quota.usage.mailboxes += 1;
        }
        quota
    }

    /// Whether an account may have more.
    pub(super) fn make_room(&self, account: &str, more: Usage) -> Result<()> {
        if self.extras.limits.is_empty() || self.quota(account).has_room(more) {
            return Ok(());
        }
        Err(StoreError::OverQuota)
    }
}

#[async_trait]
impl Access for MemoryStore {
    async fn acl(&self, mailbox: &Mailbox) -> Result<Acl> {
        self.with(|state| {
            state.existing(mailbox)?;
            Ok(state.acl_of(mailbox))
        })
    }

    async fn grant(&self, mailbox: &Mailbox, identifier: &Identifier, name: &str, change: RightsChange) -> Result<()> {
        self.announcing(|state, changes| {
            let id = state.existing(mailbox)?.id;
            let acl = state.extras.acls.entry(id).or_default();
            acl.change(mailbox.account(), identifier, name, change)?;
            changes.push(Change::Acl(mailbox.clone()));
            Ok(())
        })
    }

    async fn ungrant(&self, mailbox: &Mailbox, identifier: &Identifier) -> Result<()> {
        self.announcing(|state, changes| {
            let id = state.existing(mailbox)?.id;
            let acl = state.extras.acls.entry(id).or_default();
            acl.remove(mailbox.account(), identifier);
            changes.push(Change::Acl(mailbox.clone()));
            Ok(())
        })
    }

    async fn acls(&self, account: &str) -> Result<Vec<(Mailbox, Acl)>> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let own = state.maildrops.keys().filter(|mailbox| mailbox.account() == account);
            let listed = own.map(|mailbox| (mailbox.clone(), state.acl_of(mailbox)));
            let mut lists: Vec<_> = listed.filter(|(_, acl)| !acl.entries().is_empty()).collect();
            lists.sort_by(|(one, _), (other, _)| one.cmp(other));
            Ok(lists)
        })
    }

    async fn granted(&self, account: &str) -> Result<Vec<(MailboxInfo, Acl)>> {
        let account = account.to_ascii_lowercase();
        let user = Identifier::user(&account);
        let names = |acl: &Acl| {
            let mut identifiers = acl.entries().iter().map(|entry| &entry.identifier);
            identifiers.any(|named| *named == user || *named == Identifier::ANYONE)
        };
        self.with(|state| {
            let mut granted = Vec::new();
            for (mailbox, maildrop) in &state.maildrops {
                let acl = state.acl_of(mailbox);
                if mailbox.account() != account && names(&acl) {
                    let info = MailboxInfo {
                        mailbox: mailbox.clone(),
                        id: maildrop.id,
                        special_use: maildrop.special_use,
                    };
                    granted.push((info, acl));
                }
            }
            granted.sort_by(|(one, _), (other, _)| one.mailbox.cmp(&other.mailbox));
            Ok(granted)
        })
    }

    fn access_version(&self) -> u64 {
        self.access.load(std::sync::atomic::Ordering::Acquire)
    }
}

#[async_trait]
impl Annotations for MemoryStore {
    async fn annotations(
        &self,
        of: &Annotated,
        account: &str,
        entries: &[EntryName],
        depth: Depth,
    ) -> Result<Vec<(EntryName, Bytes)>> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let id = state.annotated(of)?;
            let all = state.extras.annotations.get(&id).into_iter().flatten();
            let seen = all.filter(|((whose, name), _)| *whose == *name.whose(&account));
            let asked = seen.filter(|((_, name), _)| entries.iter().any(|entry| name.is_within(entry, depth)));
            let mut found: Vec<_> = asked.map(|((_, name), value)| (name.clone(), value.clone())).collect();
            found.sort();
            Ok(found)
        })
    }

    async fn annotate(&self, of: &Annotated, account: &str, values: Vec<(EntryName, Option<Bytes>)>) -> Result<()> {
        let account = account.to_ascii_lowercase();
        self.announcing(|state, changes| {
            let id = state.annotated(of)?;
            let mut all = state.extras.annotations.get(&id).cloned().unwrap_or_default();
            let names: Vec<EntryName> = values.iter().map(|(name, _)| name.clone()).collect();
            for (name, value) in values {
                let key = (name.whose(&account).to_owned(), name);
                match value {
                    Some(value) if value.len() > LONGEST_ANNOTATION => return Err(StoreError::TooLong),
                    Some(value) => drop(all.insert(key, value)),
                    None => drop(all.remove(&key)),
                }
            }
            for whose in ["", &account] {
                if all.keys().filter(|(of, _)| of == whose).count() > ANNOTATIONS {
                    return Err(StoreError::TooManyAnnotations);
                }
            }
            state.extras.annotations.insert(id, all);
            changes.push(Change::annotated(of, &account, names));
            Ok(())
        })
    }

    async fn designate(&self, mailbox: &Mailbox, special_use: Option<SpecialUse>) -> Result<()> {
        self.with(|state| {
            state.existing(mailbox)?.special_use = special_use;
            Ok(())
        })
    }
}

#[async_trait]
impl Quotas for MemoryStore {
    async fn quota(&self, account: &str) -> Result<Quota> {
        self.with(|state| Ok(state.quota(&account.to_ascii_lowercase())))
    }

    async fn limit(&self, account: Option<&str>, limits: Limits) -> Result<()> {
        let account = account.unwrap_or_default().to_ascii_lowercase();
        self.with(|state| {
            match account.is_empty() && limits == Limits::default() {
                true => state.extras.limits.remove(&account),
                false => state.extras.limits.insert(account, limits),
            };
            Ok(())
        })
    }

    fn has_quotas(&self) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|state| !state.extras.limits.is_empty())
    }

    async fn deleted_size(&self, mailbox: &Mailbox) -> Result<u64> {
        self.with(|state| {
            let messages = state.existing(mailbox)?.messages.values();
            let deleted = messages.filter(|kept| kept.flags.has(Flag::Deleted));
            Ok(deleted.map(|kept| kept.message.size()).sum())
        })
    }
}

#[async_trait]
impl UrlKeys for MemoryStore {
    async fn url_key(&self, mailbox: &Mailbox, account: &str) -> Result<Option<Secret>> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let id = state.existing(mailbox)?.id;
            Ok(state.extras.url_keys.get(&(id, account)).cloned())
        })
    }

    async fn keep_url_key(&self, mailbox: &Mailbox, account: &str, key: Secret) -> Result<Secret> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let id = state.existing(mailbox)?.id;
            Ok(state.extras.url_keys.entry((id, account)).or_insert(key).clone())
        })
    }

    async fn forget_url_keys(&self, mailbox: Option<&Mailbox>, account: &str) -> Result<()> {
        let account = account.to_ascii_lowercase();
        self.with(|state| {
            let one = match mailbox {
                Some(mailbox) => Some(state.existing(mailbox)?.id),
                None => None,
            };
            let goes = |(id, whose): &(ObjectId, String)| *whose == account && one.is_none_or(|one| one == *id);
            state.extras.url_keys.retain(|key, _| !goes(key));
            Ok(())
        })
    }
}
