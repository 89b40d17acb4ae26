//! Steps through header sections (RFC 5322 §2.2, RFC 2046 §5.1).

use memchr::memchr;

use super::{Found, Open, Phase, Search, State, Walker};
use crate::DefectKind;
use crate::entity::field_place::FieldPlace;
use crate::entity::kind::{Facts, Kind};

impl Walker {
    /// A step at the start of a line of a header section.
    pub(super) fn header(&mut self, rest: &[u8], eof: bool) -> Option<Found> {
        match rest {
            [b'\n', ..] => return Some(self.end_header(1)),
            [b'\r', b'\n', ..] => return Some(self.end_header(2)),
            [] if eof => return Some(self.end_header(0)),
            [] | [b'\r'] | [b'-'] if !eof => return Some(Found::NeedInput),
            [b'-', b'-', ..] if !self.boundaries.is_empty() => match self.delimiter_at(rest, 0, 0, eof) {
                Search::Maybe { .. } => return Some(Found::NeedInput),
                Search::Found { .. } => {
                    self.report(self.position, DefectKind::MissingBlankLine);
                    return Some(self.end_header(0));
                }
                Search::Absent | Search::Not(_) => {}
            },
            _ => {}
        }
        let Some(len) = self.item_len(rest, eof) else {
            return Some(Found::NeedInput);
        };
        let item = &rest[..len.min(self.limits.field())];
        match FieldPlace::of(item, self.position) {
            Some(place) if item.len() == len => {
                if let Some(kind) = self.facts.note(place.name_in(item), place.value_in(item)) {
                    self.report(self.position, kind);
                }
                self.advance(len);
                Some(Found::Field(place))
            }
            _ if !begins_item(item) => {
                self.report(self.position, DefectKind::MissingBlankLine);
                Some(self.end_header(0))
            }
            _ if item.len() < len => {
                self.report(self.position, DefectKind::FieldLimit(self.limits.field()));
                self.state = State::SkipField;
                None
            }
            _ => {
                self.report(self.position, DefectKind::MalformedField);
                self.advance(len);
                Some(Found::Malformed { len })
            }
        }
    }

    /// The length of the first line of `rest` and of the lines that it is folded into. If it is beyond the limit, any length
    /// beyond. `None` when more must be seen.
    fn item_len(&mut self, rest: &[u8], eof: bool) -> Option<usize> {
        let mut from = self.searched.saturating_sub(self.position);
        while let Some(lf) = memchr(b'\n', &rest[from..]) {
            let line_end = from + lf + 1;
            match rest.get(line_end) {
                Some(b' ' | b'\t') => from = line_end,
                None if !eof => {
                    // This line end is looked at again, with what follows it.
                    self.searched = self.position + line_end - 1;
                    return (line_end > self.limits.field()).then_some(line_end);
                }
                _ => return Some(line_end),
            }
        }
        self.searched = self.position + rest.len();
        (eof || rest.len() > self.limits.field()).then_some(rest.len())
    }

    /// Passes over the rest of a field that is too long.
    pub(super) fn skip_field(&mut self, rest: &[u8], eof: bool) -> Option<Found> {
        let Some(len) = self.item_len(rest, eof) else {
            // The last octet stays, for a line end at the end of the window is one only with what follows it.
            self.advance(rest.len().saturating_sub(1));
            return Some(Found::NeedInput);
        };
        let is_over = len < rest.len() || eof;
        self.advance(if is_over { len } else { len - 1 });
        if !is_over {
            return Some(Found::NeedInput);
        }
        self.state = State::Header;
        None
    }

    /// Ends the header section, `len` octets of line end behind it.
    fn end_header(&mut self, len: usize) -> Found {
        self.advance(len);
        let facts = std::mem::take(&mut self.facts);
        let kind = self.kind_within_limits(&facts);
        self.state = State::Octets { at_line_start: true };
        match kind {
            Kind::Multipart => self.open_multipart(&facts),
            Kind::Message => {
                self.set_innermost(Open::Message);
                self.state = State::Begin;
            }
            Kind::Leaf(_) | Kind::EncodedMessage(_) => {}
        }
        Found::HeaderEnds(kind)
    }

    fn kind_within_limits(&mut self, facts: &Facts) -> Kind {
        let kind = facts.kind();
        if matches!(kind, Kind::Leaf(_)) {
            return kind;
        }
        if self.depth() > self.limits.depth() {
            self.report(self.position, DefectKind::DepthLimit(self.limits.depth()));
            return facts.leaf();
        }
        if kind == Kind::Message && self.parts >= self.limits.parts() {
            self.report(self.position, DefectKind::PartLimit(self.limits.parts()));
            return facts.leaf();
        }
        kind
    }

    fn open_multipart(&mut self, facts: &Facts) {
        let phase = match facts.boundary() {
            Some(boundary) => {
                if self.boundaries.contains(boundary) {
                    self.report(self.position, DefectKind::BoundaryInUse);
                }
                self.boundaries.push(boundary, self.open.len() - 1);
                Phase::Preamble
            }
            None => {
                self.report(self.position, DefectKind::MissingBoundary);
                Phase::NoBoundary
            }
        };
        let is_digest = facts.is_digest();
        self.set_innermost(Open::Multipart { phase, is_digest });
    }

    pub(super) fn set_innermost(&mut self, open: Open) {
        if let Some(innermost) = self.open.last_mut() {
            *innermost = open;
        }
    }

    pub(super) fn advance(&mut self, len: usize) {
        self.position += len;
    }
}

/// Whether the first line of a header item has the look of a field, or is the envelope line of a mailbox file that strayed into
/// the header section. Otherwise the empty line is missing and the body begins.
fn begins_item(item: &[u8]) -> bool {
    let line = memchr(b'\n', item).map_or(item, |lf| &item[..lf]);
    memchr(b':', line).is_some() || line.starts_with(b"From ") || line.starts_with(b">From ")
}
