//! The encoder of quoted-printable (RFC 2045 §6.7).

use super::lines;

/// Encodes with an eye on what mail systems do to lines: `From ` and `.` at the start of a line and white space at its end are
/// escaped.
#[derive(Debug, Clone)]
pub(in super::super) struct QuotedPrintableEncoder {
    line_length: usize,
    /// CRLF stays a line end.
    text: bool,
    column: usize,
    /// Octets that cannot be written before what follows them is known.
    held: Vec<u8>,
}

/// What the next octets become.
enum Unit {
    /// More octets are needed to tell.
    Unknown,
    LineEnd,
    Literal,
    Escape,
}

impl QuotedPrintableEncoder {
    pub(in super::super) fn new(line_length: usize, text: bool) -> Self {
        Self {
            line_length: line_length.max(4),
            text,
            column: 0,
            held: Vec::new(),
        }
    }

    pub(in super::super) fn update(&mut self, mut input: &[u8], output: &mut Vec<u8>) {
        while !self.held.is_empty() {
            let Some((&octet, rest)) = input.split_first() else {
                return;
            };
            input = rest;
            let mut held = std::mem::take(&mut self.held);
            held.push(octet);
            let done = self.run(&held, false, output);
            held.drain(..done);
            self.held = held;
        }
        let done = self.run(input, false, output);
        self.held.extend_from_slice(&input[done..]);
    }

    /// Encodes all the octets that are left.
    pub(in super::super) fn whole(&mut self, input: &[u8], output: &mut Vec<u8>) {
        if self.held.is_empty() {
            self.run(input, true, output);
        } else {
            self.update(input, output);
            self.finish(output);
        }
    }

    pub(in super::super) fn finish(&mut self, output: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        self.run(&held, true, output);
    }

    /// Encodes all but a few octets at the end, unless they are the last.
    fn run(&mut self, input: &[u8], last: bool, output: &mut Vec<u8>) -> usize {
        let mut at = 0;
        // Where lines differ from those that can be encoded many at once.
        let mut careful_until = 0;
        let mut block = lines::SMALL_BLOCK;
        while at < input.len() {
            let many =
                self.column == 0 && self.line_length == lines::LINE_LENGTH && input.len() - at >= lines::SHORTEST;
            if many && at >= careful_until {
                let outcome = lines::encode(&input[at..input.len().min(at + block)], self.text, output);
                at += outcome.done;
                careful_until = at + outcome.careful;
                block = lines::SMALL_BLOCK;
                if outcome.careful == 0 && outcome.done > 0 {
                    block = lines::BLOCK;
                    continue;
                }
            }
            if self.column > 0 {
                at += self.middle(&input[at..], output);
            }
            match self.step(&input[at..], last, output) {
                Some(done) => at += done,
                None => break,
            }
        }
        at
    }

    /// Encodes octets in the middle of a line whose encoding does not depend on more than the next one, as long as a soft line
    /// break still fits behind them.
    fn middle(&mut self, input: &[u8], output: &mut Vec<u8>) -> usize {
        let room = (self.line_length - 1).saturating_sub(self.column);
        let (mut at, mut column) = (0, 0);
        while at < input.len() {
            let window = &input[at..input.len().min(at + room - column)];
            let run = literal_run(window);
            // White space may be the end of a line.
            let blanks = window[..run].iter().rev().take_while(|&&octet| is_blank(octet)).count();
            let run = match input.get(at + run) {
                None | Some(b'\r') => run - blanks,
                Some(_) => run,
            };
            output.extend_from_slice(&window[..run]);
            (at, column) = (at + run, column + run);
            let before = at;
            while column + 3 <= room && input.get(at).is_some_and(|&octet| must_escape(octet)) {
                output.extend_from_slice(&escape(input[at]));
                (at, column) = (at + 1, column + 3);
            }
            if at == before {
                break;
            }
        }
        self.column += column;
        at
    }

    /// Writes the next octet, the next line end or a soft line break, and says how many octets of the input that were. `None` if
    /// more have to be known.
    fn step(&mut self, input: &[u8], last: bool, output: &mut Vec<u8>) -> Option<usize> {
        let &octet = input.first()?;
        let unit = self.unit(input, last);
        if let Unit::LineEnd = unit {
            output.extend_from_slice(b"\r\n");
            self.column = 0;
            return Some(2);
        }
        let width = match unit {
            Unit::Literal => 1,
            _ => 3,
        };
        if self.column + width > self.limit(&input[1..], last)? {
            output.extend_from_slice(b"=\r\n");
            self.column = 0;
            return Some(0);
        }
        match unit {
            Unit::Literal => {
                output.push(octet);
                self.column += 1;
            }
            Unit::Escape => {
                output.extend_from_slice(&escape(octet));
                self.column += 3;
            }
            Unit::Unknown | Unit::LineEnd => return None,
        }
        Some(1)
    }

    /// The last column that the unit before `rest` may fill: a soft line break needs one more, unless the line ends here.
    fn limit(&self, rest: &[u8], last: bool) -> Option<usize> {
        match self.line_end_at(rest, last)? {
            true => Some(self.line_length),
            false => Some(self.line_length - 1),
        }
    }

    /// Whether a line or the data end here; `None` if that cannot be told yet.
    fn line_end_at(&self, rest: &[u8], last: bool) -> Option<bool> {
        match rest {
            [] => last.then_some(true),
            [b'\r'] if self.text && !last => None,
            _ => Some(self.text && rest.starts_with(b"\r\n")),
        }
    }

    fn unit(&self, input: &[u8], last: bool) -> Unit {
        match input[0] {
            b'\r' if self.text => match self.line_end_at(input, last) {
                None => Unit::Unknown,
                Some(true) => Unit::LineEnd,
                Some(false) => Unit::Escape,
            },
            b' ' | b'\t' => match self.line_end_at(&input[1..], last) {
                None => Unit::Unknown,
                Some(true) => Unit::Escape,
                Some(false) => Unit::Literal,
            },
            b'.' if self.column == 0 => Unit::Escape,
            b'F' if self.column == 0 => from_line(input, last),
            octet if is_literal(octet) => Unit::Literal,
            _ => Unit::Escape,
        }
    }
}

/// About as many octets as the encoding has, told from a sample.
pub(in super::super) fn encoded_estimate(input: &[u8]) -> usize {
    const STEP: usize = 4096;
    const SAMPLE: usize = 128;
    let (mut octets, mut escapes) = (1, 0);
    for piece in input.chunks(STEP) {
        let sample = &piece[..piece.len().min(SAMPLE)];
        octets += sample.len();
        let is_escaped = |&&octet: &&u8| (octet.wrapping_sub(b' ') > b'~' - b' ') | (octet == b'=');
        escapes += sample.iter().filter(is_escaped).count();
    }
    let escapes = escapes * (input.len() / octets + 1);
    let encoded = input.len() + escapes * 2;
    // Soft line breaks, an error of the sample, and what the encoder wants to have free.
    encoded + encoded / 8 + SLACK
}

/// What `encodify` may ask for beyond the encoding of a block.
const SLACK: usize = 512;

fn from_line(input: &[u8], last: bool) -> Unit {
    let known = input.len().min(FROM.len());
    match input[..known] == FROM[..known] {
        true if known == FROM.len() => Unit::Escape,
        true if !last => Unit::Unknown,
        _ => Unit::Literal,
    }
}

/// How many octets at the start are literals: looked at in blocks, without a branch for each octet, as long as that goes well.
#[inline]
fn literal_run(octets: &[u8]) -> usize {
    let printable = |octet: u8| (octet.wrapping_sub(b' ') <= b'~' - b' ') & (octet != b'=');
    let all_printable = |block: &&[u8]| block.iter().fold(true, |all, &octet| all & printable(octet));
    let whole = octets.chunks_exact(RUN).take_while(all_printable).count() * RUN;
    let rest = &octets[whole..];
    whole + rest.iter().position(|&octet| !is_literal(octet)).unwrap_or(rest.len())
}

#[inline]
fn is_literal(octet: u8) -> bool {
    !must_escape(octet) && octet != b'\r'
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

/// Wherever it stands. A CR may be half of a line end.
#[inline]
fn must_escape(octet: u8) -> bool {
    ESCAPED[usize::from(octet)]
}

fn escape(octet: u8) -> [u8; 3] {
    [b'=', HEX[usize::from(octet >> 4)], HEX[usize::from(octet & 15)]]
}

const ESCAPED: [bool; 256] = {
    let mut escaped = [true; 256];
    let mut octet = b' ';
    while octet <= b'~' {
        escaped[octet as usize] = octet == b'=';
        octet += 1;
    }
    escaped[b'\t' as usize] = false;
    escaped[b'\r' as usize] = false;
    escaped
};

/// Octets of a block.
const RUN: usize = 16;
const FROM: &[u8] = b"From ";
const HEX: &[u8; 16] = b"0123456789ABCDEF";
