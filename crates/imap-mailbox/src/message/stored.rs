//! The form in which a summary is kept.
//!
//! ```text
//! summary = version size kept-header count *row preview-size *facts-or-envelope preview checksum
//! row     = what [descendants] before-header header body [lines] [decoded] facts-size [envelope-size]
//! ```
//!
//! Version and `what` are octets, the checksum is the CRC-32 of all before it, the lowest octet first; the rest are numbers.

use super::builder::encoding_of;
use super::envelope;
use super::facts::Facts;
use super::kept_header;
use super::record::{Cursor, put_number, put_optional};
use super::row::{Kind, Row};
use super::summary::Summary;

/// Why octets are no [`Summary`]. What to do about it is always the same: make it anew from the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SummaryDamage {
    /// They were written by a version that made summaries of another kind.
    #[error("the summary has the version {0}, which is not known")]
    Version(u8),
    /// They are not as they were written.
    #[error("the summary is damaged")]
    Checksum,
    /// They are as they were written, and no summary.
    #[error("the summary contradicts itself")]
    Contents,
}

impl Summary {
    /// The compact form that a store keeps beside the message: some hundred octets for an ordinary one, at most some more than
    /// [`MAX_TEXT`](Self::MAX_TEXT).
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        put_number(&mut out, self.size);
        put_optional(&mut out, self.kept_header.as_deref());
        put_number(&mut out, self.rows.len() as u64);
        let mut before = 0;
        for row in &self.rows {
            self.put_row(row, before, &mut out);
            before = row.header;
        }
        put_number(&mut out, self.preview.len() as u64);
        for row in &self.rows {
            out.extend_from_slice(&self.text[row.facts.clone()]);
            out.extend(
                row.envelope
                    .clone()
                    .map(|range| &self.text[range])
                    .into_iter()
                    .flatten(),
            );
        }
        out.extend_from_slice(self.preview.as_bytes());
        let checksum = crc32fast::hash(&out).to_le_bytes();
        out.extend_from_slice(&checksum);
        out
    }

    fn put_row(&self, row: &Row, before: u64, out: &mut Vec<u8>) {
        let decoded = row.decoded.filter(|_| self.tells_decoded(row));
        let has_envelope = u8::from(row.envelope.is_some()) * HAS_ENVELOPE;
        let has_decoded = u8::from(decoded.is_some()) * HAS_DECODED;
        let is_international = u8::from(row.is_international) * IS_INTERNATIONAL;
        out.push(row.kind as u8 | has_envelope | has_decoded | is_international);
        let inside = row.kind.is_composite().then_some(row.descendants as u64);
        let lines = row.kind.has_lines().then_some(row.lines);
        let places = [row.header - before, row.body - row.header, row.octets()];
        let texts = [
            Some(row.facts.len() as u64),
            row.envelope.as_ref().map(|range| range.len() as u64),
        ];
        let numbers = inside.into_iter().chain(places).chain(lines).chain(decoded);
        numbers
            .chain(texts.into_iter().flatten())
            .for_each(|number| put_number(out, number));
    }

    /// Whether a part has another size when it is decoded, as far as its encoding says.
    fn tells_decoded(&self, row: &Row) -> bool {
        !row.kind.is_composite() && encoding_of(self.encoding(row)).is_some_and(|encoding| !encoding.is_identity())
    }

    /// The summary that a store has kept.
    ///
    /// # Errors
    ///
    /// [`SummaryDamage`] when it is anything but what [`to_bytes`](Self::to_bytes) has made. The summary is then to be made anew, from
    /// the message.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, SummaryDamage> {
        Self::from_contents(contents_of(octets)?).ok_or(SummaryDamage::Contents)
    }

    /// Everything between version and checksum.
    pub(crate) fn from_contents(contents: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(contents);
        let size = cursor.number()?;
        let kept_header = kept_header::read(&mut cursor)?;
        if !kept_header.is_none_or(kept_header::is_sound) {
            return None;
        }
        let count = cursor.number()?;
        let mut drafts = Vec::new();
        let mut before = 0;
        for _ in 0..count {
            let draft = Draft::read(&mut cursor, before)?;
            before = draft.row.header;
            drafts.push(draft);
        }
        let preview_len = cursor.number()?;
        let mut summary = Self {
            size,
            rows: Vec::with_capacity(drafts.len()),
            text: Vec::new(),
            preview: String::new(),
            kept_header: kept_header.map(<[u8]>::to_vec),
        };
        for draft in drafts {
            let row = summary.take_text(draft, &mut cursor)?;
            summary.rows.push(row);
        }
        summary.preview = str::from_utf8(cursor.take(preview_len)?).ok()?.to_owned();
        let is_line = !summary.preview.contains(char::is_control);
        (is_line && cursor.is_at_end() && summary.is_sound()).then_some(summary)
    }

    /// Reads the strings of a row and holds it against them.
    fn take_text(&mut self, draft: Draft, cursor: &mut Cursor<'_>) -> Option<Row> {
        let mut row = draft.row;
        let start = self.text.len();
        self.text.extend_from_slice(cursor.take(draft.facts)?);
        row.facts = start..self.text.len();
        let mut facts_cursor = Cursor::new(&self.text[row.facts.clone()]);
        let facts = Facts::read(&mut facts_cursor)?;
        let encoding = encoding_of(facts.encoding);
        let is_sound = facts_cursor.is_at_end() && Kind::of(facts.media_type, facts.subtype) == row.kind;
        if let Some(len) = draft.envelope {
            let octets = cursor.take(len)?;
            let mut envelope_cursor = Cursor::new(octets);
            envelope::read(&mut envelope_cursor).filter(|_| envelope_cursor.is_at_end())?;
            let start = self.text.len();
            self.text.extend_from_slice(octets);
            row.envelope = Some(start..self.text.len());
        }
        // The decoded size stands in front of the strings, which say whether there is one.
        row.decoded = match encoding {
            _ if row.kind.is_composite() => Some(row.octets()),
            Some(encoding) if !encoding.is_identity() => Some(draft.decoded?),
            Some(_) => Some(row.octets()),
            None => None,
        };
        let is_told = encoding.is_some_and(|encoding| !encoding.is_identity()) && !row.kind.is_composite();
        (is_sound && is_told == draft.decoded.is_some()).then_some(row)
    }

    /// Whether the rows are a tree, and lie inside of one another as it says.
    fn is_sound(&self) -> bool {
        // Index and offset behind each entity that is open, and how many may still begin in it.
        let mut open: Vec<(usize, u64, usize)> = vec![(self.rows.len(), self.size, 1)];
        let mut position = 0;
        for (index, row) in self.rows.iter().enumerate() {
            while open.last().is_some_and(|(end, ..)| *end == index) {
                open.pop();
            }
            let is_message = match index.checked_sub(1).map(|before| self.rows[before].kind) {
                None | Some(Kind::Message) => true,
                Some(_) => false,
            };
            let Some((end, limit, left)) = open.last_mut() else {
                return false;
            };
            if *left == 0 || row.header < position || row.end > *limit || row.envelope.is_some() != is_message {
                return false;
            }
            *left -= 1;
            let behind = index + 1 + row.descendants;
            if behind > *end || (row.descendants > 0) != row.kind.is_composite() {
                return false;
            }
            position = if row.kind.is_composite() { row.body } else { row.end };
            match row.kind {
                Kind::Message => open.push((behind, row.end, 1)),
                Kind::Multipart => open.push((behind, row.end, usize::MAX)),
                Kind::Basic | Kind::Text => {}
            }
            if open.len() > DEEPEST {
                return false;
            }
        }
        !self.rows.is_empty()
    }
}

/// Everything between version and checksum, which are as they should be.
pub(super) fn contents_of(octets: &[u8]) -> Result<&[u8], SummaryDamage> {
    let (contents, checksum) = octets.split_last_chunk().ok_or(SummaryDamage::Checksum)?;
    if crc32fast::hash(contents).to_le_bytes() != *checksum {
        return Err(SummaryDamage::Checksum);
    }
    match contents.split_first() {
        Some((&VERSION, contents)) => Ok(contents),
        Some((&version, _)) => Err(SummaryDamage::Version(version)),
        None => Err(SummaryDamage::Checksum),
    }
}

/// A row without its strings.
struct Draft {
    row: Row,
    decoded: Option<u64>,
    facts: u64,
    envelope: Option<u64>,
}

impl Draft {
    fn read(cursor: &mut Cursor<'_>, before: u64) -> Option<Self> {
        let what = cursor.byte()?;
        let kind = *Kind::ALL.get(usize::from(what & KIND))?;
        if what & !(KIND | HAS_ENVELOPE | HAS_DECODED | IS_INTERNATIONAL) != 0 {
            return None;
        }
        let descendants = match kind.is_composite() {
            true => usize::try_from(cursor.number()?)
                .ok()
                .filter(|&inside| inside <= u32::MAX as usize)?,
            false => 0,
        };
        let header = before.checked_add(cursor.number()?)?;
        let body = header.checked_add(cursor.number()?)?;
        let end = body.checked_add(cursor.number()?)?;
        let lines = if kind.has_lines() { cursor.number()? } else { 0 };
        let decoded = if what & HAS_DECODED > 0 {
            Some(cursor.number()?)
        } else {
            None
        };
        let facts = cursor.number()?;
        let envelope = if what & HAS_ENVELOPE > 0 {
            Some(cursor.number()?)
        } else {
            None
        };
        let row = Row {
            kind,
            descendants,
            header,
            body,
            end,
            lines,
            is_international: what & IS_INTERNATIONAL > 0,
            decoded: None,
            facts: 0..0,
            envelope: None,
        };
        Some(Self {
            row,
            decoded,
            facts,
            envelope,
        })
    }
}

/// The first octet. Another one wherever a summary would say something else of the same message.
const VERSION: u8 = 4;

/// The bits of the octet in front of each row.
const KIND: u8 = 0b0011;
const HAS_ENVELOPE: u8 = 0b0100;
const HAS_DECODED: u8 = 0b1000;
const IS_INTERNATIONAL: u8 = 0b1_0000;

/// Entities that are open at once, the message included, with one more for the end of the table.
const DEEPEST: usize = Summary::MAX_DEPTH + 2;
