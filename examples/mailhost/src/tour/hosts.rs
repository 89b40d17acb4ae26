//! The two hosts of the tour, and the programs of the people who use them.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use mail_sasl::{Credentials, Mechanism, Policy};
use mail_tokio::tls::{Address, ClientTls, Tls};
use mail_tokio::{Options, pop3, smtp};
use mail_wire::Secret;
use smtp_proto::client::{Config, Envelope, Outcome, Pipelining};
use smtp_proto::{ForwardPath, ReversePath};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;

use super::checks::Checks;
use super::dialogue::{Dialogue, Lines};
use super::wire::{Listener, Tapped};
use crate::accounts::Accounts;
use crate::certificate;
use crate::host::{Host, Running, Settings};
use crate::service::{Door, Service};
use crate::store::{Mailbox, Queue, SqliteStore, Store};
use crate::transcript::{Commands, Proofs, Recorder, Scribe, Speaker};

/// Both hosts, serving.
pub(super) struct Hosts<'a> {
    folder: &'a Path,
    /// Alice's.
    pub(super) crepes: Running,
    /// Bob's.
    pub(super) hamburger: Running,
    /// Whom Alice's client trusts.
    trust: ClientTls,
}

/// What the stores hold when the hosts have stopped.
pub(super) struct Left {
    /// When the next mail in the queue of crepes.fr would be sent; `None` if the queue is empty.
    pub(super) queued: Option<SystemTime>,
    /// How many messages Bob has.
    pub(super) maildrop: usize,
    /// How many messages Alice has.
    pub(super) alices: usize,
}

impl Left {
    /// Checks that nothing is left.
    pub(super) fn checks(&self, checks: &mut Checks) {
        let queue = match self.queued {
            None => "empty",
            Some(_) => "not empty",
        };
        checks.same("the queue of crepes.fr, when its store is opened anew", "empty", queue);
        let messages = |number: usize| format!("{number} messages");
        checks.same("Alice's maildrop, likewise", "0 messages", messages(self.alices));
        checks.same("Bob's maildrop, likewise", "0 messages", messages(self.maildrop));
    }
}

/// What a client has fetched.
pub(super) struct Fetched {
    /// The message.
    pub(super) message: Vec<u8>,
    /// How many octets LIST said that it has.
    pub(super) listed: u64,
}

impl<'a> Hosts<'a> {
    /// Starts both on free ports, their stores in `folder`. The lines of the relay dialogue come with them.
    ///
    /// # Errors
    ///
    /// Those of the system and of the stores.
    pub(super) async fn start(folder: &'a Path) -> Result<(Self, Lines), Box<dyn Error>> {
        let hamburger = settings(HAMBURGER, BOB)?;
        let hamburger = serve(folder, hamburger).await?;
        let (scribe, relay) = Lines::of(Dialogue::Relay);
        let mut crepes = settings(CREPES, ALICE)?;
        crepes.routes = [(HAMBURGER.to_owned(), smtp(&hamburger).to_string())].into();
        crepes.scribe = Some(scribe);
        let certificates = folder.join("certificate");
        crepes.tls = Some(certificate::self_signed(CREPES, &[], Some(&certificates))?);
        let certificate = std::fs::read(certificates.join("tls-cert.pem"))?;
        let trust = ClientTls::builder().roots_pem(&certificate).build()?;
        let crepes = serve(folder, crepes).await?;
        let hosts = Self {
            folder,
            crepes,
            hamburger,
            trust,
        };
        Ok((hosts, relay))
    }

    /// Stops both when they have finished what they are doing, and opens their stores once more, as a restart would.
    ///
    /// # Errors
    ///
    /// Those of the stores.
    pub(super) async fn stop(self) -> Result<Left, Box<dyn Error>> {
        tokio::join!(self.crepes.stop(), self.hamburger.stop());
        let crepes = SqliteStore::open(&self.folder.join(CREPES)).await?;
        let queued = crepes.next_due().await?;
        let alice = Mailbox::inbox(&format!("{}@{CREPES}", ALICE.0));
        let alices = crepes.list(&alice).await?.entries.len();
        crepes.close().await;
        let hamburger = SqliteStore::open(&self.folder.join(HAMBURGER)).await?;
        let bob = Mailbox::inbox(&format!("{}@{HAMBURGER}", BOB.0));
        let maildrop = hamburger.list(&bob).await?.entries.len();
        hamburger.close().await;
        Ok(Left {
            queued,
            maildrop,
            alices,
        })
    }

    /// Alice's client: one message to her own server, over TLS.
    ///
    /// # Errors
    ///
    /// Those of the system and of the dialogue, and a refusal.
    pub(super) async fn submit(
        &self,
        submission: Submission<'_>,
        scribe: Arc<dyn Scribe>,
        listener: Listener,
    ) -> Result<(), Box<dyn Error>> {
        let server = submission_of(&self.crepes);
        let transport = Tapped::new(TcpStream::connect(server).await?, listener);
        let mut config = Config::new(LAPTOP.parse()?);
        // One command at a time, to see first what each is for.
        config.pipelining = Pipelining::Never;
        let options = Options::new(Tls::required().with(self.trust.clone()), config);
        let options = observed(options, scribe, submission.dialogue);
        // The name is the one that the certificate must have.
        let address = Address::try_from((CREPES, server.port()))?;
        let mut client = smtp::Client::open(transport, &address, options).await?;
        let policy = Policy::only(&[submission.mechanism]);
        let credentials = Credentials::password(ALICE.0, ALICE.1)?;
        client.login_with(&credentials, &policy).await?;
        let outcome = send(client, ALICE_ADDRESS, &[submission.to], submission.message).await?;
        for result in outcome.results() {
            result?;
        }
        Ok(())
    }

    /// Alice's client: waits for the first message, fetches it over TLS, and deletes it.
    ///
    /// # Errors
    ///
    /// Those of the system and of the dialogue, and a refusal.
    pub(super) async fn fetch_for_alice(&self) -> Result<Fetched, Box<dyn Error>> {
        let server = pop3(&self.crepes);
        let address = Address::try_from((CREPES, server.port()))?;
        loop {
            let transport = TcpStream::connect(server).await?;
            let tls = Tls::required().with(self.trust.clone());
            let mut client = pop3::Client::open(transport, &address, tls).await?;
            client.login(ALICE.0, ALICE.1).await?;
            if client.list().await?.is_empty() {
                client.quit().await?;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            }
            return take(client).await;
        }
    }

    /// Bob's client: fetches the first message, and deletes it.
    ///
    /// # Errors
    ///
    /// Those of the system and of the dialogue, a refusal, and an empty maildrop.
    pub(super) async fn fetch_for_bob(&self, scribe: Option<Arc<dyn Scribe>>) -> Result<Fetched, Box<dyn Error>> {
        let server = pop3(&self.hamburger);
        // There is no certificate, and what the tour shows is meant to be read.
        let mut options = Options::from(Tls::never());
        if let Some(scribe) = scribe {
            options = observed(options, scribe, Dialogue::Retrieval);
        }
        let mut client = pop3::Client::connect(server, options).await?;
        client.login(BOB.0, BOB.1).await?;
        client.stat().await?;
        take(client).await
    }

    /// Alice's camera: one message to Bob's server, and no word about it.
    ///
    /// # Errors
    ///
    /// Those of the system and of the dialogue, and a refusal.
    pub(super) async fn send_picture(&self, message: &[u8]) -> Result<(), Box<dyn Error>> {
        let options = Options::new(Tls::never(), Config::new(CAMERA.parse()?));
        let client = smtp::Client::connect(smtp(&self.hamburger), options).await?;
        let outcome = send(client, ALICE_ADDRESS, &[BOB_ADDRESS], message).await?;
        for result in outcome.results() {
            result?;
        }
        Ok(())
    }

    /// A stranger: one message to Bob's server, for him and for Alice. Who gets it is in the dialogue.
    ///
    /// # Errors
    ///
    /// Those of the system and of the dialogue.
    pub(super) async fn forge(&self, scribe: Arc<dyn Scribe>, message: &[u8]) -> Result<(), Box<dyn Error>> {
        let options = Options::new(Tls::never(), Config::new(INTRUDER.parse()?));
        let options = observed(options, scribe, Dialogue::Forgery);
        let client = smtp::Client::connect(smtp(&self.hamburger), options).await?;
        send(client, TRUDY_ADDRESS, &[BOB_ADDRESS, ALICE_ADDRESS], message).await?;
        Ok(())
    }
}

/// What Alice's client submits, and how.
#[derive(Clone, Copy)]
pub(super) struct Submission<'a> {
    pub(super) dialogue: Dialogue,
    /// How Alice proves who she is.
    pub(super) mechanism: Mechanism,
    pub(super) to: &'a str,
    pub(super) message: &'a [u8],
}

pub(super) fn observed<C>(options: Options<C>, scribe: Arc<dyn Scribe>, dialogue: Dialogue) -> Options<C> {
    let commands = match dialogue {
        Dialogue::Phone | Dialogue::Desk => Commands::TagFirst,
        _ => Commands::VerbFirst,
    };
    options.observed_by(move || {
        let name = dialogue.name().to_owned();
        let recorder = Recorder::new(scribe.clone(), name, Speaker::Client);
        recorder.with_proofs(Proofs::Scram).with_commands(commands)
    })
}

async fn send<T: AsyncRead + AsyncWrite + Unpin>(
    mut client: smtp::Client<T>,
    from: &str,
    to: &[&str],
    message: &[u8],
) -> Result<Outcome, Box<dyn Error>> {
    let reverse_path: ReversePath = format!("<{from}>").parse()?;
    let forward_paths: Result<Vec<ForwardPath>, _> = to.iter().map(|to| format!("<{to}>").parse()).collect();
    let envelope = Envelope::new(reverse_path, forward_paths?)?;
    let outcome = client.send(&envelope, message).await?;
    client.quit().await?;
    Ok(outcome)
}

/// Fetches the first message, and deletes it.
async fn take(mut client: pop3::Client) -> Result<Fetched, Box<dyn Error>> {
    let listing = client.list().await?;
    let first = listing.first().ok_or("the maildrop is empty")?;
    client.unique_ids().await?;
    let mut message = Vec::new();
    client.retrieve(first.number).await?.read_to_end(&mut message).await?;
    client.delete(first.number).await?;
    client.quit().await?;
    Ok(Fetched {
        message,
        listed: first.octets,
    })
}

fn settings(hostname: &str, user: (&str, &str)) -> Result<Settings, Box<dyn Error>> {
    let mut accounts = Accounts::new([hostname.to_owned()]);
    accounts.add(user.0, None, Secret::from(user.1));
    let mut settings = Settings::new(rfc5322::Host::new(hostname)?, accounts);
    // Nothing follows over the session: it ends when the message is through.
    settings.relay.idle = std::time::Duration::ZERO;
    Ok(settings)
}

async fn serve(folder: &Path, settings: Settings) -> Result<Running, Box<dyn Error>> {
    let store = SqliteStore::open(&folder.join(settings.hostname.as_str())).await?;
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let doors =
        [Service::Smtp, Service::Submission, Service::Pop3, Service::Imap].map(|service| Door::new(service, free));
    Ok(Host::start(settings, Arc::new(store), &doors).await?)
}

/// Where a host takes mail of its own users.
pub(super) fn submission_of(running: &Running) -> SocketAddr {
    running.address(Service::Submission).expect("this door is open")
}

/// Where a host takes mail of other hosts.
pub(super) fn smtp(running: &Running) -> SocketAddr {
    running.address(Service::Smtp).expect("this door is open")
}

/// Where a host hands out mail.
pub(super) fn pop3(running: &Running) -> SocketAddr {
    running.address(Service::Pop3).expect("this door is open")
}

/// Where a host lets users work on their mail.
pub(super) fn imap(running: &Running) -> SocketAddr {
    running.address(Service::Imap).expect("this door is open")
}

/// Where Alice has her mail.
pub(super) const CREPES: &str = "crepes.fr";

/// Where Bob has his.
pub(super) const HAMBURGER: &str = "hamburger.edu";

/// Where Alice writes.
pub(super) const LAPTOP: &str = "laptop.crepes.fr";

/// Where Alice takes pictures.
pub(super) const CAMERA: &str = "camera.crepes.fr";

/// Where nobody knows whom to find.
pub(super) const INTRUDER: &str = "intruder.example";

/// Where Alice gets mail.
pub(super) const ALICE_ADDRESS: &str = "alice@crepes.fr";

/// Where Bob gets mail.
pub(super) const BOB_ADDRESS: &str = "bob@hamburger.edu";

/// Where nobody gets mail.
pub(super) const NOBODY_ADDRESS: &str = "bbo@hamburger.edu";

/// A stranger's.
pub(super) const TRUDY_ADDRESS: &str = "trudy@intruder.example";

/// Name and password.
const ALICE: (&str, &str) = ("alice", "crepe");

/// Name and password.
pub(super) const BOB: (&str, &str) = ("bob", "hungry");
