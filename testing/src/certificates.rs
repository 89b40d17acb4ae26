//! Certificates that are made for a test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};

/// An authority that nobody else trusts.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub chain: String,
    /// The private key.
    pub key: String,
}

impl Authority {
    /// A new one, called `name`.
    ///
    /// # Panics
    ///
    /// Without a source of random numbers.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a certificate");
        Self { issuer }
    }

    /// Its own certificate, in PEM.
    pub fn root(&self) -> String {
        self.issuer.pem()
    }

    /// A server's certificate for `names`, which may be IP addresses.
    pub fn server(&self, names: &[&str]) -> Issued {
        self.sign(params(names, ExtendedKeyUsagePurpose::ServerAuth))
    }

    /// A client's certificate.
    pub fn client(&self, name: &str) -> Issued {
        self.sign(params(&[name], ExtendedKeyUsagePurpose::ClientAuth))
    }

    /// A server's certificate whose time is over.
    pub fn expired(&self, names: &[&str]) -> Issued {
        let mut params = params(names, ExtendedKeyUsagePurpose::ServerAuth);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Issued {
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Issued {
            chain: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("random numbers")
}

fn params(names: &[&str], usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.extended_key_usages = vec![usage];
    params
}
