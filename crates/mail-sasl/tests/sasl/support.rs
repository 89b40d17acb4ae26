//! A server's application, and a wire between client and server that a test can bend.

use std::collections::HashMap;
use std::sync::Arc;

use mail_sasl::{
    Account, Answer, Channel, ChannelBinding, Client, ClientError, ClientOptions, Credentials, Failure, Hash, Identity,
    Lookup, Mechanism, Nonce, Secret, SecretKind, Server, ServerConfig, ServerStep, StoredKeys, UserName,
};

pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const TOKEN: &str = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==";
/// May act for `bob`.
pub(crate) const ADMIN: &str = "admin";

/// What an application knows.
pub(crate) struct Host {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) accounts: HashMap<String, Account>,
}

impl Host {
    /// Passwords as they are, tokens, certificates, anybody.
    pub(crate) fn with_everything() -> Self {
        let kinds = [
            SecretKind::Password,
            SecretKind::Token,
            SecretKind::Certificate,
            SecretKind::Anonymous,
        ];
        Self::new(&kinds, || Account::with_password(PASSWORD))
    }

    /// Keys of one hash function.
    pub(crate) fn with_keys(hash: Hash) -> Self {
        Self::new(&[SecretKind::Keys(hash)], || Account::with_keys(keys(hash)))
    }

    pub(crate) fn new(kinds: &[SecretKind], account: impl Fn() -> Account) -> Self {
        let config = ServerConfig::new(kinds)
            .unwrap()
            .iterations(4096)
            .decoy_key(Secret::from("a key for tests"));
        let accounts = [USER, ADMIN].map(|user| (user.to_owned(), account()));
        Self {
            config: Arc::new(config),
            accounts: accounts.into(),
        }
    }

    pub(crate) fn server(&self, mechanism: Mechanism, channel: &Channel) -> Server {
        let nonce = Nonce::fixed("of-the-server").unwrap();
        Server::with_nonce(mechanism, &self.config, channel, nonce).unwrap()
    }

    pub(crate) fn answer(&self, lookup: &Lookup) -> Answer {
        match lookup {
            Lookup::Verify { user, .. } | Lookup::Stored { user, .. } => match self.accounts.get(user.as_str()) {
                Some(account) => Answer::Found(account.clone()),
                None => Answer::Unknown,
            },
            Lookup::Token { token, .. } if token.matches(TOKEN.as_bytes()) => Answer::Owner(name(USER)),
            Lookup::Token { .. } => Answer::No,
            Lookup::Authorize { authcid, authzid } if authcid.as_str() == ADMIN && authzid.as_str() == "bob" => {
                Answer::Yes
            }
            _ => Answer::No,
        }
    }
}

/// How an exchange ends, seen from both sides.
#[derive(Debug, PartialEq)]
pub(crate) struct End {
    pub(crate) client: Result<(), ClientError>,
    pub(crate) server: Result<Identity, Option<Failure>>,
}

impl End {
    pub(crate) fn is_success(&self) -> bool {
        self.client.is_ok() && self.server.is_ok()
    }
}

/// Whose message the wire bends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// Runs an exchange, with the initial response in the command or behind an empty challenge.
pub(crate) fn run(host: &Host, client: &mut Client, server: &mut Server, initial: bool) -> End {
    bent(host, client, server, initial, |_, message| message)
}

/// Runs an exchange whose messages pass through `bend`.
pub(crate) fn bent(
    host: &Host,
    client: &mut Client,
    server: &mut Server,
    initial: bool,
    mut bend: impl FnMut(From, Vec<u8>) -> Vec<u8>,
) -> End {
    let first = client.initial_response().filter(|_| initial);
    let first = first.map(|first| bend(From::Client, first.expose().to_vec()));
    let mut step = server.start(first.as_deref());
    for _ in 0..20 {
        step = match step {
            ServerStep::Challenge(challenge) => {
                let challenge = bend(From::Server, challenge);
                match client.respond(&challenge) {
                    Ok(response) => server.step(&bend(From::Client, response.expose().to_vec())),
                    Err(error) => {
                        assert_eq!(client.finish(None), Err(error.clone()), "errors stay");
                        return End {
                            client: Err(error),
                            server: Err(None),
                        };
                    }
                }
            }
            ServerStep::Lookup(lookup) => server.answer(host.answer(&lookup)),
            ServerStep::Done(identity) => {
                return End {
                    client: client.finish(None),
                    server: Ok(identity),
                };
            }
            ServerStep::Failed(failure) => {
                let client = Err(client.refusal().unwrap_or(ClientError::TooEarly));
                return End {
                    client,
                    server: Err(Some(failure)),
                };
            }
        };
    }
    panic!("an exchange without an end");
}

pub(crate) fn client(mechanism: Mechanism, credentials: &Credentials, channel: &Channel) -> Client {
    Client::with_options(mechanism, credentials, channel, options()).unwrap()
}

pub(crate) fn options() -> ClientOptions {
    let mut options = ClientOptions::default();
    options.nonce = Nonce::fixed("of-the-client");
    options
}

pub(crate) fn credentials(mechanism: Mechanism) -> Credentials {
    match mechanism {
        Mechanism::OauthBearer | Mechanism::Xoauth2 => Credentials::bearer(USER, TOKEN),
        Mechanism::External => Credentials::external(None),
        Mechanism::Anonymous => Credentials::anonymous("guest@example.org"),
        _ => Credentials::password(USER, PASSWORD),
    }
    .unwrap()
}

pub(crate) fn tls() -> Channel {
    let bindings = [
        ChannelBinding::TlsExporter(vec![7; 32]),
        ChannelBinding::TlsServerEndPoint(vec![9; 32]),
    ];
    let channel = bindings.into_iter().fold(Channel::secured(), Channel::with_binding);
    channel.with_certificate(name(USER))
}

pub(crate) fn keys(hash: Hash) -> StoredKeys {
    StoredKeys::derive_with(hash, &Secret::from(PASSWORD), b"a salt of sixteen", 4096).unwrap()
}

pub(crate) fn name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}
