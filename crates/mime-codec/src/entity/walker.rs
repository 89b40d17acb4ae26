//! The one machine that takes a message apart: header sections, bodies, parts. It looks at a window of the octets and says
//! what comes next in it; whole messages are one window, streams are many. So both parsers see the same tree.

mod body;
mod header;

use memchr::memmem::Finder;

use super::delimiter::{Boundaries, Delimiter};
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
    /// In front of a delimiter line, its line end before it included, which goes to `line_end` octets from here.
    Delimiter {
        line_end: usize,
        delimiter: Delimiter,
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
    facts: Facts,
    /// Entities around this message.
    depth: usize,
    /// Entities that have begun.
    parts: usize,
    /// Octets of the line end behind the closing delimiter line that came last.
    closing_line_end: usize,
    defects: Vec<Defect>,
    /// Made when there is a boundary to look for.
    line_of_dashes: Option<Finder<'static>>,
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
            facts: Facts::default(),
            depth,
            parts,
            closing_line_end: 0,
            defects: Vec::new(),
            line_of_dashes: None,
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
                State::Delimiter { line_end, delimiter } => self.pass_delimiter(rest, line_end, delimiter),
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
