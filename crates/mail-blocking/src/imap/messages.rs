//! Commands about the messages of the mailbox that is open.

use std::num::NonZeroU32;

use imap_proto::{
    Charset, Code, Command, Data, Fetch, Flag, Mailbox, NumberSet, Numbering, OneOrMore, Search, SearchItem,
    SearchProgram, SequenceSet, Sort, SortCriterion, Store, StoreAction, StoreChange, StoreEcho, Thread,
    ThreadAlgorithm, Threads, Transfer,
};

use super::account::news;
use super::client::Reply;
use super::fetch::fetched;
use super::{Client, ClientError};
use crate::Transport;

/// Where copies went (RFC 4315 §3): the copies are in the order of the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// UIDVALIDITY of the mailbox that they went to.
    pub uid_validity: NonZeroU32,
    /// The UIDs of the messages.
    pub source: NumberSet,
    /// The UIDs of the copies.
    pub destination: NumberSet,
}

impl<T: Transport> Client<T> {
    /// SEARCH: the numbers of the messages that match, or `None`.
    ///
    /// A text with other than ASCII characters is looked for as UTF-8.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn search(
        &mut self,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<NumberSet>, ClientError> {
        let program = keys.try_into().map_err(Into::into)?;
        self.search_by(Numbering::Sequence, program)
    }

    /// UID SEARCH: the UIDs of the messages that match, or `None`.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_search(
        &mut self,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<NumberSet>, ClientError> {
        let program = keys.try_into().map_err(Into::into)?;
        self.search_by(Numbering::Uid, program)
    }

    fn search_by(
        &mut self,
        numbering: Numbering,
        program: SearchProgram<'static>,
    ) -> Result<Option<NumberSet>, ClientError> {
        // With UTF8=ACCEPT strings are UTF-8, and a charset must not be named (RFC 6855 §3).
        let is_named = !program.is_ascii() && !self.machine().enabled().utf8;
        let search = Search {
            charset: is_named.then_some(Charset::UTF_8),
            ..Search::new(numbering, program)
        };
        let reply = self.run(Command::Search(search))?;
        Ok(self.found(reply))
    }

    /// SORT: the numbers of the messages that match, in order (RFC 5256).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn sort(
        &mut self,
        criteria: impl TryInto<OneOrMore<SortCriterion<'static>>, Error: Into<ClientError>>,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<NumberSet>, ClientError> {
        let command = sort(Numbering::Sequence, criteria, keys)?;
        let reply = self.run(command)?;
        Ok(self.found(reply))
    }

    /// UID SORT: the UIDs of the messages that match, in order.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_sort(
        &mut self,
        criteria: impl TryInto<OneOrMore<SortCriterion<'static>>, Error: Into<ClientError>>,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<NumberSet>, ClientError> {
        let command = sort(Numbering::Uid, criteria, keys)?;
        let reply = self.run(command)?;
        Ok(self.found(reply))
    }

    /// THREAD: the messages that match, as conversations (RFC 5256).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn thread(
        &mut self,
        algorithm: ThreadAlgorithm<'static>,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Threads, ClientError> {
        let command = thread(Numbering::Sequence, algorithm, keys)?;
        self.threads(command)
    }

    /// UID THREAD.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_thread(
        &mut self,
        algorithm: ThreadAlgorithm<'static>,
        keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
    ) -> Result<Threads, ClientError> {
        let command = thread(Numbering::Uid, algorithm, keys)?;
        self.threads(command)
    }

    fn threads(&mut self, command: Command<'static>) -> Result<Threads, ClientError> {
        let reply = self.run(command)?;
        self.sift_one(reply, "THREAD", |data| match data {
            Data::Thread(threads) => Ok(threads),
            other => Err(other),
        })
    }

    /// STORE: changes flags; returns what the server says of them.
    ///
    /// ```no_run
    /// # fn example(mut imap: mail_blocking::imap::Client) -> Result<(), mail_blocking::imap::ClientError> {
    /// use imap_proto::{Flag, StoreAction};
    ///
    /// imap.store("1:3", StoreAction::Add, [Flag::Deleted])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn store(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        action: StoreAction,
        flags: impl Into<Vec<Flag<'static>>>,
    ) -> Result<Vec<Fetch<'static>>, ClientError> {
        let messages = messages.try_into().map_err(Into::into)?;
        let store = Store::new(Numbering::Sequence, messages, change(action, flags.into()));
        self.store_with(store)
    }

    /// UID STORE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_store(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        action: StoreAction,
        flags: impl Into<Vec<Flag<'static>>>,
    ) -> Result<Vec<Fetch<'static>>, ClientError> {
        let messages = messages.try_into().map_err(Into::into)?;
        let store = Store::new(Numbering::Uid, messages, change(action, flags.into()));
        self.store_with(store)
    }

    /// STORE or UID STORE of anything, silent, or with UNCHANGEDSINCE: a message that was changed in between makes it
    /// [`ClientError::Refused`] with [`Code::Modified`], or is in the OK that [`run`](Self::run) would show.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn store_with(&mut self, store: Store<'static>) -> Result<Vec<Fetch<'static>>, ClientError> {
        let reply = self.run(Command::Store(store))?;
        Ok(self.sift(reply, fetched))
    }

    /// COPY: where the copies went, if the server says so.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn copy(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        target: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<Copied>, ClientError> {
        let transfer = transfer(Numbering::Sequence, messages, target)?;
        let reply = self.run(Command::Copy(transfer))?;
        Ok(self.copied(reply))
    }

    /// UID COPY.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_copy(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        target: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<Copied>, ClientError> {
        let transfer = transfer(Numbering::Uid, messages, target)?;
        let reply = self.run(Command::Copy(transfer))?;
        Ok(self.copied(reply))
    }

    /// MOVE: where the messages went, if the server says so. That they are gone from here is in [`news`](Self::news).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn move_(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        target: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<Copied>, ClientError> {
        let transfer = transfer(Numbering::Sequence, messages, target)?;
        let reply = self.run(Command::Move(transfer))?;
        Ok(self.copied(reply))
    }

    /// UID MOVE.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_move(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        target: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
    ) -> Result<Option<Copied>, ClientError> {
        let transfer = transfer(Numbering::Uid, messages, target)?;
        let reply = self.run(Command::Move(transfer))?;
        Ok(self.copied(reply))
    }

    /// EXPUNGE: removes what is marked as deleted. Which messages those were is in [`news`](Self::news).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn expunge(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Expunge(None))
    }

    /// UID EXPUNGE: removes what is marked as deleted among these.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_expunge(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
    ) -> Result<(), ClientError> {
        let messages = messages.try_into().map_err(Into::into)?;
        self.tell(Command::Expunge(Some(messages)))
    }

    /// CHECK: asks for a checkpoint (RFC 3501 §6.4.1).
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn check(&mut self) -> Result<(), ClientError> {
        self.tell(Command::Check)
    }

    /// What SEARCH, SORT or ESEARCH responses tell; long ones come in several pieces.
    fn found(&mut self, reply: Reply) -> Option<NumberSet> {
        let mut ranges = Vec::new();
        self.sift(reply, |data| {
            match data {
                Data::Search(found) | Data::Sort(found) => {
                    let numbers = NumberSet::from_numbers(found.into_numbers());
                    ranges.extend(numbers.iter().flat_map(NumberSet::ranges));
                }
                Data::Esearch(esearch) => esearch.items.iter().for_each(|item| {
                    if let SearchItem::All(numbers) = item {
                        ranges.extend_from_slice(numbers.ranges());
                    }
                }),
                other => return Err(other),
            }
            Ok(())
        });
        NumberSet::new(ranges).ok()
    }

    /// MOVE has the code in untagged OK, COPY in the result.
    fn copied(&mut self, reply: Reply) -> Option<Copied> {
        let mut code = reply.status.code.clone();
        self.sift(reply, |data| match data {
            Data::Status(status) if matches!(status.code, Some(Code::CopyUid { .. })) => {
                code = status.code;
                Ok(())
            }
            other => news(other),
        });
        match code {
            Some(Code::CopyUid {
                validity,
                source,
                destination,
            }) => Some(Copied {
                uid_validity: validity,
                source,
                destination,
            }),
            _ => None,
        }
    }
}

fn change(action: StoreAction, flags: Vec<Flag<'static>>) -> StoreChange<'static> {
    StoreChange::Flags {
        action,
        echo: StoreEcho::Fetch,
        flags,
    }
}

fn transfer(
    numbering: Numbering,
    messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
    target: impl TryInto<Mailbox<'static>, Error: Into<ClientError>>,
) -> Result<Transfer<'static>, ClientError> {
    Ok(Transfer {
        numbering,
        messages: messages.try_into().map_err(Into::into)?,
        target: target.try_into().map_err(Into::into)?,
    })
}

fn sort(
    numbering: Numbering,
    criteria: impl TryInto<OneOrMore<SortCriterion<'static>>, Error: Into<ClientError>>,
    keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
) -> Result<Command<'static>, ClientError> {
    Ok(Command::Sort(Sort {
        numbering,
        returning: None,
        criteria: criteria.try_into().map_err(Into::into)?,
        charset: Charset::UTF_8,
        program: keys.try_into().map_err(Into::into)?,
    }))
}

fn thread(
    numbering: Numbering,
    algorithm: ThreadAlgorithm<'static>,
    keys: impl TryInto<SearchProgram<'static>, Error: Into<ClientError>>,
) -> Result<Command<'static>, ClientError> {
    Ok(Command::Thread(Thread {
        numbering,
        algorithm,
        charset: Charset::UTF_8,
        program: keys.try_into().map_err(Into::into)?,
    }))
}
