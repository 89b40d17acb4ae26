//! The pool: bounds, turns, what is looked at before a connection is used again.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mail_testing::Authority;
use mail_tokio::pool::{Lease, Limits, Pool, Pooled, Usage};
use mail_tokio::tls::{ClientTls, Identity, ServerTls, Tls};
use mail_tokio::{imap, pop3, smtp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

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

    async fn get(&self) -> Lease<&'static str, Fake> {
        let connect = async |_: &&str| {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(Fake { number, alive: true })
        };
        self.pool.get("host", connect).await.expect("it never fails")
    }

    fn usage(&self) -> Usage {
        self.pool.usage(&"host")
    }
}

#[tokio::test(start_paused = true)]
async fn who_came_first_is_served_first() {
    let site = Site::new(2);
    let held = (site.get().await, site.get().await);
    let (done, mut order) = mpsc::unbounded_channel();
    for who in 0..20 {
        let (queue, done) = (site.clone(), done.clone());
        tokio::spawn(async move {
            let lease = queue.get().await;
            done.send(who).expect("somebody listens");
            tokio::time::sleep(Duration::from_millis(10)).await;
            drop(lease);
        });
        while site.usage().waiting <= who {
            tokio::task::yield_now().await;
        }
    }
    drop(held);
    for expected in 0..20 {
        assert_eq!(order.recv().await, Some(expected));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(site.made.load(Ordering::Relaxed), 2, "two connections served all");
    assert_eq!(
        site.usage(),
        Usage {
            places: 2,
            idle: 2,
            waiting: 0
        }
    );
}

#[tokio::test]
async fn a_failed_connect_gives_its_place_to_the_next() {
    let pool = Pool::<&str, Fake>::new(Limits {
        per_host: 1,
        ..Limits::default()
    });
    let (fail, failing) = tokio::sync::oneshot::channel::<()>();
    let first = pool.get("host", async |_| {
        failing.await.expect("told");
        Err("no route")
    });
    let second = async {
        while pool.usage(&"host").places == 0 {
            tokio::task::yield_now().await;
        }
        let next = pool.get("host", async |_| Ok::<_, &str>(Fake { number: 7, alive: true }));
        let tell = async {
            while pool.usage(&"host").waiting == 0 {
                tokio::task::yield_now().await;
            }
            fail.send(()).expect("it waits");
        };
        tokio::join!(next, tell).0
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.expect_err("it fails"), "no route");
    assert_eq!(second.expect("its turn").number, 7);
}

/// One who waits, or connects, and is dropped: at every point nothing is lost and nobody waits for ever.
#[tokio::test]
async fn who_is_cancelled_leaves_nothing_behind() {
    let site = Site::new(1);
    let lease = site.get().await;
    for _ in 0..100 {
        let waiting = tokio::time::timeout(Duration::from_micros(10), site.get()).await;
        assert!(waiting.is_err());
    }
    assert_eq!(site.usage().waiting, 0);
    // Served and dropped before it could look.
    let gone = tokio::spawn({
        let site = site.clone();
        async move { site.get().await }
    });
    while site.usage().waiting == 0 {
        tokio::task::yield_now().await;
    }
    drop(lease);
    gone.abort();
    let _ = gone.await;
    assert_eq!(site.get().await.number, 0, "the same connection");
    let connecting = tokio::time::timeout(
        Duration::from_millis(10),
        site.pool.get("other", async |_| {
            std::future::pending::<Result<Fake, Infallible>>().await
        }),
    );
    assert!(connecting.await.is_err());
    assert_eq!(site.pool.usage(&"other"), Usage::default());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_fit_any_more_is_replaced() {
    let site = Site::new(1);
    let mut lease = site.get().await;
    lease.alive = false;
    drop(lease);
    assert_eq!(site.get().await.number, 1);
    assert_eq!(site.get().await.number, 1);
    assert_eq!(site.get().await.take().number, 1);
    assert_eq!((site.usage().places, site.get().await.number), (0, 2));
    tokio::time::advance(Limits::default().idle).await;
    assert_eq!(site.get().await.number, 3, "too long idle");
    tokio::time::advance(Limits::default().idle).await;
    assert_eq!(
        site.pool
            .prune()
            .into_iter()
            .map(|fake| fake.number)
            .collect::<Vec<_>>(),
        [3]
    );
    let lease = site.get().await;
    tokio::time::advance(Limits::default().lifetime).await;
    drop(lease);
    assert_eq!(site.usage().places, 0, "too old to be kept");
}

/// What a server says or does to a client that is idle.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Nothing,
    Say(&'static str),
    Close,
}

/// A server that greets with `greeting`, answers each line with the next of `answers`, and then does its deed.
async fn serve(greeting: &'static str, answers: &'static [&'static str], deed: Deed) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a client");
            tokio::spawn(async move {
                stream.write_all(greeting.as_bytes()).await.expect("room");
                let mut line = [0; 1000];
                for answer in answers {
                    let _ = stream.read(&mut line).await.expect("a line");
                    stream.write_all(answer.as_bytes()).await.expect("room");
                }
                match deed {
                    Deed::Nothing => {}
                    Deed::Say(words) => stream.write_all(words.as_bytes()).await.expect("room"),
                    Deed::Close => return,
                }
                let _ = stream.read(&mut line).await;
            });
        }
    });
    address
}

/// How many connections two calls with a pause between them take.
async fn connections<C: Pooled>(connect: impl AsyncFn() -> C) -> usize {
    let pool = Pool::new(Limits {
        per_host: 1,
        ..Limits::default()
    });
    let made = AtomicUsize::new(0);
    for _ in 0..2 {
        let lease = pool.get("host", async |_| {
            made.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(connect().await)
        });
        drop(lease.await.expect("it never fails"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    made.into_inner()
}

#[tokio::test]
async fn an_idle_smtp_connection_is_looked_at() {
    let config = || smtp_proto::client::Config::new("crepes.example".parse().expect("a name"));
    for (deed, expected) in [
        (Deed::Nothing, 1),
        (Deed::Say("421 4.3.2 closing\r\n"), 2),
        (Deed::Say("4"), 2),
        (Deed::Close, 2),
    ] {
        let address = serve("220 hamburger.example\r\n", &["250 hamburger.example\r\n"], deed).await;
        let made = connections(async || {
            smtp::Client::connect(address, (Tls::never(), config()))
                .await
                .expect("a greeting")
        });
        assert_eq!(made.await, expected, "{deed:?}");
    }
}

#[tokio::test]
async fn an_idle_imap_connection_is_looked_at() {
    for (deed, expected) in [
        (Deed::Nothing, 1),
        (Deed::Say("* OK still here\r\n"), 1),
        (Deed::Say("* BYE closing\r\n"), 2),
        (Deed::Close, 2),
    ] {
        let address = serve("* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", &[], deed).await;
        let made = connections(async || imap::Client::connect(address, Tls::never()).await.expect("a greeting"));
        assert_eq!(made.await, expected, "{deed:?}");
    }
}

#[tokio::test]
async fn an_idle_pop3_connection_is_looked_at() {
    let config = || pop3_proto::client::Config {
        security: pop3_proto::client::Security::Plaintext,
        ..Default::default()
    };
    for (deed, expected) in [(Deed::Nothing, 1), (Deed::Say("-ERR closing\r\n"), 2), (Deed::Close, 2)] {
        let address = serve("+OK ready\r\n", &["-ERR what?\r\n"], deed).await;
        let made = connections(async || {
            let stream = TcpStream::connect(address).await.expect("a server");
            let mut client = pop3::Client::greet(stream, config()).await.expect("a greeting");
            // The server has an answer left in any case.
            let _ = client.noop().await;
            client
        });
        assert_eq!(made.await, expected, "{deed:?}");
    }
}

/// Under TLS, too; what TLS itself says (tickets for another session) is no reason to leave.
#[tokio::test]
async fn an_idle_connection_in_tls_is_looked_at() {
    let authority = Authority::new("Hamburger CA");
    let issued = authority.server(&["127.0.0.1"]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
    let server = ServerTls::builder()
        .identity(identity)
        .build()
        .expect("a configuration");
    let client = ClientTls::builder()
        .roots_pem(authority.root().as_bytes())
        .build()
        .expect("roots");
    let listener = imap::Server::bind_tls("127.0.0.1:0", Default::default(), server)
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    for (closes, expected) in [(false, 1), (true, 2)] {
        let serve = async {
            loop {
                let (mut session, _) = listener.accept().await.expect("a client");
                tokio::spawn(async move {
                    if closes {
                        session.flush().await.expect("a client");
                        session.shutdown();
                    }
                    while let Ok(Some(event)) = session.next().await {
                        session.unhandled(event).expect("open");
                    }
                });
            }
        };
        let tls = Tls::implicit().with(client.clone());
        let made = connections(async || imap::Client::connect(address, tls.clone()).await.expect("a greeting"));
        let made = tokio::select! { made = made => made, () = serve => 0 };
        assert_eq!(made, expected, "{closes}");
    }
}

/// The future of a call can be spawned.
#[tokio::test]
async fn calls_move_between_threads() {
    let address = serve("* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n", &[], Deed::Nothing).await;
    let pool = Pool::new(Limits::default());
    let call = async move {
        let connect = async |address: &SocketAddr| imap::Client::connect(*address, Tls::never()).await;
        pool.get(address, connect).await.map(drop)
    };
    tokio::spawn(call).await.expect("no panic").expect("a greeting");
}
