//! Programs from Debian log in to mailhost over TLS, by each mechanism that they share with it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::message;
use crate::peers::{Folder, Mailhost, Program, SecuredMailhost, available, new_mail, python, run, succeed};

#[test]
fn curl_logs_in() {
    if !available(&[Program::Curl]) {
        return;
    }
    let mailhost = SecuredMailhost::start();
    let folder = Folder::new();
    let file = folder.file("message", message::small());
    let ways = [("smtp", mailhost.submission()), ("smtps", mailhost.smtps())];
    let mut sent = 0;
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        for (scheme, address) in ways {
            let mut curl = curl(&mailhost, mechanism);
            curl.args(["--mail-from", "carol@hamburger.edu", "--mail-rcpt", Mailhost::BOB]);
            succeed(
                with(
                    curl,
                    &["--upload-file", &file, &format!("{scheme}://{address}/crepes.fr")],
                ),
                b"",
            );
            sent += 1;
        }
    }
    let ways = [("pop3", mailhost.pop3()), ("pop3s", mailhost.pop3s())];
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        for (scheme, address) in ways {
            let listing = succeed(
                with(curl(&mailhost, mechanism), &[&format!("{scheme}://{address}/")]),
                b"",
            );
            let listing = String::from_utf8(listing).unwrap();
            assert_eq!(listing.lines().count(), sent, "{mechanism}, {scheme}: {listing}");
        }
    }
    // Where TLS must be and the certificate is nobody's, no password is sent.
    let mut curl = Program::Curl.command();
    curl.args(["--silent", "--ssl-reqd", "--user", "bob:hungry"]);
    let refused = run(with(curl, &[&format!("pop3://{}/", mailhost.pop3())]), b"");
    assert_eq!(
        refused.status.code(),
        Some(60),
        "peer certificate cannot be authenticated"
    );
}

#[test]
fn msmtp_and_mpop_log_in() {
    if !available(&[Program::Msmtp, Program::Mpop]) {
        return;
    }
    let mailhost = SecuredMailhost::start();
    let mechanisms = ["scram-sha-256", "scram-sha-1", "cram-md5", "plain", "login"];
    for mechanism in mechanisms {
        for (address, starttls) in [(mailhost.submission(), "on"), (mailhost.smtps(), "off")] {
            let mut msmtp = Program::Msmtp.command();
            msmtp.args(["--host=127.0.0.1", &format!("--port={}", address.port())]);
            msmtp.args([
                &format!("--auth={mechanism}"),
                "--user=bob",
                "--passwordeval=echo hungry",
            ]);
            msmtp.args(["--tls=on", &format!("--tls-starttls={starttls}")]);
            msmtp.arg(format!("--tls-trust-file={}", mailhost.certificate()));
            msmtp.args(["--domain=crepes.fr", "--from=bob@hamburger.edu", "--", Mailhost::BOB]);
            succeed(msmtp, &message::unix(&message::small()));
        }
    }
    let arrived = 2 * mechanisms.len();
    for mechanism in mechanisms {
        for (address, starttls) in [(mailhost.pop3(), "on"), (mailhost.pop3s(), "off")] {
            let fetched = mpop(&mailhost, address.port(), starttls, mechanism);
            assert_eq!(fetched, arrived, "{mechanism}");
        }
    }
}

#[test]
fn swaks_logs_in() {
    if !available(&[Program::Swaks]) {
        return;
    }
    let mailhost = SecuredMailhost::start();
    for mechanism in ["CRAM-MD5", "PLAIN", "LOGIN"] {
        for (address, tls) in [(mailhost.submission(), "--tls"), (mailhost.smtps(), "--tls-on-connect")] {
            let mut swaks = Program::Swaks.command();
            swaks.args(["--server", "127.0.0.1", "--port", &address.port().to_string(), tls]);
            swaks.args(["--tls-ca-path", &mailhost.certificate(), "--tls-verify"]);
            swaks.args(["--auth", mechanism, "--auth-user", "bob", "--auth-password", "hungry"]);
            swaks.args(["--ehlo", "crepes.fr", "--from", Mailhost::BOB, "--to", Mailhost::CAROL]);
            let dialogue = String::from_utf8(succeed(swaks, b"")).unwrap();
            assert!(dialogue.contains("235 "), "{mechanism}: {dialogue}");
        }
    }
    // Without TLS nobody logs in.
    let mut swaks = Program::Swaks.command();
    let port = mailhost.submission().port().to_string();
    swaks.args(["--server", "127.0.0.1", "--port", &port, "--to", Mailhost::CAROL]);
    swaks.args(["--auth", "PLAIN", "--auth-user", "bob", "--auth-password", "hungry"]);
    let refused = run(swaks, b"");
    assert_eq!(refused.status.code(), Some(NO_AUTH));
}

#[test]
fn python_logs_in() {
    if !available(&[Program::Python]) {
        return;
    }
    let mailhost = SecuredMailhost::start();
    let doors = [
        mailhost.submission(),
        mailhost.smtps(),
        mailhost.pop3(),
        mailhost.pop3s(),
    ];
    let doors = doors.map(|address| address.port().to_string());
    let certificate = mailhost.certificate();
    python("logins.py", &[&certificate, &doors[0], &doors[1], &doors[2], &doors[3]]);
}

fn curl(mailhost: &SecuredMailhost, mechanism: &str) -> Command {
    let mut curl = Program::Curl.command();
    curl.args([
        "--silent",
        "--show-error",
        "--ssl-reqd",
        "--cacert",
        &mailhost.certificate(),
    ]);
    curl.args(["--user", "bob:hungry", "--login-options", &format!("AUTH={mechanism}")]);
    curl
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

/// How many messages mpop fetches, and leaves where they are.
fn mpop(mailhost: &SecuredMailhost, port: u16, starttls: &str, mechanism: &str) -> usize {
    let folder = Folder::new();
    ["tmp", "new", "cur"].iter().for_each(|part| _ = folder.folder(part));
    let (path, certificate) = (folder.name(), mailhost.certificate());
    let configuration = folder.file(
        "mpoprc",
        format!(
            "account default\n\
             host 127.0.0.1\n\
             port {port}\n\
             user bob\n\
             password hungry\n\
             auth {mechanism}\n\
             tls on\n\
             tls_starttls {starttls}\n\
             tls_trust_file {certificate}\n\
             keep on\n\
             uidls_file {path}/seen\n\
             delivery maildir {path}\n"
        ),
    );
    // It reads no password from a file that others may read.
    fs::set_permissions(&configuration, Permissions::from_mode(0o600)).unwrap();
    succeed(
        with(
            Program::Mpop.command(),
            &[&format!("--file={configuration}"), "--quiet"],
        ),
        b"",
    );
    new_mail(folder.path()).len()
}

/// What swaks exits with when it cannot log in.
const NO_AUTH: i32 = 28;
