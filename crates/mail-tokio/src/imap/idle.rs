//! IDLE: the server tells what happens as it happens.

use imap_proto::{Command, Data};
use tokio::io::{AsyncRead, AsyncWrite};

use super::client::Said;
use super::{Client, ClientError};

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// IDLE (RFC 2177). It is renewed by itself before servers log idle clients out.
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn idle(&mut self) -> Result<Idle<'_, T>, ClientError> {
        self.submit(Command::Idle).await?;
        loop {
            match self.said().await? {
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

impl<T: AsyncRead + AsyncWrite + Unpin> Idle<'_, T> {
    /// What happens next; `None` when the server has ended it.
    ///
    /// # Errors
    ///
    /// What ends the session.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped: it may race with a timer or another task.
    pub async fn next(&mut self) -> Result<Option<Data<'static>>, ClientError> {
        loop {
            if let Some(data) = self.client.heard() {
                return Ok(Some(data));
            }
            if self.state == State::Ended {
                return Ok(None);
            }
            match self.client.said().await? {
                Said::Data(data) => return Ok(Some(data)),
                Said::Done(status) => {
                    self.state = State::Ended;
                    self.client.finish(status)?;
                }
                _ => {}
            }
        }
    }

    /// Ends it and waits for the result. What happens meanwhile is in [`Client::news`].
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn done(self) -> Result<(), ClientError> {
        if self.state == State::Idling {
            self.client.driver.machine_mut().done();
            let reply = self.client.reply().await?;
            self.client.sift(reply, super::account::news);
        }
        Ok(())
    }
}
