//! Which programs this machine has, and what happens to a test whose program it has not.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// A program from Debian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// curl
    Curl,
    /// Dovecot with its POP3 part.
    Dovecot,
    /// Dovecot with its IMAP part.
    DovecotImap,
    /// Dovecot with its LMTP part.
    DovecotLmtp,
    /// iproute2
    Ip,
    /// isync
    Mbsync,
    /// mpop
    Mpop,
    /// msmtp
    Msmtp,
    /// Postfix
    Postfix,
    /// Python 3
    Python,
    /// Postfix's test server.
    SmtpSink,
    /// swaks
    Swaks,
    /// tcpdump, to capture what goes over loopback.
    Tcpdump,
    /// Wireshark on the command line.
    Tshark,
    /// util-linux, to be in a network of one's own.
    Unshare,
}

impl Program {
    /// Ready for its arguments.
    ///
    /// # Panics
    ///
    /// Without [`available`] the program may be missing.
    pub fn command(self) -> Command {
        let path = self.path();
        Command::new(path.unwrap_or_else(|| panic!("{} is not installed", self.name())))
    }

    /// Where it is installed. Daemons live where a user's PATH does not lead.
    pub fn path(self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
        folders
            .map(|folder| folder.join(self.name()))
            .find(|file| file.is_file())
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Dovecot | Self::DovecotImap | Self::DovecotLmtp => "dovecot",
            Self::Ip => "ip",
            Self::Mbsync => "mbsync",
            Self::Mpop => "mpop",
            Self::Msmtp => "msmtp",
            Self::Postfix => "postfix",
            Self::Python => "python3",
            Self::SmtpSink => "smtp-sink",
            Self::Swaks => "swaks",
            Self::Tcpdump => "tcpdump",
            Self::Tshark => "tshark",
            Self::Unshare => "unshare",
        }
    }

    const fn package(self) -> &'static str {
        match self {
            Self::Dovecot => "dovecot-pop3d",
            Self::DovecotImap => "dovecot-imapd",
            Self::DovecotLmtp => "dovecot-lmtpd",
            Self::Ip => "iproute2",
            Self::Mbsync => "isync",
            Self::SmtpSink => "postfix",
            Self::Unshare => "util-linux",
            _ => self.name(),
        }
    }

    /// What keeps a test from using it.
    fn obstacle(self) -> Option<String> {
        // Dovecot's parts are packages of their own beside the master process.
        let part = match self {
            Self::Dovecot => Some("/usr/lib/dovecot/pop3"),
            Self::DovecotImap => Some("/usr/lib/dovecot/imap"),
            Self::DovecotLmtp => Some("/usr/lib/dovecot/lmtp"),
            _ => None,
        };
        let lacks_part = part.is_some_and(|part| !Path::new(part).exists());
        if self.path().is_none() || lacks_part {
            let (name, package) = (self.name(), self.package());
            return Some(format!("{name} is not installed (Debian package {package})"));
        }
        // Their daemons change to users of their own; and only root makes networks, and captures packets.
        let needs_root = matches!(
            self,
            Self::Dovecot | Self::DovecotImap | Self::DovecotLmtp | Self::Postfix | Self::Tcpdump | Self::Unshare
        );
        (needs_root && !is_root()).then(|| format!("{} can only be started by root", self.name()))
    }
}

/// Whether a test that needs these programs can run; if not, says so where the test harness hides nothing.
///
/// # Panics
///
/// With `MAIL_INTEROP=required`, instead of skipping.
#[track_caller]
pub fn available(programs: &[Program]) -> bool {
    let Some(obstacle) = programs.iter().find_map(|program| program.obstacle()) else {
        return true;
    };
    let current = thread::current();
    // The harness gives each test's thread the test's name.
    let test = format!("interop::{}", current.name().unwrap_or("a test"));
    let required = env::var_os("MAIL_INTEROP").is_some_and(|value| value == "required");
    assert!(!required, "MAIL_INTEROP=required, but for {test} {obstacle}");
    // One write, so that lines of tests that run side by side do not mix.
    let line = format!("SKIPPED {test}: {obstacle}\n");
    io::stderr().write_all(line.as_bytes()).expect("standard error is open");
    false
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
