//! APPEND (RFC 9051 §6.3.12): messages that stream in, and are filed together.

use imap_proto::server::{Completion, Execute, Part, PartData, Receive, Refusal};
use imap_proto::{Code, NumberSet};
use mail_tokio::imap::ServerError;
use mail_wire::Ask;
use tokio::io::AsyncBufReadExt;

use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::transfer::into_nowhere;
use super::values::{self, stored_flags, system_time};
use crate::store::{Absent, Delivered, Delivery, Filing, Mailbox, Spool, StoreError};

/// A command whose messages arrive.
pub(super) struct Appending {
    target: Mailbox,
    messages: Vec<(Box<dyn Spool>, Filing)>,
    /// What the store said of one of them, which the client hears when all have come.
    failure: Option<Failure>,
}

impl ImapDialogue {
    /// The next message; it is refused before it is sent, if that is certain.
    pub(super) async fn append_part(&mut self, ask: Ask<Receive>, part: Part) -> Result<(), ServerError> {
        match self.begin_message(part).await {
            Ok(()) => {
                self.session.accept(ask)?;
                self.receive().await
            }
            Err(Failure::Refused(refusal)) => {
                self.append = None;
                Ok(self.session.refuse(ask, refusal)?)
            }
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    async fn begin_message(&mut self, part: Part) -> Result<(), Failure> {
        let Part::Message {
            destination,
            flags,
            date,
            data: PartData::Literal(_) | PartData::Literal8(_) | PartData::Utf8(_),
            ..
        } = part
        else {
            return Err(Refusal::not_supported().into());
        };
        let filing = Filing {
            flags: stored_flags(&flags)?,
            internal_date: date.map(system_time),
            absent: Absent::Refuse,
        };
        if self.append.is_none() {
            let target = self.mailbox(&destination.mailbox)?;
            self.host.store.status(&target).await.map_err(into_nowhere)?;
            self.append = Some(Appending {
                target,
                messages: Vec::new(),
                failure: None,
            });
        }
        let spool = self.host.store.spool();
        if let Some(appending) = &mut self.append {
            appending.messages.push((spool, filing));
        }
        Ok(())
    }

    /// Streams a message into its spool. When the store fails, the rest is read nevertheless.
    async fn receive(&mut self) -> Result<(), ServerError> {
        let Some(appending) = &mut self.append else {
            return Ok(());
        };
        let Some((spool, _)) = appending.messages.last_mut() else {
            return Ok(());
        };
        let mut body = self.session.body();
        loop {
            let octets = match body.fill_buf().await {
                Ok([]) => return Ok(()),
                Ok(octets) => octets,
                // The machine has answered for it.
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            if appending.failure.is_none() {
                appending.failure = spool.write(octets).await.err().map(Failure::from);
            }
            let n = octets.len();
            body.consume(n);
        }
    }

    /// All messages are there.
    pub(super) async fn appended(&mut self, ask: Ask<Execute>) -> Result<(), ServerError> {
        let outcome = self.file().await;
        self.news(imap_mailbox::Release::All).await?;
        self.answer(ask, outcome)
    }

    async fn file(&mut self) -> Outcome {
        let Some(appending) = self.append.take() else {
            return Err(StoreError::Aborted.into());
        };
        if let Some(failure) = appending.failure {
            return Err(failure);
        }
        let mut uids = Vec::new();
        let mut validity = None;
        for (spool, filing) in appending.messages {
            let delivery = Delivery::append(appending.target.clone(), filing);
            let receipt = spool.commit(vec![delivery]).await.map_err(into_nowhere)?;
            if let Some(Delivered::Mailbox(uid_validity, uid)) = receipt.deliveries.first() {
                validity = Some(*uid_validity);
                uids.push(*uid);
            }
        }
        let code = validity.zip(NumberSet::from_numbers(uids));
        Ok(match code {
            Some((validity, uids)) => Completion::with_code(Code::AppendUid {
                validity: values::validity(validity),
                uids,
            }),
            None => Completion::default(),
        })
    }
}
