//! One part of a message as BODY and BODYSTRUCTURE describe it, without the parts inside.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::messages::body_extension;
use crate::syntax::writer::Writer;
use crate::{BodyExtension, Envelope, InvalidValue, Octets, Parameter};

/// A body part (RFC 9051 §7.5.2).
///
/// ```
/// # use imap_proto::BodyPart;
/// let mut part = BodyPart::text("PLAIN", 12);
/// part.octets = 400;
/// part.params.push(("CHARSET", "UTF-8").into());
/// assert!(part.is("text", "plain"));
/// assert_eq!(part.param("charset").unwrap().as_bytes(), b"UTF-8");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
pub struct BodyPart<'a> {
    media_type: Octets<'a>,
    subtype: Octets<'a>,
    kind: BodyKind<'a>,
    /// How many of the parts behind it are inside of it.
    pub(crate) descendants: usize,
    /// Parameters of the Content-Type. Of a multipart they go with the extension data.
    pub params: Vec<Parameter<'a>>,
    /// Content-ID. A multipart has none.
    pub id: Option<Octets<'a>>,
    /// Content-Description. A multipart has none.
    pub description: Option<Octets<'a>>,
    /// Content-Transfer-Encoding. A multipart has none, and an empty one here.
    pub encoding: Octets<'a>,
    /// Octets of the content as it is transferred, up to 2^63-1 (RFC 9051 §D). A multipart has none, and 0 here.
    pub octets: u64,
    /// What BODYSTRUCTURE tells and BODY does not.
    pub extension: Option<BodyExtension<'a>>,
}

/// What is special about a [`BodyPart`].
#[derive(Clone, Debug, PartialEq, Eq, ToStatic)]
#[non_exhaustive]
pub enum BodyKind<'a> {
    /// Nothing.
    Basic,
    /// `text/*`
    Text {
        /// Lines of the content as it is transferred.
        lines: u64,
    },
    /// `message/rfc822` or `message/global`: the next part is the message's body.
    Message {
        /// The message's own envelope.
        envelope: Box<Envelope<'a>>,
        /// Lines of the message as it is transferred.
        lines: u64,
    },
    /// `multipart/*`: the parts behind are its children.
    Multipart,
}

impl<'a> BodyPart<'a> {
    /// A part that is not text, message or multipart.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] for the types that are of another kind: `text/*`, `multipart/*`, `message/rfc822` and `message/global`.
    pub fn basic(media_type: impl Into<Octets<'a>>, subtype: impl Into<Octets<'a>>) -> Result<Self, InvalidValue> {
        let part = Self::single(media_type.into(), subtype.into(), BodyKind::Basic);
        if part.is_message() || is(&part.media_type, "TEXT") || is(&part.media_type, "MULTIPART") {
            return Err(InvalidValue::new(0, "a media type without structure"));
        }
        Ok(part)
    }

    /// `text/*`
    pub fn text(subtype: impl Into<Octets<'a>>, lines: u64) -> Self {
        Self::single("TEXT".into(), subtype.into(), BodyKind::Text { lines })
    }

    /// `message/rfc822`
    pub fn message(envelope: Envelope<'a>, lines: u64) -> Self {
        let envelope = Box::new(envelope);
        Self::single("MESSAGE".into(), "RFC822".into(), BodyKind::Message { envelope, lines })
    }

    /// `message/global` (RFC 6532 §3.7)
    pub fn message_global(envelope: Envelope<'a>, lines: u64) -> Self {
        let envelope = Box::new(envelope);
        Self::single("MESSAGE".into(), "GLOBAL".into(), BodyKind::Message { envelope, lines })
    }

    /// `multipart/*`
    pub fn multipart(subtype: impl Into<Octets<'a>>) -> Self {
        Self {
            encoding: Octets::default(),
            ..Self::single(MULTIPART.into(), subtype.into(), BodyKind::Multipart)
        }
    }

    /// The same part, its media type spelled as here. Another type than the part's own changes nothing.
    ///
    /// ```
    /// # use imap_proto::BodyPart;
    /// let part = BodyPart::text("PLAIN", 3).spelled("text", "plain");
    /// assert_eq!(part.media_type().as_bytes(), b"text");
    /// ```
    #[must_use]
    pub fn spelled(mut self, media_type: impl Into<Octets<'a>>, subtype: impl Into<Octets<'a>>) -> Self {
        let (media_type, subtype) = (media_type.into(), subtype.into());
        let same = |new: &Octets<'_>, old: &Octets<'_>| new.as_bytes().eq_ignore_ascii_case(old.as_bytes());
        if same(&media_type, &self.media_type) && same(&subtype, &self.subtype) {
            (self.media_type, self.subtype) = (media_type, subtype);
        }
        self
    }

    pub(crate) const fn single(media_type: Octets<'a>, subtype: Octets<'a>, kind: BodyKind<'a>) -> Self {
        Self {
            media_type,
            subtype,
            kind,
            descendants: 0,
            params: Vec::new(),
            id: None,
            description: None,
            encoding: Octets::fixed(b"7BIT"),
            octets: 0,
            extension: None,
        }
    }

    /// The first half of the media type, in the case in which it came.
    pub const fn media_type(&self) -> &Octets<'a> {
        &self.media_type
    }

    /// The second half of the media type, in the case in which it came.
    pub const fn subtype(&self) -> &Octets<'a> {
        &self.subtype
    }

    /// Whether this is its media type, case aside.
    pub fn is(&self, media_type: &str, subtype: &str) -> bool {
        is(&self.media_type, media_type) && is(&self.subtype, subtype)
    }

    /// What is special about it.
    pub const fn kind(&self) -> &BodyKind<'a> {
        &self.kind
    }

    /// Whether it is a multipart.
    pub const fn is_multipart(&self) -> bool {
        matches!(self.kind, BodyKind::Multipart)
    }

    /// The value of the first Content-Type parameter of this name, case aside.
    pub fn param(&self, name: &str) -> Option<&Octets<'a>> {
        Parameter::find(&self.params, name)
    }

    /// Whether its type says that an envelope and a body belong to it.
    pub(crate) fn is_message(&self) -> bool {
        is(&self.media_type, "MESSAGE") && (is(&self.subtype, "RFC822") || is(&self.subtype, "GLOBAL"))
    }

    pub(crate) fn forget_lines(&mut self) {
        if let BodyKind::Text { lines } | BodyKind::Message { lines, .. } = &mut self.kind {
            *lines = 0;
        }
    }

    pub(crate) fn set_kind(&mut self, kind: BodyKind<'a>) {
        self.kind = kind;
    }

    pub(crate) fn set_subtype(&mut self, subtype: Octets<'a>) {
        self.subtype = subtype;
    }

    pub(crate) const fn set_message_lines(&mut self, count: u64) {
        if let BodyKind::Message { lines, .. } = &mut self.kind {
            *lines = count;
        }
    }

    /// A multipart out of what looked like a single part; and nothing is kept that a multipart cannot say.
    pub(crate) fn into_multipart(self) -> Self {
        let mut extension = self.extension;
        if let Some(extension) = &mut extension {
            extension.set_md5(None);
        }
        Self {
            params: self.params,
            extension,
            ..Self::multipart(self.subtype)
        }
    }

    /// All of it, except for what follows the parts inside.
    pub(crate) fn write_begin(&self, writer: &mut Writer<'_>) {
        writer.text("(");
        if self.is_multipart() && self.descendants > 0 {
            return;
        }
        writer.string(self.media_type.as_bytes());
        writer.space();
        writer.string(self.subtype.as_bytes());
        writer.space();
        body_extension::write_params(&self.params, writer);
        writer.space();
        writer.nstring(self.id.as_ref());
        writer.space();
        writer.nstring(self.description.as_ref());
        writer.space();
        match self.kind {
            // One without parts cannot be said otherwise.
            BodyKind::Multipart => writer.text("\"7BIT\""),
            _ => writer.string(self.encoding.as_bytes()),
        }
        writer.space();
        writer.number64(self.octets);
        match &self.kind {
            BodyKind::Text { lines } => {
                writer.space();
                writer.number64(*lines);
            }
            BodyKind::Message { envelope, .. } => {
                writer.space();
                envelope.write(writer);
                writer.space();
            }
            BodyKind::Basic | BodyKind::Multipart => {}
        }
    }

    /// What follows the parts inside, and what follows the fields.
    pub(crate) fn write_end(&self, writer: &mut Writer<'_>) {
        match &self.kind {
            BodyKind::Multipart if self.descendants > 0 => {
                writer.space();
                writer.string(self.subtype.as_bytes());
                if self.extension.is_some() || !self.params.is_empty() {
                    writer.space();
                    body_extension::write_params(&self.params, writer);
                }
            }
            BodyKind::Message { lines, .. } => {
                writer.space();
                writer.number64(*lines);
                self.write_md5(writer);
            }
            _ => self.write_md5(writer),
        }
        if let Some(extension) = &self.extension {
            extension.write(writer);
        }
        writer.text(")");
    }

    fn write_md5(&self, writer: &mut Writer<'_>) {
        if let Some(extension) = &self.extension {
            writer.space();
            writer.nstring(extension.md5());
        }
    }
}

pub(crate) fn is(octets: &Octets<'_>, name: &str) -> bool {
    octets.as_bytes().eq_ignore_ascii_case(name.as_bytes())
}

/// No part of the wire: the parentheses say it.
pub(crate) const MULTIPART: &str = "MULTIPART";
