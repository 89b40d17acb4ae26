//! IMAP over TLS on loopback, both roles: begun by STARTTLS or with the first octet, wanted or not.

use std::net::SocketAddr;
use std::sync::Arc;

use imap_proto::client::Error as ProtocolError;
use imap_proto::server::{Config, Event, Plaintext, Security, StartTls};
use mail_testing::{Authority, Issued};
use mail_tokio::imap::{Client, ClientError, Server, Session};
use mail_tokio::tls::{Address, ClientTls, Host, Identity, ServerTls, SetupError, Tls, TlsError};
use mail_tokio::{Error, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};

const HOST: &str = "mail.hamburger.example";

struct Site {
    authority: Authority,
    tls: ServerTls,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new("Hamburger CA");
        let tls = server_tls(&authority.server(&[HOST]));
        Self { authority, tls }
    }

    /// What its users are told.
    fn trust(&self, tls: Tls) -> Tls {
        let client = ClientTls::builder().roots_pem(self.authority.root().as_bytes());
        tls.with(client.build().expect("roots"))
            .for_host(HOST.parse::<Host>().expect("a host"))
    }
}

fn server_tls(issued: &Issued) -> ServerTls {
    let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
    ServerTls::builder()
        .identity(identity)
        .build()
        .expect("a configuration")
}

fn config(starttls: StartTls) -> Config {
    Config {
        starttls,
        plaintext: Plaintext::Refused,
        ..Config::default()
    }
}

/// Lets bob in.
async fn serve(mut session: Session) {
    while let Ok(Some(event)) = session.next().await {
        let answered = match event {
            Event::Login(ask, login) if login.password.secret().matches(b"hungry") => session.accept(ask),
            other => session.unhandled(other),
        };
        answered.expect("open");
    }
}

fn run(server: Server) -> SocketAddr {
    let address = server.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((session, _)) = server.accept().await {
            tokio::spawn(serve(session));
        }
    });
    address
}

async fn offering(site: &Site) -> SocketAddr {
    let server = Server::bind("127.0.0.1:0", config(StartTls::Offered))
        .await
        .expect("a port");
    run(server.with_starttls(site.tls.clone()))
}

async fn without_offer() -> SocketAddr {
    run(Server::bind("127.0.0.1:0", config(StartTls::NotOffered))
        .await
        .expect("a port"))
}

async fn implicit(site: &Site) -> SocketAddr {
    let bound = Server::bind_tls("127.0.0.1:0", config(StartTls::Offered), site.tls.clone()).await;
    run(bound.expect("a port"))
}

async fn log_in(mut client: Client) {
    client.login("bob", "hungry").await.expect("the password");
    client.noop().await.expect("a session");
    client.logout().await.expect("a session");
}

#[tokio::test]
async fn each_policy_has_the_tls_that_it_wants() {
    let site = Site::new();
    let (offering, implicit) = (offering(&site).await, implicit(&site).await);
    for (address, tls) in [
        (offering, Tls::required()),
        (offering, Tls::opportunistic()),
        (implicit, Tls::implicit()),
    ] {
        let client = Client::connect(address, site.trust(tls.clone())).await.expect("TLS");
        let channel = client.tls().expect("TLS");
        assert!(!channel.is_handshaking() && channel.exporter().is_some(), "{tls:?}");
        log_in(client).await;
    }
    let client = Client::connect(offering, Tls::never()).await.expect("a greeting");
    assert!(client.tls().is_none());
}

/// docs/threats.md row 6: who wants TLS writes no secret without it.
#[tokio::test]
async fn a_server_without_tls_hears_no_password() {
    let site = Site::new();
    let address = without_offer().await;
    let refused = Client::connect(address, site.trust(Tls::required()))
        .await
        .expect_err("no TLS");
    assert!(
        matches!(refused, ClientError::Session(Error::Tls(TlsError::NotOffered))),
        "{refused:?}"
    );
    let client = Client::connect(address, site.trust(Tls::opportunistic()))
        .await
        .expect("plaintext");
    assert!(client.tls().is_none());
}

#[tokio::test]
async fn names_are_checked() {
    let site = Site::new();
    let address = offering(&site).await;
    let tls = site
        .trust(Tls::required())
        .for_host("mail.other.example".parse().expect("a host"));
    let refused = Client::connect(address, tls).await.map(drop).expect_err("another name");
    assert!(
        matches!(refused, ClientError::Session(Error::Tls(TlsError::Certificate(_)))),
        "{refused:?}"
    );
    // Without another word it is the host that was connected to: here an address.
    let client = ClientTls::builder()
        .roots_pem(site.authority.root().as_bytes())
        .build()
        .expect("roots");
    let refused = Client::connect(address, Tls::required().with(client.clone()))
        .await
        .map(drop)
        .expect_err("an address");
    assert!(
        matches!(refused, ClientError::Session(Error::Tls(TlsError::Certificate(_)))),
        "{refused:?}"
    );
    let named = Site {
        tls: server_tls(&site.authority.server(&["127.0.0.1", "localhost"])),
        ..site
    };
    let address = offering(&named).await;
    log_in(
        Client::connect(address, Tls::required().with(client.clone()))
            .await
            .expect("TLS"),
    )
    .await;
    let localhost = ("localhost", address.port());
    log_in(
        Client::connect(localhost, Tls::required().with(client))
            .await
            .expect("TLS"),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_address_is_told_before_anything_else() {
    let refused = Client::connect("no port", Tls::required())
        .await
        .expect_err("no address");
    let ClientError::Session(Error::Io(error)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(error.downcast::<SetupError>().expect("a bad address"), SetupError::Host);
}

/// docs/threats.md row 4: commands behind STARTTLS, in one segment with it, are never carried out, and there is no TLS.
#[tokio::test]
async fn commands_behind_starttls_are_an_error() {
    let site = Site::new();
    for behind in ["b1 NOOP\r\n", "b", "\u{16}\u{3}\u{1}"] {
        let (mut near, far) = duplex(4096);
        let machine = imap_proto::Server::new(Arc::new(config(StartTls::Offered)), Security::Plaintext);
        let mut session = Session::new(machine, far).with_tls(site.tls.clone());
        near.write_all(format!("a1 STARTTLS\r\n{behind}").as_bytes())
            .await
            .expect("room");
        let refused = session.next().await.expect_err("an injection");
        assert!(
            matches!(refused, Error::Protocol(imap_proto::server::Error::Injection)),
            "{refused:?}"
        );
        assert!(session.tls().is_none());
        drop(session);
        let mut heard = String::new();
        near.read_to_string(&mut heard).await.expect("text");
        assert!(!heard.contains("a1 OK") && !heard.contains("b1 OK"), "{heard}");
    }
}

/// docs/threats.md row 5: responses behind the go-ahead, in one segment with it, are an error.
#[tokio::test]
async fn responses_behind_the_go_ahead_are_an_error() {
    let site = Site::new();
    let (mut near, far) = duplex(4096);
    let serve = async {
        near.write_all(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
            .await
            .expect("room");
        let mut command = vec![0; 100];
        let n = near.read(&mut command).await.expect("a command");
        let tag = String::from_utf8_lossy(&command[..n])
            .split(' ')
            .next()
            .unwrap()
            .to_owned();
        let injected = format!("{tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n");
        near.write_all(injected.as_bytes()).await.expect("room");
        let mut rest = Vec::new();
        near.read_to_end(&mut rest).await.expect("it closes");
        rest
    };
    let connect = async {
        let address = Address::new(HOST, 143).expect("a host");
        Client::open(far, &address, site.trust(Tls::required()))
            .await
            .expect_err("an injection")
    };
    let (rest, refused) = tokio::join!(serve, connect);
    assert!(
        matches!(refused, ClientError::Session(Error::Protocol(ProtocolError::Injection))),
        "{refused:?}"
    );
    assert_eq!(rest, b"", "nothing more is said, not even a hello of TLS");
}

/// docs/threats.md row 5: what was offered in plaintext counts no more; the server is asked again.
#[tokio::test]
async fn what_was_said_in_plaintext_is_forgotten() {
    let site = Site::new();
    let client = Client::connect(offering(&site).await, site.trust(Tls::required()))
        .await
        .expect("TLS");
    let offers = client.machine().capabilities().expect("asked again");
    // In plaintext the server forbids what it allows in TLS.
    assert!(
        !offers
            .iter()
            .any(|offer| offer.is("STARTTLS") || offer.is("LOGINDISABLED")),
        "{offers:?}"
    );
}

/// A connection that ends without TLS saying so while a message arrives: docs/threats.md row 27.
#[tokio::test]
async fn a_message_that_is_cut_is_void() {
    let site = Site::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serve = async {
        let (stream, _) = listener.accept().await.expect("a client");
        let machine = imap_proto::Server::new(Arc::new(config(StartTls::Offered)), Security::Secured);
        let mut session = Session::new(machine, stream);
        session.secure(&site.tls.clone().into()).expect("a configuration");
        loop {
            match session.next().await.expect("no error").expect("no end") {
                Event::Login(ask, _) => session.accept(ask).expect("open"),
                Event::Append(ask, _) => {
                    session.accept(ask).expect("open");
                    let mut message = Vec::new();
                    let error = session.body().read_to_end(&mut message).await.expect_err("it is void");
                    return (message, error.kind());
                }
                other => session.unhandled(other).expect("open"),
            }
        }
    };
    let send = async {
        let stream = TcpStream::connect(address).await.expect("a server");
        let mut client = Client::open(
            stream,
            &Address::new(HOST, 993).expect("a host"),
            site.trust(Tls::implicit()),
        )
        .await
        .expect("TLS");
        client.login("bob", "hungry").await.expect("the password");
        // The source ends too soon; the client then drops the connection, without a word.
        let cut = client
            .append("INBOX", [], None, 1_000_000, "lunch\r\n".repeat(50_000).as_bytes())
            .await;
        cut.expect_err("the source ends too soon");
    };
    let ((message, kind), ()) = tokio::join!(serve, send);
    assert_eq!(kind, std::io::ErrorKind::UnexpectedEof);
    assert!(message.starts_with(b"lunch\r\nlunch\r\n"), "{}", message.len());
}

/// A configuration of the machine alone says enough.
#[tokio::test]
async fn options_come_in_each_way() {
    use imap_proto::client::{Config, Security};
    let address = without_offer().await;
    let plain = Config {
        security: Security::Plaintext,
        ..Config::default()
    };
    let mut client = Client::connect(address, plain).await.expect("a greeting");
    client.noop().await.expect("a session");
    let options = Options::new(Tls::never(), Config::default());
    let mut client = Client::connect(address.to_string(), options).await.expect("a greeting");
    client.noop().await.expect("a session");
    let mut client = Client::connect(address, (Tls::never(), Config::default()))
        .await
        .expect("a greeting");
    client.noop().await.expect("a session");
}
