//! A Dovecot of our own.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use super::Program;
use super::daemon::{Daemon, free_port, on_a_free_port};
use super::folder::{Folder, new_mail};

/// Serves the maildir of `bob` by POP3, in plaintext.
#[derive(Debug)]
pub struct Dovecot(Master);

/// Serves IMAP in plaintext, with all extensions that Debian's Dovecot has without further packages. Every user name is
/// somebody's, whose mailboxes come into being with the first login.
#[derive(Debug)]
pub struct DovecotImap(Master);

/// Serves POP3 and IMAP to `bob`: on two ports with STLS and STARTTLS, where passwords are refused before, on two more with
/// TLS from the first octet; by all mechanisms that it has for a password.
#[derive(Debug)]
pub struct DovecotTls {
    addresses: [SocketAddr; 4],
    _daemon: Daemon,
    _folder: Folder,
}

impl DovecotTls {
    /// With a certificate and its key, in PEM.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn start(chain: &str, key: &str) -> Self {
        on_a_free_port(|pop3| {
            let addresses = [pop3, free_port(), free_port(), free_port()];
            let folder = Folder::new();
            give_away(&folder.folder("mail"));
            folder.file("chain.pem", chain);
            folder.file("key.pem", key);
            folder.file("users", format!("{}:{{PLAIN}}{}\n", Dovecot::USER, Dovecot::PASSWORD));
            let ports = ["@POP3@", "@POP3S@", "@IMAP@", "@IMAPS@"].into_iter().zip(addresses);
            let text = ports.fold(TLS.replace("@FOLDER@", folder.name()), |text, (name, address)| {
                text.replace(name, &address.port().to_string())
            });
            folder.file("dovecot.conf", text);
            let mut command = Program::Dovecot.command();
            command.arg("-F").arg("-c").arg(folder.path().join("dovecot.conf"));
            let daemon = Daemon::spawn(command);
            daemon.wait_for(|lines| lines.iter().any(|line| line.contains("starting up for")).then_some(()))?;
            Some(Self {
                addresses,
                _daemon: daemon,
                _folder: folder,
            })
        })
    }

    /// Where it speaks POP3.
    pub const fn pop3(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Where it speaks POP3 over TLS.
    pub const fn pop3s(&self) -> SocketAddr {
        self.addresses[1]
    }

    /// Where it speaks IMAP.
    pub const fn imap(&self) -> SocketAddr {
        self.addresses[2]
    }

    /// Where it speaks IMAP over TLS.
    pub const fn imaps(&self) -> SocketAddr {
        self.addresses[3]
    }
}

impl Dovecot {
    /// Who may log in.
    pub const USER: &str = "bob";
    /// With what.
    pub const PASSWORD: &str = "hungry";

    /// With these messages, in this order, in the maildrop; their lines end in CRLF, which is how Dovecot serves them.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn start(messages: &[&[u8]]) -> Self {
        Self(Master::start(POP3, |mail| deposit(mail, messages)))
    }

    /// Where it speaks POP3.
    pub const fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The files in the maildir, seen and unseen ones.
    ///
    /// # Panics
    ///
    /// They cannot be read.
    pub fn stored(&self) -> Vec<Vec<u8>> {
        let maildir = self.0.folder.path().join("mail").join(Self::USER);
        let mut all = new_mail(&maildir);
        for entry in fs::read_dir(maildir.join("cur")).expect("it was made") {
            all.push(fs::read(entry.expect("it is readable").path()).expect("it is readable"));
        }
        all
    }
}

impl DovecotImap {
    /// Of everybody.
    pub const PASSWORD: &str = Dovecot::PASSWORD;

    /// With an empty INBOX for everybody.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn start() -> Self {
        Self(Master::start(IMAP, |_| {}))
    }

    /// Where it speaks IMAP.
    pub const fn address(&self) -> SocketAddr {
        self.0.address
    }
}

#[derive(Debug)]
struct Master {
    address: SocketAddr,
    // It ends before its folder goes.
    _daemon: Daemon,
    folder: Folder,
}

impl Master {
    /// `fill` puts mail into a folder that will belong to Dovecot's user.
    fn start(protocol: Protocol, fill: impl Fn(&Path)) -> Self {
        on_a_free_port(|address| {
            let folder = Folder::new();
            let mail = folder.folder("mail");
            fill(&mail);
            give_away(&mail);
            set_up(&folder, &protocol, address);
            // In the foreground.
            let mut command = Program::Dovecot.command();
            command.arg("-F").arg("-c").arg(folder.path().join("dovecot.conf"));
            let daemon = Daemon::spawn(command);
            let welcome = format!("starting up for {}", protocol.name);
            daemon.wait_for(|lines| lines.iter().any(|line| line.contains(&welcome)).then_some(()))?;
            Some(Self {
                address,
                _daemon: daemon,
                folder,
            })
        })
    }
}

/// What is said of it in the configuration.
struct Protocol {
    name: &'static str,
    settings: &'static str,
}

fn set_up(folder: &Folder, protocol: &Protocol, address: SocketAddr) {
    folder.file("users", format!("{}:{{PLAIN}}{}\n", Dovecot::USER, Dovecot::PASSWORD));
    let text = [COMMON, protocol.settings].concat();
    let text = text.replace("@PROTOCOL@", protocol.name);
    let text = text.replace("@PASSWORD@", Dovecot::PASSWORD);
    let text = text.replace("@PORT@", &address.port().to_string());
    folder.file("dovecot.conf", text.replace("@FOLDER@", folder.name()));
}

/// Dovecot numbers messages by the time at the head of a file's name.
fn deposit(mail: &Path, messages: &[&[u8]]) {
    let maildir = mail.join(Dovecot::USER);
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(maildir.join(part)).expect("it is ours");
    }
    for (index, message) in messages.iter().enumerate() {
        let file = maildir.join(format!("new/{}.interop", 1_700_000_000 + index));
        fs::write(file, message).expect("it is ours");
    }
}

/// All of it: Dovecot opens no mailbox as root.
pub(super) fn give_away(folder: &Path) {
    let mut left = vec![PathBuf::from(folder)];
    while let Some(path) = left.pop() {
        chown(&path, Some(NOBODY), Some(NOBODY)).expect("root may");
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("it is ours");
            left.extend(entries.map(|entry| entry.expect("it is readable").path()));
        }
    }
}

/// Debian's `nobody` and `nogroup`.
const NOBODY: u32 = 65534;

const COMMON: &str = "\
protocols = @PROTOCOL@
listen = 127.0.0.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
first_valid_uid = 1
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=@FOLDER@/mail/%n
}
service @PROTOCOL@-login {
  inet_listener @PROTOCOL@ {
    port = @PORT@
  }
  inet_listener @PROTOCOL@s {
    port = 0
  }
}
";

const POP3: Protocol = Protocol {
    name: "pop3",
    settings: "\
mail_location = maildir:@FOLDER@/mail/%n
passdb {
  driver = passwd-file
  args = @FOLDER@/users
}
",
};

const IMAP: Protocol = Protocol {
    name: "imap",
    settings: "\
mail_location = sdbox:@FOLDER@/mail/%n/box
mail_attribute_dict = file:@FOLDER@/mail/%n/attributes
mail_plugins = acl quota
mail_max_userip_connections = 100
imap_metadata = yes
imap_urlauth_host = localhost
passdb {
  driver = static
  args = password=@PASSWORD@
}
service imap-login {
  service_count = 0
}
protocol imap {
  mail_plugins = acl imap_acl quota imap_quota imap_zlib
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
plugin {
  acl = vfile
  quota = count:User quota
  quota_rule = *:storage=100M:messages=10000
  quota_vsizes = yes
}
",
};

const TLS: &str = "\
protocols = pop3 imap
listen = 127.0.0.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = /dev/stderr
ssl = yes
ssl_cert = <@FOLDER@/chain.pem
ssl_key = <@FOLDER@/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0 secs
mail_max_userip_connections = 100
first_valid_uid = 1
mail_location = maildir:@FOLDER@/mail/%n
# Who mistypes a password waits longer each time; tests mistype many.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=@FOLDER@/mail/%n
}
passdb {
  driver = passwd-file
  args = @FOLDER@/users
}
service pop3-login {
  inet_listener pop3 {
    port = @POP3@
  }
  inet_listener pop3s {
    port = @POP3S@
    ssl = yes
  }
}
service imap-login {
  inet_listener imap {
    port = @IMAP@
  }
  inet_listener imaps {
    port = @IMAPS@
    ssl = yes
  }
}
";
