//! Finds the end of what is ordinary, many octets at a time: most strings are ordinary to their end.

use wide::i8x16;

/// How many octets at the front are ASCII from the space upwards, without `"` and `\`: what a quoted string holds as it is.
#[inline(always)]
pub(crate) fn plain(octets: &[u8]) -> usize {
    let mut rest = octets;
    while let Some((block, behind)) = rest.split_first_chunk() {
        let odd = odd_in_block(*block);
        if odd != 0 {
            return octets.len() - rest.len() + odd.trailing_zeros() as usize;
        }
        rest = behind;
    }
    octets.len() - rest.len() + plain_at_end(rest)
}

/// A bit for each octet that is not plain.
#[inline(always)]
fn odd_in_block(block: [u8; 16]) -> u32 {
    let block = i8x16::new(block.map(u8::cast_signed));
    let is = |octet: u8| block.simd_eq(i8x16::splat(octet.cast_signed()));
    // Octets from 0x80 upwards are below zero here.
    let below_space = block.simd_lt(i8x16::splat(b' '.cast_signed()));
    (is(b'"') | is(b'\\') | below_space).to_bitmask()
}

/// The same as [`plain`] where less than a block is left.
#[inline]
fn plain_at_end(octets: &[u8]) -> usize {
    let mut rest = octets;
    if let Some((word, behind)) = rest.split_first_chunk() {
        let odd = odd_octets(u64::from_le_bytes(*word));
        if odd != 0 {
            return odd.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    let odd = rest.iter().position(|&octet| !is_plain(octet)).unwrap_or(rest.len());
    octets.len() - rest.len() + odd
}

const fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=0x7f) && !matches!(octet, b'"' | b'\\')
}

/// The high bit of each octet that is not plain. Above the lowest of them, others may be set, too: subtraction borrows.
const fn odd_octets(word: u64) -> u64 {
    // With this bit turned, the quote is next to what is below the space, and the space is not.
    let quotes_and_controls = (word ^ each(0b10)).wrapping_sub(each(b' ' + 1));
    let backslashes = (word ^ each(b'\\')).wrapping_sub(each(1));
    // Each sets the high bit of some octets from 0x80 upwards as well, which are odd anyway.
    (word | quotes_and_controls | backslashes) & each(0x80)
}

/// How many octets at the front are what most words are made of (see [`upper`]). Others may belong to the word, too.
#[inline]
pub(crate) fn ordinary(octets: &[u8]) -> usize {
    let mut len = 0;
    for word in octets.as_chunks().0 {
        let (_, ordinary) = upper(*word);
        len += ordinary;
        if ordinary < word.len() {
            break;
        }
    }
    len
}

/// Eight octets with their letters in upper case, and how many at the front are what most words are made of: the letters, the digits and
/// some of what ATOM-CHARs there are besides.
#[inline]
pub(crate) const fn upper(octets: [u8; 8]) -> ([u8; 8], usize) {
    let word = u64::from_le_bytes(octets);
    let small = in_range(word, b'a', b'z');
    let odd = !(small | in_range(word, b'+', b'Z')) & each(0x80);
    ((word ^ (small >> 2)).to_le_bytes(), odd.trailing_zeros() as usize / 8)
}

/// The high bit of each octet from `first` to `last`, which are ASCII.
const fn in_range(word: u64, first: u8, last: u8) -> u64 {
    let ascii = word & each(0x7f);
    let from_first = ascii + each(0x80 - first);
    let behind_last = ascii + each(0x7f - last);
    from_first & !behind_last & !word & each(0x80)
}

const fn each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_turned_to_their_ends() {
        for octet in 0..=255u8 {
            let is_ordinary = octet.is_ascii_lowercase() || (b'+'..=b'Z').contains(&octet);
            assert!(
                !is_ordinary || crate::syntax::class::is_name_char(octet),
                "{octet:#04x}"
            );
            for (at, filler) in
                (0..8).flat_map(|at| [b'a', b'z', b'A', b'Z', b'+', b'.', b'9'].map(|filler| (at, filler)))
            {
                let mut octets = [filler; 8];
                octets[at] = octet;
                let turned = octets.map(|octet| octet.to_ascii_uppercase());
                assert_eq!(
                    upper(octets),
                    (turned, if is_ordinary { 8 } else { at }),
                    "{octet:#04x} at {at}"
                );
            }
        }
    }

    /// Each octet at each place, and behind each other odd one.
    #[test]
    fn it_stops_where_an_octet_is_not_plain() {
        for octet in 0..=255u8 {
            let expected = |at: usize, len: usize| if is_plain(octet) { len } else { at };
            for (len, at) in (1..36usize).flat_map(|len| (0..len).map(move |at| (len, at))) {
                for filler in [b' ', b'a', b'!', b'#', b'[', b']', 0x7f] {
                    let mut octets = alloc::vec![filler; len];
                    octets[at] = octet;
                    assert_eq!(plain(&octets), expected(at, len), "{octet:#04x} at {at} of {len}");
                }
            }
        }
        assert_eq!(plain(b""), 0);
        assert_eq!(plain(b"ab\"\"\"\"\"\"\"\""), 2);
    }
}
