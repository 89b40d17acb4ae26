//! yEnc, version 1.3, as Usenet has it: octets shifted by 42, few of them escaped.
//!
//! ```text
//! =ybegin line=128 size=123456 name=file name
//! (data; in a part of several, a line `=ypart begin=1 end=100000` stands first)
//! =yend size=123456 crc32=abcdef12
//! ```

use crc32fast::Hasher;
use memchr::memchr3;

use super::encoder::Options;
use crate::DefectKind;
use crate::faults::Faults;

/// Which line the decoder is in, and what the lines with keywords have said.
#[derive(Debug, Clone, Default)]
pub(super) struct YencDecoder {
    at: At,
    /// A line that may hold keywords, its start at least.
    line: Vec<u8>,
    checksum: Hasher,
    octets: u64,
    /// The size that `=ybegin` or `=ypart` announced.
    announced: Option<u64>,
    in_parts: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// In front of `=ybegin`, in a line that is kept for a look at its end.
    #[default]
    Preamble,
    /// At the start of a line.
    LineStart,
    /// Behind the `=` that begins a line.
    LineEquals,
    Data,
    /// Behind a `=`.
    Equals,
    /// In a line that begins with `=y`.
    Keywords {
        offset: usize,
    },
    /// Behind `=yend`.
    Ended,
}

impl YencDecoder {
    pub(super) fn update(&mut self, offset: usize, input: &[u8], output: &mut Vec<u8>, faults: &mut Faults) {
        let before = output.len();
        let mut at = 0;
        while at < input.len() && self.at != At::Ended {
            if matches!(self.at, At::Data | At::LineStart) {
                let run = memchr3(b'=', b'\r', b'\n', &input[at..]).unwrap_or(input.len() - at);
                if run > 0 {
                    output.extend(input[at..at + run].iter().map(|octet| octet.wrapping_sub(42)));
                    self.at = At::Data;
                    at += run;
                    continue;
                }
            }
            // The checksum is needed when a line of keywords ends, and only data of this piece can be missing in it.
            self.step(offset + at, input[at], output, before, faults);
            at += 1;
        }
        if self.at != At::Ended {
            self.add(&output[before..]);
        }
    }

    fn add(&mut self, octets: &[u8]) {
        self.checksum.update(octets);
        self.octets += octets.len() as u64;
    }

    fn step(&mut self, offset: usize, octet: u8, output: &mut Vec<u8>, before: usize, faults: &mut Faults) {
        self.at = match (self.at, octet) {
            (At::Preamble, b'\n') => self.preamble_end(),
            (At::Preamble | At::Keywords { .. }, octet) if octet != b'\n' => {
                if self.line.len() < KEPT && octet != b'\r' {
                    self.line.push(octet);
                }
                self.at
            }
            (At::Keywords { offset }, _) => {
                let ended = self.keywords_end(offset, &output[before..], faults);
                if ended { At::Ended } else { At::LineStart }
            }
            (At::LineStart, b'=') => At::LineEquals,
            (At::LineEquals, b'y') => {
                self.line.clear();
                self.line.extend_from_slice(b"=y");
                At::Keywords { offset: offset - 1 }
            }
            (At::Data, b'=') => At::Equals,
            (At::LineEquals | At::Equals, b'\r' | b'\n') => {
                faults.record(offset - 1, DefectKind::YencEscape);
                if octet == b'\n' { At::LineStart } else { At::Data }
            }
            (At::LineEquals | At::Equals, octet) => {
                output.push(octet.wrapping_sub(42).wrapping_sub(64));
                At::Data
            }
            (At::LineStart | At::Data, b'\n') => At::LineStart,
            (state, _) => state,
        };
    }

    fn preamble_end(&mut self) -> At {
        let begins = self.line.starts_with(b"=ybegin ") && keyword(&self.line, b"size", 10).is_some();
        if begins {
            self.announced = keyword(&self.line, b"size", 10);
            self.in_parts = keyword(&self.line, b"part", 10).is_some();
        }
        self.line.clear();
        if begins { At::LineStart } else { At::Preamble }
    }

    /// Reads a line of keywords, and says whether it ends the data. `piece` is what was decoded of the current piece.
    fn keywords_end(&mut self, offset: usize, piece: &[u8], faults: &mut Faults) -> bool {
        let line = std::mem::take(&mut self.line);
        if line.starts_with(b"=ypart ") {
            let first = keyword(&line, b"begin", 10);
            let last = keyword(&line, b"end", 10);
            self.announced = first.zip(last).and_then(|(first, last)| (last + 1).checked_sub(first));
            return false;
        }
        if !(line.starts_with(b"=yend ") || line == b"=yend") {
            return false;
        }
        self.add(piece);
        let sizes = [self.announced, keyword(&line, b"size", 10)];
        if sizes.into_iter().flatten().any(|size| size != self.octets) {
            faults.record(offset, DefectKind::YencSize);
        }
        let name: &[u8] = if self.in_parts { b"pcrc32" } else { b"crc32" };
        let checksum = u64::from(self.checksum.clone().finalize());
        if keyword(&line, name, 16).is_some_and(|said| said != checksum) {
            faults.record(offset, DefectKind::YencChecksum);
        }
        true
    }

    pub(super) fn finish(mut self, end: usize, faults: &mut Faults) {
        match self.at {
            At::Preamble => return faults.record(end, DefectKind::YencBegin),
            At::Ended => return,
            At::Keywords { offset } => {
                // All data of earlier pieces are in the checksum by now.
                if self.keywords_end(offset, &[], faults) {
                    return;
                }
            }
            At::Equals | At::LineEquals => faults.record(end - 1, DefectKind::YencEscape),
            At::LineStart | At::Data => {}
        }
        faults.record(end, DefectKind::YencEnd);
    }
}

/// The number behind ` name=`; names of files stand last, so what looks like a keyword in one comes too late to count.
fn keyword(line: &[u8], name: &[u8], radix: u32) -> Option<u64> {
    let words = line.split(|&octet| octet == b' ');
    let words = words.take_while(|word| !word.starts_with(b"name="));
    let value = words
        .filter_map(|word| word.strip_prefix(name)?.strip_prefix(b"="))
        .next()?;
    let text = std::str::from_utf8(value).ok()?;
    u64::from_str_radix(text, radix)
        .ok()
        .filter(|&number| number < u64::MAX)
}

/// Encodes into lines of 128 characters, or as many as asked for.
#[derive(Debug, Clone)]
pub(super) struct YencEncoder {
    line_length: usize,
    column: usize,
    checksum: Hasher,
    octets: u64,
    /// One octet whose place in the line is not known to be the last.
    held: Option<u8>,
}

impl YencEncoder {
    pub(super) fn new(options: &Options, output: &mut Vec<u8>) -> Self {
        let line_length = options.line_length.unwrap_or(128);
        output.extend_from_slice(format!("=ybegin line={line_length} size={} name=", options.size).as_bytes());
        output.extend_from_slice(&options.safe_name());
        output.extend_from_slice(b"\r\n");
        Self {
            line_length,
            column: 0,
            checksum: Hasher::new(),
            octets: 0,
            held: None,
        }
    }

    pub(super) fn update(&mut self, input: &[u8], output: &mut Vec<u8>) {
        self.checksum.update(input);
        self.octets += input.len() as u64;
        for &octet in input {
            if let Some(held) = self.held.replace(octet) {
                self.octet(held, false, output);
            }
        }
    }

    /// White space is escaped at both ends of a line, and a dot at its start, which mail and news would stuff.
    fn octet(&mut self, octet: u8, last: bool, output: &mut Vec<u8>) {
        let shifted = octet.wrapping_add(42);
        let at_edge = self.column == 0 || self.column + 1 >= self.line_length || last;
        let critical = match shifted {
            0 | b'\r' | b'\n' | b'=' => true,
            b' ' | b'\t' => at_edge,
            b'.' => self.column == 0,
            _ => false,
        };
        if critical {
            output.extend_from_slice(&[b'=', shifted.wrapping_add(64)]);
            self.column += 2;
        } else {
            output.push(shifted);
            self.column += 1;
        }
        if self.column >= self.line_length {
            output.extend_from_slice(b"\r\n");
            self.column = 0;
        }
    }

    pub(super) fn finish(mut self, output: &mut Vec<u8>) {
        if let Some(held) = self.held.take() {
            self.octet(held, true, output);
        }
        if self.column > 0 {
            output.extend_from_slice(b"\r\n");
        }
        let checksum = self.checksum.finalize();
        output.extend_from_slice(format!("=yend size={} crc32={checksum:08x}\r\n", self.octets).as_bytes());
    }
}

/// So much of a line with keywords is kept.
const KEPT: usize = 1024;
