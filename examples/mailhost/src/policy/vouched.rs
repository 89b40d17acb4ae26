//! Certificates that need not be good, and whether they are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Takes any certificate, and notes whether the Web's authorities vouch for it. For one connection: what is noted is true
/// of that alone.
#[derive(Debug)]
pub(crate) struct Vouched {
    web: Arc<WebPkiServerVerifier>,
    certificate: AtomicBool,
    signature: AtomicBool,
}

impl Vouched {
    /// By these authorities.
    pub(crate) fn by(web: Arc<WebPkiServerVerifier>) -> Self {
        Self {
            web,
            certificate: AtomicBool::new(false),
            signature: AtomicBool::new(false),
        }
    }

    /// Whether the handshake proved that the peer is who it was taken for.
    pub(crate) fn is_proven(&self) -> bool {
        self.certificate.load(Ordering::Acquire) && self.signature.load(Ordering::Acquire)
    }

    fn note(&self, signature: &Result<HandshakeSignatureValid, Error>) -> HandshakeSignatureValid {
        self.signature.store(signature.is_ok(), Ordering::Release);
        HandshakeSignatureValid::assertion()
    }
}

impl ServerCertVerifier for Vouched {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.web.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        self.certificate.store(verdict.is_ok(), Ordering::Release);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(&self.web.verify_tls12_signature(message, certificate, signed)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(&self.web.verify_tls13_signature(message, certificate, signed)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}

/// Those that the system trusts, read once in a program; `None` where it trusts nobody.
pub(crate) fn web_authorities() -> Option<Arc<WebPkiServerVerifier>> {
    static SYSTEM: OnceLock<Option<Arc<WebPkiServerVerifier>>> = OnceLock::new();
    let read = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        // No roots is the one reason.
        built.ok()
    };
    SYSTEM.get_or_init(read).clone()
}
