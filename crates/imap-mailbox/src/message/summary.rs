//! What of a message is kept beside it.

use std::ops::Range;

use imap_proto::{BodyStructure, Envelope, PartPath};

use super::builder::SummaryBuilder;
use super::envelope;
use super::facts::Facts;
use super::kept_header::KeptHeader;
use super::record::Cursor;
use super::render::Audience;
use super::row::{Kind, Row};
use super::{structure, surrogate};

/// All that ENVELOPE, BODYSTRUCTURE and RFC822.SIZE tell of a message, a preview, and where its parts stand.
///
/// A store makes one when a message arrives, keeps its [`to_bytes`](Self::to_bytes), some hundred octets for an ordinary message, and
/// need not look at the message again but for the octets that clients ask for.
///
/// ```
/// use imap_mailbox::message::Summary;
///
/// let message = b"From: Ann <ann@example.org>\r\nSubject: Lunch?\r\n\r\nToday at noon?\r\n";
/// let summary = Summary::of(message);
/// assert_eq!(summary.size(), message.len() as u64);
/// assert_eq!(summary.envelope().subject, Some("Lunch?".into()));
/// assert_eq!(summary.envelope().sender(), summary.envelope().from());
/// assert!(summary.body_structure().root().part().is("text", "plain"));
/// assert_eq!(summary.preview(), "Today at noon?");
/// assert_eq!(Summary::from_bytes(&summary.to_bytes())?, summary);
/// # Ok::<(), imap_mailbox::message::SummaryDamage>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub(super) size: u64,
    /// The message itself, and what is inside, in the order of their octets.
    pub(super) rows: Vec<Row>,
    /// The strings: facts, envelopes.
    pub(super) text: Vec<u8>,
    pub(super) preview: String,
    /// What [`KeptHeader`] reads.
    pub(super) kept_header: Option<Vec<u8>>,
}

impl Summary {
    /// Entities of a message that are told apart, the message and all multiparts included. Where that many have begun, what follows belongs
    /// to the last of them.
    pub const MAX_PARTS: usize = 10_000;

    /// How deep entities may be nested. Those deeper inside are told as `application/octet-stream`.
    pub const MAX_DEPTH: usize = 100;

    /// Octets of strings that are kept. Beyond, parts are told by their type alone, and messages inside with an empty envelope.
    pub const MAX_TEXT: usize = 1 << 20;

    /// Characters of the preview (RFC 8970 §3.3).
    pub const MAX_PREVIEW: usize = 200;

    /// The summary of a message in memory. For others, there is [`SummaryBuilder`].
    pub fn of(message: &[u8]) -> Self {
        let mut builder = SummaryBuilder::new();
        builder.push(message);
        builder.finish()
    }

    /// `RFC822.SIZE`: the message's octets.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// `PREVIEW`: the begin of the message's text, on one line; empty where it has none, or none that the server can read (RFC 8970 §3.2).
    pub fn preview(&self) -> &str {
        &self.preview
    }

    /// The header fields that are searched and sorted by; `None` where they are too long.
    pub fn kept_header(&self) -> Option<KeptHeader<'_>> {
        let octets = self.kept_header.as_ref()?;
        Some(KeptHeader::new(octets, self.size))
    }

    /// `ENVELOPE` (RFC 9051 §7.5.2). Names, groups and subjects are told as they stand in the message, encoded words in place. Where an
    /// address lacks a part, it is told as empty.
    pub fn envelope(&self) -> Envelope<'_> {
        self.envelope_of(&self.rows[0])
    }

    /// `BODYSTRUCTURE` (RFC 9051 §7.5.2).
    ///
    /// What the grammar cannot say is told as what it can:
    ///
    /// - a multipart in which no part is found has all its body as one part, `text/plain`;
    /// - a message that came transfer-encoded, which RFC 2046 §5.2.1 forbids, and what is nested too deeply, is told as
    ///   `application/octet-stream`;
    /// - text without a charset has that of RFC 2046 §4.1.2, `us-ascii`.
    pub fn body_structure(&self) -> BodyStructure<'_> {
        structure::of(self, Audience::International)
    }

    /// `BODY`: the same without extension data.
    pub fn body(&self) -> BodyStructure<'_> {
        self.body_structure().without_extension()
    }

    /// Whether some header of it has UTF-8 in it (RFC 6532).
    pub(super) fn is_international(&self) -> bool {
        self.rows.iter().any(|row| row.is_international)
    }

    pub(super) fn envelope_for(&self, row: &Row, audience: Audience) -> Envelope<'_> {
        match audience {
            Audience::International => self.envelope_of(row),
            Audience::Conventional => surrogate::envelope(self.envelope_of(row)),
        }
    }

    pub(super) fn envelope_of(&self, row: &Row) -> Envelope<'_> {
        let octets = row.envelope.clone().and_then(|range| self.text.get(range));
        octets
            .and_then(|octets| envelope::read(&mut Cursor::new(octets)))
            .unwrap_or_default()
    }

    pub(super) fn facts(&self, row: &Row) -> Facts<'_> {
        let octets = self.text.get(row.facts.clone()).unwrap_or_default();
        Facts::read(&mut Cursor::new(octets)).unwrap_or_default()
    }

    /// The name of a part's transfer encoding.
    pub(super) fn encoding(&self, row: &Row) -> &[u8] {
        let octets = self.text.get(row.facts.clone()).unwrap_or_default();
        Facts::read_begin(&mut Cursor::new(octets)).map_or(&[], |facts| facts.encoding)
    }

    /// The entities inside of one, one level down.
    fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = index + 1 + self.rows[index].descendants;
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next += 1 + self.rows[child].descendants;
                child
            })
        })
    }

    /// The entity that a part number names (RFC 9051 §6.4.5.1).
    pub(super) fn find(&self, path: &PartPath) -> Option<usize> {
        let mut inside = Inside::Message(0);
        let mut found = None;
        for number in path.numbers() {
            let nth = number.get() as usize - 1;
            let index = match inside {
                Inside::Message(body) if self.rows[body].kind != Kind::Multipart => (nth == 0).then_some(body),
                Inside::Message(outer) | Inside::Multipart(outer) => self.children(outer).nth(nth),
                Inside::Nothing => None,
            }?;
            inside = match self.rows[index].kind {
                Kind::Multipart => Inside::Multipart(index),
                Kind::Message => Inside::Message(index + 1),
                Kind::Basic | Kind::Text => Inside::Nothing,
            };
            found = Some(index);
        }
        found
    }

    /// The message that a path names; the one itself without a path.
    pub(super) fn find_message(&self, path: Option<&PartPath>) -> Option<&Row> {
        let Some(path) = path else {
            return self.rows.first();
        };
        let index = self.find(path)?;
        match self.rows[index].kind {
            Kind::Message => self.rows.get(index + 1),
            _ => None,
        }
    }

    /// The octets of the message that a range says.
    pub(super) const fn whole(&self) -> Range<u64> {
        0..self.size
    }
}

/// What the next number counts.
enum Inside {
    /// The body of a message: the children of a multipart, else itself as number 1.
    Message(usize),
    /// The children of a multipart.
    Multipart(usize),
    Nothing,
}
