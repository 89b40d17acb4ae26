//! The server's steps.

use std::sync::Arc;

use super::message::{ClientFinal, ClientFirst, Flag, ServerFinal, ServerFirst};
use crate::keys::{ClientKeys, StoredKeys};
use crate::server::{Answer, Failure, Lookup, Proved, ServerConfig, Side, Turn};
use crate::syntax;
use crate::{Account, Channel, Hash, Mechanism, Nonce, Purpose, UserName, prep};

pub(crate) struct Scram {
    hash: Hash,
    plus: bool,
    config: Arc<ServerConfig>,
    channel: Channel,
    nonce: Nonce,
    state: State,
}

enum State {
    First,
    Asked(Begun),
    Final {
        begun: Begun,
        server_first: String,
        keys: StoredKeys,
        exists: bool,
    },
    Over,
}

/// What of the client's first message is needed later.
struct Begun {
    user: UserName,
    authzid: Option<UserName>,
    /// The client's nonce and the server's.
    nonce: String,
    bare: String,
    /// What the client must send as `c=`.
    binding: Vec<u8>,
}

impl Scram {
    pub(crate) fn new(hash: Hash, plus: bool, config: Arc<ServerConfig>, channel: Channel, nonce: Nonce) -> Self {
        Self {
            hash,
            plus,
            config,
            channel,
            nonce,
            state: State::First,
        }
    }

    fn begin(&self, response: &[u8]) -> Result<Begun, Failure> {
        let first = ClientFirst::parse(syntax::text(response)?)?;
        let data = self.binding_data(&first.header.flag)?;
        Ok(Begun {
            user: first.user.prepared()?,
            authzid: first.header.authzid.map(|name| name.prepared()).transpose()?,
            nonce: format!("{}{}", first.nonce, self.nonce.as_str()),
            bare: first.bare.to_owned(),
            binding: [first.header_text.as_bytes(), data].concat(),
        })
    }

    /// The octets that the client must be bound to (RFC 5802 §6).
    fn binding_data(&self, flag: &Flag) -> Result<&[u8], Failure> {
        match (flag, self.plus) {
            (Flag::Used(name), true) => {
                let binding = self.channel.binding(name).ok_or(Failure::ChannelBindingType)?;
                Ok(binding.octets())
            }
            (Flag::Used(_), false) | (Flag::None | Flag::NotOffered, true) => Err(Failure::ChannelBinding),
            (Flag::NotOffered, false) if self.binding_is_offered() => Err(Failure::Downgrade),
            (Flag::None | Flag::NotOffered, false) => Ok(&[]),
        }
    }

    fn binding_is_offered(&self) -> bool {
        self.config.offer(&self.channel).into_iter().any(Mechanism::is_plus)
    }

    fn mechanism(&self) -> Mechanism {
        let mut all = Mechanism::ALL.into_iter();
        let this = all.find(|mechanism| mechanism.hash() == Some(self.hash) && mechanism.is_plus() == self.plus);
        this.expect("each hash function has a mechanism with channel binding and one without")
    }

    /// The keys to go on with. An account that has none for this hash function is as one that does not exist.
    fn keys(&self, account: Option<Account>, user: &UserName) -> Option<StoredKeys> {
        let account = account?;
        if let Some(keys) = account.keys(self.hash) {
            return Some(keys.clone());
        }
        let password = prep::password(account.password()?, Purpose::Query).ok()?;
        let salt = self.config.salt(user, self.hash);
        Some(ClientKeys::derive(self.hash, &password, &salt, self.config.salt_iterations()).stored)
    }

    fn offer_salt(&mut self, begun: Begun, answer: Answer) -> Result<Turn, Failure> {
        let account = match answer {
            Answer::Found(account) => Some(account),
            Answer::Unknown | Answer::No => None,
            Answer::Unavailable => return Err(Failure::Unavailable),
            Answer::Yes | Answer::Owner(_) => return Err(Failure::Misuse),
        };
        let known = self.keys(account, &begun.user);
        let exists = known.is_some();
        let keys = known.or_else(|| self.keys(self.config.decoy(&begun.user), &begun.user));
        let keys = keys.ok_or(Failure::NotOffered)?;
        let server_first = ServerFirst::encode(&begun.nonce, keys.salt(), keys.iterations());
        let challenge = server_first.clone().into_bytes();
        self.state = State::Final {
            begun,
            server_first,
            keys,
            exists,
        };
        Ok(Turn::Challenge(challenge))
    }
}

impl Side for Scram {
    fn step(&mut self, response: &[u8]) -> Turn {
        match std::mem::replace(&mut self.state, State::Over) {
            State::First => match self.begin(response) {
                Ok(begun) => {
                    let lookup = Lookup::Stored {
                        user: begun.user.clone(),
                        mechanism: self.mechanism(),
                    };
                    self.state = State::Asked(begun);
                    Turn::Lookup(lookup)
                }
                Err(failure) => Turn::Failed(failure),
            },
            State::Final {
                begun,
                server_first,
                keys,
                exists,
            } => {
                let proved = prove(begun, &server_first, &keys, exists, response);
                proved.map_or_else(Turn::Failed, Turn::Proved)
            }
            State::Asked(_) | State::Over => Turn::Failed(Failure::Misuse),
        }
    }

    fn answer(&mut self, answer: Answer) -> Turn {
        let State::Asked(begun) = std::mem::replace(&mut self.state, State::Over) else {
            return Turn::Failed(Failure::Misuse);
        };
        self.offer_salt(begun, answer).unwrap_or_else(Turn::Failed)
    }
}

fn prove(
    begun: Begun,
    server_first: &str,
    keys: &StoredKeys,
    exists: bool,
    response: &[u8],
) -> Result<Proved, Failure> {
    let last = ClientFinal::parse(syntax::text(response)?)?;
    if last.nonce != begun.nonce {
        return Err(Failure::WrongNonce);
    }
    if last.binding != begun.binding {
        return Err(Failure::ChannelBinding);
    }
    let signed: [&[u8]; 5] = [
        begun.bare.as_bytes(),
        b",",
        server_first.as_bytes(),
        b",",
        last.without_proof.as_bytes(),
    ];
    if !keys.accepts(&last.proof, &signed) || !exists {
        return Err(Failure::InvalidCredentials);
    }
    let signature = ServerFinal::encode(keys.server_signature(&signed).expose());
    Ok(Proved {
        authcid: begun.user,
        authzid: begun.authzid,
        last: Some(signature.into_bytes()),
    })
}
