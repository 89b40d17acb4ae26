//! OAUTHBEARER and XOAUTH2.

use std::sync::Arc;

use mail_wire::Secret;

use super::{Answer, Failure, Lookup, Proved, ServerConfig, Side, Turn};
use crate::{UserName, oauth_bearer, xoauth2};

pub(crate) struct Token {
    config: Arc<ServerConfig>,
    form: Form,
    state: State,
}

/// How the token is wrapped.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    OauthBearer,
    Xoauth2,
}

enum State {
    Message,
    /// Whom the client names.
    Asked(Option<UserName>),
    /// The client was told why it was refused, and acknowledges that (RFC 7628 §3.2.3).
    Refused,
}

struct Message {
    user: Option<UserName>,
    token: Secret,
    host: Option<UserName>,
}

impl Token {
    pub(crate) fn new(config: Arc<ServerConfig>, form: Form) -> Self {
        Self {
            config,
            form,
            state: State::Message,
        }
    }

    fn parse(&self, response: &[u8]) -> Result<Message, Failure> {
        let message = match self.form {
            Form::OauthBearer => {
                let message = oauth_bearer::Message::parse(response)?;
                let host = message.endpoint.map(|endpoint| endpoint.host);
                Message {
                    user: message.user,
                    token: message.token,
                    host,
                }
            }
            Form::Xoauth2 => {
                let message = xoauth2::Message::parse(response)?;
                Message {
                    user: Some(message.user),
                    token: message.token,
                    host: None,
                }
            }
        };
        let user = message.user.map(|user| user.prepared()).transpose()?;
        Ok(Message { user, ..message })
    }
}

impl Side for Token {
    fn step(&mut self, response: &[u8]) -> Turn {
        match self.state {
            State::Message => match self.parse(response) {
                Ok(Message { user, token, host }) => {
                    self.state = State::Asked(user.clone());
                    Turn::Lookup(Lookup::Token { user, token, host })
                }
                Err(failure) => Turn::Failed(failure),
            },
            State::Refused => Turn::Failed(Failure::InvalidCredentials),
            State::Asked(_) => Turn::Failed(Failure::Misuse),
        }
    }

    /// The owner is who authenticated, whomever the client names; that one it wants to act for.
    fn answer(&mut self, answer: Answer) -> Turn {
        let State::Asked(user) = std::mem::replace(&mut self.state, State::Refused) else {
            return Turn::Failed(Failure::Misuse);
        };
        match (answer, user) {
            (Answer::Owner(owner), user) => Turn::Proved(Proved {
                authcid: owner,
                authzid: user,
                last: None,
            }),
            (Answer::Yes, Some(user)) => Turn::Proved(Proved {
                authcid: user,
                authzid: None,
                last: None,
            }),
            (Answer::No | Answer::Unknown, _) => Turn::Challenge(self.config.token_refusal().encode()),
            (Answer::Unavailable, _) => Turn::Failed(Failure::Unavailable),
            (Answer::Yes, None) | (Answer::Found(_), _) => Turn::Failed(Failure::Misuse),
        }
    }
}
