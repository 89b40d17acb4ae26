//! The client's side of an exchange.

mod challenged;
mod error;
mod one_message;

use std::fmt;

use mail_wire::Secret;

pub use error::{ClientError, Unusable};

use crate::credentials::Proof;
use crate::scram::client::Scram;
use crate::{Channel, Credentials, Mechanism, Nonce, limits, oauth_bearer, plain, xoauth2};
use challenged::{CramMd5, Login};
use one_message::{OneMessage, Refusals};

/// An exchange, seen from the client: challenges in, responses out.
///
/// 1. [`initial_response`](Self::initial_response): send it with the command if the protocol has room for it.
/// 2. [`respond`](Self::respond) to each challenge. On an error cancel the exchange.
/// 3. [`finish`](Self::finish) when the server says that it succeeded, and trust nobody before that returned `Ok`. When
///    the server says that it failed, [`refusal`](Self::refusal) may know more.
///
/// ```
/// use mail_sasl::{Channel, Client, Credentials, Mechanism};
///
/// let credentials = Credentials::password("tim", "tanstaaftanstaaf")?;
/// let mut client = Client::new(Mechanism::CramMd5, &credentials, &Channel::plaintext())?;
/// assert_eq!(client.initial_response(), None);
/// let response = client.respond(b"<1896.697170952@postoffice.reston.mci.net>")?;
/// assert!(response.matches(b"tim b913a602c7eda7a495b4e6e7334d3890"));
/// client.finish(None)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Client {
    mechanism: Mechanism,
    side: Box<dyn Side>,
    state: State,
}

/// How a client is set up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The fewest iterations of SCRAM that a server may ask for.
    pub least_iterations: u32,
    /// The most iterations of SCRAM that a server may ask for. Each costs the client a fraction of a microsecond, and nearly two
    /// with SHA-512.
    pub most_iterations: u32,
    /// The nonce of SCRAM; a random one if there is none. For tests.
    pub nonce: Option<Nonce>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        let (least_iterations, most_iterations) = (limits::LEAST_ITERATIONS, limits::MOST_ITERATIONS);
        Self {
            least_iterations,
            most_iterations,
            nonce: None,
        }
    }
}

enum State {
    /// No challenge was seen.
    Fresh,
    Running,
    Failed(ClientError),
}

impl Client {
    /// Begins an exchange by a mechanism, as [`Policy::choose`](crate::Policy::choose) gives it. Prefer
    /// [`Policy::start`](crate::Policy::start), which also knows what the server must be told about channel binding.
    ///
    /// SCRAM without channel binding on a channel that has one says `y`: the server offered no mechanism that binds. If it
    /// did, it refuses (RFC 5802 §6); [`Channel::without_bindings`] says `n` instead.
    ///
    /// # Errors
    ///
    /// When the mechanism cannot be used with these credentials on this channel.
    pub fn new(mechanism: Mechanism, credentials: &Credentials, channel: &Channel) -> Result<Self, Unusable> {
        Self::with_options(mechanism, credentials, channel, ClientOptions::default())
    }

    /// The same, with limits and a nonce of one's own.
    ///
    /// # Errors
    ///
    /// As [`Client::new`].
    pub fn with_options(
        mechanism: Mechanism,
        credentials: &Credentials,
        channel: &Channel,
        options: ClientOptions,
    ) -> Result<Self, Unusable> {
        if credentials.authzid.is_some() && !mechanism.takes_authorization() {
            return Err(Unusable::NoAuthorization);
        }
        let side = side(mechanism, credentials, channel, options)?;
        Ok(Self {
            mechanism,
            side,
            state: State::Fresh,
        })
    }

    /// The mechanism, whose name goes into the command.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the client says first; `None` where the server begins. It may be empty. It can be asked for again: where it is
    /// not sent with the command, an empty challenge asks for it.
    pub fn initial_response(&self) -> Option<Secret> {
        self.side.initial()
    }

    /// Answers a challenge.
    ///
    /// With SCRAM this derives keys from the password: milliseconds as a rule, seconds if
    /// [`ClientOptions::most_iterations`] lets the server ask for them. Async programs do it where blocking is allowed.
    ///
    /// # Errors
    ///
    /// When the challenge is not what the mechanism has next, or the server does not know what it should. Cancel the
    /// exchange then. Every later call returns the same error.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        let fresh = match &self.state {
            State::Failed(error) => return Err(error.clone()),
            state => matches!(state, State::Fresh),
        };
        self.state = State::Running;
        let response = match self.side.initial() {
            _ if challenge.len() > limits::MESSAGE => Err(ClientError::TooLong),
            Some(first) if fresh && challenge.is_empty() => Ok(first),
            _ => self.side.respond(challenge),
        };
        self.keep(response)
    }

    /// To be called when the server says that the exchange succeeded, with the data that it sent along, if the protocol has
    /// such (SMTP, POP3 and IMAP have not).
    ///
    /// # Errors
    ///
    /// When the server must not be believed: SCRAM has not seen its signature, or the success came before its time. Close
    /// the connection then.
    pub fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError> {
        if let State::Failed(error) = &self.state {
            return Err(error.clone());
        }
        self.state = State::Running;
        let result = self.side.finish(data);
        self.keep(result)
    }

    /// What the exchange itself knows about a failure: an error of before, or how the server refused a token.
    pub fn refusal(&self) -> Option<ClientError> {
        match &self.state {
            State::Failed(error) => Some(error.clone()),
            State::Fresh | State::Running => self.side.refusal(),
        }
    }

    fn keep<T>(&mut self, result: Result<T, ClientError>) -> Result<T, ClientError> {
        if let Err(error) = &result {
            self.state = State::Failed(error.clone());
        }
        result
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.mechanism)
    }
}

/// What the mechanisms do differently.
pub(crate) trait Side: Send + Sync {
    fn initial(&self) -> Option<Secret>;
    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, ClientError>;
    fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError>;

    fn refusal(&self) -> Option<ClientError> {
        None
    }
}

fn side(
    mechanism: Mechanism,
    credentials: &Credentials,
    channel: &Channel,
    options: ClientOptions,
) -> Result<Box<dyn Side>, Unusable> {
    let authzid = credentials.authzid.clone();
    Ok(match (mechanism, &credentials.proof) {
        (Mechanism::Plain, Proof::Password(user, password)) => {
            let message = plain::Message {
                authzid,
                authcid: user.clone(),
                password: password.clone(),
            };
            Box::new(OneMessage::new(message.encode(), Refusals::None))
        }
        (Mechanism::Login, Proof::Password(user, password)) => Box::new(Login::new(user, password)),
        (Mechanism::CramMd5, Proof::Password(user, password)) => Box::new(CramMd5::new(user, password)),
        (mechanism, Proof::Password(user, password)) => {
            let hash = mechanism.hash().ok_or(Unusable::WrongCredentials)?;
            let names = (user.prepared()?, authzid.map(|name| name.prepared()).transpose()?);
            let binding = binding(mechanism, channel)?;
            Box::new(Scram::new(hash, names, password, binding, options)?)
        }
        (Mechanism::OauthBearer, Proof::Bearer(user, token, endpoint)) => {
            let user = Some(authzid.unwrap_or_else(|| user.clone()));
            let message = oauth_bearer::Message {
                user,
                endpoint: endpoint.clone(),
                token: token.clone(),
            };
            Box::new(OneMessage::new(message.encode(), Refusals::Json(oauth_bearer::DUMMY)))
        }
        (Mechanism::Xoauth2, Proof::Bearer(user, token, _)) => {
            let message = xoauth2::Message {
                user: user.clone(),
                token: token.clone(),
            };
            Box::new(OneMessage::new(message.encode(), Refusals::Json(b"")))
        }
        (Mechanism::External, Proof::External) => {
            let message = authzid.map_or(Secret::from(""), |name| Secret::from(name.as_str()));
            Box::new(OneMessage::new(message, Refusals::None))
        }
        (Mechanism::Anonymous, Proof::Anonymous(trace)) => {
            Box::new(OneMessage::new(Secret::from(trace.as_str()), Refusals::None))
        }
        _ => return Err(Unusable::WrongCredentials),
    })
}

/// What a SCRAM client says about channel binding.
pub(crate) enum Binding {
    /// The channel has none, or it is not to be used.
    None,
    /// The server has none.
    NotOffered,
    Used(&'static str, Vec<u8>),
}

fn binding(mechanism: Mechanism, channel: &Channel) -> Result<Binding, Unusable> {
    match (mechanism.is_plus(), channel.bindings().first()) {
        (true, Some(binding)) => Ok(Binding::Used(binding.name(), binding.octets().to_vec())),
        (true, None) => Err(Unusable::NoChannelBinding),
        (false, Some(_)) => Ok(Binding::NotOffered),
        (false, None) => Ok(Binding::None),
    }
}
