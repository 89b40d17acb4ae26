//! Which lines have no defect, found many octets at a time.

use memchr::{memchr, memrchr};

use super::LINE;

/// The whole lines at the start of `input`, which starts a line, as far as a block goes; and whether none has a defect.
pub(super) fn block(input: &[u8]) -> (usize, bool) {
    let block = &input[..input.len().min(BLOCK)];
    let lines = memrchr(b'\n', block).map_or(0, |last| last + 1);
    let block = &block[..lines];
    (lines, are_short(block) && is_clean(block))
}

/// The same for one line.
pub(super) fn line(input: &[u8]) -> (usize, bool) {
    let window = &input[..input.len().min(LINE + 2)];
    let line = memchr(b'\n', window).map_or(&[][..], |end| &window[..=end]);
    (line.len(), are_short(line) && is_clean(line))
}

fn are_short(lines: &[u8]) -> bool {
    let mut start = 0;
    memchr::memchr_iter(b'\n', lines).all(|end| {
        let line = &lines[start..end];
        start = end + 1;
        line.len() <= LINE || (line.len() == LINE + 1 && line.ends_with(b"\r"))
    })
}

/// Whether octets that end in LF keep all the rules but that of the length. No branch depends on them, so that the compiler
/// can look at many at once.
fn is_clean(lines: &[u8]) -> bool {
    let Some(windows) = lines.len().checked_sub(2) else {
        return true;
    };
    let (first, second, third) = (&lines[..windows], &lines[1..=windows], &lines[2..]);
    let mut bad = false;
    for ((&octet, &next), &after) in first.iter().zip(second).zip(third) {
        bad |= is_bad(octet, next, after);
    }
    // Behind the LF stands nothing that could belong to an escape.
    !(bad | is_bad(lines[windows], b'\n', b'\n'))
}

#[inline(always)]
fn is_bad(octet: u8, next: u8, after: u8) -> bool {
    let blank = (octet == b' ') | (octet == b'\t');
    let line_end = (next == b'\r') | (next == b'\n');
    let cr = octet == b'\r';
    let printable = octet.wrapping_sub(b' ') <= b'~' - b' ';
    let known = printable | (octet == b'\t') | cr | (octet == b'\n');
    let escape = is_digit(next) & is_digit(after);
    let soft_break = (next == b'\n') | ((next == b'\r') & (after == b'\n'));
    !known | (blank & line_end) | (cr & (next != b'\n')) | ((octet == b'=') & !(escape | soft_break))
}

#[inline(always)]
fn is_digit(octet: u8) -> bool {
    (octet.wrapping_sub(b'0') < 10) | (octet.wrapping_sub(b'A') < 6)
}

/// Octets that are looked at together; they stay in the processor's first cache.
const BLOCK: usize = 8 * 1024;
