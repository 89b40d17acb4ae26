//! Eight octets at once, in a register.

/// Octets that are looked at together.
pub(super) const BLOCK: usize = 16;

/// The highest bit of each octet.
pub(super) const HIGH_BITS: u64 = each(0x80);

/// The same octet eight times.
pub(super) const fn each(octet: u8) -> u64 {
    u64::from_ne_bytes([octet; 8])
}

/// The highest bit of each octet that is this one.
#[inline(always)]
pub(super) fn equal(octets: u64, octet: u8) -> u64 {
    let differing = octets ^ each(octet);
    !(((differing & !HIGH_BITS) + !HIGH_BITS) | differing) & HIGH_BITS
}

/// How many octets of a block stand in front of the first one of a class, which gives the highest bits of its members.
#[inline(always)]
pub(super) fn before(block: &[u8; BLOCK], class: impl Fn(u64) -> u64) -> usize {
    let block = u128::from_le_bytes(*block);
    let (low, high) = (class(block as u64), class((block >> 64) as u64));
    let bits = if low == 0 {
        64 + high.trailing_zeros()
    } else {
        low.trailing_zeros()
    };
    bits as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_class_is_found_wherever_it_stands() {
        for octet in 0..=u8::MAX {
            let other = !octet;
            let first = |block: [u8; BLOCK]| before(&block, |octets| equal(octets, octet));
            assert_eq!(first([other; BLOCK]), BLOCK);
            for place in 0..BLOCK {
                let mut block = [other; BLOCK];
                block[place..].fill(octet);
                assert_eq!(first(block), place, "{octet:#04x}");
            }
        }
    }

    /// A borrow or a carry would make neighbours equal, too.
    #[test]
    fn neighbours_are_not_taken_for_equal() {
        for octet in 1..u8::MAX {
            let near = [
                octet - 1,
                octet,
                octet + 1,
                octet ^ 0x80,
                octet,
                octet ^ 1,
                octet,
                octet - 1,
            ];
            let expected = near.map(|near| if near == octet { 0x80 } else { 0 });
            assert_eq!(
                equal(u64::from_le_bytes(near), octet),
                u64::from_le_bytes(expected),
                "{octet:#04x}"
            );
        }
    }
}
