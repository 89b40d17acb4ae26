//! `mailhost serve` with all its doors: submission, LMTP, TLS, as clients with our own adapters find them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use mail_blocking::pop3::Client as Pop3;
use mail_blocking::smtp::{Client as Smtp, ClientError};
use mail_blocking::tls::{ClientTls, Host as Name, Tls};
use mail_blocking::{Error, Options, sasl};
use sasl::{Credentials, Mechanism, Policy};
use smtp_proto::client::{Config, Envelope, Protocol};

const MESSAGE: &[u8] =
    b"From: Alice <alice@hamburger.edu>\r\nBcc: carol@hamburger.edu\r\nSubject: lunch\r\n\r\nAt noon?\r\n";

/// A user logs in by each mechanism that is offered under TLS, the channel-bound ones included, and sends.
#[test]
fn users_log_in_and_send() {
    let host = Host::start(&[]);
    let mechanisms = [
        Mechanism::ScramSha512Plus,
        Mechanism::ScramSha256Plus,
        Mechanism::ScramSha1Plus,
        Mechanism::ScramSha512,
        Mechanism::ScramSha256,
        Mechanism::ScramSha1,
        Mechanism::CramMd5,
        Mechanism::Plain,
        Mechanism::Login,
    ];
    for (number, mechanism) in mechanisms.into_iter().enumerate() {
        let (door, tls) = match number % 2 {
            0 => ("submission", host.tls(Tls::required())),
            _ => ("smtps", host.tls(Tls::implicit())),
        };
        let mut smtp = Smtp::connect(host.door(door), tls).unwrap();
        let alice = Credentials::password("alice", "secret").unwrap();
        smtp.login_with(&alice, &Policy::only(&[mechanism])).unwrap();
        let outcome = smtp.send(&envelope(&["bob@hamburger.edu"]), MESSAGE).unwrap();
        assert!(outcome.is_complete_success(), "{mechanism}: {outcome:?}");
        smtp.quit().unwrap();
    }
    let messages = host.messages();
    assert_eq!(messages.len(), mechanisms.len());
    for message in &messages {
        assert!(!message.contains("Bcc"), "{message}");
        assert!(message.contains(" with ESMTPSA"), "{message}");
        for field in ["\nDate: ", "\nMessage-ID: <"] {
            assert_eq!(message.matches(field).count(), 1, "{message}");
        }
        assert!(message.ends_with("\r\n\r\nAt noon?\r\n"), "{message}");
    }
}

/// docs/threats.md row 6: before TLS there is no login, and before login there is no mail.
#[test]
fn nothing_is_told_in_plaintext() {
    let host = Host::start(&[]);
    let mut smtp = Smtp::connect(host.door("submission"), Tls::never()).unwrap();
    assert!(smtp.capabilities().auth().is_empty());
    let refused = smtp.send(&envelope(&["bob@hamburger.edu"]), MESSAGE).unwrap();
    let refusal = refused.results().next().unwrap().unwrap_err().to_string();
    assert!(refusal.contains("530"), "{refusal}");
    let mut talk = Talk::to(host.door("submission"));
    talk.expect("EHLO laptop", "250");
    talk.expect("AUTH PLAIN AGFsaWNlAHNlY3JldA==", "538 5.7.11");
    let mut pop3 = Pop3::connect(host.door("pop3"), Tls::never()).unwrap();
    assert!(pop3.login("bob", "hungry").is_err());

    let mut smtp = Smtp::connect(host.door("submission"), host.tls(Tls::required())).unwrap();
    let wrong = Credentials::password("alice", "guess").unwrap();
    let refused = smtp.login(&wrong).unwrap_err();
    assert!(refused.to_string().contains("535 5.7.8"), "{refused}");
}

/// docs/threats.md row 20: what is said in TLS is taken down, but for the secrets.
#[test]
fn transcripts_go_on_in_tls_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("transcript");
    let host = Host::start(&["--transcript", file.to_str().unwrap()]);
    let alice = Credentials::password("alice", "secret").unwrap();
    for mechanism in [Mechanism::Plain, Mechanism::Login, Mechanism::ScramSha256Plus] {
        for (door, tls) in [("submission", Tls::required()), ("smtps", Tls::implicit())] {
            let mut smtp = Smtp::connect(host.door(door), host.tls(tls)).unwrap();
            smtp.login_with(&alice, &Policy::only(&[mechanism])).unwrap();
            smtp.send(&envelope(&["bob@hamburger.edu"]), MESSAGE).unwrap();
            smtp.quit().unwrap();
        }
    }
    let mut pop3 = Pop3::connect(host.door("pop3s"), host.tls(Tls::implicit())).unwrap();
    pop3.login("bob", "hungry").unwrap();
    pop3.quit().unwrap();
    let shown = std::fs::read_to_string(&file).unwrap();
    assert_eq!(shown.matches(" -- TLS: ").count(), 7, "{shown}");
    assert_eq!(shown.matches(" C: RCPT TO:<bob@hamburger.edu>\n").count(), 6, "{shown}");
    assert!(shown.contains(" C: AUTH PLAIN [redacted]\n") && shown.contains(" C: PASS [redacted]\n"));
    for secret in [
        "hungry",
        "AGFsaWNlAHNlY3JldA",
        "c2VjcmV0",
        " C: AUTH SCRAM-SHA-256-PLUS c",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

/// A client that does not know who has signed the certificate says nothing.
#[test]
fn a_certificate_must_be_known() {
    let host = Host::start(&[]);
    let stranger = Options::from(Tls::required().for_host("hamburger.edu".parse::<Name>().unwrap()));
    let refused = Smtp::connect(host.door("submission"), stranger).unwrap_err();
    assert!(matches!(refused, ClientError::Session(Error::Tls(_))), "{refused}");
}

#[test]
fn lmtp_answers_for_each_recipient() {
    let host = Host::start(&[]);
    let mut config = Config::new("crepes.fr".parse().unwrap());
    config.protocol = Protocol::Lmtp;
    let mut lmtp = Smtp::connect(host.door("lmtp"), Options::new(Tls::never(), config)).unwrap();
    let recipients = [
        "bob@hamburger.edu",
        "nobody@hamburger.edu",
        "alice+pickles@hamburger.edu",
        "chef@crepes.fr",
    ];
    let outcome = lmtp.send(&envelope(&recipients), MESSAGE).unwrap();
    let taken: Vec<bool> = outcome.results().map(|result| result.is_ok()).collect();
    assert_eq!(taken, [true, false, true, false], "{outcome:?}");
    assert!(host.messages()[0].contains(" with LMTP"));
}

/// The sender hears that its mail has arrived (RFC 3461 §5.2.3).
#[test]
fn success_is_reported_to_who_asks() {
    let host = Host::start(&[]);
    let mut talk = Talk::to(host.door("smtp"));
    talk.expect("EHLO crepes.fr", "250");
    talk.expect("MAIL FROM:<bob@hamburger.edu> RET=HDRS ENVID=QQ314159", "250");
    talk.expect(
        "RCPT TO:<alice@hamburger.edu> NOTIFY=SUCCESS ORCPT=rfc822;chef@crepes.fr",
        "250",
    );
    talk.expect("DATA", "354");
    talk.expect("Subject: lunch\r\n\r\nAt noon?\r\n.", "250");
    talk.expect("QUIT", "221");
    let messages = host.messages();
    let report = &messages[0];
    for line in [
        "Original-Envelope-Id: QQ314159",
        "Original-Recipient: rfc822; chef@crepes.fr",
        "Final-Recipient: rfc822; alice@hamburger.edu",
        "Action: delivered",
        "Status: 2.",
        "Return-Path: <>",
    ] {
        assert!(report.contains(line), "{line} in {report}");
    }
    assert!(!report.contains("At noon?"), "RET=HDRS: {report}");
}

fn envelope(to: &[&str]) -> Envelope {
    let from: smtp_proto::Mailbox = "alice@hamburger.edu".parse().unwrap();
    let to = to.iter().map(|to| to.parse::<smtp_proto::Mailbox>().unwrap());
    Envelope::new(from, to).unwrap()
}

/// A mailhost for hamburger.edu with all its doors.
struct Host {
    process: Child,
    doors: Vec<(String, SocketAddr)>,
    folder: tempfile::TempDir,
}

impl Host {
    fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        command.args([
            "serve",
            "--domain",
            "hamburger.edu",
            "--user",
            "alice:secret",
            "--user",
            "bob:hungry",
        ]);
        command.args(["--tls-self-signed", "--data"]).arg(folder.path());
        let doors = ["smtp", "pop3", "submission", "smtps", "pop3s", "lmtp"];
        for door in doors {
            command.args([&format!("--{door}"), "127.0.0.1:0"]);
        }
        let mut process = command.args(more).stdout(Stdio::piped()).spawn().expect("it runs");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let doors = doors.iter().map(|_| {
            let line = lines.next().expect("it goes on").expect("text");
            let mut words = line.strip_prefix("listening ").expect("an address").split(' ');
            let name = words.next().expect("a name").to_owned();
            (name, words.next().expect("an address").parse().expect("an address"))
        });
        Self {
            doors: doors.collect(),
            process,
            folder,
        }
    }

    fn door(&self, name: &str) -> SocketAddr {
        let door = self.doors.iter().find(|(door, _)| door == name);
        door.expect("it is open").1
    }

    /// Trusts this host's certificate, and no other.
    fn tls(&self, tls: Tls) -> Tls {
        let certificate = std::fs::read(self.folder.path().join("tls-cert.pem")).expect("it was made");
        let client = ClientTls::builder().roots_pem(&certificate).build().unwrap();
        tls.with(client).for_host("hamburger.edu".parse::<Name>().unwrap())
    }

    /// Bob's mail.
    fn messages(&self) -> Vec<String> {
        let mut pop3 = Pop3::connect(self.door("pop3"), self.tls(Tls::required())).unwrap();
        let bob = Credentials::password("bob", "hungry").unwrap();
        pop3.login_with(&bob, &Policy::default()).unwrap();
        let listed = pop3.list().unwrap();
        let message = |number| {
            let mut octets = Vec::new();
            std::io::Read::read_to_end(&mut pop3.retrieve(number).unwrap(), &mut octets).unwrap();
            String::from_utf8(octets).unwrap()
        };
        listed.iter().map(|listing| listing.number).map(message).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody at telnet.
struct Talk {
    stream: BufReader<TcpStream>,
}

impl Talk {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        let mut talk = Self {
            stream: BufReader::new(stream),
        };
        talk.reply("220");
        talk
    }

    fn expect(&mut self, say: &str, code: &str) {
        self.stream
            .get_mut()
            .write_all(format!("{say}\r\n").as_bytes())
            .expect("it hears");
        self.reply(code);
    }

    fn reply(&mut self, code: &str) {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a line");
            if line.as_bytes().get(3) != Some(&b'-') {
                return assert!(line.starts_with(code), "{line} is not {code}");
            }
        }
    }
}
