//! The encoder of quoted-printable (RFC 2045 §6.7).

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

    pub(in super::super) fn finish(&mut self, output: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        self.run(&held, true, output);
    }

    /// Encodes all but a few octets at the end, unless they are the last.
    fn run(&mut self, input: &[u8], last: bool, output: &mut Vec<u8>) -> usize {
        let mut at = 0;
        while at < input.len() {
            let run = self.plain(&input[at..]);
            output.extend_from_slice(&input[at..at + run]);
            self.column += run;
            at += run;
            match self.step(&input[at..], last, output) {
                0 => break,
                done => at += done,
            }
        }
        at
    }

    /// Octets that stand for themselves whatever follows them, and leave room for a soft line break.
    fn plain(&self, input: &[u8]) -> usize {
        if self.column == 0 {
            return 0;
        }
        let room = (self.line_length - 1).saturating_sub(self.column);
        let window = &input[..input.len().min(room)];
        let run = window.iter().take_while(|&&octet| is_literal(octet)).count();
        let blanks = window[..run].iter().rev().take_while(|&&octet| is_blank(octet));
        run - blanks.count()
    }

    /// Writes the next octet, or the next line end, and says how many octets that were.
    fn step(&mut self, input: &[u8], last: bool, output: &mut Vec<u8>) -> usize {
        let Some(&octet) = input.first() else {
            return 0;
        };
        let mut unit = self.unit(input, last);
        if let Unit::LineEnd = unit {
            output.extend_from_slice(b"\r\n");
            self.column = 0;
            return 2;
        }
        let width = match unit {
            Unit::Literal => 1,
            _ => 3,
        };
        let Some(limit) = self.limit(&input[1..], last) else {
            return 0;
        };
        if self.column + width > limit {
            output.extend_from_slice(b"=\r\n");
            self.column = 0;
            unit = self.unit(input, last);
        }
        match unit {
            Unit::Literal => {
                output.push(octet);
                self.column += 1;
            }
            Unit::Escape => {
                output.extend_from_slice(&[b'=', HEX[usize::from(octet >> 4)], HEX[usize::from(octet & 15)]]);
                self.column += 3;
            }
            Unit::Unknown | Unit::LineEnd => return 0,
        }
        1
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

fn from_line(input: &[u8], last: bool) -> Unit {
    let known = input.len().min(FROM.len());
    match input[..known] == FROM[..known] {
        true if known == FROM.len() => Unit::Escape,
        true if !last => Unit::Unknown,
        _ => Unit::Literal,
    }
}

fn is_literal(octet: u8) -> bool {
    matches!(octet, b' '..=b'~' | b'\t') && octet != b'='
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

const FROM: &[u8] = b"From ";
const HEX: &[u8; 16] = b"0123456789ABCDEF";
