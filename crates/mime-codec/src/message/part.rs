//! One entity of a message (RFC 2046 §5.1).

use std::borrow::Cow;
use std::fmt;

use super::table::{Entity, Shape};
use super::{Header, Message};
use crate::transfer::{self, Decoded};
use crate::{Charset, ContentDisposition, ContentType, TransferEncoding, entity, safe_file_name};

/// An entity: the message itself, a part of a multipart, or a message inside the message.
///
/// ```
/// let message = mime_codec::Message::parse(
///     b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nAt noon?\r\n\
///       --b\r\nContent-Type: text/csv; name=menu.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxi\r\n--b--\r\n",
/// );
/// let parts: Vec<_> = message.root().children().collect();
/// assert_eq!(parts[0].text(), "At noon?");
/// assert_eq!((parts[1].safe_file_name().as_str(), &*parts[1].decode()), ("menu.csv", &b"a,b"[..]));
/// ```
#[derive(Clone, Copy)]
pub struct Part<'m> {
    message: &'m Message<'m>,
    index: usize,
}

impl<'m> Part<'m> {
    pub(super) fn new(message: &'m Message<'_>, index: usize) -> Self {
        Self { message, index }
    }

    /// Where it stands among the [`parts`](Message::parts) of the message.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The entity that it lies in.
    pub fn parent(&self) -> Option<Part<'m>> {
        let index = self.entity().parent?;
        Some(Self { index, ..*self })
    }

    /// The entities right inside: the parts of a multipart, the one entity of a `message/rfc822`.
    pub fn children(&self) -> Parts<'m> {
        Parts {
            message: self.message,
            from: self.index + 1,
            to: self.entity().next,
            flat: true,
        }
    }

    /// This entity and all inside, in the order of the octets.
    pub fn descendants(&self) -> Parts<'m> {
        Parts {
            message: self.message,
            from: self.index,
            to: self.entity().next,
            flat: false,
        }
    }

    /// Whether it is one of a multipart's parts or of other entities: not a leaf.
    pub fn is_multipart(&self) -> bool {
        matches!(self.entity().shape, Shape::Multipart { .. })
    }

    /// Whether its body is a message, which is its only child.
    pub fn is_message(&self) -> bool {
        matches!(self.entity().shape, Shape::Message | Shape::EncodedMessage)
    }

    /// Whether its body is octets.
    pub fn is_leaf(&self) -> bool {
        self.entity().shape == Shape::Leaf
    }

    /// Whether it lies in a message that came transfer-encoded, so that offsets count in the decoded octets.
    pub fn is_decoded(&self) -> bool {
        self.entity().layer > 0
    }

    /// The header section.
    pub fn header(&self) -> Header<'m> {
        let places = &self.message.table.fields[self.entity().fields.clone()];
        Header::new(self.layer(), places)
    }

    /// The type: that of its field, or what holds without one, `text/plain` or in a digest `message/rfc822` (RFC 2045 §5.2,
    /// RFC 2046 §5.1.5).
    pub fn content_type(&self) -> ContentType<'m> {
        match self.header().content_type() {
            Some(content_type) if !content_type.is_implicit() => content_type,
            _ if self.is_message() => ContentType::parse(b"message/rfc822"),
            _ => ContentType::default_type(),
        }
    }

    /// The disposition, if it has one (RFC 2183).
    pub fn content_disposition(&self) -> Option<ContentDisposition<'m>> {
        self.header().content_disposition()
    }

    /// How the body is encoded; `None` without a field or for a name that nobody knows (RFC 2045 §6).
    pub fn transfer_encoding(&self) -> Option<TransferEncoding> {
        entity::encoding(self.header().value("Content-Transfer-Encoding")?)
    }

    /// The file name that the sender gave, of `Content-Disposition` or else of `Content-Type`, decoded. Not fit to be a path:
    /// see [`safe_file_name`](Self::safe_file_name).
    pub fn file_name(&self) -> Option<String> {
        let disposition = self.content_disposition();
        let name = disposition.and_then(|disposition| Some(disposition.filename()?.into_owned()));
        name.or_else(|| Some(self.header().content_type()?.name()?.into_owned()))
    }

    /// A name under which the body can be stored: a single one without what is special to any file system, made of
    /// [`file_name`](Self::file_name) or, without one, of the part's index and type.
    pub fn safe_file_name(&self) -> String {
        match self.file_name() {
            Some(name) => safe_file_name(&name),
            None => format!("part-{}.{}", self.index, extension(&self.content_type())),
        }
    }

    /// The text of the `Content-ID` between its angle brackets (RFC 2045 §7).
    pub fn content_id(&self) -> Option<Cow<'m, str>> {
        self.header().content_id()
    }

    /// Octets of the message before it, or of the decoded message that it [lies in](Self::is_decoded).
    pub fn offset(&self) -> usize {
        self.entity().start
    }

    /// The entity as it stands: header section and body.
    pub fn raw(&self) -> &'m [u8] {
        &self.layer()[self.entity().start..self.entity().end]
    }

    /// The header section as it stands, with the empty line.
    pub fn raw_header(&self) -> &'m [u8] {
        &self.layer()[self.entity().start..self.entity().body]
    }

    /// The body as it stands, undecoded. The line end in front of a delimiter line is not part of it.
    pub fn raw_body(&self) -> &'m [u8] {
        &self.layer()[self.entity().body..self.entity().end]
    }

    /// What stands in a multipart in front of the first delimiter line; empty for others.
    pub fn preamble(&self) -> &'m [u8] {
        match self.entity().shape {
            Shape::Multipart { preamble, .. } => &self.raw_body()[..preamble],
            _ => b"",
        }
    }

    /// What stands in a multipart behind the closing delimiter line; empty for others.
    pub fn epilogue(&self) -> &'m [u8] {
        match self.entity().shape {
            Shape::Multipart { epilogue, .. } => &self.raw_body()[self.raw_body().len() - epilogue..],
            _ => b"",
        }
    }

    /// The body without its transfer encoding. The bodies of multiparts, and those whose encoding nobody knows, come as they stand.
    pub fn decode(&self) -> Cow<'m, [u8]> {
        transfer::decode_octets(self.known_encoding(), self.raw_body())
    }

    /// The body without its transfer encoding, and what was wrong with that, which takes longer to find out.
    pub fn decode_checked(&self) -> Decoded<'m> {
        transfer::decode(self.known_encoding(), self.raw_body())
    }

    fn known_encoding(&self) -> TransferEncoding {
        let encoding = match self.entity().shape {
            Shape::Multipart { .. } => None,
            _ => self.transfer_encoding(),
        };
        encoding.unwrap_or(TransferEncoding::Binary)
    }

    /// The body as text: without its transfer encoding, in UTF-8. Line ends stay as they are. U+FFFD stands for octets that mean
    /// nothing in the charset, or, if the charset is not known, in UTF-8.
    pub fn text(&self) -> Cow<'m, str> {
        let charset = self.charset().unwrap_or(Charset::UTF_8);
        charset.decode_cow(self.decode()).0
    }

    /// The charset of a text: the one that it names, or without one US-ASCII (RFC 2045 §5.2). `None` for a name that nobody knows.
    pub fn charset(&self) -> Option<Charset> {
        match self.content_type().charset() {
            Some(label) => Charset::for_label(label.as_bytes()),
            None => Some(Charset::US_ASCII),
        }
    }

    /// The part at an index.
    pub(super) fn at(&self, index: usize) -> Option<Part<'m>> {
        self.message.part(index)
    }

    /// Which of the layers it lies in: 0 for the message as it came.
    pub(super) fn layer_index(&self) -> usize {
        self.entity().layer
    }

    /// The index of the first part that does not lie inside.
    pub(super) fn end_index(&self) -> usize {
        self.entity().next
    }

    fn entity(&self) -> &'m Entity {
        &self.message.table.entities[self.index]
    }

    fn layer(&self) -> &'m [u8] {
        self.message.layer(self.layer_index())
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("index", &self.index)
            .field("content_type", &self.content_type().essence())
            .field("offset", &self.offset())
            .field("octets", &self.raw().len())
            .finish()
    }
}

/// What the names of files end in that have no name.
fn extension(content_type: &ContentType<'_>) -> &'static str {
    match content_type.essence().as_str() {
        "text/plain" => "txt",
        "text/html" => "html",
        "message/rfc822" | "message/global" => "eml",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

/// Entities of a message, in the order of their octets.
#[derive(Clone)]
pub struct Parts<'m> {
    message: &'m Message<'m>,
    from: usize,
    to: usize,
    /// Without what lies inside of what is told.
    flat: bool,
}

impl<'m> Parts<'m> {
    pub(super) fn all(message: &'m Message<'_>) -> Self {
        Self {
            message,
            from: 0,
            to: message.table.entities.len(),
            flat: false,
        }
    }
}

impl<'m> Iterator for Parts<'m> {
    type Item = Part<'m>;

    fn next(&mut self) -> Option<Part<'m>> {
        if self.from >= self.to {
            return None;
        }
        let part = Part::new(self.message, self.from);
        self.from = if self.flat { part.entity().next } else { self.from + 1 };
        Some(part)
    }
}

impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
