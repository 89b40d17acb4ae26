//! Makes a summary of a message that streams through.

use std::ops::Range;

use mime_codec::transfer::Decoder;
use mime_codec::{Bodies, Content, Event, Limits, StreamParser, TransferEncoding};

use super::envelope::EnvelopeFields;
use super::facts::{MAX_NAME, MimeFields};
use super::kept_header::KeptHeaderMaker;
use super::preview::PreviewMaker;
use super::row::{Kind, Row};
use super::summary::Summary;
use super::surrogate;
use super::tally::Tally;

/// Makes a [`Summary`] of a message that comes in pieces, however it is cut, and never holds more of it than some header fields.
///
/// ```
/// use imap_mailbox::message::{Summary, SummaryBuilder};
///
/// let message = b"Subject: Lunch?\r\n\r\nToday at noon?\r\n";
/// let mut builder = SummaryBuilder::new();
/// for piece in message.chunks(5) {
///     builder.push(piece);
/// }
/// assert_eq!(builder.finish(), Summary::of(message));
/// ```
#[derive(Debug)]
pub struct SummaryBuilder {
    parser: StreamParser,
    tally: Tally,
    table: Table,
    size: u64,
}

impl Default for SummaryBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl SummaryBuilder {
    /// At the begin of a message.
    pub fn new() -> Self {
        let limits = Limits::default()
            .with_depth(Summary::MAX_DEPTH)
            .with_parts(Summary::MAX_PARTS)
            // Sections are octets of the message as it is.
            .with_decoded_layers(0);
        Self {
            parser: StreamParser::within(Bodies::Raw, limits),
            tally: Tally::default(),
            table: Table::default(),
            size: 0,
        }
    }

    /// The next octets of the message, as clients are to see them: lines end with CRLF.
    pub fn push(&mut self, octets: &[u8]) {
        let mut unread = octets;
        loop {
            let taken = self.parser.push(unread);
            self.tally.push(&unread[..taken]);
            self.size += taken as u64;
            unread = &unread[taken..];
            self.advance();
            if unread.is_empty() {
                return;
            }
        }
    }

    /// The message was pushed to its end.
    pub fn finish(mut self) -> Summary {
        self.parser.finish();
        self.advance();
        Summary {
            size: self.size,
            rows: self.table.rows,
            text: self.table.text,
            preview: self.table.preview.finish(),
            kept_header: self.table.kept_header.finish(),
        }
    }

    /// Takes in all that can be found by now.
    fn advance(&mut self) {
        let (table, tally) = (&mut self.table, &mut self.tally);
        loop {
            match self.parser.poll() {
                Event::PartBegins { offset, .. } => table.begin(offset as u64),
                Event::Field(field) => {
                    table.header.mime.note(&field);
                    table.header.is_international |= surrogate::is_international(field.raw);
                    if table.rows.len() == 1 {
                        table.kept_header.note(&field);
                    }
                    if let Some(envelope) = &mut table.header.envelope {
                        envelope.note(&field);
                    }
                }
                Event::HeaderEnds { body, content } => {
                    let lines = tally.lines_before(body as u64);
                    table.end_header(body as u64, lines, content);
                }
                Event::Body(octets) => table.body(octets),
                Event::PartEnds { body_end } => {
                    let lines = tally.lines_before(body_end as u64);
                    table.end(body_end as u64, lines);
                }
                Event::NeedInput => break,
                Event::End => return,
                _ => {}
            }
        }
        tally.pass(self.parser.position() as u64);
    }
}

/// The table so far.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    text: Vec<u8>,
    /// Entities that have begun and not ended.
    open: Vec<Open>,
    /// The header section that is being read.
    header: Header,
    /// Counts what the body of a leaf decodes to; `None` where that is what it has.
    decoder: Option<Decoder>,
    decoded: Vec<u8>,
    preview: PreviewMaker,
    /// That of the message itself.
    kept_header: KeptHeaderMaker,
}

#[derive(Debug, Default)]
struct Header {
    mime: MimeFields,
    /// That of a message.
    envelope: Option<EnvelopeFields>,
    is_international: bool,
}

#[derive(Debug)]
struct Open {
    row: usize,
    /// Line ends in front of its body.
    lines: u64,
    /// Whether parts that say no type are messages (RFC 2046 §5.1.5).
    is_digest: bool,
}

impl Table {
    fn begin(&mut self, offset: u64) {
        let outer = self.open.last().map(|open| self.rows[open.row].kind);
        let is_message = !matches!(outer, Some(kind) if kind != Kind::Message);
        self.header = Header {
            mime: MimeFields::default(),
            envelope: is_message.then(EnvelopeFields::default),
            is_international: false,
        };
        self.rows.push(Row {
            kind: Kind::Basic,
            descendants: 0,
            header: offset,
            body: offset,
            end: offset,
            lines: 0,
            is_international: false,
            decoded: None,
            facts: 0..0,
            envelope: None,
        });
        let row = self.rows.len() - 1;
        self.open.push(Open {
            row,
            lines: 0,
            is_digest: false,
        });
    }

    fn end_header(&mut self, body: u64, lines: u64, content: Content) {
        let header = std::mem::take(&mut self.header);
        let is_in_digest = matches!(self.open.as_slice(), [.., outer, _] if outer.is_digest);
        let (media_type, subtype) = header.media_type(content, is_in_digest);
        let is_digest = content == Content::Multipart && subtype.eq_ignore_ascii_case("digest");
        let facts = self.write_facts(&header.mime, &media_type, &subtype);
        let envelope = header.envelope.as_ref().map(|envelope| self.write_envelope(envelope));
        let is_inside = self.open.iter().any(|open| self.rows[open.row].kind == Kind::Message);
        let Some(open) = self.open.last_mut() else { return };
        (open.lines, open.is_digest) = (lines, is_digest);
        let row = &mut self.rows[open.row];
        row.kind = Kind::of(media_type.as_bytes(), subtype.as_bytes());
        (row.body, row.facts, row.envelope) = (body, facts, envelope);
        row.is_international = header.is_international;
        let encoding = match row.kind.is_composite() {
            true => Some(TransferEncoding::Binary),
            false => encoding_of(&header.mime.encoding()),
        };
        row.decoded = encoding.map(|_| 0);
        self.decoder = encoding.filter(|encoding| !encoding.is_identity()).map(Decoder::new);
        if row.kind == Kind::Text && !is_inside && encoding.is_some() {
            self.preview.begin(&header.mime, &subtype);
        }
    }

    fn body(&mut self, octets: &[u8]) {
        let Some(decoder) = &mut self.decoder else {
            return self.preview.text(octets);
        };
        self.decoded.clear();
        decoder.update(octets, &mut self.decoded);
        self.take_decoded();
    }

    fn take_decoded(&mut self) {
        if let Some(decoded) = self.rows.last_mut().and_then(|row| row.decoded.as_mut()) {
            *decoded += self.decoded.len() as u64;
        }
        self.preview.text(&self.decoded);
    }

    fn end(&mut self, end: u64, lines: u64) {
        if let Some(mut decoder) = self.decoder.take() {
            self.decoded.clear();
            decoder.finish(&mut self.decoded);
            self.take_decoded();
        } else if let Some(row) = self.open.last().map(|open| &mut self.rows[open.row]) {
            row.decoded = row.decoded.map(|_| end.saturating_sub(row.body));
        }
        self.preview.end();
        let Some(open) = self.open.pop() else { return };
        let lines = lines - open.lines;
        let row = &mut self.rows[open.row];
        row.end = end.max(row.body);
        if row.kind.has_lines() {
            row.lines = lines;
        }
        if row.kind == Kind::Multipart && self.rows.len() == open.row + 1 {
            self.add_only_part(open.row, lines);
        }
        self.rows[open.row].descendants = self.rows.len() - 1 - open.row;
    }

    /// A multipart without parts gets one, for the grammar knows none without (RFC 9051 §9 `body-type-mpart`). Whoever wrote
    /// text into it wrote it to be read.
    fn add_only_part(&mut self, multipart: usize, lines: u64) {
        let facts = self.write_facts(&MimeFields::default(), "text", "plain");
        let outer = &self.rows[multipart];
        self.rows.push(Row {
            kind: Kind::Text,
            descendants: 0,
            header: outer.body,
            body: outer.body,
            end: outer.end,
            lines,
            is_international: false,
            decoded: Some(outer.octets()),
            facts,
            envelope: None,
        });
    }

    fn write_facts(&mut self, fields: &MimeFields, media_type: &str, subtype: &str) -> Range<usize> {
        let start = self.text.len();
        fields.write(media_type, subtype, &mut self.text);
        if self.text.len() > Summary::MAX_TEXT {
            self.text.truncate(start);
            fields.write_least(media_type, subtype, &mut self.text);
        }
        start..self.text.len()
    }

    fn write_envelope(&mut self, fields: &EnvelopeFields) -> Range<usize> {
        let start = self.text.len();
        fields.write(&mut self.text);
        if self.text.len() > Summary::MAX_TEXT {
            self.text.truncate(start);
            EnvelopeFields::write_least(&mut self.text);
        }
        start..self.text.len()
    }
}

impl Header {
    /// The type of an entity, which is that of octets where it was not looked into and the type says that it could be.
    fn media_type(&self, content: Content, is_in_digest: bool) -> (String, String) {
        let named = |(media_type, subtype): (&str, &str)| (media_type.to_owned(), subtype.to_owned());
        let content_type = self.mime.content_type();
        let (media_type, subtype) = match &content_type {
            Some(content_type) => (content_type.type_(), content_type.subtype()),
            None if is_in_digest => ("message", "rfc822"),
            None => ("text", "plain"),
        };
        let is_looked_into = content != Content::Leaf;
        let is_composite = Kind::of(media_type.as_bytes(), subtype.as_bytes()).is_composite();
        let is_name = |name: &str| name.len() <= MAX_NAME && !name.contains(|char: char| char.is_control());
        match is_looked_into == is_composite && is_name(media_type) && is_name(subtype) {
            true => named((media_type, subtype)),
            false => named(match content {
                Content::Leaf => ("application", "octet-stream"),
                Content::Multipart => ("multipart", "mixed"),
                Content::Message => ("message", "rfc822"),
            }),
        }
    }
}

/// The encoding of a name; `None` for one that is not known. What says no encoding has none (RFC 2045 §6.1).
pub(super) fn encoding_of(name: &[u8]) -> Option<TransferEncoding> {
    match name {
        b"" => Some(TransferEncoding::SevenBit),
        name => TransferEncoding::from_token(name),
    }
}
