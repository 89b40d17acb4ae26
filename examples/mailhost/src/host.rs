//! One mail host: its listeners, what its sessions share, and how it stops.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{debug, warn};

use crate::accounts::Accounts;
use crate::store::{Mailbox, Store};
use crate::transcript::{Scribe, Speaker, Tap};
use crate::{pop3, relay, smtp};

/// What a host is told at its start.
pub struct Settings {
    /// How it calls itself.
    pub hostname: rfc5322::Host,
    /// Who has mail here.
    pub accounts: Accounts,
    /// Foreign domains, in lower case, and the hosts (`name:port`) that take their mail.
    pub routes: HashMap<String, String>,
    /// Clients that may send to those domains.
    pub relay_for: Vec<IpNet>,
    /// How mail for them is tried.
    pub relay: relay::Policy,
    /// Octets.
    pub max_message_size: u64,
    /// Who takes down the dialogues.
    pub scribe: Option<Arc<dyn Scribe>>,
}

/// What the sessions of a host share.
pub struct Host {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) smtp: smtp::Shared,
    pub(crate) pop3: pop3::Shared,
    /// The way to other hosts.
    pub(crate) router: Arc<dyn relay::Router>,
    /// Opens sessions with them.
    pub(crate) connector: Arc<dyn relay::Connector>,
    maildrops: Mutex<HashSet<Mailbox>>,
    messages: AtomicU64,
}

/// A host that serves.
pub struct Running {
    /// Where SMTP is served.
    pub smtp: SocketAddr,
    /// Where POP3 is served.
    pub pop3: SocketAddr,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    store: Arc<dyn Store>,
}

impl Host {
    /// Listens, and serves until [`Running::stop`].
    ///
    /// # Errors
    ///
    /// An address that cannot be listened to.
    pub async fn start(
        settings: Settings,
        store: Arc<dyn Store>,
        smtp: SocketAddr,
        pop3: SocketAddr,
    ) -> io::Result<Running> {
        let (smtp, pop3) = (listen(smtp).await?, listen(pop3).await?);
        let (smtp_address, pop3_address) = (smtp.local_addr()?, pop3.local_addr()?);
        let host = Arc::new(Self {
            smtp: smtp::Shared::new(&settings),
            pop3: pop3::Shared::new(&settings, pop3_address),
            store: store.clone(),
            router: Arc::new(relay::RouteTable::new(settings.routes.clone())),
            connector: Arc::new(relay::Plain),
            maildrops: Mutex::default(),
            messages: AtomicU64::new(since_epoch().as_micros() as u64),
            settings,
        });
        let (stop, stopping) = watch::channel(false);
        let stopping = Stop(stopping);
        let mut listeners = JoinSet::new();
        listeners.spawn(accept(smtp, "smtp", host.clone(), stopping.clone(), smtp::serve));
        listeners.spawn(accept(pop3, "pop3", host.clone(), stopping.clone(), pop3::serve));
        listeners.spawn(relay::run(host, stopping));
        Ok(Running {
            smtp: smtp_address,
            pop3: pop3_address,
            stop,
            listeners,
            store,
        })
    }

    /// Whether this client may send to foreign domains.
    pub(crate) fn relays_for(&self, client: IpAddr) -> bool {
        let client = client.to_canonical();
        self.settings.relay_for.iter().any(|net| net.contains(&client))
    }

    /// A name for a message in replies, `Received` fields and logs, unique among this host's messages.
    pub(crate) fn message_name(&self) -> String {
        format!("{:X}", self.messages.fetch_add(1, Ordering::Relaxed))
    }

    /// The right to a maildrop, which one POP3 session has at a time (RFC 1939 §4).
    pub(crate) fn lock_maildrop(self: &Arc<Self>, mailbox: &Mailbox) -> Option<MaildropLock> {
        let mut maildrops = self.maildrops.lock().expect("no one panics with it");
        maildrops.insert(mailbox.clone()).then(|| MaildropLock {
            host: self.clone(),
            mailbox: mailbox.clone(),
        })
    }

    /// `stream`, taken down if anyone wants that.
    pub(crate) fn tap(&self, stream: TcpStream, dialogue: String, own: Speaker) -> Tap<TcpStream> {
        match &self.settings.scribe {
            Some(scribe) => Tap::on(stream, scribe.clone(), dialogue, own),
            None => Tap::off(stream),
        }
    }
}

impl Running {
    /// Finishes the dialogues in hand, for at most 30 seconds, and closes the store.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let finished = async { while self.listeners.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, finished).await.is_err() {
            warn!("some dialogues did not end within {PATIENCE:?} and are cut off");
            self.listeners.shutdown().await;
        }
        self.store.close().await;
    }
}

/// A maildrop's lock, released when dropped.
pub(crate) struct MaildropLock {
    host: Arc<Host>,
    mailbox: Mailbox,
}

impl Drop for MaildropLock {
    fn drop(&mut self) {
        let mut maildrops = self.host.maildrops.lock().expect("no one panics with it");
        maildrops.remove(&self.mailbox);
    }
}

/// The word that the program wants to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Whether the word has come.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the word comes, or has come.
    pub(crate) async fn requested(&mut self) {
        // The sender lives as long as the host; if it is gone, so is the reason to go on.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// One accepted connection.
pub(crate) struct Connection {
    pub(crate) transport: Tap<TcpStream>,
    pub(crate) peer: SocketAddr,
    pub(crate) stop: Stop,
}

async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Accepts connections until the program stops, then waits for the sessions to end. Beyond [`MOST_SESSIONS`], clients wait
/// in the system's backlog.
async fn accept<S, F>(listener: TcpListener, protocol: &'static str, host: Arc<Host>, mut stop: Stop, serve: S)
where
    S: Fn(Arc<Host>, Connection) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MOST_SESSIONS));
    let mut sessions = JoinSet::new();
    for number in 1u64.. {
        let accepted = async {
            let place = places.clone().acquire_owned().await.expect("it is never closed");
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.requested() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others must end first.
                warn!(protocol, %error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        debug!(protocol, number, %peer, "connected");
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            transport: host.tap(stream, format!("{protocol} {number}"), Speaker::Server),
            peer,
            stop: stop.clone(),
        };
        let session = serve(host.clone(), connection);
        sessions.spawn(async move {
            session.await;
            drop(place);
        });
        while sessions.try_join_next().is_some() {}
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
}

/// The time since 1970.
pub(crate) fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Sessions of one protocol at a time.
const MOST_SESSIONS: usize = 1000;

/// How long dialogues may take to end when the program stops.
const PATIENCE: Duration = Duration::from_secs(30);
