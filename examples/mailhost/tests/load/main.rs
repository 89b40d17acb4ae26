//! Mail through two hosts, with everything going wrong on the way: connections that are cut, hosts that say 4yz, hosts that
//! are killed. Every acknowledged message arrives; one arrives twice only where its acknowledgement was cut off
//! (RFC 5321 §6.1); the queue is empty in the end.
//!
//! ```text
//!   10 senders ──submission──▶ a bad network ──▶ crepes.fr ──SMTP──▶ a bad network ──▶ hamburger.edu ──POP3──▶ bob
//!                AUTH, STARTTLS                  and its queue
//! ```
//!
//! Senders do as user agents do: what was not acknowledged they send again. So each message must be there in the end.
//!
//! 2,000 messages here; `MAILHOST_LOAD=100000 cargo test --release -p mailhost --test load -- --nocapture` is the long run, and
//! prints what came of it.

mod network;
mod place;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mail_blocking::sasl::Credentials;
use mail_blocking::smtp::{Client, ClientError};
use mail_blocking::tls::{ClientTls, Host, Tls};
use mail_testing::Random;
use smtp_proto::Mailbox;
use smtp_proto::client::Envelope;

use self::network::Network;
use self::place::{Place, free_port};

#[test]
fn every_acknowledged_message_arrives() {
    let count: usize = std::env::var("MAILHOST_LOAD").map_or(2000, |text| text.parse().expect("a number of messages"));
    let folder = tempfile::tempdir().unwrap();
    let (to_crepes, to_hamburger) = (Network::start(), Network::start());
    let submission = free_port();
    let crepes = Place::new(
        folder.path().join("crepes"),
        &["--domain", "crepes.fr", "--user", "alice:sweet"],
        &[
            "--submission",
            &submission.to_string(),
            "--tls-self-signed",
            "--route",
            &format!("hamburger.edu={}", to_hamburger.address),
            "--retry-after",
            "1",
        ],
    );
    // It has no certificate: the network must see which messages it cuts off.
    let hamburger = Place::new(
        folder.path().join("hamburger"),
        &["--domain", "hamburger.edu", "--user", "bob:hungry"],
        &[],
    );
    to_crepes.lead_to(submission);
    to_hamburger.lead_to(hamburger.smtp);
    let laptop = Laptop::new(&crepes, &to_crepes);
    let load = Load::new(count);
    // Milliseconds between two kills. A host that starts reads through all that it has.
    let life = (count as u64 / 10).max(1500);
    let began = Instant::now();
    let is_delivered = AtomicBool::new(false);
    let (accepted, kills) = thread::scope(|scope| {
        let killer = scope.spawn(|| kill_by_turns(&is_delivered, [&crepes, &hamburger], &to_hamburger, life));
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(|| load.send(&laptop))).collect();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        let accepted = began.elapsed();
        crepes.wait_for_empty_queue();
        is_delivered.store(true, Ordering::Relaxed);
        (accepted, killer.join().unwrap())
    });
    let delivered = began.elapsed();

    let found = hamburger.messages();
    let lost: Vec<usize> = (0..count).filter(|id| !found.contains_key(id)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    assert_eq!(found.len(), count, "nobody sent more");
    let mut unsure = to_hamburger.unsure();
    unsure.extend(load.unsure.into_inner().unwrap());
    let twice: Vec<usize> = found
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(id, _)| *id)
        .collect();
    let unexplained: Vec<&usize> = twice.iter().filter(|id| !unsure.contains(id)).collect();
    assert!(
        unexplained.is_empty(),
        "more than once, though no acknowledgement was cut off: {unexplained:?}"
    );
    let faults = to_crepes.faults() + to_hamburger.faults();
    assert!(kills > 1 && to_crepes.faults() > 0 && to_hamburger.faults() > 0);
    println!(
        "{count} acknowledged in {accepted:.1?}, all delivered after {delivered:.1?} ({:.0} a second); {kills} kills, {faults} \
         faults of the network, {} acknowledgements that may have been cut off, {} arrived more than once; the queue is empty",
        count as f64 / delivered.as_secs_f64(),
        unsure.len(),
        twice.len(),
    );
}

const SENDERS: usize = 10;

/// Messages over one connection: enough that the connection is not all, so few that the network has its chance.
const MESSAGES: usize = 50;

/// What is sent, and what became of it.
struct Load {
    count: usize,
    next: AtomicUsize,
    /// Messages whose acknowledgement may have been cut off, and that were sent again.
    unsure: Mutex<HashSet<usize>>,
}

impl Load {
    fn new(count: usize) -> Self {
        Self {
            count,
            next: AtomicUsize::new(0),
            unsure: Mutex::default(),
        }
    }

    /// Sends messages, each until it is acknowledged, over a new connection whenever one breaks or is used up.
    fn send(&self, laptop: &Laptop) {
        let alice: Mailbox = "alice@crepes.fr".parse().unwrap();
        let bob: Mailbox = "bob@hamburger.edu".parse().unwrap();
        let envelope = Envelope::new(alice, [bob]).unwrap();
        let mut session = Session { laptop, client: None };
        loop {
            let id = self.next.fetch_add(1, Ordering::Relaxed);
            if id >= self.count {
                break;
            }
            let body = "All work and no play makes Jack a dull boy, says the old book.\r\n".repeat(5);
            let message = format!("From: alice@crepes.fr\r\nMessage-ID: <{id}@crepes.fr>\r\n\r\n{body}");
            while !session.send(&envelope, &message, || self.is_unsure(id)) {}
        }
    }

    fn is_unsure(&self, id: usize) {
        self.unsure.lock().unwrap().insert(id);
    }
}

/// A sender's connection, when there is one, and what it may still carry.
struct Session<'a> {
    laptop: &'a Laptop,
    client: Option<(Client, usize)>,
}

impl Session<'_> {
    /// Whether the message was acknowledged; says so when nobody knows.
    fn send(&mut self, envelope: &Envelope, message: &str, is_unsure: impl Fn()) -> bool {
        let (mut client, left) = match self.client.take() {
            Some(session) => session,
            None => match self.laptop.log_in() {
                Ok(client) => (client, MESSAGES),
                Err(_) => {
                    thread::sleep(Duration::from_millis(20));
                    return false;
                }
            },
        };
        match client.send(envelope, message.as_bytes()) {
            Ok(outcome) => {
                match left {
                    1 => drop(client.quit()),
                    _ => self.client = Some((client, left - 1)),
                }
                outcome.is_complete_success()
            }
            Err(_) => {
                is_unsure();
                false
            }
        }
    }
}

/// Alice's: knows her password and whom to trust.
struct Laptop {
    address: std::net::SocketAddr,
    tls: Tls,
    credentials: Credentials,
}

impl Laptop {
    fn new(crepes: &Place, network: &Network) -> Self {
        let certificate = std::fs::read(crepes.data.join("tls-cert.pem")).expect("it was made");
        let roots = ClientTls::builder().roots_pem(&certificate).build().unwrap();
        Self {
            address: network.address,
            tls: Tls::required()
                .with(roots)
                .for_host("crepes.fr".parse::<Host>().unwrap()),
            credentials: Credentials::password("alice", "sweet").unwrap(),
        }
    }

    fn log_in(&self) -> Result<Client, ClientError> {
        let mut client = Client::connect(self.address, self.tls.clone())?;
        client.login(&self.credentials)?;
        Ok(client)
    }
}

/// Kills one host after the other until all is delivered. Returns how often.
fn kill_by_turns(is_delivered: &AtomicBool, hosts: [&Place; 2], network: &Network, life: u64) -> usize {
    let mut random = Random::new(7);
    for kills in 0.. {
        let end = Instant::now() + Duration::from_millis(life / 2 + random.below(life as usize) as u64);
        while Instant::now() < end {
            if is_delivered.load(Ordering::Relaxed) {
                return kills;
            }
            thread::sleep(Duration::from_millis(5));
        }
        hosts[kills % 2].restart();
        network.a_host_was_killed();
    }
    unreachable!("there are more numbers than kills")
}
