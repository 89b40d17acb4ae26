//! What FETCH asks of a message, as its response tells it.

use imap_proto::{Access, FetchAttribute, FetchItem, Payload, Section};

use super::locate::UnknownEncoding;
use super::section::SectionReader;
use super::source::{ReadError, Source};
use super::structure;
use super::summary::Summary;

/// What a client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// UTF-8 in header fields: it has enabled UTF8=ACCEPT or IMAP4rev2.
    International,
    /// ASCII. It is told a surrogate of messages that have UTF-8 in their headers (RFC 6858 §2): what in it cannot be said is left out,
    /// and sizes are those of the message itself (RFC 6858 §3).
    Conventional,
}

/// An item that says what was asked.
#[derive(Clone, Debug)]
pub enum Rendered<'a> {
    /// It is complete.
    Item(FetchItem<'a>),
    /// Octets of the message belong to it.
    Octets(ItemReader<'a>),
}

/// An item with octets of the message, which are still to be read.
///
/// 1. Drive [`reader`](Self::reader) until its [`len`](SectionReader::len) is known;
/// 2. send [`item`](Self::item), which announces them;
/// 3. send the reader's octets.
///
/// [`held`](Self::held) does it for a store that answers at once and octets that are few.
#[derive(Clone, Debug)]
pub struct ItemReader<'a> {
    /// The item without its octets.
    item: FetchItem<'a>,
    reader: SectionReader,
}

/// Whether an attribute marks the message as seen (RFC 9051 §6.4.5, RFC 3501 §6.4.5, RFC 3516 §4.2).
///
/// ```
/// use imap_mailbox::message::marks_seen;
/// use imap_proto::FetchAttribute;
///
/// assert!(marks_seen(&FetchAttribute::Rfc822Text) && !marks_seen(&FetchAttribute::Rfc822Header));
/// ```
pub fn marks_seen(attribute: &FetchAttribute<'_>) -> bool {
    match attribute {
        FetchAttribute::Rfc822 | FetchAttribute::Rfc822Text => true,
        FetchAttribute::BodySection { access, .. } | FetchAttribute::Binary { access, .. } => {
            *access == Access::MarkSeen
        }
        _ => false,
    }
}

impl Summary {
    /// What an attribute is answered with; `None` for those that the message does not say, such as FLAGS.
    ///
    /// ```
    /// use imap_mailbox::message::{Rendered, Summary};
    /// use imap_proto::{FetchAttribute, FetchItem};
    ///
    /// let message = b"Subject: Lunch?\r\n\r\nToday at noon?\r\n";
    /// let summary = Summary::of(message);
    /// let Some(Rendered::Item(item)) = summary.render(&FetchAttribute::Rfc822Size)? else { panic!() };
    /// assert_eq!(item, FetchItem::Rfc822Size(35));
    ///
    /// let Some(Rendered::Octets(text)) = summary.render(&FetchAttribute::Rfc822Text)? else { panic!() };
    /// let item = text.held(&mut &message[..])?;
    /// assert_eq!(item.data().unwrap().held(), Some(&b"Today at noon?\r\n"[..]));
    /// assert!(summary.render(&FetchAttribute::Flags)?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`UnknownEncoding`] of BINARY and BINARY.SIZE, which fails the FETCH: `NO [UNKNOWN-CTE]`.
    pub fn render<'a>(&'a self, attribute: &FetchAttribute<'a>) -> Result<Option<Rendered<'a>>, UnknownEncoding> {
        self.render_for(Audience::International, attribute)
    }

    /// Whether a client is told a surrogate of the message.
    pub fn has_surrogate(&self, audience: Audience) -> bool {
        audience == Audience::Conventional && self.is_international()
    }

    /// The same, of the message or of its surrogate.
    ///
    /// ```
    /// use imap_mailbox::message::{Audience, Rendered, Summary};
    /// use imap_proto::FetchAttribute;
    ///
    /// let summary = Summary::of("Subject: Crêpes\r\n\r\n".as_bytes());
    /// let rendered = summary.render_for(Audience::Conventional, &FetchAttribute::Envelope)?;
    /// let Some(Rendered::Item(imap_proto::FetchItem::Envelope(envelope))) = rendered else { panic!() };
    /// assert_eq!(envelope.subject, Some("=?utf-8?Q?Cr=C3=AApes?=".into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`render`](Self::render).
    pub fn render_for<'a>(
        &'a self,
        audience: Audience,
        attribute: &FetchAttribute<'a>,
    ) -> Result<Option<Rendered<'a>>, UnknownEncoding> {
        let audience = match self.has_surrogate(audience) {
            true => Audience::Conventional,
            false => Audience::International,
        };
        let item = match attribute {
            FetchAttribute::Envelope => FetchItem::Envelope(Box::new(self.envelope_for(&self.rows[0], audience))),
            FetchAttribute::Body => FetchItem::Body(structure::of(self, audience).without_extension()),
            FetchAttribute::BodyStructure => FetchItem::BodyStructure(structure::of(self, audience)),
            FetchAttribute::Rfc822Size => FetchItem::Rfc822Size(self.size()),
            // The preview is at hand, so that LAZY changes nothing.
            FetchAttribute::Preview(_) => FetchItem::Preview(Some(self.preview().into())),
            FetchAttribute::BinarySize(part) => {
                // The grammar has no NIL here. What is not there has no octets.
                let size = self.binary_size(part.as_ref())?.unwrap_or(0);
                let part = part.clone();
                FetchItem::BinarySize { part, size }
            }
            _ => return self.render_octets(audience, attribute),
        };
        Ok(Some(Rendered::Item(item)))
    }

    fn render_octets<'a>(
        &self,
        audience: Audience,
        attribute: &FetchAttribute<'a>,
    ) -> Result<Option<Rendered<'a>>, UnknownEncoding> {
        let read = |section: &Section<'_>, partial| match audience {
            Audience::International => self.section(section, partial),
            Audience::Conventional => self.surrogate(section, partial),
        };
        let (item, reader) = match attribute {
            FetchAttribute::Rfc822 => (FetchItem::Rfc822(None), read(&Section::Whole, None)),
            FetchAttribute::Rfc822Header => (FetchItem::Rfc822Header(None), read(&Section::Header(None), None)),
            FetchAttribute::Rfc822Text => (FetchItem::Rfc822Text(None), read(&Section::Text(None), None)),
            FetchAttribute::BodySection { section, partial, .. } => {
                let item = FetchItem::BodySection {
                    section: section.clone(),
                    origin: partial.map(|partial| partial.offset),
                    data: None,
                };
                (item, read(section, *partial))
            }
            FetchAttribute::Binary { part, partial, .. } => {
                let item = FetchItem::Binary {
                    part: part.clone(),
                    origin: partial.map(|partial| partial.offset),
                    data: None,
                };
                let reader = match audience {
                    Audience::International => self.binary(part.as_ref(), *partial)?,
                    Audience::Conventional => self.binary_surrogate(part.as_ref(), *partial)?,
                };
                (item, reader)
            }
            _ => return Ok(None),
        };
        Ok(Some(match reader {
            Some(reader) => Rendered::Octets(ItemReader { item, reader }),
            None => Rendered::Item(item),
        }))
    }
}

impl<'a> ItemReader<'a> {
    /// The reader of its octets.
    pub const fn reader(&mut self) -> &mut SectionReader {
        &mut self.reader
    }

    /// The reader, when the item was sent.
    pub fn into_reader(self) -> SectionReader {
        self.reader
    }

    /// The item, its octets announced; `None` as long as the reader does not know how many they are. Where there are none, nothing is
    /// announced.
    pub fn item(&self) -> Option<FetchItem<'a>> {
        let payload = match self.reader.len()? {
            0 => Payload::Held(Vec::new().into()),
            len => Payload::Announced(len),
        };
        Some(with_payload(self.item.clone(), payload))
    }

    /// The item with its octets in it.
    ///
    /// # Errors
    ///
    /// [`ReadError`]
    pub fn held<S: Source>(mut self, source: &mut S) -> Result<FetchItem<'a>, ReadError<S::Error>> {
        let mut octets = Vec::new();
        self.reader.read_to_end(source, &mut octets)?;
        Ok(self.item.with_octets(octets))
    }
}

fn with_payload<'a>(mut item: FetchItem<'a>, payload: Payload<'a>) -> FetchItem<'a> {
    if let FetchItem::Rfc822(data)
    | FetchItem::Rfc822Header(data)
    | FetchItem::Rfc822Text(data)
    | FetchItem::BodySection { data, .. }
    | FetchItem::Binary { data, .. } = &mut item
    {
        *data = Some(payload);
    }
    item
}
