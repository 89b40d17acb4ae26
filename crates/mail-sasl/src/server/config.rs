//! How a server authenticates.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_wire::Secret;

use crate::nonce::{NoRandomness, random};
use crate::token_error::TokenError;
use crate::{Account, Channel, Hash, Mechanism, SecretKind, StoredKeys, UserName, limits};

/// What a server has of its users, and what it offers. One for all connections.
///
/// ```
/// use mail_sasl::{Channel, Hash, Mechanism, SecretKind, ServerConfig};
///
/// let config = ServerConfig::new(&[SecretKind::Keys(Hash::Sha256)])?;
/// assert_eq!(config.offer(&Channel::plaintext()), [Mechanism::ScramSha256]);
/// let over_tls = [Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login];
/// assert_eq!(config.offer(&Channel::secured()), over_tls);
/// # Ok::<(), mail_sasl::NoRandomness>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServerConfig {
    kinds: Vec<SecretKind>,
    except: Vec<Mechanism>,
    plaintext: Vec<Mechanism>,
    decoy_key: Secret,
    iterations: u32,
    host: Box<str>,
    scope: Option<Box<str>>,
    discovery: Option<Box<str>>,
}

impl ServerConfig {
    /// What the server has of all its users.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random octets for [`ServerConfig::decoy_key`].
    pub fn new(kinds: &[SecretKind]) -> Result<Self, NoRandomness> {
        Ok(Self {
            kinds: kinds.to_vec(),
            except: Vec::new(),
            plaintext: Vec::new(),
            decoy_key: Secret::from(&random::<32>()?[..]),
            iterations: limits::ITERATIONS,
            host: "localhost".into(),
            scope: None,
            discovery: None,
        })
    }

    /// Does not offer this mechanism.
    #[must_use]
    pub fn except(mut self, mechanism: Mechanism) -> Self {
        self.except.push(mechanism);
        self
    }

    /// Offers a mechanism that sends the password or the token as it is, over channels that anybody can read, too.
    #[must_use]
    pub fn allow_plaintext(mut self, mechanism: Mechanism) -> Self {
        self.plaintext.push(mechanism);
        self
    }

    /// Where the salts of users come from who do not exist, and of those whose password is stored as it is. A random key
    /// by default; a server that keeps it from start to start gives nobody away by a salt that changes.
    #[must_use]
    pub fn decoy_key(mut self, key: Secret) -> Self {
        self.decoy_key = key;
        self
    }

    /// How often the keys of most users are iterated: users who do not exist look like them. [`limits::ITERATIONS`] by
    /// default.
    #[must_use]
    pub fn iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations.clamp(limits::LEAST_ITERATIONS, limits::MOST_ITERATIONS);
        self
    }

    /// The server's name, which stands in the challenge of CRAM-MD5. `localhost` by default.
    #[must_use]
    pub fn host_name(mut self, host: &UserName) -> Self {
        self.host = host.as_str().into();
        self
    }

    /// What clients whose token is refused are told: the scope that a token must have.
    #[must_use]
    pub fn token_scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// What clients whose token is refused are told: the URL of the document that says how to get one.
    #[must_use]
    pub fn discovery(mut self, url: &str) -> Self {
        self.discovery = Some(url.into());
        self
    }

    /// What can be offered on a channel, the strongest first.
    pub fn offer(&self, channel: &Channel) -> Vec<Mechanism> {
        let all = Mechanism::ALL.into_iter();
        all.filter(|mechanism| self.offers(*mechanism, channel)).collect()
    }

    fn offers(&self, mechanism: Mechanism, channel: &Channel) -> bool {
        let served = self.kinds.iter().any(|kind| kind.serves(mechanism)) && !self.except.contains(&mechanism);
        let shows = mechanism.sends_secret() && !channel.is_secured();
        let bound = !mechanism.is_plus() || !channel.bindings().is_empty();
        let known = mechanism != Mechanism::External || channel.certificate().is_some();
        served && bound && known && (!shows || self.plaintext.contains(&mechanism))
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn token_refusal(&self) -> TokenError {
        TokenError::new("invalid_token", self.scope.clone(), self.discovery.clone())
    }

    /// The salt of a user who does not exist or has none: always the same, and nobody can tell it from a random one.
    pub(crate) fn salt(&self, user: &UserName, hash: Hash) -> Vec<u8> {
        let salt = self.derive("salt", user, hash);
        salt.expose()[..limits::SALT].to_vec()
    }

    pub(crate) fn salt_iterations(&self) -> u32 {
        self.iterations
    }

    /// What would be stored of a user who does not exist: as much work to check as of one who does, and no password fits.
    pub(crate) fn decoy(&self, user: &UserName) -> Option<Account> {
        if self.kinds.contains(&SecretKind::Password) {
            let password = self.derive("password", user, Hash::Sha256);
            // As text: it is prepared like the password of a user who exists.
            return Some(Account::with_password(STANDARD.encode(password.expose())));
        }
        let hashes = self.kinds.iter().filter_map(|kind| match kind {
            SecretKind::Keys(hash) => Some(*hash),
            _ => None,
        });
        let mut keys = hashes.map(|hash| {
            let keys = [self.derive("stored", user, hash), self.derive("server", user, hash)];
            StoredKeys::decoy(hash, self.salt(user, hash), self.iterations, keys)
        });
        let first = Account::with_keys(keys.next()?);
        Some(keys.fold(first, Account::and_keys))
    }

    fn derive(&self, what: &str, user: &UserName, hash: Hash) -> Secret {
        hash.hmac(
            self.decoy_key.expose(),
            &[what.as_bytes(), b"\0", user.as_str().as_bytes()],
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::server::{Answer, Lookup, Server, ServerStep};
    use crate::{Client, Credentials};

    /// Who has found the key of the decoys has not found an account.
    #[test]
    fn the_password_of_a_decoy_is_no_password() {
        let user = UserName::new("nobody").unwrap();
        let config = Arc::new(ServerConfig::new(&[SecretKind::Password]).unwrap().iterations(4096));
        let decoy = config.decoy(&user).unwrap();
        let known = decoy.password().unwrap().clone();
        assert!(decoy.verify(&known));
        let credentials = Credentials::password(user.as_str(), known).unwrap();
        for mechanism in config.offer(&Channel::secured()) {
            let mut client = Client::new(mechanism, &credentials, &Channel::secured()).unwrap();
            let mut server = Server::new(mechanism, &config, &Channel::secured()).unwrap();
            let mut step = server.start(None);
            let end = loop {
                step = match step {
                    ServerStep::Challenge(challenge) => server.step(client.respond(&challenge).unwrap().expose()),
                    ServerStep::Lookup(Lookup::Verify { .. } | Lookup::Stored { .. }) => server.answer(Answer::Unknown),
                    other => break other,
                };
            };
            assert_eq!(
                end,
                ServerStep::Failed(crate::Failure::InvalidCredentials),
                "{mechanism}"
            );
        }
    }

    #[test]
    fn decoys_belong_to_one_user_and_one_server() {
        let [alice, bob] = ["alice", "bob"].map(|name| UserName::new(name).unwrap());
        let kinds = [SecretKind::Keys(Hash::Sha1), SecretKind::Keys(Hash::Sha256)];
        let config = |key: &str| ServerConfig::new(&kinds).unwrap().decoy_key(Secret::from(key));
        assert_eq!(config("k").decoy(&alice), config("k").decoy(&alice));
        assert_ne!(config("k").decoy(&alice), config("k").decoy(&bob));
        assert_ne!(config("k").decoy(&alice), config("l").decoy(&alice));
        assert_eq!(config("k").decoy(&alice).unwrap().kinds(), kinds);
        assert_eq!(ServerConfig::new(&[SecretKind::Check]).unwrap().decoy(&alice), None);
    }
}
