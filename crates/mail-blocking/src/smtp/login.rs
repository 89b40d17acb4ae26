//! AUTH by the mechanism that suits both sides best.

use mail_sasl::{Credentials, Policy};
use mail_wire::{MechanismName, Misuse};
use smtp_proto::client::Event;
use smtp_proto::{Reply, Verb};

use super::{Client, ClientError};
use crate::Transport;
use crate::sasl::channel;

impl<T: Transport> Client<T> {
    /// Logs in by the strongest mechanism that the server offers. Neither a password nor a token goes over a connection
    /// that others can read.
    ///
    /// # Errors
    ///
    /// [`ClientError::NoMechanism`] before anything is sent; [`ClientError::Refused`] and [`ClientError::Sasl`].
    pub fn login(&mut self, credentials: &Credentials) -> Result<Reply, ClientError> {
        self.login_with(credentials, &Policy::default())
    }

    /// Logs in by a mechanism that the policy allows.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login).
    pub fn login_with(&mut self, credentials: &Credentials, policy: &Policy) -> Result<Reply, ClientError> {
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
            match self.event()? {
                Event::Challenge(challenge) => {
                    let responded = match exchange.respond(challenge.expose()) {
                        Ok(response) => self.machine().respond(&response).map_err(ClientError::from),
                        Err(error) => Err(error.into()),
                    };
                    if let Err(error) = responded {
                        return Err(self.give_up(error));
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
    fn give_up(&mut self, why: ClientError) -> ClientError {
        if let Err(misuse) = self.machine().cancel() {
            return misuse.into();
        }
        match self.reply(Verb::Auth) {
            Ok(_) | Err(ClientError::Refused(_)) => why,
            Err(other) => other,
        }
    }
}
