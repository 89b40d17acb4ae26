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
