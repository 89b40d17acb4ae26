//! Our clients log in at Dovecot by each mechanism that both have, over TLS that was asked for and over TLS from the first
//! octet.

use mail_testing::Authority;
use mail_testing::peers::{Dovecot, DovecotTls, Program, available};
use mail_tokio::sasl::{Credentials, Mechanism, Policy};
use mail_tokio::tls::{ClientTls, Host, Tls};
use mail_tokio::{imap, pop3};

const HOST: &str = "mail.hamburger.example";

const SHARED: [Mechanism; 5] = [
    Mechanism::ScramSha256,
    Mechanism::ScramSha1,
    Mechanism::CramMd5,
    Mechanism::Plain,
    Mechanism::Login,
];

/// Dovecot, and how to connect to it: with its certificate's authority trusted.
fn start() -> Option<(DovecotTls, impl Fn(Tls) -> Tls)> {
    if !available(&[Program::Dovecot, Program::DovecotImap]) {
        return None;
    }
    let authority = Authority::new("Hamburger CA");
    let issued = authority.server(&[HOST]);
    let roots = ClientTls::builder().roots_pem(authority.root().as_bytes());
    let client = roots.build().expect("roots");
    let trust = move |tls: Tls| tls.with(client.clone()).for_host(HOST.parse::<Host>().expect("a host"));
    Some((DovecotTls::start(&issued.chain, &issued.key), trust))
}

fn credentials(password: &str) -> Credentials {
    Credentials::password(Dovecot::USER, password).expect("a name")
}

#[tokio::test]
async fn pop3_logs_in_by_each_mechanism() {
    let Some((dovecot, trust)) = start() else { return };
    for (address, tls) in [(dovecot.pop3(), Tls::required()), (dovecot.pop3s(), Tls::implicit())] {
        for mechanism in SHARED {
            let mut client = pop3::Client::connect(address, trust(tls.clone()))
                .await
                .expect("it serves");
            assert!(client.tls().is_some());
            let offered = client.capabilities().expect("it knows CAPA").mechanisms();
            assert!(
                offered.iter().any(|name| name.as_str() == mechanism.as_str()),
                "{offered:?}"
            );
            let policy = Policy::only(&[mechanism]);
            let wrong = client.login_with(&credentials("thirsty"), &policy).await;
            assert!(
                matches!(wrong, Err(pop3::ClientError::Refused(_))),
                "{mechanism}: {wrong:?}"
            );
            let right = client.login_with(&credentials(Dovecot::PASSWORD), &policy).await;
            right.unwrap_or_else(|error| panic!("{mechanism}: {error}"));
            assert_eq!(client.stat().await.expect("it answers").messages, 0);
            client.quit().await.expect("it says goodbye");
        }
    }
}

#[tokio::test]
async fn imap_logs_in_by_each_mechanism() {
    let Some((dovecot, trust)) = start() else { return };
    for (address, tls) in [(dovecot.imap(), Tls::required()), (dovecot.imaps(), Tls::implicit())] {
        for mechanism in SHARED {
            let mut client = imap::Client::connect(address, trust(tls.clone()))
                .await
                .expect("it serves");
            assert!(client.tls().is_some());
            let policy = Policy::only(&[mechanism]);
            let wrong = client.login_with(&credentials("thirsty"), &policy).await;
            assert!(
                matches!(wrong, Err(imap::ClientError::Refused(_))),
                "{mechanism}: {wrong:?}"
            );
            let right = client.login_with(&credentials(Dovecot::PASSWORD), &policy).await;
            right.unwrap_or_else(|error| panic!("{mechanism}: {error}"));
            client.select("INBOX").await.expect("there is one");
            client.logout().await.expect("it says goodbye");
        }
    }
}

/// docs/threats.md row 6: what Dovecot offers in plaintext sends no password, and none is sent.
#[tokio::test]
async fn nothing_is_shown_in_plaintext() {
    let Some((dovecot, trust)) = start() else { return };
    let mut client = pop3::Client::connect(dovecot.pop3(), trust(Tls::never()))
        .await
        .expect("it serves");
    let offered = client.capabilities().expect("it knows CAPA");
    assert!(offered.has("STLS"));
    client
        .login_with(&credentials(Dovecot::PASSWORD), &Policy::only(&[Mechanism::Plain]))
        .await
        .expect_err("it would show the password");
    let mut client = imap::Client::connect(dovecot.imap(), trust(Tls::never()))
        .await
        .expect("it serves");
    client
        .login_with(&credentials(Dovecot::PASSWORD), &Policy::only(&[Mechanism::Plain]))
        .await
        .expect_err("it would show the password");
}
