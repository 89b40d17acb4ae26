//! What FETCH tells of each message, and how its octets are sent.

use core::num::NonZeroU64;
use std::collections::HashMap;

use bytes::Bytes;
use imap_mailbox::Uids;
use imap_mailbox::message::{Audience, ItemReader, Rendered, SectionReader, Summary, UnknownEncoding};
use imap_proto::{Code, Fetch, FetchAttribute, FetchItem, Flag, Numbering, OneOrMore};

use super::Attributes;
use crate::imap::ImapDialogue;
use crate::imap::failure::Failure;
use crate::imap::fetch_reader::StoredMessage;
use crate::imap::values::{date_time, flags, internal_date, object_id};
use crate::store::{MessageInfo, SMALL, Uid};

impl ImapDialogue {
    /// Sends a response for each message. `marked` are those that count as seen from now on, which their responses tell.
    pub(super) async fn send_messages(
        &mut self,
        attributes: &Attributes<'_>,
        messages: &[MessageInfo],
        marked: &Uids,
    ) -> Result<(), Failure> {
        if !attributes.from_message {
            for message in messages {
                self.send_facts(attributes, message).await?;
            }
            return Ok(());
        }
        // To make a summary of octets at hand takes microseconds, to ask for the one that was kept many times that.
        let is_made_here =
            messages.len() <= FEW && attributes.reads_octets && messages.iter().all(|message| message.size <= LITTLE);
        let mut summaries = match is_made_here {
            true => HashMap::new(),
            false => self.summaries(messages).await?,
        };
        let mut made = Vec::new();
        let mut rest = messages;
        while !rest.is_empty() {
            let (group, behind) = rest.split_at(first_group(rest));
            rest = behind;
            let is_read = |uid: Uid| attributes.reads_octets || !summaries.contains_key(&uid);
            let mut octets = self.small_messages(group, is_read).await?;
            self.send_group(attributes, group, marked, &mut summaries, &mut octets, &mut made)
                .await?;
        }
        match is_made_here {
            true => Ok(()),
            false => self.keep_summaries(made).await,
        }
    }

    /// Sends a response for each of some messages that were read together.
    async fn send_group(
        &mut self,
        attributes: &Attributes<'_>,
        messages: &[MessageInfo],
        marked: &Uids,
        summaries: &mut HashMap<Uid, Bytes>,
        octets: &mut HashMap<Uid, Bytes>,
        made: &mut Vec<(Uid, Bytes)>,
    ) -> Result<(), Failure> {
        let mailbox = self.selected()?.mailbox.clone();
        for message in messages {
            let kept = summaries
                .remove(&message.uid)
                .and_then(|octets| Summary::from_bytes(&octets).ok());
            let marked = marked.contains(message.uid);
            let source = StoredMessage::new(self.host.store.clone(), mailbox.clone(), message.uid, message.size);
            let source = source.holding(octets.remove(&message.uid));
            match self.send_message(attributes, message, source, kept, marked, made).await {
                // It was expunged meanwhile: the client hears of that later.
                Err(Failure::Refused(refusal)) if is_gone(&refusal) => {}
                other => other?,
            }
        }
        Ok(())
    }

    /// Reads messages that are small, and are read at all, together.
    async fn small_messages(
        &mut self,
        group: &[MessageInfo],
        is_read: impl Fn(Uid) -> bool,
    ) -> Result<HashMap<Uid, Bytes>, Failure> {
        let store = self.host.store.clone();
        let small = group
            .iter()
            .filter(|message| message.size <= SMALL && is_read(message.uid));
        let uids: Uids = small.map(|message| message.uid).collect();
        if uids.is_empty() {
            return Ok(HashMap::new());
        }
        let octets = store.octets(&self.selected()?.mailbox, &uids).await?;
        Ok(octets.into_iter().collect())
    }

    /// What the store knows.
    async fn send_facts(&mut self, attributes: &Attributes<'_>, message: &MessageInfo) -> Result<(), Failure> {
        let items = attributes.all.iter();
        let items: Vec<_> = items.filter_map(|attribute| self.fact(attribute, message)).collect();
        if let Some(fetch) = self.response(message, items)? {
            self.send_fetch(fetch).await?;
        }
        Ok(())
    }

    async fn send_message(
        &mut self,
        attributes: &Attributes<'_>,
        message: &MessageInfo,
        mut source: StoredMessage,
        kept: Option<Summary>,
        marked: bool,
        made: &mut Vec<(Uid, Bytes)>,
    ) -> Result<(), Failure> {
        let summary = match kept.filter(|summary| summary.size() == message.size) {
            Some(summary) => summary,
            None => {
                let summary = source.summarize().await?;
                made.push((message.uid, summary.to_bytes().into()));
                summary
            }
        };
        let (items, readers) = self.items(attributes, message, &summary, &mut source, marked).await?;
        if !readers.is_empty() {
            source.hold().await?;
        }
        let Some(fetch) = self.response(message, items)? else {
            return Ok(());
        };
        self.send_fetch(fetch).await?;
        for reader in readers {
            self.send_octets(reader, &mut source).await?;
        }
        Ok(())
    }

    /// The items, and the readers of those whose octets follow.
    async fn items<'a>(
        &mut self,
        attributes: &Attributes<'a>,
        message: &MessageInfo,
        summary: &'a Summary,
        source: &mut StoredMessage,
        marked: bool,
    ) -> Result<(Vec<FetchItem<'a>>, Vec<ItemReader<'a>>), Failure> {
        let (mut items, mut readers) = (Vec::new(), Vec::new());
        let audience = self.audience();
        if summary.has_surrogate(audience) {
            self.selected()?.surrogates.insert(message.uid);
        }
        for attribute in &attributes.all {
            if let Some(item) = self.fact(attribute, message) {
                items.push(item);
                continue;
            }
            match summary.render_for(audience, attribute).map_err(unknown_encoding)? {
                None => {}
                Some(Rendered::Item(item)) => items.push(item),
                Some(Rendered::Octets(mut reader)) => {
                    source.measure(reader.reader()).await?;
                    let Some(item) = reader.item() else { continue };
                    if item.announced().is_some() {
                        readers.push(reader);
                    }
                    items.push(item);
                }
            }
        }
        if marked {
            self.tell_marked(&attributes.all, message, &mut items);
        }
        Ok((items, readers))
    }

    fn audience(&self) -> Audience {
        match self.session.machine().enabled().is_utf8() {
            true => Audience::International,
            false => Audience::Conventional,
        }
    }

    /// A message that counts as seen by being fetched: its response has its flags (RFC 9051 §6.4.5).
    fn tell_marked(&self, asked: &[FetchAttribute<'_>], message: &MessageInfo, items: &mut Vec<FetchItem<'_>>) {
        let enabled = self.session.machine().enabled();
        let mut all = vec![FetchAttribute::Flags];
        if enabled.condstore {
            all.push(FetchAttribute::ModSeq);
        }
        if enabled.tells_uids() {
            all.push(FetchAttribute::Uid);
        }
        let missing = all.iter().filter(|attribute| !asked.contains(attribute));
        items.extend(missing.filter_map(|attribute| self.fact(attribute, message)));
    }

    /// An item that the store knows.
    fn fact(&self, attribute: &FetchAttribute<'_>, message: &MessageInfo) -> Option<FetchItem<'static>> {
        Some(match attribute {
            FetchAttribute::Uid => FetchItem::Uid(message.uid),
            FetchAttribute::Flags => {
                let mut flags = flags(&message.flags);
                if self.selected.as_ref()?.view.recent().contains(message.uid) {
                    flags.push(Flag::Recent);
                }
                FetchItem::Flags(flags)
            }
            FetchAttribute::InternalDate => FetchItem::InternalDate(internal_date(message)),
            FetchAttribute::Rfc822Size => FetchItem::Rfc822Size(message.size),
            FetchAttribute::ModSeq => FetchItem::ModSeq(NonZeroU64::new(message.mod_seq.0)?),
            FetchAttribute::SaveDate => FetchItem::SaveDate(Some(date_time(message.save_date))),
            FetchAttribute::EmailId => FetchItem::EmailId(object_id('M', message.email_id)),
            FetchAttribute::ThreadId => FetchItem::ThreadId(Some(object_id('T', message.thread_id))),
            _ => return None,
        })
    }

    /// The response for a message that the client counts.
    fn response<'a>(
        &mut self,
        message: &MessageInfo,
        mut items: Vec<FetchItem<'a>>,
    ) -> Result<Option<Fetch<'a>>, Failure> {
        let is_uid_only = self.session.machine().enabled().uid_only;
        let selected = self.selected()?;
        let (numbering, number) = match is_uid_only {
            true => (Numbering::Uid, Some(message.uid)),
            false => (Numbering::Sequence, selected.view.sequence(message.uid)),
        };
        if items.iter().any(|item| matches!(item, FetchItem::Flags(_))) {
            selected.view.knows(message.uid, message.mod_seq.0);
        }
        if is_uid_only && items.len() > 1 {
            // RFC 9586 §3.3: the number says it.
            items.retain(|item| !matches!(item, FetchItem::Uid(_)));
        }
        let items = OneOrMore::new(items).ok();
        Ok(number
            .zip(items)
            .map(|(number, items)| Fetch::new(numbering, number, items)))
    }

    /// The octets that an item has announced.
    async fn send_octets(&mut self, item: ItemReader<'_>, source: &mut StoredMessage) -> Result<(), Failure> {
        self.send_section(item.into_reader(), source).await
    }

    /// The octets of a section, which a response has announced.
    pub(in crate::imap) async fn send_section(
        &mut self,
        mut reader: SectionReader,
        source: &mut StoredMessage,
    ) -> Result<(), Failure> {
        self.session.begin_body(reader.len())?;
        loop {
            match source.fill(&mut reader).await {
                Ok(true) => {}
                Ok(false) => break,
                // The half must not be taken for the whole.
                Err(Failure::Refused(_)) => return Err(std::io::Error::other("the message cannot be read").into()),
                Err(broken) => return Err(broken),
            }
            let octets = reader.output();
            self.session.write_body(octets).await?;
            let sent = octets.len();
            reader.consume(sent);
        }
        Ok(self.session.finish_body().await?)
    }

    /// What was kept of messages.
    async fn summaries(&mut self, messages: &[MessageInfo]) -> Result<HashMap<Uid, Bytes>, Failure> {
        let store = self.host.store.clone();
        let uids: Uids = messages.iter().map(|message| message.uid).collect();
        let kept = store.summaries(&self.selected()?.mailbox, &uids).await?;
        Ok(kept.into_iter().collect())
    }

    /// Keeps what was made of messages, so that it is made once.
    async fn keep_summaries(&mut self, made: Vec<(Uid, Bytes)>) -> Result<(), Failure> {
        if made.is_empty() {
            return Ok(());
        }
        let store = self.host.store.clone();
        Ok(store.keep_summaries(&self.selected()?.mailbox, made).await?)
    }
}

/// How many of the first messages are read at once.
fn first_group(messages: &[MessageInfo]) -> usize {
    let mut octets = 0;
    let fitting = messages.iter().take_while(|message| {
        octets += message.size;
        octets <= GROUP
    });
    fitting.count().max(1)
}

/// Messages of which no summaries are asked for, where octets are read anyway; and how long they are at most.
const FEW: usize = 2;
const LITTLE: u64 = 32 * 1024;

/// Octets that are read at once.
const GROUP: u64 = 512 * 1024;

fn is_gone(refusal: &imap_proto::server::Refusal) -> bool {
    refusal.code() == Some(&Code::ExpungeIssued)
}

fn unknown_encoding(_: UnknownEncoding) -> Failure {
    Failure::no("a part's transfer encoding is not known", Code::UnknownCte)
}
