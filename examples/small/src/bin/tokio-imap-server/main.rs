//! Serves files as the INBOX of `bob`, whose password is `hungry`: `tokio-imap-server ADDRESS [--every SECONDS] message.eml…`
//!
//! All sessions share the messages, and with `--every` a new one comes every few seconds: log in twice and idle.

mod answer;
mod chosen;
mod fetch;
mod mailbox;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use imap_proto::server::{Completion, Config, Event, Part, Plaintext, Refusal};
use imap_proto::{Code, Flag, Mailbox, NumberSet, ServerLimits};
use mail_tokio::imap::{Server, ServerError, Session};
use tokio::io::AsyncReadExt;

use crate::answer::answer;
use crate::mailbox::{Inbox, View};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).peekable();
    let usage = "usage: tokio-imap-server ADDRESS [--every SECONDS] message.eml…";
    let address = arguments.next().ok_or(usage)?;
    let inbox = Arc::new(Inbox::default());
    if arguments.next_if_eq("--every").is_some() {
        let seconds = arguments.next().ok_or(usage)?.parse()?;
        tokio::spawn(bell(inbox.clone(), Duration::from_secs(seconds)));
    }
    for file in arguments {
        inbox.add(fs::read(file)?, Vec::new());
    }
    let config = Config {
        // There is no TLS here: passwords go over the wire as they are.
        plaintext: Plaintext::Allowed,
        // APPEND of more is refused before an octet of the message is read.
        limits: ServerLimits {
            message: 1024 * 1024,
            ..ServerLimits::default()
        },
        ..Config::default()
    };
    let server = Server::bind(address, config).await?;
    println!("listening imap {}", server.local_addr()?);
    loop {
        let (session, peer) = server.accept().await?;
        let inbox = inbox.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(session, &inbox).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn bell(inbox: Arc<Inbox>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        inbox.add(
            b"From: clock@localhost\r\nSubject: Ding\r\n\r\nDong.\r\n".to_vec(),
            Vec::new(),
        );
    }
}

async fn serve(mut session: Session, inbox: &Inbox) -> Result<(), ServerError> {
    let mut changes = inbox.changes();
    let mut view: Option<View> = None;
    let mut appended: Vec<(Vec<u8>, Vec<Flag<'static>>)> = Vec::new();
    loop {
        let event = tokio::select! {
            // Dropping `next` loses nothing.
            event = session.next() => event?,
            _ = changes.changed() => {
                let may_renumber = session.machine().is_idling();
                for data in view.iter_mut().flat_map(|view| view.update(inbox, may_renumber)) {
                    session.update(data)?;
                }
                continue;
            }
        };
        match event {
            None => return Ok(()),
            Some(Event::Login(ask, login)) => {
                let is_bob = login.user.as_bytes() == b"bob" && login.password.secret().matches(b"hungry");
                match is_bob {
                    true => session.accept(ask)?,
                    false => session.refuse(ask, Refusal::bad_credentials())?,
                }
            }
            Some(Event::Append(ask, part)) => match *part {
                Part::Message { destination, flags, .. } if destination.mailbox == Mailbox::Inbox => {
                    session.accept(ask)?;
                    let mut octets = Vec::new();
                    session.body().read_to_end(&mut octets).await?;
                    appended.push((octets, flags));
                }
                _ => session.refuse(ask, Refusal::try_create())?,
            },
            Some(Event::Appended(ask)) => {
                let uids = appended.drain(..).map(|(octets, flags)| inbox.add(octets, flags));
                let uids = NumberSet::from_numbers(uids);
                let code = uids.map(|uids| Code::AppendUid {
                    validity: mailbox::UID_VALIDITY,
                    uids,
                });
                session.accept_with(ask, Completion { code, text: None })?;
            }
            Some(Event::AppendAborted) => appended.clear(),
            Some(Event::Command(ask, command)) => match answer(&mut session, &mut view, inbox, &command).await? {
                Ok(completion) => session.accept_with(ask, completion)?,
                Err(refusal) => session.refuse(ask, refusal)?,
            },
            Some(other) => session.unhandled(other)?,
        }
    }
}
