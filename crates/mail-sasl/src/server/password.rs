//! PLAIN, LOGIN and CRAM-MD5.

use std::sync::Arc;

use mail_wire::Secret;

use super::{Answer, Failure, Lookup, Proved, ServerConfig, Side, Turn};
use crate::credentials::check_password;
use crate::syntax::Syntax;
use crate::{Mechanism, Nonce, UserName, cram_md5, plain};

/// A user and a password that the application is asked about.
struct Claim {
    user: UserName,
    authzid: Option<UserName>,
    password: Secret,
}

impl Claim {
    /// Names are compared in their prepared form (RFC 4616 §2).
    fn new(message: plain::Message) -> Result<Self, Failure> {
        let authzid = message.authzid.map(|name| name.prepared()).transpose()?;
        Ok(Self {
            user: message.authcid.prepared()?,
            authzid,
            password: message.password,
        })
    }

    fn ask(&self) -> Turn {
        Turn::Lookup(Lookup::Verify {
            user: self.user.clone(),
            password: self.password.clone(),
        })
    }

    fn settle(self, answer: Answer, config: &ServerConfig) -> Turn {
        let right = match answer {
            Answer::Yes => true,
            Answer::Found(account) => account.verify(&self.password),
            Answer::Unknown => {
                // As much work as for a user who exists, for nothing.
                let decoy = config.decoy(&self.user);
                std::hint::black_box(decoy.map(|decoy| decoy.verify(&self.password)));
                false
            }
            Answer::No => false,
            Answer::Unavailable => return Turn::Failed(Failure::Unavailable),
            Answer::Owner(_) => return Turn::Failed(Failure::Misuse),
        };
        if !right {
            return Turn::Failed(Failure::InvalidCredentials);
        }
        Turn::Proved(Proved {
            authcid: self.user,
            authzid: self.authzid,
            last: None,
        })
    }
}

pub(crate) struct Plain {
    config: Arc<ServerConfig>,
    claim: Option<Claim>,
}

impl Plain {
    pub(crate) fn new(config: Arc<ServerConfig>) -> Self {
        Self { config, claim: None }
    }
}

impl Side for Plain {
    fn step(&mut self, response: &[u8]) -> Turn {
        if self.claim.is_some() {
            return Turn::Failed(Failure::Misuse);
        }
        let message = match plain::Message::parse(response) {
            Ok(message) => message,
            Err(fault) => return fault.into(),
        };
        match Claim::new(message) {
            Ok(claim) => self.claim.insert(claim).ask(),
            Err(failure) => Turn::Failed(failure),
        }
    }

    fn answer(&mut self, answer: Answer) -> Turn {
        let claim = self.claim.take();
        claim.map_or(Turn::Failed(Failure::Misuse), |claim| {
            claim.settle(answer, &self.config)
        })
    }
}

pub(crate) struct Login {
    config: Arc<ServerConfig>,
    state: LoginState,
}

enum LoginState {
    User,
    Password(UserName),
    Asked(Claim),
    Over,
}

impl Login {
    pub(crate) fn new(config: Arc<ServerConfig>) -> Self {
        Self {
            config,
            state: LoginState::User,
        }
    }

    fn password(&mut self, user: UserName, password: &[u8]) -> Result<Turn, Failure> {
        check_password(password).map_err(|_| Syntax::new(0, "a password"))?;
        let claim = Claim {
            user: user.prepared()?,
            authzid: None,
            password: Secret::from(password),
        };
        let turn = claim.ask();
        self.state = LoginState::Asked(claim);
        Ok(turn)
    }
}

impl Side for Login {
    /// The words that some clients wait for.
    fn opening(&self) -> Vec<u8> {
        b"Username:".to_vec()
    }

    fn step(&mut self, response: &[u8]) -> Turn {
        match std::mem::replace(&mut self.state, LoginState::Over) {
            LoginState::User => match plain::name(response, 0) {
                Ok(user) => {
                    self.state = LoginState::Password(user);
                    Turn::Challenge(b"Password:".to_vec())
                }
                Err(fault) => fault.into(),
            },
            LoginState::Password(user) => self.password(user, response).unwrap_or_else(Turn::Failed),
            LoginState::Asked(_) | LoginState::Over => Turn::Failed(Failure::Misuse),
        }
    }

    fn answer(&mut self, answer: Answer) -> Turn {
        match std::mem::replace(&mut self.state, LoginState::Over) {
            LoginState::Asked(claim) => claim.settle(answer, &self.config),
            _ => Turn::Failed(Failure::Misuse),
        }
    }
}

pub(crate) struct CramMd5 {
    config: Arc<ServerConfig>,
    challenge: Vec<u8>,
    response: Option<cram_md5::Response>,
}

impl CramMd5 {
    pub(crate) fn new(config: Arc<ServerConfig>, nonce: &Nonce) -> Self {
        let challenge = cram_md5::challenge(nonce, config.host());
        Self {
            config,
            challenge,
            response: None,
        }
    }

    fn ask(&mut self, response: &[u8]) -> Result<Turn, Failure> {
        let mut response = cram_md5::Response::parse(response)?;
        response.user = response.user.prepared()?;
        let user = response.user.clone();
        self.response = Some(response);
        Ok(Turn::Lookup(Lookup::Stored {
            user,
            mechanism: Mechanism::CramMd5,
        }))
    }
}

impl Side for CramMd5 {
    fn opening(&self) -> Vec<u8> {
        self.challenge.clone()
    }

    fn step(&mut self, response: &[u8]) -> Turn {
        if self.response.is_some() {
            return Turn::Failed(Failure::Misuse);
        }
        self.ask(response).unwrap_or_else(Turn::Failed)
    }

    fn answer(&mut self, answer: Answer) -> Turn {
        let Some(response) = self.response.take() else {
            return Turn::Failed(Failure::Misuse);
        };
        let (account, exists) = match answer {
            Answer::Found(account) => (Some(account), true),
            Answer::Unknown | Answer::No => (self.config.decoy(&response.user), false),
            Answer::Unavailable => return Turn::Failed(Failure::Unavailable),
            Answer::Yes | Answer::Owner(_) => return Turn::Failed(Failure::Misuse),
        };
        let password = account.as_ref().and_then(|account| account.password());
        let right = password.is_some_and(|password| cram_md5::digest(password, &self.challenge) == response.digest);
        if !right || !exists {
            return Turn::Failed(Failure::InvalidCredentials);
        }
        Turn::Proved(Proved {
            authcid: response.user,
            authzid: None,
            last: None,
        })
    }
}
