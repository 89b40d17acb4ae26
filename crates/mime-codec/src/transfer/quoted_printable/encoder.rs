//! The encoder of quoted-printable (RFC 2045 §6.7).

use super::swar;

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
        while at < input.len() {
            at += self.regular(&input[at..], output);
            match self.step(&input[at..], last, output) {
                Some(done) => at += done,
                None => break,
            }
        }
        at
    }

    /// Encodes octets and line ends that need no look at more than the next one, each with room behind it for a soft line break.
    /// Says how many.
    fn regular(&mut self, input: &[u8], output: &mut Vec<u8>) -> usize {
        let end = self.line_length - 1;
        let (mut at, mut column) = (0, self.column);
        while column > 0 || !matches!(input[at..], [b'.' | b'F', ..]) {
            let run = literals(&input[at..], end.saturating_sub(column), output);
            (at, column) = (at + run, column + run);
            let escapes = escapes(&input[at..], end.saturating_sub(column) / 3, output);
            (at, column) = (at + escapes, column + 3 * escapes);
            match input[at..] {
                [b'\t', ..] if column < end => {
                    output.push(b'\t');
                    (at, column) = (at + 1, column + 1);
                }
                // White space may be the end of a line.
                [] | [b'\r', ..] if matches!(input[..at], [.., b' ' | b'\t']) => {
                    output.pop();
                    (at, column) = (at - 1, column - 1);
                    break;
                }
                [b'\r', b'\n', ..] if self.text => {
                    output.extend_from_slice(b"\r\n");
                    (at, column) = (at + 2, 0);
                }
                _ if escapes > 0 => {}
                // No room is left for it, and the line does not end behind it.
                [octet, next, ..] if octet != b'\r' && next != b'\r' => {
                    output.extend_from_slice(b"=\r\n");
                    column = 0;
                }
                _ => break,
            }
        }
        self.column = column;
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
                output.extend_from_slice(&ESCAPES[usize::from(octet)]);
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
        // A counter of one octet, so that many can be looked at at once.
        let escaped = |count: u8, &octet: &u8| count + u8::from(!is_printable(octet));
        escapes += usize::from(sample.iter().fold(0, escaped));
    }
    let escapes = escapes * (input.len() / octets + 1);
    let encoded = input.len() + escapes * 2;
    // Soft line breaks, and an error of the sample.
    encoded + encoded / 8 + SLACK
}

/// What a short body may have beyond the estimate, and what the last block is copied beyond its end.
const SLACK: usize = 128;

fn from_line(input: &[u8], last: bool) -> Unit {
    let known = input.len().min(FROM.len());
    match input[..known] == FROM[..known] {
        true if known == FROM.len() => Unit::Escape,
        true if !last => Unit::Unknown,
        _ => Unit::Literal,
    }
}

/// Copies octets at the start that are printable and stand for themselves, so many at most, and says how many.
#[inline(always)]
fn literals(input: &[u8], most: usize, output: &mut Vec<u8>) -> usize {
    let mut count = 0;
    while let Some(block) = input[count..].first_chunk() {
        // Copied whole, before it is known how much of it is wanted.
        output.extend_from_slice(block);
        let run = swar::before(block, unprintable).min(most - count);
        count += run;
        if run < block.len() {
            output.truncate(output.len() - (block.len() - run));
            return count;
        }
    }
    let rest = &input[count..input.len().min(most)];
    let run = rest.iter().take_while(|&&octet| is_printable(octet)).count();
    output.extend_from_slice(&rest[..run]);
    count + run
}

/// Escapes octets at the start that must be, so many at most, and says how many.
#[inline(always)]
fn escapes(input: &[u8], most: usize, output: &mut Vec<u8>) -> usize {
    let mut count = 0;
    while count < most
        && let Some(&octet) = input.get(count)
        && must_escape(octet)
    {
        output.extend_from_slice(&ESCAPES[usize::from(octet)]);
        count += 1;
    }
    count
}

#[inline(always)]
fn is_printable(octet: u8) -> bool {
    (octet.wrapping_sub(b' ') <= b'~' - b' ') & (octet != b'=')
}

/// The highest bit of each octet that is not printable or is `=`, of eight at once.
#[inline(always)]
fn unprintable(octets: u64) -> u64 {
    let is_low = !((octets | swar::HIGH_BITS) - swar::each(b' '));
    let is_delete = (octets & !swar::HIGH_BITS) + swar::each(1);
    (octets | is_low | is_delete | swar::equal(octets, b'=')) & swar::HIGH_BITS
}

#[inline]
fn is_literal(octet: u8) -> bool {
    !must_escape(octet) && octet != b'\r'
}

/// Wherever it stands. A CR may be half of a line end.
#[inline]
fn must_escape(octet: u8) -> bool {
    ESCAPED[usize::from(octet)]
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

/// What octets become that cannot stand for themselves.
const ESCAPES: [[u8; 3]; 256] = {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escapes = [[b'='; 3]; 256];
    let mut octet = 0;
    while octet < 256 {
        escapes[octet] = [b'=', HEX[octet >> 4], HEX[octet & 15]];
        octet += 1;
    }
    escapes
};

const FROM: &[u8] = b"From ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_octets_are_judged_as_one() {
        for octet in 0..=u8::MAX {
            let octets = [b'~', octet, b' ', octet, 0, b'x', octet, 0xff];
            let expected = octets.map(|octet| if is_printable(octet) { 0 } else { 0x80 });
            assert_eq!(
                unprintable(u64::from_le_bytes(octets)),
                u64::from_le_bytes(expected),
                "{octet:#04x}"
            );
        }
    }
}
