//! The short way for whole bodies that follow the rules, which most do.

use super::swar::{self, BLOCK};

/// Decodes a body without white space at the ends of lines, bare CR, and `=` that begin no escape; `None` for one that has some.
///
/// Where the lines are regular, line ends are text as any other: only `=` has a meaning.
pub(super) fn decode(input: &[u8]) -> Option<Vec<u8>> {
    if !has_regular_lines(input) {
        return None;
    }
    // Blocks are copied whole, before it is known how much of them is text.
    let mut octets = Vec::with_capacity(input.len() + BLOCK);
    let mut rest = input;
    while !rest.is_empty() {
        rest = text(rest, &mut octets);
        rest = escapes(rest, &mut octets)?;
    }
    Some(octets)
}

/// Whether each CR belongs to a CRLF and no white space stands in front of a line end or of the end. No branch depends on the
/// octets, so that the compiler can look at many at once.
fn has_regular_lines(input: &[u8]) -> bool {
    let behind = input.get(1..).unwrap_or_default();
    let is_irregular = input.iter().zip(behind).fold(false, |any, (&octet, &next)| {
        let is_blank = (octet == b' ') | (octet == b'\t');
        let is_line_end = (next == b'\r') | (next == b'\n');
        any | (is_blank & is_line_end) | ((octet == b'\r') & (next != b'\n'))
    });
    !is_irregular && !matches!(input, [.., b' ' | b'\t' | b'\r'])
}

/// Copies the octets up to the next `=`. Most runs are short: a few blocks are looked at while they are copied, without a call for
/// each run. What is longer is searched.
#[inline(always)]
fn text<'i>(mut rest: &'i [u8], octets: &mut Vec<u8>) -> &'i [u8] {
    for _ in 0..BLOCKS {
        let Some((block, behind)) = rest.split_first_chunk() else {
            break;
        };
        octets.extend_from_slice(block);
        let run = swar::before(block, |octets| swar::equal(octets, b'='));
        if run < BLOCK {
            octets.truncate(octets.len() - (BLOCK - run));
            return &rest[run..];
        }
        rest = behind;
    }
    let (run, rest) = rest.split_at(memchr::memchr(b'=', rest).unwrap_or(rest.len()));
    octets.extend_from_slice(run);
    rest
}

/// Decodes escapes and soft line breaks that stand one behind the other, as those of a character beyond ASCII do.
#[inline(always)]
fn escapes<'i>(input: &'i [u8], octets: &mut Vec<u8>) -> Option<&'i [u8]> {
    let mut rest = input;
    while let [b'=', first, behind @ ..] = rest {
        let high = VALUES[usize::from(*first)];
        rest = match (first, behind) {
            (_, [low, behind @ ..]) if (high | VALUES[usize::from(*low)]) < 16 => {
                octets.push(high << 4 | VALUES[usize::from(*low)]);
                behind
            }
            (b'\r', [b'\n', behind @ ..]) | (b'\n', behind) => behind,
            _ => return None,
        };
    }
    // One that ends the body is irregular, too.
    Some(rest).filter(|rest| *rest != b"=")
}

/// How many blocks are looked at before a search is worth its call.
const BLOCKS: usize = 4;

/// The values of hexadecimal digits; no other octet has one below 16.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 10 {
        values[b'0' as usize + value] = value as u8;
        value += 1;
    }
    while value < 16 {
        values[b'A' as usize + value - 10] = value as u8;
        values[b'a' as usize + value - 10] = value as u8;
        value += 1;
    }
    values
};
