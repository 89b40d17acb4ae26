//! What the header section says about how the body is to be read.

use crate::{ContentType, DefectKind, TransferEncoding};

/// How the body of an entity is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Octets, in this encoding.
    Leaf(Option<TransferEncoding>),
    /// Entities between delimiter lines (RFC 2046 §5.1).
    Multipart,
    /// One entity (RFC 2046 §5.2.1).
    Message,
    /// One entity, transfer-encoded, which RFC 2046 §5.2.1 forbids and mailers do (RFC 6532 §3.7 allows it).
    EncodedMessage(TransferEncoding),
}

/// The fields of one header section that decide the kind. Of a field that comes twice the first counts.
#[derive(Debug, Default)]
pub(super) struct Facts {
    is_in_digest: bool,
    has_type: bool,
    media: Option<Media>,
    has_encoding: bool,
    encoding: Option<TransferEncoding>,
}

#[derive(Debug)]
enum Media {
    Multipart { boundary: Option<Vec<u8>>, is_digest: bool },
    Message,
    Other,
}

impl Facts {
    /// Those of a part, which is a message unless it says otherwise if it lies in a digest (RFC 2046 §5.1.5).
    pub(super) fn of_part(is_in_digest: bool) -> Self {
        Self {
            is_in_digest,
            ..Self::default()
        }
    }

    /// Takes note of a field, and says what is wrong with it that concerns the structure.
    pub(super) fn note(&mut self, name: &[u8], value: &[u8]) -> Option<DefectKind> {
        // The lengths tell nearly all other fields apart at once.
        match name.len() {
            12 if name.eq_ignore_ascii_case(b"Content-Type") => {
                if self.has_type {
                    return Some(DefectKind::DuplicateField);
                }
                self.has_type = true;
                self.media = Media::parse(value);
            }
            25 if name.eq_ignore_ascii_case(b"Content-Transfer-Encoding") => {
                if self.has_encoding {
                    return Some(DefectKind::DuplicateField);
                }
                self.has_encoding = true;
                self.encoding = encoding(value);
            }
            _ => {}
        }
        None
    }

    pub(super) fn kind(&self) -> Kind {
        match self.media {
            Some(Media::Multipart { .. }) => Kind::Multipart,
            Some(Media::Other) => self.leaf(),
            None if !self.is_in_digest => self.leaf(),
            Some(Media::Message) | None => match self.encoding {
                Some(encoding) if !encoding.is_identity() => Kind::EncodedMessage(encoding),
                _ => Kind::Message,
            },
        }
    }

    /// The kind of a body that is not looked into.
    pub(super) fn leaf(&self) -> Kind {
        Kind::Leaf(self.encoding)
    }

    pub(super) fn boundary(&self) -> Option<&[u8]> {
        match &self.media {
            Some(Media::Multipart { boundary, .. }) => boundary.as_deref(),
            _ => None,
        }
    }

    pub(super) fn is_digest(&self) -> bool {
        matches!(self.media, Some(Media::Multipart { is_digest: true, .. }))
    }
}

impl Media {
    fn parse(value: &[u8]) -> Option<Self> {
        // All types that matter here begin with an M, behind a comment perhaps; most types of most messages do not.
        if !matches!(value.trim_ascii_start(), [b'm' | b'M' | b'(', ..]) {
            return Some(Self::Other);
        }
        let content_type = ContentType::parse(value);
        Some(if content_type.is_multipart() {
            Self::Multipart {
                boundary: content_type.boundary().map(std::borrow::Cow::into_owned),
                is_digest: content_type.is("multipart", "digest"),
            }
        } else if content_type.is("message", "rfc822") || content_type.is("message", "global") {
            Self::Message
        } else {
            Self::Other
        })
    }
}

/// ```text
/// encoding := "Content-Transfer-Encoding" ":" mechanism     ; RFC 2045 §6.1
/// ```
pub(crate) fn encoding(value: &[u8]) -> Option<TransferEncoding> {
    let ends = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(');
    let value = value.trim_ascii_start();
    let len = value.iter().position(ends).unwrap_or(value.len());
    TransferEncoding::from_token(&value[..len])
}
