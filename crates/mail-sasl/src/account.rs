//! What a server knows of a user, and what can be offered for it.

use mail_wire::Secret;

use crate::{Hash, Mechanism, Purpose, StoredKeys, prep};

/// What is stored of one account: its password, or keys that were derived from it, or both.
///
/// ```
/// use mail_sasl::{Account, Hash, Secret, SecretKind, StoredKeys};
///
/// let keys = StoredKeys::derive(Hash::Sha256, &Secret::from("correct horse"))?;
/// let account = Account::with_keys(keys);
/// assert_eq!(account.kinds(), [SecretKind::Keys(Hash::Sha256)]);
/// # Ok::<(), mail_sasl::KeysError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    password: Option<Secret>,
    keys: Vec<StoredKeys>,
}

/// A kind of secret that a server has of its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretKind {
    /// The password as it is. Only with it CRAM-MD5 can be offered, and POP3's APOP.
    Password,
    /// Keys of SCRAM. PLAIN and LOGIN derive them anew from what the client sends.
    Keys(Hash),
    /// Something else that can check a password: PAM, LDAP, another hash function. Only PLAIN and LOGIN can be offered.
    Check,
    /// Bearer tokens can be checked.
    Token,
    /// Certificates of clients are asked for.
    Certificate,
    /// Anybody may come.
    Anonymous,
}

impl SecretKind {
    /// Whether a mechanism can be served with it.
    pub fn serves(self, mechanism: Mechanism) -> bool {
        let plaintext = mechanism.sends_password();
        match self {
            Self::Password => mechanism.needs_password(),
            Self::Keys(hash) => plaintext || mechanism.hash() == Some(hash),
            Self::Check => plaintext,
            Self::Token => matches!(mechanism, Mechanism::OauthBearer | Mechanism::Xoauth2),
            Self::Certificate => mechanism == Mechanism::External,
            Self::Anonymous => mechanism == Mechanism::Anonymous,
        }
    }
}

impl Account {
    /// An account whose password is stored as it is. Prefer keys.
    pub fn with_password(password: impl Into<Secret>) -> Self {
        Self {
            password: Some(password.into()),
            keys: Vec::new(),
        }
    }

    /// An account of which only keys are stored.
    pub fn with_keys(keys: StoredKeys) -> Self {
        Self {
            password: None,
            keys: vec![keys],
        }
    }

    /// Adds keys of another hash function.
    #[must_use]
    pub fn and_keys(mut self, keys: StoredKeys) -> Self {
        self.keys.push(keys);
        self
    }

    /// What it holds.
    pub fn kinds(&self) -> Vec<SecretKind> {
        let password = self.password.iter().map(|_| SecretKind::Password);
        let keys = self.keys.iter().map(|keys| SecretKind::Keys(keys.hash()));
        password.chain(keys).collect()
    }

    /// Whether this is the password. With keys it is as much work as deriving them.
    pub fn verify(&self, password: &Secret) -> bool {
        match (&self.password, self.keys.first()) {
            (Some(stored), _) => same_password(stored, password),
            (None, Some(keys)) => keys.verify(password),
            (None, None) => false,
        }
    }

    pub(crate) fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    pub(crate) fn keys(&self, hash: Hash) -> Option<&StoredKeys> {
        self.keys.iter().find(|keys| keys.hash() == hash)
    }
}

/// Compares prepared passwords, or, where RFC 4013 has nothing to say, their octets.
fn same_password(stored: &Secret, given: &Secret) -> bool {
    match (
        prep::password(stored, Purpose::Query),
        prep::password(given, Purpose::Query),
    ) {
        (Ok(stored), Ok(given)) => stored == given,
        _ => stored == given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_with_what() {
        let served = |kind: SecretKind| {
            let mechanisms = Mechanism::ALL.into_iter().filter(move |m| kind.serves(*m));
            mechanisms.map(Mechanism::as_str).collect::<Vec<_>>().join(" ")
        };
        let keys = |hash| served(SecretKind::Keys(hash));
        assert_eq!(keys(Hash::Sha1), "SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN LOGIN");
        assert_eq!(keys(Hash::Sha256), "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
        assert_eq!(keys(Hash::Sha512), "SCRAM-SHA-512-PLUS SCRAM-SHA-512 PLAIN LOGIN");
        assert_eq!(served(SecretKind::Check), "PLAIN LOGIN");
        assert_eq!(served(SecretKind::Token), "OAUTHBEARER XOAUTH2");
        assert_eq!(served(SecretKind::Certificate), "EXTERNAL");
        assert_eq!(served(SecretKind::Anonymous), "ANONYMOUS");
        assert!(served(SecretKind::Password).contains("CRAM-MD5 PLAIN LOGIN"));
    }

    #[test]
    fn passwords_are_compared_prepared() {
        let account = Account::with_password("I\u{ad}X");
        assert!(account.verify(&Secret::from("\u{2168}")) && !account.verify(&Secret::from("ix")));
        let account = Account::with_password(&b"\xff\x01"[..]);
        assert!(account.verify(&Secret::from(&b"\xff\x01"[..])) && !account.verify(&Secret::from(&b"\xff"[..])));
    }
}
