//! The one machine that takes a message apart: header sections, bodies, parts. It looks at a window of the octets and says
//! what comes next in it; whole messages are one window, streams are many. So both parsers see the same tree.

use memchr::memchr;
use memchr::memmem::Finder;

use super::delimiter::{Boundaries, Delimiter, LONGEST, Line};
use super::field_place::FieldPlace;
use super::kind::{Facts, Kind};
use crate::{Defect, DefectKind, Limits};

/// What came next. It is behind the walker now: the next window begins at its new position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// An entity begins. Its header section follows.
    Begins,
    /// A field of the header section.
    Field(FieldPlace),
    /// Lines of the header section that are no field.
    Malformed {
        /// The octets of the lines, which end at the walker's position.
        len: usize,
    },
    /// The header section is over; the body, which is of this kind, follows.
    HeaderEnds(Kind),
    /// So many octets, which end at the walker's position.
    Octets(Section, usize),
    /// The innermost entity that is open ends. Its body goes to `body_end`: to the line end in front of a delimiter line, or
    /// to the end of the message.
    Ends {
        /// Offset of the octet behind the body.
        body_end: usize,
    },
    /// More octets must be in the window.
    NeedInput,
    /// The message is over.
    Done,
}

/// What octets belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// The body of a leaf.
    Body,
    /// A multipart, in front of its first part.
    Preamble,
    /// A multipart, behind its last part.
    Epilogue,
}

/// An entity that has begun and not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Its header section is being read, or its body is octets.
    Leaf,
    /// Its body is one entity.
    Message,
    /// Its boundary is one of `boundaries`, as long as parts may come.
    Multipart { phase: Phase, is_digest: bool },
}

/// Where a multipart is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Preamble,
    Parts,
    Epilogue,
    /// It has no boundary, so that no part can be found.
    NoBoundary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// An entity begins.
    Begin,
    /// At the start of a line of a header section.
    Header,
    /// Inside a field that is longer than the limit.
    SkipField,
    /// In octets.
    Octets {
        at_line_start: bool,
    },
    /// Entities end until as many as `left` are open.
    Unwind {
        left: usize,
        then: Then,
        body_end: usize,
    },
    Done,
}

/// What follows when enough entities have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Part,
    Epilogue,
    Nothing,
}

/// A delimiter line in the window, and what is known of what stands before it.
enum Search {
    /// Its line end starts at `text_end`; it ends with its own line end at `line_end`.
    Found {
        text_end: usize,
        line_end: usize,
        delimiter: Delimiter,
    },
    /// There is none in front of `text_end`, and what comes there must be seen whole.
    Maybe { text_end: usize },
    /// There is none.
    Absent,
    /// The line looked like one, but this is wrong with it.
    Not(DefectKind),
}

/// Takes one message apart.
#[derive(Debug)]
pub(crate) struct Walker {
    limits: Limits,
    /// Octets of the message in front of what comes next.
    position: usize,
    /// Offset in front of which no line end is that was searched for: what was searched in vain is not searched again.
    searched: usize,
    state: State,
    open: Vec<Open>,
    boundaries: Boundaries,
    /// Where in `open` the multipart of each boundary is.
    multiparts: Vec<usize>,
    facts: Facts,
    /// Entities around this message.
    depth: usize,
    /// Entities that have begun.
    parts: usize,
    defects: Vec<Defect>,
    line_of_dashes: Finder<'static>,
}

impl Walker {
    /// A walker for a message that itself lies inside `depth` entities, behind the begin of `parts` ones.
    pub(crate) fn new(limits: Limits, depth: usize, parts: usize) -> Self {
        Self {
            limits,
            position: 0,
            searched: 0,
            state: State::Begin,
            open: Vec::new(),
            boundaries: Boundaries::default(),
            multiparts: Vec::new(),
            facts: Facts::default(),
            depth,
            parts,
            defects: Vec::new(),
            line_of_dashes: Finder::new(b"\n--"),
        }
    }

    /// Octets of the message in front of what comes next.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Entities that have begun, those in front of the message included.
    pub(crate) fn parts(&self) -> usize {
        self.parts
    }

    /// Tells of entities that began in messages inside this one.
    pub(crate) fn set_parts(&mut self, parts: usize) {
        self.parts = parts;
    }

    /// Entities that are open, those around the message included.
    pub(crate) fn depth(&self) -> usize {
        self.depth + self.open.len()
    }

    /// Whether there are some to take.
    pub(crate) fn has_defects(&self) -> bool {
        !self.defects.is_empty()
    }

    /// The defects that were found since this was asked last.
    pub(crate) fn take_defects(&mut self) -> std::vec::Drain<'_, Defect> {
        self.defects.drain(..)
    }

    /// Says what comes next in `window`, whose first octet is the one at [`position`](Self::position). `eof` says that nothing
    /// follows the window.
    pub(crate) fn step(&mut self, window: &[u8], eof: bool) -> Found {
        let start = self.position;
        loop {
            let rest = &window[self.position - start..];
            let found = match self.state {
                State::Begin => Some(self.begin()),
                State::Header => self.header(rest, eof),
                State::SkipField => self.skip_field(rest, eof),
                State::Octets { at_line_start } => self.octets(rest, eof, at_line_start),
                State::Unwind { left, then, body_end } => self.unwind(left, then, body_end),
                State::Done => Some(Found::Done),
            };
            if let Some(found) = found {
                return found;
            }
        }
    }

    fn begin(&mut self) -> Found {
        let is_digest = matches!(self.open.last(), Some(Open::Multipart { is_digest: true, .. }));
        self.facts = Facts::of_part(is_digest);
        self.open.push(Open::Leaf);
        self.parts += 1;
        self.state = State::Header;
        Found::Begins
    }

    fn report(&mut self, offset: usize, kind: DefectKind) {
        self.defects.push(Defect { offset, kind });
    }
}

/// Header sections.
impl Walker {
    /// A step at the start of a line of a header section.
    fn header(&mut self, rest: &[u8], eof: bool) -> Option<Found> {
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
    fn skip_field(&mut self, rest: &[u8], eof: bool) -> Option<Found> {
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
                self.boundaries.push(boundary);
                self.multiparts.push(self.open.len() - 1);
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

    fn set_innermost(&mut self, open: Open) {
        if let Some(innermost) = self.open.last_mut() {
            *innermost = open;
        }
    }

    fn advance(&mut self, len: usize) {
        self.position += len;
    }
}

/// Bodies.
impl Walker {
    fn octets(&mut self, rest: &[u8], eof: bool, at_line_start: bool) -> Option<Found> {
        let len = match self.search(rest, eof, at_line_start) {
            Search::Found {
                text_end: 0,
                line_end,
                delimiter,
            } => {
                self.pass_delimiter(line_end, delimiter);
                return None;
            }
            Search::Found { text_end, .. } | Search::Maybe { text_end } => text_end,
            Search::Absent | Search::Not(_) => rest.len(),
        };
        if len > 0 {
            let section = self.section();
            self.advance(len);
            self.state = State::Octets { at_line_start: false };
            return Some(Found::Octets(section, len));
        }
        if !eof {
            return Some(Found::NeedInput);
        }
        self.state = State::Unwind {
            left: 0,
            then: Then::Nothing,
            body_end: self.position,
        };
        None
    }

    fn section(&self) -> Section {
        match self.open.last() {
            Some(Open::Multipart {
                phase: Phase::Preamble | Phase::NoBoundary,
                ..
            }) => Section::Preamble,
            Some(Open::Multipart { .. }) => Section::Epilogue,
            _ => Section::Body,
        }
    }

    /// Looks for the next delimiter line.
    fn search(&mut self, rest: &[u8], eof: bool, at_line_start: bool) -> Search {
        if self.boundaries.is_empty() {
            return Search::Absent;
        }
        let mut candidate = (at_line_start && rest.starts_with(b"--")).then_some((0, 0));
        let mut from = 0;
        loop {
            if candidate.is_none() {
                candidate = self.line_of_dashes.find(&rest[from..]).map(|found| {
                    let lf = from + found;
                    (lf - usize::from(rest[..lf].ends_with(b"\r")), lf + 1)
                });
            }
            let Some((text_end, line)) = candidate.take() else {
                break;
            };
            match self.delimiter_at(rest, text_end, line, eof) {
                Search::Absent => {}
                Search::Not(kind) => self.report(self.position + line, kind),
                found => return found,
            }
            from = line;
        }
        match open_end(rest, at_line_start) {
            0 => Search::Absent,
            _ if eof => Search::Absent,
            held => Search::Maybe {
                text_end: rest.len() - held,
            },
        }
    }

    /// Judges the line at `line`, which begins with two hyphens.
    fn delimiter_at(&mut self, rest: &[u8], text_end: usize, line: usize, eof: bool) -> Search {
        let window_end = rest.len().min(line + LONGEST + 2);
        let searched = (self.searched.saturating_sub(self.position)).clamp(line, window_end);
        let (end, line_end) = match memchr(b'\n', &rest[searched..window_end]) {
            Some(lf) => (searched + lf, searched + lf + 1),
            None if window_end == line + LONGEST + 2 => return Search::Absent,
            None if eof => (window_end, window_end),
            None => {
                self.searched = self.position + window_end;
                return Search::Maybe { text_end };
            }
        };
        match self.boundaries.judge(&rest[line..end]) {
            Line::Delimiter(delimiter) if delimiter.closes || self.parts < self.limits.parts() => Search::Found {
                text_end,
                line_end,
                delimiter,
            },
            Line::Delimiter(_) => Search::Not(DefectKind::PartLimit(self.limits.parts())),
            Line::Alike => Search::Not(DefectKind::DelimiterAlike),
            Line::Text => Search::Absent,
        }
    }

    /// Goes behind a delimiter line that stands at the front of the window, its line end before it included.
    fn pass_delimiter(&mut self, line_end: usize, delimiter: Delimiter) {
        let body_end = self.position;
        self.advance(line_end);
        let left = self.multiparts[delimiter.level] + 1;
        let then = if delimiter.closes { Then::Epilogue } else { Then::Part };
        self.state = State::Unwind { left, then, body_end };
    }

    /// The parts of the innermost multipart are over.
    fn pop_boundary(&mut self) {
        self.multiparts.pop();
        self.boundaries.truncate(self.multiparts.len());
    }

    fn unwind(&mut self, left: usize, then: Then, body_end: usize) -> Option<Found> {
        if self.open.len() > left {
            self.close_innermost(body_end);
            return Some(Found::Ends { body_end });
        }
        let is_digest = matches!(self.open.last(), Some(Open::Multipart { is_digest: true, .. }));
        let phase = match then {
            Then::Nothing => {
                self.state = State::Done;
                return None;
            }
            Then::Part => {
                self.state = State::Begin;
                Phase::Parts
            }
            Then::Epilogue => {
                self.pop_boundary();
                self.state = State::Octets { at_line_start: true };
                Phase::Epilogue
            }
        };
        self.set_innermost(Open::Multipart { phase, is_digest });
        None
    }

    fn close_innermost(&mut self, body_end: usize) {
        let Some(Open::Multipart { phase, .. }) = self.open.pop() else {
            return;
        };
        let missing = match phase {
            Phase::Preamble => DefectKind::NoParts,
            Phase::Parts => DefectKind::MissingEndBoundary,
            Phase::Epilogue | Phase::NoBoundary => return,
        };
        self.pop_boundary();
        self.report(body_end, missing);
    }
}

/// Whether the first line of a header item has the look of a field, or is the envelope line of a mailbox file that strayed into
/// the header section. Otherwise the empty line is missing and the body begins.
fn begins_item(item: &[u8]) -> bool {
    let line = memchr(b'\n', item).map_or(item, |lf| &item[..lf]);
    memchr(b':', line).is_some() || line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// How many octets at the end of a window may be the beginning of a delimiter line with the line end before it.
fn open_end(window: &[u8], at_line_start: bool) -> usize {
    let starts: [&[u8]; 5] = [b"\r\n-", b"\r\n", b"\n-", b"\n", b"\r"];
    if at_line_start && window == b"-" {
        return 1;
    }
    starts
        .iter()
        .find(|start| window.ends_with(start))
        .map_or(0, |start| start.len())
}
