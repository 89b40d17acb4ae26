//! Commands about mailboxes.

use imap_proto::{
    Command, Create, Data, List, ListPattern, ListPatterns, ListedMailbox, Mailbox, MailboxStatus, Metadata, MyRights,
    Namespaces, OneOrMore, PlainList, Rename, StatusItem, StatusQuery,
};

use super::{Client, ClientError};
use crate::Transport;

/// What an extended LIST tells (RFC 5258).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// The mailboxes.
    pub mailboxes: Vec<ListedMailbox<'static>>,
    /// With `RETURN (STATUS …)`: how they are (RFC 5819).
    pub statuses: Vec<MailboxStatus<'static>>,
    /// With `RETURN (MYRIGHTS)`: what we may do with them (RFC 8440).
    pub rights: Vec<MyRights<'static>>,
    /// With `RETURN (METADATA …)`: their annotations (RFC 9590).
    pub metadata: Vec<Metadata<'static>>,
}

impl<T: Transport> Client<T> {
    /// LIST: the mailboxes whose names look like `pattern`, below `reference`, which is mostly empty.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn list(
        &mut self,
        reference: &str,
        pattern: impl TryInto<ListPattern<'static>, Error: Into<ClientError>>,
    ) -> Result<Vec<ListedMailbox<'static>>, ClientError> {
        let list = List {
            selection: None,
            reference: below(reference)?,
            patterns: ListPatterns::One(pattern.try_into().map_err(Into::into)?),
            returns: None,
        };
        Ok(self.list_extended(list)?.mailboxes)
    }

    /// LIST with options (RFC 9051 §6.3.9).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn list_extended(&mut self, list: List<'static>) -> Result<Listing, ClientError> {
        let reply = self.run(Command::List(list))?;
        let mut listing = Listing::default();
        self.sift(reply, |data| {
            match data {
                Data::List(mailbox) => listing.mailboxes.push(mailbox),
                Data::MailboxStatus(status) => listing.statuses.push(status),
                Data::MyRights(rights) => listing.rights.push(rights),
                Data::Metadata(metadata) => listing.metadata.push(metadata),
                other => return Err(other),
            }
            Ok(())
        });
        Ok(listing)
    }

    /// LSUB: the mailboxes that are subscribed to (RFC 3501 §6.3.9).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn lsub(
        &mut self,
        reference: &str,
        pattern: impl TryInto<ListPattern<'static>, Error: Into<ClientError>>,
    ) -> Result<Vec<ListedMailbox<'static>>, ClientError> {
        let list = PlainList {
            reference: below(reference)?,
            pattern: pattern.try_into().map_err(Into::into)?,
        };
        let reply = self.run(Command::Lsub(list))?;
        Ok(self.sift(reply, |data| match data {
            Data::Lsub(mailbox) => Ok(mailbox),
            other => Err(other),
        }))
    }

    /// STATUS: how a mailbox is that is not open.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn status(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        items: impl TryInto<OneOrMore<StatusItem<'static>>, Error: Into<ClientError>>,
    ) -> Result<MailboxStatus<'static>, ClientError> {
        let query = StatusQuery {
            mailbox: mailbox.try_into().map_err(Into::into)?,
            items: items.try_into().map_err(Into::into)?,
        };
        let reply = self.run(Command::Status(query))?;
        self.sift_one(reply, "STATUS", |data| match data {
            Data::MailboxStatus(status) => Ok(status),
            other => Err(other),
        })
    }

    /// CREATE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn create(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let create = Create {
            mailbox: mailbox.try_into().map_err(Into::into)?,
            parameters: Vec::new(),
        };
        self.tell(Command::Create(create))
    }

    /// DELETE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn delete(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        self.tell(Command::Delete(mailbox))
    }

    /// RENAME.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn rename(
        &mut self,
        from: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        to: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let rename = Rename {
            from: from.try_into().map_err(Into::into)?,
            to: to.try_into().map_err(Into::into)?,
            parameters: Vec::new(),
        };
        self.tell(Command::Rename(rename))
    }

    /// SUBSCRIBE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn subscribe(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        self.tell(Command::Subscribe(mailbox))
    }

    /// UNSUBSCRIBE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn unsubscribe(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        self.tell(Command::Unsubscribe(mailbox))
    }

    /// NAMESPACE: where our own, other users' and shared mailboxes are.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn namespace(&mut self) -> Result<Namespaces<'static>, ClientError> {
        let reply = self.run(Command::Namespace)?;
        self.sift_one(reply, "NAMESPACE", |data| match data {
            Data::Namespace(namespaces) => Ok(namespaces),
            other => Err(other),
        })
    }
}

fn below(reference: &str) -> Result<Mailbox<'static>, ClientError> {
    match reference {
        "" => Ok(Mailbox::empty()),
        name => Ok(Mailbox::new(name)?),
    }
}
