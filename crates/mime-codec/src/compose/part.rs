//! One part of a message to be composed.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use rfc5322::Field;

use crate::{ContentDisposition, ContentType, ParameterError};

/// A part: a type, perhaps a disposition, and a body.
///
/// Most messages need none: see [`Composer`](super::Composer). With parts any tree can be composed:
///
/// ```
/// use mime_codec::compose::{Composer, PartBuilder, Transport};
///
/// let status = PartBuilder::octets("message", "delivery-status", b"Reporting-MTA: dns; hamburger.edu\r\n")?;
/// let report = PartBuilder::multipart("report", [PartBuilder::text("Bob moved."), status])?;
/// let message = Composer::new().from("postmaster@hamburger.edu").body(report);
/// let octets = message.to_vec(Transport::SEVEN_BIT)?;
/// assert!(octets.windows(30).any(|part| part == b"Content-Type: multipart/report"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PartBuilder<'c> {
    pub(super) content_type: ContentType<'c>,
    pub(super) disposition: Option<ContentDisposition<'c>>,
    pub(super) fields: Vec<Field>,
    pub(super) content: Content<'c>,
}

/// The body of a part.
pub(super) enum Content<'c> {
    /// Lines that end in CRLF.
    Text(Cow<'c, str>),
    Octets(Cow<'c, [u8]>),
    Reader(Box<dyn Read + Send + 'c>),
    Message(Cow<'c, [u8]>),
    Parts(Vec<PartBuilder<'c>>),
}

impl<'c> PartBuilder<'c> {
    /// Plain text in UTF-8. Line ends of any kind become CRLF.
    pub fn text(text: impl Into<Cow<'c, str>>) -> Self {
        Self::of_text(b"text/plain; charset=utf-8", text.into())
    }

    /// HTML in UTF-8. Line ends of any kind become CRLF.
    pub fn html(html: impl Into<Cow<'c, str>>) -> Self {
        Self::of_text(b"text/html; charset=utf-8", html.into())
    }

    fn of_text(content_type: &'static [u8], text: Cow<'c, str>) -> Self {
        Self::new(ContentType::parse(content_type), Content::Text(with_crlf(text)))
    }

    /// Octets of any type, which arrive unchanged.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`] if it is no type.
    pub fn octets(type_: &str, subtype: &str, octets: impl Into<Cow<'c, [u8]>>) -> Result<Self, ParameterError> {
        let content_type = ContentType::new(type_, subtype)?;
        Ok(Self::new(content_type, Content::Octets(octets.into())))
    }

    /// Octets of any type that are read while the message is written, so that they are never in memory as a whole. They are
    /// encoded, because nobody can know before whether they hold the boundary.
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`] if it is no type.
    pub fn reader(type_: &str, subtype: &str, source: impl Read + Send + 'c) -> Result<Self, ParameterError> {
        let content_type = ContentType::new(type_, subtype)?;
        Ok(Self::new(content_type, Content::Reader(Box::new(source))))
    }

    /// A message inside the message (RFC 2046 §5.2.1). Line ends of any kind become CRLF.
    pub fn message(message: impl Into<Cow<'c, [u8]>>) -> Self {
        let message = octets_with_crlf(message.into());
        Self::new(ContentType::parse(b"message/rfc822"), Content::Message(message))
    }

    /// Parts in a multipart: `mixed`, `alternative`, `related`, … (RFC 2046 §5.1).
    ///
    /// # Errors
    ///
    /// [`ParameterError::Token`] if it is no subtype.
    pub fn multipart(subtype: &str, parts: impl IntoIterator<Item = Self>) -> Result<Self, ParameterError> {
        let content_type = ContentType::new("multipart", subtype)?;
        Ok(Self::new(content_type, Content::Parts(parts.into_iter().collect())))
    }

    /// A multipart of a type that is known to be one.
    pub(super) fn known_multipart(content_type: &'static [u8], parts: Vec<Self>) -> Self {
        Self::new(ContentType::parse(content_type), Content::Parts(parts))
    }

    fn new(content_type: ContentType<'c>, content: Content<'c>) -> Self {
        Self {
            content_type,
            disposition: None,
            fields: Vec::new(),
            content,
        }
    }

    /// The body, if it is octets that are there.
    pub(super) fn octets_in_memory(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Text(text) => Some(text.as_bytes()),
            Content::Octets(octets) | Content::Message(octets) => Some(octets),
            Content::Reader(_) | Content::Parts(_) => None,
        }
    }

    /// Adds a parameter to the type.
    ///
    /// # Errors
    ///
    /// [`ParameterError`].
    pub fn with_param(mut self, name: &str, value: &str) -> Result<Self, ParameterError> {
        self.content_type = self.content_type.with_param(name, value)?;
        Ok(self)
    }

    /// Makes it an attachment with a file name, of which control characters are dropped.
    #[must_use]
    pub fn attached_as(mut self, file_name: &str) -> Self {
        self.disposition = Some(ContentDisposition::attachment(file_name));
        self
    }

    /// Sets the disposition.
    #[must_use]
    pub fn with_disposition(mut self, disposition: ContentDisposition<'c>) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// Adds a header field: `Content-Description`, `Content-Language`, … The fields of the type, the disposition and the transfer
    /// encoding are written anyway.
    #[must_use]
    pub fn with_field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }
}

impl fmt::Debug for PartBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartBuilder")
            .field("content_type", &self.content_type)
            .field("disposition", &self.disposition)
            .finish_non_exhaustive()
    }
}

/// Text with line ends that are CRLF; borrowed if they are.
fn with_crlf(text: Cow<'_, str>) -> Cow<'_, str> {
    match octets_with_crlf(Cow::Borrowed(text.as_bytes())) {
        Cow::Borrowed(_) => text,
        Cow::Owned(octets) => Cow::Owned(String::from_utf8(octets).expect("line ends are ASCII")),
    }
}

/// Octets with line ends that are CRLF; borrowed if they are.
fn octets_with_crlf(octets: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    // No branch for each octet, so that many can be looked at at once.
    let behind = octets.get(1..).unwrap_or_default();
    let is_torn = |(&cr, &lf): (&u8, &u8)| (cr == b'\r') != (lf == b'\n');
    let is_any_torn = octets.iter().zip(behind).fold(false, |any, pair| any | is_torn(pair));
    let is_right = !is_any_torn && octets.first() != Some(&b'\n') && octets.last() != Some(&b'\r');
    if is_right {
        return octets;
    }
    let mut lines = Vec::with_capacity(octets.len() + octets.len() / 32);
    let mut rest = &*octets;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        lines.extend_from_slice(&rest[..at]);
        lines.extend_from_slice(b"\r\n");
        rest = rest[at..].strip_prefix(b"\r\n").unwrap_or(&rest[at + 1..]);
    }
    lines.extend_from_slice(rest);
    Cow::Owned(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_crlf() {
        for (text, lines) in [
            ("", ""),
            ("a\r\nb", "a\r\nb"),
            ("a\nb\n", "a\r\nb\r\n"),
            ("a\rb\r", "a\r\nb\r\n"),
            ("\n\r\n\r\r", "\r\n\r\n\r\n\r\n"),
        ] {
            assert_eq!(with_crlf(text.into()), lines, "{text:?}");
            assert_eq!(matches!(with_crlf(text.into()), Cow::Borrowed(_)), text == lines);
        }
    }
}
