//! SMTP over TLS on loopback, both roles: each way in which a session can be protected, and a message through it.

use std::net::SocketAddr;

use mail_testing::Authority;
use mail_tokio::smtp::{Client, ClientError, Server, Session};
use mail_tokio::tls::{ClientTls, Identity, Policy, ServerTls, Tls, TlsError};
use mail_tokio::{Error, Options};
use smtp_proto::Mailbox;
use smtp_proto::client::{self, Envelope};
use smtp_proto::server::{Config, Event, StartTls};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

struct Site {
    authority: Authority,
    tls: ServerTls,
    messages: mpsc::UnboundedSender<(Vec<u8>, bool)>,
}

fn site() -> (Site, mpsc::UnboundedReceiver<(Vec<u8>, bool)>) {
    let authority = Authority::new("Hamburger CA");
    let issued = authority.server(&["127.0.0.1"]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
    let tls = ServerTls::builder()
        .identity(identity)
        .build()
        .expect("a configuration");
    let (messages, received) = mpsc::unbounded_channel();
    (
        Site {
            authority,
            tls,
            messages,
        },
        received,
    )
}

fn config(starttls: StartTls) -> Config {
    let mut config = Config::new("hamburger.example".parse().expect("a name"));
    config.offers.start_tls = starttls;
    config
}

impl Site {
    fn trust(&self, policy: Policy) -> Tls {
        let client = ClientTls::builder().roots_pem(self.authority.root().as_bytes()).build();
        Tls::new(policy).with(client.expect("roots"))
    }

    fn run(&self, server: Server) -> SocketAddr {
        let (address, messages) = (server.local_addr().expect("an address"), self.messages.clone());
        tokio::spawn(async move {
            while let Ok((session, _)) = server.accept().await {
                tokio::spawn(serve(session, messages.clone()));
            }
        });
        address
    }
}

async fn serve(mut session: Session, messages: mpsc::UnboundedSender<(Vec<u8>, bool)>) {
    let mut message = Vec::new();
    while let Ok(Some(event)) = session.next().await {
        match event {
            Event::Mail(ask, _) => session.accept(ask).expect("open"),
            Event::Recipient(ask, _) => session.accept(ask).expect("open"),
            Event::Data(ask) => {
                session.accept(ask).expect("open");
                if session.body().read_to_end(&mut message).await.is_err() {
                    return;
                }
            }
            Event::Message(ask) => {
                session.accept(ask).expect("open");
                let secured = session.tls().is_some_and(|tls| !tls.is_handshaking());
                messages
                    .send((message.split_off(0), secured))
                    .expect("somebody listens");
            }
            other => session.unhandled(other).expect("open"),
        }
    }
}

async fn send(address: SocketAddr, tls: Tls) -> Result<bool, ClientError> {
    let config = client::Config::new("crepes.example".parse().expect("a name"));
    let mut smtp = Client::connect(address, Options::new(tls, config)).await?;
    let alice: Mailbox = "alice@crepes.example".parse().expect("a mailbox");
    let bob: Mailbox = "bob@hamburger.example".parse().expect("a mailbox");
    let envelope = Envelope::new(alice, [bob]).expect("a recipient");
    let outcome = smtp.send(&envelope, MESSAGE).await?;
    assert!(outcome.is_complete_success());
    let secured = smtp.tls().is_some_and(|tls| tls.exporter().is_some());
    smtp.quit().await?;
    Ok(secured)
}

const MESSAGE: &[u8] = b"Subject: lunch\r\n\r\nAt noon?\r\n";

#[tokio::test]
async fn a_message_goes_as_each_policy_says() {
    let (site, mut received) = site();
    let plain = Server::bind("127.0.0.1:0", config(StartTls::No)).await.expect("a port");
    let offering = Server::bind("127.0.0.1:0", config(StartTls::Required))
        .await
        .expect("a port");
    let implicit = Server::bind_tls("127.0.0.1:0", config(StartTls::Offered), site.tls.clone()).await;
    let plain = site.run(plain);
    let offering = site.run(offering.with_starttls(site.tls.clone()));
    let implicit = site.run(implicit.expect("a port"));
    for (address, policy, secured) in [
        (plain, Policy::Never, false),
        (plain, Policy::Opportunistic, false),
        (offering, Policy::Opportunistic, true),
        (offering, Policy::Required, true),
        (implicit, Policy::Implicit, true),
    ] {
        assert_eq!(
            send(address, site.trust(policy)).await.expect("a message"),
            secured,
            "{policy:?}"
        );
        assert_eq!(received.recv().await, Some((MESSAGE.to_vec(), secured)), "{policy:?}");
    }
    // docs/threats.md row 6
    let refused = send(plain, site.trust(Policy::Required)).await;
    assert!(
        matches!(refused, Err(ClientError::Session(Error::Tls(TlsError::NotOffered)))),
        "{refused:?}"
    );
    let other = Authority::new("Other CA").root();
    let other = ClientTls::builder().roots_pem(other.as_bytes()).build().expect("roots");
    let refused = send(offering, Tls::opportunistic().with(other)).await;
    assert!(
        matches!(refused, Err(ClientError::Session(Error::Tls(TlsError::Certificate(_))))),
        "{refused:?}"
    );
    let relay = ClientTls::builder()
        .danger_accept_any_certificate()
        .build()
        .expect("a configuration");
    assert!(
        send(offering, Tls::opportunistic().with(relay))
            .await
            .expect("a message")
    );
}
