//! MTA-STS: fetching policies, keeping them, and what they ask for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use mail_testing::dns::{DnsServer, Fault};
use mailhost::dns::Failure;
use mailhost::policy::{Discovery, FetchError, Fetcher, Found, HttpsFetcher, Policies, PolicyError, TransportSecurity};
use mailhost::route::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::certificates::{Authority, Issued};
use super::{ip, resolver, validating};

const DOMAIN: &str = "crepes.example";

/// Answers every request with the same octets, until it is dropped.
struct Web {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    _server: JoinSet<()>,
}

impl Web {
    async fn start(certificate: &Issued, response: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let acceptor = certificate.acceptor();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = requests.clone();
        let mut server = JoinSet::new();
        server.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                seen.lock().expect("a list").push(request);
                if stream.write_all(&response).await.is_ok() {
                    let _ = stream.shutdown().await;
                }
            }
        });
        Self {
            port,
            requests,
            _server: server,
        }
    }
}

fn response(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.crepes.example\r\nmax_age: 86400\r\n";

async fn fetch(certificate: &Issued, authority: &Authority, response: Vec<u8>) -> Result<Vec<u8>, FetchError> {
    let web = Web::start(certificate, response).await;
    let dns = DnsServer::start();
    dns.address("mta-sts.crepes.example", ip("127.0.0.1"));
    let fetcher = HttpsFetcher::new(resolver(&dns), authority.roots()).expect("a fetcher");
    let fetcher = fetcher.with_port(web.port).with_patience(Duration::from_secs(2));
    let fetched = fetcher.fetch("mta-sts.crepes.example").await;
    for request in web.requests.lock().expect("a list").iter() {
        assert!(
            request.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.contains("host: mta-sts.crepes.example\r\n"), "{request}");
    }
    fetched
}

#[tokio::test]
async fn policies_are_fetched() {
    let root = Authority::new("Root");
    let good = root.issue("mta-sts.crepes.example");
    let long = "x".repeat(64 * 1024);
    let cases = [
        (response("200 OK", "text/plain", POLICY), Ok(POLICY.len())),
        (
            response("200 OK", "Text/Plain; charset=utf-8", POLICY),
            Ok(POLICY.len()),
        ),
        (response("200 OK", "text/plain", &long), Ok(64 * 1024)),
        (
            response("200 OK", "text/plain", &(long + "y")),
            Err(FetchError::TooLong),
        ),
        (response("200 OK", "text/html", POLICY), Err(FetchError::ContentType)),
        (
            response("404 Not Found", "text/plain", POLICY),
            Err(FetchError::Status(404)),
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n".to_vec(),
            Err(FetchError::Status(302)),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec(),
            Err(FetchError::ContentType),
        ),
        (b"220 mx.crepes.example ESMTP\r\n".to_vec(), Err(FetchError::Http)),
        // Cut off.
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nversion".to_vec(),
            Err(FetchError::Http),
        ),
        // A header without end.
        (
            [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; 1 << 20]].concat(),
            Err(FetchError::Http),
        ),
    ];
    for (response, expected) in cases {
        let shown = String::from_utf8_lossy(&response[..response.len().min(60)]).into_owned();
        let fetched = fetch(&good, &root, response).await.map(|octets| octets.len());
        assert_eq!(fetched, expected, "{shown}");
    }
}

#[tokio::test]
async fn only_the_right_certificate_will_do() {
    let (root, other) = (Authority::new("Root"), Authority::new("Other"));
    for certificate in [
        root.issue("crepes.example"),
        root.issue_expired("mta-sts.crepes.example"),
        other.issue("mta-sts.crepes.example"),
    ] {
        let fetched = fetch(&certificate, &root, response("200 OK", "text/plain", POLICY)).await;
        assert_eq!(fetched, Err(FetchError::Tls));
    }
}

#[tokio::test]
async fn hosts_that_cannot_be_reached() {
    let dns = DnsServer::start();
    dns.address("mta-sts.closed.example", ip("127.0.0.1"));
    dns.fail("mta-sts.broken.example", Fault::ServerFailure);
    let unused = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = unused.local_addr().expect("its address").port();
    let fetcher = HttpsFetcher::new(resolver(&dns), Authority::new("Root").roots()).expect("a fetcher");
    let fetcher = fetcher.with_port(port).with_patience(Duration::from_millis(500));
    // It accepts, and says nothing.
    let fetched = fetcher.fetch("mta-sts.closed.example").await;
    assert_eq!(fetched, Err(FetchError::Timeout));
    drop(unused);
    let cases = [
        ("mta-sts.closed.example", FetchError::Unreachable),
        ("mta-sts.nowhere.example", FetchError::Lookup(Failure::NoSuchDomain)),
        ("mta-sts.broken.example", FetchError::Lookup(Failure::Server(2))),
    ];
    for (host, expected) in cases {
        assert_eq!(fetcher.fetch(host).await, Err(expected), "{host}");
    }
}

/// A fetcher that gives what it is told, and counts.
#[derive(Clone, Default)]
struct Shelf {
    file: Arc<Mutex<Option<String>>>,
    fetches: Arc<AtomicU64>,
}

#[async_trait]
impl Fetcher for Shelf {
    async fn fetch(&self, host: &str) -> Result<Vec<u8>, FetchError> {
        assert_eq!(host, "mta-sts.crepes.example");
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let file = self.file.lock().expect("a file").clone();
        file.map(String::into_bytes).ok_or(FetchError::Unreachable)
    }
}

/// A domain over time.
struct Story {
    dns: DnsServer,
    shelf: Shelf,
    seconds: Arc<AtomicU64>,
    discovery: Discovery,
}

impl Story {
    fn new() -> Self {
        let shelf = Shelf::default();
        let seconds: Arc<AtomicU64> = Arc::default();
        let (start, elapsed) = (Instant::now(), seconds.clone());
        let clock = move || start + Duration::from_secs(elapsed.load(Ordering::SeqCst));
        Self {
            dns: DnsServer::start(),
            discovery: Discovery::with_clock(shelf.clone(), clock),
            shelf,
            seconds,
        }
    }

    fn at(&self, seconds: u64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    fn announce(&self, record: Option<&str>) {
        self.dns.remove("_mta-sts.crepes.example");
        if let Some(record) = record {
            self.dns.txt("_mta-sts.crepes.example", record);
        }
    }

    fn publish(&self, host: Option<&str>) {
        let file = host.map(|host| format!("version: STSv1\nmode: enforce\nmx: {host}\nmax_age: 1000\n"));
        *self.shelf.file.lock().expect("a file") = file;
    }

    /// Which host the policy names, and how often it was fetched so far. Each question goes to the DNS anew.
    async fn look(&self) -> (Option<&'static str>, u64) {
        let found = self.discovery.policy(&resolver(&self.dns), DOMAIN).await;
        let named = match found {
            Found::Policy(policy) => ["old.example", "new.example"]
                .into_iter()
                .find(|host| policy.names(host)),
            Found::Nothing => None,
        };
        (named, self.shelf.fetches.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_policy_is_kept_and_refreshed() {
    let story = Story::new();
    assert_eq!(story.look().await, (None, 0), "nothing announced, nothing fetched");
    story.announce(Some("v=STSv1; id=1"));
    story.publish(Some("old.example"));
    assert_eq!(story.look().await, (Some("old.example"), 1));
    story.publish(Some("new.example"));
    story.at(499);
    assert_eq!(story.look().await, (Some("old.example"), 1), "same id, still fresh");
    story.announce(Some("v=STSv1; id=2"));
    assert_eq!(story.look().await, (Some("new.example"), 2), "a new id");
    story.at(499 + 500);
    assert_eq!(story.look().await, (Some("new.example"), 3), "half of its life is over");
}

#[tokio::test]
async fn a_policy_holds_though_its_source_is_gone() {
    let story = Story::new();
    story.announce(Some("v=STSv1; id=1"));
    story.publish(Some("old.example"));
    assert_eq!(story.look().await, (Some("old.example"), 1));
    story.announce(None);
    story.at(400);
    assert_eq!(story.look().await, (Some("old.example"), 1), "the record is gone");
    story.announce(Some("v=STSv1; id=2"));
    story.publish(None);
    assert_eq!(
        story.look().await,
        (Some("old.example"), 2),
        "the new one cannot be had"
    );
    story.at(699);
    assert_eq!(story.look().await, (Some("old.example"), 2), "not tried again at once");
    story.at(701);
    assert_eq!(story.look().await, (Some("old.example"), 3), "but later");
    *story.shelf.file.lock().expect("a file") = Some("<html>".to_owned());
    story.at(999);
    assert_eq!(story.look().await, (Some("old.example"), 3));
    story.at(1001);
    assert_eq!(
        story.look().await,
        (None, 4),
        "its end, and what is there now is no policy"
    );
}

#[tokio::test]
async fn a_failure_is_not_repeated_for_five_minutes() {
    let story = Story::new();
    story.announce(Some("v=STSv1; id=1"));
    assert_eq!(story.look().await, (None, 1));
    story.publish(Some("old.example"));
    story.at(299);
    assert_eq!(story.look().await, (None, 1));
    story.at(300);
    assert_eq!(story.look().await, (Some("old.example"), 2));
}

#[tokio::test]
async fn modes_decide_what_a_connection_must_be() {
    let root = Authority::new("Root");
    for (mode, named, unnamed) in [
        ("enforce", Ok(true), Err(PolicyError::NotInPolicy)),
        ("testing", Ok(false), Ok(false)),
        ("none", Ok(false), Ok(false)),
    ] {
        let dns = DnsServer::start();
        dns.mx(DOMAIN, 10, "mx.crepes.example");
        dns.mx(DOMAIN, 20, "intruder.example");
        dns.address("mx.crepes.example", ip("192.0.2.1"));
        dns.address("intruder.example", ip("192.0.2.2"));
        dns.txt("_mta-sts.crepes.example", "v=STSv1; id=1");
        let shelf = Shelf::default();
        let file = format!("version: STSv1\nmode: {mode}\nmx: *.crepes.example\nmax_age: 1000\n");
        *shelf.file.lock().expect("a file") = Some(file);
        let policies = Policies::new(resolver(&dns)).with_mta_sts(Discovery::new(shelf));
        let plan = Router::new(resolver(&dns)).plan(DOMAIN).await.expect("a way");
        for (hop, expected) in plan.hosts.iter().zip([named, unnamed]) {
            let security = policies.of(&plan, hop).await;
            let web_pki = |security: TransportSecurity| matches!(security, TransportSecurity::WebPki);
            assert_eq!(security.map(web_pki), expected, "{mode} {}", hop.name);
        }
    }
    let verifier = TransportSecurity::WebPki.verifier(&root.roots()).expect("a verifier");
    assert!(
        root.issue("mx.crepes.example")
            .satisfies(verifier.clone(), "mx.crepes.example")
            .await
    );
    assert!(
        !root
            .issue("other.example")
            .satisfies(verifier.clone(), "mx.crepes.example")
            .await
    );
    let stranger = Authority::new("Root").issue("mx.crepes.example");
    assert!(!stranger.satisfies(verifier, "mx.crepes.example").await);
}

/// RFC 8461 §2: a host with TLSA records is held to them, and no MTA-STS policy excuses it.
#[tokio::test]
async fn dane_goes_first() {
    let dns = DnsServer::start_signed();
    dns.mx(DOMAIN, 10, "mx.crepes.example");
    dns.address("mx.crepes.example", ip("192.0.2.1"));
    dns.txt("_mta-sts.crepes.example", "v=STSv1; id=1");
    let owner = "_25._tcp.mx.crepes.example";
    let file = "version: STSv1\nmode: enforce\nmx: mx.crepes.example\nmax_age: 1000\n";
    let security = async || {
        let shelf = Shelf::default();
        *shelf.file.lock().expect("a file") = Some(file.to_owned());
        let policies = Policies::new(validating(&dns))
            .with_dane()
            .with_mta_sts(Discovery::new(shelf));
        let plan = Router::new(validating(&dns)).plan(DOMAIN).await.expect("a way");
        policies.of(&plan, &plan.hosts[0]).await
    };
    dns.tlsa(owner, 3, 1, 1, &[1; 32]);
    assert!(matches!(security().await, Ok(TransportSecurity::Dane(_))));
    dns.fail(owner, Fault::ServerFailure);
    assert!(matches!(security().await, Err(PolicyError::TlsaUnknown(_))));
    // Records of no use ask for less than the policy does.
    dns.remove(owner);
    dns.tlsa(owner, 1, 1, 1, &[1; 32]);
    assert!(matches!(security().await, Ok(TransportSecurity::WebPki)));
    dns.remove(owner);
    assert!(matches!(security().await, Ok(TransportSecurity::WebPki)));
}
