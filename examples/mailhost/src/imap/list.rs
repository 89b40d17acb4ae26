//! LIST, LSUB and NAMESPACE (RFC 9051 §6.3.9, §6.3.10; RFC 3501 §6.3.9).

use std::collections::BTreeMap;

use imap_mailbox::{Hierarchy, MailboxEntry};
use imap_proto::server::Completion;
use imap_proto::{
    Data, IntoBoundedStatic as _, List, ListReturn, ListSelection, ListedMailbox, Mailbox, MailboxAttribute, Namespace,
    Namespaces, PlainList, Right,
};

use super::ImapDialogue;
use super::access::Visible;
use super::acl::my_rights;
use super::execute::Outcome;
use super::failure::Failure;
use super::names::{SHARED, USERS, delimiter};
use super::values::special_use;

impl ImapDialogue {
    pub(super) async fn list(&mut self, list: &List<'_>) -> Outcome {
        let selection = list.selection.iter().flat_map(|selection| selection.as_slice());
        let is_unknown = |option: &ListSelection<'_>| matches!(option, ListSelection::Other(_));
        let returns = list.returns.as_deref().unwrap_or_default();
        if selection.clone().any(is_unknown) || returns.iter().any(|option| matches!(option, ListReturn::Other(_))) {
            return Err(Failure::bad("no such option"));
        }
        let hierarchy = self.hierarchy().await?;
        for listed in hierarchy.list(list) {
            let (name, exists) = (listed.mailbox.clone(), exists(&listed));
            self.session.send(Data::List(listed)).await?;
            if exists {
                self.list_returns(&name, returns).await?;
            }
        }
        Ok(Completion::default())
    }

    /// What LIST tells of a mailbox beside attributes.
    async fn list_returns(&mut self, name: &Mailbox<'_>, returns: &[ListReturn<'_>]) -> Result<(), Failure> {
        for option in returns {
            // It may be gone by now (RFC 5819 §2), or the client may not know.
            match option {
                ListReturn::Status(items) => {
                    if let Ok((mailbox, _)) = self.permitted(name, Right::READ).await
                        && let Ok(status) = self.status_of(&mailbox, name, items).await
                    {
                        self.session.send(Data::MailboxStatus(status)).await?;
                    }
                }
                ListReturn::MyRights => {
                    if let Ok(rights) = self.rights(&self.mailbox(name)?).await {
                        let mine = my_rights(name.clone().into_static(), rights);
                        self.session.send(Data::MyRights(mine)).await?;
                    }
                }
                ListReturn::Metadata(entries) => self.list_metadata(name, entries).await?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn lsub(&mut self, list: &PlainList<'_>) -> Outcome {
        for listed in self.hierarchy().await?.lsub(list) {
            self.session.send(Data::Lsub(listed)).await?;
        }
        Ok(Completion::default())
    }

    /// All names that the client may see.
    pub(super) async fn hierarchy(&mut self) -> Result<Hierarchy, Failure> {
        let account = self.account()?.to_owned();
        let mut entries = BTreeMap::new();
        for Visible { name, info, .. } in self.visible_mailboxes().await? {
            let mut entry = MailboxEntry::new(name);
            // What somebody else's mailbox is for is no use to others.
            let own_use = info.special_use.filter(|_| info.mailbox.account() == account);
            entry.attributes = own_use.map(special_use).into_iter().collect();
            entries.insert(entry.mailbox.to_text().into_owned(), entry);
        }
        // They are kept under the client's own names.
        for mailbox in self.host.store.subscriptions(&account).await? {
            let absent = || MailboxEntry {
                exists: false,
                ..MailboxEntry::new(Mailbox::new(mailbox.name()).unwrap_or(Mailbox::empty()))
            };
            entries
                .entry(mailbox.name().to_owned())
                .or_insert_with(absent)
                .subscribed = true;
        }
        Ok(Hierarchy::new(entries.into_values(), delimiter()))
    }

    pub(super) async fn namespace(&mut self) -> Outcome {
        let namespace = |prefix: &str| {
            let prefix = Mailbox::new(prefix).unwrap_or(Mailbox::empty());
            vec![Namespace::new(prefix, delimiter())]
        };
        let namespaces = Namespaces {
            personal: namespace(""),
            other_users: namespace(USERS),
            shared: namespace(SHARED),
        };
        self.session.send(Data::Namespace(namespaces)).await?;
        Ok(Completion::default())
    }
}

fn exists(listed: &ListedMailbox<'_>) -> bool {
    !listed.has(&MailboxAttribute::NonExistent) && !listed.has(&MailboxAttribute::Noselect)
}
