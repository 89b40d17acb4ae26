//! A client's configuration: whom it trusts, and who it is.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};

use crate::identity::certificates;
use crate::verifier::AcceptAny;
use crate::{Identity, SetupError};

/// Whom a client trusts, and who it is itself. Cheap to clone; shared clones resume each other's sessions.
#[derive(Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    handshake: Duration,
}

impl ClientTls {
    /// Trusts the roots that the system trusts. They are read once in a program.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoRoots`].
    pub fn system() -> Result<Self, SetupError> {
        static SYSTEM: OnceLock<ClientTls> = OnceLock::new();
        if let Some(known) = SYSTEM.get() {
            return Ok(known.clone());
        }
        let built = Self::builder().build()?;
        Ok(SYSTEM.get_or_init(|| built).clone())
    }

    /// Trusts what is asked for.
    pub const fn builder() -> ClientTlsBuilder {
        ClientTlsBuilder {
            trust: Trust::System,
            identity: None,
            handshake: HANDSHAKE,
        }
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    pub(crate) const fn handshake(&self) -> Duration {
        self.handshake
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls")
            .field("handshake", &self.handshake)
            .finish_non_exhaustive()
    }
}

/// Makes a [`ClientTls`]. Of the four ways to trust, the last one that was called counts; without a call it is the system's
/// roots.
///
/// ```no_run
/// use mail_tls::{ClientTls, Identity, Tls};
///
/// let ours = Identity::from_files("/etc/mail/alice.pem".as_ref(), "/etc/mail/alice.key".as_ref())?;
/// let roots = std::fs::read("/etc/mail/our-own-ca.pem")?;
/// let tls = Tls::implicit().with(ClientTls::builder().roots_pem(&roots).identity(ours).build()?);
/// # let _ = tls;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct ClientTlsBuilder {
    trust: Trust,
    identity: Option<Identity>,
    handshake: Duration,
}

#[derive(Debug)]
enum Trust {
    System,
    Pem(Vec<u8>),
    Verifier(Arc<dyn ServerCertVerifier>),
    Anybody,
}

impl ClientTlsBuilder {
    /// Trusts the certificates in a PEM text and what they have signed, and nothing else.
    pub fn roots_pem(mut self, text: &[u8]) -> Self {
        self.trust = Trust::Pem(text.to_vec());
        self
    }

    /// Trusts whom `verifier` trusts: for pinned keys, or DANE.
    pub fn verifier(mut self, verifier: Arc<dyn ServerCertVerifier>) -> Self {
        self.trust = Trust::Verifier(verifier);
        self
    }

    /// Trusts everybody: nothing that is read or written is safe from somebody who sits between. For a relay that would
    /// otherwise send in plaintext (RFC 3207 §4.1), never for credentials.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.trust = Trust::Anybody;
        self
    }

    /// Shows a certificate to servers that ask for one, as for SASL's EXTERNAL.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// How long a handshake may take; a minute otherwise.
    pub const fn handshake_limit(mut self, limit: Duration) -> Self {
        self.handshake = limit;
        self
    }

    /// The configuration: TLS 1.2 and 1.3, no ALPN, SNI for names.
    ///
    /// # Errors
    ///
    /// [`SetupError`]: roots that cannot be read.
    pub fn build(self) -> Result<ClientTls, SetupError> {
        let provider = Arc::new(ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = match self.trust {
            Trust::System => builder.with_root_certificates(system_roots()?),
            Trust::Pem(text) => builder.with_root_certificates(roots(&text)?),
            Trust::Verifier(verifier) => builder.dangerous().with_custom_certificate_verifier(verifier),
            Trust::Anybody => builder.dangerous().with_custom_certificate_verifier(anybody(&provider)),
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.certified_key())))
            }
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(ClientTls {
            config: Arc::new(config),
            handshake: self.handshake,
        })
    }
}

fn anybody(provider: &CryptoProvider) -> Arc<dyn ServerCertVerifier> {
    Arc::new(AcceptAny::new(provider))
}

fn system_roots() -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::empty();
    // A damaged file among many costs its own certificates only.
    let (found, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match found {
        0 => Err(SetupError::NoRoots),
        _ => Ok(store),
    }
}

pub(crate) fn roots(text: &[u8]) -> Result<RootCertStore, SetupError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(text)? {
        store.add(certificate)?;
    }
    Ok(store)
}

/// How long a handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(60);

/// Sessions that are kept for being resumed.
const SESSIONS: usize = 256;
