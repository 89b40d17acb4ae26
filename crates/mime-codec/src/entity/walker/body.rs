//! Steps through bodies: octets, delimiter lines, the ends of entities (RFC 2046 §5.1.1).

use memchr::memchr;
use memchr::memmem::Finder;

use super::{Found, Open, Phase, Search, Section, State, Then, Walker};
use crate::DefectKind;
use crate::entity::delimiter::{Delimiter, LONGEST, Line};

impl Walker {
    pub(super) fn octets(&mut self, rest: &[u8], eof: bool, at_line_start: bool) -> Option<Found> {
        let (len, next) = match self.search(rest, eof, at_line_start) {
            Search::Found {
                text_end: 0,
                line_end,
                delimiter,
            } => return self.pass_delimiter(rest, line_end, delimiter),
            Search::Found {
                text_end,
                line_end,
                delimiter,
            } => {
                let line_end = line_end - text_end;
                (text_end, State::Delimiter { line_end, delimiter })
            }
            Search::Maybe { text_end } => (text_end, State::Octets { at_line_start: false }),
            Search::Absent | Search::Not(_) => (rest.len(), State::Octets { at_line_start: false }),
        };
        if len > 0 {
            let section = self.section();
            self.advance(len);
            self.state = next;
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
                candidate = self.line_of_dashes(&rest[from..]).map(|found| {
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

    /// Where the LF in front of the next line that begins with two hyphens stands.
    fn line_of_dashes(&mut self, rest: &[u8]) -> Option<usize> {
        // In base64 there is no hyphen at all, and one octet is found faster than three.
        let from = memchr(b'-', rest)?.saturating_sub(1);
        let finder = self.line_of_dashes.get_or_insert_with(|| Finder::new(b"\n--"));
        finder.find(&rest[from..]).map(|found| from + found)
    }

    /// Judges the line at `line`, which begins with two hyphens.
    pub(super) fn delimiter_at(&mut self, rest: &[u8], text_end: usize, line: usize, eof: bool) -> Search {
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
    ///
    /// ```text
    /// delimiter := CRLF "--" boundary     ; RFC 2046 §5.1.1
    /// ```
    ///
    /// Where it comes at once behind the closing delimiter line of a multipart inside, the line end between is this one's.
    pub(super) fn pass_delimiter(&mut self, rest: &[u8], line_end: usize, delimiter: Delimiter) -> Option<Found> {
        let follows_closing = rest.starts_with(b"--") && self.section() == Section::Epilogue;
        let body_end = match follows_closing {
            true => self.position - self.closing_line_end,
            false => self.position,
        };
        self.closing_line_end = match &rest[..line_end] {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        };
        self.advance(line_end);
        let left = self.boundaries.multipart(delimiter.level) + 1;
        let then = if delimiter.closes { Then::Epilogue } else { Then::Part };
        self.state = State::Unwind { left, then, body_end };
        None
    }

    pub(super) fn unwind(&mut self, left: usize, then: Then, body_end: usize) -> Option<Found> {
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
                self.boundaries.pop();
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
        self.boundaries.pop();
        self.report(body_end, missing);
    }
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
