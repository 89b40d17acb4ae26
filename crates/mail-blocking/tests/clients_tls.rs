//! SMTP and IMAP over TLS on loopback, both roles: each way in which a session can be protected.

use std::io::Read;
use std::net::SocketAddr;
use std::thread;

use mail_blocking::tls::{ClientTls, Identity, Policy, ServerTls, Tls, TlsError};
use mail_blocking::{Error, Options, imap, smtp};
use mail_testing::Authority;
use smtp_proto::Mailbox;
use smtp_proto::client::Envelope;

struct Site {
    authority: Authority,
    tls: ServerTls,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new("Hamburger CA");
        let issued = authority.server(&["127.0.0.1"]);
        let identity = Identity::from_pem(issued.chain.as_bytes(), issued.key.as_bytes()).expect("a certificate");
        let tls = ServerTls::builder()
            .identity(identity)
            .build()
            .expect("a configuration");
        Self { authority, tls }
    }

    fn trust(&self, policy: Policy) -> Tls {
        let client = ClientTls::builder().roots_pem(self.authority.root().as_bytes()).build();
        Tls::new(policy).with(client.expect("roots"))
    }
}

fn run_smtp(server: smtp::Server) -> SocketAddr {
    use smtp_proto::server::Event;
    let address = server.local_addr().expect("an address");
    thread::spawn(move || {
        while let Ok((mut session, _)) = server.accept() {
            thread::spawn(move || {
                while let Ok(Some(event)) = session.next() {
                    match event {
                        Event::Mail(ask, _) => session.accept(ask).expect("open"),
                        Event::Recipient(ask, _) => session.accept(ask).expect("open"),
                        Event::Data(ask) => {
                            session.accept(ask).expect("open");
                            session.body().read_to_end(&mut Vec::new()).expect("a message");
                        }
                        Event::Message(ask) => session.accept(ask).expect("open"),
                        other => session.unhandled(other).expect("open"),
                    }
                }
            });
        }
    });
    address
}

#[test]
fn a_message_goes_as_each_policy_says() {
    use smtp_proto::server::{Config, StartTls};
    let site = Site::new();
    let config = |starttls| {
        let mut config = Config::new("hamburger.example".parse().expect("a name"));
        config.offers.start_tls = starttls;
        config
    };
    let plain = run_smtp(smtp::Server::bind("127.0.0.1:0", config(StartTls::No)).expect("a port"));
    let offering = smtp::Server::bind("127.0.0.1:0", config(StartTls::Required)).expect("a port");
    let offering = run_smtp(offering.with_starttls(site.tls.clone()));
    let implicit = smtp::Server::bind_tls("127.0.0.1:0", config(StartTls::Offered), site.tls.clone());
    let implicit = run_smtp(implicit.expect("a port"));
    let send = |address: SocketAddr, policy| -> Result<bool, smtp::ClientError> {
        let config = smtp_proto::client::Config::new("crepes.example".parse().expect("a name"));
        let mut smtp = smtp::Client::connect(address, Options::new(site.trust(policy), config))?;
        let alice: Mailbox = "alice@crepes.example".parse().expect("a mailbox");
        let bob: Mailbox = "bob@hamburger.example".parse().expect("a mailbox");
        let envelope = Envelope::new(alice, [bob]).expect("a recipient");
        let outcome = smtp.send(&envelope, &b"line\r\n".repeat(50_000))?;
        assert!(outcome.is_complete_success());
        let secured = smtp.tls().is_some_and(|tls| tls.exporter().is_some());
        smtp.quit()?;
        Ok(secured)
    };
    for (address, policy, secured) in [
        (plain, Policy::Never, false),
        (plain, Policy::Opportunistic, false),
        (offering, Policy::Opportunistic, true),
        (offering, Policy::Required, true),
        (implicit, Policy::Implicit, true),
    ] {
        assert_eq!(send(address, policy).expect("a message"), secured, "{policy:?}");
    }
    // docs/threats.md row 6
    let refused = send(plain, Policy::Required);
    assert!(
        matches!(
            refused,
            Err(smtp::ClientError::Session(Error::Tls(TlsError::NotOffered)))
        ),
        "{refused:?}"
    );
}

fn run_imap(server: imap::Server) -> SocketAddr {
    use imap_proto::server::Event;
    let address = server.local_addr().expect("an address");
    thread::spawn(move || {
        while let Ok((mut session, _)) = server.accept() {
            thread::spawn(move || {
                while let Ok(Some(event)) = session.next() {
                    match event {
                        Event::Login(ask, login) if login.password.secret().matches(b"hungry") => {
                            session.accept(ask).expect("open");
                        }
                        other => session.unhandled(other).expect("open"),
                    }
                }
            });
        }
    });
    address
}

#[test]
fn a_user_logs_in_as_each_policy_says() {
    use imap_proto::server::{Config, Plaintext, StartTls};
    let site = Site::new();
    let config = |starttls| Config {
        starttls,
        plaintext: Plaintext::Refused,
        ..Config::default()
    };
    let plain = run_imap(imap::Server::bind("127.0.0.1:0", config(StartTls::NotOffered)).expect("a port"));
    let offering = imap::Server::bind("127.0.0.1:0", config(StartTls::Offered)).expect("a port");
    let offering = run_imap(offering.with_starttls(site.tls.clone()));
    let implicit = imap::Server::bind_tls("127.0.0.1:0", config(StartTls::Offered), site.tls.clone());
    let implicit = run_imap(implicit.expect("a port"));
    for (address, policy) in [
        (offering, Policy::Opportunistic),
        (offering, Policy::Required),
        (implicit, Policy::Implicit),
    ] {
        let mut imap = imap::Client::connect(address, site.trust(policy)).expect("TLS");
        assert!(
            imap.tls().is_some_and(|tls| tls.server_end_point().is_some()),
            "{policy:?}"
        );
        imap.login("bob", "hungry").expect("the password");
        imap.logout().expect("a session");
    }
    // docs/threats.md row 6
    let refused = imap::Client::connect(plain, site.trust(Policy::Required)).map(drop);
    assert!(
        matches!(
            refused,
            Err(imap::ClientError::Session(Error::Tls(TlsError::NotOffered)))
        ),
        "{refused:?}"
    );
    let mut imap = imap::Client::connect(plain, site.trust(Policy::Opportunistic)).expect("plaintext");
    assert!(imap.tls().is_none());
    imap.noop().expect("a session");
}
