//! Certificates for the hosts of one test.

use mail_testing::Authority;
use mail_tls::{ClientTls, Tls};

use super::Folder;

/// An authority that nobody knows but those who are told, and the files for those who are.
pub(crate) struct Trust {
    authority: Authority,
    folder: Folder,
}

impl Trust {
    pub(crate) fn new() -> Self {
        let (authority, folder) = (Authority::new("Interop CA"), Folder::new());
        folder.file("roots.pem", authority.root());
        Self { authority, folder }
    }

    /// A certificate for a host of this name on this machine, and its key, in PEM.
    pub(crate) fn pems(&self, name: &str) -> [String; 2] {
        let issued = self.authority.server(&[name, "127.0.0.1"]);
        [issued.chain, issued.key]
    }

    /// The same as options of mailhost.
    pub(crate) fn options(&self, name: &str) -> [String; 2] {
        let [chain, key] = self.pems(name);
        let chain = self.folder.file(&format!("{name}.chain.pem"), chain);
        let key = self.folder.file(&format!("{name}.key.pem"), key);
        [format!("--tls-cert={chain}"), format!("--tls-key={key}")]
    }

    /// The file of the authority's own certificate.
    pub(crate) fn roots(&self) -> String {
        format!("{}/roots.pem", self.folder.name())
    }

    /// What clients are told: to trust nobody else.
    pub(crate) fn tls(&self, tls: Tls) -> Tls {
        let roots = ClientTls::builder().roots_pem(self.authority.root().as_bytes());
        tls.with(roots.build().unwrap())
    }
}
