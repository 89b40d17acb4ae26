//! The server's side of an exchange.

mod config;
mod error;
mod external;
mod lookup;
mod password;
mod token;

use std::fmt;
use std::sync::Arc;

pub use config::ServerConfig;
pub use error::Failure;
pub use lookup::{Answer, Identity, Lookup};

use crate::mechanism::Begins;
use crate::scram::server::Scram;
use crate::{Channel, Mechanism, Nonce, UserName, limits};
use external::{Anonymous, External};
use password::{CramMd5, Login, Plain};
use token::{Form, Token};

/// An exchange, seen from the server: responses in, challenges out. What only the application knows surfaces as a
/// [`Lookup`], which it answers when it has asked its database.
///
/// 1. [`start`](Self::start), with the initial response if the command brought one.
/// 2. Act on the [`ServerStep`]:
///    - [`Challenge`](ServerStep::Challenge): send it, then give the client's response to [`step`](Self::step). When the
///      client cancels, drop the exchange.
///    - [`Lookup`](ServerStep::Lookup): find out, then call [`answer`](Self::answer).
///    - [`Done`](ServerStep::Done), [`Failed`](ServerStep::Failed): say so.
///
/// What SCRAM's server says last goes out as a challenge, which the client answers with an empty response, since success
/// carries no data in SMTP, POP3 and IMAP (RFC 4954 §4).
///
/// ```
/// use std::sync::Arc;
/// use mail_sasl::{Account, Answer, Channel, Lookup, Mechanism, SecretKind, Server, ServerConfig, ServerStep};
///
/// let config = Arc::new(ServerConfig::new(&[SecretKind::Password])?);
/// let mut server = Server::new(Mechanism::Plain, &config, &Channel::secured())?;
/// let mut step = server.start(Some(b"\0tim\0tanstaaftanstaaf"));
/// let identity = loop {
///     step = match step {
///         ServerStep::Lookup(Lookup::Verify { user, .. }) if user.as_str() == "tim" => {
///             server.answer(Answer::Found(Account::with_password("tanstaaftanstaaf")))
///         }
///         ServerStep::Lookup(_) => server.answer(Answer::Unknown),
///         ServerStep::Challenge(_) => panic!("PLAIN has none behind an initial response"),
///         ServerStep::Done(identity) => break identity,
///         ServerStep::Failed(failure) => panic!("{failure}"),
///     }
/// };
/// assert_eq!(identity.user().unwrap().as_str(), "tim");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    mechanism: Mechanism,
    state: State,
}

/// What an exchange wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum ServerStep {
    /// Send this, which may be empty, and hand over the response.
    Challenge(Vec<u8>),
    /// Find this out, and answer.
    Lookup(Lookup),
    /// The client has authenticated.
    Done(Identity),
    /// It has not.
    Failed(Failure),
}

enum State {
    Fresh(Box<dyn Side>),
    Running(Box<dyn Side>),
    /// The application is asked whether the one may act for the other.
    Authorizing(Proved),
    /// The client answers what the server said last.
    Confirming(Identity),
    /// What every later call returns.
    Over(Failure),
}

impl Server {
    /// Begins an exchange by the mechanism that the client named.
    ///
    /// # Errors
    ///
    /// [`Failure::NotOffered`] when [`ServerConfig::offer`] does not hold the mechanism on this channel, and
    /// [`Failure::NoRandomness`].
    pub fn new(mechanism: Mechanism, config: &Arc<ServerConfig>, channel: &Channel) -> Result<Self, Failure> {
        let nonce = Nonce::random().map_err(|_| Failure::NoRandomness)?;
        Self::with_nonce(mechanism, config, channel, nonce)
    }

    /// The same with a nonce of one's own. For tests.
    ///
    /// # Errors
    ///
    /// As [`Server::new`].
    pub fn with_nonce(
        mechanism: Mechanism,
        config: &Arc<ServerConfig>,
        channel: &Channel,
        nonce: Nonce,
    ) -> Result<Self, Failure> {
        let side = side(mechanism, config, channel, nonce).filter(|_| config.offer(channel).contains(&mechanism));
        let state = State::Fresh(side.ok_or(Failure::NotOffered)?);
        Ok(Self { mechanism, state })
    }

    /// The mechanism.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Begins, with the initial response if there was one; an empty one is not none.
    pub fn start(&mut self, initial: Option<&[u8]>) -> ServerStep {
        let State::Fresh(side) = self.take() else {
            return self.fail(Failure::Misuse);
        };
        let opening = side.opening();
        self.state = State::Running(side);
        match (initial, self.mechanism.begins()) {
            (Some(_), Begins::Server) => self.fail(Failure::UnexpectedInitialResponse),
            (Some(response), Begins::Client | Begins::Either) => self.step(response),
            (None, _) => ServerStep::Challenge(opening),
        }
    }

    /// Takes the client's response to a challenge.
    pub fn step(&mut self, response: &[u8]) -> ServerStep {
        if response.len() > limits::MESSAGE {
            return self.fail(Failure::TooLong);
        }
        match self.take() {
            State::Running(mut side) => {
                let turn = side.step(response);
                self.turn(side, turn)
            }
            State::Confirming(identity) if response.is_empty() => self.done(identity),
            State::Confirming(_) => self.fail(Failure::UnexpectedResponse),
            State::Over(failure) => self.fail(failure),
            State::Fresh(_) | State::Authorizing(_) => self.fail(Failure::Misuse),
        }
    }

    /// Takes the application's answer to a [`Lookup`].
    pub fn answer(&mut self, answer: Answer) -> ServerStep {
        match self.take() {
            State::Running(mut side) => {
                let turn = side.answer(answer);
                self.turn(side, turn)
            }
            State::Authorizing(proved) => match answer {
                Answer::Yes => self.confirm(proved),
                Answer::No | Answer::Unknown => self.fail(Failure::NotAuthorized),
                Answer::Unavailable => self.fail(Failure::Unavailable),
                Answer::Found(_) | Answer::Owner(_) => self.fail(Failure::Misuse),
            },
            State::Over(failure) => self.fail(failure),
            State::Fresh(_) | State::Confirming(_) => self.fail(Failure::Misuse),
        }
    }

    fn take(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Over(Failure::Misuse))
    }

    fn turn(&mut self, side: Box<dyn Side>, turn: Turn) -> ServerStep {
        match turn {
            Turn::Challenge(challenge) => {
                self.state = State::Running(side);
                ServerStep::Challenge(challenge)
            }
            Turn::Lookup(lookup) => {
                self.state = State::Running(side);
                ServerStep::Lookup(lookup)
            }
            Turn::Proved(proved) => self.authorize(proved),
            Turn::Anonymous(identity) => self.done(identity),
            Turn::Failed(failure) => self.fail(failure),
        }
    }

    /// Whoever acts for itself needs no permission.
    fn authorize(&mut self, mut proved: Proved) -> ServerStep {
        proved.authzid = proved.authzid.filter(|authzid| *authzid != proved.authcid);
        let Some(authzid) = proved.authzid.clone() else {
            return self.confirm(proved);
        };
        let authcid = proved.authcid.clone();
        self.state = State::Authorizing(proved);
        ServerStep::Lookup(Lookup::Authorize { authcid, authzid })
    }

    fn confirm(&mut self, proved: Proved) -> ServerStep {
        let identity = Identity::User {
            authcid: proved.authcid,
            authzid: proved.authzid,
        };
        let Some(last) = proved.last else {
            return self.done(identity);
        };
        self.state = State::Confirming(identity);
        ServerStep::Challenge(last)
    }

    fn done(&mut self, identity: Identity) -> ServerStep {
        self.state = State::Over(Failure::Misuse);
        ServerStep::Done(identity)
    }

    fn fail(&mut self, failure: Failure) -> ServerStep {
        self.state = State::Over(failure);
        ServerStep::Failed(failure)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.mechanism)
    }
}

/// What the mechanisms do differently.
pub(crate) trait Side: Send + Sync {
    /// What the server says when the client has not begun.
    fn opening(&self) -> Vec<u8> {
        Vec::new()
    }

    fn step(&mut self, response: &[u8]) -> Turn;

    fn answer(&mut self, _answer: Answer) -> Turn {
        Turn::Failed(Failure::Misuse)
    }
}

pub(crate) enum Turn {
    Challenge(Vec<u8>),
    Lookup(Lookup),
    Proved(Proved),
    Anonymous(Identity),
    Failed(Failure),
}

/// The client is who it says; whether it may act for whom it says is not known yet.
pub(crate) struct Proved {
    pub(crate) authcid: UserName,
    pub(crate) authzid: Option<UserName>,
    /// What the server says last.
    pub(crate) last: Option<Vec<u8>>,
}

impl<E: Into<Failure>> From<E> for Turn {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn side(mechanism: Mechanism, config: &Arc<ServerConfig>, channel: &Channel, nonce: Nonce) -> Option<Box<dyn Side>> {
    let config = Arc::clone(config);
    Some(match mechanism {
        Mechanism::Plain => Box::new(Plain::new(config)),
        Mechanism::Login => Box::new(Login::new(config)),
        Mechanism::CramMd5 => Box::new(CramMd5::new(config, &nonce)),
        Mechanism::OauthBearer => Box::new(Token::new(config, Form::OauthBearer)),
        Mechanism::Xoauth2 => Box::new(Token::new(config, Form::Xoauth2)),
        Mechanism::External => Box::new(External::new(channel.certificate()?.clone())),
        Mechanism::Anonymous => Box::new(Anonymous),
        scram => Box::new(Scram::new(
            scram.hash()?,
            scram.is_plus(),
            config,
            channel.clone(),
            nonce,
        )),
    })
}
