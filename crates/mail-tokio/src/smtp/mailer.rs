//! Messages in, results out: the envelope comes from the header fields, the connection from a pool.

use std::fmt;
use std::io;

use mail_sasl::{Credentials, Policy};
use mail_submission::{NotSubmittable, Submission};
use mail_tls::Address;
use smtp_proto::Reply;
use smtp_proto::client::{Config, Envelope, Failure, Outcome, Recipient};

use super::{Client, ClientError};
use crate::pool::{Lease, Limits, Pool};
use crate::{Error, Options, ToAddress};

/// Sends messages through one submission server, over connections that it keeps for the next message.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mail_sasl::Credentials;
/// use mail_tokio::{smtp::Mailer, tls::Tls};
///
/// let mailer = Mailer::new("mail.crepes.example:587", Tls::required())?
///     .with_login(Credentials::password("alice", "open sesame")?);
/// let sent = mailer.send(b"From: alice@crepes.example\r\nTo: bob@hamburger.example\r\n\r\nAt noon?\r\n").await?;
/// for (recipient, result) in sent.results() {
///     println!("{recipient}: {}", result.map_or_else(|failure| failure.to_string(), |reply| reply.to_string()));
/// }
/// # Ok(())
/// # }
/// ```
pub struct Mailer {
    address: Address,
    options: Options<Config>,
    login: Option<Credentials>,
    policy: Policy,
    pool: Pool<(), Client>,
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailerError {
    /// Its header fields do not say from whom, or to whom.
    #[error(transparent)]
    Message(#[from] NotSubmittable),
    /// The server, or the way to it. When the connection was lost behind the message's beginning, whether the server has
    /// taken it is not known.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct Sent {
    envelope: Envelope,
    outcome: Outcome,
}

impl Sent {
    /// Each recipient, and the reply by which the server took responsibility, or why it did not.
    pub fn results(&self) -> impl ExactSizeIterator<Item = (&Recipient, Result<Reply, Failure>)> {
        self.envelope.recipients().iter().zip(self.outcome.results())
    }

    /// Whether every recipient gets the message.
    pub fn is_complete_success(&self) -> bool {
        self.outcome.is_complete_success()
    }

    /// The envelope that the message asked for.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

impl Mailer {
    /// For the server at `address`. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// An address that is none.
    pub fn new(address: impl ToAddress, options: impl Into<Options<Config>>) -> io::Result<Self> {
        Ok(Self {
            address: address.to_address()?,
            options: options.into(),
            login: None,
            policy: Policy::default(),
            pool: Pool::new(Limits::default()),
        })
    }

    /// Logs in on each connection.
    #[must_use]
    pub fn with_login(mut self, credentials: Credentials) -> Self {
        self.login = Some(credentials);
        self
    }

    /// By which mechanisms: [`Client::login_with`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How many connections are kept, and how long.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.pool = Pool::new(limits);
        self
    }

    /// Sends a message to whom its header fields name, without its `Bcc`: [`Submission::of`].
    ///
    /// # Errors
    ///
    /// [`MailerError`]. Recipients that are refused are none: see [`Sent::results`].
    pub async fn send(&self, message: &[u8]) -> Result<Sent, MailerError> {
        let (envelope, message) = Submission::of(message)?.into_parts();
        let outcome = self.send_as(&envelope, &message).await?;
        Ok(Sent { envelope, outcome })
    }

    /// Sends a message as it is, to whom the envelope says.
    ///
    /// A kept connection that turns out to be lost before anything of the message went over it is replaced once.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn send_as(&self, envelope: &Envelope, message: &[u8]) -> Result<Outcome, ClientError> {
        let mut client = self.client().await?;
        match client.send(envelope, message).await {
            Err(ClientError::Session(error)) if client.was_kept_in_vain() && !matches!(error, Error::Misuse(_)) => {
                drop(client.take());
                self.client().await?.send(envelope, message).await
            }
            sent => sent,
        }
    }

    /// Says good-bye on connections whose time is over.
    pub async fn prune(&self) {
        for client in self.pool.prune() {
            // What it says to that changes nothing.
            let _ = client.quit().await;
        }
    }

    async fn client(&self) -> Result<Lease<(), Client>, ClientError> {
        let connect = async |_: &()| {
            let mut client = Client::connect(self.address.clone(), self.options.clone()).await?;
            if let Some(credentials) = &self.login {
                client.login_with(credentials, &self.policy).await?;
            }
            Ok(client)
        };
        self.pool.get((), connect).await
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
