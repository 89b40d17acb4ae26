//! SELECT and its kin: what the server says of a mailbox that is opened.

use imap_proto::client::{Access, Selected};
use imap_proto::{Command, Select};

use super::client::Reply;
use super::{Client, ClientError};
use crate::Transport;

impl<T: Transport> Client<T> {
    /// SELECT: opens a mailbox, given by its name, or with parameters.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`]. When it is refused, no mailbox is open.
    pub fn select(
        &mut self,
        mailbox: impl TryInto<Select<'static>, Error: Into<ClientError>>,
    ) -> Result<Selected, ClientError> {
        let select = mailbox.try_into().map_err(Into::into)?;
        let reply = self.run(Command::Select(select))?;
        Ok(self.selected(reply))
    }

    /// EXAMINE: opens a mailbox to read only.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`]. When it is refused, no mailbox is open.
    pub fn examine(
        &mut self,
        mailbox: impl TryInto<Select<'static>, Error: Into<ClientError>>,
    ) -> Result<Selected, ClientError> {
        let select = mailbox.try_into().map_err(Into::into)?;
        let reply = self.run(Command::Examine(select))?;
        let mut selected = self.selected(reply);
        selected.access = Access::ReadOnly;
        Ok(selected)
    }

    /// CLOSE: leaves the mailbox and expunges what is marked as deleted.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn close(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Close)
    }

    /// UNSELECT: leaves the mailbox as it is.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn unselect(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Unselect)
    }

    fn selected(&mut self, reply: Reply) -> Selected {
        let mut selected = Selected::default();
        let result = reply.status.code.clone();
        self.sift(reply, |data| selected.learn(data).map_or(Ok(()), Err));
        if let Some(code) = result {
            selected.learn_code(code);
        }
        selected
    }
}
