//! Commands about the user and the connection.

use imap_proto::{
    Acl, AclEntry, AclIdentifier, Atom, Capability, Command, Data, GetMetadata, Id, ListRights, Mailbox, Metadata,
    MyRights, Quota, QuotaResource, QuotaRoots, RightsChange, SetAcl, SetMetadata, SetQuota,
};
use mail_wire::Step;
use tokio::io::{AsyncRead, AsyncWrite};

use super::client::Said;
use super::{AString, Client, ClientError};

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// What the server offers now; asked for when it has not said.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn capabilities(&mut self) -> Result<&[Capability<'static>], ClientError> {
        if self.machine().capabilities().is_none() {
            let reply = self.run(Command::Capability).await?;
            self.sift(reply, |data| match data {
                Data::Capability(_) => Ok(()),
                other => Err(other),
            });
        }
        Ok(self.machine().capabilities().unwrap_or_default())
    }

    /// ENABLE: the extensions that the server has switched on.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn enable(
        &mut self,
        capabilities: impl Into<Vec<Capability<'static>>>,
    ) -> Result<Vec<Capability<'static>>, ClientError> {
        let reply = self.run(Command::Enable(capabilities.into())).await?;
        let enabled = self.sift(reply, |data| match data {
            Data::Enabled(enabled) => Ok(enabled),
            other => Err(other),
        });
        Ok(enabled.into_iter().flatten().collect())
    }

    /// ID: says what program we are; returns what the server is.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn id(&mut self, own: Id<'static>) -> Result<Id<'static>, ClientError> {
        let reply = self.run(Command::Id(own)).await?;
        self.sift_one(reply, "ID", |data| match data {
            Data::Id(id) => Ok(id),
            other => Err(other),
        })
    }

    /// NOOP: lets the server tell what is new, which is then in [`news`](Self::news).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn noop(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Noop).await
    }

    /// COMPRESS: from here on both directions are compressed (RFC 4978).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn compress(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Compress(const { Atom::fixed("DEFLATE") })).await
    }

    /// LOGOUT: ends the session. That a server closes the connection behind BYE without a result is let through.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn logout(mut self) -> Result<(), ClientError> {
        self.submit(Command::Logout).await?;
        let mut said_bye = false;
        loop {
            match self.said().await {
                Ok(Said::Data(Data::Status(status))) => said_bye |= status.condition == imap_proto::Condition::Bye,
                Ok(Said::Done(status)) => {
                    self.finish(status)?;
                    break;
                }
                Ok(_) => {}
                Err(ClientError::Session(_)) if said_bye => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        while !matches!(self.driver.step().await, Ok(Step::Closed) | Err(_)) {}
        Ok(())
    }

    /// GETQUOTA: the limits of a quota root (RFC 9208 §4.1.1).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn quota(&mut self, root: &str) -> Result<Quota<'static>, ClientError> {
        let root = AString::try_from(root.to_owned())?;
        let reply = self.run(Command::GetQuota(root)).await?;
        self.sift_one(reply, "QUOTA", quota)
    }

    /// GETQUOTAROOT: a mailbox's quota roots, and their limits (RFC 9208 §4.1.2).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn quota_roots(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<(QuotaRoots<'static>, Vec<Quota<'static>>), ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let reply = self.run(Command::GetQuotaRoot(mailbox)).await?;
        let mut quotas = Vec::new();
        let mut roots = None;
        self.sift(reply, |data| {
            match data {
                Data::QuotaRoot(found) => roots = Some(found),
                Data::Quota(quota) => quotas.push(quota),
                other => return Err(other),
            }
            Ok(())
        });
        let roots = roots.ok_or(ClientError::Missing { what: "QUOTAROOT" })?;
        Ok((roots, quotas))
    }

    /// SETQUOTA: what the limits are then (RFC 9208 §4.1.3).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn set_quota(
        &mut self,
        root: &str,
        limits: impl Into<Vec<(QuotaResource<'static>, u64)>>,
    ) -> Result<Option<Quota<'static>>, ClientError> {
        let set = SetQuota {
            root: AString::try_from(root.to_owned())?,
            limits: limits.into(),
        };
        let reply = self.run(Command::SetQuota(set)).await?;
        Ok(self.sift(reply, quota).pop())
    }

    /// GETMETADATA: the values of annotations of a mailbox, or of the server (RFC 5464 §4.2).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn metadata(&mut self, query: GetMetadata<'static>) -> Result<Vec<Metadata<'static>>, ClientError> {
        let reply = self.run(Command::GetMetadata(query)).await?;
        Ok(self.sift(reply, |data| match data {
            Data::Metadata(metadata) => Ok(metadata),
            other => Err(other),
        }))
    }

    /// SETMETADATA: sets or removes annotations (RFC 5464 §4.3).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn set_metadata(&mut self, values: SetMetadata<'static>) -> Result<(), ClientError> {
        self.tell(Command::SetMetadata(values)).await
    }

    /// GETACL: who may do what with a mailbox (RFC 4314 §3.3).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn acl(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<Acl<'static>, ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let reply = self.run(Command::GetAcl(mailbox)).await?;
        self.sift_one(reply, "ACL", |data| match data {
            Data::Acl(acl) => Ok(acl),
            other => Err(other),
        })
    }

    /// SETACL: changes what somebody may do with a mailbox (RFC 4314 §3.1).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn set_acl(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        identifier: &str,
        change: RightsChange,
    ) -> Result<(), ClientError> {
        let AclEntry { mailbox, identifier } = entry(mailbox, identifier)?;
        self.tell(Command::SetAcl(SetAcl {
            mailbox,
            identifier,
            change,
        }))
        .await
    }

    /// DELETEACL: takes somebody's entry away (RFC 4314 §3.2).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn delete_acl(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        identifier: &str,
    ) -> Result<(), ClientError> {
        let entry = entry(mailbox, identifier)?;
        self.tell(Command::DeleteAcl(entry)).await
    }

    /// LISTRIGHTS: which rights somebody can be given (RFC 4314 §3.4).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn list_rights(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
        identifier: &str,
    ) -> Result<ListRights<'static>, ClientError> {
        let entry = entry(mailbox, identifier)?;
        let reply = self.run(Command::ListRights(entry)).await?;
        self.sift_one(reply, "LISTRIGHTS", |data| match data {
            Data::ListRights(rights) => Ok(rights),
            other => Err(other),
        })
    }

    /// MYRIGHTS: what we may do with a mailbox (RFC 4314 §3.5).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn my_rights(
        &mut self,
        mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<MyRights<'static>, ClientError> {
        let mailbox = mailbox.try_into().map_err(Into::into)?;
        let reply = self.run(Command::MyRights(mailbox)).await?;
        self.sift_one(reply, "MYRIGHTS", |data| match data {
            Data::MyRights(rights) => Ok(rights),
            other => Err(other),
        })
    }

    /// A command whose answer is its result.
    pub(super) async fn tell(&mut self, command: Command<'static>) -> Result<(), ClientError> {
        let reply = self.run(command).await?;
        self.sift(reply, news);
        Ok(())
    }
}

/// All data is news.
pub(super) const fn news(data: Data<'static>) -> Result<(), Data<'static>> {
    Err(data)
}

fn quota(data: Data<'static>) -> Result<Quota<'static>, Data<'static>> {
    match data {
        Data::Quota(quota) => Ok(quota),
        other => Err(other),
    }
}

fn entry(
    mailbox: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    identifier: &str,
) -> Result<AclEntry<'static>, ClientError> {
    Ok(AclEntry {
        mailbox: mailbox.try_into().map_err(Into::into)?,
        identifier: AclIdentifier(AString::try_from(identifier.to_owned())?),
    })
}
