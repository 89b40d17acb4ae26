//! One entity of a message, in the flat table that a summary is.

use std::ops::Range;

/// An entity: the message itself, a part, or a message inside of a part. The one that follows a [`Kind::Message`] is its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) kind: Kind,
    /// How many of the rows behind it are inside of it.
    pub(super) descendants: usize,
    /// Offset of its header.
    pub(super) header: u64,
    /// Offset of its body.
    pub(super) body: u64,
    /// Offset of what stands behind its body.
    pub(super) end: u64,
    /// Line ends in its body: of a text or a message.
    pub(super) lines: u64,
    /// Whether its header has UTF-8 in it.
    pub(super) is_international: bool,
    /// Octets of its body without the transfer encoding. `None` where the encoding is not known.
    pub(super) decoded: Option<u64>,
    /// Its [`Facts`](super::facts::Facts), in the summary's text.
    pub(super) facts: Range<usize>,
    /// Its envelope, in the summary's text: of the message itself and of messages inside.
    pub(super) envelope: Option<Range<usize>>,
}

/// What an entity's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Octets.
    Basic,
    /// `text/*`
    Text,
    /// `message/rfc822` or `message/global`, which was looked into.
    Message,
    /// `multipart/*`, which has a part.
    Multipart,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Basic, Self::Text, Self::Message, Self::Multipart];

    /// Whether other entities are inside.
    pub(super) const fn is_composite(self) -> bool {
        matches!(self, Self::Message | Self::Multipart)
    }

    /// Whether lines are counted.
    pub(super) const fn has_lines(self) -> bool {
        matches!(self, Self::Text | Self::Message)
    }

    /// The kind of an entity of a type, if it is looked into where that can be.
    pub(super) fn of(media_type: &[u8], subtype: &[u8]) -> Self {
        let is = |name: &str, octets: &[u8]| octets.eq_ignore_ascii_case(name.as_bytes());
        if is("text", media_type) {
            Self::Text
        } else if is("multipart", media_type) {
            Self::Multipart
        } else if is("message", media_type) && (is("rfc822", subtype) || is("global", subtype)) {
            Self::Message
        } else {
            Self::Basic
        }
    }
}

impl Row {
    /// Octets of its body.
    pub(super) const fn octets(&self) -> u64 {
        self.end - self.body
    }
}
