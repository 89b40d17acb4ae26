//! An IMAP session: who the client is, which mailbox it has selected, and what it has been told of it.
//!
//! - `execute.rs` leads from each command to the file of its family; what a command may refuse is a `Failure`.
//! - `selected.rs` is the mailbox that is selected, `news.rs` what the client is told of it, and when.
//! - `notify.rs` tells of other mailboxes what `watch.rs` says that the client wants to hear.
//! - `search.rs` finds messages, `scope.rs` says which mailboxes a client means who names none.
//! - `access.rs` is what the client may do, `acl.rs`, `quota.rs` and `metadata.rs` what is known beside messages.
//! - `names.rs` leads from the names that clients use to mailboxes of the store, `values.rs` from the store's types to the protocol's.

mod access;
mod acl;
mod append;
mod change;
mod execute;
mod failure;
mod fetch;
mod fetch_reader;
mod keywords;
mod list;
mod login;
mod mailboxes;
mod metadata;
mod names;
mod news;
mod notify;
mod quota;
mod scope;
mod search;
mod select;
mod selected;
mod shared;
mod signed_url;
mod transfer;
mod url;
mod url_fetch;
mod urlauth;
mod values;
mod watch;

use std::sync::Arc;

use imap_proto::Server;
use imap_proto::server::{Event, Security};
use mail_tokio::imap::{ServerError, Session};
use tokio::sync::broadcast;
use tracing::debug;

use self::append::Appending;
pub(crate) use self::names::SHARED_ACCOUNT;
use self::selected::Selected;
pub(crate) use self::shared::Shared;
use self::watch::Watch;
use crate::admission::Admitted;
use crate::authentication::Exchange;
use crate::host::{Connection, Host, Stop};
use crate::store::{Change, Mailbox};

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
    let mut dialogue = ImapDialogue {
        session,
        host,
        exchange: None,
        user: None,
        selected: None,
        append: None,
        changes: None,
        watch: None,
        hears_annotations: false,
        _place: place,
    };
    match dialogue.converse(stop).await {
        Ok(()) => debug!(%peer, "ended"),
        Err(error) => debug!(%peer, %error, "broken off"),
    }
}

/// One dialogue.
struct ImapDialogue {
    session: Session,
    host: Arc<Host>,
    /// An AUTHENTICATE exchange that waits for the client.
    exchange: Option<Exchange>,
    /// The INBOX of who has logged in.
    user: Option<Mailbox>,
    selected: Option<Selected>,
    /// An APPEND or REPLACE whose messages arrive.
    append: Option<Appending>,
    /// What changes in the store, while the client is to hear of it at once.
    changes: Option<broadcast::Receiver<Change>>,
    /// What the client asked to hear of; `None` before it did.
    watch: Option<Watch>,
    /// The client has enabled METADATA: it hears of annotations that others change (RFC 5464 §4.4).
    hears_annotations: bool,
    _place: Option<Admitted>,
}

/// What a session waits for.
enum Next {
    Event(Option<Event>),
    Change(Result<Change, broadcast::error::RecvError>),
    Stop,
}

impl ImapDialogue {
    /// Carries the dialogue on to its end; when the program wants to stop, to its next end of a command.
    async fn converse(&mut self, mut stop: Stop) -> Result<(), ServerError> {
        let mut stopping = false;
        loop {
            // Whichever is not waited for any more has lost nothing.
            let next = tokio::select! {
                event = self.session.next() => Next::Event(event?),
                change = heard(&mut self.changes) => Next::Change(change),
                () = stop.requested(), if !stopping => Next::Stop,
            };
            match next {
                Next::Event(Some(event)) => self.handle(event).await?,
                Next::Event(None) => return Ok(()),
                Next::Change(change) => self.hear(change).await?,
                Next::Stop => {
                    stopping = true;
                    self.session.shutdown();
                }
            }
        }
    }

    async fn handle(&mut self, event: Event) -> Result<(), ServerError> {
        match event {
            Event::Login(ask, login) => self.login(ask, &login).await,
            Event::Authenticate(ask, authenticate) => self.authenticate(ask, *authenticate).await,
            Event::SaslResponse(ask, response) => self.sasl_response(ask, response).await,
            Event::SaslCancelled => {
                self.exchange = None;
                Ok(())
            }
            Event::Command(ask, command) => self.obey(ask, &command).await,
            Event::Append(ask, part) => self.append_part(ask, *part).await,
            Event::Appended(ask) => self.appended(ask).await,
            Event::AppendAborted => {
                self.append = None;
                Ok(())
            }
            Event::Unauthenticated => {
                (self.user, self.selected, self.changes) = (None, None, None);
                (self.watch, self.hears_annotations) = (None, false);
                Ok(())
            }
            Event::Enabled(enabled) => {
                if enabled.iter().any(|capability| capability.is("METADATA")) {
                    self.hears_annotations = true;
                    self.changes.get_or_insert_with(|| self.host.store.changes());
                }
                Ok(())
            }
            Event::IdleBegan => self.begin_listening().await,
            Event::IdleEnded => {
                if self.watch.is_none() && !self.hears_annotations {
                    self.changes = None;
                }
                Ok(())
            }
            other => Ok(self.session.unhandled(other)?),
        }
    }
}

/// The next change, if anyone listens.
async fn heard(changes: &mut Option<broadcast::Receiver<Change>>) -> Result<Change, broadcast::error::RecvError> {
    match changes {
        Some(changes) => changes.recv().await,
        None => std::future::pending().await,
    }
}
