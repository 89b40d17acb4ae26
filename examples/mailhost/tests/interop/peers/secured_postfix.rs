//! A Postfix of our own that speaks TLS.

use std::net::SocketAddr;

use super::postfix::Additions;
use super::{DovecotLmtp, Folder, Postfix, Trust, free_port};

/// A [`Postfix`] with a certificate, at one port with STARTTLS, at another with TLS from the first octet, whose users log in.
/// It hands mail on over TLS only, to hosts with a certificate of the same authority for the name of [`super::Mailhost`].
#[derive(Debug)]
pub(crate) struct SecuredPostfix {
    pub(crate) postfix: Postfix,
    smtps: SocketAddr,
    /// Knows the users.
    _dovecot: DovecotLmtp,
}

impl SecuredPostfix {
    pub(crate) const NAME: &str = "mx.postfix.test";

    /// With further lines of main.cf.
    pub(crate) fn start(trust: &Trust, more: &str) -> Self {
        let [chain, key] = trust.pems(Self::NAME);
        let dovecot = DovecotLmtp::start(&chain, &key);
        let mut smtps = free_port();
        let additions = |folder: &Folder| {
            // Another one in each attempt.
            smtps = free_port();
            folder.file("etc/chain.pem", [key.as_str(), &chain].concat());
            let main = MAIN.replace("@DOVECOT@", &dovecot.authentication());
            Additions {
                main: main.replace("@ROOTS@", &trust.roots()) + more,
                master: format!("{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n{TLSMGR}"),
            }
        };
        Self {
            postfix: Postfix::configured(&[], additions),
            smtps,
            _dovecot: dovecot,
        }
    }

    /// Where TLS begins by STARTTLS.
    pub(crate) const fn smtp(&self) -> SocketAddr {
        self.postfix.address()
    }

    /// Where TLS begins with the first octet.
    pub(crate) const fn smtps(&self) -> SocketAddr {
        self.smtps
    }
}

/// Keeps what TLS needs to remember.
const TLSMGR: &str = "tlsmgr unix - - n 1000? 1 tlsmgr\n";

const MAIN: &str = "\
smtpd_tls_security_level = may
smtpd_tls_chain_files = @FOLDER@/etc/chain.pem
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = @DOVECOT@
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_authorized_xforward_hosts = 127.0.0.1
fast_flush_domains = elsewhere.test
smtputf8_enable = yes
smtp_tls_security_level = verify
smtp_tls_verify_cert_match = mail.hamburger.edu
smtp_tls_CAfile = @ROOTS@
smtp_tls_loglevel = 1
";
