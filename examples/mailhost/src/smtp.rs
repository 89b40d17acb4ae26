//! An SMTP or LMTP session: who may send to whom, and where the message goes.

mod receiving;
mod reporting;
mod shared;
mod terms;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use mail_tokio::sasl_channel;
use mail_tokio::smtp::{ServerError, Session};
use mail_wire::Ask;
use rfc5322::{AddrSpec, Atom, Protocol};
use smtp_proto::phase::Security;
use smtp_proto::server::{Acceptance, Event, Hello, Sasl, SaslStep};
use smtp_proto::{Auth, ForwardPath, MailFrom, RcptTo, Refusal, ReplyText, ReversePath, Verb};
use tokio::task::JoinHandle;
use tracing::{debug, info, warn};

use self::receiving::{Received, receive};
use self::reporting::{Wish, report};
pub(crate) use self::shared::Shared;
use crate::accounts::Resolved;
use crate::admission::{Admitted, Unit};
use crate::aliases::Nobody;
use crate::authentication::{Exchange, Progress};
use crate::delivery::{Target, Trace, deliveries, now};
use crate::dialogue::{Dialogue, converse};
use crate::host::{Connection, Host};
use crate::service::Service;
use crate::store::{Mailbox, Notify, StoreError, Terms, Usage};
use crate::submission::{Completion, HeaderEditor};

/// Serves one connection to its end.
pub(crate) async fn serve(host: Arc<Host>, shared: Arc<Shared>, connection: Connection) {
    let (peer, stop) = (connection.peer, connection.stop.clone());
    let address = peer.ip().to_canonical();
    let (place, turned_away) = match host.admit(shared.service, address).await {
        Ok(place) => (place, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let session = match connection.session(shared.machine(turned_away), shared.service) {
        Ok(session) => session,
        Err(error) => return debug!(%peer, %error, "no session"),
    };
    let dialogue = SmtpDialogue {
        session,
        peer: Peer {
            address,
            name: host.name_of(address).map_or(PeerName::Known(None), PeerName::Asked),
            _place: place,
        },
        host,
        service: shared.service,
        hello: None,
        exchange: None,
        user: None,
        envelope: Envelope::default(),
        received: None,
        kept: None,
    };
    converse(dialogue, peer, stop).await;
}

/// One dialogue and its transaction.
struct SmtpDialogue {
    session: Session,
    host: Arc<Host>,
    service: Service,
    peer: Peer,
    hello: Option<Box<Hello>>,
    /// An AUTH exchange that waits for the client.
    exchange: Option<Exchange>,
    /// Who has logged in.
    user: Option<Mailbox>,
    envelope: Envelope,
    /// The message that has arrived and is not acknowledged yet.
    received: Option<Result<Received, Refusal>>,
    /// LMTP: what became of the message, which is told once for each recipient.
    kept: Option<Result<Acceptance, Refusal>>,
}

/// Who has connected.
struct Peer {
    address: IpAddr,
    name: PeerName,
    _place: Option<Admitted>,
}

/// The name that the DNS has for a peer's address.
enum PeerName {
    Asked(JoinHandle<Option<rfc5322::Host>>),
    Known(Option<rfc5322::Host>),
}

#[derive(Default)]
struct Envelope {
    reverse_path: Option<AddrSpec>,
    terms: Terms,
    /// Octets of the message, as far as they were announced.
    size: Option<u64>,
    targets: Vec<Target>,
    /// What is to be reported when it has arrived here.
    wishes: Vec<Wish>,
}

impl Dialogue for SmtpDialogue {
    type Machine = smtp_proto::Server;

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    async fn handle(&mut self, event: Event) -> Result<(), ServerError> {
        match event {
            Event::Hello(hello) => {
                // Behind STARTTLS nothing counts that was said before (RFC 3207 §4.2).
                self.user = self.user.take().filter(|_| self.is_authenticated());
                self.hello = Some(hello);
            }
            Event::Authenticate(ask, auth) => self.authenticate(ask, *auth).await?,
            Event::SaslResponse(ask, response) => match self.exchange.take() {
                Some(exchange) => {
                    let progress = exchange.step(&self.host, response).await;
                    self.advance(ask, progress)?;
                }
                None => self.session.refuse(ask, Refusal::authentication_unavailable())?,
            },
            Event::SaslCancelled => self.exchange = None,
            Event::Reset => self.envelope = Envelope::default(),
            Event::Mail(ask, mail) => match self.begin(&mail).await {
                Ok(envelope) => {
                    self.envelope = envelope;
                    self.kept = None;
                    self.session.accept(ask)?;
                }
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::Recipient(ask, rcpt) => match self.admit(&rcpt).await {
                Ok(targets) => {
                    self.envelope.add(targets, &rcpt);
                    self.session.accept(ask)?;
                }
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::Data(ask) => {
                self.session.accept(ask)?;
                let spool = self.host.store.spool();
                let editor = self.editor();
                self.received = receive(self.session.body(), spool, editor).await?;
            }
            Event::Message(ask) => match self.keep().await {
                Ok(acceptance) => self.session.accept_with(ask, acceptance)?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::MessageFor(ask, _) => {
                // All recipients are in one transaction of the store, so that one answer is right for each.
                if self.kept.is_none() {
                    self.kept = Some(self.keep().await);
                }
                match self.kept.clone().unwrap_or_else(|| Err(Refusal::try_later())) {
                    Ok(acceptance) => self.session.accept_with(ask, acceptance)?,
                    Err(refusal) => self.session.refuse(ask, refusal)?,
                }
            }
            other => self.session.unhandled(other)?,
        }
        Ok(())
    }
}

impl SmtpDialogue {
    fn is_authenticated(&self) -> bool {
        self.session.machine().standing().identity == smtp_proto::phase::Identity::Authenticated
    }

    async fn authenticate(&mut self, ask: Ask<Sasl>, auth: Auth) -> Result<(), ServerError> {
        let channel = sasl_channel(self.session.tls());
        let progress = Exchange::begin(&self.host, &auth.mechanism, &channel, auth.initial_response).await;
        self.advance(ask, progress)
    }

    fn advance(&mut self, ask: Ask<Sasl>, progress: Progress) -> Result<(), ServerError> {
        match progress {
            Progress::Challenge(exchange, challenge) => {
                self.exchange = Some(exchange);
                self.session.accept_with(ask, SaslStep::Challenge(challenge))?;
            }
            Progress::Done(user) => {
                self.user = Some(user);
                self.session.accept_with(ask, SaslStep::Success)?;
            }
            Progress::Failed(failure) => {
                let refusal = match failure {
                    failure if failure.is_temporary() => Refusal::authentication_unavailable(),
                    failure if failure.is_malformed() => malformed(),
                    _ => Refusal::bad_credentials(),
                };
                self.session.refuse(ask, refusal)?;
            }
        }
        Ok(())
    }

    /// Whether a message may come from here.
    async fn begin(&mut self, mail: &MailFrom) -> Result<Envelope, Refusal> {
        self.host.rate(&self.sender(), self.peer.address, Unit::Message)?;
        if let Some(mailbox) = mail.reverse_path().mailbox()
            && self.service == Service::Smtp
            && !self.host.relays_for(self.peer.address)
            && self.host.takes_no_mail(mailbox.domain()).await
        {
            return Err(Refusal::sender_null_mx());
        }
        Ok(Envelope {
            reverse_path: sender(mail.reverse_path())?,
            terms: terms::terms(mail, SystemTime::now())?,
            size: mail.size(),
            ..Envelope::default()
        })
    }

    /// Whether, and where, mail for a recipient goes.
    async fn admit(&mut self, rcpt: &RcptTo) -> Result<Vec<Target>, Refusal> {
        self.host.rate(&self.sender(), self.peer.address, Unit::Recipient)?;
        let targets = self.targets(rcpt)?;
        if self.service == Service::Smtp {
            let reverse_path = self.envelope.reverse_path.as_ref().map(ToString::to_string);
            let recipient = rcpt.forward_path().to_string();
            let reverse_path = reverse_path.unwrap_or_default();
            self.host.greylist(self.peer.address, &reverse_path, &recipient)?;
        }
        for mailbox in targets.iter().filter_map(Target::mailbox) {
            self.has_room(mailbox).await?;
        }
        Ok(targets)
    }

    /// Whether a mailbox takes another message; it may be a while until it does. One that announces no size goes over the limit
    /// by what is more than it, once.
    async fn has_room(&mut self, mailbox: &Mailbox) -> Result<(), Refusal> {
        if !self.host.store.has_quotas() {
            return Ok(());
        }
        let more = Usage::messages(1, self.envelope.size.unwrap_or(1));
        match self.host.store.quota(mailbox.account()).await {
            Ok(quota) if !quota.has_room(more) => Err(mailbox_full()),
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    fn targets(&self, rcpt: &RcptTo) -> Result<Vec<Target>, Refusal> {
        let accounts = &self.host.settings.accounts;
        let path: &ForwardPath = rcpt.forward_path();
        let Some(mailbox) = path.mailbox() else {
            return local(accounts.postmaster()).map(|target| vec![target]);
        };
        match accounts.expand(&mailbox.local_part(), mailbox.domain()) {
            Ok(targets) => Ok(targets),
            Err(Nobody::Elsewhere) => self.relayed(mailbox, rcpt).map(|target| vec![target]),
            Err(Nobody::NoSuchUser) => Err(Refusal::no_such_user()),
            Err(Nobody::TooMany) => Err(Refusal::mail_loop()),
        }
    }

    fn relayed(&self, mailbox: &smtp_proto::Mailbox, rcpt: &RcptTo) -> Result<Target, Refusal> {
        let domain = mailbox.domain().to_ascii_lowercase();
        let may_relay = match self.service {
            Service::Lmtp => false,
            _ => self.user.is_some() || self.host.relays_for(self.peer.address),
        };
        if !may_relay || !self.host.router.may_reach(&domain) {
            return Err(Refusal::relaying_denied());
        }
        let address = address(mailbox)?.to_string();
        Ok(Target::Relay(terms::addressee(&address, rcpt)))
    }

    /// Who sends, as limits count it.
    fn sender(&self) -> String {
        match &self.user {
            Some(user) => user.account().to_owned(),
            None => self.peer.address.to_string(),
        }
    }

    /// What is done to the header of a message that a user submits (RFC 6409 §8).
    fn editor(&self) -> Option<HeaderEditor> {
        if !self.service.is_submission() {
            return None;
        }
        let hostname = self.host.settings.hostname.as_str();
        let name = self.host.message_name();
        let account = self
            .user
            .as_ref()
            .and_then(|user| AddrSpec::parse(user.account().as_bytes()).ok());
        Some(HeaderEditor::new(Completion {
            date: now(),
            message_id: rfc5322::MsgId::new(&name, hostname).ok()?,
            from: self.envelope.reverse_path.clone().or(account),
        }))
    }

    /// Makes the message durable. Only then is it acknowledged.
    async fn keep(&mut self) -> Result<Acceptance, Refusal> {
        let envelope = std::mem::take(&mut self.envelope);
        let Received { spool, header } = self.received.take().unwrap_or_else(|| Err(Refusal::try_later()))?;
        let name = self.host.message_name();
        let trace = self.trace(&name, envelope.reverse_path, envelope.terms).await;
        let recipients = envelope.targets.len();
        let deliveries = deliveries(&trace, &envelope.targets, &header.finish()).map_err(|found| {
            warn!(%found, "refused a message that goes in circles");
            Refusal::mail_loop()
        })?;
        let receipt = spool.commit(deliveries).await.map_err(|error| failed(&error))?;
        info!(message = name, recipients, "accepted");
        if !envelope.wishes.is_empty() {
            let mailboxes: Vec<Mailbox> = envelope.targets.iter().filter_map(Target::mailbox).cloned().collect();
            let reverse_path = trace.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default();
            report(
                &self.host,
                &reverse_path,
                &trace.terms,
                envelope.wishes,
                &mailboxes,
                &receipt,
            )
            .await;
        }
        Ok(Acceptance::new(ReplyText::lossy(&format!("Ok: queued as {name}"))))
    }

    async fn trace(&mut self, name: &str, reverse_path: Option<AddrSpec>, terms: Terms) -> Trace {
        let client = self.hello.as_ref().map_or("unknown", |hello| hello.client.as_str());
        Trace {
            client: rfc5322::Host::lossy(client.as_bytes()),
            name: self.peer.name().await,
            address: self.peer.address,
            protocol: self.protocol(terms.smtp_utf8),
            by: self.host.settings.hostname.clone(),
            id: Atom::new(name).expect("a hexadecimal number is an atom"),
            reverse_path,
            terms,
        }
    }

    /// How the message came, in the words of trace fields (RFC 3848, RFC 6531 §4.3).
    fn protocol(&self, utf8: bool) -> Protocol {
        let standing = self.session.machine().standing();
        let tls = standing.security == Security::Secured;
        let verb = self.hello.as_ref().map_or(Verb::Helo, |hello| hello.verb);
        match (verb, utf8, tls, self.user.is_some()) {
            (Verb::Lhlo, true, ..) => Protocol::Utf8Lmtp,
            (Verb::Lhlo, false, false, _) => Protocol::Lmtp,
            (Verb::Lhlo, false, true, _) => Protocol::Lmtps,
            (Verb::Ehlo, true, true, true) => Protocol::Utf8Smtpsa,
            (Verb::Ehlo, true, true, false) => Protocol::Utf8Smtps,
            (Verb::Ehlo, true, false, true) => Protocol::Utf8Smtpa,
            (Verb::Ehlo, true, false, false) => Protocol::Utf8Smtp,
            (Verb::Ehlo, false, true, true) => Protocol::Esmtpsa,
            (Verb::Ehlo, false, true, false) => Protocol::Esmtps,
            (Verb::Ehlo, false, false, true) => Protocol::Esmtpa,
            (Verb::Ehlo, false, false, false) => Protocol::Esmtp,
            _ => Protocol::Smtp,
        }
    }
}

impl Envelope {
    /// Whoever is named twice gets the message once. An alias speaks once of success, for its first mailbox here or else for
    /// its first address elsewhere; what else is asked goes on to all of them (RFC 3461 §5.2.7).
    fn add(&mut self, targets: Vec<Target>, rcpt: &RcptTo) {
        let here = targets.iter().find_map(Target::mailbox);
        if let (Some(mailbox), Some(path)) = (here, rcpt.forward_path().mailbox()) {
            let addressee = terms::addressee(&path.to_string(), rcpt);
            self.wishes.extend(Wish::of(mailbox, addressee));
        }
        let mut is_spoken_for = here.is_some();
        for mut target in targets {
            if let Target::Relay(to) = &mut target {
                *to = terms::addressee(&to.forward_path, rcpt);
                if std::mem::replace(&mut is_spoken_for, true) {
                    to.notify = to.notify.map(|notify| notify.without(Notify::SUCCESS));
                }
            }
            if !self.targets.iter().any(|other| other.is_same(&target)) {
                self.targets.push(target);
            }
        }
    }
}

impl Peer {
    /// The name that the DNS has for the address, if there is one.
    async fn name(&mut self) -> Option<rfc5322::Host> {
        if let PeerName::Asked(task) = &mut self.name {
            self.name = PeerName::Known(task.await.ok().flatten());
        }
        match &self.name {
            PeerName::Known(name) => name.clone(),
            PeerName::Asked(_) => None,
        }
    }
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
    AddrSpec::parse_utf8(&mailbox.to_string()).map_err(|_| Refusal::try_later())
}

/// RFC 3463 §3.3
fn mailbox_full() -> Refusal {
    Refusal::new(452, "4.2.2", "The mailbox is full").expect("a refusal")
}

/// RFC 4954 §4
fn malformed() -> Refusal {
    Refusal::new(501, "5.5.2", "Malformed authentication response").expect("a refusal")
}

fn failed(error: &StoreError) -> Refusal {
    warn!(%error, "the store failed");
    match error {
        StoreError::Full => Refusal::storage_full(),
        StoreError::OverQuota => mailbox_full(),
        _ => Refusal::try_later(),
    }
}
