//! A POP3 session: a maildrop, opened, read, and at its end updated.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mail_tokio::pop3::{ServerError, Session};
use mail_wire::{Answers, Ask};
use pop3_proto::server::{Config, Credentials, Deletions, Event, Maildrop, Plaintext, Refusal, Security};
use pop3_proto::{Greeting, MessageNumber, Server, Text, UniqueId};
use tokio::net::TcpStream;
use tracing::{info, warn};

use crate::dialogue::{Dialogue, converse};
use crate::host::{Connection, Host, MaildropLock, Settings};
use crate::store::{Mailbox, MessageReader, StoreError, Uid};
use crate::transcript::Tap;

/// What all sessions have in common.
pub struct Shared {
    config: Arc<Config>,
    /// Whether passwords may pass in the clear: where nobody but this machine can listen.
    plaintext: bool,
}

impl Shared {
    pub(crate) fn new(settings: &Settings, address: SocketAddr) -> Self {
        let mut config = Config {
            // Where somebody else may listen, the login is refused below.
            plaintext: Plaintext::Allowed,
            ..Config::default()
        };
        let greeting = format!("{} POP3 server ready", settings.hostname);
        config.greeting = Greeting::new(&greeting).expect("a host's name is plain text");
        config.capabilities.implementation = Some(Text::new("mailhost").expect("plain text"));
        Self {
            config: Arc::new(config),
            plaintext: address.ip().is_loopback(),
        }
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(host: Arc<Host>, connection: Connection) {
    let machine = pop3_proto::Server::new(host.pop3.config.clone(), Security::Plaintext);
    let peer = connection.peer;
    let dialogue = Pop3Dialogue {
        session: Session::new(machine, connection.transport),
        host,
        open: None,
    };
    converse(dialogue, peer, connection.stop).await;
}

struct Pop3Dialogue {
    session: Session<Tap<TcpStream>>,
    host: Arc<Host>,
    open: Option<Open>,
}

/// An open maildrop. Message number `n` is the `n`th uid.
struct Open {
    mailbox: Mailbox,
    uids: Vec<Uid>,
    _lock: MaildropLock,
}

impl Dialogue for Pop3Dialogue {
    type Machine = pop3_proto::Server;

    fn session(&mut self) -> &mut Session<Tap<TcpStream>> {
        &mut self.session
    }

    async fn handle(&mut self, event: Event) -> Result<(), ServerError> {
        match event {
            Event::Login(ask, credentials) => match self.login(&credentials).await {
                Ok(maildrop) => self.session.accept_with(ask, maildrop)?,
                Err(refusal) => self.session.refuse(ask, refusal)?,
            },
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
    async fn login(&mut self, credentials: &Credentials) -> Result<Maildrop, Refusal> {
        let Credentials::User { name, password } = credentials else {
            return Err(Refusal::bad_credentials());
        };
        if !self.host.pop3.plaintext {
            let text = Text::new("passwords in the clear are accepted on loopback addresses only");
            return Err(Refusal::bad_credentials().with_text(text.expect("plain text")));
        }
        let Some(mailbox) = self.host.settings.accounts.login(name.as_str(), password) else {
            tokio::time::sleep(GUESS_DELAY).await;
            return Err(Refusal::bad_credentials());
        };
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

/// What a wrong password costs the one who guesses.
const GUESS_DELAY: Duration = Duration::from_secs(1);
