//! SMTP over TLS on loopback, both roles, with SASL: begun by STARTTLS or with the first octet; and the mailer on top.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mail_sasl::{Account, Answer, Channel, ChannelBinding, Credentials, Hash, Mechanism, Policy, SecretKind};
use mail_sasl::{ServerConfig, ServerStep, StoredKeys};
use mail_testing::Authority;
use mail_tokio::Error;
use mail_tokio::pool::Limits;
use mail_tokio::smtp::{Client, ClientError, Mailer, Server, Session};
use mail_tokio::tls::{ClientTls, Host, Identity, ServerTls, Tls, TlsError};
use mail_wire::Ask;
use smtp_proto::Refusal;
use smtp_proto::server::{Config, Event, Sasl, SaslStep, StartTls};
use tokio::io::AsyncReadExt;

const HOST: &str = "mail.hamburger.example";

/// A submission server that knows alice.
struct Site {
    authority: Authority,
    tls: ServerTls,
    store: Arc<Store>,
}

#[derive(Default)]
struct Store {
    connections: AtomicUsize,
    /// Envelope and octets of each message.
    messages: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new("Hamburger CA");
        let issued = authority.server(&[HOST]);
        let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
        let tls = ServerTls::builder()
            .identity(identity)
            .build()
            .expect("a configuration");
        let store = Arc::default();
        Self { authority, tls, store }
    }

    /// What its users are told.
    fn trust(&self, tls: Tls) -> Tls {
        let client = ClientTls::builder().roots_pem(self.authority.root().as_bytes());
        tls.with(client.build().expect("roots"))
            .for_host(HOST.parse::<Host>().expect("a host"))
    }

    async fn submission(&self) -> SocketAddr {
        let server = Server::bind("127.0.0.1:0", config()).await.expect("a port");
        self.run(server.with_starttls(self.tls.clone()))
    }

    async fn implicit(&self) -> SocketAddr {
        let server = Server::bind_tls("127.0.0.1:0", config(), self.tls.clone()).await;
        self.run(server.expect("a port"))
    }

    fn run(&self, server: Server) -> SocketAddr {
        let address = server.local_addr().expect("an address");
        let store = self.store.clone();
        tokio::spawn(async move {
            while let Ok((session, _)) = server.accept().await {
                store.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(session, store.clone()));
            }
        });
        address
    }

    fn messages(&self) -> Vec<(String, Vec<u8>)> {
        self.store.messages.lock().expect("no panic").clone()
    }
}

fn config() -> Config {
    let mut config = Config::new(HOST.parse().expect("a name"));
    config.offers.start_tls = StartTls::Offered;
    config.offers.chunking = true;
    let names = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"];
    config.offers.authentication.secured = names.map(|name| name.parse().expect("a mechanism")).to_vec();
    config.offers.authentication.required = true;
    config
}

async fn serve(mut session: Session, store: Arc<Store>) {
    let mut exchange = None;
    let mut envelope = String::new();
    let mut arriving = Vec::new();
    while let Ok(Some(event)) = session.next().await {
        let done = match event {
            Event::Authenticate(ask, auth) => {
                let mechanism: Mechanism = auth.mechanism.as_str().parse().expect("one that is offered");
                let server =
                    mail_sasl::Server::new(mechanism, &sasl(), &channel(&session)).expect("one that is offered");
                let initial = auth.initial_response.as_ref().map(|secret| secret.expose().to_vec());
                let exchange = exchange.insert(server);
                let step = exchange.start(initial.as_deref());
                answer(&mut session, ask, exchange, step)
            }
            Event::SaslResponse(ask, response) => {
                let exchange = exchange.as_mut().expect("begun");
                let step = exchange.step(response.expose());
                answer(&mut session, ask, exchange, step)
            }
            Event::Mail(ask, mail) => {
                envelope = mail.reverse_path().to_string();
                session.accept(ask)
            }
            Event::Recipient(ask, rcpt) if rcpt.forward_path().to_string().contains("nobody") => {
                session.refuse(ask, Refusal::no_such_user())
            }
            Event::Recipient(ask, rcpt) => {
                envelope = format!("{envelope} {}", rcpt.forward_path());
                session.accept(ask)
            }
            Event::Data(ask) => {
                session.accept(ask).expect("open");
                arriving.clear();
                session
                    .body()
                    .read_to_end(&mut arriving)
                    .await
                    .map(drop)
                    .expect("a whole message");
                Ok(())
            }
            Event::Message(ask) => {
                let message = (envelope.clone(), arriving.clone());
                store.messages.lock().expect("no panic").push(message);
                session.accept(ask)
            }
            other => session.unhandled(other),
        };
        done.expect("the ask is open");
    }
}

fn channel(session: &Session) -> Channel {
    let tls = session.tls().expect("AUTH is offered under TLS alone");
    let exporter = ChannelBinding::TlsExporter(tls.exporter().expect("a whole handshake").to_vec());
    Channel::secured().with_binding(exporter)
}

fn sasl() -> Arc<ServerConfig> {
    let kinds = [SecretKind::Keys(Hash::Sha256)];
    Arc::new(ServerConfig::new(&kinds).expect("random octets"))
}

fn answer(
    session: &mut Session,
    ask: Ask<Sasl>,
    exchange: &mut mail_sasl::Server,
    mut step: ServerStep,
) -> Result<(), mail_wire::Misuse> {
    loop {
        step = match step {
            ServerStep::Lookup(_) => {
                let keys = StoredKeys::derive(Hash::Sha256, &"sesame".into()).expect("keys");
                exchange.answer(Answer::Found(Account::with_keys(keys)))
            }
            ServerStep::Challenge(challenge) => return session.accept_with(ask, SaslStep::Challenge(challenge)),
            ServerStep::Done(_) => return session.accept_with(ask, SaslStep::Success),
            ServerStep::Failed(_) => return session.refuse(ask, Refusal::denied()),
        };
    }
}

fn alice(password: &str) -> Credentials {
    Credentials::password("alice", password).expect("a name")
}

const MESSAGE: &[u8] = b"From: Alice <alice@crepes.example>\r\nTo: bob@x.example, nobody@x.example\r\n\
    Bcc: carol@x.example\r\nSubject: lunch\r\n\r\nAt noon?\r\n";

/// STARTTLS with SCRAM bound to the channel; nothing of the plaintext is left.
#[tokio::test(flavor = "multi_thread")]
async fn submission_by_starttls() {
    let site = Site::new();
    let address = site.submission().await;
    let mut client = Client::connect(address, site.trust(Tls::required()))
        .await
        .expect("a session");
    assert!(client.is_secured() && client.tls().is_some());
    assert!(!client.capabilities().start_tls());
    let plus = Policy::only(&[Mechanism::ScramSha256Plus]);
    client
        .login_with(&alice("sesame"), &plus)
        .await
        .expect("the right password");
    assert!(client.machine().is_authenticated());
    client.quit().await.expect("in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn submission_by_implicit_tls() {
    let site = Site::new();
    let address = site.implicit().await;
    let mut client = Client::connect(address, site.trust(Tls::implicit()))
        .await
        .expect("a session");
    assert!(client.is_secured());
    client.login(&alice("sesame")).await.expect("the right password");
    let mut other = Client::connect(address, site.trust(Tls::implicit()))
        .await
        .expect("a session");
    let wrong = other.login(&alice("friend")).await.unwrap_err();
    assert!(
        matches!(wrong, ClientError::Refused(_) | ClientError::Login(_)),
        "{wrong}"
    );
    other.noop().await.expect("the session goes on");
}

/// docs/threats.md row 6: a server whose name is another gets no EHLO under TLS, and no password.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_name_is_not_talked_to() {
    let site = Site::new();
    let address = site.submission().await;
    let tls = site
        .trust(Tls::required())
        .for_host("mail.evil.example".parse::<Host>().expect("a host"));
    let refused = Client::connect(address, tls).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::Session(Error::Tls(error)) if !matches!(error, TlsError::NotOffered)),
        "{refused}"
    );
}

/// One connection for many messages; the envelope from the header fields, Bcc taken out; a result for each.
#[tokio::test(flavor = "multi_thread")]
async fn a_mailer_keeps_its_connection() {
    let site = Site::new();
    let address = site.submission().await;
    let mailer = Mailer::new(address, site.trust(Tls::required()))
        .expect("an address")
        .with_login(alice("sesame"));
    for _ in 0..3 {
        let sent = mailer.send(MESSAGE).await.expect("sent");
        let results: Vec<_> = sent
            .results()
            .map(|(to, result)| (to.to_string(), result.is_ok()))
            .collect();
        let expected = [("bob", true), ("nobody", false), ("carol", true)];
        assert_eq!(results, expected.map(|(name, ok)| (format!("<{name}@x.example>"), ok)));
    }
    assert_eq!(site.store.connections.load(Ordering::Relaxed), 1);
    let (envelope, message) = site.messages().remove(0);
    assert_eq!(envelope, "<alice@crepes.example> <bob@x.example> <carol@x.example>");
    let text = String::from_utf8(message).expect("text");
    assert!(text.contains("Subject: lunch") && !text.contains("carol"), "{text}");
    mailer.prune().await;
}

/// Messages at once share the places that the pool has.
#[tokio::test(flavor = "multi_thread")]
async fn a_mailer_is_bounded() {
    let site = Site::new();
    let address = site.submission().await;
    let limits = Limits {
        per_host: 2,
        ..Limits::default()
    };
    let mailer = Mailer::new(address, site.trust(Tls::required()))
        .expect("an address")
        .with_login(alice("sesame"))
        .with_limits(limits);
    let mailer = Arc::new(mailer);
    let sending: Vec<_> = (0..10)
        .map(|_| {
            let mailer = mailer.clone();
            tokio::spawn(async move { mailer.send(MESSAGE).await.expect("sent") })
        })
        .collect();
    for sent in sending {
        sent.await.expect("no panic");
    }
    assert_eq!(site.messages().len(), 10);
    assert!(site.store.connections.load(Ordering::Relaxed) <= 2);
}
