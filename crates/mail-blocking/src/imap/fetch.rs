//! FETCH: messages as they arrive, or collected.

use std::io::{self, Write};
use std::num::NonZeroU32;

use imap_proto::client::{Event, InvalidResponse};
use imap_proto::{Command, Data, Fetch, FetchCommand, FetchItem, FetchSelection, Numbering, SequenceSet};
use mail_wire::{Machine, Step};

use super::client::Said;
use super::{Client, ClientError};
use crate::{Body, Error, Transport};

impl<T: Transport> Client<T> {
    /// FETCH, as it arrives: long literals stream.
    ///
    /// ```no_run
    /// # fn example(mut imap: mail_blocking::imap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use mail_blocking::imap::Fetched;
    ///
    /// let mut messages = imap.fetch("1:*", "(UID BODY.PEEK[])")?;
    /// while let Some(piece) = messages.next()? {
    ///     match piece {
    ///         Fetched::Began(_, number) => println!("message {number}"),
    ///         // A short one came whole.
    ///         Fetched::Item(item) => println!("{item:?}"),
    ///         Fetched::Literal(_, mut octets) => {
    ///             std::io::copy(&mut octets, &mut std::io::sink())?;
    ///         }
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn fetch(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        selection: impl TryInto<FetchSelection<'static>, Error: Into<ClientError>>,
    ) -> Result<Fetches<'_, T>, ClientError> {
        let command = command(Numbering::Sequence, messages, selection)?;
        self.fetch_with(command)
    }

    /// UID FETCH, as it arrives.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_fetch(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        selection: impl TryInto<FetchSelection<'static>, Error: Into<ClientError>>,
    ) -> Result<Fetches<'_, T>, ClientError> {
        let command = command(Numbering::Uid, messages, selection)?;
        self.fetch_with(command)
    }

    /// FETCH or UID FETCH with modifiers, such as CHANGEDSINCE, as it arrives.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn fetch_with(&mut self, command: FetchCommand<'static>) -> Result<Fetches<'_, T>, ClientError> {
        self.submit(Command::Fetch(command))?;
        Ok(Fetches {
            client: self,
            state: State::Running,
        })
    }

    /// FETCH, collected, literals and all.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn fetch_all(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        selection: impl TryInto<FetchSelection<'static>, Error: Into<ClientError>>,
    ) -> Result<Vec<Fetch<'static>>, ClientError> {
        let command = command(Numbering::Sequence, messages, selection)?;
        self.fetch_all_with(command)
    }

    /// UID FETCH, collected, literals and all.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn uid_fetch_all(
        &mut self,
        messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
        selection: impl TryInto<FetchSelection<'static>, Error: Into<ClientError>>,
    ) -> Result<Vec<Fetch<'static>>, ClientError> {
        let command = command(Numbering::Uid, messages, selection)?;
        self.fetch_all_with(command)
    }

    fn fetch_all_with(&mut self, command: FetchCommand<'static>) -> Result<Vec<Fetch<'static>>, ClientError> {
        let reply = self.run(Command::Fetch(command))?;
        Ok(self.sift(reply, fetched))
    }
}

/// Messages as they arrive. One that is dropped half-way is read on and dropped by the next command.
#[derive(Debug)]
pub struct Fetches<'c, T> {
    client: &'c mut Client<T>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Ended,
}

/// A piece of a FETCH response.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fetched<'f, T> {
    /// A response begins: the message's number. There may be several of one message, also such as nobody asked for: a
    /// server tells so that its flags have changed.
    Began(Numbering, NonZeroU32),
    /// An item.
    Item(FetchItem<'static>),
    /// An item whose literal is longer than [`ClientLimits::literal`](imap_proto::ClientLimits::literal), and its octets. What is
    /// not read of them is dropped.
    Literal(FetchItem<'static>, Body<'f, imap_proto::Client, T>),
    /// The response is over.
    Ended,
    /// A response that could not be read.
    Invalid(Box<InvalidResponse>),
}

/// A [`Fetched`] before its body is lent.
enum Piece {
    Whole(Event),
    Literal(FetchItem<'static>),
}

impl<T: Transport> Fetches<'_, T> {
    /// The next piece; `None` when the server has said OK. Data that is not of FETCH goes to [`Client::news`].
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] when the server has said NO, which it may do behind pieces of its answer, and the
    /// session's.
    #[expect(
        clippy::should_implement_trait,
        reason = "the event loop of every adapter calls it next"
    )]
    pub fn next(&mut self) -> Result<Option<Fetched<'_, T>>, ClientError> {
        while self.state == State::Running {
            let Some(piece) = self.piece()? else { continue };
            return Ok(Some(match piece {
                Piece::Literal(item) => Fetched::Literal(item, Body::new(&mut self.client.driver)),
                Piece::Whole(Event::FetchBegan(numbering, number)) => Fetched::Began(numbering, number),
                Piece::Whole(Event::FetchItem(item)) => Fetched::Item(*item),
                Piece::Whole(Event::Invalid(invalid)) => Fetched::Invalid(invalid),
                Piece::Whole(_) => Fetched::Ended,
            }));
        }
        Ok(None)
    }

    fn piece(&mut self) -> Result<Option<Piece>, ClientError> {
        let event = match self.client.driver.step()? {
            Step::Event(event) => event,
            Step::Body => {
                self.client.driver.machine_mut().consume(usize::MAX);
                return Ok(None);
            }
            Step::BodyEnd | Step::BodyAborted => {
                self.client.driver.machine_mut().close_body();
                return Ok(None);
            }
            _ => return Err(Error::Closed.into()),
        };
        match event {
            Event::FetchLiteral(item) => return Ok(Some(Piece::Literal(*item))),
            Event::FetchBegan(..) | Event::FetchItem(_) | Event::FetchEnded | Event::Invalid(_) => {
                return Ok(Some(Piece::Whole(event)));
            }
            _ => {}
        }
        match self.client.event(event)? {
            Some(Said::Data(data)) => self.client.news_mut().push(data),
            Some(Said::Done(status)) => {
                self.state = State::Ended;
                self.client.finish(status)?;
            }
            _ => {}
        }
        Ok(None)
    }
}

/// Octets of a message, wherever they came.
impl<T: Transport> Fetched<'_, T> {
    /// Copies the octets of an item that has some, whether they came whole or stream, and returns how many there were;
    /// `None` for other pieces.
    ///
    /// # Errors
    ///
    /// Those of the session and of `target`.
    pub fn copy_to(&mut self, target: &mut impl Write) -> io::Result<Option<u64>> {
        match self {
            Self::Literal(_, body) => io::copy(body, target).map(Some),
            Self::Item(item) => {
                let Some(mut octets) = item.data().and_then(|data| data.held()) else {
                    return Ok(None);
                };
                io::copy(&mut octets, target).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn command(
    numbering: Numbering,
    messages: impl TryInto<SequenceSet, Error: Into<ClientError>>,
    selection: impl TryInto<FetchSelection<'static>, Error: Into<ClientError>>,
) -> Result<FetchCommand<'static>, ClientError> {
    Ok(FetchCommand {
        numbering,
        set: messages.try_into().map_err(Into::into)?,
        selection: selection.try_into().map_err(Into::into)?,
        modifiers: Vec::new(),
    })
}

pub(super) fn fetched(data: Data<'static>) -> Result<Fetch<'static>, Data<'static>> {
    match data {
        Data::Fetch(fetch) => Ok(fetch),
        other => Err(other),
    }
}
