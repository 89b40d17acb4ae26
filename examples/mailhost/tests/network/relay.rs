//! A host that finds the others by the DNS, and looks at who comes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mail_testing::dns::DnsServer;
use mail_tokio::smtp::Client;
use mail_tokio::tls::Tls;
use mailhost::accounts::Accounts;
use mailhost::admission::{Admission, Blocklists, Greylist, GreylistOptions, PeerLimits, Peers, RateLimits, Rates};
use mailhost::certificate::self_signed;
use mailhost::host::{Host, Running, Settings};
use mailhost::service::{Door, Service};
use mailhost::store::{Mailbox, MemoryStore, Store};
use smtp_proto::client::Envelope;

use super::{ip, resolver};

const MESSAGE: &[u8] = b"Subject: lunch\r\n\r\nAt noon?\r\n";

struct Site {
    running: Running,
    store: Arc<MemoryStore>,
}

impl Site {
    async fn start(settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::new());
        let door = Door::new(Service::Smtp, "127.0.0.1:0".parse().unwrap());
        let running = Host::start(settings, store.clone(), &[door]).await.unwrap();
        Self { running, store }
    }

    fn smtp(&self) -> SocketAddr {
        self.running.address(Service::Smtp).unwrap()
    }

    /// Waits for the first message in a mailbox.
    async fn message(&self, account: &str) -> String {
        let mailbox = Mailbox::inbox(account);
        for _ in 0..500 {
            let listing = self.store.list(&mailbox).await.unwrap();
            if let Some(entry) = listing.entries.first() {
                let mut message = self.store.open(&mailbox, entry.uid).await.unwrap();
                let mut octets = Vec::new();
                while let Some(chunk) = message.next_chunk().await.unwrap() {
                    octets.extend_from_slice(&chunk);
                }
                return String::from_utf8(octets).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{account} gets no mail");
    }
}

fn settings(domain: &str, user: &str) -> Settings {
    let mut accounts = Accounts::new([domain.to_owned()]);
    accounts.add(user, None, "secret".into());
    Settings::new(rfc5322::Host::new(domain).unwrap(), accounts)
}

async fn send(to: SocketAddr, reverse_path: &str, recipient: &str) -> Result<(), String> {
    let mut smtp = Client::connect(to, Tls::never())
        .await
        .map_err(|error| error.to_string())?;
    let from: smtp_proto::Mailbox = reverse_path.parse().unwrap();
    let recipient: smtp_proto::Mailbox = recipient.parse().unwrap();
    let outcome = smtp
        .send(&Envelope::new(from, [recipient]).unwrap(), MESSAGE)
        .await
        .unwrap();
    let result = outcome.results().next().unwrap();
    result.map(drop).map_err(|failure| failure.to_string())
}

/// The first exchanger is dead; the second offers TLS with a certificate that nobody knows, which is better than none.
#[tokio::test]
async fn mail_goes_where_the_dns_says() {
    let dns = DnsServer::start();
    let mut hamburger = settings("hamburger.test", "bob");
    hamburger.tls = Some(self_signed("mx.hamburger.test", &[], None).unwrap());
    let hamburger = Site::start(hamburger).await;
    dns.mx("hamburger.test", 10, "dead.hamburger.test");
    dns.mx("hamburger.test", 20, "mx.hamburger.test");
    // Nobody listens there.
    dns.address("dead.hamburger.test", ip("127.0.0.99"));
    dns.address("mx.hamburger.test", ip("127.0.0.1"));
    dns.mx("null.test", 0, ".");

    let mut crepes = settings("crepes.test", "alice");
    crepes.relay_for = vec!["127.0.0.0/8".parse().unwrap()];
    crepes.resolver = Some(resolver(&dns));
    crepes.exchanger_port = hamburger.smtp().port();
    let crepes = Site::start(crepes).await;
    send(crepes.smtp(), "alice@crepes.test", "bob@hamburger.test")
        .await
        .unwrap();
    let arrived = hamburger.message("bob@hamburger.test").await;
    assert!(arrived.contains("by hamburger.test with ESMTPS"), "{arrived}");
    assert!(arrived.contains("(localhost [127.0.0.1]) by crepes.test"), "{arrived}");
    assert!(arrived.ends_with("\r\n\r\nAt noon?\r\n"), "{arrived}");

    // A domain that wants no mail (RFC 7505 §4.1).
    send(crepes.smtp(), "alice@crepes.test", "nobody@null.test")
        .await
        .unwrap();
    let report = crepes.message("alice@crepes.test").await;
    assert!(
        report.contains("Action: failed") && report.contains("Status: 5.1.10"),
        "{report}"
    );
    crepes.running.stop().await;
    hamburger.running.stop().await;
}

/// Mail that nobody could answer (RFC 7505 §4.2), but for that of our own users.
#[tokio::test]
async fn a_sender_who_takes_no_mail_is_refused() {
    let dns = DnsServer::start();
    dns.mx("null.test", 0, ".");
    dns.mx("crepes.test", 10, "mx.crepes.test");
    let settings = || {
        let mut settings = settings("hamburger.test", "bob");
        settings.resolver = Some(resolver(&dns));
        settings
    };
    let host = Site::start(settings()).await;
    let refused = send(host.smtp(), "a@null.test", "bob@hamburger.test")
        .await
        .unwrap_err();
    assert!(refused.contains("550 5.7.27"), "{refused}");
    for sender in ["a@crepes.test", "a@unheard-of.test"] {
        send(host.smtp(), sender, "bob@hamburger.test").await.unwrap();
    }
    host.running.stop().await;

    let mut ours = settings();
    ours.relay_for = vec!["127.0.0.0/8".parse().unwrap()];
    let host = Site::start(ours).await;
    send(host.smtp(), "a@null.test", "bob@hamburger.test").await.unwrap();
    host.running.stop().await;
}

/// Limits, a blocklist and the greylist, for clients that are not ours. Loopback is on no list: the client's address is
/// that of a host on the net, as far as the lists know.
#[tokio::test]
async fn strangers_are_looked_at() {
    let dns = DnsServer::start();
    let mut host = settings("hamburger.test", "bob");
    host.admission = Admission {
        peers: Some(Arc::new(Peers::new(PeerLimits {
            concurrent: 1,
            per_minute: 100,
        }))),
        rates: Some(Rates::new(RateLimits {
            messages: 2,
            recipients: 100,
        })),
        blocklists: Some(Blocklists::new(resolver(&dns), ["bl.test"])),
        greylist: Some(Greylist::new(GreylistOptions::default())),
        greylist_file: None,
    };
    let host = Site::start(host).await;
    let held = Client::connect(host.smtp(), Tls::never()).await.unwrap();
    let refused = send(host.smtp(), "a@crepes.test", "bob@hamburger.test")
        .await
        .unwrap_err();
    assert!(refused.contains("4.7.0") && refused.contains("at a time"), "{refused}");
    held.quit().await.unwrap();

    for expected in ["451 4.7.1", "451 4.7.1", "450 4.7.1"] {
        let refused = later(host.smtp()).await.unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }
    host.running.stop().await;
}

/// Sends when the connection before has gone, which the host may hear a moment after its client.
async fn later(to: SocketAddr) -> Result<(), String> {
    loop {
        match send(to, "a@crepes.test", "bob@hamburger.test").await {
            Err(refused) if refused.contains("at a time") => tokio::time::sleep(Duration::from_millis(10)).await,
            outcome => return outcome,
        }
    }
}
