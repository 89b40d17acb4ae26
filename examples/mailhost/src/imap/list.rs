//! LIST, LSUB and NAMESPACE (RFC 9051 §6.3.9, §6.3.10; RFC 3501 §6.3.9).

use std::collections::BTreeMap;

use imap_mailbox::{Hierarchy, MailboxEntry};
use imap_proto::server::Completion;
use imap_proto::{
    Data, List, ListReturn, ListSelection, ListedMailbox, Mailbox, MailboxAttribute, Namespace, Namespaces, PlainList,
};

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::names::{client_name, delimiter};
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
            if let ListReturn::Status(items) = option {
                let mailbox = self.mailbox(name)?;
                // It may be gone by now (RFC 5819 §2).
                if let Ok(status) = self.status_of(&mailbox, name, items).await {
                    self.session.send(Data::MailboxStatus(status)).await?;
                }
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
    async fn hierarchy(&mut self) -> Result<Hierarchy, Failure> {
        let account = self.account()?.to_owned();
        let mut entries = BTreeMap::new();
        for info in self.host.store.mailboxes(&account).await? {
            let name = client_name(&info.mailbox);
            let mut entry = MailboxEntry::new(name);
            entry.attributes = info.special_use.map(special_use).into_iter().collect();
            entries.insert(info.mailbox, entry);
        }
        for mailbox in self.host.store.subscriptions(&account).await? {
            let absent = || MailboxEntry {
                exists: false,
                ..MailboxEntry::new(client_name(&mailbox))
            };
            entries.entry(mailbox.clone()).or_insert_with(absent).subscribed = true;
        }
        Ok(Hierarchy::new(entries.into_values(), delimiter()))
    }

    pub(super) async fn namespace(&mut self) -> Outcome {
        let personal = Namespace::new(Mailbox::empty(), delimiter());
        let namespaces = Namespaces {
            personal: vec![personal],
            other_users: Vec::new(),
            shared: Vec::new(),
        };
        self.session.send(Data::Namespace(namespaces)).await?;
        Ok(Completion::default())
    }
}

fn exists(listed: &ListedMailbox<'_>) -> bool {
    !listed.has(&MailboxAttribute::NonExistent) && !listed.has(&MailboxAttribute::Noselect)
}
