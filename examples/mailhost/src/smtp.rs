//! An SMTP session: who may send to whom, and where the message goes.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use mail_tokio::smtp::{ServerError, Session};
use rfc5322::{AddrSpec, Atom, Protocol};
use smtp_proto::server::{Acceptance, Config, Event, Hello};
use smtp_proto::{ForwardPath, Refusal, ReplyText, ReversePath, Verb};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::net::TcpStream;
use tracing::{info, warn};

use crate::accounts::Resolved;
use crate::aliases::Nobody;
use crate::delivery::{HeaderWatch, Target, Trace, deliveries};
use crate::dialogue::{Dialogue, converse};
use crate::host::{Connection, Host, Settings};
use crate::store::{Addressee, Spool, StoreError, Terms};
use crate::transcript::Tap;

/// What all sessions have in common.
pub struct Shared {
    config: Arc<Config>,
}

impl Shared {
    pub(crate) fn new(settings: &Settings) -> Self {
        let name = settings.hostname.as_str();
        let mut config = Config::new(name.parse().expect("checked when the host was set up"));
        config.limits.message = settings.max_message_size;
        // People type here, as their textbook shows it: `MAIL FROM: <alice@crepes.fr>`.
        config.leniency.space_after_colon = true;
        Self {
            config: Arc::new(config),
        }
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(host: Arc<Host>, connection: Connection) {
    let machine = smtp_proto::Server::new(host.smtp.config.clone());
    let peer = connection.peer;
    let dialogue = SmtpDialogue {
        session: Session::new(machine, connection.transport),
        host,
        address: peer.ip().to_canonical(),
        hello: None,
        envelope: Envelope::default(),
        received: None,
    };
    converse(dialogue, peer, connection.stop).await;
}

/// One dialogue and its transaction.
struct SmtpDialogue {
    session: Session<Tap<TcpStream>>,
    host: Arc<Host>,
    address: IpAddr,
    hello: Option<Box<Hello>>,
    envelope: Envelope,
    /// The message that has arrived and is not acknowledged yet.
    received: Option<Result<Received, StoreError>>,
}

#[derive(Default)]
struct Envelope {
    reverse_path: Option<AddrSpec>,
    targets: Vec<Target>,
}

/// A message on its way into the store.
struct Received {
    spool: Box<dyn Spool>,
    header: HeaderWatch,
}

impl Dialogue for SmtpDialogue {
    type Machine = smtp_proto::Server;

    fn session(&mut self) -> &mut Session<Tap<TcpStream>> {
        &mut self.session
    }

    async fn handle(&mut self, event: Event) -> Result<(), ServerError> {
        match event {
            Event::Hello(hello) => self.hello = Some(hello),
            Event::Reset => self.envelope = Envelope::default(),
            Event::Mail(ask, mail) => match sender(mail.reverse_path()) {
                Ok(reverse_path) => {
                    self.envelope = Envelope {
                        reverse_path,
                        targets: Vec::new(),
                    };
                    self.session.accept(ask)?;
                }
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::Recipient(ask, rcpt) => match self.targets(rcpt.forward_path()) {
                Ok(targets) => {
                    // Whoever is named twice gets the message once.
                    for target in targets {
                        if !self.envelope.targets.iter().any(|other| other.is_same(&target)) {
                            self.envelope.targets.push(target);
                        }
                    }
                    self.session.accept(ask)?;
                }
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::Data(ask) => {
                self.session.accept(ask)?;
                let spool = self.host.store.spool();
                self.received = receive(self.session.body(), spool).await?;
            }
            Event::Message(ask) => match self.keep().await {
                Ok(acceptance) => self.session.accept_with(ask, acceptance)?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            other => self.session.unhandled(other)?,
        }
        Ok(())
    }
}

impl SmtpDialogue {
    /// Whether, and where, mail for a forward-path goes.
    fn targets(&self, path: &ForwardPath) -> Result<Vec<Target>, Refusal> {
        let accounts = &self.host.settings.accounts;
        let Some(mailbox) = path.mailbox() else {
            return local(accounts.postmaster()).map(|target| vec![target]);
        };
        match accounts.expand(&mailbox.local_part(), mailbox.domain()) {
            Ok(targets) => Ok(targets),
            Err(Nobody::Elsewhere) => self.relayed(mailbox).map(|target| vec![target]),
            Err(Nobody::NoSuchUser) => Err(Refusal::no_such_user()),
            Err(Nobody::TooMany) => Err(Refusal::mail_loop()),
        }
    }

    fn relayed(&self, mailbox: &smtp_proto::Mailbox) -> Result<Target, Refusal> {
        let domain = mailbox.domain().to_ascii_lowercase();
        if !self.host.relays_for(self.address) || !self.host.router.may_reach(&domain) {
            return Err(Refusal::relaying_denied());
        }
        address(mailbox).map(|address| Target::Relay(Addressee::new(&address.to_string())))
    }

    /// Makes the message durable. Only then is it acknowledged.
    async fn keep(&mut self) -> Result<Acceptance, Refusal> {
        let envelope = std::mem::take(&mut self.envelope);
        let received = self.received.take().ok_or_else(Refusal::try_later)?;
        let Received { spool, header } = received.map_err(|error| failed(&error))?;
        let name = self.host.message_name();
        let trace = self.trace(&name, envelope.reverse_path);
        let deliveries = deliveries(&trace, &envelope.targets, &header.finish()).map_err(|found| {
            warn!(%found, "refused a message that goes in circles");
            Refusal::mail_loop()
        })?;
        spool.commit(deliveries).await.map_err(|error| failed(&error))?;
        info!(message = name, recipients = envelope.targets.len(), "accepted");
        Ok(Acceptance::new(ReplyText::lossy(&format!("Ok: queued as {name}"))))
    }

    fn trace(&self, name: &str, reverse_path: Option<AddrSpec>) -> Trace {
        let hello = self.hello.as_ref();
        let extended = hello.is_some_and(|hello| hello.verb == Verb::Ehlo);
        let client = hello.map_or("unknown", |hello| hello.client.as_str());
        Trace {
            client: rfc5322::Host::lossy(client.as_bytes()),
            address: self.address,
            protocol: if extended { Protocol::Esmtp } else { Protocol::Smtp },
            by: self.host.settings.hostname.clone(),
            id: Atom::new(name).expect("a hexadecimal number is an atom"),
            reverse_path,
            terms: Terms::default(),
        }
    }
}

/// Streams the message into a spool. `None`: it is void, and the machine has answered for it.
///
/// When the store fails, the rest is read nevertheless: the client hears why when it has finished.
async fn receive(
    mut body: impl AsyncBufRead + Unpin,
    mut spool: Box<dyn Spool>,
) -> io::Result<Option<Result<Received, StoreError>>> {
    let mut header = HeaderWatch::default();
    let mut failure = None;
    loop {
        let octets = match body.fill_buf().await {
            Ok([]) => break,
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        };
        header.observe(octets);
        if failure.is_none() {
            failure = spool.write(octets).await.err();
        }
        let n = octets.len();
        body.consume(n);
    }
    Ok(Some(match failure {
        None => Ok(Received { spool, header }),
        Some(error) => Err(error),
    }))
}

fn sender(path: &ReversePath) -> Result<Option<AddrSpec>, Refusal> {
    path.mailbox().map(address).transpose()
}

fn local(resolved: Resolved) -> Result<Target, Refusal> {
    match resolved {
        Resolved::Mailbox(mailbox) => Ok(Target::Mailbox(mailbox.into())),
        Resolved::NoSuchUser | Resolved::Elsewhere => Err(Refusal::no_such_user()),
    }
}

/// The address as trace fields write it.
fn address(mailbox: &smtp_proto::Mailbox) -> Result<AddrSpec, Refusal> {
    AddrSpec::parse(mailbox.to_string().as_bytes()).map_err(|_| Refusal::try_later())
}

fn failed(error: &StoreError) -> Refusal {
    warn!(%error, "the store failed");
    match error {
        StoreError::Full => Refusal::storage_full(),
        _ => Refusal::try_later(),
    }
}
