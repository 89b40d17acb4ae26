//! Who looks on sees what TLS hides, on both sides the same.

use std::sync::{Arc, Mutex};

use mail_sasl::Credentials;
use mail_testing::Authority;
use mail_tokio::smtp::{Client, ClientError, Session};
use mail_tokio::tls::{Address, ClientTls, Endpoint, Identity, ServerTls, Tls};
use mail_tokio::{Observer, Options};
use mail_wire::Layer;
use smtp_proto::server::{Arrival, Config, StartTls};
use tokio::io::{DuplexStream, duplex};

const HOST: &str = "mail.hamburger.example";

/// What was seen: each direction before TLS, and behind its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    received: [Vec<u8>; 2],
    sent: [Vec<u8>; 2],
    layers: Vec<Layer>,
}

#[derive(Clone, Debug, Default)]
struct Eye(Arc<Mutex<Seen>>);

impl Observer for Eye {
    fn received(&mut self, octets: &[u8]) {
        let mut seen = self.0.lock().unwrap();
        let layers = seen.layers.len();
        seen.received[layers].extend_from_slice(octets);
    }

    fn sent(&mut self, octets: &[u8]) {
        let mut seen = self.0.lock().unwrap();
        let layers = seen.layers.len();
        seen.sent[layers].extend_from_slice(octets);
    }

    fn upgraded(&mut self, layer: Layer) {
        self.0.lock().unwrap().layers.push(layer);
    }
}

struct Certificates {
    client: ClientTls,
    server: ServerTls,
}

fn certificates() -> Certificates {
    let authority = Authority::new("Hamburger CA");
    let issued = authority.server(&[HOST]);
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).unwrap();
    Certificates {
        client: ClientTls::builder()
            .roots_pem(authority.root().as_bytes())
            .build()
            .unwrap(),
        server: ServerTls::builder().identity(identity).build().unwrap(),
    }
}

/// A server that refuses all that it is asked.
async fn serve(mut session: Session<DuplexStream>) {
    while let Ok(Some(event)) = session.next().await {
        session.unhandled(event).unwrap();
    }
}

/// A client that logs in with a wrong password, and what the two observers saw.
async fn converse(tls: Tls, begins_with_tls: bool) -> (Seen, Seen) {
    let (near, far) = duplex(64 * 1024);
    let certificates = certificates();
    let mut config = Config::new(HOST.parse().unwrap());
    config.offers.start_tls = StartTls::Offered;
    config.offers.authentication.secured = vec!["PLAIN".parse().unwrap()];
    let (client_eye, server_eye) = (Eye::default(), Eye::default());
    let mut arrival = Arrival::default();
    if begins_with_tls {
        arrival.security = smtp_proto::phase::Security::Secured;
    }
    let mut session = Session::new(smtp_proto::Server::arriving(Arc::new(config), arrival), far);
    session.observe(Box::new(server_eye.clone()));
    let endpoint = Endpoint::from(certificates.server);
    let session = match begins_with_tls {
        true => {
            session.secure(&endpoint).unwrap();
            session
        }
        false => session.with_tls(endpoint),
    };
    let server = tokio::spawn(serve(session));
    let address: Address = (HOST, 25).try_into().unwrap();
    let eye = client_eye.clone();
    let options = Options::from(tls.with(certificates.client)).observed_by(move || eye.clone());
    let mut client = Client::open(near, &address, options).await.unwrap();
    let refused = client.login(&Credentials::password("alice", "sesame").unwrap()).await;
    assert!(matches!(refused, Err(ClientError::Refused(_))), "{refused:?}");
    client.quit().await.unwrap();
    server.await.unwrap();
    let seen = |eye: &Eye| eye.0.lock().unwrap().clone();
    (seen(&client_eye), seen(&server_eye))
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("nothing that is encrypted")
}

#[tokio::test]
async fn both_sides_see_the_dialogue_above_starttls() {
    let (client, server) = converse(Tls::required(), false).await;
    assert_eq!(client.layers, [Layer::Tls]);
    assert_eq!((&client.sent, &client.received), (&server.received, &server.sent));
    let said = client.sent.each_ref().map(|octets| text(octets));
    assert!(
        said[0].starts_with("EHLO ") && said[0].ends_with("STARTTLS\r\n"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("EHLO ") && said[1].ends_with("QUIT\r\n"),
        "{said:?}"
    );
    let heard = client.received.each_ref().map(|octets| text(octets));
    assert!(
        heard[0].starts_with("220 ") && heard[0].contains("\r\n220 2.0.0 "),
        "{heard:?}"
    );
    assert!(
        heard[1].starts_with("250-") && heard[1].contains("AUTH PLAIN"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn tls_from_the_first_octet_is_seen_first() {
    let (client, server) = converse(Tls::implicit(), true).await;
    assert_eq!((&client.sent, &client.received), (&server.received, &server.sent));
    assert_eq!((&client.layers, &server.layers), (&vec![Layer::Tls], &vec![Layer::Tls]));
    assert!(client.sent[0].is_empty() && client.received[0].is_empty());
    assert!(text(&client.sent[1]).contains("AUTH PLAIN "));
}
