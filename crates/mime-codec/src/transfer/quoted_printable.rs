//! quoted-printable (RFC 2045 §6.7).
//!
//! ```text
//! quoted-printable := qp-line *(CRLF qp-line)
//! qp-line := *(qp-segment transport-padding CRLF) qp-part transport-padding
//! ```
//!
//! The decoder's repairs are those of `encodify`, which decodes irregular bodies whose defects nobody asks for: white space in
//! front of a line end is removed, a bare CR is dropped, a `=` that begins no escape is kept together with the octet behind it.

use std::borrow::Cow;

use encodify::qp::BODY;

use crate::DefectKind;
use crate::faults::Faults;

mod clean;
mod encoder;
mod regular;
mod swar;

pub(super) use encoder::{QuotedPrintableEncoder, encoded_estimate};

/// Where the decoder stands, and white space that may turn out to end its line.
#[derive(Debug, Clone, Default)]
pub(super) struct QuotedPrintableDecoder {
    at: At,
    /// White space that is output unless a line end follows.
    blanks: Vec<u8>,
    blanks_offset: usize,
    /// Characters of the encoded line so far.
    column: usize,
}

/// What the octets before the next one began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    #[default]
    Text,
    /// Behind a CR that may belong to a CRLF.
    Cr,
    /// Behind a `=`.
    Equals { offset: usize },
    /// Behind a `=` and one hexadecimal digit.
    Digit { offset: usize, digit: u8 },
    /// Behind a `=` and white space, which is held in `blanks`.
    EqualsBlanks { offset: usize },
    /// Behind a `=`, white space if any, and a CR.
    EqualsCr { offset: usize },
}

/// Where a step writes to.
struct Sink<'a> {
    output: &'a mut Vec<u8>,
    faults: &'a mut Faults,
}

impl QuotedPrintableDecoder {
    pub(super) fn update(&mut self, offset: usize, input: &[u8], output: &mut Vec<u8>, faults: &mut Faults) {
        let mut sink = Sink { output, faults };
        let mut at = 0;
        // In a block that is not clean, lines are looked at one by one: nothing is read more than a few times.
        let mut careful_until = 0;
        while at < input.len() {
            if self.at == At::Text && self.column == 0 && self.blanks.is_empty() {
                let careful = at < careful_until;
                let look = if careful { clean::line } else { clean::block };
                let (lines, clean) = look(&input[at..]);
                if lines > 0 && clean && BODY.decode_append(&input[at..at + lines], sink.output).is_ok() {
                    at += lines;
                    continue;
                }
                if lines > 0 && !careful {
                    careful_until = at + lines;
                    continue;
                }
            }
            if self.at == At::Text {
                let plain = self.plain(&input[at..], &mut sink);
                at += plain;
                if plain > 0 {
                    continue;
                }
            }
            self.step(offset + at, input[at], &mut sink);
            at += 1;
        }
    }

    /// Passes a run of octets that stand for themselves, in a line that is not too long.
    fn plain(&mut self, input: &[u8], sink: &mut Sink) -> usize {
        let room = LINE.saturating_sub(self.column);
        let window = &input[..input.len().min(room)];
        let run = window
            .iter()
            .take_while(|&&octet| CLASSES[usize::from(octet)] == PLAIN)
            .count();
        if run > 0 {
            sink.output.append(&mut self.blanks);
            sink.output.extend_from_slice(&window[..run]);
            self.column += run;
        }
        run
    }

    fn step(&mut self, offset: usize, octet: u8, sink: &mut Sink) {
        match std::mem::take(&mut self.at) {
            At::Text => self.text(offset, octet, sink),
            At::Cr if octet == b'\n' => self.line_end(b"\r\n", sink),
            At::Cr => {
                self.bare_cr(offset - 1, sink);
                self.text(offset, octet, sink);
            }
            At::Equals { offset: equals } => self.equals(equals, offset, octet, sink),
            At::Digit { offset: equals, digit } => self.digit(equals, digit, offset, octet, sink),
            At::EqualsBlanks { offset: equals } => self.equals_blanks(equals, offset, octet, sink),
            At::EqualsCr { offset: equals } if octet == b'\n' => self.soft_break(equals, sink),
            At::EqualsCr { offset: equals } => {
                self.stray(equals, sink);
                self.bare_cr(offset - 1, sink);
                self.text(offset, octet, sink);
            }
        }
    }

    fn text(&mut self, offset: usize, octet: u8, sink: &mut Sink) {
        match octet {
            b'\n' => return self.line_end(b"\n", sink),
            b'\r' => {
                self.at = At::Cr;
                return;
            }
            b'=' => self.at = At::Equals { offset },
            b' ' | b'\t' => self.blank(offset, octet, sink),
            _ => self.literal(offset, octet, sink),
        }
        self.advance(offset, sink);
    }

    /// Behind `=`.
    fn equals(&mut self, equals: usize, offset: usize, octet: u8, sink: &mut Sink) {
        match octet {
            b'\n' => return self.soft_break(equals, sink),
            b'\r' => {
                self.at = At::EqualsCr { offset: equals };
                return;
            }
            b' ' | b'\t' => {
                self.release(sink);
                self.blank(offset, octet, sink);
                self.at = At::EqualsBlanks { offset: equals };
            }
            _ if octet.is_ascii_hexdigit() => {
                self.at = At::Digit {
                    offset: equals,
                    digit: octet,
                };
            }
            _ => {
                self.stray(equals, sink);
                self.literal(offset, octet, sink);
            }
        }
        self.advance(offset, sink);
    }

    /// Behind `=` and a digit.
    fn digit(&mut self, equals: usize, digit: u8, offset: usize, octet: u8, sink: &mut Sink) {
        let Some(low) = hex(octet) else {
            self.stray(equals, sink);
            sink.output.push(digit);
            return self.text(offset, octet, sink);
        };
        if digit.is_ascii_lowercase() || octet.is_ascii_lowercase() {
            sink.faults.record(equals, DefectKind::QuotedPrintableLowercase);
        }
        self.release(sink);
        sink.output.push(hex(digit).unwrap_or_default() << 4 | low);
        self.advance(offset, sink);
    }

    /// Behind `=` and white space.
    fn equals_blanks(&mut self, equals: usize, offset: usize, octet: u8, sink: &mut Sink) {
        match octet {
            b'\n' => self.soft_break(equals, sink),
            b'\r' => self.at = At::EqualsCr { offset: equals },
            b' ' | b'\t' if self.blanks.len() < MAX_BLANKS => {
                self.blanks.push(octet);
                self.at = At::EqualsBlanks { offset: equals };
                self.advance(offset, sink);
            }
            _ => {
                self.stray(equals, sink);
                self.text(offset, octet, sink);
            }
        }
    }

    /// A `=` that begins nothing: output with the white space behind it, of which the first octet stays whatever follows.
    fn stray(&mut self, equals: usize, sink: &mut Sink) {
        sink.faults.record(equals, DefectKind::QuotedPrintableEscape);
        let behind = self.blanks_offset > equals;
        if !behind {
            self.release(sink);
        }
        sink.output.push(b'=');
        if behind && !self.blanks.is_empty() {
            sink.output.push(self.blanks.remove(0));
            self.blanks_offset += 1;
        }
    }

    fn literal(&mut self, offset: usize, octet: u8, sink: &mut Sink) {
        if !matches!(octet, 33..=126) {
            sink.faults.record(offset, DefectKind::QuotedPrintableOctet);
        }
        self.release(sink);
        sink.output.push(octet);
    }

    fn blank(&mut self, offset: usize, octet: u8, sink: &mut Sink) {
        if self.blanks.len() >= MAX_BLANKS {
            self.release(sink);
        }
        if self.blanks.is_empty() {
            self.blanks_offset = offset;
        }
        self.blanks.push(octet);
    }

    fn release(&mut self, sink: &mut Sink) {
        sink.output.append(&mut self.blanks);
    }

    fn bare_cr(&mut self, offset: usize, sink: &mut Sink) {
        sink.faults.record(offset, DefectKind::QuotedPrintableOctet);
    }

    fn line_end(&mut self, end: &[u8], sink: &mut Sink) {
        self.drop_blanks(sink);
        sink.output.extend_from_slice(end);
        self.column = 0;
    }

    /// White space in front of the `=` is text, white space behind it is not.
    fn soft_break(&mut self, equals: usize, sink: &mut Sink) {
        if self.blanks_offset > equals {
            self.drop_blanks(sink);
        }
        self.release(sink);
        self.column = 0;
    }

    fn drop_blanks(&mut self, sink: &mut Sink) {
        if !self.blanks.is_empty() {
            let kind = DefectKind::QuotedPrintableTrailingSpace;
            sink.faults.record(self.blanks_offset, kind);
            self.blanks.clear();
        }
    }

    fn advance(&mut self, offset: usize, sink: &mut Sink) {
        self.column = self.column.saturating_add(1);
        if self.column == LINE + 1 {
            sink.faults.record(offset, DefectKind::QuotedPrintableLineLength);
        }
    }

    pub(super) fn finish(mut self, end: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        let mut sink = Sink { output, faults };
        match self.at {
            At::Text => self.drop_blanks(&mut sink),
            At::Cr => {
                self.drop_blanks(&mut sink);
                self.bare_cr(end - 1, &mut sink);
            }
            At::Digit { offset, digit } => {
                self.stray(offset, &mut sink);
                sink.output.push(digit);
            }
            At::EqualsCr { offset } => {
                self.stray(offset, &mut sink);
                self.drop_blanks(&mut sink);
                self.bare_cr(end - 1, &mut sink);
            }
            At::Equals { offset } | At::EqualsBlanks { offset } => {
                self.soft_break(offset, &mut sink);
                sink.faults.record(offset, DefectKind::QuotedPrintableSoftBreakAtEnd);
            }
        }
    }
}

/// The decoded octets, without a look at defects. `None` when runs of white space are so long that the streaming decoder lets
/// go of them, which must be done alike here.
pub(super) fn decode_octets(input: &[u8]) -> Option<Cow<'_, [u8]>> {
    if let Some(octets) = regular::decode(input) {
        return Some(Cow::Owned(octets));
    }
    let blank = |octet: &&u8| matches!(octet, b' ' | b'\t');
    let long = (MAX_BLANKS / 2..input.len()).step_by(MAX_BLANKS / 2).any(|middle| {
        let before = input[..middle].iter().rev().take(MAX_BLANKS / 2).take_while(blank);
        before.count() == MAX_BLANKS / 2
    });
    if long { None } else { BODY.decode(input).ok() }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The longest encoded line, its end not counted (RFC 2045 §6.7).
const LINE: usize = 76;
/// So much white space is held back; of a longer run at a line end, the start stays.
const MAX_BLANKS: usize = 4096;

const PLAIN: u8 = 0;

/// Printable characters that stand for themselves are 0.
const CLASSES: [u8; 256] = {
    let mut classes = [1; 256];
    let mut octet = 33;
    while octet <= 126 {
        classes[octet] = PLAIN;
        octet += 1;
    }
    classes[b'=' as usize] = 1;
    classes
};
