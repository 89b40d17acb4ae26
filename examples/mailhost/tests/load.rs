//! Mail through two hosts, with everything going wrong on the way: connections that are cut, hosts that say 4yz, hosts that
//! are killed. Every acknowledged message arrives; one arrives twice only where its acknowledgement was cut off
//! (RFC 5321 §6.1); the queue is empty in the end.
//!
//! ```text
//!   10 senders ──▶ crepes.fr ──▶ a bad network ──▶ hamburger.edu ──▶ bob, who reads all
//! ```
//!
//! 2,000 messages here; `MAILHOST_LOAD=100000 cargo test --release -p mailhost --test load -- --nocapture` is the long run, and prints what came
//! of it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mail_blocking::{pop3, smtp};
use mail_testing::Random;
use smtp_proto::Mailbox;
use smtp_proto::client::{Config, Envelope};

#[test]
fn every_acknowledged_message_arrives() {
    let count: usize = std::env::var("MAILHOST_LOAD").map_or(2000, |text| text.parse().expect("a number of messages"));
    let folder = tempfile::tempdir().unwrap();
    let network = Network::start(free_port());
    let crepes = Place::new(folder.path().join("crepes"), "crepes.fr", "alice:sweet", &[
        "--route".to_owned(),
        format!("hamburger.edu={}", network.address),
        "--retry-after".to_owned(),
        "1".to_owned(),
    ]);
    let hamburger = Place::new(folder.path().join("hamburger"), "hamburger.edu", "bob:hungry", &[]);
    network.lead_to(hamburger.smtp);
    let began = Instant::now();
    let load = Load { count, ..Load::default() };
    let kills = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(|| load.send(crepes.smtp))).collect();
        let killer = scope.spawn(|| kill_by_turns(&load, &crepes, &hamburger));
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        killer.join().unwrap()
    });
    let accepted = began.elapsed();
    network.is_bad.store(false, Ordering::Relaxed);
    crepes.wait_for_empty_queue();
    let delivered = began.elapsed();

    let found = hamburger.messages();
    let acknowledged = load.acknowledged.into_inner().unwrap();
    let lost: Vec<usize> = acknowledged.iter().copied().filter(|id| !found.contains_key(id)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    let cut = network.unsure.lock().unwrap().clone();
    let twice: Vec<usize> = found.iter().filter(|(_, times)| **times > 1).map(|(id, _)| *id).collect();
    let unexplained: Vec<&usize> = twice.iter().filter(|id| !cut.contains(id)).collect();
    assert!(unexplained.is_empty(), "more than once, though no acknowledgement was cut off: {unexplained:?}");
    assert!(acknowledged.len() >= count && kills > 0 && network.faults.load(Ordering::Relaxed) > 0);
    println!(
        "{} acknowledged in {accepted:.1?}, all delivered after {delivered:.1?} ({:.0} a second); {kills} kills, {} faults of \
         the network, {} arrived more than once, {} acknowledgements were cut off",
        acknowledged.len(),
        acknowledged.len() as f64 / delivered.as_secs_f64(),
        network.faults.load(Ordering::Relaxed),
        twice.len(),
        cut.len(),
    );
}

const SENDERS: usize = 10;

/// What is sent, and what was acknowledged.
#[derive(Default)]
struct Load {
    count: usize,
    attempts: AtomicUsize,
    acknowledged: Mutex<HashSet<usize>>,
}

impl Load {
    fn is_done(&self) -> bool {
        self.acknowledged.lock().unwrap().len() >= self.count
    }

    /// Sends until enough was acknowledged, over a new connection whenever one breaks.
    fn send(&self, host: SocketAddr) {
        let alice: Mailbox = "alice@crepes.fr".parse().unwrap();
        let bob: Mailbox = "bob@hamburger.edu".parse().unwrap();
        let envelope = Envelope::new(alice, [bob]).unwrap();
        while !self.is_done() {
            let config = Config::new("laptop.crepes.fr".parse().unwrap());
            let Ok(mut client) = smtp::Client::connect(host, config) else {
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            while !self.is_done() {
                let id = self.attempts.fetch_add(1, Ordering::Relaxed);
                let body = "All work and no play makes Jack a dull boy, says the old book.\r\n".repeat(5);
                let message = format!("Message-ID: <{id}@crepes.fr>\r\n\r\n{body}");
                match client.send(&envelope, message.as_bytes()) {
                    Ok(outcome) if outcome.is_complete_success() => self.acknowledged.lock().unwrap().insert(id),
                    _ => break,
                };
            }
        }
    }
}

/// Kills one host after the other while the load lasts. Returns how often.
fn kill_by_turns(load: &Load, crepes: &Place, hamburger: &Place) -> usize {
    let mut kills = 0;
    let mut random = Random::new(7);
    let step = (load.count / 5).max(50);
    while !load.is_done() {
        let before = load.acknowledged.lock().unwrap().len();
        let next = before + step / 2 + random.below(step);
        while !load.is_done() && load.acknowledged.lock().unwrap().len() < next {
            thread::sleep(Duration::from_millis(5));
        }
        let place = if kills % 2 == 0 { hamburger } else { crepes };
        place.restart();
        kills += 1;
    }
    kills
}

/// Where a host lives: its process comes and goes, its folder and its ports stay.
struct Place {
    data: PathBuf,
    smtp: SocketAddr,
    pop3: SocketAddr,
    arguments: Vec<String>,
    process: Mutex<Child>,
}

impl Place {
    fn new(data: PathBuf, domain: &str, user: &str, more: &[String]) -> Self {
        let (smtp, pop3) = (free_port(), free_port());
        let mut arguments: Vec<String> = ["serve", "--domain", domain, "--user", user].map(str::to_owned).to_vec();
        arguments.extend(["--smtp".to_owned(), smtp.to_string(), "--pop3".to_owned(), pop3.to_string()]);
        arguments.extend(["--data".to_owned(), data.display().to_string()]);
        arguments.extend_from_slice(more);
        let process = Mutex::new(start(&arguments));
        Self { data, smtp, pop3, arguments, process }
    }

    fn restart(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        *process = start(&self.arguments);
    }

    fn queue(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
        let output = command.arg("queue").args(arguments).arg("--data").arg(&self.data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Does not wait for times of retries: a person would flush, too.
    fn wait_for_empty_queue(&self) {
        let end = Instant::now() + Duration::from_secs(600);
        loop {
            let list = self.queue(&["list"]);
            if list == "The queue is empty.\n" {
                return;
            }
            assert!(Instant::now() < end, "{list}");
            self.queue(&["flush", "--all"]);
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// How often each message is there.
    fn messages(&self) -> HashMap<usize, usize> {
        let mut client = pop3::Client::connect(self.pop3, Default::default()).unwrap();
        client.login("bob", "hungry").unwrap();
        let mut found = HashMap::new();
        for message in client.list().unwrap() {
            let mut text = String::new();
            client.retrieve(message.number).unwrap().read_to_string(&mut text).unwrap();
            assert!(text.ends_with("says the old book.\r\n"), "it is whole");
            *found.entry(message_id(text.as_bytes()).expect("each has one")).or_default() += 1;
        }
        found
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

/// Starts a host and waits until it listens.
fn start(arguments: &[String]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
    let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let line = lines.next().expect("a line for each listener").unwrap();
        assert!(line.starts_with("listening "), "{line}");
    }
    process
}

fn free_port() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap()
}

fn message_id(text: &[u8]) -> Option<usize> {
    let at = text.windows(13).position(|octets| octets == b"Message-ID: <")? + 13;
    let digits: Vec<u8> = text[at..].iter().copied().take_while(u8::is_ascii_digit).collect();
    String::from_utf8(digits).ok()?.parse().ok()
}

/// Passes connections on, or does something bad to them.
struct Network {
    address: SocketAddr,
    target: Mutex<Option<SocketAddr>>,
    is_bad: AtomicBool,
    faults: AtomicUsize,
    /// Messages whose acknowledgement may not have arrived, or may not have been written down when its reader was killed.
    unsure: Mutex<HashSet<usize>>,
}

impl Network {
    fn start(address: SocketAddr) -> Arc<Self> {
        let listener = TcpListener::bind(address).unwrap();
        let network = Arc::new(Self {
            address,
            target: Mutex::new(None),
            is_bad: AtomicBool::new(true),
            faults: AtomicUsize::new(0),
            unsure: Mutex::default(),
        });
        let shared = network.clone();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let shared = shared.clone();
                thread::spawn(move || shared.pass(&stream.unwrap(), number as u64));
            }
        });
        network
    }

    fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = Some(target);
    }

    fn pass(&self, client: &TcpStream, number: u64) {
        let mut random = Random::new(number);
        let fate = match self.is_bad.load(Ordering::Relaxed) {
            true => random.below(8),
            false => 7,
        };
        if fate < 3 {
            self.faults.fetch_add(1, Ordering::Relaxed);
        }
        match fate {
            // It closes at once.
            0 => {}
            1 => drop(refuse(client)),
            // It is cut after so many octets in either direction.
            2 => self.connect(client, 500 + random.below(30_000)),
            _ => self.connect(client, usize::MAX),
        }
        let _ = client.shutdown(Shutdown::Both);
    }

    fn connect(&self, client: &TcpStream, octets: usize) {
        let target = self.target.lock().unwrap().expect("it leads somewhere");
        let Ok(server) = TcpStream::connect(target) else { return };
        let left = AtomicUsize::new(octets);
        let messages = Mutex::new(VecDeque::new());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| copy(&server, client, &left, |_| {}));
            let mut end = Vec::new();
            copy(client, &server, &left, |piece| {
                // A name may be cut in two.
                end.extend_from_slice(piece);
                let found = message_id(&end);
                end.drain(..end.len().saturating_sub(40));
                if let Some(id) = found {
                    let mut messages = messages.lock().unwrap();
                    messages.push_back(id);
                    // One that is on its way, and those that the client has not written down yet.
                    while messages.len() > 8 {
                        messages.pop_front();
                    }
                }
                if piece.ends_with(b"QUIT\r\n") {
                    is_over.store(true, Ordering::Relaxed);
                }
            });
        });
        if !is_over.load(Ordering::Relaxed) {
            self.unsure.lock().unwrap().extend(messages.into_inner().unwrap());
        }
    }
}

/// Copies octets while there are any left; then both ends are closed.
fn copy(mut from: &TcpStream, mut to: &TcpStream, left: &AtomicUsize, mut look: impl FnMut(&[u8])) {
    let mut piece = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        let before = left.fetch_sub(count.min(left.load(Ordering::Relaxed)), Ordering::Relaxed);
        look(&piece[..count]);
        let count = count.min(before);
        if to.write_all(&piece[..count]).is_err() || left.load(Ordering::Relaxed) == 0 {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// A host that says 4yz to each recipient.
fn refuse(mut stream: &TcpStream) -> std::io::Result<()> {
    let lines = BufReader::new(stream).lines();
    stream.write_all(b"220 hamburger.edu\r\n")?;
    for line in lines {
        let reply: &[u8] = match line?.get(..4) {
            Some("RCPT") => b"451 4.3.0 not now\r\n",
            Some("DATA") => b"554 5.5.1 no valid recipients\r\n",
            _ => b"250 hamburger.edu\r\n",
        };
        stream.write_all(reply)?;
    }
    Ok(())
}
