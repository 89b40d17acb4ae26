//! AUTH by the mechanism that suits both sides best.

use mail_sasl::{Credentials, Policy};
use mail_wire::{MechanismName, Misuse};
use smtp_proto::client::Event;
use smtp_proto::{Reply, Verb};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Client, ClientError};
use crate::Error;
use crate::sasl::channel;

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// Logs in by the strongest mechanism that the server offers. Neither a password nor a token goes over a connection
    /// that others can read.
    ///
    /// # Errors
    ///
    /// [`ClientError::NoMechanism`] before anything is sent; [`ClientError::Refused`] and [`ClientError::Sasl`].
    ///
    /// # Cancel safety
    ///
    /// None: dropped half-way, the session must be dropped too.
    pub async fn login(&mut self, credentials: &Credentials) -> Result<Reply, ClientError> {
        self.login_with(credentials, &Policy::default()).await
    }

    /// Logs in by a mechanism that the policy allows.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login).
    ///
    /// # Cancel safety
    ///
    /// As [`login`](Self::login).
    pub async fn login_with(&mut self, credentials: &Credentials, policy: &Policy) -> Result<Reply, ClientError> {
        let offered = self.capabilities().auth();
        let channel = channel(self.tls(), self.is_secured());
        let mut exchange = policy.start(offered.iter().map(MechanismName::as_str), credentials, &channel)?;
        let mechanism = exchange
            .mechanism()
            .as_str()
            .parse()
            .map_err(|_| Misuse::NotOffered { extension: "AUTH" })?;
        self.machine().authenticate(mechanism, exchange.initial_response())?;
        loop {
            match self.event().await? {
                Event::Challenge(challenge) => {
                    // Deriving a key from a password can take long.
                    let responding = move || {
                        let response = exchange.respond(challenge.expose());
                        (exchange, response)
                    };
                    let response;
                    (exchange, response) = match tokio::task::spawn_blocking(responding).await {
                        Ok(done) => done,
                        Err(_) => return Err(Error::Closed.into()),
                    };
                    let responded = match response {
                        Ok(response) => self.machine().respond(&response).map_err(ClientError::from),
                        Err(error) => Err(error.into()),
                    };
                    if let Err(error) = responded {
                        return Err(self.give_up(error).await);
                    }
                }
                Event::Authenticated(reply) => {
                    exchange.finish(None)?;
                    return Ok(reply);
                }
                Event::Reply {
                    command: Verb::Auth,
                    reply,
                } => {
                    return Err(exchange
                        .refusal()
                        .map_or(ClientError::Refused(reply), ClientError::Sasl));
                }
                _ => {}
            }
        }
    }

    /// Cancels the exchange, hears the server's refusal, and says why.
    async fn give_up(&mut self, why: ClientError) -> ClientError {
        if let Err(misuse) = self.machine().cancel() {
            return misuse.into();
        }
        match self.reply(Verb::Auth).await {
            Ok(_) | Err(ClientError::Refused(_)) => why,
            Err(other) => other,
        }
    }
}
