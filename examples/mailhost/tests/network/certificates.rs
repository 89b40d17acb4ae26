//! Authorities and certificates for a test, and handshakes with them.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use mail_tls::{ClientTls, Layers, Tls};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use tokio_rustls::TlsAcceptor;

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Those above it, itself first.
    chain: Vec<CertificateDer<'static>>,
}

/// A certificate with its chain and key.
pub(crate) struct Issued {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) public_key: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let issuer = CertifiedIssuer::self_signed(authority(name), key()).expect("a certificate");
        Self {
            chain: vec![issuer.der().clone()],
            issuer,
        }
    }

    /// An authority below this one.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let issuer = CertifiedIssuer::signed_by(authority(name), key(), &self.issuer).expect("a certificate");
        let mut chain = vec![issuer.der().clone()];
        chain.extend_from_slice(&self.chain);
        Self { issuer, chain }
    }

    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }

    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.issuer.key().subject_public_key_info()
    }

    pub(crate) fn issue(&self, name: &str) -> Issued {
        self.issue_with(name, |_| {})
    }

    pub(crate) fn issue_expired(&self, name: &str) -> Issued {
        self.issue_with(name, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    fn issue_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
        let key = key();
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let mut chain = vec![certificate.der().clone()];
        chain.extend_from_slice(&self.chain);
        Issued {
            chain,
            public_key: key.subject_public_key_info(),
            key: key.serialize_der(),
        }
    }

    /// A client that trusts this authority alone.
    pub(crate) fn client(&self) -> ClientTls {
        let client = ClientTls::builder().roots_pem(self.issuer.pem().as_bytes()).build();
        client.expect("a configuration")
    }

    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate().clone()).expect("an authority");
        Arc::new(roots)
    }
}

impl Issued {
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.config().into()
    }

    /// Whether a client that is told this is content.
    pub(crate) fn satisfies(&self, tls: &Tls) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let config = self.config();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut connection = ServerConnection::new(config).expect("a server");
            // Whether it likes what it gets is the client's to say.
            let _ = connection.complete_io(&mut stream);
        });
        let endpoint = tls.endpoint(&address.into()).expect("an endpoint").expect("some TLS");
        let mut stream = TcpStream::connect(address).expect("a server");
        let mut layers = Layers::new();
        layers.secure(&endpoint).expect("a client");
        let content = layers.handshake(&mut stream).is_ok();
        drop(stream);
        server.join().expect("it ends with its client");
        content
    }

    fn config(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(self.key.clone()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(self.chain.clone(), key));
        Arc::new(config.expect("a configuration"))
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}
