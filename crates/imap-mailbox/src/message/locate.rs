//! What octets of a message a section consists of (RFC 9051 §6.4.5.1).

use std::ops::Range;

use imap_proto::{PartPath, Partial, Section};
use mime_codec::transfer::Decoder;

use super::builder::encoding_of;
use super::filter::{FieldFilter, Names};
use super::row::Row;
use super::section::SectionReader;
use super::summary::Summary;

/// The transfer encoding of a part is not known, so that BINARY cannot undo it: `NO [UNKNOWN-CTE]` (RFC 3516 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the part has a transfer encoding that is not known")]
pub struct UnknownEncoding;

impl Summary {
    /// The octets of the message that a section consists of; for HEADER.FIELDS and HEADER.FIELDS.NOT, the header that they are taken from.
    /// `None` where the message has no such part, or the part no such section: then the section is NIL.
    ///
    /// Part 1 of a message that is no multipart is its body, and 1.MIME its header. HEADER and TEXT behind a number are those of the
    /// `message/rfc822` or `message/global` that it names.
    ///
    /// ```
    /// use imap_mailbox::message::Summary;
    /// use imap_proto::Section;
    ///
    /// let summary = Summary::of(b"Subject: Lunch?\r\n\r\nToday at noon?\r\n");
    /// assert_eq!(summary.locate(&Section::Header(None)), Some(0..19));
    /// assert_eq!(summary.locate(&Section::Part("1".parse()?)), Some(19..35));
    /// assert_eq!(summary.locate(&Section::Part("2".parse()?)), None);
    /// # Ok::<(), imap_proto::SyntaxError>(())
    /// ```
    pub fn locate(&self, section: &Section<'_>) -> Option<Range<u64>> {
        let header = |row: &Row| row.header..row.body;
        match section {
            Section::Whole => Some(self.whole()),
            Section::Part(path) => self.find(path).map(|index| self.rows[index].body..self.rows[index].end),
            Section::Mime(path) => self.find(path).map(|index| header(&self.rows[index])),
            Section::Header(path) | Section::HeaderFields(path, _) | Section::HeaderFieldsNot(path, _) => {
                self.find_message(path.as_ref()).map(header)
            }
            Section::Text(path) => self.find_message(path.as_ref()).map(|row| row.body..row.end),
        }
    }

    /// A reader of what `BODY[section]<partial>` tells; `None` where that is NIL.
    pub fn section(&self, section: &Section<'_>, partial: Option<Partial>) -> Option<SectionReader> {
        let range = self.locate(section)?;
        Some(match self.filter(section) {
            Some(filter) => SectionReader::filter(range, filter, partial),
            None => SectionReader::copy(window(range, partial)),
        })
    }

    /// The same for clients that know no UTF-8 in headers.
    pub(super) fn surrogate(&self, section: &Section<'_>, partial: Option<Partial>) -> Option<SectionReader> {
        let range = self.locate(section)?;
        let header = |row: &Row| row.header..row.body;
        let is_inside = |header: &Range<u64>| range.start <= header.start && header.end <= range.end;
        let rows = self.rows.iter().filter(|row| row.is_international);
        let headers: Vec<Range<u64>> = rows.map(header).filter(is_inside).collect();
        match headers.is_empty() {
            true => self.section(section, partial),
            false => Some(SectionReader::surrogate(range, headers, self.filter(section), partial)),
        }
    }

    /// What HEADER.FIELDS and HEADER.FIELDS.NOT tell of a header.
    fn filter(&self, section: &Section<'_>) -> Option<FieldFilter> {
        let names = match section {
            Section::HeaderFields(_, names) => Names::these(names),
            Section::HeaderFieldsNot(_, names) => Names::others(names),
            _ => return None,
        };
        let has_body = self.find_message(section.path()).is_some_and(|row| row.octets() > 0);
        Some(FieldFilter::new(names, has_body))
    }

    /// A reader of what `BINARY[part]<partial>` tells; `None` where that is NIL. The message itself, multiparts and messages have no transfer
    /// encoding, and are told as they are.
    ///
    /// # Errors
    ///
    /// [`UnknownEncoding`]
    pub fn binary(
        &self,
        part: Option<&PartPath>,
        partial: Option<Partial>,
    ) -> Result<Option<SectionReader>, UnknownEncoding> {
        let Some(path) = part else {
            return Ok(Some(SectionReader::verbatim(window(self.whole(), partial))));
        };
        let Some(index) = self.find(path) else {
            return Ok(None);
        };
        let row = &self.rows[index];
        let decoded = row.decoded.ok_or(UnknownEncoding)?;
        let encoding = encoding_of(self.encoding(row)).filter(|encoding| !encoding.is_identity());
        Ok(Some(match encoding {
            Some(encoding) if !row.kind.is_composite() => {
                SectionReader::decode(row.body..row.end, Decoder::new(encoding), decoded, partial)
            }
            _ => SectionReader::verbatim(window(row.body..row.end, partial)),
        }))
    }

    /// The same for clients that know no UTF-8 in headers.
    pub(super) fn binary_surrogate(
        &self,
        part: Option<&PartPath>,
        partial: Option<Partial>,
    ) -> Result<Option<SectionReader>, UnknownEncoding> {
        let Some(path) = part else {
            return Ok(self.surrogate(&Section::Whole, partial));
        };
        match self.find(path) {
            Some(index) if self.rows[index].kind.is_composite() => {
                Ok(self.surrogate(&Section::Part(path.clone()), partial))
            }
            _ => self.binary(part, partial),
        }
    }

    /// What `BINARY.SIZE[part]` tells; `None` where there is no such part.
    ///
    /// # Errors
    ///
    /// [`UnknownEncoding`]
    pub fn binary_size(&self, part: Option<&PartPath>) -> Result<Option<u64>, UnknownEncoding> {
        let Some(path) = part else {
            return Ok(Some(self.size()));
        };
        match self.find(path) {
            Some(index) => self.rows[index].decoded.map(Some).ok_or(UnknownEncoding),
            None => Ok(None),
        }
    }
}

/// The window of a range; what goes beyond its end is cut off, and what begins there is empty.
fn window(range: Range<u64>, partial: Option<Partial>) -> Range<u64> {
    let Some(partial) = partial else { return range };
    let start = range.start.saturating_add(partial.offset).min(range.end);
    start..start.saturating_add(partial.length.get()).min(range.end)
}
