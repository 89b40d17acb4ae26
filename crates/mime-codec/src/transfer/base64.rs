//! base64 (RFC 2045 §6.8).
//!
//! White space is passed over silently, other characters outside the alphabet as defects. Padding ends a block; what stands
//! behind it is the next block. Whole lines of one length go through `encodify`; whatever is not as regular is read octet by octet.

use encodify::base64::{LineEnding, MIME, STANDARD};
use memchr::memchr;

use crate::DefectKind;
use crate::faults::Faults;

/// A quantum that is not complete, and what padding is due.
#[derive(Debug, Clone, Default)]
pub(super) struct Base64Decoder {
    bits: u32,
    pending: u8,
    last_symbol: usize,
    padding: Padding,
}

/// Whether the block has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Padding {
    #[default]
    None,
    /// It has; so many `=` are still due.
    Seen { due: u8 },
}

impl Base64Decoder {
    pub(super) fn update(&mut self, offset: usize, input: &[u8], output: &mut Vec<u8>, faults: &mut Faults) {
        let mut at = 0;
        // Behind a batch that was not clean, small batches find the place that is not.
        let mut careful_until = 0;
        while at < input.len() {
            let rest = &input[at..];
            let careful = at < careful_until;
            let aligned = self.pending == 0 && self.padding == Padding::None;
            let tried = match aligned.then(|| regular_lines(rest, careful, output)) {
                Some(Lines::Decoded(octets)) => {
                    at += octets;
                    continue;
                }
                Some(Lines::NotClean(octets)) if !careful => {
                    careful_until = at + octets;
                    continue;
                }
                Some(Lines::NotClean(octets)) => octets,
                Some(Lines::None) | None => 0,
            };
            let end = match tried {
                0 => single_line(rest),
                _ => tried,
            };
            if tried > 0 || !(aligned && self.line(&rest[..end], output)) {
                self.slow(offset + at, &rest[..end], output, faults);
            }
            at += end;
        }
    }

    /// Decodes one line at once, if it is whole quanta, canonical and not tiny.
    fn line(&mut self, line: &[u8], output: &mut Vec<u8>) -> bool {
        let symbols = &line[..line.len() - line_end(line).len()];
        if symbols.len() < SHORTEST_AT_ONCE || STANDARD.decode_append(symbols, output).is_err() {
            return false;
        }
        if symbols.ends_with(b"=") {
            self.padding = Padding::Seen { due: 0 };
        }
        true
    }

    fn slow(&mut self, offset: usize, input: &[u8], output: &mut Vec<u8>, faults: &mut Faults) {
        for (at, &octet) in input.iter().enumerate() {
            match VALUES[usize::from(octet)] {
                SPACE => {}
                PAD => self.pad(offset + at, output, faults),
                FOREIGN => faults.record(offset + at, DefectKind::Base64Character),
                value => self.symbol(offset + at, value, output, faults),
            }
        }
    }

    #[inline]
    fn symbol(&mut self, offset: usize, value: u8, output: &mut Vec<u8>, faults: &mut Faults) {
        if let Padding::Seen { due } = self.padding {
            if due > 0 {
                faults.record(offset, DefectKind::Base64MissingPadding);
            }
            faults.record(offset, DefectKind::Base64AfterPadding);
            self.padding = Padding::None;
        }
        self.bits = self.bits << 6 | u32::from(value);
        self.pending += 1;
        self.last_symbol = offset;
        if self.pending == 4 {
            let [_, octets @ ..] = self.bits.to_be_bytes();
            output.extend_from_slice(&octets);
            self.bits = 0;
            self.pending = 0;
        }
    }

    fn pad(&mut self, offset: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        let pending = self.pending;
        match (pending, self.padding) {
            (0, Padding::Seen { due: 1.. }) => self.padding = Padding::Seen { due: 0 },
            (0, _) => faults.record(offset, DefectKind::Base64MisplacedPadding),
            _ => {
                self.flush(offset, output, faults);
                self.padding = Padding::Seen {
                    due: u8::from(pending == 2),
                };
            }
        }
    }

    /// Ends a quantum that has fewer than four characters.
    fn flush(&mut self, offset: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        let unused = match self.pending {
            2 => 4,
            3 => 2,
            _ => {
                faults.record(offset, DefectKind::Base64Truncated);
                (self.bits, self.pending) = (0, 0);
                return;
            }
        };
        if self.bits & ((1 << unused) - 1) != 0 {
            faults.record(self.last_symbol, DefectKind::Base64TrailingBits);
        }
        let octets = (self.bits >> unused).to_be_bytes();
        output.extend_from_slice(&octets[5 - usize::from(self.pending)..]);
        (self.bits, self.pending) = (0, 0);
    }

    pub(super) fn finish(mut self, end: usize, output: &mut Vec<u8>, faults: &mut Faults) {
        match (self.pending, self.padding) {
            (0, Padding::Seen { due: 1.. }) => faults.record(end, DefectKind::Base64MissingPadding),
            (0, _) => {}
            (1, _) => self.flush(end, output, faults),
            _ => {
                self.flush(end, output, faults);
                faults.record(end, DefectKind::Base64MissingPadding);
            }
        }
    }
}

/// The decoded octets, without a look at defects; `None` when there are characters outside the alphabet. All else `encodify` takes
/// as the decoder does: white space, padding anywhere, quanta that are not complete.
pub(super) fn decode_octets(input: &[u8]) -> Option<Vec<u8>> {
    MIME.decode(input).ok()
}

/// What came of lines of one length.
enum Lines {
    /// So many octets were decoded.
    Decoded(usize),
    /// So many octets are something else.
    NotClean(usize),
    None,
}

/// Decodes as many lines at the start of `input`, of a batch at most, as have the length of the first.
///
/// Decoding first and looking at the line ends then, in the cache, keeps memory busy only once. With care, after that has failed,
/// it is the other way round, so that irregular lines cost no more than a look.
fn regular_lines(input: &[u8], careful: bool, output: &mut Vec<u8>) -> Lines {
    let batch = if careful { SMALL_BATCH } else { BATCH };
    let Some(mut grid) = Grid::guess(input, batch) else {
        return Lines::None;
    };
    if careful {
        grid.keep(grid.alike(input));
        if grid.lines < 2 {
            return Lines::None;
        }
    }
    let before = output.len();
    if grid.decode(input, output) && (careful || grid.all_alike(input)) {
        return Lines::Decoded(grid.octets());
    }
    output.truncate(before);
    Lines::NotClean(grid.octets())
}

/// Lines of one length that hold whole quanta.
struct Grid {
    lines: usize,
    /// Octets of a line, and those in front of its end.
    stride: usize,
    symbols: usize,
}

impl Grid {
    fn guess(input: &[u8], batch: usize) -> Option<Self> {
        let stride = memchr(b'\n', &input[..input.len().min(SMALL_BATCH)])? + 1;
        let mut grid = Self {
            lines: 0,
            stride,
            symbols: stride - line_end(&input[..stride]).len(),
        };
        let lines = batch.min(input.len()) / stride;
        // A full line may be the last one, with padding.
        let last = (lines * stride).checked_sub(stride - grid.symbols + 1);
        let padded = last.is_some_and(|last| input[last] == b'=');
        grid.keep(lines.saturating_sub(usize::from(padded)));
        (grid.lines > 1).then_some(grid)
    }

    /// At most so many lines, so that they hold whole quanta.
    fn keep(&mut self, mut lines: usize) {
        while !(lines * self.symbols).is_multiple_of(4) {
            lines -= 1;
        }
        self.lines = lines;
    }

    /// How many of the lines end where the first does.
    fn alike(&self, input: &[u8]) -> usize {
        let crlf = self.stride - self.symbols == 2;
        let ends = |line: &usize| {
            let end = line * self.stride + self.symbols;
            if crlf {
                input[end] == b'\r' && input[end + 1] == b'\n'
            } else {
                input[end] == b'\n'
            }
        };
        (0..self.lines).take_while(ends).count()
    }

    /// The same for all of them, without a branch for each.
    fn all_alike(&self, input: &[u8]) -> bool {
        let cr = if self.stride - self.symbols == 2 { b'\r' } else { 0 };
        let mut wrong = 0;
        for line in input[..self.octets()].chunks_exact(self.stride) {
            match *line {
                [.., before, last] => wrong |= (last ^ b'\n') | if cr == 0 { 0 } else { before ^ cr },
                [last] => wrong |= last ^ b'\n',
                [] => {}
            }
        }
        wrong == 0
    }

    fn octets(&self) -> usize {
        self.lines * self.stride
    }

    /// White space and padding make the output shorter than lines like these give: if they do end where they should, the length
    /// of the output alone proves them clean. If it does not, the output must be taken back.
    fn decode(&self, input: &[u8], output: &mut Vec<u8>) -> bool {
        MIME.decode_append(&input[..self.octets()], output) == Ok(self.lines * self.symbols / 4 * 3)
    }
}

/// A line with its end, as far as it is there; of a long one only the start, in whole quanta.
fn single_line(input: &[u8]) -> usize {
    let window = &input[..input.len().min(SMALL_BATCH)];
    memchr(b'\n', window).map_or(window.len(), |end| end + 1)
}

fn line_end(line: &[u8]) -> &'static [u8] {
    match line {
        [.., b'\r', b'\n'] => b"\r\n",
        [.., b'\n'] => b"\n",
        _ => b"",
    }
}

/// Encodes into lines that end in CRLF.
#[derive(Debug, Clone)]
pub(super) struct Base64Encoder {
    engine: encodify::base64::Base64,
    /// Octets of a whole line.
    line: usize,
    /// Octets that do not fill a line yet.
    held: Vec<u8>,
}

impl Base64Encoder {
    pub(super) fn new(line_length: usize) -> Self {
        let characters = line_length.max(4) / 4 * 4;
        Self {
            engine: STANDARD.wrapped(characters, LineEnding::CrLf),
            line: characters / 4 * 3,
            held: Vec::new(),
        }
    }

    pub(super) fn update(&mut self, mut input: &[u8], output: &mut Vec<u8>) {
        if !self.held.is_empty() {
            let (first, rest) = input.split_at(input.len().min(self.line - self.held.len()));
            self.held.extend_from_slice(first);
            input = rest;
            if self.held.len() < self.line {
                return;
            }
            self.engine.encode_append(&self.held, output);
            self.held.clear();
        }
        let (lines, rest) = input.split_at(input.len() / self.line * self.line);
        self.engine.encode_append(lines, output);
        self.held.extend_from_slice(rest);
    }

    /// Encodes all the octets that are left.
    pub(super) fn whole(&mut self, input: &[u8], output: &mut Vec<u8>) {
        if self.held.is_empty() {
            self.engine.encode_append(input, output);
        } else {
            self.update(input, output);
            self.finish(output);
        }
    }

    pub(super) fn finish(&mut self, output: &mut Vec<u8>) {
        if !self.held.is_empty() {
            self.engine.encode_append(&self.held, output);
            self.held.clear();
        }
    }
}

/// So many octets are decoded at once, so that one bad character does not cost a second look at a whole body.
const BATCH: usize = 64 * 1024;
/// So many octets are decoded once more, octet by octet, for one bad character.
const SMALL_BATCH: usize = 4 * 1024;
/// Shorter lines are not worth the call.
const SHORTEST_AT_ONCE: usize = 16;

const SPACE: u8 = 64;
const PAD: u8 = 65;
const FOREIGN: u8 = 66;

/// The values of the characters (RFC 2045 §6.8, Table 1).
const VALUES: [u8; 256] = {
    let mut values = [FOREIGN; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < alphabet.len() {
        values[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    values[b' ' as usize] = SPACE;
    values[b'\t' as usize] = SPACE;
    values[b'\r' as usize] = SPACE;
    values[b'\n' as usize] = SPACE;
    values[0x0b] = SPACE;
    values[0x0c] = SPACE;
    values[b'=' as usize] = PAD;
    values
};
