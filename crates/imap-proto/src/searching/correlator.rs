//! What ties an ESEARCH or UIDBATCHES response to its command (RFC 4466 §2.6.2, RFC 7377 §2.1).

use alloc::borrow::Cow;
use alloc::string::String;
use core::num::NonZeroU32;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Mailbox, SyntaxError, Tag};

/// `search-correlator`: which command's result it is; from many mailboxes, also of which one.
#[derive(Clone, Debug, PartialEq, Eq, Default, ToStatic)]
pub struct Correlator<'a> {
    /// TAG: the command's tag.
    pub tag: Option<Tag<'a>>,
    /// MAILBOX: where it was found (RFC 7377 §2.1).
    pub mailbox: Option<Mailbox<'a>>,
    /// UIDVALIDITY of that mailbox (RFC 7377 §2.1).
    pub uid_validity: Option<NonZeroU32>,
}

impl<'a> From<Tag<'a>> for Correlator<'a> {
    fn from(tag: Tag<'a>) -> Self {
        Self {
            tag: Some(tag),
            ..Self::default()
        }
    }
}

impl<'a> Correlator<'a> {
    /// ```text
    /// search-correlator = SP "(" one-correlator *(SP one-correlator) ")"
    /// one-correlator    = ("TAG" SP tag-string) / ("MAILBOX" SP astring) /
    ///                     ("UIDVALIDITY" SP nz-number)
    ///                     ; Each correlator MUST appear exactly once.
    /// ```
    /// Where it is missing, all of it is `None`.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let mut correlator = Self::default();
        let start = reader.offset();
        // `(COUNT 17)` is no correlator, and what it is, the items' reader says.
        if !reader.accept_space() || reader.peek() != Some(b'(') || !is_correlator(reader) {
            reader.rewind(start);
            return Ok(correlator);
        }
        reader.list1(|reader| correlator.read_one(reader))?;
        Ok(correlator)
    }

    fn read_one(&mut self, reader: &mut Reader<'a>) -> Parse<()> {
        let start = reader.offset();
        let name = reader.keyword();
        let is_first = match name.as_slice() {
            b"TAG" => self.tag.is_none(),
            b"MAILBOX" => self.mailbox.is_none(),
            b"UIDVALIDITY" => self.uid_validity.is_none(),
            _ => false,
        };
        if !is_first {
            return Err(SyntaxError::new(start, "TAG, MAILBOX or UIDVALIDITY, each once"));
        }
        reader.space()?;
        match name.as_slice() {
            b"TAG" => self.tag = Some(read_tag(reader)?),
            b"MAILBOX" => self.mailbox = Some(Mailbox::read(reader)?),
            _ => self.uid_validity = Some(reader.nz_number()?),
        }
        Ok(())
    }

    /// With the space in front.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        let mut separator = " (";
        if let Some(tag) = &self.tag {
            writer.text(separator);
            writer.text("TAG ");
            write_tag(tag, writer);
            separator = " ";
        }
        if let Some(mailbox) = &self.mailbox {
            writer.text(separator);
            writer.text("MAILBOX ");
            mailbox.write(writer);
            separator = " ";
        }
        if let Some(uid_validity) = self.uid_validity {
            writer.text(separator);
            writer.text("UIDVALIDITY ");
            writer.number(uid_validity.get());
            separator = " ";
        }
        if separator == " " {
            writer.text(")");
        }
    }
}

/// Whether the list that is next begins as a correlator does.
fn is_correlator(reader: &Reader<'_>) -> bool {
    let mut ahead = reader.clone();
    ahead.open().is_ok() && matches!(ahead.keyword().as_slice(), b"TAG" | b"MAILBOX" | b"UIDVALIDITY")
}

/// `tag-string = astring ; <tag> represented as <astring>` (RFC 9051 §9); RFC 4466 §3 has `string`.
pub(crate) fn read_tag<'a>(reader: &mut Reader<'a>) -> Parse<Tag<'a>> {
    let start = reader.offset();
    let tag = match reader.astring()?.into_inner() {
        Cow::Borrowed(octets) => core::str::from_utf8(octets).ok().map(Cow::Borrowed),
        Cow::Owned(octets) => String::from_utf8(octets).ok().map(Cow::Owned),
    };
    tag.and_then(|tag| Tag::new(tag).ok())
        .ok_or(SyntaxError::new(start, "a tag in quotes"))
}

/// In quotes, which any peer understands.
pub(crate) fn write_tag(tag: &Tag<'_>, writer: &mut Writer<'_>) {
    writer.quoted(tag.as_str().as_bytes());
}
