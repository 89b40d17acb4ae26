//! Logins to our IMAP server by every mechanism for a password, with initial responses and without, over TLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use imap_proto::Capability;
use imap_proto::server::{Config, Event, Refusal, Sasl, SaslStep};
use mail_sasl::{Account, Answer, Lookup, SecretKind, ServerConfig, ServerStep};
use mail_testing::Authority;
use mail_tokio::imap::{Client, ClientError, Server, Session};
use mail_tokio::sasl::{Channel, ChannelBinding, Credentials, Mechanism, Policy};
use mail_tokio::tls::{ClientTls, Host, Identity, ServerTls, Tls};
use mail_tokio::{LoginError, sasl_channel};
use mail_wire::Ask;

const HOST: &str = "mail.hamburger.example";

/// A server that begins with TLS, what it heard, and how to connect to it.
async fn start(more: &[&'static str]) -> (SocketAddr, Tls, Arc<Mutex<Vec<String>>>) {
    let authority = Authority::new("Hamburger CA");
    let issued = authority.server(&[HOST]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
    let tls = ServerTls::builder()
        .identity(identity)
        .build()
        .expect("a configuration");
    let sasl = Arc::new(ServerConfig::new(&[SecretKind::Password]).expect("randomness"));
    let bound = Channel::secured().with_binding(ChannelBinding::TlsExporter(vec![0; 32]));
    let mut config = Config::default();
    config.offers.always = vec![Capability::fixed("IMAP4rev1")];
    config.offers.always.extend(more.iter().copied().map(Capability::fixed));
    let offered = sasl.offer(&bound).into_iter();
    config.offers.before_login = offered
        .map(|mechanism| Capability::new(format!("AUTH={mechanism}")).expect("an atom"))
        .collect();
    let server = Server::bind_tls("127.0.0.1:0", config, tls).await.expect("a port");
    let address = server.local_addr().expect("it is bound");
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let hearing = heard.clone();
    tokio::spawn(async move {
        while let Ok((session, _)) = server.accept().await {
            tokio::spawn(serve(session, sasl.clone(), hearing.clone()));
        }
    });
    let roots = ClientTls::builder().roots_pem(authority.root().as_bytes());
    let client = Tls::implicit().with(roots.build().expect("roots"));
    (address, client.for_host(HOST.parse::<Host>().expect("a host")), heard)
}

async fn serve(mut session: Session, sasl: Arc<ServerConfig>, heard: Arc<Mutex<Vec<String>>>) {
    let mut exchange = None;
    while let Ok(Some(event)) = session.next().await {
        match event {
            Event::Authenticate(ask, authenticate) => {
                let name = authenticate.mechanism.as_str();
                let initial = authenticate
                    .initial_response
                    .as_ref()
                    .map(|response| response.secret().expose());
                let kind = if initial.is_some() { "at once" } else { "asked" };
                heard.lock().expect("no holder panics").push(format!("{name} {kind}"));
                let mechanism: Mechanism = name.parse().expect("it is offered");
                let channel = sasl_channel(session.tls());
                let mut server = mail_sasl::Server::new(mechanism, &sasl, &channel).expect("it is offered");
                let step = server.start(initial);
                answer(&mut session, ask, look_up(&mut server, step));
                exchange = Some(server);
            }
            Event::SaslResponse(ask, response) => {
                let server = exchange.as_mut().expect("it was begun");
                let step = server.step(response.secret().expose());
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
        ServerStep::Done(_) => session.accept_with(ask, SaslStep::Success),
        ServerStep::Failed(_) | ServerStep::Lookup(_) => session.refuse(ask, Refusal::bad_credentials()),
    };
    answered.expect("it is open");
}

fn credentials(password: &str) -> Credentials {
    Credentials::password("bob", password).expect("a name")
}

#[tokio::test]
async fn a_password_opens_the_mailboxes_by_each_mechanism() {
    for (more, initial) in [(["SASL-IR"].as_slice(), "at once"), (&[], "asked")] {
        let (address, tls, heard) = start(more).await;
        for mechanism in Mechanism::ALL
            .into_iter()
            .filter(|mechanism| mechanism.needs_password())
        {
            let mut client = Client::connect(address, tls.clone()).await.expect("it serves");
            let policy = Policy::only(&[mechanism]);
            let wrong = client.login_with(&credentials("thirsty"), &policy).await;
            assert!(wrong.is_err(), "{mechanism}");
            let right = client.login_with(&credentials("hungry"), &policy).await;
            right.unwrap_or_else(|error| panic!("{mechanism}: {error}"));
            let begins = !matches!(mechanism, Mechanism::Login | Mechanism::CramMd5);
            let kind = if begins { initial } else { "asked" };
            let expected = format!("{mechanism} {kind}");
            let heard = std::mem::take(&mut *heard.lock().expect("no holder panics"));
            assert_eq!(heard, [expected.clone(), expected]);
            client.logout().await.expect("it says goodbye");
        }
    }
}

/// docs/threats.md row 6: what the policy does not allow is not sent.
#[tokio::test]
async fn a_policy_is_kept() {
    let (address, tls, heard) = start(&["LOGINDISABLED"]).await;
    let mut client = Client::connect(address, tls).await.expect("it serves");
    let external = Credentials::external(None).expect("nobody is named");
    let none = client.login_with(&external, &Policy::default()).await;
    assert!(
        matches!(none, Err(ClientError::Login(LoginError::NoMechanism(_)))),
        "{none:?}"
    );
    assert!(heard.lock().expect("no holder panics").is_empty());
}
