//! A network that passes connections on, or does something bad to them.

use std::collections::{HashSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mail_testing::Random;

pub(crate) struct Network {
    /// Where it begins.
    pub(crate) address: SocketAddr,
    target: Mutex<Option<SocketAddr>>,
    faults: AtomicUsize,
    /// Messages whose acknowledgement may not have arrived, or may not have been written down when its reader was killed.
    unsure: Mutex<HashSet<usize>>,
    /// The last messages of connections that came to their end, and when.
    ended: Mutex<VecDeque<(Instant, VecDeque<usize>)>>,
}

impl Network {
    pub(crate) fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let network = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            target: Mutex::new(None),
            faults: AtomicUsize::new(0),
            unsure: Mutex::default(),
            ended: Mutex::default(),
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

    pub(crate) fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = Some(target);
    }

    /// Connections that something bad was done to.
    pub(crate) fn faults(&self) -> usize {
        self.faults.load(Ordering::Relaxed)
    }

    /// Messages whose acknowledgement may have been cut off.
    pub(crate) fn unsure(&self) -> HashSet<usize> {
        self.unsure.lock().unwrap().clone()
    }

    /// A host reads an acknowledgement first and writes it down then: what it read just now may be lost.
    pub(crate) fn a_host_was_killed(&self) {
        for (at, messages) in self.ended.lock().unwrap().drain(..) {
            if at.elapsed() < JUST_NOW {
                self.unsure.lock().unwrap().extend(messages);
            }
        }
    }

    fn pass(&self, client: &TcpStream, number: u64) {
        let mut random = Random::new(number);
        let fate = random.below(8);
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
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
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
        let messages = messages.into_inner().unwrap();
        match is_over.into_inner() {
            true => self.ended.lock().unwrap().push_back((Instant::now(), messages)),
            false => self.unsure.lock().unwrap().extend(messages),
        }
    }
}

/// Longer than a host takes to write an acknowledgement down, and to be killed and started again.
const JUST_NOW: Duration = Duration::from_secs(5);

/// The number in a message's name.
pub(crate) fn message_id(text: &[u8]) -> Option<usize> {
    let at = text.windows(13).position(|octets| octets == b"Message-ID: <")? + 13;
    let digits: Vec<u8> = text[at..].iter().copied().take_while(u8::is_ascii_digit).collect();
    String::from_utf8(digits).ok()?.parse().ok()
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
