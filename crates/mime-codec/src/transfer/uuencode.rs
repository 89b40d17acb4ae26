//! uuencode, as POSIX defines it.
//!
//! ```text
//! begin 644 file-name
//! (lines: the number of octets as a character, then four characters for three octets)
//! `
//! end
//! ```

use super::encoder::Options;
use crate::DefectKind;
use crate::faults::Faults;

/// Which line the decoder is in.
#[derive(Debug, Clone, Default)]
pub(super) struct UuDecoder {
    line: Line,
    /// The start of a line that is read as a whole.
    text: Vec<u8>,
    bits: u32,
    characters: u8,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Line {
    /// In front of `begin`, in a line that is kept for a look at its end.
    #[default]
    Preamble,
    /// Between two lines of data.
    Start,
    /// In a line of data, of which so many octets are to come.
    Data { octets: u8, excess: bool },
    /// In a line that is none of data: `end`, or rubbish.
    Other { offset: usize },
    /// Behind the line without octets, in a line that should be `end`.
    Trailer,
    /// Behind `end`.
    Ended,
}

impl UuDecoder {
    pub(super) fn update(&mut self, offset: usize, input: &[u8], output: &mut Vec<u8>, faults: &mut Faults) {
        for (at, &octet) in input.iter().enumerate() {
            match octet {
                _ if self.line == Line::Ended => return,
                b'\n' => self.line_end(offset + at, output, faults),
                b'\r' => {}
                _ => self.octet(offset + at, octet, output, faults),
            }
        }
    }

    fn octet(&mut self, offset: usize, octet: u8, output: &mut Vec<u8>, faults: &mut Faults) {
        match self.line {
            Line::Preamble | Line::Trailer | Line::Other { .. } => {
                if self.text.len() < KEPT {
                    self.text.push(octet);
                }
            }
            Line::Start => match octet {
                b' ' | b'`' => self.line = Line::Trailer,
                b'!'..=b'_' => {
                    let octets = octet - b' ';
                    self.line = Line::Data { octets, excess: false };
                }
                _ => {
                    self.text.push(octet);
                    self.line = Line::Other { offset };
                }
            },
            Line::Data { octets: 0, excess } => {
                if !excess && !matches!(octet, b' ' | b'`') {
                    faults.record(offset, DefectKind::UuencodeLength);
                    self.line = Line::Data {
                        octets: 0,
                        excess: true,
                    };
                }
            }
            Line::Data { octets, excess } => {
                if !matches!(octet, b' '..=b'`') {
                    faults.record(offset, DefectKind::UuencodeCharacter);
                }
                let octets = self.character(octet, octets, output);
                self.line = Line::Data { octets, excess };
            }
            Line::Ended => {}
        }
    }

    /// Takes a character of data and says how many octets of its line are to come.
    fn character(&mut self, octet: u8, due: u8, output: &mut Vec<u8>) -> u8 {
        self.bits = self.bits << 6 | u32::from(octet.wrapping_sub(b' ') & 63);
        self.characters += 1;
        if self.characters < 4 {
            return due;
        }
        let [_, octets @ ..] = self.bits.to_be_bytes();
        let taken = due.min(3);
        output.extend_from_slice(&octets[..usize::from(taken)]);
        (self.bits, self.characters) = (0, 0);
        due - taken
    }

    fn line_end(&mut self, offset: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        self.line = match self.line {
            Line::Preamble if is_begin(&self.text) => Line::Start,
            Line::Preamble => Line::Preamble,
            Line::Start => Line::Start,
            Line::Data { octets, .. } => {
                self.short_line(offset, octets, output, faults);
                Line::Start
            }
            Line::Other { .. } | Line::Trailer if self.text.trim_ascii_end() == b"end" => Line::Ended,
            Line::Other { offset } => {
                faults.record(offset, DefectKind::UuencodeLength);
                Line::Start
            }
            Line::Trailer => Line::Trailer,
            Line::Ended => Line::Ended,
        };
        self.text.clear();
    }

    /// Characters that are missing at the end of a line were spaces, which mail systems remove, and stand for zeros.
    fn short_line(&mut self, offset: usize, mut due: u8, output: &mut Vec<u8>, faults: &mut Faults) {
        if due == 0 {
            return;
        }
        faults.record(offset, DefectKind::UuencodeLength);
        while due > 0 {
            due = self.character(b' ', due, output);
        }
    }

    pub(super) fn finish(mut self, end: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        if !matches!(self.line, Line::Preamble | Line::Start | Line::Ended) {
            self.line_end(end, output, faults);
        }
        match self.line {
            Line::Ended => {}
            Line::Preamble => faults.record(end, DefectKind::UuencodeBegin),
            _ => faults.record(end, DefectKind::UuencodeEnd),
        }
    }
}

/// `begin`, a mode in octal digits, a name.
fn is_begin(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"begin ") else {
        return false;
    };
    let digits = rest.iter().take_while(|octet| matches!(octet, b'0'..=b'7')).count();
    matches!(digits, 3..=6) && matches!(rest.get(digits), None | Some(b' '))
}

/// Encodes into lines of 45 octets.
#[derive(Debug, Clone)]
pub(super) struct UuEncoder {
    held: Vec<u8>,
}

impl UuEncoder {
    pub(super) fn new(options: &Options, output: &mut Vec<u8>) -> Self {
        output.extend_from_slice(format!("begin {:03o} ", options.mode).as_bytes());
        output.extend_from_slice(&options.safe_name());
        output.extend_from_slice(b"\r\n");
        Self { held: Vec::new() }
    }

    pub(super) fn update(&mut self, mut input: &[u8], output: &mut Vec<u8>) {
        if !self.held.is_empty() {
            let (first, rest) = input.split_at(input.len().min(LINE - self.held.len()));
            self.held.extend_from_slice(first);
            input = rest;
            if self.held.len() < LINE {
                return;
            }
            encode_line(&self.held, output);
            self.held.clear();
        }
        let lines = input.chunks_exact(LINE);
        self.held.extend_from_slice(lines.remainder());
        lines.for_each(|line| encode_line(line, output));
    }

    pub(super) fn finish(self, output: &mut Vec<u8>) {
        if !self.held.is_empty() {
            encode_line(&self.held, output);
        }
        output.extend_from_slice(b"`\r\nend\r\n");
    }
}

fn encode_line(line: &[u8], output: &mut Vec<u8>) {
    output.push(character(u8::try_from(line.len()).unwrap_or(0)));
    for group in line.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        output.extend([18, 12, 6, 0].map(|shift| character((bits >> shift & 63) as u8)));
    }
    output.extend_from_slice(b"\r\n");
}

/// The space, which mail systems remove at line ends, is written as a grave accent.
fn character(value: u8) -> u8 {
    match value {
        0 => b'`',
        _ => b' ' + value,
    }
}

/// The octets of a full line.
const LINE: usize = 45;
/// So much of a line is kept to see whether it is `begin` or `end`.
const KEPT: usize = 16;
