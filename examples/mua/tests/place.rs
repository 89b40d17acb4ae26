//! A host with alice and bob, and the program run by one of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use mail_tls::ServerTls;
use mailhost::accounts::Accounts;
use mailhost::host::{Host, Running, Settings};
use mailhost::service::{Door, Service};
use mailhost::store::MemoryStore;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Place {
    runtime: Runtime,
    running: Option<Running>,
    /// The home of who runs the program.
    pub(crate) home: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Self {
            code: output.status.code().expect("it was not killed"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// What it printed, if it succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// What it complained about: one line, with this exit code.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err
    }
}

impl Place {
    /// Without TLS.
    pub(crate) fn new() -> Self {
        Self::with(None)
    }

    pub(crate) fn with(tls: Option<ServerTls>) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut accounts = Accounts::new(["example.org".to_owned()]);
        for name in ["alice", "bob"] {
            accounts.add(name, None, mail_wire::Secret::from("open sesame"));
        }
        let mut settings = Settings::new(rfc5322::Host::new("example.org").expect("a name"), accounts);
        settings.tls = tls;
        let services = [Service::Smtp, Service::Submission, Service::Pop3, Service::Imap];
        let doors = services.map(|service| Door::new(service, SocketAddr::from(([127, 0, 0, 1], 0))));
        let running = runtime.block_on(Host::start(settings, Arc::new(MemoryStore::new()), &doors));
        Self {
            runtime,
            running: Some(running.expect("it starts")),
            home: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn address(&self, service: Service) -> SocketAddr {
        let running = self.running.as_ref().expect("it runs");
        running.address(service).expect("the door is open")
    }

    /// The program, with nobody's settings but the test's.
    pub(crate) fn bare(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mua"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("PASSWORD", "open sesame")
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// The same with the servers and bob's login.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.bare();
        let servers = [
            ("--smtp", Service::Submission),
            ("--imap", Service::Imap),
            ("--pop3", Service::Pop3),
        ];
        for (option, service) in servers {
            command.args([option, &self.address(service).to_string()]);
        }
        command.args(["--user", "bob", "--password-env", "PASSWORD"]);
        command
    }

    pub(crate) fn mua(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command().args(arguments).output().expect("it runs"))
    }

    /// Mail for bob from elsewhere, as it is.
    pub(crate) fn deliver(&self, message: &[u8]) {
        let mut stream = TcpStream::connect(self.address(Service::Smtp)).expect("a connection");
        let mut replies = BufReader::new(stream.try_clone().expect("a socket")).lines();
        let mut reply = |code: &str| {
            let line = replies.next().expect("a reply").expect("a line");
            assert!(line.starts_with(code), "{line}");
        };
        reply("220");
        for (line, code) in [
            ("HELO elsewhere.example", "250"),
            ("MAIL FROM:<carol@elsewhere.example>", "250"),
            ("RCPT TO:<bob@example.org>", "250"),
            ("DATA", "354"),
        ] {
            stream
                .write_all(format!("{line}\r\n").as_bytes())
                .expect("it is written");
            reply(code);
        }
        stream.write_all(message).expect("it is written");
        stream.write_all(b"\r\n.\r\nQUIT\r\n").expect("it is written");
        reply("250");
    }

    /// A short message from carol.
    pub(crate) fn deliver_text(&self, subject: &str, text: &str) {
        let message =
            format!("From: Carol <carol@elsewhere.example>\r\nTo: bob@example.org\r\nSubject: {subject}\r\n\r\n{text}");
        self.deliver(message.as_bytes());
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        std::fs::write(&path, text).expect("it is written");
        path.to_str().expect("a plain name").to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}
