//! A certificate for laboratories: made here, vouched for by nobody.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use mail_tokio::tls::{Identity, ServerTls};
use rcgen::{CertificateParams, KeyPair};

/// A certificate for these names and this machine's own. In a folder it is kept, so that clients who have come to trust it
/// find it again: `tls-cert.pem` and `tls-key.pem`.
///
/// # Errors
///
/// Names that no certificate can have, a folder that cannot be written to.
pub fn self_signed(hostname: &str, domains: &[String], folder: Option<&Path>) -> Result<ServerTls, Box<dyn Error>> {
    let Some(folder) = folder else {
        let (chain, key) = make(hostname, domains)?;
        let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes())?;
        return Ok(ServerTls::builder().identity(identity).build()?);
    };
    let (chain, key) = (folder.join("tls-cert.pem"), folder.join("tls-key.pem"));
    if !chain.exists() || !key.exists() {
        let (chain_text, key_text) = make(hostname, domains)?;
        fs::create_dir_all(folder)?;
        // The key is nobody else's to read.
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&key)?;
        file.write_all(key_text.as_bytes())?;
        fs::write(&chain, chain_text)?;
    }
    Ok(ServerTls::from_files(chain, key)?)
}

/// A chain and its key, in PEM.
fn make(hostname: &str, domains: &[String]) -> Result<(String, String), rcgen::Error> {
    let mut names = vec![
        hostname.to_owned(),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    names.extend(domains.iter().cloned());
    names.sort();
    names.dedup();
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(names)?.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}
