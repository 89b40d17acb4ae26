//! The program under test.

use std::net::SocketAddr;
use std::process::Command;
use std::thread;
use std::time::Instant;

use super::{Daemon, Folder, PATIENCE, Trust, fetch};
use crate::message::assert_below_fields;

/// `mailhost serve` with its mail in memory, for bob and carol at [`Mailhost::DOMAIN`].
#[derive(Debug)]
pub(crate) struct Mailhost {
    smtp: SocketAddr,
    pop3: SocketAddr,
    daemon: Daemon,
}

impl Mailhost {
    pub(crate) const DOMAIN: &str = "hamburger.edu";
    pub(crate) const NAME: &str = "mail.hamburger.edu";
    pub(crate) const BOB: &str = "bob@hamburger.edu";
    pub(crate) const CAROL: &str = "carol@hamburger.edu";
    /// Of every user.
    pub(crate) const PASSWORD: &str = "hungry";

    pub(crate) fn start() -> Self {
        Self::with_routes(&[])
    }

    /// Hands mail for each domain to the server at its address.
    pub(crate) fn with_routes(routes: &[(&str, SocketAddr)]) -> Self {
        let routes = routes.iter().map(|(domain, host)| format!("--route={domain}={host}"));
        Self::with(Self::DOMAIN, routes)
    }

    /// For another domain, with more options.
    pub(crate) fn with(domain: &str, options: impl IntoIterator<Item = String>) -> Self {
        Self::spawn(Self::command(domain, options))
    }

    /// The same, and the authority is the only one that its system trusts.
    pub(crate) fn trusting(trust: &Trust, domain: &str, options: impl IntoIterator<Item = String>) -> Self {
        let mut command = Self::command(domain, options);
        command.env("SSL_CERT_FILE", trust.roots()).env_remove("SSL_CERT_DIR");
        Self::spawn(command)
    }

    fn command(domain: &str, options: impl IntoIterator<Item = String>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        command.arg("serve").args(options);
        command.args(["--smtp=127.0.0.1:0", "--pop3=127.0.0.1:0", "--store=memory"]);
        command.args(["--domain", domain, "--hostname", &format!("mail.{domain}")]);
        command.args(["--user", "bob:hungry", "--user", "carol:hungry"]);
        command
    }

    /// Runs a command line that serves both protocols.
    pub(crate) fn spawn(command: Command) -> Self {
        let daemon = Daemon::spawn(command);
        let ready = daemon.wait_for(|lines| Some((listener(lines, "smtp")?, listener(lines, "pop3")?)));
        let Some((smtp, pop3)) = ready else {
            panic!("mailhost does not come to serve: {:#?}", daemon.lines());
        };
        Self { smtp, pop3, daemon }
    }

    /// Where it speaks SMTP.
    pub(crate) const fn smtp(&self) -> SocketAddr {
        self.smtp
    }

    /// Where it speaks POP3.
    pub(crate) const fn pop3(&self) -> SocketAddr {
        self.pop3
    }

    /// Takes messages out of a user's maildrop until there were so many. Nothing tells when a report arrives.
    #[track_caller]
    pub(crate) fn wait_for_mail(&self, user: &str, count: usize) -> Vec<String> {
        let (start, mut arrived) = (Instant::now(), Vec::new());
        while arrived.len() < count {
            assert!(start.elapsed() < PATIENCE, "{} of {count}: {arrived:#?}", arrived.len());
            let messages = self.mail_of(user).into_iter();
            arrived.extend(messages.map(|message| String::from_utf8_lossy(&message).into_owned()));
        }
        arrived
    }

    /// Takes all messages out of a user's maildrop, with Python's poplib.
    #[track_caller]
    pub(crate) fn mail_of(&self, user: &str) -> Vec<Vec<u8>> {
        fetch(self.pop3, user, Self::PASSWORD)
    }
}

/// A mailhost with a certificate of its own, whose users log in to send: submission, POP3 and IMAP, with TLS on request and from
/// the first octet.
#[derive(Debug)]
pub(crate) struct SecuredMailhost {
    mailhost: Mailhost,
    submission: SocketAddr,
    smtps: SocketAddr,
    pop3s: SocketAddr,
    imap: SocketAddr,
    imaps: SocketAddr,
    folder: Folder,
}

impl SecuredMailhost {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// One that takes passwords without TLS, too.
    pub(crate) fn for_all() -> Self {
        Self::with(&["--allow-plaintext"])
    }

    fn with(options: &[&str]) -> Self {
        let folder = Folder::new();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        command.args(["serve", "--domain", Mailhost::DOMAIN, "--hostname", Mailhost::NAME]);
        command.args(["--user", "bob:hungry", "--user", "carol:hungry"]);
        command
            .args(["--data", folder.name(), "--tls-self-signed"])
            .args(options);
        let doors = ["smtp", "pop3", "submission", "smtps", "pop3s", "imap", "imaps"];
        for door in doors {
            command.args([&format!("--{door}"), "127.0.0.1:0"]);
        }
        let daemon = Daemon::spawn(command);
        let ready = daemon.wait_for(|lines| {
            let found = doors.iter().filter_map(|door| listener(lines, &format!("{door} ")));
            <[SocketAddr; 7]>::try_from(found.collect::<Vec<_>>()).ok()
        });
        let Some([smtp, pop3, submission, smtps, pop3s, imap, imaps]) = ready else {
            panic!("mailhost does not come to serve: {:#?}", daemon.lines());
        };
        Self {
            mailhost: Mailhost { smtp, pop3, daemon },
            submission,
            smtps,
            pop3s,
            imap,
            imaps,
            folder,
        }
    }

    /// Submission, where TLS begins by STARTTLS.
    pub(crate) const fn submission(&self) -> SocketAddr {
        self.submission
    }

    /// Submission, where TLS begins with the first octet.
    pub(crate) const fn smtps(&self) -> SocketAddr {
        self.smtps
    }

    /// POP3, where TLS begins by STLS.
    pub(crate) const fn pop3(&self) -> SocketAddr {
        self.mailhost.pop3
    }

    /// POP3, where TLS begins with the first octet.
    pub(crate) const fn pop3s(&self) -> SocketAddr {
        self.pop3s
    }

    /// IMAP, where TLS begins by STARTTLS.
    pub(crate) const fn imap(&self) -> SocketAddr {
        self.imap
    }

    /// IMAP, where TLS begins with the first octet.
    pub(crate) const fn imaps(&self) -> SocketAddr {
        self.imaps
    }

    /// The file of the certificate to trust.
    pub(crate) fn certificate(&self) -> String {
        format!("{}/tls-cert.pem", self.folder.name())
    }
}

impl Drop for Mailhost {
    fn drop(&mut self) {
        let status = self.daemon.terminate();
        // A second panic would abort the test run.
        if !thread::panicking() {
            assert!(
                status.success(),
                "after SIGTERM mailhost ended with {status}: {:#?}",
                self.daemon.lines()
            );
        }
    }
}

/// Checks that the messages are those which alice sent to this recipient, octet for octet below the trace fields.
#[track_caller]
pub(crate) fn assert_delivered(arrived: &[Vec<u8>], sent: &[&[u8]], recipient: &str) {
    assert_eq!(arrived.len(), sent.len(), "messages for {recipient}");
    for (arrived, sent) in arrived.iter().zip(sent) {
        let fields = assert_below_fields(arrived, sent, &["Return-Path", "Delivered-To", "Received"]);
        let head = format!("Return-Path: <alice@crepes.fr>\r\nDelivered-To: {recipient}\r\nReceived: from ");
        assert!(fields.starts_with(&head), "{fields}");
        let is_of_message = fields.matches("Return-Path:").count() == 1 && fields.matches("Delivered-To:").count() == 1;
        assert!(
            is_of_message && fields.contains(&format!("by {}", Mailhost::NAME)),
            "{fields}"
        );
    }
}

/// `listening smtp 127.0.0.1:2525`
fn listener(lines: &[String], protocol: &str) -> Option<SocketAddr> {
    let address = lines
        .iter()
        .find_map(|line| line.strip_prefix("listening ")?.strip_prefix(protocol));
    Some(address?.trim().parse().expect("an address follows"))
}
