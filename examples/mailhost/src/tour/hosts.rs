//! The two hosts of the tour, and the programs of the people who use them.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use mail_tokio::{pop3, smtp};
use mail_wire::Secret;
use smtp_proto::client::{Config, Envelope, Pipelining};
use smtp_proto::{ForwardPath, ReversePath};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::dialogue::{Dialogue, Lines};
use crate::accounts::Accounts;
use crate::host::{Host, Running, Settings};
use crate::relay;
use crate::store::{Mailbox, Queue, SqliteStore, Store};
use crate::transcript::{Scribe, Speaker, Tap};

/// Both hosts, serving.
pub(super) struct Hosts<'a> {
    folder: &'a Path,
    /// Alice's.
    pub(super) crepes: Running,
    /// Bob's.
    pub(super) hamburger: Running,
}

/// What the stores hold when the hosts have stopped.
pub(super) struct Left {
    /// When the next mail in the queue of crepes.fr would be sent; `None` if the queue is empty.
    pub(super) queued: Option<SystemTime>,
    /// How many messages Bob has.
    pub(super) maildrop: usize,
}

/// What Bob's client has fetched.
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
        crepes.routes = [(HAMBURGER.to_owned(), hamburger.smtp.to_string())].into();
        crepes.relay_for = vec!["127.0.0.0/8".parse()?];
        crepes.scribe = Some(scribe);
        let crepes = serve(folder, crepes).await?;
        let hosts = Self {
            folder,
            crepes,
            hamburger,
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
        crepes.close().await;
        let hamburger = SqliteStore::open(&self.folder.join(HAMBURGER)).await?;
        let bob = Mailbox::inbox(&format!("{}@{HAMBURGER}", BOB.0));
        let maildrop = hamburger.list(&bob).await?.entries.len();
        hamburger.close().await;
        Ok(Left { queued, maildrop })
    }
}

/// Alice's client: one message to her own server.
///
/// # Errors
///
/// Those of the system and of the dialogue, and a refusal.
pub(super) async fn submit(server: SocketAddr, scribe: Arc<dyn Scribe>, message: &[u8]) -> Result<(), Box<dyn Error>> {
    let transport = connect(server, scribe, Dialogue::Submission).await?;
    let mut config = Config::new(LAPTOP.parse()?);
    // One command at a time, to see first what each is for.
    config.pipelining = Pipelining::Never;
    let mut client = smtp::Client::greet(transport, config).await?;
    let reverse_path: ReversePath = format!("<{}@{CREPES}>", ALICE.0).parse()?;
    let forward_path: ForwardPath = format!("<{}@{HAMBURGER}>", BOB.0).parse()?;
    let outcome = client
        .send(&Envelope::new(reverse_path, [forward_path])?, message)
        .await?;
    for result in outcome.results() {
        result?;
    }
    client.quit().await?;
    Ok(())
}

/// What the tour shows is meant to be read.
fn in_plaintext() -> pop3_proto::client::Config {
    pop3_proto::client::Config {
        security: pop3_proto::client::Security::Plaintext,
        ..pop3_proto::client::Config::default()
    }
}

/// Bob's client: fetches the first message, and deletes it.
///
/// # Errors
///
/// Those of the system and of the dialogue, a refusal, and an empty maildrop.
pub(super) async fn fetch(server: SocketAddr, scribe: Arc<dyn Scribe>) -> Result<Fetched, Box<dyn Error>> {
    let transport = connect(server, scribe, Dialogue::Retrieval).await?;
    let mut client = pop3::Client::greet(transport, in_plaintext()).await?;
    client.login(BOB.0, BOB.1).await?;
    client.stat().await?;
    let listing = client.list().await?;
    let first = listing.first().ok_or("Bob's maildrop is empty")?;
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

async fn connect(server: SocketAddr, scribe: Arc<dyn Scribe>, dialogue: Dialogue) -> io::Result<Tap<TcpStream>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    Ok(Tap::on(stream, scribe, dialogue.name().to_owned(), Speaker::Client))
}

fn settings(hostname: &str, user: (&str, &str)) -> Result<Settings, Box<dyn Error>> {
    let mut accounts = Accounts::new([hostname.to_owned()]);
    accounts.add(user.0, None, Secret::from(user.1));
    Ok(Settings {
        hostname: rfc5322::Host::new(hostname)?,
        accounts,
        routes: [].into(),
        relay_for: Vec::new(),
        // Nothing follows over the session: it ends when the message is through.
        relay: relay::Policy {
            idle: std::time::Duration::ZERO,
            ..relay::Policy::default()
        },
        max_message_size: 50 << 20,
        scribe: None,
    })
}

async fn serve(folder: &Path, settings: Settings) -> Result<Running, Box<dyn Error>> {
    let store = SqliteStore::open(&folder.join(settings.hostname.as_str())).await?;
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Host::start(settings, Arc::new(store), free, free).await?)
}

/// Where Alice has her mail.
pub(super) const CREPES: &str = "crepes.fr";

/// Where Bob has his.
pub(super) const HAMBURGER: &str = "hamburger.edu";

/// Where Alice writes.
pub(super) const LAPTOP: &str = "laptop.crepes.fr";

/// Name and password.
const ALICE: (&str, &str) = ("alice", "crepe");

/// Name and password.
const BOB: (&str, &str) = ("bob", "hungry");
