//! Where the top of a message ends.

/// Finds the end of a message's header, the blank line behind it, and a number of lines of its body, in a message that
/// comes in pieces.
///
/// A bare CR and a bare LF end a line here as they do where the message is written.
#[derive(Clone, Debug)]
pub(super) struct TopCutter {
    part: Part,
    line: Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Header {
        /// How many lines of the body will be wanted.
        lines: u32,
    },
    Body {
        /// How many lines are still wanted.
        lines: u32,
    },
}

/// Where in a line the next octet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Start,
    Text,
    /// Behind a CR, which has ended a line: an LF belongs to it.
    Cr,
}

impl TopCutter {
    pub(super) const fn new(lines: u32) -> Self {
        Self {
            part: Part::Header { lines },
            line: Line::Start,
        }
    }

    /// Whether nothing more is wanted.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.part, Part::Body { lines: 0 })
    }

    /// Walks over `piece` and returns how many octets at its front are wanted.
    pub(super) fn walk(&mut self, piece: &[u8]) -> usize {
        for (at, &octet) in piece.iter().enumerate() {
            if self.is_done() {
                return at;
            }
            self.octet(octet);
        }
        piece.len()
    }

    const fn octet(&mut self, octet: u8) {
        match (octet, self.line) {
            (b'\n', Line::Cr) => self.line = Line::Start,
            (b'\r' | b'\n', _) => {
                self.end_line();
                self.line = if octet == b'\r' { Line::Cr } else { Line::Start };
            }
            _ => self.line = Line::Text,
        }
    }

    const fn end_line(&mut self) {
        let blank = !matches!(self.line, Line::Text);
        self.part = match self.part {
            Part::Header { lines } if blank => Part::Body { lines },
            Part::Body { lines } => Part::Body {
                lines: lines.saturating_sub(1),
            },
            header @ Part::Header { .. } => header,
        };
    }
}
