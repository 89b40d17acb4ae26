//! Certificates that will do: any, those that TLSA records vouch for, those of the Web's authorities.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::dane::{Dane, Usage};

/// Takes every certificate: the peer is not authenticated. That it holds the certificate's key is still checked.
#[derive(Debug)]
pub(super) struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    pub(super) fn new() -> Self {
        Self(algorithms())
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// Takes certificates that a TLSA record vouches for.
#[derive(Debug)]
pub(super) struct ByTlsa {
    dane: Arc<Dane>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ByTlsa {
    pub(super) fn new(dane: Arc<Dane>) -> Self {
        Self {
            dane,
            algorithms: algorithms(),
        }
    }

    /// RFC 7672 §3.1.2: a chain to an authority that a record vouches for, valid now and for one of the names.
    fn leads_to_anchor(
        &self,
        end_entity: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let certificate = EndEntityCert::try_from(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        let is_named = |name| certificate.verify_is_valid_for_subject_name(name).is_ok();
        if !self.dane.references().iter().any(is_named) {
            return Err(CertificateError::NotValidForName.into());
        }
        let in_chain = chain
            .iter()
            .filter(|one| self.dane.vouches_for(Usage::TrustAnchor, one));
        let in_records: Vec<CertificateDer<'_>> = self.dane.anchors().collect();
        let anchors: Vec<TrustAnchor<'_>> = in_chain
            .chain(&in_records)
            .filter_map(|one| anchor_from_trusted_cert(one).ok())
            .collect();
        let usage = KeyUsage::server_auth();
        let verified = certificate.verify_for_usage(self.algorithms.all, &anchors, chain, now, usage, None, None);
        verified.map_err(|error| match error {
            webpki::Error::CertExpired { .. } => CertificateError::Expired,
            webpki::Error::CertNotValidYet { .. } => CertificateError::NotValidYet,
            _ => CertificateError::UnknownIssuer,
        })?;
        Ok(())
    }
}

impl ServerCertVerifier for ByTlsa {
    /// The name that was asked for is one of the references already. RFC 7672 §3.1.1: where a record vouches for the
    /// certificate itself, neither its names nor its dates matter; the signed DNS says both.
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.dane.vouches_for(Usage::EndEntity, end_entity) {
            let chain = intermediates.get(..MOST_CERTIFICATES).unwrap_or(intermediates);
            self.leads_to_anchor(end_entity, chain, now)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Takes certificates of the Web's authorities, for the name that was asked for.
pub(super) fn by_web_pki(roots: Arc<RootCertStore>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
    Ok(verifier.map_err(|error| Error::General(error.to_string()))?)
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    rustls::crypto::ring::default_provider().signature_verification_algorithms
}

/// Certificates of a chain that are looked at.
const MOST_CERTIFICATES: usize = 16;
