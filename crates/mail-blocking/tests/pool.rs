//! The pool: bounds, turns, what is looked at before a connection is used again.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use mail_blocking::pool::{Lease, Limits, Pool, Pooled, Usage};
use mail_blocking::tls::Tls;
use mail_blocking::{imap, smtp};

/// A connection of no protocol.
#[derive(Debug)]
struct Fake {
    number: usize,
    alive: bool,
}

impl Pooled for Fake {
    fn is_alive(&mut self) -> bool {
        self.alive
    }
}

#[derive(Clone)]
struct Site {
    pool: Pool<&'static str, Fake>,
    made: Arc<AtomicUsize>,
}

impl Site {
    fn new(per_host: usize) -> Self {
        let limits = Limits {
            per_host,
            ..Limits::default()
        };
        Self {
            pool: Pool::new(limits),
            made: Arc::default(),
        }
    }

    fn connect(&self) -> Result<Fake, Infallible> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Ok(Fake { number, alive: true })
    }

    fn get(&self) -> Lease<&'static str, Fake> {
        self.pool.get("host", |_| self.connect()).expect("it never fails")
    }

    fn usage(&self) -> Usage {
        self.pool.usage(&"host")
    }

    fn await_queue(&self, length: usize) {
        while self.usage().waiting != length {
            thread::yield_now();
        }
    }
}

#[test]
fn who_came_first_is_served_first() {
    let site = Site::new(1);
    let held = site.get();
    let (done, order) = mpsc::channel();
    for who in 0..20 {
        let (queue, done) = (site.clone(), done.clone());
        thread::spawn(move || {
            let lease = queue.get();
            done.send(who).expect("somebody listens");
            drop(lease);
        });
        site.await_queue(who + 1);
    }
    drop(held);
    for expected in 0..20 {
        assert_eq!(order.recv(), Ok(expected));
    }
    assert_eq!(site.made.load(Ordering::Relaxed), 1, "one connection served all");
}

#[test]
fn a_failed_connect_gives_its_place_to_the_next() {
    let site = Site::new(1);
    thread::scope(|scope| {
        let failed = site.pool.get("host", |_| {
            scope.spawn(|| assert_eq!(site.get().number, 0, "its turn"));
            site.await_queue(1);
            Err("no route")
        });
        assert_eq!(failed.expect_err("it fails"), "no route");
    });
}

#[test]
fn who_waits_too_long_leaves_the_queue() {
    let site = Site::new(1);
    let lease = site.get();
    let limit = Some(Duration::from_millis(20));
    let late = site
        .pool
        .get_within(limit, "host", |_| site.connect())
        .expect("it never fails");
    assert!(late.is_none());
    assert_eq!(
        site.usage(),
        Usage {
            places: 1,
            idle: 0,
            waiting: 0
        }
    );
    drop(lease);
    let found = site
        .pool
        .get_within(limit, "host", |_| site.connect())
        .expect("it never fails");
    assert_eq!(found.expect("a place").number, 0);
}

#[test]
fn what_is_not_fit_any_more_is_replaced() {
    let site = Site::new(1);
    let mut lease = site.get();
    lease.alive = false;
    drop(lease);
    assert_eq!(site.get().number, 1);
    assert_eq!(site.get().take().number, 1);
    assert_eq!((site.usage().places, site.get().number), (0, 2));
}

/// A server that greets, answers each line with the next of `answers`, and says its `last` words to those who are idle.
fn serve(greeting: &'static str, answers: &'static [&'static str], last: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            thread::spawn(move || {
                stream.write_all(greeting.as_bytes()).expect("room");
                let mut line = [0; 1000];
                for answer in answers {
                    let _ = stream.read(&mut line).expect("a line");
                    stream.write_all(answer.as_bytes()).expect("room");
                }
                match last {
                    "close" => return,
                    words => stream.write_all(words.as_bytes()).expect("room"),
                }
                let _ = stream.read(&mut line);
            });
        }
    });
    address
}

/// How many connections two calls with a pause between them take.
fn connections<C: Pooled>(connect: impl Fn() -> C) -> usize {
    let limits = Limits {
        per_host: 1,
        ..Limits::default()
    };
    let (pool, made) = (Pool::new(limits), AtomicUsize::new(0));
    for _ in 0..2 {
        let lease = pool.get("host", |_| {
            made.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(connect())
        });
        drop(lease.expect("it never fails"));
        thread::sleep(Duration::from_millis(100));
    }
    made.into_inner()
}

#[test]
fn an_idle_connection_is_looked_at() {
    let config = || smtp_proto::client::Config::new("crepes.example".parse().expect("a name"));
    for (last, expected) in [("", 1), ("421 4.3.2 closing\r\n", 2), ("close", 2)] {
        let address = serve("220 hamburger.example\r\n", &["250 hamburger.example\r\n"], last);
        let made = connections(|| smtp::Client::connect(address, (Tls::never(), config())).expect("a greeting"));
        assert_eq!(made, expected, "{last}");
    }
    for (last, expected) in [
        ("", 1),
        ("* OK still here\r\n", 1),
        ("* BYE closing\r\n", 2),
        ("close", 2),
    ] {
        let address = serve("* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", &[], last);
        let made = connections(|| imap::Client::connect(address, Tls::never()).expect("a greeting"));
        assert_eq!(made, expected, "{last}");
    }
}
