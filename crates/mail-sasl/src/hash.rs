//! The hash functions of SCRAM, chosen at run time (RFC 5802 §2.2).

use hmac::digest::Digest;
use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use mail_wire::Secret;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// A hash function that SCRAM is defined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-1: broken for signatures, and still sound as it is used here.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// All of them, the strongest first.
    pub const ALL: [Self; 3] = [Self::Sha512, Self::Sha256, Self::Sha1];

    /// How many octets it makes.
    pub fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The name of the SCRAM mechanism without channel binding, which is also the name of the scheme of stored keys.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// `H(data)`
    pub(crate) fn digest(self, data: &[u8]) -> Secret {
        match self {
            Self::Sha1 => Secret::from(Sha1::digest(data).as_slice()),
            Self::Sha256 => Secret::from(Sha256::digest(data).as_slice()),
            Self::Sha512 => Secret::from(Sha512::digest(data).as_slice()),
        }
    }

    /// `HMAC(key, data)`, the data in pieces.
    pub(crate) fn hmac(self, key: &[u8], data: &[&[u8]]) -> Secret {
        match self {
            Self::Sha1 => keyed::<Sha1>(key, data),
            Self::Sha256 => keyed::<Sha256>(key, data),
            Self::Sha512 => keyed::<Sha512>(key, data),
        }
    }

    /// `Hi(password, salt, iterations)`: PBKDF2.
    pub(crate) fn iterate(self, password: &[u8], salt: &[u8], iterations: u32) -> Secret {
        let mut out = vec![0; self.output_len()];
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut out),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut out),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut out),
        }
        Secret::from(out)
    }
}

/// The keyed digest of any hash function.
pub(crate) fn keyed<D: EagerHash>(key: &[u8], data: &[&[u8]]) -> Secret {
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    data.iter().for_each(|piece| mac.update(piece));
    Secret::from(mac.finalize().into_bytes().as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for hash in Hash::ALL {
            assert_eq!(hash.digest(b"").expose().len(), hash.output_len());
            assert_eq!(hash.hmac(b"", &[]).expose().len(), hash.output_len());
            assert_eq!(hash.iterate(b"", b"", 1).expose().len(), hash.output_len());
            assert_eq!(hash.hmac(b"k", &[b"ab", b"c"]), hash.hmac(b"k", &[b"abc"]));
        }
    }
}
