//! What is acknowledged survives SIGKILL at any moment: there exactly once. What was not acknowledged is there at most once
//! for each attempt.
//!
//! A few kills here; `MAILHOST_KILLS=50 cargo test -p mailhost --test kill` is the long run. What a power cut does rests
//! on fsync, which SIGKILL does not test.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mail_blocking::{pop3, smtp};
use mail_testing::Random;
use smtp_proto::Mailbox;
use smtp_proto::client::{Config, Envelope};

#[test]
fn acknowledged_mail_survives_sigkill() {
    let kills: usize = std::env::var("MAILHOST_KILLS").map_or(4, |text| text.parse().expect("a number of kills"));
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(std::process::id().into());
    let attempts = AtomicUsize::new(0);
    let mut acknowledged = Vec::new();
    for _ in 0..kills {
        let mut host = Host::start(folder.path());
        let killed = AtomicBool::new(false);
        let pause = Duration::from_millis(random.below(250) as u64);
        thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| scope.spawn(|| send_until(host.smtp, &attempts, &killed)))
                .collect();
            // The moment is chosen at random, so there is no event to wait for.
            thread::sleep(pause);
            host.process.kill().unwrap();
            killed.store(true, Ordering::Relaxed);
            acknowledged.extend(senders.into_iter().flat_map(|sender| sender.join().unwrap()));
        });
        host.process.wait().unwrap();
    }
    let found = Host::start(folder.path()).messages();
    let attempts = attempts.into_inner();
    assert!(
        acknowledged.len() >= kills,
        "the load was none: {} messages",
        acknowledged.len()
    );
    for id in &acknowledged {
        assert_eq!(found.get(id), Some(&1), "message {id} was acknowledged");
    }
    for (id, times) in &found {
        assert!(*id < attempts && *times == 1, "message {id} is there {times} times");
    }
    println!(
        "{kills} kills, {attempts} attempts, {} acknowledged, {} found",
        acknowledged.len(),
        found.len()
    );
}

/// Sends one message after another until the host is gone; returns the numbers of those acknowledged.
fn send_until(host: SocketAddr, attempts: &AtomicUsize, killed: &AtomicBool) -> Vec<usize> {
    let mut acknowledged = Vec::new();
    let alice: Mailbox = "alice@crepes.fr".parse().unwrap();
    let bob: Mailbox = "bob@hamburger.edu".parse().unwrap();
    let envelope = Envelope::new(alice, [bob]).unwrap();
    let config = Config::new("crepes.fr".parse().unwrap());
    let Ok(mut client) = smtp::Client::connect(host, config) else {
        return acknowledged;
    };
    while !killed.load(Ordering::Relaxed) {
        let id = attempts.fetch_add(1, Ordering::Relaxed);
        // Every few messages one that takes more than a chunk of the store.
        let lines = if id.is_multiple_of(7) { 5000 } else { 5 };
        let body = "All work and no play makes Jack a dull boy, says the old book.\r\n".repeat(lines);
        let message = format!("Message-ID: <{id}@crepes.fr>\r\n\r\n{body}");
        match client.send(&envelope, message.as_bytes()) {
            Ok(outcome) if outcome.is_complete_success() => acknowledged.push(id),
            _ => break,
        }
    }
    acknowledged
}

const SENDERS: usize = 6;

struct Host {
    process: Child,
    smtp: SocketAddr,
    pop3: SocketAddr,
}

impl Host {
    fn start(data: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mailhost"))
            .args(["serve", "--smtp", "127.0.0.1:0", "--pop3", "127.0.0.1:0"])
            .args(["--domain", "hamburger.edu", "--user", "bob:hungry", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut listening = |protocol: &str| {
            let line = lines.next().expect("a line for each listener").unwrap();
            let address = line.strip_prefix(&format!("listening {protocol} "));
            address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap()
        };
        let (smtp, pop3) = (listening("smtp"), listening("pop3"));
        Self { process, smtp, pop3 }
    }

    /// How often each message is there.
    fn messages(&self) -> HashMap<usize, usize> {
        let config = pop3_proto::client::Config {
            security: pop3_proto::client::Security::Plaintext,
            ..Default::default()
        };
        let mut client = pop3::Client::connect(self.pop3, config).unwrap();
        client.login("bob", "hungry").unwrap();
        let mut found = HashMap::new();
        for message in client.list().unwrap() {
            let mut text = String::new();
            client
                .retrieve(message.number)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            assert_eq!(text.len() as u64, message.octets, "the size is what was announced");
            let (_, id) = text.split_once("Message-ID: <").expect("each message has its id");
            let (id, _) = id.split_once('@').unwrap();
            *found.entry(id.parse().unwrap()).or_default() += 1;
        }
        found
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
