//! Messages per second of `mailhost serve --store discard` beside Postfix's smtp-sink, under Postfix's smtp-source.
//!
//! `cargo run --release --bin versus-smtp-sink -- [MAILHOST] [ROUNDS]`; needs the Debian package postfix. Rounds alternate
//! between the two, so that what else the machine does hits both; the ratio is that of the medians.

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments
        .next()
        .unwrap_or_else(|| "../target/release/mailhost".to_owned());
    let rounds: usize = arguments
        .next()
        .map_or(9, |text| text.parse().expect("ROUNDS is a number"));
    let (mailhost, sink) = (mailhost(&binary), smtp_sink());
    println!("messages a second, median of {rounds} rounds\n");
    println!("{:34} {:>9} {:>9} {:>7}", "", "mailhost", "smtp-sink", "ratio");
    for (name, reuse) in [("a connection for each message", false), ("connections reused", true)] {
        for sessions in [1, 10] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                ours.push(load(mailhost.address, sessions, reuse));
                theirs.push(load(sink.address, sessions, reuse));
            }
            let (ours, theirs) = (median(ours), median(theirs));
            let ratio = ours / theirs;
            println!("{name:30} ×{sessions:<3} {ours:9.0} {theirs:9.0} {ratio:7.2}");
        }
    }
}

/// Sends messages, and says how many a second.
fn load(address: SocketAddr, sessions: usize, reuse: bool) -> f64 {
    let messages = if reuse { 8000 } else { 2000 };
    let mut source = Command::new("smtp-source");
    source.args(["-s", &sessions.to_string(), "-m", &messages.to_string()]);
    source.args(["-f", "alice@a.example", "-t", "bob@example.org"]);
    if reuse {
        source.arg("-d");
    }
    let began = Instant::now();
    let status = source.arg(address.to_string()).status().expect("smtp-source runs");
    assert!(status.success(), "smtp-source: {status}");
    f64::from(messages) / began.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mailhost(binary: &str) -> Server {
    let mut process = Command::new(binary)
        .args([
            "serve",
            "--store",
            "discard",
            "--user",
            "bob:x",
            "--smtp",
            "127.0.0.1:0",
            "--pop3",
            "127.0.0.1:0",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{binary}: {error} (build it: cargo build --release -p mailhost)"));
    let mut line = String::new();
    let mut out = BufReader::new(process.stdout.take().expect("it is piped"));
    out.read_line(&mut line).expect("a line for the listener");
    let address = line
        .trim()
        .strip_prefix("listening smtp ")
        .expect("the SMTP listener comes first");
    let address = address.parse().expect("an address");
    Server { process, address }
}

fn smtp_sink() -> Server {
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port");
    let process = Command::new("smtp-sink")
        // It refuses to run as root without being told as whom.
        .args(["-u", "nobody", &free.to_string(), "1000"])
        .current_dir("/tmp")
        .spawn()
        .expect("smtp-sink runs (Debian package postfix)");
    let server = Server { process, address: free };
    // It says nothing when it is ready: its greeting does.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !TcpStream::connect(free).is_ok_and(|mut stream| stream.read(&mut [0]).is_ok_and(|n| n == 1)) {
        assert!(Instant::now() < deadline, "smtp-sink does not answer");
        std::thread::sleep(Duration::from_millis(10));
    }
    server
}
