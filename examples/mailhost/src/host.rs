//! One mail host: its listeners, what its sessions share, and how it stops.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use imap_proto::{Right, RightsChange};
use ipnet::IpNet;
use mail_tokio::Session;
use mail_tokio::tls::{Endpoint, ServerTls};
use mail_wire::Machine;
use smtp_proto::Refusal;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{debug, warn};

use crate::accounts::Accounts;
use crate::admission::{self, Admission, Admitted, Unit};
use crate::authentication::Authentication;
use crate::dns::Resolver;
use crate::imap::SHARED_ACCOUNT;
use crate::route::NextHop;
use crate::service::{Door, Service};
use crate::store::{Acl, Identifier, Limits, Mailbox, Store, StoreError};
use crate::transcript::{Recorder, Scribe, Speaker};
use crate::{imap, pop3, relay, smtp};

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
    /// Sessions at one door at a time. Beyond them clients wait in the system's backlog.
    pub sessions: usize,
    /// The certificates, where there are any: then STARTTLS and STLS are offered, and doors may begin with TLS.
    pub tls: Option<ServerTls>,
    /// Whether passwords may pass over connections that others can read.
    pub plaintext: Plaintext,
    /// How the DNS is asked. Without it, mail goes where there are routes, or to the smarthost.
    pub resolver: Option<Resolver>,
    /// Where mail goes that has no route of its own.
    pub smarthost: Option<NextHop>,
    /// The port at which hosts that the DNS names take mail: 25, but in laboratories.
    pub exchanger_port: u16,
    /// Who is let in at the door for other hosts.
    pub admission: Admission,
    /// Who takes down the dialogues.
    pub scribe: Option<Arc<dyn Scribe>>,
    /// Mailboxes that all users share; they are made when the host starts.
    pub shared: Vec<String>,
    /// Users, by their login names, who may do all with shared mailboxes, and set quotas.
    pub admins: Vec<String>,
    /// Octets that a user's mailboxes may have, where no administrator said otherwise.
    pub quota: Option<u64>,
    /// How the administrator is to be had: a URI, as in `mailto:postmaster@example.org` (RFC 5464 §6.2.2).
    pub contact: Option<String>,
    /// How long IMAP sessions wait for their clients.
    pub imap_timeouts: imap_proto::ServerTimeouts,
    /// How long an IMAP client hears nothing of a search that goes on (RFC 9585 §3).
    pub progress_interval: Duration,
    /// Whether replies that refuse something say which rule was broken, and what would have been right: to people who speak to the
    /// host by hand. Then the grammar is the RFC's, too, to the letter.
    pub explain: bool,
}

/// Whether passwords may pass over connections that others can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plaintext {
    /// Where there is no certificate, and only this machine can listen.
    #[default]
    OnLoopback,
    /// Everywhere.
    Allowed,
}

impl Settings {
    /// A host that has mail for these accounts, relays for nobody, and has no certificate.
    pub fn new(hostname: rfc5322::Host, accounts: Accounts) -> Self {
        Self {
            hostname,
            accounts,
            routes: HashMap::new(),
            relay_for: Vec::new(),
            relay: relay::Policy::default(),
            max_message_size: 50 << 20,
            sessions: 1000,
            tls: None,
            plaintext: Plaintext::default(),
            resolver: None,
            smarthost: None,
            exchanger_port: 25,
            admission: Admission::default(),
            scribe: None,
            shared: Vec::new(),
            admins: Vec::new(),
            quota: None,
            contact: None,
            imap_timeouts: imap_proto::ServerTimeouts::default(),
            progress_interval: Duration::from_secs(10),
            explain: false,
        }
    }

    /// Whether users who come in at `address` may show their passwords to whoever can listen.
    fn trusts_wire(&self, address: SocketAddr) -> bool {
        match self.plaintext {
            Plaintext::OnLoopback => self.tls.is_none() && address.ip().is_loopback(),
            Plaintext::Allowed => true,
        }
    }
}

/// What the sessions of a host share.
pub struct Host {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    /// How users prove who they are.
    pub(crate) authentication: Authentication,
    /// The way to other hosts.
    pub(crate) router: Arc<dyn relay::Router>,
    /// Opens sessions with them.
    pub(crate) connector: Arc<dyn relay::Connector>,
    maildrops: Mutex<HashSet<Mailbox>>,
    messages: AtomicU64,
}

/// A host that serves.
pub struct Running {
    doors: Vec<Door>,
    stop: watch::Sender<bool>,
    listeners: JoinSet<()>,
    store: Arc<dyn Store>,
}

impl Host {
    /// Listens, and serves until [`Running::stop`].
    ///
    /// # Errors
    ///
    /// An address that cannot be listened to, a door that begins with TLS where there is no certificate, a system without
    /// random octets.
    pub async fn start(settings: Settings, store: Arc<dyn Store>, doors: &[Door]) -> io::Result<Running> {
        if let Some(door) = doors.iter().find(|door| door.service.begins_with_tls())
            && settings.tls.is_none()
        {
            let text = format!("{} needs a certificate", door.service.name());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let mut listening = Vec::new();
        for &Door { service, address } in doors {
            let listener = listen(address).await?;
            let address = listener.local_addr()?;
            listening.push((Door { service, address }, listener));
        }
        settle(&settings, &*store).await.map_err(io::Error::other)?;
        let authentication = Authentication::new(settings.hostname.as_str()).map_err(io::Error::other)?;
        let (router, connector) = relay::ways(&settings)?;
        let host = Arc::new(Self {
            authentication,
            store: store.clone(),
            router,
            connector,
            maildrops: Mutex::default(),
            messages: AtomicU64::new(since_epoch().as_micros() as u64),
            settings,
        });
        let (stop, stopping) = watch::channel(false);
        let stopping = Stop(stopping);
        let mut listeners = JoinSet::new();
        let doors = listening.iter().map(|(door, _)| *door).collect();
        for (door, listener) in listening {
            open(&mut listeners, door, listener, &host, &stopping);
        }
        listeners.spawn(admission::keep_greylist(host.clone(), stopping.clone()));
        listeners.spawn(relay::run(host, stopping));
        Ok(Running {
            doors,
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

    /// Lets a client in at a door, or says why not.
    pub(crate) async fn admit(&self, service: Service, client: IpAddr) -> Result<Option<Admitted>, Refusal> {
        let admission = &self.settings.admission;
        if self.relays_for(client) {
            return Ok(None);
        }
        let place = match &admission.peers {
            Some(peers) => Some(peers.admit(client, Instant::now())?),
            None => None,
        };
        // Users come from wherever they are, on networks that lists name: they log in instead.
        if service == Service::Smtp
            && let Some(blocklists) = &admission.blocklists
            && let Some(listing) = blocklists.check(client).await
        {
            return Err(listing.refusal());
        }
        Ok(place)
    }

    /// Lets a client in where those who are not are hung up on without a word.
    pub(crate) async fn let_in<M: Machine>(
        &self,
        connection: Connection,
        machine: M,
        service: Service,
    ) -> Option<(Session<M, TcpStream>, Option<Admitted>)> {
        let peer = connection.peer;
        let Ok(place) = self.admit(service, peer.ip().to_canonical()).await else {
            debug!(%peer, "too many connections");
            return None;
        };
        match connection.session(machine, service) {
            Ok(session) => Some((session, place)),
            Err(error) => {
                debug!(%peer, %error, "no session");
                None
            }
        }
    }

    /// Counts what a sender sends.
    pub(crate) fn rate(&self, sender: &str, client: IpAddr, unit: Unit) -> Result<(), Refusal> {
        match &self.settings.admission.rates {
            Some(rates) if !self.relays_for(client) => rates.admit(sender, unit, Instant::now()),
            _ => Ok(()),
        }
    }

    /// Whether a stranger has come back.
    pub(crate) fn greylist(&self, client: IpAddr, reverse_path: &str, recipient: &str) -> Result<(), Refusal> {
        match &self.settings.admission.greylist {
            Some(greylist) if !self.relays_for(client) => {
                greylist.check(client, reverse_path, recipient, SystemTime::now())
            }
            _ => Ok(()),
        }
    }

    /// Whether a domain says by a null MX that no reply would reach it (RFC 7505 §4.2). Where the DNS says nothing in time,
    /// it does not.
    pub(crate) async fn takes_no_mail(&self, domain: &str) -> bool {
        let Some(resolver) = &self.settings.resolver else {
            return false;
        };
        let asked = tokio::time::timeout(NAME_PATIENCE, resolver.mx(domain)).await;
        asked.is_ok_and(|answer| answer.is_ok_and(|answer| answer.records.iter().all(|mx| mx.exchange.is_empty())))
    }

    /// Asks the DNS, while the client talks, for the name of its address.
    pub(crate) fn name_of(&self, client: IpAddr) -> Option<JoinHandle<Option<rfc5322::Host>>> {
        let resolver = self.settings.resolver.clone()?;
        Some(tokio::spawn(async move {
            let name = tokio::time::timeout(NAME_PATIENCE, resolver.name_of(client)).await;
            rfc5322::Host::new(&name.ok()?.ok()?).ok()
        }))
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

    /// What a door's sessions know of their wire.
    fn wire(&self, door: Door) -> Wire {
        Wire {
            service: door.service,
            tls: self.settings.tls.clone().map(Endpoint::from),
            trusted: self.settings.trusts_wire(door.address),
        }
    }

    /// Makes those who take down a dialogue, if anyone wants that.
    pub(crate) fn recorder(
        &self,
        dialogue: &str,
        own: Speaker,
    ) -> Option<impl Fn() -> Recorder + Send + Sync + 'static> {
        let (scribe, dialogue) = (self.settings.scribe.clone()?, dialogue.to_owned());
        Some(move || Recorder::new(scribe.clone(), dialogue.clone(), own))
    }
}

impl Running {
    /// Where a service is to be had, if it is: the first of its doors.
    pub fn address(&self, service: Service) -> Option<SocketAddr> {
        let door = self.doors.iter().find(|door| door.service == service)?;
        Some(door.address)
    }

    /// All services, and where each is to be had.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

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
    pub(crate) transport: TcpStream,
    pub(crate) recorder: Option<Box<Recorder>>,
    pub(crate) peer: SocketAddr,
    pub(crate) stop: Stop,
    pub(crate) endpoint: Option<Endpoint>,
}

/// What a door's sessions know of their wire.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) service: Service,
    /// What TLS needs, where there is a certificate.
    pub(crate) tls: Option<Endpoint>,
    /// Whether passwords may pass before TLS.
    pub(crate) trusted: bool,
}

impl Connection {
    /// A session over it, with TLS now or on request as its door has it.
    pub(crate) fn session<M: Machine>(self, machine: M, service: Service) -> io::Result<Session<M, TcpStream>> {
        let mut session = Session::new(machine, self.transport);
        if let Some(recorder) = self.recorder {
            session.observe(recorder);
        }
        Ok(match self.endpoint {
            None => session,
            Some(endpoint) if service.begins_with_tls() => {
                session.secure(&endpoint)?;
                session
            }
            Some(endpoint) => session.with_tls(endpoint),
        })
    }
}

/// Opens a door.
fn open(listeners: &mut JoinSet<()>, door: Door, listener: TcpListener, host: &Arc<Host>, stop: &Stop) {
    let (wire, host, stop) = (host.wire(door), host.clone(), stop.clone());
    match door.service {
        Service::Smtp | Service::Submission | Service::Smtps | Service::Lmtp => {
            let shared = Arc::new(smtp::Shared::new(&host, &wire));
            let serve = move |host, connection| smtp::serve(host, shared.clone(), connection);
            listeners.spawn(accept(listener, wire, host, stop, serve));
        }
        Service::Pop3 | Service::Pop3s => {
            let shared = Arc::new(pop3::Shared::new(&host, &wire));
            let serve = move |host, connection| pop3::serve(host, shared.clone(), connection);
            listeners.spawn(accept(listener, wire, host, stop, serve));
        }
        Service::Imap | Service::Imaps => {
            let shared = Arc::new(imap::Shared::new(&host, &wire));
            let serve = move |host, connection| imap::serve(host, shared.clone(), connection);
            listeners.spawn(accept(listener, wire, host, stop, serve));
        }
    }
}

/// Brings the store in line with what the host was told: quotas, and mailboxes that all users share.
async fn settle(settings: &Settings, store: &dyn Store) -> Result<(), StoreError> {
    let limits = Limits {
        octets: settings.quota,
        ..Limits::default()
    };
    store.limit(None, limits).await?;
    for name in &settings.shared {
        let mailbox = Mailbox::new(SHARED_ACCOUNT, name);
        match store.create(&mailbox, None).await {
            Ok(_) => {
                let all = RightsChange::Replace(Acl::all_rights().without(Right::ADMINISTER));
                store.grant(&mailbox, &Identifier::ANYONE, "anyone", all).await?;
            }
            // It keeps its list.
            Err(StoreError::Exists) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Accepts connections until the program stops, then waits for the sessions to end.
async fn accept<S, F>(listener: TcpListener, wire: Wire, host: Arc<Host>, mut stop: Stop, serve: S)
where
    S: Fn(Arc<Host>, Connection) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let protocol = wire.service.name();
    let places = Arc::new(Semaphore::new(host.settings.sessions));
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
            transport: stream,
            recorder: host
                .recorder(&format!("{protocol} {number}"), Speaker::Server)
                .map(|recorder| Box::new(recorder().with_commands(wire.service.commands()))),
            peer,
            stop: stop.clone(),
            endpoint: wire.tls.clone(),
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

/// How long the DNS is waited for while a client waits for a reply.
const NAME_PATIENCE: Duration = Duration::from_secs(5);

/// How long dialogues may take to end when the program stops.
const PATIENCE: Duration = Duration::from_secs(30);
