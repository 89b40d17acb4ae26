//! POP3 over TLS on loopback, both roles, and logins by every mechanism for a password.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mail_sasl::{Account, Answer, Lookup, SecretKind, ServerConfig, ServerStep};
use mail_testing::{Authority, Issued};
use mail_tokio::pop3::{Client, ClientError, Server, Session};
use mail_tokio::sasl::{Channel, ChannelBinding, Credentials, Mechanism, Policy};
use mail_tokio::tls::{ClientTls, Host, Identity, ServerTls, Tls, TlsError};
use mail_tokio::{Error, LoginError, sasl_channel};
use mail_wire::{Ask, MechanismName};
use pop3_proto::server::{Config, Event, Maildrop, Mechanisms, Refusal, Sasl, SaslStep, Stls};

const HOST: &str = "mail.hamburger.example";

/// All that need a password, the strongest first.
const MECHANISMS: [Mechanism; 9] = [
    Mechanism::ScramSha512Plus,
    Mechanism::ScramSha256Plus,
    Mechanism::ScramSha1Plus,
    Mechanism::ScramSha512,
    Mechanism::ScramSha256,
    Mechanism::ScramSha1,
    Mechanism::CramMd5,
    Mechanism::Plain,
    Mechanism::Login,
];

/// A POP3 server with bob's maildrop, which takes down how it is asked.
struct Site {
    authority: Authority,
    tls: ServerTls,
    sasl: Arc<ServerConfig>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new("Hamburger CA");
        Self {
            tls: server_tls(&authority.server(&[HOST])),
            authority,
            sasl: Arc::new(ServerConfig::new(&[SecretKind::Password]).expect("randomness")),
            heard: Arc::default(),
        }
    }

    fn trust(&self, tls: Tls) -> Tls {
        let roots = ClientTls::builder().roots_pem(self.authority.root().as_bytes());
        let client = roots.build().expect("roots");
        tls.with(client).for_host(HOST.parse::<Host>().expect("a host"))
    }

    fn config(&self, stls: Stls) -> Config {
        let bound = Channel::secured().with_binding(ChannelBinding::TlsExporter(vec![0; 32]));
        let names = |channel: &Channel| -> Vec<MechanismName> {
            let offered = self.sasl.offer(channel).into_iter();
            offered
                .map(|mechanism| mechanism.as_str().parse().expect("a name"))
                .collect()
        };
        Config {
            stls,
            mechanisms: Mechanisms {
                secured: names(&bound),
                plaintext: names(&Channel::plaintext()),
            },
            ..Config::default()
        }
    }

    /// Serves any number of sessions.
    fn serve(&self, server: Server) -> SocketAddr {
        let address = server.local_addr().expect("it is bound");
        let (sasl, heard) = (self.sasl.clone(), self.heard.clone());
        tokio::spawn(async move {
            while let Ok((session, _)) = server.accept().await {
                tokio::spawn(serve(session, sasl.clone(), heard.clone()));
            }
        });
        address
    }

    async fn with_stls(&self) -> SocketAddr {
        let server = Server::bind("127.0.0.1:0", self.config(Stls::Offered))
            .await
            .expect("a port");
        self.serve(server.with_starttls(self.tls.clone()))
    }

    async fn with_implicit_tls(&self) -> SocketAddr {
        let server = Server::bind_tls("127.0.0.1:0", self.config(Stls::NotOffered), self.tls.clone());
        self.serve(server.await.expect("a port"))
    }

    async fn with(&self, config: Config) -> SocketAddr {
        self.serve(Server::bind("127.0.0.1:0", config).await.expect("a port"))
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().expect("no holder panics"))
    }
}

fn server_tls(issued: &Issued) -> ServerTls {
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
    let builder = ServerTls::builder().identity(identity);
    builder.build().expect("a configuration")
}

async fn serve(mut session: Session, sasl: Arc<ServerConfig>, heard: Arc<Mutex<Vec<String>>>) {
    let hear = |what: String| heard.lock().expect("no holder panics").push(what);
    let mut exchange = None;
    while let Ok(Some(event)) = session.next().await {
        match event {
            Event::Login(ask, who) => {
                hear(format!("login {}", who.name()));
                let verdict = who.verify(&"hungry".into());
                let answered = match verdict {
                    true => session.accept_with(ask, Maildrop::new()),
                    false => session.refuse(ask, Refusal::bad_credentials()),
                };
                answered.expect("it is open");
            }
            Event::Authenticate(ask, auth) => {
                hear(auth.mechanism.to_string());
                let mechanism: Mechanism = auth.mechanism.as_str().parse().expect("it is offered");
                let channel = sasl_channel(session.tls());
                let mut server = mail_sasl::Server::new(mechanism, &sasl, &channel).expect("it is offered");
                let step = server.start(auth.initial_response.as_ref().map(|response| response.expose()));
                answer(&mut session, ask, look_up(&mut server, step));
                exchange = Some(server);
            }
            Event::SaslResponse(ask, response) => {
                let server = exchange.as_mut().expect("it was begun");
                let step = server.step(response.expose());
                let step = look_up(server, step);
                answer(&mut session, ask, step);
            }
            other => session.unhandled(other).expect("it is open"),
        }
    }
}

/// Bob is the only one there.
fn look_up(server: &mut mail_sasl::Server, mut step: ServerStep) -> ServerStep {
    while let ServerStep::Lookup(lookup) = &step {
        let known = match lookup {
            Lookup::Verify { user, .. } | Lookup::Stored { user, .. } => user.as_str() == "bob",
            _ => false,
        };
        let answer = match known {
            true => Answer::Found(Account::with_password("hungry")),
            false => Answer::Unknown,
        };
        step = server.answer(answer);
    }
    step
}

fn answer(session: &mut Session, ask: Ask<Sasl>, step: ServerStep) {
    let answered = match step {
        ServerStep::Challenge(challenge) => session.accept_with(ask, SaslStep::Challenge(challenge)),
        ServerStep::Done(_) => session.accept_with(ask, SaslStep::Success(Maildrop::new())),
        ServerStep::Failed(_) | ServerStep::Lookup(_) => session.refuse(ask, Refusal::bad_credentials()),
    };
    answered.expect("it is open");
}

fn credentials(password: &str) -> Credentials {
    Credentials::password("bob", password).expect("a name")
}

#[tokio::test]
async fn a_password_opens_the_maildrop_by_each_mechanism() {
    let site = Site::new();
    let addresses = [
        (site.with_stls().await, Tls::required()),
        (site.with_implicit_tls().await, Tls::implicit()),
    ];
    for (address, tls) in addresses {
        for mechanism in MECHANISMS {
            let mut client = Client::connect(address, site.trust(tls.clone()))
                .await
                .expect("it serves");
            let policy = Policy::only(&[mechanism]);
            let wrong = client.login_with(&credentials("thirsty"), &policy).await;
            assert!(wrong.is_err(), "{mechanism}");
            let right = client.login_with(&credentials("hungry"), &policy).await;
            right.unwrap_or_else(|error| panic!("{mechanism}: {error}"));
            assert_eq!(site.heard(), [mechanism.as_str(); 2]);
            assert_eq!(client.stat().await.expect("it answers").messages, 0);
            client.quit().await.expect("it says goodbye");
        }
    }
}

#[tokio::test]
async fn the_strongest_is_taken() {
    let site = Site::new();
    let address = site.with_stls().await;
    let mut client = Client::connect(address, site.trust(Tls::required()))
        .await
        .expect("it serves");
    let capabilities = client.capabilities().expect("it knows CAPA");
    assert!(
        !capabilities.has("STLS") && capabilities.has("USER"),
        "told again over TLS"
    );
    let login = client.login_with(&credentials("hungry"), &Policy::default()).await;
    login.expect("the password is right");
    assert_eq!(site.heard(), ["SCRAM-SHA-512-PLUS"]);
}

/// docs/threats.md row 6 and row 19: in plaintext no password is sent, but SCRAM's proof may be.
#[tokio::test]
async fn no_password_goes_in_plaintext() {
    let site = Site::new();
    let address = site.with(site.config(Stls::NotOffered)).await;
    let mut client = Client::connect(address, site.trust(Tls::opportunistic()))
        .await
        .expect("it serves");
    assert!(client.tls().is_none());
    let shown = client
        .login_with(
            &credentials("hungry"),
            &Policy::only(&[Mechanism::Plain, Mechanism::Login]),
        )
        .await;
    assert!(
        matches!(shown, Err(ClientError::Login(LoginError::NoMechanism(_)))),
        "{shown:?}"
    );
    assert!(site.heard().is_empty());
    let login = client.login_with(&credentials("hungry"), &Policy::default()).await;
    login.expect("the password is right");
    assert_eq!(site.heard(), ["SCRAM-SHA-512"]);
}

/// docs/threats.md row 6: where TLS is required and not offered, nothing but CAPA is said.
#[tokio::test]
async fn tls_that_is_required_and_not_offered_is_an_error() {
    let site = Site::new();
    let address = site.with(site.config(Stls::NotOffered)).await;
    let connected = Client::connect(address, site.trust(Tls::required())).await;
    let error = connected.expect_err("TLS is required");
    assert!(
        matches!(error, ClientError::Session(Error::Tls(TlsError::NotOffered))),
        "{error:?}"
    );
    assert!(site.heard().is_empty());
}

/// Servers without AUTH take USER and PASS, which are sent where a password may be.
#[tokio::test]
async fn user_and_pass_stand_in_for_login() {
    let site = Site::new();
    let config = Config {
        stls: Stls::Offered,
        ..Config::default()
    };
    let server = Server::bind("127.0.0.1:0", config).await.expect("a port");
    let address = site.serve(server.with_starttls(site.tls.clone()));
    let mut client = Client::connect(address, site.trust(Tls::required()))
        .await
        .expect("it serves");
    let scram = Policy::only(&[Mechanism::ScramSha256]);
    assert!(client.login_with(&credentials("hungry"), &scram).await.is_err());
    assert!(site.heard().is_empty());
    let login = client.login_with(&credentials("hungry"), &Policy::default()).await;
    login.expect("the password is right");
    assert_eq!(site.heard(), ["login bob"]);
    let mut client = Client::connect(address, site.trust(Tls::never()))
        .await
        .expect("it serves");
    assert!(
        client
            .login_with(&credentials("hungry"), &Policy::default())
            .await
            .is_err()
    );
    assert!(site.heard().is_empty(), "not in plaintext");
}
