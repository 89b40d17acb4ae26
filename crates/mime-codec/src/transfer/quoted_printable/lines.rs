//! Encoding many lines at once.
//!
//! `encodify` cuts lines as this encoder does, but for what is rare: it neither escapes `.` and `From ` at the start of a line nor
//! puts a 76th character on a line that ends there. So its lines are looked at, and kept up to the first one that should differ.

use encodify::qp::{BINARY, BODY};
use memchr::memchr_iter;

/// What came of it: so many octets of the input are encoded, and so many behind them should be encoded one by one.
pub(super) struct Outcome {
    pub(super) done: usize,
    pub(super) careful: usize,
}

/// Encodes lines at the start of a block, which starts a line. More octets may follow behind it. Appended are whole lines alone.
pub(super) fn encode(block: &[u8], text: bool, output: &mut Vec<u8>) -> Outcome {
    let block = settled(block, text);
    if block.len() < SHORTEST {
        let careful = block.len() + 1;
        return Outcome { done: 0, careful };
    }
    let before = output.len();
    let engine = if text { BODY } else { BINARY };
    engine.encode_append(block, output);
    let lines = alike(&output[before..]);
    output.truncate(before + lines.octets);
    let done = lines.decoded_octets(&output[before..]);
    // One line that differs must not cost more than some of the block again and again.
    let careful = if lines.go_on { 0 } else { 1 + (block.len() - done) / 8 };
    Outcome { done, careful }
}

/// The start of a block whose encoding does not depend on what follows: no white space at its end, nor half of a line end. Text is
/// cut at a bare LF, which would become a line end.
fn settled(block: &[u8], text: bool) -> &[u8] {
    let bare = if text { bare_lf(block) } else { None };
    let block = &block[..bare.unwrap_or(block.len())];
    let open = block
        .iter()
        .rev()
        .take_while(|octet| matches!(octet, b' ' | b'\t' | b'\r'));
    &block[..block.len() - open.count()]
}

/// Where the first LF without a CR stands. That there is none is found without a branch for each octet.
fn bare_lf(block: &[u8]) -> Option<usize> {
    if block.first() == Some(&b'\n') {
        return Some(0);
    }
    let is_bare = |cr: u8, lf: u8| (lf == b'\n') & (cr != b'\r');
    let pairs = || block.iter().zip(block.get(1..).unwrap_or_default());
    if !pairs().fold(false, |any, (&cr, &lf)| any | is_bare(cr, lf)) {
        return None;
    }
    pairs().position(|(&cr, &lf)| is_bare(cr, lf)).map(|at| at + 1)
}

/// Lines that this encoder would write as well.
struct Alike {
    octets: usize,
    /// Soft line breaks in them.
    soft: usize,
    /// What follows is no line that differs, only the end of the block.
    go_on: bool,
}

fn alike(encoded: &[u8]) -> Alike {
    // The start of the line, that of the line before it, and whether a soft line break stands between the two.
    let (mut start, mut before, mut is_broken) = (0, 0, false);
    let is_lone = |line: &[u8], is_broken: bool| is_broken && line.len() <= LONGEST_UNIT;
    let mut lines = Alike {
        octets: 0,
        soft: 0,
        go_on: true,
    };
    for end in memchr_iter(b'\n', encoded) {
        let line = &encoded[start..end - 1];
        let is_soft = line.last() == Some(&b'=');
        if is_lone(line, is_broken) || line.starts_with(b".") || line.starts_with(b"From") {
            lines.go_on = false;
            break;
        }
        lines.soft += usize::from(is_soft);
        (before, start, is_broken) = (start, end + 1, is_soft);
    }
    // A unit alone may be the end of the line before it.
    let next = &encoded[start..];
    let next = memchr::memchr(b'\r', next).map_or(next, |end| &next[..end]);
    let goes_back = is_lone(next, is_broken);
    lines.octets = if goes_back { before } else { start };
    lines.soft -= usize::from(goes_back);
    lines
}

impl Alike {
    /// Of how many octets they are the encoding: "=XX" stands for one, a soft line break for none.
    fn decoded_octets(&self, encoded: &[u8]) -> usize {
        encoded.len() - 2 * memchr_iter(b'=', encoded).count() - self.soft
    }
}

/// The line length that `encodify` has.
pub(super) const LINE_LENGTH: usize = 76;
/// The most octets that are encoded together, and how many are where a line may differ again soon.
pub(super) const BLOCK: usize = 4096;
pub(super) const SMALL_BLOCK: usize = 1024;
/// Fewer octets are not worth the call.
pub(super) const SHORTEST: usize = 256;
/// Octets of an escape.
const LONGEST_UNIT: usize = 3;
