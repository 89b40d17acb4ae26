//! What a server stores instead of a password (RFC 5802 §3).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_wire::Secret;
use thiserror::Error;

use crate::nonce::{NoRandomness, random};
use crate::scram::message::number;
use crate::{Hash, PrepError, Purpose, limits, prep};

/// Salt, iterations, StoredKey and ServerKey of SCRAM: enough to check a password, not enough to know it, nor to log in with.
///
/// Its text form is that of PostgreSQL and of RFC 5803: `SCRAM-SHA-256$15000:salt$StoredKey:ServerKey`.
///
/// ```
/// use mail_sasl::{Hash, Secret, StoredKeys};
///
/// let keys = StoredKeys::derive(Hash::Sha256, &Secret::from("correct horse"))?;
/// let line = keys.to_text();                       // goes to the database
/// let keys = StoredKeys::parse(str::from_utf8(line.expose()).unwrap())?;
/// assert!(keys.verify(&Secret::from("correct horse")));
/// assert!(!keys.verify(&Secret::from("wrong horse")));
/// # Ok::<(), mail_sasl::KeysError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKeys {
    hash: Hash,
    iterations: u32,
    salt: Vec<u8>,
    stored_key: Secret,
    server_key: Secret,
}

/// Why there are no [`StoredKeys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The text has not the form `scheme$iterations:salt$StoredKey:ServerKey`.
    #[error("not the form scheme$iterations:salt$StoredKey:ServerKey")]
    Form,
    /// The scheme is none of `SCRAM-SHA-1`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.
    #[error("the scheme is not known")]
    Scheme,
    /// Not between [`limits::LEAST_ITERATIONS`] and [`limits::MOST_ITERATIONS`].
    #[error(
        "not between {} and {} iterations",
        limits::LEAST_ITERATIONS,
        limits::MOST_ITERATIONS
    )]
    Iterations,
    /// A part is not base64, or has not the length that the hash function asks for.
    #[error("the salt or a key is malformed")]
    Octets,
    /// The password cannot be prepared (RFC 4013).
    #[error(transparent)]
    Password(#[from] PrepError),
    /// There was no salt to be had.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl StoredKeys {
    /// Derives new keys, with a random salt of [`limits::SALT`] octets and [`limits::ITERATIONS`] iterations: some
    /// milliseconds of work.
    ///
    /// # Errors
    ///
    /// When the password cannot be prepared to be stored, or the operating system gives no random octets.
    pub fn derive(hash: Hash, password: &Secret) -> Result<Self, KeysError> {
        Self::derive_with(hash, password, &random::<{ limits::SALT }>()?, limits::ITERATIONS)
    }

    /// Derives keys with a salt and a number of iterations of the caller's choice.
    ///
    /// # Errors
    ///
    /// When the password cannot be prepared to be stored, or the number of iterations is out of bounds.
    pub fn derive_with(hash: Hash, password: &Secret, salt: &[u8], iterations: u32) -> Result<Self, KeysError> {
        check_iterations(iterations.into())?;
        let password = prep::password(password, Purpose::Stored)?;
        Ok(ClientKeys::derive(hash, &password, salt, iterations).stored)
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// When it is malformed, or the number of iterations is out of bounds.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut parts = text.split('$');
        let (Some(scheme), Some(salting), Some(keys), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeysError::Form);
        };
        let hash = Hash::ALL.into_iter().find(|hash| hash.scheme() == scheme);
        let hash = hash.ok_or(KeysError::Scheme)?;
        let (iterations, salt) = salting.split_once(':').ok_or(KeysError::Form)?;
        let (stored_key, server_key) = keys.split_once(':').ok_or(KeysError::Form)?;
        let iterations = check_iterations(number(iterations).ok_or(KeysError::Iterations)?)?;
        let salt = STANDARD.decode(salt).map_err(|_| KeysError::Octets)?;
        Ok(Self {
            hash,
            iterations,
            salt,
            stored_key: key(hash, stored_key)?,
            server_key: key(hash, server_key)?,
        })
    }

    /// Writes the text form. It is a secret: passwords can be tried against it, and it can play the server.
    pub fn to_text(&self) -> Secret {
        let encode = |secret: &Secret| STANDARD.encode(secret.expose());
        let (scheme, salt) = (self.hash.scheme(), STANDARD.encode(&self.salt));
        let (stored, server) = (encode(&self.stored_key), encode(&self.server_key));
        Secret::from(format!("{scheme}${}:{salt}${stored}:{server}", self.iterations))
    }

    /// Whether this is the password: as much work as deriving the keys.
    pub fn verify(&self, password: &Secret) -> bool {
        let Ok(password) = prep::password(password, Purpose::Query) else {
            return false;
        };
        let derived = ClientKeys::derive(self.hash, &password, &self.salt, self.iterations);
        derived.stored.stored_key == self.stored_key
    }

    /// Which hash function they are made with, hence for which mechanism.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// How often the hash function was iterated.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    pub(crate) fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Keys that no password has, so that a user who does not exist looks like any other.
    pub(crate) fn decoy(hash: Hash, salt: Vec<u8>, iterations: u32, keys: [Secret; 2]) -> Self {
        let [stored_key, server_key] = keys;
        Self {
            hash,
            iterations,
            salt,
            stored_key,
            server_key,
        }
    }

    /// Whether whoever made this proof knows the password (RFC 5802 §3).
    pub(crate) fn accepts(&self, proof: &[u8], auth_message: &[&[u8]]) -> bool {
        let signature = self.hash.hmac(self.stored_key.expose(), auth_message);
        if proof.len() != signature.expose().len() {
            return false;
        }
        let client_key = xor(&signature, proof);
        self.hash.digest(client_key.expose()) == self.stored_key
    }

    pub(crate) fn server_signature(&self, auth_message: &[&[u8]]) -> Secret {
        self.hash.hmac(self.server_key.expose(), auth_message)
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StoredKeys({}, {} iterations, [redacted])",
            self.hash.scheme(),
            self.iterations
        )
    }
}

/// What a client derives from the password: the stored keys, and the one that they do not tell.
pub(crate) struct ClientKeys {
    client_key: Secret,
    pub(crate) stored: StoredKeys,
}

impl ClientKeys {
    /// The password is prepared already.
    pub(crate) fn derive(hash: Hash, password: &Secret, salt: &[u8], iterations: u32) -> Self {
        let salted = hash.iterate(password.expose(), salt, iterations);
        let client_key = hash.hmac(salted.expose(), &[b"Client Key"]);
        let stored_key = hash.digest(client_key.expose());
        let server_key = hash.hmac(salted.expose(), &[b"Server Key"]);
        let stored = StoredKeys {
            hash,
            iterations,
            salt: salt.to_vec(),
            stored_key,
            server_key,
        };
        Self { client_key, stored }
    }

    pub(crate) fn proof(&self, auth_message: &[&[u8]]) -> Secret {
        let signature = self.stored.hash.hmac(self.stored.stored_key.expose(), auth_message);
        xor(&self.client_key, signature.expose())
    }
}

fn xor(one: &Secret, other: &[u8]) -> Secret {
    let octets = one.expose().iter().zip(other).map(|(a, b)| a ^ b);
    Secret::from(octets.collect::<Vec<_>>())
}

fn check_iterations(iterations: u64) -> Result<u32, KeysError> {
    let bounds = u64::from(limits::LEAST_ITERATIONS)..=u64::from(limits::MOST_ITERATIONS);
    let within = bounds.contains(&iterations).then_some(iterations);
    within
        .and_then(|iterations| u32::try_from(iterations).ok())
        .ok_or(KeysError::Iterations)
}

fn key(hash: Hash, text: &str) -> Result<Secret, KeysError> {
    let octets = STANDARD.decode(text).map_err(|_| KeysError::Octets)?;
    if octets.len() == hash.output_len() {
        Ok(Secret::from(octets))
    } else {
        Err(KeysError::Octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The password, salt and signatures of RFC 5802 §5.
    #[test]
    fn numbers_of_rfc_5802() {
        let salt = STANDARD.decode("QSXCR+Q6sek8bf92").unwrap();
        let keys = StoredKeys::derive_with(Hash::Sha1, &Secret::from("pencil"), &salt, 4096).unwrap();
        assert!(keys.verify(&Secret::from("pencil")));
        let nonce = "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        let auth = format!("n=user,r=fyko+d2lbbFgONRv9qkxdawL,r={nonce},s=QSXCR+Q6sek8bf92,i=4096,c=biws,r={nonce}");
        let proof = STANDARD.decode("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=").unwrap();
        assert!(keys.accepts(&proof, &[auth.as_bytes()]));
        let signature = keys.server_signature(&[auth.as_bytes()]);
        assert_eq!(STANDARD.encode(signature.expose()), "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    }

    #[test]
    fn text_is_read_back() {
        for hash in Hash::ALL {
            let keys = StoredKeys::derive_with(hash, &Secret::from("pencil"), b"salt", 4096).unwrap();
            let text = keys.to_text();
            let text = str::from_utf8(text.expose()).unwrap();
            assert!(text.starts_with(&format!("{}$4096:c2FsdA==$", hash.scheme())));
            assert_eq!(StoredKeys::parse(text), Ok(keys.clone()));
            assert!(!keys.verify(&Secret::from("Pencil")) && !keys.verify(&Secret::from(&b"\xff"[..])));
        }
    }

    /// There is no example for SHA-512 in an RFC: these keys are from Python's `hashlib` and `hmac`.
    #[test]
    fn keys_of_another_implementation() {
        let keys = StoredKeys::derive_with(Hash::Sha512, &Secret::from("pencil"), b"salt", 4096).unwrap();
        let stored = "/0HobAjy5SWocoXto9Y01mm66KtsLls+Ca0AFKaR+rnrJlVwYv+XjuAR2bI+a4dDffNmz3zUyHR9+Sd9Bn/TMA==";
        let server = "oghwiUlz2cdgskC3qVBg8eY1ErXyG4HxXs/plsFjtkjRr0Ey6qLmOz6JtGuxWSvu5fU2wuEAWVRSHPNyeBmWKQ==";
        let text = format!("SCRAM-SHA-512$4096:c2FsdA==${stored}:{server}");
        assert!(keys.to_text().matches(text.as_bytes()));
    }

    #[test]
    fn malformed_texts() {
        let good = StoredKeys::derive_with(Hash::Sha1, &Secret::from("p"), b"salt", 4096)
            .unwrap()
            .to_text();
        let good = str::from_utf8(good.expose()).unwrap();
        for (from, to, fault) in [
            ("SCRAM-SHA-1$", "SCRAM-MD5$", KeysError::Scheme),
            ("$4096", "$4095", KeysError::Iterations),
            ("$4096", "$1000001", KeysError::Iterations),
            ("$4096", "$99999999999999999999", KeysError::Iterations),
            ("$4096", "$", KeysError::Iterations),
            ("4096:", "4096", KeysError::Form),
            ("c2FsdA==", "c2FsdA=", KeysError::Octets),
            ("c2FsdA==$", "c2FsdA==$AAAA", KeysError::Octets),
            ("c2FsdA==$", "c2FsdA==", KeysError::Form),
            ("c2FsdA==$", "c2FsdA==$$", KeysError::Form),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_eq!(StoredKeys::parse(&bad), Err(fault), "{bad}");
        }
    }

    /// docs/threats.md row 20
    #[test]
    fn nothing_is_printed() {
        let keys = StoredKeys::derive(Hash::Sha256, &Secret::from("pencil")).unwrap();
        assert_eq!(
            format!("{keys:?}"),
            "StoredKeys(SCRAM-SHA-256, 15000 iterations, [redacted])"
        );
        assert_eq!(keys.to_text().to_string(), "[redacted]");
    }
}
