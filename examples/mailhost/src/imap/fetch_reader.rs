//! The octets of a stored message, for whoever reads it in ranges.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use imap_mailbox::message::{MessageChanged, SectionReader, SectionStep, Summary, SummaryBuilder};

use super::failure::Failure;
use crate::store::{Mailbox, MessageReader, Store, StoreError, Uid};

/// A message of the store. It holds a chunk, or all of a message that is not large.
pub(super) struct StoredMessage {
    store: Arc<dyn Store>,
    mailbox: Mailbox,
    uid: Uid,
    size: u64,
    /// What was read last, and where it stands.
    chunk: Bytes,
    chunk_at: u64,
    /// What stands behind the chunk.
    rest: Option<Box<dyn MessageReader>>,
}

impl StoredMessage {
    pub(super) fn new(store: Arc<dyn Store>, mailbox: Mailbox, uid: Uid, size: u64) -> Self {
        Self {
            store,
            mailbox,
            uid,
            size,
            chunk: Bytes::new(),
            chunk_at: 0,
            rest: None,
        }
    }

    /// The same with all its octets at hand, if they are.
    pub(super) fn holding(mut self, octets: Option<Bytes>) -> Self {
        self.chunk = octets
            .filter(|octets| octets.len() as u64 == self.size)
            .unwrap_or_default();
        self
    }

    /// Takes a message that is not large as a whole, and opens one that is. What went meanwhile is noticed here, before a response
    /// has announced it.
    pub(super) async fn hold(&mut self) -> Result<(), StoreError> {
        let is_held = self.chunk_at == 0 && self.chunk.len() as u64 == self.size;
        if is_held || self.rest.is_some() && self.size > WHOLE {
            return Ok(());
        }
        self.open(0).await?;
        match self.size > WHOLE {
            true => Ok(()),
            false => self.advance().await,
        }
    }

    /// The first octets of a range, at least one of them unless it lies behind the message's end.
    pub(super) async fn read(&mut self, range: Range<u64>) -> Result<Bytes, StoreError> {
        loop {
            let end = self.chunk_at + self.chunk.len() as u64;
            if (self.chunk_at..end).contains(&range.start) {
                let start = (range.start - self.chunk_at) as usize;
                let end = (range.end.min(end) - self.chunk_at) as usize;
                return Ok(self.chunk.slice(start..end));
            }
            if range.start >= self.size || range.is_empty() {
                return Ok(Bytes::new());
            }
            if self.rest.is_none() || range.start != end {
                self.open(range.start).await?;
            }
            self.advance().await?;
        }
    }

    async fn open(&mut self, at: u64) -> Result<(), StoreError> {
        let at = if self.size <= WHOLE { 0 } else { at };
        self.rest = Some(self.store.open_at(&self.mailbox, self.uid, at).await?);
        (self.chunk, self.chunk_at) = (Bytes::new(), at);
        Ok(())
    }

    /// Takes the next chunk, or all of a message that is not large.
    async fn advance(&mut self) -> Result<(), StoreError> {
        let Some(rest) = &mut self.rest else {
            return Err(StoreError::NotFound);
        };
        self.chunk_at += self.chunk.len() as u64;
        self.chunk = rest.next_chunk().await?.ok_or(StoreError::NotFound)?;
        if self.size <= WHOLE && (self.chunk.len() as u64) < self.size {
            let mut whole = BytesMut::from(&self.chunk[..]);
            while let Some(chunk) = rest.next_chunk().await? {
                whole.extend_from_slice(&chunk);
            }
            self.chunk = whole.freeze();
        }
        Ok(())
    }

    /// Reads all of it, once, to know its structure.
    pub(super) async fn summarize(&mut self) -> Result<Summary, StoreError> {
        let mut builder = SummaryBuilder::new();
        let mut at = 0;
        while at < self.size {
            let piece = self.read(at..self.size).await?;
            builder.push(&piece);
            at += piece.len() as u64;
        }
        Ok(builder.finish())
    }

    /// Gives a section's reader what it asks for until it has octets to send, or is done. Returns whether it has.
    pub(super) async fn fill(&mut self, reader: &mut SectionReader) -> Result<bool, Failure> {
        loop {
            match reader.step() {
                SectionStep::Output => return Ok(true),
                SectionStep::Done => return Ok(false),
                SectionStep::Read(range) => {
                    let octets = self.read(range).await?;
                    reader.supply(&octets).map_err(changed)?;
                }
            }
        }
    }

    /// Reads until it is known how many octets a section has.
    pub(super) async fn measure(&mut self, reader: &mut SectionReader) -> Result<(), Failure> {
        while reader.len().is_none() {
            let SectionStep::Read(range) = reader.step() else {
                break;
            };
            let octets = self.read(range).await?;
            reader.supply(&octets).map_err(changed)?;
        }
        Ok(())
    }
}

fn changed(_: MessageChanged) -> Failure {
    Failure::no("the message is damaged", imap_proto::Code::Corruption)
}

/// Octets of a message that is held as a whole.
const WHOLE: u64 = 256 * 1024;
