//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE and STATUS (RFC 9051 §6.3).

use imap_proto::server::Completion;
use imap_proto::{
    Code, Create, CreateParameter, Data, IntoBoundedStatic as _, MailboxAttribute, MailboxStatus, Rename, Right,
    StatusItem, StatusQuery, StatusValue,
};

use super::ImapDialogue;
use super::access::require;
use super::execute::Outcome;
use super::failure::Failure;
use super::values::{object_id, stored_use, validity};
use crate::store::{Mailbox, SEPARATOR, SpecialUse, Status, StoreError};

impl ImapDialogue {
    pub(super) async fn create(&mut self, create: &Create<'_>) -> Outcome {
        let special_use = special_use(&create.parameters)?;
        // A name that ends with the separator says that others will be below it (RFC 9051 §6.3.4).
        let name = create.mailbox.to_text();
        let name = name.strip_suffix(SEPARATOR).unwrap_or(&name);
        let name = imap_proto::Mailbox::new(name).map_err(|_| Failure::no("no name of a mailbox", Code::Cannot))?;
        let mailbox = self.mailbox(&name)?;
        self.may_create(&mailbox).await?;
        self.create_above(&mailbox).await?;
        let id = self.host.store.create(&mailbox, special_use).await?;
        self.tell_normalized(&name, &mailbox, Vec::new()).await?;
        Ok(Completion::with_code(Code::MailboxId(object_id('F', id))))
    }

    /// The mailboxes above one that is made, which a server should make, too (RFC 9051 §6.3.4).
    async fn create_above(&mut self, mailbox: &Mailbox) -> Result<(), Failure> {
        for (at, _) in mailbox.name().match_indices(SEPARATOR) {
            let above = Mailbox::new(mailbox.account(), &mailbox.name()[..at]);
            match self.host.store.create(&above, None).await {
                Ok(_) | Err(StoreError::Exists) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(super) async fn delete(&mut self, name: &imap_proto::Mailbox<'_>) -> Outcome {
        let (mailbox, _) = self.permitted(name, Right::DELETE_MAILBOX).await?;
        self.host.store.delete(&mailbox).await?;
        let attributes = vec![MailboxAttribute::NonExistent];
        self.tell_normalized(name, &mailbox, attributes).await?;
        Ok(Completion::default())
    }

    pub(super) async fn rename(&mut self, rename: &Rename<'_>) -> Outcome {
        if !rename.parameters.is_empty() {
            return Err(Failure::bad("no such parameter"));
        }
        let (from, to) = (self.mailbox(&rename.from)?, self.mailbox(&rename.to)?);
        match self.rights(&from).await {
            Ok(rights) => require(rights, Right::DELETE_MAILBOX)?,
            // One's own name above others, without a mailbox.
            Err(failure) if failure.is_nonexistent() && self.account()? == from.account() => {}
            Err(failure) => return Err(failure),
        }
        if from.account() != to.account() {
            return Err(Failure::no("mailboxes do not change their owners", Code::Cannot));
        }
        self.may_create(&to).await?;
        self.create_above(&to).await?;
        self.host.store.rename(&from, to.name()).await?;
        if self.name_of(&from) != rename.from || self.name_of(&to) != rename.to {
            self.tell_normalized(&rename.from, &to, Vec::new()).await?;
        }
        Ok(Completion::default())
    }

    pub(super) async fn subscribe(&mut self, name: &imap_proto::Mailbox<'_>, subscribed: bool) -> Outcome {
        // What is kept is the client's own name for it.
        let name = match self.mailbox(name) {
            Ok(mailbox) => self.name_of(&mailbox),
            // Whose user is no more.
            Err(_) if !subscribed => name.clone().into_static(),
            Err(failure) => return Err(failure),
        };
        let name = Mailbox::new(self.account()?, &name.to_text());
        self.host.store.subscribe(&name, subscribed).await?;
        Ok(Completion::default())
    }

    pub(super) async fn status(&mut self, query: &StatusQuery<'_>) -> Outcome {
        let (mailbox, _) = self.permitted(&query.mailbox, Right::READ).await?;
        let status = self.status_of(&mailbox, &query.mailbox, &query.items).await?;
        self.session.send(Data::MailboxStatus(status)).await?;
        Ok(Completion::default())
    }

    /// What STATUS tells, and LIST with STATUS.
    pub(super) async fn status_of(
        &mut self,
        mailbox: &Mailbox,
        name: &imap_proto::Mailbox<'_>,
        items: &[StatusItem<'_>],
    ) -> Result<MailboxStatus<'static>, Failure> {
        let status = self.host.store.status(mailbox).await?;
        let mut values = Vec::new();
        for item in items {
            values.push(match item {
                StatusItem::DeletedStorage => StatusValue::DeletedStorage(self.host.store.deleted_size(mailbox).await?),
                item => self.value(item, &status)?,
            });
        }
        Ok(MailboxStatus {
            mailbox: name.clone().into_static(),
            values,
        })
    }

    fn value(&self, item: &StatusItem<'_>, status: &Status) -> Result<StatusValue<'static>, Failure> {
        Ok(match item {
            StatusItem::Messages => StatusValue::Messages(status.messages),
            StatusItem::Recent => StatusValue::Recent(status.recent),
            StatusItem::UidNext => StatusValue::UidNext(status.uid_next),
            StatusItem::UidValidity => StatusValue::UidValidity(validity(status.uid_validity)),
            StatusItem::Unseen => StatusValue::Unseen(status.unseen),
            StatusItem::Deleted => StatusValue::Deleted(status.deleted),
            StatusItem::Size => StatusValue::Size(status.size),
            StatusItem::HighestModSeq => StatusValue::HighestModSeq(status.mod_seq.0.max(1)),
            StatusItem::AppendLimit => {
                StatusValue::AppendLimit(u32::try_from(self.host.settings.max_message_size).ok())
            }
            StatusItem::MailboxId => StatusValue::MailboxId(object_id('F', status.id)),
            other => return Err(Failure::bad(&format!("{} is not known here", other.as_str()))),
        })
    }
}

/// CREATE with USE (RFC 6154 §3).
fn special_use(parameters: &[CreateParameter<'_>]) -> Result<Option<SpecialUse>, Failure> {
    let mut found = None;
    for parameter in parameters {
        let CreateParameter::Use(uses) = parameter else {
            return Err(Failure::bad("no such parameter"));
        };
        for attribute in uses {
            let stored = match attribute {
                MailboxAttribute::SpecialUse(special_use) => stored_use(*special_use),
                _ => None,
            };
            // A mailbox has one use here.
            if stored.is_none() || found.is_some() {
                return Err(Failure::no("no mailbox is made for that", Code::UseAttr));
            }
            found = stored;
        }
    }
    Ok(found)
}
