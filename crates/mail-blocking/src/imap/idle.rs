//! IDLE: the server tells what happens as it happens.

use std::time::{Duration, Instant};

use imap_proto::{Command, Data};

use super::client::Said;
use super::{Client, ClientError};
use crate::Transport;

impl<T: Transport> Client<T> {
    /// IDLE (RFC 2177). It is renewed by itself before servers log idle clients out.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn idle(&mut self) -> Result<Idle<'_, T>, ClientError> {
        self.submit(Command::Idle)?;
        loop {
            match self.said()? {
                Said::Idling => break,
                Said::Data(data) => self.hear(data),
                Said::Done(status) => {
                    let reply = self.finish(status)?;
                    reply.data.into_iter().for_each(|data| self.hear(data));
                    return Ok(Idle {
                        client: self,
                        state: State::Ended,
                    });
                }
                _ => {}
            }
        }
        Ok(Idle {
            client: self,
            state: State::Idling,
        })
    }
}

/// A session that idles. When it is dropped, the next command ends IDLE first.
#[derive(Debug)]
pub struct Idle<'c, T> {
    client: &'c mut Client<T>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idling,
    Ended,
}

enum Waited {
    Happened(Data<'static>),
    Ended,
    /// The time is up.
    Nothing,
}

impl<T: Transport> Idle<'_, T> {
    /// What happens next, however long that takes; `None` when the server has ended it.
    ///
    /// # Errors
    ///
    /// What ends the session.
    #[expect(
        clippy::should_implement_trait,
        reason = "the event loop of every adapter calls it next"
    )]
    pub fn next(&mut self) -> Result<Option<Data<'static>>, ClientError> {
        loop {
            match self.wait(None)? {
                Waited::Happened(data) => return Ok(Some(data)),
                Waited::Ended => return Ok(None),
                Waited::Nothing => {}
            }
        }
    }

    /// What happens within `limit`; `None` when nothing does, or the server has ended it.
    ///
    /// # Errors
    ///
    /// What ends the session.
    pub fn next_within(&mut self, limit: Duration) -> Result<Option<Data<'static>>, ClientError> {
        match self.wait(Some(Instant::now() + limit))? {
            Waited::Happened(data) => Ok(Some(data)),
            Waited::Ended | Waited::Nothing => Ok(None),
        }
    }

    fn wait(&mut self, deadline: Option<Instant>) -> Result<Waited, ClientError> {
        loop {
            if let Some(data) = self.client.heard() {
                return Ok(Waited::Happened(data));
            }
            if self.state == State::Ended {
                return Ok(Waited::Ended);
            }
            match self.client.said_until(deadline)? {
                Some(Said::Data(data)) => return Ok(Waited::Happened(data)),
                Some(Said::Done(status)) => {
                    self.state = State::Ended;
                    self.client.finish(status)?;
                }
                Some(_) => {}
                None => return Ok(Waited::Nothing),
            }
        }
    }

    /// Ends it and waits for the result. What happens meanwhile is in [`Client::news`].
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub fn done(self) -> Result<(), ClientError> {
        if self.state == State::Idling {
            self.client.driver.machine_mut().done();
            let reply = self.client.reply()?;
            self.client.sift(reply, super::account::news);
        }
        Ok(())
    }
}
