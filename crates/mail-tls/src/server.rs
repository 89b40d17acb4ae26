//! A server's configuration: its certificates, which can be exchanged while it runs.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};

use crate::client::{HANDSHAKE, roots};
use crate::{Identity, SetupError};

/// A server's certificates. Cheap to clone; clones share what [`reload`](Self::reload) exchanges.
///
/// ```no_run
/// use mail_tls::ServerTls;
///
/// let tls = ServerTls::from_files("/etc/mail/chain.pem", "/etc/mail/key.pem")?;
/// // When the certificate was renewed, on SIGHUP:
/// tls.reload()?;
/// # Ok::<(), mail_tls::SetupError>(())
/// ```
#[derive(Clone)]
pub struct ServerTls {
    shared: Arc<Shared>,
}

struct Shared {
    setup: ServerTlsBuilder,
    loaded: RwLock<Arc<Loaded>>,
}

impl ServerTls {
    /// One certificate chain and its key, from PEM files.
    ///
    /// # Errors
    ///
    /// [`SetupError`].
    pub fn from_files(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Result<Self, SetupError> {
        Self::builder().files(chain, key).build()
    }

    /// Several certificates, or certificates of clients.
    pub const fn builder() -> ServerTlsBuilder {
        ServerTlsBuilder {
            sources: Vec::new(),
            clients: ClientCertificates::Ignored,
            handshake: HANDSHAKE,
        }
    }

    /// Reads all files again. Connections that are open or in their handshake keep what they began with.
    ///
    /// # Errors
    ///
    /// [`SetupError`]: nothing is exchanged then.
    pub fn reload(&self) -> Result<(), SetupError> {
        let loaded = Arc::new(self.shared.setup.load()?);
        *self.shared.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        Arc::clone(&self.shared.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn handshake(&self) -> Duration {
        self.shared.setup.handshake
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls")
            .field("setup", &self.shared.setup)
            .finish_non_exhaustive()
    }
}

/// Makes a [`ServerTls`].
#[derive(Debug)]
#[must_use]
pub struct ServerTlsBuilder {
    sources: Vec<Source>,
    clients: ClientCertificates,
    handshake: Duration,
}

#[derive(Debug)]
enum Source {
    Identity(Identity),
    Files { chain: PathBuf, key: PathBuf },
}

/// What a server wants of its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientCertificates {
    /// It does not ask for certificates.
    #[default]
    Ignored,
    /// It asks for one. A client without one is let in; one that none of these roots (a PEM text) has signed is not. What is
    /// shown is in [`Channel::peer_certificates`](crate::Channel::peer_certificates), for SASL's EXTERNAL.
    Optional(Vec<u8>),
    /// Only clients with a certificate that one of these roots (a PEM text) has signed are let in.
    Required(Vec<u8>),
}

impl ServerTlsBuilder {
    /// One more certificate. Which one a client gets is decided by the name that it asks for (SNI); the first is for those
    /// that ask for none, or for one that is not here.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.sources.push(Source::Identity(identity));
        self
    }

    /// One more certificate, from PEM files, as [`identity`](Self::identity). [`ServerTls::reload`] reads them again.
    pub fn files(mut self, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::Files {
            chain: chain.into(),
            key: key.into(),
        });
        self
    }

    /// What is wanted of clients.
    pub fn client_certificates(mut self, clients: ClientCertificates) -> Self {
        self.clients = clients;
        self
    }

    /// How long a handshake may take; a minute otherwise.
    pub const fn handshake_limit(mut self, limit: Duration) -> Self {
        self.handshake = limit;
        self
    }

    /// The configuration: TLS 1.2 and 1.3, no ALPN.
    ///
    /// # Errors
    ///
    /// [`SetupError`].
    pub fn build(self) -> Result<ServerTls, SetupError> {
        let loaded = RwLock::new(Arc::new(self.load()?));
        Ok(ServerTls {
            shared: Arc::new(Shared { setup: self, loaded }),
        })
    }

    fn load(&self) -> Result<Loaded, SetupError> {
        let identities: Result<Vec<_>, _> = self.sources.iter().map(Source::load).collect();
        let certificates = Arc::new(Certificates::new(&identities?)?);
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let verifier = |text: &[u8]| -> Result<_, SetupError> {
            let roots = Arc::new(roots(text)?);
            Ok(WebPkiClientVerifier::builder_with_provider(
                roots,
                Arc::clone(&provider),
            ))
        };
        let unusable = |_| SetupError::NoRoots;
        let builder = match &self.clients {
            ClientCertificates::Ignored => builder.with_no_client_auth(),
            ClientCertificates::Optional(text) => {
                builder.with_client_cert_verifier(verifier(text)?.allow_unauthenticated().build().map_err(unusable)?)
            }
            ClientCertificates::Required(text) => {
                builder.with_client_cert_verifier(verifier(text)?.build().map_err(unusable)?)
            }
        };
        let resolver: Arc<dyn ResolvesServerCert> = certificates.clone();
        Ok(Loaded {
            config: Arc::new(builder.with_cert_resolver(resolver)),
            certificates,
        })
    }
}

impl Source {
    fn load(&self) -> Result<Identity, SetupError> {
        match self {
            Self::Identity(identity) => Ok(identity.clone()),
            Self::Files { chain, key } => Identity::from_files(chain, key),
        }
    }
}

/// A configuration that changes no more: a connection keeps the one that it began with, and so knows which certificate was
/// shown.
pub(crate) struct Loaded {
    config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
}

impl Loaded {
    pub(crate) fn connection(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.config))
    }

    /// What was shown to a client that has asked for `name`.
    pub(crate) fn chain(&self, name: Option<&str>) -> &[CertificateDer<'static>] {
        &self.certificates.choose(name).cert
    }
}

/// Certificates by the names that they are for.
#[derive(Debug)]
struct Certificates {
    first: Arc<CertifiedKey>,
    named: HashMap<String, Arc<CertifiedKey>>,
}

impl Certificates {
    fn new(identities: &[Identity]) -> Result<Self, SetupError> {
        let first = identities.first().ok_or(SetupError::NoIdentity)?.certified_key();
        let mut named = HashMap::new();
        for identity in identities {
            for name in identity.names() {
                named.entry(name).or_insert_with(|| identity.certified_key());
            }
        }
        Ok(Self { first, named })
    }

    /// A wildcard stands for one label (RFC 9525 §6.3).
    fn choose(&self, name: Option<&str>) -> &Arc<CertifiedKey> {
        let Some(name) = name.map(str::to_ascii_lowercase) else {
            return &self.first;
        };
        let wildcard = || self.named.get(&format!("*.{}", name.split_once('.')?.1));
        self.named.get(&name).or_else(wildcard).unwrap_or(&self.first)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(self.choose(hello.server_name())))
    }
}
