//! A host, and clients that speak to it by hand.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use mailhost::accounts::Accounts;
use mailhost::host::{Host, Running, Settings};
use mailhost::service::{Door, Service};
use mailhost::store::{MemoryStore, SqliteStore, Store};
use tokio::runtime::Runtime;

/// A host with alice and bob, both with the password `secret`.
pub(crate) struct Place {
    runtime: Runtime,
    running: Option<Running>,
    pub(crate) store: Arc<dyn Store>,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    /// Runs a test with each store that keeps mail.
    pub(crate) fn each(test: impl Fn(&Self)) {
        eprintln!("the memory store:");
        test(&Self::memory());
        eprintln!("the SQLite store:");
        test(&Self::sqlite());
    }

    pub(crate) fn memory() -> Self {
        Self::with(runtime(), Arc::new(MemoryStore::new()), None, |_| {})
    }

    /// With other settings.
    pub(crate) fn settled(settle: impl FnOnce(&mut Settings)) -> Self {
        Self::with(runtime(), Arc::new(MemoryStore::new()), None, settle)
    }

    pub(crate) fn sqlite() -> Self {
        Self::sqlite_settled(|_| {})
    }

    /// With other settings.
    pub(crate) fn sqlite_settled(settle: impl FnOnce(&mut Settings)) -> Self {
        let (runtime, folder) = (runtime(), tempfile::tempdir().expect("a folder"));
        let store = runtime.block_on(SqliteStore::open(folder.path())).expect("a store");
        Self::with(runtime, Arc::new(store), Some(folder), settle)
    }

    fn with(
        runtime: Runtime,
        store: Arc<dyn Store>,
        folder: Option<tempfile::TempDir>,
        settle: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut accounts = Accounts::new(["example.org".to_owned()]);
        for name in ["alice", "bob"] {
            accounts.add(name, None, mail_wire::Secret::from("secret"));
        }
        let mut settings = Settings::new(rfc5322::Host::new("example.org").expect("a name"), accounts);
        settle(&mut settings);
        let services = [Service::Smtp, Service::Lmtp, Service::Pop3, Service::Imap];
        let doors = services.map(|service| Door::new(service, SocketAddr::from(([127, 0, 0, 1], 0))));
        let running = runtime
            .block_on(Host::start(settings, store.clone(), &doors))
            .expect("it starts");
        Self {
            runtime,
            running: Some(running),
            store,
            _folder: folder,
        }
    }

    pub(crate) fn address(&self, service: Service) -> SocketAddr {
        let running = self.running.as_ref().expect("it runs");
        running.address(service).expect("the door is open")
    }

    /// Runs what is asynchronous.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A client that has not logged in.
    pub(crate) fn client(&self) -> Talk {
        let mut talk = Talk::to(self.address(Service::Imap));
        let greeting = talk.line();
        assert!(greeting.starts_with("* OK [CAPABILITY "), "{greeting}");
        talk
    }

    /// A client that has.
    pub(crate) fn login(&self, user: &str) -> Talk {
        let mut talk = self.client();
        talk.ok(&format!("LOGIN {user} secret"));
        talk
    }

    /// One that has selected INBOX, too.
    pub(crate) fn inbox(&self, user: &str) -> Talk {
        let mut talk = self.login(user);
        talk.ok("SELECT INBOX");
        talk
    }

    /// A client of a protocol of lines that has read the greeting.
    pub(crate) fn talk(&self, service: Service) -> Talk {
        let mut talk = Talk::to(self.address(service));
        talk.line();
        talk
    }

    /// Mail for bob, by SMTP or LMTP.
    pub(crate) fn deliver(&self, service: Service, message: &str) {
        let mut talk = self.talk(service);
        let hello = if service == Service::Lmtp { "LHLO" } else { "EHLO" };
        talk.send(&format!("{hello} localhost\r\n"));
        while talk.line().starts_with("250-") {}
        for line in ["MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.org>", "DATA"] {
            talk.send(&format!("{line}\r\n"));
            let reply = talk.line();
            assert!(reply.starts_with(['2', '3']), "{line}: {reply}");
        }
        talk.send(&format!("{message}\r\n.\r\n"));
        let reply = talk.line();
        assert!(reply.starts_with("250"), "{reply}");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
}

/// A connection, line by line. A literal counts as part of its line.
pub(crate) struct Talk {
    input: BufReader<TcpStream>,
    commands: u32,
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) untagged: Vec<String>,
    /// The tagged line, without its tag.
    pub(crate) status: String,
}

impl Reply {
    /// The untagged lines that begin so, behind `* `.
    pub(crate) fn with(&self, start: &str) -> Vec<&str> {
        let lines = self.untagged.iter().filter_map(|line| line.strip_prefix("* "));
        lines.filter(|line| line.starts_with(start)).collect()
    }

    /// Whether an untagged line holds this.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.untagged.iter().any(|line| line.contains(text))
    }
}

impl Talk {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the door is open");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
        stream.set_nodelay(true).expect("no delay");
        Self {
            input: BufReader::new(stream),
            commands: 0,
        }
    }

    pub(crate) fn send(&mut self, octets: &str) {
        self.input.get_mut().write_all(octets.as_bytes()).expect("it is taken");
    }

    /// Sends what may not be taken any more; returns whether it was.
    pub(crate) fn try_send(&mut self, octets: &[u8]) -> bool {
        self.input.get_mut().write_all(octets).is_ok()
    }

    /// What comes until the server hangs up.
    pub(crate) fn octets(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        // A connection that is reset has ended, too.
        let _ = std::io::Read::read_to_end(&mut self.input, &mut octets);
        octets
    }

    /// A line, with the literals in it; without its CRLF. Octets that are no text are replaced.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        loop {
            let start = line.len();
            self.input.read_until(b'\n', &mut line).expect("an answer");
            let text = String::from_utf8_lossy(&line[start..]).into_owned();
            let Some(rest) = text.strip_suffix("\r\n") else {
                return String::from_utf8_lossy(&line).into_owned();
            };
            let announced = rest
                .rsplit_once('{')
                .and_then(|(_, digits)| digits.strip_suffix('}')?.parse().ok());
            let Some(octets): Option<usize> = announced else {
                line.truncate(line.len() - 2);
                return String::from_utf8_lossy(&line).into_owned();
            };
            let mut literal = vec![0; octets];
            std::io::Read::read_exact(&mut self.input, &mut literal).expect("the literal");
            line.extend_from_slice(&literal);
        }
    }

    /// Sends a command and reads up to its result.
    pub(crate) fn command(&mut self, command: &str) -> Reply {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        self.send(&format!("{tag} {command}\r\n"));
        self.result(&tag)
    }

    fn result(&mut self, tag: &str) -> Reply {
        let mut untagged = Vec::new();
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the connection ended behind {untagged:#?}");
            match line.strip_prefix(&format!("{tag} ")) {
                Some(status) => {
                    let status = status.to_owned();
                    return Reply { untagged, status };
                }
                None => untagged.push(line),
            }
        }
    }

    pub(crate) fn ok(&mut self, command: &str) -> Reply {
        let reply = self.command(command);
        assert!(reply.status.starts_with("OK"), "{command}: {reply:#?}");
        reply
    }

    pub(crate) fn no(&mut self, command: &str) -> Reply {
        let reply = self.command(command);
        assert!(reply.status.starts_with("NO"), "{command}: {reply:#?}");
        reply
    }

    pub(crate) fn bad(&mut self, command: &str) -> Reply {
        let reply = self.command(command);
        assert!(reply.status.starts_with("BAD"), "{command}: {reply:#?}");
        reply
    }

    /// APPEND of one message; the arguments in front of it.
    pub(crate) fn append(&mut self, arguments: &str, message: &str) -> Reply {
        self.ok(&format!("APPEND {arguments} {{{}+}}\r\n{message}", message.len()))
    }

    /// Begins IDLE.
    pub(crate) fn idle(&mut self) {
        self.send("idle IDLE\r\n");
        while !self.line().starts_with('+') {}
    }

    /// Ends it, and returns what was told since.
    pub(crate) fn done(&mut self) -> Vec<String> {
        self.send("DONE\r\n");
        self.result("idle").untagged
    }

    /// Reads lines until one holds this, and returns it.
    pub(crate) fn until(&mut self, text: &str) -> String {
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the connection ended");
            if line.contains(text) {
                return line;
            }
        }
    }
}

/// A small message.
pub(crate) fn message(subject: &str) -> String {
    format!(
        "From: Alice <alice@example.org>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.org>\r\n\r\nAt noon?\r\n"
    )
}
