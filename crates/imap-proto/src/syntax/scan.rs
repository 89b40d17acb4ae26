//! Finds the end of what is ordinary, eight octets at a time: most strings are ordinary to their end.

/// How many octets at the front are ASCII from the space upwards, without `"` and `\`: what a quoted string holds as it is.
pub(crate) fn plain(octets: &[u8]) -> usize {
    let (words, tail) = octets.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let odd = odd_octets(u64::from_le_bytes(*word));
        if odd != 0 {
            return i * 8 + odd.trailing_zeros() as usize / 8;
        }
    }
    let behind = tail.iter().position(|&octet| !is_plain(octet)).unwrap_or(tail.len());
    words.len() * 8 + behind
}

const fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=0x7f) && !matches!(octet, b'"' | b'\\')
}

/// The high bit of each octet that is not plain. Above the lowest of them, others may be set, too: subtraction borrows.
const fn odd_octets(word: u64) -> u64 {
    let below_space = word.wrapping_sub(each(b' ')) & !word;
    let quotes = zero_octets(word ^ each(b'"'));
    let backslashes = zero_octets(word ^ each(b'\\'));
    (word | below_space | quotes | backslashes) & each(0x80)
}

const fn zero_octets(word: u64) -> u64 {
    word.wrapping_sub(each(1)) & !word
}

const fn each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each octet at each place, and behind each other odd one.
    #[test]
    fn it_stops_where_an_octet_is_not_plain() {
        for octet in 0..=255u8 {
            let expected = |at: usize, len: usize| if is_plain(octet) { len } else { at };
            for (len, at) in (1..20usize).flat_map(|len| (0..len).map(move |at| (len, at))) {
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
