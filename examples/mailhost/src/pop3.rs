//! A POP3 session: a maildrop, opened, read, and at its end updated.

use std::io;
use std::sync::Arc;

use mail_tokio::pop3::{ServerError, Session};
use mail_tokio::sasl_channel;
use mail_wire::{Answers, Ask};
use pop3_proto::server::{
    Config, Credentials, Deletions, Event, Maildrop, Plaintext, Refusal, Sasl, SaslStep, Security, Stls,
};
use pop3_proto::{Authenticate, Greeting, MessageNumber, Server, Text, UniqueId, Utf8};
use tracing::{info, warn};

use crate::admission::Admitted;
use crate::authentication::{Exchange, GUESS_DELAY, Progress};
use crate::dialogue::{Dialogue, converse};
use crate::explain;
use crate::host::{Connection, Host, MaildropLock, Wire};
use crate::service::Service;
use crate::store::{Mailbox, MessageReader, StoreError, Uid};

/// What all sessions of a door have in common.
pub(crate) struct Shared {
    config: Arc<Config>,
    service: Service,
}

impl Shared {
    pub(crate) fn new(host: &Host, wire: &Wire) -> Self {
        let mut config = Config::default();
        let greeting = format!("{} POP3 server ready", host.settings.hostname);
        config.greeting = Greeting::new(&greeting).expect("a host's name is plain text");
        config.capabilities.implementation = Some(Text::new("mailhost").expect("plain text"));
        config.mechanisms.secured = host.authentication.under_tls();
        config.utf8 = Some(Utf8::Messages);
        config.explain = host.settings.explain.then_some(explain::pop3);
        if wire.tls.is_some() {
            config.stls = Stls::Offered;
        }
        if wire.trusted {
            config.plaintext = Plaintext::Allowed;
            config.mechanisms.plaintext = host.authentication.in_plaintext();
        }
        Self {
            config: Arc::new(config),
            service: wire.service,
        }
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(host: Arc<Host>, shared: Arc<Shared>, connection: Connection) {
    let (peer, stop) = (connection.peer, connection.stop.clone());
    let security = match shared.service.begins_with_tls() {
        true => Security::Secured,
        false => Security::Plaintext,
    };
    let machine = Server::new(shared.config.clone(), security);
    let Some((session, place)) = host.let_in(connection, machine, shared.service).await else {
        return;
    };
    let dialogue = Pop3Dialogue {
        session,
        host,
        exchange: None,
        open: None,
        _place: place,
    };
    converse(dialogue, peer, stop).await;
}

struct Pop3Dialogue {
    session: Session,
    host: Arc<Host>,
    /// An AUTH exchange that waits for the client.
    exchange: Option<Exchange>,
    open: Option<Open>,
    _place: Option<Admitted>,
}

/// An open maildrop. Message number `n` is the `n`th uid.
struct Open {
    mailbox: Mailbox,
    uids: Vec<Uid>,
    _lock: MaildropLock,
}

impl Dialogue for Pop3Dialogue {
    type Machine = pop3_proto::Server;

    fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    async fn handle(&mut self, event: Event) -> Result<(), ServerError> {
        match event {
            Event::Login(ask, credentials) => match self.login(&credentials).await {
                Ok(maildrop) => self.session.accept_with(ask, maildrop)?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Event::Authenticate(ask, auth) => {
                let channel = sasl_channel(self.session.tls());
                let Authenticate {
                    mechanism,
                    initial_response,
                    ..
                } = *auth;
                let progress = Exchange::begin(&self.host, &mechanism, &channel, initial_response).await;
                self.advance(ask, progress).await?;
            }
            Event::SaslResponse(ask, response) => match self.exchange.take() {
                Some(exchange) => {
                    let progress = exchange.step(&self.host, response).await;
                    self.advance(ask, progress).await?;
                }
                None => self.session.refuse(ask, Refusal::temporary())?,
            },
            Event::SaslCancelled => self.exchange = None,
            Event::Retrieve(ask, number) => self.answer(ask, number).await?,
            Event::Top(ask, number, _) => self.answer(ask, number).await?,
            Event::Update(ask, deletions) => match self.update(&deletions).await {
                Ok(()) => self.session.accept(ask)?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            other => self.session.unhandled(other)?,
        }
        Ok(())
    }
}

impl Pop3Dialogue {
    async fn advance(&mut self, ask: Ask<Sasl>, progress: Progress) -> Result<(), ServerError> {
        match progress {
            Progress::Challenge(exchange, challenge) => {
                self.exchange = Some(exchange);
                self.session.accept_with(ask, SaslStep::Challenge(challenge))?;
            }
            Progress::Done(mailbox) => match self.open(mailbox).await {
                Ok(maildrop) => self.session.accept_with(ask, SaslStep::Success(maildrop))?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
            Progress::Failed(failure) if failure.is_temporary() => self.session.refuse(ask, Refusal::temporary())?,
            Progress::Failed(_) => self.session.refuse(ask, Refusal::bad_credentials())?,
        }
        Ok(())
    }

    async fn login(&mut self, credentials: &Credentials) -> Result<Maildrop, Refusal> {
        let Credentials::User { name, password } = credentials else {
            return Err(Refusal::bad_credentials());
        };
        let Some(mailbox) = self.host.settings.accounts.login(name.as_str(), password) else {
            tokio::time::sleep(GUESS_DELAY).await;
            return Err(Refusal::bad_credentials());
        };
        self.open(mailbox).await
    }

    /// Opens the maildrop of somebody who has proved to be its owner.
    async fn open(&mut self, mailbox: Mailbox) -> Result<Maildrop, Refusal> {
        let lock = self.host.lock_maildrop(&mailbox).ok_or_else(Refusal::maildrop_busy)?;
        let listing = self.host.store.list(&mailbox).await.map_err(|error| failed(&error))?;
        let mut maildrop = Maildrop::new();
        for entry in &listing.entries {
            let id = UniqueId::new(&listing.unique_id(entry.uid)).expect("digits and a dot");
            maildrop.push(entry.size, &id);
        }
        info!(
            account = mailbox.account(),
            messages = listing.entries.len(),
            "maildrop opened"
        );
        self.open = Some(Open {
            mailbox,
            uids: listing.entries.iter().map(|entry| entry.uid).collect(),
            _lock: lock,
        });
        Ok(maildrop)
    }

    /// Sends a message to a RETR or TOP.
    async fn answer<Q>(&mut self, ask: Ask<Q>, number: MessageNumber) -> Result<(), ServerError>
    where
        Server: Answers<Q, Yes = (), No = Refusal>,
    {
        match self.message(number).await {
            Ok(message) => {
                self.session.accept(ask)?;
                self.send(message).await
            }
            Err(refusal) => Ok(self.session.refuse(ask, refusal)?),
        }
    }

    async fn message(&self, number: MessageNumber) -> Result<Box<dyn MessageReader>, Refusal> {
        let open = self.open.as_ref().ok_or_else(Refusal::no_such_message)?;
        let uid = *open.uids.get(number.index()).ok_or_else(Refusal::no_such_message)?;
        self.host
            .store
            .open(&open.mailbox, uid)
            .await
            .map_err(|error| failed(&error))
    }

    /// Streams a message. If the store fails half-way, the connection is broken off: the client must not take the half
    /// for the whole.
    async fn send(&mut self, mut message: Box<dyn MessageReader>) -> Result<(), ServerError> {
        self.session.begin_body(Some(message.size()))?;
        while self.session.machine().wants_body() {
            match message.next_chunk().await.map_err(io::Error::other)? {
                Some(chunk) => self.session.write_body(&chunk).await?,
                None => break,
            }
        }
        self.session.finish_body().await
    }

    async fn update(&mut self, deletions: &Deletions) -> Result<(), Refusal> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let uids: Vec<Uid> = deletions
            .iter()
            .filter_map(|number| open.uids.get(number.index()).copied())
            .collect();
        if !uids.is_empty() {
            let removed = self.host.store.expunge(&open.mailbox, &uids).await;
            removed.map_err(|error| {
                warn!(%error, "could not remove messages");
                Refusal::not_removed()
            })?;
        }
        Ok(())
    }
}

fn failed(error: &StoreError) -> Refusal {
    warn!(%error, "the store failed");
    match error {
        StoreError::NotFound => Refusal::no_such_message(),
        StoreError::Damaged { .. } => Refusal::permanent(),
        _ => Refusal::temporary(),
    }
}
