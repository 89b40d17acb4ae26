//! A Dovecot of our own.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::Command;

use super::Program;
use super::daemon::{Daemon, on_a_free_port};
use super::folder::{Folder, new_mail};

/// Serves the maildir of `bob` by POP3, in plaintext.
#[derive(Debug)]
pub(crate) struct Dovecot {
    address: SocketAddr,
    // Ends before its folder goes.
    _master: Daemon,
    folder: Folder,
}

impl Dovecot {
    pub(crate) const USER: &str = "bob";
    pub(crate) const PASSWORD: &str = "hungry";

    /// With these messages, in this order, in the maildrop; their lines end in CRLF, which is how Dovecot serves them.
    pub(crate) fn start(messages: &[&[u8]]) -> Self {
        on_a_free_port(|address| {
            let folder = Folder::new();
            set_up(&folder, address);
            deposit(&folder, messages);
            let master = Daemon::spawn(master(&folder));
            let ready = |lines: &[String]| {
                lines
                    .iter()
                    .any(|line| line.contains("starting up for pop3"))
                    .then_some(())
            };
            master.wait_for(ready)?;
            Some(Self {
                address,
                _master: master,
                folder,
            })
        })
    }

    /// Where it speaks POP3.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The files in the maildir, seen and unseen ones.
    pub(crate) fn stored(&self) -> Vec<Vec<u8>> {
        let maildir = maildir(&self.folder);
        let mut all = new_mail(&maildir);
        for entry in fs::read_dir(maildir.join("cur")).expect("it was made") {
            all.push(fs::read(entry.expect("it is readable").path()).expect("it is readable"));
        }
        all
    }
}

fn set_up(folder: &Folder, address: SocketAddr) {
    folder.file("users", format!("{}:{{PLAIN}}{}\n", Dovecot::USER, Dovecot::PASSWORD));
    let configuration = CONFIGURATION.replace("@FOLDER@", &folder.path().display().to_string());
    folder.file(
        "dovecot.conf",
        configuration.replace("@PORT@", &address.port().to_string()),
    );
}

/// Dovecot numbers messages by the time at the head of a file's name.
fn deposit(folder: &Folder, messages: &[&[u8]]) {
    let maildir = maildir(folder);
    let inside = ["tmp", "new", "cur"].map(|part| maildir.join(part));
    inside
        .iter()
        .for_each(|part| fs::create_dir_all(part).expect("it is ours"));
    let mut all = Vec::from(inside);
    for (index, message) in messages.iter().enumerate() {
        let file = maildir.join(format!("new/{}.interop", 1_700_000_000 + index));
        fs::write(&file, message).expect("it is ours");
        all.push(file);
    }
    all.extend([folder.path().join("mail"), maildir]);
    all.iter()
        .for_each(|path| chown(path, Some(NOBODY), Some(NOBODY)).expect("root may"));
}

fn maildir(folder: &Folder) -> PathBuf {
    folder.path().join("mail").join(Dovecot::USER)
}

/// The master process in the foreground.
fn master(folder: &Folder) -> Command {
    let mut command = Program::Dovecot.command();
    command.arg("-F").arg("-c").arg(folder.path().join("dovecot.conf"));
    command
}

/// Debian's `nobody` and `nogroup`: Dovecot opens no mailbox as root.
const NOBODY: u32 = 65534;

const CONFIGURATION: &str = "\
protocols = pop3
listen = 127.0.0.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
mail_location = maildir:@FOLDER@/mail/%n
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = @FOLDER@/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=@FOLDER@/mail/%n
}
service pop3-login {
  inet_listener pop3 {
    port = @PORT@
  }
  inet_listener pop3s {
    port = 0
  }
}
";
