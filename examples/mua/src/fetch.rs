//! `mua fetch`: by POP3, to disk, without losing a message whenever the power goes.
//!
//! The order is what makes it safe. A message is written and flushed, its unique-id is remembered and flushed, and only
//! then is the message marked for deletion, which the server carries out at QUIT (RFC 1939 §6). Whatever breaks off in
//! between leaves the message here, there, or in both places; what is remembered is not downloaded again.

use std::collections::HashMap;
use std::fmt;

use mail_tokio::pop3::{Client, ClientError};
use pop3_proto::MessageNumber;
use serde::Serialize;

use crate::account::Service;
use crate::cli::Fetch;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::harmless;

mod memory;
mod target;

use memory::Memory;
use target::Target;

/// A message that is on disk now.
#[derive(Serialize)]
struct Fetched {
    /// Its unique-id on the server, if that has any.
    unique_id: Option<String>,
    size: u64,
    file: String,
}

/// What it came to.
#[derive(Serialize)]
struct Done {
    fetched: usize,
    /// Those that an earlier run has brought.
    known: usize,
    /// Those that the server has removed.
    deleted: usize,
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} octets)", harmless::line(&self.file), self.size)
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} fetched, {} known, {} deleted on the server",
            self.fetched, self.known, self.deleted
        )
    }
}

pub(crate) async fn run(context: &Context, options: &Fetch) -> Result<(), Failure> {
    let server = context.server(Service::Pop3).await?;
    let at = |failure: Failure| failure.at(format_args!("pop3 {}", server.address));
    let user = context.account.user.as_deref().unwrap_or_default();
    let mut memory = Memory::open(user, &server.address.to_string())?;
    let mut target = Target::open(&options.to, options.format)?;
    let mut pop3 = context.pop3(&server).await?;
    let listed = pop3.list().await.map_err(|error| at(error.into()))?;
    let ids = unique_ids(&mut pop3, options.delete).await.map_err(at)?;
    let mut done = Done {
        fetched: 0,
        known: 0,
        deleted: 0,
    };
    let mut doomed = 0;
    for message in listed {
        let id = ids.get(&message.number).map(String::as_str);
        if id.is_some_and(|id| memory.has(id)) {
            done.known += 1;
        } else {
            let row = fetch(&mut pop3, &mut target, message.number, id).await.map_err(at)?;
            if let Some(id) = id {
                memory.add(id)?;
            }
            context.output.row(&row)?;
            done.fetched += 1;
        }
        if options.delete {
            pop3.delete(message.number).await.map_err(|error| at(error.into()))?;
            doomed += 1;
        }
    }
    // Until here nothing is gone from the server.
    pop3.quit().await.map_err(|error| at(error.into()))?;
    done.deleted = doomed;
    match options.delete {
        true => memory.keep(|_| false)?,
        false => memory.keep(|known| ids.values().any(|id| id == known))?,
    }
    context.output.row(&done)
}

async fn fetch(
    pop3: &mut Client,
    target: &mut Target,
    number: MessageNumber,
    id: Option<&str>,
) -> Result<Fetched, Failure> {
    let mut body = pop3.retrieve(number).await?;
    let (path, size) = target.store(&mut body, id).await?;
    Ok(Fetched {
        unique_id: id.map(str::to_owned),
        size,
        file: path.to_string_lossy().into_owned(),
    })
}

/// By number. A server without UIDL cannot be asked which messages are new, which does no harm to those who delete them.
async fn unique_ids(pop3: &mut Client, deletes: bool) -> Result<HashMap<MessageNumber, String>, Failure> {
    match pop3.unique_ids().await {
        Ok(ids) => Ok(ids
            .into_iter()
            .map(|listing| (listing.number, listing.id.to_string()))
            .collect()),
        Err(ClientError::Session(mail_tokio::Error::Misuse(_)) | ClientError::Refused(_)) if deletes => {
            Ok(HashMap::new())
        }
        Err(ClientError::Session(mail_tokio::Error::Misuse(_)) | ClientError::Refused(_)) => Err(Failure::new(
            Exit::Refused,
            "the server has no UIDL: nobody could tell tomorrow what was fetched today",
        )
        .hint("--delete does not need it")),
        Err(error) => Err(error.into()),
    }
}
