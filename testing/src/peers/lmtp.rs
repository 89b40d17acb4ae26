//! A Dovecot that other mail servers deliver to.

use std::net::SocketAddr;

use super::daemon::{Daemon, free_port, on_a_free_port};
use super::dovecot::give_away;
use super::folder::{Folder, new_mail};
use super::program::Program;

/// Takes mail for [`DovecotLmtp::USERS`] by LMTP, at one port with STARTTLS, at another with TLS from the first octet, and
/// tells other servers who somebody is over the socket that Postfix asks.
#[derive(Debug)]
pub struct DovecotLmtp {
    lmtp: SocketAddr,
    lmtps: SocketAddr,
    daemon: Daemon,
    folder: Folder,
}

impl DovecotLmtp {
    /// Whose mail it takes.
    pub const DOMAIN: &str = "dovecot.test";
    /// Who has a mailbox.
    pub const USERS: [&str; 2] = ["bob", "carol"];
    /// Who has one, too, without any room left for a message.
    pub const FULL: &str = "dave";
    /// Of everybody.
    pub const PASSWORD: &str = "hungry";

    /// With a certificate and its key, in PEM.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn start(chain: &str, key: &str) -> Self {
        on_a_free_port(|lmtp| {
            let (folder, lmtps) = (Folder::new(), free_port());
            give_away(&folder.folder("mail"));
            folder.file("chain.pem", chain);
            folder.file("key.pem", key);
            folder.file("users", users(&folder));
            let text = CONFIGURATION.replace("@FOLDER@", folder.name());
            let text = text.replace("@LMTP@", &lmtp.port().to_string());
            folder.file("dovecot.conf", text.replace("@LMTPS@", &lmtps.port().to_string()));
            let mut command = Program::DovecotLmtp.command();
            command.arg("-F").arg("-c").arg(folder.path().join("dovecot.conf"));
            let daemon = Daemon::spawn(command);
            daemon.wait_for(|lines| lines.iter().any(|line| line.contains("starting up for")).then_some(()))?;
            Some(Self {
                lmtp,
                lmtps,
                daemon,
                folder,
            })
        })
    }

    /// Where it speaks LMTP.
    pub const fn lmtp(&self) -> SocketAddr {
        self.lmtp
    }

    /// Where it speaks LMTP over TLS.
    pub const fn lmtps(&self) -> SocketAddr {
        self.lmtps
    }

    /// The socket where it says who somebody is.
    pub fn authentication(&self) -> String {
        format!("{}/authentication", self.folder.name())
    }

    /// What has come for a user, in no order; lines end in LF.
    pub fn mail_of(&self, user: &str) -> Vec<Vec<u8>> {
        new_mail(&self.folder.path().join("mail").join(user))
    }

    /// Waits until it has written a line about `text`.
    ///
    /// # Panics
    ///
    /// It never does.
    pub fn wait_until_logged(&self, text: &str) {
        let logged = |lines: &[String]| lines.iter().any(|line| line.contains(text)).then_some(());
        self.daemon.wait_for(logged).expect("Dovecot goes on running");
    }
}

/// `name:password:user:group::home::more`
fn users(folder: &Folder) -> String {
    let line = |user: &str, more: &str| {
        let (password, home) = (DovecotLmtp::PASSWORD, folder.name());
        format!("{user}:{{PLAIN}}{password}:nobody:nogroup::{home}/mail/{user}::{more}\n")
    };
    let lines = DovecotLmtp::USERS.map(|user| line(user, ""));
    // Kilobytes.
    lines.concat() + &line(DovecotLmtp::FULL, "userdb_quota_rule=*:storage=1")
}

const CONFIGURATION: &str = "\
protocols = lmtp
listen = 127.0.0.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = /dev/stderr
hostname = lmtp.dovecot.test
ssl = yes
ssl_cert = <@FOLDER@/chain.pem
ssl_key = <@FOLDER@/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0 secs
auth_username_format = %Ln
recipient_delimiter = +
# Who may say for whom it speaks.
login_trusted_networks = 127.0.0.0/8
first_valid_uid = 1
mail_location = maildir:@FOLDER@/mail/%n
mail_plugins = quota
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=100M
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener @FOLDER@/authentication {
    mode = 0666
  }
}
userdb {
  driver = passwd-file
  args = @FOLDER@/users
}
passdb {
  driver = passwd-file
  args = @FOLDER@/users
}
service lmtp {
  inet_listener lmtp {
    port = @LMTP@
  }
  inet_listener lmtps {
    port = @LMTPS@
    ssl = yes
  }
}
";
