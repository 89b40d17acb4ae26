//! A certificate chain with its private key: who a server is, or a client.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use webpki::EndEntityCert;

use crate::SetupError;

/// A certificate chain and the private key of its first certificate, which never shows.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
}

impl Identity {
    /// From PEM texts (RFC 7468): the chain, the end entity's certificate first, and its key (PKCS #8, PKCS #1 or SEC 1).
    ///
    /// # Errors
    ///
    /// [`SetupError::Pem`], [`NoCertificate`](SetupError::NoCertificate), [`NoKey`](SetupError::NoKey), and
    /// [`KeyMismatch`](SetupError::KeyMismatch).
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, SetupError> {
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            pem::Error::NoItemsFound => SetupError::NoKey,
            _ => SetupError::Pem,
        })?;
        Self::new(certificates(chain)?, key)
    }

    /// From PEM files, as [`from_pem`](Self::from_pem).
    ///
    /// # Errors
    ///
    /// [`SetupError::File`], and those of `from_pem`.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, SetupError> {
        Self::from_pem(&read(chain)?, &read(key)?)
    }

    /// From what is decoded already.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, SetupError> {
        let key = any_supported_type(&key).map_err(|_| SetupError::KeyMismatch)?;
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            // A key that cannot say which it is fails in the handshake, if it is wrong.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                Ok(Self { key: Arc::new(key) })
            }
            Err(rustls::Error::NoCertificatesPresented) => Err(SetupError::NoCertificate),
            Err(rustls::Error::InconsistentKeys(_)) => Err(SetupError::KeyMismatch),
            Err(error) => Err(error.into()),
        }
    }

    /// The chain, the end entity's certificate first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.key.cert
    }

    /// The DNS names that the certificate is for; one may begin with `*.`.
    pub fn names(&self) -> Vec<String> {
        let Some(certificate) = self.chain().first().and_then(|der| EndEntityCert::try_from(der).ok()) else {
            return Vec::new();
        };
        certificate.valid_dns_names().map(str::to_ascii_lowercase).collect()
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("names", &self.names())
            .finish_non_exhaustive()
    }
}

/// The certificates of a PEM text; at least one.
pub(crate) fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(SetupError::NoCertificate),
        Ok(found) => Ok(found),
        Err(_) => Err(SetupError::Pem),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SetupError> {
    std::fs::read(path).map_err(|error| SetupError::File {
        path: path.to_owned(),
        kind: error.kind(),
    })
}
