//! A Dovecot of our own, with Maildir, set up to be fast: its processes serve many clients one after another instead of one.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use mail_testing::peers::{Daemon, Program, on_a_free_port};

use crate::session::{PASSWORD, USER};

pub(crate) struct Dovecot {
    pub(crate) address: SocketAddr,
    _daemon: Daemon,
}

impl Dovecot {
    /// Over the maildirs in `folder`, which [`Maildir`] has filled; with this value of `mail_fsync`.
    pub(crate) fn start(folder: &Path, fsync: &str) -> Self {
        for name in ["mail", "mail/bob"] {
            fs::create_dir_all(folder.join(name)).expect("it is ours");
            own(&folder.join(name));
        }
        on_a_free_port(|address| {
            let text = CONFIGURATION
                .replace("@FOLDER@", &folder.display().to_string())
                .replace("@PASSWORD@", PASSWORD)
                .replace("@FSYNC@", fsync)
                .replace("@PORT@", &address.port().to_string());
            let file = folder.join("dovecot.conf");
            fs::write(&file, text).expect("it is ours");
            let mut command = Program::Dovecot.command();
            command.arg("-F").arg("-c").arg(&file);
            let mut daemon = Daemon::spawn(command);
            let log = folder.join("log");
            // What it has to tell of each session is no failure's business.
            while !fs::read_to_string(&log).is_ok_and(|text| text.contains("starting up for")) {
                if !daemon.runs() {
                    return None;
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            Some(Self {
                address,
                _daemon: daemon,
            })
        })
    }
}

/// A mailbox that is written as files, before Dovecot looks at it.
pub(crate) struct Maildir(PathBuf);

impl Maildir {
    pub(crate) fn create(folder: &Path, name: &str) -> Self {
        let user = folder.join("mail").join(USER);
        let maildir = user.join(format!(".{name}"));
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(maildir.join(part)).expect("it is ours");
            own(&maildir.join(part));
        }
        for path in [folder.join("mail"), user, maildir.clone()] {
            own(&path);
        }
        fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("it is ours");
        Self(maildir)
    }

    /// A message that was seen. Dovecot orders messages by the time at the head of a file's name.
    pub(crate) fn put(&self, number: usize, message: &[u8]) {
        let size = message.len();
        let name = format!("{}.M{number}.bench,S={size},W={size}:2,S", 1_700_000_000 + number);
        let file = self.0.join("cur").join(name);
        fs::write(&file, message).expect("it is ours");
        own(&file);
    }
}

/// Dovecot opens no mailbox as root.
fn own(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
}

/// Debian's `nobody` and `nogroup`.
const NOBODY: u32 = 65534;

const CONFIGURATION: &str = "\
protocols = imap
listen = 127.0.0.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = /dev/stderr
info_log_path = @FOLDER@/log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
first_valid_uid = 1
mail_max_userip_connections = 2000
mail_location = maildir:@FOLDER@/mail/%n
maildir_stat_dirs = no
mail_fsync = @FSYNC@
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=@FOLDER@/mail/%n
}
passdb {
  driver = static
  args = password=@PASSWORD@
}
service imap-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 1000
  inet_listener imap {
    port = @PORT@
  }
  inet_listener imaps {
    port = 0
  }
}
service imap {
  service_count = 1000
  process_min_avail = 4
}
protocol imap {
  imap_literal_minus = no
}
";
