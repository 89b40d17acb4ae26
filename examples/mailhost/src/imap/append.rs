//! APPEND and REPLACE (RFC 9051 §6.3.12, RFC 3502, RFC 4469, RFC 8508): messages that stream in, or are put together, and are
//! filed as one change.

use imap_mailbox::Release;
use imap_mailbox::message::SummaryBuilder;
use imap_proto::server::{Completion, Destination, Execute, Part, PartData, Receive, Refusal};
use imap_proto::{
    AString, AppendExtension, Code, DateTime, Flag, IntoBoundedStatic as _, Right, Rights, SequenceRange, SequenceSet,
};
use mail_tokio::imap::ServerError;
use mail_wire::Ask;
use tokio::io::AsyncBufReadExt;

use super::ImapDialogue;
use super::access::permitted_flags;
use super::execute::Outcome;
use super::failure::Failure;
use super::select::untagged;
use super::transfer::into_nowhere;
use super::values::{stored_flags, system_time, validity};
use crate::store::{Content, Filing, Keyword, Mailbox, Spool, StoreError, Uid, Usage};

/// A command whose messages arrive.
pub(super) struct Appending {
    target: Mailbox,
    /// What the client calls it.
    said: imap_proto::Mailbox<'static>,
    /// What the user may do there.
    rights: Rights,
    /// REPLACE: what goes.
    replaced: Option<(Mailbox, Uid)>,
    /// Those that are complete.
    messages: Vec<(Content, Filing)>,
    current: Option<Incoming>,
    /// Those of all messages.
    keywords: Vec<Keyword>,
    /// What was wrong with one of them, which the client hears when all have come.
    failure: Option<Failure>,
    /// Octets that all of them may have together.
    room: u64,
}

/// The message that arrives.
struct Incoming {
    spool: Box<dyn Spool>,
    filing: Filing,
    summary: SummaryBuilder,
    octets: u64,
}

impl ImapDialogue {
    /// The next part. It is refused before it is sent, if that is certain.
    pub(super) async fn append_part(&mut self, ask: Ask<Receive>, part: Part) -> Result<(), ServerError> {
        let streams = match &part {
            Part::Message { data, .. } => !matches!(data, PartData::Catenate),
            Part::Text(_) => true,
            _ => false,
        };
        match self.begin_part(part).await {
            Ok(()) => {
                self.session.accept(ask)?;
                if streams { self.receive().await } else { Ok(()) }
            }
            Err(Failure::Refused(refusal)) => {
                self.append = None;
                Ok(self.session.refuse(ask, refusal)?)
            }
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    async fn begin_part(&mut self, part: Part) -> Result<(), Failure> {
        match part {
            Part::Message {
                destination,
                flags,
                date,
                extensions,
                data,
            } => {
                if self.append.is_none() {
                    self.append = Some(self.begin_append(&destination).await?);
                }
                if let PartData::Literal(octets) | PartData::Literal8(octets) | PartData::Utf8(octets) = data {
                    self.has_room(octets).await?;
                }
                self.begin_message(&flags, date, &extensions, &data).await
            }
            Part::Url(url) => self.catenate(&url).await,
            Part::Text(_) => Ok(()),
            _ => Err(Refusal::not_supported().into()),
        }
    }

    /// Refuses a message for which there is no room before it is sent. What the store says in the end counts.
    async fn has_room(&mut self, octets: u64) -> Result<(), Failure> {
        let store = self.host.store.clone();
        let appending = self.append.as_ref().ok_or(StoreError::Aborted)?;
        // What is replaced makes room.
        if appending.replaced.is_some() || !store.has_quotas() {
            return Ok(());
        }
        let quota = store.quota(appending.target.account()).await?;
        match quota.has_room(Usage::messages(1, octets)) {
            true => Ok(()),
            false => Err(StoreError::OverQuota.into()),
        }
    }

    async fn begin_append(&mut self, destination: &Destination) -> Result<Appending, Failure> {
        let (target, rights) = self.target(&destination.mailbox).await?;
        let mut replaced = None;
        if let Some((numbering, number)) = destination.replaces {
            let selected = self.selected()?;
            let range = SequenceRange {
                first: number,
                last: number,
            };
            let uids = selected.resolve(numbering, &SequenceSet::Ranges(range.into()))?;
            let mailbox = selected.mailbox.clone();
            self.may(&[Right::DELETE_MESSAGES, Right::EXPUNGE]).await?;
            let uid = uids
                .last()
                .ok_or_else(|| Failure::no("no such message", Code::NonExistent))?;
            replaced = Some((mailbox, uid));
        }
        Ok(Appending {
            target,
            said: destination.mailbox.clone().into_static(),
            rights,
            replaced,
            messages: Vec::new(),
            current: None,
            keywords: Vec::new(),
            failure: None,
            room: self.host.settings.max_message_size,
        })
    }

    async fn begin_message(
        &mut self,
        flags: &[Flag<'_>],
        date: Option<DateTime>,
        extensions: &[AppendExtension<'_>],
        data: &PartData,
    ) -> Result<(), Failure> {
        if !extensions.is_empty() || matches!(data, PartData::Extension(_)) {
            return Err(Failure::bad("no such extension of APPEND"));
        }
        let spool = self.host.store.spool();
        let appending = self.append.as_ref().ok_or(StoreError::Aborted)?;
        let flags = permitted_flags(&stored_flags(flags)?, appending.rights);
        let mut keywords = appending.keywords.clone();
        let new = flags
            .keywords()
            .iter()
            .filter(|keyword| !appending.keywords.contains(keyword));
        keywords.extend(new.cloned());
        let target = appending.target.clone();
        self.has_keyword_room(&target, &keywords).await?;
        let appending = self.append.as_mut().ok_or(StoreError::Aborted)?;
        appending.keywords = keywords;
        let filing = Filing {
            flags,
            internal_date: date.map(system_time),
            zone: date.map_or(0, DateTime::zone),
        };
        appending.finish_message().await;
        appending.current = Some(Incoming {
            spool,
            filing,
            summary: SummaryBuilder::new(),
            octets: 0,
        });
        Ok(())
    }

    /// Streams a message, or a text of one, into its spool. When that fails, the rest is read nevertheless.
    async fn receive(&mut self) -> Result<(), ServerError> {
        let Some(appending) = &mut self.append else {
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
            appending.take(octets).await;
            let n = octets.len();
            body.consume(n);
        }
    }

    /// Adds what a URL refers to (RFC 4469 §3).
    async fn catenate(&mut self, url: &AString<'_>) -> Result<(), Failure> {
        let Some((mut source, mut reader)) = self.open_url(&url.to_text()).await? else {
            let code = imap_proto::CodeText::new(url.to_text().into_owned());
            let refusal = Refusal::fixed("nothing is to be had there");
            return Err(match code {
                Ok(url) => refusal.with_code(Code::BadUrl(url)),
                Err(_) => refusal,
            }
            .into());
        };
        source.measure(&mut reader).await?;
        let appending = self.append.as_mut().ok_or(StoreError::Aborted)?;
        while source.fill(&mut reader).await? {
            let octets = reader.output();
            appending.take(octets).await;
            let taken = octets.len();
            reader.consume(taken);
        }
        Ok(())
    }

    /// All messages are there.
    pub(super) async fn appended(&mut self, ask: Ask<Execute>) -> Result<(), ServerError> {
        let outcome = self.file().await;
        self.news(Release::All).await?;
        self.answer(ask, outcome)
    }

    async fn file(&mut self) -> Outcome {
        let mut appending = self.append.take().ok_or(StoreError::Aborted)?;
        appending.finish_message().await;
        if let Some(failure) = appending.failure {
            return Err(failure);
        }
        let replaces = appending.replaced.is_some();
        let may_look = appending.rights.contains(Right::READ);
        let store = self.host.store.clone();
        let appended = store
            .append(&appending.target, appending.messages, appending.replaced)
            .await;
        let appended = appended.map_err(into_nowhere)?;
        self.tell_normalized(&appending.said, &appending.target, Vec::new())
            .await?;
        self.note_own_messages(&appending.target, appended.uids.iter());
        // Who may put messages there and not look at them learns nothing of the mailbox (RFC 9051 §6.3.12).
        let Some(uids) = appended.uids.to_number_set().filter(|_| may_look) else {
            return Ok(Completion::default());
        };
        let validity = validity(appended.uid_validity);
        let code = Code::AppendUid { validity, uids };
        if replaces {
            // In front of the EXPUNGE response (RFC 8508 §4.3).
            self.session.send(untagged(code, "the replacement is there")).await?;
            return Ok(Completion::default());
        }
        Ok(Completion::with_code(code))
    }
}

impl Appending {
    async fn take(&mut self, octets: &[u8]) {
        let Some(current) = &mut self.current else { return };
        if self.failure.is_some() {
            return;
        }
        let Some(room) = self.room.checked_sub(octets.len() as u64) else {
            self.failure = Some(Failure::no("the messages are too large", Code::TooBig));
            return;
        };
        self.room = room;
        current.octets += octets.len() as u64;
        current.summary.push(octets);
        self.failure = current.spool.write(octets).await.err().map(Failure::from);
    }

    /// Ends the message that arrives. One without octets cancels the command (RFC 3502 §6.3.11).
    async fn finish_message(&mut self) {
        let Some(current) = self.current.take().filter(|_| self.failure.is_none()) else {
            return;
        };
        if current.octets == 0 {
            self.failure = Some(Refusal::fixed("a message has octets").into());
            return;
        }
        let summary = current.summary.finish().to_bytes();
        match current.spool.finish().await {
            Ok(content) => self
                .messages
                .push((content.with_summary(summary.into()), current.filing)),
            Err(error) => self.failure = Some(error.into()),
        }
    }
}
