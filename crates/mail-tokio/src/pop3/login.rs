//! Logging in.

use mail_sasl::{Credentials, Policy};
use mail_wire::{Machine, Secret};
use pop3_proto::client::{Event, Security};
use pop3_proto::{Name, Password};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Client, ClientError};
use crate::login;

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// USER and PASS.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for a wrong name or password; a name or password with CR, LF or NUL.
    pub async fn login(&mut self, name: &str, password: impl Into<Secret>) -> Result<(), ClientError> {
        let (name, password) = (Name::new(name)?, Password::new(password.into())?);
        self.machine().login(name, password)?;
        self.done().await
    }

    /// AUTH by the strongest mechanism that the server offers, the credentials are good for and the policy allows. USER and
    /// PASS count as the mechanism LOGIN, which says the same, and are used where no other mechanism can be.
    ///
    /// ```no_run
    /// # async fn example(mut pop3: mail_tokio::pop3::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use mail_tokio::sasl::{Credentials, Policy};
    ///
    /// pop3.login_with(&Credentials::password("bob", "hungry")?, &Policy::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for wrong credentials, [`ClientError::Login`] when no mechanism can be used or the server
    /// fails to prove who it is: then the session is over, though it said that all is well.
    pub async fn login_with(&mut self, credentials: &Credentials, policy: &Policy) -> Result<(), ClientError> {
        let is_secured = self.driver.machine().security() == Security::Secured;
        let channel = login::channel(self.driver.tls(), is_secured);
        let offered = self
            .capabilities()
            .map(|offered| offered.mechanisms())
            .unwrap_or_default();
        let offered = offered.iter().map(|mechanism| mechanism.as_str());
        match policy.start(offered, credentials, &channel) {
            Ok(exchange) => self.exchange(exchange).await,
            Err(none) => match policy.start(["LOGIN"], credentials, &channel) {
                Ok(exchange) if self.takes_passwords() => self.login_by_commands(exchange).await,
                _ => Err(none.into()),
            },
        }
    }

    /// Servers without CAPA do not say so.
    fn takes_passwords(&self) -> bool {
        self.capabilities().is_none_or(|offered| offered.has("USER"))
    }

    async fn login_by_commands(&mut self, mut exchange: mail_sasl::Client) -> Result<(), ClientError> {
        let name = exchange.respond(b"Username:")?;
        let name = String::from_utf8_lossy(name.expose());
        let password = exchange.respond(b"Password:")?;
        self.login(&name, password).await
    }

    async fn exchange(&mut self, mut exchange: mail_sasl::Client) -> Result<(), ClientError> {
        let initial_response = exchange.initial_response();
        let mechanism = login::name(exchange.mechanism());
        self.machine().authenticate(mechanism, initial_response)?;
        loop {
            match self.event().await {
                Ok(Event::Challenge(challenge)) => {
                    let response;
                    (exchange, response) = login::respond(exchange, challenge).await?;
                    match response {
                        Ok(response) => self.machine().respond(response)?,
                        Err(_) => self.machine().cancel()?,
                    }
                }
                Ok(Event::LoggedIn(_)) => {
                    let finished = exchange.finish(None);
                    // Whoever this is, nothing is said to it any more.
                    finished.inspect_err(|_| self.machine().shutdown())?;
                    return Ok(());
                }
                Err(ClientError::Refused(response)) => {
                    return Err(match exchange.refusal() {
                        Some(error) => error.into(),
                        None => ClientError::Refused(response),
                    });
                }
                other => drop(other?),
            }
        }
    }
}
