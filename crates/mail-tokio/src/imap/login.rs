//! Logging in.

use imap_proto::client::Security;
use imap_proto::{AString, Atom, Authenticate, Command, Credential, Login, SaslResponse, Status};
use mail_sasl::{Credentials, Policy};
use mail_wire::{Machine, Misuse, Secret};
use tokio::io::{AsyncRead, AsyncWrite};

use super::account::news;
use super::client::Said;
use super::{Client, ClientError};
use crate::login;

impl<T: AsyncRead + AsyncWrite + Unpin> Client<T> {
    /// LOGIN.
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for a wrong name or password; a name or password with CR, LF or NUL.
    pub async fn login(&mut self, user: &str, password: impl Into<Secret>) -> Result<(), ClientError> {
        let login = Login {
            user: AString::try_from(user.to_owned())?,
            password: Credential::password(password.into())?,
        };
        self.tell(Command::Login(login)).await
    }

    /// AUTHENTICATE. `respond` turns each challenge, decoded, into its response; with `None` it gives up. `initial` is
    /// the response that a mechanism like PLAIN begins with.
    ///
    /// ```no_run
    /// # async fn example(mut imap: mail_tokio::imap::Client) -> Result<(), mail_tokio::imap::ClientError> {
    /// imap.authenticate("PLAIN", Some("\0bob\0hungry".into()), |_| None).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As all commands: [`ClientError`].
    pub async fn authenticate(
        &mut self,
        mechanism: &str,
        initial: Option<Secret>,
        mut respond: impl FnMut(&[u8]) -> Option<Secret>,
    ) -> Result<(), ClientError> {
        let authenticate = Authenticate {
            mechanism: Atom::new(mechanism.to_owned())?,
            initial_response: initial.map(Credential::sasl),
        };
        self.submit(Command::Authenticate(authenticate)).await?;
        loop {
            match self.said().await? {
                Said::Challenge(challenge) => {
                    let response = respond(&challenge).map(Credential::sasl);
                    let response = response.map_or(SaslResponse::Cancel, SaslResponse::Data);
                    self.driver.machine_mut().respond(&response)?;
                }
                Said::Done(status) => {
                    let reply = self.finish(status)?;
                    self.sift(reply, news);
                    return Ok(());
                }
                other => self.aside(other)?,
            }
        }
    }

    /// AUTHENTICATE by the strongest mechanism that the server offers, the credentials are good for and the policy allows,
    /// with the initial response where the server takes it. LOGIN counts as the mechanism of that name, which says the same,
    /// and is used where no other mechanism can be.
    ///
    /// ```no_run
    /// # async fn example(mut imap: mail_tokio::imap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use mail_tokio::sasl::{Credentials, Policy};
    ///
    /// imap.login_with(&Credentials::password("bob", "hungry")?, &Policy::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClientError::Refused`] for wrong credentials, [`ClientError::Login`] when no mechanism can be used or the server
    /// fails to prove who it is: then the session is over, though it said that all is well.
    pub async fn login_with(&mut self, credentials: &Credentials, policy: &Policy) -> Result<(), ClientError> {
        let offers = self.capabilities().await?;
        let takes_passwords = !offers.iter().any(|offer| offer.is("LOGINDISABLED"));
        let offered: Vec<String> = offers
            .iter()
            .filter_map(|offer| offer.value_of("AUTH"))
            .map(str::to_owned)
            .collect();
        let channel = login::channel(self.driver.tls(), self.machine().security() == Security::Secured);
        match policy.start(&offered, credentials, &channel) {
            Ok(exchange) => self.exchange(exchange).await,
            Err(none) => match policy.start(["LOGIN"], credentials, &channel) {
                Ok(exchange) if takes_passwords => self.login_by_command(exchange).await,
                _ => Err(none.into()),
            },
        }
    }

    async fn login_by_command(&mut self, mut exchange: mail_sasl::Client) -> Result<(), ClientError> {
        let name = exchange.respond(b"Username:")?;
        let name = String::from_utf8_lossy(name.expose());
        let password = exchange.respond(b"Password:")?;
        self.login(&name, password).await
    }

    async fn exchange(&mut self, mut exchange: mail_sasl::Client) -> Result<(), ClientError> {
        let authenticate = Authenticate {
            mechanism: Atom::new(exchange.mechanism().as_str())?,
            initial_response: exchange.initial_response().map(Credential::sasl),
        };
        self.submit(Command::Authenticate(authenticate)).await?;
        loop {
            match self.said().await? {
                Said::Challenge(challenge) => {
                    let response;
                    (exchange, response) = login::respond(exchange, challenge).await?;
                    let response = response.map(Credential::sasl);
                    let response = response.map_or(SaslResponse::Cancel, SaslResponse::Data);
                    self.driver.machine_mut().respond(&response)?;
                }
                Said::Done(status) => return self.exchanged(exchange, status),
                other => self.aside(other)?,
            }
        }
    }

    /// The server says how an exchange went; the mechanism knows whether to believe it.
    fn exchanged(&mut self, mut exchange: mail_sasl::Client, status: Box<Status<'static>>) -> Result<(), ClientError> {
        match self.finish(status) {
            Ok(reply) => {
                self.sift(reply, news);
                let finished = exchange.finish(None);
                // Whoever this is, nothing is said to it any more.
                finished.inspect_err(|_| self.driver.machine_mut().shutdown())?;
                Ok(())
            }
            Err(refused) => Err(exchange.refusal().map_or(refused, ClientError::from)),
        }
    }

    /// What is said while an exchange goes on, and does not belong to it.
    fn aside(&mut self, said: Said) -> Result<(), ClientError> {
        match said {
            Said::Data(data) => self.hear(data),
            Said::Challenged | Said::Literal => {
                let command = "AUTHENTICATE";
                return Err(Misuse::OutOfSequence { command }.into());
            }
            _ => {}
        }
        Ok(())
    }
}
