//! Servers that run beside a benchmark, and the load on them.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server; killed when this is dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// A process that serves at `address`. Waits until it greets.
    pub fn greeting(command: &mut Command, address: SocketAddr) -> Self {
        let process = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error} (Debian package postfix)"));
        let server = Self { process, address };
        wait_for_greeting(address);
        server
    }

    /// `mailhost serve` with these arguments, user bob, at free ports. The address is that of SMTP.
    pub fn mailhost(binary: &str, arguments: &[&str]) -> Self {
        Self::mailhost_with_door("smtp", binary, arguments)
    }

    /// The same; the address is that of the door of this name, which one of the arguments opens.
    pub fn mailhost_with_door(door: &str, binary: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(binary)
            .args([
                "serve",
                "--user",
                "bob:x",
                "--smtp",
                "127.0.0.1:0",
                "--pop3",
                "127.0.0.1:0",
            ])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error} (build it: cargo build --release -p mailhost)"));
        let out = BufReader::new(process.stdout.take().expect("it is piped"));
        let listening = format!("listening {door} ");
        let address = out
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix(&listening)?.parse().ok());
        let address = address.expect("it says where it listens");
        Self { process, address }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Some servers say nothing when they are ready: their greeting does.
pub fn wait_for_greeting(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !TcpStream::connect(address).is_ok_and(|mut stream| stream.read(&mut [0]).is_ok_and(|n| n == 1)) {
        assert!(Instant::now() < deadline, "no greeting at {address}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What smtp-source sends.
pub struct Load {
    /// At a time.
    pub sessions: u32,
    /// All sessions together.
    pub messages: u32,
    /// Octets of a message; by its own will smtp-source sends few.
    pub octets: Option<u32>,
    /// Whether a connection carries many messages.
    pub reuse: bool,
    /// The recipient.
    pub to: &'static str,
}

impl Load {
    /// Sends the messages, and says how many a second.
    pub fn run(&self, address: SocketAddr) -> f64 {
        let mut source = Command::new("smtp-source");
        source.args(["-s", &self.sessions.to_string(), "-m", &self.messages.to_string()]);
        source.args(["-f", "alice@a.example", "-t", self.to]);
        if let Some(octets) = self.octets {
            source.args(["-l", &octets.to_string()]);
        }
        if self.reuse {
            source.arg("-d");
        }
        let began = Instant::now();
        let status = source.arg(address.to_string()).status();
        let status = status.expect("smtp-source runs (Debian package postfix)");
        assert!(status.success(), "smtp-source: {status}");
        f64::from(self.messages) / began.elapsed().as_secs_f64()
    }
}

/// The middle one of all rounds.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
