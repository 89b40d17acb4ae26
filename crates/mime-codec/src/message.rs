//! A message in memory: parsed once into a flat table of offsets, decoded when asked (RFC 5322, RFC 2045, RFC 2046).

mod bodies;
mod check;
mod header;
mod octets;
mod outline;
mod part;
mod table;

use std::borrow::Cow;
use std::fmt;

use rfc5322::{AddressList, DateTime};

pub use bodies::Attachments;
pub use header::Header;
pub use octets::Octets;
pub use outline::Outline;
pub use part::{Part, Parts};

use crate::{Defect, Limits};

/// A message, taken apart.
///
/// Parsing finds where the header fields and the parts are, and decodes nothing but messages that lie transfer-encoded inside;
/// values and bodies are decoded when they are asked for. No octets are refused: what breaks the rules is repaired and told by
/// [`defects`](Self::defects) or, with all values and bodies looked at, by [`check`](Self::check).
///
/// Linear in time; the table takes some 100 octets for each part and 24 for each field.
///
/// ```
/// # use mime_codec::Message;
/// let message = Message::parse(
///     b"From: Alice <alice@crepes.fr>\r\nSubject: =?UTF-8?Q?Cr=C3=AApes?=\r\n\
///       MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=menu\r\n\r\n\
///       --menu\r\n\r\nDo you like them?\r\n\
///       --menu\r\nContent-Type: text/plain; charset=utf-8\r\n\
///       Content-Disposition: attachment; filename=menu.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n\
///       Q3LDqnBlcwo=\r\n--menu--\r\n",
/// );
/// assert_eq!(message.subject().as_deref(), Some("Cr\u{ea}pes"));
/// assert_eq!(message.from().first().unwrap().to_string(), "alice@crepes.fr");
/// assert_eq!(message.text_body().unwrap().text(), "Do you like them?");
///
/// let attachment = message.attachments().next().unwrap();
/// assert_eq!(attachment.file_name().as_deref(), Some("menu.txt"));
/// assert_eq!(*attachment.decode(), *"Cr\u{ea}pes\n".as_bytes());
/// assert!(message.check().is_empty());
/// ```
#[derive(Clone)]
pub struct Message<'a> {
    octets: Octets<'a>,
    table: table::Table,
}

impl<'a> Message<'a> {
    /// Parses a message, leniently, within the default [`Limits`].
    ///
    /// Octets that are given by reference are borrowed; a `Vec<u8>` becomes the message's, and `bytes::Bytes` are shared, so that
    /// the message borrows from nothing:
    ///
    /// ```
    /// # use mime_codec::Message;
    /// let kept: Message<'static> = Message::parse(b"Subject: hi\r\n\r\n".to_vec());
    /// assert_eq!(kept.subject().as_deref(), Some("hi"));
    /// ```
    pub fn parse(octets: impl Into<Octets<'a>>) -> Self {
        Self::parse_within(octets, &Limits::default())
    }

    /// Parses a message, leniently, within limits of one's own.
    pub fn parse_within(octets: impl Into<Octets<'a>>, limits: &Limits) -> Self {
        let octets = octets.into();
        let table = table::parse(&octets, limits);
        Self { octets, table }
    }

    /// Parses a message that has no defects.
    ///
    /// # Errors
    ///
    /// The first [`Defect`] of those that [`check`](Self::check) lists.
    pub fn parse_strict(octets: impl Into<Octets<'a>>) -> Result<Self, Defect> {
        let message = Self::parse(octets);
        match message.check().first() {
            Some(defect) => Err(*defect),
            None => Ok(message),
        }
    }

    /// Copies the octets if they are borrowed, so that the message can be kept.
    pub fn into_owned(self) -> Message<'static> {
        Message {
            octets: self.octets.into_owned(),
            table: self.table,
        }
    }

    /// The octets that were parsed.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What is wrong with the structure of the message: header sections, multiparts, limits. In the order in which it was met.
    pub fn defects(&self) -> &[Defect] {
        &self.table.defects
    }

    /// The entity that is the message itself.
    pub fn root(&self) -> Part<'_> {
        Part::new(self, 0)
    }

    /// All entities, the root first, a parent in front of its children, in the order of the octets. Also those of messages
    /// inside the message.
    pub fn parts(&self) -> Parts<'_> {
        Parts::all(self)
    }

    /// The entity with that [`index`](Part::index).
    pub fn part(&self, index: usize) -> Option<Part<'_>> {
        (index < self.table.entities.len()).then(|| Part::new(self, index))
    }

    /// The header section of the message.
    pub fn header(&self) -> Header<'_> {
        self.root().header()
    }

    /// The decoded `Subject`.
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        self.header().subject()
    }

    /// The mailboxes and groups of `From`; none if the field is missing.
    pub fn from(&self) -> AddressList<'_> {
        self.header().from()
    }

    /// The mailboxes and groups of `To`; none if the field is missing.
    pub fn to(&self) -> AddressList<'_> {
        self.header().to()
    }

    /// The `Date`, if there is one that can be understood.
    pub fn date(&self) -> Option<DateTime> {
        self.header().date()
    }

    /// The text of the `Message-ID` between its angle brackets.
    pub fn message_id(&self) -> Option<Cow<'_, str>> {
        self.header().message_id()
    }

    /// The octets of a layer: of the message, or of one that was decoded.
    fn layer(&self, layer: usize) -> &[u8] {
        layer
            .checked_sub(1)
            .map_or(&self.octets, |index| &self.table.decoded[index])
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("octets", &self.octets)
            .field("parts", &self.parts().collect::<Vec<_>>())
            .field("defects", &self.defects())
            .finish()
    }
}
